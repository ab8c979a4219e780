"""A ticket's events as its clocks see them."""

from __future__ import annotations

import json
from collections.abc import Iterable

from helpdesk.clock import Millis
from helpdesk.models.vocabulary import State
from helpdesk.sla.clocks import Moment

CLOCK_KINDS = ("filed", "received", "replied", "answered", "moved", "absorbed")
"""The kinds of events that may start, stop or pause a clock; the others leave the state as it is."""

_ASKED, _ANSWERED = frozenset({"filed", "received", "absorbed"}), frozenset({"replied", "answered"})


def moments_of(events: Iterable[tuple[str, Millis, str]]) -> list[Moment]:
    """The moments behind a ticket's events (kind, at, detail as JSON), which are in the order they were written."""
    moments, state, until = [], State.NEW.value, None
    for kind, at, text in events:
        if kind not in CLOCK_KINDS:
            continue
        detail = json.loads(text)
        state = detail.get("state", state)
        until = detail.get("until", until) if state == State.SNOOZED else None
        moments.append(
            Moment(
                at,
                state,
                asked=kind in _ASKED and not detail.get("thanks"),
                answered=kind in _ANSWERED and detail.get("by", "agent") == "agent",
                until=until,
                asked_since=detail.get("asked_since"),
                told=detail.get("step") != "import",
            )
        )
    return moments
