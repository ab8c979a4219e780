"""What a customer wrote, made into an article: without what is theirs alone, without greetings and thanks."""

from __future__ import annotations

import re

from helpdesk.lexicon import READ_AT_MOST, Concept, Hit, Lexicon, read
from helpdesk.text import fold, terms

LONGEST = 200
"""Characters of a question or an alias that is made of a customer's words."""

_MOST_PIECES = 40
_GREETING = "other_greeting"

# what no pattern of identifiers claims may still be somebody's own: a card key, a long number
_KEY = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]{4,8}(?:-[A-Za-z0-9]{4,8}){2,8}(?![A-Za-z0-9])")
_NUMBER = re.compile(r"\d{6,}")
_PIECE = re.compile(r"[^，,。！!？?；;~～\n]+[，,。！!？?；;~～\n]*")
_ENDS = re.compile(r"[。！!？?；;\n]|\.\s")
_LEFT_OVER = re.compile(r" ?[(（][\s,，]*[)）]| (?=[，,。.！!？?；;])")
_EDGE = " \t，,、。.;；:：~～-—·…"


def without_keys(text: str, stand_in: str = " ") -> str:
    """The text with card keys replaced."""
    return _KEY.sub(lambda key: stand_in if key[0].isupper() or any(map(str.isdigit, key[0])) else key[0], text)


def without_numbers(text: str) -> str:
    """The text without long numbers."""
    return _NUMBER.sub(" ", text)


KEPT = 0.5
"""The share of an article's terms from which on a text that was begun with it is still its answer."""


def still_says(answer: str, text: str) -> bool:
    """Whether a text somebody made of an article's answer still says what the article says, whatever was added."""
    said = set(terms(answer))
    return len(said & set(terms(text))) >= KEPT * len(said)


def cleaned(text: str, lexicon: Lexicon, longest: int = LONGEST) -> str:
    """The text on one line, without greetings and thanks and at most `longest` characters; empty if nothing is left.

    Identifiers are taken out before, by whoever knows them.
    """
    kept, length = [], 0
    for piece in _PIECE.findall(_printable(text[:READ_AT_MOST]))[:_MOST_PIECES]:
        said = _without_courtesy(piece, lexicon)
        kept.append(said)
        length += len(said)
        if length >= longest:
            break
    line = _LEFT_OVER.sub("", " ".join("".join(kept).split()))
    return _shortened(line.strip(_EDGE), longest)


def is_courteous(concept: Concept) -> bool:
    """Whether a concept only greets or thanks."""
    return concept.id == _GREETING or "thanks" in concept.flags


def _printable(text: str) -> str:
    return text if text.isprintable() else "".join(c if c.isprintable() or c == "\n" else " " for c in text)


def _without_courtesy(piece: str, lexicon: Lexicon) -> str:
    hits = [hit for hit in lexicon.find(read(piece)) if not hit.negated]
    courteous = [hit for hit in hits if is_courteous(hit.concept)]
    if not courteous:
        return piece
    if len(courteous) == len(hits) and 2 * sum(map(_letters, courteous)) >= sum(map(str.isalnum, piece)):
        return ""
    return _without_end(_without_beginning(piece, courteous), courteous)


def _letters(hit: Hit) -> int:
    return sum(map(str.isalnum, hit.fragment))


def _without_beginning(piece: str, courteous: list[Hit]) -> str:
    begun = piece.lstrip()
    for hit in courteous:
        length = len(hit.fragment)
        if fold(begun[:length]) == hit.fragment and not _splits_word(begun, length):
            return begun[length:].lstrip(_EDGE)
    return piece


def _without_end(piece: str, courteous: list[Hit]) -> str:
    said = piece.rstrip(_EDGE + "!！?？\n")
    for hit in courteous:
        start = len(said) - len(hit.fragment)
        if start > 0 and fold(said[start:]) == hit.fragment and not _splits_word(said, start):
            return said[:start]
    return piece


def _splits_word(text: str, at: int) -> bool:
    return text[at - 1 : at + 1].isascii() and text[at - 1 : at + 1].isalnum() and len(text) > at


def _shortened(text: str, longest: int) -> str:
    """At most `longest` characters, ending with a sentence where one ends in the second half."""
    if len(text) <= longest:
        return text
    ends = [found.end() for found in _ENDS.finditer(text, longest // 2, longest)]
    return text[: ends[-1] if ends else longest].rstrip(_EDGE)
