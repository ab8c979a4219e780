"""What a customer is told of a ticket: true, in their language, by its code, and nothing of the shop's inside."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Program, Run, sql
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.clock import parse_time, to_millis
from helpdesk.models.vocabulary import Language, State
from helpdesk.sla.calendar import MINUTE, ROUND_THE_CLOCK, Calendar
from helpdesk.sla.expecting import DAYS, Basis, Expected, Question, Span, every_hour, expected, same_hour
from helpdesk.sla.hours import read_hours
from helpdesk.sla.progress import Progress, Stage, stage, told
from helpdesk.views.tickets import JsonObject

HOUR, DAY = 60 * MINUTE, 24 * 60 * MINUTE
DAILY = {day: ["09:00-21:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
OFFICE = Calendar(
    read_hours(
        {"hours": DAILY, "holiday": [{"name": "off", "from": "2026-11-20", "to": "2026-11-22"}]}, "Asia/Shanghai"
    )
)
TEMPLATES = tomllib.loads((ROOT / "helpdesk" / "data" / "status.toml").read_text(encoding="utf-8"))


def at(text: str) -> int:
    return to_millis(parse_time(text))


def code(run: Run, number: int) -> str:
    """The public code of a ticket."""
    found: JsonObject = run.ticket(number)
    return str(found["code"])


def status(run: Run, number: int, **how: Any) -> JsonObject:
    """What its customer is told of a ticket."""
    found: JsonObject = run.json("status", code(run, number), **how)
    return found


# --- what is to be expected -----------------------------------------------------------------------------------------


def asked(now: int, took: dict[str, list[int]], calendar: Calendar = ROUND_THE_CLOCK, ago: int = 0) -> Expected:
    """An expectation, where answers asked at this hour, or in any hour, took so many minutes."""

    def answers_in(spans: list[Span]) -> list[int]:
        return [minutes * MINUTE for minutes in took["hour" if len(spans) <= DAYS else "day"]]

    return expected(Question(now - ago, now + 2 * HOUR - ago), now, calendar, answers_in)  # type: ignore[arg-type]


NOON = at("2026-11-19T12:00:00Z")


def test_the_median_of_this_hour_is_expected() -> None:
    found = asked(NOON, {"hour": [5, 10, 12, 14, 90], "day": [1] * 9})
    assert found == Expected(NOON + 12 * MINUTE, Basis.HOUR, 5)


def test_an_hour_with_too_few_answers_falls_back_to_the_day_and_that_to_the_promise() -> None:
    assert asked(NOON, {"hour": [5] * 4, "day": [7] * 6}) == Expected(NOON + 7 * MINUTE, Basis.DAY, 6)
    assert asked(NOON, {"hour": [5] * 4, "day": [7] * 4}) == Expected(NOON + 2 * HOUR, Basis.PROMISE, 0)


def test_what_was_waited_already_is_not_waited_again() -> None:
    assert asked(NOON, {"hour": [30] * 5, "day": []}, ago=20 * MINUTE).at == NOON + 10 * MINUTE
    assert asked(NOON, {"hour": [30] * 5, "day": []}, ago=HOUR).at == NOON - 30 * MINUTE


def test_no_answer_is_expected_while_the_shop_is_closed() -> None:
    holiday = at("2026-11-20T10:00:00+08:00")
    assert asked(holiday, {"hour": [5] * 9, "day": []}, OFFICE).at == at("2026-11-23T09:00:00+08:00")
    evening = at("2026-11-19T20:58:00+08:00")
    assert asked(evening, {"hour": [5] * 9, "day": []}, OFFICE).at == at("2026-11-23T09:00:00+08:00")
    assert asked(holiday, {"hour": [5] * 9, "day": []}, OFFICE, ago=20 * HOUR).at == at("2026-11-23T09:00:00+08:00")


def test_a_question_is_compared_with_days_on_which_the_shop_was_open_alike() -> None:
    monday = at("2026-11-23T10:20:00+08:00")
    spans = list(same_hour(monday, monday, OFFICE))
    assert len(spans) == DAYS - 3
    assert {(begin - at("2026-11-23T10:00:00+08:00")) % DAY for begin, _end in spans} == {0}
    night = at("2026-11-23T03:20:00+08:00")
    assert len(list(same_hour(night, night, OFFICE))) == DAYS
    assert len(list(every_hour(monday, monday, OFFICE))) == (DAYS - 3) * 12


@settings(max_examples=60, deadline=None)
@given(
    st.integers(at("2024-01-01"), at("2027-01-01")),
    st.integers(0, 40 * DAY),
    st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York", "Europe/Berlin", "Asia/Kolkata"]),
)
def test_the_spans_looked_at_are_few_apart_and_of_the_last_month(now: int, ago: int, zone: str) -> None:
    calendar = Calendar(read_hours({"hours": DAILY}, zone))
    for spans in (same_hour, every_hour):
        found = sorted(spans(now - ago, now, calendar))
        assert len(found) <= DAYS * 24
        assert all(end - begin == HOUR for begin, end in found)
        assert all(before[1] <= after[0] for before, after in zip(found, found[1:], strict=False))
        assert all(now - (DAYS + 2) * DAY <= begin and end <= now + DAY for begin, end in found)


# --- the sentences --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", [one for one in Language if one is not Language.UNDETERMINED])
def test_every_language_has_every_sentence(language: str) -> None:
    assert set(TEMPLATES[language]) == set(TEMPLATES["en"])
    for key, sentence in TEMPLATES["en"].items():
        for placeholder in ("{code}", "{before}", "{time}", "{waited}", "{opens}", "{count}"):
            assert (placeholder in TEMPLATES[language][key]) == (placeholder in sentence), (language, key)


@pytest.mark.parametrize("language", [one for one in Language if one is not Language.UNDETERMINED])
@pytest.mark.parametrize("basis", Basis)
def test_every_stage_is_told_without_a_gap(language: str, basis: Basis) -> None:
    for one in Stage:
        for wait in (-5 * DAY, 30_000, MINUTE, 50 * MINUTE, 3 * HOUR, 3 * DAY):
            for position in (None, 1, 12):
                question = Question(NOON - HOUR, NOON)
                progress = Progress(
                    "7KQ2M9XWPA", NOON, one, language, NOON, position, question, Expected(NOON + wait, basis, 9), NOON
                )
                text = told(progress, "en")
                assert "{" not in text
                assert "7KQ2M-9XWPA" in text.splitlines()[0]
                assert TEMPLATES[language][one.value] in text


def test_lengths_are_rounded_up_and_one_is_no_plural() -> None:
    def text(wait: int) -> str:
        promise = Expected(NOON + wait, Basis.PROMISE, 0)
        return told(Progress("7KQ2M9XWPA", NOON, Stage.RECEIVED, "en", NOON, expected=promise), "en").splitlines()[-1]

    lengths = {
        1: "1 minute", 9 * MINUTE + 1: "10 minutes", 11 * MINUTE: "15 minutes", 94 * MINUTE: "95 minutes",
        100 * MINUTE: "2 hours", 30 * HOUR: "30 hours", 40 * HOUR: "2 days",
    }  # fmt: skip
    assert {wait: text(wait) for wait in lengths} == {
        wait: f"We promise an answer within {words}." for wait, words in lengths.items()
    }


def test_nobody_is_told_that_they_were_taken_for_spam() -> None:
    assert {stage(state, None) for state in (State.SPAM, State.CLOSED)} == {Stage.CLOSED}
    assert all(stage(state, None) in Stage for state in State)


def test_a_shop_says_it_in_its_own_words(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from helpdesk import config

    run.ok("new", "My code does not work")
    own = tmp_path / "own"
    own.mkdir()
    monkeypatch.setenv("HELPDESK_CONFIG", str(own))
    for written, exit_code, words in (
        ('[en]\nreceived = "Hang on!"\n', 0, "Hang on!"),
        ('[en]\nin_line = "x"\nfirst_in_line = "You, {name}"\n', 2, "{name} in first_in_line of [en]"),
        ('en = "no table"\n', 2, "[en] must be a table"),
        ('[en]\nrecieved = "Hang on!"\n', 2, "recieved is no sentence of [en]"),
        ('[en]\nreceived = "{time.__class__}"\n', 2, "{time.__class__} in received of [en]"),
        ('[en]\nreceived = "Hang on {"\n', 2, "{ in received of [en]"),
        ("[en]\nreceived = 5\n", 2, "received of [en] must be a text"),
        ('[fr]\nreceived = "Un instant"\n', 2, "[fr] is no language of it"),
    ):
        (own / "status.toml").write_text(written, encoding="utf-8")
        config.tables.cache_clear()
        ran = run("status", code(run, 1), "--text")
        assert ran.exit_code == exit_code
        assert words in ran.stdout + ran.stderr
    config.tables.cache_clear()


# --- the command ----------------------------------------------------------------------------------------------------


def answered(run: Run, number: int, clock: str, hour: str, minutes: list[int], round_: int = 1) -> None:
    """As if questions had been asked at an hour on the days before, and answered after so many minutes."""
    for back, took in enumerate(minutes, start=1):
        begin = at(hour) - back * DAY
        sql(
            run.store,
            "INSERT INTO outcome VALUES (?, ?, ?, 'met', 'default', 1, 1, ?, ?, ?)",
            number, clock, round_ + back, begin, begin + HOUR, begin + took * MINUTE,
        )  # fmt: skip


def test_a_customer_sees_stage_position_and_what_is_to_be_expected(run: Run) -> None:
    run.ok("new", "付款了没到账，急！", "--priority", "urgent", now="2026-11-20T07:00:00Z")
    run.ok("new", "卡密怎么用", "--priority", "low", now="2026-11-20T07:55:00Z")
    sql(run.store, "UPDATE ticket SET urgency = number % 2")
    answered(run, 1, "first_response", "2026-11-20T07:30:00Z", [20, 25, 30, 35, 300])
    found = status(run, 2)
    assert (found["stage"], found["position"], found["language"]) == ("received", 2, "zh-Hans")
    assert found["expected_answer"] == {"at": "2026-11-20T08:25:00Z", "minutes": 25, "basis": "hour", "of": 5}
    assert found["text"].splitlines()[1:] == [
        "您的消息已收到，我们会按顺序处理。",
        "前面还有 1 位。",
        "按最近 30 天同一时段的情况，预计 25 分钟左右回复。",
    ]
    assert status(run, 1)["position"] == 1


def test_places_in_the_queue_are_counted_up_to_a_thousand(run: Run) -> None:
    run.ok("new", "My code does not work")
    for count, told_before in ((998, "998."), (1, "999+."), (1, "999+.")):
        sql(
            run.store,
            "INSERT INTO ticket (subject, state, category, priority, urgency, mood, language, channel, created_at,"
            " updated_at, source) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
            " SELECT '', 'new', 'other', 'high', 30, 'neutral', 'und', 'cli', 0, 0, 'test' FROM n",
            count,
        )
        assert f"Ahead of you in line: {told_before}" in status(run, 1)["text"]


def test_what_takes_longer_than_usual_is_said(run: Run) -> None:
    run.ok("new", "Where is my key?", now="2026-11-20T07:00:00Z")
    answered(run, 1, "first_response", "2026-11-20T07:30:00Z", [10] * 5)
    found = status(run, 1)
    assert found["takes_longer"]
    assert found["expected_answer"]["minutes"] == 0
    assert found["text"].endswith("You have waited 60 minutes, longer than usual. We are sorry.")


def test_a_second_question_is_compared_with_second_questions(run: Run) -> None:
    run.ok("new", "My code does not work", now="2026-11-20T06:00:00Z")
    answered(run, 1, "first_response", "2026-11-20T07:30:00Z", [5] * 5)
    answered(run, 1, "next_response", "2026-11-20T07:30:00Z", [40] * 5, round_=9)
    run.ok("reply", 1, "Which code?", now="2026-11-20T06:30:00Z")
    assert status(run, 1)["stage"] == "your_turn"
    assert status(run, 1)["expected_answer"] is None
    assert status(run, 1)["position"] is None
    run.ok("receive", 1, "The one of yesterday, it still fails", now="2026-11-20T07:50:00Z")
    found = status(run, 1)
    assert (found["stage"], found["waiting_since"]) == ("asked_again", "2026-11-20T07:50:00Z")
    assert found["expected_answer"] == {"at": "2026-11-20T08:30:00Z", "minutes": 30, "basis": "hour", "of": 5}


def test_answers_that_are_still_awaited_count_as_long_as_they_have_taken(run: Run) -> None:
    run.ok("new", "My code does not work")
    answered(run, 1, "first_response", "2026-11-20T08:30:00Z", [10] * 11)
    sql(run.store, "UPDATE outcome SET ended_at = NULL, result = 'late' WHERE round > 6")
    assert status(run, 1)["expected_answer"]["minutes"] > 24 * 60
    sql(run.store, "UPDATE outcome SET ended_at = NULL, result = 'late' WHERE round > 5")
    assert status(run, 1)["expected_answer"]["basis"] == "promise"


def test_the_stages_of_a_life(run: Run) -> None:
    run.ok("new", "My code does not work")
    stages = [status(run, 1)["stage"]]
    for words in (["hold", 1], ["snooze", 1, "--until", "2h"], ["resolve", 1], ["close", 1]):
        run.ok(*words)
        stages.append(status(run, 1)["stage"])
    assert stages == ["received", "partner", "later", "solved", "closed"]
    run.ok("spam", 1)
    assert status(run, 1)["stage"] == "closed"


def test_a_code_is_understood_however_it_is_typed(run: Run) -> None:
    run.ok("new", "My code does not work")
    shown = code(run, 1)
    for typed in (shown, shown.lower(), shown.replace("-", ""), f" {shown[:3]} {shown[3:]} "):
        assert run.json("status", typed)["code"] == shown


@pytest.mark.parametrize("typed", ["1", "7KQ2M-9XWPA", "7KQ2M", "", "x" * 5000, "'; --", "0O1IL-UUUUU", "\x1b[2J"])
def test_a_wrong_code_and_a_malformed_one_are_told_the_same(run: Run, typed: str) -> None:
    run.ok("new", "My code does not work")
    ran = run("status", "--", typed)
    assert (ran.exit_code, ran.stdout) == (4, "")
    assert ran.stderr == "No ticket has this code; `helpdesk show N` tells the code of a ticket.\n"


def test_a_merged_ticket_tells_of_the_survivor_by_the_code_it_was_asked_by(run: Run) -> None:
    for body in ("My code does not work", "Still no answer", "My code, again"):
        run.ok("new", body)
    run.ok("reply", 1, "Please try this one")
    asked_by = code(run, 3)
    sql(run.store, "UPDATE ticket SET state = 'merged', merged_into = 2 WHERE number = 3")
    sql(run.store, "UPDATE ticket SET state = 'merged', merged_into = 1 WHERE number = 2")
    survivor = code(run, 1)
    found = run.json("status", asked_by)
    assert (found["code"], found["stage"]) == (asked_by, "your_turn")
    assert survivor not in str(found)


def test_nothing_of_the_inside_is_told(run: Run) -> None:
    run.ok("new", "My code SECRETBODY fails", "--from", "QQ:12345678", "--name", "Xiaoming", "--tag", "fraud")
    for words in (
        ["note", 1, "SUSPICIOUS"],
        ["set", 1, "--assignee", "agentli", "--team", "night", "--priority", "low"],
    ):
        run.ok(*words)
    run.ok("new", "Other matter", "--from", "QQ:87654321", "--name", "Stranger")
    for form in (["--json"], ["--text"], []):
        said = run.ok("status", code(run, 1), *form).stdout
        for inside in (
            "SECRETBODY",
            "SUSPICIOUS",
            "agentli",
            "night",
            "12345678",
            "Xiaoming",
            "Stranger",
            "fraud",
            "low",
        ):
            assert inside not in said
    assert set(status(run, 1)) == {
        "code", "stage", "language", "received_at", "position", "waiting_since", "expected_answer", "takes_longer",
        "opens_at", "text",
    }  # fmt: skip


def test_a_ticket_in_no_known_language_is_told_in_the_shops(run: Run) -> None:
    run.ok("new", "12345")
    assert run.ticket(1)["language"] == "und"
    assert "We have your message" in status(run, 1)["text"]
    assert "您的消息已收到" in status(run, 1, lang="zh")["text"]


def test_on_a_terminal_the_text_is_printed_as_it_is_pasted(run: Run, program: Program) -> None:
    run.ok("new", "My code does not work and nobody answers")
    text = status(run, 1)["text"]
    exit_code, screen = program.on_terminal("status", code(run, 1), columns=30)
    assert exit_code == 0
    assert screen.replace("\r\n", "\n") == text + "\n"
    assert run.ok("status", code(run, 1), "--text").stdout == text + "\n"


def test_in_a_pipe_it_is_a_row_a_fact(run: Run) -> None:
    run.ok("new", "My code does not work")
    rows = dict(run.ok("status", code(run, 1)).rows())
    assert rows["stage"] == "received"
    assert rows["expected_basis"] == "promise"


# --- new ------------------------------------------------------------------------------------------------------------


def test_new_tells_the_code_and_what_is_to_be_expected(run: Run, program: Program) -> None:
    filed = run.json("new", "My code does not work", "--priority", "urgent")
    assert filed["expected_response"] == {"at": "2026-11-20T08:10:00Z", "minutes": 10, "basis": "promise", "of": 0}
    assert filed["code"] == code(run, 1)
    answered(run, 1, "first_response", "2026-11-20T08:30:00Z", [20, 25, 30, 35, 300])
    again = run.ok("new", "My code does not work", "--verbose")
    assert "expected in 30 min: the median of 5 questions in the last 30 days at this hour" in again.stderr
    assert run.ok("new", "Hello!").stderr == ""
    assert run.json("new", "Hello?")["expected_response"] == status(run, 4)["expected_answer"]
    _code, screen = program.on_terminal("new", "My code does not work", columns=200)
    assert f"Filed ticket 5; its code for the customer: {code(run, 5)}" in screen
    assert "An answer is to be expected in" in screen


def test_show_prints_the_code(run: Run, program: Program) -> None:
    run.ok("new", "My code does not work")
    _code, screen = program.on_terminal("show", 1)
    assert f"code for the customer {code(run, 1)}" in screen
