"""What does not fit in a calendar or policy file, and the line it stands in."""

from __future__ import annotations

import re
from collections.abc import Sequence

from helpdesk.errors import UsageProblem
from helpdesk.i18n import _

Path = tuple[str | int, ...]
"""The keys that lead to a value; a number counts the entries of a list."""


class Misfit(Exception):
    """A value that cannot be used: where it stands, and what it should be."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(reason)
        self.path, self.reason = path, reason

    def problem(self, file: str, text: str) -> UsageProblem:
        """The sentence for people: file, line and key."""
        line = line_of(text, self.path)
        key = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in self.path).lstrip(".")
        sentence = (
            _("{file}, line {line}: {key} {reason}; correct the file.")
            if line
            else _("{file}: {key} {reason}; correct the file.")
        )
        return UsageProblem(sentence.format(file=file, line=line, key=key, reason=self.reason))


_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]")
_KEY = re.compile(r"\s*([A-Za-z0-9_.\"'-]+)\s*=")


def line_of(text: str, path: Path) -> int | None:
    """The line of a TOML text that holds the longest beginning of `path`, or the first line of what is in it.

    None where nothing of it is written.
    """
    best, found, within = 0, None, None
    table: list[str | int] = []
    counts: dict[tuple[str | int, ...], int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        if header:
            table = list(_parts(header[2]))
            if header[1] == "[[":
                counts[tuple(table)] = counts.get(tuple(table), -1) + 1
                table.append(counts[tuple(table)])
            reached = table
        else:
            key = _KEY.match(line)
            if not key:
                continue
            reached = [*table, *_parts(key[1])]
        common = _common(reached, path)
        # a line inside an inline table or list holds its whole rest
        if common == len(reached) and common > best:
            best, found = common, number
        if common == len(path) and within is None:
            within = number
    return found if best == len(path) or within is None else within


def _parts(key: str) -> list[str]:
    return [part.strip().strip("\"'") for part in key.split(".")]


def _common(reached: Sequence[str | int], path: Path) -> int:
    for place, (mine, wanted) in enumerate(zip(reached, path, strict=False)):
        if mine != wanted:
            return place
    return min(len(reached), len(path))
