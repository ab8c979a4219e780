"""The saved views beside the list, each with the number of its tickets."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from helpdesk.i18n import _
from helpdesk.tui.drawing import fit
from helpdesk.tui.line_list import LineList, Piece
from helpdesk.tui.saved_views import View

_ALARMING = {3: "line--error", 4: "line--warning"}
"""Views whose number is told in a colour when it is not zero: overdue, due soon."""


def _brief(count: int) -> str:
    """A number in at most six cells."""
    if count < 100_000:
        return f"{count:,}"
    return f"{count // 1000}k" if count < 1_000_000 else f"{count / 1_000_000:.1f}M"


class ViewList(LineList):
    """Choosing a view is moving to it."""

    heading = 1
    labels_at_end = True

    def __init__(self, views: Sequence[View], id: str | None = None) -> None:
        super().__init__(id=id)
        self.views = list(views)
        self.counts: list[int | None] = [None] * len(self.views)

    def length(self) -> int:
        """How many views there are, lines between groups included."""
        return len(self.views)

    def is_row(self, index: int) -> bool:
        """Whether it is a view, not a line between groups."""
        return bool(self.views[index].name)

    def head(self, width: int) -> Sequence[Piece]:
        """The heading."""
        return [Piece(fit(" " + _("Views"), width))]

    def row(self, index: int, width: int) -> Sequence[Piece]:
        """A view's name and number."""
        view, count = self.views[index], self.counts[index]
        if not view.name:
            return [Piece(" " + "─" * (width - 2), "line--dim")]
        number = "·" if count is None else _brief(count)
        left = width - cell_len(number) - 3
        style = _ALARMING.get(index, "") if count else "line--dim" if count == 0 else ""
        return [
            Piece(f"{'▸' if index == self.cursor else ' '}{fit(view.name, left)} ", style if count == 0 else ""),
            Piece(number + " ", style or "line--dim"),
        ]

    def show_counts(self, counts: Sequence[int]) -> None:
        """Draw the numbers of the views, in the order of the views that have a query."""
        found = iter(counts)
        self.counts = [next(found) if view.name else None for view in self.views]
        self.refresh()
