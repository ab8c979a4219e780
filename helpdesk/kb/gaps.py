"""What customers ask and no article answers: tickets of one question brought together, in time linear in the tickets.

A question is the vector of its words and meanings, each weighing its rarity. Questions are taken the most typical
first; each joins the leader it is most like, or leads from then on (leader clustering: Hartigan, Clustering Algorithms,
1975, chapter 3). Then every question moves to the centre it is most like. Leaders and centres are found by their
heaviest terms, of which each points to at most BUCKET of them, so that no question is compared with more than a fixed
number.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from sys import intern

from helpdesk.kb.wording import is_courteous
from helpdesk.lexicon import Hit, Reading
from helpdesk.text import terms_of_folded

FEWEST = 3
"""Tickets that make a gap."""

NEAR = 0.40
"""The cosine from which two questions are taken for one."""

BUCKET = 20
"""Leaders a term points to."""

KEYS = 10
"""Terms a question is looked up by, heaviest first."""

TERMS = 32
"""Terms of a question that are kept."""

COMPARED = 12
"""Of those that share a term, how many are compared in full."""

ROUNDS = 2
"""Times that questions move."""

_LONGEST_READ = 400
_ADVERTISING = "other_advertising"
_MEANING = "§"
_MEANT = 3.5
_ALONE = 0.5
_OTHERS = 50

_FILLERS = frozenset(
    "an my me is are was to of in on for it and you your do does did please the i'm but not this that with have has be"
    " can at so if or we there they he she from when what how why which will would could just get got am im ive".split()
)

Vector = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Question:
    """A ticket's question as it is compared: its words and meanings, each once."""

    number: int
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Tickets that ask one thing, the most typical first."""

    numbers: tuple[int, ...]


def question(number: int, reading: Reading, hits: Iterable[Hit]) -> Question | None:
    """A ticket's question; None when it asks nothing: an advertisement, or nothing but greetings and thanks."""
    meant = [hit.concept for hit in hits if not hit.negated and not is_courteous(hit.concept)]
    if any(concept.id == _ADVERTISING for concept in meant):
        return None
    terms = {term for term in terms_of_folded(reading.folded[:_LONGEST_READ]) if len(term) > 1} - _FILLERS
    terms |= {f"{_MEANING}{concept.id}" for concept in meant if concept.category}
    return Question(number, tuple(map(intern, sorted(terms)))) if terms else None


def gaps(
    questions: Sequence[Question], decisiveness: Mapping[str, float], fewest: int = FEWEST, near: float = NEAR
) -> list[Gap]:
    """The groups of at least `fewest` questions, largest first; `decisiveness` is that of each concept by its id."""
    holders = Counter(term for one in questions for term in one.terms)
    weights = _weights(holders, len(questions), decisiveness)
    vectors = {one.number: _vector(one.terms, weights) for one in questions}
    ranked = sorted(vectors, key=lambda number: (-_typicality(vectors[number], holders), number))
    groups = _led(ranked, vectors, near)
    for _round in range(ROUNDS):
        groups = _around_centres(groups, ranked, vectors, near)
    found = [Gap(tuple(_most_central_first(group, vectors))) for group in groups if len(group) >= fewest]
    return sorted(found, key=lambda gap: (-len(gap.numbers), gap.numbers[0]))


def most_central(texts: Sequence[str]) -> int:
    """The place of the text most like all the others."""
    questions = [
        Question(place, tuple(dict.fromkeys(terms_of_folded(text.lower())))) for place, text in enumerate(texts)
    ]
    weights = {term: 1.0 for one in questions for term in one.terms}
    vectors = {one.number: _vector(one.terms, weights) for one in questions}
    return _most_central_first(range(len(texts)), vectors)[0]


def _weights(holders: Mapping[str, int], count: int, decisiveness: Mapping[str, float]) -> dict[str, float]:
    """The rarity of each term as in kb.index; a term of one question says little of what others ask.

    A few tickets may all ask the same, so that they are seen among `_OTHERS` that ask something else.
    """
    return {
        term: math.log(1 + (count + _OTHERS - holding + 0.5) / (holding + 0.5)) * _worth(term, holding, decisiveness)
        for term, holding in holders.items()
    }


