"""The learnt category model as it is used: a multinomial logistic regression over n-grams and meanings, in pure Python.

A text looks up the weights of its own two hundred n-grams and nothing else, so a single text is judged as fast from a
store as from memory. `classify/training` makes the weights; docs/learning.md says how they are chosen and trusted.
"""

from __future__ import annotations

import math
import sys
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from struct import pack, unpack
from typing import NamedTuple

from helpdesk.classify.reasons import Reason
from helpdesk.lexicon import Hit, Reading
from helpdesk.text import has_cjk, runs

MEANING, PIECE, FIRST, LAST = "§", "~", "^", "$"
"""Marks of a feature: a concept, a piece of a word, what a text begins with, what it ends with; none: words as such."""

_EDGES = FIRST + LAST
_MARKS = PIECE + _EDGES

_LONGEST_WORD = 40
_PIECES = (2, 3, 4)
_CHARACTERS = (1, 2, 3)
_REASONS = 5

# chosen by cross-validation on training splits: a meaning says more than a word, a piece of a word less
_MEANING_WEIGHT = 2.5

SCALE, _LIFT = 1 << 16, 1 << 24
"""Weights and values are added up as whole numbers of 1 / SCALE."""
_PIECE_WEIGHT = 0.7


class Row(NamedTuple):
    """What is known of a feature: its rarity, and the weights it gives to some classes (by place), zero to the rest."""

    rarity: float
    classes: Sequence[int]
    weights: Sequence[float]


def packed(classes: Sequence[int], weights: Sequence[float]) -> bytes:
    """A row's classes and weights as bytes: the places in two bytes each, then the weights as half floats."""
    return pack(f"<{len(classes)}H{len(classes)}e", *classes, *weights)


def unpacked(rarity: float, block: bytes) -> Row:
    """The row whose classes and weights were packed."""
    count = len(block) // 4
    values = unpack(f"<{count}H{count}e", block)
    return Row(rarity, values[:count], values[count:])


class Columns(NamedTuple):
    """Many rows as numbers beside each other, for `classify/table`: by row its feature, its rarity (double) and how
    many classes it has; by entry of a row its class and weight (double). Whole numbers have 32 bits."""

    names: Sequence[str]
    rarities: bytes
    lengths: bytes
    classes: bytes
    weights: bytes

    @classmethod
    def of(cls, rows: Mapping[str, Row]) -> Columns:
        """The columns of some rows."""
        return cls(
            [*rows],
            array("d", [row.rarity for row in rows.values()]).tobytes(),
            array("I", [len(row.classes) for row in rows.values()]).tobytes(),
            array("I", [place for row in rows.values() for place in row.classes]).tobytes(),
            array("d", [weight for row in rows.values() for weight in row.weights]).tobytes(),
        )


class Sums(NamedTuple):
    """What the features of a text say, added up: a number a class; the squared length of those there are weights for,
    each times its rarity, and of the others; and for a class, by its place, what each that speaks for it adds."""

    logits: list[float]
    known: float
    unknown: float
    spoken: Callable[[int], list[tuple[float, str]]]


class Pooling(NamedTuple):
    """How far the model is trusted beside the lexicon: fitted on tickets it had not seen.

    `sharpness` multiplies its logits (1 / temperature), `lexicon` those of lexicon and articles; `unseen` is the
    share of categories without an example; below `floor` the category is `other`.
    """

    sharpness: float
    lexicon: float
    unseen: float
    floor: float


class Opinion(NamedTuple):
    """What the model says of a text: a share for every category, adding to one, and what each feature says for one."""

    shares: Mapping[str, float]
    pooling: Pooling
    classes: Sequence[str]
    spoken: Callable[[int], list[tuple[float, str]]]

    def reasons(self, category: str, hits: Sequence[Hit]) -> tuple[Reason, ...]:
        """The strongest features that speak for `category`, each in the customer's own words."""
        if category not in self.classes:
            return ()
        fragments = {hit.concept.id: hit.fragment for hit in hits}
        points = [(weight * self.pooling.sharpness, name) for weight, name in self.spoken(self.classes.index(category))]
        return tuple(_distinct(sorted([one for one in points if one[0] >= 0.01], reverse=True), fragments))


def _distinct(points: Sequence[tuple[float, str]], fragments: Mapping[str, str]) -> Iterator[Reason]:
    """The strongest points as reasons, none inside another's words."""
    told: list[str] = []
    for weight, name in points:
        if len(told) == _REASONS:
            return
        shown = fragments.get(name[1:], "") if name.startswith(MEANING) else name.strip(_MARKS).strip()
        if shown and not any(shown in other or other in shown for other in told):
            told.append(shown)
            yield Reason("model", name if name.startswith(MEANING) else shown, shown, round(weight, 2))


