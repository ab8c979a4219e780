"""How long tickets have taken, and which of them wait for the shop: read in a bounded number of rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from itertools import islice

from helpdesk.clock import Millis
from helpdesk.sla.progress import COUNTED
from helpdesk.sla.ranking import MOST, Candidate, Ranked, Ranking
from helpdesk.sla.rules import Rules
from helpdesk.sla.usual import Usual, usual_by_name
from helpdesk.views import search
from helpdesk.views.query import Query
from helpdesk.views.service import rules_for_reading

_RECENT = 600
_HEAD = 200

FOR_THE_SHOP = ("new", "open")
"""The states in which a ticket waits for the shop."""

_CANDIDATE = (
    "SELECT t.number, t.urgency, t.category, t.policy, t.due_first_response, t.due_next_response, t.due_resolution"
    " FROM ticket t WHERE t.state IN ('new', 'open')"
)


def candidates(connection: sqlite3.Connection, query: Query) -> set[Candidate]:
    """The tickets among which the next one to take is: of those to be acted on the most urgent and the soonest due."""
    search.register(connection)
    found: set[Candidate] = set()
    for order in (
        " ORDER BY t.urgency DESC, t.number",
        " AND t.due_at IS NOT NULL ORDER BY t.due_at, t.number",
        " AND t.due_resolution IS NOT NULL ORDER BY t.due_resolution, t.number",
    ):
        rows = connection.execute(f"{_CANDIDATE} AND {query.where()}{order} LIMIT {_HEAD}", query.parameters())
        found |= set(map(Candidate._make, rows))
    return found


def first(
    connection: sqlite3.Connection, query: Query, now: Millis, passed: Collection[int] = frozenset()
) -> Ranked | None:
    """The ticket of a query to take now, none of those passed over; None where none waits."""
    found = {candidate for candidate in candidates(connection, query) if candidate.number not in passed}
    if not found:
        return None
    return min(map(ranking(connection, rules_for_reading(connection), now).ranked, found), key=Ranked.place)


def ranking(connection: sqlite3.Connection, rules: Rules, now: Millis) -> Ranking:
    """The order the shop works in."""
    calendars = {name: rules.calendar_of(policy) for name, policy in rules.policies.items()}
    others = calendars[rules.fallback]
    return Ranking(now, lambda policy: calendars.get(policy or "", others), needed(connection))


def needed(connection: sqlite3.Connection) -> dict[str, Usual]:
    """By category, the working time its solutions usually took, of the last that were reached in the shop."""
    rows = connection.execute(
        "SELECT t.category, o.used FROM (SELECT ticket_number, used, result FROM outcome"
        " WHERE clock = 'resolution' AND ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT ?) o"
        " JOIN ticket t ON t.number = o.ticket_number WHERE o.result <> 'void'",
        (_RECENT,),
    )
    return usual_by_name(rows)


def position(connection: sqlite3.Connection, order: Ranking, number: int) -> int | None:
    """The place of a ticket among those that wait for the shop, from 1 to COUNTED; None where it does not wait."""
    row = connection.execute(f"{_CANDIDATE} AND t.number = ?", (number,)).fetchone()
    if row is None:
        return None
    own = order.ranked(Candidate._make(row))
    # what is so much less urgent that no time left makes up for it comes later
    others = connection.execute(
        f"{_CANDIDATE} AND t.urgency >= ? ORDER BY t.urgency DESC", (own.urgency + own.time_points - MOST,)
    )
    before = (other for other in others if order.ranked(Candidate._make(other)).place() < own.place())
    return 1 + sum(1 for _other in islice(before, COUNTED - 1))
