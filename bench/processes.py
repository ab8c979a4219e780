"""Whole processes: how long the user waits for a read."""

from __future__ import annotations

from collections.abc import Iterator

from bench.measure import Row, interleaved, median, process, python
from bench.stores import Stores, command, environment

READS = {
    "list": ("list",),
    "show": ("show", "5000"),
    "next": ("next",),
    "sla report": ("sla", "report", "--limit", "50"),
}
BARE = "`python -c 'import sqlite3'`"
ROUNDS = 21


def start(stores: Stores) -> Iterator[Row]:
    """Reads and the help against the barest Python that can read the store."""
    tasks = {name: process(command(), *words, env=environment(stores.small)) for name, words in READS.items()}
    tasks |= {"bare": python("import sqlite3"), "--help": process(command(), "--help", env=environment(stores.small))}
    seconds = interleaved(tasks, ROUNDS)
    bare = median(seconds["bare"])
    for name in READS:
        yield Row(
            f"`{name}`, {stores.small_count:,} tickets", "`python -c 'import sqlite3'`", median(seconds[name]) / bare, 5
        )
    yield Row("`--help`", "`python -c 'import sqlite3'`", median(seconds["--help"]) / bare, 10)


def scale(stores: Stores) -> Iterator[Row]:
    """Reads on the large store against the same on the small one."""
    for name, words in READS.items():
        seconds = interleaved(
            {
                "small": process(command(), *words, env=environment(stores.small)),
                "large": process(command(), *words, env=environment(stores.large)),
            },
            ROUNDS,
        )
        ratio = median(seconds["large"]) / median(seconds["small"])
        yield Row(f"`{name}`, {stores.large_count:,} tickets", f"itself on {stores.small_count:,}", ratio, 1.2)
