"""A calendar held against itself: what overlaps, what is missing, what looks like a slip of the pen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from helpdesk.sla.calendar import WEEKDAYS, Calendar, Holiday, Hours, Promotion

AHEAD = timedelta(days=60)
"""How long before a year begins its holidays should be known; they are published in autumn."""

SHORTEST_GAP = 5
"""Minutes between two windows below which the break is hardly meant."""


class Finding(NamedTuple):
    """Something to look at: `serious` ones are most likely mistakes, the others only told.

    `kind` is `holidays_overlap`, `promotions_overlap`, `makeup_in_holiday`, `makeup_on_open_day`,
    `year_without_holidays`, `short_gap` or `closed_day`. `name` and `other` are the names of holidays or promotions, or
    a weekday and the minutes of the gap.
    """

    kind: str
    serious: bool
    first: date | None = None
    last: date | None = None
    name: str = ""
    other: str = ""


def findings(hours: Hours, today: date) -> list[Finding]:
    """What is to be said of a calendar, the serious things first."""
    found = [
        *_overlaps("holidays_overlap", hours.holidays),
        *_overlaps("promotions_overlap", hours.promotions),
        *_makeups(hours, today),
        *_years(hours, today),
        *_weeks(hours),
    ]
    return sorted(found, key=lambda finding: not finding.serious)


def _overlaps(kind: str, spans: Sequence[Holiday | Promotion]) -> Iterator[Finding]:
    """Ranges that share a day; one that is told twice, day for day, contradicts nothing."""
    reaching: Holiday | Promotion | None = None
    for span in sorted(set(spans), key=lambda span: (span.first, span.last)):
        if reaching and span.first <= reaching.last and not _says_the_same(span, reaching):
            yield Finding(kind, True, span.first, min(span.last, reaching.last), reaching.name, span.name)
        if reaching is None or span.last > reaching.last:
            reaching = span


def _says_the_same(one: Holiday | Promotion, other: Holiday | Promotion) -> bool:
    if isinstance(one, Promotion) and isinstance(other, Promotion) and one.windows != other.windows:
        return False
    return (one.first, one.last) == (other.first, other.last)


def _makeups(hours: Hours, today: date) -> Iterator[Finding]:
    days_off = {
        holiday.first + timedelta(days=offset): holiday
        for holiday in hours.holidays
        for offset in range((holiday.last - holiday.first).days + 1)
    }
    told = set()
    for holiday in hours.holidays:
        for day in holiday.makeup:
            if day in told:
                continue
            told.add(day)
            if day in days_off:
                yield Finding("makeup_in_holiday", True, day, day, holiday.name, days_off[day].name)
            elif windows := hours.weekly[day.weekday()]:
                # at a weekend a shop may well be open anyway; from Monday to Friday nobody makes up for anything
                serious = day.weekday() < 5
                if serious or (windows != hours.makeup and day >= today):
                    yield Finding("makeup_on_open_day", serious, day, day, holiday.name, WEEKDAYS[day.weekday()])


def _years(hours: Hours, today: date) -> Iterator[Finding]:
    calendar = Calendar(hours)
    for year in sorted({today.year, (today + AHEAD).year}):
        if calendar.lacks_holidays(year):
            yield Finding("year_without_holidays", True, date(year, 1, 1), date(year, 12, 31))


def _weeks(hours: Hours) -> Iterator[Finding]:
    for weekday, windows in zip(WEEKDAYS, hours.weekly, strict=True):
        if not windows:
            yield Finding("closed_day", False, name=weekday)
        for before, after in pairwise(windows):
            if 0 < after[0] - before[1] < SHORTEST_GAP:
                yield Finding("short_gap", False, name=weekday, other=f"{after[0] - before[1]}")
