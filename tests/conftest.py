"""What the tests share: nobody's own files, the program in this process or beside it, and the sample shop."""

from __future__ import annotations

import json
import os
import pty
import select
import shutil
import sqlite3
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from fcntl import ioctl
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"

NOW = "2026-11-20T08:00:00Z"
"""When the tests happen, unless they say otherwise: some hours after the newest sample ticket."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command left behind."""

    exit_code: int
    stdout: str
    stderr: str

    def json(self) -> Any:
        """The one JSON document on stdout; anything beside it fails."""
        return json.loads(self.stdout)

    def error(self) -> dict[str, str]:
        """The error object on stderr."""
        return json.loads(self.stderr)["error"]

    def rows(self) -> list[list[str]]:
        """The cells of the rows on stdout."""
        return [line.split("\t") for line in self.stdout.splitlines()]


def clean_environment(home: Path, **more: str) -> dict[str, str]:
    """The variables a child of a test gets: a home of its own and nothing that changes the program's mind."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"],
        "LANG": "C.UTF-8",
        "HELPDESK_LANG": "en",
        "HELPDESK_USER": "tester",
        "HELPDESK_NOW": NOW,
        "HELPDESK_ZONE": "UTC",
        **more,
    }


@pytest.fixture(scope="session", autouse=True)
def _one_cache_for_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The lexicon is parsed once a session, into a cache that is not the user's."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        _isolate(patch, home)
        patch.setenv("XDG_CACHE_HOME", str(home / "cache"))
        yield


@pytest.fixture(autouse=True)
def _nobodys_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test reads or writes a file of whoever runs it."""
    _isolate(monkeypatch, tmp_path / "home")


def _isolate(patch: pytest.MonkeyPatch, home: Path) -> None:
    for variable in [name for name in os.environ if name.startswith("HELPDESK_")]:
        patch.delenv(variable)
    for variable in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LC_ALL", "LC_MESSAGES"):
        patch.delenv(variable, raising=False)
    patch.setenv("HOME", str(home))
    patch.setenv("XDG_DATA_HOME", str(home / "data"))
    patch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    patch.setenv("LANG", "C.UTF-8")
    patch.setenv("HELPDESK_ZONE", "UTC")


@pytest.fixture
def store_path(tmp_path: Path) -> Path:
    """Where this test's store is; nothing is there yet."""
    return tmp_path / "store" / "helpdesk.db"


def invoke(
    store: Path | None, *words: object, input: str | bytes | None = None, now: str = NOW, lang: str = "en"
) -> Ran:
    """Run a command line in this process, without a terminal; a traceback fails the test that caused it."""
    from helpdesk.cli import app

    env = {"HELPDESK_NOW": now, "HELPDESK_LANG": lang, "HELPDESK_USER": "tester"}
    if store is not None:
        env["HELPDESK_DB"] = str(store)
    result = CliRunner().invoke(app, [str(word) for word in words], input=input, env=env)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.stderr
    return Ran(result.exit_code, result.stdout, result.stderr)


class Run:
    """`run("list", "--json")`: the program in this process, on this test's store."""

    def __init__(self, store: Path) -> None:
        self.store = store

    def __call__(self, *words: object, **how: Any) -> Ran:
        """Run it, whatever comes of it."""
        return invoke(self.store, *words, **how)

    def ok(self, *words: object, **how: Any) -> Ran:
        """Run it and insist on exit 0."""
        ran = self(*words, **how)
        assert ran.exit_code == 0, (words, ran.exit_code, ran.stdout[-500:], ran.stderr[-500:])
        return ran

    def json(self, *words: object, **how: Any) -> Any:
        """What it prints with `--json`, at exit 0."""
        return self.ok(*words, "--json", **how).json()

    def ticket(self, number: int, **how: Any) -> Any:
        """A ticket as `show --json` has it."""
        return self.json("show", number, **how)


@pytest.fixture
def run(store_path: Path) -> Run:
    """The program on a store of this test, which does not exist yet."""
    return Run(store_path)


