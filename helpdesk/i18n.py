"""The language the program speaks to its user: gettext catalogs, English in the source, 简体中文 beside it."""

from __future__ import annotations

import os
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

LANGUAGES = ("zh", "en")

_LOCALE = Path(__file__).parent / "locale"
_current: tuple[str, NullTranslations] = ("en", NullTranslations())


def choose(asked: str | None = None, setting: str | None = None) -> str:
    """The language to speak: `asked` (`--lang`), else `HELPDESK_LANG`, `setting`, the locale; `en` when none says."""
    own, *locale = map(os.environ.get, ("HELPDESK_LANG", "LC_ALL", "LC_MESSAGES", "LANG"))
    for wish in (asked, own, setting, *locale):
        if wish:
            return "zh" if wish.lower().startswith(("zh", "cmn")) else "en"
    return "en"


def speak(language: str) -> None:
    """Use `language` (`zh` or `en`) for every sentence from now on."""
    global _current
    if language != _current[0]:
        _current = (language, _catalog(language))


def language() -> str:
    """The language spoken now."""
    return _current[0]


def _catalog(language: str) -> NullTranslations:
    path = _LOCALE / {"zh": "zh_CN"}.get(language, language) / "LC_MESSAGES" / "helpdesk.mo"
    try:
        with path.open("rb") as file:
            return GNUTranslations(file)
    except OSError:
        return NullTranslations()


def _(message: str) -> str:
    """`message` in the user's language."""
    return _current[1].gettext(message) if message else ""


def _n(one: str, many: str, count: int) -> str:
    """The form of a counted sentence for `count`, in the user's language."""
    return _current[1].ngettext(one, many, count)


def word(slug: str) -> str:
    """A word of the vocabulary, such as `on_hold`, in the user's language; its English form is in the catalog."""
    return _(slug.replace("_", " "))


def N_(message: str) -> str:
    """Marks `message` for the catalog where it is translated only later, by the code that shows it."""
    return message
