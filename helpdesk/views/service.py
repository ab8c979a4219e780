"""What deriving the clocks of tickets needs to know of the store, read for a stretch of numbers at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from helpdesk.clock import Millis
from helpdesk.sla.events import CLOCK_KINDS
from helpdesk.sla.rules import KEPT
from helpdesk.sla.settling import KeptOutcome, Notice
from helpdesk.views import search
from helpdesk.views.query import Query

Event = tuple[str, Millis, str]
"""(kind, at, detail as JSON)"""


class TicketFacts(NamedTuple):
    """What is known of a ticket beside its events; `policy` is the place of the first query that finds it, else -1."""

    number: int
    state: str
    priority: str
    tier: str
    policy: int
    stored_at: Millis
    kept: tuple[Millis | None, ...]
    """The due times and the next step's, as the ticket's row has them, and the name of its policy."""


def kept_rules(connection: sqlite3.Connection) -> str | None:
    """The rules in force as JSON; None before any were adopted."""
    row = connection.execute("SELECT value FROM setting WHERE key = ?", (KEPT,)).fetchone()
    return None if row is None else str(row[0])


def last_number(connection: sqlite3.Connection) -> int:
    """The highest number of a ticket; 0 where there is none."""
    (number,) = connection.execute("SELECT coalesce(max(number), 0) FROM ticket").fetchone()
    return int(number)


def facts(connection: sqlite3.Connection, queries: Sequence[Query], first: int, last: int) -> Iterator[TicketFacts]:
    """The facts of the tickets from `first` to `last`, by number."""
    search.register(connection)
    cases = "".join(f" WHEN {query.where()} THEN {place}" for place, query in enumerate(queries))
    chosen = f"CASE{cases} ELSE -1 END" if cases else "-1"
    rows = connection.execute(
        f"SELECT t.number, t.state, t.priority, coalesce(c.tier, 'normal'), {chosen},"
        " coalesce((SELECT o.at FROM event e JOIN operation o ON o.id = e.operation_id"
        " WHERE e.ticket_number = t.number ORDER BY e.id LIMIT 1), t.created_at),"
        " t.due_first_response, t.due_next_response, t.due_resolution, t.due_at, t.next_step_at, t.policy"
        " FROM ticket t LEFT JOIN customer c ON c.id = t.customer_id WHERE t.number BETWEEN ? AND ? ORDER BY t.number",
        [*(value for query in queries for value in query.parameters()), first, last],
    )
    for number, state, priority, tier, policy, stored_at, *kept in rows:
        yield TicketFacts(number, state, priority, tier, policy, stored_at, tuple(kept))


def events(connection: sqlite3.Connection, first: int, last: int) -> dict[int, list[Event]]:
    """By ticket, the events its clocks are computed from, in order."""
    rows = connection.execute(
        "SELECT ticket_number, kind, at, detail FROM event WHERE ticket_number BETWEEN ? AND ?"
        f" AND kind IN ({', '.join('?' * len(CLOCK_KINDS))}) ORDER BY ticket_number, id",
        (first, last, *CLOCK_KINDS),
    )
    return {number: [row[1:] for row in found] for number, found in groupby(rows, key=lambda row: row[0])}


def outcomes(connection: sqlite3.Connection, first: int, last: int) -> dict[int, dict[tuple[str, int], KeptOutcome]]:
    """By ticket, what was kept of its rounds, by (clock, round)."""
    found: dict[int, dict[tuple[str, int], KeptOutcome]] = {}
    for number, *row in connection.execute(
        "SELECT ticket_number, clock, round, result, policy, allowed, used, started_at, due_at, ended_at FROM outcome"
        " WHERE ticket_number BETWEEN ? AND ?",
        (first, last),
    ):
        outcome = KeptOutcome(*row)
        found.setdefault(number, {})[outcome.clock, outcome.round] = outcome
    return found


def notices(connection: sqlite3.Connection, first: int, last: int) -> dict[int, set[Notice]]:
    """By ticket, the steps taken and the reports made."""
    found: dict[int, set[Notice]] = {}
    for number, *row in connection.execute(
        "SELECT ticket_number, clock, level, due_at FROM notice WHERE ticket_number BETWEEN ? AND ?", (first, last)
    ):
        found.setdefault(number, set()).add(Notice(*row))
    return found
