"""Text to read: styled lines, wrapped to the width as Chinese is, of which only those on the screen are drawn."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from helpdesk.tui.drawing import wrap
from helpdesk.tui.styles import style_of


class Line:
    """One line before it is wrapped: harmless pieces of text, each with the name of its style."""

    __slots__ = ("indent", "pieces")

    def __init__(self, *pieces: tuple[str, str], indent: int = 0) -> None:
        self.pieces = pieces
        self.indent = indent
        """Cells by which the lines after the first are set in."""

    @classmethod
    def of(cls, text: str, style: str = "") -> Line:
        """A line in one style."""
        return cls((text, style))

    def wrapped(self, width: int) -> list[list[tuple[str, str]]]:
        """The lines it takes in `width` cells, as pieces again."""
        whole = "".join(text for text, _style in self.pieces)
        if cell_len(whole) <= width:
            return [list(self.pieces)]
        first = next(wrap(whole, width))
        indent = max(min(self.indent, width - 8), 0)
        return self._styled(whole, [first, *wrap(whole[len(first) :].lstrip(), width - indent)], indent)

    def _styled(self, whole: str, lines: Sequence[str], indent: int) -> list[list[tuple[str, str]]]:
        """The pieces that lie in each of the lines `whole` was broken into."""
        spans, at = [], 0
        for text, style in self.pieces:
            spans.append((at, at + len(text), style))
            at += len(text)
        drawn, at = [], 0
        for place, line in enumerate(lines):
            at = whole.index(line, at) if line else at
            end = at + len(line)
            cut = [(whole[max(a, at) : min(b, end)], style) for a, b, style in spans if a < end and b > at]
            drawn.append([(" " * indent, "")] * (place > 0 and indent > 0) + cut)
            at = end
        return drawn


class TextView(ScrollView, can_focus=True):
    """Lines of text, scrolled; a megabyte costs what one screen costs."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._base: Style | None = None
        self._lines: Sequence[Line] = ()
        self._drawn: list[list[tuple[str, str]]] = []
        self._width = 0

    def put(self, lines: Sequence[Line]) -> None:
        """Show other lines."""
        self._lines, self._width = lines, 0
        self._wrap()

    def _wrap(self) -> None:
        width = self.scrollable_content_region.width
        if width != self._width:
            self._width = width
            self._drawn = self._rows(max(width, 8))
        self.virtual_size = Size(width, len(self._drawn))
        self.refresh()

    def _rows(self, width: int) -> list[list[tuple[str, str]]]:
        return [row for line in self._lines for row in line.wrapped(width)]

    def on_resize(self) -> None:
        """Wrap anew."""
        self._wrap()

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        at, width = self.scroll_offset.y + y, self.size.width
        if self._base is None:
            self._base = self.rich_style
        base = self._base
        if at >= len(self._drawn):
            return Strip.blank(width, base)
        segments = [Segment(text, base + self._style(style) if style else base) for text, style in self._drawn[at]]
        return Strip(segments).adjust_cell_length(width, base)

    def notify_style_update(self) -> None:
        """Other colours."""
        self._base = None
        super().notify_style_update()

    def _style(self, name: str) -> Style:
        return style_of(self, name)
