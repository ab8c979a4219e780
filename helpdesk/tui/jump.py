"""Letters on everything that can be gone to: press one and be there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, ClassVar, NamedTuple

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Static

from helpdesk.tui.frame import DeskModal
from helpdesk.tui.line_list import LineList

LETTERS = "asdfghjklqwertyuiopzxcvbnm1234567890"

LABEL = 3
"""Cells of a label."""


def labels(count: int) -> list[str]:
    """As many labels as there are places: a letter each; where those do not suffice, two for the last."""
    first = max(0, -(-(count - len(LETTERS)) // (len(LETTERS) - 1)))
    single, before = LETTERS[: len(LETTERS) - first], LETTERS[len(LETTERS) - first :]
    return [*single, *(one + two for one in before for two in LETTERS)][:count]


class Target(NamedTuple):
    """A place on the screen, and what going there does."""

    x: int
    y: int
    go: Callable[[], Any]


def rows(*lists: LineList) -> Iterator[Target]:
    """A letter on every row of some lists that is on the screen."""
    for shown in lists:
        top = shown.scroll_offset.y
        for index in range(top, min(top + shown.rows_shown, shown.length())):
            if shown.display and shown.is_row(index):
                y = shown.region.y + shown.heading + index - top
                x = shown.content_region.right - LABEL if shown.labels_at_end else shown.region.x
                yield Target(x, y, partial(_go, shown, index))


def _go(shown: LineList, index: int) -> None:
    shown.focus()
    shown.point(index)


class Jump(DeskModal[None]):
    """The screen below stays visible; any other key goes back."""

    BINDINGS: ClassVar[list[Any]] = [Binding("escape", "leave", show=False)]

    def __init__(self, targets: Sequence[Target]) -> None:
        super().__init__()
        self._targets = dict(zip(labels(len(targets)), targets, strict=False))
        self._typed = ""

    def compose(self) -> ComposeResult:
        """A label on each place."""
        for letter, target in self._targets.items():
            label = Static(Text(f"{letter:>2} "), classes="jump-label", markup=False)
            label.styles.offset = (target.x, target.y)
            yield label

    def on_key(self, event: events.Key) -> None:
        """Go to the letter's place, or wait for the second letter."""
        event.stop()
        self._typed += event.character or " "
        target = self._targets.get(self._typed)
        if target is None and any(label.startswith(self._typed) for label in self._targets):
            return
        self.dismiss(None)
        if target is not None:
            self.app.call_later(target.go)

    def action_leave(self) -> None:
        """Stay."""
        self.dismiss(None)
