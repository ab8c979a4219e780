"""Where simple mode (长辈模式) begins: how many wait, and four large buttons."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.widget import Widget

from helpdesk import clock
from helpdesk.i18n import _, _n
from helpdesk.tui import actions
from helpdesk.tui.big_buttons import BigButton
from helpdesk.tui.messages import DayRead
from helpdesk.tui.simple_customer import SimpleCustomer
from helpdesk.tui.simple_page import Sentence, SimpleScreen
from helpdesk.views import dashboard


class SimpleHome(SimpleScreen):
    """How many wait, and what can be done."""

    place = "home"
    BINDINGS: ClassVar[list[Any]] = actions.bindings("home")

    def body(self) -> Iterable[Widget]:
        """Two sentences."""
        yield Sentence(id="waiting")
        yield Sentence(id="today")

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
        self.query_one("#waiting", Sentence).say(told)
        came = _("Today {arrived} came and {answered} were answered.").format(
            arrived=f"{day.arrived:,}", answered=f"{day.by_faq.of:,}"
        )
        self.query_one("#today", Sentence).say(came)

    def action_customer(self) -> None:
        """The next customer."""
        self.app.push_screen(SimpleCustomer())

    def action_leave(self) -> None:
        """To the full screens."""
        self.helpdesk.go("queue")
