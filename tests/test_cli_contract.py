"""What a script may rely on: the commands, their JSON, their exit codes, and where the words go."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sinks
from conftest import FIXTURES, NOW, Run, invoke, sql, write_jsonl

from helpdesk import config
from helpdesk.cli import ENTRIES, Entry

TICKET_KEYS = set(
    "number subject state category category_confidence priority urgency mood language channel customer order assignee"
    " team tags created_at updated_at due overdue source external_id version".split()
)
SHOWN_KEYS = TICKET_KEYS | {"messages", "matches", "band", "events"}
VERDICT_KEYS = set("id language category category_confidence priority urgency mood identifiers band matches".split())
IMPORT_KEYS = {"read", "filed", "duplicates", "rejected", "rejects_file"}
LATE_KEYS = {"number", "subject", "priority", "clock", "due_at", "late_minutes"}
MATCH_KEYS = {"article", "question", "probability", "reasons"}

COMMANDS_OF_THE_ISSUE = """
new list next search show explain suggest answer reply note receive set snooze hold resolve close reopen spam triage
import_tickets import_orders kb_import kb_list kb_show kb_search kb_add kb_edit kb_publish kb_archive kb_export
sla_report status stats doctor db_path demo rate kb_gaps kb_lint kb_unlearn concept_add concept_list concept_show
concept_test calendar_show calendar_hours calendar_import calendar_check sla_explain sla_replay sla_recompute
sla_policy_list sla_policy_show sla_policy_check sla_policy_use outbox_list outbox_send outbox_retry outbox_test
sla_cron-line
""".split()


def leaves(entries: tuple[Entry, ...] = ENTRIES, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of every command that does something."""
    for entry in entries:
        if entry.children:
            yield from leaves(entry.children, (*above, entry.name))
        else:
            yield (*above, entry.name)


def groups(entries: tuple[Entry, ...] = ENTRIES) -> list[tuple[str, ...]]:
    """The words of every group."""
    return [(), *((entry.name,) for entry in entries if entry.children)]


COMMANDS = list(leaves())


def named(words: tuple[str, ...]) -> str:
    return "_".join(words) or "helpdesk"


def test_every_command_of_the_issue_is_in_the_registry() -> None:
    assert set(COMMANDS_OF_THE_ISSUE) <= set(map(named, COMMANDS))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("words", [*COMMANDS, *groups()], ids=named)
def test_every_command_explains_itself(words: tuple[str, ...], language: str) -> None:
    ran = invoke(None, "--lang", language, *words, "--help")
    assert ran.exit_code == 0, ran.stderr
    assert ran.stderr == ""
    assert " ".join(("helpdesk", *words)) in " ".join(ran.stdout.split())


def test_help_needs_no_store_and_makes_none(run: Run) -> None:
    run.ok("list", "--help")
    assert not run.store.exists()


def test_helpdesk_alone_without_a_terminal_prints_the_help_and_exits_2(run: Run) -> None:
    ran = run()
    assert ran.exit_code == 2
    assert "list" in ran.stdout and "import" in ran.stdout


@pytest.mark.parametrize("group", ["kb", "sla", "import", "db"])
def test_a_group_alone_says_which_commands_it_has_and_exits_2(run: Run, group: str) -> None:
    ran = run(group)
    assert ran.exit_code == 2
    assert "--help" in ran.stdout + ran.stderr


# --- JSON -----------------------------------------------------------------------------------------------------------


