"""Simple mode: one customer at a time, large buttons with words, by key, by mouse, by Enter."""

from __future__ import annotations

import pytest
from conftest import Run, sql
from screens import Stage, assert_looks_like, perform
from textual.widgets import TextArea

from helpdesk.desk import Desk, conversation, steps
from helpdesk.store import Store
from helpdesk.tui.big_buttons import BigButton
from helpdesk.tui.office import Office
from helpdesk.tui.queue import QueueScreen
from helpdesk.tui.simple_customer import SimpleCustomer
from helpdesk.tui.simple_home import SimpleHome
from helpdesk.tui.simple_page import Sentence
from helpdesk.tui.simple_questions import SimpleRace, SimpleUnanswered

SIZES = [(80, 24), (120, 40), (200, 60), (60, 20), (40, 12)]
LOOK_FIRST = "helpdesk.tui.simple_customer.LOOK_FIRST"


@pytest.fixture(autouse=True)
def _who_looks_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is new counts as seen at once, but in the tests about just that."""
    monkeypatch.setattr(LOOK_FIRST, 0.0)


@pytest.fixture
def nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """What others do is not noticed before one's own deed fails."""
    monkeypatch.setattr(Office, "changed", lambda _office: False)


def customer(stage: Stage) -> SimpleCustomer:
    screen = stage.app.screen
    assert isinstance(screen, SimpleCustomer)
    return screen


def notice(stage: Stage) -> str:
    return stage.app.screen.query_one("#notice", Sentence).render().plain.replace("\n", " ")


def answer(stage: Stage) -> TextArea:
    return customer(stage).query_one("#answer", TextArea)


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
        answer(stage).text = ""
        await stage.type("123 马上处理")
        await stage.press("ctrl+s")

    perform(shop.store, play)
    message = shop.ticket(numbers[0])["messages"][-1]
    assert (message["body"], message["article"]) == ("123 马上处理", None)


