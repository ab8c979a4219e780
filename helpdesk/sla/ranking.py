"""Which ticket to take now: its urgency plus points for the working time left on its clocks, both shown.

A reply is written in a moment, so a response clock presses by the time left. A solution takes the time such tickets
usually need, so the resolution clock presses by what is left beyond that: at zero it is the last moment to begin.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from helpdesk.clock import Millis
from helpdesk.models.vocabulary import ClockName
from helpdesk.sla.calendar import MINUTE, Calendar
from helpdesk.sla.usual import Usual

AT_DUE = 4.0
"""Points of a ticket that must be begun this moment."""

AHEAD = 4 * 60 * MINUTE
"""From so much working time before that moment on, points rise from zero to AT_DUE."""

LATE_PER_HOUR = 1.0
MOST = 8.0

ASSUMED = Usual(30 * MINUTE, 0)
"""What a solution is taken to need in a category of which too few are known."""

_AT_ONCE = Usual(0, 0)


class Candidate(NamedTuple):
    """A ticket somebody could take now; `policy` is the name of the policy it is judged by, if any was noted."""

    number: int
    urgency: float
    category: str
    policy: str | None
    first_response: Millis | None
    next_response: Millis | None
    resolution: Millis | None

    def dues(self) -> list[tuple[ClockName, Millis]]:
        """The clocks that run, and when they run out."""
        times = zip(ClockName, (self.first_response, self.next_response, self.resolution), strict=True)
        return [(clock, at) for clock, at in times if at is not None]


class TimeLeft(NamedTuple):
    """A clock's working time left (below zero when late), the working time usually needed, and the points of both."""

    clock: ClockName
    left: Millis
    needed: Usual
    points: float


class Ranked(NamedTuple):
    """A candidate and the time left that counts; None where no clock runs."""

    number: int
    urgency: float
    due_at: Millis | None
    time: TimeLeft | None

    @property
    def time_points(self) -> float:
        """What the time left adds to its urgency."""
        return 0.0 if self.time is None else self.time.points

    def place(self) -> tuple[float, float, int]:
        """Where it stands: the lower, the sooner; of equals the one due sooner, then the older."""
        return -(self.urgency + self.time_points), float("inf") if self.due_at is None else self.due_at, self.number


class Ranking:
    """The order the shop works in at `now`, given the calendar of each policy and what categories usually need."""

    def __init__(self, now: Millis, calendar_of: Callable[[str | None], Calendar], needed: Mapping[str, Usual]) -> None:
        self._now, self._calendar_of, self._needed = now, calendar_of, needed

    def ranked(self, candidate: Candidate) -> Ranked:
        """A candidate with the clock that presses it most: of equal points the one with least left."""
        dues = candidate.dues()
        if not dues:
            return Ranked(candidate.number, candidate.urgency, None, None)
        times = [self._time_left(candidate, clock, due_at) for clock, due_at in dues]
        pressing = max(times, key=lambda time: (time.points, -time.left))
        return Ranked(candidate.number, candidate.urgency, min(due_at for _clock, due_at in dues), pressing)

    def _time_left(self, candidate: Candidate, clock: ClockName, due_at: Millis) -> TimeLeft:
        left = self._calendar_of(candidate.policy).remaining(self._now, due_at)
        needed = self._needed.get(candidate.category, ASSUMED) if clock is ClockName.RESOLUTION else _AT_ONCE
        return TimeLeft(clock, left, needed, time_points(left, needed.amount))


def time_points(left: Millis, needed: Millis = 0) -> float:
    """The points of working time left: 0 when plenty, AT_DUE from the last moment to begin on, and when it is late one
    more for each working hour, at most MOST.
    """
    if left < 0:
        return round(min(MOST, AT_DUE - LATE_PER_HOUR * left / (60 * MINUTE)), 2)
    return round(AT_DUE * max(0.0, 1 - max(0, left - needed) / AHEAD), 2)
