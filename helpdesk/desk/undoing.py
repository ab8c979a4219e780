"""Taking an operation back: a new operation that puts back what was before, where it still stands as it was left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from helpdesk.desk import ledger
from helpdesk.desk.change import TicketChange
from helpdesk.desk.context import Desk
from helpdesk.desk.steps import put_tags, put_tier
from helpdesk.errors import Conflict
from helpdesk.i18n import _
from helpdesk.models.tables import Customer, Tag
from helpdesk.models.vocabulary import State
from helpdesk.store import driver
from helpdesk.views import undoing
from helpdesk.views.undoing import UNDO, Change


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back: the operation that did it, the one taken back, its tickets with the states they are in now.

    `left` are the tickets somebody changed since in what would have been put back; they stay as they are.
    """

    operation: int
    undone: int
    kind: str
    tickets: tuple[tuple[int, str], ...]
    left: tuple[int, ...]


def undo(desk: Desk, operation: int | None = None) -> Undone:
    """Take back one operation, or the actor's last; Conflict where nothing of it stands any more.

    It is no step of `models.states`: a state is put back as it was, whatever steps lead there.
    """
    done, left = [], []
    with desk.store.write() as session:
        found = undoing.undoable(driver(session), desk.actor, operation)
        entry = ledger.begin(session, UNDO, desk.actor, desk.moment(), {"undoes": found.operation})
        for was in found.changes:
            change = TicketChange(entry, was.number)
            if _stands(change, was):
                _put_back(change, was, found.operation)
                done.append((was.number, change.state.value))
            else:
                left.append(was.number)
        if not done:
            raise Conflict(
                _("All of it was changed since, so nothing was undone; look with: helpdesk show {number}").format(
                    number=left[0]
                )
            )
        entry.store()
    return Undone(entry.operation_id, found.operation, found.kind, tuple(done), tuple(left))


def _stands(change: TicketChange, was: Change) -> bool:
    """Whether what the operation left is still so."""
    if any(change.value(field) != after for field, (_before, after) in was.fields.items()):
        return False
    if was.tags is not None:
        tags = set(change.session.exec(select(Tag.name).where(col(Tag.ticket_number) == change.number)))
        added, removed = _tag_changes(was.tags)
        if not added <= tags or removed & tags:
            return False
    if was.tier is not None:
        customer = change.session.get(Customer, change.ticket.customer_id)
        return customer is not None and customer.tier == was.tier[1]
    return True


def _put_back(change: TicketChange, was: Change, operation: int) -> None:
    change.put(**{field: before for field, (before, _after) in was.fields.items()})
    detail: dict[str, Any] = {"undoes": operation}
    if was.tags is not None:
        added, removed = _tag_changes(was.tags)
        detail |= put_tags(change, removed, added)
    if was.tier is not None:
        detail |= put_tier(change, was.tier[0])
    if change.state is State.SNOOZED:
        detail["until"] = change.value("snoozed_until")
    change.log("undone", **detail, fields=change.fields)
    change.save()


def _tag_changes(tags: list[list[str]]) -> tuple[set[str], set[str]]:
    before, after = map(set, tags)
    return after - before, before - after
