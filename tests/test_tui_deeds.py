"""What is done to tickets from the screens: nothing ends unseen, nothing of others is overwritten unasked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import ROOT, Run, sql
from screens import Stage, perform

from helpdesk.desk import Desk, conversation, steps
from helpdesk.desk.steps import Edit
from helpdesk.models.states import Step
from helpdesk.store import Store
from helpdesk.tui.answer import AnswerScreen
from helpdesk.tui.card_view import CardView
from helpdesk.tui.modals import Choose
from helpdesk.tui.queue import QueueScreen
from helpdesk.tui.ticket import TicketScreen


def bob(run: Run) -> Desk:
    return Desk(Store(run.store), "bob")


ARTICLE = {
    "id": "faq-1",
    "category": "delivery",
    "question": "付款后没有收到卡密怎么办？",
    "answer": "请先刷新订单页面，卡密通常在十分钟内自动发出。若仍未收到，请把订单号发给我们。",
    "state": "published",
}

WRITING = """
import sys, time
from pathlib import Path
from helpdesk.desk import Desk, drafts
from helpdesk.store import Store
drafts.keep(Desk(Store(Path(sys.argv[1])), "tester"), "reply:1:tester", "the other window", {"number": 1})
print("ready", flush=True)
time.sleep(60)
"""
"""Another window that writes to ticket 1, on a store."""

HOLDING = """
import fcntl, sys, time
file = open(sys.argv[1] + ".lock", "a")
fcntl.flock(file, fcntl.LOCK_EX)
print("ready", flush=True)
time.sleep(2)
"""
"""Another process that holds the lock of a store for two seconds."""


@contextmanager
def beside(program: str, store: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another process at work on a store."""
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, "-c", program, str(store)], stdout=subprocess.PIPE, env=env)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture
def two(run: Run) -> Run:
    """Two tickets that wait for a word."""
    run.ok("kb", "import", "-", input=json.dumps(ARTICLE) + "\n")
    run.ok("new", "付款后没有收到卡密", "--from", "a@example.com")
    run.ok("new", "付款后没有收到卡密，急", "--from", "b@example.com")
    return run


@pytest.mark.parametrize("key", ["c", "d"])
def test_a_ticket_nobody_answered_is_ended_only_after_a_question_and_enter_leaves_it_open(two: Run, key: str) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("n", key)
        assert isinstance(stage.app.screen, Choose)
        assert "still waits for an answer" in stage.text()
        await stage.press("enter", key, key)
        await stage.press("escape")
        assert isinstance(stage.app.screen, TicketScreen)

    perform(two.store, play)
    assert {ticket["state"] for ticket in two.json("list")} == {"new"}


