"""The foot of a screen: the few keys that matter there, and for some seconds what was just done or went wrong.

It is said here and not over the text, because a line that Textual lays over others loses every wide character that an
edge below it runs through.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from rich.cells import cell_len
from rich.text import Text
from textual.widget import Widget

from helpdesk.i18n import _
from helpdesk.text import one_line
from helpdesk.tui import actions
from helpdesk.tui.drawing import plain, wrap
from helpdesk.tui.styles import style_of

if TYPE_CHECKING:
    from helpdesk.tui.app import HelpdeskApp
    from helpdesk.tui.frame import DeskScreen

MOST_LINES = 4
"""Lines that what is said may take."""

GAP = "  "
"""What stands behind a word; behind the last there is nothing to be kept apart."""

LONGEST = 600
"""Characters of a sentence that are said."""


class Said(NamedTuple):
    """A sentence at the foot of the screen, and whether it tells of something that went wrong."""

    sentence: str = ""
    wrong: bool = False


NEEDED = (".help", ".back")
"""The actions a footer tells however narrow it is."""


class Footer(Widget):
    """The few keys that matter on this screen, each a button with its word."""

    def __init__(self, place: str) -> None:
        super().__init__()
        self._place = place
        self._spans: list[tuple[int, int, actions.Action]] = []
        self._lines: list[str] = []

    @property
    def _app(self) -> HelpdeskApp:
        return cast("HelpdeskApp", self.app)

    def on_mount(self) -> None:
        """What was said on the way here is said here too."""
        self.say()

    def on_resize(self) -> None:
        """Wrap anew."""
        self.say()

    def say(self) -> None:
        """Say what is to be said now, with as many lines as it takes; the keys again where that is nothing."""
        self._lines = self._said_lines()
        height = max(len(self._lines), 1)
        if height != self.size.height:
            self.styles.height = height
        self.refresh()

    def _said_lines(self) -> list[str]:
        width = self.size.width or self.app.size.width
        told = [one_line(line, LONGEST) for line in plain(self._app.said.sentence[:LONGEST]).split("\n") if line]
        joined = " · ".join(told)
        if cell_len(joined) + 2 <= width:
            return [joined] if joined else []
        return [row for line in told for row in wrap(line, max(width - 2, 8))][:MOST_LINES]

    def render(self) -> Text:
        """What is said; else the keys and words, of which what does not fit is left away whole."""
        if self._lines:
            self._spans = []
            style = self._style("footer--error" if self._app.said.wrong else "footer--success")
            return Text("\n".join(f" {line}" for line in self._lines), style=style, no_wrap=True)
        return self._keys()

    def _keys(self) -> Text:
        line, self._spans = Text(no_wrap=True), []
        for action, key, told in self._fitting(list(self._told()), self.size.width):
            begin = line.cell_len
            line.append(key, style=self._style("footer--key"))
            line.append(told, style=self._style("footer--word"))
            self._spans.append((begin, line.cell_len, action))
        return line

    def _told(self) -> Iterator[tuple[actions.Action, str, str]]:
        """The actions that are told here, with their keys and words."""
        for action in [*actions.of(self._place), *actions.of(actions.EVERYWHERE)]:
            key = self._app.keys_of(action) if action.footer else ""
            if key and self._belongs(action):
                yield action, f" {key} ", f"{_(action.words)}{GAP}"

    @staticmethod
    def _fitting(told: list[tuple[actions.Action, str, str]], room: int) -> list[tuple[actions.Action, str, str]]:
        """As many as fit, the last left away first."""
        while sum(cell_len(key + words) for _action, key, words in told) > room + len(GAP):
            spare = [place for place, (action, _key, _words) in enumerate(told) if not action.id.endswith(NEEDED)]
            if not spare:
                break
            del told[spare[-1]]
        return told

    def _belongs(self, action: actions.Action) -> bool:
        """Whether an action is told here: from a ticket nobody goes elsewhere, and who writes types letters."""
        if action.place != actions.EVERYWHERE or self._place in actions.HUBS:
            return True
        return action.id == "app.help" and self._place not in actions.WRITING

    def _style(self, name: str) -> Any:
        return style_of(self, name)

    async def on_click(self, event: Any) -> None:
        """A click on a word does it; one on what is said has read it; a screen that was left does nothing more."""
        if not self.screen.is_current:
            return
        if self._lines:
            self._app.say("")
            return
        for begin, end, action in self._spans:
            if begin <= event.x < end:
                await self._app.do(action, cast("DeskScreen", self.screen))
