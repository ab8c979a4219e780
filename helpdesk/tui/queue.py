"""The queue: views with their numbers, the list, the query line, and what the ticket under the cursor says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.containers import Container, Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Input, Static

from helpdesk import clock
from helpdesk.errors import UsageProblem
from helpdesk.i18n import _, _n
from helpdesk.text import one_line
from helpdesk.tui import actions, saved_views
from helpdesk.tui.card_view import CardView
from helpdesk.tui.frame import DeskScreen
from helpdesk.tui.line_list import LineList
from helpdesk.tui.listing import PAGE, Listing
from helpdesk.tui.messages import CardRead, CountsRead, ExtentRead, PageRead, PageWanted, TicketPointed
from helpdesk.tui.query_line import QueryLine
from helpdesk.tui.saved_views import View
from helpdesk.tui.ticket_list import TicketList
from helpdesk.tui.view_list import ViewList
from helpdesk.views import counts, query, tickets
from helpdesk.views.query import Query

REST = 0.06
"""Seconds the cursor rests on a ticket before it is read: a key held down reads nothing."""


class QueueScreen(DeskScreen):
    """The first screen."""

    place = "queue"
    BINDINGS: ClassVar[list[Any]] = actions.bindings("queue")

    def __init__(self) -> None:
        super().__init__()
        self._categories: tuple[str, ...] = ()
        self._views: list[View] = []
        self._query = Query()
        self._typed = ""
        self._sort = "urgency"
        self._listings = 0
        self._rest: Any = None

    def body(self) -> Iterable[Widget]:
        """Views, list and reading pane."""
        with self.helpdesk.office.store.read() as connection:
            self._categories = tuple(counts.categories(connection))
        self._views = saved_views.all_views(self._categories)
        with Horizontal(id="panes"):
            yield ViewList(self._views, id="views")
            with Container(id="work"):
                with Vertical(id="middle"):
                    with Horizontal(id="query-row"):
                        yield Static(" / ", id="query-sign", markup=False)
                        yield QueryLine(self._categories, id="query")
                        yield Static(id="query-told", markup=False)
                    yield TicketList(id="list")
                yield CardView(id="reading")

    @property
    def list(self) -> TicketList:
        """The list of tickets."""
        return self.query_one("#list", TicketList)

    def on_mount(self) -> None:
        """Show the first view; its first page is drawn at once, lengths and numbers come later."""
        self.list.categories = self._categories
        self.list.focus()
        self._choose(self._views[0])
        self._count()

    # the list

    def _choose(self, view: View) -> None:
        self._sort = view.sort
        line = self.query_one("#query", Input)
        self._typed = view.query
        with line.prevent(Input.Changed):
            line.value = view.query
            line.cursor_position = len(view.query)
        self._narrow(view.query)

    def _narrow(self, typed: str) -> None:
        """List what a query finds; one that cannot be read leaves the list as it is and says why."""
        scope = query.Scope(clock.to_millis(clock.now()), self.helpdesk.office.desk.actor, self._categories)
        told = self.query_one("#query-told", Static)
        try:
            self._query = query.parse(typed, scope)
        except UsageProblem as problem:
            told.add_class("wrong")
            told.update(one_line(str(problem), 300))
            return
        told.remove_class("wrong")
        self._begin(hold=False)

    def _begin(self, hold: bool) -> None:
        self._listings += 1
        self.list.begin(Listing(self._listings), hold)
        self._measure()

    def on_page_wanted(self, message: PageWanted) -> None:
        """Read a page that comes into view."""
        listing = self.list.listing
        start = listing.start(message.number)
        if message.listing != listing.number or start is None:
            return
        wanted, sort, now = self._query, self._sort, clock.to_millis(clock.now())
        self.read(
            f"page {message.number}",
            lambda connection: PageRead(
                message.listing, message.number, tickets.page(connection, wanted, now, sort, PAGE, start)
            ),
        )

    def on_page_read(self, message: PageRead) -> None:
        """Draw a page."""
        if message.listing == self.list.listing.number:
            self.list.put(message.number, message.page)
            self._tell_length()

    def _measure(self) -> None:
        number, wanted, sort = self._listings, self._query, self._sort
        self.read("extent", lambda connection: ExtentRead(number, tickets.extent(connection, wanted, sort, PAGE)))

    def on_extent_read(self, message: ExtentRead) -> None:
        """Draw the list at its whole length."""
        if message.listing == self.list.listing.number:
            self.list.measure(message.extent)
            self._tell_length()

    def _tell_length(self) -> None:
        told, listing = self.query_one("#query-told", Static), self.list.listing
        count = f"{len(listing):,}" if listing.is_complete else f"{len(listing):,}+"
        sentence = _n("{count} ticket", "{count} tickets", len(listing)).format(count=count)
        told.update(f"{sentence} · {_(saved_views.SORT_NAMES[self._sort])}")
        self.head(_("Queue"), f"{self.helpdesk.office.store.path.name} · {self.helpdesk.office.desk.actor}")

    # the query line

    def on_input_changed(self, event: Input.Changed) -> None:
        """The list follows the typing."""
        if event.value != self._typed:
            self._typed = event.value
            self._narrow(event.value)

    def on_input_submitted(self) -> None:
        """Back to the list."""
        self.list.focus()

    def action_query(self) -> None:
        """To the query line."""
        self.query_one("#query", Input).focus()

    # the views

    def _count(self) -> None:
        scope = query.Scope(clock.to_millis(clock.now()), self.helpdesk.office.desk.actor, self._categories)
        queries = [query.parse(view.query, scope) for view in self._views if view.name]
        self.read("counts", lambda connection: CountsRead([counts.of(connection, q) for q in queries]))

    def on_counts_read(self, message: CountsRead) -> None:
        """Draw the numbers."""
        self.query_one("#views", ViewList).show_counts(message.counts)

    def on_line_list_pointed(self, event: LineList.Pointed) -> None:
        """A view that is pointed at is shown."""
        if event.sender.id == "views":
            self._choose(self._views[event.index])

    def on_line_list_chosen(self, event: LineList.Chosen) -> None:
        """Enter on a view goes to its list; on a ticket it opens it."""
        if event.sender.id == "views":
            self.list.focus()
        else:
            self.action_open()

    def action_views(self) -> None:
        """Between the views and the list."""
        views = self.query_one("#views", ViewList)
        (self.list if views.has_focus else views).focus()

    # the ticket under the cursor

    def on_ticket_pointed(self, message: TicketPointed) -> None:
        """Read the ticket once the cursor rests."""
        if self._rest is not None:
            self._rest.stop()
        if message.ticket is None:
            self.query_one("#reading", CardView).show(None)
            return
        number = message.ticket["number"]
        self._rest = self.set_timer(REST, lambda: self._read_card(number))

    def _read_card(self, number: int) -> None:
        now = clock.to_millis(clock.now())
        self.read("card", lambda connection: CardRead(number, tickets.card(connection, number, now)))

    def on_card_read(self, message: CardRead) -> None:
        """Draw the ticket."""
        self.query_one("#reading", CardView).show(message.card)

    def action_open(self) -> None:
        """Open the ticket."""

    def action_mark(self) -> None:
        """Mark the ticket."""
        self.list.toggle_mark()

    def action_back(self) -> None:
        """Take the marks away, then the query."""
        if self.list.marked:
            self.list.marked.clear()
            self.list.refresh()
        else:
            self._choose(self._views[self.query_one("#views", ViewList).cursor])
        self.list.focus()

    def action_sort(self) -> None:
        """The next order."""
        self._sort = saved_views.next_sort(self._sort)
        self._begin(hold=False)

    def action_refresh(self) -> None:
        """Read everything again."""
        self.store_changed()

    def store_changed(self) -> None:
        """Read the list again; the cursor stays with its ticket."""
        self._begin(hold=True)
        self._count()
        if self.list.ticket is not None:
            self._read_card(self.list.ticket["number"])
