"""The due times: what counts, what stands still, and that the ones kept on a ticket are those of its events."""

import random
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.clock import to_millis
from helpdesk.desk import Desk, articles, conversation, filing, steps
from helpdesk.desk.steps import Edit
from helpdesk.errors import NotAllowed, UsageProblem
from helpdesk.intake.drafts import ArticleDraft, Draft, MessageDraft
from helpdesk.models.states import Step
from helpdesk.models.vocabulary import FINISHED_STATES, PAUSED_STATES, ClockName, Priority, State
from helpdesk.sla import settling
from helpdesk.sla.calendar import ROUND_THE_CLOCK
from helpdesk.sla.clocks import Due, Moment, rounds
from helpdesk.sla.events import moments_of
from helpdesk.sla.policy import Policy
from helpdesk.sla.rules import proposed, rules_of
from helpdesk.sla.settling import Terms
from helpdesk.store import Store

MINUTE = 60_000
FIRST, NEXT, RESOLUTION = 10 * MINUTE, 20 * MINUTE, 60 * MINUTE
POLICY = Policy(
    "test",
    "",
    "",
    False,
    {
        "first_response": dict.fromkeys(Priority, 10.0),
        "next_response": dict.fromkeys(Priority, 20.0),
        "resolution": dict.fromkeys(Priority, 60.0),
    },
    0.5,
    (),
)


def due(*moments, tier="normal", policy=POLICY, priority="normal"):
    allowed = {clock: policy.allowed(clock, priority, tier) for clock in ClockName}
    return settling.due(rounds(moments), Terms(policy, ROUND_THE_CLOCK, allowed))


def filed(at=0):
    return Moment(at, "new", asked=True)


def replied(at, state="pending"):
    return Moment(at, state, answered=True)


def asked(at, state="open"):
    return Moment(at, state, asked=True)


def moved(at, state, until=None):
    return Moment(at, state, until=until)


# --- what the words promise -----------------------------------------------------------


def test_a_new_ticket_has_a_first_response_and_a_resolution_to_keep():
    assert due(filed(5)) == Due(5 + FIRST, None, 5 + RESOLUTION)


