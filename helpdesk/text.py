"""Text from outside: made harmless to show, folded to one form to compare, cut into terms to search.

The table of traditional characters is OpenCC's TSCharacters (Apache License 2.0), see data/README.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from pathlib import Path
from unicodedata import is_normalized, normalize

_CJK_FROM = "\u2e80"
"""The first letter of the scripts searched by characters and pairs: Han, kana, Hangul and what stands behind them."""
_JAMO = "\u1100", "\u11ff"
"""The parts of Hangul, which NFKC leaves alone: `ㅠㅠ`."""

_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u302a-\u302f\u3099\u309a"
    "\ufe20-\ufe2f"
)
_BIDI = (0x061C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A))
_SURROGATES = range(0xD800, 0xE000)
_INVISIBLE = (0xAD, 0x200B, *range(0x2060, 0x2066), *range(0x206A, 0x2070), 0xFEFF, *range(0xFFF9, 0xFFFC))
_TAGS = range(0xE0000, 0xE0080)


# Tables and classes of half of Unicode take milliseconds to make, and a list of plain tickets needs none of these.
@cache
def _harmless() -> dict[int, str]:
    """C0 and DEL become their visible pictures; whatever else a terminal or an editor might obey, one mark."""
    table = dict.fromkeys((*range(128, 160), *_BIDI, *_INVISIBLE, *_SURROGATES, *_TAGS), "�")
    return table | {code: chr(0x2400 + code) for code in range(0x20) if code not in (0x09, 0x0A)} | {0x7F: "\u2421"}


@cache
def _escaped() -> dict[int, str]:
    return {code: f"\\u{code:04x}" for code in (*range(0x7F, 0xA0), *_BIDI, *_SURROGATES)}


# a class of characters that reaches beyond Latin-1 takes milliseconds to compile: `runs` compares characters instead
_ALNUM = re.compile(r"[^\W_]+")


@cache
def _stream_safe() -> re.Pattern[str]:
    # normalising a run of combining marks takes the square of its length: Stream-Safe Text, UAX #15 §13
    return re.compile(f"([{_MARKS}]{{30}})[{_MARKS}]+")


@cache
def _repeats() -> tuple[re.Pattern[str], re.Pattern[str]]:
    return re.compile(r"(\D)\1{2,}"), re.compile(r"([^\w\s])\1+")


def safe(text: str) -> str:
    """`text` with nothing left that moves a cursor, changes a colour, turns direction or breaks an encoding.

    Newlines and TABs stay; every other control character is replaced by one visible character.
    """
    return text if text.isprintable() else text.replace("\r\n", "\n").translate(_harmless())


def one_line(text: str, limit: int | None = None) -> str:
    """`text`, safe, on one line with single spaces; cut to `limit` characters with `…` when given."""
    if limit is not None:
        text = text.lstrip()[: limit * 4]  # a megabyte is not folded to show eighty characters
    line = " ".join(safe(text).split())
    if limit is None or len(line) <= limit:
        return line
    return line[: limit - 1] + "…"


def json_safe(document: str) -> str:
    """A JSON document whose strings hold no raw control or direction character: those are `\\uXXXX`, lossless."""
    return document if document.isprintable() else document.translate(_escaped())


@cache
def _characters() -> tuple[str, str, str]:
    """The traditional characters, for each its simplified one, and the characters that are only simplified."""
    table = (Path(__file__).parent / "data" / "traditional.txt").read_text(encoding="utf-8")
    traditional, simplified, only_simplified = table.splitlines()
    return traditional, simplified, only_simplified


@cache
def _scripts() -> tuple[frozenset[str], frozenset[str]]:
    traditional, _simplified, only_simplified = _characters()
    return frozenset(traditional), frozenset(only_simplified)


@cache
def _simplifying() -> dict[int, int]:
    traditional, simplified, _only = _characters()
    # a few simplified forms are themselves traditional forms of another character (薴 → 苧 → 苎)
    return str.maketrans(traditional, simplified.translate(str.maketrans(traditional, simplified)))


def script_counts(text: str) -> tuple[int, int]:
    """How many characters of `text` are written so only in traditional, and so only in simplified Chinese."""
    traditional, simplified = _scripts()
    return sum(map(traditional.__contains__, text)), sum(map(simplified.__contains__, text))


def to_simplified(text: str) -> str:
    """`text` with traditional characters replaced one by one by simplified ones."""
    if text.isascii():
        return text
    traditional, _simplified = _scripts()
    return text if traditional.isdisjoint(text) else text.translate(_simplifying())


def fold(text: str) -> str:
    """The form in which texts are compared: NFKC, lower case, simplified characters."""
    if text.isascii():
        return text.lower()
    if not is_normalized("NFKC", text):
        text = normalize("NFKC", _stream_safe().sub(r"\1", text))
    return to_simplified(text.lower())


def squeeze(folded: str) -> str:
    """Folded text with shouted repeats calmed: `好好好好` → `好好`, `sooooo` → `soo`, `!!!` → `!`."""
    letters, marks = _repeats()
    return marks.sub(r"\1", letters.sub(r"\1\1", folded))


def has_cjk(text: str) -> bool:
    """Whether any Han, kana or Hangul letter is in it."""
    return not text.isascii() and any(map(_is_cjk, text))


def _is_cjk(letter: str) -> bool:
    return (letter >= _CJK_FROM or _JAMO[0] <= letter <= _JAMO[1]) and letter.isalnum()


def runs(folded: str) -> Iterator[tuple[str, str]]:
    """The runs of letters and digits of a folded text, in order: (run of CJK, "") or ("", word of another script)."""
    for run in _ALNUM.findall(folded):
        if run.isascii() or max(run) < _JAMO[0]:
            yield "", run
        elif min(run) >= _CJK_FROM:
            yield run, ""
        else:
            for cjk, letters in groupby(run, _is_cjk):
                piece = "".join(letters)
                yield (piece, "") if cjk else ("", piece)


def terms(text: str) -> list[str]:
    """The words of a text to search and match by, in order: CJK as characters and pairs, the rest as whole words."""
    return terms_of_folded(fold(text))


def terms_of_folded(folded: str) -> list[str]:
    """The terms of a text that is folded already."""
    found: list[str] = []
    for cjk, word in runs(folded):
        if cjk:
            found += cjk
            found += map("".join, zip(cjk, cjk[1:], strict=False))
        else:
            found.append(word)
    return found


def index_terms(text: str) -> str:
    """What the search index stores of a text: its terms, and for each longer word its pairs and last character too.

    So a fragment of an order number or of a word is found, not only a whole word; the words stay beside them.
    """
    found: set[str] = set()
    for cjk, word in runs(fold(text)):
        if cjk:
            found.update(cjk)
        else:
            found.add(word[:64])
            found.add(word[-1])
        found.update(map("".join, zip(run := cjk or word, run[1:], strict=False)))
    return " ".join(found)


def query_terms(word: str) -> list[tuple[str, bool]]:
    """The index terms a document must hold to contain the fragment `word`; True marks a term meant as a prefix.

    The index narrows the search; the caller still compares the folded text where more than one term was needed.
    """
    wanted: list[tuple[str, bool]] = []
    for cjk, other in runs(fold(word)):
        part = cjk or other
        if len(part) == 1:
            wanted.append((part, not cjk))
        else:
            wanted += [(a + b, False) for a, b in zip(part, part[1:], strict=False)]
    return wanted
