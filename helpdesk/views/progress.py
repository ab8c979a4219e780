"""Where a ticket stands for its customer: found by its public code, with its place in the queue and what to expect."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from helpdesk.clock import Millis
from helpdesk.models.codes import typed_code
from helpdesk.models.vocabulary import ClockName
from helpdesk.sla.calendar import Calendar
from helpdesk.sla.clocks import rounds
from helpdesk.sla.events import moments_of
from helpdesk.sla.expecting import Expected, Question, Span, expected
from helpdesk.sla.progress import Progress, stage
from helpdesk.sla.rules import Rules
from helpdesk.sla.usual import FEWEST
from helpdesk.views import service, waiting

_MOST_ROWS = 1500
"""Of answers looked at for a median: of a busier shop the first of each hour."""


class _Ticket(NamedTuple):
    number: int
    state: str
    language: str
    created_at: Millis
    policy: str | None
    due_first_response: Millis | None
    due_next_response: Millis | None
    merged_into: int | None


_TICKET = (
    "SELECT number, state, language, created_at, policy, due_first_response, due_next_response, merged_into FROM ticket"
)


def progress(connection: sqlite3.Connection, typed: str, now: Millis) -> Progress | None:
    """The progress of the ticket with a public code, or of the one it was merged into; None where there is none."""
    code = typed_code(typed)
    row = connection.execute(f"{_TICKET} WHERE code = ?", (code,)).fetchone()
    if row is None or code is None:
        return None
    asked, ticket = _Ticket(*row), _survivor(connection, _Ticket(*row))
    rules = service.rules_for_reading(connection)
    calendar = _calendar(rules, ticket)
    clock, question = _waits(connection, ticket)
    return Progress(
        code,
        now,
        stage(ticket.state, clock),
        ticket.language,
        asked.created_at,
        waiting.position(connection, waiting.ranking(connection, rules, now), ticket.number),
        question,
        _expected(connection, calendar, clock, question, now),
        calendar.next_open(now) if question and not calendar.is_open(now) else None,
        calendar.hours.zone,
    )


def expected_answer(connection: sqlite3.Connection, number: int, now: Millis) -> Expected | None:
    """When the customer of a ticket may expect an answer; None where none is waited for."""
    row = connection.execute(f"{_TICKET} WHERE number = ?", (number,)).fetchone()
    if row is None:
        return None
    calendar = _calendar(service.rules_for_reading(connection), _Ticket(*row))
    return _expected(connection, calendar, *_waits(connection, _Ticket(*row)), now)


def _calendar(rules: Rules, ticket: _Ticket) -> Calendar:
    return rules.calendar_of(rules.policy(ticket.policy or rules.fallback))


def _survivor(connection: sqlite3.Connection, ticket: _Ticket) -> _Ticket:
    seen = {ticket.number}
    while ticket.merged_into is not None and ticket.merged_into not in seen:
        seen.add(ticket.merged_into)
        ticket = _Ticket(*connection.execute(f"{_TICKET} WHERE number = ?", (ticket.merged_into,)).fetchone())
    return ticket


def _waits(connection: sqlite3.Connection, ticket: _Ticket) -> tuple[ClockName | None, Question | None]:
    """The question that waits for an answer now, by the ledger, and the clock that runs for it."""
    dues = {ClockName.FIRST_RESPONSE: ticket.due_first_response, ClockName.NEXT_RESPONSE: ticket.due_next_response}
    if ticket.state in waiting.FOR_THE_SHOP:
        events = service.events(connection, [ticket.number]).get(ticket.number, ())
        for found in rounds(moments_of(events)):
            due_at = dues.get(found.clock)
            if found.is_running and due_at is not None:
                return found.clock, Question(found.started_at, due_at)
    return None, None


def _expected(
    connection: sqlite3.Connection, calendar: Calendar, clock: ClockName | None, question: Question | None, now: Millis
) -> Expected | None:
    if clock is None or question is None:
        return None

    def answers_in(spans: Sequence[Span]) -> list[Millis]:
        return _answers(connection, clock, spans, now)

    return expected(question, now, calendar, answers_in)


def _answers(connection: sqlite3.Connection, clock: ClockName, spans: Sequence[Span], now: Millis) -> list[Millis]:
    """How long questions asked within spans of time have waited for their answer; those still late, until now.

    Leaving those out would make a shop that answers only the easy ones look quick. What was closed unanswered is left
    out, and what was asked and is not yet late is not known here. Nothing where hardly any has had its answer.
    """
    found: list[tuple[Millis, bool]] = []
    each = max(1, _MOST_ROWS // max(len(spans), 1))
    for begin, end in spans:
        rows = connection.execute(
            "SELECT coalesce(ended_at, ?) - started_at, ended_at IS NOT NULL, result FROM outcome"
            " WHERE clock = ? AND started_at >= ? AND started_at < ? ORDER BY started_at LIMIT ?",
            (now, clock.value, begin, end, each),
        )
        found += [(waited, bool(answered)) for waited, answered, result in rows if result != "void"]
    return [waited for waited, _answered in found] if sum(answered for _w, answered in found) >= FEWEST else []
