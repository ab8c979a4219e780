"""The knowledge base looked over, with what the shop's tickets say of it."""

from __future__ import annotations

import sqlite3

from helpdesk.clock import Millis
from helpdesk.kb.lint import Entry, Finding, findings
from helpdesk.views import growth, knowledge
from helpdesk.views.knowledge import ArticleCard


def look_over(connection: sqlite3.Connection, since: Millis) -> list[Finding]:
    """What is wrong with the articles; `since` is how far back tickets and use are looked at."""
    entries = [_entry(card) for card in knowledge.articles(connection)]
    return findings(entries, since, growth.languages_asked(connection, since))


def _entry(card: ArticleCard) -> Entry:
    questions = [(card.language, card.question), *((card.language, alias) for alias in card.aliases)]
    # a customer's words in another language do not make a translation
    questions += [(card.language, alias) for _language, alias in card.learnt]
    questions += [(language, text["question"]) for language, text in card.translations.items()]
    answers = [(card.language, card.answer)]
    answers += [(language, text["answer"]) for language, text in card.translations.items()]
    return Entry(card.id, card.state, tuple(questions), tuple(answers), card.updated_at, card.answered)
