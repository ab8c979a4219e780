"""Charts of block characters with the numbers beside them; numbers and widths in, lines of text out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.text import Text

from helpdesk.text import one_line
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


def bars(rows: Sequence[Bar], width: int, names: int, style: str, quiet: str) -> list[Text]:
    """Bars below each other, the longest as long as the space between names and numbers lets it be."""
    beside = max((len(one.beside) for one in rows), default=0)
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
        line.append(f"{one.beside:>{beside}}")
        lines.append(line)
    return lines


def columns(values: Sequence[int], labels: Sequence[str], height: int, now: int, styles: tuple[str, str]) -> list[Text]:
    """Columns of `height` lines, a value over each and a label under it; `now` is the one still growing.

    Each column is as wide as the widest number and label, two cells at least. `styles` are of a column and of the rest.
    """
    most = max(values, default=0) or 1
    figures = [str(value) if value else "" for value in values]
    cell = max(2, *(len(text) for text in (*figures, *labels)))
    lines = []
    for level in range(height, -1, -1):
        line = Text(no_wrap=True)
        for place, value in enumerate(values):
            top = -(-value * height // most)
            if level == top and value:
                line.append(f"{figures[place]:^{cell}} ", style=styles[1] if place != now else "bold")
            elif level < top:
                eighths = min(max(round((value / most * height - level) * 8), 1), 8)
                line.append(
                    _RISING[eighths] * (cell - 1 if cell > 2 else cell) + " " * (1 if cell == 2 else 2), styles[0]
                )
            else:
                line.append(" " * (cell + 1))
        lines.append(line)
    axis = Text(no_wrap=True)
    for place, label in enumerate(labels):
        axis.append(f"{label:^{cell}} ", style="reverse" if place == now else styles[1])
    return [*lines, axis]


def gauge(share: float | None, width: int, style: str, rest: str) -> Text:
    """A part of a whole as one bar on a track; of nothing, the track alone."""
    line = Text(no_wrap=True)
    filled = bar(share or 0, width)
    line.append(filled, style=style)
    line.append("░" * (width - len(filled)), style=rest)
    return line


def titled(title: str) -> Text:
    """The heading of a chart."""
    return Text(one_line(title, 100), style="bold")
