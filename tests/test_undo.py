"""Undo: what was done to tickets is taken back as it was, and nothing that anybody did since is lost by it."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Run, sql
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from screens import Stage, perform

from helpdesk.desk import Desk, conversation, steps, undoing
from helpdesk.desk.steps import Edit
from helpdesk.errors import HelpdeskError
from helpdesk.models.states import Step
from helpdesk.store import Store
from helpdesk.tui.modals import Choose
from helpdesk.tui.queue import QueueScreen

FOLLOWING = {"version", "updated_at", "due", "due_at", "events"}
"""What an undo moves on, as every operation does; due times follow from the events and are checked by `doctor`."""


def seen(run: Run, number: int) -> dict[str, Any]:
    """Everything a person can see of a ticket that an undo must put back."""
    return {key: value for key, value in run.json("show", number).items() if key not in FOLLOWING}


@pytest.fixture
def three(run: Run) -> Run:
    """Three tickets of one customer."""
    for text in ("付款了没收到卡密", "卡密显示已使用", "thanks, and how long is the warranty?"):
        run.ok("new", text, "--from", "qq10001")
    return run


DEEDS = (
    ("close", 1, 2, "--reason", "done"),
    ("resolve", 1, 2),
    ("hold", 1, 2),
    ("spam", 1, 2),
    ("snooze", 1, 2, "--until", "3d"),
    ("set", 1, 2, "--category", "payment", "--priority", "low", "--mood", "positive"),
    ("set", 1, 2, "--assignee", "me", "--team", "night", "--order", "2026112000001"),
    ("set", 1, 2, "--tag", "a", "--tag", "b", "--customer-tier", "vip"),
)


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: f"{deed[0]}-{deed[-1]}")
def test_undo_puts_every_ticket_of_the_last_operation_back_as_it_was(three: Run, deed: tuple[Any, ...]) -> None:
    before = [seen(three, number) for number in (1, 2, 3)]
    three.ok(*deed)
    assert [seen(three, number) for number in (1, 2, 3)] != before
    done = three.json("undo")
    assert (done["kind"], done["changed"], done["left"]) == (deed[0], 2, [])
    assert [seen(three, number) for number in (1, 2, 3)] == before
    three.ok("doctor")


def test_a_rating_is_taken_back(three: Run) -> None:
    three.ok("close", 1)
    three.ok("rate", 1, 2, "--comment", "slow")
    three.ok("undo")
    assert (three.ticket(1)["rating"], three.ticket(1)["rating_comment"]) == (None, None)


def test_undo_again_takes_back_what_was_done_before_that(three: Run) -> None:
    before = seen(three, 1)
    three.ok("set", 1, "--tag", "first")
    three.ok("hold", 1)
    three.ok("set", 1, "--priority", "low")
    for _deed in range(3):
        three.ok("undo")
    assert seen(three, 1) == before


def test_an_undo_is_undone_by_its_number_and_can_then_be_done_again(three: Run) -> None:
    three.ok("close", 1)
    undone = three.json("undo")["operation"]
    three.ok("undo", undone)
    assert three.ticket(1)["state"] == "closed"
    assert three.json("undo")["kind"] == "close"
    assert three.ticket(1)["state"] == "new"


def test_a_ticket_somebody_changed_since_is_left_as_it_is(three: Run) -> None:
    three.ok("close", 1, 2, 3)
    conversation.receive(Desk(Store(three.store), "bot"), 2, "还是不行，请看一下")
    ran = three("undo", "--json")
    assert ran.exit_code == 3
    assert ran.json()["left"] == [2]
    assert "#2" in ran.stderr
    assert [three.ticket(number)["state"] for number in (1, 2, 3)] == ["new", "open", "new"]


def test_where_all_was_changed_since_nothing_is_undone(three: Run) -> None:
    three.ok("close", 1)
    three.ok("receive", 1, "还是不行，请看一下")
    before = sql(three.store, "SELECT count(*) FROM operation")
    ran = three("undo", sql(three.store, "SELECT id FROM operation WHERE kind = 'close'")[0][0])
    assert ran.exit_code == 6
    assert sql(three.store, "SELECT count(*) FROM operation") == before


def test_what_others_did_to_other_fields_stays(three: Run) -> None:
    three.ok("set", 1, "--tag", "mine", "--priority", "low")
    steps.edit(Desk(Store(three.store), "bob"), [1], Edit(assignee="bob", tag=("his",)))
    three.ok("undo")
    ticket = three.ticket(1)
    assert (ticket["assignee"], ticket["tags"]) == ("bob", ["his"])


def test_only_ones_own_last_operation_is_undone_unbidden(three: Run) -> None:
    three.ok("hold", 1)
    steps.move(Desk(Store(three.store), "bob"), Step.CLOSE, [2])
    three.ok("undo")
    assert [three.ticket(number)["state"] for number in (1, 2)] == ["new", "closed"]
    (his,) = sql(three.store, "SELECT id FROM operation WHERE actor = 'bob'")[0]
    three.ok("undo", his)
    assert three.ticket(2)["state"] == "new"


def test_every_operation_among_many_is_found_by_its_number(three: Run) -> None:
    for place in range(12):
        three.ok("set", *([1, 2, 3] if place % 3 else [2]), "--tag", f"t{place}")
    numbers = [number for (number,) in sql(three.store, "SELECT id FROM operation WHERE kind = 'set' ORDER BY id")]
    for place, operation in enumerate(numbers):
        shown = three.json("undo", operation, "--dry-run")
        assert [ticket["number"] for ticket in shown["tickets"]] == ([1, 2, 3] if place % 3 else [2])
    for operation in reversed(numbers):
        three.ok("undo", operation)
    assert [three.ticket(number)["tags"] for number in (1, 2, 3)] == [[], [], []]


@pytest.mark.parametrize("deed", [("reply", 1, "it is on its way"), ("note", 1, "look"), ("receive", 1, "and now?")])
def test_what_was_said_is_not_undone(three: Run, deed: tuple[Any, ...]) -> None:
    three.ok("hold", 1)
    three.ok(*deed)
    ran = three("undo")
    assert ran.exit_code == 5
    assert f"({deed[0]})" in ran.stderr
    (hold,) = sql(three.store, "SELECT id FROM operation WHERE kind = 'hold'")[0]
    assert ran.stderr.rstrip().endswith(f"helpdesk undo {hold}")


def test_filing_is_not_undone_and_no_operation_is_not_found(three: Run) -> None:
    assert three("undo").exit_code == 5
    assert three("undo", 99).exit_code == 4
    assert three("undo", "x").exit_code == 2


def test_without_a_store_there_is_nothing_to_undo(run: Run) -> None:
    assert run("undo").exit_code == 4
    assert not run.store.exists()


def test_an_operation_is_undone_once(three: Run) -> None:
    three.ok("close", 1)
    operation = three.json("undo")["undoes"]
    assert three("undo", operation).exit_code == 5


def test_a_dry_run_shows_what_would_be_put_back_and_changes_nothing(three: Run) -> None:
    three.ok("set", 1, 2, "--category", "payment")
    before = sql(three.store, "SELECT count(*) FROM operation")
    shown = three.json("undo", "--dry-run")
    assert [ticket["number"] for ticket in shown["tickets"]] == [1, 2]
    assert all(set(ticket["back_to"]) == {"category"} for ticket in shown["tickets"])
    assert sql(three.store, "SELECT count(*) FROM operation") == before


def test_a_category_taken_back_teaches_nothing(three: Run) -> None:
    three.ok("set", 1, "--category", "settlement")
    three.ok("undo")
    assert sql(three.store, "SELECT count(*) FROM ticket WHERE category_pinned = 1") == [(0,)]


def test_a_ticket_put_back_to_sleep_wakes_at_its_time(three: Run) -> None:
    three.ok("snooze", 1, "--until", "2h")
    three.ok("reopen", 1)
    three.ok("undo")
    assert three.ticket(1)["state"] == "snoozed"
    assert three.json("list", "state:open", now="2026-11-20T10:30:00Z")[0]["number"] == 1


_EDITS = st.builds(
    lambda **fields: ("edit", Edit(**{key: value for key, value in fields.items() if value})),
    category=st.sampled_from([None, "payment", "delivery"]),
    priority=st.sampled_from([None, "auto", "low", "urgent"]),
    assignee=st.sampled_from([None, "mei"]),
    tag=st.sampled_from([(), ("a",), ("a", "b")]),
    untag=st.sampled_from([(), ("a",)]),
    customer_tier=st.sampled_from([None, "vip", "normal"]),
)
_MOVES = st.sampled_from([("move", step) for step in Step if step not in (Step.MERGE, Step.SNOOZE, Step.WAKE)])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=st.lists(st.one_of(_EDITS, _MOVES), min_size=1, max_size=6))
def test_whatever_was_done_as_many_undos_lead_back(three: Run, deeds: list[tuple[str, Any]]) -> None:
    desk = Desk(Store(three.store), "law")
    before = [seen(three, number) for number in (1, 2)]
    done = 0
    for kind, what in deeds:
        try:
            if kind == "edit":
                steps.edit(desk, [1, 2], what)
            else:
                steps.move(desk, what, [1, 2])
        except HelpdeskError:
            continue  # a step that may not be taken now, or an edit of nothing
        done += 1
    for _operation in range(done):
        undoing.undo(desk)
    assert [seen(three, number) for number in (1, 2)] == before
    assert three.json("doctor")


def test_u_shows_what_was_done_last_and_takes_it_back(shop: Run) -> None:
    closed: list[int] = []

    async def play(stage: Stage) -> None:
        await stage.press("space", "down", "v")
        assert isinstance(stage.app.screen, QueueScreen)
        closed.extend(sorted(stage.app.screen.list.marked))
        await stage.press("c", "enter", "u")
        assert isinstance(stage.app.screen, Choose)
        assert "Undo closing of 3 tickets" in stage.text()
        assert all(f"#{number} → " in stage.text() for number in closed)
        await stage.press("enter")
        assert any("helpdesk undo" in sentence for sentence in stage.told)

    before = {number: ticket["state"] for number in range(1, 60) if (ticket := shop.ticket(number))}
    perform(shop.store, play)
    assert len(closed) == 3
    assert {number: shop.ticket(number)["state"] for number in before} == before


def test_u_on_a_ticket_takes_back_what_was_done_to_it(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("enter", "h", "u", "enter")
        assert any("Undone" in sentence for sentence in stage.told)
        await stage.press("u")  # the sample shop was filed by somebody: nothing of it is undone
        assert not isinstance(stage.app.screen, Choose)

    perform(shop.store, play)
    assert sql(shop.store, "SELECT count(*) FROM ticket WHERE state = 'on_hold' AND updated_at >= 1795190400000") == [
        (0,)
    ]
