"""Finding what was thrown away while nobody types, so that no key waits for the collector.

Of what a frame leaves behind nearly all is freed at once, because no strip is kept in itself (`tui/strips.py`). What is
left for the collector is little: a screen that was left, a task that ended. By itself it would look for it amid a key.
"""

from __future__ import annotations

import gc
import time

REST = 1.0
"""Seconds without a key after which it is time to tidy up."""

WORTH = 2_000
"""Objects more than there were at the last tidying from which on that is worth its while: some hundred kilobytes."""

MOST = 30_000
"""Objects more after which it is done though somebody types on and on: some megabytes."""


class Tidying:
    """The collector of one program, from the moment its first screen is there; while it starts nobody looks at all."""

    def __init__(self) -> None:
        self._begun = False
        self._typed_at = 0.0

    def begin(self) -> None:
        """From now on; what is there already stays for good, and is not looked through again."""
        gc.collect()
        gc.freeze()
        gc.set_threshold(MOST, 1_000, 1_000)
        self._begun = True

    def typed(self) -> None:
        """A key came: what is to be done is put off."""
        self._typed_at = time.monotonic()

    def look(self) -> None:
        """Tidy up if it is worth it and nobody types."""
        if self._begun and gc.get_count()[0] > WORTH and time.monotonic() - self._typed_at > REST:
            gc.collect()