def test_while_writing_a_digit_is_a_digit_and_escape_gives_the_buttons_back(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("f12", "1", "3", "5")
        first = number(stage)
        assert answer(stage).text.endswith("5")
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
        assert answer(stage).has_focus
        await stage.type("好")
        await stage.press("ctrl+s", "4")
        assert "Nobody waits any more." in stage.text()
        for key in "12345":
            await stage.press(key)
            assert notice(stage) == "Nobody waits any more. To go back, press 6."
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
        answer(stage).text = "正在查"
        await stage.until(lambda: sql(shop.store, "SELECT 1 FROM draft WHERE body LIKE ?", "%正在查%") != [])

    numbers: list[int] = []

    async def come_back(stage: Stage) -> None:
        await stage.press("escape", "f12", "1")
        numbers.append(number(stage))
        assert answer(stage).text == "正在查"
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
@pytest.mark.usefixtures("nobody_looks")
def test_a_lost_race_shows_what_happened_and_sends_only_when_told_to(shop: Run, lang: str) -> None:
    numbers: list[int] = []

    async def play(stage: Stage) -> None:
        await stage.press("f12", "1", "3")
        numbers.append(number(stage))
        answer(stage).text = "马上补发"
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


@pytest.mark.usefixtures("nobody_looks")
def test_enter_leaves_a_lost_race_as_it_is_and_shows_the_customer_anew_with_the_text(shop: Run) -> None:
    numbers: list[int] = []

    async def play(stage: Stage) -> None:
        await stage.press("f12", "1", "3")
        numbers.append(number(stage))
        answer(stage).text = "马上补发"
        conversation.receive(bob(shop), numbers[0], "还没收到，在吗")
        await stage.press("ctrl+s", "enter")
        assert number(stage) == numbers[0]
        assert "还没收到，在吗" in stage.text()
        assert answer(stage).text == "马上补发"
        assert shop.ticket(numbers[0])["messages"][-1]["body"] == "还没收到，在吗"
        await stage.press("1")

    perform(shop.store, play)
    assert shop.ticket(numbers[0])["messages"][-1]["body"] == "马上补发"


@pytest.mark.usefixtures("nobody_looks")
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


@pytest.mark.usefixtures("nobody_looks")
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


# what cannot be pressed now


def test_after_sending_what_cannot_be_pressed_says_so_and_its_key_says_why(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("f12", "1", "1")
        for line, word in (("×  Send it", "not now"), ("×  Another answer", "not now")):
            assert line in stage.text() and word in stage.text()
        for key in "12":
            customer(stage).tell("")
            await stage.press(key)
            assert notice(stage) == "It is sent already. To write more, press 3."
        customer(stage).tell("")
        await stage.pilot.click("#customer-send")
        await stage.settle()
        assert notice(stage) == "It is sent already. To write more, press 3."

    perform(shop.store, play, (80, 24))
    assert sql(shop.store, "SELECT count(*) FROM event WHERE kind = 'answered'") == [(1,)]


def test_where_there_is_no_other_answer_its_key_says_so(run: Run) -> None:
    run.ok("new", "卡密打不开")

    async def play(stage: Stage) -> None:
        await stage.press("f12", "1", "2")
        assert notice(stage) == "There is no other answer. To write one yourself, press 3."
        assert "×  Another answer" in stage.text()

    perform(run.store, play)


def test_after_sending_a_further_answer_can_be_written(shop: Run) -> None:
    numbers: list[int] = []

    async def play(stage: Stage) -> None:
        await stage.press("f12", "1", "1", "3")
        numbers.append(number(stage))
        assert answer(stage).has_focus and answer(stage).text == ""
        await stage.type("还有一句")
        await stage.press("ctrl+s")
        assert "Is it solved?" in stage.text()

    perform(shop.store, play)
    first, second = shop.ticket(numbers[0])["messages"][-2:]
    assert first["article"] is not None
    assert (second["body"], second["article"]) == ("还有一句", None)


def test_who_gives_up_a_further_answer_has_sent_what_was_sent(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("f12", "1", "1", "3", "escape")
        assert "Sent. Is it solved?" in stage.text() and "×  Send it" in stage.text()
        await stage.press("1", "4")
        assert "1 done" in stage.text()

    perform(shop.store, play)
    assert sql(shop.store, "SELECT count(*) FROM event WHERE kind = 'answered'") == [(1,)]


# what is typed in a hurry


@pytest.mark.parametrize("before", ["1", "1 1 4", "5"])
def test_what_is_typed_in_a_hurry_sends_and_closes_nothing_of_the_next_customer(
    shop: Run, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("f12", *(["1"] if before == "5" else []), *before.split())
        told = sql(shop.store, "SELECT count(*) FROM message")
        monkeypatch.setattr(LOOK_FIRST, 3600.0)
        for key in "14":
            customer(stage).tell("")
            await stage.press(key)
            assert notice(stage) == "A new customer: look first."
        await stage.press("enter", "enter")
        assert isinstance(stage.app.screen, SimpleCustomer)
        assert sql(shop.store, "SELECT count(*) FROM message") == told
        monkeypatch.setattr(LOOK_FIRST, 0.0)
        await stage.press("1")
        assert "Is it solved?" in stage.text()

    perform(shop.store, play)


def test_enter_sends_only_on_the_button_that_was_chosen(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("f12", "1", "enter")
        assert notice(stage).startswith("Press one of the numbers below")
        customer(stage).query_one("#customer-send", BigButton).focus()
        await stage.press("enter")
        assert "Is it solved?" in stage.text()
        await stage.press("enter")
        assert "Is it solved?" in stage.text()

    perform(shop.store, play)
    assert sql(shop.store, "SELECT count(*) FROM ticket WHERE state = 'closed'") == [(0,)]


# closing what nobody answered


def test_a_customer_nobody_answered_is_asked_about_before_the_ticket_is_closed(shop: Run) -> None:
    numbers: list[int] = []

    async def play(stage: Stage) -> None:
        await stage.press("f12", "1", "4")
        assert isinstance(stage.app.screen, SimpleUnanswered)
        assert "still waits for an answer" in stage.text()
        await stage.press("enter")
        numbers.append(number(stage))
        await stage.press("4", "escape")
        assert number(stage) == numbers[0]
        assert shop.ticket(numbers[0])["state"] in ("new", "open")
        await stage.press("4", "2")
        assert number(stage) != numbers[0]

    perform(shop.store, play)
    assert shop.ticket(numbers[0])["state"] == "closed"


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_question_before_closing_looks_as_it_should(shop: Run, size: tuple[int, int], lang: str) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("f12", "1", "4")
        assert_looks_like(f"simple-unanswered-{lang}-{size[0]}x{size[1]}", stage.text())

    perform(shop.store, play, size, lang)


# small terminals


@pytest.mark.usefixtures("nobody_looks")
@pytest.mark.parametrize("size", [(80, 24), (60, 20), (40, 12)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_word_of_every_button_is_whole_and_the_texts_can_be_read(
    shop: Run, size: tuple[int, int], lang: str
) -> None:
    def whole(stage: Stage) -> None:
        for button in stage.app.screen.query(BigButton):
            assert f"{button._words}" in stage.text(), stage.text()
            assert button.region.bottom <= size[1]

    async def play(stage: Stage) -> None:
        await stage.press("f12")
        whole(stage)
        await stage.press("1")
        whole(stage)
        said = customer(stage)._card.messages[-1]["body"]  # type: ignore[union-attr]
        assert said[-6:] in stage.text().replace("\n", ""), stage.text()
        assert answer(stage).text[:8] in stage.text()
        await stage.press("1")
        whole(stage)
        await stage.press("3")
        await stage.type("好的 ok")
        assert "好的 ok" in stage.text() and "Ctrl+S" in stage.text() and "Esc" in stage.text()
        conversation.receive(bob(shop), number(stage), "还没收到，在吗")
        await stage.press("ctrl+s")
        assert isinstance(stage.app.screen, SimpleRace)
        whole(stage)
        assert "好的 ok" in stage.text() and "还没收到，在吗" in stage.text()

    perform(shop.store, play, size, lang)


# what comes while somebody writes


def test_what_the_customer_writes_meanwhile_is_shown_and_is_no_race_once_it_was_seen(
    shop: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers: list[int] = []

    async def play(stage: Stage) -> None:
        await stage.press("f12", "1", "3")
        numbers.append(number(stage))
        answer(stage).text = "马上补发"
        monkeypatch.setattr(LOOK_FIRST, 3600.0)
        conversation.receive(bob(shop), numbers[0], "还没收到，在吗")
        await stage.until(lambda: "还没收到，在吗" in stage.text())
        assert notice(stage) == "The customer wrote again; it stands above."
        assert answer(stage).text == "马上补发" and answer(stage).has_focus
        await stage.press("ctrl+s")
        assert notice(stage) == "The customer wrote again: read it first."
        monkeypatch.setattr(LOOK_FIRST, 0.0)
        await stage.press("ctrl+s")
        assert "Is it solved?" in stage.text()

    perform(shop.store, play)
    said = [message["body"] for message in shop.ticket(numbers[0])["messages"]]
    assert said[-2:] == ["还没收到，在吗", "马上补发"]


def test_who_wrote_again_after_the_answer_is_asked_about_before_the_ticket_is_closed(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("f12", "1", "1")
        conversation.receive(bob(shop), number(stage), "还是不行")
        await stage.until(lambda: "还是不行" in stage.text())
        await stage.press("4")
        assert isinstance(stage.app.screen, SimpleUnanswered)
        assert "还是不行" in stage.text()

    perform(shop.store, play)


def test_what_a_colleague_did_is_said_and_still_asked_about(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("f12", "1", "3")
        answer(stage).text = "马上补发"
        conversation.reply(bob(shop), number(stage), "我来处理")
        await stage.until(lambda: "我来处理" in stage.text())
        assert notice(stage) == "bob did something here meanwhile."
        await stage.press("ctrl+s")
        assert isinstance(stage.app.screen, SimpleRace)

    perform(shop.store, play)


def test_a_text_left_within_the_second_is_kept_and_an_emptied_one_is_not(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("f12", "1", "3")
        answer(stage).text = "正在查"
        await stage.press("escape")
        assert "You wrote this. It is not sent yet:" in stage.text()
        assert sql(shop.store, "SELECT body FROM draft") == [("正在查",)]
        await stage.press("3")
        answer(stage).text = ""
        await stage.press("escape")
        assert "that may fit:" in stage.text()

    perform(shop.store, play)
    assert sql(shop.store, "SELECT body FROM draft") == []


# how it is said and drawn


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_is_said_covers_nothing(shop: Run, lang: str) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("f12", "1", "1", "4")
        assert notice(stage) in stage.text() and notice(stage) != ""
        assert stage.told == []
        for button in stage.app.screen.query(BigButton):
            assert button._words in stage.text()

    perform(shop.store, play, (80, 24), lang)


def test_a_long_run_of_chinese_begins_on_the_line_it_follows(run: Run) -> None:
    run.ok("new", "登录不了")
    told = "请打开 安全中心 → " + "修改登录密码后请重新登录并绑定手机号码" * 3

    async def play(stage: Stage) -> None:
        await stage.press("f12", "1", "3")
        answer(stage).text = told
        await stage.press("escape")
        line = next(line for line in stage.text().splitlines() if "安全中心 →" in line)
        assert "安全中心 → 修改登录密码" in line

    perform(run.store, play, (80, 24))


def test_a_text_being_written_is_whole_after_the_terminal_became_wider(run: Run) -> None:
    run.ok("new", "登录不了")
    told = "".join(f"第{place}句，" for place in range(16))

    async def play(stage: Stage) -> None:
        await stage.press("f12", "1", "3")
        answer(stage).text = told
        await stage.settle()
        for size in ((120, 40), (80, 24), (120, 40)):
            await stage.pilot.resize_terminal(*size)
            await stage.settle()
            assert told in "".join(line.strip() for line in stage.text().splitlines())

    perform(run.store, play, (80, 24))
