"""The log of what happened cannot be changed unseen: doctor finds a changed, removed or inserted event."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.desk import Desk, conversation, filing, steps
from helpdesk.desk.steps import Edit
from helpdesk.errors import NotAllowed
from helpdesk.intake.drafts import Draft
from helpdesk.models.chain import BEGINNING, chained, first_broken
from helpdesk.models.states import Step
from helpdesk.store import Store
from helpdesk.store.health import examine

BEGIN = datetime(2026, 11, 22, 3, tzinfo=UTC)


def a_day_at_the_desk(path):
    """A store in which three tickets went through some twenty operations."""
    minute = iter(range(10_000))
    desk = Desk(Store(path), "mei", lambda: BEGIN + timedelta(minutes=next(minute)))
    first, second, third = (
        filing.file(desk, Draft(body=body, customer=f"QQ:1234567{place}"))[0].number
        for place, body in enumerate(("卡密打不开", "付款了没发货！！骗子", "How do I redeem it? \x00 nul"))
    )
    conversation.reply(desk, first, "您好，请发一下订单号 “A7K2M9QX4ZP1LW8D”")
    conversation.receive(desk, first, "A7K2M9QX4ZP1LW8D")
    conversation.note(desk, first, "已问供货商")
    steps.edit(desk, [first, second], Edit(priority="urgent", tag=("vip", "补发"), assignee="lei"))
    steps.move(desk, Step.SNOOZE, [third], until=BEGIN + timedelta(days=1))
    steps.move(desk, Step.HOLD, [second], reason="等厂家")
    steps.move(desk, Step.RESOLVE, [first, second, third])
    with pytest.raises(NotAllowed):
        steps.move(desk, Step.SNOOZE, [first], until=BEGIN + timedelta(days=2))
    steps.move(desk, Step.REOPEN, [second])
    steps.edit(desk, [second], Edit(untag=("vip",), category="payment", customer_tier="vip"))
    steps.move(desk, Step.CLOSE, [first, second, third], reason="done")
    steps.rate(desk, first, 5, "很快")
    return desk.store


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    return a_day_at_the_desk(tmp_path_factory.mktemp("shop") / "shop.db")


@pytest.fixture
def store(shop, tmp_path):
    """A copy of the shop, to be tampered with."""
    shop.back_up(tmp_path / "shop.db")
    return Store(tmp_path / "shop.db")


def chain_of(store):
    return next(check for check in examine(store) if check.name == "event_chain")


def by_hand(store, sql, *parameters):
    """What somebody with a SQLite shell does behind the program's back."""
    with closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute(sql, parameters)


def events(store):
    columns = "id, ticket_number, kind, actor, at, operation_id, detail, hash"
    with store.read() as connection:
        return connection.execute(f"SELECT {columns} FROM event ORDER BY id").fetchall()


def test_the_chain_holds_after_many_operations(store):
    assert len(events(store)) > 20
    assert chain_of(store).sound
    assert all(check.sound for check in examine(store)), examine(store)


def test_a_refused_operation_leaves_the_chain_whole(store):
    desk = Desk(store, "mei", lambda: BEGIN + timedelta(days=1))
    before = events(store)
    with pytest.raises(NotAllowed):
        steps.move(desk, Step.HOLD, [1])
    assert events(store) == before
    steps.move(desk, Step.REOPEN, [1])
    assert chain_of(store).sound


def test_every_event_belongs_to_an_operation_and_its_detail_is_an_object(store):
    with store.read() as connection:
        operations = {identity for (identity,) in connection.execute("SELECT id FROM operation")}
    for _id, _ticket, _kind, actor, _at, operation, detail, _hash in events(store):
        assert operation in operations
        assert actor == "mei"
        assert isinstance(json.loads(detail), dict)


