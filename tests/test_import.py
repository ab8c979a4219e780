"""What a file becomes: every good row once, every bad row set aside with why, whatever happens meanwhile."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from conftest import FIXTURES, Program, Ran, Run, sample_tickets, sql, write_jsonl
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.intake import rows as intake
from helpdesk.intake.drafts import Draft, OrderDraft, Rejected


def counts(ran: Ran) -> tuple[int, int, int, int]:
    """Read, filed, duplicates, rejected."""
    summary = ran.json()
    return summary["read"], summary["filed"], summary["duplicates"], summary["rejected"]


def imported(run: Run, rows: list[object], folder: Path, *options: object) -> Ran:
    """Import rows as a JSON-lines file."""
    return run("import", "tickets", write_jsonl(folder / "tickets.jsonl", rows), *options, "--json")


def rejects(folder: Path, name: str = "tickets.jsonl") -> list[dict[str, Any]]:
    """What was set aside."""
    return [json.loads(line) for line in (folder / f"{name}.rejects.jsonl").read_text(encoding="utf-8").splitlines()]


# --- twice is once --------------------------------------------------------------------------------------------------


def test_the_sample_shop_imported_twice_is_there_once(shop: Run) -> None:
    tickets = len(sample_tickets())
    assert shop.json("stats")["tickets"] == tickets
    again = shop.ok("import", "tickets", FIXTURES / "tickets.jsonl", "--source", "sample", "--json")
    assert counts(again) == (tickets, 0, tickets, 0)
    orders = shop.ok("import", "orders", FIXTURES / "orders.csv", "--json")
    assert counts(orders)[1:] == (0, counts(orders)[0], 0)
    articles = shop.json("kb", "import", FIXTURES / "faq.jsonl")
    assert (articles["created"], articles["updated"], articles["unchanged"]) == (0, 0, articles["read"])


def test_the_same_id_of_another_source_is_another_ticket(run: Run, tmp_path: Path) -> None:
    row = {"external_id": "1", "body": "卡密无效"}
    assert counts(imported(run, [row], tmp_path, "--source", "taobao")) == (1, 1, 0, 0)
    assert counts(imported(run, [row], tmp_path, "--source", "xianyu")) == (1, 1, 0, 0)


def test_two_equal_rows_without_an_id_are_two_tickets_and_stay_two(run: Run, tmp_path: Path) -> None:
    row = {"body": "在吗"}
    assert counts(imported(run, [row, row], tmp_path)) == (2, 2, 0, 0)
    assert counts(imported(run, [row, row], tmp_path)) == (2, 0, 2, 0)
    assert counts(imported(run, [row, row, row], tmp_path)) == (3, 1, 2, 0)


def test_an_id_given_twice_in_one_file_is_one_ticket(run: Run, tmp_path: Path) -> None:
    rows = [{"external_id": "7", "body": "一"}, {"external_id": "8", "body": "二"}, {"external_id": "7", "body": "三"}]
    assert counts(imported(run, rows, tmp_path)) == (3, 2, 1, 0)
    assert run.ticket(1)["messages"][0]["body"] == "一"
    assert counts(imported(run, rows, tmp_path)) == (3, 0, 3, 0)


def test_an_id_that_looks_like_a_row_key_takes_no_other_rows_place(run: Run, tmp_path: Path) -> None:
    imported(run, [{"body": "在吗"}], tmp_path)
    ((key,),) = sql(run.store, "SELECT import_key FROM ticket")
    assert counts(imported(run, [{"external_id": key, "body": "别的"}], tmp_path)) == (1, 1, 0, 0)


def test_an_order_that_changed_is_brought_up_to_date(run: Run, tmp_path: Path) -> None:
    order = {"order_no": "A7K2M9QX4ZP1LW8D", "amount": "9.90", "status": "paid"}
    file = write_jsonl(tmp_path / "o.jsonl", [order])
    assert counts(run.ok("import", "orders", file, "--json")) == (1, 1, 0, 0)
    assert counts(run.ok("import", "orders", file, "--json")) == (1, 0, 1, 0)
    write_jsonl(file, [order | {"status": "refunded"}])
    assert counts(run.ok("import", "orders", file, "--json")) == (1, 1, 0, 0)
    assert sql(run.store, "SELECT status, amount FROM shop_order") == [("refunded", 990)]


# --- what a row says is what is stored ------------------------------------------------------------------------------


def test_every_field_of_a_row_is_kept(run: Run, tmp_path: Path) -> None:
    row = {
        "external_id": "x-1", "subject": "卡密无效", "body": "打不开\n第二行",
        "customer": "QQ:2881063390", "name": "小明",
        "channel": "chat", "created_at": "2026-11-01T08:00:00+08:00", "category": "card_key", "priority": "urgent",
        "state": "on_hold", "order": "A7K2M9QX4ZP1LW8D", "tags": ["VIP", "two words"], "assignee": "li",
        "messages": [
            {"author": "agent", "body": "请稍等", "at": "2026-11-01T00:05:00Z"},
            {"author": "agent", "visibility": "note", "body": "问供应商"},
        ],
    }  # fmt: skip
    assert counts(imported(run, [row], tmp_path, "--source", "shop")) == (1, 1, 0, 0)
    ticket = run.ticket(1)
    for key in ("external_id", "subject", "channel", "category", "priority", "state", "order", "assignee"):
        assert ticket[key] == row[key], key
    assert ticket["source"] == "shop"
    assert ticket["customer"] == {"handle": "QQ:2881063390", "name": "小明", "tier": "normal"}
    assert ticket["created_at"] == "2026-11-01T00:00:00Z"
    assert ticket["tags"] == ["two-words", "vip"]
    assert [message["body"] for message in ticket["messages"]] == ["打不开\n第二行", "请稍等", "问供应商"]
    assert [message["visibility"] for message in ticket["messages"]] == ["public", "public", "note"]


def test_a_subject_too_long_for_a_line_is_still_found_whole(run: Run, tmp_path: Path) -> None:
    subject = "很长的主题" * 100 + "末尾的字"
    assert counts(imported(run, [{"subject": subject, "body": "短"}], tmp_path)) in ((1, 1, 0, 0), (1, 0, 0, 1))
    if run.json("list"):
        assert run.json("search", "末尾的字")
        assert "末尾的字" in run.ok("show", 1).stdout


def test_labels_of_other_keys_are_no_part_of_a_ticket(shop: Run) -> None:
    ticket = shop.ticket(1)
    assert "labels" not in json.dumps(ticket)


def test_a_category_the_shop_lacks_is_refused_or_created_as_asked(run: Run, tmp_path: Path) -> None:
    rows = [{"body": "发票呢", "category": "invoice"}]
    ran = imported(run, rows, tmp_path)
    assert (ran.exit_code, counts(ran)) == (3, (1, 0, 0, 1))
    assert "invoice" in rejects(tmp_path)[0]["reason"]
    assert counts(imported(run, rows, tmp_path, "--create-categories")) == (1, 1, 0, 0)
    assert [ticket["category"] for ticket in run.json("list", "category:invoice")] == ["invoice"]


# --- bad rows -------------------------------------------------------------------------------------------------------

BAD = {
    "not json": "{nonsense",
    "a list": "[1, 2]",
    "a number": "42",
    "a text": '"卡密"',
    "null": "null",
    "empty object": "{}",
    "blank body": {"subject": " ", "body": " \n"},
    "body a list": {"body": ["x"]},
    "body a bool": {"body": True},
    "priority unknown": {"body": "x", "priority": "extreme"},
    "state unknown": {"body": "x", "state": "lost"},
    "state merged": {"body": "x", "state": "merged"},
    "time wrong": {"body": "x", "created_at": "yesterday-ish"},
    "time far": {"body": "x", "created_at": "9999-12-31T23:59:59Z"},
    "channel unknown": {"body": "x", "channel": "pigeon"},
    "messages no list": {"body": "x", "messages": "y"},
    "message author": {"body": "x", "messages": [{"author": "ghost", "body": "y"}]},
    "order damaged": {"body": "x", "order": 4.83261020101534e17},
    "order damaged text": {"body": "x", "order": "4.83E+17"},
    "too long": {"body": "x" * 1_000_001},
    "too deep": "[" * 100_000,
    "a number too long": '{"body": ' + "1" * 5000 + "}",
    "category": {"body": "x", "category": "no such"},
    "customer too long": {"body": "x", "customer": "c" * 501},
}


def test_bad_rows_are_set_aside_with_line_and_reason_and_the_good_are_filed(run: Run, tmp_path: Path) -> None:
    rows: list[object] = [{"body": "第一"}, *BAD.values(), {"body": "最后"}]
    ran = imported(run, rows, tmp_path)
    assert ran.exit_code == 3
    assert counts(ran) == (len(rows), 2, 0, len(BAD))
    assert ran.json()["rejects_file"] == str(tmp_path / "tickets.jsonl.rejects.jsonl")
    found = rejects(tmp_path)
    assert {kind: entry["line"] for kind, entry in zip(BAD, found, strict=True)} == {k: n for n, k in enumerate(BAD, 2)}
    assert all(entry["reason"] for entry in found)
    assert "2" in ran.stderr and len(ran.stderr.splitlines()) == 1


def test_what_was_set_aside_can_be_mended_and_imported(run: Run, tmp_path: Path) -> None:
    imported(run, [{"body": "a", "priority": "extreme"}, {"body": "b"}], tmp_path)
    mended = [entry["row"] | {"priority": "high"} for entry in rejects(tmp_path)]
    assert counts(imported(run, mended, tmp_path)) == (1, 1, 0, 0)
    assert len(run.json("list")) == 2


def test_bytes_that_are_not_utf8_spoil_their_line_only(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "tickets.jsonl"
    file.write_bytes('{"body": "好"}\n'.encode() + b'{"body": "\xff\xfe"}\n\xc3\x28\n' + '{"body": "也好"}\n'.encode())
    ran = run("import", "tickets", file, "--json")
    assert (ran.exit_code, counts(ran)) == (3, (4, 2, 0, 2))
    assert [entry["line"] for entry in rejects(tmp_path)] == [2, 3]


def test_lone_surrogates_nul_and_a_megabyte_are_taken(run: Run, tmp_path: Path) -> None:
    long = "卡密无效，" * 199_999
    rows = ['{"body": "坏\\ud800字", "name": "\\udfff", "customer": "\\ud800"}', {"body": "空\x00字"}, {"body": long}]
    assert counts(imported(run, rows, tmp_path)) == (3, 3, 0, 0)
    assert run.ticket(1)["messages"][0]["body"] == "坏\ufffd字"
    assert run.ticket(2)["messages"][0]["body"] == "空\x00字"
    assert run.ticket(3)["messages"][0]["body"] == long
    assert counts(imported(run, rows, tmp_path)) == (3, 0, 3, 0)
    assert run.json("doctor")["sound"]


def test_strict_imports_nothing_when_any_row_is_bad(run: Run, tmp_path: Path) -> None:
    ran = imported(run, [{"body": "好"}, {"body": ""}, {"body": "也好"}], tmp_path, "--strict")
    assert ran.exit_code == 3
    assert ran.json()["filed"] == 0 and ran.json()["rejected"] == 1 and ran.json()["read"] == 3
    assert [entry["line"] for entry in rejects(tmp_path)] == [2]
    assert run.json("list") == []
    assert counts(imported(run, [{"body": "好"}], tmp_path, "--strict")) == (1, 1, 0, 0)


def test_a_dry_run_counts_and_stores_nothing(run: Run, tmp_path: Path) -> None:
    rows: list[object] = [
        {"body": "好"},
        {"body": ""},
        {"external_id": "1", "body": "一"},
        {"body": "新", "category": "new_one"},
    ]
    ran = imported(run, rows, tmp_path, "--dry-run", "--create-categories")
    assert (ran.exit_code, counts(ran)) == (3, (4, 3, 0, 1))
    assert not run.store.exists()
    assert not list(tmp_path.glob("*.rejects.jsonl"))
    imported(run, rows, tmp_path, "--create-categories")
    assert counts(imported(run, [*rows, {"body": "二"}], tmp_path, "--dry-run")) == (5, 1, 3, 1)
    assert run.json("stats")["tickets"] == 3


def test_a_dry_run_counts_an_id_given_twice_as_the_import_does(run: Run, tmp_path: Path) -> None:
    rows: list[object] = [{"external_id": "7", "body": "一"}, {"external_id": "7", "body": "二"}]
    dry = counts(imported(run, rows, tmp_path, "--dry-run"))
    assert dry == counts(imported(run, rows, tmp_path))


@pytest.mark.parametrize("what", ["orders", "kb"])
def test_a_dry_run_of_orders_and_articles_stores_nothing(run: Run, what: str) -> None:
    words = (
        ["import", "orders", FIXTURES / "orders.csv"] if what == "orders" else ["kb", "import", FIXTURES / "faq.jsonl"]
    )
    assert run.json(*words, "--dry-run")["read"] > 50
    assert not run.store.exists()


def test_stdin_is_a_file_too(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = run("import", "tickets", "-", "--json", input='{"body": "好"}\n{"body": ""}\n')
    assert (ran.exit_code, counts(ran)) == (3, (2, 1, 0, 1))
    assert ran.json()["rejects_file"] == "stdin.rejects.jsonl"
    csv = run("import", "tickets", "-", "--format", "csv", "--json", input="subject,body\n发货,没到\n")
    assert counts(csv) == (1, 1, 0, 0)
    assert counts(run("import", "orders", "-", "--json", input='{"order_no": "A1"}\n')) == (1, 1, 0, 0)
    assert run.json("kb", "import", "-", input='{"id":"a","question":"q","answer":"a"}\n')["created"] == 1


def test_an_empty_file_is_no_error(run: Run, tmp_path: Path) -> None:
    for name in ("e.jsonl", "e.csv"):
        (tmp_path / name).write_bytes(b"")
        assert counts(run.ok("import", "tickets", tmp_path / name, "--json")) == (0, 0, 0, 0)


def test_a_folder_in_place_of_a_file_is_a_sentence(run: Run, tmp_path: Path) -> None:
    ran = run("import", "tickets", tmp_path)
    assert ran.exit_code in (2, 4)
    assert len(ran.stderr.splitlines()) == 1


# --- CSV ------------------------------------------------------------------------------------------------------------

TABLE = [
    ["external_id", "subject", "body", "customer"],
    ["1", "卡密无效", '第一行\n第二行 "引号", 逗号', "QQ:12345678"],
    ["2", "没到账", "付了款", ""],
]


def as_csv(separator: str) -> str:
    """The table as a spreadsheet writes it."""
    return "".join(separator.join('"' + cell.replace('"', '""') + '"' for cell in row) + "\r\n" for row in TABLE)


@pytest.mark.parametrize(
    ("encoding", "separator"),
    [("utf-8", ","), ("utf-8-sig", ","), ("gb18030", ","), ("utf-16", "\t"), ("utf-8", ";"), ("gb18030", "\t")],
)
def test_a_spreadsheet_is_read_in_the_encodings_it_writes(
    run: Run, tmp_path: Path, encoding: str, separator: str
) -> None:
    file = tmp_path / "tickets.csv"
    file.write_bytes(as_csv(separator).encode(encoding))
    assert counts(run.ok("import", "tickets", file, "--json")) == (2, 2, 0, 0)
    ticket = run.ticket(1)
    assert ticket["external_id"] == "1" and ticket["subject"] == "卡密无效"
    assert ticket["messages"][0]["body"].replace("\r\n", "\n") == TABLE[1][2]
    assert ticket["customer"]["handle"] == "QQ:12345678"


def test_csv_rows_of_the_wrong_width_and_open_quotes_are_set_aside(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("subject,body\n好,一\n多,了,格\n也好,二\n", encoding="utf-8")
    ran = run("import", "tickets", file, "--json")
    assert (ran.exit_code, counts(ran)) == (3, (3, 2, 0, 1))
    assert rejects(tmp_path, "t.csv")[0]["line"] == 3
    file.write_text('subject,body\n好,"没关\n' + "行\n" * 5000, encoding="utf-8")
    ran = run("import", "tickets", file, "--json")
    assert (ran.exit_code, ran.json()["filed"]) == (3, 0)


@pytest.mark.parametrize("damaged", ["4.83E+17", "4.83261E+17", "1e12"])
def test_an_order_number_a_spreadsheet_damaged_is_refused(run: Run, tmp_path: Path, damaged: str) -> None:
    file = tmp_path / "o.csv"
    file.write_text(
        f"order_no,platform,amount\nA7K2M9QX4ZP1LW8D,dujiaoka,9.90\n{damaged},acg-faka,1\n", encoding="utf-8"
    )
    ran = run("import", "orders", file, "--json")
    assert (ran.exit_code, counts(ran)) == (3, (2, 1, 0, 1))
    (reject,) = rejects(tmp_path, "o.csv")
    assert reject["line"] == 3 and "order_no" in reject["reason"]


def test_an_order_number_wrapped_against_the_spreadsheet_is_unwrapped(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "o.csv"
    file.write_text(
        'order_no,amount\n"=""483261020101533917""",1\n\'483261020101533918,2\n\t483261020101533919,"1,234.50"\n'
    )
    assert counts(run.ok("import", "orders", file, "--json")) == (3, 3, 0, 0)
    assert sql(run.store, "SELECT order_no, amount FROM shop_order ORDER BY 1") == [
        ("483261020101533917", 100), ("483261020101533918", 200), ("483261020101533919", 123450)
    ]  # fmt: skip


