"""The due times of a ticket, computed from its events alone: what counted, what was paused, what was answered.

First response stops at the first public human reply or sent FAQ answer. Next response starts at the oldest unanswered
message of the customer. Resolution stops at `resolved` and resumes with what it had when the ticket is reopened.
Time in pending, on_hold and snoozed does not count (design §5).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from helpdesk.clock import Millis
from helpdesk.models.vocabulary import FINISHED_STATES, PAUSED_STATES, ClockName
from helpdesk.sla.policy import Policy


@dataclass(frozen=True, slots=True)
class Moment:
    """One event as the clocks see it.

    `state` is the state from then on; `asked` marks a message of the customer, `answered` a public text of the shop;
    `until` is when a snoozed ticket wakes by itself.
    """

    at: Millis
    state: str
    asked: bool = False
    answered: bool = False
    until: Millis | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """When each clock runs out; None while it does not run."""

    first_response: Millis | None = None
    next_response: Millis | None = None
    resolution: Millis | None = None

    @property
    def soonest(self) -> Millis | None:
        """The earliest of them."""
        return min((due for due in (self.first_response, self.next_response, self.resolution) if due), default=None)


@dataclass(slots=True)
class _Clock:
    """A clock that has used up `used` milliseconds and, while `since` is set, goes on counting from there."""

    used: int = 0
    since: Millis | None = None
    stopped: bool = False

    def run(self, at: Millis) -> None:
        if self.since is None and not self.stopped:
            self.since = at

    def pause(self, at: Millis) -> None:
        if self.since is not None:
            self.used += max(0, at - self.since)
            self.since = None

    def stop(self, at: Millis) -> None:
        self.pause(at)
        self.stopped = True

    def due(self, allowed: int) -> Millis | None:
        return None if self.since is None else self.since + allowed - self.used


def due_times(moments: Iterable[Moment], policy: Policy, priority: str, tier: str) -> Due:
    """The due times after `moments`, which are in the order they happened."""
    first, following, resolution = _Clock(), _Clock(stopped=True), _Clock()
    for moment in moments:
        _hear(moment, first, following)
        for clock in (first, following, resolution):
            _run_or_pause(clock, moment)
    allowed: Mapping[ClockName, int] = {name: policy.allowed(name, priority, tier) for name in ClockName}
    return Due(
        first.due(allowed[ClockName.FIRST_RESPONSE]),
        following.due(allowed[ClockName.NEXT_RESPONSE]),
        resolution.due(allowed[ClockName.RESOLUTION]),
    )


def _hear(moment: Moment, first: _Clock, following: _Clock) -> None:
    if moment.answered:
        first.stop(moment.at)
        following.stop(moment.at)
    if moment.asked and first.stopped and following.stopped:
        following.used, following.stopped = 0, False


def _run_or_pause(clock: _Clock, moment: Moment) -> None:
    if moment.state in FINISHED_STATES:
        clock.pause(moment.at)
    elif moment.state in PAUSED_STATES:
        clock.pause(moment.at)
        if moment.until is not None:
            clock.run(max(moment.until, moment.at))
    else:
        if clock.since is not None and clock.since > moment.at:
            clock.since = moment.at  # woken before its time
        clock.run(moment.at)
