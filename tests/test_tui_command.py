"""The command line inside the interface: seen at the foot of the screen it was called from, and how a command ended."""

from __future__ import annotations

import pytest
from conftest import Run
from screens import Stage, perform

from helpdesk.errors import ExitCode
from helpdesk.tui.command import ENDS, ended


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_line_stands_at_the_foot_of_the_screen_that_was_there(shop: Run, size: tuple[int, int]) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("enter")
        before = stage.text().splitlines()
        await stage.press("colon")
        await stage.type("show")
        rows = stage.text().splitlines()
        assert rows[:10] == before[:10]
        assert rows[-1].startswith(" : show")

    perform(shop.store, play, size)


def test_what_a_command_printed_stands_above_the_line_and_how_it_ended_is_told_in_words(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("colon")
        await stage.type("close 9999")
        await stage.press("enter")
        assert "There is no ticket 9999" in stage.text()
        assert "helpdesk close 9999 → exit 4: not found" in stage.text()
        await stage.type("close 1 -q")
        await stage.press("enter")
        assert "helpdesk close 1 -q → done" in stage.text()
        assert "There is no ticket 9999" not in stage.text()

    perform(shop.store, play)


@pytest.mark.parametrize("typed", ["tui", "helpdesk", "helpdesk --simple"])
def test_the_interface_is_not_opened_in_itself(shop: Run, typed: str) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("colon")
        await stage.type(typed)
        await stage.press("enter")
        assert "The interface is open already" in stage.text()
        assert "→" not in stage.text().splitlines()[-2]

    perform(shop.store, play)


def test_every_exit_code_has_its_words() -> None:
    assert set(ENDS) == set(ExitCode)
    assert ended(77) == "exit 77: something unexpected happened"
