"""A ticket's clocks in full: each round with its intervals, what it was judged by, and what it came to. Reads only."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from helpdesk.clock import Millis
from helpdesk.errors import NotFound
from helpdesk.i18n import _
from helpdesk.sla.clocks import Standing, rounds, standing
from helpdesk.sla.events import moments_of
from helpdesk.sla.explaining import Interval, intervals
from helpdesk.sla.settling import KeptOutcome, Terms
from helpdesk.views import service
from helpdesk.views.service import Told


class ExplainedRound(NamedTuple):
    """A round and everything that made it what it is; `kept` is what was kept of it when it ended or ran late."""

    standing: Standing
    intervals: list[Interval]
    kept: KeptOutcome | None


class Explained(NamedTuple):
    """A ticket's clocks, the terms they are judged by now, and the events behind them."""

    number: int
    priority: str
    tier: str
    terms: Terms
    zone: str
    events: list[Told]
    rounds: list[ExplainedRound]


def explain(connection: sqlite3.Connection, number: int, now: Millis) -> Explained:
    """Every round of a ticket's clocks up to now."""
    rules = service.rules_for_reading(connection)
    queries = service.queries_of(connection, rules, now)
    facts = next(iter(service.facts(connection, queries, number, number)), None) if 0 < number < 1 << 63 else None
    if facts is None:
        raise NotFound(_("There is no ticket {number}; `helpdesk list` shows those there are.").format(number=number))
    events = service.told(connection, number)
    kept = service.outcomes(connection, [number]).get(number, {})
    terms = service.terms_of(rules, facts)
    allowed = terms.allowed
    explained = [
        ExplainedRound(
            standing(round_, allowed[round_.clock], terms.calendar, now),
            intervals(round_, terms.calendar, now),
            kept.get((round_.clock.value, round_.number)),
        )
        for round_ in rounds(moments_of((event.kind, event.at, event.detail) for event in events))
    ]
    return Explained(number, facts.priority, facts.tier, terms, rules.calendar.hours.zone, events, explained)
