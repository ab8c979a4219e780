"""The articles made ready to be matched: which phrasings and articles hold a term, and how much it says there.

Terms are words, pairs of words and pieces of three letters within words, CJK as characters and pairs, and meanings
(concepts, written `§id`). A term weighs its rarity: Robertson's idf with the + 1 that keeps it positive,
ln(1 + (N - n + 0.5) / (n + 0.5)) for n of N articles; a concept's is scaled by how decisive it is.

A phrasing is the vector of its terms' rarities at length one; an article is the sum of its phrasings' vectors at length
one (Rocchio's centroid), and the mean of what its phrasings read like, topic by topic.
"""

from __future__ import annotations

import math
from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from helpdesk.kb.sharing import PARTS, Arithmetic, Plain, Posting, Shared, affordable, packed
from helpdesk.lexicon import Hit, Lexicon, Reading, read
from helpdesk.lookup import Lookup
from helpdesk.text import runs

LONGEST_COMPARED = 200
"""Characters of a text that are compared letter by letter."""

# words that say nothing about the matter: kept out of matching, never out of what is shown
_FILLERS = frozenset(
    "的 了 吗 呢 吧 啊 呀 哦 嘛 亲 我 你 您 请 问 么 the a an i my me is are was to of in on for it and you your do"
    " does did please hi hello の は が を に で と も です ます か".split()
)

MEANING, PIECE = "§", "~"
"""Marks of a term: a concept, a piece of a word; words as such have none."""

_LONGEST_WORD = 40

_MOSTLY, _NEXT_TO_NOTHING = 0.15, 0.002
"""The share from which an article is found by a topic, and the one below which it is forgotten."""

# keys of what is no term: how many articles there are, each phrasing's article and length, one article, one phrasing,
# the articles of a topic
_HEAD, _ARTICLE_OF, _LENGTH_OF, _ARTICLE, _PHRASE, _TOPIC = "\0head", "\0of", "\0length", "\0a", "\0p", "\0T"


class ArticleText(NamedTuple):
    """What matching needs of an article: its id, category, question, and every way its question is put."""

    id: str
    category: str
    question: str
    phrasings: tuple[str, ...]


class Phrase(NamedTuple):
    """One phrasing made ready: its text, folded, and its terms."""

    text: str
    folded: str
    terms: frozenset[str]


class Article(NamedTuple):
    """One article made ready: the concepts of all its phrasings, and how much they read like each topic that counts."""

    id: str
    category: str
    question: str
    meanings: frozenset[str]
    topics: Mapping[str, float]


class KnowledgeIndex:
    """All articles that may be matched."""

    def __init__(self, entries: Lookup) -> None:
        self._entries = entries
        self.articles: int = entries.get(_HEAD) or 0
        self.article_of: Sequence[int] = memoryview(entries.get(_ARTICLE_OF) or b"").cast("I")
        """The number of each phrasing's article, by the phrasing's number."""
        self.length_of: Sequence[int] = memoryview(entries.get(_LENGTH_OF) or b"").cast("I")
        """The length of each phrasing's vector, in PARTS."""
        self._phrases: dict[int, Phrase] = {}
        self._articles: dict[int, Article] = {}
        self._postings: dict[str, Posting] = {}
        self._arithmetic: Arithmetic = Plain()

    @property
    def unknown(self) -> float:
        """The rarity of a term no article holds: half of what it would be, for it may be a slip of the keyboard."""
        return 0.5 * _rarity(self.articles, 0)

    def postings(self, terms: Collection[str]) -> dict[str, Posting]:
        """Of some terms those that any article holds, in any order."""
        if self._entries.is_for_many and isinstance(self._arithmetic, Plain):
            from helpdesk.kb.arrays import Arrays  # numpy

            self._arithmetic = Arrays(len(self.article_of), self.articles)
            self._postings.clear()
        known, unpacked = self._postings, self._arithmetic.unpacked
        return {
            term: known.get(term) or known.setdefault(term, unpacked(block))
            for term, block in self._entries.among(terms).items()
        }

    def shared(self, postings: Mapping[str, Posting]) -> Shared:
        """What a text that holds the terms of `postings` shares with phrasings and articles."""
        return self._arithmetic.shared(affordable(postings.values()))

    def products(self, asked: Mapping[str, float], articles: Iterable[Article]) -> list[float]:
        """Σ p·q over topics, of a text that reads like them so much with each of some articles."""
        return self._arithmetic.products(asked, {article.id: article.topics for article in articles})

    @property
    def letters(self) -> Callable[[str, str], float]:
        """How alike two texts are letter by letter, 0..1."""
        return self._arithmetic.letters

    def phrase(self, number: int) -> Phrase:
        """A phrasing by its number."""
        known = self._phrases.get(number)
        if known is None:
            text, meanings = self._entries.get(f"{_PHRASE}{number}")
            folded = read(text).folded
            terms = frozenset(question_terms(folded).union(meanings))
            known = self._phrases[number] = Phrase(text, folded[:LONGEST_COMPARED], terms)
        return known

    def of_topics(self, topics: Iterable[str]) -> list[int]:
        """Of each article that reads most like one of some topics, a phrasing."""
        keys = [f"{_TOPIC}{topic}" for topic in topics]
        found = self._entries.among(keys)
        return [phrase for key in keys for phrase in found.get(key, ())]

    def article(self, number: int) -> Article:
        """An article by its number."""
        known = self._articles.get(number)
        if known is None:
            identity, category, question, meanings, topics = self._entries.get(f"{_ARTICLE}{number}")
            known = self._articles[number] = Article(identity, category, question, frozenset(meanings), topics)
        return known


