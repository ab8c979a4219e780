"""An article as the customer of one ticket will read it."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass

_PLACEHOLDER = re.compile(r"[ \t]?\{(order_no|product|customer|shop)\}")


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
