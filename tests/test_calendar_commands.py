"""`calendar show|hours|import|check`: what is shown is in force, and what does not fit changes nothing."""

from __future__ import annotations

import stat
import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest
from conftest import Program, Run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_hostile_text import CURSE, assert_harmless
from test_import_promises import DEAR_TO_HELP
from test_import_promises import run as run_counting_imports

from helpdesk.errors import UsageProblem
from helpdesk.intake import calendars
from helpdesk.sla.hours import check_tables

WEEK = ["mon-fri=09:00-12:00,13:00-22:00", "sat=10:00-18:00", "zone=Asia/Shanghai"]
TODAY = date(2026, 11, 20)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The user's own calendar files, none yet."""
    return tmp_path / "home" / "config" / "helpdesk" / "calendar"


def ics(*events: str, around: str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}END:VCALENDAR\r\n") -> str:
    """An iCalendar file of the properties of its events."""
    body = "".join(
        f"BEGIN:VEVENT\r\n{event.strip().replace(chr(10), chr(13) + chr(10))}\r\nEND:VEVENT\r\n" for event in events
    )
    return around.format(body)


def event(summary: str, first: str, following: str | None = None, *more: str) -> str:
    """An all-day event; `following` is the day after its last."""
    end = [f"DTEND;VALUE=DATE:{following}"] if following else []
    return "\n".join([f"SUMMARY:{summary}", f"DTSTART;VALUE=DATE:{first}", *end, *more])


def holidays_of(*events: str) -> list[tuple[str, str, str, list[str]]]:
    """(name, first, last, make-up days) of the holidays read from events."""
    read = calendars.read(ics(*events).encode(), "x.ics", TODAY)
    check_tables(read.tables, {})
    return [
        (one["name"], str(one["from"]), str(one["to"]), [str(day) for day in one.get("makeup", ())])
        for one in read.tables["holiday"]
    ]


# --- show ------------------------------------------------------------------------------------------------------------


def test_a_month_is_shown_day_by_day_with_its_windows_and_why(run: Run) -> None:
    run.ok("calendar", "hours", *WEEK)
    days = run.json("calendar", "show", "2026-10")
    assert len(days) == 31
    assert set(days[0]) == {"date", "weekday", "kind", "name", "windows"}
    assert days[0] == {"date": "2026-10-01", "weekday": "thu", "kind": "holiday", "name": "国庆节", "windows": []}
    assert days[9]["kind"] == "makeup" and days[9]["windows"] == ["09:00-12:00", "13:00-22:00"]
    assert days[16] == {
        "date": "2026-10-17", "weekday": "sat", "kind": "weekly", "name": "", "windows": ["10:00-18:00"],
    }  # fmt: skip
    assert run.ok("calendar", "show", "2026-10").rows()[9] == [
        "2026-10-10", "sat", "makeup", "国庆节", "09:00-12:00,13:00-22:00",
    ]  # fmt: skip


@pytest.mark.parametrize(("period", "count"), [("2024", 366), ("2024-02", 29), ("2026-12", 31), ("2024-02-29", 1)])
def test_a_year_a_month_or_a_day_is_shown(run: Run, period: str, count: int) -> None:
    assert len(run.json("calendar", "show", period)) == count


def test_without_a_period_this_month_is_shown_in_the_shop_s_own_zone(run: Run) -> None:
    run.ok("calendar", "hours", *WEEK)
    days = run.json("calendar", "show", now="2026-10-31T17:00:00Z")  # in Shanghai November has begun
    assert days[0]["date"] == "2026-11-01"


@pytest.mark.parametrize("period", ["2026-13", "1491", "soon", "2026-02-30", "2026-1-1-1", "２０２６x", ""])
def test_what_is_no_period_is_refused_with_one_that_is(run: Run, period: str) -> None:
    ran = run("calendar", "show", period)
    if period == "":
        assert ran.exit_code == 0  # as if omitted
    else:
        assert ran.exit_code == 2 and "2026-10" in ran.stderr


