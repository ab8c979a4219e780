"""The query line: the language of `list`, read as it is typed, with its keys and values at hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Any, ClassVar

from textual.binding import Binding
from textual.suggester import Suggester
from textual.widgets import Input

from helpdesk.views.query import KEYS, known_values


class QueryLine(Input):
    """Where the query is typed; what it would complete stands dim behind the cursor, → and Tab take it."""

    BINDINGS: ClassVar[list[Any]] = [Binding("tab", "cursor_right", show=False)]

    def __init__(
        self, categories: tuple[str, ...], articles: Callable[[], Collection[str]], id: str | None = None
    ) -> None:
        words = QueryWords(categories, articles)
        super().__init__(id=id, placeholder="", suggester=words, select_on_focus=False, compact=True)


class QueryWords(Suggester):
    """Completes the last word of a query: a key, or a value of its key."""

    def __init__(self, categories: tuple[str, ...], articles: Callable[[], Collection[str]] = tuple) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._categories, self._articles = categories, articles

    async def get_suggestion(self, value: str) -> str | None:
        """The query with its last word completed, or None."""
        begun = re.search(r'(?:^|\s)[-!]?([^\s":]*)$', value)
        if begun and begun[1]:
            return self._completed(value, begun[1], [*(f"{key}:" for key in KEYS), "overdue"])
        valued = re.search(r"(?:^|\s)[-!]?(\w+):(?:[^\s\",]*,|[<>=]*)?([^\s\",<>=]*)$", value)
        if valued and valued[1] in KEYS:
            return self._completed(value, valued[2], known_values(valued[1], self._categories, self._articles))
        return None

    def _completed(self, value: str, begun: str, known: list[str]) -> str | None:
        for word in known:
            if word.lower().startswith(begun.lower()) and word != begun:
                return value + word[len(begun) :]
        return None


def may_become_key(typed: str) -> bool:
    """Whether the last word of a query may be the beginning of a key."""
    last = typed.rpartition(" ")[2].lstrip("-!").lower()
    return bool(last) and any(key.startswith(last) for key in (*KEYS, "overdue") if key != last)
