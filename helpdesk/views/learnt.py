"""What `helpdesk learn` learns from, and what it learnt."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from typing import NamedTuple

from helpdesk.classify.model import Model, Pooling, Row, unpacked

FEW = 20
"""Texts whose weights are looked up one by one; from then on it is a batch, and all weights are read at once."""


class Example(NamedTuple):
    """A ticket whose category a person set: by a correction (`corrected`), or it came with its label."""

    number: int
    category: str
    text: str
    corrected: bool


def examples(connection: sqlite3.Connection, most: int) -> list[Example]:
    """The newest `most` tickets with a category set by a person, in the order of their numbers."""
    rows = connection.execute(
        "SELECT t.number, t.category, t.subject,"
        " (SELECT body FROM message WHERE ticket_number = t.number AND author = 'customer' ORDER BY id LIMIT 1),"
        " EXISTS (SELECT 1 FROM event e JOIN operation o ON o.id = e.operation_id WHERE e.ticket_number = t.number"
        " AND e.kind = 'set' AND o.kind = 'set' AND e.detail ->> '$.category' IS NOT NULL)"
        " FROM ticket t WHERE t.category_pinned = 1 AND t.state NOT IN ('merged', 'spam')"
        " ORDER BY t.number DESC LIMIT ?",
        (most,),
    )
    found = [
        Example(number, category, _text(subject, body or ""), bool(c)) for number, category, subject, body, c in rows
    ]
    return found[::-1]


def _text(subject: str, body: str) -> str:
    """Subject and body as they were judged: a subject made of the body is left out."""
    return body if body.startswith(subject.rstrip("…. ")) else f"{subject}\n{body}"


class Kept(NamedTuple):
    """The model in use, when and from how many examples it was learnt, and what it said of those held out.

    `verdicts` has every ticket it learnt from: its verdict before that, if it was held out, else None.
    """

    model: Model
    trained_at: int
    accuracy: float
    examples: int
    verdicts: dict[int, str | None]


_MODEL = "SELECT id, classes, biases, sharpness, lexicon, unseen, floor"


def model(connection: sqlite3.Connection) -> Model | None:
    """The model in use, without its rows; None before there is one."""
    row = connection.execute(f"{_MODEL} FROM category_model").fetchone()
    return None if row is None else _model(row)


def _model(row: tuple[int, str, str, float, float, float, float]) -> Model:
    identity, classes, biases, sharpness, lexicon, unseen, floor = row
    pooling = Pooling(sharpness, lexicon, unseen, floor)
    return Model(identity, tuple(json.loads(classes)), tuple(json.loads(biases)), pooling)


def kept(connection: sqlite3.Connection) -> Kept | None:
    """The model in use with how it was learnt."""
    row = connection.execute(f"{_MODEL}, trained_at, accuracy, examples, verdicts FROM category_model").fetchone()
    if row is None:
        return None
    trained_at, accuracy, count, verdicts = row[7:]
    return Kept(_model(row[:7]), trained_at, accuracy, count, {int(n): v for n, v in json.loads(verdicts).items()})


class Weights:
    """The rows of the model in use, on a connection that stays open as long as they are asked for."""

    def __init__(self, connection: sqlite3.Connection, identity: int) -> None:
        self._connection = connection
        self._identity = identity
        self._asked = 0
        self._blocks: dict[str, tuple[float, bytes]] = {}
        self._rows: dict[str, Row] = {}

    def among(self, features: Collection[str]) -> dict[str, Row]:
        """Of some features, those the model knows."""
        self._asked += 1
        if self._asked <= FEW:
            found = self._connection.execute(
                "SELECT feature, rarity, weights FROM category_weight"
                " WHERE feature IN (SELECT value FROM json_each(?)) AND model = ?",
                (json.dumps(list(features)), self._identity),
            )
            return {feature: unpacked(rarity, block) for feature, rarity, block in found}
        if self._asked == FEW + 1:
            self._read_all()
        return {feature: self._row(feature) for feature in self._blocks.keys() & features}

    def _read_all(self) -> None:
        rows = self._connection.execute(
            "SELECT feature, rarity, weights FROM category_weight WHERE model = ?", (self._identity,)
        )
        self._blocks = {feature: (rarity, block) for feature, rarity, block in rows}

    def _row(self, feature: str) -> Row:
        row = self._rows.get(feature)
        if row is None:
            row = self._rows[feature] = unpacked(*self._blocks[feature])
        return row
