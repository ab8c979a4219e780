"""A store in which everything is hostile, clicked in every cell of the feet, and of whatever opens there."""
# ruff: noqa: F811 - fixtures are imported by name

from __future__ import annotations

import pytest
from conftest import Program, Run
from hostile_terminal import COLUMNS, LATER, LINES, PLACES, SIGNS, cursed, events, opened  # noqa: F401 - a fixture
from test_hostile_text import _cursed_store  # noqa: F401 - a fixture


@pytest.mark.parametrize("place", SIGNS)
def test_every_cell_of_the_foot_can_be_clicked_and_of_whatever_opens_there(cursed: Program, place: str) -> None:
    with opened(cursed) as screen:
        screen.until("卡密")
        for keys in PLACES[place]:
            screen.press(keys)
        for x in range(1, COLUMNS + 1):
            screen.click(x, LINES)
            assert screen.runs, (x, screen.said_last())
        screen.assert_harmless(may_copy=True)
    assert Run(cursed.store).json("list", now=LATER)
