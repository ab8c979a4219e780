"""A program on a pseudo-terminal that answers like a modern one, watched from the outside."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from fcntl import ioctl
from pathlib import Path
from types import TracebackType

SIZE = (120, 40)
"""Columns and lines, the size most of the design is drawn for."""

FRAME_END = b"\x1b[?2026l"
"""What ends a frame where the terminal says that it shows frames as a whole (synchronized output)."""

_ASKS_FOR_FRAMES = b"\x1b[?2026$p"
_SAYS_YES = b"\x1b[?2026;2$y"
_SEQUENCE = re.compile(rb"\x1b(?:\[[0-9;?<>=$]*[@-~]|[()].|.)")
DOWN, ESCAPE, CLEAR = b"\x1b[B", b"\x1b", b"\x15"


class Terminal:
    """One program, started at `begun`; ended when the block ends."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], size: tuple[int, int] = SIZE) -> None:
        self._ours, theirs = pty.openpty()
        ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.begun = time.perf_counter()
        self._child = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=dict(env) | {"TERM": "xterm-256color"},
            start_new_session=True, close_fds=True,
        )  # fmt: skip
        os.close(theirs)
        self.written = bytearray()
        self.frames: list[float] = []
        """The moments whole frames came, in seconds."""

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._child.send_signal(signal.SIGKILL)
        self._child.wait()
        os.close(self._ours)

    def press(self, keys: bytes | str) -> float:
        """Type; the moment it was typed, in seconds."""
        pressed = time.perf_counter()
        os.write(self._ours, keys.encode() if isinstance(keys, str) else keys)
        return pressed

    def until_shown(self, sign: str, since: int = 0, patience: float = 60) -> float:
        """The moment `sign` was among what was written after place `since`."""
        wanted, deadline = sign.encode(), time.perf_counter() + patience
        while wanted not in _SEQUENCE.sub(b"", bytes(self.written[since:])):
            self._read(deadline - time.perf_counter(), f"{sign!r} was never shown")
        return time.perf_counter()

    def until_frame(self, since: int) -> float:
        """The moment the first frame written after place `since` ended."""
        while self.written.find(FRAME_END, since) < 0:
            self._read(10, "no frame was drawn")
        return time.perf_counter()

    def settle(self, quiet: float = 0.05, patience: float = 5) -> None:
        """Wait until nothing was written for `quiet` seconds; a clock that is always drawn ends the wait too."""
        deadline = time.perf_counter() + patience
        while time.perf_counter() < deadline and select.select([self._ours], [], [], quiet)[0]:
            self._read(quiet, "")

    def watch(self, until: float) -> None:
        """Read what is written until a moment."""
        while (left := until - time.perf_counter()) > 0 and select.select([self._ours], [], [], left)[0]:
            self._read(left, "")

    def peak_memory(self) -> int:
        """The most memory the program ever held, in bytes."""
        status = Path(f"/proc/{self._child.pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) * 1024

    def _read(self, patience: float, complaint: str) -> None:
        if patience <= 0 or not select.select([self._ours], [], [], patience)[0]:
            raise TimeoutError(f"{complaint}; the last of it: {bytes(self.written[-2000:])!r}")
        piece = os.read(self._ours, 1 << 16)
        self.written += piece
        self.frames += [time.perf_counter()] * piece.count(FRAME_END)
        if _ASKS_FOR_FRAMES in piece:
            os.write(self._ours, _SAYS_YES)
