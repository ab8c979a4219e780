"""Simple mode: one customer at a time, large buttons with words, by key, by mouse, by Enter."""

from __future__ import annotations

import pytest
from conftest import Run, sql
from screens import Stage, assert_looks_like, perform
from textual.widgets import TextArea

from helpdesk.desk import Desk, conversation, steps
from helpdesk.store import Store
from helpdesk.tui.queue import QueueScreen
from helpdesk.tui.simple import BigButton, SimpleCustomer, SimpleHome, SimpleRace

SIZES = [(80, 24), (120, 40), (200, 60)]


def customer(stage: Stage) -> SimpleCustomer:
    screen = stage.app.screen
    assert isinstance(screen, SimpleCustomer)
    return screen


def number(stage: Stage) -> int:
    found = customer(stage)._found
    assert found is not None and found.card is not None
    return int(found.card.ticket["number"])


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_simple_mode_looks_as_it_should(shop: Run, size: tuple[int, int], lang: str) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("f12")
        assert_looks_like(f"simple-home-{lang}-{size[0]}x{size[1]}", stage.text())
        await stage.press("1")
        assert_looks_like(f"simple-{lang}-{size[0]}x{size[1]}", stage.text())

    perform(shop.store, play, size, lang)


def test_the_first_customer_is_the_one_that_next_takes_and_four_keys_answer_and_close(shop: Run) -> None:
    wanted = shop.json("next")["number"]

    async def play(stage: Stage) -> None:
        await stage.press("f12", "1")
        assert number(stage) == wanted
        await stage.press("1")
        assert "Is it solved?" in stage.text()
        await stage.press("4")
        assert number(stage) != wanted
        assert "1 done" in stage.text()

    perform(shop.store, play)
    ticket = shop.ticket(wanted)
    assert ticket["state"] == "closed"
    assert ticket["messages"][-1]["article"] is not None


def test_another_answer_is_another_article(shop: Run) -> None:
    numbers: list[int] = []

    async def play(stage: Stage) -> None:
        await stage.press("f12", "1")
        numbers.append(number(stage))
        await stage.press("2", "1")

    perform(shop.store, play)
    ticket = shop.ticket(numbers[0])
    assert ticket["messages"][-1]["article"] == ticket["matches"][1]["article"]


def test_what_is_written_is_sent_as_it_was_written(shop: Run) -> None:
    numbers: list[int] = []

    async def play(stage: Stage) -> None:
        await stage.press("f12", "1")
        numbers.append(number(stage))
        await stage.press("3")
        customer(stage).query_one("#answer", TextArea).text = ""
        await stage.type("123 马上处理")
        await stage.press("ctrl+s")

    perform(shop.store, play)
    message = shop.ticket(numbers[0])["messages"][-1]
    assert (message["body"], message["article"]) == ("123 马上处理", None)