def arguments(words: tuple[str, ...], folder: Path) -> list[object]:
    """A harmless call of each command on the sample shop, where ticket 1 is new and has matches."""
    rows = write_jsonl(folder / "rows.jsonl", [{"external_id": "a", "body": "没收到卡密"}])
    orders = write_jsonl(folder / "orders.jsonl", [{"order_no": "A1B2C3D4E5F6G7H8", "amount": "9.90"}])
    article = {"id": "x", "category": "other", "question": "几点上班", "answer": "九点"}
    articles = write_jsonl(folder / "kb.jsonl", [article])
    policies = folder / "policies.toml"
    policies.write_text('[default]\nquery = "tag:vip"\n', encoding="utf-8")
    holidays = folder / "holidays.toml"
    holidays.write_text('[[holiday]]\nname = "元旦"\nfrom = 2027-01-01\n', encoding="utf-8")
    return {
        "list": [], "next": [], "search": ["卡密"], "show": [1], "explain": [1], "sla_report": [], "sla_explain": [1],
        "sla_replay": ["--policy", "tmall"], "sla_recompute": [], "sla_policy_list": [],
        "sla_policy_show": ["faka-24h"], "sla_policy_check": [policies], "sla_policy_use": ["promise"],
        "new": ["无法登录"], "status": ["7kq2m 9xwpa"],
        "triage": ["付款了没收到卡密"], "import_tickets": [rows], "import_orders": [orders],
        "set": [1, "--priority", "high"], "snooze": [1, "--until", "2h"], "hold": [1], "resolve": [1], "close": [1],
        "reopen": [1], "spam": [1], "rate": [1, 5], "undo": [], "suggest": [1], "answer": [1, "--article", "faq-001"],
        "reply": [1, "您好"],
        "receive": [1, "还没有收到"], "note": [1, "等供应商"], "kb_list": [], "kb_show": ["faq-001"],
        "kb_search": ["没收到"], "kb_add": ["--question", "营业到几点", "--answer", "二十二点"],
        "kb_edit": ["faq-001", "--question", "付了钱没有卡密"], "kb_publish": ["faq-001"], "kb_archive": ["faq-001"],
        "kb_import": [articles], "kb_export": [], "stats": [], "demo": ["--db", folder / "demo.db"], "doctor": [],
        "learn": [],
        "kb_eval": [FIXTURES / "evaluation" / "seen.jsonl"],
        "kb_gaps": [], "kb_lint": [], "kb_unlearn": ["faq-001", "--all"],
        "concept_add": ["my_plush", "企鹅抱枕"], "concept_list": ["卡密"], "concept_show": ["paid_no_key"],
        "concept_test": ["没收到卡密"],
        "calendar_show": ["2026-10"], "calendar_hours": ["mon-sun=09:00-22:00"], "calendar_import": [holidays],
        "calendar_check": [], "db_path": [], "reset-terminal": [],
        "sla_cron-line": [], "outbox_list": [], "outbox_send": [], "outbox_retry": ["--dead"], "outbox_test": [],
    }[named(words)]  # fmt: skip


def prepare(words: tuple[str, ...], shop: Run) -> None:
    """Bring ticket 1 into a state from which the step may be taken."""
    if words in (("reopen",), ("rate",), ("undo",)):
        shop.ok("close", 1)
    if words == ("status",):
        sql(shop.store, "UPDATE ticket SET code = '7KQ2M9XWPA' WHERE number = 1")
    if words == ("outbox", "test"):
        hook = '[[sender]]\nname = "buzz"\nkind = "exec"\ncommand = ["/bin/true"]\n'
        sinks.write_settings(config.config_folder(), hook)


@pytest.mark.parametrize("words", COMMANDS, ids=named)
def test_every_command_with_json_prints_exactly_one_document(words: tuple[str, ...], shop: Run, tmp_path: Path) -> None:
    prepare(words, shop)
    ran = shop.ok(*words, *arguments(words, tmp_path), "--json")
    assert isinstance(ran.json(), dict | list)
    assert ran.stdout.endswith("\n")


def test_a_listed_ticket_has_the_keys_of_the_contract(shop: Run) -> None:
    found = shop.json("list", "--limit", 5)
    assert len(found) == 5
    for ticket in found:
        assert set(ticket) >= TICKET_KEYS
        assert set(ticket["due"]) == {"first_response", "next_response", "resolution"}
    with_customer = shop.ticket(1)["customer"]
    assert set(with_customer) == {"handle", "name", "tier"}


@pytest.mark.parametrize("words", [["show", 1], ["next"], ["new", "无法登录"]], ids=str)
def test_a_shown_ticket_has_the_keys_of_the_contract(shop: Run, words: list[object]) -> None:
    ticket = shop.json(*words)
    assert set(ticket) >= SHOWN_KEYS
    assert set(ticket["messages"][0]) >= {"author", "visibility", "body", "at"}
    assert all(set(match) >= MATCH_KEYS for match in ticket["matches"])


