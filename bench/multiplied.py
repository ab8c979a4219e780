"""A large store made of a small one: every ticket many times over, a little later each time, in the order of time.

A million tickets through the import take most of an hour; this takes minutes, and what the benches read is the same:
numbers, indexes, search terms, the chain of events. Only the texts repeat.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from helpdesk.models.chain import BEGINNING, CHAIN_END, chained
from helpdesk.models.codes import public_code
from helpdesk.store import Store

YEAR = 365 * 86_400_000
_TIMES = (
    "created_at updated_at first_response_at resolved_at closed_at snoozed_until due_first_response due_next_response"
    " due_resolution due_at next_step_at started_at ended_at at"
).split()


def multiply(small: Path, times: int, large: Path) -> None:
    """Write at `large` the store at `small`, each ticket `times` times."""
    Store(small).back_up(large)
    with closing(sqlite3.connect(large, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -500000")
        connection.create_function("public_code", 0, public_code)
        connection.execute("ATTACH ? AS small", (str(small),))
        (tickets,) = connection.execute("SELECT count(*) FROM ticket").fetchone()
        shift = YEAR // (tickets * times)
        connection.execute("BEGIN")
        _rows(connection, times, shift)
        _events(connection, times, shift)
        _terms(connection, times)
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("ANALYZE")


def _rows(connection: sqlite3.Connection, times: int, shift: int) -> None:
    for table in ("message_terms", "event", "outcome", "message", "ticket", "handle", "customer"):
        if table != "message_terms":
            connection.execute(f"DELETE FROM {table}")
    own = {
        "customer": {"id": _spread("id")},
        "handle": {"value": "value || '-' || k", "customer_id": _spread("customer_id")},
        "ticket": {
            "number": _spread("number"),
            "customer_id": _spread("customer_id"),
            "external_id": "external_id || '-' || k",
            "import_key": "import_key || '-' || k",
            "code": "public_code()",
        },
        "message": {"id": _spread("id"), "ticket_number": _spread("ticket_number")},
        "outcome": {"ticket_number": _spread("ticket_number")},
    }
    for table, changed in own.items():
        columns = [
            row[1]
            for row in connection.execute(f"PRAGMA small.table_xinfo({table})")
            if row[6] == 0  # not generated
        ]
        values = [changed.get(c, f"{c} + k * {shift}" if c in _TIMES else c) for c in columns]
        order = "t.rowid, k" if table not in ("handle", "outcome") else "1"
        connection.execute(
            f"INSERT INTO {table} ({', '.join(columns)})"
            " WITH RECURSIVE copies (k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM copies WHERE k + 1 < :times)"
            f" SELECT {', '.join(values)} FROM small.{table} t, copies ORDER BY {order}",
            {"times": times},
        )


def _spread(column: str) -> str:
    return f"({column} - 1) * :times + k + 1"


def _events(connection: sqlite3.Connection, times: int, shift: int) -> None:
    last = BEGINNING

    def copies() -> Iterator[tuple[object, ...]]:
        nonlocal last
        for number, kind, actor, at, operation, detail in connection.execute(
            "SELECT ticket_number, kind, actor, at, operation_id, detail FROM small.event ORDER BY id"
        ):
            for k in range(times):
                ticket, moment = (number - 1) * times + k + 1, at + k * shift
                last = chained(last, ticket, kind, actor, moment, operation, detail)
                yield ticket, kind, actor, moment, operation, detail, last

    connection.executemany(
        "INSERT INTO event (ticket_number, kind, actor, at, operation_id, detail, hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
        copies(),
    )
    connection.execute("UPDATE setting SET value = ? WHERE key = ?", (last.hex(), CHAIN_END))


def _terms(connection: sqlite3.Connection, times: int) -> None:
    """The search terms, which a contentless index gives back by its vocabulary only."""
    connection.execute("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(small, message_terms, instance)")
    found: dict[int, list[str]] = {}
    for term, document in connection.execute("SELECT term, doc FROM temp.vocabulary"):
        found.setdefault(document, []).append(term)
    connection.execute("DROP TABLE message_terms")
    connection.execute(
        connection.execute("SELECT sql FROM small.sqlite_schema WHERE name = 'message_terms'").fetchone()[0]
    )
    connection.executemany(
        "INSERT INTO message_terms (rowid, terms) VALUES (?, ?)",
        (
            ((document - 1) * times + k + 1, " ".join(found[document]))
            for document in sorted(found)
            for k in range(times)
        ),
    )
