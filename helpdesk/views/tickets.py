"""Tickets as they are read: the queue, one card, the one to take now. Plain SQL; the JSON here is the contract."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from helpdesk.clock import Millis, iso
from helpdesk.errors import UsageProblem
from helpdesk.i18n import _
from helpdesk.models.codes import shown_code
from helpdesk.views import search
from helpdesk.views.query import Query

JsonObject = dict[str, Any]

_COLUMNS = """
SELECT t.number, t.subject, t.state, t.category, t.category_confidence, t.priority, t.urgency, t.mood, t.language,
    t.channel, t.customer_id, c.name, c.tier, (SELECT shown FROM handle WHERE customer_id = t.customer_id LIMIT 1),
    t.order_no, t.assignee, t.team,
    (SELECT json_group_array(name) FROM (SELECT name FROM tag WHERE ticket_number = t.number ORDER BY name)),
    t.created_at, t.updated_at, t.due_first_response, t.due_next_response, t.due_resolution, t.due_at,
    t.source, t.external_id, t.version, t.band, t.snoozed_until, t.rating, t.close_reason, t.follows, t.merged_into,
    t.rating_comment, t.code
FROM ticket t LEFT JOIN customer c ON c.id = t.customer_id
"""


def _as_json(row: Sequence[Any], now: Millis) -> JsonObject:
    (number, subject, state, category, confidence, priority, urgency, mood, language, channel, customer, name, tier,
     handle, order, assignee, team, tags, created, updated, first, following, resolution, due, source, external,
     version, band, snoozed, rating, reason, follows, merged, comment, code) = row  # fmt: skip
    return {
        "number": number,
        "subject": subject,
        "state": state,
        "category": category,
        "category_confidence": round(confidence, 3),
        "priority": priority,
        "urgency": urgency,
        "mood": mood,
        "language": language,
        "channel": channel,
        "customer": None if customer is None else {"handle": handle, "name": name, "tier": tier},
        "order": order,
        "assignee": assignee,
        "team": team,
        "tags": json.loads(tags),
        "created_at": iso(created),
        "updated_at": iso(updated),
        "due": {"first_response": iso(first), "next_response": iso(following), "resolution": iso(resolution)},
        "overdue": due is not None and due < now,
        "source": source,
        "external_id": external,
        "version": version,
        "band": band,
        "due_at": iso(due),
        "snoozed_until": iso(snoozed),
        "rating": rating,
        "rating_comment": comment,
        "close_reason": reason,
        "follows": follows,
        "merged_into": merged,
        "code": None if code is None else shown_code(code),
    }


class Page(NamedTuple):
    """One page of a list, and where the next begins (None on the last)."""

    tickets: list[JsonObject]
    cursor: str | None


class _Order(NamedTuple):
    """A sort order as keyset paging needs it: the columns with their directions, and what the index demands."""

    columns: tuple[tuple[str, str], ...]
    where: str = "1"

    def order_by(self) -> str:
        return ", ".join(f"{column} {direction}" for column, direction in self.columns)

    def before(self, values: Sequence[float]) -> Iterator[tuple[str, list[float]]]:
        """The rows before the one with these values, as conditions, each one stretch of the index."""
        turned = tuple((column, "ASC" if direction == "DESC" else "DESC") for column, direction in self.columns)
        return _Order(turned).after(values)

    def after(self, values: Sequence[float]) -> Iterator[tuple[str, list[float]]]:
        """The rows after the one with these values in its columns, as conditions: each is one stretch of the index.

        In the order of the rows; joined by OR they would be a scan of the whole index.
        """
        for place in reversed(range(len(self.columns))):
            column, direction = self.columns[place]
            same = [f"{c} = ?" for c, _d in self.columns[:place]]
            yield " AND ".join([*same, f"{column} {'<' if direction == 'DESC' else '>'} ?"]), list(values[: place + 1])


_NUMBER = ("t.number", "ASC")
_SORTS: dict[str, tuple[_Order, ...]] = {
    "urgency": (_Order((("t.active", "DESC"), ("t.urgency", "DESC"), _NUMBER)),),
    "created": (_Order((("t.created_at", "DESC"), ("t.number", "DESC"))),),
    "updated": (_Order((("t.updated_at", "DESC"), ("t.number", "DESC"))),),
    # tickets with a due time first; an index cannot hold both halves in one order
    "due": (_Order((("t.due_at", "ASC"), _NUMBER), "t.due_at IS NOT NULL"), _Order((_NUMBER,), "t.due_at IS NULL")),
}
SORTS = tuple(_SORTS)


def page(
    connection: sqlite3.Connection, query: Query, now: Millis, sort: str = "urgency", limit: int = 50, after: str = ""
) -> Page:
    """One page of the tickets a query finds; `after` is the cursor of the page before."""
    search.register(connection)
    found: list[tuple[str, Sequence[Any]]] = []
    for part, order in enumerate(_SORTS[sort]):
        if len(found) <= limit:
            start = _cursor(after, part, order)
            if start is not None:
                found += _part(connection, query, order, start, limit + 1 - len(found), part)
    rows = found[:limit]
    return Page([_as_json(row, now) for _key, row in rows], rows[-1][0] if len(found) > limit else None)


def _part(
    connection: sqlite3.Connection, query: Query, order: _Order, start: Sequence[float], limit: int, part: int
) -> Iterator[tuple[str, Sequence[Any]]]:
    key = ", ".join(column for column, _direction in order.columns)
    width = len(order.columns)
    listed = f"{_COLUMNS.replace('FROM ticket t', f', {key} FROM ticket t', 1)} WHERE {{}}"
    listed += f" ORDER BY {order.order_by()} LIMIT ?"
    in_front = _is_common(connection, query, limit)
    for condition, parameters in order.after(start) if start else [("1", [])]:
        stretch = f"{order.where} AND ({condition})"
        rows: list[Sequence[Any]] = []
        if in_front:
            front = f"SELECT t.number FROM ticket t WHERE {stretch} ORDER BY {order.order_by()} LIMIT {FRONT}"
            where = f"t.number IN (SELECT number FROM ({front}) t WHERE {query.where()})"
            rows = connection.execute(listed.format(where), [*parameters, *query.parameters(), limit]).fetchall()
        if len(rows) < limit:
            where = f"{stretch} AND {query.where()}"
            rows = connection.execute(listed.format(where), [*parameters, *query.parameters(), limit]).fetchall()
        limit -= len(rows)
        yield from ((_cursor_of(part, row[-width:]), row[:-width]) for row in rows)


FRONT = 20_000
"""Tickets at the front of an order, among which a word that many hold is looked for before all that hold it."""


def _is_common(connection: sqlite3.Connection, query: Query, wanted: int) -> bool:
    """Whether every ticket of a word would be many, and those at the front of any order hold it often enough."""
    words = query.words()
    if not words:
        return False
    (last,) = connection.execute("SELECT coalesce(max(number), 0) FROM ticket").fetchone()
    return all(search.messages_with(connection, word) * FRONT > 3 * wanted * max(last, FRONT) for word in words)


def _cursor_of(part: int, key: Sequence[float]) -> str:
    return ":".join(map(str, (part, *key)))


class Extent(NamedTuple):
    """How long a list is, and where each of its pages begins: the cursor of the row before, "" for the first."""

    total: int
    starts: list[str]


def extent(connection: sqlite3.Connection, query: Query, sort: str, size: int) -> Extent:
    """The extent of the list a query finds, in pages of `size`: one walk along the index, keeping where they end."""
    search.register(connection)
    total, ends = 0, []
    for part, order in enumerate(_SORTS[sort]):
        named = ", ".join(f"{column} AS k{place}" for place, (column, _direction) in enumerate(order.columns))
        where = f"{order.where} AND {query.where()}"
        rows = connection.execute(
            f"SELECT {', '.join(f'k{place}' for place in range(len(order.columns)))} FROM ("
            f"SELECT {named}, row_number() OVER (ORDER BY {order.order_by()}) AS place FROM ticket t WHERE {where}"
            f" ORDER BY {order.order_by()}) WHERE (place + ?) % ? = 0",
            [*query.parameters(), total, size],
        )
        ends += [_cursor_of(part, row) for row in rows]
        total += connection.execute(f"SELECT count(*) FROM ticket t WHERE {where}", query.parameters()).fetchone()[0]
    pages = -(-total // size)
    return Extent(total, ["", *ends][:pages])


def place(connection: sqlite3.Connection, query: Query, sort: str, number: int) -> int | None:
    """How many tickets stand before ticket `number` in the list a query finds; None where it is not in the list."""
    search.register(connection)
    before = 0
    for order in _SORTS[sort]:
        key = ", ".join(column for column, _direction in order.columns)
        listed = f"SELECT {{}} FROM ticket t WHERE {order.where} AND {query.where()} AND"
        row = connection.execute(f"{listed.format(key)} t.number = ?", [*query.parameters(), number]).fetchone()
        conditions = [("1", [])] if row is None else order.before(row)
        for condition, parameters in conditions:
            counted = connection.execute(
                f"{listed.format('count(*)')} ({condition})", [*query.parameters(), *parameters]
            )
            before += counted.fetchone()[0]
        if row is not None:
            return before
    return None


def _cursor(after: str, part: int, order: _Order) -> Sequence[float] | None:
    """Where to start in a part of the order: () at its beginning, None when the cursor lies behind it."""
    if not after:
        return ()
    try:
        reached, *values = (float(value) if "." in value else int(value) for value in after.split(":"))
    except ValueError:
        reached, values = -1, []
    if reached < 0 or (reached == part and len(values) != len(order.columns)):
        raise UsageProblem(
            _("--after takes the cursor that the page before printed, not {value!r}.").format(value=after)
        )
    if reached > part:
        return None
    return values if reached == part else ()


def numbers(connection: sqlite3.Connection, query: Query) -> list[int]:
    """The numbers of every ticket a query finds, for a command that changes them."""
    search.register(connection)
    rows = connection.execute(
        f"SELECT t.number FROM ticket t WHERE {query.where()} ORDER BY t.number", query.parameters()
    )
    return [number for (number,) in rows]


def find(connection: sqlite3.Connection, words: Sequence[str], now: Millis, limit: int = 50) -> list[JsonObject]:
    """The tickets in which all words occur, newest first, each with the `snippet` they occur in."""
    bodies = dict(islice(search.hits(connection, words), limit))
    rows = connection.execute(
        f"{_COLUMNS} WHERE t.number IN (SELECT value FROM json_each(?))", (json.dumps(list(bodies)),)
    )
    by_number = {row[0]: _as_json(row, now) for row in rows}
    return [by_number[number] | {"snippet": _snippet(body, words)} for number, body in bodies.items()]


def _snippet(body: str, words: Sequence[str], width: int = 80) -> str:
    line = " ".join(body[:20000].split())
    at = max(0, min((at for at in (line.lower().find(word.lower()) for word in words) if at >= 0), default=0) - 15)
    return ("…" if at else "") + line[at : at + width] + ("…" if len(line) > at + width else "")


def one(connection: sqlite3.Connection, number: int, now: Millis) -> JsonObject | None:
    """One ticket, or None."""
    if not 0 < number < 1 << 63:
        return None
    row = connection.execute(f"{_COLUMNS} WHERE t.number = ?", (number,)).fetchone()
    return None if row is None else _as_json(row, now)


class Card(NamedTuple):
    """One ticket, whole."""

    ticket: JsonObject
    messages: list[JsonObject]
    events: list[JsonObject]
    judgement: JsonObject
    """What the verdict was and why: the `triaged` event with what later messages changed of it."""
    matches: list[JsonObject]
    order: JsonObject | None
    earlier: list[JsonObject]
    closed_at: Millis | None

    def as_json(self) -> JsonObject:
        """The card as the contract of `show --json` has it."""
        return self.ticket | {
            "messages": self.messages,
            "matches": self.matches,
            "events": self.events,
            "order_facts": self.order,
            "earlier_tickets": self.earlier,
        }


def card(connection: sqlite3.Connection, number: int, now: Millis) -> Card | None:
    """Everything about one ticket, or None."""
    ticket = one(connection, number, now)
    if ticket is None:
        return None
    events = _events(connection, number)
    judgement: JsonObject = {}
    for event in events:
        if event["kind"] in ("triaged", "pressed"):
            judgement |= event["detail"]
    return Card(
        ticket,
        _messages(connection, number),
        events,
        judgement,
        matches_of(connection, judgement.get("matches", ())),
        _order_facts(connection, ticket["order"]),
        _earlier(connection, number),
        connection.execute("SELECT closed_at FROM ticket WHERE number = ?", (number,)).fetchone()[0],
    )


def _messages(connection: sqlite3.Connection, number: int) -> list[JsonObject]:
    rows = connection.execute(
        "SELECT author, visibility, body, at, author_name, article_id FROM message WHERE ticket_number = ? ORDER BY id",
        (number,),
    )
    return [
        {"author": author, "visibility": seen, "body": body, "at": iso(at), "name": name, "article": article}
        for author, seen, body, at, name, article in rows
    ]


def _events(connection: sqlite3.Connection, number: int) -> list[JsonObject]:
    rows = connection.execute(
        "SELECT kind, actor, at, operation_id, detail FROM event WHERE ticket_number = ? ORDER BY id", (number,)
    )
    return [
        {"kind": kind, "actor": actor, "at": iso(at), "operation": operation, "detail": json.loads(detail)}
        for kind, actor, at, operation, detail in rows
    ]


def matches_of(connection: sqlite3.Connection, judged: Iterable[Sequence[Any]]) -> list[JsonObject]:
    """Matches as the contract has them, with the articles' questions; `judged` are (article, probability, reasons)."""
    found = []
    for article, probability, reasons in judged:
        row = connection.execute("SELECT question FROM article WHERE id = ?", (article,)).fetchone()
        question = row[0] if row else ""
        found.append({"article": article, "question": question, "probability": probability, "reasons": reasons})
    return found