def test_who_says_so_closes_it_unanswered(two: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("n", "c", "down", "enter")

    perform(two.store, play)
    assert sorted(ticket["state"] for ticket in two.json("list", "-state:merged")) == ["closed", "new"]


def test_an_answered_ticket_and_one_that_only_thanks_are_closed_at_once(run: Run) -> None:
    run.ok("new", "谢谢老板", "--from", "a@example.com")
    run.ok("new", "收到了吗", "--from", "b@example.com")
    run.ok("reply", 2, "收到了")

    async def play(stage: Stage) -> None:
        for number in (1, 2):
            stage.app.open_ticket(number)
            await stage.settle()
            await stage.press("c")
            assert isinstance(stage.app.screen, TicketScreen)
            await stage.press("escape")

    perform(run.store, play)
    assert [run.ticket(number)["state"] for number in (1, 2)] == ["closed", "closed"]


def test_what_cannot_take_a_step_any_more_is_left_out_of_it(two: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("ctrl+a")
        steps.move(bob(two), Step.CLOSE, [1])
        await stage.press("c")
        assert "Close 1 ticket?" in stage.text()
        assert "Left out, because they cannot take this step now: 1 ticket" in stage.text()
        await stage.press("enter")
        assert isinstance(stage.app.screen, QueueScreen)

    perform(two.store, play)
    assert [two.ticket(number)["state"] for number in (1, 2)] == ["closed", "closed"]


def test_the_question_about_many_says_what_would_be_done(two: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("ctrl+a", "m")
        assert "helpdesk set 1 2 --assignee tester" in stage.text()
        await stage.press("escape")

    perform(two.store, play)


def test_a_lost_race_tells_what_the_other_changed_and_not_what_oneself_did(two: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("n")
        number = stage.app.screen.number
        await stage.press("m")
        steps.edit(bob(two), [number], Edit(category="settlement"))
        stage.app.office.changed()
        await stage.press("h")
        assert isinstance(stage.app.screen, Choose)
        assert "bob" in stage.text()
        assert "category: delivery → settlement" in stage.text()
        assert "assignee: - → tester" not in stage.text()

    perform(two.store, play)


def test_send_it_all_the_same_is_said_of_what_was_shown_and_of_nothing_that_came_later(two: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("n", "r")
        assert isinstance(stage.app.screen, AnswerScreen)
        number = stage.app.screen.card.ticket["number"]
        await stage.type("mine")
        conversation.receive(bob(two), number, "还有一个问题")
        stage.app.look()
        await stage.settle()
        await stage.press("ctrl+s")
        assert isinstance(stage.app.screen, Choose)
        conversation.reply(bob(two), number, "bob was faster")
        stage.app.look()
        await stage.settle()
        await stage.press("down", "enter")
        assert "changed meanwhile" in stage.text()
        assert "bob was faster" in stage.text()

    perform(two.store, play)
    assert not sql(two.store, "SELECT 1 FROM message WHERE body = 'mine'")


def test_a_draft_that_another_window_is_writing_is_not_taken_over(two: Run) -> None:
    async def play(stage: Stage) -> None:
        assert isinstance(stage.app.screen, QueueScreen)  # nothing is offered
        stage.app.open_ticket(1)
        await stage.settle()
        await stage.press("r")
        assert isinstance(stage.app.screen, AnswerScreen)
        assert "Another window of yours is writing here" in stage.text()
        assert stage.app.screen.area.text == ""
        await stage.type("this one")
        await stage.pilot.pause(1.3)
        await stage.press("escape")

    with beside(WRITING, two.store):
        perform(two.store, play)
        assert sql(two.store, "SELECT body FROM draft") == [("the other window",)]

    async def afterwards(stage: Stage) -> None:
        assert "You were writing to ticket 1" in stage.text()

    perform(two.store, afterwards)


@pytest.mark.parametrize(
    ("typed", "kind"),
    [("", "answered"), (" 祝好！有事随时找我们。", "answered"), (None, "replied")],
    ids=["as it is", "something added", "rewritten"],
)
def test_an_article_counts_as_the_answer_as_long_as_the_text_still_says_it(
    two: Run, typed: str | None, kind: str
) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("n", "a")
        area = stage.app.screen.area
        if typed is None:
            area.text = ""
        area.insert(typed if typed is not None else "您好，我这边已经手动给您补发了。", area.document.end)
        await stage.press("ctrl+s")

    perform(two.store, play)
    kinds = [event for (event,) in sql(two.store, "SELECT kind FROM event WHERE kind IN ('answered', 'replied')")]
    assert kinds == [kind]


def test_what_is_typed_while_one_is_told_to_wait_is_done_to_nothing(two: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("n", "r")
        await stage.type("on its way")
        with beside(HOLDING, two.store) as holder:
            await stage.pilot.press("ctrl+s")
            deadline = time.monotonic() + 5
            while "One moment" not in stage.text() and time.monotonic() < deadline:
                await stage.pilot.pause(0.05)
            assert "One moment" in stage.text()
            await stage.pilot.press("a", "b", "c")
            holder.wait()
        await stage.settle()
        await stage.until(lambda: isinstance(stage.app.screen, TicketScreen))
        assert isinstance(stage.app.screen, TicketScreen)

    perform(two.store, play)
    assert [kind for (kind,) in sql(two.store, "SELECT kind FROM operation")][-1] == "reply"
    assert sql(two.store, "SELECT count(*) FROM draft") == [(0,)]


def test_every_part_of_a_ticket_can_be_read_with_the_keyboard(two: Run) -> None:
    for place in range(30):
        two.ok("note", 1, f"line {place}\n" * 3)

    async def play(stage: Stage) -> None:
        stage.app.open_ticket(1)
        await stage.settle()
        facts = stage.app.screen.query_one("#reading", CardView)
        await stage.press("g")
        assert "operation" in stage.text()  # the events are in view
        await stage.press("tab", "home")
        assert facts.has_focus
        assert facts.scroll_offset.y == 0
        await stage.press("down", "down")
        assert facts.scroll_offset.y == 2
        await stage.press("tab")
        assert not facts.has_focus
        await stage.press("shift+down")
        assert facts.scroll_offset.y == 5
        await stage.press("semicolon", "s")
        assert facts.has_focus

    perform(two.store, play, (80, 24))


def test_the_text_beside_a_list_and_above_an_answer_is_scrolled_with_the_keyboard(two: Run) -> None:
    two.ok("receive", 1, "一行一行\n" * 60)

    async def play(stage: Stage) -> None:
        while stage.app.screen.list.ticket["number"] != 1:
            await stage.press("down")
        reading = stage.app.screen.query_one("#reading", CardView)
        await stage.press("shift+down")
        assert reading.scroll_offset.y == 3
        await stage.press("shift+up")
        assert reading.scroll_offset.y == 0
        await stage.press("r")
        reading = stage.app.screen.query_one("#reading", CardView)
        before = reading.scroll_offset.y
        await stage.press("ctrl+up")
        assert reading.scroll_offset.y == before - 3

    perform(two.store, play, (80, 24))


def test_an_empty_store_says_what_can_be_done_and_an_empty_list_how_to_leave_it(two: Run, tmp_path: Path) -> None:
    async def nothing(stage: Stage) -> None:
        assert "There is no ticket yet." in stage.text()
        assert "import tickets FILE" in stage.text()

    async def narrowed(stage: Stage) -> None:
        await stage.press("slash")
        await stage.type(" state:spam")
        await stage.press("enter")
        assert "No ticket is like this." in stage.text()

    perform(tmp_path / "nowhere" / "helpdesk.db", nothing, (200, 60))
    perform(two.store, narrowed)


def test_putting_a_ticket_away_goes_on_to_the_next_but_counts_as_nothing_done(two: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("n")
        first = stage.app.screen.number
        await stage.press("h")
        assert stage.app.screen.number != first
        assert "0 done" in stage.text()

    perform(two.store, play)
