"""The list of tickets on the screen: any number of rows, read page by page as they come into view."""

from __future__ import annotations

from collections.abc import Sequence

from helpdesk import clock, i18n
from helpdesk.tui import columns
from helpdesk.tui.columns import Column
from helpdesk.tui.line_list import LineList, Piece
from helpdesk.tui.listing import Listing
from helpdesk.tui.messages import PageWanted, TicketPointed
from helpdesk.views.tickets import Extent, JsonObject, Page


class TicketList(LineList):
    """The tickets of a query. The cursor belongs to a ticket, not to a line: when rows come or go it stays with it."""

    heading = 1

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.listing = Listing()
        self.marked: set[int] = set()
        self.categories: tuple[str, ...] = ()
        self._held: int | None = None
        self._told: int | None = -1
        self._digits = 4
        self._asked: set[tuple[int, int]] = set()
        self._now = clock.to_millis(clock.now())

    # rows

    def length(self) -> int:
        """How many tickets are known to be in the list."""
        return len(self.listing)

    def row(self, index: int, width: int) -> Sequence[Piece]:
        """A ticket's line."""
        ticket = self.listing.row(index)
        shown = self._columns(width)
        if ticket is None:
            return columns.unread(shown)
        return columns.line(ticket, shown, self._now, ticket["number"] in self.marked)

    def head(self, width: int) -> Sequence[Piece]:
        """The heading."""
        return columns.head(self._columns(width))

    def _columns(self, width: int) -> tuple[Column, ...]:
        return columns.chosen(width, self._digits, i18n.language(), self.categories or ("delivery",))

    @property
    def ticket(self) -> JsonObject | None:
        """The ticket under the cursor."""
        return self.listing.row(self.cursor)

    # reading

    def begin(self, listing: Listing, cursor: int | None) -> None:
        """Show another list: with the cursor on a row of it, which stays on its line, or from the top."""
        line = self.cursor - self.scroll_offset.y
        self.listing, self._asked = listing, set()
        self.cursor, self._held = cursor or 0, None
        self.rows_changed()
        self.scroll_to(y=0 if cursor is None else max(self.cursor - line, 0), animate=False, immediate=True)
        self.take_stock()

    def put(self, number: int, page: Page) -> None:
        """Draw a page that was read."""
        self.listing.put(number, page)
        self._asked.discard((self.listing.number, number))
        self.take_stock()

    def measure(self, extent: Extent) -> None:
        """Draw as many rows as there are."""
        self.listing.measure(extent)
        self.take_stock()

    def take_stock(self) -> None:
        """Draw what the list is now; the cursor stays with its ticket, the ticket on its line."""
        self._now = clock.to_millis(clock.now())
        self._digits = max(4, len(str(self.listing.highest)))
        if self._held is not None:
            found = self.listing.position(self._held)
            if found is not None and found != self.cursor:
                line = self.cursor - self.scroll_offset.y
                self.cursor = found
                self.rows_changed()
                self.scroll_to(y=max(found - line, 0), animate=False, immediate=True)
        self.rows_changed()
        self._want()
        self._tell()

    def point(self, index: int, tell: bool = True) -> None:
        """Put the cursor on a row; from then on it belongs to the ticket there."""
        if index != self.cursor:
            self._held = None
        super().point(index, tell)
        self._want()
        self._tell()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Rows came into view."""
        super().watch_scroll_y(old_value, new_value)
        self._want()

    def _tell(self) -> None:
        ticket = self.ticket
        if ticket is not None:
            self._held = ticket["number"]
        elif self.length():
            return  # not read yet
        number = ticket["number"] if ticket else None
        if number != self._told:
            self._told = number
            self.post_message(TicketPointed(ticket))

    def _want(self) -> None:
        """Ask for the pages that come into view, and for the next."""
        top = self.scroll_offset.y
        for page in self.listing.missing(top, top + 2 * self.rows_shown):
            if (self.listing.number, page) not in self._asked:
                self._asked.add((self.listing.number, page))
                self.post_message(PageWanted(self.listing.number, page))

    # marks

    def mark_to(self) -> None:
        """Mark every ticket between the nearest mark and the cursor; without a mark, the one under the cursor."""
        places = [place for number in self.marked if (place := self.listing.position(number)) is not None]
        nearest = min(places, key=lambda place: abs(place - self.cursor), default=self.cursor)
        for place in range(min(nearest, self.cursor), max(nearest, self.cursor) + 1):
            ticket = self.listing.row(place)
            if ticket is not None:
                self.marked.add(ticket["number"])
        self.refresh()

    def toggle_mark(self) -> None:
        """Mark the ticket under the cursor, or take its mark away, and go on."""
        if self.ticket is not None:
            self.marked ^= {self.ticket["number"]}
            self.action_down()
            self.refresh()
