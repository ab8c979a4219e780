"""The articles made ready to be matched: terms of every phrasing, one document an article, weights of rarity."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from helpdesk.lexicon import Hit, Lexicon, read
from helpdesk.text import terms_of_folded

K1 = 1.2
B = 0.4

LONGEST_COMPARED = 200
"""Characters of a text that are compared letter by letter."""

# words that say nothing about the matter: kept out of matching, never out of what is shown
_FILLERS = frozenset(
    "的 了 吗 呢 吧 啊 呀 哦 嘛 亲 我 你 您 请 问 么 the a an i my me is are was to of in on for it and you your do"
    " does did please hi hello の は が を に で と も です ます か".split()
)


@dataclass(frozen=True, slots=True)
class ArticleText:
    """What matching needs of an article: its id, category, question, and every way its question is put."""

    id: str
    category: str
    question: str
    phrasings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrasing made ready: its text, its terms (with concepts among them), its concepts."""

    text: str
    folded: str
    terms: frozenset[str]
    concepts: frozenset[str]


@dataclass(frozen=True, slots=True)
class Document:
    """One article made ready."""

    article: ArticleText
    phrases: tuple[Phrase, ...]
    concepts: frozenset[str]


@dataclass(slots=True)
class KnowledgeIndex:
    """All articles that may be matched; built once, then only read."""

    documents: list[Document] = field(default_factory=list)
    rarity: dict[str, float] = field(default_factory=dict)
    """For each term its idf: ln(1 + (N - df + 0.5) / (df + 0.5)), Robertson's with the + 1 that keeps it positive;
    a concept's is scaled by how decisive it is."""
    postings: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    """For each term the documents that hold it, each with the term's whole BM25 weight there."""


def content_terms(folded: str) -> list[str]:
    """The terms of a folded text that can tell one article from another."""
    return [term for term in terms_of_folded(folded) if term not in _FILLERS]


def concept_terms(hits: Iterable[Hit]) -> list[str]:
    """Concepts written as terms, so that one index holds words and meanings."""
    return [f"§{hit.concept.id}" for hit in hits if not hit.negated]


def build(articles: Sequence[ArticleText], lexicon: Lexicon) -> KnowledgeIndex:
    """Make articles ready to be matched."""
    drafts = [(article, [_phrase_terms(text, lexicon) for text in article.phrasings]) for article in articles]
    holders: dict[str, set[int]] = defaultdict(set)
    for number, (_article, phrases) in enumerate(drafts):
        for found in phrases:
            for term in found:
                holders[term].add(number)
    says = {f"§{concept.id}": concept.decisiveness for concept in lexicon.concepts}
    rarity = {
        term: says.get(term, 1.0) * math.log(1 + (len(drafts) - len(numbers) + 0.5) / (len(numbers) + 0.5))
        for term, numbers in holders.items()
    }
    documents = [_document(article, phrases) for article, phrases in drafts]
    return KnowledgeIndex(documents, rarity, _weighted_postings([phrases for _article, phrases in drafts], rarity))


def _weighted_postings(
    articles: Sequence[Sequence[Sequence[str]]], rarity: Mapping[str, float]
) -> dict[str, list[tuple[int, float]]]:
    counts = [Counter(term for found in phrases for term in found) for phrases in articles]
    lengths = [sum(count.values()) for count in counts]
    mean = sum(lengths) / max(len(lengths), 1) or 1.0
    postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for number, (count, length) in enumerate(zip(counts, lengths, strict=True)):
        damping = K1 * (1 - B + B * length / mean)
        for term, times in count.items():
            postings[term].append((number, rarity[term] * times * (K1 + 1) / (times + damping)))
    return dict(postings)


def _phrase_terms(text: str, lexicon: Lexicon) -> list[str]:
    reading = read(text)
    return content_terms(reading.folded) + concept_terms(lexicon.find(reading))


def _document(article: ArticleText, phrases: Sequence[Sequence[str]]) -> Document:
    made = tuple(_phrase(text, found) for text, found in zip(article.phrasings, phrases, strict=True))
    return Document(article, made, frozenset().union(*(phrase.concepts for phrase in made)))


def _phrase(text: str, found: Sequence[str]) -> Phrase:
    concepts = frozenset(term for term in found if term.startswith("§"))
    return Phrase(text, read(text).folded[:LONGEST_COMPARED], frozenset(found), concepts)
