"""An article as the customer of one ticket will read it."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass

from helpdesk.models.vocabulary import PLACEHOLDERS

_PLACEHOLDER = re.compile(rf"[ \t]?\{{({'|'.join(PLACEHOLDERS)})\}}")


@dataclass(frozen=True, slots=True)
class Rendered:
    """The answer's text in one language, and the state of the article it comes from."""

    body: str
    language: str
    state: str


def render(connection: sqlite3.Connection, number: int, article: str) -> Rendered | None:
    """The answer of `article` in the language of ticket `number`, else in the article's own; None without such article.

    Of the placeholders {order_no}, {product}, {customer} and {shop}, one the shop knows nothing for leaves no trace.
    """
    if not 0 < number < 1 << 63:
        return None
    row = connection.execute(
        "SELECT a.answer, a.language, a.state, tr.answer, tr.language, t.order_no, o.product, c.name,"
        " (SELECT value FROM setting WHERE key = 'shop.name')"
        " FROM article a JOIN ticket t ON t.number = ?"
        " LEFT JOIN translation tr ON tr.article_id = a.id AND tr.language = t.language AND tr.answer <> ''"
        " LEFT JOIN shop_order o ON o.order_no = t.order_no LEFT JOIN customer c ON c.id = t.customer_id"
        " WHERE a.id = ?",
        (number, article),
    ).fetchone()
    if row is None:
        return None
    answer, own, state, translated, language, order_no, product, customer, shop = row
    values = {"order_no": order_no, "product": product, "customer": customer, "shop": shop}

    def filled(found: re.Match[str]) -> str:
        value = values[found[1]]
        return found[0].replace(f"{{{found[1]}}}", value) if value else ""

    return Rendered(_PLACEHOLDER.sub(filled, translated or answer), language or own, state)


_OUTCOMES = """
SELECT t.detail ->> '$.matches[0][1]', coalesce(t.detail ->> '$.matches[1][1]', 0.0),
    e.kind = 'answered' AND e.detail ->> '$.article' IS t.detail ->> '$.matches[0][0]'
FROM event e JOIN event t ON t.ticket_number = e.ticket_number AND t.kind = 'triaged'
WHERE (e.kind = 'replied' OR e.kind = 'answered' AND e.detail ->> '$.named' = 1)
    AND t.detail ->> '$.matches[0][1]' IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM event earlier WHERE earlier.ticket_number = e.ticket_number
        AND earlier.kind IN ('answered', 'replied') AND earlier.id < e.id)
ORDER BY e.id DESC LIMIT ?
"""


def outcomes(connection: sqlite3.Connection, most: int = 5000) -> list[tuple[float, float, bool]]:
    """What became of the best match of the tickets answered last: its probability, the second's, whether it was sent.

    A reply in a person's own words, or another article, counts against the match; an answer for which no article was
    named counts neither way, for the program chose it.
    """
    return [(best, second, bool(sent)) for best, second, sent in connection.execute(_OUTCOMES, (most,))]
