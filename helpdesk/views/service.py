"""What deriving the clocks of tickets needs to know of the store, read for a stretch of numbers at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from helpdesk import config
from helpdesk.clock import Millis
from helpdesk.errors import UsageProblem
from helpdesk.i18n import _
from helpdesk.sla.events import CLOCK_KINDS
from helpdesk.sla.misfit import Misfit
from helpdesk.sla.policy import Policy
from helpdesk.sla.rules import KEPT, Rules, proposed, rules_of
from helpdesk.sla.settling import KeptOutcome, Notice, Terms
from helpdesk.views import counts, search
from helpdesk.views.query import Query, Scope, parse

Event = tuple[str, Millis, str]
"""(kind, at, detail as JSON)"""


class TicketFacts(NamedTuple):
    """What is known of a ticket beside its events; `policy` is the place of the first query that finds it, else -1.

    `kept` and `kept_policy` are what its row says: the due time of each clock, the soonest, the next step's; by whom.
    """

    number: int
    state: str
    priority: str
    tier: str
    policy: int
    stored_at: Millis
    kept: tuple[Millis | None, ...]
    kept_policy: str | None


def kept_rules(connection: sqlite3.Connection) -> str | None:
    """The rules in force as JSON; None before any were adopted."""
    row = connection.execute("SELECT value FROM setting WHERE key = ?", (KEPT,)).fetchone()
    return None if row is None else str(row[0])


def rules_for_reading(connection: sqlite3.Connection) -> Rules:
    """The rules in force, or those the files propose where none were adopted yet."""
    return rules_of(kept_rules(connection) or proposed())


def years_without_holidays(connection: sqlite3.Connection, now: Millis) -> list[int]:
    """The years from now to the latest due time whose holidays nobody knows, where they matter to the shop."""
    (latest,) = connection.execute("SELECT max(due_at) FROM ticket WHERE due_at IS NOT NULL").fetchone()
    if latest is None:
        return []
    return rules_for_reading(connection).calendar.years_without_holidays(now, max(now, latest))


def queries_of(connection: sqlite3.Connection, rules: Rules, now: Millis) -> list[Query]:
    """The queries that choose policies, in order."""
    scope = Scope(now, "", tuple(counts.categories(connection)))
    return [parse(policy.query, scope) for policy in rules.with_query]


def terms_of(rules: Rules, facts: TicketFacts) -> Terms:
    """What a ticket's clocks are judged by."""
    return rules.terms(facts.policy, facts.priority, facts.tier)


def check_queries(policies: Iterable[Policy], files: Iterable[Path], categories: tuple[str, ...]) -> None:
    """Refuse a policy whose query does not parse, asks for due times, or for what changes by itself.

    A ticket's policy is asked for when something happens to it: an age, or who is asking, would be another by then.
    """
    for policy in policies:
        try:
            query = parse(policy.query, Scope(0, "", categories))
            if "due_at" in query.where():
                raise UsageProblem(_("it cannot ask for due times, which policies make"))
            if query != parse(policy.query, Scope(1, "me", categories)):
                raise UsageProblem(_("it cannot ask for what changes with the time or with who asks"))
        except UsageProblem as problem:
            raise _misfit(policy.name, str(problem), files) from None


def _misfit(name: str, reason: str, files: Iterable[Path]) -> UsageProblem:
    """The problem with a policy's query, told of the last file that has it."""
    misfit = Misfit((name, "query"), _("does not parse: {reason}").format(reason=reason.rstrip(".")))
    path = [file for file in files if "query" in config.load_toml(file).get(name, {})][-1]
    return misfit.problem(str(path), path.read_text(encoding="utf-8", errors="replace"))


POSITION = "sla.recompute"
"""The setting that keeps the number a recomputing has reached; gone when it has reached the end."""


def recompute_position(connection: sqlite3.Connection) -> int | None:
    """The number an interrupted recomputing has to go on from."""
    row = connection.execute("SELECT value FROM setting WHERE key = ?", (POSITION,)).fetchone()
    return None if row is None else int(row[0])


def last_number(connection: sqlite3.Connection) -> int:
    """The highest number of a ticket; 0 where there is none."""
    (number,) = connection.execute("SELECT coalesce(max(number), 0) FROM ticket").fetchone()
    return int(number)


def facts(
    connection: sqlite3.Connection, queries: Sequence[Query], first: int, last: int, unsettled: bool = False
) -> list[TicketFacts]:
    """The facts of the tickets from `first` to `last`, by number; `unsettled` leaves out those no rule can move."""
    if queries:
        search.register(connection)
    cases = "".join(f" WHEN {query.where()} THEN {place}" for place, query in enumerate(queries))
    chosen = f"CASE{cases} ELSE -1 END" if cases else "-1"
    rows = connection.execute(
        f"SELECT t.number, t.state, t.priority, coalesce(c.tier, 'normal'), {chosen},"
        " coalesce((SELECT o.at FROM event e JOIN operation o ON o.id = e.operation_id"
        " WHERE e.ticket_number = t.number ORDER BY e.id LIMIT 1), t.created_at),"
        " t.due_first_response, t.due_next_response, t.due_resolution, t.due_at, t.next_step_at, t.policy"
        " FROM ticket t LEFT JOIN customer c ON c.id = t.customer_id WHERE t.number BETWEEN ? AND ?"
        f" AND ({UNSETTLED if unsettled else '1'}) ORDER BY t.number",
        [*(value for query in queries for value in query.parameters()), first, last],
    )
    return [
        TicketFacts(number, state, priority, tier, policy, stored_at, tuple(kept), kept_policy)
        for number, state, priority, tier, policy, stored_at, *kept, kept_policy in rows
    ]


