"""Service levels as a seller meets them: pauses, lunch, thanks, changed policies, merged tickets, and why."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.clock import to_millis
from helpdesk.desk import Desk, conversation, filing, rules, steps
from helpdesk.desk.escalation import escalate
from helpdesk.desk.steps import Edit
from helpdesk.errors import UsageProblem
from helpdesk.intake.drafts import Draft, MessageDraft
from helpdesk.models.states import Step
from helpdesk.models.vocabulary import ClockName, State
from helpdesk.sla.calendar import ROUND_THE_CLOCK, Calendar
from helpdesk.sla.clocks import Ending, Moment, rounds, standing
from helpdesk.sla.explaining import Kind, intervals, total
from helpdesk.sla.hours import read_hours
from helpdesk.sla.misfit import line_of
from helpdesk.store import Store, driver
from helpdesk.views import audit, explaining, replaying, report
from helpdesk.views.query import Query

MINUTE, HOUR = 60_000, 3_600_000
DAY = 24 * HOUR
LUNCH = read_hours(
    {
        "hours": {day: ["09:00-12:00", "13:00-22:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
        "holiday": [{"name": "国庆节", "from": "2026-10-01", "to": "2026-10-07", "makeup": ["2026-10-10"]}],
        "promotion": [{"name": "双11", "from": "2026-11-11", "hours": ["00:00-24:00"]}],
    },
    "Asia/Shanghai",
)
SHOP = Calendar(LUNCH)


def shanghai(text):
    """Milliseconds of a local time such as `11-25 10:00` of 2026."""
    return to_millis(datetime.fromisoformat(f"2026-{text}:00+08:00"))


def clock_of(moments, clock, number=1):
    return next(r for r in rounds(moments) if r.clock == clock and r.number == number)


def due(moments, clock, allowed, number=1, calendar=SHOP, now=None):
    last = moments[-1].at if now is None else now
    return standing(clock_of(moments, clock, number), allowed, calendar, last).due_at


def filed(at, **more):
    return Moment(at, "new", asked=True, **more)


# --- the cases helpdesks get wrong ------------------------------------------------------------------------------------


def test_what_is_filed_outside_hours_begins_to_count_at_the_opening():
    moments = [filed(shanghai("11-25 23:30"))]
    assert due(moments, "first_response", 10 * MINUTE) == shanghai("11-26 09:10")


def test_what_is_filed_on_friday_night_is_due_on_monday_morning():
    assert due([filed(shanghai("11-27 21:55"))], "first_response", 10 * MINUTE) == shanghai("11-30 09:05")


def test_a_step_inside_lunch_uses_no_time():
    moments = [
        filed(shanghai("11-25 11:55")),
        Moment(shanghai("11-25 12:20"), "pending"),
        Moment(shanghai("11-25 12:40"), "open"),
    ]
    assert due(moments, "first_response", 10 * MINUTE) == shanghai("11-25 13:05")


def test_a_pause_takes_away_only_its_open_minutes():
    moments = [
        filed(shanghai("11-25 11:00")),
        Moment(shanghai("11-25 11:30"), "pending"),
        Moment(shanghai("11-25 13:30"), "open"),
    ]
    # half an hour before, and from half past one on
    assert due(moments, "resolution", HOUR) == shanghai("11-25 14:00")


def test_holidays_close_make_up_days_open_and_promotions_open_longer():
    before = filed(shanghai("09-30 21:50"))
    assert due([before], "first_response", 20 * MINUTE) == shanghai("10-08 09:10")
    saturday = filed(shanghai("10-10 08:00"))
    assert due([saturday], "first_response", 20 * MINUTE) == shanghai("10-10 09:20")
    night = filed(shanghai("11-11 03:00"))
    assert due([night], "first_response", 20 * MINUTE) == shanghai("11-11 03:20")


@pytest.mark.parametrize("state", ["resolved", "closed", "spam"])
def test_a_ticket_filed_as_finished_has_no_clock_that_runs(state):
    found = rounds([filed(0)._replace(state=state)])
    assert not any(r.is_running for r in found)
    assert all(standing(r, MINUTE, ROUND_THE_CLOCK, DAY).result != "late" for r in found)


@pytest.mark.parametrize("state", ["pending", "on_hold"])
def test_a_ticket_filed_paused_begins_to_count_when_it_is_opened(state):
    moments = [filed(0)._replace(state=state), Moment(HOUR, "open")]
    assert due(moments, "resolution", MINUTE, calendar=ROUND_THE_CLOCK) == HOUR + MINUTE


def test_closing_without_a_reply_keeps_no_promise_and_breaks_none_in_time():
    moments = [filed(0), Moment(MINUTE, "closed")]
    first, resolution = rounds(moments)
    assert standing(first, HOUR, ROUND_THE_CLOCK, DAY).result == "void"
    assert standing(resolution, HOUR, ROUND_THE_CLOCK, DAY).result == "met"


def test_closing_without_a_reply_after_the_time_is_late():
    first, _resolution = rounds([filed(0), Moment(2 * HOUR, "closed")])
    assert standing(first, HOUR, ROUND_THE_CLOCK, DAY).result == "late"


def test_an_import_that_only_says_closed_proves_no_resolution():
    _first, resolution = rounds([filed(0), Moment(0, "closed", told=False)])
    assert standing(resolution, HOUR, ROUND_THE_CLOCK, DAY).result == "void"


def test_two_customer_messages_before_a_reply_are_one_promise_since_the_first():
    moments = [
        filed(0),
        Moment(MINUTE, "pending", answered=True),
        Moment(HOUR, "open", asked=True),
        Moment(HOUR + 5 * MINUTE, "open", asked=True),
        Moment(HOUR + 9 * MINUTE, "pending", answered=True),
    ]
    found = [r for r in rounds(moments) if r.clock == ClockName.NEXT_RESPONSE]
    assert len(found) == 1
    assert standing(found[0], 10 * MINUTE, ROUND_THE_CLOCK, DAY).used == 9 * MINUTE


def test_a_reopened_ticket_goes_on_with_the_same_promise():
    moments = [filed(0), Moment(HOUR, "resolved"), Moment(DAY, "open", asked=True), Moment(DAY + HOUR, "resolved")]
    (resolution,) = (r for r in rounds(moments) if r.clock == ClockName.RESOLUTION)
    assert standing(resolution, 3 * HOUR, ROUND_THE_CLOCK, 2 * DAY).used == 2 * HOUR
    assert resolution.ending is Ending.FULFILLED


def test_merging_a_late_ticket_into_one_in_time_keeps_both_outcomes():
    late = [filed(0), Moment(2 * HOUR, "merged")]
    survivor = [
        filed(HOUR),
        Moment(HOUR + MINUTE, "pending", answered=True),
        Moment(2 * HOUR, "open", asked=True, asked_since=0),
    ]
    assert standing(clock_of(late, "first_response"), HOUR, ROUND_THE_CLOCK, DAY).result == "late"
    assert standing(clock_of(late, "resolution"), DAY, ROUND_THE_CLOCK, DAY).result == "void"
    assert standing(clock_of(survivor, "first_response"), HOUR, ROUND_THE_CLOCK, DAY).result == "met"
    # the customer has waited since the question in the merged ticket: merging hides nothing
    assert due(survivor, "next_response", 30 * MINUTE, calendar=ROUND_THE_CLOCK) == 30 * MINUTE


def test_merging_into_a_ticket_nobody_has_answered_yet_hides_no_wait():
    survivor = [filed(HOUR), Moment(2 * HOUR, "open", asked=True, asked_since=0)]
    assert clock_of(survivor, "first_response").used(ROUND_THE_CLOCK, 2 * HOUR) == 2 * HOUR
    assert due(survivor, "first_response", 30 * MINUTE, calendar=ROUND_THE_CLOCK) == 30 * MINUTE


def test_a_leap_day_is_a_day_like_any_other():
    calendar = Calendar(LUNCH._replace(holidays=(), promotions=()))
    at = to_millis(datetime.fromisoformat("2028-02-28T21:30:00+08:00"))
    expected = to_millis(datetime.fromisoformat("2028-02-29T09:30:00+08:00"))
    assert due([filed(at)], "first_response", HOUR, calendar=calendar) == expected


@pytest.mark.parametrize(
    ("zone", "before", "opening", "counted"),
    [
        ("America/New_York", "2026-03-08T00:00:00-05:00", "2026-03-08T00:00:00-05:00", 23),
        ("America/New_York", "2026-11-01T00:00:00-04:00", "2026-11-01T00:00:00-04:00", 25),
        ("Europe/Berlin", "2026-03-29T00:00:00+01:00", "2026-03-29T00:00:00+01:00", 23),
        ("Europe/Berlin", "2026-10-25T00:00:00+02:00", "2026-10-25T00:00:00+02:00", 25),
    ],
)
def test_a_day_on_which_the_clocks_change_counts_the_hours_it_has(zone, before, opening, counted):
    week = {day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat")} | {"sun": ["00:00-23:00"]}
    calendar = Calendar(read_hours({"hours": week | {"zone": zone}}, "UTC"))
    begin = to_millis(datetime.fromisoformat(opening))
    assert calendar.open_between(begin, begin + 30 * HOUR) == (counted - 1) * HOUR + 30 * HOUR - counted * HOUR
    assert calendar.add(begin, (counted - 1) * HOUR - 1) == begin + (counted - 1) * HOUR - 1
    assert calendar.add(begin, (counted - 1) * HOUR) == begin + counted * HOUR  # over the closed hour before midnight


def test_time_that_runs_backwards_counts_nothing():
    moments = [filed(HOUR), Moment(0, "pending"), Moment(30 * MINUTE, "open"), Moment(10 * MINUTE, "resolved")]
    for found in rounds(moments):
        assert found.used(ROUND_THE_CLOCK, DAY) == 0


# --- explained --------------------------------------------------------------------------------------------------------

STATES = st.sampled_from([state.value for state in State])
SPAN = 40 * DAY
TIMES = st.integers(shanghai("09-20 00:00"), shanghai("09-20 00:00") + SPAN)
MOMENTS = st.lists(
    st.builds(
        Moment,
        TIMES,
        STATES,
        asked=st.booleans(),
        answered=st.booleans(),
        until=st.none() | TIMES,
        asked_since=st.none() | TIMES,
        told=st.booleans(),
    ),
    min_size=1,
    max_size=10,
)


@given(MOMENTS, st.booleans(), st.integers(0, 3 * DAY))
def test_the_intervals_of_a_round_add_up_to_its_wall_time_exactly(moments, open_hours, after):
    calendar = SHOP if open_hours else ROUND_THE_CLOCK
    now = max([m.at for m in moments] + [m.until or 0 for m in moments]) + after
    for found in rounds(moments):
        pieces = intervals(found, calendar, now)
        end = now if found.ended_at is None else found.ended_at
        assert sum(piece.end - piece.begin for piece in pieces) == end - found.started_at
        assert [piece.end for piece in pieces[:-1]] == [piece.begin for piece in pieces[1:]]
        assert all(piece.begin < piece.end for piece in pieces)
        assert total(pieces, Kind.COUNTED) == found.used(calendar, now)
        assert all(0 <= piece.because < len(moments) for piece in pieces)


# --- in the store -----------------------------------------------------------------------------------------------------

NOW = datetime(2026, 11, 25, 2, tzinfo=UTC)  # ten in the morning in Shanghai, a Wednesday


class Shop:
    """A shop with files of its own and a clock somebody turns."""

    def __init__(self, folder):
        self.folder, self.now = folder / "config", NOW
        self.folder.mkdir()
        self.desk = Desk(Store(folder / "shop.db"), "mei", lambda: self.now)

    def later(self, **span):
        self.now += timedelta(**span)

    def file(self, body="卡密打不开，显示已被使用", **more):
        return filing.file(self.desk, Draft(body=body, **more))[0].number

    def policies(self, text):
        (self.folder / "policies.toml").write_text(text, encoding="utf-8")

    def calendar(self, text):
        (self.folder / "calendar").mkdir(exist_ok=True)
        (self.folder / "calendar" / "hours.toml").write_text(text, encoding="utf-8")

    def adopt(self, fallback=None):
        return rules.adopt(self.desk, fallback)

    def row(self, number, columns):
        with self.desk.store.read() as connection:
            return connection.execute(f"SELECT {columns} FROM ticket WHERE number = ?", (number,)).fetchone()

    def outcomes(self, number):
        with self.desk.store.read() as connection:
            found = connection.execute(
                "SELECT clock, round, result, policy FROM outcome WHERE ticket_number = ? ORDER BY 1, 2",
                (number,),
            )
            return found.fetchall()

    def report(self, unreported=False):
        with self.desk.store.read() as connection:
            asked = report.Asked(Query(), self.desk.moment(), 30 * MINUTE, None, unreported)
            return report.overdue(connection, asked)

    def events(self, number, kind):
        with self.desk.store.read() as connection:
            found = connection.execute(
                "SELECT actor, detail FROM event WHERE ticket_number = ? AND kind = ? ORDER BY id", (number, kind)
            )
            return [(actor, json.loads(detail)) for actor, detail in found]


@pytest.fixture
def shop(tmp_path, monkeypatch):
    monkeypatch.setenv("HELPDESK_CONFIG", str(tmp_path / "config"))
    return Shop(tmp_path)


def at(millis):
    return datetime.fromtimestamp(millis / 1000, UTC)


QUICK = """
[quick]
first_response = { urgent = 5, high = 5, normal = 5, low = 5 }
next_response = { urgent = 5, high = 5, normal = 5, low = 5 }
resolution = { urgent = 60, high = 60, normal = 60, low = 60 }
"""
LUNCH_FILE = '[hours]\nzone = "Asia/Shanghai"\n' + "\n".join(
    f'{day} = ["09:00-12:00", "13:00-22:00"]' if day not in ("sat", "sun") else f"{day} = []"
    for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
)


def test_a_changed_policy_moves_the_due_times_of_every_running_clock(shop):
    number = shop.file()
    shop.policies(QUICK)
    assert shop.adopt("quick").changed == 1
    assert at(shop.row(number, "due_first_response")[0]) == NOW + timedelta(minutes=5)
    assert shop.row(number, "policy") == ("quick",)


def test_a_policy_changed_while_a_ticket_is_paused_counts_from_its_waking(shop):
    number = shop.file()
    shop.later(minutes=2)
    steps.move(shop.desk, Step.HOLD, [number])
    shop.later(hours=1)
    shop.policies(QUICK)
    shop.adopt("quick")
    assert shop.row(number, "due_first_response, due_resolution") == (None, None)
    shop.later(hours=1)
    steps.move(shop.desk, Step.REOPEN, [number])
    assert at(shop.row(number, "due_first_response")[0]) == shop.now + timedelta(minutes=3)


def test_a_broken_promise_stays_broken_when_its_policy_is_removed(shop):
    shop.policies(QUICK)
    shop.adopt("quick")
    number = shop.file()
    shop.later(minutes=6)
    shop.adopt("default")
    assert ("first_response", 1, "late", "quick") in shop.outcomes(number)
    shop.policies("")
    shop.adopt()
    conversation.reply(shop.desk, number, "您好，这边马上处理")
    assert ("first_response", 1, "late", "quick") in shop.outcomes(number)
    assert shop.report()["counts"]["overdue"] == 0


def test_a_kept_promise_is_not_judged_again_by_a_later_policy(shop):
    number = shop.file()
    shop.later(minutes=8)
    conversation.reply(shop.desk, number, "您好")
    shop.policies(QUICK)
    shop.adopt("quick")
    assert ("first_response", 1, "met", "default") in shop.outcomes(number)


def test_a_reopened_tickets_resolution_is_open_again_and_kept_in_the_end(shop):
    number = shop.file()
    shop.later(minutes=1)
    steps.move(shop.desk, Step.RESOLVE, [number])
    assert ("resolution", 1, "met", "default") in shop.outcomes(number)
    steps.move(shop.desk, Step.REOPEN, [number])
    assert not [o for o in shop.outcomes(number) if o[0] == "resolution"]
    steps.move(shop.desk, Step.CLOSE, [number])
    assert ("resolution", 1, "met", "default") in shop.outcomes(number)


def test_a_policy_with_a_query_is_for_the_tickets_it_finds_at_once(shop):
    shop.policies(QUICK.replace("[quick]", '[quick]\nquery = "tag:vip category:card_key,payment"'))
    shop.adopt()
    number, other = shop.file(category="card_key", tags=("vip",)), shop.file(category="card_key")
    assert shop.row(number, "policy") == ("quick",)
    assert shop.row(other, "policy") == ("default",)
    steps.edit(shop.desk, [other], Edit(tag=("vip",)))
    assert shop.row(other, "policy") == ("quick",)
    assert at(shop.row(other, "due_first_response")[0]) == NOW + timedelta(minutes=5)


def test_open_hours_count_once_a_shop_has_said_them(shop):
    shop.calendar(LUNCH_FILE)
    shop.adopt("tmall")
    shop.now = datetime(2026, 11, 25, 3, 55, tzinfo=UTC)
    assert at(shop.row(shop.file(), "due_first_response")[0]) == datetime(2026, 11, 25, 5, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("calendar/hours.toml", '[hours]\nmon = ["09:00-12:00", "11:00-13:00"]\n', "line 2: hours.mon"),
        ("calendar/hours.toml", '[hours]\nmon = []\ntue = ["18:00-02:00"]\n', "line 3: hours.tue"),
        ("calendar/hours.toml", '[hours]\nzone = "Asia/Beijing"\n', "line 2: hours.zone"),
        (
            "calendar/hours.toml",
            '[[holiday]]\nname = "店庆"\nfrom = 2026-12-05\nto = 2026-12-01\n',
            "line 4: holiday[1].to",
        ),
        (
            "policies.toml",
            "[default]\nvip = 1\n\n[default.resolution]\nurgent = 0\n",
            "line 5: default.resolution.urgent",
        ),
        ("policies.toml", '[default]\nquery = "colour:red"\n', "line 2: default.query"),
        ("policies.toml", "[mine]\nvip = 1\n", "line 1: mine.first_response is missing"),
        ("policies.toml", "[mine]\nfirst_response = { urgent = 1 }\n", "mine.first_response.low is missing"),
        ("policies.toml", "[default]\nvip = 1\n\n[[mine]]\nvip = 1\n", "line 4: mine must be one table"),
        ("policies.toml", '[default]\nwarn = [\n"80%"\n', "line 4"),
        ("policies.toml", "[default]\nvip = -1\n", "must be a number above zero, not -1"),
        (
            "policies.toml",
            '[[default.step]]\nname = "x"\nafter = "2000%"\ndo = ["raise"]\n',
            'must be minutes, or a share from "1%" to "1000%", not \'2000%\'',
        ),
        ("calendar/hours.toml", '[hours]\nmon = ["09:00-09:00"]\n', "which has no length"),
        ("policies.toml", '[default]\nquery = "overdue"\n', "line 2: default.query"),
        ("policies.toml", '[[default.step]]\nname = "x"\nafter = 3\ndo = ["shout"]\n', "line 4: default.step[1].do"),
    ],
)
def test_a_file_that_does_not_fit_is_one_sentence_and_the_old_rules_stay(shop, name, text, expected):
    number = shop.file()
    before = shop.row(number, "due_first_response, policy")
    path = shop.folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageProblem) as problem:
        shop.adopt()
    assert str(path) in str(problem.value)
    assert expected in str(problem.value)
    assert "\n" not in str(problem.value)
    other = shop.file()
    assert shop.row(number, "due_first_response, policy") == before == shop.row(other, "due_first_response, policy")


def test_the_line_of_a_key_is_found_in_tables_lists_of_tables_and_inline_tables():
    text = 'a = 1\n[b]\nc = { d = 2 }\n[[b.e]]\nf = 1\n[[b.e]]\nf = 2\n["x y"]\nz = 3\n'
    assert line_of(text, ("a",)) == 1
    assert line_of(text, ("b", "c", "d")) == 3
    assert line_of(text, ("b", "e", 1, "f")) == 7
    assert line_of(text, ("b", "e", 1, "g")) == 6
    assert line_of(text, ("x y", "z")) == 9
    assert line_of(text, ("nowhere",)) is None


def test_a_recomputing_that_was_killed_goes_on_where_it_was(shop, monkeypatch):
    numbers = [shop.file() for _each in range(5)]
    shop.policies(QUICK)
    monkeypatch.setattr(rules, "BATCH", 2)

    def killed(reached, last):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rules.adopt(shop.desk, "quick", killed)
    assert [shop.row(n, "policy")[0] for n in numbers] == ["quick", "quick", "default", "default", "default"]
    done = shop.adopt()
    assert (done.different, done.tickets) == (False, 3)
    assert {shop.row(n, "policy")[0] for n in numbers} == {"quick"}


# --- thanks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [None, Step.RESOLVE, Step.CLOSE])
def test_a_thank_you_starts_no_clock_and_reopens_nothing(shop, step):
    number = shop.file()
    conversation.reply(shop.desk, number, "已补发，请查收")
    if step:
        steps.move(shop.desk, step, [number])
    before = shop.row(number, "state, due_next_response, due_resolution")
    shop.later(minutes=3)
    conversation.receive(shop.desk, number, "好的收到了，谢谢老板")
    assert shop.row(number, "state, due_next_response, due_resolution") == before


def test_a_person_can_say_that_a_message_wants_no_reply(shop):
    number = shop.file()
    conversation.reply(shop.desk, number, "已补发，请查收")
    conversation.receive(shop.desk, number, "卡密我先存着", no_reply_needed=True)
    assert shop.row(number, "state, due_next_response") == ("pending", None)
    conversation.receive(shop.desk, number, "打不开")
    assert shop.row(number, "state")[0] == "open"
    assert shop.row(number, "due_next_response")[0] is not None


def test_a_thank_you_in_an_imported_talk_starts_no_clock(shop):
    talk = (MessageDraft("agent", "public", "已补发"), MessageDraft("customer", "public", "谢谢老板！"))
    number = shop.file(messages=talk)
    assert shop.row(number, "state, due_next_response") == ("pending", None)


def test_a_first_message_that_only_thanks_promises_no_response(shop):
    assert shop.row(shop.file("谢谢老板"), "due_first_response") == (None,)


# --- steps of policies ------------------------------------------------------------------------------------------------

ESCALATING = (
    QUICK
    + """
