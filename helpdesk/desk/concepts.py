"""The shop's own meanings: what is added to the lexicon, kept in TOML files of the user's `concepts` folder."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpdesk import config
from helpdesk.classify.language import detect
from helpdesk.desk import own_files
from helpdesk.errors import UsageProblem
from helpdesk.i18n import _
from helpdesk.lexicon import FLAGS, GAP, LANGUAGES, lexicon
from helpdesk.models.vocabulary import Language
from helpdesk.text import fold, has_cjk, safe, squeeze

OWN = "own.toml"
"""The file a concept goes to that is in no file of the user's yet."""

LONGEST_FORM = 100

_FORMS_OF = {
    Language.SIMPLIFIED: "hans",
    Language.TRADITIONAL: "hant",
    Language.ENGLISH: "en",
    Language.JAPANESE: "ja",
    Language.KOREAN: "ko",
}
_FIELDS = ("gloss", "label", "category", "mood", "urgency", "flags")


@dataclass(frozen=True, slots=True)
class Form:
    """A surface form of a concept, and the file it stands in."""

    text: str
    language: str
    file: Path


@dataclass(slots=True)
class Meaning:
    """A concept as its files have it, the user's own after the shipped ones."""

    id: str
    fields: dict[str, Any] = field(default_factory=dict)
    forms: list[Form] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)

    def is_own(self) -> bool:
        """Whether a file of the user's has to do with it."""
        return any(config.DATA not in file.parents for file in self.files)


@dataclass(frozen=True, slots=True)
class Addition:
    """What is to be added to a concept; None leaves a field as it is."""

    id: str
    forms: tuple[str, ...] = ()
    language: str | None = None
    gloss: str | None = None
    label: str | None = None
    category: Mapping[str, float] | None = None
    mood: float | None = None
    urgency: float | None = None
    flags: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """What was added to which file; `known` are forms the concept had already."""

    id: str
    file: Path
    is_new: bool
    added: tuple[str, ...]
    known: tuple[str, ...]


def meanings() -> dict[str, Meaning]:
    """Every concept by its id, in the order of the files."""
    found: dict[str, Meaning] = {}
    for path in config.data_files("concepts"):
        for name, entry in config.load_toml(path).items():
            if isinstance(entry, dict):
                meaning = found.setdefault(name, Meaning(name))
                meaning.files.append(path)
                meaning.fields |= {key: entry[key] for key in _FIELDS if key in entry}
                meaning.forms += [Form(text, tag, path) for tag in LANGUAGES for text in entry.get(tag, ())]
    return found


def add(addition: Addition, categories: Collection[str]) -> Added:
    """Add to the user's own concepts; raises UsageProblem where the lexicon could not be read afterwards."""
    _check(addition, categories)
    with own_files.held("concepts") as folder:
        known = meanings().get(addition.id)
        if known is None and not addition.forms:
            raise UsageProblem(_("{id} is a new meaning: give at least one form of it.").format(id=addition.id))
        had = {_compared(form.text) for form in known.forms} if known else set()
        fresh = tuple(dict.fromkeys(form for form in addition.forms if _compared(form) not in had))
        path = _file_of(addition.id, folder)
        entry = _extended(_tables(path).get(addition.id, {}), addition, fresh)
        if fresh or entry != _tables(path).get(addition.id):
            own_files.write(path, own_files.with_table(own_files.text(path), addition.id, entry))
            lexicon.cache_clear()
        old = tuple(form for form in addition.forms if form not in fresh)
        return Added(addition.id, path, known is None, fresh, old)


def _check(addition: Addition, categories: Collection[str]) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", addition.id):
        raise UsageProblem(
            _("An id is made of lower-case letters, digits and _, beginning with a letter, not {value!r}.").format(
                value=addition.id
            )
        )
    for form in addition.forms:
        _check_form(form)
    if addition.language is not None and addition.language not in LANGUAGES:
        raise UsageProblem(_("--in is one of {known}.").format(known=", ".join(LANGUAGES)))
    for slug in addition.category or ():
        if slug not in categories:
            raise UsageProblem(
                _("There is no category {slug!r}. Known: {known}").format(
                    slug=slug, known=", ".join(sorted(categories))
                )
            )
    for flag in addition.flags or ():
        if flag not in FLAGS:
            raise UsageProblem(
                _("There is no flag {flag!r}. Known: {known}").format(flag=flag, known=", ".join(sorted(FLAGS)))
            )
    _check_range("--mood", addition.mood, -3, 3)
    _check_range("--urgency", addition.urgency, 0, 8)
    for points in (addition.category or {}).values():
        _check_range("--category", points, 0, 10)


def _check_form(form: str) -> None:
    if not any(map(str.isalnum, form)) or len(form) > LONGEST_FORM or safe(form) != form or "\n" in form:
        raise UsageProblem(
            _("A form is a few words on one line, up to {count} characters, not {value!r}.").format(
                count=LONGEST_FORM, value=form[:40]
            )
        )


def _check_range(name: str, value: float | None, least: float, most: float) -> None:
    # a comparison with NaN is never true
    if value is not None and not least <= value <= most:
        raise UsageProblem(
            _("{name} takes a number from {least} to {most}, not {value}.").format(
                name=name, least=least, most=most, value=value
            )
        )


def language_of(form: str) -> str:
    """The key of the file a form belongs under."""
    return _FORMS_OF.get(detect(form), "hans" if has_cjk(form) else "en")


def _compared(form: str) -> str:
    """A form as the lexicon compares it."""
    return squeeze(fold(form.replace(GAP, "\0"))).replace("’", "'").replace("'", "")


def _extended(entry: Mapping[str, Any], addition: Addition, fresh: Sequence[str]) -> dict[str, Any]:
    given = {key: getattr(addition, key) for key in _FIELDS}
    extended = dict(entry) | {key: value for key, value in given.items() if value is not None}
    if addition.flags is not None:
        extended["flags"] = list(addition.flags)
    for form in fresh:
        tag = addition.language or language_of(form)
        extended[tag] = [*extended.get(tag, ()), form]
    return extended


def _file_of(identity: str, folder: Path) -> Path:
    """The last file of the user's that has the concept, else the one of their own."""
    having = [path for path in sorted(folder.glob("*.toml")) if identity in _tables(path)]
    return having[-1] if having else folder / OWN


def _tables(path: Path) -> Mapping[str, Any]:
    return config.load_toml(path) if path.exists() else {}
