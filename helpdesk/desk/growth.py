"""How the knowledge base grows from tickets: drafts of articles, and the words of customers cleaned to be phrasings."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass

from helpdesk.classify import identifiers
from helpdesk.classify.identifiers import Identifier
from helpdesk.errors import NotAllowed, NotFound
from helpdesk.i18n import _
from helpdesk.kb.wording import cleaned, without_keys, without_numbers
from helpdesk.lexicon import lexicon
from helpdesk.models.vocabulary import Language
from helpdesk.views import growth
from helpdesk.views.growth import Told

_PERSONAL = frozenset({"order", "damaged", "payment", "shop_ticket", "courier", "identity_card", "bank_card"})
"""Identifiers that are one customer's, whoever wrote them; addresses and links may be the shop's own."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What an article is made of, as tickets said it; `answer` is None where nobody replied in their own words."""

    question: str
    aliases: tuple[str, ...]
    answer: str | None
    category: str
    language: str


def words_of(text: str) -> str:
    """A customer's words without identifiers, links, keys, greetings and thanks; empty when nothing is left."""
    return cleaned(impersonal(text), lexicon())


def impersonal(text: str) -> str:
    """A text without what is one customer's alone: identifiers, links, keys, long numbers."""
    return without_numbers(without_keys(identifiers.replaced(text, lambda _one: " ")))


def wording_of_ticket(connection: sqlite3.Connection, number: int) -> Wording:
    """A ticket's first message and its last reply in a person's own words, made into an article."""
    told = growth.told_in(connection, number)
    if told is None:
        raise NotFound(_("There is no ticket {number}; `helpdesk list` shows those there are.").format(number=number))
    if told.reply is None:
        raise NotAllowed(
            _(
                "Nobody has replied to ticket {number} in their own words, so there is no answer to keep. "
                "Reply first: helpdesk reply {number} TEXT"
            ).format(number=told.number)
        )
    phrasings = dict.fromkeys(filter(None, (words_of(told.asked), words_of(told.subject.rstrip("…")))))
    question, *aliases = phrasings or [""]
    aliases = [alias for alias in aliases if not question.startswith(alias)]
    return Wording(question, tuple(aliases), answer_of(told), told.category, article_language(told.language))


def article_language(language: str) -> str:
    """The language an article of a ticket is written in; the shop's own where the ticket's is not known."""
    return Language.SIMPLIFIED.value if language == Language.UNDETERMINED else language


def answer_of(told: Told) -> str:
    """The reply of a ticket as an article's answer: what is this customer's alone becomes a placeholder.

    Placeholders that are not filled in when an answer is sent, such as {card_key}, are found by `kb lint`.
    """
    reply = told.reply or ""
    if told.order_no:
        reply = reply.replace(told.order_no, "{order_no}")
    reply = identifiers.replaced(reply, lambda one: _placeholder(one, told.said))
    return _without_name(without_keys(reply, "{card_key}"), told.customer)


def _placeholder(one: Identifier, said: str) -> str | None:
    known = one.value in said
    if one.kind == "order":
        # what looks like an order number and was never the customer's is the key that was sent
        return "{order_no}" if known else "{card_key}"
    if one.kind in _PERSONAL or (known and one.kind != "link"):
        return f"{{{one.kind}}}"
    return None


def _without_name(reply: str, name: str) -> str:
    if len(name) < 2:
        return reply
    return re.sub(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])", "{customer}", reply)
