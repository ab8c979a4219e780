"""The terminal interface: draws what views/ reads and asks desk/ for what is done. No rule, no SQL."""

import sys


def has_terminal() -> bool:
    """Whether a person sits before all three streams, so that the interface can be opened."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))
