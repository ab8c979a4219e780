"""Texts somebody is writing: kept while they are written, dropped once sent. No operation, for nothing happened yet."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from helpdesk.config import process_mark
from helpdesk.desk.context import Desk
from helpdesk.desk.ledger import compact_json
from helpdesk.models.tables import TextDraft

LONGEST = 200_000
"""Characters of a draft that are kept."""


def keep(desk: Desk, key: str, body: str, detail: Mapping[str, Any] | None = None) -> None:
    """Keep what is written so far under `key`, in the place of what was kept there before, and who writes it."""
    known = {**(detail or {}), "writer": process_mark(os.getpid())}
    with desk.store.write() as session:
        session.merge(
            TextDraft(key=key, actor=desk.actor, body=body[:LONGEST], detail=compact_json(known), at=desk.moment())
        )


def drop(desk: Desk, key: str) -> None:
    """Forget the draft of `key`, if there is one."""
    with desk.store.write() as session:
        kept = session.get(TextDraft, key)
        if kept is not None:
            session.delete(kept)
