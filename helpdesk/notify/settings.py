"""The user's `notify.toml`: who is told of alarms, and how. It holds keys and passwords, so it is its owner's alone."""

from __future__ import annotations

import os
import re
import shlex
import stat
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeGuard

from helpdesk import config
from helpdesk.errors import UsageProblem
from helpdesk.i18n import N_, _
from helpdesk.notify import chat
from helpdesk.notify.hook import Hook
from helpdesk.notify.mail import PORTS, Mail
from helpdesk.notify.senders import Sender

FILE = "notify.toml"

LONGEST_TIMEOUT = 120
"""Seconds; a lease of the outbox must outlast every single sending."""

_NAME = re.compile(r"[\w.-]{1,40}")
_WORD = re.compile(r"[A-Za-z_][A-Za-z_-]{0,29}")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
_HOST = re.compile(r"[A-Za-z0-9.:-]{1,253}")
_HEADER = re.compile(r"[ \t]*\[\[[ \t]*sender[ \t]*\]\]")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def path() -> Path:
    """Where the file is, or would be."""
    return config.config_folder() / FILE


def senders() -> list[Sender]:
    """The senders of the file in its order, none without a file; UsageProblem names the file, line and key otherwise.

    No sentence repeats a value of the file.
    """
    text = _private_text(path())
    return [] if text is None else _File(path(), text).senders()


def _private_text(file: Path) -> str | None:
    """The text of a file that only its owner can read; None when there is none."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageProblem(
            _("{path} cannot be read: {reason}. Nothing was sent.").format(path=file, reason=error.strerror)
        ) from None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise UsageProblem(_("{path} is no file; nothing was sent.").format(path=file))
        if found.st_mode & 0o077:
            raise UsageProblem(
                _("{path} holds passwords and others can read it; nothing was sent. Run: {command}").format(
                    path=file, command=f"chmod 600 {shlex.quote(str(file))}"
                )
            )
        with open(descriptor, "rb", closefd=False) as opened:
            return opened.read().decode("utf-8-sig", "replace")
    finally:
        os.close(descriptor)


class _Rule(NamedTuple):
    """What a key's value must be, in words and as a test."""

    expected: str
    holds: Callable[[Any], bool]


