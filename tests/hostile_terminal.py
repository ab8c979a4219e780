"""A store in which everything is hostile, and the interface on a terminal of its own, its output collected."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import ioctl
from pathlib import Path

import pytest
from conftest import ROOT, Program, copy_store, sql
from test_hostile_text import _cursed_store  # noqa: F401 - a fixture

LATER = "2026-12-20T08:00:00Z"
COLUMNS, LINES = 100, 30

_OURS = re.compile(
    r"\x1b\[[0-9;]*m"  # colours
    r"|\x1b\[[0-9;]*[HABCDEFGJKST]"  # where to draw
    r"|\x1b\[\?(?:1000|1002|1003|1004|1006|1015|1016|1049|2004|2026|2048|25|7)[hl]"  # modes
    r"|\x1b\[\?(?:2026|2048)\$p"  # questions about modes
    r"|\x1b\[(?:>\d+|<)u"  # the keyboard
    r"|\x1b\]22;[a-z-]+\x07"  # the shape of the mouse
    r"|\x1b\[c|\x1b\[>0?c|\x1b\]1[01];\?\x1b\\"  # who are you, which colours
)
"""What the interface itself writes."""

_FOREIGN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)

_COPIED = re.compile(r"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07")
"""What the interface writes where somebody asked for a copy."""


def click(x: int, y: int) -> str:
    """What a terminal sends for one click."""
    return f"\x1b[<0;{x};{y}M\x1b[<0;{x};{y}m"


class Screen:
    """The interface on a terminal of its own, its output collected."""

    def __init__(self, descriptor: int, child: subprocess.Popen[bytes]) -> None:
        self._descriptor, self._child = descriptor, child
        self._is_open = True
        self.written = bytearray()

    def vanish(self) -> None:
        """Close the terminal's other end."""
        os.close(self._descriptor)
        self._is_open = False

    def close(self) -> None:
        """End the program if it is still there, and the terminal."""
        if self._child.poll() is None:
            self._child.send_signal(signal.SIGKILL)
        self._child.wait()
        if self._is_open:
            self.vanish()

    def ended(self, patience: float) -> int:
        """The exit code of the program, which ends by itself."""
        return self._child.wait(patience)

    def settle(self, quiet: float = 0.25, patience: float = 20) -> None:
        """Wait until nothing more is drawn."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and select.select([self._descriptor], [], [], quiet)[0]:
            try:
                self.written += os.read(self._descriptor, 1 << 16)
            except OSError:
                return

    def until(self, sign: str, patience: float = 30) -> None:
        """Wait until something was drawn."""
        deadline = time.monotonic() + patience
        while sign.encode() not in self.written and time.monotonic() < deadline and self.runs:
            self.settle(0.1, 1)
        assert sign.encode() in self.written, bytes(self.written[-3000:])

    def press(self, keys: str) -> None:
        """Type, and wait for what comes of it."""
        os.write(self._descriptor, keys.encode())
        self.settle()

    def click_everything(self, lines: int = LINES - 1) -> None:
        """Click each cell of the upper lines, a line at once; below are buttons of the interface's own."""
        for y in range(1, lines + 1):
            os.write(self._descriptor, "".join(click(x, y) for x in range(1, COLUMNS + 1)).encode())
            self.settle(0.02, 3)
        self.settle()

    def click(self, x: int, y: int) -> None:
        """Click one cell, and wait for what comes of it."""
        os.write(self._descriptor, click(x, y).encode())
        self.settle(0.03, 3)

    def still_shows(self, sign: str) -> bool:
        """Whether a text is on the whole screen, which is drawn again because the terminal is a column wider now."""
        before = len(self.written)
        ioctl(self._descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS + 1, 0, 0))
        os.killpg(self._child.pid, signal.SIGWINCH)
        deadline = time.monotonic() + 40  # thousands of clicks wait to be seen first
        while time.monotonic() < deadline and self.runs:
            self.settle(0.1, 1)
            if sign in _OURS.sub("", self.written[before:].decode("utf-8", "replace")):
                return True
        return False

    @property
    def runs(self) -> bool:
        """Whether it is still there."""
        return self._child.poll() is None

    def said_last(self) -> str:
        """The end of what was written, without where and how."""
        return re.sub(r" {3,}", "  ", _OURS.sub("", self.written[-20_000:].decode("utf-8", "replace")))[-3000:]

    def assert_harmless(self, may_copy: bool = False) -> None:
        """Nothing was written that is not the interface's own; what was copied, where it may be, is a plain text."""
        written = self.written.decode("utf-8", "strict")
        copies = [b64decode(copied).decode() for copied in _COPIED.findall(written)]
        assert may_copy or not copies
        written = _OURS.sub("", _COPIED.sub("", written)).replace("\r\n", "\n")
        for text in (written, *copies):
            found = _FOREIGN.search(text)
            assert found is None, (hex(ord(found[0])), text[max(0, found.start() - 100) :][:200])
        assert "hacked" not in copies


@contextmanager
def opened(program: Program, *words: str) -> Iterator[Screen]:
    """The interface on a terminal."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    env = program.environment(HELPDESK_NOW=LATER, TERM="xterm-256color", COLORTERM="truecolor", EDITOR="true")
    child = subprocess.Popen(
        program.command(*words), stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT, env=env, start_new_session=True
    )
    os.close(theirs)
    screen = Screen(ours, child)
    try:
        yield screen
    finally:
        screen.close()


@pytest.fixture
def cursed(_cursed_store: Path, tmp_path: Path) -> Program:  # noqa: F811
    """The program on a copy of a store in which everything is hostile."""
    store = tmp_path / "store" / "cursed.db"
    store.parent.mkdir(mode=0o700)
    copy_store(_cursed_store, store)
    # what no command lets in, for the day on which one does
    sql(store, "UPDATE customer SET name = name || char(27) || ']52;c;aGFja2Vk' || char(7) || '[@click=app.quit]x[/]'")
    sql(store, "UPDATE ticket SET state = 'open', closed_at = NULL WHERE number = 4")
    return Program(tmp_path / "home", store)


def events(program: Program) -> list[tuple[object, ...]]:
    return sql(program.store, "SELECT id, kind FROM event ORDER BY id")


PLACES = {
    "queue": ["", "\x1b[B", "\x1b[B", "/卡密\x1b"],
    "ticket": ["\r", "g", "\x1b[6~"],
    "why": ["w"],
    "answer": ["\r", "a"],
    "knowledge": ["K", "/cursed\r", "\x1b[B"],
    "article": ["K", "/cursed\r", "e"],
    "gaps": ["K", "g"],
    "today": ["D"],
    "new ticket": ["N", "\x1b[200~[@click=app.quit]x[/] \x1b]52;c;aGFja2Vk\x07 [/dev/usb]\x1b[201~"],
    "help": ["?"],
    "palette": ["\x10"],
    "command": [":", "show 2\r"],
    "set": ["="],
    "snooze": ["z"],
}

SIGNS = {
    "queue": "Queue",
    "ticket": "Ticket #",
    "why": "Why?",
    "answer": "Answer to #",
    "knowledge": "Knowledge base",
    "article": "Article",
    "gaps": "Gaps",
    "today": "Today",
    "new ticket": "New ticket",
    "help": "Keys",
    "palette": "All actions",
    "command": "→ done",
    "set": "Set fields of",
    "snooze": "Put #",
}
"""What stands on a screen as long as nobody left it."""
