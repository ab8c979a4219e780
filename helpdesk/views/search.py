"""Full-text search over the messages: by the terms of `text.index_terms`, checked against the folded text."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

from helpdesk.text import fold, query_terms

_SEARCHED = """
SELECT m.ticket_number, m.body, t.subject, t.order_no, c.name,
    (SELECT group_concat(shown, ' ') FROM handle WHERE customer_id = t.customer_id)
FROM message m JOIN ticket t ON t.number = m.ticket_number LEFT JOIN customer c ON c.id = t.customer_id
WHERE m.id = ?
"""


def fts_expression(text: str) -> str | None:
    """An FTS5 expression that every message containing `text` satisfies; None when nothing of it can be searched."""
    wanted = dict.fromkeys(query_terms(text))
    parts = [_quoted(term, prefix) for term, prefix in wanted]
    return " AND ".join(parts) or None


def _quoted(term: str, prefix: bool) -> str:
    # terms are letters and digits only; quoting keeps AND, NEAR and * from being operators
    return f'"{term}"*' if prefix else f'"{term}"'


def needs_check(text: str) -> bool:
    """Whether more than one term stands for `text`, so that the terms alone do not prove it is there."""
    return len(query_terms(text)) > 1


def register(connection: sqlite3.Connection) -> None:
    """Give a connection `holds(folded, id)`: whether a message, its ticket or its customer contains the text."""

    def holds(folded: str, message: int) -> bool:
        row = connection.execute(_SEARCHED, (message,)).fetchone()
        return row is not None and _contains(row[1:], folded)

    connection.create_function("holds", 2, holds, deterministic=True)


def _contains(texts: Sequence[str | None], folded: str) -> bool:
    wanted = " ".join(folded.split())
    return any(wanted in " ".join(fold(text).split()) for text in texts if text)


def messages_with(connection: sqlite3.Connection, expression: str) -> int:
    """In how many messages a search expression is found; a millisecond for some thirty thousand."""
    row = connection.execute("SELECT count(*) FROM message_terms WHERE message_terms MATCH ?", (expression,))
    return int(row.fetchone()[0])


def hits(connection: sqlite3.Connection, words: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The tickets in which every word occurs in one message, newest first: number and the body it was found in."""
    searchable = [word for word in words if fts_expression(word)]
    if not searchable:
        return
    expression = " AND ".join(f"({fts_expression(word)})" for word in searchable)
    to_check = [fold(word) for word in searchable if needs_check(word)]
    seen: set[int] = set()
    rows = connection.execute(
        "SELECT m.id, m.ticket_number, m.body FROM message_terms f CROSS JOIN message m ON m.id = f.rowid"
        " WHERE f.message_terms MATCH ? ORDER BY f.rowid DESC",
        (expression,),
    )
    for message, number, body in rows:
        if number not in seen and _holds_all(connection, message, to_check):
            seen.add(number)
            yield number, body


def _holds_all(connection: sqlite3.Connection, message: int, folded: Sequence[str]) -> bool:
    if not folded:
        return True
    _number, *texts = connection.execute(_SEARCHED, (message,)).fetchone()
    return all(_contains(texts, word) for word in folded)
