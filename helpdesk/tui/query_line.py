"""The query line: the language of `list`, read as it is typed, with its keys and values at hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

from helpdesk.i18n import _
from helpdesk.tui.completion import KEY_WORDS, CompletedLine, UnderLine, Words, called
from helpdesk.views.query import KEYS, known_values

_HALF_A_TIME = re.compile(r"[\d/:.t-]*")
_TIMES = ("created", "updated", "due")


class QueryLine(CompletedLine):
    """Where the query is typed."""

    words: QueryWords

    def __init__(
        self,
        categories: tuple[str, ...],
        articles: Callable[[], Collection[str]],
        under: UnderLine,
        id: str | None = None,
    ) -> None:
        super().__init__(QueryWords(categories, articles), under, id=id)


class QueryWords(Words):
    """The keys of a query and their values."""

    def __init__(self, categories: tuple[str, ...], articles: Callable[[], Collection[str]] = tuple) -> None:
        super().__init__(tuple(KEYS))
        self._categories, self._articles = categories, articles

    def values(self, key: str) -> Sequence[str]:
        """The values a key is known to take; none where they are the user's own words."""
        return known_values(key, self._categories, self._articles)

    def singles(self) -> Sequence[str]:
        """The one word that is a condition by itself."""
        return ("overdue",)

    def is_unfinished(self, line: str) -> bool:
        """Whether the last word may still become something else: half a key, a key without a value, half a value."""
        if line.count('"') % 2:
            return line.endswith('"')
        word = re.split(r"\s", line)[-1]
        key, colon, value = word.lstrip("-!").partition(":")
        if not colon:
            return bool(word) and self._may_become_key(key.casefold())
        return key.lower() in KEYS and self._is_half_a_value(key.lower(), value)

    def _may_become_key(self, typed: str) -> bool:
        if typed in self.singles():
            return False
        names = (*self.keys, *self.singles(), *(_(KEY_WORDS[key]).casefold() for key in self.keys))
        return any(name.startswith(typed) for name in names)

    def _is_half_a_value(self, key: str, value: str) -> bool:
        part = value.rpartition(",")[2].lstrip("<>=").casefold()
        if not part:
            return True
        known = {name.casefold() for one in self.values(key) for name in (one, called(one))}
        if part not in known and any(name.startswith(part) for name in known):
            return True
        return key in _TIMES and _HALF_A_TIME.fullmatch(part) is not None and not _is_whole_time(part)


def _is_whole_time(part: str) -> bool:
    return re.fullmatch(r"\d{4}[-/]\d{1,2}[-/]\d{2}(t\d\d:\d\d(:\d\d)?)?", part) is not None
