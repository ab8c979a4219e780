"""Each screen of the interface on the sample shop: what it shows, and what its keys do to the store."""

from __future__ import annotations

import pytest
from conftest import Run, sql
from screens import Stage, assert_looks_like, perform
from textual import events
from textual.widgets import Input, TextArea

from helpdesk.desk import Desk, conversation, drafts, steps
from helpdesk.models.states import Step
from helpdesk.store import Store
from helpdesk.tui.answer import AnswerScreen
from helpdesk.tui.modals import Choose, Read
from helpdesk.tui.queue import QueueScreen
from helpdesk.tui.ticket import TicketScreen

SIZES = [(80, 24), (120, 40), (200, 60)]
LANGUAGES = ["en", "zh"]


def desk(shop: Run, actor: str = "bob") -> Desk:
    return Desk(Store(shop.store), actor)


def operations(shop: Run) -> int:
    """The operations of the store; the sample shop was made in two."""
    return int(sql(shop.store, "SELECT count(*) FROM operation")[0][0])


def queue(stage: Stage) -> QueueScreen:
    screen = stage.app.screen
    assert isinstance(screen, QueueScreen)
    return screen


def ticket_under_cursor(stage: Stage) -> int:
    ticket = queue(stage).list.ticket
    assert ticket is not None
    return int(ticket["number"])


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_queue_looks_as_it_should(shop: Run, size: tuple[int, int], lang: str) -> None:
    async def play(stage: Stage) -> None:
        assert_looks_like(f"queue-{lang}-{size[0]}x{size[1]}", stage.text())

    perform(shop.store, play, size, lang)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_ticket_and_answer_look_as_they_should(shop: Run, size: tuple[int, int], lang: str) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("enter")
        assert_looks_like(f"ticket-{lang}-{size[0]}x{size[1]}", stage.text())
        await stage.press("a")
        assert_looks_like(f"answer-{lang}-{size[0]}x{size[1]}", stage.text())

    perform(shop.store, play, size, lang)


