"""The user's keys: a shipped set, with single actions remapped by their own keys.toml."""

from __future__ import annotations

from collections.abc import Mapping

from helpdesk import config
from helpdesk.errors import UsageProblem
from helpdesk.i18n import _
from helpdesk.tui.actions import ACTIONS

NO_KEY = "none"

_SHOWN = {
    "question_mark": "?", "colon": ":", "semicolon": ";", "slash": "/", "equals_sign": "=", "escape": "Esc",
    "enter": "Enter", "space": "Space", "tab": "Tab", "left": "←", "right": "→", "up": "↑", "down": "↓",
    "pageup": "PgUp", "pagedown": "PgDn", "home": "Home", "end": "End",
}  # fmt: skip


def chosen() -> dict[str, str]:
    """The keys of every action that does not keep those of the table, by the action's id."""
    found = config.tables("keys.toml")
    sets: Mapping[str, Mapping[str, str]] = found.get("sets", {})
    name = str(found.get("set", "plain"))
    if name not in sets:
        raise UsageProblem(
            _("keys.toml: there is no set of keys {name!r}; there are {known}.").format(
                name=name, known=", ".join(sorted(sets))
            )
        )
    remapped = {**sets[name], **found.get("keys", {})}
    known = {action.id for action in ACTIONS}
    for identity in remapped:
        if identity not in known:
            raise UsageProblem(
                _("keys.toml: there is no action {name!r}; press ? in the program to see them.").format(name=identity)
            )
    return {identity: str(keys) for identity, keys in remapped.items()}


def shown(keys: str) -> str:
    """The first of some keys as it is written on a keyboard: `ctrl+s` → `^S`."""
    first = keys.split(",")[0].strip()
    if first == NO_KEY:
        return ""
    if first.startswith("ctrl+"):
        return "^" + first.removeprefix("ctrl+").upper()
    return _SHOWN.get(first, first.upper() if first.startswith("f") and first[1:].isdigit() else first)
