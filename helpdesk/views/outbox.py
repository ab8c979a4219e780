"""Alarms to be sent, sent, and given up."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from helpdesk.clock import Millis, iso

STATES = ("waiting", "sent", "dead", "overtaken")

# each repeats the WHERE of a partial index, else SQLite would not use it
_CONDITIONS = {
    "waiting": "sent_at IS NULL AND dead_at IS NULL AND overtaken_at IS NULL",
    "sent": "sent_at IS NOT NULL",
    "dead": "dead_at IS NOT NULL",
    "overtaken": "overtaken_at IS NOT NULL",
}
_ORDERS = {"waiting": "not_before, id", "dead": "dead_at DESC, id DESC"}


class Due(NamedTuple):
    """An alarm whose time to be sent has come; `delivered` are the senders that have sent it."""

    id: int
    key: str
    content: dict[str, Any]
    delivered: list[str]
    attempts: int


def due(connection: sqlite3.Connection, now: Millis, longest_lease: int, most: int) -> list[Due]:
    """At most `most` alarms to send at `now` that nobody is sending.

    A lease that ends later than `longest_lease` from now was taken by a clock that has been put back since.
    """
    rows = connection.execute(
        "SELECT id, dedupe_key, content, delivered, attempts FROM outbox"
        f" WHERE {_CONDITIONS['waiting']} AND not_before <= ?"
        " AND (leased_until IS NULL OR leased_until <= ? OR leased_until > ?) ORDER BY not_before, id LIMIT ?",
        (now, now, now + longest_lease, most),
    )
    return [Due(id, key, json.loads(content), json.loads(had), attempts) for id, key, content, had, attempts in rows]


def any_due(connection: sqlite3.Connection, now: Millis, longest_lease: int) -> bool:
    """Whether there is anything to send."""
    return bool(due(connection, now, longest_lease, 1))


def listed(
    connection: sqlite3.Connection, state: str, now: Millis, limit: int | None = None
) -> Iterator[dict[str, Any]]:
    """The alarms in one of STATES, or all of them newest first, as the contract has them in JSON."""
    condition, order = _CONDITIONS.get(state, "1"), _ORDERS.get(state, "id DESC")
    rows = connection.execute(
        "SELECT id, ticket_number, content, created_at, not_before, attempts, leased_until, sent_at, dead_at,"
        f" overtaken_at, last_error, delivered FROM outbox WHERE {condition} ORDER BY {order} LIMIT ?",
        (-1 if limit is None else limit,),
    )
    for id, ticket, text, created, not_before, attempts, leased, sent, dead, overtaken, error, delivered in rows:
        content = json.loads(text)
        yield {
            "id": id,
            "ticket": ticket,
            "clock": content.get("clock"),
            "level": content.get("level"),
            "due_at": iso(content.get("due_at")),
            "subject": content.get("facts", {}).get("subject"),
            "state": _state(sent, dead, overtaken, leased, now),
            "created_at": iso(created),
            "not_before": iso(not_before),
            "attempts": attempts,
            "delivered": json.loads(delivered),
            "last_error": error,
            "sent_at": iso(sent),
            "dead_at": iso(dead),
            "overtaken_at": iso(overtaken),
        }


def _state(
    sent: Millis | None, dead: Millis | None, overtaken: Millis | None, leased: Millis | None, now: Millis
) -> str:
    for state, since in (("sent", sent), ("dead", dead), ("overtaken", overtaken)):
        if since is not None:
            return state
    return "sending" if leased is not None and leased > now else "waiting"


def states_of(connection: sqlite3.Connection, ids: Collection[int]) -> dict[int, str]:
    """Of some alarms those that exist, with the one of STATES each is in."""
    cases = " ".join(f"WHEN {condition} THEN '{state}'" for state, condition in _CONDITIONS.items())
    rows = connection.execute(
        f"SELECT id, CASE {cases} END FROM outbox WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    )
    return dict(rows.fetchall())


def dead(connection: sqlite3.Connection) -> list[int]:
    """Every alarm that was given up, in the order of their ids."""
    return [id for (id,) in connection.execute("SELECT id FROM outbox WHERE dead_at IS NOT NULL ORDER BY id")]


def failures(connection: sqlite3.Connection, most: int) -> list[str]:
    """Why alarms not sent so far were not: each reason once, at most `most` of them."""
    reasons = " UNION ".join(
        f"SELECT last_error FROM outbox WHERE {_CONDITIONS[state]} AND last_error IS NOT NULL"
        for state in ("waiting", "dead")
    )
    return [reason for (reason,) in connection.execute(f"{reasons} LIMIT ?", (most,))]
