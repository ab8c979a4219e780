"""What the knowledge base can grow from: tickets no article answered, what was asked and replied in one."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from helpdesk.clock import Millis
from helpdesk.views import tickets

READ_AT_MOST = 1000
"""Characters of a ticket's first message that are read to find gaps."""

LONGEST_ASKED, LONGEST_REPLY = 4000, 64_000
"""Characters of a question and of a reply that an article is made of."""

_FIRST = "SELECT min(id) FROM message WHERE ticket_number = t.number AND author = 'customer' AND visibility = 'public'"
_REPLIED = (
    "FROM message WHERE ticket_number = t.number AND author = 'agent' AND visibility = 'public' AND article_id IS NULL"
)


class Unanswered(NamedTuple):
    """A ticket no article answered, by its first message."""

    number: int
    text: str
    language: str
    category: str


def unanswered(connection: sqlite3.Connection, since: Millis, most: int) -> Iterator[Unanswered]:
    """The newest tickets since a moment that no article answered, at most `most`.

    Of the tickets an article was never sent to: those no article fits, those a person answered, and those still open
    that no article fits surely. Spam, merged tickets and those only a person may answer are no gap.
    """
    rows = connection.execute(
        "SELECT t.number, t.subject, m.body, t.language, t.category"
        f" FROM ticket t JOIN message m ON m.id = ({_FIRST})"
        " WHERE t.created_at >= ? AND t.state NOT IN ('merged', 'spam') AND t.automatic = 1"
        " AND NOT EXISTS (SELECT 1 FROM message WHERE ticket_number = t.number AND article_id IS NOT NULL)"
        " AND (coalesce(t.band, 'unsure') = 'unsure' OR (t.band = 'suggest' AND t.active)"
        f" OR EXISTS (SELECT 1 {_REPLIED}))"
        " ORDER BY t.created_at DESC, t.number DESC LIMIT ?",
        (since, most),
    )
    for number, subject, body, language, category in rows:
        yield Unanswered(number, _whole(subject, body)[:READ_AT_MOST], language, category)


def _whole(subject: str, body: str) -> str:
    return body if body.startswith(subject.rstrip("…")) else f"{subject}\n{body}"


class Told(NamedTuple):
    """What was said in a ticket that an article could be made of; `reply` is the last in a person's own words."""

    number: int
    subject: str
    asked: str
    said: str
    """Everything the customer wrote, with their addresses."""
    reply: str | None
    order_no: str | None
    customer: str
    language: str
    category: str


_TOLD = f"""
SELECT t.number, t.subject, (SELECT body FROM message WHERE id = ({_FIRST})),
    (SELECT substr(group_concat(body, char(10)), 1, 20000) FROM message
        WHERE ticket_number = t.number AND author = 'customer'),
    (SELECT group_concat(shown, char(10)) FROM handle WHERE customer_id = t.customer_id),
    (SELECT body FROM message WHERE id = (SELECT max(id) {_REPLIED})),
    t.order_no, c.name, t.language, t.category
FROM json_each(?) j CROSS JOIN ticket t ON t.number = j.value LEFT JOIN customer c ON c.id = t.customer_id
"""


def told(connection: sqlite3.Connection, numbers: Collection[int]) -> Iterator[Told]:
    """What was said in some tickets, in the order of their numbers given."""
    for number, subject, asked, said, handles, reply, order_no, name, language, category in connection.execute(
        _TOLD, (json.dumps(list(numbers)),)
    ):
        everything = f"{said or ''}\n{handles or ''}"
        reply = None if reply is None else reply[:LONGEST_REPLY]
        yield Told(
            number, subject, (asked or "")[:LONGEST_ASKED], everything, reply, order_no, name or "", language, category
        )


def told_in(connection: sqlite3.Connection, number: int) -> Told | None:
    """What was said in one ticket, or in the one it was merged into; None when there is none."""
    ticket = tickets.one(connection, number, 0)
    if ticket is None:
        return None
    return next(told(connection, [ticket["merged_into"] or number]), None)


def kept_phrasings(connection: sqlite3.Connection, texts: Sequence[str]) -> dict[str, str]:
    """Of some texts those that are a phrasing of an article already, with that article's id."""
    rows = connection.execute(
        "SELECT p.text, p.article_id FROM phrasing p WHERE p.text IN (SELECT value FROM json_each(?)) ORDER BY p.id",
        (json.dumps(list(texts)),),
    )
    return dict(rows.fetchall())


def learnt_from(connection: sqlite3.Connection, number: int, article: str) -> list[str]:
    """The aliases an article has learnt from a ticket, as its events tell."""
    if not 0 < number < 1 << 63:
        return []
    rows = connection.execute(
        "SELECT detail ->> '$.alias' FROM event WHERE ticket_number = ? AND kind = 'learnt'"
        " AND detail ->> '$.article' = ? ORDER BY id",
        (number, article),
    )
    return [alias for (alias,) in rows]


def languages_asked(connection: sqlite3.Connection, since: Millis) -> dict[str, int]:
    """How many tickets since a moment came in each language."""
    rows = connection.execute(
        "SELECT language, count(*) FROM ticket"
        " WHERE created_at >= ? AND language <> 'und' AND state <> 'spam' GROUP BY 1",
        (since,),
    )
    return dict(rows.fetchall())
