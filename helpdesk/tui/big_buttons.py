"""Buttons as large as a finger: a key and its word. What cannot be pressed now says so, and why, without colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual import events
from textual.widget import Widget

from helpdesk.i18n import _

if TYPE_CHECKING:
    from helpdesk.tui.actions import Action

CLOSED = "×"
"""What stands in the place of the key of a button that cannot be pressed now."""


class BigButton(Widget, can_focus=True):
    """A button as large as a finger: its key, its word; a click, Enter or the key does it."""

    DEFAULT_CSS = ""

    def __init__(self, action: Action, words: str = "") -> None:
        super().__init__(id=action.id.replace(".", "-"))
        self.action = action
        self._words = words or _(action.words)

    @property
    def is_open(self) -> bool:
        """Whether it can be pressed now."""
        return not self.has_class("closed")

    def allow(self, can: bool) -> None:
        """Let it be pressed from now on, or not: it says so, and the focus passes it by."""
        self.set_class(not can, "closed")
        self.can_focus = can
        self.border_subtitle = None if can else Text(_("not now"))
        self.refresh()

    def render(self) -> Text:
        """The key and the word."""
        key = self.screen.helpdesk.keys_of(self.action) if self.is_open else CLOSED  # type: ignore[attr-defined]
        mark = "▸" if self.has_focus else " "
        return Text.assemble((f"{mark}{key} ", "bold reverse" if self.is_open else ""), f" {self._words}", no_wrap=True)

    async def on_click(self, event: events.Click) -> None:
        """Do it."""
        event.stop()
        await self.press()

    async def on_key(self, event: events.Key) -> None:
        """Enter does it."""
        if event.key == "enter":
            event.stop()
            await self.press()

    async def press(self) -> None:
        """Do it; what cannot be done now tells why by itself, and a screen that was left does nothing more."""
        if self.screen.is_current:
            await self.screen.run_action(self.action.does)
