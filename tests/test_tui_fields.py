"""The fields and times one is asked for: completed as they are typed, kept with the reason when they are refused."""

from __future__ import annotations

import pytest
from conftest import Run, sql
from screens import Stage, perform
from textual.widgets import Input

from helpdesk.errors import UsageProblem
from helpdesk.tui import fields
from helpdesk.tui.completion import UnderLine
from helpdesk.tui.modals import Ask

CATEGORIES = ("delivery", "card_key")


def asked(stage: Stage) -> Input:
    assert isinstance(stage.app.screen, Ask)
    return stage.app.screen.query_one("#asked", Input)


def inside(stage: Stage, selector: str) -> str:
    """What stands on the screen in the place of a widget, wherever its lines are broken."""
    region = stage.app.screen.query_one(selector).region
    strips = stage.app.screen._compositor.render_strips()[region.y : region.bottom]
    return " ".join(" ".join(strip.crop(region.x, region.right).text for strip in strips).split())


@pytest.mark.parametrize("opening", ["equals_sign", "enter equals_sign"], ids=["queue", "ticket"])
def test_tab_completes_a_field_and_the_line_keeps_the_keys(shop: Run, opening: str) -> None:
    async def play(stage: Stage) -> None:
        await stage.press(*opening.split())
        await stage.type("prio")
        await stage.press("tab")
        assert asked(stage).value == "priority:"
        await stage.press("tab")
        assert "urgent" in stage.text()
        await stage.press("down", "down", "down", "tab")
        assert asked(stage).value == "priority:urgent"
        assert asked(stage).has_focus
        await stage.press("tab", "escape")
        assert asked(stage).value == "priority:urgent"

    perform(shop.store, play)


@pytest.mark.parametrize("size", [(60, 20), (80, 24)], ids=["60x20", "80x24"])
def test_refused_fields_stay_in_their_line_with_the_whole_reason(shop: Run, size: tuple[int, int]) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("equals_sign")
        await stage.type("priority:urgnt tag:vip")
        await stage.press("enter")
        assert asked(stage).value == "priority:urgnt tag:vip"
        reason = "Character 10: 'urgnt' is not a valid priority. Known: low, normal, high, urgent, auto"
        assert inside(stage, "#refused") == reason
        asked(stage).value = "priority:urgent tag:vip"
        await stage.settle()
        assert "not a valid" not in stage.text()
        await stage.press("enter")

    perform(shop.store, play, size)
    assert sql(shop.store, "SELECT name FROM tag WHERE name = 'vip'")


def test_a_refused_time_stays_in_its_line_with_the_reason(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        stage.app.push_screen(Ask("Until", "2h", words=fields.MomentWords()))
        await stage.settle()
        await stage.type("tomorow")
        await stage.press("enter")
        assert asked(stage).value == "tomorow"
        assert "'tomorow' is no time" in stage.text()
        await stage.press("ctrl+u", "down")
        assert [one.written for one in stage.app.screen.query_one(UnderLine).candidates] == ["2h", "tomorrow", "3d"]
        await stage.press("down", "enter")
        assert asked(stage).value == "tomorrow"

    perform(shop.store, play)


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("tag:vip 中文", 9),
        ("vip", 1),
        ("priority:high,", 10),
        ("colour:red", 1),
        ("tag:x -priority:low", 7),
        ('team:"two', 1),
        ("tag: priority:low", 5),
    ],
)
def test_what_is_not_understood_is_refused_with_its_place(typed: str, place: int) -> None:
    with pytest.raises(UsageProblem, match=f"^Character {place}: "):
        fields.parse(typed, "mei", CATEGORIES)


def test_what_is_understood_is_set() -> None:
    assert fields.parse('team:"two words" tag:A -tag:b  assignee:me order:', "mei", CATEGORIES) == {
        "team": "two words",
        "tag": ("a",),
        "untag": ("b",),
        "assignee": "mei",
        "order": "",
    }


def test_chinese_words_of_the_interface_are_fields_and_values(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("equals_sign")
        await stage.type("优先级：紧急 标签：退货")
        await stage.press("enter")

    perform(shop.store, play, lang="zh")
    assert sql(shop.store, "SELECT 1 FROM tag WHERE name = '退货'")
    assert sql(shop.store, "SELECT count(*) FROM operation") == [(3,)]
