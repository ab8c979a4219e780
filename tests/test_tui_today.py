"""Today on the screen, and the charts it is drawn with."""

from __future__ import annotations

import pytest
from conftest import Run
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from screens import Stage, assert_looks_like, perform

from helpdesk.tui import charts
from helpdesk.tui.charts import Bar
from helpdesk.tui.dashboard import DashboardScreen
from helpdesk.tui.ticket import TicketScreen

SIZES = [(80, 24), (120, 40), (200, 60)]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_today_looks_as_it_should(shop: Run, size: tuple[int, int], lang: str) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("D")
        assert_looks_like(f"today-{lang}-{size[0]}x{size[1]}", stage.text())

    shop.ok("answer", 267, "--article", "faq-001")
    shop.ok("reply", 266, "好的")
    perform(shop.store, play, size, lang)


def test_every_number_of_the_screen_is_that_of_the_command(shop: Run) -> None:
    figures = shop.json("stats", "--today")

    async def play(stage: Stage) -> None:
        await stage.press("D")
        screen = stage.text()
        assert f"{figures['waiting']}" in screen
        for count in filter(None, figures["by_hour"]):
            assert f" {count} " in screen
        assert f"#{figures['oldest'][0]['number']} " in screen

    perform(shop.store, play)


def test_what_others_file_appears(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("D")
        screen = stage.app.screen
        assert isinstance(screen, DashboardScreen)
        before = screen.query_one("#day").day.arrived
        shop.ok("new", "卡密打不开")
        await stage.until(lambda: screen.query_one("#day").day.arrived != before)
        assert screen.query_one("#day").day.arrived == before + 1

    perform(shop.store, play)


def test_the_ticket_that_waits_longest_is_opened_with_enter(shop: Run) -> None:
    oldest = shop.json("stats", "--today")["oldest"]

    async def play(stage: Stage) -> None:
        await stage.press("D", "down", "enter")
        assert isinstance(stage.app.screen, TicketScreen)
        assert f"#{oldest[1]['number']}" in stage.text()
        await stage.press("escape")
        assert isinstance(stage.app.screen, DashboardScreen)

    perform(shop.store, play)


def test_a_day_without_tickets_is_drawn_too(run: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("D", "enter", "f5")
        assert "Nothing came yet." in stage.text()
        assert "Nobody waits." in stage.text()

    perform(run.store, play)


@given(st.floats(0, 1), st.integers(1, 200))
def test_a_bar_is_as_long_as_its_share_and_never_nothing_for_something(share: float, width: int) -> None:
    drawn = charts.bar(share, width)
    assert abs(len(drawn) - share * width) <= 1
    assert bool(drawn) == (share > 0)


_ROWS = st.lists(st.tuples(st.text(max_size=20), st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1, max_size=12)


@given(_ROWS, st.integers(30, 200))
def test_bars_are_of_one_width_with_their_numbers_below_each_other(rows: list, width: int) -> None:
    drawn = charts.bars([Bar(name, value, f"{value}", min(value, quiet)) for name, value, quiet in rows], width, 10)
    lines = ["".join(text for text, _style in line.pieces) for line in drawn]
    assert {cell_len(line) for line in lines} == {width}
    for line, (_name, value, _quiet) in zip(lines, rows, strict=True):
        assert line.endswith(f"{value}")


@given(st.lists(st.integers(0, 10**4), min_size=23, max_size=25), st.integers(1, 12), st.integers(5, 8))
def test_columns_stand_on_one_axis_and_carry_their_numbers(values: list[int], height: int, cell: int) -> None:
    drawn = charts.columns(values, [f"{n:02}" for n in range(len(values))], height, cell, 3)
    lines = ["".join(text for text, _style in line.pieces) for line in drawn]
    assert {len(line) for line in lines} == {len(values) * (cell + 1)}
    assert len(lines) == height + 2
    for place, value in enumerate(values):
        column = [line[place * (cell + 1) : (place + 1) * (cell + 1)].strip() for line in lines[:-1]]
        assert (str(value) in column) == bool(value)
        assert sum("█" in part or "▁" <= part[:1] <= "█" for part in column if part) == (
            min(max(-(-round(value / max(values) * height * 8) // 8), 1), height) if value else 0
        )


def test_a_gauge_of_nothing_is_an_empty_track() -> None:
    line = charts.gauge(None, 10, "none yet")
    assert "".join(text for text, _style in line.pieces) == "░" * 10 + "  none yet"
