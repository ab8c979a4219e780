"""A terminal that is gone: who lost it is hung up on, whether the system says so or not.

A lost SSH line raises SIGHUP only in whoever has the terminal as controlling one; in a container, under a supervisor or
below another program nobody is told, and Textual would read the end of its input again and again, with all of a core.
"""

from __future__ import annotations

import select
import signal

STDIN = 0


def is_hung_up(descriptor: int = STDIN) -> bool:
    """Whether nobody holds the other end of a terminal any more."""
    watch = select.poll()
    watch.register(descriptor, 0)
    return any(event & select.POLLHUP for _descriptor, event in watch.poll(0))


def hang_up() -> None:
    """End as SIGHUP ends a program: at once. Every deed is whole in the store or not at all, drafts are kept."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    signal.raise_signal(signal.SIGHUP)
