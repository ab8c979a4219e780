"""Today in figures: block-character charts with the numbers beside them, and the tickets that wait longest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Any, ClassVar

from rich.cells import cell_len
from textual.widget import Widget

from helpdesk import clock, words
from helpdesk.i18n import _, _n
from helpdesk.tui import actions, charts, jump
from helpdesk.tui.charts import Bar
from helpdesk.tui.drawing import fit
from helpdesk.tui.frame import DeskScreen
from helpdesk.tui.jump import Target
from helpdesk.tui.line_list import LineList, Piece
from helpdesk.tui.messages import DayRead
from helpdesk.tui.text_view import Line, TextView
from helpdesk.views import dashboard
from helpdesk.views.dashboard import Dashboard, Waiting

EVERY = 60.0
"""Seconds after which the figures are read again though nobody wrote: time itself changes them."""

SIDE_BY_SIDE = 100
"""Cells from which charts stand beside each other."""

MOST_MATTERS = 10

LINES_BESIDE_HOURS = 20
"""Lines that the rest of the day takes; what is left belongs to the hours."""


class WaitingList(LineList):
    """The tickets that wait longest."""

    heading = 1

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.tickets: tuple[Waiting, ...] = ()
        self.now = 0

    def length(self) -> int:
        """How many there are."""
        return len(self.tickets)

    def head(self, width: int) -> Sequence[Piece]:
        """The heading."""
        return [Piece(fit(" " + (_("Waiting longest") if self.tickets else _("Nobody waits.")), width))]

    def row(self, index: int, width: int) -> Sequence[Piece]:
        """A ticket's line."""
        one = self.tickets[index]
        number, span = f" #{one.number} ", fit(words.span(self.now - one.since), 9, True) + "  "
        left = max(width - cell_len(number) - cell_len(span) - 1, 4)
        return [Piece(number, "line--dim"), Piece(span, "line--warning"), Piece(fit(one.subject, left))]


class DayView(TextView):
    """The charts."""

    COMPONENT_CLASSES: ClassVar[set[str]] = charts.STYLES

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.day: Dashboard | None = None

    def show(self, day: Dashboard) -> None:
        """Draw a day."""
        self.day = day
        self._draw()

    def on_resize(self) -> None:
        """Draw as wide as there is room."""
        self._draw()

    def _draw(self) -> None:
        width = self.scrollable_content_region.width
        if self.day is not None and width:
            self.put(list(self._told(self.day, width)))

    def _told(self, day: Dashboard, width: int) -> Iterator[Line]:
        yield from self._figures(day, width)
        yield Line()
        yield Line.of(_("Arrivals by hour"), "text--label")
        yield from self._hours(day, width)
        yield Line()
        if width < SIDE_BY_SIDE:
            yield from self._shares(day, width)
            yield from self._matters(day, width)
        else:
            half = width // 2
            yield from _beside(self._matters(day, half - 4), self._shares(day, width - half), half)

    def _figures(self, day: Dashboard, width: int) -> Iterator[Line]:
        """The four numbers of the day, with room around them."""
        figures = [
            (f"{day.arrived:,}", _("came today")),
            (f"{day.waiting:,}", _("wait for the shop")),
            (_percent(day.by_faq), _("answered by FAQ")),
            (_percent(day.on_time), _("answered on time")),
        ]
        cell = width // len(figures)
        yield Line()
        yield Line.of("".join(fit(number, cell) for number, _name in figures), charts.NUMBER)
        yield Line.of("".join(fit(name, cell) for _number, name in figures), "text--dim")

    def _hours(self, day: Dashboard, width: int) -> Iterator[Line]:
        labels = [
            f"{clock.from_millis(day.begin + place * dashboard.HOUR).astimezone(clock.zone()).hour:02}"
            for place in range(len(day.hours))
        ]
        cell = max(2, min(width // len(labels) - 1, 6))
        height = max(4, min(self.size.height - LINES_BESIDE_HOURS, 12))
        yield from charts.columns(day.hours, labels, height, cell, (day.now - day.begin) // dashboard.HOUR)

    def _shares(self, day: Dashboard, width: int) -> Iterator[Line]:
        for title, part in ((_("Answered by the FAQ"), day.by_faq), (_("First response on time"), day.on_time)):
            told = words.share(*part)
            yield Line.of(title, "text--label")
            yield charts.gauge(part.share, max(width - cell_len(told) - 2, 4), told)
            yield Line()

    def _matters(self, day: Dashboard, width: int) -> Iterator[Line]:
        yield Line.of(_("Categories today"), "text--label")
        if not day.matters:
            yield Line.of(_("Nothing came yet."), "text--dim")
            return
        rows = [
            Bar(words.word(one.category), one.arrived, _open(one), one.unanswered) for one in day.matters[:MOST_MATTERS]
        ]
        yield from charts.bars(rows, width, min(max(cell_len(row.name) for row in rows), 16))


def _percent(part: dashboard.Share) -> str:
    return "–" if part.share is None else f"{part.share:.0%}"


def _open(one: dashboard.Matter) -> str:
    if not one.unanswered:
        return f"{one.arrived}"
    return _("{count}, {open} open").format(count=one.arrived, open=one.unanswered)


def _beside(left: Iterable[Line], right: Iterable[Line], half: int) -> Iterator[Line]:
    """Two columns of lines as one."""
    for one, other in zip_longest(left, right, fillvalue=Line()):
        gap = half - sum(cell_len(text) for text, _style in one.pieces)
        yield Line(*one.pieces, (" " * gap, ""), *other.pieces)


class DashboardScreen(DeskScreen):
    """The day."""

    place = "dashboard"
    BINDINGS: ClassVar[list[Any]] = actions.bindings("dashboard")

    def body(self) -> Iterable[Widget]:
        """Charts above, the longest waiting below."""
        yield DayView(id="day")
        yield WaitingList(id="oldest")

    def on_mount(self) -> None:
        """Read the day, now and each minute."""
        self.query_one(WaitingList).focus()
        self.store_changed()
        self.set_interval(EVERY, self.store_changed)

    def store_changed(self) -> None:
        """Read the day again."""
        now = clock.to_millis(clock.now())
        self.read("day", lambda connection: DayRead(dashboard.today(connection, now)))

    def on_day_read(self, message: DayRead) -> None:
        """Draw the day."""
        day, oldest = message.day, self.query_one(WaitingList)
        self.query_one(DayView).show(day)
        oldest.tickets, oldest.now = day.oldest, day.now
        oldest.rows_changed()
        local = clock.from_millis(day.now).astimezone(clock.zone())
        came = _n("{count} ticket", "{count} tickets", day.arrived).format(count=f"{day.arrived:,}")
        self.head(_("Today"), f"{local:%Y-%m-%d %H:%M} · {came}")

    def on_line_list_chosen(self) -> None:
        """Open it."""
        self.action_open()

    def action_open(self) -> None:
        """Open the ticket under the cursor."""
        oldest = self.query_one(WaitingList)
        if oldest.cursor < len(oldest.tickets):
            self.helpdesk.open_ticket(oldest.tickets[oldest.cursor].number)

    def action_charts(self) -> None:
        """Between the charts, where they are longer than the screen, and the tickets."""
        charts_, oldest = self.query_one(DayView), self.query_one(WaitingList)
        (oldest if charts_.has_focus else charts_).focus()

    def action_refresh(self) -> None:
        """Read again."""
        self.store_changed()

    def targets(self) -> Iterator[Target]:
        """A letter on every row."""
        return jump.rows(self.query_one(WaitingList))

    def action_back(self) -> None:
        """Back."""
        self.dismiss()
