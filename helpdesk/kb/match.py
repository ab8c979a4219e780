"""Which articles answer a text: shared words and meanings, weighed by their rarity, against single phrasings and whole
articles, made into one probability by a logistic, and into a band by two thresholds and a margin.

Of all phrasings those are looked at that share a rare term with the text; the best ten articles are weighed closely.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import itemgetter, mul
from typing import NamedTuple

from helpdesk.config import tables
from helpdesk.kb.bands import Thresholds
from helpdesk.kb.index import (
    LONGEST_COMPARED,
    MEANING,
    PIECE,
    Article,
    KnowledgeIndex,
    Phrase,
    concept_terms,
    question_terms,
)
from helpdesk.kb.sharing import PARTS, Posting
from helpdesk.lexicon import Hit, Reading
from helpdesk.models.vocabulary import Band

CANDIDATES = 10
"""Articles weighed closely after the index has spoken."""

_FRAGMENTS = 4

_NO_WORD = PIECE + MEANING

_SURE_OF_BOTH = 0.05
"""The product of a topic's shares in text and article from which it is a reason."""

_CHANCE = 0.05
"""What is added to how much more likely than by chance two texts are about one topic: no logarithm falls below -3."""

_LIKELY = 0.1
"""The share from which a topic brings its articles along."""

_WEAK = 2.0
"""The rarity of meanings from which they count as evidence: one that says little is little, even where it is all."""


class Match(NamedTuple):
    """An article found for a text; `reasons` are the fragments and meanings that tie them, strongest first."""

    article: str
    question: str
    category: str
    probability: float
    phrasing: str
    reasons: tuple[str, ...]


class Matches(NamedTuple):
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


class Telling(NamedTuple):
    """What may tie a text to an article: the words it shares with any, longer ones and single letters apart, with their
    ranks by rarity, and the topics it is likely about, with their shares."""

    words: Mapping[str, int]
    letters: Mapping[str, int]
    topics: Sequence[tuple[str, float]]


class Query(NamedTuple):
    """A text made ready to be matched: what it shares with the index, the rarity of each meaning it shares, the length
    of its vector, and what it is about, by category and by topic."""

    folded: str
    postings: Mapping[str, Posting]
    meanings: Mapping[str, float]
    length: float
    categories: Mapping[str, float]
    topics: Mapping[str, float]

    def telling(self) -> Telling:
        """What of it may be a reason."""
        shared = self.postings.items()
        words = {term: p.rank for term, p in shared if len(term) > 1 and term[0] not in _NO_WORD}
        letters = {term: p.rank for term, p in shared if len(term) == 1}
        return Telling(words, letters, [one for one in self.topics.items() if one[1] >= _SURE_OF_BOTH])


class Candidate(NamedTuple):
    """An article worth a closer look, its cosine with the text, its best phrasing, and that one's."""

    article: Article
    centroid: float
    phrase: Phrase
    likeness: float


class Features(NamedTuple):
    """What the logistic weighs of an article, each about 0..1, margin -1..1."""

    centroid: float
    """The cosine of the text with the whole article."""
    likeness: float
    """The cosine of the text with the best phrasing."""
    meant: float
    """The share of the text's meanings that the whole article holds."""
    letters: float
    """How alike the texts are letter by letter."""
    margin: float
    """How far the best other article is behind, or this one behind it."""
    category: float
    """The share of the article's category in what the text is about."""
    topic: float
    """How much more likely than by chance both are about one topic, as a logarithm."""
    lead: float
    """How far the best other article is behind in that, or this one behind it."""


class Weighed(NamedTuple):
    """An article looked at closely."""

    article: Article
    phrase: Phrase
    features: Features


def match(
    reading: Reading,
    hits: Sequence[Hit],
    index: KnowledgeIndex,
    categories: Mapping[str, float],
    topics: Mapping[str, float],
    limit: int,
    thresholds: Thresholds,
) -> Matches:
    """The at most `limit` articles that answer a text; `categories` and `topics` are the shares of what it is about."""
    asked = query(reading, hits, index, categories, topics)
    bias, weights = _weights("cjk" if reading.compact else "latin")
    weighed = [(_chance(bias + sum(map(mul, weights, one.features))), one) for one in weigh(asked, index)]
    weighed.sort(key=itemgetter(0), reverse=True)
    telling = asked.telling()
    found = tuple([_match(asked, probability, one, telling) for probability, one in weighed[:limit]])
    return Matches(_band(found, thresholds), found)


def _chance(logit: float) -> float:
    return round(1 / (1 + math.exp(-logit)), 4)


def _match(asked: Query, probability: float, one: Weighed, telling: Telling) -> Match:
    article, phrase = one.article, one.phrase
    reasons = _reasons(asked, one, telling)
    return Match(article.id, article.question, article.category, probability, phrase.text, reasons)


def _band(found: Sequence[Match], thresholds: Thresholds) -> Band:
    best, second, *_rest = *(one.probability for one in found[:2]), 0.0, 0.0
    return thresholds.band(best, second)


