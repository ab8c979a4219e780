"""What is overdue and what soon will be, clock by clock, from the partial indexes of the due times."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

from helpdesk.clock import Millis, iso
from helpdesk.views import search
from helpdesk.views.query import Query

CLOCKS = ("first_response", "next_response", "resolution")


def overdue(
    connection: sqlite3.Connection, query: Query, now: Millis, soon: Millis, limit: int | None = None
) -> dict[str, Any]:
    """The report at `now`, worst first; `soon` is how far ahead it looks, in milliseconds; the counts are exact."""
    search.register(connection)
    late, coming = [], []
    counts: dict[str, Any] = {"overdue": 0, "due_soon": 0, "by_clock": {}}
    for clock in CLOCKS:
        late += list(_rows(connection, query, clock, None, now, now, limit))
        coming += list(_rows(connection, query, clock, now, now + soon, now, limit))
        by_clock = {
            "overdue": _count(connection, query, clock, None, now),
            "due_soon": _count(connection, query, clock, now, now + soon),
        }
        counts["by_clock"][clock] = by_clock
        for key, count in by_clock.items():
            counts[key] += count
    counts["tickets_overdue"] = _count(connection, query, "at", None, now)
    late.sort(key=lambda row: (-row["late_minutes"], row["number"]))
    coming.sort(key=lambda row: (row["due_at"], row["number"]))
    return {"now": iso(now), "overdue": late[:limit], "due_soon": coming[:limit], "counts": counts}


def _span(clock: str, begin: Millis | None, end: Millis) -> tuple[str, list[Millis]]:
    column = f"t.due_{clock}"
    # the first condition repeats the WHERE of the partial index, else SQLite would not use it
    if begin is None:
        return f"{column} IS NOT NULL AND {column} < ?", [end]
    return f"{column} IS NOT NULL AND {column} >= ? AND {column} < ?", [begin, end]


def _rows(
    connection: sqlite3.Connection,
    query: Query,
    clock: str,
    begin: Millis | None,
    end: Millis,
    now: Millis,
    limit: int | None,
) -> Iterator[dict[str, Any]]:
    condition, parameters = _span(clock, begin, end)
    rows = connection.execute(
        f"SELECT t.number, t.subject, t.priority, t.due_{clock}, t.state, t.assignee FROM ticket t"
        f" WHERE {condition} AND {query.where()} ORDER BY t.due_{clock}, t.number LIMIT ?",
        [*parameters, *query.parameters(), -1 if limit is None else limit],
    )
    for number, subject, priority, due, state, assignee in rows:
        yield {
            "number": number,
            "subject": subject,
            "priority": priority,
            "clock": clock,
            "due_at": iso(due),
            "late_minutes": (now - due) // 60_000 if due < now else -((due - now) // 60_000),
            "state": state,
            "assignee": assignee,
        }


def _count(connection: sqlite3.Connection, query: Query, clock: str, begin: Millis | None, end: Millis) -> int:
    condition, parameters = _span(clock, begin, end)
    (count,) = connection.execute(
        f"SELECT count(*) FROM ticket t WHERE {condition} AND {query.where()}", [*parameters, *query.parameters()]
    ).fetchone()
    return int(count)
