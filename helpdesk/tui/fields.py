"""The fields of a ticket as they are typed: `category:delivery priority:high tag:x -tag:y assignee:me`."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from helpdesk import clock
from helpdesk.errors import UsageProblem
from helpdesk.i18n import _
from helpdesk.models.vocabulary import Mood, Priority, Tier
from helpdesk.tui.completion import Words, called

KEYS = ("category", "priority", "mood", "assignee", "team", "order", "tag", "tier")
_SETS = {"tier": "customer_tier"}
_FIELD = re.compile(r'([-!]?)(\w+):("[^"]*"|[^\s"]*)(?=\s|$)')


def parse(typed: str, me: str, categories: Sequence[str]) -> dict[str, Any]:
    """What is to be set, as `steps.Edit` takes it; what nobody understands is a UsageProblem with its place."""
    wanted: dict[str, Any] = {}
    for field in _fields(typed):
        key, value = field[2], _value(field, categories)
        if key == "tag":
            wanted.setdefault("untag" if field[1] else "tag", []).append(value.lower())
        else:
            wanted[_SETS.get(key, key)] = me if (key, value) == ("assignee", "me") else value
    if not wanted:
        raise UsageProblem(_("Write a field, a colon and a value, such as priority:high."))
    return {key: tuple(value) if isinstance(value, list) else value for key, value in wanted.items()}


def _fields(typed: str) -> Iterator[re.Match[str]]:
    """Each field of a line in which nothing else stands."""
    place = 0
    while found := re.compile(r"\S").search(typed, place):
        field = _FIELD.match(typed, found.start())
        if field is None:
            word = typed[found.start() :].split(maxsplit=1)[0]
            raise UsageProblem(
                _(
                    "Character {place}: {word!r} is not understood. Write a field, a colon and a value, such as "
                    'priority:high or team:"two words".'
                ).format(place=found.start() + 1, word=word)
            )
        yield field
        place = field.end()


def _value(field: re.Match[str], categories: Sequence[str]) -> str:
    """The value of a field that may have it, in the language's own word."""
    key, value, place = field[2], field[3].strip('"'), field.start(2) + 1
    if key not in KEYS:
        raise UsageProblem(
            _("Character {place}: there is no field {key!r}. Known: {all}").format(
                place=place, key=key, all=", ".join(KEYS)
            )
        )
    if field[1] and key != "tag":
        raise UsageProblem(_("Character {place}: only a tag is taken away, -tag:x.").format(place=place - 1))
    known = _values(key, categories)
    value = next((one for one in known if called(one) == value), value)
    if key == "tag" and not value:
        raise UsageProblem(_("Character {place}: the tag is missing.").format(place=field.start(3) + 1))
    if known and value not in known:
        raise UsageProblem(
            _("Character {place}: {value!r} is not a valid {key}. Known: {all}").format(
                place=field.start(3) + 1, value=value, key=key, all=", ".join(known)
            )
        )
    return value


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


class FieldWords(Words):
    """The fields and their values."""

    def __init__(self, categories: Sequence[str]) -> None:
        super().__init__(KEYS)
        self._categories = categories

    def values(self, key: str) -> Sequence[str]:
        """The values a field is known to take; none where they are the user's own words."""
        return ("me",) if key == "assignee" else _values(key, self._categories)

    def refuse(self, line: str, me: str) -> None:
        """Raise the UsageProblem of a line that sets nothing, or holds what nobody understands."""
        parse(line, me, self._categories)


class MomentWords(Words):
    """The times one puts something away until."""

    def singles(self) -> Sequence[str]:
        """The commonest."""
        return ("2h", "tomorrow", "3d")

    def refuse(self, line: str, me: str) -> None:
        """Raise the UsageProblem of what is no time."""
        clock.moment_to_come(line, clock.now())
