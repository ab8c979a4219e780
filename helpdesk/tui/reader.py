"""One thread that reads for all screens: what somebody waits for goes first, what only counts is broken off for it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from itertools import count
from queue import PriorityQueue
from threading import Thread
from typing import Any, NamedTuple, TypeVar

from helpdesk.errors import HelpdeskError
from helpdesk.store import Store

Found = TypeVar("Found")

LOOK_EVERY = 10_000
"""Instructions of SQLite between two looks whether a reading is still wanted; some tenths of a millisecond."""


class Reading(NamedTuple):
    """Something to be read; a patient one gives way to any that is not, and begins again afterwards."""

    ask: Callable[[sqlite3.Connection], Any]
    found: Future[Any]
    patient: bool


class Reader:
    """The thread, and what waits for it. One thread is enough for one disk, and costs the memory of one."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: PriorityQueue[tuple[bool, int, Reading | None]] = PriorityQueue()
        self._places = count()
        self._current: Future[Any] | None = None
        self._thread: Thread | None = None

    def read(self, ask: Callable[[sqlite3.Connection], Found], patient: bool = False) -> Future[Found]:
        """What `ask` finds in the store; its errors are the future's, and cancelling the future breaks it off."""
        found: Future[Found] = Future()
        self._put(Reading(ask, found, patient))
        if self._thread is None:
            self._thread = Thread(target=self._work, name="reader", daemon=True)
            self._thread.start()
        return found

    def close(self) -> None:
        """Break off what is being read, and read no more."""
        if self._thread is not None:
            if self._current is not None:
                self._current.cancel()
            self._waiting.put((False, -1, None))
            self._thread.join()

    def _put(self, reading: Reading) -> None:
        self._waiting.put((reading.patient, next(self._places), reading))

    def _work(self) -> None:
        while (reading := self._waiting.get()[2]) is not None:
            self._current = reading.found
            if not reading.found.cancelled():
                self._do(reading)

    def _do(self, reading: Reading) -> None:
        def is_over() -> bool:
            return reading.found.cancelled() or (reading.patient and self._is_pressed())

        with suppress(InvalidStateError):  # nobody waits for it any more
            try:
                with self._store.read() as connection:
                    connection.set_progress_handler(is_over, LOOK_EVERY)
                    found = reading.ask(connection)
            except HelpdeskError as error:
                if is_over():
                    self._put(reading)
                else:
                    reading.found.set_exception(error)
            except BaseException as error:
                reading.found.set_exception(error)
            else:
                reading.found.set_result(found)

    def _is_pressed(self) -> bool:
        """Whether something waits that is not patient: it would stand first."""
        waiting = self._waiting.queue
        return bool(waiting) and not waiting[0][0]
