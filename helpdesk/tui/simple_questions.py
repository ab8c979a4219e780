"""The questions of simple mode: what happened, and two large buttons, the first of which changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from textual.containers import VerticalScroll
from textual.widget import Widget

from helpdesk import clock, words
from helpdesk.i18n import _
from helpdesk.text import one_line
from helpdesk.tui import actions
from helpdesk.tui.big_buttons import BigButton
from helpdesk.tui.drawing import plain
from helpdesk.tui.simple_page import Sentence, SimpleScreen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from helpdesk.views.tickets import Card, JsonObject


class SimpleQuestion(SimpleScreen):
    """A title, what there is to know, two buttons; nothing is done by who only presses Enter."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title

    def on_mount(self) -> None:
        """The focus on the first button."""
        self.head(_("Simple mode"))
        self.query_one("#who", Sentence).say(self._title)
        self.query(BigButton).first().focus()


class SimpleRace(SimpleQuestion):
    """Somebody was faster: what they did, what was to be done, and two buttons; "mine" or "theirs" is the result."""

    place = "race"
    BINDINGS: ClassVar[list[Any]] = actions.bindings("race")

    def __init__(self, card: Card, news: Sequence[JsonObject], written: str, closing: bool) -> None:
        super().__init__(_("There is news of #{number}").format(number=card.ticket["number"]))
        self._card, self._news, self._written, self._to_close = card, news, written, closing

    def body(self) -> Iterable[Widget]:
        """What happened, and what did not."""
        yield Sentence(id="who")
        yield Sentence(_("Meanwhile:"), classes="side")
        with VerticalScroll(id="theirs", can_focus=False):
            yield Sentence("\n".join(self._theirs()), id="theirs-text")
        yield Sentence(self._not_done(), classes="side")
        if self._written:
            with VerticalScroll(id="mine", can_focus=False):
                yield Sentence(words.shown(self._written), id="mine-text")

    def buttons(self) -> Iterable[BigButton]:
        """Back, or on with what was to be done."""
        anyway = _("Close it anyway") if self._to_close else _("Send it anyway")
        theirs, mine = (action for action in actions.of(self.place) if action.footer)
        return [BigButton(theirs), BigButton(mine, anyway)]

    def _not_done(self) -> str:
        return _("You wanted to close it. It is not closed.") if self._to_close else _("Your answer is not sent:")

    def _theirs(self) -> Iterator[str]:
        """What the customer wrote; else who did something and how it stands now."""
        if not any(message["author"] == "customer" for message in self._news):
            yield from self._deeds()
        for message in self._news[-2:]:
            yield _("The customer wrote:") if message["author"] == "customer" else _("We wrote:")
            yield f"  {words.shown(message['body'])}"

    def _deeds(self) -> Iterator[str]:
        card, now = self._card, clock.to_millis(clock.now())
        for event in card.events[-1:]:
            yield _("{actor}, {ago}: it is {state} now.").format(
                actor=one_line(plain(event["actor"]), 40),
                ago=words.ago(event["at"], now),
                state=words.word(event["detail"].get("state", card.ticket["state"])),
            )

    def action_theirs(self) -> None:
        """Leave it as it is."""
        self.dismiss("theirs")

    def action_mine(self) -> None:
        """Do it all the same."""
        self.dismiss("mine")


class SimpleUnanswered(SimpleQuestion):
    """A ticket is to be closed whose customer had the last word: whether to; "close" or "leave" is the result."""

    place = "unanswered"
    BINDINGS: ClassVar[list[Any]] = actions.bindings("unanswered")

    def __init__(self, card: Card) -> None:
        super().__init__(_("This customer still waits for an answer."))
        self._card = card

    def body(self) -> Iterable[Widget]:
        """What nobody answered yet, and the question."""
        yield Sentence(id="who")
        yield Sentence(_("The customer wrote:"), classes="side")
        with VerticalScroll(id="theirs", can_focus=False):
            yield Sentence(self._last_words(), id="theirs-text")
        yield Sentence(_("Close it all the same?"), classes="side")

    def _last_words(self) -> str:
        said = [message["body"] for message in self._card.messages if message["author"] == "customer"]
        return words.shown(said[-1]) if said else ""

    def action_leave(self) -> None:
        """It stays open."""
        self.dismiss("leave")

    def action_close(self) -> None:
        """Close it."""
        self.dismiss("close")