UNSETTLED = "t.active OR t.due_at IS NOT NULL OR t.next_step_at IS NOT NULL OR t.policy IS NULL"
"""The tickets a change of rules can move: what finished under other rules stays as it was judged then."""


def batch_end(connection: sqlite3.Connection, first: int, last: int, most: int) -> int:
    """The number up to which at most so many tickets that a change of rules can move lie, from `first` to `last`."""
    (count, until) = connection.execute(
        "SELECT count(*), max(number) FROM (SELECT t.number FROM ticket t WHERE t.number BETWEEN ? AND ?"
        f" AND ({UNSETTLED}) ORDER BY t.number LIMIT ?)",
        (first, last, most),
    ).fetchone()
    return int(until) if count == most else last


def events(connection: sqlite3.Connection, numbers: Sequence[int]) -> dict[int, list[Event]]:
    """By ticket, the events its clocks are computed from, in order; `numbers` ascend."""
    rows = connection.execute(
        f"SELECT ticket_number, kind, at, detail FROM event WHERE {_among(numbers)}"
        f" AND kind IN ({', '.join('?' * len(CLOCK_KINDS))}) ORDER BY ticket_number, id",
        CLOCK_KINDS,
    )
    return {number: [row[1:] for row in found] for number, found in groupby(rows, key=lambda row: row[0])}


def _among(numbers: Sequence[int]) -> str:
    """The condition that a row is of one of the tickets: a stretch where they are one, else a list."""
    if not numbers:
        return "0"
    if numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"ticket_number BETWEEN {numbers[0]} AND {numbers[-1]}"
    return f"ticket_number IN ({', '.join(map(str, numbers))})"


def outcomes(connection: sqlite3.Connection, numbers: Sequence[int]) -> dict[int, dict[tuple[str, int], KeptOutcome]]:
    """By ticket, what was kept of its rounds, by (clock, round)."""
    found: dict[int, dict[tuple[str, int], KeptOutcome]] = {}
    for number, *row in connection.execute(
        "SELECT ticket_number, clock, round, result, policy, allowed, used, started_at, due_at, ended_at FROM outcome"
        f" WHERE {_among(numbers)}"
    ):
        outcome = KeptOutcome(*row)
        found.setdefault(number, {})[outcome.clock, outcome.round] = outcome
    return found


def notices(connection: sqlite3.Connection, numbers: Sequence[int]) -> dict[int, set[Notice]]:
    """By ticket, the steps taken and the reports made."""
    found: dict[int, set[Notice]] = {}
    for number, *row in connection.execute(
        f"SELECT ticket_number, clock, level, occasion FROM notice WHERE {_among(numbers)}"
    ):
        found.setdefault(number, set()).add(Notice(*row))
    return found


def with_step_due(connection: sqlite3.Connection, now: Millis, limit: int | None) -> list[int]:
    """The tickets for which a step of their policy has fallen due, the longest waiting first."""
    rows = connection.execute(
        "SELECT number FROM ticket WHERE next_step_at IS NOT NULL AND next_step_at <= ?"
        " ORDER BY next_step_at, number LIMIT ?",
        (now, -1 if limit is None else limit),
    )
    return [number for (number,) in rows]


def alarm_facts(connection: sqlite3.Connection, number: int) -> dict[str, str | None]:
    """What an alarm tells of a ticket."""
    found = connection.execute(
        "SELECT t.subject, t.priority, t.category, t.state, t.language, t.assignee, t.code, t.order_no,"
        " c.name AS customer FROM ticket t LEFT JOIN customer c ON c.id = t.customer_id WHERE t.number = ?",
        (number,),
    )
    return dict(zip((column[0] for column in found.description), found.fetchone(), strict=True))


def numbers_since(connection: sqlite3.Connection, since: Millis) -> tuple[int, int]:
    """The lowest and the highest number of the tickets filed since a moment; (1, 0) where there is none."""
    first, last = connection.execute(
        "SELECT min(number), max(number) FROM ticket WHERE created_at >= ?", (since,)
    ).fetchone()
    return (first, last) if first is not None else (1, 0)


def categories_since(connection: sqlite3.Connection, since: Millis, first: int, last: int) -> dict[int, str]:
    """The category of each ticket from `first` to `last` that was filed since a moment."""
    return dict(
        connection.execute(
            "SELECT number, category FROM ticket WHERE number BETWEEN ? AND ? AND created_at >= ?", (first, last, since)
        ).fetchall()
    )


class Told(NamedTuple):
    """One event as it is told to people."""

    kind: str
    at: Millis
    actor: str
    detail: str


def told(connection: sqlite3.Connection, number: int) -> list[Told]:
    """The events a ticket's clocks are computed from, with who did them."""
    rows = connection.execute(
        "SELECT kind, at, actor, detail FROM event WHERE ticket_number = ?"
        f" AND kind IN ({', '.join('?' * len(CLOCK_KINDS))}) ORDER BY id",
        (number, *CLOCK_KINDS),
    )
    return [Told(*row) for row in rows]