def test_a_vip_waits_the_policys_share_of_the_time():
    assert due(filed(), tier="vip") == Due(FIRST // 2, None, RESOLUTION // 2)


def test_nothing_is_due_before_anything_happened():
    assert due() == Due(None, None, None)
    assert due().soonest is None


def test_the_soonest_is_the_earliest_of_those_that_run():
    assert due(filed(5)).soonest == 5 + FIRST
    assert due(filed(0), replied(MINUTE, "open")).soonest == RESOLUTION


def test_the_first_response_stops_at_the_reply():
    assert due(filed(), replied(MINUTE, "open")).first_response is None
    assert due(filed(), replied(MINUTE, "open"), asked(2 * MINUTE)).first_response is None


def test_a_note_is_no_response():
    assert due(filed(), moved(MINUTE, "new")).first_response == FIRST


def test_the_first_response_is_not_stopped_by_a_second_question():
    assert due(filed(), asked(MINUTE, "new")) == due(filed())


def test_the_next_response_starts_at_the_oldest_unanswered_message():
    oldest, newer = asked(5 * MINUTE), asked(9 * MINUTE)
    assert due(filed(), replied(MINUTE), oldest, newer).next_response == 5 * MINUTE + NEXT


def test_the_next_response_stops_at_the_reply_and_starts_anew():
    talk = [filed(), replied(MINUTE), asked(5 * MINUTE), replied(8 * MINUTE)]
    assert due(*talk).next_response is None
    assert due(*talk, asked(30 * MINUTE)).next_response == 30 * MINUTE + NEXT


@pytest.mark.parametrize("state", sorted(PAUSED_STATES))
def test_the_clocks_stand_still_while_others_have_the_word(state):
    waiting = [filed(), moved(4 * MINUTE, state)]
    assert due(*waiting) == Due(None, None, None)
    assert due(*waiting, moved(34 * MINUTE, "open")) == Due(
        34 * MINUTE + FIRST - 4 * MINUTE, None, RESOLUTION + 30 * MINUTE
    )


@pytest.mark.parametrize("state", sorted(FINISHED_STATES))
def test_no_clock_runs_on_a_finished_ticket(state):
    assert due(filed(), moved(4 * MINUTE, state)) == Due(None, None, None)


@pytest.mark.parametrize("state", ["resolved", "closed", "spam"])
def test_a_reopened_ticket_resumes_with_what_it_had(state):
    ended = [filed(), replied(2 * MINUTE, "open"), moved(10 * MINUTE, state)]
    assert due(*ended, moved(500 * MINUTE, "open")).resolution == 500 * MINUTE + RESOLUTION - 10 * MINUTE


def test_a_snoozed_ticket_runs_again_from_its_time_on():
    until = 100 * MINUTE
    sleeping = [filed(), moved(4 * MINUTE, "snoozed", until)]
    expected = Due(until + FIRST - 4 * MINUTE, None, until + RESOLUTION - 4 * MINUTE)
    assert due(*sleeping) == expected
    assert due(*sleeping, moved(130 * MINUTE, "open")) == expected  # woken late: the time since then counted


def test_a_snoozed_ticket_woken_early_runs_from_then_on():
    early = 50 * MINUTE
    woken = due(filed(), moved(4 * MINUTE, "snoozed", 100 * MINUTE), asked(early))
    assert woken.first_response == early + FIRST - 4 * MINUTE


def test_a_snooze_that_is_prolonged_runs_from_the_later_time_on():
    prolonged = due(filed(), moved(4 * MINUTE, "snoozed", 50 * MINUTE), moved(30 * MINUTE, "snoozed", 200 * MINUTE))
    assert prolonged.first_response == 200 * MINUTE + FIRST - 4 * MINUTE


def test_of_two_events_in_one_moment_the_order_counts():
    assert due(filed(), replied(0, "open"), asked(0)).next_response == NEXT
    assert due(filed(), asked(0), replied(0, "open")).next_response is None


def test_an_imported_talk_in_one_moment_uses_no_time():
    assert due(filed(), replied(0), asked(0), replied(0), asked(0, "open")) == Due(None, NEXT, RESOLUTION)


# --- laws -----------------------------------------------------------------------------

STATES = st.sampled_from([state.value for state in State])
TIMES = st.integers(0, 10**7)
ANY_MOMENT = st.builds(Moment, TIMES, STATES, asked=st.booleans(), answered=st.booleans(), until=st.none() | TIMES)


@given(st.lists(ANY_MOMENT, max_size=12))
def test_a_clock_never_gives_more_time_than_the_policy_even_when_time_runs_backwards(moments):
    latest = max([m.at for m in moments] + [m.until or 0 for m in moments], default=0)
    found = due(*moments)
    for moment, allowed in ((found.first_response, FIRST), (found.next_response, NEXT), (found.resolution, RESOLUTION)):
        assert moment is None or moment <= latest + allowed


@given(st.lists(ANY_MOMENT, min_size=1, max_size=12))
def test_no_clock_of_a_ticket_is_due_once_it_is_finished(moments):
    assert due(*moments, moved(10**8, "closed")) == Due(None, None, None)


@st.composite
def told_in_order(draw):
    """A ticket's moments in the order they happened, beginning with its filing, ending where the clocks run."""
    gaps = draw(st.lists(st.integers(0, 30 * MINUTE), max_size=8))
    moments, at = [filed()], 0
    for gap in gaps:
        at += gap
        state = draw(st.sampled_from(["new", "open", "pending", "on_hold", "resolved"]))
        moments.append(Moment(at, state, asked=draw(st.booleans()), answered=draw(st.booleans())))
    return [*moments, moved(at + draw(st.integers(0, MINUTE)), "open")]


def later(found, millis, kept_since=None):
    """Due times so much later; those that had run out before `kept_since` stay: what is broken stays broken."""

    def shifted(at):
        return at if at is None or (kept_since is not None and at < kept_since) else at + millis

    return Due(*map(shifted, found))


@given(told_in_order(), st.sampled_from(["pending", "on_hold"]), st.integers(0, 10**9))
def test_a_pause_moves_what_is_due_by_exactly_its_length_and_nothing_that_was_late(moments, state, pause):
    at = moments[-1].at
    paused = [*moments, moved(at, state), moved(at + pause, "open")]
    assert due(*paused) == later(due(*moments), pause, kept_since=at)


@given(told_in_order(), st.integers(0, 10**9))
def test_a_snooze_moves_what_is_due_by_exactly_its_length_and_nothing_that_was_late(moments, sleep):
    at = moments[-1].at
    expected = later(due(*moments), sleep, kept_since=at)
    assert due(*moments, moved(at, "snoozed", at + sleep)) == expected
    assert due(*moments, moved(at, "snoozed", at + sleep), moved(at + sleep + 7 * MINUTE, "open")) == expected


@given(told_in_order(), st.integers(0, 10**9))
def test_the_same_ticket_later_is_due_as_much_later(moments, shift):
    shifted = [Moment(m.at + shift, m.state, m.asked, m.answered) for m in moments]
    assert due(*shifted) == later(due(*moments), shift)


@given(told_in_order(), st.data())
def test_an_event_that_changes_nothing_changes_no_due_time(moments, data):
    """A note, a tag, an assignee: they carry the state the ticket was in."""
    place = data.draw(st.integers(0, len(moments) - 1))
    following = moments[place + 1].at if place + 1 < len(moments) else moments[place].at + MINUTE
    noted = moved(data.draw(st.integers(moments[place].at, following)), moments[place].state)
    assert due(*moments[: place + 1], noted, *moments[place + 1 :]) == due(*moments)


# --- the policy file ------------------------------------------------------------------


def shipped_policy():
    return rules_of(proposed()).policies["default"]


@pytest.fixture
def own_policies(tmp_path, monkeypatch):
    """Writes the user's policies.toml and reads the policy it makes."""

    def written(content):
        (tmp_path / "policies.toml").write_text(content, encoding="utf-8")
        monkeypatch.setenv("HELPDESK_CONFIG", str(tmp_path))
        return shipped_policy()

    return written


def test_the_shipped_policy_asks_for_what_the_issue_says():
    shipped = shipped_policy()
    assert shipped.allowed(ClockName.FIRST_RESPONSE, "urgent", "normal") == 10 * MINUTE
    assert shipped.allowed(ClockName.RESOLUTION, "urgent", "normal") == 20 * MINUTE
    for clock in ClockName:
        by_priority = [shipped.allowed(clock, priority, "normal") for priority in Priority]
        assert by_priority == sorted(by_priority, reverse=True)
        assert all(
            shipped.allowed(clock, priority, "vip") <= shipped.allowed(clock, priority, "normal")
            for priority in Priority
        )


def test_the_shops_own_policy_replaces_only_the_numbers_it_names(own_policies):
    shipped = shipped_policy()
    mine = own_policies("[default]\nfirst_response = { urgent = 1.5 }\nvip = 0.25\n")
    assert mine.allowed(ClockName.FIRST_RESPONSE, "urgent", "normal") == 90_000
    assert mine.allowed(ClockName.FIRST_RESPONSE, "urgent", "vip") == 22_500
    assert mine.minutes["first_response"]["high"] == shipped.minutes["first_response"]["high"]
    assert mine.minutes["resolution"] == shipped.minutes["resolution"]


@pytest.mark.parametrize("value", ["0", "-5", "true", '"soon"', "[]", "{}", "nan", "inf", "0.0"])
@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("first_response = {{ urgent = {value} }}", "default.first_response.urgent"),
        ("resolution = {{ low = {value} }}", "default.resolution.low"),
        ("vip = {value}", "default.vip"),
    ],
)
def test_a_number_that_is_none_or_not_above_zero_is_named(own_policies, line, key, value):
    with pytest.raises(UsageProblem, match=rf"policies\.toml.*{key}"):
        own_policies(f"[default]\n{line.format(value=value)}\n")


