"""What filing a batch needs to know of the store, looked up at once for the whole batch."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from typing import Any

from helpdesk.clock import Millis


def known_keys(connection: sqlite3.Connection, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Of some (source, key of the row), those filed already, with their tickets' numbers."""
    rows = connection.execute(
        "SELECT t.source, t.import_key, t.number FROM json_each(?) k CROSS JOIN ticket t"
        " ON t.source = k.value ->> 0 AND t.import_key = k.value ->> 1 AND t.import_key IS NOT NULL",
        (_json(keys),),
    )
    return {(source, key): number for source, key, number in rows}


def customers(connection: sqlite3.Connection, handles: Collection[str]) -> dict[str, tuple[int, str, int]]:
    """By handle key, the customers among `handles`: id, tier, and how many unfinished tickets they have."""
    rows = connection.execute(
        "SELECT h.value, c.id, c.tier, (SELECT count(*) FROM ticket t WHERE t.customer_id = c.id"
        " AND t.state IN ('new', 'open', 'pending', 'on_hold'))"
        " FROM json_each(?) j CROSS JOIN handle h ON h.value = j.value JOIN customer c ON c.id = h.customer_id",
        (_json(handles),),
    )
    return {value: (identity, tier, unfinished) for value, identity, tier, unfinished in rows}


def order_amounts(connection: sqlite3.Connection, numbers: Collection[str]) -> dict[str, int | None]:
    """Of some order numbers, those the shop has imported, with their amounts in hundredths."""
    rows = connection.execute(
        "SELECT order_no, amount FROM shop_order WHERE order_no IN (SELECT value FROM json_each(?))", (_json(numbers),)
    )
    return dict(rows.fetchall())


def orders(connection: sqlite3.Connection, numbers: Collection[str]) -> dict[str, dict[str, Any]]:
    """Of some order numbers, those the shop has imported, with what the import file said of them."""
    rows = connection.execute(
        "SELECT order_no, platform, product, quantity, amount, currency, status, contact, created_at, paid_at"
        " FROM shop_order WHERE order_no IN (SELECT value FROM json_each(?))",
        (_json(numbers),),
    )
    names = [column[0] for column in rows.description]
    return {row[0]: dict(zip(names, row, strict=True)) for row in rows}


def last_ids(connection: sqlite3.Connection) -> tuple[int, int, int]:
    """The highest ticket number ever given, message id and customer id; 0 where there is none."""
    row = connection.execute(
        "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'ticket'), 0),"
        " coalesce((SELECT max(id) FROM message), 0), coalesce((SELECT max(id) FROM customer), 0)"
    ).fetchone()
    return int(row[0]), int(row[1]), int(row[2])


def last_hash(connection: sqlite3.Connection) -> bytes | None:
    """The hash of the newest event."""
    row = connection.execute("SELECT hash FROM event ORDER BY id DESC LIMIT 1").fetchone()
    return None if row is None else row[0]


def events_of(connection: sqlite3.Connection, number: int) -> list[tuple[str, Millis, str]]:
    """The events of a ticket in order: kind, time, detail as JSON."""
    return connection.execute(
        "SELECT kind, at, detail FROM event WHERE ticket_number = ? ORDER BY id", (number,)
    ).fetchall()


def _json(values: Collection[Any]) -> str:
    return json.dumps(list(values))
