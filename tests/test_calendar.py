"""When the shop is open: the official holidays day by day, and counting open time against a model of single minutes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import chinese_calendar
import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.clock import from_millis, to_millis
from helpdesk.errors import UsageProblem
from helpdesk.sla.calendar import (
    MINUTE,
    ROUND_THE_CLOCK,
    WEEKDAYS,
    Calendar,
    Holiday,
    Hours,
    Promotion,
    shown_windows,
)
from helpdesk.sla.checking import findings
from helpdesk.sla.hours import read_hours
from helpdesk.sla.hours_line import hours_of_words
from helpdesk.sla.misfit import Misfit
from helpdesk.sla.rules import SHIPPED_CALENDAR, read_calendar_files

LUNCH = ((540, 720), (780, 1320))
"""9–12 and 13–22."""
ALL_DAY = ((0, 1440),)
SHIPPED = SHIPPED_CALENDAR


def hours(
    weekly: tuple[tuple[tuple[int, int], ...], ...] = (LUNCH,) * 5 + ((), ()),
    zone: str = "Asia/Shanghai",
    holiday: tuple[tuple[int, int], ...] = (),
    makeup: tuple[tuple[int, int], ...] = LUNCH,
    holidays: tuple[Holiday, ...] = (),
    promotions: tuple[Promotion, ...] = (),
) -> Hours:
    return Hours(zone, weekly, holiday, makeup, holidays, promotions)


def at(text: str, zone: str = "Asia/Shanghai", fold: int = 0) -> int:
    return to_millis(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold))


@lru_cache
def shipped() -> Calendar:
    """A shop with weekends, on the holidays that ship."""
    tables = read_calendar_files(sorted(SHIPPED.glob("*.toml")))
    weekdays = {day: ["09:00-12:00", "13:00-22:00"] for day in WEEKDAYS[:5]}
    return Calendar(read_hours({**tables, "hours": weekdays}, "Asia/Shanghai"))


# --- the official days of mainland China -----------------------------------------------------------------------------

DAYS = [date(2024, 1, 1) + timedelta(days=offset) for offset in range(366 + 365 + 365)]


def test_every_day_of_2024_to_2026_is_off_or_worked_as_the_package_chinesecalendar_has_it():
    assert [day for day in DAYS if bool(shipped().day(day).windows) != chinese_calendar.is_workday(day)] == []


def test_every_day_of_2024_to_2026_is_off_or_worked_as_the_package_holidays_has_it():
    table = holidays.country_holidays("CN", years=(2024, 2025, 2026))
    assert [day for day in DAYS if bool(shipped().day(day).windows) != table.is_working_day(day)] == []


def test_the_make_up_days_are_exactly_the_weekends_that_are_worked():
    makeups = {day for day in DAYS if shipped().day(day).kind == "makeup"}
    assert makeups == {day for day in DAYS if day.weekday() >= 5 and chinese_calendar.is_workday(day)}


@pytest.mark.parametrize(
    ("day", "kind", "name"),
    [
        ("2026-10-01", "holiday", "国庆节"),
        ("2026-10-10", "makeup", "国庆节"),
        ("2026-10-09", "weekly", ""),
        ("2024-10-12", "makeup", "国庆节"),
        ("2025-10-08", "holiday", "国庆节、中秋节"),
    ],
)
def test_a_day_says_which_rule_made_it(day, kind, name):
    found = shipped().day(date.fromisoformat(day))
    assert (found.kind, found.name) == (kind, name)


def test_a_year_nobody_knows_the_holidays_of_is_plain_weeks_and_told():
    assert shipped().lacks_holidays(2027)
    assert not shipped().lacks_holidays(2026)
    assert shipped().day(date(2027, 10, 1)).windows == LUNCH
    assert shipped().years_without_holidays(at("2026-12-01T09:00"), at("2028-01-01T00:30")) == [2027, 2028]
    assert shipped().years_without_holidays(at("2026-12-01T09:00"), at("2026-12-31T23:59")) == []


def test_a_shop_to_which_holidays_are_days_like_others_misses_no_data():
    every_day = Calendar(hours(weekly=(LUNCH,) * 7, holiday=LUNCH))
    assert not every_day.lacks_holidays(2031)
    assert ROUND_THE_CLOCK.years_without_holidays(0, at("2031-01-01T00:00")) == []


def test_holidays_that_reach_into_a_year_are_not_the_data_of_that_year():
    winter = Holiday("winter", date(2026, 12, 30), date(2027, 1, 2))
    assert Calendar(hours(holidays=(winter,))).lacks_holidays(2027)


# --- which rule wins -------------------------------------------------------------------------------------------------


def test_promotion_goes_before_make_up_day_before_holiday_before_week():
    monday = date(2026, 11, 9)
    off = Holiday("off", monday, monday + timedelta(days=3))
    other = Holiday("other", date(2026, 12, 1), date(2026, 12, 1), (monday + timedelta(days=2),))
    eleven = Promotion("11.11", date(2026, 11, 11), date(2026, 11, 12), ALL_DAY)
    day = Calendar(hours(holidays=(off, other), promotions=(eleven,))).day
    assert [day(monday + timedelta(days=offset)).kind for offset in range(5)] == [
        "holiday",
        "holiday",
        "promotion",
        "promotion",
        "weekly",
    ]
    without = Calendar(hours(holidays=(off, other)))
    assert without.day(date(2026, 11, 11)).kind == "makeup"
    assert without.day(date(2026, 11, 11)).name == "other"


# --- counting, against single minutes --------------------------------------------------------------------------------

ZONES = [
    "Asia/Shanghai",
    "America/New_York",
    "Europe/Berlin",
    "America/Sao_Paulo",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Atlantic/Azores",
    "Pacific/Apia",
    "Africa/Casablanca",
    "UTC",
]
CHANGES = {
    "America/New_York": ["2026-03-08", "2026-11-01"],
    "Europe/Berlin": ["2026-03-29", "2026-10-25"],
    "America/Sao_Paulo": ["2017-10-15", "2018-02-18"],  # midnight does not exist; 23:00 comes twice
    "Asia/Beirut": ["2026-03-29", "2026-10-25"],
    "Australia/Lord_Howe": ["2026-04-05", "2026-10-04"],  # half an hour
    "Atlantic/Azores": ["2026-03-29", "2026-10-25"],  # midnight comes twice
    "Pacific/Apia": ["2011-12-30"],  # a day that never was
    "Africa/Casablanca": ["2026-02-15", "2026-03-22"],
}
WINDOW_LISTS = [
    (),
    LUNCH,
    ALL_DAY,
    ((0, 720), (720, 1440)),
    ((1200, 1440),),
    ((0, 120), (1380, 1440)),
    ((60, 80), (100, 120), (135, 180)),
    ((150, 165),),
    ((15, 45), (1400, 1425)),
]


@st.composite
def early_windows(draw):
    """Up to three windows in the hours in which clocks are changed."""
    marks = sorted(draw(st.sets(st.integers(0, 240), min_size=2, max_size=6)))
    return tuple(zip(marks[::2], marks[1::2], strict=False))


windows = st.sampled_from(WINDOW_LISTS) | early_windows()


@st.composite
def calendars(draw):
    """A calendar, and a day around which something happens in it."""
    zone = draw(st.sampled_from(ZONES))
    changes = [date.fromisoformat(day) for day in CHANGES.get(zone, [])]
    on = draw(st.sampled_from([*changes, date(2024, 2, 29), date(2026, 12, 31), date(2026, 10, 1)]))
    near = st.integers(-3, 3).map(lambda offset: on + timedelta(days=offset))
    first = draw(near)
    holiday = Holiday("off", first, first + timedelta(days=draw(st.integers(0, 2))), (draw(near),))
    day = draw(near)
    every_day = draw(windows)
    weekly = (every_day,) * 7 if draw(st.booleans()) else tuple(draw(windows) for _day in WEEKDAYS)
    made = hours(
        weekly,
        zone,
        draw(windows),
        draw(windows),
        draw(st.sampled_from([(), (holiday,)])),
        draw(st.sampled_from([(), (Promotion("sale", day, day, draw(windows)),)])),
    )
    return Calendar(made), on


def is_open_by_the_clock(calendar: Calendar, minute: int) -> bool:
    """The model: the shop is open while its clock on the wall reads a time within a window of the day."""
    local = from_millis(minute).astimezone(ZoneInfo(calendar.hours.zone))
    reads = local.hour * 60 + local.minute
    return any(opens <= reads < closes for opens, closes in calendar.day(local.date()).windows)


def minutes(on: date, days: int = 3) -> range:
    """Every minute of some days around one, from the UTC midnight before it."""
    middle = to_millis(datetime(on.year, on.month, on.day, tzinfo=UTC))
    return range(middle - days * 24 * 60 * MINUTE, middle + days * 24 * 60 * MINUTE, MINUTE)


@settings(max_examples=60, deadline=None)
@given(calendars(), st.data())
def test_open_time_is_that_of_a_model_of_single_minutes(made, data):
    calendar, on = made
    span = minutes(on)
    open_minutes = [minute for minute in span if is_open_by_the_clock(calendar, minute)]
    known_open = set(open_minutes)
    for _try in range(5):
        begin, end = sorted(data.draw(st.tuples(st.sampled_from(span), st.sampled_from(span))))
        expected = sum(begin <= minute < end for minute in open_minutes) * MINUTE
        assert calendar.open_between(begin, end) == expected
        assert calendar.remaining(begin, end) == expected
        assert calendar.remaining(end, begin) == -expected
        assert calendar.is_open(begin) == (begin in known_open)
        following = next((minute for minute in open_minutes if minute >= begin), None)
        if following is not None:
            assert calendar.next_open(begin) == following
        later = [minute for minute in open_minutes if minute >= begin]
        if later:
            count = data.draw(st.integers(0, len(later) - 1))
            assert calendar.add(begin, count * MINUTE) == later[count]


CHANGE_DAYS = [(zone, day) for zone, days in CHANGES.items() for day in days]


@pytest.mark.parametrize(("zone", "day"), CHANGE_DAYS)
@settings(max_examples=15, deadline=None)
@given(weekly=windows)
def test_every_minute_around_a_change_of_the_clocks_is_open_or_closed_as_the_clock_reads(zone, day, weekly):
    calendar, span = Calendar(hours((weekly,) * 7, zone)), minutes(date.fromisoformat(day), 2)
    opened = {
        minute
        for piece in calendar.stretches(span[0], span[-1] + MINUTE)
        if piece.open
        for minute in range(piece.begin, piece.end, MINUTE)
    }
    assert opened == {minute for minute in span if is_open_by_the_clock(calendar, minute)}
    for minute in span[::97]:
        assert calendar.open_between(span[0], minute) == sum(one < minute for one in opened) * MINUTE


@settings(max_examples=100, deadline=None)
@given(calendars(), st.integers(-3 * 86_400_000, 3 * 86_400_000), st.integers(0, 3 * 86_400_000))
def test_stretches_are_the_whole_time_cut_up_and_open_where_the_shop_is(made, offset, length):
    calendar, on = made
    begin = to_millis(datetime(on.year, on.month, on.day, tzinfo=UTC)) + offset
    end = begin + length
    pieces = list(calendar.stretches(begin, end))
    assert [piece.begin for piece in pieces] + [end] == [begin, *(piece.end for piece in pieces)]
    assert all(piece.begin < piece.end for piece in pieces)
    assert sum(piece.end - piece.begin for piece in pieces if piece.open) == calendar.open_between(begin, end)
    for piece in pieces:
        assert calendar.is_open(piece.begin) == piece.open == calendar.is_open(piece.end - 1)
        assert piece.day.date == calendar.local_date(piece.begin) == calendar.local_date(piece.end - 1)


@settings(max_examples=200, deadline=None)
@given(calendars(), st.integers(-3 * 86_400_000, 3 * 86_400_000), st.integers(1, 10 * 86_400_000))
def test_adding_gives_the_last_instant_by_which_no_more_time_has_passed(made, offset, amount):
    calendar, on = made
    begin = to_millis(datetime(on.year, on.month, on.day, tzinfo=UTC)) + offset
    due = calendar.add(begin, amount)
    if due < at("2290-01-01T00:00"):
        assert calendar.open_between(begin, due) == amount
        assert calendar.open_between(begin, due + 1) == amount + 1
    else:
        assert not any(calendar.hours.weekly)


@settings(max_examples=100, deadline=None)
@given(calendars(), st.lists(st.integers(-90 * 86_400_000, 90 * 86_400_000), min_size=3, max_size=3))
def test_open_times_that_follow_each_other_add_up(made, offsets):
    calendar, on = made
    middle = to_millis(datetime(on.year, on.month, on.day, tzinfo=UTC))
    one, two, three = sorted(middle + offset for offset in offsets)
    assert calendar.open_between(one, two) + calendar.open_between(two, three) == calendar.open_between(one, three)


# --- days on which the clocks change ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "day", "window", "open_minutes"),
    [
        ("America/New_York", "2026-03-08", (0, 1440), 23 * 60),
        ("America/New_York", "2026-11-01", (0, 1440), 25 * 60),
        ("America/New_York", "2026-03-08", (130, 150), 0),  # 02:10–02:30 is skipped
        ("America/New_York", "2026-03-08", (90, 210), 60),  # 01:30–03:30 lasts an hour
        ("America/New_York", "2026-11-01", (75, 90), 30),  # 01:15–01:30 comes twice
        ("America/New_York", "2026-11-01", (30, 150), 180),
        ("Europe/Berlin", "2026-03-29", (540, 720), 180),
        ("Europe/Berlin", "2026-10-25", (0, 1440), 25 * 60),
        ("America/Sao_Paulo", "2017-10-15", (0, 120), 60),  # the day begins at 01:00
        ("America/Sao_Paulo", "2018-02-17", (1380, 1440), 120),  # 23:00–24:00 comes twice
        ("Asia/Beirut", "2026-03-29", (0, 60), 0),
        ("Asia/Beirut", "2026-03-29", (540, 720), 180),
        ("Atlantic/Azores", "2026-10-25", (0, 60), 120),
        ("Australia/Lord_Howe", "2026-10-04", (0, 1440), 23 * 60 + 30),
        ("Pacific/Apia", "2011-12-30", (0, 1440), 0),
    ],
)
def test_a_window_has_the_minutes_it_really_has_when_the_clocks_change(zone, day, window, open_minutes):
    calendar, on = Calendar(hours(((window,),) * 7, zone)), date.fromisoformat(day)
    begin, end = calendar.begin_of(on), calendar.begin_of(on + timedelta(days=1))
    assert calendar.open_between(begin, end) == open_minutes * MINUTE


def test_windows_in_an_hour_that_comes_twice_are_not_counted_over_each_other():
    calendar = Calendar(hours((((60, 80), (100, 120)),) * 7, "America/New_York"))
    begin, end = at("2026-11-01T00:00", "America/New_York"), at("2026-11-01T12:00", "America/New_York")
    assert calendar.open_between(begin, end) == 80 * MINUTE
    opened = [piece for piece in calendar.stretches(begin, end) if piece.open]
    assert [(piece.end - piece.begin) // MINUTE for piece in opened] == [20, 20, 20, 20]


def test_a_promise_made_before_the_clocks_change_is_kept_by_the_clock_on_the_wall():
    calendar = Calendar(hours((LUNCH,) * 7, "Europe/Berlin"))
    due = calendar.add(at("2026-03-28T21:30", "Europe/Berlin"), 60 * MINUTE)
    assert due == at("2026-03-29T09:30", "Europe/Berlin")


# --- midnight, leap days, years far away -----------------------------------------------------------------------------


def test_windows_that_meet_at_midnight_are_one_stretch_of_time():
    late = Calendar(hours((((1320, 1440),), ((0, 60),), (), (), (), (), ())))
    assert late.add(at("2026-11-23T22:30"), 120 * MINUTE) == at("2026-11-24T00:30")
    assert late.open_between(at("2026-11-23T23:59"), at("2026-11-24T00:01")) == 2 * MINUTE
    assert late.is_open(at("2026-11-24T00:00"))


def test_the_leap_day_is_a_day():
    calendar = Calendar(hours((LUNCH,) * 7))
    assert calendar.add(at("2024-02-28T21:00"), 2 * 60 * MINUTE) == at("2024-02-29T10:00")
    assert calendar.add(at("2028-02-28T21:00"), 14 * 60 * MINUTE) == at("2028-03-01T10:00")
    assert calendar.add(at("2027-02-28T21:00"), 2 * 60 * MINUTE) == at("2027-03-01T10:00")


def test_a_step_inside_lunch_counts_from_one_o_clock():
    assert shipped().add(at("2026-11-26T12:20"), 15 * MINUTE) == at("2026-11-26T13:15")
    assert shipped().next_open(at("2026-11-26T12:20")) == at("2026-11-26T13:00")
    assert shipped().next_open(at("2026-11-26T11:20")) == at("2026-11-26T11:20")


def test_a_ticket_before_the_national_day_waits_for_its_end():
    assert shipped().add(at("2026-09-30T21:50"), 15 * MINUTE) == at("2026-10-08T09:05")
    assert shipped().add(at("2026-10-09T21:50"), 15 * MINUTE) == at("2026-10-10T09:05")  # the make-up Saturday


def test_a_shop_open_one_day_a_year_is_waited_for():
    fair = Promotion("fair", date(2030, 5, 1), date(2030, 5, 1), ((540, 600),))
    calendar = Calendar(hours(((),) * 7, promotions=(fair,)))
    assert calendar.add(at("2026-01-01T00:00"), 30 * MINUTE) == at("2030-05-01T09:30")
    assert from_millis(calendar.add(at("2026-01-01T00:00"), 61 * MINUTE)).year >= 2300


@pytest.mark.parametrize("year", [1971, 1999, 2199])
def test_years_far_away_are_counted_like_any_other(year):
    calendar = Calendar(hours((LUNCH,) * 7, "UTC"))
    assert calendar.open_between(at(f"{year}-06-01T00:00", "UTC"), at(f"{year}-06-02T00:00", "UTC")) == 720 * MINUTE
    assert calendar.add(at(f"{year}-12-31T21:30", "UTC"), 60 * MINUTE) == at(f"{year + 1}-01-01T09:30", "UTC")


def test_time_over_decades_adds_up():
    calendar = Calendar(hours((LUNCH,) * 7, "UTC"))
    days = (date(2199, 1, 1) - date(1971, 1, 1)).days
    assert calendar.open_between(at("1971-01-01T00:00", "UTC"), at("2199-01-01T00:00", "UTC")) == days * 720 * MINUTE


# --- what does not fit -----------------------------------------------------------------------------------------------

MONDAY = '[hours]\nmon = ["09:00-12:00"]\n'


@pytest.mark.parametrize(
    ("text", "line", "key", "reason"),
    [
        ('[hours]\nmon = ["09:00-12:00", "11:00-13:00"]\n', 2, "hours.mon", "overlap"),
        ('[hours]\n\ntue = ["22:00-02:00"]\n', 3, "hours.tue", "ends before it begins"),
        ('[hours]\nmon = ["09:00-09:00"]\n', 2, "hours.mon", "has no length"),
        ('[hours]\nmon = ["09:00-24:01"]\n', 2, "hours.mon", "no window|24:00"),
        ('[hours]\nmon = ["09:60-12:00"]\n', 2, "hours.mon", "no window"),
        ('[hours]\nmon = "09:00-12:00"\n', 2, "hours.mon", "list of windows"),
        ("[hours]\nmon = [9]\n", 2, "hours.mon", "list of windows"),
        (MONDAY + 'zone = "Mars/Olympus"\n', 3, "hours.zone", "time zone"),
        (MONDAY + 'zone = "../../etc/passwd"\n', 3, "hours.zone", "time zone"),
        (MONDAY + "zone = 8\n", 3, "hours.zone", "time zone"),
        (MONDAY + 'funday = ["09:00-12:00"]\n', 3, "hours.funday", "no key"),
        ('[opening]\nmon = ["09:00-12:00"]\n', 1, "opening", "no key of a calendar"),
        ("hours = 5\n", 1, "hours", "table"),
        ("holiday = 5\n", 1, "holiday", "list of tables"),
        ("[holiday]\nfrom = 2026-01-01\n", 1, "holiday", "list of tables"),
        ('[[holiday]]\nname = "x"\n', 1, "holiday[1].from", "date"),
        ('[[holiday]]\nname = "x"\nfrom = 2026-01-02\nto = 2026-01-01\n', 4, "holiday[1].to", "before"),
        ("[[holiday]]\nfrom = 2026-01-01\n[[holiday]]\nfrom = 2026-13-01\n", 4, "", "cannot be read|date"),
        ('[[holiday]]\nfrom = 2026-01-01\n[[holiday]]\nfrom = "2026-13-01"\n', 4, "holiday[2].from", "date"),
        ("[[holiday]]\nfrom = 2026-01-01T10:00:00\n", 2, "holiday[1].from", "date"),
        ("[[holiday]]\nfrom = 1492-01-01\n", 2, "holiday[1].from", "1971"),
        ("[[holiday]]\nfrom = 2026-01-01\nto = 2029-01-01\n", 3, "holiday[1].to", "year"),
        ("[[holiday]]\nfrom = 2026-01-01\nmakeup = [2026-01-01]\n", 3, "holiday[1].makeup", "holiday itself"),
        ("[[holiday]]\nfrom = 2026-01-01\nmakeup = 2026-01-04\n", 3, "holiday[1].makeup", "list of dates"),
        ("[[holiday]]\nfrom = 2026-01-01\nmake_up = [2026-01-04]\n", 3, "holiday[1].make_up", "no key"),
        ("[[holiday]]\nname = 5\nfrom = 2026-01-01\n", 2, "holiday[1].name", "name"),
        ("[[promotion]]\nfrom = 2026-11-11\n", 1, "promotion[1].hours", "list of windows"),
        ('[[promotion]]\nfrom = 2026-11-11\nhours = ["8-24"]\n', 3, "promotion[1].hours", "no window"),
    ],
)
def test_what_does_not_fit_is_one_sentence_with_file_line_and_key(tmp_path, text, line, key, reason):
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageProblem) as refused:
        read_calendar_files([*SHIPPED.glob("*.toml"), path])
    sentence = str(refused.value)
    assert str(path) in sentence and f"line {line}" in sentence and key in sentence
    assert any(part in sentence for part in reason.split("|"))
    assert "\n" not in sentence


def test_hours_open_on_no_day_are_refused():
    with pytest.raises(Misfit, match="no open hours"):
        read_hours({"hours": {"mon": []}}, "UTC")


def test_make_up_days_have_the_hours_of_the_first_open_day_when_they_have_none_of_their_own():
    found = read_hours({"hours": {"tue": ["10:00-18:00"], "wed": ["09:00-12:00"]}}, "UTC")
    assert found.makeup == ((600, 1080),)


def test_a_file_of_the_user_s_takes_the_place_of_the_shipped_holidays_of_its_name(tmp_path):
    own = tmp_path / "cn.toml"
    own.write_text('[[holiday]]\nname = "春節"\nfrom = 2026-02-14\nto = 2026-02-22\n', encoding="utf-8")
    merged = read_calendar_files([*SHIPPED.glob("*.toml"), own])
    assert [holiday["name"] for holiday in merged["holiday"]] == ["春節"]
    assert merged["hours"]["mon"] == ["00:00-24:00"]


# --- held against itself ---------------------------------------------------------------------------------------------

TODAY = date(2026, 6, 1)


def kinds(found: Hours, today: date = TODAY) -> list[str]:
    return [finding.kind for finding in findings(found, today) if finding.serious]


def test_a_sound_calendar_has_nothing_serious():
    assert kinds(shipped().hours) == []


def test_the_shipped_make_up_days_are_no_finding_in_a_shop_open_all_week():
    everyday = shipped().hours._replace(weekly=(LUNCH,) * 7)
    assert findings(everyday, TODAY) == []


def test_next_year_s_missing_holidays_are_found_sixty_days_before():
    assert kinds(shipped().hours, date(2026, 11, 1)) == []
    assert kinds(shipped().hours, date(2026, 11, 2)) == ["year_without_holidays"]
    assert kinds(shipped().hours, date(2027, 1, 1)) == ["year_without_holidays"]


def test_holidays_that_overlap_are_found_with_the_days_they_share():
    one = Holiday("one", date(2026, 5, 1), date(2026, 5, 5))
    two = Holiday("two", date(2026, 5, 4), date(2026, 5, 9))
    inside = Holiday("inside", date(2026, 5, 8), date(2026, 5, 8))
    found = findings(hours(holidays=(one, two, inside)), TODAY)
    assert [(f.first, f.last, f.name, f.other) for f in found if f.kind == "holidays_overlap"] == [
        (date(2026, 5, 4), date(2026, 5, 5), "one", "two"),
        (date(2026, 5, 8), date(2026, 5, 8), "two", "inside"),
    ]


def test_a_holiday_told_twice_contradicts_nothing():
    again = shipped().hours.holidays[-1]
    renamed = again._replace(name="National Day")
    assert kinds(shipped().hours._replace(holidays=(*shipped().hours.holidays, again, renamed))) == []


def test_a_make_up_day_within_another_holiday_or_on_a_weekday_is_found():
    one = Holiday("one", date(2026, 5, 1), date(2026, 5, 5), (date(2026, 6, 20), date(2026, 5, 13)))
    two = Holiday("two", date(2026, 6, 19), date(2026, 6, 21))
    assert kinds(hours(holidays=(one, two))) == ["makeup_in_holiday", "makeup_on_open_day"]


def test_promotions_that_overlap_are_found():
    one = Promotion("one", date(2026, 11, 1), date(2026, 11, 11), ALL_DAY)
    two = Promotion("two", date(2026, 11, 11), date(2026, 11, 11), LUNCH)
    assert kinds(hours(holidays=shipped().hours.holidays, promotions=(one, two))) == ["promotions_overlap"]


def test_small_gaps_and_closed_days_are_only_told():
    found = findings(hours((((540, 720), (723, 1080)),) * 6 + ((),), holidays=shipped().hours.holidays), TODAY)
    assert [f.kind for f in found if not f.kind.startswith("makeup")] == ["short_gap"] * 6 + ["closed_day"]
    assert not any(finding.serious for finding in found)


# --- hours on one line -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "days", "windows"),
    [
        (["mon-fri=09:00-12:00,13:00-22:00"], "mon tue wed thu fri", "09:00-12:00 13:00-22:00"),
        (["周一-周五=9-18"], "mon tue wed thu fri", "09:00-18:00"),
        (["周一至周五=9:30-18"], "mon tue wed thu fri", "09:30-18:00"),
        (["星期六、周日=10:00－18:00"], "sat sun", "10:00-18:00"),
        (["fri-mon=9-12"], "mon fri sat sun", "09:00-12:00"),
        (["mon,wed=9-12"], "mon wed", "09:00-12:00"),
        (["每天=24h"], "mon tue wed thu fri sat sun", "00:00-24:00"),
        (["daily=9-12", "周末=休息"], "mon tue wed thu fri", "09:00-12:00"),
        (["工作日＝９：００－１２：００"], "mon tue wed thu fri", "09:00-12:00"),
        (["Monday=9-12"], "mon", "09:00-12:00"),
    ],
)
def test_hours_are_read_as_people_write_them(words, days, windows):
    table = hours_of_words(words)
    assert {day: table[day] for day in WEEKDAYS} == {
        day: windows.split() if day in days.split() else [] for day in WEEKDAYS
    }
    assert table["holiday"] == []


def test_hours_of_holidays_make_up_days_and_the_zone_are_read_too():
    table = hours_of_words(["mon=9-12", "节假日=10-12", "调休=9-18", "时区=Europe/Berlin"])
    assert (table["holiday"], table["makeup"], table["zone"]) == (["10:00-12:00"], ["09:00-18:00"], "Europe/Berlin")


@pytest.mark.parametrize(
    "word", ["mon", "mon=", "mon=25-26", "mon=18-9", "mon=9-12,11-13", "funday=9-12", "=9-12", "mon-=x", "zone=Mars"]
)
def test_a_word_that_is_no_hours_is_refused_by_name(word):
    with pytest.raises(UsageProblem):
        hours_of_words([word])


def test_windows_are_shown_as_they_are_written():
    assert shown_windows(LUNCH) == ["09:00-12:00", "13:00-22:00"]


def test_the_shipped_table_names_its_sources():
    text = (SHIPPED / "cn.toml").read_text(encoding="utf-8")
    assert "www.gov.cn" in text and "dated = " in text
