"""The views where there is no room for them, and the letters that lead to them."""

from __future__ import annotations

import pytest
from conftest import Run
from screens import Stage, perform

from helpdesk.tui.jump import LETTERS, Jump, labels
from helpdesk.tui.queue import QueueScreen
from helpdesk.tui.view_list import ViewList


def views(stage: Stage) -> ViewList:
    assert isinstance(stage.app.screen, QueueScreen)
    return stage.app.screen.query_one("#views", ViewList)


@pytest.mark.parametrize("leaving", ["enter", "escape", "tab"])
def test_on_a_narrow_screen_the_views_lie_over_the_list_until_one_is_chosen(shop: Run, leaving: str) -> None:
    async def play(stage: Stage) -> None:
        assert "Views" not in stage.text()
        region = stage.app.screen.list.region
        await stage.press("tab")
        assert "▸to do" in stage.text()
        await stage.press("down", "down")
        assert "▸unassigned" in stage.text()
        assert stage.app.screen.list.region == region
        await stage.press(leaving)
        assert "unassigned" not in stage.text()
        assert "assignee: state:new,open" in stage.text()
        assert stage.app.screen.list.has_focus

    perform(shop.store, play, (60, 20))


def test_a_letter_leads_to_a_view_that_lies_over_the_list(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("tab", "semicolon", "d")
        assert views(stage).cursor == 2
        assert stage.app.screen.list.cursor == 0

    perform(shop.store, play, (60, 20))


@pytest.mark.parametrize("size", [(120, 40), (200, 60)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_every_view_has_a_label_that_covers_none_of_its_words(shop: Run, size: tuple[int, int]) -> None:
    async def play(stage: Stage) -> None:
        shown = views(stage)
        region = shown.region

        def names() -> list[str]:
            strips = stage.app.screen._compositor.render_strips()[region.y + 1 : region.bottom]
            return [strip.crop(region.x, region.right - 4).text for strip in strips]

        before, first = names(), next(i for i, view in enumerate(shown.views) if view.query.startswith("category:"))
        await stage.press("semicolon")
        assert isinstance(stage.app.screen, Jump)
        assert names() == before
        label = next(
            label
            for label, target in stage.app.screen._targets.items()
            if target.y == region.y + 1 + first and target.x < region.right
        )
        await stage.press(*label)
        assert shown.cursor == first

    perform(shop.store, play, size)


@pytest.mark.parametrize("count", [0, 1, 36, 37, 71, 72, 200, 1296])
def test_there_is_a_label_for_every_place_and_none_begins_another(count: int) -> None:
    found = labels(count)
    assert len(set(found)) == count
    singles = {label for label in found if len(label) == 1}
    assert not [label for label in found if len(label) == 2 and label[0] in singles]
    assert count > len(LETTERS) or found == list(LETTERS[:count])


def test_where_there_is_nothing_to_jump_to_it_is_said(run: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("f12", "semicolon")
        assert "There is nothing to jump to here." in stage.text()

    perform(run.store, play)
