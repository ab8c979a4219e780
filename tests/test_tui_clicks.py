"""A store in which everything is hostile, clicked in every cell: nothing hostile acts, nothing falls."""
# ruff: noqa: F811 - fixtures are imported by name

from __future__ import annotations

import pytest
from conftest import Program
from hostile_terminal import COLUMNS, LATER, LINES, PLACES, SIGNS, cursed, events, opened  # noqa: F401 - a fixture
from test_hostile_text import _cursed_store  # noqa: F401 - a fixture


@pytest.mark.parametrize("place", SIGNS)
def test_every_cell_can_be_clicked_and_nothing_hostile_acts(cursed: Program, place: str) -> None:
    before = events(cursed)
    with opened(cursed) as screen:
        screen.until("卡密")
        for keys in PLACES[place]:
            screen.press(keys)
        screen.click_everything()
        assert screen.still_shows(SIGNS[place])
        screen.assert_harmless()
        assert screen.runs, screen.written[-2000:]
    assert events(cursed) == before


SIMPLE_BUTTONS = 8
"""Lines at the foot of a customer in simple mode that are buttons."""


def test_every_cell_of_a_customer_in_simple_mode_can_be_clicked(cursed: Program) -> None:
    before = events(cursed)
    with opened(cursed, "--simple") as screen:
        screen.until("Next customer")
        screen.press("1")
        for _customer in range(2):
            screen.click_everything(LINES - SIMPLE_BUTTONS)
            screen.press("\x1b[B5")
        assert screen.still_shows("Next customer")
        screen.assert_harmless()
        assert screen.runs
    assert events(cursed) == before


@pytest.mark.parametrize("opening", ["", "1"], ids=["home", "customer"])
def test_the_buttons_of_simple_mode_can_be_clicked_in_every_cell(cursed: Program, opening: str) -> None:
    with opened(cursed, "--simple") as screen:
        screen.until("Next customer")
        screen.press(opening)
        for y in range(LINES - SIMPLE_BUTTONS, LINES + 1):
            for x in range(1, COLUMNS + 1):
                if screen.runs:  # one of them is Quit
                    screen.click(x, y)
        screen.assert_harmless(may_copy=True)
        assert screen.runs or screen.ended(patience=10) == 0, screen.written[-2000:]
