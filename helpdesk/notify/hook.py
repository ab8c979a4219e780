"""The exec hook: a program of the user's, started once for each notification, without a shell."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from helpdesk.i18n import _
from helpdesk.notify.senders import Notification, NotSent
from helpdesk.text import json_safe

PATH = "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True, slots=True)
class Hook:
    """Starts `command` and writes one line to its stdin, a JSON object; exit 0 within `timeout` seconds means sent.

    Its environment is PATH, HOME, LANG (C.UTF-8) and `env`; its folder is HOME. What it prints goes nowhere.
    """

    name: str
    command: tuple[str, ...] = field(repr=False)
    timeout: float = 30
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    together: bool = False

    def send(self, notifications: Sequence[Notification]) -> None:
        """Start it for each; the first failure is NotSent."""
        for notification in notifications:
            failure = self._failure(as_json(notification))
            if failure:
                raise NotSent(self.name, failure)

    def _failure(self, line: str) -> str:
        """Why it did not take a line; empty when it did."""
        home = str(Path.home())
        try:
            process = subprocess.Popen(
                self.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=home if os.access(home, os.X_OK) else "/",
                env={"PATH": PATH, "HOME": home, "LANG": "C.UTF-8", **self.env},
                start_new_session=True,  # so that whatever it starts can be ended with it
            )
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else None
            return _("the program cannot be started ({reason})").format(reason=reason or type(error).__name__)
        try:
            process.communicate(line.encode(), timeout=self.timeout)
        except subprocess.TimeoutExpired:
            return _("the program did not end within {seconds:g} s").format(seconds=self.timeout)
        finally:
            _end(process)
        if process.returncode < 0:
            return _("the program was ended by signal {number}").format(number=-process.returncode)
        return (
            _("the program ended with exit code {code}").format(code=process.returncode) if process.returncode else ""
        )


def as_json(notification: Notification) -> str:
    """The line a hook reads: ASCII controls, C1 and direction characters only as escapes, one line break at its end."""
    document = {
        "key": notification.key,
        "title": notification.title,
        "text": notification.text,
        "facts": dict(notification.facts),
    }
    return json_safe(json.dumps(document, ensure_ascii=False)) + "\n"


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.stdin is not None:
        with suppress(OSError):
            process.stdin.close()
