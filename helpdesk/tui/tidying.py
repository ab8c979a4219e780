"""Finding what was thrown away while nobody types: each line Textual draws leaves a cycle only the collector frees.

Left to itself the collector would look through all that lives in the midst of a key, and a key would wait for it.
"""

from __future__ import annotations

import asyncio
import gc

LULL = 0.05
"""Seconds without a key after which it is time to tidy up."""

WORTH = 2
"""Passes over what is young since the last over everything, from which on that is worth its while: about a megabyte."""

MOST = 8
"""Passes after which it is done though somebody types on and on."""


class Tidying:
    """The collector of one program, from the moment its first screen is there; while it starts nobody looks at all."""

    def __init__(self) -> None:
        self._lull: asyncio.TimerHandle | None = None
        self._begun = False

    def begin(self) -> None:
        """From now on; what is there already stays for good, and is not looked through again."""
        gc.collect()
        gc.freeze()
        gc.collect()  # tells the collector how little is left
        gc.set_threshold(1_000, 5, 1_000_000)  # over everything only by `tidy`
        self._begun = True

    def typed(self) -> None:
        """A key came: put off what is to be done until no other comes."""
        if self._begun:
            if self._lull is not None:
                self._lull.cancel()
            self._lull = asyncio.get_running_loop().call_later(LULL, self.tidy)
            self._tidy_from(MOST)

    def tidy(self) -> None:
        """Find what was thrown away, if it is enough."""
        if self._begun:
            self._lull = None
            self._tidy_from(WORTH)

    def look(self) -> None:
        """Tidy up unless somebody types: others' doings are drawn too."""
        if self._lull is None:
            self.tidy()

    def _tidy_from(self, passes: int) -> None:
        if gc.get_count()[2] >= passes:
            gc.collect()
