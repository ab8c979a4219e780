"""What a text reads like: which of some ninety matters of such a shop, learnt from messages written for this project.

The messages are in fixtures/training; `python fixtures/training/learn.py` makes `data/topics.weights` of them. A topic
is finer than a category and carries what such messages usually mean for mood and urgency, so that a matter told without
its usual words is still understood.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from operator import mul
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from helpdesk import config
from helpdesk.classify import model as model_code
from helpdesk.classify.model import Columns, Model, Opinion, Pooling, Row, Sums, softmax
from helpdesk.classify.reasons import Reason
from helpdesk.lexicon import Hit
from helpdesk.lookup import Lookup

if TYPE_CHECKING:
    from helpdesk.classify.table import Table

_HEAD, _COLUMN = "\0topics", "\0column "
"""Keys of what is no feature: the topics, and all features again as columns, for many texts."""

_UNKNOWN, _DOUBT = 2.5, 1.0
_SCARCE = 0.01
"""The share from which a category's evidence begins to count."""


class Topic(NamedTuple):
    """A matter: its category and names, and what messages about it are on average: urgency 0 (low) to 3 (urgent), and
    the shares of those whose mood is negative and positive."""

    id: str
    category: str
    gloss: str
    label: str
    urgency: float
    negative: float
    positive: float


class Worth(NamedTuple):
    """The topics, those of each category, and what each is worth, topic by topic."""

    topics: Sequence[Topic]
    of_category: Mapping[str, Sequence[str]]
    urgency: Sequence[float]
    negative: Sequence[float]
    positive: Sequence[float]

    @classmethod
    def of(cls, topics: Sequence[Topic]) -> Worth:
        """What some topics are worth."""
        of_category: dict[str, list[str]] = {}
        for topic in topics:
            of_category.setdefault(topic.category, []).append(topic.id)
        _ids, _categories, _glosses, _labels, urgency, negative, positive = zip(*topics, strict=True)
        return cls(topics, of_category, urgency, negative, positive)


class Likeness:
    """How much a text reads like each topic: the shares, by id, add up to one."""

    def __init__(self, worth: Worth, opinion: Opinion, features: Mapping[str, float], hits: Sequence[Hit]) -> None:
        self._worth = worth
        self.opinion = opinion
        self.features = features
        self.hits = hits

    @property
    def shares(self) -> Mapping[str, float]:
        """The share of each topic."""
        return self.opinion.shares

    @cached_property
    def best(self) -> Topic:
        """The topic the text reads most like."""
        return max(zip(self.shares.values(), range(len(self.shares)), self._worth.topics, strict=True))[2]

    @cached_property
    def evidence(self) -> Mapping[str, float]:
        """What the topics say for each category: the logarithm of its share against _SCARCE, from zero up."""
        share_of = self.shares.__getitem__
        return {
            category: math.log(1 + sum(map(share_of, topics)) / _SCARCE)
            for category, topics in self._worth.of_category.items()
        }

    @cached_property
    def urgency(self) -> float:
        """The urgency to expect, 0 to 3."""
        return self._expected(self._worth.urgency)

    @cached_property
    def negative(self) -> float:
        """The chance that such a message is negative."""
        return self._expected(self._worth.negative)

    @cached_property
    def positive(self) -> float:
        """The chance that such a message is positive."""
        return self._expected(self._worth.positive)

    def settled(self, topic: str) -> Likeness:
        """The same text where it is known which topic it is."""
        shares = {one: float(one == topic) for one in self.shares}
        return Likeness(self._worth, self.opinion._replace(shares=shares), self.features, self.hits)

    def _expected(self, values: Sequence[float]) -> float:
        return math.fsum(map(mul, self.shares.values(), values))

    def reason(self, points: float) -> Reason:
        """Points given for what the text reads like, with the words that say so."""
        return Reason("topic", self.best.id, self._words, round(points, 2))

    @cached_property
    def _words(self) -> str:
        return "…".join(reason.fragment for reason in self.opinion.reasons(self.best.id, self.hits)[:3])


class Topics:
    """The topics and the weights of every feature of a text."""

    def __init__(self, entries: Lookup) -> None:
        rows, biases, sharpness = entries.get(_HEAD)
        self.topics = [Topic(*row) for row in rows]
        self._worth = Worth.of(self.topics)
        self._model = Model(0, [topic.id for topic in self.topics], biases, Pooling(sharpness, 1.0, 0.0, 0.0))
        self._entries = entries
        self._table: Table | None = None

    def likeness(self, found: Mapping[str, float], hits: Sequence[Hit]) -> Likeness:
        """What a text with the features `found` and the concepts `hits` reads like."""
        sums, model = self._sums(found), self._model
        pooling = model.pooling._replace(sharpness=model.pooling.sharpness * _known(sums))
        shares = dict(zip(model.classes, softmax(sums.logits, pooling.sharpness), strict=True))
        return Likeness(self._worth, Opinion(shares, pooling, model.classes, sums.spoken), found, hits)

    def _sums(self, found: Mapping[str, float]) -> Sums:
        if self._table is None and self._entries.is_for_many:
            from helpdesk.classify.table import Table  # numpy

            columns = Columns(*[self._entries.get(f"{_COLUMN}{name}") for name in Columns._fields])
            self._table = Table(columns, self._model.biases)
        if self._table is not None:
            return self._table.sums(found)
        known = self._entries.among(found.keys())
        return self._model.sums(found, {name: Row(*known[name]) for name in found if name in known})


def _known(sums: Sums) -> float:
    """How much of a text's length its known features make up: a text of another world reads like nothing."""
    return float((sums.known / (sums.known + sums.unknown * _UNKNOWN**2 or 1.0)) ** _DOUBT)


@lru_cache(maxsize=1)
def topics() -> Topics:
    """The topics that ship with the program."""
    return Topics(config.cached("topics", str(config.DATA), stamp(), _entries))


def stamp() -> list[list[Any]]:
    """What changes when the topics change."""
    return config.stamp_of(
        [config.DATA / "topics.weights", config.DATA / "topics.toml", Path(__file__), Path(model_code.__file__)]
    )


def _entries() -> dict[str, Any]:
    names = config.load_toml(config.DATA / "topics.toml")
    with (config.DATA / "topics.weights").open(encoding="utf-8") as file:
        head = json.loads(next(file))
        features: dict[str, Row] = {}
        for line in file:
            name, rarity, weights = json.loads(line)
            features[name] = Row(rarity, [int(place) for place in weights], list(weights.values()))
    topics = [_row(names[identity], identity, *means) for identity, *means in head["topics"]]
    columns = {f"{_COLUMN}{name}": column for name, column in Columns.of(features)._asdict().items()}
    return {**features, **columns, _HEAD: [topics, head["biases"], head["sharpness"]]}


def _row(entry: Mapping[str, Any], identity: str, *means: float) -> list[Any]:
    return [identity, entry["category"], entry["gloss"], entry["label"], *means]
