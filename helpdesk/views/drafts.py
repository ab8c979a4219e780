"""Texts somebody is writing and has not sent."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

from helpdesk.clock import Millis
from helpdesk.config import process_mark


class TextDraft(NamedTuple):
    """What was written so far; `key` says what for, `detail` what the writer's screen knew."""

    key: str
    actor: str
    body: str
    detail: dict[str, Any]
    at: Millis

    @property
    def is_written_elsewhere(self) -> bool:
        """Whether another window of this machine, which still runs, is writing it."""
        writer = str(self.detail.get("writer") or "")
        process = writer.partition(":")[0]
        return process.isdigit() and int(process) != os.getpid() and process_mark(int(process)) == writer


def one(connection: sqlite3.Connection, key: str) -> TextDraft | None:
    """The draft of a key, or None."""
    return next(_rows(connection, "key = ?", key), None)


def of(connection: sqlite3.Connection, actor: str) -> list[TextDraft]:
    """The drafts of one person, newest first."""
    return list(_rows(connection, "actor = ?", actor))


def _rows(connection: sqlite3.Connection, where: str, value: str) -> Iterator[TextDraft]:
    rows = connection.execute(
        f"SELECT key, actor, body, detail, at FROM draft WHERE {where} ORDER BY at DESC", (value,)
    )
    for key, actor, body, detail, at in rows:
        yield TextDraft(key, actor, body, json.loads(detail), at)