BAD_ORDERS = [
    {},
    {"order_no": ""},
    {"order_no": 4.8e17},
    {"order_no": ["a"]},
    {"order_no": "a", "amount": "much"},
    {"order_no": "a", "amount": "NaN"},
    {"order_no": "a", "quantity": "-1"},
    {"order_no": "a", "created_at": "?"},
]


def test_bad_orders_are_set_aside(run: Run, tmp_path: Path) -> None:
    ran = run("import", "orders", write_jsonl(tmp_path / "o.jsonl", [*BAD_ORDERS, {"order_no": "ok-1"}]), "--json")
    assert (ran.exit_code, counts(ran)) == (3, (len(BAD_ORDERS) + 1, 1, 0, len(BAD_ORDERS)))
    assert [entry["line"] for entry in rejects(tmp_path, "o.jsonl")] == list(range(1, len(BAD_ORDERS) + 1))


def test_bad_articles_are_set_aside(run: Run, tmp_path: Path) -> None:
    good = {"id": "a", "question": "q", "answer": "a"}
    spoilt = [
        {"id": ""},
        {"id": "a b"},
        {"answer": " "},
        {"aliases": "x"},
        {"state": "lost"},
        {"translations": [1]},
        {"translations": {"xx": "y"}},
        {"category": "No Such!"},
    ]
    bad = [{}, *(good | spoiler for spoiler in spoilt)]
    ran = run("kb", "import", write_jsonl(tmp_path / "kb.jsonl", [*bad, good]), "--json")
    assert (ran.exit_code, ran.json()["created"], ran.json()["rejected"]) == (3, 1, len(bad))


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_TICKET_KEYS = """
external_id subject body customer name channel created_at category priority state order tags assignee messages
""".split()
_TICKET_ROWS = st.fixed_dictionaries({}, optional=dict.fromkeys(_TICKET_KEYS, _VALUES))
_ORDER_ROWS = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        "order_no platform product quantity amount currency status created_at paid_at contact".split(), _VALUES
    ),
)


