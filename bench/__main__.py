"""Print the ratios of docs/benchmarks.md: `python -m bench [NAME…] [--large N] [--small N]`.

Each row compares two things measured in this same run, so that the machine's speed drops out.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import busy, calendars, growth, importing, judging, processes, public, queries, service, tui
from bench.measure import Row
from bench.stores import Stores

BENCHES: dict[str, Callable[[Stores], Iterator[Row]]] = {
    "start": processes.start,
    "scale": processes.scale,
    "import": importing.throughput,
    "overdue": queries.overdue,
    "search": queries.search,
    "promises": queries.promises,
    "match": judging.match,
    "triage": judging.triage,
    "cold": judging.cold,
    "gaps": growth.gaps,
    "calendar": calendars.adding,
    "report": service.report,
    "recompute": service.recompute,
    "tui-start": tui.start,
    "tui-keys": tui.keys,
    "tui-busy": busy.keys,
}


def main() -> None:
    """Run the benches named, or all."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join([*BENCHES, "public"]))
    parser.add_argument("--large", type=int, default=1_000_000, help="tickets of the large store")
    parser.add_argument("--small", type=int, default=10_000, help="tickets of the small store")
    parser.add_argument("--folder", type=Path, default=Path("bench/.stores"), help="where stores are kept")
    parser.add_argument("--data", type=Path, help="the folder of the public sets, for `public`")
    asked = parser.parse_args()
    stores = Stores(asked.folder, asked.small, asked.large)
    print("| what | against | measured | bar | holds |")
    print("|---|---|---|---|---|")
    benches = dict(BENCHES)
    if asked.data:
        benches["public"] = lambda stores: public.measured(stores, asked.data)
    for name in asked.names or BENCHES:
        if name not in benches:
            parser.error("public needs --data FOLDER" if name == "public" else f"there is no bench {name!r}")
        for row in benches[name](stores):
            print(row, flush=True)


main()
