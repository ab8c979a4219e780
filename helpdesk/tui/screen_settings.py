"""How the interface begins: what `screen.toml` says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from helpdesk import config, i18n
from helpdesk.i18n import _
from helpdesk.tui.own_files import Mistake, refuse, strangers

FILE = "screen.toml"
LANGUAGES = ("zh", "en")


class ScreenSettings(NamedTuple):
    """Whether simple mode comes first, and the language to speak; an empty one leaves that to the environment."""

    simple: bool = False
    language: str = ""


def chosen() -> ScreenSettings:
    """The user's settings over the shipped ones; mistakes of the file are a UsageProblem that names them all."""
    found = dict(config.tables(FILE))
    refuse(FILE, [*strangers(found, ScreenSettings._fields), *_wrong(found)])
    return ScreenSettings(**found)


def speak(asked: str | None, settings: ScreenSettings) -> None:
    """Speak the language asked for (`--lang`), else that of HELPDESK_LANG, of the settings, of the locale."""
    i18n.speak(i18n.choose(asked, settings.language))


def _wrong(found: dict[str, Any]) -> Iterator[Mistake]:
    if not isinstance(found["simple"], bool):
        yield Mistake("simple", _("it is true or false."))
    if found["language"] not in ("", *LANGUAGES):
        yield Mistake("language", _("it is one of {known}.").format(known=", ".join(LANGUAGES)))
