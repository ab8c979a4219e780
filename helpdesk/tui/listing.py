"""A list of tickets by position: read page by page, of which few are kept. Knows nothing of the screen."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from helpdesk.views.tickets import Extent, JsonObject, Page

PAGE = 100
"""Rows a page has."""

_KEPT = 24


class Listing:
    """The tickets of one query in one order, as far as they were read.

    Pages come in by `put`; a page can be asked for once it is known where it begins: the first always, each after one
    that was read, and any once the extent is known.
    """

    def __init__(self, number: int = 0, total: int | None = None) -> None:
        self.number = number
        """Tells this list from those before: what is read for another is none of ours."""
        self.total = total
        self._starts: dict[int, str] = {0: ""}
        self._pages: OrderedDict[int, list[JsonObject]] = OrderedDict()
        self._stale: set[int] = set()
        self.highest = 0
        """The highest number of a ticket seen so far."""

    def __len__(self) -> int:
        """The rows known to be there."""
        if self.total is not None:
            return self.total
        return max(((page + 1) * PAGE if page + 1 in self._starts else page * PAGE + len(rows)
                    for page, rows in self._pages.items()), default=0)  # fmt: skip

    @property
    def is_complete(self) -> bool:
        """Whether the number of rows is final."""
        return self.total is not None

    def row(self, index: int) -> JsonObject | None:
        """The ticket at a position; None where it is not read yet."""
        rows = self._pages.get(index // PAGE)
        if rows is None or index % PAGE >= len(rows):
            return None
        return rows[index % PAGE]

    def start(self, page: int) -> str | None:
        """The cursor a page is read after; None while that is not known."""
        return self._starts.get(page)

    def missing(self, first: int, last: int) -> list[int]:
        """The pages to read before rows `first` to `last` can be drawn, as far as their beginnings are known."""
        pages = range(max(first, 0) // PAGE, max(last, 0) // PAGE + 1)
        return [page for page in pages if (page not in self._pages or page in self._stale) and page in self._starts]

    def put(self, number: int, page: Page) -> None:
        """Keep a page that was read; the ones not seen for longest are let go."""
        self._pages[number] = page.tickets
        self._stale.discard(number)
        self.highest = max(self.highest, *(ticket["number"] for ticket in page.tickets), 0)
        self._pages.move_to_end(number)
        if page.cursor is not None:
            self._starts.setdefault(number + 1, page.cursor)
        else:
            self.total = number * PAGE + len(page.tickets)
        while len(self._pages) > _KEPT:
            self._pages.popitem(last=False)

    def measure(self, extent: Extent) -> None:
        """Keep how long the list is and where its pages begin; a page that begins elsewhere now is read again."""
        self.total = extent.total
        before, self._starts = self._starts, dict(enumerate(extent.starts or [""]))
        self._stale |= {page for page in self._pages if before.get(page) != self._starts.get(page)}

    def touch(self, index: int) -> None:
        """Say that a row was just seen, so that its page stays."""
        page = index // PAGE
        if page in self._pages:
            self._pages.move_to_end(page)

    def replace(self, ticket: JsonObject) -> None:
        """Keep a ticket as it is now, in the place where it was read."""
        place = self.position(ticket["number"])
        if place is not None:
            self._pages[place // PAGE][place % PAGE] = ticket

    def position(self, number: int) -> int | None:
        """Where a ticket is among the pages that are kept."""
        return next((place for place, ticket in self._kept() if ticket["number"] == number), None)

    def _kept(self) -> Iterator[tuple[int, JsonObject]]:
        for page, rows in self._pages.items():
            yield from ((page * PAGE + place, ticket) for place, ticket in enumerate(rows))
