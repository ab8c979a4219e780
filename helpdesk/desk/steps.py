"""What is done to tickets, one or ten thousand at once: their state and their fields."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlmodel import col, select

from helpdesk.classify.priority import named
from helpdesk.clock import to_millis
from helpdesk.desk import filing
from helpdesk.desk.change import TicketChange, operation
from helpdesk.desk.context import Desk
from helpdesk.desk.ledger import Ledger
from helpdesk.errors import NotAllowed, UsageProblem
from helpdesk.i18n import _, word
from helpdesk.models.states import Step
from helpdesk.models.tables import Customer, Tag, Ticket
from helpdesk.models.vocabulary import ACTIVE_STATES, State


@dataclass(frozen=True, slots=True)
class Edit:
    """The fields to set; None leaves a field as it is, an empty assignee, team or order clears it."""

    category: str | None = None
    priority: str | None = None
    mood: str | None = None
    assignee: str | None = None
    team: str | None = None
    order: str | None = None
    customer_tier: str | None = None
    tag: tuple[str, ...] = ()
    untag: tuple[str, ...] = ()

    def is_empty(self) -> bool:
        """Whether it changes nothing."""
        return self == Edit()


@dataclass(frozen=True, slots=True)
class Done:
    """The tickets an operation changed, each with the state it is in now."""

    operation: int
    tickets: tuple[tuple[int, str], ...]


Happened = tuple[str, dict[str, Any]]
"""The kind of an event, and its detail."""


def move(
    desk: Desk,
    step: Step,
    numbers: Sequence[int],
    reason: str | None = None,
    until: datetime | None = None,
    expected_version: int | None = None,
) -> Done:
    """Take one step on every ticket of `numbers`, all or none."""
    wake = None if until is None else to_millis(until)
    if step is Step.MERGE or (step is Step.SNOOZE) != (wake is not None):
        raise UsageProblem(_("{step} takes other facts than these; see helpdesk {step} --help").format(step=step.value))
    if wake is not None and wake <= desk.moment():
        raise UsageProblem(_("--until lies in the past; name a time to come, such as 2h or 2026-12-01."))

    def take(change: TicketChange) -> Happened:
        change.step(step)
        detail: dict[str, Any] = {"step": step.value}
        if reason:
            detail["reason"] = reason
        if step is Step.CLOSE:
            change.put(close_reason=reason)
        if wake is not None:
            change.put(snoozed_until=wake)
            detail["until"] = wake
        return "moved", detail

    return _each(desk, step.value, numbers, take, expected_version)


def wake(desk: Desk) -> int:
    """Reopen the snoozed tickets whose time has come; returns how many."""
    with operation(desk, "wake") as entry:
        due = entry.session.exec(
            select(Ticket.number).where(col(Ticket.snoozed_until) <= entry.at, col(Ticket.state) == State.SNOOZED.value)
        )
        numbers = [number for number in due if number is not None]
        for number in numbers:
            change = TicketChange(entry, number)
            change.step(Step.WAKE)
            change.log("moved", step=Step.WAKE.value)
            change.save()
    return len(numbers)


def edit(desk: Desk, numbers: Sequence[int], wanted: Edit, expected_version: int | None = None) -> Done:
    """Set fields on every ticket of `numbers`, all or none; what a person sets is pinned."""
    if wanted.is_empty():
        raise UsageProblem(_("Nothing to set; `helpdesk set --help` lists the fields."))

    def take(change: TicketChange) -> Happened:
        if change.state is State.MERGED:
            raise NotAllowed(
                _("Ticket {number} was merged into {survivor}; set it there.").format(
                    number=change.number, survivor=change.ticket.merged_into
                )
            )
        changed = _fields(change, wanted) | put_tags(change, wanted.tag, wanted.untag)
        if wanted.customer_tier is not None:
            changed |= put_tier(change, wanted.customer_tier)
        return "set", changed

    return _each(desk, "set", numbers, take, expected_version, _checks_category(wanted))


def rate(desk: Desk, number: int, stars: int, comment: str | None) -> Done:
    """Keep what the customer thought of a ticket that is done."""

    def take(change: TicketChange) -> Happened:
        if change.state not in (State.RESOLVED, State.CLOSED):
            raise NotAllowed(
                _("Ticket {number} is {state}; it can be rated once it is resolved or closed.").format(
                    number=number, state=word(change.state)
                )
            )
        change.put(rating=stars, rating_comment=comment)
        return "rated", {"stars": stars}

    return _each(desk, "rate", [number], take)


def _each(
    desk: Desk,
    kind: str,
    numbers: Sequence[int],
    take: Callable[[TicketChange], Happened],
    expected_version: int | None = None,
    check: Callable[[Ledger], None] = lambda entry: None,
) -> Done:
    done = []
    with operation(desk, kind, tickets=len(numbers)) as entry:
        check(entry)
        for number in dict.fromkeys(numbers):
            change = TicketChange(entry, number, expected_version)
            happened, detail = take(change)
            change.log(happened, **detail, fields=change.fields)
            change.save()
            done.append((number, change.state.value))
    return Done(entry.operation_id, tuple(done))


def _checks_category(wanted: Edit) -> Callable[[Ledger], None]:
    def check(entry: Ledger) -> None:
        if wanted.category is not None:
            filing.known_category(wanted.category, filing.categories(entry.session))

    return check


def _fields(change: TicketChange, wanted: Edit) -> dict[str, list[Any]]:
    values: dict[str, Any] = {}
    if wanted.category is not None:
        values |= {"category": wanted.category, "category_confidence": 1.0, "category_pinned": True}
    if wanted.priority == "auto":
        values |= {"priority": named(change.value("urgency")).value, "priority_pinned": False}
    elif wanted.priority is not None:
        values |= {"priority": wanted.priority, "priority_pinned": True}
    if wanted.mood is not None:
        values |= {"mood": wanted.mood, "mood_pinned": True}
    for field, value in (("assignee", wanted.assignee), ("team", wanted.team), ("order_no", wanted.order)):
        if value is not None:
            values[field] = value or None
    changed = {
        field: [change.value(field), value]
        for field, value in values.items()
        if change.value(field) != value and not field.endswith(("_pinned", "_confidence"))
    }
    change.put(**values)
    return changed


def put_tags(change: TicketChange, added: Collection[str], removed: Collection[str]) -> dict[str, list[Any]]:
    """Add tags and take tags away; all of the ticket's before and after, if that is a difference."""
    if not added and not removed:
        return {}
    session, number = change.session, change.number
    before = set(session.exec(select(Tag.name).where(col(Tag.ticket_number) == number)))
    for name in set(added) - before:
        session.add(Tag(ticket_number=number, name=name))
    gone: Collection[str] = set(removed) & before
    if gone:
        session.execute(delete(Tag).where(col(Tag.ticket_number) == number, col(Tag.name).in_(gone)))
    session.flush()
    after = (before | set(added)) - set(gone)
    return {"tags": [sorted(before), sorted(after)]} if before != after else {}


def put_tier(change: TicketChange, tier: str) -> dict[str, list[Any]]:
    """Set the tier of the ticket's customer; the tier before and after, if that is a difference."""
    customer = change.session.get(Customer, change.ticket.customer_id) if change.ticket.customer_id else None
    if customer is None:
        raise NotAllowed(_("Ticket {number} has no customer whose tier could be set.").format(number=change.number))
    before, customer.tier = customer.tier, tier
    if before == tier:
        return {}
    change.session.add(customer)
    change.session.flush()
    _derive_others(change, customer)
    return {"customer_tier": [before, tier]}


def _derive_others(change: TicketChange, customer: Customer) -> None:
    """The clocks of a customer's other unfinished tickets follow a new tier."""
    others = change.session.exec(
        select(Ticket.number).where(
            col(Ticket.customer_id) == customer.id,
            col(Ticket.number) != change.number,
            col(Ticket.state).in_([state.value for state in ACTIVE_STATES]),
        )
    )
    for number in list(others):
        if number is not None:
            TicketChange(change.entry, number).save()
