"""Which articles answer a text: BM25 over one document an article, the best single phrasing, and shared meanings,
made into one probability by a logistic, and into a band by two thresholds and a margin.

BM25: Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with k1 = 1.2, b = 0.4.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from operator import itemgetter, mul
from typing import NamedTuple

from rapidfuzz import fuzz

from helpdesk.config import tables
from helpdesk.kb.index import K1, LONGEST_COMPARED, Document, KnowledgeIndex, Phrase, concept_terms, content_terms
from helpdesk.lexicon import Hit, Reading
from helpdesk.models.vocabulary import Band

CANDIDATES = 10
"""Articles reranked after the index has spoken."""

_FRAGMENTS = 4


@dataclass(frozen=True, slots=True)
class Match:
    """An article found for a text; `reasons` are the fragments and meanings that tie them, strongest first."""

    article: str
    question: str
    category: str
    probability: float
    phrasing: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matches:
    """The articles found, best first, and what they permit."""

    band: Band
    found: tuple[Match, ...]

    def votes(self) -> dict[str, float]:
        """For each category, the probability of its best article."""
        best: dict[str, float] = {}
        for match in self.found:
            best[match.category] = max(best.get(match.category, 0.0), match.probability)
        return best


NOTHING = Matches(Band.UNSURE, ())


@dataclass(frozen=True, slots=True)
class Query:
    """A text made ready to be matched."""

    folded: str
    terms: frozenset[str]
    concepts: frozenset[str]
    self_score: float


def match(
    reading: Reading,
    hits: Sequence[Hit],
    index: KnowledgeIndex,
    categories: Mapping[str, float] | None = None,
    limit: int = CANDIDATES,
) -> Matches:
    """The at most `limit` articles that answer a text; `categories` are the shares the lexicon gives it."""
    query = _query(reading, hits, index)
    scored = _candidates(query, index)
    if not scored:
        return NOTHING
    shares, (bias, weights) = categories or {}, _weights()
    runner_up = scored[1][1] if len(scored) > 1 else 0.0
    weighed = [
        _weigh(
            query, index.documents[number], score, scored[0][1] if place else runner_up, shares, index, bias, weights
        )
        for place, (number, score) in enumerate(scored)
    ]
    weighed.sort(key=itemgetter(0), reverse=True)
    found = tuple(_match(query, *one) for one in weighed[:limit])
    return Matches(band_of(found), found)


def _match(query: Query, probability: float, document: Document, phrase: Phrase) -> Match:
    article = document.article
    reasons = _reasons(query, phrase, document)
    return Match(article.id, article.question, article.category, probability, phrase.text, reasons)


def band_of(found: Sequence[Match]) -> Band:
    """What the best of `found`, sorted best first, permits."""
    settings = tables("judgement.toml")["match"]
    if not found or found[0].probability < settings["suggest_at"]:
        return Band.UNSURE
    behind = found[1].probability if len(found) > 1 else 0.0
    if found[0].probability >= settings["answer_at"] and found[0].probability - behind >= settings["answer_margin"]:
        return Band.ANSWER
    return Band.SUGGEST


def _query(reading: Reading, hits: Sequence[Hit], index: KnowledgeIndex) -> Query:
    words = frozenset(content_terms(reading.folded))
    concepts = frozenset(concept_terms(hits))
    rarity, unknown = index.rarity, math.log(1 + (len(index.documents) + 0.5) / 0.5) * 0.5
    total = sum([rarity.get(term, unknown) for term in words]) + sum([rarity.get(term, 0.0) for term in concepts])
    return Query(reading.folded[:LONGEST_COMPARED], words | concepts, concepts, total * (K1 + 1) / 2 or 1.0)


def _candidates(query: Query, index: KnowledgeIndex) -> list[tuple[int, float]]:
    scores: dict[int, float] = {}
    known = scores.get
    for term in query.terms & index.postings.keys():
        for number, weight in index.postings[term]:
            scores[number] = known(number, 0.0) + weight
    return nlargest(CANDIDATES, scores.items(), key=itemgetter(1))


class Features(NamedTuple):
    """What the logistic weighs of an article, each about 0..1, margin -1..1."""

    bm25: float
    cosine: float
    concepts: float
    fuzz: float
    coverage: float
    margin: float
    category: float


def _weights() -> tuple[float, Features]:
    """The logistic's bias and what it gives each feature, from judgement.toml."""
    given = dict(tables("judgement.toml")["match"]["weights"])
    return given.pop("bias"), Features(**given)


def features(
    query: Query,
    document: Document,
    phrase: Phrase,
    score: float,
    rival: float,
    categories: Mapping[str, float],
    rarity: Mapping[str, float],
) -> Features:
    """How well an article fits a text: `score` and `rival` are its BM25 and that of the best other article."""
    shared, asked = len(query.terms & phrase.terms), query.concepts
    return Features(
        bm25=min(score / query.self_score, 1.5),
        cosine=shared / math.sqrt(len(query.terms) * len(phrase.terms) or 1),
        concepts=_rarity(asked & document.concepts, rarity) / _rarity(asked | phrase.concepts, rarity),
        fuzz=fuzz.ratio(query.folded, phrase.folded) / 100,
        coverage=shared / (len(phrase.terms) or 1),
        margin=(score - rival) / (score + rival or 1.0),
        category=categories.get(document.article.category, 0.0),
    )


def _rarity(concepts: Iterable[str], rarity: Mapping[str, float]) -> float:
    return sum([rarity.get(concept, 0.5) for concept in concepts]) or 1e-9


def _weigh(
    query: Query,
    document: Document,
    score: float,
    rival: float,
    categories: Mapping[str, float],
    index: KnowledgeIndex,
    bias: float,
    weights: Features,
) -> tuple[float, Document, Phrase]:
    phrase = _best_phrase(query, document)
    values = features(query, document, phrase, score, rival, categories, index.rarity)
    logit = bias + sum(map(mul, weights, values))
    return round(1 / (1 + math.exp(-logit)), 4), document, phrase


def _best_phrase(query: Query, document: Document) -> Phrase:
    """The phrasing that shares most with the text, by the cosine of their sets of terms."""
    asked, best, best_cosine = query.terms, document.phrases[0], -1.0
    for phrase in document.phrases:
        shared = len(asked & phrase.terms)
        cosine = shared * shared / (len(phrase.terms) or 1)
        if cosine > best_cosine:
            best, best_cosine = phrase, cosine
    return best


def _reasons(query: Query, phrase: Phrase, document: Document) -> tuple[str, ...]:
    shared = query.terms & (phrase.terms | document.concepts)
    meanings = sorted(term[1:] for term in shared if term.startswith("§"))
    fragments = [term for term in shared if not term.startswith("§")]
    words = _maximal([term for term in fragments if len(term) > 1] or fragments)
    return tuple([f"≈{meaning}" for meaning in meanings[:_FRAGMENTS]] + words[:_FRAGMENTS])


def _maximal(found: Sequence[str]) -> list[str]:
    longest_first = sorted(found, key=lambda term: (-len(term), term))
    kept: list[str] = []
    for term in longest_first:
        if not any(term in other for other in kept):
            kept.append(term)
    return kept