def _is_text(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and value.strip() != "" and value.isprintable()


def _is_number(value: Any, least: float, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def _is_command(value: Any) -> bool:
    return (
        isinstance(value, list)
        and all(isinstance(word, str) and "\0" not in word for word in value)
        and bool(value)
        and Path(value[0]).is_absolute()
    )


def _is_environment(value: Any) -> bool:
    return isinstance(value, dict) and all(
        re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) and isinstance(text, str) and "\0" not in text
        for name, text in value.items()
    )


def _addresses(value: Any) -> list[str]:
    """The addresses of `to`; empty when one of them is none."""
    listed = value if isinstance(value, list) else [value]
    return listed if all(isinstance(one, str) and _ADDRESS.fullmatch(one) for one in listed) else []


_TEXT = _Rule(N_("a text on one line"), _is_text)
_RULES = {
    "name": _Rule(
        N_("a word of up to 40 letters, digits and . _ -"), lambda v: bool(_is_text(v) and _NAME.fullmatch(v))
    ),
    "kind": _Rule(N_("exec, smtp or apprise"), lambda v: v in ("exec", "smtp", "apprise")),
    "timeout": _Rule(N_("seconds, from 1 to 120"), lambda v: _is_number(v, 1, LONGEST_TIMEOUT)),
    "command": _Rule(N_("a list of texts, the first of them the whole path of a program"), _is_command),
    "env": _Rule(N_("a table of variables, each a text"), _is_environment),
    "host": _Rule(N_("the name of a server"), lambda v: isinstance(v, str) and bool(_HOST.fullmatch(v))),
    "port": _Rule(N_("a whole number from 1 to 65535"), lambda v: isinstance(v, int) and _is_number(v, 1, 65535)),
    "security": _Rule(N_("starttls, ssl or none"), lambda v: isinstance(v, str) and v in PORTS),
    "from": _Rule(N_("a mail address"), lambda v: not isinstance(v, list) and bool(_addresses(v))),
    "to": _Rule(N_("a mail address, or a list of them"), lambda v: bool(_addresses(v))),
    "user": _TEXT,
    "password": _TEXT,
    "url": _TEXT,
}


class _Kind(NamedTuple):
    """The keys a kind of sender must and may have."""

    needed: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def known(self) -> tuple[str, ...]:
        return ("name", "kind", *self.needed, *self.optional)


_KINDS = {
    "exec": _Kind(("command",), ("timeout", "env")),
    "smtp": _Kind(("host", "from", "to"), ("port", "security", "user", "password", "timeout")),
    "apprise": _Kind(("url",)),
}


class _File:
    """The text of the file, and what is wrong with it."""

    def __init__(self, path: Path, text: str) -> None:
        self.path, self.text = path, text

    def senders(self) -> list[Sender]:
        """What it describes, or UsageProblem."""
        document = self._parsed()
        tables = document.get("sender", [])
        stray = next((key for key in document if key != "sender"), None)
        if stray is not None:
            raise self._problem(_("{key} is no key here; senders begin with [[sender]]").format(key=_shown(stray)))
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise self._problem(_("each sender begins with [[sender]]"))
        found: list[Sender] = []
        for place, table in enumerate(tables):
            self._check(place, table)
            for sender in _made(table):
                if sender.name in {other.name for other in found}:
                    raise self._problem(_("two senders are named {name}").format(name=sender.name), place, "name")
                found.append(sender)
        return found

    def _parsed(self) -> Mapping[str, Any]:
        try:
            # bytes that are no UTF-8 would come out as another password
            return tomllib.loads(self.text.replace("\ufffd", "\0"))
        except (ValueError, RecursionError) as error:
            # the rest of its reason may quote the file
            found = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        problem = _("line {line}, column {column} is no TOML") if found else _("it is no TOML")
        line, column = found.groups() if found else ("", "")
        raise self._problem(problem.format(line=line, column=column))

    def _check(self, place: int, table: Mapping[str, Any]) -> None:
        for key in ("name", "kind"):
            self._check_key(place, table, key)
        kind = _KINDS[table["kind"]]
        for key in table:
            if key not in kind.known:
                problem = _("{key} is no key of the kind {kind}; there are {known}")
                known = _(", ").join(kind.known)
                raise self._problem(problem.format(key=_shown(key), kind=table["kind"], known=known), place, key)
        for key in dict.fromkeys([*kind.needed, *table]):
            self._check_key(place, table, key)
        if table["kind"] == "smtp":
            self._check_login(place, table)
        if table["kind"] == "apprise" and not chat.is_installed():
            problem = _("the kind apprise needs an extra; install it with: {command}").format(command=chat.INSTALL)
            raise self._problem(problem, place, "kind")

    def _check_key(self, place: int, table: Mapping[str, Any], key: str) -> None:
        if key not in table:
            raise self._problem(_("the key {key} is missing").format(key=key), place)
        rule = _RULES[key]
        if not rule.holds(table[key]):
            raise self._problem(_("{key} must be {expected}").format(key=key, expected=_(rule.expected)), place, key)

    def _check_login(self, place: int, table: Mapping[str, Any]) -> None:
        for key, other in (("password", "user"), ("user", "password")):
            if key in table and other not in table:
                raise self._problem(_("the key {key} is missing").format(key=other), place, key)
        if table.get("security") == "none" and "password" in table and table["host"] not in _LOOPBACK:
            problem = _("a password must not travel in the clear: security must be starttls or ssl")
            raise self._problem(problem, place, "security")

    def _problem(self, problem: str, place: int | None = None, key: str = "") -> UsageProblem:
        line = None if place is None else self._line(place, key)
        where = _("{path}, line {line}").format(path=self.path, line=line) if line else str(self.path)
        return UsageProblem(_("{where}: {problem}. Nothing was sent.").format(where=where, problem=problem))

    def _line(self, place: int, key: str) -> int | None:
        """The line of a key of the sender at `place`, else the one it begins in; None where that cannot be told."""
        lines = self.text.splitlines()
        headers = [at for at, line in enumerate(lines) if _HEADER.match(line)]
        if place >= len(headers):
            return None
        start, end = headers[place], [*headers, len(lines)][place + 1]
        wanted = re.compile(rf"[ \t]*(\[[ \t]*sender[ \t]*\.[ \t]*)?[\"']?{re.escape(key)}[\"']?[ \t]*[=.\]]")
        named = (at for at in range(start + 1, end) if key and wanted.match(lines[at]))
        return next(named, start) + 1


def _shown(key: str) -> str:
    """A key somebody wrote; what is not like a word may be a value in the wrong place."""
    return key if _WORD.fullmatch(key) else "…"


def _made(table: Mapping[str, Any]) -> Iterator[Sender]:
    """The sender of a table; for several mail addresses one each, because each may fail alone."""
    name = table["name"]
    if table["kind"] == "exec":
        yield Hook(name, tuple(table["command"]), table.get("timeout", 30), dict(table.get("env", {})))
    elif table["kind"] == "apprise":
        yield chat.Chat(name, table["url"])
    else:
        addresses = _addresses(table["to"])
        security = table.get("security", "starttls")
        for address in dict.fromkeys(addresses):
            yield Mail(
                name=name if len(addresses) == 1 else f"{name}/{address}",
                host=table["host"],
                port=table.get("port", PORTS[security]),
                security=security,
                sender=table["from"],
                to=address,
                user=table.get("user", ""),
                password=table.get("password", ""),
                timeout=table.get("timeout", 30),
            )
