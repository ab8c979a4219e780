"""A ticket that tries everything reaches terminal, pipe and JSON as text and nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from conftest import FIXTURES, Program, Run, hostile_ticket, invoke, write_jsonl

CURSE = (
    "\x1b[38;5;199m\x1b]52;c;aGFja2Vk\x07\x1b[2J\x1bc\x9b31m\x90q\x9c"
    "\u202e321CBA\u202c\u2066x\u2069\u061c\x00\x7f\u2028\r[/dev/usb] [red]"
)
"""Colours, the clipboard, clearing the screen, C1 controls, directions, NUL, and markup."""

_OURS = re.compile(r"\x1b\[[0-9;]*m")
_FOREIGN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def assert_harmless(written: str, on_terminal: bool = False) -> None:
    """No control of somebody else's; colours only on a terminal, and only the program's own."""
    assert "\x1b[38;5;199m" not in written
    if on_terminal:
        written = _OURS.sub("", written).replace("\r\n", "\n")
    assert (found := _FOREIGN.search(written)) is None, (
        hex(ord(found[0])),
        written[max(0, found.start() - 60) :][:120],
    )
    assert "\r" not in written


def cursed_row() -> dict[str, Any]:
    """An import row with the curse in every field that takes free text."""
    fields = ("subject", "body", "customer", "name", "assignee", "order", "external_id")
    return {field: f"卡密 {CURSE} {field}" for field in fields} | {
        "tags": [f"tag{CURSE}"],
        "messages": [
            {"author": "agent", "body": f"回复 {CURSE}"},
            {"author": "agent", "visibility": "note", "body": CURSE},
        ],
    }


@pytest.fixture(scope="session")
def _cursed_store(_one_cache_for_all: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cursed")
    run = Run(folder / "cursed.db")
    run.ok("kb", "import", FIXTURES / "faq.jsonl")
    article = {"id": "cursed", "category": "card_key", "question": f"卡密 {CURSE} 打不开", "answer": f"请重试 {CURSE}"}
    article |= {"aliases": [CURSE], "translations": {"en": {"question": CURSE, "answer": CURSE}}}
    run.ok("kb", "import", write_jsonl(folder / "kb.jsonl", [article]))
    order = {"order_no": "A7K2M9QX4ZP1LW8D", "product": f"卡 {CURSE}", "platform": CURSE, "contact": CURSE}
    run.ok("import", "orders", write_jsonl(folder / "orders.jsonl", [order]))
    rows = [hostile_ticket(), cursed_row(), {"body": f"没收到 {CURSE}", "order": "A7K2M9QX4ZP1LW8D"}]
    run.ok("import", "tickets", write_jsonl(folder / "tickets.jsonl", rows))
    run.ok("new", f"卡密 {CURSE.replace(chr(0), '')}", "--body", "-", input=hostile_ticket()["body"])
    run.ok("set", 3, "--team", CURSE, "--assignee", CURSE, "--tag", CURSE)
    run.ok("close", 4, "--reason", CURSE)
    return run.store


@pytest.fixture
def cursed(_cursed_store: Path) -> Run:
    """The program on a store in which everything is hostile; only for reading."""
    return Run(_cursed_store)


READING = [
    ["list"],
    ["list", "--sort", "created", "-v"],
    ["next"],
    ["search", "卡密"],
    *(["show", n] for n in "1234"),
    ["show", "2", "-v"],
    ["explain", "1"],
    ["explain", "2"],
    ["suggest", "1"],
    ["suggest", "2"],
    ["sla", "report"],
    ["stats"],
    ["kb", "list"],
    ["kb", "show", "cursed"],
    ["kb", "search", "卡密"],
    ["triage", f"卡密 {CURSE.replace(chr(0), '')}"],
]

LATER = "2026-12-20T08:00:00Z"


@pytest.mark.parametrize("words", READING, ids=lambda words: " ".join(words)[:20])
def test_hostile_text_is_harmless_in_a_pipe(cursed: Run, words: list[str]) -> None:
    ran = cursed.ok(*words, now=LATER)
    assert ran.stdout
    assert_harmless(ran.stdout)
    assert_harmless(ran.stderr)


@pytest.mark.parametrize("words", READING, ids=lambda words: " ".join(words)[:20])
def test_hostile_text_is_harmless_in_json(cursed: Run, words: list[str]) -> None:
    ran = cursed.ok(*words, "--json", now=LATER)
    assert_harmless(ran.stdout)
    ran.json()


@pytest.mark.parametrize("words", READING, ids=lambda words: " ".join(words)[:20])
def test_hostile_text_is_harmless_on_a_terminal(cursed: Run, tmp_path: Path, words: list[str]) -> None:
    code, screen = Program(tmp_path / "home", cursed.store).on_terminal(*words, HELPDESK_NOW=LATER)
    assert code == 0, screen
    assert len(screen) > 10
    assert_harmless(screen, on_terminal=True)


def test_markup_in_a_ticket_is_shown_as_it_was_written(cursed: Run, tmp_path: Path) -> None:
    _code, screen = Program(tmp_path / "home", cursed.store).on_terminal("show", 1, columns=200)
    assert "[/dev/usb] [red]" in _OURS.sub("", screen)
    assert "{order_no.__class__}" in screen and "%s {0}" in screen


def test_json_gives_the_exact_body_back(cursed: Run) -> None:
    body = hostile_ticket()["body"]
    assert "\x00" in body
    assert cursed.ticket(1)["messages"][0]["body"] == body
    assert cursed.ticket(2)["messages"][0]["body"] == cursed_row()["body"]


def test_a_body_typed_in_is_kept_exactly(cursed: Run) -> None:
    assert cursed.ticket(4)["messages"][0]["body"] == hostile_ticket()["body"]


def test_jsonl_is_harmless_and_exact(cursed: Run) -> None:
    for words in (["list"], ["search", "卡密"], ["kb", "list"], ["kb", "export"]):
        ran = cursed.ok(*words, *([] if "export" in words else ["--jsonl"]))
        assert_harmless(ran.stdout)
        assert all(isinstance(json.loads(line), dict) for line in ran.stdout.split("\n")[:-1])


def test_an_exported_article_comes_back_as_it_was(cursed: Run, run: Run, tmp_path: Path) -> None:
    exported = cursed.ok("kb", "export").stdout
    file = tmp_path / "kb.jsonl"
    file.write_text(exported, encoding="utf-8")
    run.ok("kb", "import", file)
    assert run.ok("kb", "export").stdout == exported


def test_an_answer_sends_hostile_facts_of_the_order_harmlessly(cursed: Run, run: Run, tmp_path: Path) -> None:
    from conftest import copy_store

    run.store.parent.mkdir()
    copy_store(cursed.store, run.store)
    for words in (["answer", 3, "--article", "cursed"], ["reply", 2, CURSE], ["receive", 2, CURSE], ["note", 2, CURSE]):
        ran = run.ok(*words)
        assert_harmless(ran.stdout)
        assert_harmless(ran.stderr)


ERRORS = [
    ["list", f"state:{CURSE}"],
    ["list", f"created:{CURSE}"],
    ["show", CURSE],
    [CURSE],
    ["list", f"--{CURSE}"],
    ["list", "--sort", CURSE],
    ["list", "--after", CURSE],
    ["kb", "show", CURSE],
    ["import", "tickets", f"/no/{CURSE}"],
    ["set", "1", "--category", CURSE],
    ["set", "1", "--priority", CURSE],
    ["snooze", "1", "--until", CURSE],
    ["list", "--db", f"/dev/null/{CURSE}"],
]


@pytest.mark.parametrize("words", ERRORS, ids=lambda words: " ".join(words)[:16].encode("unicode_escape").decode())
@pytest.mark.parametrize("json_too", [[], ["--json"]], ids=["words", "json"])
def test_an_error_repeats_hostile_words_harmlessly(cursed: Run, words: list[str], json_too: list[str]) -> None:
    ran = cursed(*(word.replace("\x00", "") for word in words), *json_too)
    assert ran.exit_code in (2, 4, 7) or words[1] == "--db"
    assert ran.stderr
    assert_harmless(ran.stderr)


def test_a_rejected_hostile_row_is_reported_harmlessly(run: Run, tmp_path: Path) -> None:
    rows = [
        {"body": "x", "priority": CURSE},
        {"body": "x", "category": CURSE},
        {"body": "x", "created_at": CURSE},
        CURSE,
    ]
    file = write_jsonl(tmp_path / "t.jsonl", rows)
    ran = run("import", "tickets", file)
    assert ran.exit_code == 3
    assert_harmless(ran.stdout)
    assert_harmless(ran.stderr)
    assert_harmless(Path(f"{file}.rejects.jsonl").read_text(encoding="utf-8"))


def test_an_agent_of_a_hostile_name_is_harmless(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run.ok("new", "x")
    monkeypatch.setenv("HELPDESK_USER", CURSE.replace("\x00", ""))
    from typer.testing import CliRunner

    from helpdesk.cli import app

    assert CliRunner().invoke(app, ["reply", "1", "好"], env={"HELPDESK_DB": str(run.store)}).exit_code == 0
    assert_harmless(run.ok("show", 1).stdout)


def test_a_hostile_name_of_the_store_is_harmless(tmp_path: Path) -> None:
    store = tmp_path / CURSE.replace("\x00", "").replace("/", "") / "x.db"
    for words in (["list"], ["doctor"], ["db", "path"], ["show", "1"]):
        ran = invoke(store, *words)
        assert_harmless(ran.stdout)
        assert_harmless(ran.stderr)
