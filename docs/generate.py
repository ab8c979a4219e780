"""Writes what the program says of itself: `docs/commands.md`, the keys in `docs/tui.md`, the output in the README.

    python docs/generate.py             all of it
    python docs/generate.py reference   only the reference and the keys

A block of the README that begins with ```console is a session on the sample shop, run in order on a terminal of
80 columns in a home of its own; every line that begins with `$ helpdesk` is run, what follows it is replaced.
"""

from __future__ import annotations

import os
import pty
import re
import shlex
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Iterator
from fcntl import ioctl
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
REFERENCE = ROOT / "docs" / "commands.md"
INTERFACE = ROOT / "docs" / "tui.md"
COLUMNS = 80

_HEAD = """\
# Commands

The reference of every command, written by `python docs/generate.py` from the program itself.

Every command takes `--help` and the global options:

"""

_CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


# --- the reference -------------------------------------------------------------------------------------------


def reference() -> str:
    """The whole of docs/commands.md."""
    sys.path.insert(0, str(ROOT))
    from helpdesk import i18n
    from helpdesk.cli import ENTRIES

    i18n.speak("en")
    panels = dict.fromkeys(entry.panel for entry in ENTRIES)
    lines = [_HEAD.rstrip("\n"), "", *_global_options(), ""]
    for panel in panels:
        lines += [f"## {panel}", ""]
        for entry in ENTRIES:
            if entry.panel == panel:
                lines += _entry_lines(entry, "helpdesk")
    return "\n".join(lines).rstrip("\n") + "\n"


def _global_options() -> list[str]:
    from helpdesk.cli import Entry, _shared_options

    listing = Entry("list", "", "", "", lists=True)
    lines = _table("option", [_option_row(option) for option in _shared_options(listing)])
    return [
        *lines,
        "",
        "`--jsonl` is there for commands that print a list, and for `triage`, which reads lines with it.",
    ]


def _entry_lines(entry: Any, path: str) -> Iterator[str]:
    if entry.children:
        for child in entry.children:
            yield from _entry_lines(child, f"{path} {entry.name}")
        return
    from helpdesk.cli import _loaded, _shared_options

    command = _loaded(entry)
    context = command.context_class(command, info_name=f"{path} {entry.name}")
    shared = {name for option in _shared_options(entry) for name in option.opts}
    own = [param for param in command.params if not shared & set(param.opts)]
    arguments = [param for param in own if param.param_type_name == "argument"]
    options = [param for param in own if param.param_type_name == "option"]
    usage = " ".join([path, entry.name, "[OPTIONS]", *(_metavar(a, context) for a in arguments)])
    yield from (f"### {path} {entry.name}", "", entry.summary, "", f"    {usage}", "")
    if arguments:
        yield from (*_table("argument", [_argument_row(a, context) for a in arguments]), "")
    if options:
        yield from (*_table("option", [_option_row(option) for option in options]), "")


def _metavar(param: Any, context: Any) -> str:
    name = str(param.make_metavar(ctx=context))
    name = name.upper() if name.islower() else name
    return name if param.required or name.startswith("[") else f"[{name}]"


def _argument_row(param: Any, context: Any) -> tuple[str, str]:
    return f"`{_metavar(param, context)}`", _cell(param.help) + ("" if param.required else " Optional.")


def _option_row(param: Any) -> tuple[str, str]:
    names = ", ".join(f"`{name}`" for name in sorted(param.opts, key=len, reverse=True))
    value = "" if param.is_flag else f" `{param.metavar or _kind(param.type)}`"
    notes = [" Required." if param.required else ""]
    if not param.is_flag and param.default not in (None, "") and not callable(param.default):
        notes.append(f" Default: `{param.default}`.")
    return names + value, _cell(param.help) + "".join(notes)


def _kind(kind: Any) -> str:
    if "range" in kind.name:
        return f"{kind.min}.." + (str(kind.max) if kind.max is not None else "")
    return {"integer": "N", "text": "TEXT", "str": "TEXT", "int": "N"}.get(kind.name, kind.name.upper())


