"""The table of allowed steps is what really happens: every step, in every state, through the desk."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col

from helpdesk.clock import from_millis
from helpdesk.desk import Desk, articles, conversation, filing, steps
from helpdesk.errors import HelpdeskError, NotAllowed
from helpdesk.intake.drafts import ArticleDraft, Draft
from helpdesk.models.states import REOPEN_WINDOW, STEPS, Step, after, allowed_steps
from helpdesk.models.tables import Ticket
from helpdesk.models.vocabulary import (
    ACTIONABLE_STATES,
    ACTIVE_STATES,
    FINISHED_STATES,
    PAUSED_STATES,
    State,
)
from helpdesk.store import Store

BEGIN = datetime(2026, 11, 22, 3, tzinfo=UTC)
ARTICLE = ArticleDraft("faq-1", "card_key", "卡密打不开怎么办？", "请把订单号 {order_no} 发给我们。")

# how a new ticket is brought into each state, by steps alone; a merge is written by hand
ROADS = {
    State.NEW: (),
    State.OPEN: (Step.HOLD, Step.REOPEN),
    State.PENDING: (Step.REPLY,),
    State.ON_HOLD: (Step.HOLD,),
    State.SNOOZED: (Step.SNOOZE,),
    State.RESOLVED: (Step.RESOLVE,),
    State.CLOSED: (Step.CLOSE,),
    State.SPAM: (Step.SPAM,),
}
SPOKEN = {Step.REPLY, Step.ANSWER, Step.NOTE, Step.RECEIVE}
# what is said on a merged ticket lands on its survivor, so the table does not name it there
DONE_BY_THE_DESK = [step for step in Step if step is not Step.MERGE]
SURVIVOR = 2


class Shop:
    """A real store and a clock that is moved by hand; `number` is the ticket that is looked at."""

    number = 1

    def __init__(self, path, now=BEGIN):
        self.now = now
        self.desk = Desk(Store(path), "mei", lambda: self.now)

    def file(self):
        return filing.file(self.desk, Draft(body="卡密打不开，显示已被使用", customer="QQ:12345678"))[0].number

    def merge_into_another(self):
        """There is no use case that merges yet: written by hand; returns the survivor's number."""
        survivor = self.file()
        with self.desk.store.write() as session:
            session.execute(
                update(Ticket).where(col(Ticket.number) == self.number).values(state="merged", merged_into=survivor)
            )
        return survivor

    def take(self, step):
        """Take a step the way the desk does it; returns the number of the ticket it landed on."""
        self.now += timedelta(minutes=1)
        if step is Step.REPLY:
            return conversation.reply(self.desk, self.number, "您好，马上处理。").number
        if step is Step.ANSWER:
            return conversation.answer(self.desk, self.number, ARTICLE.id).number
        if step is Step.NOTE:
            return conversation.note(self.desk, self.number, "等供货商回复").number
        if step is Step.RECEIVE:
            return conversation.receive(self.desk, self.number, "在吗？").number
        until = self.now + timedelta(hours=3) if step is Step.SNOOZE else None
        return steps.move(self.desk, step, [self.number], until=until).tickets[0][0]

    def rows(self, sql, *parameters):
        with self.desk.store.read() as connection:
            return connection.execute(sql, parameters).fetchall()

    def state(self, number=None):
        ((state,),) = self.rows("SELECT state FROM ticket WHERE number = ?", number or self.number)
        return State(state)

    def everything(self):
        """All that a step could have changed."""
        tables = ("ticket", "message", "event", "operation", "customer", "tag")
        return [self.rows(f"SELECT * FROM {table}") for table in tables]


@pytest.fixture(scope="module")
def shops(tmp_path_factory):
    """For each state a shop whose one ticket is in it."""
    folder = tmp_path_factory.mktemp("shops")
    start = Shop(folder / "start.db")
    articles.keep(start.desk, [ARTICLE])
    assert start.file() == Shop.number
    made = {}
    for state in State:
        start.desk.store.back_up(folder / f"{state}.db")
        made[state] = shop = Shop(folder / f"{state}.db")
        if state is State.MERGED:
            assert shop.merge_into_another() == SURVIVOR
        for step in ROADS.get(state, ()):
            shop.take(step)
        assert shop.state() is state
    return made


@pytest.fixture
def shop_in(shops, tmp_path):
    """A copy of the shop whose ticket is in a state."""

    def copied(state):
        shops[state].desk.store.back_up(tmp_path / f"{state}.db")
        return Shop(tmp_path / f"{state}.db", shops[state].now)

    return copied


def test_the_table_names_every_step_and_only_states_there_are():
    assert set(STEPS) == set(Step)
    assert {state for row in STEPS.values() for pair in row.items() for state in pair} <= set(State)


def test_every_state_but_the_first_and_the_merged_can_be_left_and_reached():
    reached = {reached for row in STEPS.values() for reached in row.values()}
    assert reached == set(State)
    assert {state for state in State if not allowed_steps(state)} == {State.MERGED}


def test_the_groups_of_states_agree():
    assert set(State) == ACTIVE_STATES | FINISHED_STATES
    assert not ACTIVE_STATES & FINISHED_STATES
    assert ACTIVE_STATES == ACTIONABLE_STATES | PAUSED_STATES
    assert not ACTIONABLE_STATES & PAUSED_STATES


@pytest.mark.parametrize("state", [state for state in State if state is not State.MERGED])
@pytest.mark.parametrize("step", DONE_BY_THE_DESK)
def test_the_desk_does_what_the_table_says(shop_in, step, state):
    shop = shop_in(state)
    reached = after(step, state)
    if reached is None:
        before = shop.everything()
        with pytest.raises(NotAllowed) as refused:
            shop.take(step)
        possible = str(refused.value).partition("Possible now: ")[2].strip(".").split(", ")
        # nobody wakes or merges by a command
        assert possible == [step for step in allowed_steps(state) if step not in (Step.WAKE, Step.MERGE)]
        assert f"{shop.number}" in str(refused.value)
        assert shop.everything() == before
    else:
        assert shop.take(step) == shop.number
        assert shop.state() is reached


