"""A store in which everything is hostile, on every screen: nothing moves the terminal, nothing runs, nothing falls."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Run, copy_store, sql
from screens import Stage, perform
from test_hostile_text import CURSE, _cursed_store, assert_harmless  # noqa: F401 - a fixture
from textual.widgets import Input

from helpdesk.tui.answer import AnswerScreen
from helpdesk.tui.queue import QueueScreen
from helpdesk.tui.ticket import TicketScreen


@pytest.fixture
def hostile(_cursed_store: Path, run: Run) -> Run:  # noqa: F811
    """The program on a copy of the hostile store, which may be written to."""
    run.store.parent.mkdir(parents=True)
    copy_store(_cursed_store, run.store)
    return run


def history(run: Run) -> object:
    """What changes with every deed."""
    return sql(run.store, "SELECT (SELECT count(*) FROM operation), (SELECT count(*) FROM draft)")


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (200, 60)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_every_screen_shows_hostile_text_harmlessly(hostile: Run, size: tuple[int, int]) -> None:
    async def play(stage: Stage) -> None:
        stage.app.screen.query_one("#query", Input).value = ""
        await stage.settle()
        for place in range(len(stage.app.screen.list.listing)):
            stage.app.screen.list.point(place)
            await stage.settle()
            assert_harmless(stage.text())
            await stage.press("enter", "g")
            assert_harmless(stage.text())
            await stage.press("w")
            assert_harmless(stage.text())
            await stage.press("escape", "a")
            assert isinstance(stage.app.screen, AnswerScreen)
            assert_harmless(stage.text())
            assert_harmless(stage.app.screen.area.text)
            await stage.press("escape", "escape")
            assert isinstance(stage.app.screen, QueueScreen)
        await stage.press("ctrl+a", "c")
        assert_harmless(stage.text())
        await stage.press("escape")

    perform(hostile.store, play, size)


def test_clicking_everywhere_runs_nothing(hostile: Run) -> None:
    before = history(hostile)

    async def play(stage: Stage) -> None:
        for opening, kind in (("", QueueScreen), ("enter", TicketScreen), ("a", AnswerScreen)):
            if opening:
                await stage.press(opening)
            for y in range(1, 23):  # the footer's words are meant to be clicked
                for x in range(y % 13, 80, 13):
                    await stage.pilot.click(offset=(x, y))
                assert_harmless(stage.text())
                assert isinstance(stage.app.screen, kind), (x, y)
            await stage.settle()
            if kind is QueueScreen:
                stage.app.screen.query_one("#views").point(0)
                stage.app.screen.list.focus()
                await stage.settle()

    perform(hostile.store, play, (80, 24))
    assert history(hostile) == before


@pytest.mark.parametrize(
    "typed", [CURSE, "[red]", "[@click=app.quit]x[/]", "x[/foo]", "{0} %s", "'; DROP TABLE ticket; --"]
)
def test_hostile_words_typed_into_every_field_do_nothing_but_stand_there(hostile: Run, typed: str) -> None:
    typed = typed.replace("\x00", "")

    async def play(stage: Stage) -> None:
        line = stage.app.screen.query_one("#query", Input)
        line.value = typed
        await stage.settle()
        assert_harmless(stage.text())
        line.value = ""
        await stage.settle()
        stage.app.screen.list.focus()
        for opening in ("equals_sign", "z", "colon", "question_mark"):
            await stage.press(opening)
            stage.app.screen.query_one(Input).value = typed
            await stage.press("enter")
            assert_harmless(stage.text())
            while not isinstance(stage.app.screen, QueueScreen):
                await stage.press("escape")
            for sentence in stage.told:
                assert_harmless(sentence)
        await stage.press("r")
        stage.app.screen.area.insert(typed)
        await stage.press("ctrl+y")
        assert_harmless(stage.text())
        await stage.press("escape", "ctrl+s")
        assert_harmless(stage.text())

    perform(hostile.store, play)


def test_a_megabyte_on_one_line_is_cut_and_a_thousand_messages_are_not_all_drawn(run: Run) -> None:
    run.ok("new", "huge", "--body", "-", input="好" * 400_000)
    for place in range(80):
        run.ok("receive", 1, f"message {place}")

    async def play(stage: Stage) -> None:
        await stage.press("enter")
        screen = stage.app.screen
        assert isinstance(screen, TicketScreen)
        assert "20 earlier messages" in stage.text() or "21 earlier messages" in stage.text()
        await stage.press("end")
        assert "message 79" in stage.text()

    perform(run.store, play)
