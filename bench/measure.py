"""Measuring: interleaved runs, so that a slow moment of the machine hits both sides."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of the table; `at_most` tells whether the bar is an upper one. Without a bar it is only told."""

    what: str
    against: str
    ratio: float
    bar: float | None
    at_most: bool = True

    def __str__(self) -> str:
        if self.bar is None:
            return f"| {self.what} | {self.against} | {self.ratio:.4g} | - | - |"
        holds = self.ratio <= self.bar if self.at_most else self.ratio >= self.bar
        sign = "≤" if self.at_most else "≥"
        return (
            f"| {self.what} | {self.against} | {self.ratio:.4g} | {sign} {self.bar:.4g} | {'yes' if holds else 'NO'} |"
        )


def interleaved(tasks: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """The seconds of each task in each round, the tasks taking turns; the first round warms up and is dropped."""
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    for turn in range(rounds + 1):
        for name, task in tasks.items():
            begun = time.perf_counter()
            task()
            if turn:
                seconds[name].append(time.perf_counter() - begun)
    return seconds


def process(*words: str, env: Mapping[str, str] | None = None) -> Callable[[], object]:
    """A task that runs a whole process and throws its output away."""

    def run() -> None:
        done = subprocess.run(words, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        if done.returncode not in (0, 10):
            raise RuntimeError(f"{words} exited {done.returncode}: {done.stderr.decode()}")

    return run


def python(code: str) -> Callable[[], object]:
    """A task that runs `python -c code`."""
    return process(sys.executable, "-c", code)


def median(seconds: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(seconds)


def p95(seconds: Sequence[float]) -> float:
    """The one that 95 of a hundred do not exceed."""
    return sorted(seconds)[int(len(seconds) * 0.95)]
