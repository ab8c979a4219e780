"""Charts of block characters with the numbers beside them; numbers and widths in, lines out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len

from helpdesk.tui.drawing import fit
from helpdesk.tui.text_view import Line

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_RISING = " ▁▂▃▄▅▆▇█"

COLUMN, BAR, QUIET, GOOD, NUMBER, LABEL, NOW = (
    f"chart--{name}" for name in ("column", "bar", "quiet", "good", "number", "label", "now")
)
"""The component classes of what is drawn."""

STYLES = {COLUMN, BAR, QUIET, GOOD, NUMBER, LABEL, NOW}


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


def bars(rows: Sequence[Bar], width: int, names: int) -> list[Line]:
    """Bars below each other, the longest as long as the space between names and numbers lets it be."""
    beside = max((cell_len(one.beside) for one in rows), default=0)
    room = max(width - names - beside - 2, 1)
    most = max((one.value for one in rows), default=0) or 1
    lines = []
    for one in rows:
        whole = bar(one.value / most, room)
        loud = round(len(whole) * (one.value - one.quiet) / one.value) if one.value else 0
        lines.append(
            Line(
                (fit(one.name, names) + " ", ""),
                (whole[:loud], BAR),
                (whole[loud:], QUIET),
                (" " * (room - len(whole) + 1), ""),
                (fit(one.beside, beside, right=True), ""),
            )
        )
    return lines


def columns(values: Sequence[int], labels: Sequence[str], height: int, cell: int, now: int) -> list[Line]:
    """Columns of at most `height` lines and `cell` cells, the value over each and its label under it.

    `now` is the place of the one still growing.
    """
    most = max(values, default=0) or 1
    eighths = [max(round(value / most * height * 8), 1) if value else 0 for value in values]
    lines = []
    for level in range(height, -1, -1):
        pieces = []
        for value, filled in zip(values, eighths, strict=True):
            top = -(-filled // 8)
            if level < top:
                pieces.append((_RISING[min(filled - level * 8, 8)] * cell + " ", COLUMN))
            else:
                pieces.append((f"{value if value and level == top else '':^{cell}} ", NUMBER))
        lines.append(Line(*pieces))
    axis = []
    for place, label in enumerate(labels):
        axis += [(f"{label:^{cell}}", NOW if place == now else LABEL), (" ", "")]
    return [*lines, Line(*axis)]


def gauge(share: float | None, width: int, told: str) -> Line:
    """A part of a whole as one bar on a track, with its number behind; of nothing, the track alone."""
    filled = bar(share or 0, width)
    return Line((filled, GOOD), ("░" * (width - len(filled)), LABEL), (f"  {told}", NUMBER))