@pytest.mark.parametrize(
    "content", ["default = 5\n", "[default]\nfirst_response = 5\n", "[default\n", "\x00", "default = []\n"], ids=repr
)
def test_a_policy_file_of_another_shape_is_a_sentence_that_names_it(own_policies, content):
    with pytest.raises(UsageProblem, match=r"policies\.toml"):
        own_policies(content)


# --- what is kept on the ticket -------------------------------------------------------

BEGIN = datetime(2026, 11, 22, 3, tzinfo=UTC)
ARTICLE = ArticleDraft("faq-1", "card_key", "卡密打不开怎么办？", "请把订单号 {order_no} 发给我们。")
TEXTS = ["谢谢", "还是打不开", "我要投诉到12315！！骗子", "ok thanks", "订单号 A7K2M9QX4ZP1LW8D"]


class Walk:
    """A shop of two tickets of one customer and one of nobody, on which somebody does whatever comes to mind."""

    def __init__(self, path, seed):
        self.chance = random.Random(seed)
        self.now = BEGIN
        self.desk = Desk(Store(path), "mei", lambda: self.now)
        articles.keep(self.desk, [ARTICLE])
        talk = (MessageDraft("agent", "public", "您好"), MessageDraft("customer", "public", "在吗"))
        for draft in (
            Draft(body="卡密打不开，显示已被使用", customer="QQ:12345678"),
            Draft(body="付款了没发货", customer="QQ:12345678", created_at=to_millis(BEGIN) - 3_600_000, messages=talk),
            Draft(body="谢谢老板"),
        ):
            filing.file(self.desk, draft)

    def act(self):
        """One use case with chosen words, on a chosen ticket, some minutes later; returns what was done."""
        number, moved = self.chance.randint(1, 3), self.chance.choice([*Step])
        self.now += timedelta(seconds=self.chance.choice([0, 0, 1, 59, 3600, 86_400]))
        said = self.chance.choice(TEXTS)
        acts = {
            "reply": lambda: conversation.reply(self.desk, number, said, resolve=self.chance.random() < 0.2),
            "answer": lambda: conversation.answer(self.desk, number, ARTICLE.id),
            "note": lambda: conversation.note(self.desk, number, said),
            "receive": lambda: conversation.receive(self.desk, number, said),
            "wake": lambda: steps.wake(self.desk),
            "set": lambda: steps.edit(self.desk, [number], self._edit()),
            "move": lambda: steps.move(self.desk, moved, [number, self.chance.randint(1, 3)]),
            "snooze": lambda: steps.move(self.desk, Step.SNOOZE, [number], until=self.now + timedelta(hours=2)),
        }
        name = self.chance.choice([*acts, "move", "receive", "set"])
        if name == "move" and moved in (Step.SNOOZE, Step.MERGE, Step.REPLY, Step.ANSWER, Step.NOTE, Step.RECEIVE):
            name = "snooze"
        try:
            acts[name]()
        except NotAllowed:
            return f"{name} refused on {number}"
        return f"{name} {moved if name == 'move' else ''} on {number} at {self.now:%d %H:%M:%S}"

    def _edit(self):
        return self.chance.choice(
            [
                Edit(priority=self.chance.choice(["low", "urgent", "auto"])),
                Edit(tag=("补发",), assignee="lei"),
                Edit(category="payment", mood="negative"),
            ]
        )

    def kept_and_derived(self):
        """For each ticket what its row says is due, and what its events say."""
        with self.desk.store.read() as connection:
            rows = connection.execute(
                "SELECT number, priority, (SELECT tier FROM customer WHERE id = customer_id),"
                " due_first_response, due_next_response, due_resolution, due_at FROM ticket ORDER BY number"
            ).fetchall()
            for number, priority, tier, *kept, soonest in rows:
                told = connection.execute(
                    "SELECT kind, at, detail FROM event WHERE ticket_number = ? ORDER BY id", (number,)
                ).fetchall()
                derived = due(*moments_of(told), policy=shipped_policy(), priority=priority, tier=tier or "normal")
                yield (number, Due(*kept), soonest), (number, derived, derived.soonest)


