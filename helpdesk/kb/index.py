"""The articles made ready to be matched: which phrasings hold a term, how rare it is, how much a phrasing weighs.

Words and meanings (concepts, written `§id`) are terms alike. Rarity is Robertson's idf with the + 1 that keeps it
positive, ln(1 + (N - n + 0.5) / (n + 0.5)) for n of N articles; a concept's is scaled by how decisive it is.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from helpdesk.lexicon import Hit, Lexicon, read
from helpdesk.lookup import Lookup
from helpdesk.text import terms_of_folded

LONGEST_COMPARED = 200
"""Characters of a text that are compared letter by letter."""

# words that say nothing about the matter: kept out of matching, never out of what is shown
_FILLERS = frozenset(
    "的 了 吗 呢 吧 啊 呀 哦 嘛 亲 我 你 您 请 问 么 the a an i my me is are was to of in on for it and you your do"
    " does did please hi hello の は が を に で と も です ます か".split()
)

# of the entries: how many articles and phrasings there are, an article, a phrasing, a term
_HEAD, _ARTICLE, _PHRASE, _TERM = "head", "a", "p", "t"


@dataclass(frozen=True, slots=True)
class ArticleText:
    """What matching needs of an article: its id, category, question, and every way its question is put."""

    id: str
    category: str
    question: str
    phrasings: tuple[str, ...]


class Posting(NamedTuple):
    """Where a term stands: its rarity, the numbers of the phrasings and of the articles that hold it."""

    rarity: float
    phrases: Sequence[int]
    articles: Sequence[int]


class Phrase(NamedTuple):
    """One phrasing made ready: its text, folded, the number of its article, the rarity of its terms and of its
    concepts summed up, its terms."""

    text: str
    folded: str
    article: int
    weight: float
    concept_weight: float
    terms: Sequence[str]


class Article(NamedTuple):
    """One article made ready: the rarity of all its terms summed up, the numbers of its phrasings."""

    id: str
    category: str
    question: str
    weight: float
    phrases: Sequence[int]


class KnowledgeIndex:
    """All articles that may be matched."""

    def __init__(self, entries: Lookup) -> None:
        self._entries = entries
        self.articles: int
        self.article_of: Sequence[int]
        """The number of each phrasing's article, by the phrasing's number."""
        self.root_of: Sequence[float]
        """The square root of each phrasing's weight."""
        self.articles, self.article_of, self.root_of = entries.get(_HEAD) or (0, (), ())
        self._phrases: dict[int, Phrase] = {}
        self._articles: dict[int, Article] = {}

    @property
    def unknown(self) -> float:
        """What a term no article holds weighs in a question: half of what one article's own would."""
        return 0.5 * _rarity(self.articles, 0)

    def postings(self, terms: Collection[str]) -> dict[str, Posting]:
        """Of some terms those that any article holds."""
        found = self._entries.among([_TERM + term for term in terms])
        return {key[1:]: Posting(*row) for key, row in found.items()}

    def phrase(self, number: int) -> Phrase:
        """A phrasing by its number."""
        known = self._phrases.get(number)
        if known is None:
            known = self._phrases[number] = Phrase(*self._entries.get(f"{_PHRASE}{number}"))
        return known

    def article(self, number: int) -> Article:
        """An article by its number."""
        known = self._articles.get(number)
        if known is None:
            known = self._articles[number] = Article(*self._entries.get(f"{_ARTICLE}{number}"))
        return known


def _rarity(articles: int, holders: int) -> float:
    return math.log(1 + (articles - holders + 0.5) / (holders + 0.5))


def content_terms(folded: str) -> list[str]:
    """The terms of a folded text that can tell one article from another."""
    return [term for term in terms_of_folded(folded) if term not in _FILLERS]


def concept_terms(hits: Iterable[Hit]) -> list[str]:
    """Concepts written as terms, so that one index holds words and meanings."""
    return [f"§{hit.concept.id}" for hit in hits if not hit.negated]


def built(articles: Sequence[ArticleText], lexicon: Lexicon) -> dict[str, Any]:
    """The entries of a KnowledgeIndex over `articles`."""
    phrases: list[tuple[int, str, str, list[str]]] = []
    for number, article in enumerate(articles):
        for text in article.phrasings:
            reading = read(text)
            found = {*content_terms(reading.folded), *concept_terms(lexicon.find(reading))}
            phrases.append((number, text, reading.folded[:LONGEST_COMPARED], sorted(found)))
    holding, holders = _holders(phrases)
    decisive = {f"§{concept.id}": concept.decisiveness for concept in lexicon.concepts}
    rarity = {
        term: round(decisive.get(term, 1.0) * _rarity(len(articles), len(numbers)), 4)
        for term, numbers in holders.items()
    }
    entries: dict[str, Any] = {}
    for term, value in rarity.items():
        entries[_TERM + term] = [value, holding[term], sorted(holders[term])]
    of_article: dict[int, list[int]] = defaultdict(list)
    terms_of_article: dict[int, set[str]] = defaultdict(set)
    roots = []
    for place, (number, text, folded, found_terms) in enumerate(phrases):
        of_article[number].append(place)
        terms_of_article[number].update(found_terms)
        weight = _weight(found_terms, rarity)
        concept_weight = _weight([term for term in found_terms if term.startswith("§")], rarity)
        roots.append(round(math.sqrt(weight) or 1.0, 4))
        entries[f"{_PHRASE}{place}"] = Phrase(text, folded, number, weight, concept_weight, found_terms)
    entries[_HEAD] = [len(articles), [number for number, *_rest in phrases], roots]
    for number, article in enumerate(articles):
        weight = _weight(terms_of_article[number], rarity)
        entries[f"{_ARTICLE}{number}"] = Article(
            article.id, article.category, article.question, weight, of_article[number]
        )
    return entries


def _holders(
    phrases: Iterable[tuple[int, str, str, Sequence[str]]],
) -> tuple[dict[str, list[int]], dict[str, set[int]]]:
    holding: dict[str, list[int]] = defaultdict(list)
    holders: dict[str, set[int]] = defaultdict(set)
    for place, (number, _text, _folded, terms) in enumerate(phrases):
        for term in terms:
            holding[term].append(place)
            holders[term].add(number)
    return holding, holders


def _weight(terms: Iterable[str], rarity: Mapping[str, float]) -> float:
    return round(math.fsum(rarity[term] for term in terms), 4)
