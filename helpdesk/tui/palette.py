"""Actions with their keys, their words and their commands, a screen's own or all: to read, to filter, to do."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, ClassVar, NamedTuple

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input, Static

from helpdesk.i18n import N_, _
from helpdesk.tui import actions
from helpdesk.tui.actions import GONE_TO, PLACES, Action
from helpdesk.tui.drawing import fit, wrap
from helpdesk.tui.frame import DeskModal
from helpdesk.tui.line_list import LineList, Piece

KEY, VERB = 8, 20
"""Cells of the keys and of the commands."""

WITH_COMMANDS = 96
"""Cells a list must have to show the commands too."""

SENTENCE = 40
"""Cells a sentence must have beside the words; with fewer it stands below them."""


class _Row(NamedTuple):
    """A line of the list: the place of its action, and what stands there."""

    action: int
    is_first: bool
    pieces: Sequence[Piece]


class ActionList(LineList):
    """The actions that fit what was typed; what does not fit on one line goes on on the next."""

    def __init__(self, here: Collection[str], keys_of: dict[str, str], id: str | None = None) -> None:
        super().__init__(id=id)
        self.actions: list[Action] = []
        self._here, self._keys = here, keys_of
        self._rows: list[_Row] = []

    def show(self, found: Sequence[Action]) -> None:
        """Show actions, the cursor on the first."""
        self.actions, self.cursor = list(found), 0
        self._lay_out()
        self.scroll_to(y=0, animate=False, immediate=True)

    @property
    def chosen(self) -> Action | None:
        """The action under the cursor."""
        return self.actions[self._rows[self.cursor].action] if self._rows else None

    def length(self) -> int:
        """How many lines there are."""
        return len(self._rows)

    def is_row(self, index: int) -> bool:
        """Whether an action begins there."""
        return self._rows[index].is_first

    def row(self, index: int, width: int) -> Sequence[Piece]:
        """A line."""
        return self._rows[index].pieces

    def point(self, index: int, tell: bool = True) -> None:
        """Put the cursor on an action, and all of its lines on the screen."""
        super().point(index, tell)
        last = self.cursor
        while last + 1 < len(self._rows) and not self.is_row(last + 1):
            last += 1
        if last >= self.scroll_offset.y + self.rows_shown:
            self.scroll_to(y=last - self.rows_shown + 1, animate=False, immediate=True)

    def on_resize(self) -> None:
        """Lines are broken anew; the cursor stays with its action."""
        held = self._rows[self.cursor].action if self._rows else 0
        self._lay_out()
        self.cursor = next((at for at, row in enumerate(self._rows) if row.action == held), 0)
        self.point(self.cursor, tell=False)

    def _lay_out(self) -> None:
        width = self.size.width
        names = max((cell_len(_(action.words)) for action in self.actions), default=0) + 2
        self._rows = [
            _Row(place, not at, pieces)
            for place, action in enumerate(self.actions)
            for at, pieces in enumerate(self._lines(action, width, names))
        ]
        self.rows_changed()

    def _lines(self, action: Action, width: int, names: int) -> Iterator[Sequence[Piece]]:
        """Key, words, what it does, and the command that does the same where there is room for it."""
        key = Piece(
            fit(self._keys[action.id] if self._is_here(action) else "", KEY - 2, right=True) + "  ", "line--mark"
        )
        name = Piece(fit(_(action.words), names), "" if self._can_be_done(action) else "line--dim")
        verb = f"helpdesk {action.verb}" if action.verb and width >= WITH_COMMANDS else ""
        room = width - KEY - names - (VERB + 1 if width >= WITH_COMMANDS else 0)
        if room >= SENTENCE:
            first, *more = wrap(self._sentence(action), room)
            yield key, name, Piece(fit(first, room) + " " * bool(verb), "line--dim"), Piece(verb, "line--accent")
            indent = KEY + names
        else:
            more, indent = [*wrap(self._sentence(action), max(width - KEY, 20))], KEY
            yield key, name
        for line in more:
            yield Piece(" " * indent), Piece(line, "line--dim")

    def _sentence(self, action: Action) -> str:
        if self._is_here(action):
            return _(action.tooltip)
        return _("{screen}: {sentence}").format(screen=_(PLACES[action.place]), sentence=_(action.tooltip))

    def _is_here(self, action: Action) -> bool:
        return action.place in self._here

    def _can_be_done(self, action: Action) -> bool:
        return self._is_here(action) or action.place in GONE_TO


class Palette(DeskModal[Action | None]):
    """Actions to find by their words: Enter does the one under the cursor, or says where it is done."""

    BINDINGS: ClassVar[list[Any]] = [
        Binding("escape", "leave", N_("Back"), show=False),
        Binding("down", "step('down')", show=False, priority=True),
        Binding("up", "step('up')", show=False, priority=True),
        Binding("pagedown", "step('page_down')", show=False, priority=True),
        Binding("pageup", "step('page_up')", show=False, priority=True),
    ]

    def __init__(self, title: str, here: Sequence[str], elsewhere: Sequence[str] = ()) -> None:
        super().__init__()
        self._title, self._here, self._elsewhere = title, here, elsewhere

    def compose(self) -> ComposeResult:
        """The line to filter by, and the list."""
        self._all = [action for place in (*self._here, *self._elsewhere) for action in actions.of(place)]
        keys_of = {action.id: self.helpdesk.keys_of(action) for action in self._all}
        with Vertical(classes="sheet"):
            yield Static(Text(self._title), classes="title", markup=False)
            yield Input(placeholder=_("Type to filter"), compact=True, id="typed")
            yield ActionList(self._here, keys_of, id="actions")
            yield Static(Text(_("Enter does it, Esc goes back.")), classes="hint", id="hint", markup=False)

    def on_mount(self) -> None:
        """All of them."""
        self._filter("")

    def _filter(self, typed: str) -> None:
        self.query_one("#actions", ActionList).show(list(actions.find(self._all, typed)))
        self.query_one("#hint", Static).update(Text(_("Enter does it, Esc goes back.")))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Fewer as more is typed."""
        self._filter(event.value)

    def on_input_submitted(self) -> None:
        """Do the one under the cursor."""
        action = self.query_one("#actions", ActionList).chosen
        if action is None:
            return
        if action.place in (*self._here, *GONE_TO):
            self.dismiss(action)
        else:
            said = _("That is done on the screen “{screen}”: open one first.").format(screen=_(PLACES[action.place]))
            self.query_one("#hint", Static).update(Text(said))

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

    async def action_step(self, way: str) -> None:
        """Move the cursor of the list while the line keeps the keys."""
        await self.query_one("#actions", ActionList).run_action(way)

    def action_leave(self) -> None:
        """Do nothing."""
        self.dismiss(None)
