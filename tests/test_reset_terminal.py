"""After `kill -9` a full-screen program leaves the terminal in disorder; `reset-terminal` gives the line back."""

from __future__ import annotations

import os
import pty
import subprocess
import termios
import tty
from collections.abc import Iterator

import pytest
from conftest import ROOT, Program, Run

from helpdesk.commands.terminal import SEQUENCES


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """The two ends of a pseudo-terminal: ours, and the one a program sees."""
    ours, theirs = pty.openpty()
    yield ours, theirs
    os.close(ours)
    os.close(theirs)


def reset_on(program: Program, theirs: int, **pipes: int) -> subprocess.CompletedProcess[bytes]:
    streams = {"stdin": theirs, "stdout": theirs, "stderr": theirs} | pipes
    return subprocess.run(
        program.command("reset-terminal"), cwd=ROOT, env=program.environment(), timeout=60, check=False, **streams
    )


def flags(theirs: int) -> tuple[int, int, int]:
    """The flags of input, output and line discipline that make a line usable."""
    attributes = termios.tcgetattr(theirs)
    return (
        attributes[0] & (termios.ICRNL | termios.IXON),
        attributes[1] & (termios.OPOST | termios.ONLCR),
        attributes[3] & (termios.ECHO | termios.ICANON | termios.ISIG | termios.IEXTEN),
    )


def test_a_line_left_raw_echoes_and_ends_at_return_again(program, terminal):
    ours, theirs = terminal
    sane = flags(theirs)
    tty.setraw(theirs)
    assert flags(theirs) != sane
    assert reset_on(program, theirs).returncode == 0
    assert flags(theirs) == sane
    os.read(ours, 65536)
    os.write(ours, b"hello\r")
    assert os.read(theirs, 100) == b"hello\n"
    assert os.read(ours, 100) == b"hello\r\n"


def test_it_takes_back_every_mode_a_full_screen_program_sets(program, terminal):
    ours, theirs = terminal
    assert reset_on(program, theirs).returncode == 0
    written = os.read(ours, 65536).decode()
    for mode in (1000, 1002, 1003, 1006, 1015, 1004, 2004, 2026, 2048, 1049):
        assert f"\x1b[?{mode}l" in written
    for sequence in ("\x1b[<u", "\x1b[?25h", "\x1b[?7h", "\x1b[0m"):
        assert sequence in written
    assert written.index("\x1b[<u") < written.index("\x1b[?1049l"), "the keyboard before the screen"


def test_a_terminal_in_order_stays_as_it_is(program, terminal):
    _ours, theirs = terminal
    before = termios.tcgetattr(theirs)
    assert reset_on(program, theirs).returncode == 0
    after = termios.tcgetattr(theirs)
    assert after[1:6] == before[1:6]


def test_it_reaches_the_terminal_when_its_output_is_caught(program, terminal):
    ours, theirs = terminal
    done = reset_on(program, theirs, stdout=subprocess.PIPE)
    assert done.returncode == 0
    assert done.stdout == b""
    assert "".join(SEQUENCES).encode() in os.read(ours, 65536)


def test_without_a_terminal_it_says_so_and_writes_nothing(program):
    done = subprocess.run(
        program.command("reset-terminal"),
        cwd=ROOT,
        env=program.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        start_new_session=True,  # no terminal to be found at /dev/tty either
        timeout=60,
        check=False,
    )
    assert done.returncode == 0
    assert done.stdout == b""
    assert b"no terminal" in done.stderr


def test_it_needs_no_store(run: Run, program, terminal):
    _ours, theirs = terminal
    assert reset_on(program, theirs).returncode == 0
    assert not run.store.exists()
