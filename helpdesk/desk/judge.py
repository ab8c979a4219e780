"""The whole judgement of one text: lexicon, topics, knowledge base and classifier, put together in one order."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from helpdesk import config
from helpdesk.classify import category, identifiers
from helpdesk.classify import topics as topics_code
from helpdesk.classify.model import Opinion, features
from helpdesk.classify.priority import Facts, add_facts
from helpdesk.classify.topics import Likeness, topics
from helpdesk.classify.triage import Verdict, triage
from helpdesk.clock import Millis, from_millis
from helpdesk.kb import index as index_code
from helpdesk.kb import sharing as sharing_code
from helpdesk.kb.bands import Thresholds, cautious
from helpdesk.kb.index import ArticleText, KnowledgeIndex, built
from helpdesk.kb.match import NOTHING, Matches, match
from helpdesk.kb.problems import Problem, may_be_several, parts
from helpdesk.lexicon import READ_AT_MOST, Hit, Reading, lexicon, read
from helpdesk.lexicon import stamp as lexicon_stamp
from helpdesk.lookup import Lookup
from helpdesk.models.vocabulary import Band
from helpdesk.views import counts, knowledge, learnt

MOST_MATCHES = 10
KEPT_MATCHES = 3
"""Matches kept with a ticket; `suggest` judges anew and shows more."""

THRESHOLDS = "match.thresholds"
"""The setting that keeps the thresholds chosen from the shop's own log, as JSON."""

NO_FACTS = Facts()


class Judged(NamedTuple):
    """A text's verdict, the articles found for it, and for each of several matters in it the article that fits."""

    verdict: Verdict
    matches: Matches
    problems: tuple[Problem, ...] = ()

    @property
    def band(self) -> Band:
        """What may be sent: nothing goes out by itself where only a person may answer, or one article is not enough."""
        if self.matches.band is Band.ANSWER and (self.problems or not self.verdict.automatic):
            return Band.SUGGEST
        return self.matches.band

    def order_no(self) -> str | None:
        """The order number the text names, if it names one clearly."""
        found = [i for i in self.verdict.identifiers if i.kind == "order" and i.confidence >= 0.5]
        return max(found, key=lambda i: i.confidence).value if found else None


class Heard(NamedTuple):
    """A text understood but not yet judged: its concepts, what it reads like, the articles that fit."""

    reading: Reading
    hits: Sequence[Hit]
    likeness: Likeness
    matches: Matches


class Judge:
    """Judges texts against the articles of an index, and by a learnt model if there is one; holds no store."""

    def __init__(
        self,
        index: KnowledgeIndex,
        categories: Collection[str] | None = None,
        opinion_on: Callable[[Mapping[str, float]], Opinion] | None = None,
        thresholds: Thresholds | None = None,
    ) -> None:
        self._categories = categories
        self._lexicon = lexicon()
        self._topics = topics()
        self._index = index
        self._opinion_on = opinion_on
        self._thresholds = thresholds or cautious()

    def judge(
        self,
        text: str,
        filed_at: Millis | None = None,
        known_orders: Callable[[Sequence[str]], Collection[str]] | Collection[str] = (),
        matches: int = MOST_MATCHES,
    ) -> Judged:
        """The verdict on `text` and the at most `matches` articles that answer it."""
        heard = self.hear(text, matches)
        found = identifiers.find(
            text, filed_at=None if filed_at is None else from_millis(filed_at), known_orders=known_orders
        )
        best, opinion = heard.matches, self.opinion(heard)
        verdict = triage(text, heard.hits, heard.likeness, found, best.votes(), self._categories, opinion)
        if verdict.thanks_only:
            return Judged(verdict, NOTHING)
        # cutting a text up doubles the work: it is done where an answer would go out alone, or all is asked for
        wanted = best.band is Band.ANSWER or matches > KEPT_MATCHES
        several = wanted and may_be_several(heard.hits)
        return Judged(verdict, best, self._problems(text[:READ_AT_MOST]) if several else ())

    def hear(self, text: str, matches: int = MOST_MATCHES) -> Heard:
        """What judging a text begins with."""
        reading, hits, likeness = self.understood(text)
        return Heard(reading, hits, likeness, self.matched(reading, hits, likeness, matches))

    def understood(self, text: str) -> tuple[Reading, Sequence[Hit], Likeness]:
        """A text with its concepts and what it reads like."""
        reading = read(text)
        hits = self._lexicon.find(reading)
        return reading, hits, self._topics.likeness(features(reading, hits), hits)

    def matched(self, reading: Reading, hits: Sequence[Hit], likeness: Likeness, matches: int) -> Matches:
        """The articles that may answer a text that is understood."""
        prior = category.prior(hits, likeness)
        return match(reading, hits, self._index, prior, likeness.shares, matches, self._thresholds)

    def opinion(self, heard: Heard) -> Opinion | None:
        """What the learnt model says of a text; None before there is a model."""
        return self._opinion_on(heard.likeness.features) if self._opinion_on else None

    def _problems(self, text: str) -> tuple[Problem, ...]:
        found: dict[str, Problem] = {}
        pieces = parts(text)
        for left, part in zip(range(len(pieces), 0, -1), pieces, strict=True):
            if len(found) + left < 2:  # what is left cannot make it several
                return ()
            best = self.hear(part, 1).matches
            if best.band is not Band.UNSURE:
                found.setdefault(best.found[0].article, Problem(part, best.found[0]))
        return tuple(found.values()) if len(found) > 1 else ()


