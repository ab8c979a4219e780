"""The user's keys: a shipped set, with single actions remapped by their own keys.toml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from helpdesk import config
from helpdesk.i18n import _
from helpdesk.tui.actions import ACTIONS
from helpdesk.tui.own_files import Mistake, nearest, refuse, strangers

NO_KEY = "none"

_SHOWN = {
    "question_mark": "?", "colon": ":", "semicolon": ";", "slash": "/", "equals_sign": "=", "escape": "Esc",
    "enter": "Enter", "space": "Space", "tab": "Tab", "left": "←", "right": "→", "up": "↑", "down": "↓",
    "pageup": "PgUp", "pagedown": "PgDn", "home": "Home", "end": "End",
}  # fmt: skip


def chosen() -> dict[str, str]:
    """The keys of every action that does not keep those of the table, by the action's id."""
    found = config.tables("keys.toml")
    refuse("keys.toml", list(_mistakes(found)))
    remapped = {**found["sets"][found["set"]], **found["keys"]}
    return {identity: str(keys) for identity, keys in remapped.items()}


def _mistakes(found: Mapping[str, Any]) -> Iterator[Mistake]:
    yield from strangers(found, ("set", "keys", "sets"))
    if str(found["set"]) not in found["sets"]:
        yield Mistake(
            "set",
            _("there is no set of keys {name!r}; there are {known}.").format(
                name=str(found["set"]), known=", ".join(sorted(found["sets"]))
            ),
        )
    own = found["keys"] if isinstance(found["keys"], dict) else {}
    if own is not found["keys"]:
        yield Mistake("keys", _("it is a table: write [keys], and below it an action and its keys on each line."))
    for identity, keys in own.items():
        yield from _mistakes_of(identity, keys)


def _mistakes_of(identity: str, keys: Any) -> Iterator[Mistake]:
    known = [action.id for action in ACTIONS]
    if isinstance(keys, dict):
        yield Mistake(identity, _('a name with a dot stands in quotes: "queue.close" = "x".'))
    elif identity not in known:
        beside = [one for one in known if one.partition(".")[0] == identity.partition(".")[0]]
        places = list(dict.fromkeys(f"{one.partition('.')[0]}.…" for one in known))
        yield Mistake(identity, _("there is no such action. {hint}").format(hint=nearest(identity, beside or places)))
    elif not isinstance(keys, str) or not keys.strip():
        yield Mistake(identity, _('the keys are a text such as "x", "ctrl+x,f4" or "none".'))


def shown(keys: str) -> str:
    """The first of some keys as it is written on a keyboard: `ctrl+s` → `^S`."""
    first = keys.split(",")[0].strip()
    if first == NO_KEY:
        return ""
    if first.startswith("ctrl+"):
        return "^" + first.removeprefix("ctrl+").upper()
    return _SHOWN.get(first, first.upper() if first.startswith("f") and first[1:].isdigit() else first)
