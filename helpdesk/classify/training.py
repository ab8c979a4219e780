"""Training the category model: the only place that knows numpy, imported by `helpdesk learn` alone.

The objective is the multinomial logistic loss with an L2 penalty. Up to EXACT examples it is minimised exactly by
L-BFGS (Nocedal & Wright, Numerical Optimization, algorithm 7.4); above, AdaGrad (Duchi et al. 2011) with dropped-out
features (Wager et al. 2013) is faster and was better in cross-validation: .906 against .895 on BANKING77.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from helpdesk.classify.model import Pooling, Row

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

EXACT = 3000
"""Examples up to which the minimum is computed exactly."""

PENALTY = 100.0
"""One over the weight of the L2 penalty."""

_BATCH = 64
_MEMORY = 8
_STEPS = 60
_ROUNDS = 12
_DROPPED = 0.3
_RATE = 0.5
_SMALL = 0.04
"""A weight below this, relative to the middle one of its feature, is left away."""

_SHARPNESSES = tuple(float(value) for value in np.geomspace(0.02, 4.0, 30))
_LEXICON = (0.0, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0)
_HABIT = 10.0
"""Tickets' worth of belief that the lexicon is right."""


@dataclass
class Corpus:
    """Examples as numbers: each a label and a run of (feature, value)."""

    labels: list[str] = field(default_factory=list)
    _names: dict[str, int] = field(default_factory=dict)
    _ids: array[int] = field(default_factory=lambda: array("q"))
    _values: array[float] = field(default_factory=lambda: array("f"))
    _ends: array[int] = field(default_factory=lambda: array("q", [0]))

    def add(self, found: Mapping[str, float], label: str) -> None:
        """Add an example."""
        names = self._names
        self._ids.extend([names.setdefault(name, len(names)) for name in found])
        self._values.extend(found.values())
        self._ends.append(len(self._ids))
        self.labels.append(label)

    def names(self) -> list[str]:
        """Every feature, by number."""
        return list(self._names)

    def entries(self, rows: Ints) -> tuple[Ints, Ints, Floats]:
        """Of some examples the lengths, then features and values, one after the other."""
        ends = np.frombuffer(self._ends, dtype=np.int64)
        begins, lengths = ends[rows], ends[rows + 1] - ends[rows]
        places = np.repeat(begins - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths) + np.arange(lengths.sum())
        ids = np.frombuffer(self._ids, dtype=np.int64)
        values = np.frombuffer(self._values, dtype=np.float32)
        return lengths, ids[places], values[places]


@dataclass(frozen=True)
class Trained:
    """A model fresh from training: its classes, their biases, and the rows of its features, small weights left away."""

    classes: tuple[str, ...]
    biases: tuple[float, ...]
    rows: dict[str, Row]


@dataclass(frozen=True)
class _Batch:
    """Some examples with the features they hold, which are few beside all."""

    labels: Ints
    features: Ints
    rows: Ints
    columns: Ints
    values: Floats

    def dense(self, values: Floats) -> Floats:
        """The batch as a matrix of its examples by its features."""
        matrix = np.zeros((len(self.labels), len(self.features)), np.float32)
        matrix[self.rows, self.columns] = values
        return matrix


def train(corpus: Corpus, rows: Sequence[int]) -> Trained:
    """The model learnt from the examples `rows` of a corpus; the same examples make the same model."""
    chosen = np.asarray(rows, dtype=np.int64)
    classes = sorted({corpus.labels[row] for row in rows})
    labels = np.array([classes.index(corpus.labels[row]) for row in rows], dtype=np.int64)
    lengths, ids, values = corpus.entries(chosen)
    kept, rarity = _rarity(ids, len(rows), len(corpus.names()))
    lengths, columns, values = _normalised(lengths, ids, values, kept, rarity)
    batches = _batches(lengths, columns, values, labels, len(rows) <= EXACT)
    shape = (len(kept), len(classes))
    weights, biases = (
        _exactly(batches, shape) if len(rows) <= EXACT else _by_and_by(batches, shape, PENALTY * len(rows))
    )
    names = corpus.names()
    table = _table([names[feature] for feature in kept], rarity[kept], weights)
    return Trained(tuple(classes), tuple(round(float(bias), 4) for bias in biases), table)


def _rarity(ids: Ints, count: int, features: int) -> tuple[Ints, Floats]:
    """The features kept, and for all the square root of ln((1 + N) / (1 + n)) + 1, which damps the rarest."""
    holders = np.bincount(ids, minlength=features)
    kept = np.flatnonzero(holders >= (1 if count <= EXACT else 2))
    rarity = np.sqrt(np.log((1 + count) / (1 + holders)) + 1).astype(np.float32)
    return kept, np.round(rarity, 4)


