"""The steps of policies: what is to happen as a clock runs out, done once and told as an event by `system`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from helpdesk.clock import Millis, from_millis
from helpdesk.desk import clocks
from helpdesk.desk.change import TicketChange, operation
from helpdesk.desk.context import Desk
from helpdesk.desk.ledger import Ledger
from helpdesk.desk.outbox import Alarm, enqueue
from helpdesk.models.tables import Notice
from helpdesk.models.vocabulary import Author, Priority
from helpdesk.sla.clocks import rounds
from helpdesk.sla.events import moments_of
from helpdesk.sla.rules import Rules
from helpdesk.sla.settling import DueStep, Terms, steps_ahead
from helpdesk.store import driver, put_rows
from helpdesk.views import service

BATCH = 500
"""Tickets whose steps are taken in one transaction."""


class Taken(NamedTuple):
    """A step that was taken, or would be: for which ticket's clock, and what it did."""

    number: int
    clock: str
    step: str
    due_at: Millis
    actions: tuple[str, ...]


def escalate(desk: Desk, dry_run: bool = False) -> list[Taken]:
    """Take every step of the policies that has fallen due, each once; alarms go to the outbox in the same transaction.

    Nothing is written, and no lock taken, while nothing is due.
    """
    now = desk.moment()
    with desk.store.read() as connection:
        waiting = service.with_step_due(connection, now, None if dry_run else 1)
        if dry_run:
            rules = service.rules_for_reading(connection)
            return [_told(number, step) for number in waiting for step in _due(connection, rules, number, now)[1]]
    taken: list[Taken] = []
    system = desk._replace(actor=Author.SYSTEM.value)
    while waiting:
        with operation(system, "escalate") as entry:
            waiting = service.with_step_due(driver(entry.session), now, BATCH)
            for number in waiting:
                taken += _take(entry, number, now)
    return taken


def _take(entry: Ledger, number: int, now: Millis) -> list[Taken]:
    connection = driver(entry.session)
    rules = clocks.in_force(entry.session)
    terms, steps = _due(connection, rules, number, now)
    change = TicketChange(entry, number)
    told = [_told(number, step) for step in steps]
    for line in told:
        for action in line.actions:
            _act(change, action)
        change.log("escalated", clock=line.clock, step=line.step, due=line.due_at, do=list(line.actions))
    put_rows(entry.session, Notice, [{"ticket_number": number, **step.notice._asdict(), "at": now} for step in steps])
    change.save()
    facts = service.alarm_facts(connection, number)
    quiet_until = terms.calendar.next_open(now)
    # where several steps of a clock fell due since the last look, the last of them says it all
    telling = {step.clock: step for step in steps if "notify" in step.step.actions}
    enqueue(entry, [_alarm(number, step, quiet_until, facts, terms, now) for step in telling.values()])
    return told


def _due(connection: Any, rules: Rules, number: int, now: Millis) -> tuple[Terms, list[DueStep]]:
    (facts,) = service.facts(connection, service.queries_of(connection, rules, now), number, number)
    terms = service.terms_of(rules, facts)
    found = rounds(moments_of(service.events(connection, [number]).get(number, ())))
    taken = service.notices(connection, [number]).get(number, set())
    ahead = steps_ahead(found, terms, facts.stored_at, taken)
    return terms, sorted((step for step in ahead if step.at <= now), key=lambda step: step.at)


def _told(number: int, due: DueStep) -> Taken:
    return Taken(number, due.clock.value, due.step.name, due.due_at, due.step.actions)


def _act(change: TicketChange, action: str) -> None:
    verb, _colon, whom = action.partition(":")
    if verb == "raise":
        order: Sequence[str] = [priority.value for priority in Priority]
        above = order[min(order.index(change.value("priority")) + 1, len(order) - 1)]
        change.put(priority=above)
    elif verb in ("assign", "team"):
        change.put(**{"assignee" if verb == "assign" else "team": whom.strip()})


def _alarm(number: int, due: DueStep, quiet_until: Millis, facts: dict[str, Any], terms: Terms, now: Millis) -> Alarm:
    left = terms.allowed[due.clock] - due.round.used(terms.calendar, now)
    return Alarm(
        number,
        due.clock.value,
        due.step.name,
        due.due_at,
        quiet_until,
        {**facts, "minutes_left": left // 60_000, "due_at": from_millis(due.due_at).isoformat()},
        due.round.number,
    )
