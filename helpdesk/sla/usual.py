"""How long things usually take: the median of what was, and a stated assumption where too little was."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from helpdesk.clock import Millis

FEWEST = 5
"""A median of fewer says nothing."""


class Usual(NamedTuple):
    """A usual length of time, and how many it is the median of; 0 where it is assumed."""

    amount: Millis
    of: int


def median(values: Sequence[Millis]) -> Millis:
    """The middle of at least one value; of two in the middle their mean."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) // 2


def usual(values: Sequence[Millis]) -> Usual | None:
    """The median of `values`; None of fewer than FEWEST."""
    return Usual(median(values), len(values)) if len(values) >= FEWEST else None


def usual_by_name(pairs: Iterable[tuple[str, Millis]]) -> dict[str, Usual]:
    """By name, the median of its values, for those that have enough."""
    values: dict[str, list[Millis]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    found = {name: usual(of_name) for name, of_name in values.items()}
    return {name: one for name, one in found.items() if one is not None}