@pytest.fixture(scope="session")
def _sample_store(_one_cache_for_all: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    built, kept = tmp_path_factory.mktemp("built") / "shop.db", tmp_path_factory.mktemp("kept") / "shop.db"
    sample = Run(built)
    for words in (
        ("kb", "import", FIXTURES / "faq.jsonl"),
        ("import", "orders", FIXTURES / "orders.csv"),
        ("import", "tickets", FIXTURES / "tickets.jsonl", "--source", "sample"),
    ):
        sample.ok(*words)
    copy_store(built, kept)
    return kept


def copy_store(source: Path, target: Path) -> None:
    """A consistent copy of a store, whatever is still in its journal."""
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)
    target.chmod(0o600)


@pytest.fixture
def shop(_sample_store: Path, store_path: Path) -> Run:
    """The program on a copy of the sample shop: its orders, articles and tickets, nothing answered yet."""
    store_path.parent.mkdir(mode=0o700)
    shutil.copy2(_sample_store, store_path)
    return Run(store_path)


def sql(store: Path, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
    """Look into a store, or prepare in it what no command makes, past the program."""
    with closing(sqlite3.connect(store)) as connection, connection:
        return connection.execute(statement, parameters).fetchall()


def sample_tickets() -> list[dict[str, Any]]:
    """The tickets of the sample shop, as their file has them."""
    return [json.loads(line) for line in (FIXTURES / "tickets.jsonl").read_text(encoding="utf-8").splitlines()]


def hostile_ticket() -> dict[str, Any]:
    """The sample ticket that tries everything."""
    return next(ticket for ticket in sample_tickets() if "\x1b]52" in ticket["body"])


def write_jsonl(path: Path, rows: Sequence[object]) -> Path:
    """A JSON-lines file; a str in `rows` is written as it is."""
    lines = (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


@dataclass(frozen=True, slots=True)
class Program:
    """The program as a process of its own."""

    home: Path
    store: Path

    def command(self, *words: object) -> list[str]:
        """Its command line."""
        return [sys.executable, "-m", "helpdesk", *map(str, words)]

    def environment(self, **more: str) -> dict[str, str]:
        """Its variables."""
        return clean_environment(self.home, HELPDESK_DB=str(self.store), **more)

    def run(self, *words: object, input: bytes | None = None, **env: str) -> Ran:
        """Run it in pipes."""
        done = subprocess.run(
            self.command(*words),
            input=input or b"",
            capture_output=True,
            cwd=ROOT,
            env=self.environment(**env),
            timeout=60,
        )
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    def start(self, *words: object, **env: str) -> subprocess.Popen[bytes]:
        """Start it in pipes."""
        return subprocess.Popen(
            self.command(*words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env=self.environment(**env),
        )

    def start_silent(self, *words: object) -> subprocess.Popen[bytes]:
        """Start it with nobody listening."""
        silence = subprocess.DEVNULL
        return subprocess.Popen(
            self.command(*words), stdin=silence, stdout=silence, stderr=silence, cwd=ROOT, env=self.environment()
        )

    def on_terminal(self, *words: object, columns: int = 80, **env: str) -> tuple[int, str]:
        """Run it on a terminal of its own; the exit code, and all it wrote there."""
        env = {"TERM": "xterm-256color"} | env
        return on_terminal(self.command(*words), self.environment(**env), columns)


def on_terminal(command: Sequence[str], env: dict[str, str], columns: int = 80) -> tuple[int, str]:
    """Run a command on a pseudo-terminal `columns` wide; the exit code, and all it wrote there."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    child = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT, env=env, close_fds=True)
    os.close(theirs)
    try:
        written = _read_all(ours, time.monotonic() + 60)
        return child.wait(timeout=10), written.decode()
    finally:
        os.close(ours)
        if child.poll() is None:
            child.kill()
            child.wait()


def _read_all(descriptor: int, deadline: float) -> bytes:
    pieces = []
    while time.monotonic() < deadline:
        if not select.select([descriptor], [], [], 1)[0]:
            continue
        try:
            piece = os.read(descriptor, 65536)
        except OSError:  # the other end is closed: Linux says EIO
            break
        if not piece:
            break
        pieces.append(piece)
    return b"".join(pieces)


@pytest.fixture
def program(tmp_path: Path, store_path: Path) -> Program:
    """The program as processes, on this test's store."""
    return Program(tmp_path / "home", store_path)
