"""The shop's own meanings: what is added to the lexicon, kept in TOML files of the user's `concepts` folder."""

from __future__ import annotations

import fcntl
import json
import os
import re
import tempfile
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpdesk import config
from helpdesk.classify.language import detect
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
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_HEADER = re.compile(r"^[ \t]*\[")


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
    with _folder_held() as folder:
        known = meanings().get(addition.id)
        if known is None and not addition.forms:
            raise UsageProblem(_("{id} is a new meaning: give at least one form of it.").format(id=addition.id))
        had = {_compared(form.text) for form in known.forms} if known else set()
        fresh = tuple(dict.fromkeys(form for form in addition.forms if _compared(form) not in had))
        path = _file_of(addition.id, folder)
        entry = _extended(_tables(path).get(addition.id, {}), addition, fresh)
        if fresh or entry != _tables(path).get(addition.id):
            _write(path, _with_table(_text(path), addition.id, entry))
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


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _with_table(text: str, identity: str, entry: Mapping[str, Any]) -> str:
    """The text of a file with one table replaced, or added at the end; everything else stays as it was written."""
    before, table, after = _around(text.splitlines(keepends=True), identity)
    comments = [line for line in table if line.lstrip().startswith("#") or not line.strip()]
    while comments and not comments[-1].strip():
        comments.pop()
    head = "".join(before)
    if not table and head:
        head = head.rstrip("\n") + "\n\n"
    body = f"[{identity}]\n{''.join(comments)}{_dumped(entry)}"
    whole = f"{head}{body}{chr(10) if after else ''}{''.join(after)}"
    _verify(text, whole, identity, entry)
    return whole


def _around(lines: Sequence[str], identity: str) -> tuple[Sequence[str], Sequence[str], Sequence[str]]:
    header = re.compile(rf"^[ \t]*\[[ \t]*[\"']?{re.escape(identity)}[\"']?[ \t]*\]")
    start = next((at for at, line in enumerate(lines) if header.match(line)), None)
    if start is None:
        return lines, (), ()
    end = next((at for at in range(start + 1, len(lines)) if _HEADER.match(lines[at])), len(lines))
    return lines[:start], lines[start + 1 : end] or [""], lines[end:]


def _verify(before: str, after: str, identity: str, entry: Mapping[str, Any]) -> None:
    """A file a person wrote may hold anything; one that would come out otherwise than meant is left alone."""
    try:
        sound = tomllib.loads(after) == tomllib.loads(before) | {identity: dict(entry)}
    except ValueError:
        sound = False
    if not sound:
        raise UsageProblem(
            _("The table [{id}] is written in a form this command cannot change; edit the file yourself.").format(
                id=identity
            )
        )


def _dumped(entry: Mapping[str, Any]) -> str:
    return "".join(f"{_key(key)} = {_value(value)}\n" for key, value in entry.items())


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _quoted(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{_key(key)} = {_value(one)}' for key, one in value.items())} }}" if value else "{}"
    return _quoted(str(value))


def _quoted(text: str) -> str:
    # a basic string of TOML is one of JSON, but for DEL
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


@contextmanager
def _folder_held() -> Iterator[Path]:
    """The user's concepts folder, made private if it is new, and no other command adding to it meanwhile."""
    folder = config.config_folder() / "concepts"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(descriptor)


def _write(path: Path, text: str) -> None:
    """The file is the old one or the new one at every moment, and its owner's only."""
    target = path.resolve()
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=target.parent, delete=False) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(target)
