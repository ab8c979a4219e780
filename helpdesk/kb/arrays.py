"""The sums of `kb/sharing` for many texts, in numpy; only a batch imports it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
        self._rows: dict[str, NDArray[np.float64]] = {}

    def unpacked(self, block: bytes) -> Posting:
        """The posting that was packed: places in one row of all phrasings and all articles, and what to add at each."""
        numbers = np.frombuffer(block, np.uint32)
        place, rank, parts, count = numbers[:4].tolist()
        rarity, middle = parts / PARTS, (count + len(numbers)) // 2 + 2
        places, amounts = numbers[4:middle].astype(np.intp), np.empty(middle - 4)
        places[count:] += self._phrasings
        amounts[:count], amounts[count:] = rarity * rarity, numbers[middle:]
        return Posting(place, rank, rarity, count, (places, amounts))

    def shared(self, postings: Sequence[Posting]) -> Shared:
        """What a text that holds the terms of `postings` shares with phrasings and articles."""
        if not postings:
            return Shared((), (), lambda numbers: [0.0] * len(numbers))
        places, amounts = zip(*[posting.holders for posting in postings], strict=True)
        row = np.bincount(np.concatenate(places), np.concatenate(amounts), self._phrasings + self._articles)
        with_phrase, with_article = cast(Any, row[: self._phrasings]), row[self._phrasings :]
        most = _most(with_phrase)
        return Shared(most.tolist(), with_phrase[most].tolist(), lambda numbers: with_article[numbers].tolist())

    def products(self, asked: Mapping[str, float], articles: Mapping[str, Mapping[str, float]]) -> list[float]:
        """Σ p·q over topics, of a text with each of some articles, given by their ids and shares."""
        if not articles:
            return []
        rows, text = self._rows, np.fromiter(asked.values(), np.float64, len(asked))
        for article, own in articles.items():
            if article not in rows:
                rows[article] = np.array([own.get(topic, 0.0) for topic in asked])
        return cast(list[float], (np.array([rows[article] for article in articles]) @ text).tolist())

    def letters(self, one: str, other: str) -> float:
        """How alike two texts are letter by letter, 0..1."""
        return fuzz.ratio(one, other) / 100


def _most(sums: NDArray[np.float64]) -> NDArray[np.intp]:
    """The numbers of the PHRASINGS largest sums, largest first, equal ones by number; none that is zero."""
    found = np.flatnonzero(sums > 0)
    values = sums[found]
    if len(found) > PHRASINGS:
        large = values >= np.partition(values, len(values) - PHRASINGS)[len(values) - PHRASINGS]
        found, values = found[large], values[large]
    return found[np.argsort(-values, kind="stable")[:PHRASINGS]]
