"""A reason: one term of a sum, with the words of the text it comes from."""

from __future__ import annotations

from typing import NamedTuple


class Reason(NamedTuple):
    """`kind` says where it comes from, `name` which one, `fragment` the customer's own words, `points` its weight.

    A tuple, because thousands a second go from process to process and into events as they are.
    """

    kind: str
    name: str
    fragment: str
    points: float
