"""Today in figures: block-character charts with the numbers beside them, and the tickets that wait longest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from helpdesk import clock, words
from helpdesk.i18n import _, _n
from helpdesk.tui import actions, charts
from helpdesk.tui.charts import Bar
from helpdesk.tui.drawing import fit
from helpdesk.tui.frame import DeskScreen
from helpdesk.tui.line_list import LineList, Piece
from helpdesk.tui.messages import DayRead
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


class DayView(VerticalScroll):
    """The charts."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "chart--column", "chart--good", "chart--bad", "chart--bar", "chart--quiet", "chart--dim", "chart--title",
        "chart--number",
    }  # fmt: skip

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.day: Dashboard | None = None
        self._text = Static(markup=False)

    def compose(self) -> ComposeResult:
        """One text."""
        yield self._text

    def show(self, day: Dashboard) -> None:
        """Draw a day."""
        self.day = day
        self._draw()

    def on_resize(self) -> None:
        """Draw as wide as there is room."""
        self._draw()

    def notify_style_update(self) -> None:
        """Other colours."""
        super().notify_style_update()
        if self.is_mounted:
            self._draw()

    def _draw(self) -> None:
        if self.day is not None and self.size.width:
            self._text.update(Text("\n").join(self._lines(self.day, self.size.width - 2)))

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"chart--{name}", partial=True)

    def _lines(self, day: Dashboard, width: int) -> Iterator[Text]:
        yield from self._figures(day, width)
        yield Text("")
        yield self._title(_("Arrivals by hour"))
        yield from self._hours(day, width)
        yield Text("")
        shares, matters = list(self._shares(day, width)), list(self._matters(day, width))
        if width >= SIDE_BY_SIDE:
            yield from _beside(matters, shares, width)
        else:
            yield from shares
            yield Text("")
            yield from matters

    def _title(self, words_: str) -> Text:
        return Text(words_, style=self._style("title"))

    def _figures(self, day: Dashboard, width: int) -> Iterator[Text]:
        """The four numbers of the day, large enough to be seen from afar by the room around them."""
        shares = [(part.share, part) for part in (day.by_faq, day.on_time)]
        figures = [
            (f"{day.arrived:,}", _("came today")),
            (f"{day.waiting:,}", _("wait for the shop")),
            *((("–" if share is None else f"{share:.0%}"), name)
              for (share, _part), name in zip(shares, (_("answered by the FAQ"), _("answered on time")), strict=True)),
        ]  # fmt: skip
        cell = width // len(figures)
        top, below = Text(no_wrap=True), Text(no_wrap=True)
        for number, name in figures:
            top.append(fit(number, cell), style=self._style("number"))
            below.append(fit(name, cell), style=self._style("dim"))
        yield Text("")
        yield top
        yield below

    def _hours(self, day: Dashboard, width: int) -> Iterator[Text]:
        labels = [
            f"{clock.from_millis(day.begin + place * dashboard.HOUR).astimezone(clock.zone()).hour:02}"
            for place in range(len(day.hours))
        ]
        cell = max(2, min(width // len(labels) - 1, 6))
        now = (day.now - day.begin) // dashboard.HOUR
        styles = (self._style("column"), self._style("dim"), self._style("number"))
        height = max(4, min(self.size.height - LINES_BESIDE_HOURS, 12))
        yield from charts.columns(day.hours, labels, height, cell, now, styles)

    def _shares(self, day: Dashboard, width: int) -> Iterator[Text]:
        room = (width // 2 - 4) if width >= SIDE_BY_SIDE else width
        for title, part, style in (
            (_("Answered by the FAQ"), day.by_faq, "good"),
            (_("First response on time"), day.on_time, "good"),
        ):
            yield self._title(title)
            told = words.share(*part)
            line = charts.gauge(part.share, max(room - cell_len(told) - 2, 4), self._style(style), self._style("quiet"))
            yield line.append(f"  {told}")
            yield Text("")

    def _matters(self, day: Dashboard, width: int) -> Iterator[Text]:
        room = (width // 2 - 4) if width >= SIDE_BY_SIDE else width
        yield self._title(_("Categories today"))
        if not day.matters:
            yield Text(_("Nothing came yet."), style=self._style("dim"))
            return
        rows = [
            Bar(words.word(one.category), one.arrived, self._open(one), one.unanswered)
            for one in day.matters[:MOST_MATTERS]
        ]
        names = min(max(cell_len(row.name) for row in rows), 16)
        yield from charts.bars(rows, room, names, self._style("bar"), self._style("quiet"))

    def _open(self, one: dashboard.Matter) -> str:
        if not one.unanswered:
            return f"{one.arrived}"
        return _("{count}, {open} open").format(count=one.arrived, open=one.unanswered)


def _beside(left: list[Text], right: list[Text], width: int) -> Iterator[Text]:
    half = width // 2
    for place in range(max(len(left), len(right))):
        line = left[place].copy() if place < len(left) else Text()
        line.append(" " * (half - line.cell_len))
        yield line.append_text(right[place]) if place < len(right) else line


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

    def action_refresh(self) -> None:
        """Read again."""
        self.store_changed()

    def action_back(self) -> None:
        """Back."""
        self.dismiss()