def _worth(term: str, holding: int, decisiveness: Mapping[str, float]) -> float:
    if term.startswith(_MEANING):
        return _MEANT * decisiveness.get(term[1:], 1.0)
    return 1.0 if holding > 1 else _ALONE


def _vector(terms: Sequence[str], weights: Mapping[str, float]) -> dict[str, float]:
    """The heaviest terms of a question at length one."""
    heaviest = sorted(terms, key=lambda term: (-weights[term], term))[:TERMS]
    return _at_length_one({term: weights[term] for term in heaviest})


def _at_length_one(vector: Vector) -> dict[str, float]:
    length = math.sqrt(math.fsum(weight * weight for weight in vector.values())) or 1.0
    return {term: weight / length for term, weight in vector.items()}


def _typicality(vector: Vector, holders: Mapping[str, int]) -> float:
    return math.fsum(weight * math.log(holders[term]) for term, weight in vector.items())


class _Centres:
    """Vectors looked up by their heaviest terms."""

    def __init__(self) -> None:
        self._vectors: list[Vector] = []
        self._holding: dict[str, list[int]] = defaultdict(list)

    def add(self, vector: Vector) -> int:
        """The place of a vector added."""
        self._vectors.append(vector)
        for term in _keys(vector):
            if len(self._holding[term]) < BUCKET:
                self._holding[term].append(len(self._vectors) - 1)
        return len(self._vectors) - 1

    def nearest(self, vector: Vector, near: float) -> int | None:
        """The place of the vector most like this one, if any is as near as `near`."""
        shared: dict[int, float] = {}
        for term in _keys(vector):
            for place in self._holding.get(term, ()):
                shared[place] = shared.get(place, 0.0) + vector[term] * self._vectors[place][term]
        best = near
        found: int | None = None
        for candidate in sorted(shared, key=lambda one: (-shared[one], one))[:COMPARED]:
            cosine = _cosine(vector, self._vectors[candidate])
            if cosine > best:
                best, found = cosine, candidate
        return found


def _keys(vector: Vector) -> list[str]:
    return _heaviest(vector, KEYS)


def _cosine(one: Vector, other: Vector) -> float:
    return sum([weight * other[term] for term, weight in one.items() if term in other])


def _led(ranked: Sequence[int], vectors: Mapping[int, Vector], near: float) -> list[list[int]]:
    leaders, groups = _Centres(), list[list[int]]()
    for number in ranked:
        place = leaders.nearest(vectors[number], near)
        if place is None:
            leaders.add(vectors[number])
            groups.append([number])
        else:
            groups[place].append(number)
    return groups


def _around_centres(
    groups: Sequence[Sequence[int]], ranked: Sequence[int], vectors: Mapping[int, Vector], near: float
) -> list[list[int]]:
    """Every question with the centre it is most like; one that is like none stands alone no longer."""
    centres, moved = _Centres(), list[list[int]]()
    for group in sorted(groups, key=len, reverse=True):
        if len(group) > 1:
            centres.add(_centre(group, vectors))
            moved.append([])
    for number in ranked:
        place = centres.nearest(vectors[number], near)
        if place is not None:
            moved[place].append(number)
    return moved


def _centre(group: Sequence[int], vectors: Mapping[int, Vector]) -> dict[str, float]:
    summed: dict[str, float] = defaultdict(float)
    for number in group:
        for term, weight in vectors[number].items():
            summed[term] += weight
    return _at_length_one({term: summed[term] for term in _heaviest(summed, 2 * TERMS)})


def _heaviest(vector: Vector, most: int) -> list[str]:
    return sorted(vector, key=lambda term: (-vector[term], term))[:most]


def _most_central_first(group: Sequence[int], vectors: Mapping[int, Vector]) -> list[int]:
    centre = _centre(group, vectors)
    return sorted(group, key=lambda number: (-_cosine(vectors[number], centre), number))
