"""What an undo would take back: the operation, and of each of its tickets what was before and what has stood since.

Steps, fields and ratings can be taken back, and an undo itself; a text that was sent or filed cannot. Which operation
is the last one is asked for one actor, so that nobody takes back what somebody else did.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

from helpdesk.clock import Millis
from helpdesk.errors import NotAllowed, NotFound
from helpdesk.i18n import _

UNDO = "undo"

PASSED_OVER = ("wake", "adopt", "learn", "kb")
"""Operations that are not done to tickets by somebody's hand: the last deed is looked for before them."""

TAKEN_BACK = ("close", "resolve", "hold", "snooze", "reopen", "spam", "set", "rate")
"""Operations that can be undone, by the command that does them."""

SEEN = ("state", "category", "priority", "mood", "assignee", "team", "order_no", "snoozed_until", "rating")
"""The fields a person sees; the others follow from them."""

_WITH_BEFORE = ("moved", "set", "rated", "undone")
"""The kinds of events that say what was before."""


class Change(NamedTuple):
    """What an operation did to one ticket: of fields, tags and its customer's tier what was before, and after."""

    number: int
    subject: str
    fields: dict[str, list[Any]]
    tags: list[list[str]] | None
    tier: list[str] | None

    @property
    def back_to(self) -> dict[str, Any]:
        """What is put back, of what a person sees of a ticket."""
        seen = {name: self.fields[name][0] for name in SEEN if name in self.fields}
        seen |= {"tags": self.tags[0]} if self.tags is not None else {}
        return seen | ({"customer_tier": self.tier[0]} if self.tier is not None else {})


class Undoable(NamedTuple):
    """An operation that can be taken back."""

    operation: int
    kind: str
    at: Millis
    changes: tuple[Change, ...]


class _Deed(NamedTuple):
    operation: int
    kind: str
    at: Millis


def undoable(connection: sqlite3.Connection, actor: str, operation: int | None = None) -> Undoable:
    """An operation by its number, or the last one of an actor that is not undone yet.

    Raises NotFound where there is none, and NotAllowed, which names the last that can, where it cannot be taken back.
    """
    found = next(_standing(connection, actor), None) if operation is None else _named(connection, operation)
    if found is None:
        raise NotFound(_("There is nothing of yours to undo."))
    changes = tuple(_changes(connection, found.operation))
    if not changes:
        raise _refused(connection, actor, found)
    return Undoable(*found, changes)


def _named(connection: sqlite3.Connection, operation: int) -> _Deed:
    row = None
    if 0 < operation < 1 << 63:
        row = connection.execute("SELECT id, kind, at FROM operation WHERE id = ?", (operation,)).fetchone()
    if row is None:
        raise NotFound(
            _("There is no operation {id}; `helpdesk show N -v` names those of a ticket.").format(id=operation)
        )
    if operation in _undone(connection, operation):
        raise NotAllowed(
            _("Operation {id} is undone already; `helpdesk undo` takes back the one before it.").format(id=operation)
        )
    return _Deed(*row)


def _undone(connection: sqlite3.Connection, since: int) -> set[int]:
    """The operations after `since`, and itself, that were undone and whose undo was not."""
    undone: set[int] = set()
    for identity, undoes in connection.execute(
        "SELECT id, summary ->> '$.undoes' FROM operation WHERE id > ? AND kind = ? ORDER BY id DESC", (since, UNDO)
    ):
        if identity not in undone:
            undone.add(undoes)
    return undone


def _standing(connection: sqlite3.Connection, actor: str) -> Iterator[_Deed]:
    """What an actor did that is not undone, the newest first."""
    undone: set[int] = set()
    rows = connection.execute(
        "SELECT id, kind, at, summary ->> '$.undoes' FROM operation WHERE actor = ? ORDER BY id DESC", (actor,)
    )
    for identity, kind, at, undoes in rows:
        if identity in undone or kind in PASSED_OVER:
            continue
        if kind == UNDO:
            undone.add(undoes)
        else:
            yield _Deed(identity, kind, at)


def _changes(connection: sqlite3.Connection, operation: int) -> Iterator[Change]:
    """What an operation did, nothing where any of it cannot be taken back."""
    rows = connection.execute(
        "SELECT e.operation_id, e.ticket_number, t.subject, e.kind, e.detail FROM event e"
        " JOIN ticket t ON t.number = e.ticket_number WHERE e.id >= ? ORDER BY e.id",
        (_first_event(connection, operation),),
    )
    found = []
    for owner, number, subject, happened, text in rows:
        if owner != operation:
            break
        detail = json.loads(text)
        if happened not in _WITH_BEFORE or "fields" not in detail:
            return
        found.append(Change(number, subject, detail["fields"], detail.get("tags"), detail.get("customer_tier")))
    yield from found


def _first_event(connection: sqlite3.Connection, operation: int) -> int:
    """Where the events of an operation begin, in some twenty looks among millions.

    They lie together, and in the order of the operations, because one transaction after another writes them.
    """
    (newest,) = connection.execute("SELECT coalesce(max(id), 0) FROM event").fetchone()
    low, high = 0, newest + 1
    while low < high:
        middle = (low + high) // 2
        (owner,) = connection.execute(
            "SELECT operation_id FROM event WHERE id >= ? ORDER BY id LIMIT 1", (middle,)
        ).fetchone()
        low, high = (low, middle) if owner >= operation else (middle + 1, high)
    return low


def _refused(connection: sqlite3.Connection, actor: str, deed: _Deed) -> NotAllowed:
    sentence = _("Operation {id} ({kind}) cannot be undone: steps, fields and ratings can, not what was said or filed.")
    earlier = (one for one in _standing(connection, actor) if one < deed and one.kind in TAKEN_BACK)
    last = next(earlier, None)
    if last is not None:
        sentence += " " + _("The last of yours that can: helpdesk undo {last}")
    return NotAllowed(sentence.format(id=deed.operation, kind=deed.kind, last=last and last.operation))
