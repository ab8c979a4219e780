"""What must never be told: addresses with a key in them, passwords, and what a server or a library repeats of them."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from urllib.parse import quote, unquote

from helpdesk.text import one_line

_WINDOW = 6
"""So many characters of a secret in a row are a part of it, no accident."""

_SHORTEST = 3


def repeatable(said: str, secrets: Iterable[str]) -> str:
    """What somebody else said, on one line; nothing at all of it when it holds a part of a secret, however written."""
    heard = said.casefold()
    for secret in secrets:
        forms = [form.casefold() for form in _forms(secret)]
        if any(part in heard for form in forms for part in _parts(form)):
            return ""
        # a word too short to be looked for anywhere is looked for by itself: the 7 of `://key/7` in "(7) is no room"
        if {word for form in forms for word in _words(form)} & set(_words(heard)):
            return ""
    return one_line(said, 160)


def _forms(secret: str) -> Iterator[str]:
    """A secret as it is, percent-encoded and decoded, and as base64 of a text it stands in shows it."""
    for plain in {secret, unquote(secret)}:
        yield from (plain, quote(plain), quote(plain, safe=""), repr(plain)[1:-1])
        for offset in range(3):  # where it begins in a group of three bytes
            encoded = b64encode(b"\0" * offset + plain.encode("utf-8", "replace")).decode("ascii")
            yield encoded[offset and 4 : -4] or encoded


def _parts(form: str) -> Iterator[str]:
    if len(form) <= _WINDOW:
        yield form
    yield from (form[at : at + _WINDOW] for at in range(len(form) - _WINDOW + 1))
    yield from (word for word in _words(form) if len(word) >= _SHORTEST)


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[^\w%+-]+", text) if word]