@settings(max_examples=60, deadline=None)
@given(_TICKET_ROWS, _ORDER_ROWS)
def test_any_row_is_either_taken_or_rejected(ticket: dict[str, Any], order: dict[str, Any]) -> None:
    for read, row, kind in ((lambda row: intake.ticket(row, "x"), ticket, Draft), (intake.order, order, OrderDraft)):
        try:
            assert isinstance(read(row), kind)
        except Rejected as reason:
            assert str(reason)


def test_any_rows_that_are_taken_can_be_stored(run: Run, tmp_path: Path) -> None:
    """A hundred rows of the strangest texts, found by hypothesis once and kept."""
    strange = [
        "\x00",
        "\ud800",
        "\U0001f468\u200d\U0001f469",
        "\u202e",
        "'",
        '"',
        "%s",
        "{0}",
        "\\",
        "\r",
        "a" * 499,
        "٣",
        "\ufeff",
        "𠮷野家",
    ]
    fields = ("external_id", "subject", "body", "customer", "name", "order", "assignee", "tags")
    rows = [json.dumps({"body": f"{n}"} | {field: text}) for n, text in enumerate(strange) for field in fields]
    ran = imported(run, rows, tmp_path)
    assert ran.exit_code in (0, 3)
    read, filed, duplicates, rejected = counts(ran)
    assert read == len(rows) == filed + duplicates + rejected and filed > 80
    assert counts(imported(run, rows, tmp_path)) == (read, 0, filed + duplicates, rejected)
    assert run.json("doctor")["sound"]


