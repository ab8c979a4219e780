"""Every action of a screen with its keys, its words and its command: to read, to filter, to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input, Static

from helpdesk.i18n import N_, _
from helpdesk.tui import actions
from helpdesk.tui.actions import Action
from helpdesk.tui.drawing import fit
from helpdesk.tui.frame import DeskModal
from helpdesk.tui.line_list import LineList, Piece


class ActionList(LineList):
    """The actions that fit what was typed."""

    def __init__(self, keys_of: dict[str, str], id: str | None = None) -> None:
        super().__init__(id=id)
        self.actions: list[Action] = []
        self._keys = keys_of

    def length(self) -> int:
        """How many there are."""
        return len(self.actions)

    def row(self, index: int, width: int) -> Sequence[Piece]:
        """Key, words, what it does, and the command that does the same."""
        action = self.actions[index]
        verb = f"helpdesk {action.verb}" if action.verb else ""
        told = max(width - 51, 0)
        return [
            Piece(fit(self._keys[action.id], 11, right=True) + "  ", "line--mark"),
            Piece(fit(_(action.words), 16) + " "),
            Piece(fit(_(action.tooltip), told) + " ", "line--dim"),
            Piece(fit(verb, 20), "line--accent"),
        ]


class Palette(DeskModal[Action | None]):
    """The actions of a screen and those that work everywhere; Enter does the one under the cursor."""

    BINDINGS: ClassVar[list[Any]] = [
        Binding("escape", "leave", N_("Back"), show=False),
        Binding("down", "step(1)", show=False, priority=True),
        Binding("up", "step(-1)", show=False, priority=True),
    ]

    def __init__(self, title: str, places: Sequence[str]) -> None:
        super().__init__()
        self._title, self._places = title, places

    def compose(self) -> ComposeResult:
        """The line to filter by, and the list."""
        self._all = [action for place in self._places for action in actions.of(place)]
        keys_of = {action.id: self.helpdesk.keys_of(action) for action in self._all}
        with Vertical(classes="sheet"):
            yield Static(Text(self._title), classes="title", markup=False)
            yield Input(placeholder=_("Type to filter"), compact=True, id="typed")
            yield ActionList(keys_of, id="actions")
            yield Static(Text(_("Enter does it, Esc goes back.")), classes="hint", markup=False)

    def on_mount(self) -> None:
        """All of them."""
        self._filter("")

    def _filter(self, typed: str) -> None:
        found = self.query_one("#actions", ActionList)
        found.actions = list(actions.find(self._all, typed))
        found.cursor = 0
        found.rows_changed()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Fewer as more is typed."""
        self._filter(event.value)

    def on_input_submitted(self) -> None:
        """Do the one under the cursor."""
        found = self.query_one("#actions", ActionList)
        if found.actions:
            self.dismiss(found.actions[found.cursor])

    def on_line_list_chosen(self) -> None:
        """Do the one that was clicked."""
        self.on_input_submitted()

    def on_key(self, event: events.Key) -> None:
        """A letter typed over the list goes into the line."""
        line = self.query_one("#typed", Input)
        if event.is_printable and event.character and not line.has_focus:
            line.focus()
            line.insert_text_at_cursor(event.character)
            event.stop()

    def action_step(self, by: int) -> None:
        """Move the cursor of the list while the line keeps the keys."""
        found = self.query_one("#actions", ActionList)
        (found.action_down if by > 0 else found.action_up)()

    def action_leave(self) -> None:
        """Do nothing."""
        self.dismiss(None)
