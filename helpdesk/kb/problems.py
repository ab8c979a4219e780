"""A text that holds several matters, cut into the parts that each may be answered by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from helpdesk.kb.match import Match
from helpdesk.lexicon import Hit

MOST = 6
"""Parts of one text that are looked at."""

_SHORTEST = 4
_DECISIVE = 2.0
_ENDS = re.compile(r"[。！？!?；;\n]+|\.\s+")


@cache  # classes and letters beyond Latin-1 are slow to compile, and most texts are not cut up
def _turns() -> re.Pattern[str]:
    return re.compile(
        "(?:另外|还有(?:就是|一个|件事)?|還有|顺便|順便|对了|對了|再就是|以及"
        "|besides|by the way|btw|also,|それと|それから|あと、|그리고|또한)"
    )


class Problem(NamedTuple):
    """One of several matters of a text: the words it is told in, and the article that fits them."""

    text: str
    match: Match


def may_be_several(hits: Iterable[Hit]) -> bool:
    """Whether the meanings found in a text are of more than one matter, so that cutting it up may pay."""
    matters = {
        max(hit.concept.category, key=hit.concept.category.__getitem__)
        for hit in hits
        if not hit.negated and max(hit.concept.category.values(), default=0.0) >= _DECISIVE
    }
    return len(matters) > 1


def parts(text: str) -> list[str]:
    """The sentences of a text, a new one beginning at words like 另外 and "by the way" too; at most MOST."""
    sentences = (piece.strip() for line in _ENDS.split(text) for piece in _turns().split(line))
    return [piece for piece in sentences if len(piece) >= _SHORTEST][:MOST]
