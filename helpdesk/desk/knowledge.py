"""Finding an article as a person looks for one: by what the words mean and by the words themselves."""

from __future__ import annotations

import sqlite3

from helpdesk.desk.judge import from_store
from helpdesk.text import fold
from helpdesk.views import knowledge
from helpdesk.views.knowledge import ArticleCard


def search(connection: sqlite3.Connection, words: str) -> list[ArticleCard]:
    """The articles in any state that hold `words`, then the published ones that mean the same, best first."""
    cards = {card.id: card for card in knowledge.articles(connection)}
    wanted = fold(words)
    literal = [card.id for card in cards.values() if wanted in fold("\n".join(_texts(card)))]
    meant = [match.article for match in from_store(connection).judge(words).matches.found]
    return [cards[identity] for identity in dict.fromkeys([*literal, *meant]) if identity in cards]


def _texts(card: ArticleCard) -> list[str]:
    return [card.id, card.question, card.answer, *card.aliases]
