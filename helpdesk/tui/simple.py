"""Simple mode (长辈模式): one customer at a time, a few large buttons with words, no panes, much room."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Center, Container, Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Static, TextArea

from helpdesk import clock, words
from helpdesk.i18n import _, _n
from helpdesk.text import one_line, safe
from helpdesk.tui import actions
from helpdesk.tui.drawing import plain, wrap
from helpdesk.tui.frame import DeskScreen
from helpdesk.tui.messages import CardRead, CustomerRead, DayRead, Done, Failed
from helpdesk.views import answers, dashboard, drafts, query, tickets, waiting

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from helpdesk.desk import Desk
    from helpdesk.tui.actions import Action
    from helpdesk.views.tickets import Card, JsonObject

SAVE_EVERY = 1.0
"""Seconds between two savings of a text that changes."""

ROOMY = 34
"""Lines of a terminal from which a line of room stands between two lines of text."""


class BigButton(Widget, can_focus=True):
    """A button as large as a finger: its key, its word; a click, Enter or the key does it."""

    DEFAULT_CSS = ""

    def __init__(self, action: Action) -> None:
        super().__init__(id=action.id.replace(".", "-"))
        self.action = action

    def render(self) -> Text:
        """The key and the word."""
        key = self.screen.helpdesk.keys_of(self.action)  # type: ignore[attr-defined]
        return Text.assemble((f" {key} ", "bold reverse"), f"  {_(self.action.words)} ", no_wrap=True)

    async def on_click(self, event: events.Click) -> None:
        """Do it."""
        event.stop()
        await self.press()

    async def on_key(self, event: events.Key) -> None:
        """Enter does it."""
        if event.key == "enter":
            event.stop()
            await self.press()

    async def press(self) -> None:
        """Do it, unless it cannot be done now."""
        if not self.disabled:
            await self.screen.run_action(self.action.does)


class SimpleScreen(DeskScreen):
    """What the simple screens share: no footer, for the buttons are the keys."""

    def compose(self) -> ComposeResult:
        """Head, and the page in the middle."""
        yield Static(id="head", markup=False)
        with Center(id="centre"), Container(id="page"):
            yield from self.body()

    def buttons(self) -> Iterable[BigButton]:
        """A button for each action of the screen that is meant for one."""
        return [BigButton(action) for action in actions.of(self.place) if action.footer]

    def action_before(self) -> None:
        """The button before."""
        self.focus_previous()

    def action_after(self) -> None:
        """The button after."""
        self.focus_next()


class SimpleHome(SimpleScreen):
    """How many wait, and what can be done."""

    place = "home"
    BINDINGS: ClassVar[list[Any]] = actions.bindings("home")

    def body(self) -> Iterable[Widget]:
        """Two sentences and the buttons."""
        yield Static(id="waiting", markup=False)
        yield Static(id="today", markup=False)
        with Vertical(id="home-buttons"):
            yield from self.buttons()

    def on_mount(self) -> None:
        """Read how many wait."""
        self.head(_("Simple mode"))
        self.query(BigButton).first().focus()
        self.store_changed()

    def on_screen_resume(self) -> None:
        """Back from a customer: read again."""
        self.store_changed()

    def store_changed(self) -> None:
        """Read again."""
        now = clock.to_millis(clock.now())
        self.read("day", lambda connection: DayRead(dashboard.today(connection, now)))

    def on_day_read(self, message: DayRead) -> None:
        """Say it."""
        day = message.day
        waiting = _n("{count} customer waits for you.", "{count} customers wait for you.", day.waiting)
        told = waiting.format(count=f"{day.waiting:,}") if day.waiting else _("Nobody waits. Well done!")
        self.query_one("#waiting", Static).update(Text(told, style="bold"))
        came = _("Today {arrived} came and {answered} were answered.").format(
            arrived=f"{day.arrived:,}", answered=f"{day.by_faq.of:,}"
        )
        self.query_one("#today", Static).update(Text(came))

    def action_customer(self) -> None:
        """The next customer."""
        self.app.push_screen(SimpleCustomer())

    def action_leave(self) -> None:
        """To the full screens."""
        self.helpdesk.go("queue")


class SimpleCustomer(SimpleScreen):
    """One customer: what they wrote, the answer that fits, six buttons."""

    place = "customer"
    BINDINGS: ClassVar[list[Any]] = actions.bindings("customer")

    def __init__(self) -> None:
        super().__init__()
        self._skipped: set[int] = set()
        self._found: CustomerRead | None = None
        self._version = self._heard = 0
        self._mine: Callable[[], None] = self._next
        self._choice = 0
        self._sent = False
        self._busy = False
        self._done = 0
        self._kept = ""

    def body(self) -> Iterable[Widget]:
        """The customer's words, the answer, the buttons."""
        yield Static(id="who", markup=False)
        with VerticalScroll(id="said"):
            yield Static(id="said-text", markup=False)
        yield Static(id="answer-title", markup=False)
        yield TextArea(id="answer", soft_wrap=True, tab_behavior="focus", compact=True, read_only=True)
        with Container(id="customer-buttons"):
            yield from self.buttons()

    def on_mount(self) -> None:
        """The first customer; from then on what is written is kept."""
        self._next()
        self.set_interval(SAVE_EVERY, self._keep)

    # one customer after another

    def _next(self) -> None:
        skipped, now, actor = set(self._skipped), clock.to_millis(clock.now()), self.helpdesk.office.desk.actor
        self._busy = True
        self.read("customer", lambda connection: _first(connection, skipped, now, actor))

    def _again(self, number: int) -> None:
        """The same customer as the ticket is now; the next where nobody waits there any more."""
        now, actor = clock.to_millis(clock.now()), self._actor
        self._busy = True
        self.read("customer", lambda connection: _again(connection, number, now, actor))

    def on_customer_read(self, message: CustomerRead) -> None:
        """Show the customer."""
        self._busy = False
        self._found, self._choice, self._sent = message, 0, False
        self._say_head()
        if message.card is None:
            self.query_one("#who", Static).update(_("Nobody waits any more."))
            self.query_one("#said-text", Static).update("")
            self._fill("", "")
        else:
            self._version, self._heard = message.card.ticket["version"], len(message.card.messages)
            self._show()
        self._allow()
        self._to_buttons()

    def _say_head(self) -> None:
        done = _n("{count} done", "{count} done", self._done).format(count=self._done)
        self.head(_("Simple mode"), done if self._done else "")

    def _show(self) -> None:
        assert self._found is not None
        card = self._found.card
        assert card is not None
        ticket, now = card.ticket, clock.to_millis(clock.now())
        customer = ticket["customer"] or {}
        name = customer.get("name") or customer.get("handle") or _("A customer")
        who = f"{one_line(plain(name), 40)} · {words.ago(ticket['created_at'], now)} · #{ticket['number']}"
        self.query_one("#who", Static).update(Text(who, style="bold"))
        spoken = [m for m in card.messages if m["visibility"] == "public"]
        lines = []
        for message in spoken[-6:]:
            by = _("The customer wrote:") if message["author"] == "customer" else _("We wrote:")
            lines += [by, *(f"  {line}" for line in self._wrapped(plain(words.shown(message["body"]))))]
        self.query_one("#said-text", Static).update(Text(self._joined(lines)))
        self.query_one("#said", VerticalScroll).scroll_end(animate=False)
        self._offer()

    def _wrapped(self, text: str) -> list[str]:
        width = max(self.query_one("#said").size.width - 6, 20)
        return [row for line in text.split("\n") for row in wrap(line, width)]

    def _joined(self, lines: list[str]) -> str:
        return ("\n\n" if self.app.size.height >= ROOMY else "\n").join(lines)

    def _offer(self) -> None:
        assert self._found is not None
        if self._found.draft is not None:
            self._fill(_("You were writing this:"), self._found.draft.body)
            return
        if not self._found.offers:
            self._fill(_("No answer fits. Please write one:"), "")
            return
        offer = self._found.offers[self._choice]
        title = _("Answer {place} of {count} that may fit:").format(
            place=self._choice + 1, count=len(self._found.offers)
        )
        self._fill(title, offer[1])

    def _fill(self, title: str, answer: str) -> None:
        self.query_one("#answer-title", Static).update(Text(title, style="bold"))
        area = self.query_one("#answer", TextArea)
        area.text, area.read_only = safe(answer), True

    def _allow(self) -> None:
        """Only what can be done now can be pressed."""
        someone = self._found is not None and self._found.card is not None
        offers = len(self._found.offers) if self._found else 0
        allowed = {
            "customer-send": someone and not self._sent,
            "customer-other": someone and not self._sent and offers > 1,
            "customer-write": someone and not self._sent,
            "customer-solved": someone,
            "customer-skip": someone,
        }
        for identity, can in allowed.items():
            self.query_one(f"#{identity}", BigButton).disabled = not can

    def _can(self, name: str) -> bool:
        return not self._busy and not self.query_one(f"#customer-{name}", BigButton).disabled

    def _to_buttons(self) -> None:
        buttons = [button for button in self.query(BigButton) if not button.disabled]
        wanted = "customer-solved" if self._sent else "customer-send"
        next((b for b in buttons if b.id == wanted), buttons[-1]).focus()

    # what is written

    @property
    def _actor(self) -> str:
        return self.helpdesk.office.desk.actor

    @property
    def _is_own(self) -> bool:
        """Whether what stands in the answer is not simply the article that is offered."""
        offers = self._found.offers if self._found is not None else []
        return not offers or safe(offers[self._choice][1]) != self.query_one("#answer", TextArea).text

    def _keep(self) -> None:
        """Keep what is being written, if it changed; the full screens offer it again too."""
        area = self.query_one("#answer", TextArea)
        if area.read_only or self._busy or area.text == self._kept or self._found is None or self._found.card is None:
            return
        self._kept, number = area.text, self._found.card.ticket["number"]
        key, text = _draft_key(number, self._actor), area.text

        def deed(desk: Desk) -> None:
            from helpdesk.desk import drafts

            drafts.keep(desk, key, text, {"number": number})

        self.act("draft", deed, lambda _nothing: "")

    # what can be done

    def action_send(self) -> None:
        """Send what stands in the answer."""
        area = self.query_one("#answer", TextArea)
        if not self._can("send") or self._found is None or self._found.card is None:
            return
        if not area.text.strip():
            self.action_write()
            return
        ticket, body = self._found.card.ticket, area.text
        article = None if self._is_own else self._found.offers[self._choice][0]
        number, version, key = ticket["number"], self._version, _draft_key(ticket["number"], self._actor)

        def deed(desk: Desk) -> int:
            from helpdesk.desk import conversation, drafts

            if article is not None:
                conversation.answer(desk, number, article, expected_version=version)
            else:
                conversation.reply(desk, number, body, expected_version=version)
            drafts.drop(desk, key)
            return int(number)

        self._busy, self._mine = True, self.action_send
        self.act("send", deed, lambda _number: _("Sent."))

    def action_other(self) -> None:
        """The next answer that may fit."""
        if self._can("other") and self._found is not None:
            self._choice = (self._choice + 1) % len(self._found.offers)
            self._found.draft = None
            self._offer()

    def action_write(self) -> None:
        """Write into the answer."""
        if not self._can("write"):
            return
        area = self.query_one("#answer", TextArea)
        area.read_only, self._kept = False, area.text
        area.focus()
        area.move_cursor(area.document.end)
        told = _("Write here. {send} sends it, Esc goes back to the buttons.").format(send="^S")
        self.query_one("#answer-title", Static).update(Text(told, style="bold"))

    def action_solved(self) -> None:
        """Close, then the next customer."""
        if not self._can("solved") or self._found is None or self._found.card is None:
            return
        number, version = self._found.card.ticket["number"], self._version

        def deed(desk: Desk) -> int:
            from helpdesk.desk import steps
            from helpdesk.models.states import Step

            steps.move(desk, Step.CLOSE, [number], expected_version=version)
            return int(number)

        self._busy, self._mine = True, self.action_solved
        self.act("close", deed, lambda _number: _("Solved and closed."))

    def action_skip(self) -> None:
        """The next customer; this one waits until the end."""
        if self._can("skip") and self._found is not None and self._found.card is not None:
            self._skipped.add(self._found.card.ticket["number"])
            self._next()

    def on_done(self, message: Done) -> None:
        """Sent: ask whether it is solved. Closed: the next."""
        if message.subject == "draft":
            return
        self._busy = False
        if message.subject == "kept" and self._found is not None and self._found.card is not None:
            self._again(self._found.card.ticket["number"])
            return
        self.tell(message.sentence)
        if message.subject == "close":
            self._done += 1
            self._next()
            return
        self._sent = True
        # what was sent; whatever else happened makes it a race when the ticket is closed
        self._version, self._heard = self._version + 1, self._heard + 1
        self.query_one("#answer", TextArea).read_only = True
        self.query_one("#answer-title", Static).update(Text(_("Sent. Is it solved?"), style="bold"))
        self._allow()
        self._to_buttons()

    def failed(self, message: Failed) -> None:
        """A lost race is shown as theirs and mine; else say why. What was written stays."""
        if message.conflict and self._found is not None and self._found.card is not None:
            number, now = self._found.card.ticket["number"], clock.to_millis(clock.now())
            self.read("theirs", lambda connection: CardRead(number, tickets.card(connection, number, now)))
            return
        self._busy = False
        super().failed(message)

    def on_card_read(self, message: CardRead) -> None:
        """Somebody was faster: ask whose change is to stand."""
        self._busy = False
        if message.card is None:
            self._next()
            return
        card, mine, closing = message.card, self._mine, self._mine == self.action_solved
        written = "" if closing else self.query_one("#answer", TextArea).text

        def answered(name: str | None) -> None:
            self._version, self._heard = card.ticket["version"], len(card.messages)
            if name == "mine":
                mine()
            else:
                self._leave_it(card.ticket["number"], written)

        self.app.push_screen(SimpleRace(card, card.messages[self._heard :], written, closing), answered)

    def _leave_it(self, number: int, written: str) -> None:
        """Show the customer anew; what was written is kept before, so that it stands there again."""
        if not written or not self._is_own:
            self._again(number)
            return
        key = _draft_key(number, self._actor)

        def deed(desk: Desk) -> None:
            from helpdesk.desk import drafts

            drafts.keep(desk, key, written, {"number": number})

        self._busy = True
        self.act("kept", deed, lambda _nothing: "")

    def action_back(self) -> None:
        """From the text to the buttons, from there to the beginning."""
        area = self.query_one("#answer", TextArea)
        if area.has_focus:
            area.read_only = True
            self._to_buttons()
        else:
            self.dismiss()