# --- accidents and company ------------------------------------------------------------------------------------------


def stored(store: Path) -> int:
    """How many tickets are committed, seen by somebody who only reads; 0 while there is no table."""
    if not store.exists():
        return 0
    try:
        with closing(sqlite3.connect(f"{store.as_uri()}?mode=ro", uri=True, timeout=5)) as connection:
            return int(connection.execute("SELECT count(*) FROM ticket").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def test_an_import_killed_after_any_commit_is_completed_by_running_it_again(program: Program, tmp_path: Path) -> None:
    rows = [{"external_id": str(n), "body": f"第{n}张卡密无效"} for n in range(3000)]
    rows += [{"body": "一样的行"} for _ in range(200)]
    file = write_jsonl(tmp_path / "big.jsonl", rows)
    kills = 0
    for _attempt in range(3):
        before = stored(program.store)
        child = program.start_silent("import", "tickets", file)
        deadline = time.monotonic() + 40
        while stored(program.store) == before and child.poll() is None and time.monotonic() < deadline:
            time.sleep(0.002)
        child.kill()
        child.wait()
        kills += child.returncode == -signal.SIGKILL
        for orphan in running_on(file):  # their own promise is the next test's
            os.kill(orphan, signal.SIGKILL)
        now = stored(program.store)
        assert now > before and (now % 1000 == 0 or now == len(rows)), "a batch is stored whole or not at all"
    assert kills == 3
    before = stored(program.store)
    done = program.run("import", "tickets", file, "--json")
    assert done.exit_code == 0, done.stderr
    assert counts(done) == (len(rows), len(rows) - before, before, 0)
    assert stored(program.store) == len(rows)
    assert sql(program.store, "SELECT count(*), count(DISTINCT external_id) FROM ticket WHERE external_id <> ''") == [
        (3000, 3000)
    ]
    assert sql(program.store, "SELECT count(*) FROM message") == [(len(rows),)]
    assert Run(program.store).json("doctor")["sound"]
    assert len(Run(program.store).json("search", "第2999张", "--limit", 5)) == 1


def running_on(file: Path) -> list[int]:
    """The processes whose command line names a file of this test."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if str(file).encode() in entry.read_bytes():
                found.append(int(entry.parent.name))
    return found


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs /proc")
def test_a_killed_import_leaves_no_process_behind(program: Program, tmp_path: Path) -> None:
    file = write_jsonl(tmp_path / "t.jsonl", [{"external_id": str(n), "body": f"{n} 没收到"} for n in range(7000)])
    child = program.start_silent("import", "tickets", file)
    while stored(program.store) < 2000 and child.poll() is None:
        time.sleep(0.005)
    child.kill()
    child.wait()
    deadline = time.monotonic() + 5
    while (left := running_on(file)) and time.monotonic() < deadline:
        time.sleep(0.1)
    for process in left:
        os.kill(process, signal.SIGKILL)
    assert left == []


def test_four_processes_import_into_one_store_and_nothing_is_lost(program: Program, tmp_path: Path) -> None:
    files = [
        write_jsonl(
            tmp_path / f"{name}.jsonl",
            [{"external_id": str(n), "body": f"{name} {n} 没收到", "customer": f"buyer{n % 50}"} for n in range(500)],
        )
        for name in "abcd"
    ]
    children = [program.start("import", "tickets", file, "--source", file.stem, "--json") for file in files]
    for child in children:
        out, err = child.communicate(timeout=60)
        assert child.returncode == 0, err
        assert err == b""
        assert json.loads(out)["filed"] == 500
    assert sql(program.store, "SELECT source, count(*) FROM ticket GROUP BY 1 ORDER BY 1") == [
        (name, 500) for name in "abcd"
    ]
    assert sql(program.store, "SELECT count(*), count(DISTINCT number) FROM ticket") == [(2000, 2000)]
    assert sql(program.store, "SELECT count(*) FROM customer") == [(50,)]
    assert Run(program.store).json("doctor")["sound"]


def test_reading_goes_on_while_an_import_runs(program: Program, tmp_path: Path) -> None:
    file = write_jsonl(tmp_path / "t.jsonl", [{"external_id": str(n), "body": f"{n} 没收到"} for n in range(2500)])
    child = program.start_silent("import", "tickets", file)
    try:
        while child.poll() is None:
            ran = Run(program.store)("list", "--limit", 3)
            assert ran.exit_code == 0, ran.stderr
            time.sleep(0.02)
    finally:
        child.kill()
        child.wait()
    assert stored(program.store) == 2500


def test_ctrl_c_ends_an_import_with_130_and_what_was_committed_stays(program: Program, tmp_path: Path) -> None:
    file = write_jsonl(tmp_path / "t.jsonl", [{"external_id": str(n), "body": f"{n} 没收到"} for n in range(8000)])
    child = program.start("import", "tickets", file)
    while stored(program.store) == 0 and child.poll() is None:
        time.sleep(0.005)
    child.send_signal(signal.SIGINT)
    _out, err = child.communicate(timeout=30)
    assert child.returncode == 130, err
    assert b"Traceback" not in err
    assert stored(program.store) % 1000 == 0 and 0 < stored(program.store) < 8000
    assert Run(program.store).json("doctor")["sound"]


INTERRUPTED_WHILE_FREEING = """
import os, signal, sys, time
import helpdesk.cli
from helpdesk.__main__ import main

class Freed:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        for _step in range(1000):
            pass

def command():
    Freed()
    time.sleep(20)

helpdesk.cli.app = command
try:
    main()
except KeyboardInterrupt:
    sys.exit(130)
"""


def test_ctrl_c_that_comes_while_something_is_freed_is_not_lost(program: Program) -> None:
    words = (sys.executable, "-c", INTERRUPTED_WHILE_FREEING, "import")
    done = subprocess.run(words, env=program.environment(), capture_output=True, timeout=15)
    assert (done.returncode, done.stderr) == (130, b"")


def test_after_an_import_nothing_is_left_in_the_log_file(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "many.jsonl"
    lines = (json.dumps({"external_id": f"n{n}", "body": f"卡密打不开 {n}"}) for n in range(2500))
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    run.ok("import", "tickets", source)
    log = run.store.with_name(run.store.name + "-wal")
    assert not log.exists() or not log.stat().st_size
