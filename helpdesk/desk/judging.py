"""Judging many texts: in this process while they are few, beside it on every core when they are many."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, NamedTuple, TypeVar

from helpdesk.clock import Millis
from helpdesk.desk import judge
from helpdesk.desk.context import Desk
from helpdesk.desk.judge import Judge, Judged
from helpdesk.store import Store
from helpdesk.views.orders import known_orders_of

FEW = 1
"""Batches judged in this process before others are started for the rest."""

AHEAD = 4
"""Batches judged ahead of the one being stored; bounds the memory."""

Item = TypeVar("Item")
Made = TypeVar("Made")


class Asked(NamedTuple):
    """A text to judge, when it was written (None: now), and what making something of the judgement needs beside it."""

    text: str
    at: Millis | None = None
    beside: Any = None


class Judging(Generic[Made]):
    """A judge for batches who explains `matches` articles a text; leaves no process behind when the block ends.

    `make` turns a judgement into what the caller keeps of it, a function of a module, because it runs where the text
    was judged: what crosses from process to process is then small.
    """

    def __init__(self, desk: Desk, matches: int, make: Callable[[Asked, Judged], Made]) -> None:
        self._desk = desk
        self._matches = matches
        self._make = make
        self._pool: ProcessPoolExecutor | None = None
        self._judge: Judge | None = None

    def __enter__(self) -> Judging[Made]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def judged(
        self, batches: Iterable[Sequence[Item]], asked: Callable[[Item], Asked]
    ) -> Iterator[tuple[Sequence[Item], list[Made]]]:
        """Each batch with what was made of its judgements, in order; `asked` says what of an item is judged."""
        waiting: deque[tuple[Sequence[Item], Future[list[Made]]]] = deque()
        for place, batch in enumerate(batches):
            asking = [asked(item) for item in batch]
            if place < FEW:
                yield batch, self._here(asking)
                continue
            waiting.append((batch, self._beside(asking)))
            if len(waiting) > AHEAD:
                done, future = waiting.popleft()
                yield done, future.result()
        for batch, future in waiting:
            yield batch, future.result()

    def _here(self, asking: Sequence[Asked]) -> list[Made]:
        with self._desk.store.read() as connection:
            self._judge = self._judge or judge.from_store(connection)
            return _all(self._judge, connection, asking, self._desk.moment(), self._matches, self._make)

    def _beside(self, asking: Sequence[Asked]) -> Future[list[Made]]:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                max_workers=max(1, (os.cpu_count() or 1)),
                mp_context=get_context("fork" if hasattr(os, "fork") else "spawn"),
                initializer=_start,
                initargs=(self._desk.store.path,),
            )
        return self._pool.submit(_judge_batch, list(asking), self._desk.moment(), self._matches, self._make)


def _all(
    one: Judge,
    connection: Any,
    asking: Sequence[Asked],
    now: Millis,
    matches: int,
    make: Callable[[Asked, Judged], Made],
) -> list[Made]:
    known = known_orders_of(connection)
    return [make(asked, one.judge(asked.text, asked.at or now, known, matches)) for asked in asking]


_open = ExitStack()
_reading: Any
_worker: Judge


def _start(path: Path) -> None:
    """Prepare a process of the pool: it reads the store by itself and ignores Ctrl+C, which its parent handles."""
    import gc
    import signal
    from threading import Thread

    global _reading, _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(10)  # as many processes as cores: who types beside them goes first
    Thread(target=_end_with_parent, daemon=True).start()
    # open as long as the process lives: the parent's next transaction is then not the first to open the store
    _reading = _open.enter_context(Store(path).read(snapshot=False))
    _worker = judge.from_store(_reading)
    gc.freeze()  # lexicon and index live to the end; looking through them for garbage is a fifth of the time


def _end_with_parent() -> None:
    """End this process when its parent is killed: nobody else would tell it."""
    from multiprocessing import parent_process
    from multiprocessing.connection import wait

    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _judge_batch(asking: list[Asked], now: Millis, matches: int, make: Callable[[Asked, Judged], Made]) -> list[Made]:
    return _all(_worker, _reading, asking, now, matches, make)
