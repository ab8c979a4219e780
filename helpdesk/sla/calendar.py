"""When the shop is open: weekly windows, holidays, make-up working days (调休) and promotion days, in one time zone.

Of a day's rules the first that applies decides: promotion, make-up day, holiday, weekly hours. Windows are written in
the shop's local time and counted on UTC instants, so a day on which the clocks change has the minutes it really has.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cached_property
from typing import NamedTuple

from helpdesk.clock import Millis, from_millis, to_millis

MINUTE = 60_000
DAY_MINUTES = 24 * 60

Window = tuple[int, int]
"""Opening and closing, in minutes after midnight; the closing may be 1440."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_MEAN_YEAR = 31_556_952_000
"""Milliseconds of a Gregorian year, on average."""

_LAST_YEAR = 2300
"""Further ahead nothing is due: times outside 1971 to 2199 are refused where they come in."""


class Holiday(NamedTuple):
    """A range of days off, both ends included, and the days that are worked instead."""

    name: str
    first: date
    last: date
    makeup: tuple[date, ...] = ()


class Promotion(NamedTuple):
    """A range of days, both ends included, with hours of their own."""

    name: str
    first: date
    last: date
    windows: tuple[Window, ...]


class Hours(NamedTuple):
    """What the shop has said about its hours: everything a calendar is made of."""

    zone: str
    weekly: tuple[tuple[Window, ...], ...]
    holiday: tuple[Window, ...]
    makeup: tuple[Window, ...]
    holidays: tuple[Holiday, ...] = ()
    promotions: tuple[Promotion, ...] = ()


class Day(NamedTuple):
    """One day of the calendar: its windows and the rule they come from.

    `kind` is `weekly`, `holiday`, `makeup` or `promotion`; `name` says which holiday or promotion.
    """

    date: date
    kind: str
    name: str
    windows: tuple[Window, ...]


class Stretch(NamedTuple):
    """A piece of time in which the shop was open, or closed, all through; `day` is the rule that made it so."""

    begin: Millis
    end: Millis
    open: bool
    day: Day


class _Year(NamedTuple):
    """One local year as instants: the open windows, and the open time before each of them."""

    begin: Millis
    end: Millis
    opens: list[Millis]
    closes: list[Millis]
    before: list[Millis]
    total: Millis

    def open_until(self, at: Millis) -> Millis:
        """Open time from the year's begin to `at`."""
        place = bisect_right(self.opens, at) - 1
        if place < 0:
            return 0
        return self.before[place] + min(at, self.closes[place]) - self.opens[place]

    def last_within(self, amount: Millis) -> Millis:
        """The last instant by which no more than `amount` has passed since the year's begin; 0 <= amount < total."""
        place = bisect_right(self.before, amount) - 1
        return self.opens[place] + amount - self.before[place]


