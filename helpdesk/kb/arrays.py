"""The sums of `kb/sharing` for many texts, in numpy; only a batch imports it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from rapidfuzz import fuzz

from helpdesk.kb.sharing import PARTS, PHRASINGS, Posting, Shared

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Arrays:
    """The arithmetic for many texts, over so many phrasings and articles."""

    def __init__(self, phrasings: int, articles: int) -> None:
        self._phrasings = phrasings
        self._articles = articles

    def unpacked(self, block: bytes) -> Posting:
        """The posting that was packed; its numbers are arrays."""
        numbers = np.frombuffer(block, np.uint32).astype(np.intp)
        count = int(numbers[1])
        phrases, rest = numbers[2 : 2 + count], numbers[2 + count :]
        articles, shares = rest[: len(rest) // 2], rest[len(rest) // 2 :]
        return Posting(int(numbers[0]) / PARTS, cast(Any, phrases), cast(Any, articles), cast(Any, shares))

    def shared(self, postings: Sequence[Posting]) -> Shared:
        """What a text that holds the terms of `postings` shares with phrasings and articles."""
        if not postings:
            return Shared((), (), lambda numbers: [0] * len(numbers))
        rarities, phrases, articles, shares = zip(*postings, strict=True)
        squares = np.square(np.array(rarities)).repeat([len(numbers) for numbers in phrases])
        with_phrase = cast(Any, np.bincount(np.concatenate(phrases), squares, self._phrasings))
        with_article = np.bincount(np.concatenate(articles), np.concatenate(shares), self._articles)
        most = _most(with_phrase)
        return Shared(most.tolist(), with_phrase[most].tolist(), lambda numbers: with_article[numbers].tolist())

    def letters(self, one: str, other: str) -> float:
        """How alike two texts are letter by letter, 0..1."""
        return fuzz.ratio(one, other) / 100


def _most(sums: NDArray[np.float64]) -> NDArray[np.intp]:
    """The numbers of the PHRASINGS largest sums, largest first, equal ones by number; none that is zero."""
    found = np.flatnonzero(sums)
    values = sums[found]
    if len(found) > PHRASINGS:
        large = values >= np.partition(values, len(values) - PHRASINGS)[len(values) - PHRASINGS]
        found, values = found[large], values[large]
    return found[np.argsort(-values, kind="stable")[:PHRASINGS]]
