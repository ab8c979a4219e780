"""Charts of block characters with the numbers beside them; numbers and widths in, lines of text out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from helpdesk.tui.drawing import fit

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_RISING = " ▁▂▃▄▅▆▇█"


class Bar(NamedTuple):
    """One bar: its name, how much, the words beside it, and of the whole the part drawn in a quieter colour."""

    name: str
    value: float
    beside: str = ""
    quiet: float = 0


def bar(share: float, width: int) -> str:
    """A bar of `share` (0 to 1) of `width` cells, to an eighth of a cell; what is not nothing is seen."""
    eighths = round(min(max(share, 0), 1) * width * 8)
    if share > 0:
        eighths = max(eighths, 1)
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (_EIGHTHS[rest] if rest else "")


def bars(rows: Sequence[Bar], width: int, names: int, style: Style, quiet: Style) -> list[Text]:
    """Bars below each other, the longest as long as the space between names and numbers lets it be."""
    beside = max((cell_len(one.beside) for one in rows), default=0)
    room = max(width - names - beside - 3, 1)
    most = max((one.value for one in rows), default=0) or 1
    lines = []
    for one in rows:
        line = Text(no_wrap=True)
        line.append(fit(one.name, names) + " ")
        whole = bar(one.value / most, room)
        loud = round(len(whole) * (one.value - one.quiet) / one.value) if one.value else 0
        line.append(whole[:loud], style=style)
        line.append(whole[loud:], style=quiet)
        line.append(" " * (room - len(whole) + 1))
        line.append(fit(one.beside, beside, right=True))
        lines.append(line)
    return lines


def columns(
    values: Sequence[int], labels: Sequence[str], height: int, cell: int, now: int, styles: tuple[Style, Style, Style]
) -> list[Text]:
    """Columns of at most `height` lines and `cell` cells, the value over each and its label under it.

    `now` is the place of the one still growing; `styles` are of a column, of labels and of numbers.
    """
    column, quiet, number = styles
    most = max(values, default=0) or 1
    eighths = [max(round(value / most * height * 8), 1) if value else 0 for value in values]
    lines = []
    for level in range(height, -1, -1):
        line = Text(no_wrap=True)
        for value, filled in zip(values, eighths, strict=True):
            top = -(-filled // 8)
            if level < top:
                line.append(_RISING[min(filled - level * 8, 8)] * cell + " ", column)
            else:
                line.append(f"{value if value and level == top else '':^{cell}} ", number)
        lines.append(line)
    axis = Text(no_wrap=True)
    for place, label in enumerate(labels):
        axis.append(f"{label:^{cell}}", style=number + Style(reverse=True) if place == now else quiet)
        axis.append(" ")
    return [*lines, axis]


def gauge(share: float | None, width: int, style: Style, rest: Style) -> Text:
    """A part of a whole as one bar on a track; of nothing, the track alone."""
    line = Text(no_wrap=True)
    filled = bar(share or 0, width)
    line.append(filled, style=style)
    line.append("░" * (width - len(filled)), style=rest)
    return line
