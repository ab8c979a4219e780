"""Print the ratios of docs/benchmarks.md: `python -m bench [NAME…] [--large N] [--small N]`.

Each row compares two things measured in this same run, so that the machine's speed drops out.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import growth, importing, processes, queries
from bench.measure import Row
from bench.stores import Stores

BENCHES: dict[str, Callable[[Stores], Iterator[Row]]] = {
    "start": processes.start,
    "scale": processes.scale,
    "import": importing.throughput,
    "overdue": queries.overdue,
    "search": queries.search,
    "gaps": growth.gaps,
}


def main() -> None:
    """Run the benches named, or all."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--large", type=int, default=1_000_000, help="tickets of the large store")
    parser.add_argument("--small", type=int, default=10_000, help="tickets of the small store")
    parser.add_argument("--folder", type=Path, default=Path("bench/.stores"), help="where stores are kept")
    asked = parser.parse_args()
    stores = Stores(asked.folder, asked.small, asked.large)
    print("| what | against | measured | bar | holds |")
    print("|---|---|---|---|---|")
    for name in asked.names or BENCHES:
        for row in BENCHES[name](stores):
            print(row, flush=True)


main()