def test_on_a_terminal_today_is_marked_and_the_hours_are_summed(program: Program) -> None:
    program.run("calendar", "hours", *WEEK)
    code, written = program.on_terminal("calendar", "show", "2026-11", NO_COLOR="1")
    assert code == 0
    lines = written.splitlines()
    assert "Asia/Shanghai" in lines[0] and "284:00" in lines[0]
    assert ["2026-11-20" in line for line in lines if "▸" in line] == [True]
    code, written = program.on_terminal("calendar", "show", "2026", columns=100, NO_COLOR="1")
    assert code == 0 and "1–7 国庆节" in written and len(written.splitlines()) == 15


def test_a_year_without_holidays_is_told_where_they_matter(run: Run) -> None:
    assert "No holidays" not in run.ok("calendar", "show", "2027-10").stderr
    run.ok("calendar", "hours", *WEEK)
    assert "No holidays are known for 2027" in run.ok("calendar", "show", "2027-10").stderr


def test_the_report_and_doctor_name_the_years_whose_holidays_are_missing(run: Run) -> None:
    run.ok("calendar", "hours", *WEEK)
    run.ok("new", "没收到卡密", now="2026-11-20T03:00:00Z")
    assert "No holidays" not in run.ok("sla", "report", now="2026-11-20T04:00:00Z").stderr
    run.ok("new", "没收到卡密", now="2026-12-31T13:55:00Z")
    assert "No holidays are known for 2027" in run.ok("sla", "report", now="2026-12-31T14:00:00Z").stderr
    checks = {c["name"]: c for c in run.json("doctor", now="2026-12-31T14:00:00Z")["checks"]}
    assert "2027" in checks["holidays"]["found"] and checks["holidays"]["sound"]


def test_with_a_broken_file_the_policies_in_force_are_shown_and_the_file_is_named(run: Run, folder: Path) -> None:
    run.ok("new", "没收到卡密")
    shown = run.ok("sla", "policy", "list").stdout
    file = folder.parent / "policies.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("[default]\nfirst_response = { urgent = 0 }\n", encoding="utf-8")
    for words in (["list"], ["show", "default"]):
        ran = run("sla", "policy", *words)
        assert ran.exit_code == 2
        assert f"{file}, line 2: default.first_response.urgent" in ran.stderr
    assert run("sla", "policy", "list").stdout == shown
    for quiet in ([], ["--quiet"]):
        ran = run.ok("sla", "report", "--new", *quiet)
        assert "line 2" in ran.stderr and "the rules in force stay" in ran.stderr
    checks = {c["name"]: c for c in run("doctor", "--json").json()["checks"]}
    assert not checks["rules"]["sound"] and "line 2" in checks["rules"]["found"]


def test_an_unknown_zone_is_refused_and_another_one_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run.ok("calendar", "hours", *WEEK[:2])
    run.ok("new", "没收到卡密")
    monkeypatch.setenv("HELPDESK_ZONE", "Europe/Berlin")
    assert "differ from what is in force" in run.ok("sla", "report").stderr
    run.ok("sla", "recompute")
    assert "differ" not in run.ok("sla", "report").stderr
    assert run.json("calendar", "hours")["zone"] == "Europe/Berlin"
    monkeypatch.setenv("HELPDESK_ZONE", "Mars/Base")
    assert "'Mars/Base'" in run.ok("sla", "report", "--quiet").stderr
    for words in (["sla", "recompute"], ["list", "created:2026-11-01"], ["sla", "cron-line"]):
        ran = run(*words)
        assert (ran.exit_code, ran.stderr.count("\n")) == (2, 1) and "'Mars/Base'" in ran.stderr
    monkeypatch.setenv("HELPDESK_ZONE", "Europe/Berlin")
    assert "differ" not in run.ok("sla", "report").stderr


def test_what_is_shown_is_in_force_and_files_that_differ_are_told(run: Run, folder: Path) -> None:
    run.ok("new", "没收到卡密")
    folder.mkdir(parents=True)
    (folder / "hours.toml").write_text('[hours]\nmon = ["09:00-12:00"]\n', encoding="utf-8")
    ran = run.ok("calendar", "show", "2026-11-23")
    assert ran.rows()[0][4] == "00:00-24:00" and "helpdesk sla recompute" in ran.stderr
    run.ok("sla", "recompute")
    ran = run.ok("calendar", "show", "2026-11-23")
    assert ran.rows()[0][4] == "09:00-12:00" and "recompute" not in ran.stderr


