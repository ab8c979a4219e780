"""What the pages of simple mode share: large sentences and texts, a line in which things are said, buttons below."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.containers import Center, Container
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from helpdesk.tui import actions
from helpdesk.tui.big_buttons import BigButton
from helpdesk.tui.drawing import plain, wrap
from helpdesk.tui.frame import DeskScreen
from helpdesk.tui.text_view import Line, TextView

ROOMY = 34
"""Lines of a terminal from which a line of room stands between two lines of text."""


class Sentence(Widget):
    """Sentences, wrapped as Chinese is; as high as they need to be."""

    def __init__(self, text: str = "", id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._text = plain(text)

    def say(self, text: str) -> None:
        """Say something else."""
        self._text = plain(text)
        self.refresh(layout=True)

    def _rows(self, width: int) -> list[str]:
        return [row for line in self._text.split("\n") for row in wrap(line, max(width, 8))] if self._text else []

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The lines it takes."""
        return len(self._rows(width))

    def render(self) -> Text:
        """The lines."""
        return Text("\n".join(self._rows(self.size.width)), no_wrap=True)


class Reading(TextView):
    """A text to read, with room between its lines where there is room; who reads on beyond its end goes on."""

    def _rows(self, width: int) -> list[list[tuple[str, str]]]:
        rows = super()._rows(width)
        if self.app.size.height < ROOMY:
            return rows
        return [spaced for row in rows for spaced in (row, [])][:-1]

    def on_resize(self) -> None:
        """Wrap anew even if only the height is another: the room depends on it."""
        self._width = 0

    def action_scroll_down(self) -> None:
        """One line on, then to what stands below."""
        if self.scroll_offset.y >= self.max_scroll_y:
            raise SkipAction
        super().action_scroll_down()

    def action_scroll_up(self) -> None:
        """One line back, then to what stands above."""
        if self.scroll_offset.y <= 0:
            raise SkipAction
        super().action_scroll_up()


def set_in(text: str) -> list[Line]:
    """Lines of a text from outside, set in below who said it."""
    return [Line((f"  {line}", ""), indent=2) for line in plain(text).split("\n")]


class SimpleScreen(DeskScreen):
    """What the simple screens share: no footer, for the buttons are the keys; nothing is said over anything."""

    HORIZONTAL_BREAKPOINTS = [(0, "-slim"), (48, "-narrow"), (80, "-below")]  # noqa: RUF012 - Textual declares it so
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (16, "-low"), (24, "-high")]  # noqa: RUF012

    def compose(self) -> ComposeResult:
        """Head, and the page in the middle: its texts, the line in which things are said, its buttons."""
        yield Static(id="head", markup=False)
        with Center(id="centre"), Container(id="page"):
            yield from self.body()
            yield Sentence(id="notice")
            with Container(id=f"{self.place}-buttons"):
                yield from self.buttons()

    def buttons(self) -> Iterable[BigButton]:
        """A button for each action of the screen that is meant for one."""
        return [BigButton(action) for action in actions.of(self.place) if action.footer]

    def tell(self, sentence: str, error: bool = False) -> None:
        """Say something in the line kept for it, until something else is said there."""
        notice = self.query_one("#notice", Sentence)
        notice.set_class(error, "error")
        notice.say(sentence[:600])

    def action_before(self) -> None:
        """The button before."""
        self.focus_previous()

    def action_after(self) -> None:
        """The button after."""
        self.focus_next()
