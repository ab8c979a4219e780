"""A ticket's events as its clocks see them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from helpdesk.clock import Millis
from helpdesk.models.vocabulary import State
from helpdesk.sla.clocks import Moment

CLOCK_KINDS = ("filed", "received", "replied", "answered", "moved", "undone", "absorbed")
"""The kinds of events that may start, stop or pause a clock; the others leave the state as it is."""

_ASKED, _ANSWERED = frozenset({"filed", "received", "absorbed"}), frozenset({"replied", "answered"})


def moments_of(events: Iterable[tuple[str, Millis, str]]) -> list[Moment]:
    """The moments behind a ticket's events (kind, at, detail as JSON), which are in the order they were written."""
    moments, state, until = [], State.NEW.value, None
    for kind, at, text in events:
        if kind not in CLOCK_KINDS:
            continue
        told = _told(kind, text)
        state = told.state or state
        until = (told.until or until) if state == State.SNOOZED else None
        moments.append(Moment(at, state, told.asked, told.answered, until, told.asked_since, told.told))
    return moments


class _Told(NamedTuple):
    state: str | None
    asked: bool
    answered: bool
    until: Millis | None
    asked_since: Millis | None
    told: bool


@lru_cache(maxsize=4096)
def _told(kind: str, text: str) -> _Told:
    """What an event says by itself; most of a shop's events say one of a few dozen things."""
    detail = json.loads(text)
    return _Told(
        detail.get("state"),
        kind in _ASKED and not detail.get("thanks"),
        kind in _ANSWERED and detail.get("by", "agent") == "agent",
        detail.get("until"),
        detail.get("asked_since"),
        detail.get("step") != "import",
    )
