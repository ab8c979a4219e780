"""The shop in numbers."""

from __future__ import annotations

import sqlite3
from typing import Any

from helpdesk.views import search
from helpdesk.views.query import Query

GROUPED = ("state", "category", "band", "language", "priority", "mood", "channel")


def stats(connection: sqlite3.Connection, query: Query) -> dict[str, Any]:
    """How many tickets of a query there are, by what they are, and the median first response in minutes."""
    search.register(connection)
    found: dict[str, Any] = {"tickets": _scalar(connection, query, "count(*)")}
    for column in GROUPED:
        rows = connection.execute(
            f"SELECT t.{column}, count(*) FROM ticket t WHERE {query.where()} GROUP BY 1 ORDER BY 2 DESC, 1",
            query.parameters(),
        )
        found[f"by_{column}"] = {name or "none": count for name, count in rows}
    found["first_response"] = _first_response(connection, query)
    found["rating"] = {"count": _scalar(connection, query, "count(t.rating)"), "mean": _mean_rating(connection, query)}
    return found


def _scalar(connection: sqlite3.Connection, query: Query, what: str) -> Any:
    row = connection.execute(f"SELECT {what} FROM ticket t WHERE {query.where()}", query.parameters()).fetchone()
    return row[0]


def _mean_rating(connection: sqlite3.Connection, query: Query) -> float | None:
    mean = _scalar(connection, query, "avg(t.rating)")
    return None if mean is None else round(mean, 2)


def _first_response(connection: sqlite3.Connection, query: Query) -> dict[str, Any]:
    where = f"t.first_response_at IS NOT NULL AND {query.where()}"
    (count,) = connection.execute(f"SELECT count(*) FROM ticket t WHERE {where}", query.parameters()).fetchone()
    if not count:
        return {"answered": 0, "median_minutes": None}
    rows = connection.execute(
        f"SELECT t.first_response_at - t.created_at FROM ticket t WHERE {where} ORDER BY 1 LIMIT ? OFFSET ?",
        [*query.parameters(), 2 - count % 2, (count - 1) // 2],
    ).fetchall()
    return {"answered": count, "median_minutes": round(sum(span for (span,) in rows) / len(rows) / 60_000, 1)}


def categories(connection: sqlite3.Connection) -> dict[str, tuple[str, str]]:
    """Every category's titles, (Chinese, English), by slug."""
    rows = connection.execute("SELECT slug, title_zh, title_en FROM category")
    return {slug: (chinese, english) for slug, chinese, english in rows}


def article_ids(connection: sqlite3.Connection) -> set[str]:
    """Every article's id."""
    return {identity for (identity,) in connection.execute("SELECT id FROM article")}


def setting(connection: sqlite3.Connection, key: str) -> str | None:
    """One thing the shop has set, or None."""
    row = connection.execute("SELECT value FROM setting WHERE key = ?", (key,)).fetchone()
    return None if row is None else row[0]


def of(connection: sqlite3.Connection, query: Query) -> int:
    """How many tickets a query finds."""
    search.register(connection)
    return int(_scalar(connection, query, "count(*)"))


def last_operation(connection: sqlite3.Connection) -> int:
    """The number of the newest operation: changes with everything done to a ticket or an article, not with a draft."""
    return int(connection.execute("SELECT coalesce(max(id), 0) FROM operation").fetchone()[0])