def test_showing_imports_no_orm_and_makes_no_store(tmp_path: Path) -> None:
    for words in (["calendar", "show"], ["calendar", "hours"], ["calendar", "check"]):
        code, output, modules = run_counting_imports(tmp_path / "none" / "yet.db", *words)
        assert code == 0, output
        assert not modules & {*DEAR_TO_HELP, "icalendar", "pydantic"}
    assert not (tmp_path / "none").exists()


# --- hours -----------------------------------------------------------------------------------------------------------


def test_hours_that_are_set_are_written_put_in_force_and_due_times_follow(run: Run, folder: Path) -> None:
    run.ok("new", "没收到卡密", "--priority", "normal", now="2026-11-20T14:30:00Z")  # Friday, 22:30 in Shanghai
    before = run.ticket(1)["due"]["first_response"]
    ran = run.ok("calendar", "hours", *WEEK)
    after = run.ticket(1)["due"]["first_response"]
    assert before < "2026-11-21T02:00:00Z" < after
    assert "due times of 1" in ran.stderr
    found = run.json("calendar", "hours")
    assert found["sat"] == ["10:00-18:00"] and found["sun"] == [] and found["holiday"] == []
    assert found["makeup"] == found["mon"] and found["zone"] == "Asia/Shanghai"
    assert stat.S_IMODE((folder / "hours.toml").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_days_of_the_week_may_be_chinese(run: Run) -> None:
    run.ok("calendar", "hours", "周一-周五=9-18", "周六=休息", "节假日=10-12")
    found = run.json("calendar", "hours")
    assert found["fri"] == ["09:00-18:00"] and found["sat"] == [] and found["holiday"] == ["10:00-12:00"]


def test_promotions_remarks_and_the_zone_in_the_file_of_hours_stay(run: Run, folder: Path) -> None:
    folder.mkdir(parents=True)
    written = (
        '# mine\n[hours]\n# why\nmon = ["09:00-12:00"]\nzone = "Asia/Taipei"\n\n'
        '[[promotion]]\nfrom = 2026-11-11\nhours = ["08:00-24:00"]\n'
    )
    (folder / "hours.toml").write_text(written, encoding="utf-8")
    run.ok("calendar", "hours", "tue=10:00-11:00")
    text = (folder / "hours.toml").read_text(encoding="utf-8")
    assert "# mine" in text and "# why" in text
    tables = tomllib.loads(text)
    assert tables["hours"]["zone"] == "Asia/Taipei" and tables["hours"]["mon"] == []
    assert tables["promotion"] == [{"from": date(2026, 11, 11), "hours": ["08:00-24:00"]}]
    assert run.json("calendar", "show", "2026-11-11")[0]["kind"] == "promotion"


@pytest.mark.parametrize("words", [["mon=18:00-09:00"], ["mon=9-12,11-13"], ["noday=9-12"], ["mon=9-12", "zone=Mars"]])
def test_hours_that_make_no_sense_change_nothing(run: Run, folder: Path, words: list[str]) -> None:
    run.ok("calendar", "hours", *WEEK)
    before = (folder / "hours.toml").read_bytes()
    ran = run("calendar", "hours", *words)
    assert ran.exit_code == 2 and len(ran.stderr.splitlines()) == 1
    assert (folder / "hours.toml").read_bytes() == before
    assert [path.name for path in folder.iterdir()] == ["hours.toml"]


def test_hours_another_file_goes_before_are_told(run: Run, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "zz.toml").write_text('[hours]\nmon = ["01:00-02:00"]\n', encoding="utf-8")
    assert "goes before" in run.ok("calendar", "hours", "mon=9-12").stderr


# --- import ----------------------------------------------------------------------------------------------------------

NEXT_YEAR = '# 2027\n[[holiday]]\nname = "元旦"\nfrom = 2027-01-01\nto = 2027-01-03\nmakeup = [2027-01-09]\n'


def test_a_toml_file_is_kept_as_it_is_and_in_force(run: Run, folder: Path, tmp_path: Path) -> None:
    run.ok("calendar", "hours", *WEEK)
    run.ok("new", "没收到卡密", "--priority", "normal", now="2026-12-31T13:59:00Z")
    before = run.ticket(1)["due"]["first_response"]
    source = tmp_path / "cn 2027.toml"
    source.write_text(NEXT_YEAR, encoding="utf-8")
    done = run.json("calendar", "import", source)
    assert done["file"] == str(folder / "cn-2027.toml") and done["name"] == "cn-2027"
    assert done["entries"] == [
        {"kind": "holiday", "from": "2027-01-01", "to": "2027-01-03", "name": "元旦", "makeup": ["2027-01-09"]}
    ]
    assert (folder / "cn-2027.toml").read_text(encoding="utf-8") == NEXT_YEAR
    assert stat.S_IMODE((folder / "cn-2027.toml").stat().st_mode) == 0o600
    assert before < "2027-01-01T12:00:00Z" and run.ticket(1)["due"]["first_response"] > "2027-01-04T01:00:00Z"
    assert run.json("calendar", "show", "2027-01-09")[0]["kind"] == "makeup"


def test_a_dry_run_shows_and_writes_nothing(run: Run, folder: Path) -> None:
    ran = run.ok("calendar", "import", "-", "--dry-run", input=NEXT_YEAR)
    assert ran.rows() == [["holiday", "2027-01-01", "2027-01-03", "元旦", "2027-01-09"]]
    assert not folder.exists() and not run.store.exists()


def test_a_file_that_is_replaced_is_kept_beside_and_told(run: Run, folder: Path) -> None:
    run.ok("calendar", "import", "-", "--name", "2027", input=NEXT_YEAR)
    assert "kept" not in run.ok("calendar", "import", "-", "--name", "2027", input=NEXT_YEAR).stderr
    ran = run.ok("calendar", "import", "-", "--name", "2027", input=NEXT_YEAR.replace("01-03", "01-02"))
    assert "2027.toml.old" in ran.stderr
    assert (folder / "2027.toml.old").read_text(encoding="utf-8") == NEXT_YEAR
    assert len(run.json("calendar", "check")) == 0  # what is kept beside counts for nothing


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("nonsense", "cannot be read"),
        ("", "nothing was imported"),
        ("dated = 2026-01-01\n", "nothing was imported"),
        ('[[holiday]]\nname = "x"\nfrom = 2027-01-02\nto = 2027-01-01\n', "stdin, line 4: holiday[1].to"),
        ('[hours]\nmon = ["9"]\n', "stdin, line 2: hours.mon"),
        ("[policy]\n", "stdin, line 1: policy"),
        ("a = " + "[" * 5000, "cannot be read"),
        ("\xff\xfe", "cannot be read"),
        (ics(), "no event"),
        (ics(event("班", "20270101")), "no holiday they make up for"),
        (ics(event("x", "20270105", "20270101")), "event 1 (x)"),
        (ics(event("x", "2027")), "DTSTART"),
        (ics(event("x", "20270101", "20290101")), "more than a year"),
        (ics(event("x", "00010101")), "year"),
        (ics("SUMMARY:x"), "DTSTART"),
        (ics(event("x", "20270101", None, "RRULE:FREQ=DAILY")), "once a year"),
        (ics(event("x", "20270101", None, "RRULE:FREQ=YEARLY;BYDAY=1MO")), "once a year"),
        (ics(event("x", "20270101", None, "RRULE:nonsense")), "once a year"),
        (ics(event("x", "20270101", None, "RDATE;VALUE=DATE:20270202")), "dates of its own"),
        (ics(event("x", "20270101"), around="BEGIN:VCALENDAR\n{}"), "stdin"),
        ("BEGIN:VCALENDAR\n" + "BEGIN:X\n" * 20_000, "stdin"),
        ("BEGIN:VCALENDAR\nEND:VEVENT\n", "no event"),
        ("BEGIN:VCALENDAR\n\x00\x01\nEND:VCALENDAR\n", "cannot be read"),
        (ics(*[event("x", "20270101")] * 5001), "5000"),
        ("#" * 1_000_001, "larger"),
    ],
)
def test_a_file_that_does_not_fit_is_one_sentence_and_changes_nothing(
    run: Run, folder: Path, text: str, told: str
) -> None:
    run.ok("calendar", "import", "-", "--name", "mine", input=NEXT_YEAR)
    ran = run("calendar", "import", "-", "--name", "mine", input=text.encode("latin-1" if "\xff" in text else "utf-8"))
    assert ran.exit_code == 2, ran.stdout
    assert told in ran.stderr and len(ran.stderr.splitlines()) == 1
    assert_harmless(ran.stderr)
    assert [path.name for path in folder.iterdir()] == ["mine.toml"]
    assert (folder / "mine.toml").read_text(encoding="utf-8") == NEXT_YEAR


