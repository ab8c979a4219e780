"""Which ticket to take now: its urgency plus points for the time left on its next clock, both shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from helpdesk.clock import Millis

AT_DUE = 4.0
"""Points of a ticket due this moment."""

AHEAD = 4 * 3_600_000
"""From so many milliseconds before the due time on, points rise from zero to AT_DUE."""

LATE_PER_HOUR = 1.0
MOST = 8.0


class Candidate(NamedTuple):
    """A ticket somebody could take now."""

    number: int
    urgency: float
    due_at: Millis | None


class Ranked(NamedTuple):
    """A candidate with the points its time left gives it."""

    number: int
    urgency: float
    time_points: float


def time_points(due_at: Millis | None, now: Millis) -> float:
    """The points of a due time: 0 when far, AT_DUE when it is reached, one more for each hour late, at most MOST."""
    if due_at is None:
        return 0.0
    if due_at >= now:
        return round(AT_DUE * max(0.0, 1 - (due_at - now) / AHEAD), 2)
    return round(min(MOST, AT_DUE + LATE_PER_HOUR * (now - due_at) / 3_600_000), 2)


def rank(candidates: Sequence[Candidate], now: Millis) -> list[Ranked]:
    """The candidates, the one to take now first; of equals the one due sooner, then the older."""
    with_points = [(c, time_points(c.due_at, now)) for c in candidates]
    with_points.sort(key=lambda item: (-(item[0].urgency + item[1]), item[0].due_at or now * 2, item[0].number))
    return [Ranked(c.number, c.urgency, points) for c, points in with_points]
