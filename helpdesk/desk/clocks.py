"""The clocks kept on tickets: derived from their events under the rules in force, one ticket or a stretch at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlmodel import Session

from helpdesk.clock import Millis
from helpdesk.models import tables
from helpdesk.models.tables import Outcome, Setting, Ticket
from helpdesk.models.vocabulary import ClockName
from helpdesk.sla.clocks import Round, rounds
from helpdesk.sla.events import moments_of
from helpdesk.sla.rules import KEPT, Rules, proposed, rules_of
from helpdesk.sla.settling import KeptOutcome, Notice, Promised, Terms, due, outcomes, steps_ahead
from helpdesk.store import change_rows, driver, drop_rows, put_rows
from helpdesk.views import service


def in_force(session: Session) -> Rules:
    """The rules in force; those the files propose are adopted where none were yet."""
    kept = service.kept_rules(driver(session))
    if kept is None:
        kept = proposed()
        session.add(Setting(key=KEPT, value=kept))
        session.flush()
    return rules_of(kept)


class Settled(NamedTuple):
    """What is to be written of a ticket's clocks."""

    columns: dict[str, Any]
    """Of the ticket's row."""
    outcomes: list[KeptOutcome]
    gone: list[tuple[str, int]]
    """Outcomes that are no longer true, by (clock, round)."""
    passed: list[Notice]
    """Steps that new rules put behind the ticket."""


def settled(
    found: Sequence[Round],
    terms: Terms,
    now: Millis,
    since: Millis,
    kept: dict[tuple[str, int], KeptOutcome] | None = None,
    taken: Iterable[Any] = (),
    promised: Promised | None = None,
    new_rules: bool = False,
) -> Settled:
    """What a ticket's rounds come to now; `since` is when its steps began to count.

    Under `new_rules` a clock they move has steps that lie behind it already: those are passed over, once and for all,
    so that a new policy raises no alarm for what was late before it. The steps of a clock they do not move stay due.
    """
    times = due(found, terms)
    fresh, gone = outcomes(found, terms, now, kept or {}, promised)
    steps = list(steps_ahead(found, terms, since, frozenset(taken)))
    passed = [
        step.notice
        for step in steps
        if new_rules and promised is not None and step.at < now and step.due_at != promised.due.get(step.clock)
    ]
    columns = {
        "due_first_response": times.first_response,
        "due_next_response": times.next_response,
        "due_resolution": times.resolution,
        "due_at": times.soonest,
        "next_step_at": min((step.at for step in steps if step.notice not in passed), default=None),
        "policy": terms.policy.name,
    }
    return Settled(columns, fresh, gone, passed)


def derive(
    session: Session,
    now: Millis,
    first: int,
    last: int | None = None,
    unsettled: bool = False,
    new_rules: bool = False,
) -> tuple[int, int]:
    """Derive the clocks of the tickets from `first` to `last` from their events: how many there were, and moved.

    With `unsettled`, only of those that a change of rules can move; `new_rules` as `settled` has it.
    """
    connection = driver(session)
    rules = in_force(session)
    queries = service.queries_of(connection, rules, now)
    tickets = service.facts(connection, queries, first, first if last is None else last, unsettled)
    numbers = [facts.number for facts in tickets]
    events = service.events(connection, numbers)
    kept, taken = service.outcomes(connection, numbers), service.notices(connection, numbers)
    changed: list[tuple[int, dict[str, Any]]] = []
    fresh: list[tuple[int, KeptOutcome]] = []
    gone: list[dict[str, Any]] = []
    passed: list[dict[str, Any]] = []
    moved = 0
    for facts in tickets:
        number = facts.number
        found = settled(
            rounds(moments_of(events.get(number, ()))),
            service.terms_of(rules, facts),
            now,
            facts.stored_at,
            kept.get(number),
            taken.get(number, ()),
            Promised(dict(zip(ClockName, facts.kept, strict=False)), facts.kept_policy or rules.fallback),
            new_rules,
        )
        if tuple(found.columns.values()) != (*facts.kept, facts.kept_policy):
            changed.append((number, found.columns))
            moved += tuple(found.columns.values())[: len(ClockName)] != facts.kept[: len(ClockName)]
        fresh += [(number, outcome) for outcome in found.outcomes]
        gone += [{"ticket_number": number, "clock": clock, "round": place} for clock, place in found.gone]
        passed += [{"ticket_number": number, **notice._asdict(), "at": now} for notice in found.passed]
    change_rows(session, Ticket, "number", changed)
    put_rows(session, tables.Notice, passed)
    drop_rows(session, Outcome, gone)
    keep_outcomes(session, fresh)
    return len(tickets), moved


def keep_outcomes(session: Session, fresh: Sequence[tuple[int, KeptOutcome]]) -> None:
    """Keep what rounds came to, in the place of what was kept of them before."""
    put_rows(session, Outcome, [{"ticket_number": number, **outcome._asdict()} for number, outcome in fresh])
