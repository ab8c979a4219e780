"""Which articles answer a text: BM25 over one document an article, the best single phrasing, and shared meanings,
made into one probability by a logistic, and into a band by two thresholds and a margin.

BM25: Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with k1 = 1.2, b = 0.4.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from helpdesk.config import tables
from helpdesk.kb.index import Document, KnowledgeIndex, Phrase, concept_terms, content_terms
from helpdesk.lexicon import Hit, Reading
from helpdesk.models.vocabulary import Band

K1 = 1.2
B = 0.4
CANDIDATES = 12
"""Articles reranked after the index has spoken."""

SHOWN = 10
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
    self_score: float
    norm: float


def match(
    reading: Reading, hits: Sequence[Hit], index: KnowledgeIndex, categories: Mapping[str, float] | None = None
) -> Matches:
    """The articles that answer a text, at most SHOWN; `categories` are the shares the lexicon gives it."""
    query = _query(reading, hits, index)
    scored = _candidates(query, index)
    if not scored:
        return NOTHING
    seen = categories or {}
    found = []
    for place, (number, score) in enumerate(scored[:CANDIDATES]):
        rival = scored[0 if place else 1][1] if len(scored) > 1 else 0.0
        found.append(_weighed(query, index.documents[number], score, rival, seen))
    found.sort(key=lambda match: -match.probability)
    return Matches(band_of(found), tuple(found[:SHOWN]))


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
    words = frozenset(content_terms(reading.folded) + concept_terms(hits))
    unknown = math.log(1 + (len(index.documents) + 0.5) / 0.5) * 0.5
    weights = [index.rarity.get(term, 0.0 if term.startswith("§") else unknown) for term in words]
    return Query(
        reading.folded, words, sum(weights) * (K1 + 1) / 2 or 1.0, math.sqrt(sum(w * w for w in weights)) or 1.0
    )


def _candidates(query: Query, index: KnowledgeIndex) -> list[tuple[int, float]]:
    scores: dict[int, float] = {}
    for term in query.terms:
        numbers = index.postings.get(term)
        if numbers is None:
            continue
        rarity = index.rarity[term]
        for number in numbers:
            document = index.documents[number]
            count = document.counts[term]
            length = 1 - B + B * document.length / index.mean_length
            scores[number] = scores.get(number, 0.0) + rarity * count * (K1 + 1) / (count + K1 * length)
    return sorted(scores.items(), key=lambda item: -item[1])


def features(
    query: Query, document: Document, phrase: Phrase, cosine: float, score: float, rival: float, share: float
) -> dict[str, float]:
    """What the logistic weighs, each about 0..1 (margin and category -1..1)."""
    asked = {term for term in query.terms if term.startswith("§")}
    return {
        "bm25": min(score / query.self_score, 1.5),
        "cosine": cosine,
        "concepts": len(asked & document.concepts) / len(asked | (phrase.terms & document.concepts)) if asked else 0.0,
        "fuzz": fuzz.ratio(query.folded[:200], phrase.folded[:200]) / 100,
        "coverage": len(query.terms & phrase.terms) / (len(phrase.terms) or 1),
        "margin": (score - rival) / (score + rival or 1.0),
        "category": share,
    }


def _weighed(query: Query, document: Document, score: float, rival: float, categories: Mapping[str, float]) -> Match:
    phrase, cosine = _best_phrase(query, document)
    share = categories.get(document.article.category, 0.0)
    values = features(query, document, phrase, cosine, score, rival, share)
    return Match(
        document.article.id,
        document.article.question,
        document.article.category,
        round(probability(values), 4),
        phrase.text,
        _reasons(query, phrase, document),
    )


def probability(values: Mapping[str, float]) -> float:
    """The chance that an article with these features answers the text."""
    weights = tables("judgement.toml")["match"]["weights"]
    return 1 / (1 + math.exp(-weights["bias"] - sum(weights[name] * value for name, value in values.items())))


def _best_phrase(query: Query, document: Document) -> tuple[Phrase, float]:
    best, best_cosine = document.phrases[0], -1.0
    for phrase in document.phrases:
        # both sides binary, so the product of norms is the only thing left to divide by
        shared = len(query.terms & phrase.terms)
        cosine = shared / math.sqrt(len(query.terms) * len(phrase.terms) or 1)
        if cosine > best_cosine:
            best, best_cosine = phrase, cosine
    return best, best_cosine


def _reasons(query: Query, phrase: Phrase, document: Document) -> tuple[str, ...]:
    shared = query.terms & (phrase.terms | document.concepts)
    meanings = sorted(term[1:] for term in shared if term.startswith("§"))
    words = _maximal([term for term in shared if not term.startswith("§")])
    return tuple([f"≈{meaning}" for meaning in meanings[:_FRAGMENTS]] + words[:_FRAGMENTS])


def _maximal(found: Sequence[str]) -> list[str]:
    longest_first = sorted(found, key=lambda term: (-len(term), term))
    kept: list[str] = []
    for term in longest_first:
        if not any(term in other for other in kept):
            kept.append(term)
    return kept