def test_times_in_json_are_utc_with_a_z(shop: Run) -> None:
    ticket = shop.ticket(1)
    assert ticket["created_at"] == "2026-11-18T00:04:37Z"
    assert ticket["messages"][0]["at"].endswith("Z")
    assert shop.json("sla", "report")["now"] == NOW


def test_a_search_result_is_a_ticket(shop: Run) -> None:
    assert all(set(found) >= TICKET_KEYS for found in shop.json("search", "卡密"))


def test_a_verdict_has_the_keys_of_the_contract(shop: Run) -> None:
    verdict = shop.json("triage", "付款了没收到卡密 订单483261020101533917")
    assert set(verdict) >= VERDICT_KEYS
    assert all(set(found) >= {"kind", "value", "confidence"} for found in verdict["identifiers"])
    assert verdict["identifiers"] and verdict["matches"]
    assert all(set(match) >= MATCH_KEYS for match in verdict["matches"])


def test_triage_answers_a_line_for_a_line_in_the_order_of_the_input(shop: Run) -> None:
    texts = [
        {"id": f"t{n}", "text": text} for n, text in enumerate(["没收到卡密", "谢谢", "", "where is my key?"] * 60)
    ]
    ran = shop.ok("triage", "--jsonl", input="".join(json.dumps(t) + "\n" for t in texts))
    verdicts = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [verdict["id"] for verdict in verdicts] == [text["id"] for text in texts]
    assert all(set(verdict) >= VERDICT_KEYS and len(verdict["matches"]) <= 10 for verdict in verdicts)


def test_triage_judges_every_good_line_beside_bad_ones_and_exits_3(shop: Run) -> None:
    ran = shop("triage", "--jsonl", input='{"id": 1, "text": "没收到卡密"}\n[]\n{"id": 3}\n{"id": 4, "text": "谢谢"}\n')
    assert ran.exit_code == 3
    assert [json.loads(line)["id"] for line in ran.stdout.splitlines()] == [1, 4]
    assert "2" in ran.stderr and "3" in ran.stderr


def test_triage_stores_nothing(run: Run) -> None:
    run.ok("triage", "没收到卡密")
    assert not run.store.exists()


def test_an_import_summary_has_the_keys_of_the_contract(run: Run, tmp_path: Path) -> None:
    for what in ("tickets", "orders"):
        row = {"external_id": "1", "body": "卡密无效", "order_no": "A7K2M9QX4ZP1LW8D"}
        assert set(run.json("import", what, write_jsonl(tmp_path / f"{what}.jsonl", [row]))) >= IMPORT_KEYS
    assert set(run.json("kb", "import", FIXTURES / "faq.jsonl")) >= IMPORT_KEYS


def test_the_sla_report_has_the_keys_of_the_contract(shop: Run) -> None:
    report = shop.json("sla", "report")
    assert set(report) >= {"now", "overdue", "due_soon", "counts"}
    assert report["overdue"]
    assert all(set(row) >= LATE_KEYS for row in (*report["overdue"], *report["due_soon"]))
    late = [row["late_minutes"] for row in report["overdue"]]
    assert late == sorted(late, reverse=True)
    assert report["counts"]["overdue"] == len(report["overdue"])


def test_options_may_stand_before_the_command_too(shop: Run) -> None:
    assert shop.ok("--json", "show", 1).json() == shop.json("show", 1)


def test_an_empty_list_is_an_empty_array(run: Run) -> None:
    assert run.json("list") == []
    assert run.json("search", "卡") == []


# --- exit codes -----------------------------------------------------------------------------------------------------

