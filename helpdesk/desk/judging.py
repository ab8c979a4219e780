"""Judging many texts: in this process while they are few, beside it on every core when they are many."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, TypeVar

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


class Asked(NamedTuple):
    """A text to judge, and when it was written (None: now)."""

    text: str
    at: Millis | None = None


class Judging:
    """A judge for batches who explains `matches` articles a text; leaves no process behind when the block ends."""

    def __init__(self, desk: Desk, matches: int) -> None:
        self._desk = desk
        self._matches = matches
        self._pool: ProcessPoolExecutor | None = None
        self._judge: Judge | None = None

    def __enter__(self) -> Judging:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def judged(
        self, batches: Iterable[Sequence[Item]], asked: Callable[[Item], Asked]
    ) -> Iterator[tuple[Sequence[Item], list[Judged]]]:
        """Each batch with its judgements, in order; `asked` says what of an item is judged."""
        waiting: deque[tuple[Sequence[Item], Future[list[Judged]]]] = deque()
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

    def _here(self, asking: Sequence[Asked]) -> list[Judged]:
        with self._desk.store.read() as connection:
            self._judge = self._judge or judge.from_store(connection)
            return _all(self._judge, connection, asking, self._desk.moment(), self._matches)

    def _beside(self, asking: Sequence[Asked]) -> Future[list[Judged]]:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                max_workers=max(1, (os.cpu_count() or 1)),
                mp_context=get_context("fork" if hasattr(os, "fork") else "spawn"),
                initializer=_start,
                initargs=(self._desk.store.path,),
            )
        return self._pool.submit(_judge_batch, list(asking), self._desk.moment(), self._matches)


def _all(one: Judge, connection: Any, asking: Sequence[Asked], now: Millis, matches: int) -> list[Judged]:
    known = known_orders_of(connection)
    return [one.judge(asked.text, asked.at or now, known, matches) for asked in asking]


_store: Store
_worker: Judge


def _start(path: Path) -> None:
    """Prepare a process of the pool: it reads the store by itself and ignores Ctrl+C, which its parent handles."""
    import signal
    from threading import Thread

    global _store, _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    _store = Store(path)
    with _store.read() as connection:
        _worker = judge.from_store(connection)


def _end_with_parent() -> None:
    """End this process when its parent is killed: nobody else would tell it."""
    from multiprocessing import parent_process
    from multiprocessing.connection import wait

    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _judge_batch(asking: list[Asked], now: Millis, matches: int) -> list[Judged]:
    with _store.read(snapshot=False) as connection:
        return _all(_worker, connection, asking, now, matches)
