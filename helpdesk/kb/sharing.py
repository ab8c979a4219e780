"""What a text shares with each phrasing and each article: the sums behind both cosines, over the rarest terms.

For one text it is added up here; for many in `kb/arrays`, by numpy, to the same sums.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import mul
from typing import Any, NamedTuple, Protocol

PARTS = 10_000
"""Rarities, lengths and shares are kept as whole numbers of 1 / PARTS."""

PHRASINGS = 80
"""Phrasings, those that share most with a text, among which each article's best one is looked for."""

BUDGET = 1500
"""Places of terms looked at for one text, rarest terms first: what bounds the time in a large knowledge base."""


class Posting(NamedTuple):
    """A term that articles hold. Postings sort by their places: those held by fewer phrasings first."""

    place: int
    """Its place among all terms by the number of phrasings that hold it."""
    rank: int
    """Its place by rarity, the rarest first."""
    rarity: float
    phrasings: int
    """How many phrasings hold it."""
    holders: Any
    """Which ones do, and which articles, as an Arithmetic reads them."""


class Shared(NamedTuple):
    """The PHRASINGS that share most with a text, most first, by number, with the sum of the squared rarities of the
    terms they share; and the sums of shares, in PARTS, of articles given by their numbers."""

    phrasings: Sequence[int]
    squares: Sequence[float]
    of_articles: Callable[[Sequence[int]], list[float]]


def packed(
    place: int, rank: int, rarity: float, phrases: Sequence[int], articles: Sequence[int], shares: Sequence[int]
) -> bytes:
    """A posting as bytes: place, rank, rarity in PARTS, how many phrasings hold the term, their numbers, those of the
    articles, and what sharing it adds to the cosine with each, in PARTS, before the length of the question.
    """
    head = (place, rank, round(rarity * PARTS), len(phrases))
    return array("I", [*head, *phrases, *articles, *shares]).tobytes()


def affordable(postings: Iterable[Posting]) -> list[Posting]:
    """Of some postings those held by fewest phrasings, as many as the budget allows, at least one."""
    chosen: list[Posting] = []
    left = BUDGET
    for posting in sorted(postings):
        left -= posting.phrasings
        if left < 0 and chosen:
            break
        chosen.append(posting)
    return chosen


class Arithmetic(Protocol):
    """How the numbers of an index are read and added up."""

    def unpacked(self, block: bytes) -> Posting:
        """The posting that was packed."""

    def shared(self, postings: Sequence[Posting]) -> Shared:
        """What a text that holds the terms of `postings` shares with phrasings and articles."""

    def products(self, asked: Mapping[str, float], articles: Mapping[str, Mapping[str, float]]) -> list[float]:
        """Σ p·q over topics, of a text with each of some articles, given by their ids and shares."""

    def letters(self, one: str, other: str) -> float:
        """How alike two texts are letter by letter, 0..1."""


class Plain:
    """The arithmetic for one text, which waits for no import."""

    def unpacked(self, block: bytes) -> Posting:
        """The posting that was packed."""
        numbers = memoryview(block).cast("I")
        place, rank, rarity, count = numbers[:4]
        return Posting(place, rank, rarity / PARTS, count, numbers[4:])

    def shared(self, postings: Sequence[Posting]) -> Shared:
        """What a text that holds the terms of `postings` shares with phrasings and articles."""
        with_phrase: dict[int, float] = {}
        with_article: dict[int, float] = {}
        for _place, _rank, rarity, count, holders in postings:
            square, middle = rarity * rarity, (count + len(holders)) // 2
            for number in holders[:count]:
                with_phrase[number] = with_phrase.get(number, 0.0) + square
            for number, share in zip(holders[count:middle], holders[middle:], strict=True):
                with_article[number] = with_article.get(number, 0.0) + share
        most = sorted(with_phrase, key=lambda number: (-with_phrase[number], number))[:PHRASINGS]
        squares = [with_phrase[number] for number in most]
        return Shared(most, squares, lambda numbers: [with_article.get(number, 0.0) for number in numbers])

    def products(self, asked: Mapping[str, float], articles: Mapping[str, Mapping[str, float]]) -> list[float]:
        """Σ p·q over topics, of a text with each of some articles, given by their ids and shares."""
        return [sum(map(mul, map(asked.__getitem__, own), own.values())) for own in articles.values()]

    def letters(self, one: str, other: str) -> float:
        """How alike two texts are letter by letter, 0..1: what `rapidfuzz.fuzz.ratio` says, 2 · LCS / (len + len).

        The bit-parallel longest common subsequence of Hyyrö (2004) with Python's whole numbers as rows: slower than
        rapidfuzz by far, but a dozen pairs are compared before that is imported.
        """
        if not one or not other:
            return float(one == other)
        places: dict[str, int] = {}
        for at, letter in enumerate(one):
            places[letter] = places.get(letter, 0) | 1 << at
        row = full = (1 << len(one)) - 1
        for letter in other:
            matched = row & places.get(letter, 0)
            row = (row + matched | row - matched) & full
        length, common = len(one) + len(other), len(one) - row.bit_count()
        return 1.0 - (length - 2 * common) / length