def test_help_and_why_look_as_they_should(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("question_mark")
        await stage.type("mark")
        assert_looks_like("help-en-120x40", stage.text())
        await stage.press("escape", "w")
        assert_looks_like("why-en-120x40", stage.text())

    perform(shop.store, play)


def test_an_empty_store_shows_an_empty_queue_and_every_key_is_harmless_there(run: Run) -> None:
    async def play(stage: Stage) -> None:
        assert "0 tickets" in stage.text()
        for key in ("enter", "a", "r", "c", "d", "space", "v", "w", "t", "z", "m", "equals_sign", "down", "end"):
            await stage.press(key)
            assert isinstance(stage.app.screen, QueueScreen), key
        await stage.press("n")
        assert isinstance(stage.app.screen, QueueScreen)
        assert "Nothing is waiting for you." in stage.told

    perform(run.store, play)
    assert not run.store.exists()


def test_five_keys_answer_and_close_and_bring_the_next(shop: Run) -> None:
    numbers: list[int] = []

    async def play(stage: Stage) -> None:
        await stage.press("n")
        numbers.append(stage.app.screen.card.ticket["number"])
        await stage.press("a")
        assert isinstance(stage.app.screen, AnswerScreen)
        await stage.press("ctrl+s")
        assert isinstance(stage.app.screen, TicketScreen)
        await stage.press("c")
        assert isinstance(stage.app.screen, TicketScreen)
        numbers.append(stage.app.screen.card.ticket["number"])
        assert "1 done" in stage.text()

    perform(shop.store, play)
    done, following = numbers
    assert following != done
    ticket = shop.ticket(done)
    assert ticket["state"] == "closed"
    assert ticket["messages"][-1]["author"] == "agent"
    assert [event["kind"] for event in ticket["events"]][-2:] == ["answered", "moved"]


def test_flow_takes_what_next_takes(shop: Run) -> None:
    wanted = shop.json("next")["number"]

    async def play(stage: Stage) -> None:
        await stage.press("n")
        assert stage.app.screen.card.ticket["number"] == wanted
        await stage.press("n")
        assert stage.app.screen.card.ticket["number"] != wanted

    perform(shop.store, play)


def test_an_article_changed_before_sending_is_sent_as_that_article(shop: Run) -> None:
    numbers: list[int] = []

    async def play(stage: Stage) -> None:
        numbers.append(ticket_under_cursor(stage))
        await stage.press("a")
        stage.app.screen.query_one("#area", TextArea).insert("您好！\n", (0, 0))
        await stage.press("ctrl+s")

    perform(shop.store, play)
    message = shop.ticket(numbers[0])["messages"][-1]
    assert message["body"].startswith("您好！\n")
    assert message["article"]


def test_a_chosen_article_fills_the_editor(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("enter")
        second = stage.app.screen.card.matches[1]["article"]
        await stage.press("2")
        screen = stage.app.screen
        assert isinstance(screen, AnswerScreen)
        with Store(shop.store).read() as connection:
            from helpdesk.views import answers

            rendered = answers.render(connection, screen.card.ticket["number"], second)
        assert rendered is not None
        assert screen.area.text == rendered.body
        await stage.press("f2")
        assert screen.area.text != rendered.body

    perform(shop.store, play)


def test_a_reply_in_ones_own_words_is_sent_as_it_was_typed(shop: Run) -> None:
    numbers: list[int] = []

    async def play(stage: Stage) -> None:
        numbers.append(ticket_under_cursor(stage))
        await stage.press("r")
        await stage.type("已为您补发，请查收。\nThank you :) ❤")
        await stage.press("ctrl+s")

    perform(shop.store, play)
    message = shop.ticket(numbers[0])["messages"][-1]
    assert message["body"] == "已为您补发，请查收。\nThank you :) ❤"
    assert (message["author"], message["article"]) == ("agent", None)


def test_a_note_and_a_message_of_the_customer_are_kept_as_what_they_are(shop: Run) -> None:
    numbers: list[int] = []

    async def play(stage: Stage) -> None:
        numbers.append(ticket_under_cursor(stage))
        await stage.press("enter", "i")
        await stage.type("call back")
        await stage.press("ctrl+s", "p")
        await stage.type("还在吗")
        await stage.press("ctrl+s")

    perform(shop.store, play)
    note, message = shop.ticket(numbers[0])["messages"][-2:]
    assert (note["visibility"], note["body"]) == ("note", "call back")
    assert (message["author"], message["body"]) == ("customer", "还在吗")


def test_nothing_is_sent_when_nothing_is_written(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("r", "ctrl+s")
        assert isinstance(stage.app.screen, AnswerScreen)
        assert len([sentence for sentence in stage.told if "empty" in sentence]) == 1

    perform(shop.store, play)
    assert operations(shop) == 2


def test_what_is_typed_is_kept_as_a_draft_and_offered_again(shop: Run) -> None:
    numbers: list[int] = []

    async def write(stage: Stage) -> None:
        numbers.append(ticket_under_cursor(stage))
        await stage.press("r")
        await stage.type("正在查")
        await stage.until(lambda: sql(shop.store, "SELECT 1 FROM draft WHERE body LIKE ?", "%正在查%") != [])

    perform(shop.store, write)
    assert sql(shop.store, "SELECT key, body FROM draft") == [(f"reply:{numbers[0]}:tester", "正在查")]

    async def come_back(stage: Stage) -> None:
        assert isinstance(stage.app.screen, Choose)
        assert "正在查" in stage.text()
        await stage.press("enter")
        screen = stage.app.screen
        assert isinstance(screen, AnswerScreen)
        assert screen.area.text == "正在查"
        await stage.press("ctrl+s")

    perform(shop.store, come_back)
    assert shop.ticket(numbers[0])["messages"][-1]["body"] == "正在查"
    assert sql(shop.store, "SELECT count(*) FROM draft") == [(0,)]


def test_a_draft_thrown_away_is_not_offered_again(shop: Run) -> None:
    drafts.keep(desk(shop, "tester"), "reply:1:tester", "half", {"number": 1})

    async def play(stage: Stage) -> None:
        await stage.press("enter")
        await stage.press("f8", "escape")

    perform(shop.store, play)
    assert sql(shop.store, "SELECT count(*) FROM draft") == [(0,)]


def test_a_draft_is_no_operation(shop: Run) -> None:
    before = sql(shop.store, "SELECT count(*) FROM operation")
    drafts.keep(desk(shop), "reply:1:bob", "x")
    drafts.keep(desk(shop), "reply:1:bob", "xy")
    drafts.drop(desk(shop), "reply:1:bob")
    drafts.drop(desk(shop), "reply:1:bob")
    assert sql(shop.store, "SELECT count(*) FROM operation") == before


def test_before_an_answer_goes_out_it_is_said_that_the_customer_wrote_meanwhile(shop: Run) -> None:
    numbers: list[int] = []

    async def play(stage: Stage) -> None:
        number = ticket_under_cursor(stage)
        numbers.append(number)
        await stage.press("r")
        await stage.type("ok")
        conversation.receive(desk(shop), number, "不用了，已经好了")
        stage.app.look()
        await stage.settle()
        assert "The customer wrote meanwhile" in stage.text()
        assert "不用了，已经好了" in stage.text()
        await stage.press("ctrl+s")
        assert isinstance(stage.app.screen, Choose)
        await stage.press("enter")
        assert isinstance(stage.app.screen, AnswerScreen)
        assert stage.app.screen.area.text == "ok"

    perform(shop.store, play)
    assert shop.ticket(numbers[0])["messages"][-1]["author"] == "customer"


def test_a_race_lost_at_the_last_moment_shows_both_sides_and_sends_only_when_told_to(shop: Run) -> None:
    numbers: list[int] = []

    async def play(stage: Stage) -> None:
        number = ticket_under_cursor(stage)
        numbers.append(number)
        await stage.press("r")
        await stage.type("mine")
        stage.app.office.changed()
        steps.edit(desk(shop), [number], steps.Edit(priority="low"))
        stage.app.office.changed()
        await stage.press("ctrl+s")
        assert isinstance(stage.app.screen, Choose)
        assert "bob" in stage.text() and "mine" in stage.text()
        assert shop.ticket(number)["messages"][-1]["body"] != "mine"
        await stage.press("down", "enter")

    perform(shop.store, play)
    assert shop.ticket(numbers[0])["messages"][-1]["body"] == "mine"


def test_a_step_on_a_ticket_that_changed_meanwhile_asks_whose_change_stands(shop: Run) -> None:
    numbers: list[int] = []

    async def play(stage: Stage) -> None:
        number = ticket_under_cursor(stage)
        numbers.append(number)
        steps.move(desk(shop), Step.HOLD, [number])
        stage.app.office.changed()
        await stage.press("s")
        assert isinstance(stage.app.screen, Choose)
        assert "bob" in stage.text()
        assert "step=hold → on hold" in stage.text()
        assert stage.told == []
        await stage.press("enter")
        assert shop.ticket(number)["state"] == "on_hold"

    perform(shop.store, play)


def test_two_deeds_in_a_row_on_one_ticket_are_no_race(shop: Run) -> None:
    numbers: list[int] = []

    async def play(stage: Stage) -> None:
        numbers.append(ticket_under_cursor(stage))
        for key in ("m", "m", "s"):
            stage.app.post_message(events.Key(key, key))
        await stage.settle()
        await stage.settle()
        assert isinstance(stage.app.screen, QueueScreen)

    perform(shop.store, play)
    assert shop.ticket(numbers[0])["state"] == "spam"
    assert shop.ticket(numbers[0])["assignee"] == "tester"


def test_marked_tickets_are_closed_as_one_operation_after_a_question(shop: Run) -> None:
    marked: list[int] = []

    async def play(stage: Stage) -> None:
        await stage.press("space", "down", "v")
        marked.extend(sorted(queue(stage).list.marked))
        await stage.press("c")
        assert isinstance(stage.app.screen, Choose)
        assert "Close 3 tickets?" in stage.text()
        assert all(f"#{number}" in stage.text() for number in marked)
        await stage.press("enter")
        assert not queue(stage).list.marked
        assert any("helpdesk close" in sentence for sentence in stage.told)

    perform(shop.store, play)
    assert len(marked) == 3
    assert operations(shop) == 3
    assert all(shop.ticket(number)["state"] == "closed" for number in marked)


def test_many_are_not_touched_when_the_question_is_left(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("space", "space", "c", "escape")
        assert len(queue(stage).list.marked) == 2

    perform(shop.store, play)
    assert operations(shop) == 2


def test_every_ticket_of_a_list_can_be_marked(shop: Run) -> None:
    wanted = len(shop.json("list", "state:new,open", "--limit", 10_000))

    async def play(stage: Stage) -> None:
        await stage.press("ctrl+a")
        assert len(queue(stage).list.marked) == wanted
        await stage.press("escape")
        assert not queue(stage).list.marked

    perform(shop.store, play)


def test_fields_are_set_and_a_ticket_is_snoozed_by_words(shop: Run) -> None:
    numbers: list[int] = []

    async def play(stage: Stage) -> None:
        numbers.append(ticket_under_cursor(stage))
        await stage.press("equals_sign")
        await stage.type("priority:low tag:vip-kunde assignee:me")
        await stage.press("enter")
        await stage.press("z")
        await stage.type("2h")
        await stage.press("enter")

    perform(shop.store, play)
    ticket = shop.ticket(numbers[0])
    assert (ticket["priority"], ticket["assignee"], ticket["tags"]) == ("low", "tester", ["vip-kunde"])
    assert ticket["state"] == "snoozed"


def test_a_field_nobody_knows_changes_nothing_and_says_which_there_are(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("equals_sign")
        await stage.type("priority:purple")
        await stage.press("enter")
        assert "'purple' is not a valid priority. Known: low, normal" in stage.text()

    perform(shop.store, play)
    assert operations(shop) == 2


def test_the_list_follows_the_typing_and_a_wrong_query_never_empties_it(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        line = queue(stage).query_one("#query", Input)
        before = len(queue(stage).list.listing)
        await stage.press("slash")
        line.value = ""
        await stage.type("lang:ko")
        found = len(queue(stage).list.listing)
        assert 0 < found < before
        for wrong in ("lang:ko colour:red", "lang:", "lang:x", "lang:ko state:", '"', "lang:ko due:<purple"):
            line.value = wrong
            await stage.settle()
            assert len(queue(stage).list.listing) == found, wrong
        line.value = "lang:ko colour:red"
        await stage.settle()
        assert len(queue(stage).list.listing) == found
        assert "there is no key" in stage.text()
        line.value = "退款"
        await stage.settle()
        assert 0 < len(queue(stage).list.listing) < before
        await stage.press("enter", "escape")
        assert len(queue(stage).list.listing) == before

    perform(shop.store, play)


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("sta", "state:"),
        ("state:op", "state:open"),
        ("state:new,op", "state:new,open"),
        ("-lang:zh-Ha", "-lang:zh-Hans"),
    ],
)
def test_keys_and_values_of_a_query_are_completed(shop: Run, typed: str, completed: str) -> None:
    async def play(stage: Stage) -> None:
        line = queue(stage).query_one("#query", Input)
        await stage.press("slash")
        line.value = ""
        await stage.type(typed)
        await stage.press("tab")
        assert line.value == completed

    perform(shop.store, play)


def test_a_view_shows_what_list_finds_and_its_number_is_right(shop: Run) -> None:
    wanted = len(shop.json("list", "category:delivery", "state:new,open", "--limit", 10_000))

    async def play(stage: Stage) -> None:
        screen = queue(stage)
        views = screen.query_one("#views")
        place = next(i for i, view in enumerate(views.views) if view.query.startswith("category:delivery"))
        assert views.counts[place] == wanted
        views.focus()
        views.point(place)
        await stage.settle()
        assert len(screen.list.listing) == wanted

    perform(shop.store, play)


def test_what_others_write_shows_up_and_the_cursor_stays_with_its_ticket(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("down", "down", "down")
        screen = queue(stage)
        held, on_line = ticket_under_cursor(stage), screen.list.cursor - screen.list.scroll_offset.y
        first = screen.list.listing.row(0)
        assert first is not None
        steps.move(desk(shop), Step.CLOSE, [first["number"]])
        before = len(screen.list.listing)
        stage.app.look()
        await stage.settle()
        assert len(screen.list.listing) == before - 1
        assert ticket_under_cursor(stage) == held
        assert screen.list.cursor == 2
        steps.move(desk(shop), Step.REOPEN, [first["number"]])
        stage.app.look()
        await stage.settle()
        assert ticket_under_cursor(stage) == held
        assert screen.list.cursor == 3
        assert screen.list.cursor - screen.list.scroll_offset.y == on_line - 1

    perform(shop.store, play)


def test_any_command_runs_and_what_it_printed_is_shown(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("colon")
        await stage.type("show 1")
        await stage.press("enter")
        assert "#1 " in stage.text() and "→ done" in stage.text()
        await stage.type("close 1")
        await stage.press("enter")
        await stage.type("shwo 1")
        await stage.press("enter")
        assert "did you mean show" in stage.text() and "→ exit 2: the command is not understood" in stage.text()

    perform(shop.store, play)
    assert shop.ticket(1)["state"] == "closed"


def test_an_answer_can_be_copied_and_read_from_edge_to_edge(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("r")
        await stage.type("卡密：ABCD-1234")
        await stage.press("ctrl+y")
        assert stage.app.clipboard == "卡密：ABCD-1234"
        assert isinstance(stage.app.screen, Read)
        assert " 卡密：ABCD-1234\n" in stage.text()

    perform(shop.store, play)


def test_a_letter_jumps_to_its_ticket(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("semicolon", "d")
        assert queue(stage).list.cursor == 2

    perform(shop.store, play)


def test_an_action_of_the_palette_does_what_its_key_does(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("ctrl+p")
        await stage.type("mark all")
        await stage.press("enter")
        assert queue(stage).list.marked

    perform(shop.store, play)


def test_the_users_own_keys_go_over_the_shipped_ones(shop: Run, monkeypatch, tmp_path) -> None:
    from helpdesk import config

    (tmp_path / "keys.toml").write_text('set = "vim"\n[keys]\n"queue.open" = "O"\n', encoding="utf-8")
    monkeypatch.setenv("HELPDESK_CONFIG", str(tmp_path))
    config.tables.cache_clear()

    async def play(stage: Stage) -> None:
        await stage.press("j", "j", "k")
        assert queue(stage).list.cursor == 1
        await stage.press("G")
        assert queue(stage).list.cursor == len(queue(stage).list.listing) - 1
        await stage.press("O")
        assert isinstance(stage.app.screen, TicketScreen)

    try:
        perform(shop.store, play)
    finally:
        config.tables.cache_clear()


def test_the_colours_chosen_are_there_the_next_time(shop: Run) -> None:
    names: list[str] = []

    async def change(stage: Stage) -> None:
        await stage.press("f9", "f9")
        names.append(stage.app.theme)

    async def look(stage: Stage) -> None:
        names.append(stage.app.theme)

    perform(shop.store, change)
    perform(shop.store, look)
    assert names == ["contrast", "contrast"]
