"""One ticket being changed: compare-and-set on `version`, events kept, clocks derived."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import update
from sqlmodel import col

from helpdesk.clock import Millis
from helpdesk.desk import clocks, ledger
from helpdesk.desk.context import Desk
from helpdesk.desk.ledger import Ledger
from helpdesk.errors import Conflict, NotAllowed, NotFound
from helpdesk.i18n import _, word
from helpdesk.models import states
from helpdesk.models.states import Step
from helpdesk.models.tables import Message, Ticket
from helpdesk.models.vocabulary import State
from helpdesk.store import search_index
from helpdesk.text import index_terms


@contextmanager
def operation(desk: Desk, kind: str, **summary: Any) -> Iterator[Ledger]:
    """One transaction that is one operation; its events are stored when the block ends."""
    with desk.store.write() as session:
        entry = ledger.begin(session, kind, desk.actor, desk.moment(), summary)
        yield entry
        entry.store()


class TicketChange:
    """A ticket loaded to be changed inside an operation; nothing is written before `save()`."""

    def __init__(self, entry: Ledger, number: int, expected_version: int | None = None) -> None:
        self.entry, self.session = entry, entry.session
        # a number beyond 64 bits cannot even be asked for
        ticket = self.session.get(Ticket, number) if 0 < number < 1 << 63 else None
        if ticket is None:
            raise NotFound(
                _("There is no ticket {number}; `helpdesk list` shows those there are.").format(number=number)
            )
        self.ticket = ticket
        self.number = number
        self._version = ticket.version
        self._expected = expected_version
        self._values: dict[str, Any] = {}

    @property
    def state(self) -> State:
        """The state it is in, with what was changed so far."""
        return State(self.value("state"))

    def value(self, field: str) -> Any:
        """A field of the ticket, with what was changed so far."""
        return self._values.get(field, getattr(self.ticket, field))

    def put(self, **values: Any) -> None:
        """Set fields; enumerations are stored as their strings."""
        self._values |= {key: str(v) if isinstance(v, str) else v for key, v in values.items()}

    def refuse(self, step: Step) -> NotAllowed:
        """The error that `step` cannot be taken now, with the steps that can."""
        steps = [step for step in states.allowed_steps(self.state) if step not in (Step.WAKE, Step.MERGE)]
        allowed = _(", ").join(steps) or _("none")
        return NotAllowed(
            _("Ticket {number} is {state}: {step} is not possible. Possible now: {allowed}.").format(
                number=self.number, state=word(self.state), step=step, allowed=allowed
            )
        )

    def step(self, step: Step) -> State:
        """Take a step of models.states, or raise NotAllowed with those that are allowed."""
        reached = states.after(step, self.state)
        if reached is None:
            raise self.refuse(step)
        at = self.entry.at
        if reached is not State.SNOOZED:
            self.put(snoozed_until=None)
        if reached in (State.RESOLVED, State.CLOSED) and self.value("resolved_at") is None:
            self.put(resolved_at=at)
        if reached is State.CLOSED and self.state is not State.CLOSED:
            self.put(closed_at=at)
        if reached not in (State.RESOLVED, State.CLOSED):
            self.put(resolved_at=None, closed_at=None)
        self.put(state=reached)
        return reached

    @property
    def fields(self) -> dict[str, list[Any]]:
        """What was changed so far, each field with its value before and after: what an undo needs to know."""
        before = ((field, getattr(self.ticket, field), value) for field, value in self._values.items())
        return {field: [then, now] for field, then, now in before if then != now}

    def say(
        self, author: str, visibility: str, body: str, article_id: str | None = None, at: Millis | None = None
    ) -> None:
        """Append a message and its search terms."""
        name = self.entry.actor if author == "agent" else None
        message = Message(
            ticket_number=self.number,
            author=str(author),
            author_name=name,
            visibility=str(visibility),
            body=body,
            at=self.entry.at if at is None else at,
            article_id=article_id,
        )
        self.session.add(message)
        self.session.flush()
        assert message.id is not None
        search_index.add(self.session, [(message.id, index_terms(body))])

    def log(self, kind: str, **detail: Any) -> None:
        """Append an event; the state reached is kept with it, because the clocks are computed from events."""
        self.entry.append(self.number, kind, {**detail, "state": self.state.value})

    def save(self) -> None:
        """Write the row, unless somebody changed it meanwhile, and derive its clocks."""
        self.entry.store()
        self.put(updated_at=self.entry.at, version=self._version + 1)
        if self._expected is not None and self._expected != self._version:
            raise self._conflict()
        done = self.session.execute(
            update(Ticket)
            .where(col(Ticket.number) == self.number, col(Ticket.version) == self._version)
            .values(self._values)
        )
        if getattr(done, "rowcount", 0) != 1:
            raise self._conflict()
        clocks.derive(self.session, self.entry.at, self.number)
        self.session.expire(self.ticket)

    def _conflict(self) -> Conflict:
        mine = {k: v for k, v in self._values.items() if getattr(self.ticket, k) != v and k not in _DERIVED}
        mine = {k: v for k, v in mine.items() if not k.endswith(("_pinned", "_confidence"))}
        theirs = {key: getattr(self.ticket, key) for key in mine} or {"state": self.ticket.state}
        return Conflict(
            _(
                "Ticket {number} was changed meanwhile (version {found}, you saw {expected}). "
                "Theirs: {theirs}. Yours: {mine}. Look with `helpdesk show {number}` and try again."
            ).format(
                number=self.number,
                found=self._version,
                expected=self._expected,
                theirs=_pairs(theirs),
                mine=_pairs(mine) or "-",
            )
        )


_DERIVED = frozenset({"updated_at", "version"})


def _pairs(values: dict[str, Any]) -> str:
    return ", ".join(f"{key}={value}" for key, value in values.items())
