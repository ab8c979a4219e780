"""What can be done to tickets from a list or from one ticket: one step, one question, one operation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from helpdesk import clock, explanation, words
from helpdesk.errors import UsageProblem
from helpdesk.i18n import N_, _
from helpdesk.models.states import Step, after
from helpdesk.models.vocabulary import State
from helpdesk.text import one_line
from helpdesk.tui import fields
from helpdesk.tui.completion import Words
from helpdesk.tui.frame import Actor
from helpdesk.tui.messages import Failed, TheirsRead
from helpdesk.tui.modals import Ask, Choose, Read
from helpdesk.views import tickets
from helpdesk.views.tickets import Card, JsonObject

if TYPE_CHECKING:
    from helpdesk.desk import Desk
    from helpdesk.desk.steps import Done
    from helpdesk.desk.undoing import Undone

SAMPLE = 5
"""Tickets shown before many are changed."""

QUESTIONS = {
    "close": N_("Close {tickets}?"),
    "resolve": N_("Mark {tickets} as resolved?"),
    "hold": N_("Put {tickets} on hold?"),
    "reopen": N_("Reopen {tickets}?"),
    "spam": N_("Mark {tickets} as spam?"),
    "snooze": N_("Put {tickets} away until later?"),
    "set": N_("Change {tickets}?"),
}


ENDING = ("close", "resolve")
"""Steps that are asked about where nobody has answered yet."""


class Chosen(NamedTuple):
    """The tickets a deed is for; of a single one also what the screen showed of it."""

    numbers: tuple[int, ...]
    seen: JsonObject | None = None

    @property
    def version(self) -> int | None:
        """The version that was on the screen: the deed is done only if it still has that."""
        return self.seen["version"] if self.seen else None

    def as_words(self) -> str:
        """The numbers as a command line has them, shortened."""
        shown = " ".join(map(str, self.numbers[:4]))
        return shown if len(self.numbers) <= 4 else f"{shown} …"


class Deed(NamedTuple):
    """What is to be done to the chosen tickets, and the command line that does the same."""

    kind: str
    do: Callable[[Desk, Chosen, int | None], Done]
    """Does it; to a single ticket only if that has the version given."""
    command: Callable[[Chosen], str]


class TicketDeeds(Actor):
    """The actions on tickets; mixed into the screens that show them."""

    _retry: Callable[[], None] | None = None
    _mine = ""
    _seen: JsonObject | None = None

    def chosen(self) -> Chosen:
        """The tickets the next deed is for."""
        raise NotImplementedError

    def action_move(self, step: str) -> None:
        """Take a step on the chosen tickets."""
        self._sure(_moving(step), self.chosen())

    def action_assign(self) -> None:
        """The actor takes the chosen tickets."""
        self._edit(self.chosen(), "assignee:me")

    def action_set(self) -> None:
        """Ask for fields, then set them."""
        hint = _("category:delivery priority:high mood:negative assignee:me team:x order:x tag:x -tag:x tier:vip")
        self._ask_and(self._edit, _("Set fields of {tickets}"), hint, fields.FieldWords(self.helpdesk.categories))

    def _ask_and(self, do: Callable[[Chosen, str], None], title: str, hint: str, known: Words | None = None) -> None:
        """Ask for words, then do something with them to the chosen tickets."""
        chosen = self.chosen()
        if not chosen.numbers:
            self.tell(_("No ticket."))
            return

        def answered(typed: str | None) -> None:
            if typed:
                do(chosen, typed)

        self.app.push_screen(Ask(title.format(tickets=_named(chosen)), hint, words=known), answered)

    def _edit(self, chosen: Chosen, typed: str) -> None:
        try:
            wanted = fields.parse(typed, self.helpdesk.office.desk.actor, self.helpdesk.categories)
        except UsageProblem as problem:
            self.tell(str(problem), error=True)
            return

        def do(desk: Desk, these: Chosen, version: int | None) -> Done:
            from helpdesk.desk import steps

            return steps.edit(desk, these.numbers, steps.Edit(**wanted), version)

        self._sure(Deed("set", do, lambda these: f"set {these.as_words()} {fields.as_options(wanted)}"), chosen)

    def action_snooze(self) -> None:
        """Ask until when, then put the chosen tickets away."""
        hint = _("2h, 3d, tomorrow, 2026-12-01 or 2026-12-01T09:00")
        self._ask_and(self._snooze, _("Put {tickets} away until"), hint, fields.MomentWords())

    def _snooze(self, chosen: Chosen, typed: str) -> None:
        try:
            until = clock.moment_to_come(typed, clock.now())
        except UsageProblem as problem:
            self.tell(str(problem), error=True)
            return
        self._sure(_moving("snooze", f" --until {one_line(typed, 30)}", until), chosen)

    # sure?

    def _sure(self, deed: Deed, chosen: Chosen) -> None:
        """Do it at once to one ticket somebody has answered; else ask."""
        if not chosen.numbers:
            self.tell(_("No ticket."))
        elif chosen.seen is None:
            self._ask_about_many(deed, chosen)
        elif deed.kind in ENDING and _waits_for_a_word(chosen.seen):
            self._ask_unanswered(deed, chosen, chosen.seen)
        else:
            self._do(deed, chosen, chosen.version)

    def _ask_unanswered(self, deed: Deed, chosen: Chosen, seen: JsonObject) -> None:
        """A key pressed once too often must not end what nobody has answered."""
        answers = [("no", _("Leave it open")), ("yes", _(QUESTIONS[deed.kind]).format(tickets=_named(chosen)))]
        question = _("The customer of {ticket} still waits for an answer.").format(ticket=_named(chosen))
        lines = [one_line(seen["subject"], 200)]
        self._ask_whether(question, lines, answers, lambda: self._do(deed, chosen, chosen.version))

    def _ask_about_many(self, deed: Deed, chosen: Chosen) -> None:
        """Ask with the count, a sample and what is left out; read at once, so that the next key is for the question."""
        now = clock.to_millis(clock.now())
        states = self.look_up(lambda connection: tickets.states(connection, chosen.numbers))
        if states is None:
            return
        able = Chosen(tuple(number for number in chosen.numbers if _can(deed.kind, states.get(number))))
        if not able.numbers:
            self.tell(_("None of them can take this step now."), error=True)
            return
        some, count = able.numbers[:SAMPLE], len(able.numbers)
        sample = self.look_up(lambda connection: [tickets.one(connection, number, now) for number in some])
        lines = [f"#{t['number']}  {words.word(t['state'])}  {one_line(t['subject'], 60)}" for t in sample or () if t]
        if count > len(lines):
            lines.append(_("… and {count} more").format(count=count - len(lines)))
        if count < len(chosen.numbers):
            left = words.tickets(len(chosen.numbers) - count)
            lines.append(_("Left out, because they cannot take this step now: {tickets}").format(tickets=left))
        lines.append(f"helpdesk {deed.command(able)}")
        question = _(QUESTIONS[deed.kind]).format(tickets=words.tickets(count))
        answers = [("yes", _("Yes, all of them, as one operation")), ("no", _("No"))]
        self._ask_whether(question, lines, answers, lambda: self._do(deed, able, None))

    def _ask_whether(
        self, question: str, lines: Sequence[str], answers: Sequence[tuple[str, str]], do: Callable[[], None]
    ) -> None:
        def answered(name: str | None) -> None:
            if name == "yes":
                do()

        self.app.push_screen(Choose(question, lines, answers), answered)

    def _do(self, deed: Deed, chosen: Chosen, version: int | None) -> None:
        command = deed.command(chosen)
        self._retry = lambda: self._do(deed, chosen, None)
        self._mine, self._seen = command, chosen.seen
        self.hold()

        def told(done: Done) -> str:
            return f"{_said(deed.kind, done)}\nhelpdesk {command}"

        self.act(deed.kind, lambda desk: deed.do(desk, chosen, version), told)

    def card_of(self, number: int) -> Card | None:
        """A ticket whole, read at once; None, told, where it is not there."""
        now = clock.to_millis(clock.now())
        card = self.look_up(lambda connection: tickets.card(connection, number, now))
        if card is None:
            self.tell(_("There is no ticket {number}.").format(number=number), error=True)
        return card

    # somebody was faster

    def failed(self, message: Failed) -> None:
        """A lost race is shown as theirs and mine; everything else is said."""
        if not message.conflict or self._seen is None:
            super().failed(message)
            return
        self.release()
        number, now, since = self._seen["number"], clock.to_millis(clock.now()), self._seen["updated_at"]
        self.read("theirs", lambda connection: TheirsRead(tickets.card(connection, number, now), since))

    def on_theirs_read(self, message: TheirsRead) -> None:
        """Ask whose change is to stand."""
        if message.card is None:
            return
        retry = self._retry

        def answered(name: str | None) -> None:
            if name == "mine" and retry is not None:
                retry()

        self.app.push_screen(lost_race(message.card, message.since, f"helpdesk {self._mine}"), answered)

    # the other way

    def action_undo(self) -> None:
        """Show what the actor did last, and what would be put back; then ask."""
        from helpdesk.views import undoing

        actor = self.helpdesk.office.desk.actor
        found = self.look_up(lambda connection: undoing.undoable(connection, actor))
        if found is None:
            return
        lines = [words.put_back(change) for change in found.changes[:SAMPLE]]
        if len(found.changes) > SAMPLE:
            lines.append(_("… and {count} more").format(count=len(found.changes) - SAMPLE))
        question = words.undoable(found, clock.to_millis(clock.now()))
        answers = [("yes", _("Yes, take it back")), ("no", _("No"))]
        self._ask_whether(question, lines, answers, lambda: self._undo(found.operation))

    def _undo(self, operation: int) -> None:
        self._seen = None
        self.hold()

        def deed(desk: Desk) -> Undone:
            from helpdesk.desk import undoing

            return undoing.undo(desk, operation)

        def told(done: Undone) -> str:
            left = [words.left_as_they_are(done.left)] if done.left else []
            return "\n".join((words.undone(done.kind, len(done.tickets)), *left, f"helpdesk undo {operation}"))

        self.act("undo", deed, told)

    # why

    def action_why(self) -> None:
        """Say why the ticket was judged as it was."""
        chosen = self.chosen()
        if chosen.seen is None:
            self.tell(_("Ask this of one ticket; take the marks away first.") if chosen.numbers else _("No ticket."))
            return
        card = self.card_of(chosen.seen["number"])
        if card is not None:
            title = _("Why? Ticket {number}").format(number=card.ticket["number"])
            self.app.push_screen(Read(title, explanation.lines(card)))


def _moving(step: str, option: str = "", until: datetime | None = None) -> Deed:
    """A step of `models.states`."""

    def do(desk: Desk, these: Chosen, version: int | None) -> Done:
        from helpdesk.desk import steps

        return steps.move(desk, Step(step), these.numbers, until=until, expected_version=version)

    return Deed(step, do, lambda these: f"{step} {these.as_words()}{option}")


def _can(kind: str, state: str | None) -> bool:
    """Whether a ticket in a state can take a step, or have its fields set; one that is not there cannot."""
    if state is None or kind == "set":
        return state not in (None, State.MERGED.value)
    return after(Step(kind), State(state)) is not None


def _said(kind: str, done: Done) -> str:
    if len(done.tickets) > 1:
        return _("Changed {tickets}.").format(tickets=words.tickets(len(done.tickets)))
    number, state = done.tickets[0]
    if kind == "set":
        return _("Changed ticket {number}.").format(number=number)
    return _("Ticket {number} is {state} now.").format(number=number, state=words.word(state))


def _waits_for_a_word(ticket: JsonObject) -> bool:
    """Whether the customer waits for an answer: exactly then one of its response clocks runs."""
    return bool(ticket["due"]["first_response"] or ticket["due"]["next_response"])


def _named(chosen: Chosen) -> str:
    return f"#{chosen.numbers[0]}" if len(chosen.numbers) == 1 else words.tickets(len(chosen.numbers))


def lost_race(card: Card, since: str, mine: str) -> Choose:
    """The question whose change is to stand: what others did to a ticket since a time, and what was to be done."""
    now = clock.to_millis(clock.now())
    news = [event for event in card.events if event["at"] > since] or card.events[-1:]
    theirs = [
        f"  {event['actor']} · {words.ago(event['at'], now)} · {words.what_happened(event)}" for event in news[-4:]
    ]
    heard = [message for message in card.messages if message["at"] > since]
    theirs += [f"  「{one_line(message['body'], 120)}」" for message in heard[-2:]]
    title = _("Ticket {number} was changed meanwhile").format(number=card.ticket["number"])
    lines = [_("Theirs:"), *(one_line(line, 300) for line in theirs), _("Mine:"), f"  {one_line(mine, 200)}"]
    answers = [("theirs", _("Leave it as it is now")), ("mine", _("Do mine all the same"))]
    return Choose(title, lines, answers)