@pytest.mark.parametrize("step", [step for step in DONE_BY_THE_DESK if step not in SPOKEN])
def test_a_merged_ticket_is_moved_by_nothing(shop_in, step):
    shop = shop_in(State.MERGED)
    before = shop.everything()
    with pytest.raises(NotAllowed):
        shop.take(step)
    assert shop.everything() == before


@pytest.mark.parametrize("step", [Step.REPLY, Step.NOTE, Step.RECEIVE])
def test_what_is_said_on_a_merged_ticket_lands_on_the_survivor(shop_in, step):
    shop, survivor = shop_in(State.MERGED), SURVIVOR
    assert shop.take(step) == survivor
    assert shop.state() is State.MERGED
    assert shop.state(survivor) is after(step, State.NEW)


def test_a_follow_up_of_a_merged_ticket_follows_the_survivor(shop_in):
    shop, survivor = shop_in(State.MERGED), SURVIVOR
    steps.move(shop.desk, Step.CLOSE, [survivor])
    shop.now += REOPEN_WINDOW + timedelta(hours=1)
    said = conversation.receive(shop.desk, shop.number, "又坏了")
    assert said.follow_up
    assert shop.rows("SELECT follows FROM ticket WHERE number = ?", said.number) == [(survivor,)]


@pytest.mark.parametrize("step", [Step.SNOOZE, Step.MERGE])
def test_a_snooze_without_a_time_and_a_merge_without_a_survivor_are_refused_in_words(shop_in, step):
    shop = shop_in(State.OPEN)
    before = shop.everything()
    with pytest.raises(HelpdeskError):
        steps.move(shop.desk, step, [shop.number])
    assert shop.everything() == before


def test_only_a_snooze_takes_a_time(shop_in):
    shop = shop_in(State.OPEN)
    before = shop.everything()
    with pytest.raises(HelpdeskError):
        steps.move(shop.desk, Step.RESOLVE, [shop.number], until=shop.now + timedelta(hours=1))
    assert shop.everything() == before


@pytest.mark.parametrize("state", [State.PENDING, State.SNOOZED, State.RESOLVED])
def test_a_message_of_the_customer_reopens_what_waits(shop_in, state):
    shop = shop_in(state)
    shop.take(Step.RECEIVE)
    assert shop.state() is State.OPEN


def test_a_message_within_seven_days_reopens_a_closed_ticket(shop_in):
    shop = shop_in(State.CLOSED)
    shop.now += REOPEN_WINDOW - timedelta(minutes=5)
    assert shop.take(Step.RECEIVE) == shop.number
    assert shop.state() is State.OPEN
    assert shop.rows("SELECT closed_at, resolved_at FROM ticket") == [(None, None)]


def test_a_message_after_seven_days_becomes_a_linked_follow_up(shop_in):
    shop = shop_in(State.CLOSED)
    shop.now += REOPEN_WINDOW + timedelta(minutes=5)
    before = shop.rows("SELECT * FROM ticket")
    said = conversation.receive(shop.desk, shop.number, "又打不开了")
    assert said.follow_up
    assert said.number != shop.number
    assert shop.rows("SELECT * FROM ticket WHERE number = ?", shop.number) == before
    assert shop.rows("SELECT follows, customer_id, state FROM ticket WHERE number = ?", said.number) == [
        (shop.number, 1, "new")
    ]
    assert shop.rows("SELECT body FROM message WHERE ticket_number = ?", said.number) == [("又打不开了",)]


def test_a_follow_up_is_one_operation(shop_in):
    shop = shop_in(State.CLOSED)
    shop.now += REOPEN_WINDOW + timedelta(days=1)
    before = len(shop.rows("SELECT id FROM operation"))
    conversation.receive(shop.desk, shop.number, "又打不开了")
    assert len(shop.rows("SELECT id FROM operation")) == before + 1


def test_a_snoozed_ticket_wakes_when_its_time_has_come_and_not_before(shop_in):
    shop = shop_in(State.SNOOZED)
    assert steps.wake(shop.desk) == 0
    ((until,),) = shop.rows("SELECT snoozed_until FROM ticket")
    shop.now = from_millis(until)
    assert steps.wake(shop.desk) == 1
    assert shop.state() is State.OPEN
    assert shop.rows("SELECT snoozed_until FROM ticket") == [(None,)]


@pytest.mark.parametrize("state", [State.NEW, State.PENDING, State.RESOLVED])
def test_a_reply_that_resolves_ends_in_resolved(shop_in, state):
    shop = shop_in(state)
    assert conversation.reply(shop.desk, shop.number, "已补发", resolve=True).state == "resolved"
    assert shop.state() is State.RESOLVED


def test_many_tickets_move_all_or_none(shop_in):
    shop = shop_in(State.NEW)
    second, third = shop.file(), shop.file()
    steps.move(shop.desk, Step.SPAM, [second])
    before = shop.everything()
    with pytest.raises(NotAllowed):
        steps.move(shop.desk, Step.RESOLVE, [shop.number, second, third])
    assert shop.everything() == before
    done = steps.move(shop.desk, Step.CLOSE, [shop.number, third], reason="solved")
    assert done.tickets == ((shop.number, "closed"), (third, "closed"))
    assert shop.rows("SELECT count(*) FROM event WHERE operation_id = ?", done.operation) == [(2,)]
