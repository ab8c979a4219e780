"""The stores the benches read: built once by the program's own import, then kept."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bench import rows
from bench.multiplied import multiply
from helpdesk import config


@dataclass
class Stores:
    """Where the stores are and how many tickets each holds."""

    folder: Path
    small_count: int
    large_count: int

    @cached_property
    def small(self) -> Path:
        """The small store."""
        return self.built(self.small_count)

    @cached_property
    def large(self) -> Path:
        """The large store: the small one many times over, as the import would take most of an hour for it."""
        path = self.folder / f"{self.large_count}.db"
        if not path.exists():
            building = self.empty(f"building-{self.large_count}")
            multiply(self.small, self.large_count // self.small_count, building)
            building.rename(path)
        return path

    def empty(self, name: str) -> Path:
        """A path for a store that does not exist yet."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for old in self.folder.glob(f"{name}.db*"):
            old.unlink()
        return self.folder / f"{name}.db"

    def fresh(self, name: str) -> Path:
        """A store with the sample knowledge base in it and nothing else."""
        path = self.empty(name)
        helpdesk("kb", "import", str(config.fixtures() / "faq.jsonl"), store=path)
        return path

    def built(self, count: int) -> Path:
        """A store of so many tickets, built once."""
        path = self.folder / f"{count}.db"
        if not path.exists():
            source = self.folder / f"{count}.jsonl"
            building = self.fresh(f"building-{count}")
            rows.write(source, count)
            helpdesk("import", "tickets", str(source), store=building)
            source.unlink()
            building.rename(path)
        return path


def environment(store: Path) -> dict[str, str]:
    """The environment of a command on a store: bytecode is cached, the clock stands where the rows end."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"HELPDESK_DB": str(store), "HELPDESK_NOW": "2026-11-20T00:05:00Z", "HELPDESK_LANG": "en"}


def command() -> str:
    """The `helpdesk` script beside this interpreter."""
    return str(Path(sys.executable).with_name("helpdesk"))


def helpdesk(*words: str, store: Path) -> subprocess.CompletedProcess[bytes]:
    """Run the program on a store."""
    return subprocess.run((command(), *words), env=environment(store), check=True, capture_output=True)
