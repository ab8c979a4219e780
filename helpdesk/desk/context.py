"""Who acts, on which store, at what time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from helpdesk import clock
from helpdesk.clock import Millis
from helpdesk.store import Store


@dataclass(frozen=True, slots=True)
class Desk:
    """The place every use case acts from: a store, an actor's name, and a clock."""

    store: Store
    actor: str
    now: Callable[[], datetime] = clock.now

    def moment(self) -> Millis:
        """The present, as it is stored."""
        return clock.to_millis(self.now())
