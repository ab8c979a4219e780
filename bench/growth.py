"""`kb gaps` on many tickets against the same on few: linear, or it compares all pairs."""

from __future__ import annotations

from collections.abc import Iterator

from bench.measure import Row, interleaved, median, process
from bench.stores import Stores, command, environment

FEW, MANY = 2_000, 20_000
ROUNDS = 3


def gaps(stores: Stores) -> Iterator[Row]:
    """Seconds a ticket of `kb gaps` on MANY tickets of a year against those on FEW."""
    words = ("kb", "gaps", "--since", "400d", "--most", str(MANY))
    seconds = interleaved(
        {str(count): process(command(), *words, env=environment(stores.built(count))) for count in (FEW, MANY)}, ROUNDS
    )
    ratio = median(seconds[str(MANY)]) / MANY / (median(seconds[str(FEW)]) / FEW)
    yield Row(f"`kb gaps`, {MANY:,} tickets: seconds a ticket", f"itself on {FEW:,}", ratio, 1.3)