class Model:
    """A trained model without its rows: the classes, what each has by itself, how far it is trusted."""

    __slots__ = ("_lanes", "biases", "classes", "identity", "pooling")

    def __init__(self, identity: int, classes: Sequence[str], biases: Sequence[float], pooling: Pooling) -> None:
        self.identity = identity
        self.classes = tuple(classes)
        self.biases = tuple(biases)
        self.pooling = pooling
        self._lanes: dict[str, int] = {}

    def opinion(
        self, found: Mapping[str, float], rows: Mapping[str, Row], known: Collection[str] | None = None
    ) -> Opinion:
        """What a text with the features `found` is about; `rows` holds those the model has weights for."""
        sums = self.sums(found, rows)
        shares = dict(zip(self.classes, softmax(sums.logits, self.pooling.sharpness), strict=True))
        return Opinion(spread(shares, known, self.pooling.unseen), self.pooling, self.classes, sums.spoken)

    def logits(self, found: Mapping[str, float], rows: Mapping[str, Row]) -> list[float]:
        """The sum behind the shares, a number a class."""
        return self.sums(found, rows).logits

    def sums(self, found: Mapping[str, float], rows: Mapping[str, Row]) -> Sums:
        """What adds up to the opinion on a text."""
        values = [(name, found[name] * row.rarity, row) for name, row in rows.items()]
        square = sum([value * value for _name, value, _row in values])
        length = math.sqrt(square) or 1.0
        spoken = [(name, value / length, row) for name, value, row in values]
        unknown = sum([value * value for name, value in found.items() if name not in rows])
        return Sums(self._summed(spoken), square, unknown, partial(_points, spoken))

    def _summed(self, spoken: Sequence[tuple[str, float, Row]]) -> list[float]:
        total, times, width, known = 0, 0, len(self.classes), self._lanes
        for name, value, row in spoken:
            lanes = known.get(name) or known.setdefault(name, _lanes(row, width))
            count = round(value * SCALE)
            total += lanes * count
            times += count
        sums = array("Q", total.to_bytes(8 * width, sys.byteorder))
        lift, unit = times * _LIFT, 1 / (SCALE * SCALE)
        return [bias + (lane - lift) * unit for bias, lane in zip(self.biases, sums, strict=True)]


def _lanes(row: Row, width: int) -> int:
    """The weights of a row as one whole number of a lane a class, so that one product adds them all to a sum.

    A lane has 64 bits and holds its weight in units of 1 / SCALE, lifted by _LIFT so that none is below zero: a text's
    values are below 1 and some thousands at most, so the sum of a lane never reaches the next one.
    """
    lanes = array("Q", [_LIFT]) * width
    for place, weight in zip(row.classes, row.weights, strict=True):
        lanes[place] = _LIFT + round(weight * SCALE)
    return int.from_bytes(lanes.tobytes(), sys.byteorder)


def _points(spoken: Iterable[tuple[str, float, Row]], place: int) -> list[tuple[float, str]]:
    speaking = [one for one in spoken if place in one[2].classes]
    points = [(row.weights[row.classes.index(place)] * value, name) for name, value, row in speaking]
    return [one for one in points if one[0] > 0]


def softmax(logits: Sequence[float], sharpness: float) -> list[float]:
    """Shares that add up to one."""
    top = max(logits)
    powers = [math.exp((logit - top) * sharpness) for logit in logits]
    total = sum(powers)
    return [power / total for power in powers]


def spread(shares: Mapping[str, float], known: Collection[str] | None, unseen: float) -> dict[str, float]:
    """The shares over all categories `known`: those without an example have `unseen` among them."""
    if known is None:
        return dict(shares)
    seen = {category: share for category, share in shares.items() if category in known}
    rest = [category for category in known if category not in seen]
    total = sum(seen.values()) or 1.0
    kept = 1 - unseen if rest and seen else float(bool(seen))
    return {category: share / total * kept for category, share in seen.items()} | {
        category: (1 - kept) / len(rest) for category in rest
    }


def features(reading: Reading, hits: Sequence[Hit]) -> dict[str, float]:
    """The features of a text, each with its damped count (1 + ln n) times the weight of its kind.

    Words alone and in pairs, pieces of two to four letters within words, CJK as one to three characters, what the text
    begins and ends with, and the concepts of the lexicon, by which all languages and slang share what is learnt.
    """
    grams: list[str] = []
    words: list[str] = []
    for cjk, word in runs(_joined(reading.folded.replace("'", ""))):
        if cjk:
            grams += [cjk[at : at + n] for n in _CHARACTERS for at in range(len(cjk) - n + 1)]
            grams += (FIRST + cjk[:2], cjk[-2:] + LAST)
        else:
            words.append(_masked(word))
    grams += words
    grams += map(" ".join, zip(words, words[1:], strict=False))
    if words:
        grams += (FIRST + words[0], words[-1] + LAST)
    found = _damped(grams)
    for piece, weight in _damped(_pieces(words)).items():
        found[PIECE + piece] = _PIECE_WEIGHT * weight
    denied = [hit.fragment for hit in hits if hit.negated and hit.concept.mood < 0]
    if denied:  # 不是骗子 says nothing of 骗子
        found = {gram: value for gram, value in found.items() if not any(gram.strip(_EDGES) in d for d in denied)}
    for hit in hits:
        if not hit.negated:
            found[MEANING + hit.concept.id] = _MEANING_WEIGHT
    return found


def _damped(grams: Sequence[str]) -> dict[str, float]:
    """Each gram with 1 + ln n, n times it was there."""
    damped = dict.fromkeys(grams, 1.0)
    if len(damped) < len(grams):
        damped |= {gram: 1 + math.log(count) for gram, count in Counter(grams).items() if count > 1}
    return damped


def _joined(folded: str) -> str:
    """A text without blanks between Han or kana, which come from a tokenizer or a careless hand."""
    if folded.isascii():
        return folded
    pieces = folded.split()
    glued = (_unspaced(one[-1]) and _unspaced(other[0]) for one, other in zip(pieces, pieces[1:], strict=False))
    return "".join(pieces[:1]) + "".join(
        piece if close else f" {piece}" for piece, close in zip(pieces[1:], glued, strict=True)
    )


def _unspaced(letter: str) -> bool:
    return has_cjk(letter) and not "가" <= letter <= "힣"


def _masked(word: str) -> str:
    """A word, or `0` for a number, a card key and the like, which say nothing twice and belong in no table."""
    return "0" if len(word) > 4 and any(map(str.isdigit, word)) else word[:_LONGEST_WORD]


def _pieces(words: Sequence[str]) -> list[str]:
    padded = [f" {word} " for word in words]
    return [word[at : at + n] for word in padded for n in _PIECES for at in range(len(word) - n + 1)]
