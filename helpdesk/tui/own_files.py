"""What is wrong with a file of the user's own: all of it at once, each with its line."""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from helpdesk import config
from helpdesk.errors import UsageProblem
from helpdesk.i18n import _
from helpdesk.text import one_line
from helpdesk.tui.drawing import wrap


class Mistake(NamedTuple):
    """An entry nobody understands, and why."""

    entry: str
    reason: str


def refuse(name: str, mistakes: Sequence[Mistake]) -> None:
    """Raise the UsageProblem that names a file's mistakes, where there are any."""
    if not mistakes:
        return
    path = config.config_folder() / name
    places = _lines(path)
    told = [_("{path} has mistakes; correct them, or take the lines away:").format(path=path)]
    for mistake in sorted(mistakes, key=lambda one: places.get(one.entry, 0)):
        line = places.get(mistake.entry)
        at = _("line {line}, {entry}").format(line=line, entry=mistake.entry) if line else mistake.entry
        told.append(f"{at}: {one_line(mistake.reason, 1000)}")
    raise UsageProblem("\n".join(_indented(told, shutil.get_terminal_size().columns)))


def _indented(told: Sequence[str], width: int) -> Iterator[str]:
    """Sentences on lines that a terminal need not break within a word."""
    for number, sentence in enumerate(told):
        first, *more = wrap(sentence, width - 4)
        yield f"  {first}" if number else first
        yield from (f"    {line}" for line in more)


def strangers(found: Mapping[str, Any], known: Collection[str]) -> list[Mistake]:
    """The entries of a table that it does not have."""
    return [
        Mistake(entry, _("there is no such entry; there are {known}.").format(known=", ".join(known)))
        for entry in found
        if entry not in known
    ]


def nearest(entry: str, known: Iterable[str]) -> str:
    """What may have been meant, or what there is."""
    known = list(known)
    own = {one.rpartition(".")[2]: one for one in known}
    near = get_close_matches(entry.rpartition(".")[2], own, 1, 0.6)
    if near:
        return _("Did you mean {near!r}?").format(near=own[near[0]])
    return _("Known: {all}").format(all=", ".join(known))


def _lines(path: Path) -> dict[str, int]:
    """The line on which each entry of a TOML file begins."""
    try:
        rows = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return {}
    begun = (
        (number, re.match(r"""\s*\[?\s*(?:"([^"]*)"|'([^']*)'|([\w.-]+))\s*[]=]""", row))
        for number, row in enumerate(rows, 1)
    )
    return {found[1] or found[2] or found[3]: number for number, found in begun if found}
