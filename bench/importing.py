"""Importing tickets with everything on, against reading the same file and inserting its rows into a bare table."""

from __future__ import annotations

import json
import resource
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from bench import rows
from bench.measure import Row
from bench.stores import Stores, command, environment

COUNT = 100_000
KEYS = ("external_id", "subject", "body", "customer", "channel", "created_at", "order", "state")


def throughput(stores: Stores) -> Iterator[Row]:
    """Rows a second against the bare insert, and the memory of the largest process."""
    stores.folder.mkdir(parents=True, exist_ok=True)
    source = stores.folder / "import.jsonl"
    rows.write(source, COUNT, seed=7, finished=False)
    bare = _bare(source, stores.folder / "bare.db")
    store = stores.fresh("import")
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    begun = time.perf_counter()
    subprocess.run(
        (command(), "import", "tickets", str(source)), env=environment(store), check=True, capture_output=True
    )
    ours = time.perf_counter() - begun
    peak = max(before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024
    yield Row(
        f"`import tickets`, {COUNT:,} rows: throughput",
        "`json.loads` + `executemany`",
        bare / ours,
        0.10,
        at_most=False,
    )
    yield Row(f"`import tickets`, {COUNT:,} rows: peak memory, MB", "(absolute)", peak, 300)


def _bare(source: Path, target: Path) -> float:
    target.unlink(missing_ok=True)
    begun = time.perf_counter()
    connection = sqlite3.connect(target)
    connection.execute(f"CREATE TABLE ticket ({', '.join(f'{key!r} TEXT' for key in KEYS)})")
    with source.open(encoding="utf-8") as file, connection:
        values = (tuple(map(row.get, KEYS)) for row in map(json.loads, file))
        connection.executemany("INSERT INTO ticket VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
    connection.close()
    return time.perf_counter() - begun
