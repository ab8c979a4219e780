"""What a command does not import, it does not wait for: reads are plain sqlite3, the help is only the help."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from helpdesk.desk import Desk, filing
from helpdesk.intake.drafts import Draft
from helpdesk.store import Store

ROOT = Path(__file__).parent.parent
DEAR_TO_READS = ("sqlalchemy", "sqlmodel", "pydantic", "textual", "rich", "rapidfuzz", "tomllib")
DEAR_TO_HELP = ("sqlalchemy", "sqlmodel", "textual")
NAMES = "\n__names__ "

DRIVER = f"""
import atexit, json, sys
atexit.register(lambda: sys.stderr.write({NAMES!r} + json.dumps(sorted(name for name in sys.modules))))
from helpdesk.cli import app
app()
"""


@pytest.fixture(scope="module")
def store_with_two_tickets(tmp_path_factory):
    path = tmp_path_factory.mktemp("shop") / "shop.db"
    desk = Desk(Store(path), "mei", lambda: datetime(2026, 11, 22, 3, tzinfo=UTC))
    filing.file(desk, Draft(body="卡密打不开，显示已被使用", customer="QQ:12345678", order_no="483261118074521218"))
    filing.file(desk, Draft(body="付款了没发货", customer="wx_tang"))
    return path


def run(path, *words):
    """The exit code, the talk on stderr, and the names of all modules a command line has loaded by its end."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HELPDESK_DB": str(path), "HELPDESK_NOW": "2026-11-22T09:00Z"}
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, *words], capture_output=True, text=True, env=environment, timeout=60
    )
    talk, _mark, names = done.stderr.rpartition(NAMES)
    return done.returncode, talk + done.stdout, {name.partition(".")[0] for name in json.loads(names)}


READS = [
    ["list"],
    ["list", "--json", "state:open,new", "priority:>=normal"],
    ["list", "卡密"],
    ["show", "1"],
    ["show", "1", "--json"],
    ["next"],
    ["next", "--json"],
    ["sla", "report"],
    ["sla", "report", "--json", "--soon", "2h"],
    ["outbox", "list"],
    ["outbox", "list", "--dead", "--json"],
    ["sla", "cron-line"],
    ["search", "卡密"],
    ["search", "卡密", "--json"],
]


@pytest.mark.parametrize("words", READS, ids=" ".join)
def test_a_read_in_a_pipe_imports_neither_the_orm_nor_the_screen(store_with_two_tickets, words):
    code, output, modules = run(store_with_two_tickets, *words)
    assert code == 0, output
    assert not modules & set(DEAR_TO_READS)


def test_what_a_customer_is_told_imports_neither_the_orm_nor_the_screen(store_with_two_tickets):
    with closing(sqlite3.connect(store_with_two_tickets)) as connection:
        (public_code,) = connection.execute("SELECT code FROM ticket").fetchone()
    code, output, modules = run(store_with_two_tickets, "status", public_code)
    assert code == 0, output
    assert not modules & {"sqlalchemy", "sqlmodel", "pydantic", "textual", "rich"}


@pytest.mark.parametrize("words", [["list"], ["next"], ["sla", "report"]], ids=" ".join)
def test_a_read_before_there_is_a_store_imports_no_orm_either(tmp_path, words):
    code, output, modules = run(tmp_path / "none" / "yet.db", *words)
    assert code in (0, 4), output
    assert not modules & set(DEAR_TO_READS)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("words", [["show", "99"], ["list", "colour:red"]], ids=" ".join)
def test_a_read_that_fails_imports_no_orm_either(store_with_two_tickets, words):
    code, _output, modules = run(store_with_two_tickets, *words)
    assert code in (2, 4)
    assert not modules & {"sqlalchemy", "sqlmodel", "pydantic", "textual"}


@pytest.mark.parametrize("words", [["--help"], ["list", "--help"], ["new", "--help"], ["kb", "--help"]], ids=" ".join)
def test_help_imports_no_orm_and_no_terminal_interface(tmp_path, words):
    code, output, modules = run(tmp_path / "none.db", *words)
    assert code == 0, output
    assert not modules & set(DEAR_TO_HELP)


def test_the_version_is_told_without_opening_anything(tmp_path):
    code, output, modules = run(tmp_path / "none.db", "--version")
    assert code == 0
    assert output.startswith("helpdesk ")
    assert not modules & {*DEAR_TO_READS}


@pytest.mark.parametrize("words", [["triage"], ["triage", "--json"]], ids=" ".join)
def test_judging_one_text_waits_for_neither_numpy_nor_rapidfuzz_nor_the_orm(store_with_two_tickets, words):
    text = "付了款没发货，订单号A7K2M9QX4ZP1LW8D。另外卡密打不开；when do I get my money back? 还有发票怎么开"
    code, output, modules = run(store_with_two_tickets, *words, text)
    assert code == 0, output
    assert not modules & {"numpy", "rapidfuzz", "sqlalchemy", "sqlmodel", "pydantic"}


def test_judging_by_a_learnt_model_imports_neither_numpy_nor_the_orm(tmp_path):
    store = tmp_path / "learnt.db"
    rows = [{"external_id": n, "body": f"{w} {n}", "category": w} for n in range(15) for w in ("coupons", "repairs")]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row | {"external_id": str(place)}) + "\n"
                                                 for place, row in enumerate(rows)), encoding="utf-8")  # fmt: skip
    for words in (["import", "tickets", str(tmp_path / "rows.jsonl"), "--create-categories"], ["learn"]):
        code, output, modules = run(store, *words)
        assert code == 0, output
    assert "numpy" in modules
    code, output, modules = run(store, "triage", "coupons please", "--json")
    assert code == 0
    assert '"coupons"' in output
    assert not modules & {"numpy", "sqlalchemy", "sqlmodel"}


FIRST_PAINT = """
import asyncio, json, sys
from pathlib import Path
from helpdesk.store import Store
from helpdesk.tui.app import HelpdeskApp

async def look():
    app = HelpdeskApp(Store(Path(sys.argv[1])))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        await app.workers.wait_for_complete()
        assert len(app.screen.list.listing) == 2
        print(json.dumps(sorted(name for name in sys.modules)))
    app.office.close()

asyncio.run(look())
"""


def test_the_terminal_interface_shows_the_queue_without_the_orm(store_with_two_tickets):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HELPDESK_NOW": "2026-11-22T09:00Z"}
    done = subprocess.run(
        [sys.executable, "-c", FIRST_PAINT, str(store_with_two_tickets)],
        capture_output=True, text=True, env=environment, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    modules = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert not modules & {"sqlalchemy", "sqlmodel", "pydantic", "numpy", "rapidfuzz"}
    assert "typer" not in modules