def query(
    reading: Reading,
    hits: Sequence[Hit],
    index: KnowledgeIndex,
    categories: Mapping[str, float],
    topics: Mapping[str, float],
) -> Query:
    """Make a text ready to be matched."""
    words, concepts = question_terms(reading.folded), concept_terms(hits)
    postings = index.postings(words.union(concepts))
    square = math.fsum([posting.rarity * posting.rarity for posting in postings.values()])
    meanings = {concept: postings[concept].rarity for concept in concepts if concept in postings}
    square += index.unknown**2 * (len(words) + len(meanings) - len(postings))
    return Query(reading.folded[:LONGEST_COMPARED], postings, meanings, math.sqrt(square) or 1.0, categories, topics)


def weigh(asked: Query, index: KnowledgeIndex) -> list[Weighed]:
    """The articles most like a text, each with what the logistic weighs of it."""
    candidates = _candidates(asked, index)
    topics = _topics(asked.topics, candidates, index)
    rivals, leads = _behind([one.centroid for one in candidates]), _behind(topics)
    meant, letters = math.fsum(asked.meanings.values()) + _WEAK, index.letters
    return [
        _weighed(asked, one, letters(asked.folded, one.phrase.folded), meant, topic, rival, other)
        for one, topic, rival, other in zip(candidates, topics, rivals, leads, strict=True)
    ]


def _behind(values: Sequence[float]) -> list[float]:
    """For each value the largest of the others."""
    best, second, *_rest = *sorted(values, reverse=True), 0.0, 0.0
    return [second if value == best else best for value in values]


def _topics(asked: Mapping[str, float], candidates: Sequence[Candidate], index: KnowledgeIndex) -> list[float]:
    """ln(n Σ p·q + _CHANCE) over n topics: about 0 where either is about anything, 4 where both are about one."""
    same = index.products(asked, [one.article for one in candidates]) if asked else [0.0] * len(candidates)
    return [math.log(len(asked) * product + _CHANCE) for product in same]


def _candidates(asked: Query, index: KnowledgeIndex) -> list[Candidate]:
    """The articles that share most with a text, and those about the same topic even where they share no word."""
    shared, unit = index.shared(asked.postings), asked.length * PARTS
    article_of, length_of = index.article_of, index.length_of
    best: dict[int, tuple[float, int]] = {}
    for number, square in zip(shared.phrasings, shared.squares, strict=True):
        likeness, article = square / (asked.length * length_of[number]) * PARTS, article_of[number]
        if article not in best or likeness > best[article][0]:
            best[article] = (likeness, number)
    worth = {
        article: likeness + 2 * cosine / unit
        for (article, (likeness, _number)), cosine in zip(best.items(), shared.of_articles([*best]), strict=True)
    }
    chosen = {article: best[article] for article in sorted(worth, key=worth.__getitem__, reverse=True)[:CANDIDATES]}
    for number in _of_same_topic(asked, index):
        chosen.setdefault(article_of[number], best.get(article_of[number], (0.0, number)))
    return [
        Candidate(index.article(article), cosine / unit, index.phrase(number), likeness)
        for (article, (likeness, number)), cosine in zip(chosen.items(), shared.of_articles([*chosen]), strict=True)
    ]


def _of_same_topic(asked: Query, index: KnowledgeIndex) -> list[int]:
    likely = [topic for topic, share in asked.topics.items() if share >= _LIKELY]
    return index.of_topics(likely)[:CANDIDATES] if likely else []


def _weighed(
    asked: Query, one: Candidate, letters: float, meant: float, topic: float, rival: float, other: float
) -> Weighed:
    article, centroid = one.article, one.centroid
    in_article = math.fsum([rarity for term, rarity in asked.meanings.items() if term in article.meanings])
    features = Features(
        centroid=centroid,
        likeness=one.likeness,
        meant=in_article / meant,
        letters=letters,
        margin=(centroid - rival) / (centroid + rival or 1.0),
        category=asked.categories.get(article.category, 0.0),
        topic=topic,
        lead=topic - other,
    )
    return Weighed(article, one.phrase, features)


@lru_cache(maxsize=2)
def _weights(script: str) -> tuple[float, Features]:
    """The logistic's bias and what it gives each feature for texts of a script, from judgement.toml."""
    given = dict(tables("judgement.toml")["match"]["weights"][script])
    return given.pop("bias"), Features(**given)


def _reasons(asked: Query, one: Weighed, telling: Telling) -> tuple[str, ...]:
    """What ties a text to an article: meanings and the topic both are about, marked ≈, then the rarest shared words."""
    terms, topics = one.phrase.terms, one.article.topics
    meanings = [term[1:] for term in asked.meanings if term in terms][:_FRAGMENTS]
    about = [topic for topic, share in telling.topics if share * topics.get(topic, 0.0) >= _SURE_OF_BOTH]
    words = _maximal(_rarest(terms, telling.words)[: 3 * _FRAGMENTS] or _rarest(terms, telling.letters)[:_FRAGMENTS])
    return tuple([f"≈{meaning}" for meaning in dict.fromkeys(meanings + about)] + words[:_FRAGMENTS])


def _rarest(terms: frozenset[str], ranks: Mapping[str, int]) -> list[str]:
    return sorted(terms.intersection(ranks), key=ranks.__getitem__)


def _maximal(found: Sequence[str]) -> list[str]:
    """Those of some fragments that stand in no other one, the longest first."""
    kept: list[str] = []
    whole = ""
    for _length, fragment in sorted([(-len(fragment), fragment) for fragment in found]):
        if fragment not in whole:
            kept.append(fragment)
            whole += f"\n{fragment}"
    return kept
