"""The full-text index over messages: FTS5 over the terms that `text.index_terms` makes; messages are only added."""

from __future__ import annotations

from collections.abc import Iterable

from sqlmodel import Session


def add(session: Session, terms: Iterable[tuple[int, str]]) -> None:
    """Index messages: (id, the terms of everything it should be found by, as `text.index_terms` makes them)."""
    session.connection().exec_driver_sql("INSERT INTO message_terms (rowid, terms) VALUES (?, ?)", list(terms))
