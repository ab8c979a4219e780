"""One ticket after another: how many are done, and how long one takes."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from helpdesk.clock import Millis
from helpdesk.i18n import _, _n
from helpdesk.tui.messages import NextRead
from helpdesk.views import tickets
from helpdesk.views.query import Query


@dataclass
class Flow:
    """A run through the queue: the tickets passed over, and the seconds each finished one took."""

    query: Query
    passed: set[int] = field(default_factory=set)
    seconds: list[float] = field(default_factory=list)
    _taken_at: float = field(default_factory=time.monotonic)

    def next_ticket(self, now: Millis) -> Callable[[sqlite3.Connection], NextRead]:
        """Reads the ticket `next` would take, of those not passed over."""
        wanted, passed = self.query, frozenset(self.passed)

        def ask(connection: sqlite3.Connection) -> NextRead:
            from helpdesk.views import waiting  # with all of sla/, which the first screen does without

            first = waiting.first(connection, wanted, now, passed)
            return NextRead(tickets.card(connection, first.number, now) if first else None)

        return ask

    def take(self) -> None:
        """A ticket is on the screen from now on."""
        self._taken_at = time.monotonic()

    def finish(self) -> None:
        """The ticket on the screen is done."""
        self.seconds.append(time.monotonic() - self._taken_at)

    def told(self) -> str:
        """The counter: how many are done, and the median time of one."""
        done = _n("{count} done", "{count} done", len(self.seconds)).format(count=len(self.seconds))
        if not self.seconds:
            return done

        from statistics import median

        return done + " · " + _("median {seconds} s").format(seconds=round(median(self.seconds)))
