"""How the clocks of some tickets stand at this moment: what an alarm has to say when it is sent, if anything."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from helpdesk.clock import Millis
from helpdesk.sla.clocks import Round, rounds
from helpdesk.sla.events import moments_of
from helpdesk.sla.settling import Terms
from helpdesk.views import service


class Stand(NamedTuple):
    """A round now: whether it is over, and else whether its time passes, when it runs out, and what it has left.

    Counted as its policy counts; `left` is below zero where it is late. `goes_on_at` is when a ticket put away wakes.
    """

    ended: bool
    passes: bool
    due_at: Millis | None
    left: Millis
    goes_on_at: Millis
    terms: Terms


def of(connection: sqlite3.Connection, numbers: Iterable[int], now: Millis) -> dict[tuple[int, str, int], Stand]:
    """The rounds of the tickets' clocks, each by (ticket, clock, number of the round)."""
    rules = service.rules_for_reading(connection)
    queries = service.queries_of(connection, rules, now)
    found = {}
    for number in numbers:
        events = service.events(connection, [number]).get(number, ())
        for facts in service.facts(connection, queries, number, number):
            terms = service.terms_of(rules, facts)
            for round_ in rounds(moments_of(events)):
                found[number, round_.clock.value, round_.number] = _stand(round_, terms, now)
    return found


def _stand(round_: Round, terms: Terms, now: Millis) -> Stand:
    allowed = terms.allowed[round_.clock]
    goes_on_at = round_.runs[-1].begin if round_.is_running else now
    return Stand(
        round_.ended_at is not None,
        round_.is_running and goes_on_at <= now,
        round_.holds_until(allowed, terms.calendar),
        allowed - round_.used(terms.calendar, now),
        max(goes_on_at, now),
        terms,
    )