class SimpleRace(SimpleScreen):
    """Somebody was faster: what they did, what was to be done, and two buttons; "mine" or "theirs" is the result."""

    place = "race"
    BINDINGS: ClassVar[list[Any]] = actions.bindings("race")

    def __init__(self, card: Card, news: Sequence[JsonObject], written: str, closing: bool) -> None:
        super().__init__()
        self._card, self._news, self._written, self._to_close = card, news, written, closing

    def body(self) -> Iterable[Widget]:
        """What happened, what did not, and the buttons."""
        yield Static(id="who", markup=False)
        yield Static(Text(_("Meanwhile:"), style="bold"), classes="side", markup=False)
        with VerticalScroll(id="theirs", can_focus=False):
            yield Static(id="theirs-text", markup=False)
        yield Static(Text(self._not_done(), style="bold"), classes="side", markup=False)
        with VerticalScroll(id="mine", can_focus=False):
            yield Static(Text(plain(words.shown(self._written))), id="mine-text", markup=False)
        with Container(id="race-buttons"):
            yield from self.buttons()

    def _not_done(self) -> str:
        return _("You wanted to close it. It is not closed.") if self._to_close else _("Your answer is not sent:")

    def on_mount(self) -> None:
        """Say what happened; nothing is done by who only presses Enter."""
        self.head(_("Simple mode"))
        title = _("Ticket {number} was changed meanwhile").format(number=self._card.ticket["number"])
        self.query_one("#who", Static).update(Text(title, style="bold"))
        self.query_one("#theirs-text", Static).update(Text("\n".join(self._theirs())))
        self.query_one("#mine").display = bool(self._written)
        self.query(BigButton).first().focus()

    def _theirs(self) -> list[str]:
        """Who did it and how it stands now, and what the customer wrote, in sentences."""
        card, now = self._card, clock.to_millis(clock.now())
        told = [
            _("{actor}, {ago}: it is {state} now.").format(
                actor=one_line(plain(event["actor"]), 40),
                ago=words.ago(event["at"], now),
                state=words.word(event["detail"].get("state", card.ticket["state"])),
            )
            for event in card.events[-1:]
        ]
        for message in self._news[-2:]:
            by = _("The customer wrote:") if message["author"] == "customer" else _("We wrote:")
            told += [by, f"  {plain(words.shown(message['body']))}"]
        return told

    def action_theirs(self) -> None:
        """Leave it as it is."""
        self.dismiss("theirs")

    def action_mine(self) -> None:
        """Do it all the same."""
        self.dismiss("mine")


