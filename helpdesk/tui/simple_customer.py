"""Simple mode (长辈模式): one customer at a time, a few large buttons with words, no panes, much room."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.widget import Widget
from textual.widgets import TextArea

from helpdesk import clock, words
from helpdesk.i18n import _, _n
from helpdesk.text import one_line, safe
from helpdesk.tui import actions, next_customer
from helpdesk.tui.big_buttons import BigButton
from helpdesk.tui.drawing import plain
from helpdesk.tui.messages import CardRead, CustomerRead, Done, Failed, TheirsRead
from helpdesk.tui.next_customer import draft_key, is_answered
from helpdesk.tui.simple_answer import AnswerSheet
from helpdesk.tui.simple_page import Reading, Sentence, SimpleScreen, set_in
from helpdesk.tui.simple_questions import SimpleRace, SimpleUnanswered
from helpdesk.tui.text_view import Line
from helpdesk.views import tickets

if TYPE_CHECKING:
    from helpdesk.desk import Desk
    from helpdesk.views.tickets import Card

SAVE_EVERY = 1.0
"""Seconds between two savings of a text that changes."""

LOOK_FIRST = 0.5
"""Seconds something new must have been on the screen before anything is sent or closed."""

MOST_MESSAGES = 6


class SimpleCustomer(SimpleScreen):
    """One customer: what they wrote, the answer that fits, six buttons."""

    place = "customer"
    BINDINGS: ClassVar[list[Any]] = actions.bindings("customer")

    def __init__(self) -> None:
        super().__init__()
        self._skipped: set[int] = set()
        self._found: CustomerRead | None = None
        self._version = self._heard = 0
        self._mine: Callable[[], None] = self._next
        self._choice = 0
        self._sent = False
        self._last_sent = ""
        self._answered = False
        self._busy = False
        self._done = 0
        self._kept = ""
        self._unseen, self._new_at = "", 0.0

    def body(self) -> Iterable[Widget]:
        """The customer's words, and the answer."""
        yield Sentence(id="who")
        yield Reading(id="said")
        yield Sentence(id="answer-title")
        yield AnswerSheet(id="answer-sheet")

    def on_mount(self) -> None:
        """The first customer; from then on what is written is kept."""
        self._next()
        self.set_interval(SAVE_EVERY, self._keep)

    # one customer after another

    def _next(self) -> None:
        skipped, now, actor = set(self._skipped), clock.to_millis(clock.now()), self._actor
        self._busy = True
        self.read("customer", lambda connection: next_customer.first(connection, skipped, now, actor))

    def _again(self, number: int) -> None:
        """The same customer as the ticket is now; the next where nobody waits there any more."""
        now, actor = clock.to_millis(clock.now()), self._actor
        self._busy = True
        self.read("customer", lambda connection: next_customer.again(connection, number, now, actor))

    def on_customer_read(self, message: CustomerRead) -> None:
        """Show the customer."""
        before = self._card.ticket["number"] if self._card is not None else None
        self._found, self._choice, self._busy = message, 0, False
        self._sent, self._last_sent, self._answered = False, "", False
        done = _n("{count} done", "{count} done", self._done).format(count=self._done)
        self.head(_("Simple mode"), done if self._done else "")
        if message.card is None:
            self._show_nobody()
        else:
            same = message.card.ticket["number"] == before
            self._show(message.card)
            self._have_looked_at(_("Look first, then press again.") if same else _("A new customer: look first."))
        self._allow()
        self._rest()

    def _show_nobody(self) -> None:
        self.query_one("#who", Sentence).say(_("Nobody waits any more."))
        self.query_one("#said", Reading).put([])
        self._fill("", "")

    def _show(self, card: Card) -> None:
        ticket, now = card.ticket, clock.to_millis(clock.now())
        customer = ticket["customer"] or {}
        name = customer.get("name") or customer.get("handle") or _("A customer")
        who = f"{one_line(plain(name), 40)} · {words.ago(ticket['created_at'], now)} · #{ticket['number']}"
        self.query_one("#who", Sentence).say(who)
        self._version, self._heard = ticket["version"], len(card.messages)
        self._show_conversation(card)
        self._offer()

    def _show_conversation(self, card: Card) -> None:
        self._answered = is_answered(card)
        lines: list[Line] = []
        for message in [m for m in card.messages if m["visibility"] == "public"][-MOST_MESSAGES:]:
            by = _("The customer wrote:") if message["author"] == "customer" else _("We wrote:")
            lines += [Line.of(by, "text--strong"), *set_in(words.shown(message["body"]))]
        said = self.query_one("#said", Reading)
        said.put(lines)
        self.call_after_refresh(said.scroll_end, animate=False)

    def _offer(self) -> None:
        assert self._found is not None
        if self._found.draft is not None:
            self._fill(_("You were writing this:"), self._found.draft.body)
        elif not self._found.offers:
            self._fill(_("No answer fits. Please write one:"), "")
        else:
            title = _("Answer {place} of {count} that may fit:").format(
                place=self._choice + 1, count=len(self._found.offers)
            )
            self._fill(title, self._found.offers[self._choice][1])

    def _fill(self, title: str, answer: str) -> None:
        self._title(title)
        self._sheet.show(answer)

    def _title(self, title: str) -> None:
        self.query_one("#answer-title", Sentence).say(title)

    @property
    def _card(self) -> Card | None:
        return self._found.card if self._found is not None else None

    @property
    def _sheet(self) -> AnswerSheet:
        return self.query_one("#answer-sheet", AnswerSheet)

    # what can be done now

    def _allow(self) -> None:
        """Show of each button whether it can be pressed."""
        for button in self.query(BigButton):
            button.allow(not self._why_not(button.action.does))

    def _why_not(self, name: str) -> str:
        """Why something cannot be done as things stand, in a sentence; empty where it can."""
        if name != "back" and self._card is None:
            return _("Nobody waits any more. To go back, press {key}.").format(key=self._key("back"))
        if name in ("send", "other") and self._sent:
            return _("It is sent already. To write more, press {key}.").format(key=self._key("write"))
        if name == "other" and len(self._found.offers if self._found else ()) < 2:
            return _("There is no other answer. To write one yourself, press {key}.").format(key=self._key("write"))
        return ""

    def _key(self, name: str) -> str:
        return self.helpdesk.keys_of(self.query_one(f"#customer-{name}", BigButton).action)

    def _may(self, name: str) -> bool:
        """Whether something can be done at this moment; if not, why is said."""
        reason = _("One moment …") if self._busy else self._why_not(name)
        if not reason and name in ("send", "solved") and time.monotonic() - self._new_at < LOOK_FIRST:
            reason = self._unseen
        self.tell(reason)
        return not reason

    def _have_looked_at(self, sentence: str) -> None:
        """Something new is on the screen: what is pressed before it can have been seen was not meant for it."""
        self._unseen, self._new_at = sentence, time.monotonic()

    def _rest(self) -> None:
        """Put the focus where Enter sends and closes nothing."""
        if getattr(self.focused, "id", None) not in ("customer-skip", "customer-back"):
            self.query_one("#said", Reading).focus()

    def on_key(self, event: events.Key) -> None:
        """Enter on what is only read says what to do instead."""
        if event.key == "enter":
            self.tell(_("Press one of the numbers below, or choose a button with the arrow keys."))

    # what is written

    @property
    def _actor(self) -> str:
        return self.helpdesk.office.desk.actor

    @property
    def _is_own(self) -> bool:
        """Whether what stands in the answer is not simply the article that is offered."""
        offers = self._found.offers if self._found is not None else []
        return not offers or safe(offers[self._choice][1]) != self.query_one("#answer", TextArea).text

    def _keep(self) -> None:
        """Keep what is being written, if it changed; the full screens offer it again too."""
        area = self._sheet.area
        if area.read_only or self._busy or area.text == self._kept or self._card is None:
            return
        self._kept = area.text
        self._keep_draft("draft", self._card.ticket["number"], area.text)

    def _keep_draft(self, subject: str, number: int, text: str) -> None:
        key = draft_key(number, self._actor)

        def deed(desk: Desk) -> None:
            from helpdesk.desk import drafts

            if text.strip():
                drafts.keep(desk, key, text, {"number": number})
            else:
                drafts.drop(desk, key)

        self.act(subject, deed, lambda _nothing: "")

    def _end_writing(self) -> None:
        """What was written is shown as it will be read; where nothing was, what stood there before."""
        if not self._sheet.is_written_in or self._found is None:
            return
        self._keep()
        self._sheet.end_writing()
        if self._sheet.area.text.strip():
            if self._is_own:
                self._title(_("You wrote this. It is not sent yet:"))
        elif self._last_sent:
            self._show_sent()
        else:
            self._found.draft = None
            self._offer()
        self._allow()

    def _show_sent(self) -> None:
        self._sent = True
        self._fill(_("Sent. Is it solved?"), self._last_sent)

    # what can be done

    def action_send(self) -> None:
        """Send what stands in the answer."""
        if not self._may("send"):
            return
        if self._sheet.area.text.strip():
            self._send()
        else:
            self.action_write()

    def _send(self) -> None:
        assert self._found is not None and self._found.card is not None
        ticket, body = self._found.card.ticket, self._sheet.area.text
        article = self._found.offers[self._choice][0] if self._found.offers else None
        number, version, key = ticket["number"], self._version, draft_key(ticket["number"], self._actor)

        def deed(desk: Desk) -> int:
            from helpdesk.desk import conversation, drafts

            conversation.reply(desk, number, body, expected_version=version, article=article)
            drafts.drop(desk, key)
            return int(number)

        self._busy, self._mine = True, self._send
        self.act("send", deed, lambda _number: "")

    def action_other(self) -> None:
        """The next answer that may fit."""
        if self._may("other") and self._found is not None:
            self._end_writing()
            self._choice = (self._choice + 1) % len(self._found.offers)
            self._found.draft = None
            self._offer()

    def action_write(self) -> None:
        """Write into the answer; after one was sent, a further one."""
        if not self._may("write"):
            return
        if self._sent:
            self._sent = False
            self._sheet.show("")
        self._kept = self._sheet.area.text
        self._sheet.write()
        self._title(_("Write here. {send} sends it, Esc goes back to the buttons.").format(send="Ctrl+S"))
        self._allow()

    def action_solved(self) -> None:
        """Close, then the next customer; ask first where nobody answered this one."""
        if not self._may("solved") or self._card is None:
            return
        self._end_writing()
        if self._answered:
            self._close()
            return

        def decided(name: str | None) -> None:
            if name == "close":
                self._close()
            else:
                self._have_looked_at(_("Look first, then press again."))

        self.app.push_screen(SimpleUnanswered(self._card), decided)

    def _close(self) -> None:
        assert self._card is not None
        number, version = self._card.ticket["number"], self._version

        def deed(desk: Desk) -> int:
            from helpdesk.desk import steps
            from helpdesk.models.states import Step

            steps.move(desk, Step.CLOSE, [number], expected_version=version)
            return int(number)

        self._busy, self._mine = True, self._close
        self.act("close", deed, lambda _number: _("Solved and closed."))

    def action_skip(self) -> None:
        """The next customer; this one waits until the end."""
        if self._may("skip") and self._card is not None:
            self._end_writing()
            self._skipped.add(self._card.ticket["number"])
            self._next()

    def action_back(self) -> None:
        """From the text to the buttons, from there to the beginning."""
        if self._sheet.is_written_in:
            self._end_writing()
            self._rest()
        else:
            self.dismiss()

    def on_done(self, message: Done) -> None:
        """Sent: ask whether it is solved. Closed: the next."""
        if message.subject == "draft":
            return
        self._busy = False
        if message.subject == "kept" and self._card is not None:
            self._again(self._card.ticket["number"])
            return
        self.tell(message.sentence)
        if message.subject == "close":
            self._done += 1
            self._next()
            return
        # what was sent; whatever else happened makes it a race when the ticket is closed
        self._version, self._heard = self._version + 1, self._heard + 1
        self._last_sent, self._answered = self._sheet.area.text, True
        self._show_sent()
        self._have_looked_at(_("It is sent. Look first, then press again."))
        self._allow()
        self._rest()
        self.store_changed()

    # what others do meanwhile

    def store_changed(self) -> None:
        """See whether the customer wrote again."""
        if self._card is None:
            return
        number, now = self._card.ticket["number"], clock.to_millis(clock.now())
        self.read("news", lambda connection: CardRead(number, tickets.card(connection, number, now)))

    def on_screen_resume(self) -> None:
        """Back from a question: what came meanwhile is shown now."""
        self.store_changed()

    def on_card_read(self, message: CardRead) -> None:
        """Show what is new on this ticket and say so; what is being written stays as it is."""
        card, known = message.card, self._card
        if self._found is None or known is None or card is None or self._busy or not self.is_current:
            return
        if message.number != known.ticket["number"] or card.ticket["version"] == known.ticket["version"]:
            return
        self._found.card = card
        self._show_conversation(card)
        if card.ticket["version"] != self._version:
            self._tell_news(card)

    def _tell_news(self, card: Card) -> None:
        """What only the customer added is no race once it was seen; all else is asked about before anything is done."""
        news, changes = card.messages[self._heard :], card.ticket["version"] - self._version
        if len(news) == changes and all(message["author"] == "customer" for message in news):
            self._version, self._heard = card.ticket["version"], len(card.messages)
            self._have_looked_at(_("The customer wrote again: read it first."))
            self.tell(_("The customer wrote again; it stands above."))
            if self._sent:
                self._title(_("This was sent before the customer wrote again:"))
        else:
            actor = one_line(plain(card.events[-1]["actor"]), 40) if card.events else ""
            self.tell(_("{actor} did something here meanwhile.").format(actor=actor))

    def failed(self, message: Failed) -> None:
        """A lost race is shown as theirs and mine; else say why. What was written stays."""
        if message.conflict and self._card is not None:
            number, since = self._card.ticket["number"], self._card.ticket["updated_at"]
            now = clock.to_millis(clock.now())
            self.read("theirs", lambda connection: TheirsRead(tickets.card(connection, number, now), since))
            return
        self._busy = False
        super().failed(message)

    def on_theirs_read(self, message: TheirsRead) -> None:
        """Somebody was faster: ask whose change is to stand."""
        self._busy = False
        if message.card is None:
            self._next()
            return
        card, mine, closing = message.card, self._mine, self._mine == self._close
        written = "" if closing else self._sheet.area.text

        def decided(name: str | None) -> None:
            self._version, self._heard = card.ticket["version"], len(card.messages)
            if name == "mine":
                mine()
            else:
                self._leave_it(card.ticket["number"], written)

        self.app.push_screen(SimpleRace(card, card.messages[self._heard :], written, closing), decided)

    def _leave_it(self, number: int, written: str) -> None:
        """Show the customer anew; what was written is kept before, so that it stands there again."""
        if not written or not self._is_own:
            self._again(number)
            return
        self._busy = True
        self._keep_draft("kept", number, written)
