"""A clock explained: every interval of a round, counted, closed or paused, with the event and the calendar's line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from helpdesk.clock import Millis
from helpdesk.sla.calendar import Calendar, Day
from helpdesk.sla.clocks import Round


class Kind(StrEnum):
    """What an interval is to the clock."""

    COUNTED = "counted"
    CLOSED = "closed"
    PAUSED = "paused"


class Interval(NamedTuple):
    """A piece of a round's wall time.

    `because` is the place of the moment that began the run or the pause it lies in; `day` the calendar's rule, None
    where the policy counts round the clock or the clock was paused.
    """

    begin: Millis
    end: Millis
    kind: Kind
    because: int
    day: Day | None


def intervals(round_: Round, calendar: Calendar, now: Millis) -> list[Interval]:
    """The wall time of a round from its begin to its end, or to `now`, without a gap or an overlap."""
    return list(_intervals(round_, calendar, now if round_.ended_at is None else round_.ended_at))


def _intervals(round_: Round, calendar: Calendar, until: Millis) -> Iterator[Interval]:
    at, because = round_.started_at, round_.runs[0].opened_by if round_.runs else 0
    for run in round_.runs:
        if run.begin > at and at < until:
            yield Interval(at, min(run.begin, until), Kind.PAUSED, because, None)
        end = until if run.end is None else min(run.end, until)
        yield from _running(run.begin, end, run.opened_by, calendar)
        at, because = max(at, end), run.opened_by if run.closed_by is None else run.closed_by
    if at < until:
        yield Interval(at, until, Kind.PAUSED, because, None)


def _running(begin: Millis, end: Millis, because: int, calendar: Calendar) -> Iterator[Interval]:
    if begin >= end:
        return
    if calendar.always_open:
        yield Interval(begin, end, Kind.COUNTED, because, None)
        return
    for piece in calendar.stretches(begin, end):
        yield Interval(piece.begin, piece.end, Kind.COUNTED if piece.open else Kind.CLOSED, because, piece.day)


def total(found: Sequence[Interval], kind: Kind) -> Millis:
    """The time of one kind."""
    return sum(piece.end - piece.begin for piece in found if piece.kind is kind)
