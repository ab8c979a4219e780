"""Open time: how many due times a second the calendar makes, on one core, with three years of holidays."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

from bench.measure import Row, median
from bench.stores import Stores
from helpdesk.clock import parse_time, to_millis
from helpdesk.sla.calendar import MINUTE, WEEKDAYS, Calendar
from helpdesk.sla.hours import read_hours
from helpdesk.sla.rules import SHIPPED_CALENDAR, read_calendar_files

RATE = 100_000
"""Due times a second."""

ASKED = 200_000
ROUNDS = 5


def adding(_stores: Stores) -> Iterator[Row]:
    """Minutes added at any moment of 2024 to 2026, from ten minutes to ten days, in a shop with lunch and weekends."""
    tables = read_calendar_files(sorted(SHIPPED_CALENDAR.glob("*.toml")))
    weekdays = {day: ["09:00-12:00", "13:00-22:00"] for day in WEEKDAYS[:5]}
    hours = read_hours({**tables, "hours": weekdays}, "Asia/Shanghai")
    chance = random.Random(4)
    begin, end = (to_millis(parse_time(f"{year}-01-01T00:00:00Z")) for year in (2024, 2027))
    asked = [(chance.randrange(begin, end), chance.choice((10, 60, 1440, 7200)) * MINUTE) for _ in range(ASKED)]
    seconds = []
    for _round in range(ROUNDS):
        calendar = Calendar(hours)  # its years are built anew: that is part of the work
        begun = time.perf_counter()
        for at, amount in asked:
            calendar.add(at, amount)
        seconds.append(time.perf_counter() - begun)
    yield Row("business minutes added, 3 years of holidays", "a second", ASKED / median(seconds), RATE, at_most=False)