WRONG_USAGE = [
    ["list", "--nonsense"],
    ["lst"],
    ["kb", "lst"],
    ["list", "stat:open"],
    ["list", "state:opne"],
    ["list", "created:soonish"],
    ["list", "--sort", "colour"],
    ["list", "--limit", "0"],
    ["list", "--limit", "many"],
    ["list", "--after", "rubbish"],
    ["show"],
    ["show", "seven"],
    ["show", "1", "2"],
    ["rate", "1"],
    ["rate", "1", "6"],
    ["search"],
    ["import", "tickets"],
    ["import", "tickets", "tickets.jsonl", "--format", "xml"],
    ["set", "1"],
    ["set", "1", "--priority", "extreme"],
    ["set", "1", "--category", "delivry"],
    ["set", "1", "--mood", "furious"],
    ["snooze", "1"],
    ["snooze", "1", "--until", "whenever"],
    ["snooze", "1", "--until", "2020-01-01"],
    ["close"],
    ["close", "1", "--query", "state:new"],
    ["note", "1", "  "],
    ["sla", "report", "--soon", "later"],
    ["sla", "cron-line", "--every", "7"],
    ["outbox", "list", "--dead", "--sent"],
    ["outbox", "retry"],
    ["outbox", "retry", "1", "--dead"],
    ["sla", "report", "--fail-on", "fire"],
    ["new", "--channel", "pigeon", "x"],
    ["new", "--priority", "extreme", "x"],
    ["new", "--category", "delivry", "x"],
    ["kb", "list", "--state", "lost"],
    ["kb", "add", "--answer", "x"],
]


@pytest.mark.parametrize("words", WRONG_USAGE, ids=" ".join)
def test_wrong_usage_exits_2_with_a_sentence_and_changes_nothing(shop: Run, words: list[str]) -> None:
    before = shop.store.read_bytes()
    ran = shop(*words)
    assert ran.exit_code == 2
    assert ran.stdout == ""
    assert 1 <= len(ran.stderr.splitlines()) <= 2
    assert shop.store.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "query"),
    [
        *((["close"], query) for query in ("", "  ", '""', "!!!", "。", '"" ""', "-")),
        *((words, query) for words in (["spam"], ["set", "--priority", "low"]) for query in ("", "!!!")),
    ],
    ids=str,
)
def test_a_query_without_content_never_means_every_ticket_for_a_command_that_changes(
    shop: Run, words: list[str], query: str
) -> None:
    ran = shop(*words, "--query", query)
    assert ran.exit_code == 2
    assert shop.json("stats")["by_state"].get("new", 0) > 100
    assert sql(shop.store, "SELECT count(*) FROM operation WHERE kind IN ('close', 'spam', 'set')") == [(0,)]


def test_a_mistyped_command_or_option_gets_a_suggestion(run: Run) -> None:
    assert "list" in run("lits").stderr
    assert "--limit" in run("list", "--limt", "3").stderr


def test_some_bad_rows_exit_3(run: Run, tmp_path: Path) -> None:
    ran = run("import", "tickets", write_jsonl(tmp_path / "t.jsonl", [{"body": "好"}, {"body": ""}]))
    assert ran.exit_code == 3


NOT_FOUND = [
    ["show", "9999"],
    ["explain", "9999"],
    ["suggest", "9999"],
    ["answer", "9999"],
    ["answer", "9999", "--article", "faq-001"],
    ["answer", "1", "--article", "no-such"],
    ["reply", "9999", "x"],
    ["receive", "9999", "x"],
    ["note", "9999", "x"],
    ["set", "9999", "--priority", "low"],
    ["close", "9999"],
    ["close", "99999999999999999999999"],
    ["show", "99999999999999999999999"],
    ["show", "-1"],
    ["close", "1", "9999"],
    ["rate", "9999", "5"],
    ["close", "--query", "tag:nobody-has-this"],
    ["kb", "show", "no-such"],
    ["kb", "edit", "no-such", "--question", "x"],
    ["kb", "publish", "no-such"],
    ["kb", "archive", "no-such"],
    ["import", "tickets", "no/such/file.jsonl"],
    ["import", "orders", "no/such/file.csv"],
    ["kb", "import", "no/such/file.jsonl"],
    ["next", "tag:nobody-has-this"],
]


@pytest.mark.parametrize("words", NOT_FOUND, ids=" ".join)
def test_what_is_not_there_exits_4_with_a_sentence_and_changes_nothing(shop: Run, words: list[str]) -> None:
    before = sql(shop.store, "SELECT count(*) FROM operation")
    ran = shop(*words) if words != ["show", "-1"] else shop("show", "--", "-1")
    assert ran.exit_code == 4
    assert ran.stdout == ""
    assert len(ran.stderr.splitlines()) == 1
    assert sql(shop.store, "SELECT count(*) FROM operation") == before


