"""Service levels: the report as a whole process on a large store, and deriving every clock anew."""

from __future__ import annotations

import resource
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from bench.measure import Row, interleaved, median, process, python
from bench.stores import Stores, command, environment, helpdesk

ROUNDS = 11


def report(stores: Stores) -> Iterator[Row]:
    """`sla report`, top 50, on the large store, against the barest Python that can read it."""
    words = ("sla", "report", "--limit", "50")
    seconds = interleaved(
        {"report": process(command(), *words, env=environment(stores.large)), "bare": python("import sqlite3")}, ROUNDS
    )
    ratio = median(seconds["report"]) / median(seconds["bare"])
    yield Row(f"`sla report` top 50, {stores.large_count:,} tickets", "`python -c 'import sqlite3'`", ratio, 5)


def recompute(stores: Stores) -> Iterator[Row]:
    """`sla recompute` under another policy as a whole process, against reading every event once in this one."""
    store = stores.empty("recompute")
    shutil.copy(stores.large, store)
    reading = min(_reading(store) for _each in range(2))
    begun = time.perf_counter()
    helpdesk("sla", "policy", "use", "tmall", store=store)
    used = time.perf_counter() - begun
    yield Row(f"`sla recompute`, {stores.large_count:,} tickets", "reading their events", used / reading, 3)
    begun = time.perf_counter()
    helpdesk("sla", "recompute", "--all", store=store)
    everything = time.perf_counter() - begun
    yield Row(
        f"`sla recompute --all`, {stores.large_count:,} tickets", "reading their events", everything / reading, None
    )
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    yield Row("peak memory of both, MB", "300", peak, 300)
    store.unlink()


def _reading(store: Path) -> float:
    """Seconds to read every event of every ticket, ticket by ticket."""
    with closing(sqlite3.connect(store)) as connection:
        begun = time.perf_counter()
        for _row in connection.execute("SELECT ticket_number, kind, at, detail FROM event ORDER BY ticket_number, id"):
            pass
        return time.perf_counter() - begun
