"""The queue: views with their numbers, the list, the query line, and what the ticket under the cursor says."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar

from rich.cells import cell_len
from textual import events
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input, Static

from helpdesk import clock, words
from helpdesk.errors import StoreUnusable, UsageProblem
from helpdesk.i18n import _
from helpdesk.text import one_line
from helpdesk.tui import actions, jump, saved_views
from helpdesk.tui.card_view import CardView
from helpdesk.tui.completion import UnderLine
from helpdesk.tui.deeds import Chosen, TicketDeeds
from helpdesk.tui.flow import Flow
from helpdesk.tui.frame import DeskScreen
from helpdesk.tui.jump import Target
from helpdesk.tui.line_list import LineList, Piece
from helpdesk.tui.listing import PAGE, Listing
from helpdesk.tui.messages import (
    CardRead,
    CountsRead,
    Done,
    DraftsRead,
    ExtentRead,
    ListRead,
    NextRead,
    NumbersRead,
    PageRead,
    PageWanted,
    TicketPointed,
)
from helpdesk.tui.modals import Choose
from helpdesk.tui.query_line import QueryLine
from helpdesk.tui.saved_views import View
from helpdesk.tui.ticket_list import TicketList
from helpdesk.tui.view_list import ViewList
from helpdesk.views import counts, drafts, query, tickets
from helpdesk.views.drafts import TextDraft
from helpdesk.views.query import Query
from helpdesk.views.tickets import JsonObject, Page

REST = 0.06
"""Seconds the cursor rests on a ticket before it is read: a key held down reads nothing."""

PATIENCE = 0.1
"""Seconds the first paint waits for its tickets."""

SHALLOW = 10
"""Pages that are simply read again from the top when something changed; deeper, the list is measured anew."""

SIGN = 3
"""Cells of the sign before the query."""

PADDING = 2
"""Cells that stay free around what is told beside it."""

AT_ONCE = 100
"""Tickets that are drawn again at once after they were changed; the others with the list."""

MOST_MARKED = 10_000
"""Tickets that can be marked at once."""


class QueueScreen(TicketDeeds, DeskScreen):
    """The first screen."""

    place = "queue"
    BINDINGS: ClassVar[list[Any]] = actions.bindings("queue")

    def __init__(self) -> None:
        super().__init__()
        self._views: list[View] = []
        self._typed = ""
        self._sort = "urgency"
        self._listings = 0
        self._reading_again = False
        self._changed_again = False
        self._rest: Any = None
        self._beside: tuple[str, ...] = ("",)
        """What is told beside the query, the longest first."""
        self._waits = False
        """Whether the last word of the query waits for its end."""
        self._wrong = ""
        """Why the query cannot be read."""
        self._flow = Flow(Query())
        self._changed: dict[int, JsonObject] = {}
        """Tickets as one's own latest deeds left them."""

    def body(self) -> Iterable[Widget]:
        """Views, list and reading pane."""
        self._views = saved_views.all_views(self.helpdesk.categories)
        yield ViewList(self._views, id="views")
        row = Horizontal(id="query-row")
        under = UnderLine(row, id="under-query")
        with row:
            yield Static(" / ", id="query-sign", markup=False)
            yield QueryLine(self.helpdesk.categories, self.helpdesk.article_ids, under, id="query")
            yield Static(id="query-told", markup=False)
        yield TicketList(id="list")
        yield CardView(("heading", "facts", "conversation", "matches"), id="reading", brief=True)
        yield under

    @property
    def list(self) -> TicketList:
        """The list of tickets."""
        return self.query_one("#list", TicketList)

    def on_mount(self) -> None:
        """Show the first view; its first page is drawn at once, lengths and numbers come later."""
        self.list.categories = self.helpdesk.categories
        self.list.focus()
        self.head(_("Queue"), f"{self.helpdesk.office.store.path.name} · {self.helpdesk.office.desk.actor}")
        self._choose(self._views[0], self._list_at_once)
        self.call_after_refresh(self._read_the_rest)

    def _read_the_rest(self) -> None:
        self._count()
        actor = self.helpdesk.office.desk.actor
        self.read("drafts", lambda connection: DraftsRead(drafts.of(connection, actor)))

    def on_screen_resume(self) -> None:
        """Back from a ticket: it may look different now."""
        self.helpdesk.look()

    # the list

    def _choose(self, view: View, listing: Callable[[], None] | None = None) -> None:
        self._sort = view.sort
        line = self.query_one("#query", Input)
        self._typed, self._waits = view.query, False
        with line.prevent(Input.Changed):
            line.value = view.query
            line.cursor_position = len(view.query)
        self._narrow(view.query, listing)

    def _narrow(self, typed: str, listing: Callable[[], None] | None = None) -> None:
        """List what a query finds; one that cannot be read leaves the list as it is and says why."""
        try:
            self.helpdesk.wanted = query.parse(typed, self.helpdesk.scope())
        except UsageProblem as problem:
            self._say_what_is_wrong(str(problem))
            return
        self._say_what_is_wrong("")
        (listing or self._list)()

    def _list_at_once(self) -> None:
        """Read the first page before anything is painted; where that takes long, later, like every other page."""
        wanted, sort, now = self.helpdesk.wanted, self._sort, clock.to_millis(clock.now())
        deadline = time.monotonic() + PATIENCE
        try:
            with self.helpdesk.office.store.read() as connection:
                connection.set_progress_handler(lambda: time.monotonic() > deadline, 10_000)
                page = tickets.page(connection, wanted, now, sort, PAGE)
        except StoreUnusable:
            self._list()
            return
        self._listings += 1
        self.on_list_read(ListRead(self._listings, {0: page}))

    def _list(self) -> None:
        """Read the list from its top; what is on the screen stays until that is there."""
        self._listings += 1
        self._reading_again = False
        number, wanted, sort, now = self._listings, self.helpdesk.wanted, self._sort, clock.to_millis(clock.now())
        self.read("list", lambda connection: ListRead(number, {0: tickets.page(connection, wanted, now, sort, PAGE)}))

    def _list_again(self) -> None:
        """Read the list again around the cursor, which stays on its ticket if that is still there."""
        if self._reading_again:
            self._changed_again = True
            return
        self._reading_again, self._changed_again = True, False
        self._listings += 1
        number, wanted, sort, now = self._listings, self.helpdesk.wanted, self._sort, clock.to_millis(clock.now())
        held, cursor, rows = self.list.ticket, self.list.cursor, self.list.rows_shown

        def ask(connection: sqlite3.Connection) -> ListRead:
            at = None if held is None else tickets.place(connection, wanted, sort, held["number"])
            at = cursor if at is None else at
            first, last = max(at - rows, 0) // PAGE, (at + rows) // PAGE
            if last < SHALLOW:
                pages, after = {}, ""
                for place in range(last + 1):
                    pages[place] = page = tickets.page(connection, wanted, now, sort, PAGE, after)
                    if page.cursor is None:
                        break
                    after = page.cursor
                return ListRead(number, pages, at)
            extent = tickets.extent(connection, wanted, sort, PAGE)
            places = range(first, min(last + 1, len(extent.starts)))
            read = {p: tickets.page(connection, wanted, now, sort, PAGE, extent.starts[p]) for p in places}
            return ListRead(number, read, at, extent)

        self.read("list", ask)

    def on_list_read(self, message: ListRead) -> None:
        """Draw the list that was read."""
        self._reading_again = False
        if message.listing == self._listings:
            known = self.list.listing.total if message.cursor is not None else None
            listing = Listing(message.listing, known)
            if message.extent is not None:
                listing.measure(message.extent)
            for number, page in message.pages.items():
                listing.put(number, self._newest(page))
            self.list.begin(listing, self._place_in(listing, message.cursor))
            self._tell_length()
            if message.extent is None:
                self._measure()
        if self._changed_again:
            self._list_again()

    def _place_in(self, listing: Listing, asked: int | None) -> int | None:
        """Where the cursor belongs in a list read anew: somebody may have moved it while that was read."""
        held = self.list.ticket if asked is not None else None
        now = listing.position(held["number"]) if held is not None else None
        return asked if now is None else now

    def on_page_wanted(self, message: PageWanted) -> None:
        """Read a page that comes into view."""
        listing = self.list.listing
        start = listing.start(message.number)
        if message.listing != listing.number or start is None:
            return
        wanted, sort, now = self.helpdesk.wanted, self._sort, clock.to_millis(clock.now())
        self.read(
            f"page {message.number}",
            lambda connection: PageRead(
                message.listing, message.number, tickets.page(connection, wanted, now, sort, PAGE, start)
            ),
        )

    def on_page_read(self, message: PageRead) -> None:
        """Draw a page."""
        if message.listing == self.list.listing.number:
            self.list.put(message.number, self._newest(message.page))
            self._tell_length()

    def _measure(self) -> None:
        number, wanted, sort = self._listings, self.helpdesk.wanted, self._sort
        if self.list.listing.is_complete and len(self.list.listing) <= PAGE:
            return
        self.read(
            "extent",
            lambda connection: ExtentRead(number, tickets.extent(connection, wanted, sort, PAGE)),
            patient=True,
        )

    def on_extent_read(self, message: ExtentRead) -> None:
        """Draw the list at its whole length."""
        if message.listing == self.list.listing.number:
            self.list.measure(message.extent)
            self._tell_length()

    def _tell_length(self) -> None:
        listing = self.list.listing
        sentence = words.tickets(len(listing)) if listing.is_complete else f"{words.tickets(len(listing))}+"
        marked = f"● {len(self.list.marked)} · " if self.list.marked else ""
        whole = f"{marked}{sentence} · {_(saved_views.SORT_NAMES[self._sort])}"
        self._beside = (_("Enter takes it as it stands"),) if self._waits else (whole, f"{marked}{sentence}")
        self._make_room()

    # the query line

    def _say_what_is_wrong(self, sentence: str) -> None:
        """Say it under the line, where there is room for all of it; a line longer than its place stands there too."""
        self._wrong = one_line(sentence, 600)
        self._tell_under()

    def _tell_under(self) -> None:
        line, row = self.query_one("#query", QueryLine), self.query_one("#query-row")
        cut = line.has_focus and cell_len(line.value) > row.size.width - SIGN - 1
        said = ([Piece(line.value, "line--dim")] if cut else []) + (
            [Piece(self._wrong, "line--error")] if self._wrong else []
        )
        self.query_one("#under-query", UnderLine).tell(*said)

    def _make_room(self) -> None:
        """The query goes before what is told beside it, which is told shorter, or not at all while one types."""
        line, told = self.query_one("#query", QueryLine), self.query_one("#query-told", Static)
        room = self.query_one("#query-row").size.width - SIGN - cell_len(line.value) - 1 - PADDING
        fitting = next((sentence for sentence in self._beside if cell_len(sentence) <= room), None)
        told.display = fitting is not None or not line.has_focus
        told.update(self._beside[-1] if fitting is None else fitting)

    def on_input_changed(self, event: Input.Changed) -> None:
        """The list follows the typing; a last word that may still become something else waits for its end."""
        if event.value == self._typed:
            return
        self._typed = event.value
        self._waits = self.query_one("#query", QueryLine).words.is_unfinished(event.value)
        if self._waits:
            self._say_what_is_wrong("")
        else:
            self._narrow(event.value)
        self._tell_length()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The last word counts as it is; back to the list, if the query can be read."""
        self._typed, self._waits = event.value, False
        self._narrow(event.value)
        self._tell_length()
        if not self._wrong:
            self.list.focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """The line gets the room it needs, or gives it back."""
        self._make_room()
        self._tell_under()

    def on_resize(self, event: events.Resize) -> None:
        """What lies under the line stays there."""
        self.call_after_refresh(self._lie_down)

    def _lie_down(self) -> None:
        self._make_room()
        under = self.query_one("#under-query", UnderLine)
        under.tell()
        self._tell_under()
        under.lie_down()

    def action_query(self) -> None:
        """To the query line."""
        self.query_one("#query", Input).focus()

    # the views

    def _count(self) -> None:
        queries = [query.parse(view.query, self.helpdesk.scope()) for view in self._views if view.name]
        self.read("counts", lambda connection: CountsRead([counts.of(connection, q) for q in queries]), patient=True)

    def on_counts_read(self, message: CountsRead) -> None:
        """Draw the numbers."""
        self.query_one("#views", ViewList).show_counts(message.counts)

    def on_line_list_pointed(self, event: LineList.Pointed) -> None:
        """A view that is pointed at is shown."""
        if event.sender.id == "views":
            self.list.marked.clear()
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
        self.set_class(not views.has_focus, "-views")
        (self.list if views.has_focus else views).focus()

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Where there is no room for the views beside the list, they are there only while they have the keys."""
        if event.widget.id == "views":
            self.remove_class("-views")

    def action_sort(self) -> None:
        """The next order."""
        self._sort = saved_views.next_sort(self._sort)
        self._list()

    # the ticket under the cursor

    def on_ticket_pointed(self, message: TicketPointed) -> None:
        """Read the ticket once the cursor rests."""
        if self._rest is not None:
            self._rest.stop()
        if message.ticket is None:
            reading = self.query_one("#reading", CardView)
            reading.nothing = self._why_empty()
            reading.show(None)
            return
        number = message.ticket["number"]
        self._rest = self.set_timer(REST, lambda: self._read_card(number))

    def _why_empty(self) -> Sequence[str]:
        """What somebody before an empty list can do next."""
        if self.look_up(tickets.are_any):
            return [_("No ticket is like this."), "", _("/ changes the query, Tab goes to other views.")]
        return [
            _("There is no ticket yet."),
            "",
            _("N  files one: paste a chat or a mail."),
            _(":  runs a command: import tickets FILE, kb import FILE"),
            "",
            _("helpdesk demo fills a store of its own with a sample shop, to look around in."),
        ]

    def _read_card(self, number: int) -> None:
        now = clock.to_millis(clock.now())
        self.read("card", lambda connection: CardRead(number, tickets.card(connection, number, now)))

    def on_card_read(self, message: CardRead) -> None:
        """Draw the ticket."""
        self.query_one("#reading", CardView).show(message.card)

    def action_open(self) -> None:
        """Open the ticket under the cursor."""
        if self.list.ticket is not None:
            self._open(self.list.ticket["number"])

    def action_write(self, how: str) -> None:
        """Open the ticket under the cursor and write to it: `answer` or `reply`."""
        if self.list.ticket is not None:
            self._open(self.list.ticket["number"], how)

    def _open(self, number: int, begin: str = "") -> None:
        card = self.card_of(number)
        if card is None:
            return
        from helpdesk.tui.ticket import TicketScreen

        screen = TicketScreen(card)
        self.app.push_screen(screen)
        if begin == "answer":
            screen.action_answer(0)
        elif begin == "reply":
            screen.action_reply()

    def action_flow(self) -> None:
        """One ticket after another, of those the query finds."""
        self._flow = Flow(self.helpdesk.wanted)
        self.hold()
        self.read("next", self._flow.next_ticket(clock.to_millis(clock.now())))

    def on_next_read(self, message: NextRead) -> None:
        """Begin with the first ticket."""
        if message.card is None:
            self.release()
            self.tell(_("Nothing is waiting for you."))
            return
        self._flow.take()
        from helpdesk.tui.ticket import TicketScreen

        screen = TicketScreen(message.card, self._flow)
        self.release(lambda: self.app.push_screen(screen))

    # marks

    def action_mark(self) -> None:
        """Mark the ticket."""
        self.helpdesk.office.warm_up()
        self.list.toggle_mark()
        self._tell_length()

    def action_mark_to(self) -> None:
        """Mark all from the last mark to the cursor."""
        self.list.mark_to()
        self._tell_length()

    def action_mark_all(self) -> None:
        """Mark every ticket of the list, of which there may be some thousands."""
        if len(self.list.listing) > MOST_MARKED:
            self.tell(
                _("The list has {tickets}; narrow it to at most {most}.").format(
                    tickets=words.tickets(len(self.list.listing)), most=MOST_MARKED
                )
            )
            return
        wanted = self.helpdesk.wanted
        self.read("numbers", lambda connection: NumbersRead(tickets.numbers(connection, wanted)))

    def on_numbers_read(self, message: NumbersRead) -> None:
        """Mark them."""
        self.list.marked = set(message.numbers)
        self.list.refresh()
        self._tell_length()

    def chosen(self) -> Chosen:
        """The marked tickets, else the one under the cursor."""
        if self.list.marked:
            return Chosen(tuple(sorted(self.list.marked)))
        ticket = self.list.ticket
        return Chosen((ticket["number"],), ticket) if ticket else Chosen(())

    def on_done(self, message: Done) -> None:
        """Tell what was done, and show it before the next key can act on what was there before; the marks are gone."""
        self.tell(message.sentence)
        self.list.marked.clear()
        self._show_changed([number for number, _state in message.result.tickets[:AT_ONCE]])
        self.release()
        self.helpdesk.look()

    def _show_changed(self, numbers: Sequence[int]) -> None:
        now = clock.to_millis(clock.now())
        changed = self.look_up(lambda connection: [tickets.one(connection, number, now) for number in numbers])
        for ticket in changed or ():
            if ticket is not None:
                self._changed[ticket["number"]] = ticket
                self.list.listing.replace(ticket)
        while len(self._changed) > AT_ONCE:
            self._changed.pop(next(iter(self._changed)))
        self.list.refresh()

    def _newest(self, page: Page) -> Page:
        """A page that was being read when something was done must not show the tickets as they were before."""
        known = ((self._changed.get(ticket["number"]), ticket) for ticket in page.tickets)
        return page._replace(tickets=[now if now and now["version"] > then["version"] else then for now, then in known])

    def action_back(self) -> None:
        """Take the marks away; else the query back to the view's."""
        if self.list.marked:
            self.list.marked.clear()
            self.list.refresh()
            self._tell_length()
        elif self._typed != self._view.query:
            self._choose(self._view)
        self.list.focus()

    @property
    def _view(self) -> View:
        return self._views[self.query_one("#views", ViewList).cursor]

    # drafts left behind

    def on_drafts_read(self, message: DraftsRead) -> None:
        """Offer what was being written when the program ended, the newest first."""
        left = [(draft, go) for draft in message.drafts if (go := self._way_on(draft)) is not None]
        if not left:
            return
        draft, (title, go_on) = left[0]
        lines = [one_line(draft.body, 300)]
        if len(left) > 1:
            lines.append(_("… and {count} more").format(count=len(left) - 1))
        answers = [("on", _("Go on writing")), ("later", _("Later; it is kept"))]

        def answered(name: str | None) -> None:
            if name == "on":
                go_on()

        self.app.push_screen(Choose(title, lines, answers), answered)

    def _way_on(self, draft: TextDraft) -> tuple[str, Callable[[], None]] | None:
        """The question for a draft, and what goes on with it; None where another window is at it."""
        when = words.ago(clock.iso(draft.at), clock.to_millis(clock.now()))
        kind, number = draft.key.partition(":")[0], draft.detail.get("number")
        if draft.is_written_elsewhere:
            return None
        if kind == "reply" and number:
            title = _("You were writing to ticket {number} ({when})").format(number=number, when=when)
            return title, lambda: self._open(number, "reply")
        if kind == "new":
            return _("You were writing a new ticket ({when})").format(when=when), lambda: self.helpdesk.go("new")
        return None

    # all of it

    def action_refresh(self) -> None:
        """Read everything again."""
        self.store_changed()

    def store_changed(self) -> None:
        """Read again what is shown; the cursor stays with its ticket."""
        self._list_again()
        self._count()
        if self.list.ticket is not None:
            self._read_card(self.list.ticket["number"])

    def targets(self) -> Iterator[Target]:
        """A letter on every ticket of the screen and on every view; where the views lie over the list, on those."""
        views = self.query_one("#views", ViewList)
        over = views.display and self.has_class("-narrow")
        return jump.rows(views) if over else jump.rows(self.list, views)
