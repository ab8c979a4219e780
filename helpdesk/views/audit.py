"""Whether what is kept on tickets is what their events say: the sample `doctor` looks at."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from helpdesk.clock import Millis
from helpdesk.sla.clocks import Round, rounds
from helpdesk.sla.events import moments_of
from helpdesk.sla.settling import KeptOutcome, due, steps_ahead
from helpdesk.views import service

SAMPLE = 500
"""Tickets looked at: spread evenly over all, the newest included."""


class Audit(NamedTuple):
    """How many tickets were looked at, and the first whose due times, steps or outcomes are not what its events say."""

    looked_at: int
    first_wrong: int | None


def clocks(connection: sqlite3.Connection, now: Millis, sample: int = SAMPLE) -> Audit:
    """Derive the clocks of a sample of tickets and compare them with what is kept."""
    rules = service.rules_for_reading(connection)
    queries = service.queries_of(connection, rules, now)
    last = service.last_number(connection)
    looked_at = 0
    for number in range(last, 0, -max(1, last // sample)):
        for facts in service.facts(connection, queries, number, number):
            looked_at += 1
            found = rounds(moments_of(service.events(connection, [number]).get(number, ())))
            terms = service.terms_of(rules, facts)
            times = due(found, terms)
            taken = service.notices(connection, [number]).get(number, set())
            step = min((one.at for one in steps_ahead(found, terms, facts.stored_at, taken)), default=None)
            kept = service.outcomes(connection, [number]).get(number, {})
            if (*times, times.soonest, step) != facts.kept or not _agree(found, kept):
                return Audit(looked_at, number)
    return Audit(looked_at, None)


def _agree(found: list[Round], kept: dict[tuple[str, int], KeptOutcome]) -> bool:
    """Whether exactly the rounds that ended are kept as ended, each with its own times."""
    ended = {(r.clock.value, r.number): (r.started_at, r.ended_at) for r in found if r.ended_at is not None}
    running = {(r.clock.value, r.number): (r.started_at, None) for r in found if r.ended_at is None}
    told = {key: (outcome.started_at, outcome.ended_at) for key, outcome in kept.items()}
    return ended.items() <= told.items() and (told.items() - ended.items()) <= running.items()
