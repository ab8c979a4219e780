"""The command line inside the interface: any helpdesk command, run as a program of its own, and what it printed."""

from __future__ import annotations

import os
import pty
import select
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.suggester import SuggestFromList
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from helpdesk import i18n, words
from helpdesk.errors import ExitCode
from helpdesk.i18n import N_, _
from helpdesk.text import one_line
from helpdesk.tui.drawing import plain
from helpdesk.tui.frame import DeskModal
from helpdesk.tui.messages import CommandRan

LONGEST_RUN = 600.0
"""Seconds after which a command is ended."""

MOST_PRINTED = 400_000
"""Bytes of a command's output that are kept."""


ENDS = {
    ExitCode.DONE: N_("done"),
    ExitCode.UNEXPECTED: N_("something unexpected happened"),
    ExitCode.USAGE: N_("the command is not understood"),
    ExitCode.PARTIAL: N_("done in part"),
    ExitCode.NOT_FOUND: N_("not found"),
    ExitCode.NOT_ALLOWED: N_("not allowed in this state"),
    ExitCode.CONFLICT: N_("somebody else changed it meanwhile"),
    ExitCode.STORE: N_("the store cannot be used"),
    ExitCode.FOUND: N_("something was found"),
    ExitCode.INTERRUPTED: N_("interrupted"),
}
"""What the exit codes say."""

OPENING = ("tui", "helpdesk", "--simple")
"""What would open the interface once more."""


class Ran(NamedTuple):
    """What a command printed, and its exit code."""

    printed: str
    exit_code: int


def ended(exit_code: int) -> str:
    """How a command ended."""
    if exit_code == ExitCode.DONE:
        return _(ENDS[ExitCode.DONE])
    known = exit_code if exit_code in ENDS else ExitCode.UNEXPECTED
    told = _(ENDS[ExitCode(known)])
    return _("exit {code}: {told}").format(code=exit_code, told=told)


class CommandLine(DeskModal[None]):
    """A line for a command at the foot of the screen that was there; its output stands above until the line is left."""

    BINDINGS: ClassVar[list[Any]] = [
        Binding("escape", "leave", N_("Back"), show=False),
        Binding("up", "recall(-1)", show=False),
        Binding("down", "recall(1)", show=False),
        Binding("pageup", "scroll(-1)", show=False, priority=True),
        Binding("pagedown", "scroll(1)", show=False, priority=True),
    ]
    _typed: ClassVar[list[str]] = []
    """What was run before, oldest first."""

    def __init__(self, verbs: Sequence[str], begin: str = "") -> None:
        super().__init__()
        self._verbs, self._begin = verbs, begin
        self._at = len(self._typed)

    def compose(self) -> ComposeResult:
        """The output above, the line below."""
        with Vertical(id="command"):
            with VerticalScroll(id="printed", can_focus=False):
                yield Static(markup=False)
            yield Static(
                Text(_("Type a helpdesk command without `helpdesk`, such as: list state:open")),
                classes="hint",
                id="ended",
                markup=False,
            )
            with Horizontal(id="command-row"):
                yield Static(" : ", id="command-sign", markup=False)
                yield Input(
                    self._begin,
                    suggester=SuggestFromList(self._verbs, case_sensitive=True),
                    select_on_focus=False,
                    compact=True,
                    id="line",
                )

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Run it."""
        typed = event.value.strip().removeprefix("helpdesk ").strip()
        if not typed:
            return
        if typed in OPENING:
            self._say(_("The interface is open already; Esc goes back to it."))
            return
        if typed not in self._typed:
            self._typed.append(typed)
        self._at = len(self._typed)
        try:
            given = shlex.split(typed)
        except ValueError:
            self._say(_("A quote is open: close it."))
            return
        event.input.value = ""
        self._say(_("Running: helpdesk {words}").format(words=typed))
        width = max(self.app.size.width - 6, 40)
        store = str(self.helpdesk.office.store.path)
        self.run_worker(lambda: self._run(given, store, width), thread=True, group="command", exclusive=True)

    def _run(self, given: Sequence[str], store: str, width: int) -> None:
        worker = get_current_worker()
        ran = run(given, store, width, lambda: worker.is_cancelled)
        if not worker.is_cancelled:
            self.post_message(CommandRan(" ".join(map(shlex.quote, given)), ran.printed, ran.exit_code))

    def on_command_ran(self, message: CommandRan) -> None:
        """Show what it printed, and how it ended."""
        printed = self.query_one("#printed", VerticalScroll)
        printed.display = bool(message.printed)
        printed.query_one(Static).update(Text(plain(words.shown(message.printed))))
        printed.scroll_home(animate=False)
        self._say(f"helpdesk {message.words} → {ended(message.exit_code)}")
        self.helpdesk.look()

    def _say(self, sentence: str) -> None:
        self.query_one("#ended", Static).update(Text(one_line(plain(sentence), 300)))

    def action_recall(self, by: int) -> None:
        """A command run before, or after."""
        self._at = max(0, min(self._at + by, len(self._typed)))
        line = self.query_one("#line", Input)
        line.value = self._typed[self._at] if self._at < len(self._typed) else ""
        line.cursor_position = len(line.value)

    def action_scroll(self, by: int) -> None:
        """Scroll the output while the line keeps the keys."""
        printed = self.query_one("#printed", VerticalScroll)
        (printed.scroll_page_down if by > 0 else printed.scroll_page_up)(animate=False)

    def action_leave(self) -> None:
        """Back; a command that still runs is ended."""
        self.workers.cancel_group(self, "command")
        self.dismiss(None)


def run(given: Sequence[str], store: str, width: int, is_cancelled: Any) -> Ran:
    """Run a helpdesk command on a terminal of its own that knows no colours and has nobody at its keyboard."""
    ours, theirs = pty.openpty()
    env = os.environ | {
        "TERM": "dumb", "NO_COLOR": "1", "COLUMNS": str(width), "LINES": "50",
        "HELPDESK_DB": store, "HELPDESK_LANG": i18n.language(),
    }  # fmt: skip
    child = subprocess.Popen(
        [sys.executable, "-m", "helpdesk", *given],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env=env,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        printed = _read(ours, child, is_cancelled)
    finally:
        os.close(ours)
        if child.poll() is None:
            child.kill()
    return Ran(printed.decode("utf-8", "replace").replace("\r\n", "\n").rstrip("\n"), child.wait())


def _read(descriptor: int, child: subprocess.Popen[bytes], is_cancelled: Any) -> bytes:
    printed, deadline = bytearray(), time.monotonic() + LONGEST_RUN
    while not is_cancelled() and time.monotonic() < deadline:
        if not select.select([descriptor], [], [], 0.05)[0]:
            if child.poll() is not None:
                break
            continue
        try:
            piece = os.read(descriptor, 65536)
        except OSError:  # the other end is closed: Linux says EIO
            child.wait(timeout=10)
            break
        if not piece:
            break
        if len(printed) < MOST_PRINTED:
            printed += piece
    return bytes(printed)
