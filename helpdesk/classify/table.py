"""The rows of a model as arrays, for many texts: the sums of `classify/model`, a text in a few operations of numpy.

Importing numpy takes as long as judging a hundred texts, so only a batch does it. Weights and values are whole numbers
here as there, whose sums are exact in any order: a text is judged the same alone and among others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING

import numpy as np

from helpdesk.classify.model import SCALE, Columns, Sums

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Places = NDArray[np.intp]


class Table:
    """Rows by feature: row `n` has the entries starts[n] to starts[n] + lengths[n] of `classes` and `weights`."""

    def __init__(self, columns: Columns, biases: Sequence[float]) -> None:
        self._names = columns.names
        self._place = dict(zip(columns.names, range(len(columns.names)), strict=True))
        self._rarities = np.frombuffer(columns.rarities, np.float64)
        self._lengths = np.frombuffer(columns.lengths, np.uint32).astype(np.intp)
        self._starts = np.cumsum(self._lengths) - self._lengths
        self._classes = np.frombuffer(columns.classes, np.uint32).astype(np.intp)
        self._weights = np.frombuffer(columns.weights, np.float64)
        self._whole = np.rint(self._weights * SCALE)
        self._biases = np.array(biases)

    def sums(self, found: Mapping[str, float]) -> Sums:
        """The sums of a text with the features `found`."""
        rows = np.fromiter(map(self._place.get, found, repeat(-1)), np.intp, len(found))
        values = np.fromiter(found.values(), np.float64, len(found))
        is_known = rows >= 0
        rows, unknown = rows[is_known], values[~is_known]
        values = values[is_known] * self._rarities[rows]
        square = float(values @ values)
        values /= math.sqrt(square) or 1.0
        lengths = self._lengths[rows]
        ends = lengths.cumsum()
        entries = np.arange(int(ends[-1]) if ends.size else 0) + (self._starts[rows] - ends + lengths).repeat(lengths)
        counts = np.rint(values * SCALE).repeat(lengths)
        classes = self._classes[entries]
        sums = np.bincount(classes, self._whole[entries] * counts, len(self._biases))
        logits = (self._biases + sums * (1 / (SCALE * SCALE))).tolist()
        spoken = partial(self._spoken, rows, values, lengths, entries, classes)
        return Sums(logits, square, float(unknown @ unknown), spoken)

    def _spoken(
        self, rows: Places, values: Floats, lengths: Places, entries: Places, classes: Places, place: int
    ) -> list[tuple[float, str]]:
        speaking = np.flatnonzero(classes == place)
        feature = lengths.cumsum().searchsorted(speaking, "right")
        points = self._weights[entries[speaking]] * values[feature]
        names = rows[feature].tolist()
        return [(weight, self._names[row]) for weight, row in zip(points.tolist(), names, strict=True) if weight > 0]