def test_an_illegal_step_exits_5_and_names_the_allowed_ones(shop: Run) -> None:
    shop.ok("close", 1)
    ran = shop("resolve", 1)
    assert ran.exit_code == 5
    assert "closed" in ran.stderr and "reopen" in ran.stderr
    assert shop.ticket(1)["state"] == "closed"


def test_a_rating_before_the_end_exits_5(shop: Run) -> None:
    assert shop("rate", 1, 5).exit_code == 5


def unsure(shop: Run) -> int:
    """A ticket no article fits."""
    return int(shop.json("new", "我想问一下你们老板的猫叫什么名字")["number"])


def test_an_answer_in_band_unsure_exits_5_unless_an_article_is_named(shop: Run) -> None:
    number = unsure(shop)
    assert shop.ticket(number)["band"] == "unsure"
    ran = shop("answer", number)
    assert ran.exit_code == 5
    assert f"suggest {number}" in ran.stderr or f"reply {number}" in ran.stderr
    assert shop.ticket(number)["state"] == "new"
    shop.ok("answer", number, "--article", "faq-001")
    assert shop.ticket(number)["state"] == "pending"


def test_an_article_that_is_not_published_exits_5_unless_sent_anyway(shop: Run) -> None:
    shop.ok("kb", "archive", "faq-001")
    assert shop("answer", 1, "--article", "faq-001").exit_code == 5
    shop.ok("answer", 1, "--article", "faq-001", "--send-anyway")


@pytest.mark.parametrize(
    ("words", "mine"),
    [
        (["set", 1, "--priority", "low"], "low"),
        (["close", 1], "closed"),
        (["resolve", 1], "resolved"),
        (["reply", 1, "您好"], "pending"),
        (["answer", 1, "--article", "faq-001"], "pending"),
    ],
    ids=str,
)
def test_a_stale_version_exits_6_and_shows_both_values(shop: Run, words: list[object], mine: str) -> None:
    seen = shop.ticket(1)["version"]
    shop.ok("hold", 1)
    shop.ok("set", 1, "--priority", "urgent")
    ran = shop(*words, "--if-version", seen)
    assert ran.exit_code == 6
    theirs = "urgent" if "--priority" in words else "on_hold"
    assert theirs in ran.stderr and mine in ran.stderr
    ticket = shop.ticket(1)
    assert (ticket["state"], ticket["priority"], len(ticket["messages"])) == ("on_hold", "urgent", 1)


def test_the_version_seen_lets_a_change_through_once(shop: Run) -> None:
    seen = shop.ticket(1)["version"]
    shop.ok("set", 1, "--priority", "low", "--if-version", seen)
    assert shop("set", 1, "--priority", "high", "--if-version", seen).exit_code == 6


UNUSABLE_PROBES = [["list"], ["show", "1"], ["new", "x"], ["close", "1"], ["doctor"], ["stats"], ["kb", "list"]]


@pytest.mark.parametrize("words", UNUSABLE_PROBES, ids=" ".join)
@pytest.mark.parametrize("kind", ["newer", "text", "foreign", "directory"])
def test_a_store_that_cannot_be_used_exits_7_and_is_left_alone(run: Run, kind: str, words: list[str]) -> None:
    path = run.store
    path.parent.mkdir()
    if kind == "newer":
        run.ok("new", "x")
        sql(path, "PRAGMA user_version = 99")
    elif kind == "text":
        path.write_text("These are my notes, not a database. " * 40)
    elif kind == "foreign":
        with closing(sqlite3.connect(path)) as other:
            other.execute("CREATE TABLE recipe (name TEXT)")
    else:
        path.mkdir()
    before = path.read_bytes() if path.is_file() else None
    ran = run(*words)
    assert ran.exit_code == 7, ran
    assert ran.stdout == ""
    assert len(ran.stderr.splitlines()) == 1
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_store_below_a_file_exits_7(run: Run) -> None:
    run.store.parent.write_text("a file")
    assert run("new", "x").exit_code == 7


def test_a_newer_store_is_refused_with_what_to_do(run: Run) -> None:
    run.ok("new", "x")
    sql(run.store, "PRAGMA user_version = 99")
    assert "upgrade" in run("list").stderr


