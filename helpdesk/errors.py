"""What can go wrong, each with its exit code and one sentence that says what to do next."""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """The promise of design §4: what a script may read from `$?`."""

    DONE = 0
    UNEXPECTED = 1
    USAGE = 2
    PARTIAL = 3
    NOT_FOUND = 4
    NOT_ALLOWED = 5
    CONFLICT = 6
    STORE = 7
    FOUND = 10
    INTERRUPTED = 130


class HelpdeskError(Exception):
    """An error the user can act on; `str(error)` is the whole sentence, in the user's language."""

    exit_code: ClassVar[ExitCode] = ExitCode.UNEXPECTED
    code: ClassVar[str] = "unexpected"


class UsageProblem(HelpdeskError):
    """The words of the command do not make sense together."""

    exit_code = ExitCode.USAGE
    code = "usage"


class NotFound(HelpdeskError):
    """Nothing in the store has that number, id or name."""

    exit_code = ExitCode.NOT_FOUND
    code = "not_found"


class NotAllowed(HelpdeskError):
    """The state of the ticket, or what the match permits, does not allow this."""

    exit_code = ExitCode.NOT_ALLOWED
    code = "not_allowed"


class Conflict(HelpdeskError):
    """Somebody else changed it meanwhile."""

    exit_code = ExitCode.CONFLICT
    code = "conflict"


class StoreUnusable(HelpdeskError):
    """The store is locked, full, read-only, damaged or newer than this program."""

    exit_code = ExitCode.STORE
    code = "store"