def _normalised(lengths: Ints, ids: Ints, values: Floats, kept: Ints, rarity: Floats) -> tuple[Ints, Ints, Floats]:
    """The entries of the features kept, numbered anew, each example of length one."""
    number = np.full(len(rarity), -1, dtype=np.int64)
    number[kept] = np.arange(len(kept))
    example = np.repeat(np.arange(len(lengths)), lengths)
    known = number[ids] >= 0
    example, columns, weighed = example[known], number[ids[known]], values[known] * rarity[ids[known]]
    size = np.sqrt(np.bincount(example, weights=weighed * weighed, minlength=len(lengths)))
    weighed = (weighed / np.maximum(size, 1e-9)[example]).astype(np.float32)
    return np.bincount(example, minlength=len(lengths)), columns, weighed


def _batches(lengths: Ints, columns: Ints, values: Floats, labels: Ints, alike: bool) -> list[_Batch]:
    """The examples in batches: `alike` puts those of one class together, which share features, else they are mixed."""
    order = np.argsort(labels, kind="stable") if alike else np.random.default_rng(0).permutation(len(labels))
    ends = np.cumsum(lengths)
    made = []
    for at in range(0, len(order), _BATCH):
        rows = order[at : at + _BATCH]
        places = np.concatenate([np.arange(ends[row] - lengths[row], ends[row]) for row in rows])
        features, inside = np.unique(columns[places], return_inverse=True)
        made.append(
            _Batch(labels[rows], features, np.repeat(np.arange(len(rows)), lengths[rows]), inside, values[places])
        )
    return made


def _slope(matrix: Floats, batch: _Batch, weights: Floats, biases: Floats) -> tuple[float, Floats]:
    """The loss of a batch, and its derivative by the logits: the shares, less one at the right class."""
    logits = matrix @ weights + biases
    logits -= logits.max(axis=1, keepdims=True)
    places = np.arange(len(batch.labels))
    right = logits[places, batch.labels].copy()
    np.exp(logits, out=logits)
    total = logits.sum(axis=1)
    logits /= total[:, None]
    logits[places, batch.labels] -= 1
    return float((np.log(total) - right).sum()), logits


def _exactly(batches: Sequence[_Batch], shape: tuple[int, int]) -> tuple[Floats, Floats]:
    cut = shape[0] * shape[1]

    def objective(point: Floats) -> tuple[float, Floats]:
        weights, biases = point[:cut].reshape(shape), point[cut:]
        slope = point / np.float32(PENALTY)
        slope[cut:] = 0
        by_weights, by_biases = slope[:cut].reshape(shape), slope[cut:]
        loss = float(point[:cut] @ point[:cut]) / 2 / PENALTY
        for batch in batches:
            matrix = batch.dense(batch.values)
            more, by_logits = _slope(matrix, batch, weights[batch.features], biases)
            loss += more
            by_weights[batch.features] += matrix.T @ by_logits
            by_biases += by_logits.sum(axis=0)
        return loss, slope

    point = _descend(objective, np.zeros(cut + shape[1], np.float32))
    return point[:cut].reshape(shape), point[cut:]


def _descend(objective: Callable[[Floats], tuple[float, Floats]], point: Floats) -> Floats:
    """Where L-BFGS ends: after _STEPS, or when the slope is a hundredth of what it was."""
    loss, slope = objective(point)
    first = float(np.linalg.norm(slope)) or 1.0
    past: list[tuple[Floats, Floats]] = []
    for _step in range(_STEPS):
        way = _direction(slope, past) if past else slope * np.float32(10 / first)
        size, fall = 1.0, float(slope @ way)
        while True:
            there = point - np.float32(size) * way
            new_loss, new_slope = objective(there)
            if new_loss <= loss - 1e-4 * size * fall or size < 1e-4:
                break
            size /= 2
        moved, turned = there - point, new_slope - slope
        if float(moved @ turned) > 1e-8:
            past = [*past[1 - _MEMORY :], (moved, turned)]
        point, loss, slope = there, new_loss, new_slope
        if float(np.linalg.norm(slope)) < 0.01 * first:
            break
    return point


def _direction(slope: Floats, past: Sequence[tuple[Floats, Floats]]) -> Floats:
    way, shares = slope.copy(), []
    for moved, turned in reversed(past):
        share = (moved @ way) / (moved @ turned)
        shares.append(share)
        way -= share * turned
    moved, turned = past[-1]
    way *= (moved @ turned) / (turned @ turned)
    for (moved, turned), share in zip(past, reversed(shares), strict=True):
        way += moved * (share - (turned @ way) / (moved @ turned))
    return way


