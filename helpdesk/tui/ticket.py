"""One ticket: the conversation, facts and clocks, the best articles with their reasons, what happened to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from textual.containers import Container
from textual.widget import Widget

from helpdesk import clock, words
from helpdesk.i18n import _
from helpdesk.tui import actions
from helpdesk.tui.answer import AnswerScreen
from helpdesk.tui.card_view import CardView
from helpdesk.tui.deeds import Chosen, TicketDeeds
from helpdesk.tui.flow import Flow
from helpdesk.tui.frame import DeskScreen
from helpdesk.tui.jump import Target
from helpdesk.tui.messages import CardRead, Done, NextRead
from helpdesk.views import tickets
from helpdesk.views.tickets import Card, JsonObject

if TYPE_CHECKING:
    from helpdesk.desk import Desk

FINISHING = ("close", "resolve", "spam")
"""Steps after which a ticket counts as done in flow mode."""

LEAVING = (*FINISHING, "snooze", "hold")
"""Steps after which flow mode goes on to the next ticket."""


class TicketScreen(TicketDeeds, DeskScreen):
    """A ticket whole; in flow mode, one ticket after another."""

    place = "ticket"
    BINDINGS: ClassVar[list[Any]] = actions.bindings("ticket")

    def __init__(self, card: Card, flow: Flow | None = None) -> None:
        super().__init__()
        self.card = card
        self._flow = flow

    @property
    def number(self) -> int:
        """The ticket's number."""
        return int(self.card.ticket["number"])

    def body(self) -> Iterable[Widget]:
        """The conversation, and beside it the facts."""
        with Container(id="work"):
            yield CardView(("heading", "conversation"), id="middle")
            yield CardView(("facts", "matches", "events"), id="reading")

    def on_mount(self) -> None:
        """Show the ticket."""
        self.query_one("#middle", CardView).focus()
        self._show(self.card)

    def chosen(self) -> Chosen:
        """This ticket."""
        return Chosen((self.number,), self.card.ticket)

    # reading

    def _read_card(self) -> None:
        number, now = self.number, clock.to_millis(clock.now())
        self.read("card", lambda connection: CardRead(number, tickets.card(connection, number, now)))

    def on_card_read(self, message: CardRead) -> None:
        """Draw the ticket."""
        if message.number == self.number and message.card is not None:
            self._show(message.card)

    def _show(self, card: Card) -> None:
        self.card = card
        for view in self.query(CardView):
            view.show(card)
        title = _("Ticket #{number}").format(number=self.number)
        if self._flow is not None:
            title = _("Flow · #{number} · {counter}").format(number=self.number, counter=self._flow.told())
        self.head(title, f"{words.word(card.ticket['state'])} · {self.helpdesk.office.desk.actor}")

    def store_changed(self) -> None:
        """Read the ticket again."""
        self._read_card()

    # flow

    def _take_next(self) -> None:
        """Read the next ticket; what is typed meanwhile is for that one."""
        if self._flow is not None:
            self.hold()
            self.read("next", self._flow.next_ticket(clock.to_millis(clock.now())))

    def on_next_read(self, message: NextRead) -> None:
        """Show the next ticket, or go back when nothing waits."""
        if message.card is None or self._flow is None:
            self.release()
            self.tell(_("Nothing is waiting for you."))
            self.action_back()
            return
        self._flow.take()
        self._show(message.card)
        self.release()

    def action_next(self) -> None:
        """Pass this ticket over and take the next."""
        if self._flow is None:
            self._flow = Flow(self.helpdesk.wanted)
        self._flow.passed.add(self.number)
        self._take_next()

    def on_done(self, message: Done) -> None:
        """Tell what was done; in flow mode a finished ticket makes way for the next."""
        if message.sentence:
            self.tell(message.sentence)
        if self._flow is not None and message.subject in LEAVING:
            if message.subject in FINISHING:
                self._flow.finish()
            self._flow.passed.add(self.number)
            self._take_next()
        elif message.subject == "suggest":
            self._show(self.card._replace(matches=message.result))
        else:
            self._read_at_once()
            self.release()

    def _read_at_once(self) -> None:
        """Show the ticket as one's own deed has left it, before the next key can act on what it was."""
        card = self.card_of(self.number)
        if card is not None:
            self._show(card)

    # answering

    def action_answer(self, place: int) -> None:
        """Write an answer that begins as the article's."""
        if place >= len(self.card.matches):
            self.tell(_("No article fits; write the answer yourself."))
            if place == 0:
                self._write()
            return
        self._write(article=place)

    def action_reply(self) -> None:
        """Write an answer."""
        self._write()

    def action_note(self) -> None:
        """Write a note."""
        self._write(kind="note")

    def action_receive(self) -> None:
        """Paste what the customer wrote elsewhere."""
        self._write(kind="receive")

    def action_external(self) -> None:
        """Write an answer in the user's own editor."""
        self._write(external=True)

    def _write(self, kind: str = "reply", article: int | None = None, external: bool = False) -> None:
        self.app.push_screen(AnswerScreen(self.card, kind, article, external), lambda _sent: self._read_at_once())

    def action_suggest(self) -> None:
        """Judge what the customer still waits for anew, and show the articles found now."""
        number = self.number

        def deed(desk: Desk) -> list[JsonObject]:
            from helpdesk.desk import conversation

            judged, _text = conversation.suggest(desk, number)
            found = [[m.article, m.probability, m.reasons] for m in judged.matches.found[:3]]
            with desk.store.read() as connection:
                return tickets.matches_of(connection, found)

        self.act("suggest", deed, lambda found: "" if found else _("No article fits."))

    def action_events(self) -> None:
        """Show or hide what happened."""
        facts = self.query_one("#reading", CardView)
        facts.events_shown = not facts.events_shown
        facts.draw_again()
        if facts.events_shown:
            facts.scroll_end(animate=False)

    def action_pane(self) -> None:
        """Between the conversation and the facts: the one with the focus is scrolled by the arrows."""
        conversation, facts = self.query_one("#middle", CardView), self.query_one("#reading", CardView)
        (conversation if facts.has_focus else facts).focus()

    def targets(self) -> Iterator[Target]:
        """A letter on each half."""
        for view in self.query(CardView):
            yield Target(view.region.x, view.region.y, view.focus)

    def action_back(self) -> None:
        """Back to the queue."""
        if self._flow is not None and self._flow.seconds:
            self.tell(self._flow.told())
        self.dismiss()
