"""What a text shares with each phrasing and each article: the sums behind both cosines, over the rarest terms.

For one text it is added up here; for many in `kb/arrays`, by numpy, to the same sums.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

PARTS = 10_000
"""Rarities, lengths and shares are kept as whole numbers of 1 / PARTS."""

PHRASINGS = 80
"""Phrasings, those that share most with a text, among which each article's best one is looked for."""

BUDGET = 1500
"""Places of terms looked at for one text, rarest terms first: what bounds the time in a large knowledge base."""


class Posting(NamedTuple):
    """A term that articles hold: its rarity, in how many phrasings it is, its holders as an Arithmetic reads them."""

    rarity: float
    phrasings: int
    holders: Any


class Shared(NamedTuple):
    """The PHRASINGS that share most with a text, most first, by number, with the sum of the squared rarities of the
    terms they share; and the sums of shares, in PARTS, of articles given by their numbers."""

    phrasings: Sequence[int]
    squares: Sequence[float]
    of_articles: Callable[[Sequence[int]], list[float]]


def packed(rarity: float, phrases: Sequence[int], articles: Sequence[int], shares: Sequence[int]) -> bytes:
    """Where a term stands, as bytes: its rarity in PARTS, how many phrasings hold it, these, the articles that do, and
    what sharing it adds to the cosine with each of those articles, in PARTS, before the length of the question.
    """
    return array("I", [round(rarity * PARTS), len(phrases), *phrases, *articles, *shares]).tobytes()


def affordable(postings: Mapping[str, Posting]) -> list[Posting]:
    """The rarest of some postings, as many as the budget allows, at least one."""
    ranked = sorted([(posting.phrasings, term) for term, posting in postings.items()])
    chosen: list[Posting] = []
    left = BUDGET
    for count, term in ranked:
        left -= count
        if left < 0 and chosen:
            break
        chosen.append(postings[term])
    return chosen


class Arithmetic(Protocol):
    """How the numbers of an index are read and added up."""

    def unpacked(self, block: bytes) -> Posting:
        """The posting that was packed."""

    def shared(self, postings: Sequence[Posting]) -> Shared:
        """What a text that holds the terms of `postings` shares with phrasings and articles."""

    def letters(self, one: str, other: str) -> float:
        """How alike two texts are letter by letter, 0..1."""


class Plain:
    """The arithmetic for one text, which waits for no import."""

    def unpacked(self, block: bytes) -> Posting:
        """The posting that was packed."""
        numbers = memoryview(block).cast("I")
        return Posting(numbers[0] / PARTS, numbers[1], numbers[2:])

    def shared(self, postings: Sequence[Posting]) -> Shared:
        """What a text that holds the terms of `postings` shares with phrasings and articles."""
        with_phrase: dict[int, float] = {}
        with_article: dict[int, float] = {}
        for rarity, count, holders in postings:
            square, middle = rarity * rarity, (count + len(holders)) // 2
            for number in holders[:count]:
                with_phrase[number] = with_phrase.get(number, 0.0) + square
            for number, share in zip(holders[count:middle], holders[middle:], strict=True):
                with_article[number] = with_article.get(number, 0.0) + share
        most = sorted(with_phrase, key=lambda number: (-with_phrase[number], number))[:PHRASINGS]
        squares = [with_phrase[number] for number in most]
        return Shared(most, squares, lambda numbers: [with_article.get(number, 0.0) for number in numbers])

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
