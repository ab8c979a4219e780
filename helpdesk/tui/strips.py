"""A strip asked for at its own width is given back, not kept in its own cache as Textual 8 does.

There it would be a cycle: each line drawn would live on, with a dozen caches of pieces, until the collector looks for
it, and that would have to look through all that lives after every few keys (docs/benchmarks.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.style import Style
from textual.strip import Strip

_divide, _crop_extend = Strip.divide, Strip.crop_extend


def keep_none_in_itself() -> None:
    """From now on, in this process."""
    Strip.divide = _divided  # type: ignore[method-assign]
    Strip.crop_extend = _cropped  # type: ignore[method-assign]


def _divided(self: Strip, cuts: Iterable[int]) -> Sequence[Strip]:
    wanted = list(cuts)
    whole = [cut for cut in wanted if cut <= self.cell_length] == [self.cell_length]
    return [self] if whole else _divide(self, wanted)


def _cropped(self: Strip, start: int, end: int, style: Style | None) -> Strip:
    return self if start <= 0 and end == self.cell_length else _crop_extend(self, start, end, style)
