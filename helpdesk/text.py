"""Text from outside: made harmless to show, folded to one form to compare, cut into terms to search.

The table of traditional characters is OpenCC's TSCharacters (Apache License 2.0), see data/README.md.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from unicodedata import is_normalized, normalize

CJK = "\u3005\u3007\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
"""The ranges of a character class: Han, kana and Hangul, the scripts searched by characters and pairs."""

_HAS_CJK = re.compile(f"[{CJK}]")
_RUN = re.compile(f"([{CJK}]+)|[^\\W_{CJK}]+")
_REPEATED = re.compile(r"(\D)\1{2,}")
_REPEATED_MARK = re.compile(r"([^\w\s])\1+")

# C0 and DEL become their visible pictures; C1, bidi controls, line separators, tags, lone surrogates a mark.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)
_JSON_UNSAFE = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def _visible(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else "\ufffd"


def safe(text: str) -> str:
    """`text` with nothing left that moves a cursor, changes a colour, turns direction or breaks an encoding.

    Newlines and TABs stay; every other control character is replaced by one visible character.
    """
    return _UNSAFE.sub(_visible, text.replace("\r\n", "\n"))


def one_line(text: str, limit: int | None = None) -> str:
    """`text`, safe, on one line with single spaces; cut to `limit` characters with `…` when given."""
    if limit is not None:
        text = text[: limit * 4]  # a megabyte is not folded to show eighty characters
    line = " ".join(safe(text).split())
    if limit is None or len(line) <= limit:
        return line
    return line[: limit - 1] + "…"


def json_safe(document: str) -> str:
    """A JSON document whose strings hold no raw control or direction character: those are `\\uXXXX`, lossless."""
    return _JSON_UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", document)


@lru_cache(maxsize=1)
def _scripts() -> tuple[frozenset[str], dict[int, int], frozenset[str]]:
    table = (Path(__file__).parent / "data" / "traditional.txt").read_text(encoding="utf-8")
    traditional, simplified, only_simplified = table.splitlines()
    return frozenset(traditional), str.maketrans(traditional, simplified), frozenset(only_simplified)


def script_counts(text: str) -> tuple[int, int]:
    """How many characters of `text` are written so only in traditional, and so only in simplified Chinese."""
    traditional, _table, simplified = _scripts()
    return sum(map(traditional.__contains__, text)), sum(map(simplified.__contains__, text))


def to_simplified(text: str) -> str:
    """`text` with traditional characters replaced one by one by simplified ones."""
    if text.isascii():
        return text
    traditional, table, _only = _scripts()
    return text if traditional.isdisjoint(text) else text.translate(table)


def fold(text: str) -> str:
    """The form in which texts are compared: NFKC, lower case, simplified characters."""
    if text.isascii():
        return text.lower()
    if not is_normalized("NFKC", text):
        text = normalize("NFKC", text)
    return to_simplified(text.lower())


def squeeze(folded: str) -> str:
    """Folded text with shouted repeats calmed: `好好好好` → `好好`, `sooooo` → `soo`, `!!!` → `!`."""
    return _REPEATED_MARK.sub(r"\1", _REPEATED.sub(r"\1\1", folded))


def has_cjk(text: str) -> bool:
    """Whether any Han, kana or Hangul character is in it."""
    return _HAS_CJK.search(text) is not None


def terms(text: str) -> list[str]:
    """The words of a text to search and match by, in order: CJK as characters and pairs, the rest as whole words."""
    found: list[str] = []
    for run in _RUN.finditer(fold(text)):
        word = run[0]
        if run[1] is None:
            found.append(word)
        else:
            found.extend(word)
            found.extend(map("".join, zip(word, word[1:], strict=False)))
    return found


def index_terms(text: str) -> str:
    """What the search index stores of a text: its terms, and for each longer word its pairs and last character too.

    So a fragment of an order number or of a word is found, not only a whole word; the words stay beside them.
    """
    found: set[str] = set()
    for run in _RUN.finditer(fold(text)):
        word = run[0]
        if run[1] is not None:
            found.update(word)
        elif len(word) > 1:
            found.add(word[:64])
            found.add(word[-1])
        else:
            found.add(word)
            continue
        found.update(map("".join, zip(word, word[1:], strict=False)))
    return " ".join(found)


def query_terms(word: str) -> list[tuple[str, bool]]:
    """The index terms a document must hold to contain the fragment `word`; True marks a term meant as a prefix.

    The index narrows the search; the caller still compares the folded text where more than one term was needed.
    """
    wanted: list[tuple[str, bool]] = []
    for run in _RUN.finditer(fold(word)):
        part = run[0]
        if len(part) == 1:
            wanted.append((part, run[1] is None))
        else:
            wanted += [(a + b, False) for a, b in zip(part, part[1:], strict=False)]
    return wanted
