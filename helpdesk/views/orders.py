"""The shop's orders as judgement asks for them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Sequence


def known_orders_of(connection: sqlite3.Connection) -> Callable[[Sequence[str]], Collection[str]]:
    """A function that says which of some order numbers the shop has imported."""

    def known(numbers: Sequence[str]) -> Collection[str]:
        rows = connection.execute(
            "SELECT order_no FROM shop_order WHERE order_no IN (SELECT value FROM json_each(?))",
            (json.dumps(list(numbers)),),
        )
        return {number for (number,) in rows}

    return known