def test_while_writing_a_digit_is_a_digit_and_escape_gives_the_buttons_back(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("f12", "1", "3", "5")
        first = number(stage)
        assert customer(stage).query_one("#answer", TextArea).text.endswith("5")
        await stage.press("escape", "5")
        assert number(stage) != first
        await stage.press("escape")
        assert isinstance(stage.app.screen, SimpleHome)

    perform(shop.store, play)


def test_the_mouse_and_enter_do_what_the_keys_do(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("f12")
        await stage.pilot.click("#home-customer")
        await stage.settle()
        first = number(stage)
        await stage.pilot.click("#customer-skip")
        await stage.settle()
        assert number(stage) != first
        customer(stage).query_one("#customer-skip", BigButton).focus()
        second = number(stage)
        await stage.press("enter")
        assert number(stage) not in (first, second)
        await stage.pilot.click("#customer-back")
        await stage.settle()
        await stage.pilot.click("#home-leave")
        await stage.settle()
        assert isinstance(stage.app.screen, QueueScreen)

    perform(shop.store, play)


def test_nothing_is_sent_twice(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("f12", "1")
        await stage.pilot.press("1")
        await stage.pilot.press("1")
        await stage.press("1")

    perform(shop.store, play)
    assert sql(shop.store, "SELECT count(*) FROM event WHERE kind = 'answered'") == [(1,)]


def test_who_was_passed_over_comes_again_at_the_end(run: Run) -> None:
    for text in ("卡密打不开", "没发货"):
        run.ok("new", text)

    async def play(stage: Stage) -> None:
        await stage.press("f12", "1")
        first = number(stage)
        await stage.press("5")
        second = number(stage)
        assert second != first
        await stage.press("5")
        assert number(stage) == first

    perform(run.store, play)


def test_where_nothing_fits_one_writes(run: Run) -> None:
    run.ok("new", "卡密打不开")

    async def play(stage: Stage) -> None:
        await stage.press("f12", "1")
        assert "No answer fits" in stage.text()
        await stage.press("1")
        assert customer(stage).query_one("#answer", TextArea).has_focus
        await stage.type("好")
        await stage.press("ctrl+s", "4")
        assert "Nobody waits any more." in stage.text()
        for key in "12345":
            await stage.press(key)
        await stage.press("6")
        assert "Nobody waits. Well done!" in stage.text()

    perform(run.store, play)
    assert run.ticket(1)["state"] == "closed"


def test_an_empty_shop_is_calm(run: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("f12", "1", "1", "4", "6")
        assert isinstance(stage.app.screen, SimpleHome)

    perform(run.store, play)
    assert not run.store.exists()


def test_what_is_being_written_is_kept_and_there_again(shop: Run) -> None:
    async def write(stage: Stage) -> None:
        await stage.press("f12", "1", "3")
        customer(stage).query_one("#answer", TextArea).text = "正在查"
        await stage.until(lambda: sql(shop.store, "SELECT 1 FROM draft WHERE body LIKE ?", "%正在查%") != [])

    numbers: list[int] = []

    async def come_back(stage: Stage) -> None:
        await stage.press("escape", "f12", "1")
        numbers.append(number(stage))
        assert customer(stage).query_one("#answer", TextArea).text == "正在查"
        await stage.press("1")

    perform(shop.store, write)
    assert sql(shop.store, "SELECT body FROM draft") == [("正在查",)]
    perform(shop.store, come_back)
    message = shop.ticket(numbers[0])["messages"][-1]
    assert (message["body"], message["article"]) == ("正在查", None)
    assert sql(shop.store, "SELECT count(*) FROM draft") == [(0,)]


def bob(shop: Run) -> Desk:
    return Desk(Store(shop.store), "bob")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_lost_race_shows_what_happened_and_sends_only_when_told_to(shop: Run, lang: str) -> None:
    numbers: list[int] = []

    async def play(stage: Stage) -> None:
        await stage.press("f12", "1", "3")
        numbers.append(number(stage))
        customer(stage).query_one("#answer", TextArea).text = "马上补发"
        conversation.receive(bob(shop), numbers[0], "[red]还没收到，在吗\x1b]52;c;aGFja2Vk\x07")
        await stage.press("ctrl+s")
        assert isinstance(stage.app.screen, SimpleRace)
        assert_looks_like(f"simple-race-{lang}-80x24", stage.text())
        assert stage.told == []
        await stage.press("2")
        assert customer(stage)._sent

    perform(shop.store, play, (80, 24), lang)
    said = [message["body"] for message in shop.ticket(numbers[0])["messages"]]
    assert said[-1] == "马上补发"
    assert said[-2].startswith("[red]还没收到")


def test_enter_leaves_a_lost_race_as_it_is_and_shows_the_customer_anew_with_the_text(shop: Run) -> None:
    numbers: list[int] = []

    async def play(stage: Stage) -> None:
        await stage.press("f12", "1", "3")
        numbers.append(number(stage))
        customer(stage).query_one("#answer", TextArea).text = "马上补发"
        conversation.receive(bob(shop), numbers[0], "还没收到，在吗")
        await stage.press("ctrl+s", "enter")
        assert number(stage) == numbers[0]
        assert "还没收到，在吗" in stage.text()
        assert customer(stage).query_one("#answer", TextArea).text == "马上补发"
        assert shop.ticket(numbers[0])["messages"][-1]["body"] == "还没收到，在吗"
        await stage.press("1")

    perform(shop.store, play)
    assert shop.ticket(numbers[0])["messages"][-1]["body"] == "马上补发"


def test_who_wrote_again_before_the_ticket_is_closed_is_read_first(shop: Run) -> None:
    numbers: list[int] = []

    async def play(stage: Stage) -> None:
        await stage.press("f12", "1", "1")
        numbers.append(number(stage))
        conversation.receive(bob(shop), numbers[0], "还是不行")
        await stage.press("4")
        assert isinstance(stage.app.screen, SimpleRace)
        assert "还是不行" in stage.text() and "It is not closed." in stage.text()
        await stage.press("escape")
        await stage.until(lambda: "还是不行" in stage.text())
        assert number(stage) == numbers[0]
        assert "还是不行" in stage.text()

    perform(shop.store, play)
    assert shop.ticket(numbers[0])["state"] == "open"


def test_a_lost_race_can_be_won_by_mouse_and_closes(shop: Run) -> None:
    numbers: list[int] = []

    async def play(stage: Stage) -> None:
        await stage.press("f12", "1", "1")
        numbers.append(number(stage))
        steps.edit(bob(shop), [numbers[0]], steps.Edit(priority="low"))
        await stage.press("4")
        assert "bob" in stage.text()
        await stage.pilot.click("#race-mine")
        await stage.settle()
        assert number(stage) != numbers[0]

    perform(shop.store, play)
    assert shop.ticket(numbers[0])["state"] == "closed"
