"""Whole processes: how long the user waits for a read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.measure import Row, interleaved, median, process, python
from bench.stores import Stores, command, environment
from helpdesk.store import Store

READS = {
    "list": ("list",),
    "show": ("show", "5000"),
    "next": ("next",),
    "sla report": ("sla", "report", "--limit", "50"),
}
BARE = "`python -c 'import sqlite3'`"
ROUNDS = 21


def reads(store: Path) -> dict[str, tuple[str, ...]]:
    """The reads measured on a store; `status` asks for its newest ticket, which waits."""
    with Store(store).read() as connection:
        (code,) = connection.execute("SELECT code FROM ticket ORDER BY number DESC LIMIT 1").fetchone()
    return READS | {"status": ("status", code)}


def start(stores: Stores) -> Iterator[Row]:
    """Reads and the help against the barest Python that can read the store."""
    asked = reads(stores.small)
    tasks = {name: process(command(), *words, env=environment(stores.small)) for name, words in asked.items()}
    tasks |= {"bare": python("import sqlite3"), "--help": process(command(), "--help", env=environment(stores.small))}
    seconds = interleaved(tasks, ROUNDS)
    bare = median(seconds["bare"])
    for name in asked:
        yield Row(
            f"`{name}`, {stores.small_count:,} tickets", "`python -c 'import sqlite3'`", median(seconds[name]) / bare, 5
        )
    yield Row("`--help`", "`python -c 'import sqlite3'`", median(seconds["--help"]) / bare, 10)


def scale(stores: Stores) -> Iterator[Row]:
    """Reads on the large store against the same on the small one."""
    for name, words in reads(stores.large).items():
        small = reads(stores.small)[name]
        seconds = interleaved(
            {
                "small": process(command(), *small, env=environment(stores.small)),
                "large": process(command(), *words, env=environment(stores.large)),
            },
            ROUNDS,
        )
        ratio = median(seconds["large"]) / median(seconds["small"])
        yield Row(
            f"`{name}`, {stores.large_count:,} tickets",
            f"itself on {stores.small_count:,}",
            ratio,
            2 if name == "status" else 1.2,  # it looks at up to 1,500 answers and 1,000 places; the small one has few
        )