def test_a_file_that_cannot_go_with_another_is_taken_back_and_the_old_rules_stay(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    run.ok("calendar", "hours", *WEEK)
    run.ok("new", "没收到卡密")
    (folder.parent / "policies.toml").write_text("[default.minutes.resolution]\nnormal = -1\n", encoding="utf-8")
    ran = run("calendar", "import", "-", "--name", "2027", input=NEXT_YEAR)
    assert ran.exit_code == 2 and "policies.toml" in ran.stderr
    assert [path.name for path in folder.iterdir()] == ["hours.toml"]
    assert run.json("calendar", "show", "2027-01-01")[0]["kind"] == "weekly"


@pytest.mark.parametrize("name", ["../evil", "a/b", "", ".hidden", "x" * 61, "-x", "a b", CURSE])
def test_a_name_that_is_no_file_name_is_refused(run: Run, folder: Path, name: str) -> None:
    ran = run("calendar", "import", "-", f"--name={name}", input=NEXT_YEAR)
    assert ran.exit_code == 2
    assert_harmless(ran.stderr)
    assert not folder.exists()


def test_a_missing_file_is_not_found(run: Run, tmp_path: Path) -> None:
    assert run("calendar", "import", tmp_path / "none.ics").exit_code == 4


def test_names_that_try_things_are_harmless_wherever_they_are_shown(run: Run, program: Program) -> None:
    cursed = "".join(letter for letter in CURSE if letter not in "\r\n\x00")
    run.ok("calendar", "hours", *WEEK)
    source = ics(event(cursed, "20261123"), event("=1+1", "20261124"))
    ran = run.ok("calendar", "import", "-", "--name", "x", input=source)
    assert_harmless(ran.stdout + ran.stderr)
    ran = run.ok("calendar", "show", "2026-11")
    assert_harmless(ran.stdout)
    assert "\t'=1+1\t" in ran.stdout
    assert_harmless(run.ok("calendar", "show", "2026-11", "--json").stdout)


# --- iCalendar -------------------------------------------------------------------------------------------------------


def test_all_day_events_become_holidays_and_the_end_is_the_day_after() -> None:
    assert holidays_of(event("国庆节", "20271001", "20271008"), event("元旦", "20270101")) == [
        ("元旦", "2027-01-01", "2027-01-01", []),
        ("国庆节", "2027-10-01", "2027-10-07", []),
    ]


def test_an_event_has_a_duration_or_an_end_on_its_own_day() -> None:
    assert holidays_of("SUMMARY:a\nDTSTART;VALUE=DATE:20270501\nDURATION:P5D", event("b", "20270601", "20270601")) == [
        ("a", "2027-05-01", "2027-05-05", []),
        ("b", "2027-06-01", "2027-06-01", []),
    ]


def test_an_event_for_each_day_becomes_one_holiday() -> None:
    days = [f"202710{day:02}" for day in range(1, 8)]
    assert holidays_of(*(event("国庆节（休）", day) for day in days), event("国庆节（班）", "20270926")) == [
        ("国庆节", "2027-10-01", "2027-10-07", ["2027-09-26"])
    ]
    numbered = [event(f"国庆节 假期 第{n}天/共7天", day) for n, day in enumerate(days, start=1)]
    assert holidays_of(*numbered, event("国庆节 补班 第1天/共1天", "20271009")) == [
        ("国庆节", "2027-10-01", "2027-10-07", ["2027-10-09"])
    ]


@pytest.mark.parametrize(
    "worked",
    [
        event("补班", "20270926"),
        event("國慶節補班", "20270926"),
        event("上班", "20270926"),
        event("调休上班", "20270926"),
        event("Make-up day", "20270926"),
        event("Working Day for National Day", "20270926"),
        event("special workday", "20270926"),
        event("国庆节", "20270926", None, "CATEGORIES:节假日,调休上班"),
        event("国庆节", "20270926", None, "CATEGORIES:x\nCATEGORIES:补班"),
    ],
)
def test_a_day_whose_name_or_category_says_work_is_a_make_up_day(worked: str) -> None:
    assert holidays_of(event("国庆节", "20271001", "20271008"), worked)[0][3] == ["2027-09-26"]


def test_a_make_up_day_goes_to_the_holiday_of_its_name_or_else_the_nearest() -> None:
    autumn, national = event("中秋节", "20260925", "20260928"), event("国庆节", "20261001", "20261008")
    found = holidays_of(autumn, national, event("国庆节（班）", "20260920"), event("班", "20261010"))
    assert [makeup for *_rest, makeup in found] == [[], ["2026-09-20", "2026-10-10"]]
    assert [makeup for *_rest, makeup in holidays_of(autumn, national, event("班", "20260920"))] == [["2026-09-20"], []]


def test_what_recurs_every_year_is_written_out_for_three() -> None:
    assert holidays_of(event("元旦", "20100101", None, "RRULE:FREQ=YEARLY")) == [
        ("元旦", f"{year}-01-01", f"{year}-01-01", []) for year in (2026, 2027, 2028)
    ]
    assert [first for _name, first, _last, _makeup in holidays_of(
        event("x", "20250501", None, "RRULE:FREQ=YEARLY;COUNT=3"), event("y", "20240229", None, "RRULE:FREQ=YEARLY"),
        event("z", "20200701", None, "RRULE:FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=1;UNTIL=20270701"),
    )] == ["2026-05-01", "2026-07-01", "2027-05-01", "2027-07-01", "2028-02-29"]  # fmt: skip


def test_events_with_a_time_cancelled_or_merely_observed_are_left_out_and_counted(run: Run) -> None:
    source = ics(
        event("元旦", "20270101"),
        "SUMMARY:meeting\nDTSTART:20270105T010000Z",
        "SUMMARY:meeting\nDTSTART;TZID=Asia/Shanghai:20270105T090000",
        event("trip", "20270201", None, "STATUS:CANCELLED"),
        event("Girls' Day", "20270307", None, "DESCRIPTION:Observance\\nTo hide observances go to Settings"),
    )
    done = run.json("calendar", "import", "-", "--name", "x", input=source)
    assert done["left_out"] == 4 and [entry["name"] for entry in done["entries"]] == ["元旦"]


def test_the_shipped_holidays_written_as_icalendar_and_read_again_are_the_same(tmp_path: Path) -> None:
    shipped = tomllib.loads((Path(calendars.__file__).parent.parent / "data/calendar/cn.toml").read_text("utf-8"))
    events = []
    for one in shipped["holiday"]:
        following = one["to"] + timedelta(days=1)
        events.append(event(one["name"], f"{one['from']:%Y%m%d}", f"{following:%Y%m%d}"))
        events += [event(f"{one['name']}（班）", f"{day:%Y%m%d}") for day in one.get("makeup", ())]
    read = calendars.read(ics(*reversed(events)).encode(), "cn.ics", TODAY)
    assert list(read.tables["holiday"]) == shipped["holiday"]


PIECES = st.sampled_from(
    [
        b"BEGIN:VCALENDAR\r\n", b"END:VCALENDAR\r\n", b"BEGIN:VEVENT\r\n", b"END:VEVENT\r\n", b"BEGIN:VTIMEZONE\r\n",
        b"DTSTART;VALUE=DATE:20270101\r\n", b"DTEND;VALUE=DATE:20270103\r\n", b"DTSTART:99991231T235959Z\r\n",
        b"DTSTART;VALUE=DATE:99991231\r\n", b"DTEND:x\r\n", b"DTSTART;TZID=../../etc/passwd:20270101T000000\r\n",
        b"DURATION:P1D\r\n", b"DURATION:-P9999999D\r\n", b"SUMMARY:\xe7\x8f\xad\r\n", b"SUMMARY:x\r\n",
        b"CATEGORIES:a,b\r\n",
        b"RRULE:FREQ=YEARLY\r\n", b"RRULE:FREQ=YEARLY;COUNT=0\r\n", b"RRULE:FREQ=YEARLY;UNTIL=x\r\n", b"RRULE:;;;=\r\n",
        b"RRULE:FREQ=YEARLY;INTERVAL=1;COUNT=2\r\n", b"EXDATE:20270101\r\n", b"STATUS:CANCELLED\r\n", b" folded\r\n",
        b"DTSTART;VALUE=PERIOD:20270101T000000Z/P1D\r\n", b"DTSTART;VALUE=TIME:120000\r\n",
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PIECES | st.binary(max_size=20), max_size=25))
def test_no_mutilated_calendar_raises_anything_but_a_sentence(pieces: list[bytes]) -> None:
    for content in (
        b"".join(pieces),
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + b"".join(pieces) + b"END:VEVENT\r\nEND:VCALENDAR\r\n",
    ):
        try:
            read = calendars.read(content, "x", TODAY)
        except UsageProblem as problem:
            assert "\n" not in str(problem)
        else:
            assert isinstance(read.tables, dict)


# --- check -----------------------------------------------------------------------------------------------------------


def test_a_sound_calendar_exits_0(run: Run) -> None:
    ran = run.ok("calendar", "check")
    assert ran.stdout == "" and "sound" in ran.stderr


def test_what_is_found_exits_10_and_what_is_only_told_does_not(run: Run) -> None:
    run.ok("calendar", "hours", *WEEK)
    ran = run.ok("calendar", "check", now="2026-10-20T00:00:00Z")
    assert {row[0] for row in ran.rows()} == {"closed_day"}
    ran = run("calendar", "check", "--json", now="2026-12-01T00:00:00Z")
    assert ran.exit_code == 10
    assert {"kind", "serious", "first", "last", "message"} == set(ran.json()[0])
    assert ran.json()[0]["kind"] == "year_without_holidays" and ran.json()[0]["first"] == "2027-01-01"


def test_a_file_is_checked_as_if_it_were_imported(run: Run, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text('[[holiday]]\nname = "trip"\nfrom = 2026-10-05\nto = 2026-10-12\n', encoding="utf-8")
    found = run("calendar", "check", path, "--json").json()
    assert {one["kind"] for one in found} == {"holidays_overlap", "makeup_in_holiday"}
    assert found[0]["first"] == "2026-10-05" and found[0]["last"] == "2026-10-07"
    assert not folder.exists()


def test_errors_in_any_file_are_one_sentence_with_file_line_and_key(run: Run, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text('[[promotion]]\nfrom = 2026-11-11\nhours = ["12:00-11:00"]\n', encoding="utf-8")
    ran = run("calendar", "check")
    assert ran.exit_code == 2 and len(ran.stderr.splitlines()) == 1
    assert f"{folder / 'mine.toml'}, line 3: promotion[1].hours" in ran.stderr


def test_a_file_of_one_s_own_is_not_laid_over_itself(run: Run, folder: Path) -> None:
    run.ok(
        "calendar",
        "import",
        "-",
        "--name",
        "mine",
        input=NEXT_YEAR + '[[promotion]]\nname = "x"\nfrom = 2027-02-01\nhours = []\n',
    )
    assert run("calendar", "check", folder / "mine.toml").exit_code == 0
