"""Writing to a customer: the conversation in view, the answer below, saved each second, sent with one key."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual.app import SuspendNotSupported
from textual.containers import Container, Vertical
from textual.widget import Widget
from textual.widgets import Static, TextArea

from helpdesk import clock, words
from helpdesk.i18n import N_, _
from helpdesk.text import one_line, safe
from helpdesk.tui import actions
from helpdesk.tui.card_view import CardView
from helpdesk.tui.deeds import lost_race
from helpdesk.tui.drawing import plain
from helpdesk.tui.frame import DeskScreen
from helpdesk.tui.messages import CardRead, Done, Failed
from helpdesk.tui.modals import Choose, Read
from helpdesk.tui.text_field import TextField
from helpdesk.views import answers, drafts, tickets
from helpdesk.views.tickets import Card

if TYPE_CHECKING:
    from helpdesk.desk import Desk

SAVE_EVERY = 1.0
"""Seconds between two savings of a text that changes."""

TITLES = {"reply": N_("Answer to #{number}"), "note": N_("Note on #{number}"), "receive": N_("What #{number} wrote")}


class AnswerScreen(DeskScreen):
    """A text to a ticket: a `reply`, a `note`, or a message of the customer to `receive`."""

    place = "editor"
    BINDINGS: ClassVar[list[Any]] = actions.bindings("editor")

    def __init__(self, card: Card, kind: str = "reply", article: int | None = None, external: bool = False) -> None:
        super().__init__()
        self.card = card
        self._kind = kind
        self._begin_with = article
        self._external = external
        self._number: int = card.ticket["number"]
        self._version: int = card.ticket["version"]
        self._article: str | None = None
        self._rendered = ""
        self._saved = ""
        self._warned_of = len(card.messages)
        self._sending = False
        self._keeps = True
        """Whether what is typed here is kept as a draft: not where another window writes the same."""

    @property
    def key(self) -> str:
        """What its draft is kept under."""
        return f"{self._kind}:{self._number}:{self.helpdesk.office.desk.actor}"

    @property
    def area(self) -> TextArea:
        """Where the text is written."""
        return self.query_one("#area", TextArea)

    def body(self) -> Iterable[Widget]:
        """The conversation, the text, and the articles to choose from."""
        with Container(id="work"):
            yield CardView(("heading", "conversation"), id="reading")
            with Vertical(id="middle"):
                yield Static(id="news", markup=False)
                yield TextField(id="area", soft_wrap=True, tab_behavior="focus", show_line_numbers=False)
                yield Static(id="articles", markup=False)

    def on_mount(self) -> None:
        """Draw the ticket; begin with the draft that was left, else with the article."""
        self.query_one("#reading", CardView).show(self.card)
        self.call_after_refresh(lambda: self.query_one("#reading", CardView).scroll_end(animate=False))
        self.head(_(TITLES[self._kind]).format(number=self._number), self._languages())
        self._draw_articles()
        self.area.focus()
        self.set_interval(SAVE_EVERY, self._save)
        self._begin()

    def _begin(self) -> None:
        """Fill in the draft that was left, else the article that was chosen."""
        kept = self.look_up(lambda connection: drafts.one(connection, self.key))
        self._keeps = kept is None or not kept.is_written_elsewhere
        if kept is not None and self._keeps:
            self._article = kept.detail.get("article")
            self._rendered = kept.detail.get("rendered", "")
            self._saved = kept.body
            self._fill(kept.body)
            ago = words.ago(clock.iso(kept.at), clock.to_millis(clock.now()))
            self._tell_news(_("Your draft of {when}; F8 throws it away.").format(when=ago))
        elif self._begin_with is not None:
            self.action_article(self._begin_with)
        if not self._keeps:
            self._tell_news(_("Another window of yours is writing here; what you type in this one is not kept."))
        if self._external:
            self.call_after_refresh(self.action_external)

    def _languages(self) -> str:
        customer = self.card.ticket["customer"] or {}
        who = customer.get("name") or customer.get("handle") or ""
        return " · ".join(filter(None, (one_line(who, 40), self.card.ticket["language"])))

    def _draw_articles(self) -> None:
        shown = Text(no_wrap=True, overflow="ellipsis")
        for place, match in enumerate(self.card.matches[:3]) if self._kind == "reply" else ():
            key = self.helpdesk.keys_of(actions.of("editor")[3 + place])
            mark = "▸" if match["article"] == self._article else " "
            shown.append(f"{mark}{key} {match['probability']:.0%} {one_line(plain(match['question']), 100)}\n")
        shown.rstrip()
        articles = self.query_one("#articles", Static)
        articles.update(shown)
        articles.display = bool(shown)

    def _fill(self, text: str) -> None:
        """Put a text in the place of what is there; undo brings that back."""
        area = self.area
        area.replace(safe(text), (0, 0), area.document.end)
        area.move_cursor(area.document.end)

    def _tell_news(self, sentence: str) -> None:
        news = self.query_one("#news", Static)
        news.update(Text(one_line(plain(sentence), 400)))
        news.display = bool(sentence)

    # drafts

    def _save(self) -> None:
        """Keep what is written, if it changed."""
        text = self.area.text
        if not self._keeps or text == self._saved or self._sending or text == self._rendered:
            return
        self._saved = text
        key, detail = self.key, {"article": self._article, "rendered": self._rendered, "number": self._number}

        def deed(desk: Desk) -> None:
            from helpdesk.desk import drafts

            drafts.keep(desk, key, text, detail)

        self.act("draft", deed, lambda _nothing: "")

    def _forget(self) -> None:
        if not self._keeps:
            return
        key = self.key

        def deed(desk: Desk) -> None:
            from helpdesk.desk import drafts

            drafts.drop(desk, key)

        self.act("forget", deed, lambda _nothing: "")

    # news

    def store_changed(self) -> None:
        """Look whether somebody changed the ticket meanwhile."""
        number, now = self._number, clock.to_millis(clock.now())
        self.read("card", lambda connection: CardRead(number, tickets.card(connection, number, now)))

    def on_card_read(self, message: CardRead) -> None:
        """Show what is new, and say so."""
        card = message.card
        if card is None or card.ticket["version"] == self.card.ticket["version"] or self._sending:
            return
        self.card = card
        view = self.query_one("#reading", CardView)
        view.show(card)
        view.scroll_end(animate=False)
        if self._unseen():
            self._tell_news(_("The customer wrote meanwhile; read it before you send."))
        else:
            self._version = card.ticket["version"]
            actor = card.events[-1]["actor"] if card.events else ""
            self._tell_news(
                _("{actor} changed the ticket meanwhile; it is {state} now.").format(
                    actor=one_line(actor, 40), state=words.word(card.ticket["state"])
                )
            )

    def _unseen(self) -> list[dict[str, Any]]:
        """What the customer wrote since the text was begun, and nobody was warned of."""
        return [m for m in self.card.messages[self._warned_of :] if m["author"] == "customer"]

    # sending

    def action_send(self) -> None:
        """Send it; where the customer wrote meanwhile, ask first."""
        if not self.area.text.strip():
            self.tell(_("There is nothing to send: the text is empty."), error=True)
            return
        if self._sending:
            return
        unseen = self._unseen()
        if not unseen or self._kind != "reply":
            self._send(self._version if self._kind == "reply" else None)
            return

        asked = self.card  # what comes while the question stands is another race

        def answered(name: str | None) -> None:
            if name == "send":
                self._warned_of, self._version = len(asked.messages), asked.ticket["version"]
                self._send(self._version)

        lines = [f"「{one_line(m['body'], 300)}」" for m in unseen[-3:]]
        answer = [("back", _("Back to my text")), ("send", _("Send it all the same"))]
        self.app.push_screen(Choose(_("The customer wrote meanwhile"), lines, answer), answered)

    def _send(self, version: int | None) -> None:
        self._sending = True
        self.hold()
        text, number, article, kind = self.area.text, self._number, self._article, self._kind
        key, as_it_is = self.key if self._keeps else None, article is not None and text == self._rendered

        def deed(desk: Desk) -> tuple[int, str]:
            from helpdesk.desk import conversation, drafts

            if kind == "note":
                said = conversation.note(desk, number, text)
            elif kind == "receive":
                said = conversation.receive(desk, number, text)
            else:
                said = conversation.reply(desk, number, text, expected_version=version, article=article)
            if key is not None:
                drafts.drop(desk, key)
            return said.number, said.state

        def told(said: tuple[int, str]) -> str:
            sentence = _("Ticket {number} is {state} now.").format(number=said[0], state=words.word(said[1]))
            verb = f"answer {said[0]} --article {article}" if as_it_is else f"{kind} {said[0]} …"
            return f"{sentence}\nhelpdesk {verb}"

        self.act("send", deed, told)

    def on_done(self, message: Done) -> None:
        """Sent: back to the ticket."""
        if message.subject == "send":
            self.tell(message.sentence)
            self.helpdesk.look()
            self.release(self.dismiss)

    def failed(self, message: Failed) -> None:
        """A lost race shows both sides; the text stays in any case."""
        self._sending = False
        self.release()
        if message.subject in ("draft", "forget"):
            self._tell_news(_("The draft could not be kept: {reason}").format(reason=message.sentence))
        elif message.conflict:
            self._ask_whose()
        else:
            super().failed(message)

    def _ask_whose(self) -> None:
        number, now, since = self._number, clock.to_millis(clock.now()), self.card.ticket["updated_at"]
        card = self.look_up(lambda connection: tickets.card(connection, number, now))
        if card is None:
            return

        def answered(name: str | None) -> None:
            self.card = card
            self._warned_of, self._version = len(card.messages), card.ticket["version"]
            self.query_one("#reading", CardView).show(card)
            if name == "mine":
                self._send(self._version)

        self.app.push_screen(lost_race(card, since, self.area.text), answered)

    # other ways

    def action_article(self, place: int) -> None:
        """Fill in another article."""
        if self._kind != "reply" or place >= len(self.card.matches):
            return
        number, article = self._number, self.card.matches[place]["article"]
        rendered = self.look_up(lambda connection: answers.render(connection, number, article))
        if rendered is None:
            self.tell(_("There is no article {id}.").format(id=one_line(article, 60)), error=True)
            return
        if self.area.text.strip() and self.area.text != self._rendered:
            self.tell(_("Your text made way for the article; Ctrl+Z brings it back."))
        self._fill(rendered.body)
        self._article, self._rendered = article, self.area.text
        if rendered.state != "published":
            self._tell_news(_("Article {id} is {state}.").format(id=article, state=words.word(rendered.state)))
        self._draw_articles()

    def action_copy(self) -> None:
        """Copy the text through the terminal, and show it for terminals that do not allow that."""
        if not self.is_there:
            return
        text = self.area.text
        self.app.copy_to_clipboard(text)
        title = _("Copied. If it is not in your clipboard, mark it here (hold Shift while you drag).")
        self.app.push_screen(Read(title, text.split("\n")))

    def action_external(self) -> None:
        """Write on in the user's own editor; what it leaves comes back."""
        if not self.is_there:
            return
        with tempfile.TemporaryDirectory(prefix="helpdesk-") as folder:
            file = Path(folder) / f"{self._kind}-{self._number}.txt"
            file.touch(0o600)
            file.write_text(self.area.text, encoding="utf-8")
            problem = self._edit(file)
            if problem:
                self.tell(problem, error=True)
            else:
                self._fill(file.read_text(encoding="utf-8", errors="replace").rstrip("\n"))
        self.app.refresh()

    def _edit(self, file: Path) -> str:
        """Have the user's editor change a file; what went wrong, or nothing."""
        editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
        not_started = _("{editor} could not be started; set EDITOR to another.").format(editor=editor)
        try:
            command = [*shlex.split(editor), str(file)]
            with self.app.suspend():  # whatever is raised in here would leave the terminal to nobody
                try:
                    code = subprocess.run(command, check=False).returncode
                except OSError:
                    return not_started
        except (ValueError, SuspendNotSupported):
            return not_started
        return _("{editor} ended with an error; the text is as it was.").format(editor=editor) if code else ""

    def action_discard(self) -> None:
        """Throw the text away, the draft too."""
        if not self.is_there:
            return
        self._fill("")
        self._article, self._rendered, self._saved = None, "", ""
        self._forget()
        self._tell_news("")
        self._draw_articles()

    def action_back(self) -> None:
        """Back; what is written stays as a draft."""
        if not self.is_there:
            return
        self._save()
        if self.area.text.strip() and self.area.text != self._rendered:
            self.tell(_("Kept as a draft."))
        self.dismiss()
