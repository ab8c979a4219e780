"""Finding an action by its words: the one that is called so comes first, and what is listed does something."""

from __future__ import annotations

import pytest
from conftest import Run
from screens import Stage, perform
from textual.widgets import Input

from helpdesk.tui import actions
from helpdesk.tui.gaps import GapsScreen
from helpdesk.tui.knowledge import KnowledgeScreen
from helpdesk.tui.palette import ActionList, Palette
from helpdesk.tui.queue import QueueScreen


def unbroken(text: str) -> str:
    """What a sheet says, wherever its lines are broken."""
    return " ".join(text.replace("│", " ").split())


@pytest.mark.parametrize(("lang", "typed"), [("zh", "知识"), ("en", "knowl"), ("en", "know")])
def test_an_action_called_so_comes_before_one_that_mentions_it(shop: Run, lang: str, typed: str) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("ctrl+p")
        await stage.type(typed)
        await stage.press("enter")
        assert isinstance(stage.app.screen, KnowledgeScreen)

    perform(shop.store, play, lang=lang)


def test_the_beginning_of_a_word_goes_before_its_middle_and_words_before_the_sentence() -> None:
    found = [action.id for action in actions.find(actions.of("queue"), "open")]
    assert found[:2] == ["queue.open", "queue.reopen"]
    found = [action.id for action in actions.find(actions.of("queue"), "ma")]
    assert found[:3] == ["queue.mark", "queue.mark_to", "queue.mark_all"]
    assert "queue.unmark" in found[3:]


def test_an_action_of_another_screen_goes_there_and_is_done(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("enter", "ctrl+p")
        await stage.type("gaps what customers")
        await stage.press("enter")
        assert isinstance(stage.app.screen, GapsScreen)

    perform(shop.store, play)


def test_what_acts_on_the_thing_under_a_cursor_only_goes_there_and_names_its_key(shop: Run) -> None:
    before = shop.json("list", "state:closed", "--limit", 1000)

    async def play(stage: Stage) -> None:
        await stage.press("K", "ctrl+p")
        await stage.type("queue.close")
        await stage.press("enter")
        assert isinstance(stage.app.screen, QueueScreen)
        assert "Close: press c here." in stage.told

    perform(shop.store, play)
    assert shop.json("list", "state:closed", "--limit", 1000) == before


def test_what_needs_a_ticket_says_so_and_the_palette_stays(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("ctrl+p")
        await stage.type("add a note")
        await stage.press("enter")
        assert isinstance(stage.app.screen, Palette)
        assert "That is done on the screen “Ticket”: open one first." in stage.text()
        assert stage.app.screen.query_one("#typed", Input).has_focus

    perform(shop.store, play)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_help_cuts_no_sentence(shop: Run, size: tuple[int, int]) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("enter", "question_mark")
        for typed in ("articles anew", "best article"):
            sentence = next(actions.find(actions.of("ticket"), typed)).tooltip
            stage.app.screen.query_one("#typed", Input).value = typed
            await stage.settle()
            assert sentence in unbroken(stage.text()).replace("helpdesk suggest ", "")
            assert "…" not in stage.app.screen.query_one(ActionList).render_line(0).text

    perform(shop.store, play, size)


def test_the_cursor_goes_from_action_to_action_however_many_lines_each_has(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("question_mark")
        shown = stage.app.screen.query_one(ActionList)
        for place in range(len(shown.actions)):
            assert shown.chosen == shown.actions[place]
            await stage.press("down")
        assert shown.chosen == shown.actions[-1]

    perform(shop.store, play, (60, 20))
