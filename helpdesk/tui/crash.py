"""What happens when the screen meets an error nobody foresaw: a private, masked file, one sentence, exit 1.

Textual's own crash screen prints local variables, among them what customers wrote; ours never does.
"""

from __future__ import annotations

import os
import re
import traceback
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from rich.text import Text
from textual.app import App
from textual.worker import WorkerFailed

import helpdesk
from helpdesk import clock, config
from helpdesk.errors import ExitCode, HelpdeskError
from helpdesk.i18n import _
from helpdesk.text import one_line, safe

LONGEST_MESSAGE = 400
"""Characters of an error's own words that are kept; it may quote what a customer wrote."""

_QUOTED = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|[^\x00-\x7f]+")


def sentence_of(error: BaseException) -> tuple[str, int]:
    """What to tell the user of an error, and the exit code; an unforeseen one is kept in a file first."""
    error = cause_of(error)
    if isinstance(error, HelpdeskError):
        return str(error), error.exit_code
    try:
        kept: Path | None = keep(error, config.state_folder(), clock.now())
    except OSError:
        kept = None
    kind = type(error).__name__
    if kept is None:
        said = _("Something unexpected happened ({kind}), and no report of it could be written.").format(kind=kind)
    else:
        said = _(
            "Something unexpected happened ({kind}); please report it with the file {path}, "
            "which quotes nothing your customers wrote."
        ).format(kind=kind, path=kept)
    return said, ExitCode.UNEXPECTED


def cause_of(error: BaseException) -> BaseException:
    """The error itself where a worker only wraps it."""
    return error.error if isinstance(error, WorkerFailed) else error


def keep(error: BaseException, folder: Path, at: datetime) -> Path:
    """Write what a developer needs to know of an error into a new file that only its owner may read."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"crash-{at:%Y%m%d-%H%M%S}-{os.getpid()}.txt"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.fchmod(descriptor, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(report(error))
    return path


def report(error: BaseException) -> str:
    """The error with the places it came through: no local variables, and of its own words nothing of a customer's."""
    return f"helpdesk {helpdesk.__version__}\n" + "".join(_told(traceback.TracebackException.from_exception(error)))


def _told(error: traceback.TracebackException) -> Iterator[str]:
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _told(before)
        yield "\nthen\n"
    yield from error.stack.format()
    yield f"{_kind(error)}: {impersonal(str(error))}\n"


def _kind(error: traceback.TracebackException) -> str:
    return error.exc_type.__qualname__ if error.exc_type else "Error"


def impersonal(words: str) -> str:
    """An error's words on one line, cut, without what it quotes: keys, numbers, addresses, anything not in English."""
    from helpdesk.classify import identifiers  # an error is rare, the lexicon behind it is dear
    from helpdesk.kb.wording import without_keys, without_numbers

    words = identifiers.mask(words[: LONGEST_MESSAGE * 4])
    words = identifiers.replaced(words, lambda one: f"{{{one.kind}}}")
    words = without_numbers(without_keys(words, "{card_key}"))
    return one_line(_QUOTED.sub("…", safe(words)), LONGEST_MESSAGE)


class CrashKept(App[int]):
    """An app that ends on an error with one sentence, and with a file where nobody foresaw it."""

    _sentence = ""

    def _handle_exception(self, error: Exception) -> None:
        first = self._exception is None
        if first:
            self._exception = error
            self._exception_event.set()
            self._sentence, self._return_code = sentence_of(error)
        told = [self._sentence, *([report(error)] if os.environ.get("HELPDESK_DEBUG") else [])]
        self._exit_renderables[:] = [Text(safe("\n".join(told)))]
        self._close_messages_no_wait()
