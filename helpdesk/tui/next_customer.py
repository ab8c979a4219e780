"""The customer simple mode shows: who it is, the answers that may fit, and a text left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpdesk.tui.messages import CustomerRead
from helpdesk.views import answers, drafts, query, tickets, waiting

if TYPE_CHECKING:
    import sqlite3

    from helpdesk.views.tickets import Card


def first(connection: sqlite3.Connection, skipped: set[int], now: int, actor: str) -> CustomerRead:
    """The customer to take now, with the answers that may fit."""
    everything = query.Query()
    found = waiting.first(connection, everything, now, skipped) or waiting.first(connection, everything, now)
    if found is None:
        return CustomerRead(None, [])
    return _customer(connection, found.number, now, actor)


def again(connection: sqlite3.Connection, number: int, now: int, actor: str) -> CustomerRead:
    """One customer if they still wait, else the one to take now."""
    same = query.parse(f"number:{number}", query.Scope(now, actor))
    if waiting.first(connection, same, now) is None:
        return first(connection, set(), now, actor)
    return _customer(connection, number, now, actor)


def _customer(connection: sqlite3.Connection, number: int, now: int, actor: str) -> CustomerRead:
    card = tickets.card(connection, number, now)
    offers = []
    for match in card.matches if card else ():
        rendered = answers.render(connection, number, match["article"])
        if rendered is not None and rendered.state == "published":
            offers.append((match["article"], rendered.body))
    draft = drafts.one(connection, draft_key(number, actor))
    return CustomerRead(card, offers, None if draft is not None and draft.is_written_elsewhere else draft)


def draft_key(number: int, actor: str) -> str:
    """What an answer being written is kept under, on the full screens too."""
    return f"reply:{number}:{actor}"


def is_answered(card: Card) -> bool:
    """Whether the last public word is the shop's."""
    spoken = [message for message in card.messages if message["visibility"] == "public"]
    return bool(spoken) and spoken[-1]["author"] != "customer"
