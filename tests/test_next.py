"""Which ticket is taken next: urgency, and working time against what its category usually needs."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Program, Run, sql, write_jsonl
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.clock import parse_time, to_millis
from helpdesk.models.vocabulary import ClockName
from helpdesk.sla.calendar import MINUTE, ROUND_THE_CLOCK, Calendar
from helpdesk.sla.hours import read_hours
from helpdesk.sla.ranking import ASSUMED, AT_DUE, MOST, Candidate, Ranking, time_points
from helpdesk.sla.usual import Usual, median, usual, usual_by_name

HOUR = 60 * MINUTE
WEEKDAYS = {day: ["09:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
OFFICE = Calendar(read_hours({"hours": WEEKDAYS}, "UTC"))
FRIDAY_EVENING = to_millis(parse_time("2026-11-20T17:30:00Z"))
MONDAY_MORNING = to_millis(parse_time("2026-11-23T09:30:00Z"))


def ranking(now: int, calendar: Calendar = ROUND_THE_CLOCK, **needed: Usual) -> Ranking:
    return Ranking(now, lambda _policy: calendar, needed)


def waiting(
    number: int, first: int | None = None, resolution: int | None = None, category: str = "other", urgency: float = 0
) -> Candidate:
    return Candidate(number, urgency, category, "default", first, None, resolution)


def test_a_weekend_is_no_time_to_work_in() -> None:
    found = ranking(FRIDAY_EVENING, OFFICE).ranked(waiting(1, first=MONDAY_MORNING))
    assert found.time is not None
    assert found.time.left == HOUR
    assert found.time_points == time_points(HOUR) > 0
    assert ranking(FRIDAY_EVENING).ranked(waiting(1, first=MONDAY_MORNING)).time_points == 0


def test_a_category_that_needs_longer_is_taken_first() -> None:
    order = ranking(0, card_key=Usual(20 * MINUTE, 50), settlement=Usual(5 * HOUR, 50))
    quick, slow = (waiting(n, resolution=6 * HOUR, category=c) for n, c in ((1, "card_key"), (2, "settlement")))
    assert order.ranked(slow).place() < order.ranked(quick).place()
    assert order.ranked(slow).time_points == time_points(HOUR)
    assert order.ranked(quick).time_points == 0


def test_a_reply_needs_no_more_time_than_is_left() -> None:
    found = ranking(0, other=Usual(5 * HOUR, 50)).ranked(waiting(1, first=5 * HOUR, resolution=20 * HOUR))
    assert found.time_points == 0


def test_the_clock_that_presses_most_decides_and_is_named() -> None:
    found = ranking(0, other=Usual(9 * HOUR, 50)).ranked(waiting(1, first=3 * HOUR, resolution=10 * HOUR))
    assert found.time is not None
    assert (found.time.clock, found.time.left, found.time.needed.of) == (ClockName.RESOLUTION, 10 * HOUR, 50)
    assert found.due_at == 3 * HOUR


def test_a_category_nobody_knows_is_taken_to_need_the_stated_time() -> None:
    found = ranking(0).ranked(waiting(1, resolution=ASSUMED.amount))
    assert found.time is not None
    assert found.time.needed == ASSUMED
    assert found.time_points == AT_DUE


def test_a_ticket_without_a_clock_has_no_points() -> None:
    found = ranking(0).ranked(waiting(1, urgency=2.5))
    assert (found.time, found.time_points, found.place()) == (None, 0.0, (-2.5, float("inf"), 1))


@given(st.integers(-20 * HOUR, 20 * HOUR), st.integers(0, 10 * HOUR), st.integers(0, HOUR))
def test_points_never_fall_as_time_passes_nor_as_more_is_needed(left: int, needed: int, more: int) -> None:
    points = time_points(left, needed)
    assert 0 <= points <= MOST
    assert time_points(left - more, needed) >= points
    assert time_points(left, needed + more) >= points
    if left >= 0:
        assert points <= AT_DUE <= time_points(-1, needed)


@given(st.lists(st.integers(0, 10**9), min_size=1))
def test_a_median_has_as_many_below_as_above(values: list[int]) -> None:
    middle = median(values)
    assert sum(v < middle for v in values) <= len(values) / 2
    assert sum(v > middle for v in values) <= len(values) / 2 + 0.5


def test_fewer_than_five_say_nothing() -> None:
    assert usual([1, 2, 3, 4]) is None
    assert usual([1, 2, 3, 4, 90]) == Usual(3, 5)
    assert usual_by_name([("a", n) for n in range(5)] + [("b", 1)]) == {"a": Usual(2, 5)}


# --- in the shop --------------------------------------------------------------------------------------------------


@pytest.fixture
def two(run: Run, tmp_path: Path) -> Run:
    """Two tickets answered by nobody, filed in one minute: 1 is card_key, 2 is settlement."""
    rows = [
        {"external_id": category, "body": "请看一下", "category": category, "priority": "normal",
         "created_at": "2026-11-20T07:30:00Z"}
        for category in ("card_key", "settlement")
    ]  # fmt: skip
    run.ok("import", "tickets", write_jsonl(tmp_path / "rows.jsonl", rows))
    sql(run.store, "UPDATE ticket SET urgency = 1, due_first_response = NULL")
    return run


def solved(run: Run, category: str, minutes: int, count: int, result: str = "met") -> None:
    """As if so many tickets of a category had been solved in the shop, in so many working minutes each."""
    for _place in range(count):
        number = sql(run.store, "SELECT max(number) + 1 FROM ticket")[0][0]
        sql(
            run.store,
            "INSERT INTO ticket (number, subject, state, category, priority, mood, language, channel, created_at,"
            " updated_at, source) VALUES (?, '', 'closed', ?, 'normal', 'neutral', 'und', 'cli', 0, 0, 'test')",
            number, category,
        )  # fmt: skip
        sql(run.store, "INSERT INTO outcome VALUES (?, 'resolution', 1, ?, 'default', 1, ?, 0, 0, ?)",
            number, result, minutes * MINUTE, 1000 + number)  # fmt: skip


def test_next_says_what_such_tickets_usually_need(two: Run) -> None:
    solved(two, "settlement", 23 * 60, 7)
    found = two.json("next")
    assert found["number"] == 2
    assert found["rank"] == {
        "urgency": 1.0, "time_left": 3.5, "clock": "resolution", "working_minutes_left": 23.5 * 60,
        "usual_minutes": 23 * 60.0, "usual_of": 7,
    }  # fmt: skip


def test_what_was_closed_unsolved_says_nothing_about_the_time_needed(two: Run) -> None:
    solved(two, "settlement", 23 * 60, 7, result="void")
    found = two.json("next")
    assert (found["number"], found["rank"]["usual_of"], found["rank"]["usual_minutes"]) == (1, 0, 30.0)


def test_next_tells_people_why_in_words(two: Run, program: Program) -> None:
    solved(two, "settlement", 23 * 60, 7)
    _code, screen = program.on_terminal("next", columns=160)
    assert "urgency 1 + time 3.5" in screen
    assert "23 h of working time left; such tickets usually need 23 h (the last 7)" in screen
