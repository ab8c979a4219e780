"""A list that draws only the lines on the screen: a cursor, the mouse, a pinned heading. Knows nothing of its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from helpdesk.tui import actions
from helpdesk.tui.styles import style_of


class Piece(NamedTuple):
    """A stretch of a line: harmless text of a known width, and the name of its style."""

    text: str
    style: str = ""


class LineList(ScrollView, can_focus=True):
    """A list of one-line rows, of which any number costs what one screen costs."""

    BINDINGS: ClassVar[list[Any]] = [*actions.bindings("list"), Binding("enter", "choose", show=False)]

    heading = 0
    """Lines pinned above the rows."""

    labels_at_end = False
    """Whether the letters to jump by stand at the end of the rows, for a name begins them."""

    @dataclass
    class Pointed(Message):
        """The cursor came to another row."""

        sender: LineList
        index: int

        @property
        def control(self) -> LineList:
            """The list."""
            return self.sender

    @dataclass
    class Chosen(Message):
        """A row was chosen, by Enter or the mouse."""

        sender: LineList
        index: int

        @property
        def control(self) -> LineList:
            """The list."""
            return self.sender

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.cursor = 0
        self._base: Style | None = None

    # what a list is made of

    def length(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def row(self, index: int, width: int) -> Sequence[Piece]:
        """A row's pieces, `width` cells together or less."""
        raise NotImplementedError

    def head(self, width: int) -> Sequence[Piece]:
        """The heading's pieces."""
        return ()

    def head_line(self, y: int, width: int) -> Sequence[Piece]:
        """The pieces of a line of the heading."""
        return self.head(width)

    def is_row(self, index: int) -> bool:
        """Whether the cursor may stand on a row."""
        return True

    # drawing

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        width = self.size.width
        if y < self.heading:
            return self._strip(self.head_line(y, width), width, self._head_style())
        index = self.scroll_offset.y + y - self.heading
        if index >= self.length():
            return Strip.blank(width, self._ground())
        if index != self.cursor or not self.is_row(index):
            return self._strip(self.row(index, width), width, Style())
        return self._strip(self.row(index, width), width, self._cursor_style())

    def _head_style(self) -> Style:
        return self._style("line--head")

    def _cursor_style(self) -> Style:
        return self._style("line--cursor" if self.has_focus else "line--cursor-away")

    def _strip(self, pieces: Sequence[Piece], width: int, over: Style) -> Strip:
        base = self._ground()
        segments = [
            Segment(piece.text, base + (self._style(piece.style) if piece.style else Style()) + over)
            for piece in pieces
        ]
        return Strip(segments).adjust_cell_length(width, base + over)

    def _ground(self) -> Style:
        # made of all its ancestors' styles at each asking: too dear for every line
        if self._base is None:
            self._base = self.rich_style
        return self._base

    def notify_style_update(self) -> None:
        """Other colours."""
        self._base = None
        super().notify_style_update()

    def _style(self, name: str) -> Style:
        return style_of(self, name)

    def rows_changed(self) -> None:
        """There are other rows, or more, or fewer: draw them."""
        self.cursor = max(0, min(self.cursor, self.length() - 1))
        self.virtual_size = Size(self.size.width, self.length() + self.heading)
        self.refresh()

    # moving

    @property
    def rows_shown(self) -> int:
        """How many rows fit on the screen."""
        return max(self.size.height - self.heading, 1)

    def point(self, index: int, tell: bool = True) -> None:
        """Put the cursor on a row, and the row on the screen."""
        index = max(0, min(index, self.length() - 1))
        before, self.cursor = self.cursor, index
        top = self.scroll_offset.y
        if index < top:
            self.scroll_to(y=index, animate=False, immediate=True)
        elif index >= top + self.rows_shown:
            self.scroll_to(y=index - self.rows_shown + 1, animate=False, immediate=True)
        for changed in {before, index}:
            self.refresh(Region(0, changed - self.scroll_offset.y + self.heading, self.size.width, 1))
        if tell and before != index:
            self.post_message(self.Pointed(self, index))

    def _step(self, by: int) -> None:
        index = self.cursor + by
        while 0 <= index < self.length() and not self.is_row(index):
            index += 1 if by > 0 else -1
        if 0 <= index < self.length() or abs(by) > 1:
            self.point(index)

    def action_down(self) -> None:
        """One row down."""
        self._step(1)

    def action_up(self) -> None:
        """One row up."""
        self._step(-1)

    def action_page_down(self) -> None:
        """One screen down."""
        self._step(self.rows_shown)

    def action_page_up(self) -> None:
        """One screen up."""
        self._step(-self.rows_shown)

    def action_top(self) -> None:
        """To the first row."""
        self.point(next((i for i in range(self.length()) if self.is_row(i)), 0))

    def action_bottom(self) -> None:
        """To the last row."""
        self.point(self.length() - 1)

    def action_choose(self) -> None:
        """Choose the row under the cursor."""
        if self.length():
            self.post_message(self.Chosen(self, self.cursor))

    def on_click(self, event: events.Click) -> None:
        """A click points at a row, a second one chooses it."""
        index = self.scroll_offset.y + event.y - self.heading
        if event.y >= self.heading and 0 <= index < self.length() and self.is_row(index):
            self.point(index)
            if event.chain > 1:
                self.action_choose()

    def on_focus(self) -> None:
        """The cursor is drawn stronger where the keys go."""
        self.refresh()

    def on_blur(self) -> None:
        """The cursor is drawn weaker where the keys do not go."""
        self.refresh()

    def on_resize(self) -> None:
        """The cursor stays on the screen."""
        self.virtual_size = Size(self.size.width, self.length() + self.heading)
        self.point(self.cursor, tell=False)
