"""A reason: one term of a sum, with the words of the text it comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """`kind` says where it comes from, `name` which one, `fragment` the customer's own words, `points` its weight."""

    kind: str
    name: str
    fragment: str
    points: float
