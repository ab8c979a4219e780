"""The knowledge base as it is read: for matching, for lists, for one card, for export."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from typing import Any, NamedTuple

from helpdesk.clock import Millis, iso
from helpdesk.kb.index import ArticleText


def article_texts(connection: sqlite3.Connection) -> list[ArticleText]:
    """Every published article with all its phrasings, as matching needs it."""
    phrasings: dict[str, list[str]] = defaultdict(list)
    for article, text in connection.execute("SELECT article_id, text FROM phrasing ORDER BY id"):
        phrasings[article].append(text)
    rows = connection.execute("SELECT id, category, question FROM article WHERE state = 'published' ORDER BY id")
    return [ArticleText(i, category, question, tuple(phrasings[i]) or (question,)) for i, category, question in rows]


def stamp(connection: sqlite3.Connection) -> tuple[str, list[int]]:
    """Which store this is, and what changes when any article of it changes."""
    row = connection.execute(
        "SELECT (SELECT count(*) FROM phrasing), (SELECT coalesce(max(id), 0) FROM phrasing), count(*),"
        " coalesce(sum(version), 0), coalesce(max(updated_at), 0) FROM article"
    ).fetchone()
    (_number, _name, file) = connection.execute("PRAGMA database_list").fetchone()
    return file, list(row)


class ArticleCard(NamedTuple):
    """One article, whole."""

    id: str
    category: str
    language: str
    question: str
    answer: str
    state: str
    aliases: tuple[str, ...]
    learnt: tuple[tuple[str, str], ...]
    """(language, text) of the aliases learnt from accepted answers."""
    translations: dict[str, dict[str, str]]
    created_at: Millis
    updated_at: Millis
    answered: int
    version: int

    def as_json(self) -> dict[str, Any]:
        """The article as the contract of `kb … --json` has it."""
        return {
            "id": self.id,
            "category": self.category,
            "language": self.language,
            "question": self.question,
            "aliases": list(self.aliases),
            "learnt": [{"language": language, "text": text} for language, text in self.learnt],
            "answer": self.answer,
            "translations": self.translations,
            "state": self.state,
            "answered": self.answered,
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
            "version": self.version,
        }


_CARDS = """
SELECT a.id, a.category, a.language, a.question, a.answer, a.state, a.created_at, a.updated_at, a.version,
    (SELECT json_group_array(text) FROM (
        SELECT text FROM phrasing WHERE article_id = a.id AND kind = 'alias' ORDER BY id)),
    (SELECT json_group_array(json_array(language, text)) FROM (
        SELECT language, text FROM phrasing WHERE article_id = a.id AND kind = 'learnt' ORDER BY id)),
    (SELECT json_group_object(language, json_object('question', question, 'answer', answer))
        FROM translation WHERE article_id = a.id),
    (SELECT count(*) FROM message WHERE article_id = a.id)
FROM article a
"""


def articles(
    connection: sqlite3.Connection, category: str | None = None, state: str | None = None
) -> list[ArticleCard]:
    """The articles of a category and a state, or all, by id."""
    rows = connection.execute(
        f"{_CARDS} WHERE (?1 IS NULL OR a.category = ?1) AND (?2 IS NULL OR a.state = ?2) ORDER BY a.id",
        (category, state),
    )
    return [_card(row) for row in rows]


def article(connection: sqlite3.Connection, identity: str) -> ArticleCard | None:
    """One article, or None."""
    row = connection.execute(f"{_CARDS} WHERE a.id = ?", (identity,)).fetchone()
    return None if row is None else _card(row)


def _card(row: tuple[Any, ...]) -> ArticleCard:
    (i, category, language, question, answer, state, created, updated, version, aliases, learnt, translations,
     answered) = row  # fmt: skip
    return ArticleCard(
        i, category, language, question, answer, state, tuple(json.loads(aliases)),
        tuple((tag, text) for tag, text in json.loads(learnt)), json.loads(translations),
        created, updated, answered, version,
    )  # fmt: skip


class Answered(NamedTuple):
    """A ticket an article was sent to, when, and how it stands now."""

    number: int
    subject: str
    state: str
    at: Millis


def answered_with(connection: sqlite3.Connection, identity: str, limit: int = 20) -> list[Answered]:
    """The tickets an article answered, the newest first."""
    rows = connection.execute(
        "SELECT t.number, t.subject, t.state, max(m.at) FROM message m JOIN ticket t ON t.number = m.ticket_number"
        " WHERE m.article_id IS NOT NULL AND m.article_id = ? GROUP BY t.number ORDER BY max(m.id) DESC LIMIT ?",
        (identity, limit),
    )
    return [Answered(*row) for row in rows]
