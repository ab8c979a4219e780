"""Promises kept: what counts, once, and the report as a document for people, spreadsheets and scripts."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from conftest import Program, Run, sql, write_jsonl
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.commands import output
from helpdesk.store import Store
from helpdesk.views.compliance import BY, Tally, compliance
from helpdesk.views.query import Query

CLOCKS = ("first_response", "next_response", "resolution")


def kept(run: Run, *words: object, **how: Any) -> dict[tuple[str | None, str], tuple[int, int, int, int]]:
    """What the report says of promises: (met, late, of these still running, not counted) by name and clock."""
    rows = run.json("sla", "report", *words, **how)["compliance"]
    return {(r["name"], r["clock"]): (r["met"], r["late"], r["running_late"], r["void"]) for r in rows}


@pytest.fixture
def day(run: Run) -> Run:
    """Five tickets of 08:00: answered in time, answered late, late and waiting, closed unanswered, merely waiting.

    Those that wait have two hours for a first response; nothing has looked at them since.
    """
    at = "2026-11-20T08:00:00Z"
    for category in ("payment", "payment", "card_key", "card_key", "card_key"):
        run.ok("new", "请看一下", "--category", category, "--priority", "normal", now=at)
    run.ok("set", 1, 2, "--assignee", "li", now=at)
    run.ok("reply", 1, "好的", now="2026-11-20T09:00:00Z")
    run.ok("close", 4, now="2026-11-20T09:00:00Z")
    run.ok("reply", 2, "好的", now="2026-11-20T10:30:00Z")
    run.ok("set", 5, "--priority", "low", now=at)
    return run


NOON = "2026-11-20T12:00:00Z"


def test_met_late_and_still_late_are_told_by_clock(day: Run) -> None:
    assert kept(day, "--by", "clock", now=NOON) == {
        ("first_response", "first_response"): (1, 2, 1, 1),
        ("resolution", "resolution"): (1, 0, 0, 0),
    }


def test_promises_are_told_by_category_and_by_assignee(day: Run) -> None:
    by_category = kept(day, "--by", "category", now=NOON)
    assert by_category["payment", "first_response"] == (1, 1, 0, 0)
    assert by_category["card_key", "first_response"] == (0, 1, 1, 1)
    by_assignee = kept(day, "--by", "assignee", now=NOON)
    assert by_assignee["li", "first_response"] == (1, 1, 0, 0)
    assert by_assignee[None, "first_response"] == (0, 1, 1, 1)


def test_a_clock_that_runs_late_is_counted_once_whoever_has_noted_it(day: Run) -> None:
    before = kept(day, "--by", "clock", now=NOON)
    day.ok("note", 3, "在看", now="2026-11-20T11:00:00Z")
    assert sql(day.store, "SELECT result FROM outcome WHERE ticket_number = 3 AND ended_at IS NULL") == [("late",)]
    assert kept(day, "--by", "clock", now=NOON) == before
    day.ok("reply", 3, "好的", now="2026-11-20T11:30:00Z")
    assert kept(day, "--by", "clock", now=NOON)["first_response", "first_response"] == (1, 2, 0, 1)


def test_since_leaves_out_what_ended_before(day: Run) -> None:
    since = {"--since": "2026-11-20T10:15:00Z"}
    words = [word for pair in since.items() for word in pair]
    assert kept(day, *words, now=NOON) == {("first_response", "first_response"): (0, 1, 0, 0)}
    assert kept(day, "--since", "150m", now=NOON) == {("first_response", "first_response"): (0, 2, 1, 0)}
    assert kept(day, "--since", "2026-11-20T11:00:00Z", now=NOON) == {}
    assert day.json("sla", "report", *words, now=NOON)["compliance_since"] == "2026-11-20T10:15:00Z"


def test_the_query_of_the_report_holds_for_promises_too(day: Run) -> None:
    assert kept(day, "--by", "clock", "--query", "category:payment", now=NOON) == {
        ("first_response", "first_response"): (1, 1, 0, 0)
    }


def test_a_percentage_is_of_promises_that_were_judged(day: Run) -> None:
    rows = day.json("sla", "report", "--by", "clock", now=NOON)["compliance"]
    assert [row["percent"] for row in rows] == [33.3, 100.0]
    assert Tally(void=3).percent is None


def test_a_plain_report_keeps_its_keys_and_says_nothing_of_promises(day: Run) -> None:
    report = day.json("sla", "report", now=NOON)
    assert report["compliance"] == []
    assert report["compliance_by"] is None
    assert {"now", "overdue", "due_soon", "counts"} <= set(report)
    assert "compliance" not in day.ok("sla", "report", now=NOON).stdout


@pytest.mark.parametrize("words", [["--by", "priority"], ["--since", "lately"], ["--format", "html"]], ids=" ".join)
def test_what_the_report_cannot_do_is_a_sentence(day: Run, words: list[str]) -> None:
    ran = day("sla", "report", *words)
    assert ran.exit_code == 2
    assert words[0] in ran.stderr


ROUND = st.tuples(st.sampled_from(["met", "late", "late", "void"]), st.integers(0, 20), st.booleans())
TICKET = st.tuples(
    st.sampled_from(["payment", "other"]),
    st.lists(ROUND, max_size=1),
    st.lists(ROUND, max_size=9),
    st.lists(ROUND, max_size=1),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(TICKET, max_size=6), st.integers(0, 20))
def test_every_round_is_counted_where_it_belongs(tickets: list[Any], since: int) -> None:
    expected: dict[str, dict[tuple[str | None, str], Tally]] = {by: {} for by in BY}
    with Store(Path("/nowhere/at/all.db")).read() as connection:
        for number, (category, *rounds_of_clocks) in enumerate(tickets, start=1):
            connection.execute(
                "INSERT INTO ticket (number, subject, state, category, priority, mood, language, channel, created_at,"
                " updated_at, source) VALUES (?, '', 'closed', ?, 'normal', 'neutral', 'und', 'cli', 0, 0, 'test')",
                (number, category),
            )
            rounds = [(clock, r) for clock, of in zip(CLOCKS, rounds_of_clocks, strict=True) for r in of]
            for place, (clock, (result, at, ended)) in enumerate(rounds, start=1):
                ended = ended or result != "late"
                connection.execute(
                    "INSERT INTO outcome VALUES (?, ?, ?, ?, 'default', 1, 1, 0, ?, ?)",
                    (number, clock, place, result, at, at if ended else None),
                )
                if at < since:
                    continue
                tally = Tally(**{result: 1}, running_late=int(not ended))
                for by in BY:
                    name = {"clock": clock, "category": category}.get(by)
                    expected[by][name, clock] = expected[by].get((name, clock), Tally()).plus(tally)
        for by in BY:
            rows = compliance(connection, Query(), 30, since, by)
            found = {(r["name"], r["clock"]): Tally(r["met"], r["late"], r["running_late"], r["void"]) for r in rows}
            assert found == expected[by]


# --- documents ----------------------------------------------------------------------------------------------------


MARKUP = "a|b **c** <b> [d](http://e) `f`"


@pytest.fixture
def hostile(run: Run, tmp_path: Path) -> Run:
    """Late tickets whose subjects would be formulas, links and tables."""
    subjects = [
        '=HYPERLINK("http://x","y")',
        "  +1+1",
        "＝1+1",
        "@SUM(A1)",
        "a|b **c** <b> [d](http://e) `f`",
        'a,"b"\nc',
    ]
    rows = [
        {"external_id": str(place), "subject": subject, "body": "没到账", "priority": "urgent", "assignee": "-li",
         "created_at": "2026-11-20T07:00:00Z"}
        for place, subject in enumerate(subjects)
    ]  # fmt: skip
    run.ok("import", "tickets", write_jsonl(tmp_path / "rows.jsonl", rows))
    return run


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_csv_holds_the_whole_report_in_one_table(day: Run) -> None:
    rows = table(day.ok("sla", "report", "--format", "csv", "--by", "category", now=NOON).stdout)
    report = day.json("sla", "report", "--by", "category", now=NOON)
    sections = [row["section"] for row in rows]
    assert [sections.count(s) for s in ("overdue", "due_soon", "compliance")] == [
        len(report[s]) for s in ("overdue", "due_soon", "compliance")
    ]
    first = next(row for row in rows if row["section"] == "overdue")
    assert first == dict.fromkeys(first, "") | {"section": "overdue"} | {
        key: "" if value is None else str(value) for key, value in report["overdue"][0].items()
    }
    payment = next(row for row in rows if (row["name"], row["clock"]) == ("payment", "first_response"))
    assert (payment["met"], payment["late"], payment["percent"]) == ("1", "1", "50.0")


def test_no_cell_of_a_csv_is_a_formula(hostile: Run) -> None:
    rows = table(hostile.ok("sla", "report", "--format", "csv").stdout)
    cells = [cell for row in rows for key, cell in row.items() if key not in ("late_minutes", "percent")]
    assert not [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@", "＝"))]
    assert any("HYPERLINK" in cell for cell in cells)
    assert {row["assignee"] for row in rows if row["section"] == "overdue"} == {"'-li"}


def test_markdown_shows_texts_as_they_are(hostile: Run) -> None:
    document = hostile.ok("sla", "report", "--format", "markdown").stdout
    assert r"a\|b \*\*c\*\* \<b\> \[d\](http\://e) \`f\`" in document
    lines = [line for line in document.splitlines() if line.startswith("| ")]
    columns = {line.replace(r"\|", "").count("|") for line in lines[: len(lines) - 2]}
    assert columns == {7}


def test_markdown_speaks_the_users_language_and_tells_promises(day: Run) -> None:
    document = day.ok("sla", "report", "--format", "markdown", now=NOON).stdout
    assert "# Service levels, 2026-11-20 12:00" in document
    assert "## Overdue: 1" in document
    assert "| first response | 33.3% | 1 | 2 | 1 | 1 |" in document


def test_format_json_is_json(day: Run) -> None:
    words = ("sla", "report", "--by", "team")
    assert day.ok(*words, "--format", "json", now=NOON).json() == day.json(*words, now=NOON)


def test_people_see_shares_with_their_counts(day: Run, program: Program) -> None:
    _code, screen = program.on_terminal("sla", "report", "--by", "category", columns=100, HELPDESK_NOW=NOON)
    assert "50.0% (1/2)" in screen
    _code, screen = program.on_terminal("sla", "report", "--since", "2026-11-01", columns=100, HELPDESK_NOW=NOON)
    assert "Promises kept since 2026-11-01 00:00" in screen
    assert "33.3%" in screen


@given(st.text(max_size=40))
def test_a_text_as_markdown_stays_in_its_cell(text: str) -> None:
    shown = output.markdown(text)
    assert "\n" not in shown
    assert "|" not in shown.replace("\\\\", "").replace("\\|", "")