class Calendar:
    """The open time of a shop; built year by year as it is asked for."""

    def __init__(self, hours: Hours) -> None:
        self.hours = hours
        self._holidays = {day: holiday.name for holiday in hours.holidays for day in _days(holiday)}
        self._makeups = {day: holiday.name for holiday in hours.holidays for day in holiday.makeup}
        self._promotions = {day: promotion for promotion in hours.promotions for day in _days(promotion)}
        # a range that reaches into the next year, such as winter holidays, says nothing of that year's others
        self._known_years = {holiday.first.year for holiday in hours.holidays}
        self._years: dict[int, _Year] = {}
        self.always_open = self._is_always_open()

    @cached_property
    def _zone(self) -> tzinfo:
        from zoneinfo import ZoneInfo  # dear, and never asked for by a shop that is always open

        return ZoneInfo(self.hours.zone)

    def _is_always_open(self) -> bool:
        hours = self.hours
        plain = (*hours.weekly, hours.holiday, hours.makeup, *(promotion.windows for promotion in hours.promotions))
        return all(windows == ((0, DAY_MINUTES),) for windows in plain)

    def day(self, on: date) -> Day:
        """What applies on a day."""
        promotion = self._promotions.get(on)
        if promotion is not None:
            return Day(on, "promotion", promotion.name, promotion.windows)
        if on in self._makeups:
            return Day(on, "makeup", self._makeups[on], self.hours.makeup)
        if on in self._holidays:
            return Day(on, "holiday", self._holidays[on], self.hours.holiday)
        return Day(on, "weekly", "", self.hours.weekly[on.weekday()])

    def lacks_holidays(self, year: int) -> bool:
        """Whether holidays matter to this shop and nothing is known of those of `year`: it counts as plain weeks."""
        matters = any(self.hours.holiday != windows for windows in self.hours.weekly)
        return matters and year not in self._known_years

    def years_without_holidays(self, begin: Millis, end: Millis) -> list[int]:
        """The years from `begin` to `end`, both included, that count as plain weeks for want of holiday data."""
        if self.always_open:
            return []
        first, last = self.local_date(begin).year, self.local_date(max(begin, end)).year
        return [year for year in range(first, last + 1) if self.lacks_holidays(year)]

    def local_date(self, at: Millis) -> date:
        """The day an instant falls on in the shop."""
        return from_millis(at).astimezone(self._zone).date()

    def begin_of(self, on: date) -> Millis:
        """The instant a day of the shop begins: its first midnight; where the clocks skip it, when they do."""
        local = datetime(on.year, on.month, on.day, tzinfo=self._zone)
        at = local.astimezone(UTC)
        if at.astimezone(self._zone).replace(tzinfo=None) != local.replace(tzinfo=None):
            at = _end_of_gap(local, self._zone)
        return round(at.timestamp() * 1000)

    def is_open(self, at: Millis) -> bool:
        """Whether the shop is open at an instant."""
        return self.always_open or self.open_between(at, at + 1) == 1

    def open_between(self, begin: Millis, end: Millis) -> Millis:
        """The open time in [begin, end); 0 where the end does not lie behind the begin."""
        if end <= begin:
            return 0
        if self.always_open:
            return end - begin
        year = self._year_of(begin)
        total = -self._years[year].open_until(begin)
        while end > self._years[year].end and year < _LAST_YEAR:
            total += self._years[year].total
            year += 1
            self._build(year)
        return total + self._years[year].open_until(end)

    def add(self, at: Millis, amount: Millis) -> Millis:
        """The last instant by which no more than `amount` of open time has passed since `at`.

        Time used up at a closing lasts until the next opening, when more of it passes. So a promise of `amount` is
        broken exactly after this instant, be it counted in open time or read off a wall clock.
        A shop that is closed for good gets its answer in the year 2300.
        """
        amount = max(0, amount)
        if self.always_open:
            return at + amount
        number = self._year_of(at)
        year = self._years[number]
        amount += year.open_until(at)
        while amount >= year.total and number < _LAST_YEAR:
            amount -= year.total
            number += 1
            year = self._build(number)
        return year.last_within(amount) if amount < year.total else year.end

    def remaining(self, now: Millis, due: Millis) -> Millis:
        """Open time from `now` to `due`; below zero when it lies behind."""
        return self.open_between(now, due) if due >= now else -self.open_between(due, now)

    def next_open(self, at: Millis) -> Millis:
        """`at` when the shop is open then, else the next opening."""
        return self.add(at, 0)

    def stretches(self, begin: Millis, end: Millis) -> Iterator[Stretch]:
        """[begin, end) cut where the shop opens, closes or the day changes; nothing is left out or counted twice."""
        on = self.local_date(begin)
        while begin < end:
            day, following = self.day(on), on + timedelta(days=1)
            until = min(end, self.begin_of(following))
            for opens, closes in self._instants(day):
                if opens > begin and begin < until:
                    yield Stretch(begin, min(opens, until), False, day)
                begin = max(begin, min(opens, until))
                if closes > begin and begin < until:
                    yield Stretch(begin, min(closes, until), True, day)
                    begin = min(closes, until)
            if begin < until:
                yield Stretch(begin, until, False, day)
            begin, on = max(begin, until), following

    def _year_of(self, at: Millis) -> int:
        number = 1970 + at // _MEAN_YEAR
        while at < self._build(number).begin:
            number -= 1
        while at >= self._build(number).end:
            number += 1
        return number

    def _build(self, number: int) -> _Year:
        year = self._years.get(number)
        if year is None:
            year = self._years[number] = self._built(number)
        return year

    def _built(self, number: int) -> _Year:
        opens: list[Millis] = []
        closes: list[Millis] = []
        before: list[Millis] = []
        total = 0
        on, following = date(number, 1, 1), date(number + 1, 1, 1)
        begin, end = self.begin_of(on), self.begin_of(following)
        while on < following:
            for opening, closing in self._instants(self.day(on)):
                opens.append(opening)
                closes.append(closing)
                before.append(total)
                total += closing - opening
            on += timedelta(days=1)
        return _Year(begin, end, opens, closes, before, total)

    def _instants(self, day: Day) -> Iterator[tuple[Millis, Millis]]:
        """The windows of a day as instants: the shop is open while its clock reads a time within a window.

        So a window in an hour that comes twice is open twice, and of one in an hour the clocks skip nothing is left.
        """
        if not day.windows:
            return
        begin, end = self.begin_of(day.date), self.begin_of(day.date + timedelta(days=1))
        for since, until, midnight in self._even_pieces(day.date, begin, end):
            for opens, closes in day.windows:
                opening = max(since, midnight + opens * MINUTE)
                closing = min(until, midnight + closes * MINUTE)
                if closing > opening:
                    yield opening, closing

    def _even_pieces(self, on: date, begin: Millis, end: Millis) -> Iterator[tuple[Millis, Millis, Millis]]:
        """A day cut where its clocks change: begin and end of each piece, and the midnight its clock counts from."""
        if end - begin == DAY_MINUTES * MINUTE:
            yield begin, end, begin
            return
        while begin < end:
            midnight = self._midnight_by(on, begin)
            low, high = begin, end  # the clock of `low` still counts from `midnight`; that of `high` no more
            if self._midnight_by(on, end - 1) != midnight:
                while high - low > 1:
                    middle = (low + high) // 2
                    low, high = (middle, high) if self._midnight_by(on, middle) == midnight else (low, middle)
            yield begin, high, midnight
            begin = high

    def _midnight_by(self, on: date, at: Millis) -> Millis:
        """When a day would have begun by the offset that holds at an instant."""
        offset = from_millis(at).astimezone(self._zone).utcoffset()
        assert offset is not None
        return to_millis(datetime(on.year, on.month, on.day, tzinfo=UTC) - offset)


def _end_of_gap(local: datetime, zone: tzinfo) -> datetime:
    """The instant at which the clocks jump over a local time that does not exist."""
    earlier, later = (local.replace(fold=fold).astimezone(UTC) for fold in (1, 0))
    offset = earlier.astimezone(zone).utcoffset()
    while later - earlier > timedelta(seconds=1):
        middle = earlier + (later - earlier) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            earlier = middle
        else:
            later = middle
    return later.replace(microsecond=0)


def _days(span: Holiday | Promotion) -> Iterator[date]:
    for offset in range((span.last - span.first).days + 1):
        yield span.first + timedelta(days=offset)


def shown_windows(windows: tuple[Window, ...]) -> list[str]:
    """Windows as they are written: `09:00-12:00`."""
    return [f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in windows]


ROUND_THE_CLOCK = Calendar(Hours("UTC", (((0, DAY_MINUTES),),) * 7, ((0, DAY_MINUTES),), ((0, DAY_MINUTES),)))
"""For a policy that does not count by open hours."""
