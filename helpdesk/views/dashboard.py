"""Today at a glance: what arrived when, how it was answered, what waits, from the index of creation times."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from helpdesk.clock import Millis, from_millis, iso, to_millis, zone

HOUR = 3_600_000
LONGEST_WAITING = 5
"""Tickets that wait longest, as many as are named."""


class Waiting(NamedTuple):
    """A ticket the shop has to act on, and since when it is there."""

    number: int
    subject: str
    since: Millis


class Share(NamedTuple):
    """So many of so many."""

    part: int
    of: int

    @property
    def share(self) -> float | None:
        """As a number from 0 to 1; None of nothing."""
        return self.part / self.of if self.of else None


class Matter(NamedTuple):
    """A category today: how many tickets came, and how many of them nobody has answered yet."""

    category: str
    arrived: int
    unanswered: int


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The day of the shop that `now` lies in: all but `waiting` and `oldest` is of the tickets that came in it.

    `by_faq` is of the tickets answered, `on_time` of the first responses that were due or given.
    """

    begin: Millis
    now: Millis
    hours: tuple[int, ...]
    """Arrivals by hour since the day began: 24, on the days of a changed clock 23 or 25."""
    by_faq: Share
    on_time: Share
    waiting: int
    oldest: tuple[Waiting, ...]
    matters: tuple[Matter, ...]
    """The commonest first."""

    @property
    def arrived(self) -> int:
        """How many tickets came."""
        return sum(self.hours)

    def as_json(self) -> dict[str, Any]:
        """The day as the contract of `stats --today` has it."""
        return {
            "begin": iso(self.begin),
            "now": iso(self.now),
            "arrived": self.arrived,
            "by_hour": list(self.hours),
            "answered": {"tickets": self.by_faq.of, "by_article": self.by_faq.part, "share": _rounded(self.by_faq)},
            "first_response": {"due": self.on_time.of, "on_time": self.on_time.part, "share": _rounded(self.on_time)},
            "waiting": self.waiting,
            "oldest": [{"number": one.number, "subject": one.subject, "since": iso(one.since)} for one in self.oldest],
            "by_category": {one.category: one.arrived for one in self.matters},
            "unanswered_by_category": {one.category: one.unanswered for one in self.matters},
        }


def _rounded(part: Share) -> float | None:
    return None if part.share is None else round(part.share, 3)


_TODAY = """
SELECT t.created_at, t.category, t.first_response_at, t.state, t.due_first_response,
    EXISTS (SELECT 1 FROM message WHERE ticket_number = t.number AND article_id IS NOT NULL),
    (SELECT result FROM outcome WHERE ticket_number = t.number AND clock = 'first_response' ORDER BY round LIMIT 1)
FROM ticket t WHERE t.created_at >= ? AND t.created_at < ? AND t.state NOT IN ('merged', 'spam')
"""

# the index is named because SQLite would rather walk all closed tickets in the order of their creation
_WAITING = "FROM ticket INDEXED BY ticket_actionable WHERE state IN ('new', 'open')"


class _Row(NamedTuple):
    created_at: Millis
    category: str
    answered_at: Millis | None
    state: str
    due_at: Millis | None
    by_article: int
    outcome: str | None


def today(connection: sqlite3.Connection, now: Millis) -> Dashboard:
    """The day of the shop at `now`; spam and what was merged away are not counted."""
    begin, end = day_of(now)
    rows = [_Row(*row) for row in connection.execute(_TODAY, (begin, end))]
    hours = Counter((row.created_at - begin) // HOUR for row in rows)
    (waiting,) = connection.execute(f"SELECT count(*) {_WAITING}").fetchone()
    oldest = connection.execute(
        f"SELECT number, subject, created_at {_WAITING} ORDER BY created_at, number LIMIT ?", (LONGEST_WAITING,)
    )
    return Dashboard(
        begin=begin,
        now=now,
        hours=tuple(hours[hour] for hour in range(-(-(end - begin) // HOUR))),
        by_faq=_by_faq(rows),
        on_time=_on_time(rows, now),
        waiting=waiting,
        oldest=tuple(Waiting(*row) for row in oldest),
        matters=_matters(rows),
    )


def day_of(now: Millis) -> tuple[Millis, Millis]:
    """The begin and the end of the shop's day that `now` lies in."""
    start = from_millis(now).astimezone(zone()).replace(hour=0, minute=0, second=0, microsecond=0)
    return to_millis(start), to_millis(start + timedelta(days=1))


def _by_faq(rows: Iterable[_Row]) -> Share:
    answered = [row for row in rows if row.by_article or row.answered_at is not None]
    return Share(sum(row.by_article for row in answered), len(answered))


def _on_time(rows: Iterable[_Row], now: Millis) -> Share:
    verdicts = [verdict for row in rows if (verdict := _was_on_time(row, now)) is not None]
    return Share(sum(verdicts), len(verdicts))


def _was_on_time(row: _Row, now: Millis) -> bool | None:
    """Whether the first response came in time, as the outcome of its clock says; None while it may still come."""
    if row.outcome is not None:
        return None if row.outcome == "void" else row.outcome == "met"
    return False if row.due_at is not None and row.due_at < now else None


def _matters(rows: Iterable[_Row]) -> tuple[Matter, ...]:
    arrived: Counter[str] = Counter()
    unanswered: Counter[str] = Counter()
    for row in rows:
        arrived[row.category] += 1
        unanswered[row.category] += row.answered_at is None and row.state in ("new", "open")
    ordered = sorted(arrived.items(), key=lambda found: (-found[1], found[0]))
    return tuple(Matter(category, count, unanswered[category]) for category, count in ordered)
