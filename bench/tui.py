"""The terminal interface through a pseudo-terminal: how long a person waits for the screen."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from math import inf
from pathlib import Path

from bench.measure import Row, median, p95
from bench.stores import Stores, command, environment
from bench.terminal import CLEAR, DOWN, ESCAPE, Terminal
from helpdesk.clock import parse_time, to_millis
from helpdesk.errors import UsageProblem
from helpdesk.store import Store
from helpdesk.views import counts, query, tickets

ROUNDS = 11
KEYS = 100
FRAME = 1 / 60
NOW = to_millis(parse_time("2026-11-20T00:05:00Z"))

MINIMAL = """
from textual.app import App
from textual.widgets import Static
class Minimal(App):
    def compose(self):
        yield Static("minimal app")
Minimal().run()
"""

TABLE = """
from textual.app import App
from textual.widgets import DataTable
class Table(App):
    def compose(self):
        yield DataTable(cursor_type="row")
    def on_mount(self):
        table = self.query_one(DataTable)
        table.add_columns("#", "due", "priority", "mood", "category", "subject", "customer", "order", "match")
        for n in range(1000):
            table.add_row(n, "3 h late", "high", "neutral", "card key", f"the subject of row {n}", "QQ:12345",
                          "DJ20261020112530418827", "can be answered")
        table.focus()
Table().run()
"""

QUERIES = (
    "state:closed",
    "category:payment",
    "category:card_key state:closed",
    "band:answer",
    "priority:high",
    "priority:>=normal mood:negative",
    "lang:en",
    "channel:email state:new",
    "卡密",
    "退款",
    "number:4321",
    "created:<3d category:delivery",
)

Start = Callable[[], Terminal]


def start(stores: Stores) -> Iterator[Row]:
    """The time from the command to the first ticket on the screen."""
    large, small = _ours(stores.large), _ours(stores.small)
    apps: dict[str, tuple[Start, str]] = {
        "large": (large, str(_first_subject(stores.large))),
        "small": (small, str(_first_subject(stores.small))),
        "minimal": (_python(MINIMAL), "minimal app"),
    }
    seconds: dict[str, list[float]] = {name: [] for name in apps}
    for turn in range(ROUNDS + 1):
        for name, (begin, sign) in apps.items():
            with begin() as terminal:
                shown = terminal.until_shown(sign)
                if turn:
                    seconds[name].append(shown - terminal.begun)
    times = {name: median(taken) for name, taken in seconds.items()}
    many = f"{stores.large_count:,}"
    yield Row(f"start to first content, {many} tickets", f"itself on {stores.small_count:,}",
              times["large"] / times["small"], 1.15)  # fmt: skip
    yield Row(
        f"start to first content, {many} tickets", "a minimal Textual app", times["large"] / times["minimal"], 1.5
    )


def keys(stores: Stores) -> Iterator[Row]:
    """Key down until the frame is drawn, beside a DataTable, the two taking turns; then a query, and memory."""
    with ExitStack() as open_:
        ours = open_.enter_context(_ours(stores.large)())
        table = open_.enter_context(_python(TABLE)())
        minimal = open_.enter_context(_python(MINIMAL)())
        ours.until_shown(str(_first_subject(stores.large)))
        table.until_shown("the subject of row 0")
        minimal.until_shown("minimal app")
        down: dict[Terminal, list[float]] = {ours: [], table: []}
        for terminal in down:
            terminal.settle(0.5)
        for turn in range(KEYS + 5):
            for terminal, taken in down.items():
                seconds = _key(terminal)
                if turn >= 5:
                    taken.append(seconds)
        key = p95(down[ours])
        yield Row("key down to repaint, p95", "`DataTable` of 1,000 rows", key / p95(down[table]), 0.7)
        typed = p95(list(_queries(ours, stores.large)))
        many = f"{stores.large_count:,}"
        yield Row(f"query typed to list repainted, p95, {many} tickets", "six frames of 60 Hz", typed / (6 * FRAME), 1)
        yield Row(f"query typed to list repainted, p95, {many} tickets", "key down to repaint, p95", typed / key, inf)
        yield Row(
            f"peak memory, {many} tickets", "a minimal Textual app", ours.peak_memory() / minimal.peak_memory(), 1.6
        )


def _key(terminal: Terminal) -> float:
    terminal.settle()
    since = len(terminal.written)
    return -terminal.press(DOWN) + terminal.until_frame(since)


def _queries(terminal: Terminal, store: Path) -> Iterator[float]:
    """For each query, the seconds from its last letter until the first ticket it finds is on the screen."""
    for asked in QUERIES:
        first, before = _first_subject(store, asked), _first_subject(store, asked[:-1])
        if first is None or first == before or first == _first_subject(store):
            continue
        terminal.press(b"/")
        terminal.settle(0.3)
        terminal.press(CLEAR)
        terminal.settle(0.3)
        for letter in asked[:-1]:
            terminal.press(letter)
            terminal.settle(0.1)
        terminal.settle(0.5)
        since = len(terminal.written)
        yield -terminal.press(asked[-1]) + terminal.until_shown(first, since)
        terminal.settle(0.3)
        terminal.press(ESCAPE)
        terminal.settle(0.5)


def _first_subject(store: Path, words: str = "state:new,open") -> str | None:
    """The beginning of the subject that stands first in the list of a query; None where it finds none or is none."""
    with Store(store).read() as connection:
        scope = query.Scope(NOW, "", tuple(counts.categories(connection)))
        try:
            found = tickets.page(connection, query.parse(words, scope), NOW, limit=1).tickets
        except UsageProblem:
            return None
    return str(found[0]["subject"])[:6] if found else None


def _ours(store: Path) -> Start:
    return lambda: Terminal([command()], environment(store))


def _python(code: str) -> Start:
    return lambda: Terminal([sys.executable, "-c", code], _bare())


def _bare() -> Mapping[str, str]:
    return environment(Path("none.db"))
