"""A store in which everything is hostile, on a real terminal: on every screen it is text, wherever one clicks."""

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
from conftest import ROOT, Program, Run, copy_store, sql
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


@pytest.mark.parametrize("place", PLACES)
def test_a_hostile_ticket_is_only_text_on_every_screen(cursed: Program, place: str) -> None:
    before = events(cursed)
    with opened(cursed) as screen:
        screen.until("卡密")
        screen.settle()
        for keys in PLACES[place]:
            screen.press(keys)
        screen.assert_harmless()
        assert screen.runs, screen.written[-2000:]
    assert events(cursed) == before


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


@pytest.mark.parametrize("place", SIGNS)
def test_every_cell_can_be_clicked_and_nothing_hostile_acts(cursed: Program, place: str) -> None:
    before = events(cursed)
    with opened(cursed) as screen:
        screen.until("卡密")
        for keys in PLACES[place]:
            screen.press(keys)
        screen.click_everything()
        assert screen.still_shows(SIGNS[place])
        screen.assert_harmless()
        assert screen.runs, screen.written[-2000:]
    assert events(cursed) == before


@pytest.mark.parametrize("place", SIGNS)
def test_every_cell_of_the_foot_can_be_clicked_and_of_whatever_opens_there(cursed: Program, place: str) -> None:
    with opened(cursed) as screen:
        screen.until("卡密")
        for keys in PLACES[place]:
            screen.press(keys)
        for x in range(1, COLUMNS + 1):
            screen.click(x, LINES)
            assert screen.runs, (x, screen.said_last())
        screen.assert_harmless(may_copy=True)
    assert Run(cursed.store).json("list", now=LATER)


SIMPLE_BUTTONS = 8
"""Lines at the foot of a customer in simple mode that are buttons."""


def test_every_cell_of_a_customer_in_simple_mode_can_be_clicked(cursed: Program) -> None:
    before = events(cursed)
    with opened(cursed, "--simple") as screen:
        screen.until("Next customer")
        screen.press("1")
        for _customer in range(2):
            screen.click_everything(LINES - SIMPLE_BUTTONS)
            screen.press("\x1b[B5")
        assert screen.still_shows("Next customer")
        screen.assert_harmless()
        assert screen.runs
    assert events(cursed) == before


@pytest.mark.parametrize("opening", ["", "1"], ids=["home", "customer"])
def test_the_buttons_of_simple_mode_can_be_clicked_in_every_cell(cursed: Program, opening: str) -> None:
    with opened(cursed, "--simple") as screen:
        screen.until("Next customer")
        screen.press(opening)
        for y in range(LINES - SIMPLE_BUTTONS, LINES + 1):
            for x in range(1, COLUMNS + 1):
                if screen.runs:  # one of them is Quit
                    screen.click(x, y)
        screen.assert_harmless(may_copy=True)
        assert screen.runs or screen.ended(patience=10) == 0, screen.written[-2000:]


def test_simple_mode_shows_a_hostile_ticket_as_text(cursed: Program) -> None:
    before = events(cursed)
    with opened(cursed, "--simple") as screen:
        screen.until("Next customer")
        for keys in ("1", "2", "5", "2", "5", "3", "\x1b"):
            screen.press(keys)
        screen.assert_harmless()
        assert screen.runs
    assert events(cursed) == before


def test_a_terminal_that_vanishes_without_a_signal_ends_the_program_and_the_draft_stays(cursed: Program) -> None:
    with opened(cursed) as screen:  # no controlling terminal, as under a supervisor or in a container
        screen.until("卡密")
        for keys in ("\r", "r", "half an answer"):
            screen.press(keys)
        screen.settle(1.5, 1.5)
        screen.vanish()
        assert screen.ended(patience=20) == -signal.SIGHUP
    assert [body for (body,) in sql(cursed.store, "SELECT body FROM draft")] == ["half an answer"]


def test_the_terminal_is_restored_after_kill_9(cursed: Program, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    sane = termios.tcgetattr(theirs)
    env = cursed.environment(TERM="xterm-256color")
    child = subprocess.Popen(cursed.command(), stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT, env=env)
    try:
        screen = Screen(ours, child)
        screen.until("卡密")
        child.kill()
        child.wait()
        assert termios.tcgetattr(theirs)[3] != sane[3]
        done = subprocess.run(
            cursed.command("reset-terminal"), stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT, env=env, timeout=60
        )
        assert done.returncode == 0
        assert termios.tcgetattr(theirs)[3] & sane[3] == sane[3]
        screen.settle()
        assert screen.written.rindex(b"\x1b[?1049l") > screen.written.rindex(b"\x1b[?1049h")
    finally:
        os.close(theirs)
        os.close(ours)


def test_the_program_itself_still_finds_the_tickets(cursed: Program) -> None:
    assert Run(cursed.store).json("list", now=LATER)