@pytest.mark.parametrize("seed", range(8))
def test_what_is_kept_on_a_ticket_is_what_its_events_say(tmp_path, seed):
    walk, done = Walk(tmp_path / "shop.db", seed), []
    for _turn in range(25):
        done.append(walk.act())
        for kept, derived in walk.kept_and_derived():
            assert kept == derived, done


def test_a_customers_new_tier_counts_for_every_ticket_of_theirs(tmp_path):
    walk = Walk(tmp_path / "shop.db", 0)
    steps.edit(walk.desk, [1], Edit(customer_tier="vip"))
    for kept, derived in walk.kept_and_derived():
        assert kept == derived


@pytest.mark.parametrize("what", ["note", "set"])
def test_a_remark_on_a_snoozed_ticket_keeps_its_due_times(tmp_path, what):
    walk = Walk(tmp_path / "shop.db", 0)
    steps.move(walk.desk, Step.SNOOZE, [1], until=walk.now + timedelta(hours=2))
    before = next(walk.kept_and_derived())[0]
    walk.now += timedelta(minutes=10)
    if what == "note":
        conversation.note(walk.desk, 1, "等厂家")
    else:
        steps.edit(walk.desk, [1], Edit(assignee="lei"))
    assert next(walk.kept_and_derived())[0] == before
    assert before[2] is not None


def test_a_remark_on_a_snoozed_ticket_whose_time_has_come_stops_no_clock(tmp_path):
    walk = Walk(tmp_path / "shop.db", 0)
    steps.move(walk.desk, Step.SNOOZE, [1], until=walk.now + timedelta(hours=2))
    before = next(walk.kept_and_derived())[0]
    walk.now += timedelta(hours=3)
    conversation.note(walk.desk, 1, "等厂家")
    assert next(walk.kept_and_derived())[0] == before
    steps.wake(walk.desk)
    assert next(walk.kept_and_derived())[0] == before


def test_an_answer_sent_by_the_program_is_a_first_response(tmp_path):
    walk = Walk(tmp_path / "shop.db", 0)
    conversation.answer(walk.desk, 1, ARTICLE.id)
    with (
        walk.desk.store.read() as connection,
        closing(connection.execute("SELECT first_response_at, due_first_response FROM ticket WHERE number = 1")) as row,
    ):
        assert row.fetchone() == (to_millis(BEGIN), None)