[[quick.step]]
name = "boss"
clock = "first_response"
after = "100%"
do = ["raise", "assign:boss", "team:night", "notify"]
"""
)


def test_a_step_is_taken_once_when_its_time_has_come_and_told_as_an_event_by_system(shop):
    shop.policies(ESCALATING)
    shop.adopt("quick")
    number = shop.file(priority="normal")
    shop.later(minutes=4)
    assert escalate(shop.desk) == []
    shop.later(minutes=2)
    assert [(t.number, t.clock, t.step) for t in escalate(shop.desk)] == [(number, "first_response", "boss")]
    assert shop.row(number, "priority, assignee, team") == ("high", "boss", "night")
    assert [actor for actor, _detail in shop.events(number, "escalated")] == ["system"]
    shop.later(minutes=30)
    assert escalate(shop.desk) == []
    assert shop.row(number, "priority") == ("high",)


def test_a_step_that_moves_the_due_time_is_not_taken_again_for_it(shop):
    """Raising the priority shortens what is allowed: were the step tied to the due time it would be taken again."""
    shop.policies('[[default.step]]\nname = "raise"\nafter = "50%"\nclock = "first_response"\ndo = ["raise"]\n')
    shop.adopt()
    number = shop.file("请问几点上班", priority="low")
    for _tick in range(12):
        shop.later(hours=1)
        escalate(shop.desk)
    assert len([d for _a, d in shop.events(number, "escalated") if d["step"] == "raise"]) == 1
    assert shop.row(number, "priority") == ("normal",)


def test_what_was_late_before_its_policy_or_its_import_raises_no_alarm(shop):
    old = shop.file(created_at=to_millis(NOW) - 10 * DAY)
    shop.policies(ESCALATING)
    shop.adopt("quick")
    older = shop.file(created_at=to_millis(NOW) - 20 * DAY)
    shop.later(hours=2)
    assert [t.number for t in escalate(shop.desk)] == []
    fresh = shop.file()
    shop.later(minutes=6)
    assert [t.number for t in escalate(shop.desk)] == [fresh]
    assert old != older


def test_an_alarm_goes_to_the_outbox_with_the_step_it_belongs_to(shop):
    shop.policies(ESCALATING)
    shop.adopt("quick")
    number = shop.file()
    shop.later(minutes=6)
    escalate(shop.desk)
    escalate(shop.desk)
    with shop.desk.store.read() as connection:
        ((key, ticket),) = connection.execute("SELECT dedupe_key, ticket_number FROM outbox").fetchall()
    assert ticket == number
    assert key.startswith(f"{number}:first_response:boss:")


def test_steps_of_a_clock_that_fell_due_together_buzz_once(shop):
    shop.policies(ESCALATING.replace("[[quick.step]]", 'warn = ["50%", "80%"]\n[[quick.step]]', 1))
    shop.adopt("quick")
    shop.file()
    shop.later(minutes=6)
    assert len(escalate(shop.desk)) == 3
    with shop.desk.store.read() as connection:
        keys = [key for (key,) in connection.execute("SELECT dedupe_key FROM outbox")]
    assert [key.rsplit(":", 1)[0] for key in keys] == ["1:first_response:boss"]


def test_adopting_other_rules_swallows_no_step_of_a_clock_they_do_not_move(shop):
    shop.policies(ESCALATING)
    shop.adopt("quick")
    number = shop.file(priority="normal")
    shop.later(minutes=6)
    shop.policies(ESCALATING + "\n[other]\n" + QUICK.split("]", 1)[1])
    assert shop.adopt() == (True, 1, 0)
    assert [(t.number, t.step) for t in escalate(shop.desk)] == [(number, "boss")]


def test_a_stricter_policy_passes_over_the_steps_it_puts_behind_a_ticket(shop):
    number = shop.file(priority="normal")
    shop.later(minutes=30)
    shop.policies(ESCALATING)
    shop.adopt("quick")
    assert escalate(shop.desk) == []
    conversation.note(shop.desk, number, "等厂家")
    shop.later(minutes=1)
    assert escalate(shop.desk) == []


def test_a_step_that_fell_due_and_was_not_taken_waits_as_long_as_its_clock_does(shop):
    shop.policies(ESCALATING)
    shop.adopt("quick")
    number = shop.file()
    shop.later(minutes=6)
    steps.move(shop.desk, Step.SNOOZE, [number], until=shop.now + timedelta(hours=8))
    shop.later(minutes=10)
    assert escalate(shop.desk) == []
    shop.later(hours=8)
    assert [t.step for t in escalate(shop.desk)] == ["boss"]


def test_an_alarm_tells_the_minutes_that_counted_not_those_that_were_paused(shop):
    shop.policies(ESCALATING)
    shop.adopt("quick")
    number = shop.file()
    shop.later(minutes=4)
    steps.move(shop.desk, Step.HOLD, [number])
    shop.later(hours=3)
    steps.move(shop.desk, Step.REOPEN, [number])
    shop.later(minutes=3)
    escalate(shop.desk)
    with shop.desk.store.read() as connection:
        ((content,),) = connection.execute("SELECT content FROM outbox").fetchall()
    assert json.loads(content)["facts"]["minutes_left"] == -2


@pytest.mark.parametrize(
    "text",
    [
        ESCALATING + ESCALATING[ESCALATING.index("[[") :],
        ESCALATING.replace('"boss"', '"80%"').replace("[[", 'warn = ["80%"]\n[[', 1),
        QUICK.replace("low = 5 }", "low = 5, medium = 3 }", 1),
        ESCALATING.replace('["raise", "assign:boss", "team:night", "notify"]', "[]"),
        QUICK + 'query = "created:<2h"\n',
        QUICK + 'query = "assignee:me"\n',
    ],
    ids=["two of a name", "named as a warning", "no such priority", "does nothing", "an age", "who asks"],
)
def test_a_policy_that_could_not_do_what_it_says_is_refused(shop, text):
    shop.policies(text)
    with pytest.raises(UsageProblem, match=r"policies\.toml.*quick"):
        shop.adopt("quick")


def test_a_dry_run_takes_nothing(shop):
    shop.policies(ESCALATING)
    shop.adopt("quick")
    number = shop.file(priority="normal")
    shop.later(minutes=6)
    assert [t.number for t in escalate(shop.desk, dry_run=True)] == [number]
    assert shop.row(number, "priority") == ("normal",)
    assert len(escalate(shop.desk)) == 1


# --- reports, explained and replayed ----------------------------------------------------------------------------------


def test_a_report_of_what_is_new_tells_each_late_clock_once(shop):
    from helpdesk.desk.reporting import remember

    shop.file(priority="urgent")
    shop.later(minutes=11)
    first = shop.report(unreported=True)
    assert [row["clock"] for row in first["overdue"]] == ["first_response"]
    remember(shop.desk, first)
    again = shop.report(unreported=True)
    assert again["overdue"] == []
    assert again["counts"]["overdue"] == 0
    shop.later(minutes=10)
    assert [row["clock"] for row in shop.report(unreported=True)["overdue"]] == ["resolution"]
    assert len(shop.report()["overdue"]) == 2


@pytest.mark.parametrize(("filed_at", "closing"), [("20:00", "22:00"), ("10:00", "12:00")])
def test_a_promise_used_up_at_a_closing_holds_until_the_next_opening_in_every_view(shop, filed_at, closing):
    shop.calendar(LUNCH_FILE)
    shop.adopt()
    shop.now = datetime.fromisoformat(f"2026-11-25T{filed_at}:00+08:00")
    number = shop.file(priority="normal")  # two hours to respond
    shop.now = datetime.fromisoformat(f"2026-11-25T{closing}:00+08:00") + timedelta(minutes=30)
    assert shop.report()["counts"]["overdue"] == 0
    conversation.reply(shop.desk, number, "您好")
    assert ("first_response", 1, "met", "default") in shop.outcomes(number)
    with shop.desk.store.read() as connection:
        explained = explaining.explain(connection, number, shop.desk.moment()).rounds[0]
        assert audit.clocks(connection, shop.desk.moment()).first_wrong is None
    assert explained.standing.result == explained.kept.result == "met"
    assert explained.standing.used == explained.standing.allowed


@given(MOMENTS, st.integers(0, 2 * DAY), st.integers(0, 3 * DAY))
def test_a_round_is_late_by_the_wall_clock_exactly_when_it_is_by_counted_time(moments, allowed, after):
    now = max([m.at for m in moments] + [m.until or 0 for m in moments]) + after
    for found in rounds(moments):
        stands = standing(found, allowed, SHOP, now)
        end = now if found.ended_at is None else found.ended_at
        if stands.due_at is not None:
            assert stands.is_late == (end > stands.due_at)


def test_late_minutes_leave_out_what_was_paused_since(shop):
    number = shop.file(priority="urgent")
    shop.later(minutes=15)
    steps.move(shop.desk, Step.HOLD, [number])
    shop.later(hours=5)
    steps.move(shop.desk, Step.REOPEN, [number])
    shop.later(minutes=2)
    assert [row["late_minutes"] for row in shop.report()["overdue"]][:1] == [7]


def test_late_minutes_are_those_the_shop_was_open(shop):
    shop.calendar(LUNCH_FILE)
    shop.adopt("tmall")
    shop.now = datetime(2026, 11, 25, 3, 45, tzinfo=UTC)
    shop.file()
    shop.now = datetime(2026, 11, 25, 5, 1, tzinfo=UTC)
    assert [row["late_minutes"] for row in shop.report()["overdue"]] == [6]


def test_explaining_agrees_with_what_is_kept_on_the_ticket(shop):
    shop.calendar(LUNCH_FILE)
    shop.adopt("promise")
    number = shop.file()
    for minutes, act in (
        (10, lambda: conversation.reply(shop.desk, number, "稍等")),
        (90, lambda: conversation.receive(shop.desk, number, "还是打不开")),
        (300, lambda: steps.move(shop.desk, Step.SNOOZE, [number], until=shop.now + timedelta(hours=3))),
        (800, lambda: conversation.receive(shop.desk, number, "在吗")),
    ):
        shop.later(minutes=minutes)
        act()
    with shop.desk.store.read() as connection:
        found = explaining.explain(connection, number, shop.desk.moment())
    running = {
        one.standing.round.clock.value: one.standing.due_at for one in found.rounds if one.standing.round.is_running
    }
    kept = dict(zip(("first_response", "next_response", "resolution"), shop.row(
        number, "due_first_response, due_next_response, due_resolution"), strict=True))  # fmt: skip
    assert {clock: due for clock, due in kept.items() if due is not None} == running


def test_replaying_a_file_that_only_adds_to_the_rules_changes_no_other_ticket(shop):
    shop.file(priority="normal")
    shop.later(minutes=30)
    extra = shop.folder / "a.toml"
    clocks = QUICK.split("]", 1)[1]
    extra.write_text('[default]\nwarn = ["70%"]\n[vip]\nquery = "tier:vip"\n' + clocks, encoding="utf-8")
    with shop.desk.store.read() as connection:
        found = replaying.replay(connection, 0, shop.desk.moment(), str(extra), None)
    assert all(row.late_before == row.late_after for row in found)


@pytest.mark.parametrize("name", ["a.toml", "z.toml"])
def test_replaying_a_calendar_file_counts_whatever_its_name(shop, name):
    shop.calendar(LUNCH_FILE)
    shop.adopt("tmall")
    shop.now = datetime.fromisoformat("2026-11-25T23:00:00+08:00")
    shop.file()
    shop.later(minutes=30)
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    always = "[hours]\n" + "".join(f'{day} = ["00:00-24:00"]\n' for day in days)
    (shop.folder / name).write_text(always, encoding="utf-8")
    with shop.desk.store.read() as connection:
        found = replaying.replay(connection, 0, shop.desk.moment(), None, shop.folder / name)
    assert sum(row.late_before for row in found) == 0
    assert sum(row.late_after for row in found) == 2


def test_deriving_everything_begins_at_the_beginning_though_another_run_was_interrupted(shop):
    for _each in range(3):
        shop.file()
    with shop.desk.store.write() as session:
        driver(session).execute("INSERT INTO setting VALUES ('sla.recompute', '3')")
        driver(session).execute("UPDATE ticket SET due_resolution = 1 WHERE number = 1")
    assert rules.adopt(shop.desk, everything=True).tickets == 3


def test_replaying_says_what_would_have_been_late_by_other_rules(shop):
    in_time, slow = shop.file(), shop.file(category="payment")
    shop.later(minutes=3)
    conversation.reply(shop.desk, in_time, "您好")
    shop.later(minutes=5)
    conversation.reply(shop.desk, slow, "您好")
    shop.policies(QUICK)
    with shop.desk.store.read() as connection:
        found = replaying.replay(connection, 0, shop.desk.moment(), "tmall", None)
        assert all(row.late_before == row.late_after == 0 for row in found)
        quick = replaying.replay(connection, 0, shop.desk.moment(), str(shop.folder / "policies.toml"), None)
        assert replaying.replay(connection, shop.desk.moment() + 1, shop.desk.moment(), "tmall", None) == []
    late = [(row.clock, row.category, row.newly_late) for row in quick if row.late_after]
    assert late == [("first_response", "payment", [slow])]


def test_doctor_proves_that_kept_times_are_those_of_the_events(shop):
    number = shop.file()
    shop.file()
    conversation.reply(shop.desk, number, "您好")

    def audited():
        with shop.desk.store.read() as connection:
            return audit.clocks(connection, shop.desk.moment())

    assert audited() == (2, None)
    for change in (
        "UPDATE ticket SET due_resolution = due_resolution + 1 WHERE number = 2",
        "UPDATE ticket SET next_step_at = NULL WHERE number = 2",
        "DELETE FROM outcome",
    ):
        with shop.desk.store.write() as session:
            driver(session).execute(change)
        assert audited().first_wrong is not None
        rules.adopt(shop.desk, everything=True)
        assert audited() == (2, None)