@pytest.mark.parametrize("place", [0, 7, -1])
@pytest.mark.parametrize(
    "change",
    [
        "ticket_number = CASE ticket_number WHEN 1 THEN 2 ELSE 1 END",
        "kind = kind || 'x'",
        "kind = 'noted' || substr(kind, 6)",
        "actor = 'eve'",
        "at = at + 1",
        "operation_id = CASE operation_id WHEN 1 THEN 2 ELSE 1 END",
        "detail = json_set(detail, '$.extra', 1)",
        "detail = detail || ' '",
        "hash = zeroblob(32)",
    ],
)
def test_a_changed_event_is_found_at_its_place(store, change, place):
    identity = events(store)[place][0]
    before = events(store)
    by_hand(store, f"UPDATE event SET {change} WHERE id = ?", identity)
    assert events(store) != before
    check = chain_of(store)
    assert not check.sound
    assert str(identity) in check.found


@pytest.mark.parametrize("place", [0, 5, -2])
def test_a_removed_event_is_found(store, place):
    by_hand(store, "DELETE FROM event WHERE id = ?", events(store)[place][0])
    assert not chain_of(store).sound


def test_events_removed_at_the_end_are_found(store):
    """Nothing follows the last event, so its hash alone cannot tell: something else must remember it."""
    by_hand(store, "DELETE FROM event WHERE id = (SELECT max(id) FROM event)")
    assert not all(check.sound for check in examine(store))


def test_two_events_that_change_places_are_found(store):
    one, two = (event[0] for event in events(store)[4:6])
    by_hand(store, "UPDATE event SET id = -1 WHERE id = ?", one)
    by_hand(store, "UPDATE event SET id = ? WHERE id = ?", one, two)
    by_hand(store, "UPDATE event SET id = ? WHERE id = -1", two)
    assert not chain_of(store).sound


def test_an_event_inserted_between_two_is_found(store):
    found = events(store)
    with closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute("UPDATE event SET id = id + 1000 WHERE id > ?", (found[4][0],))
        connection.execute(
            "INSERT INTO event SELECT id + 1, ticket_number, kind, actor, at, operation_id, detail, ?"
            " FROM event WHERE id = ?",
            (chained(found[4][7], *found[4][1:7]), found[4][0]),
        )
    assert not chain_of(store).sound


def test_an_event_appended_without_its_hash_is_found(store):
    by_hand(
        store,
        "INSERT INTO event SELECT id + 1, ticket_number, 'noted', 'eve', at, operation_id, '{}', randomblob(32)"
        " FROM event ORDER BY id DESC LIMIT 1",
    )
    assert not chain_of(store).sound


def test_the_hash_is_what_its_page_says():
    content = '[7,"moved","mei",1000,3,"{\\"step\\":\\"close\\"}"]'
    expected = sha256(bytes(32) + content.encode()).digest()
    assert chained(BEGINNING, 7, "moved", "mei", 1000, 3, '{"step":"close"}') == expected


LINK = st.tuples(
    st.integers(1, 9),
    st.text(max_size=5),
    st.text(max_size=5),
    st.integers(0, 10**13),
    st.integers(1, 9),
    st.text(st.characters(), max_size=20),
)


def linked(contents):
    previous, links = BEGINNING, []
    for identity, content in enumerate(contents, start=1):
        previous = chained(previous, *content)
        links.append((identity, *content, previous))
    return links


@given(st.lists(LINK, min_size=1, max_size=8))
def test_a_chain_that_was_only_appended_to_holds(contents):
    assert first_broken(linked(contents)) is None


@given(st.lists(LINK, min_size=2, max_size=8), st.data())
def test_a_chain_breaks_at_the_first_content_that_differs(contents, data):
    links = linked(contents)
    place = data.draw(st.integers(0, len(links) - 1))
    field = data.draw(st.integers(0, 5))
    other = data.draw(LINK)[field]
    changed = list(links[place])
    if changed[field + 1] == other:
        return
    changed[field + 1] = other
    assert first_broken([*links[:place], tuple(changed), *links[place + 1 :]]) == links[place][0]
