"""Queries inside one process, on the large store, against what SQLite does without our indexes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

from bench.measure import Row, interleaved, median, p95
from bench.stores import Stores
from helpdesk.clock import parse_time, to_millis
from helpdesk.store import Store
from helpdesk.views import tickets
from helpdesk.views.compliance import compliance
from helpdesk.views.query import Query

NOW = to_millis(parse_time("2026-11-20T00:05:00Z"))
TOP = (
    "SELECT number FROM ticket WHERE due_resolution IS NOT NULL AND due_resolution < ? ORDER BY due_resolution LIMIT 50"
)
SCAN = "SELECT number FROM ticket NOT INDEXED WHERE +due_resolution < ? ORDER BY +due_resolution LIMIT 50"
YEAR_BEFORE = NOW - 366 * 86_400_000
JOIN = (
    "SELECT t.category, o.clock, o.result, count(*) FROM outcome o JOIN ticket t ON t.number = o.ticket_number"
    " WHERE o.ended_at >= ? GROUP BY 1, 2, 3"
)
LIKE = "SELECT ticket_number FROM message WHERE body LIKE ? ORDER BY id DESC"


def overdue(stores: Stores) -> Iterator[Row]:
    """The fifty most overdue tickets through the partial index, against a full scan."""
    with Store(stores.large).read() as connection:
        assert connection.execute(TOP, (NOW,)).fetchall() == connection.execute(SCAN, (NOW,)).fetchall()
        seconds = interleaved(
            {"index": _many(connection, TOP, 100), "scan": lambda: connection.execute(SCAN, (NOW,)).fetchall()}, 5
        )
    ratio = median(seconds["index"]) / 100 / median(seconds["scan"])
    yield Row(f"overdue top 50 of {stores.large_count:,}", "full scan", ratio, 1 / 500)


def _many(connection: sqlite3.Connection, statement: str, times: int) -> Callable[[], None]:
    def run() -> None:
        for _turn in range(times):
            connection.execute(statement, (NOW,)).fetchall()

    return run


def search(stores: Stores) -> Iterator[Row]:
    """Two-character Chinese words, frequent and rare, as `search` finds them, against a LIKE scan for the same."""
    words = "退款 卡密 订单 充值 客服 到账 账号 寄售 提现 发票 序號 退費 封号 补货 佣金".split()
    ours: list[float] = []
    scans: list[float] = []
    with Store(stores.large).read() as connection:
        for word in words:
            seconds = interleaved({"ours": lambda word=word: tickets.find(connection, [word], NOW)}, 5)
            ours += seconds["ours"]
        for word in words[:5]:
            seconds = interleaved({"scan": lambda word=word: connection.execute(LIKE, (f"%{word}%",)).fetchall()}, 1)
            scans += seconds["scan"]
    yield Row(
        f"two-character Chinese search, p95, {stores.large_count:,}", "`LIKE` scan", p95(ours) / median(scans), 1 / 100
    )


def promises(stores: Stores) -> Iterator[Row]:
    """Promises kept in a year, by category, against the plain join that sorts every outcome."""
    with Store(stores.large).read() as connection:
        seconds = interleaved(
            {
                "ours": lambda: compliance(connection, Query(), NOW, YEAR_BEFORE, "category"),
                "join": lambda: connection.execute(JOIN, (YEAR_BEFORE,)).fetchall(),
            },
            3,
        )
    ratio = median(seconds["ours"]) / median(seconds["join"])
    yield Row(
        f"promises kept by category, {stores.large_count:,} tickets", "joining and sorting outcomes", ratio, 1 / 2
    )
