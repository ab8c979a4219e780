"""Who acts, on which store, at what time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from helpdesk import clock
from helpdesk.clock import Millis
from helpdesk.store import Store


class Desk(NamedTuple):
    """The place every use case acts from: a store, an actor's name, and a clock."""

    store: Store
    actor: str
    now: Callable[[], datetime] = clock.now

    def moment(self) -> Millis:
        """The present, as it is stored."""
        return clock.to_millis(self.now())