def from_store(connection: sqlite3.Connection) -> Judge:
    """A judge who knows the shop's published articles, its categories and what it learnt; asks while it is open."""
    known = frozenset(counts.categories(connection))
    return Judge(_index(connection), known, _opinion_of(connection, known), thresholds_of(connection))


def thresholds_of(connection: sqlite3.Connection) -> Thresholds:
    """The thresholds `learn` has chosen from the shop's log, else the cautious ones."""
    kept = counts.setting(connection, THRESHOLDS)
    return Thresholds(**json.loads(kept)) if kept else cautious()


def _opinion_of(
    connection: sqlite3.Connection, known: Collection[str]
) -> Callable[[Mapping[str, float]], Opinion] | None:
    model = learnt.model(connection)
    if model is None:
        return None
    weights = learnt.Weights(connection, model.identity)
    return lambda found: model.opinion(found, weights.among(found.keys()), known)


def of_articles(articles: Sequence[ArticleText]) -> Judge:
    """A judge who knows some articles."""
    return Judge(KnowledgeIndex(Lookup.of(_built(articles))))


def _index(connection: sqlite3.Connection) -> KnowledgeIndex:
    """The index of the shop's published articles, kept in the user's cache until one of them or the lexicon changes."""
    place, stamp = knowledge.stamp(connection)
    stamps = [
        stamp,
        lexicon_stamp(),
        topics_code.stamp(),
        config.stamp_of([Path(index_code.__file__), Path(sharing_code.__file__)]),
    ]
    return KnowledgeIndex(config.cached("articles", place, stamps, lambda: _built(knowledge.article_texts(connection))))


def _built(articles: Sequence[ArticleText]) -> dict[str, Any]:
    def topics_of(reading: Reading, hits: Sequence[Hit]) -> Mapping[str, float]:
        return topics().likeness(features(reading, hits), hits).shares

    return built(articles, lexicon(), topics_of)


def detail(judged: Judged) -> dict[str, Any]:
    """A judgement as the `triaged` event keeps it."""
    verdict = judged.verdict
    return {
        "language": verdict.language,
        "category": verdict.category.category,
        "confidence": verdict.category.confidence,
        "rivals": verdict.category.rivals,
        "because": verdict.category.reasons[:5],
        "mood": verdict.mood.mood,
        "mood_because": verdict.mood.reasons[:5],
        "priority": verdict.priority.priority,
        "urgency": verdict.priority.urgency,
        "terms": verdict.priority.terms,
        "identifiers": [[i.kind, i.value, i.confidence] for i in verdict.identifiers[:10]],
        "band": judged.band,
        "matches": [[m.article, m.probability, m.reasons] for m in judged.matches.found[:KEPT_MATCHES]],
        "automatic": verdict.automatic,
        "problems": [[p.text[:200], p.match.article, p.match.probability] for p in judged.problems],
    }


def with_facts(judged: Judged, facts: Facts) -> Judged:
    """The same judgement where the shop knows more of the customer and the order: only the priority changes."""
    if facts == NO_FACTS:
        return judged
    priority = add_facts(judged.verdict.priority.terms, facts)
    return judged._replace(verdict=judged.verdict._replace(priority=priority))
