"""The log of what happened: operations and their events, each event's hash covering the one before it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from helpdesk.clock import Millis
from helpdesk.models.chain import BEGINNING, CHAIN_END, chained
from helpdesk.models.tables import Event, Operation, Setting
from helpdesk.store import add_rows, driver
from helpdesk.views.filing import last_hash

compact_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""JSON without spaces, as it is stored and hashed."""


@dataclass(slots=True)
class Ledger:
    """One operation being written: events are appended to it, and stored together at the end."""

    session: Session
    operation_id: int
    actor: str
    at: Millis
    _last_hash: bytes
    _rows: list[dict[str, Any]] = field(default_factory=list)

    def append(
        self, ticket: int, kind: str, detail: Mapping[str, Any] | None = None, at: Millis | None = None, actor: str = ""
    ) -> None:
        """Add an event of `ticket`; `at` and `actor` are the operation's own unless given."""
        self.append_json(ticket, kind, compact_json(detail or {}), self.at if at is None else at, actor)

    def append_json(self, ticket: int, kind: str, detail: str, at: Millis, actor: str = "") -> None:
        """Add an event whose detail is written as `compact_json` writes it already."""
        actor = actor or self.actor
        self._last_hash = chained(self._last_hash, ticket, kind, actor, at, self.operation_id, detail)
        self._rows.append(
            {
                "ticket_number": ticket,
                "kind": kind,
                "actor": actor,
                "at": at,
                "operation_id": self.operation_id,
                "detail": detail,
                "hash": self._last_hash,
            }
        )

    def store(self) -> None:
        """Write the events appended so far."""
        if not self._rows:
            return
        add_rows(self.session, Event, self._rows)
        self._rows.clear()
        self.session.merge(Setting(key=CHAIN_END, value=self._last_hash.hex()))
        self.session.flush()


def begin(session: Session, kind: str, actor: str, at: Millis, summary: Mapping[str, Any] | None = None) -> Ledger:
    """Start an operation in the transaction of `session`."""
    operation = Operation(kind=kind, actor=actor, at=at, summary=compact_json(summary or {}))
    session.add(operation)
    session.flush()
    assert operation.id is not None
    return Ledger(session, operation.id, actor, at, last_hash(driver(session)) or BEGINNING)