def test_the_report_fails_when_asked_to_and_something_is_overdue(shop: Run) -> None:
    assert shop("sla", "report").exit_code == 0
    failed = shop("sla", "report", "--fail-on", "overdue", "--json")
    assert failed.exit_code == 10
    assert failed.json()["counts"]["overdue"] > 0
    assert shop("sla", "report", "--fail-on", "overdue", "--query", "tag:none-such").exit_code == 0


def test_the_report_does_not_fail_while_nothing_is_overdue(run: Run) -> None:
    run.ok("new", "卡密无效")
    assert run("sla", "report", "--fail-on", "overdue").exit_code == 0
    assert run("sla", "report", "--fail-on", "overdue", now="2026-12-20T08:00:00Z").exit_code == 10


@pytest.mark.parametrize(
    ("words", "exit_code", "code"),
    [
        (["list", "--nonsense"], 2, "usage"),
        (["list", "stat:open"], 2, "usage"),
        (["lst"], 2, "usage"),
        (["show", "9999"], 4, "not_found"),
        (["rate", "1", "5"], 5, "not_allowed"),
        (["close", "1", "--if-version", "77"], 6, "conflict"),
    ],
    ids=str,
)
def test_with_json_an_error_is_one_object_on_stderr_and_stdout_stays_empty(
    shop: Run, words: list[str], exit_code: int, code: str
) -> None:
    ran = shop(*words, "--json")
    assert ran.exit_code == exit_code
    assert ran.stdout == ""
    assert ran.error()["code"] == code
    assert ran.error()["message"]


def test_an_unusable_store_is_an_error_object_too(run: Run) -> None:
    run.store.parent.mkdir()
    run.store.write_text("notes " * 400)
    assert run("list", "--json").error()["code"] == "store"


# --- the store ------------------------------------------------------------------------------------------------------


def test_db_names_the_store_before_the_environment_does(run: Run, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    run.ok("new", "x", "--db", other)
    assert other.exists() and not run.store.exists()
    assert run.ok("db", "path", "--db", other).stdout == f"{other}\n"


def test_the_store_is_private_to_its_owner(run: Run) -> None:
    run.ok("new", "x")
    for file in run.store.parent.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file


def test_a_store_with_an_awkward_name_works(tmp_path: Path) -> None:
    odd = Run(tmp_path / "店 #1?mode=rw&x=%41.db")
    odd.ok("new", "x")
    assert len(odd.json("list")) == 1
    assert [file.name for file in tmp_path.glob("店*.db")] == [odd.store.name]


def test_the_doctor_finds_a_fresh_shop_sound(shop: Run) -> None:
    report = shop.json("doctor")
    assert report["sound"] is True
    assert {"integrity", "journal", "schema", "sqlite", "mode"} <= {check["name"] for check in report["checks"]}


def test_the_demo_never_touches_the_users_store(shop: Run, tmp_path: Path) -> None:
    before = shop.store.read_bytes()
    summary = shop.json("demo")
    assert summary["tickets"] >= 200 and summary["answered"] > 0 and summary["closed"] > 0
    assert shop.store.read_bytes() == before
    assert Path(summary["store"]) != shop.store
    assert shop("demo", "--db", shop.store).exit_code == 5
    assert shop.store.read_bytes() == before


# --- paging ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sort", ["urgency", "due", "created", "updated"])
def test_pages_show_every_ticket_once_in_one_order(shop: Run, sort: str) -> None:
    whole = shop.json("list", "--ids", "--limit", 1000, "--sort", sort)
    paged, cursor = [], ""
    for _page in range(20):
        ran = shop.ok("list", "--ids", "--json", "--limit", 50, "--sort", sort, "--after", cursor)
        paged += ran.json()
        if "--after" not in ran.stderr:
            break
        cursor = ran.stderr.split("--after ")[1].split()[0]
    assert paged == whole
    assert len(set(whole)) == len(whole) == shop.json("stats")["tickets"]


def test_ids_alone_can_be_piped_into_a_command(shop: Run) -> None:
    numbers = shop.ok("list", "state:new", "lang:ko", "--ids").stdout.split()
    changed = shop.json("set", *numbers, "--tag", "korean")
    assert changed["changed"] == len(numbers) > 1
    assert len(shop.json("list", "tag:korean")) == len(numbers)
