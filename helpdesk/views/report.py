"""What is overdue and what soon will be, clock by clock, from the partial indexes of the due times."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple

from helpdesk.clock import Millis, iso
from helpdesk.sla.calendar import Calendar
from helpdesk.sla.clocks import rounds
from helpdesk.sla.events import moments_of
from helpdesk.sla.rules import Rules
from helpdesk.sla.settling import Notice
from helpdesk.views import search, service
from helpdesk.views.query import Query

CLOCKS = ("first_response", "next_response", "resolution")

REPORTED = {"overdue": "report:overdue", "due_soon": "report:soon"}
"""By section of the report, the level of the notice that a row was told."""


class Asked(NamedTuple):
    """What a report is asked for: which tickets, at what moment, how far ahead, how many rows of each section.

    With `unreported`, only what no report was told before (`desk.reporting` remembers it).
    """

    query: Query
    now: Millis
    soon: Millis
    limit: int | None = None
    unreported: bool = False


def overdue(connection: sqlite3.Connection, asked: Asked) -> dict[str, Any]:
    """The report, worst first; the counts are exact, of what is asked for. Late minutes are those the policy counts."""
    search.register(connection)
    rules = cache(lambda: service.rules_for_reading(connection))  # an empty report needs none, and they may be files
    late, coming = [], []
    counts: dict[str, Any] = {"overdue": 0, "due_soon": 0, "by_clock": {}}
    for clock in CLOCKS:
        late += list(_rows(connection, asked, rules, _late(asked, clock)))
        coming += list(_rows(connection, asked, rules, _coming(asked, clock)))
        by_clock = {
            "overdue": _count(connection, asked, _late(asked, clock)),
            "due_soon": _count(connection, asked, _coming(asked, clock)),
        }
        counts["by_clock"][clock] = by_clock
        for key, count in by_clock.items():
            counts[key] += count
    counts["tickets_overdue"] = _tickets_overdue(connection, asked)
    late.sort(key=lambda row: (-row["late_minutes"], row["number"]))
    coming.sort(key=lambda row: (row["due_at"], row["number"]))
    return {
        "now": iso(asked.now),
        "overdue": late[: asked.limit],
        "due_soon": coming[: asked.limit],
        "counts": counts,
        "years_without_holidays": service.years_without_holidays(connection, asked.now),
    }


class _Span(NamedTuple):
    """The tickets whose clock runs out in a stretch of time."""

    clock: str
    level: str
    begin: Millis | None
    end: Millis

    def where(self, unreported: bool) -> str:
        column = f"t.due_{self.clock}"
        # the first condition repeats the WHERE of the partial index, else SQLite would not use it
        condition = f"{column} IS NOT NULL AND {column} < ?" + ("" if self.begin is None else f" AND {column} >= ?")
        if unreported and self.clock in CLOCKS:
            condition += (
                " AND NOT EXISTS (SELECT 1 FROM notice n WHERE n.ticket_number = t.number"
                f" AND n.clock = '{self.clock}' AND n.level = '{REPORTED[self.level]}' AND n.occasion = {column})"
            )
        return condition

    def parameters(self) -> list[Millis]:
        return [self.end] if self.begin is None else [self.end, self.begin]


def _late(asked: Asked, clock: str) -> _Span:
    return _Span(clock, "overdue", None, asked.now)


def _coming(asked: Asked, clock: str) -> _Span:
    return _Span(clock, "due_soon", asked.now, asked.now + asked.soon)


def _rows(
    connection: sqlite3.Connection, asked: Asked, rules: Callable[[], Rules], span: _Span
) -> Iterator[dict[str, Any]]:
    rows = connection.execute(
        f"SELECT t.number, t.subject, t.priority, t.due_{span.clock}, t.state, t.assignee, t.policy FROM ticket t"
        f" WHERE {span.where(asked.unreported)} AND {asked.query.where()}"
        f" ORDER BY t.due_{span.clock}, t.number LIMIT ?",
        [*span.parameters(), *asked.query.parameters(), -1 if asked.limit is None else asked.limit],
    )
    while batch := rows.fetchmany(_BATCH):
        events = service.events(connection, sorted({row[0] for row in batch})) if span.begin is None else {}
        for number, subject, priority, due, state, assignee, policy in batch:
            calendar = rules().calendar_of(rules().policy(policy or rules().fallback))
            if span.begin is None:
                late = _late_by(events.get(number, ()), span.clock, due, calendar, asked.now)
            else:
                late = -calendar.remaining(asked.now, due)
            yield {
                "number": number,
                "subject": subject,
                "priority": priority,
                "clock": span.clock,
                "due_at": iso(due),
                "late_minutes": _whole_minutes(late),
                "state": state,
                "assignee": assignee,
            }


_BATCH = 500


def _late_by(events: Iterable[service.Event], clock: str, due: Millis, calendar: Calendar, now: Millis) -> Millis:
    """What a clock has counted since it was due: what was paused meanwhile is not counted."""
    running = [round_ for round_ in rounds(moments_of(events)) if round_.clock == clock]
    return running[-1].used_since(due, calendar, now) if running else 0


def _tickets_overdue(connection: sqlite3.Connection, asked: Asked) -> int:
    """How many tickets the overdue clocks are of."""
    if not asked.unreported:
        return _count(connection, asked, _Span("at", "overdue", None, asked.now))
    spans = [_late(asked, clock) for clock in CLOCKS]
    (count,) = connection.execute(
        f"SELECT count(*) FROM ticket t WHERE ({' OR '.join(f'({span.where(True)})' for span in spans)})"
        f" AND {asked.query.where()}",
        [*(value for span in spans for value in span.parameters()), *asked.query.parameters()],
    ).fetchone()
    return int(count)


def notices(connection: sqlite3.Connection, told: dict[str, Any]) -> Iterator[tuple[int, Notice]]:
    """The tickets and notices behind the rows of a report, of those that are still due at the time they were told."""
    for section, level in REPORTED.items():
        for row in told[section]:
            found = connection.execute(f"SELECT due_{row['clock']} FROM ticket WHERE number = ?", (row["number"],))
            due = found.fetchone()[0]
            if iso(due) == row["due_at"]:
                yield row["number"], Notice(row["clock"], level, due)


def _whole_minutes(late: Millis) -> int:
    """Whole minutes, towards zero."""
    return late // 60_000 if late >= 0 else -(-late // 60_000)


def _count(connection: sqlite3.Connection, asked: Asked, span: _Span) -> int:
    (count,) = connection.execute(
        f"SELECT count(*) FROM ticket t WHERE {span.where(asked.unreported)} AND {asked.query.where()}",
        [*span.parameters(), *asked.query.parameters()],
    ).fetchone()
    return int(count)
