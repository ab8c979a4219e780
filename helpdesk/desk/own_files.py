"""The user's own TOML files: one table changed and the rest left as it was written, at every moment old or new."""

from __future__ import annotations

import fcntl
import json
import os
import re
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from helpdesk import config
from helpdesk.errors import UsageProblem
from helpdesk.i18n import _

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_HEADER = re.compile(r"^[ \t]*\[")


def text(path: Path) -> str:
    """What a file holds; nothing where there is none."""
    return path.read_text(encoding="utf-8") if path.exists() else ""


def with_table(text: str, identity: str, entry: Mapping[str, Any]) -> str:
    """The text of a file with one table replaced, or added at the end; everything else stays as it was written."""
    before, table, after = _around(text.splitlines(keepends=True), identity)
    comments = [line for line in table if line.lstrip().startswith("#") or not line.strip()]
    while comments and not comments[-1].strip():
        comments.pop()
    head = "".join(before)
    if not table and head:
        head = head.rstrip("\n") + "\n\n"
    body = f"[{identity}]\n{''.join(comments)}{dumped(entry)}"
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


def dumped(entry: Mapping[str, Any]) -> str:
    """The lines of a table in TOML."""
    return "".join(f"{_key(key)} = {_value(value)}\n" for key, value in entry.items())


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _quoted(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{_key(key)} = {_value(one)}' for key, one in value.items())} }}" if value else "{}"
    return _quoted(str(value))


def _quoted(text: str) -> str:
    # a basic string of TOML is one of JSON, but for DEL
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


@contextmanager
def held(name: str) -> Iterator[Path]:
    """A folder of the user's own files, made private if it is new, and no other command changing it meanwhile."""
    folder = config.config_folder() / name
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(descriptor)


def write(path: Path, content: str | bytes) -> None:
    """The file is the old one or the new one at every moment, and its owner's only."""
    target = path.resolve()
    with tempfile.NamedTemporaryFile("wb", dir=target.parent, delete=False) as file:
        file.write(content.encode() if isinstance(content, str) else content)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(target)