def _order_facts(connection: sqlite3.Connection, order_no: str | None) -> JsonObject | None:
    row = connection.execute(
        "SELECT platform, product, quantity, amount, currency, status, created_at, paid_at FROM shop_order"
        " WHERE order_no = ?",
        (order_no,),
    ).fetchone()
    if row is None:
        return None
    platform, product, quantity, amount, currency, status, created, paid = row
    return {
        "platform": platform,
        "product": product,
        "quantity": quantity,
        "amount": None if amount is None else f"{amount / 100:.2f}",
        "currency": currency,
        "status": status,
        "created_at": iso(created),
        "paid_at": iso(paid),
    }


def _earlier(connection: sqlite3.Connection, number: int) -> list[JsonObject]:
    rows = connection.execute(
        "SELECT e.number, e.subject, e.state, e.created_at FROM ticket t JOIN ticket e"
        " ON e.customer_id = t.customer_id AND e.number < t.number WHERE t.number = ? ORDER BY e.number DESC LIMIT 5",
        (number,),
    )
    return [{"number": n, "subject": subject, "state": state, "created_at": iso(at)} for n, subject, state, at in rows]


def open_question(connection: sqlite3.Connection, number: int) -> str | None:
    """What the customer still waits to have answered: their messages since the last public reply, else their last.

    None when there is no such ticket.
    """
    if not 0 < number < 1 << 63:
        return None
    rows = connection.execute(
        "SELECT m.author, m.body, t.subject FROM message m JOIN ticket t ON t.number = m.ticket_number"
        " WHERE m.ticket_number = ? AND m.visibility = 'public' ORDER BY m.id",
        (number,),
    ).fetchall()
    if not rows:
        return None
    asked = [body for author, body, _subject in rows if author == "customer"]
    waiting: list[str] = []
    for author, body, _subject in rows:
        waiting = [*waiting, body] if author == "customer" else []
    if len(waiting) == len(asked):
        subject = rows[0][2].rstrip("…")
        waiting = waiting if not asked or asked[0].startswith(subject) else [rows[0][2], *waiting]
    return "\n".join(waiting or asked[-1:])


def states(connection: sqlite3.Connection, numbers: Sequence[int]) -> dict[int, str]:
    """The state of each of some tickets that are there."""
    rows = connection.execute(
        "SELECT number, state FROM ticket WHERE number IN (SELECT value FROM json_each(?))", (json.dumps(numbers),)
    )
    return dict(rows.fetchall())


def are_any(connection: sqlite3.Connection) -> bool:
    """Whether the store holds any ticket."""
    return connection.execute("SELECT 1 FROM ticket LIMIT 1").fetchone() is not None


def sleepers_due(connection: sqlite3.Connection, now: Millis) -> bool:
    """Whether a snoozed ticket's time has come."""
    row = connection.execute(
        "SELECT 1 FROM ticket WHERE snoozed_until IS NOT NULL AND snoozed_until <= ? LIMIT 1", (now,)
    ).fetchone()
    return row is not None
