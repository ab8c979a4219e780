"""Text from the store made ready to draw: harmless, cut or wrapped to its place. Knows widths, not widgets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from helpdesk.text import one_line, safe

LONGEST_CELL = 200
"""Characters of a field that a list looks at."""

# Terminals do not agree on the width of what these join or modify, and one wrong width shifts the rest of the line.
_JOINERS = re.compile("[\u200d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\u0300-\u036f\u20d0-\u20ff\U000e0100-\U000e01ef]")


@lru_cache(maxsize=1024)
def fit(text: str, width: int, right: bool = False) -> str:
    """`text` on one line in exactly `width` cells, cut with `…` where it is longer; wide characters count two."""
    line = _JOINERS.sub("", one_line(text[: LONGEST_CELL * 4], LONGEST_CELL))
    long = cell_len(line) - width
    if long > 0:
        return set_cell_size(set_cell_size(line, max(width - 1, 0)).rstrip() + "…", width) if width else ""
    return " " * -long + line if right else line + " " * -long


def plain(text: str) -> str:
    """Text of several lines as it may be drawn, without what makes widths uncertain."""
    return _JOINERS.sub("", safe(text).expandtabs(4))


_NEVER_FIRST = frozenset("，。、；：？！）】》」』”’…—～·,.;:?!)]}%°")
"""What does not begin a line: Chinese typesetting hangs it on the line before."""

_NEVER_LAST = frozenset("（【《「『“‘([{")

_ATOMS = re.compile(r"\s+|[^\s\u2e80-\U0003ffff]+|.")


def wrap(line: str, width: int) -> Iterator[str]:
    """One line of text as lines of at most `width` cells, broken at spaces and between wide characters."""
    if len(line) <= width // 2 or cell_len(line) <= width:
        yield line
        return
    row, used = "", 0
    for atom in _atoms(line, width):
        cells = cell_len(atom)
        if used + cells > width and row:
            together = atom[0] in _NEVER_FIRST or row[-1] in _NEVER_LAST
            if together and len(row) > 1 and cell_len(row[-1]) + cells <= width:
                row, atom = row[:-1], row[-1] + atom
            cells = cell_len(atom)
            yield row.rstrip()
            row, used = "", 0
            if atom.isspace():
                continue
        row, used = row + atom, used + cells
    yield row


def _atoms(line: str, width: int) -> Iterator[str]:
    """The pieces a line is broken between; a word longer than a line is cut."""
    for found in _ATOMS.findall(line):
        if cell_len(found) <= width:
            yield found
        else:
            yield from chop_cells(found, width)


class SafeLines(LineFilter):
    """The last guard: whatever widget drew a line, nothing in it moves the terminal."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same line, harmless."""
        if all(segment.text.isprintable() for segment in segments):
            return segments
        return [
            segment if segment.control or segment.text.isprintable() else Segment(_shown(segment.text), segment.style)
            for segment in segments
        ]


def _shown(text: str) -> str:
    return safe(text).replace("\n", " ").replace("\t", " ")
