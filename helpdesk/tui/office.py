"""The store as the screens use it: deeds one after another in a thread of their own, and news of what others wrote."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any, TypeVar

from helpdesk.clock import Millis
from helpdesk.desk import Desk
from helpdesk.store import Store, data_version
from helpdesk.tui.reader import Reader
from helpdesk.views import counts, tickets

Found = TypeVar("Found")


class Office:
    """What all screens share of a store: who acts on it, threads that read and write, a connection that watches."""

    def __init__(self, store: Store, actor: str) -> None:
        self.store = store
        self.desk = Desk(store, actor)
        self.reader = Reader(store)
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="writer")
        self._open = ExitStack()
        self._watching: sqlite3.Connection | None = None
        self._seen = (-1, -1)
        self._warm = False
        self._waking: Future[int] | None = None

    def act(self, deed: Callable[[Desk], Found]) -> Future[Found]:
        """Do something to the store after everything asked for before; its errors are the future's."""
        return self._writer.submit(deed, self.desk)

    def warm_up(self) -> None:
        """Load what the first write needs, while nobody waits for it."""
        if not self._warm:
            self._warm = True
            self._writer.submit(_load)

    def changed(self) -> bool:
        """Whether anything was done to the store since this was asked before; microseconds where nothing was."""
        if self._watching is None:
            if not self.store.exists:
                return False
            self._watching = self._open.enter_context(self.store.read(snapshot=False))
        version = data_version(self._watching)
        if version == self._seen[0]:
            return False
        operation = counts.last_operation(self._watching)
        known, self._seen = self._seen[1], (version, operation)
        return known not in (-1, operation)

    def wake_sleepers(self, now: Millis) -> None:
        """Reopen the snoozed tickets whose time has come, if there are any and nobody is at it."""
        if self._watching is None or (self._waking is not None and not self._waking.done()):
            return
        if tickets.sleepers_due(self._watching, now):
            self._waking = self._writer.submit(_wake, self.desk)

    def close(self) -> None:
        """Finish what was asked to be done, then let the store go."""
        self.reader.close()
        self._writer.shutdown(wait=True)
        self._open.close()


def _wake(desk: Desk) -> int:
    from helpdesk.desk import steps

    return steps.wake(desk)


def _load() -> Any:
    from helpdesk.desk import conversation, steps
    from helpdesk.tui import ticket
    from helpdesk.views import waiting

    return conversation, steps, ticket, waiting
