"""When an answer is to be expected: by what usual answers took lately, else by what the policy promises.

A question is compared with those asked at the same hour of the day, because a shop is busy, and closed, by the hour.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from helpdesk.clock import Millis, from_millis, to_millis
from helpdesk.sla.calendar import MINUTE, Calendar
from helpdesk.sla.usual import usual

DAYS = 30
"""How far back usual answers are looked for."""

_HOUR = 60 * MINUTE

Span = tuple[Millis, Millis]


class Basis(StrEnum):
    """What an expectation rests on: questions of the same hour, of any hour, or nothing but the policy."""

    HOUR = "hour"
    DAY = "day"
    PROMISE = "promise"


class Question(NamedTuple):
    """What a customer waits to have answered: since when, and when the policy has promised it."""

    asked_at: Millis
    due_at: Millis


class Expected(NamedTuple):
    """When an answer is to be expected, and what that rests on; `of` questions, 0 for a promise.

    `at` lies before `now` where it takes longer than usual.
    """

    at: Millis
    basis: Basis
    of: int


def expected(
    question: Question,
    now: Millis,
    calendar: Calendar,
    answers_in: Callable[[Sequence[Span]], Sequence[Millis]],
) -> Expected:
    """When the answer to a question is to be expected; never while the shop is closed.

    `answers_in` tells how long the answers to questions asked within some spans of time took, in wall time.
    """
    for basis, spans in ((Basis.HOUR, same_hour), (Basis.DAY, every_hour)):
        found = usual(answers_in(list(spans(question.asked_at, now, calendar))))
        if found is not None:
            return Expected(_when(question.asked_at + found.amount, now, calendar), basis, found.of)
    return Expected(question.due_at, Basis.PROMISE, 0)


def _when(at: Millis, now: Millis, calendar: Calendar) -> Millis:
    """A time to come is one at which the shop is open; one gone by stays, unless the shop has been closed since."""
    return at if at < now and calendar.is_open(now) else calendar.next_open(max(at, now))


def same_hour(asked_at: Millis, now: Millis, calendar: Calendar) -> Iterator[Span]:
    """The hour of the day a question was asked in, on each of the last DAYS days on which the shop was open, or closed,
    at that time as it was then.
    """
    zone, was_open = ZoneInfo(calendar.hours.zone), calendar.is_open(asked_at)
    asked = from_millis(asked_at).astimezone(zone)
    today = from_millis(now).astimezone(zone).date()
    for back in range(1, DAYS + 1):
        same_time = datetime.combine(today - timedelta(days=back), asked.time(), zone)
        if calendar.is_open(to_millis(same_time)) == was_open:
            begin = to_millis(same_time.replace(minute=0, second=0, microsecond=0))
            yield begin, begin + _HOUR


def every_hour(asked_at: Millis, now: Millis, calendar: Calendar) -> Iterator[Span]:
    """Each hour of the last DAYS days in which the shop was open, or closed, as it was when a question was asked."""
    was_open = calendar.is_open(asked_at)
    end = now // _HOUR * _HOUR
    for begin in range(end - DAYS * 24 * _HOUR, end, _HOUR):
        if calendar.is_open(begin) == was_open:
            yield begin, begin + _HOUR