def _first(connection: sqlite3.Connection, skipped: set[int], now: int, actor: str) -> CustomerRead:
    """The customer to take now, with the answers that may fit."""
    everything = query.Query()
    first = waiting.first(connection, everything, now, skipped) or waiting.first(connection, everything, now)
    if first is None:
        return CustomerRead(None, [])
    return _customer(connection, first.number, now, actor)


def _again(connection: sqlite3.Connection, number: int, now: int, actor: str) -> CustomerRead:
    """One customer if they still wait, else the one to take now."""
    same = query.parse(f"number:{number}", query.Scope(now, actor))
    if waiting.first(connection, same, now) is None:
        return _first(connection, set(), now, actor)
    return _customer(connection, number, now, actor)


def _customer(connection: sqlite3.Connection, number: int, now: int, actor: str) -> CustomerRead:
    """One customer with the answers that may fit."""
    card = tickets.card(connection, number, now)
    offers = []
    for match in card.matches if card else ():
        rendered = answers.render(connection, number, match["article"])
        if rendered is not None and rendered.state == "published":
            offers.append((match["article"], rendered.body))
    return CustomerRead(card, offers, drafts.one(connection, _draft_key(number, actor)))


def _draft_key(number: int, actor: str) -> str:
    """What an answer being written is kept under, on the full screens too."""
    return f"reply:{number}:{actor}"
