"""Two terminal interfaces and an import on one store: how long a key waits for the screen, beside a store at rest."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from itertools import cycle
from pathlib import Path

from bench import rows
from bench.measure import Row, median, p95
from bench.stores import Stores, command, environment
from bench.terminal import DOWN, SIZE, Terminal
from helpdesk.store import Store

EVERY = 0.08
"""Seconds between two keys, whatever the screen does: who waits for the screen before the next key misses a freeze."""

AT_REST = 12.0
"""Seconds that keys are pressed on the store at rest, and beside bare work."""

IMPORTED = 6_000
FREEZE = 0.1
SETTINGS = ("import", "tickets", "--source", "busy")
UP = b"\x1b[A"
NAMES = ("mei", "bob")

SPIN = "while True: pass"


def keys(stores: Stores) -> Iterator[Row]:
    """Keys on both interfaces, pressed all the while: at rest, beside as many processes that only reckon, importing.

    The middle one tells what two cores do to any program; what is beyond it is the store's, or ours.
    """
    store, source = _prepared(stores)
    with ExitStack() as open_:
        screens = [open_.enter_context(_interface(store, name)) for name in NAMES]
        for screen in screens:
            screen.until_shown("tickets")
            screen.settle(1.0)
        rest = _waits(screens, _for(AT_REST))
        crowded = _waits(screens, _for(AT_REST), [[sys.executable, "-c", SPIN]] * 2)
        importing = _import(store, source)
        busy = _waits(screens, lambda: importing.poll() is None)
    _assert_nothing_lost(store, importing)
    yield from _rows(rest, crowded, busy)


def _rows(rest: Sequence[float], crowded: Sequence[float], busy: Sequence[float]) -> Iterator[Row]:
    what = f"two interfaces and an import of {IMPORTED:,}: key down to repaint"
    measures: dict[str, Callable[[Sequence[float]], float]] = {"median": median, "p95": p95, "longest": max}
    for name, of in measures.items():
        yield Row(f"{what}, {name}", "itself on the store at rest", of(busy) / of(rest), None)
        yield Row(f"{what}, {name}", "itself beside two processes that only reckon", of(busy) / of(crowded), None)
    yield Row(f"{what}, p95", "100 ms", p95(busy) / FREEZE, 1)
    yield Row(f"{what}, longest", "100 ms", max(busy) / FREEZE, 1)
    yield Row(
        f"beside two processes that only reckon, longest of {len(crowded)}", "100 ms", max(crowded) / FREEZE, None
    )
    yield Row(f"at rest, longest of {len(rest)}", "100 ms", max(rest) / FREEZE, None)
    yield Row(f"keys that waited over 100 ms, of {len(busy)}", "(absolute)", sum(w > FREEZE for w in busy), None)


def _prepared(stores: Stores) -> tuple[Path, Path]:
    """A copy of the small store, and a file of new tickets."""
    store, source = stores.empty("busy"), stores.folder / "busy.jsonl"
    with Store(stores.small).read() as connection, closing(sqlite3.connect(store)) as copy:
        connection.backup(copy)
    rows.write(source, IMPORTED, seed=7, finished=False)
    return store, source


def _interface(store: Path, name: str) -> Terminal:
    return Terminal([command()], environment(store) | {"HELPDESK_USER": name}, SIZE)


def _import(store: Path, source: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen((command(), *SETTINGS, str(source)), env=environment(store), stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)  # fmt: skip


def _for(seconds: float) -> Callable[[], bool]:
    deadline = time.perf_counter() + seconds
    return lambda: time.perf_counter() < deadline


def _waits(
    screens: Sequence[Terminal], goes_on: Callable[[], bool], beside: Sequence[Sequence[str]] = ()
) -> list[float]:
    """The seconds every key waited, on all screens at once, with other processes beside them."""
    others = [subprocess.Popen(words) for words in beside]
    try:
        with ThreadPoolExecutor(len(screens)) as hands:
            taken = hands.map(lambda screen: _press(screen, goes_on), screens)
            return [seconds for one in taken for seconds in one]
    finally:
        for other in others:
            other.kill()
            other.wait()


def _press(screen: Terminal, goes_on: Callable[[], bool]) -> list[float]:
    """Move the cursor to and fro; the time from each key until the next whole frame came."""
    pressed = []
    for key in cycle((DOWN, DOWN, UP, UP)):
        if not goes_on():
            break
        pressed.append(screen.press(key))
        screen.watch(pressed[-1] + EVERY)
    screen.watch(time.perf_counter() + 2)
    return [screen.frames[bisect_right(screen.frames, at)] - at for at in pressed]


def _assert_nothing_lost(store: Path, importing: subprocess.Popen[bytes]) -> None:
    with Store(store).read() as connection:
        (found,) = connection.execute("SELECT count(*) FROM ticket WHERE source = 'busy'").fetchone()
    if (importing.returncode, found) != (0, IMPORTED):
        raise RuntimeError(f"the import ended with {importing.returncode}, {found} of {IMPORTED} tickets are there")
