"""The query line: what is typed, what is wrong with it and what may follow can be read, and the list never lies."""

from __future__ import annotations

import pytest
from conftest import Run
from rich.cells import cell_len
from screens import Stage, perform
from textual.widgets import Input

from helpdesk.tui.completion import UnderLine
from helpdesk.tui.query_line import QueryWords
from helpdesk.tui.queue import QueueScreen

NARROW = [(60, 20), (80, 24), (120, 40)]


def queue(stage: Stage) -> QueueScreen:
    screen = stage.app.screen
    assert isinstance(screen, QueueScreen)
    return screen


def line(stage: Stage) -> Input:
    return queue(stage).query_one("#query", Input)


def offered(stage: Stage) -> list[str]:
    return [candidate.written for candidate in queue(stage).query_one("#under-query", UnderLine).candidates]


async def begin(stage: Stage, typed: str) -> None:
    """Go to the line and type into it, empty."""
    await stage.press("slash", "ctrl+u")
    await stage.type(typed)


def unbroken(text: str) -> str:
    """What a screen says, wherever its lines are broken."""
    return " ".join(word for row in text.splitlines() for word in row.rpartition("▕")[2].split())


@pytest.mark.parametrize("size", NARROW, ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_wrong_query_and_why_it_is_wrong_can_be_read_whole_at_every_width(shop: Run, size: tuple[int, int]) -> None:
    async def play(stage: Stage) -> None:
        await begin(stage, "state:new,open lang:zh-Hans category:px")
        said = unbroken(stage.text())
        assert "/ state:new,open lang:zh-Hans category:px " in said
        assert "'px' is not a valid category. Known: account, after_sales, card_key, complaint, delivery" in said
        assert "pre_sales, product, settlement" in said

    perform(shop.store, play, size)


def test_a_query_longer_than_the_screen_stands_whole_under_its_line(shop: Run) -> None:
    typed = "state:new,open category:delivery,payment,card_key priority:>=high lang:zh-Hans"

    async def play(stage: Stage) -> None:
        await begin(stage, typed)
        assert typed in unbroken(stage.text())
        await stage.press("enter")
        assert typed not in unbroken(stage.text())

    assert cell_len(typed) > 60
    perform(shop.store, play, (60, 20))


def test_what_is_wrong_covers_the_list_and_moves_nothing(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("down", "down")
        shown = queue(stage).list
        before = (shown.region, shown.cursor, shown.scroll_offset)
        await stage.press("slash")
        line(stage).value += " colour:red"
        await stage.settle()
        assert "there is no key" in stage.text()
        assert (shown.region, shown.cursor, shown.scroll_offset) == before

    perform(shop.store, play)


@pytest.mark.parametrize(
    "typed",
    [
        "cat",
        "category",
        "category:",
        "category:p",
        "customer:",
        "-",
        "state:new,",
        "due:<",
        "created:>2026-11",
        "lang:zh",
    ],
)
def test_what_may_still_become_something_else_is_not_searched_for(shop: Run, typed: str) -> None:
    async def play(stage: Stage) -> None:
        await begin(stage, "lang:ko ")
        before = len(queue(stage).list.listing)
        assert before > 0
        await stage.type(typed)
        assert len(queue(stage).list.listing) == before
        assert "character" not in stage.text()

    perform(shop.store, play)


@pytest.mark.parametrize("end", ["space", "enter"])
@pytest.mark.parametrize("typed", ["cat", "customer:"])
def test_a_word_counts_once_it_is_ended(shop: Run, typed: str, end: str) -> None:
    wanted = len(shop.json("list", typed, "--limit", 1000))

    async def play(stage: Stage) -> None:
        await begin(stage, typed)
        before = len(queue(stage).list.listing)
        await stage.press(end)
        assert len(queue(stage).list.listing) == wanted != before

    perform(shop.store, play)


def test_a_wrong_word_is_told_once_it_is_ended_and_enter_stays_with_it(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await begin(stage, "category:p")
        await stage.press("enter")
        assert "'p' is not a valid category" in unbroken(stage.text())
        assert line(stage).has_focus
        await stage.type("ayment")
        await stage.press("enter")
        assert "not a valid" not in stage.text()
        assert queue(stage).list.has_focus

    perform(shop.store, play)


def test_the_candidates_are_listed_narrowed_and_taken(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await begin(stage, "")
        assert offered(stage) == []
        await stage.press("down")
        assert {"state:", "category:", "overdue"} <= set(offered(stage))
        await stage.type("c")
        assert offered(stage)[:4] == ["category:", "channel:", "customer:", "created:"]
        await stage.press("down", "up", "enter")
        assert line(stage).value == "category:"
        assert "card_key     card key" in stage.text()
        await stage.type("pa")
        assert offered(stage) == ["payment"]
        await stage.press("tab")
        assert line(stage).value == "category:payment"
        assert offered(stage) == []
        assert line(stage).has_focus

    perform(shop.store, play)


def test_escape_leaves_the_candidates_then_the_line(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await begin(stage, "state:")
        await stage.press("tab")
        assert "on_hold" in offered(stage)
        await stage.press("escape")
        assert offered(stage) == []
        assert line(stage).value == "state:"
        assert line(stage).has_focus
        await stage.press("escape")
        assert queue(stage).list.has_focus

    perform(shop.store, play)


def test_a_click_takes_a_candidate(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await begin(stage, "priority:>=")
        await stage.press("down")
        await stage.pilot.click("#under-query", offset=(3, 2))
        await stage.settle()
        assert line(stage).value == "priority:>=high"

    perform(shop.store, play)


def test_candidates_are_taken_where_the_cursor_stands(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await begin(stage, "lang:ko")
        await stage.press("home")
        await stage.type("sta")
        await stage.press("down", "enter")
        assert line(stage).value == "state:lang:ko"

    perform(shop.store, play)


def test_chinese_words_of_the_interface_are_keys_and_values(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await begin(stage, "分类：")
        assert line(stage).value == "category:"
        assert queue(stage).list.length() > 0
        await stage.press("down")
        assert "账号" in stage.text()
        await stage.type("支")
        await stage.press("enter")
        assert line(stage).value == "category:payment"
        await stage.type(" 优先")
        assert queue(stage).list.length() > 0
        await stage.press("down", "enter")
        await stage.type("紧急")
        await stage.press("enter", "enter")
        assert line(stage).value == "category:payment priority:urgent"

    perform(shop.store, play, lang="zh")


def test_a_text_in_quotes_is_no_key() -> None:
    words = QueryWords(("delivery",))
    assert words.in_keys('"Category:') == '"Category:'
    assert words.in_keys('-Category:x "a b"') == '-category:x "a b"'
    assert words.candidates('"sta') == []
    assert words.is_unfinished('lang:ko "')
    assert not words.is_unfinished('"sta')
