"""The fields of a ticket as they are typed: `category:delivery priority:high tag:x -tag:y assignee:me`."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from textual.suggester import Suggester

from helpdesk.errors import UsageProblem
from helpdesk.i18n import _
from helpdesk.models.vocabulary import Mood, Priority, Tier

KEYS = ("category", "priority", "mood", "assignee", "team", "order", "tag", "tier")
_SETS = {"tier": "customer_tier"}


def parse(typed: str, me: str, categories: Sequence[str]) -> dict[str, Any]:
    """What is to be set, as `steps.Edit` takes it; a key or a value nobody knows is a UsageProblem."""
    wanted: dict[str, Any] = {}
    for sign, key, value in re.findall(r'([-!]?)(\w+):("[^"]*"|\S*)', typed):
        value = value.strip('"')
        if key not in KEYS:
            raise UsageProblem(_("There is no field {key!r}. Known: {all}").format(key=key, all=", ".join(KEYS)))
        known = _values(key, categories)
        if known and value not in known:
            raise UsageProblem(
                _("{value!r} is not a valid {key}. Known: {all}").format(value=value, key=key, all=", ".join(known))
            )
        if key == "tag":
            wanted.setdefault("untag" if sign else "tag", []).append(value.lower())
        else:
            wanted[_SETS.get(key, key)] = me if (key, value) == ("assignee", "me") else value
    if not wanted:
        raise UsageProblem(_("Write a field, a colon and a value, such as priority:high."))
    return {key: tuple(value) if isinstance(value, list) else value for key, value in wanted.items()}


def as_options(wanted: Mapping[str, Any]) -> str:
    """The options of `helpdesk set` that say the same."""
    pairs = [(key, one) for key, value in wanted.items() for one in (value if isinstance(value, tuple) else (value,))]
    return " ".join(f"--{key.replace('_', '-')} {shlex.quote(value)}" for key, value in pairs)


def _values(key: str, categories: Sequence[str]) -> list[str]:
    known: dict[str, Sequence[str]] = {
        "category": categories,
        "priority": [*map(str, Priority), "auto"],
        "mood": [*map(str, Mood)],
        "tier": [*map(str, Tier)],
    }
    return list(known.get(key, ()))


class FieldWords(Suggester):
    """Completes the last word: a field, or one of its values."""

    def __init__(self, categories: Sequence[str]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._categories = categories

    async def get_suggestion(self, value: str) -> str | None:
        """The line with its last word completed, or None."""
        last = value.rpartition(" ")[2].lstrip("-!")
        key, colon, begun = last.partition(":")
        known = [f"{key}:" for key in KEYS] if not colon else _values(key, self._categories)
        typed = begun if colon else key
        found = next((word for word in known if typed and word.startswith(typed) and word != typed), None)
        return value + found[len(typed) :] if found else None
