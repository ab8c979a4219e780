"""The full-text index over messages: FTS5 over the terms that `text.index_terms` makes; messages are only added."""

from __future__ import annotations

from collections.abc import Iterable

from sqlmodel import Session

from helpdesk.text import index_terms


def add(session: Session, texts: Iterable[tuple[int, str]]) -> None:
    """Index messages: (id, everything it should be found by)."""
    rows = [(message, index_terms(text)) for message, text in texts]
    session.connection().exec_driver_sql("INSERT INTO message_terms (rowid, terms) VALUES (?, ?)", rows)
