"""Where things are: the store, the user's own data files, what the user set."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import helpdesk
from helpdesk.errors import UsageProblem
from helpdesk.i18n import _
from helpdesk.lookup import Lookup, pack

DATA = Path(__file__).parent / "data"
"""The data files that ship with the program; the user's file of the same name goes before."""


def config_folder() -> Path:
    """The folder of the user's own files: `$HELPDESK_CONFIG`, else `$XDG_CONFIG_HOME/helpdesk`."""
    own = os.environ.get("HELPDESK_CONFIG")
    return Path(own) if own else _xdg("XDG_CONFIG_HOME", ".config") / "helpdesk"


def default_store() -> Path:
    """The store used when neither `--db` nor `HELPDESK_DB` names one."""
    return _xdg("XDG_DATA_HOME", ".local/share") / "helpdesk" / "helpdesk.db"


def store_path(asked: str | Path | None = None) -> Path:
    """The store to use: `asked` (`--db`), else `HELPDESK_DB`, else the user's data folder."""
    chosen = asked or os.environ.get("HELPDESK_DB")
    return Path(chosen).expanduser() if chosen else default_store()


def demo_store() -> Path:
    """The store of the sample shop, never the user's own."""
    return _xdg("XDG_DATA_HOME", ".local/share") / "helpdesk" / "demo.db"


def state_folder() -> Path:
    """The folder of what the program leaves behind for whoever looks into a fault: `$XDG_STATE_HOME/helpdesk`."""
    return _xdg("XDG_STATE_HOME", ".local/state") / "helpdesk"


def _xdg(variable: str, below_home: str) -> Path:
    folder = os.environ.get(variable)
    return Path(folder) if folder and Path(folder).is_absolute() else Path.home() / below_home


def process_mark(process: int) -> str | None:
    """What tells a running process from every other that had or will have its number; None where nobody can say.

    The number and the moment it began, from /proc/PID/stat (proc(5)); one that has ended but is still listed has none.
    """
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    state, *fields = text.rpartition(")")[2].split()
    return None if state in "ZX" else f"{process}:{fields[18]}"


def who_am_i() -> str:
    """The agent at the keyboard: `HELPDESK_USER`, else the login name, else `agent`."""
    named = os.environ.get("HELPDESK_USER")
    if named:
        return named
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):  # cron without a passwd entry
        return "agent"


def data_files(name: str) -> list[Path]:
    """The files that make up a piece of data, shipped first, the user's after: `name` is a file or a folder of TOML."""
    shipped, own = DATA / name, config_folder() / name
    files = sorted(shipped.glob("*.toml")) if shipped.is_dir() else [shipped]
    if own.is_dir():
        files += sorted(own.glob("*.toml"))
    elif own.is_file():
        files.append(own)
    return files


def load_toml(path: Path) -> Mapping[str, Any]:
    """A TOML file as a mapping; one that cannot be read is a UsageProblem naming the file, line and column."""
    import tomllib

    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except (OSError, ValueError) as error:
        raise UsageProblem(
            _("{path} cannot be read: {reason}. Correct the file.").format(path=path, reason=_reason(path, error))
        ) from error


def _reason(path: Path, error: OSError | ValueError) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    lines = path.read_bytes().count(b"\n") + 1
    return str(error).replace("(at end of document)", f"(at end of document, line {lines})")


@lru_cache(maxsize=8)
def tables(name: str) -> Mapping[str, Any]:
    """A data file as one mapping; a table in the user's file of that name replaces the keys it names."""
    merged: dict[str, Any] = {}
    for path in data_files(name):
        _merge(merged, load_toml(path))
    return merged


def _merge(into: dict[str, Any], entries: Mapping[str, Any]) -> None:
    for key, value in entries.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value


def stamp_of(sources: Iterable[Path]) -> list[list[Any]]:
    """What changes when one of some files changes, comes or goes."""
    return [[str(path), path.stat().st_mtime_ns, path.stat().st_size] for path in sources]


def cached(name: str, place: str, stamp: Any, build: Callable[[], Mapping[str, Any]]) -> Lookup:
    """The entries that `build()` makes, kept in the user's cache until `stamp`, a JSON document, changes.

    `place` tells apart what is derived for two installations, or two stores, beside each other.
    A cache that cannot be read or written, or that was damaged, is done without.
    """
    kept = _xdg("XDG_CACHE_HOME", ".cache") / "helpdesk" / f"{name}-{zlib.crc32(place.encode()):08x}.cache"
    head = json.dumps([helpdesk.__version__, stamp]).encode() + b"\n"

    def made() -> bytes:
        block = pack(build())
        _keep(kept, head + block)
        return block

    try:
        content = _mapped(kept)
        if content[: len(head)] == head:
            return Lookup(content[len(head) :], made)
    except (OSError, ValueError):
        pass
    return Lookup(made())


def _mapped(path: Path) -> memoryview:
    """A file's content, of which only what is looked at is ever read."""
    from mmap import ACCESS_READ, mmap

    with path.open("rb") as file:
        return memoryview(mmap(file.fileno(), 0, access=ACCESS_READ))


def _keep(path: Path, content: bytes) -> None:
    import tempfile  # with all it brings, as dear as the whole start of a read

    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile("wb", dir=path.parent, delete=False) as file:
            file.write(content)
        Path(file.name).replace(path)
    except OSError:
        return


def fixtures() -> Path:
    """The folder of the sample shop: inside the installed package, or beside it in a checkout."""
    inside = Path(__file__).parent / "fixtures"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "fixtures"