def _cell(text: str | None) -> str:
    return (text or "").replace("|", "\\|").replace("\n", " ")


def _table(what: str, rows: list[tuple[str, str]]) -> list[str]:
    return [f"| {what} | |", "|---|---|", *(f"| {name.replace('|', chr(92) + '|')} | {text} |" for name, text in rows)]


# --- the keys of the terminal interface ----------------------------------------------------------------------

_PLACES = {
    "app": "Everywhere", "list": "In every list", "queue": "Queue", "ticket": "Ticket", "editor": "Answer",
    "knowledge": "Knowledge", "article": "Article", "gaps": "Gaps", "dashboard": "Today", "new": "New ticket",
    "home": "Simple mode: the first page", "customer": "Simple mode: one customer",
    "race": "Simple mode: somebody was faster",
}  # fmt: skip

_KEYS = re.compile(r"(<!-- keys -->\n).*?(<!-- end of keys -->)", re.DOTALL)


def with_keys(text: str) -> str:
    """The same text; between its two marks are the tables of every action of the terminal interface."""
    return _KEYS.sub(lambda found: found[1] + key_tables() + found[2], text)


def key_tables() -> str:
    """A table a place: the keys, the name of the action, what it does, the command that does the same."""
    sys.path.insert(0, str(ROOT))
    from helpdesk.tui import actions, keys

    lines = []
    for place, title in _PLACES.items():
        lines += [f"### {title}", "", "| key | action | | command |", "|---|---|---|---|"]
        for action in actions.of(place):
            pressed = " ".join(f"`{keys.shown(key)}`" for key in action.keys.split(","))
            verb = f"`{action.verb}`" if action.verb else ""
            lines.append(f"| {pressed} | `{action.id}` | {_cell(action.tooltip)} | {verb} |")
        lines.append("")
    return "\n".join(lines)


# --- the sessions of the README ------------------------------------------------------------------------------


def sessions(text: str) -> Iterator[str]:
    """Every `$ helpdesk` line of the console blocks of a Markdown text, in order, without its `$ `."""
    for block in _CONSOLE.finditer(text):
        yield from (line[2:] for line in block[1].splitlines() if line.startswith("$ helpdesk"))


def with_outputs(text: str) -> str:
    """The same text; below each `$ helpdesk` line of its console blocks is what that prints now."""
    with tempfile.TemporaryDirectory() as home:
        return _CONSOLE.sub(lambda block: f"```console\n{_replayed(block[1], Path(home))}```", text)


def _replayed(block: str, home: Path) -> str:
    shown = []
    for line in block.splitlines():
        if line.startswith("$ "):
            shown.append(line)
        if line.startswith("$ helpdesk"):
            shown += _printed(shlex.split(line[2:], comments=True)[1:], home)
    return "\n".join(shown) + "\n"


def _printed(words: list[str], home: Path) -> list[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "HELPDESK_LANG": "en",
        "HELPDESK_USER": "mei",
        "HELPDESK_DB": str(home / ".local/share/helpdesk/demo.db"),
        "TERM": "dumb",
    }
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
    command = [sys.executable, "-m", "helpdesk", *words]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, close_fds=True):
        os.close(theirs)
        written = _read_all(ours).decode()
    plain = _COLOURS.sub("", written).replace("\r\n", "\n").replace(str(home), "~")
    return [line.rstrip() for line in plain.rstrip("\n").split("\n")] if plain.strip() else []


def _read_all(descriptor: int) -> bytes:
    pieces = []
    while True:
        try:
            piece = os.read(descriptor, 65536)
        except OSError:  # the other end is closed: Linux says EIO
            break
        if not piece:
            break
        pieces.append(piece)
    os.close(descriptor)
    return b"".join(pieces)


def main() -> None:
    """Write the reference and the tables of keys, and unless only they are asked for the README."""
    REFERENCE.write_text(reference(), encoding="utf-8")
    INTERFACE.write_text(with_keys(INTERFACE.read_text(encoding="utf-8")), encoding="utf-8")
    if sys.argv[1:] != ["reference"]:
        README.write_text(with_outputs(README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
