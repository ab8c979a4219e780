"""A store in which everything is hostile, on a real terminal: on every screen it is text."""
# ruff: noqa: F811 - fixtures are imported by name

from __future__ import annotations

import os
import pty
import signal
import struct
import subprocess
import termios
from fcntl import ioctl
from pathlib import Path

import pytest
from conftest import ROOT, Program, Run, sql
from hostile_terminal import COLUMNS, LATER, LINES, PLACES, Screen, cursed, events, opened  # noqa: F401 - a fixture
from test_hostile_text import _cursed_store  # noqa: F401 - a fixture


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
