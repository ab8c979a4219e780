"""A ticket filed on the screen: the verdict while typing, chats and mails read, nothing typed lost."""

from __future__ import annotations

import pytest
from conftest import Run, hostile_ticket, sql
from screens import Stage, assert_looks_like, perform
from textual.widgets import Input, TextArea

from helpdesk.tui.new_ticket import NewTicketScreen, VerdictView
from helpdesk.tui.queue import QueueScreen
from helpdesk.tui.ticket import TicketScreen

CHAT = (
    "小明(12345678) 2026/11/20 10:23:11\n付了款没发货，订单号A7K2M9QX4ZP1LW8D\n再不处理我要投诉了\ntester 10:24\n在查了"
)
SIZES = [(80, 24), (120, 40), (200, 60)]


async def paste(stage: Stage, text: str) -> None:
    """Put a text where the cursor is, and wait for its verdict."""
    stage.app.screen.query_one("#pasted", TextArea).text = text
    await stage.pilot.pause(0.4)
    await stage.settle()


def verdict(stage: Stage) -> str:
    view = stage.app.screen.query_one(VerdictView)
    return "\n".join("".join(text for text, _style in line.pieces) for line in view._lines)


def newest(shop: Run) -> dict:
    """The ticket filed last."""
    return shop.ticket(max(ticket["number"] for ticket in shop.json("list", "--limit", 1000)))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_new_ticket_looks_as_it_should(shop: Run, size: tuple[int, int], lang: str) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("N")
        if size == (120, 40):
            assert_looks_like(f"new-empty-{lang}", stage.text())
        await paste(stage, CHAT)
        assert_looks_like(f"new-{lang}-{size[0]}x{size[1]}", stage.text())

    perform(shop.store, play, size, lang)


def test_the_verdict_is_that_of_triage_and_follows_the_typing(shop: Run) -> None:
    judged = shop.json("triage", "付了款没发货")

    async def play(stage: Stage) -> None:
        await stage.press("N")
        assert "appears here" in verdict(stage)
        await paste(stage, "付了款没发货")
        assert judged["matches"][0]["article"] in verdict(stage)
        await paste(stage, "忘记登录密码了怎么找回")
        assert "faq-032" in verdict(stage)
        await paste(stage, "")
        assert "appears here" in verdict(stage)

    perform(shop.store, play)


def test_a_chat_is_filed_with_its_customer_and_every_turn(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("N")
        await paste(stage, CHAT)
        assert "a chat" in verdict(stage) and "QQ:12345678" in verdict(stage)
        await stage.press("ctrl+s")
        assert isinstance(stage.app.screen, TicketScreen)

    perform(shop.store, play)
    ticket = newest(shop)
    assert ticket["customer"] == {"handle": "QQ:12345678", "name": "小明", "tier": "normal"}
    assert ticket["order"] == "A7K2M9QX4ZP1LW8D"
    assert [(m["author"], m["body"]) for m in ticket["messages"]] == [
        ("customer", "付了款没发货，订单号A7K2M9QX4ZP1LW8D\n再不处理我要投诉了"),
        ("agent", "在查了"),
    ]


def test_what_is_typed_beside_the_text_goes_before_what_was_read(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("N")
        await paste(stage, CHAT)
        await stage.press("tab")
        await stage.type("wx_ming")
        await stage.press("tab")
        await stage.type("B1")
        await stage.press("ctrl+s")

    perform(shop.store, play)
    ticket = newest(shop)
    assert (ticket["customer"]["handle"], ticket["order"]) == ("wx_ming", "B1")


def test_several_are_filed_one_after_another(shop: Run) -> None:
    before = shop.json("stats")["tickets"]

    async def play(stage: Stage) -> None:
        await stage.press("N")
        for text in ("卡密打不开", "退款多久到账"):
            await paste(stage, text)
            await stage.press("ctrl+n")
            assert isinstance(stage.app.screen, NewTicketScreen)
            assert stage.app.screen.typed == ""
            assert stage.app.screen.query_one("#customer", Input).value == ""

    perform(shop.store, play)
    assert shop.json("stats")["tickets"] == before + 2
    assert sql(shop.store, "SELECT count(*) FROM draft") == [(0,)]


def test_the_first_ticket_of_a_shop_is_filed_here(run: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("N", "ctrl+s")
        assert any("nothing to file" in sentence for sentence in stage.told)
        await paste(stage, "卡密打不开")
        await stage.press("ctrl+s")

    perform(run.store, play)
    assert run.ticket(1)["messages"][0]["body"] == "卡密打不开"


def test_leaving_asks_once_before_a_text_is_lost(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("N", "escape")
        assert isinstance(stage.app.screen, QueueScreen)
        await stage.press("N")
        await paste(stage, "卡密打不开")
        await stage.press("escape")
        assert isinstance(stage.app.screen, NewTicketScreen)
        await stage.press("escape")
        assert isinstance(stage.app.screen, QueueScreen)

    perform(shop.store, play)
    assert sql(shop.store, "SELECT count(*) FROM draft") == [(0,)]


def test_a_text_that_was_being_typed_is_there_again(shop: Run) -> None:
    async def write(stage: Stage) -> None:
        await stage.press("N")
        await paste(stage, "卡密打")
        await stage.until(lambda: sql(shop.store, "SELECT 1 FROM draft WHERE body LIKE ?", "%卡密打%") != [])

    async def come_back(stage: Stage) -> None:
        assert "You were writing a new ticket" in stage.text()
        await stage.press("enter")
        assert stage.app.screen.typed == "卡密打"

    perform(shop.store, write)
    perform(shop.store, come_back)


def test_hostile_text_is_judged_and_filed_as_the_text_it_is(shop: Run) -> None:
    body = hostile_ticket()["body"]

    async def play(stage: Stage) -> None:
        await stage.press("N")
        await paste(stage, body)
        assert "\x1b" not in stage.text()
        await stage.press("ctrl+s")

    perform(shop.store, play)
    assert newest(shop)["messages"][0]["body"].split() == body.strip().split()