def _rarity(articles: int, holders: int) -> float:
    return math.log(1 + (articles - holders + 0.5) / (holders + 0.5))


def question_terms(folded: str) -> set[str]:
    """The terms of a folded text that can tell one article from another, meanings aside."""
    found: set[str] = set()
    before = ""
    for cjk, word in runs(folded):
        if cjk:
            found.update(cjk)
            found.update(map("".join, zip(cjk, cjk[1:], strict=False)))
            before = ""
        else:
            if before:
                found.add(f"{before} {word}")
            before = word = word[:_LONGEST_WORD]
            if word not in _FILLERS:
                found.add(word)
                found.update([f"{PIECE}{a}{b}{c}" for a, b, c in zip(f" {word}", word, f"{word[1:]} ", strict=False)])
    return found - _FILLERS


def concept_terms(hits: Iterable[Hit]) -> list[str]:
    """Concepts written as terms, so that one index holds words and meanings."""
    return [f"{MEANING}{hit.concept.id}" for hit in hits if not hit.negated]


TopicsOf = Callable[[Reading, Sequence[Hit]], Mapping[str, float]]
"""How much a text reads like each topic, by name, adding up to one."""


def built(articles: Sequence[ArticleText], lexicon: Lexicon, topics_of: TopicsOf) -> dict[str, Any]:
    """The entries of a KnowledgeIndex over `articles`."""
    phrasings = [(number, text) for number, article in enumerate(articles) for text in article.phrasings]
    readings = [read(text) for _number, text in phrasings]
    hits = [lexicon.find(reading) for reading in readings]
    terms = [
        sorted(question_terms(reading.folded) | {*concept_terms(found)})
        for reading, found in zip(readings, hits, strict=True)
    ]
    rarity = _rarities([number for number, _text in phrasings], terms, len(articles), lexicon)
    entries: dict[str, Any] = {}
    lengths = []
    meanings: dict[int, set[str]] = defaultdict(set)
    for place, ((number, text), found) in enumerate(zip(phrasings, terms, strict=True)):
        lengths.append(round(math.sqrt(math.fsum(rarity[term] ** 2 for term in found)) or 1.0, 4))
        meant = [term for term in found if term[0] == MEANING]
        meanings[number].update(meant)
        # the terms of words are made anew of the few phrasings looked at closely: kept, they would be half of the index
        entries[f"{_PHRASE}{place}"] = [text, meant]
    of_article: dict[int, list[int]] = defaultdict(list)
    for place, (number, _text) in enumerate(phrasings):
        of_article[number].append(place)
    for number, article in enumerate(articles):
        places = of_article[number]
        likeness = _mean([topics_of(readings[place], hits[place]) for place in places])
        entries[f"{_ARTICLE}{number}"] = [
            article.id,
            article.category,
            article.question,
            sorted(meanings[number]),
            likeness,
        ]
        for topic, share in likeness.items():
            if share >= _MOSTLY:
                entries.setdefault(f"{_TOPIC}{topic}", []).append(places[0])
    entries |= _postings([number for number, _text in phrasings], terms, lengths, rarity)
    entries[_HEAD] = len(articles)
    entries[_ARTICLE_OF] = array("I", [number for number, _text in phrasings]).tobytes()
    entries[_LENGTH_OF] = array("I", [round(length * PARTS) for length in lengths]).tobytes()
    return entries


def _mean(likenesses: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean of some likenesses; what is next to nothing is left away."""
    means = {topic: math.fsum(one[topic] for one in likenesses) / len(likenesses) for topic in likenesses[0]}
    return {topic: round(share, 4) for topic, share in means.items() if share >= _NEXT_TO_NOTHING}


def _rarities(
    article_of: Sequence[int], terms: Sequence[Sequence[str]], articles: int, lexicon: Lexicon
) -> dict[str, float]:
    holders: dict[str, set[int]] = defaultdict(set)
    for number, found in zip(article_of, terms, strict=True):
        for term in found:
            holders[term].add(number)
    decisive = {f"{MEANING}{concept.id}": concept.decisiveness for concept in lexicon.concepts}
    return {
        term: round(decisive.get(term, 1.0) * _rarity(articles, len(numbers)), 4) for term, numbers in holders.items()
    }


def _postings(
    article_of: Sequence[int], terms: Sequence[Sequence[str]], lengths: Sequence[float], rarity: Mapping[str, float]
) -> dict[str, bytes]:
    holding: dict[str, list[int]] = defaultdict(list)
    centroids: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for place, (number, found) in enumerate(zip(article_of, terms, strict=True)):
        for term in found:
            holding[term].append(place)
            centroids[number][term] += rarity[term] / lengths[place]
    shares: dict[str, dict[int, int]] = defaultdict(dict)
    for number, centroid in centroids.items():
        length = math.sqrt(math.fsum(weight * weight for weight in centroid.values())) or 1.0
        for term, weight in centroid.items():
            shares[term][number] = round(rarity[term] * weight / length * PARTS)
    place_of = {term: place for place, term in enumerate(sorted(holding, key=lambda term: (len(holding[term]), term)))}
    rank_of = {term: rank for rank, term in enumerate(sorted(holding, key=lambda term: (-rarity[term], term)))}
    return {
        term: packed(place_of[term], rank_of[term], rarity[term], places, [*shares[term]], [*shares[term].values()])
        for term, places in holding.items()
    }