def _by_and_by(batches: Sequence[_Batch], shape: tuple[int, int], penalty: float) -> tuple[Floats, Floats]:
    chance = np.random.default_rng(0)
    weights, biases = np.zeros(shape, np.float32), np.zeros(shape[1], np.float32)
    seen, seen_biases = np.full(shape, 1e-6, np.float32), np.full(shape[1], 1e-6, np.float32)
    for rate, batch in _schedule(batches, chance):
        kept = chance.random(len(batch.values), dtype=np.float32) >= _DROPPED
        matrix = batch.dense(batch.values * kept / np.float32(1 - _DROPPED))
        active = weights[batch.features]
        _loss, by_logits = _slope(matrix, batch, active, biases)
        slope = matrix.T @ by_logits + active * np.float32(len(batch.labels) / penalty)
        squares = seen[batch.features] + slope * slope
        seen[batch.features] = squares
        weights[batch.features] = active - np.float32(rate) * slope / np.sqrt(squares)
        by_biases = by_logits.sum(axis=0)
        seen_biases += by_biases * by_biases
        biases -= np.float32(rate) * by_biases / np.sqrt(seen_biases)
    return weights, biases


def _schedule(batches: Sequence[_Batch], chance: np.random.Generator) -> Iterator[tuple[float, _Batch]]:
    """The batches in an order of chance, _ROUNDS times over, with a rate that falls to zero."""
    steps = _ROUNDS * len(batches)
    for done in range(_ROUNDS):
        for place, at in enumerate(chance.permutation(len(batches))):
            yield _RATE * (1 - (done * len(batches) + place) / steps), batches[at]


def _table(names: Sequence[str], rarity: Floats, weights: Floats) -> dict[str, Row]:
    # what a feature gives to every class alike changes no share, so only what differs from the middle is kept
    weights = weights - np.median(weights, axis=1, keepdims=True)
    kept = np.abs(weights) >= _SMALL
    return {
        name: Row(float(round(float(rare), 4)), tuple(np.flatnonzero(keep).tolist()), tuple(row[keep].tolist()))
        for name, rare, keep, row in zip(names, rarity, kept, weights, strict=True)
    }


@dataclass(frozen=True)
class Unseen:
    """A ticket judged by a model that had not learnt from it: its logits by class, what lexicon and articles say."""

    logits: Sequence[float]
    evidence: Mapping[str, float]
    label: str


def pooled(
    tickets: Sequence[Unseen], classes: Sequence[str], known: Sequence[str], unseen: float, usual_floor: float,
    representative: bool, other: str,
) -> Pooling:  # fmt: skip
    """How far to trust the model, from tickets it had not seen.

    Only tickets that are `representative` can tell how good the lexicon is: corrections are those it got wrong.
    Without them the model is made honest by itself, and the lexicon keeps its word.
    """
    truth = np.array([known.index(ticket.label) for ticket in tickets])
    logits = np.array([ticket.logits for ticket in tickets], dtype=np.float64)
    evidence = np.array([[ticket.evidence.get(name, 0.0) for name in known] for ticket in tickets])
    model = {s: _spread(logits, s, classes, known, unseen) for s in _SHARPNESSES}

    def cost(sharpness: float, lexicon: float) -> float:
        shares = _softmax(model[sharpness] + lexicon * evidence)
        right = np.log(np.maximum(shares[np.arange(len(truth)), truth], 1e-12))
        return float(-right.sum()) + _HABIT * (1 - lexicon) ** 2

    if not representative:
        return Pooling(min(_SHARPNESSES, key=lambda s: cost(s, 0.0)), 1.0, unseen, usual_floor)
    sharpness, lexicon = min(((s, x) for s in _SHARPNESSES for x in _LEXICON), key=lambda pair: cost(*pair))
    shares = _softmax(model[sharpness] + lexicon * evidence)
    return Pooling(sharpness, lexicon, unseen, _floor(shares, truth, known.index(other), usual_floor))


def _spread(logits: Any, sharpness: float, classes: Sequence[str], known: Sequence[str], unseen: float) -> Any:
    """The logarithms of the model's shares over all known categories, as `model.spread` has them."""
    places = [known.index(name) for name in classes]
    rest = len(known) - len(places)
    spread = np.full((len(logits), len(known)), unseen / max(rest, 1))
    spread[:, places] = _softmax(logits * sharpness) * (1 - unseen if rest else 1.0)
    return np.log(np.maximum(spread, 1e-12))


def _softmax(logits: Any) -> Any:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _floor(shares: Any, truth: Any, other: int, usual: float) -> float:
    """Half the highest floor, up to the usual one, that costs no right verdicts on the whole.

    Half, because the least sure right verdict of all tickets to come is less sure than that of a few hundred.
    """
    confidence, right = shares.max(axis=1), shares.argmax(axis=1) == truth

    def gained(floor: float) -> int:
        below = confidence < floor
        return int((below & (truth == other)).sum() - (below & right).sum())

    floors = [usual * step / 20 for step in range(21)]
    return round(max(floors, key=lambda floor: (gained(floor), floor)) / 2, 4)
