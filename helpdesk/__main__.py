"""The `helpdesk` script and `python -m helpdesk`.

A read lives a tenth of a second, most of it imports: collecting cycles meanwhile, and taking every module apart at the
end, would be a tenth of that for nothing.
"""

import gc
import os
import sys
from collections.abc import Iterator
from typing import Any

from helpdesk.tui import has_terminal

gc.set_threshold(100_000)


def main() -> None:
    """Run the command line, or the interface where nothing but `helpdesk` was typed, and end the process."""
    sys.unraisablehook = _lose_no_interrupt
    if sys.stdout is None:  # the caller closed it
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - for the rest of this life
    try:
        if len(sys.argv) == 1 and has_terminal():
            sys.exit(_interface())
        from helpdesk.cli import app

        app()
    except SystemExit as end:
        sys.stdout.flush()
        if sys.stderr is not None:
            sys.stderr.flush()
        os._exit(end.code if isinstance(end.code, int) else 0)


def _lose_no_interrupt(unraisable: Any) -> None:
    """Say what Python can raise nowhere; a Ctrl+C that came in the midst of freeing something comes again."""
    if not issubclass(unraisable.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(unraisable)
        return

    from signal import SIGINT, pthread_kill
    from threading import Timer, main_thread

    # a moment later: from in here it would be lost like the first
    Timer(0.01, pthread_kill, (main_thread().ident, SIGINT)).start()


def _interface() -> int:
    """What `helpdesk` alone does; the option parser would be a fifth of its start for nothing."""
    from helpdesk import config, i18n
    from helpdesk.errors import HelpdeskError
    from helpdesk.text import safe
    from helpdesk.tui import screen_settings
    from helpdesk.tui.app import run

    i18n.speak(i18n.choose())
    try:
        screen_settings.speak(None, screen_settings.chosen())
        return run(config.store_path(), _verbs)
    except HelpdeskError as error:
        sys.stderr.write(safe(str(error)) + "\n")
        return error.exit_code


def _verbs() -> Iterator[str]:
    from helpdesk.cli import verbs

    return verbs()


if __name__ == "__main__":
    main()
