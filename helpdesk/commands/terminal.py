"""The terminal as a full-screen program that was killed left it: `reset-terminal`."""

import os
import sys
import termios
from typing import IO

import typer

from helpdesk.commands import output
from helpdesk.commands.front import Front
from helpdesk.i18n import _

SEQUENCES = (
    "\x1b[?2026l",  # output is shown at once again
    "\x1b[<u",  # keys are reported as letters, https://sw.kovidgoyal.net/kitty/keyboard-protocol/
    "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l",  # the mouse is the terminal's again
    "\x1b[?1004l",  # nobody asks for the focus
    "\x1b[?2004l",  # what is pasted comes without brackets
    "\x1b[?2048l",  # a change of size is not written into the input
    "\x1b[?1049l",  # the ordinary screen, with what stood there
    "\x1b[?7h",  # long lines wrap
    "\x1b[?25h",  # the cursor is seen
    "\x1b[0m",  # no colour
)
"""What undoes a full-screen program's settings, in the order a terminal wants it: keys before the screen."""


def reset(ctx: typer.Context) -> None:
    """Restore the terminal this is run on: screen, cursor, mouse, paste, and the line that you type on."""
    front: Front = ctx.obj
    terminal = _terminal()
    if terminal is not None:
        with terminal:
            _make_sane(terminal.fileno())
            terminal.write("".join(SEQUENCES).encode())
    if front.json:
        output.print_json({"restored": terminal is not None})
    if terminal is None:
        front.talk(_("There is no terminal here, so nothing was restored; run it in the one that is in disorder."))
    else:
        front.talk(_("The terminal is itself again."))


def _terminal() -> IO[bytes] | None:
    """The terminal in front of the user: where the output goes, else the one the command was started from."""
    shown = next((stream for stream in (sys.stdout, sys.stderr, sys.stdin) if stream and stream.isatty()), None)
    try:
        descriptor = os.dup(shown.fileno()) if shown else os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return None
    return os.fdopen(descriptor, "r+b", buffering=0)


def _make_sane(descriptor: int) -> None:
    """What `stty sane` sets of the flags a full-screen program clears: echo, lines, signals, newline, Ctrl+S."""
    attributes = termios.tcgetattr(descriptor)
    attributes[0] &= ~(termios.IGNBRK | termios.INLCR | termios.IGNCR | termios.ISTRIP)
    attributes[0] |= termios.BRKINT | termios.ICRNL | termios.IXON
    attributes[1] |= termios.OPOST | termios.ONLCR
    attributes[3] |= termios.ECHO | termios.ECHOE | termios.ECHOK | termios.ICANON | termios.IEXTEN | termios.ISIG
    termios.tcsetattr(descriptor, termios.TCSANOW, attributes)
