"""Which articles answer a text: shared words and meanings, weighed by their rarity, against single phrasings and whole
articles, made into one probability by a logistic, and into a band by two thresholds and a margin.

Of all phrasings those are looked at that share a rare term with the text; the best ten articles are weighed closely.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter, mul
from typing import NamedTuple

from rapidfuzz import fuzz

from helpdesk.config import tables
from helpdesk.kb.bands import Thresholds, cautious
from helpdesk.kb.index import LONGEST_COMPARED, Article, KnowledgeIndex, Phrase, Posting, concept_terms, content_terms
from helpdesk.lexicon import Hit, Reading
from helpdesk.models.vocabulary import Band

CANDIDATES = 10
"""Articles weighed closely after the index has spoken."""

BUDGET = 6000
"""Places of terms looked at for one text, rarest terms first: what bounds the time in a large knowledge base."""

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
    """A text made ready to be matched: what it shares with the index, and what it weighs."""

    folded: str
    postings: Mapping[str, Posting]
    concepts: frozenset[str]
    weight: float
    concept_weight: float
    categories: Mapping[str, float]


class Candidate(NamedTuple):
    """An article worth a closer look: its number, the sum of shared rarity with the whole of it and with its best
    phrasing, and that phrasing."""

    number: int
    shared: float
    shared_with_phrase: float
    phrase: Phrase
    likeness: float


class Features(NamedTuple):
    """What the logistic weighs of an article, each about 0..1, margin -1..1."""

    likeness: float
    """Of the best phrasing: the cosine of both texts' terms, each weighing its rarity."""
    asked: float
    """The share of the text's weight that the best phrasing holds."""
    answered: float
    """The share of the best phrasing's weight that the text holds."""
    whole: float
    """The share of the text's weight that the whole article holds."""
    meant: float
    """The share of the text's meanings that the whole article holds."""
    meaning: float
    """The share of the best phrasing's meanings that the text holds."""
    letters: float
    """How alike the texts are letter by letter."""
    margin: float
    """How far the best other article is behind, or this one behind it."""
    category: float
    """The share of the article's category in what the text is about."""


class Weighed(NamedTuple):
    """An article looked at closely."""

    article: Article
    phrase: Phrase
    features: Features


def match(
    reading: Reading,
    hits: Sequence[Hit],
    index: KnowledgeIndex,
    categories: Mapping[str, float] | None = None,
    limit: int = CANDIDATES,
    thresholds: Thresholds | None = None,
) -> Matches:
    """The at most `limit` articles that answer a text; `categories` are the shares of what it is about."""
    asked = query(reading, hits, index, categories or {})
    bias, weights = _weights()
    weighed = [(_chance(bias + sum(map(mul, weights, one.features))), one) for one in weigh(asked, index)]
    weighed.sort(key=itemgetter(0), reverse=True)
    found = tuple(_match(asked, probability, one) for probability, one in weighed[:limit])
    return Matches(_band(found, thresholds or cautious()), found)


def _chance(logit: float) -> float:
    return round(1 / (1 + math.exp(-logit)), 4)


def _match(asked: Query, probability: float, one: Weighed) -> Match:
    article, phrase = one.article, one.phrase
    return Match(article.id, article.question, article.category, probability, phrase.text, _reasons(asked, phrase))


def _band(found: Sequence[Match], thresholds: Thresholds) -> Band:
    best, second = ([one.probability for one in found[:2]] + [0.0, 0.0])[:2]
    return thresholds.band(best, second)


def query(reading: Reading, hits: Sequence[Hit], index: KnowledgeIndex, categories: Mapping[str, float]) -> Query:
    """Make a text ready to be matched."""
    words, concepts = set(content_terms(reading.folded)), frozenset(concept_terms(hits))
    postings = index.postings(words | concepts)
    meant = sum([postings[concept].rarity for concept in concepts if concept in postings])
    unknown = index.unknown * len(words - postings.keys())
    weight = sum([posting.rarity for posting in postings.values()]) + unknown
    return Query(reading.folded[:LONGEST_COMPARED], postings, concepts, weight or 1.0, meant, categories)


def weigh(asked: Query, index: KnowledgeIndex) -> list[Weighed]:
    """The articles most like a text, each with what the logistic weighs of it."""
    candidates = _candidates(asked, index)
    best = candidates[0].likeness if candidates else 0.0
    second = candidates[1].likeness if len(candidates) > 1 else 0.0
    return [_weighed(asked, index, one, second if place == 0 else best) for place, one in enumerate(candidates)]


def _candidates(asked: Query, index: KnowledgeIndex) -> list[Candidate]:
    with_phrase, with_article = _shared(asked.postings.values())
    article_of, root_of, root = index.article_of, index.root_of, math.sqrt(asked.weight)
    best: dict[int, tuple[float, int]] = {}
    for number in sorted(with_phrase, key=with_phrase.__getitem__, reverse=True)[: 8 * CANDIDATES]:
        likeness, article = with_phrase[number] / (root * root_of[number]), article_of[number]
        if article not in best or likeness > best[article][0]:
            best[article] = (likeness, number)
    ranked = sorted(best, key=lambda article: best[article][0] + with_article[article] / asked.weight, reverse=True)
    return [
        Candidate(
            article,
            with_article[article],
            with_phrase[best[article][1]],
            index.phrase(best[article][1]),
            best[article][0],
        )
        for article in ranked[:CANDIDATES]
    ]


def _shared(postings: Iterable[Posting]) -> tuple[dict[int, float], dict[int, float]]:
    """The rarity each phrasing and each article shares with a text, over the rarest terms the budget allows."""
    with_phrase: dict[int, float] = {}
    with_article: dict[int, float] = {}
    in_phrase, in_article, left = with_phrase.get, with_article.get, BUDGET
    for rarity, phrases, articles in sorted(postings, key=lambda posting: len(posting.phrases)):
        for number in phrases:
            with_phrase[number] = in_phrase(number, 0.0) + rarity
        for number in articles:
            with_article[number] = in_article(number, 0.0) + rarity
        left -= len(phrases)
        if left < 0:
            break
    return with_phrase, with_article


def _weighed(asked: Query, index: KnowledgeIndex, one: Candidate, rival: float) -> Weighed:
    article, phrase = index.article(one.number), one.phrase
    meanings = [(concept, asked.postings[concept]) for concept in asked.concepts if concept in asked.postings]
    in_article = sum([posting.rarity for _concept, posting in meanings if one.number in posting.articles])
    in_phrase = sum([posting.rarity for concept, posting in meanings if concept in phrase.terms])
    return Weighed(
        article,
        phrase,
        Features(
            likeness=one.likeness,
            asked=one.shared_with_phrase / asked.weight,
            answered=one.shared_with_phrase / (phrase.weight or 1.0),
            whole=one.shared / asked.weight,
            meant=in_article / (asked.concept_weight or 1.0),
            meaning=in_phrase / (phrase.concept_weight or 1.0),
            letters=fuzz.ratio(asked.folded, phrase.folded) / 100,
            margin=(one.likeness - rival) / (one.likeness + rival or 1.0),
            category=asked.categories.get(article.category, 0.0),
        ),
    )


@lru_cache(maxsize=1)
def _weights() -> tuple[float, Features]:
    """The logistic's bias and what it gives each feature, from judgement.toml."""
    given = dict(tables("judgement.toml")["match"]["weights"])
    return given.pop("bias"), Features(**given)


def _reasons(asked: Query, phrase: Phrase) -> tuple[str, ...]:
    shared = [term for term in phrase.terms if term in asked.postings]
    meanings = [term[1:] for term in shared if term.startswith("§")]
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
