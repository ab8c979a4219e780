"""The terminal interface in tests: driven in this process, looked at as plain text."""

from __future__ import annotations

import asyncio
import difflib
import os
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest
from conftest import NOW
from textual import events
from textual.pilot import Pilot
from textual.worker import WorkerCancelled

from helpdesk import i18n
from helpdesk.store import Store
from helpdesk.tui.app import HelpdeskApp

SNAPSHOTS = Path(__file__).parent / "snapshots"

Play = Callable[["Stage"], Awaitable[None]]


class Stage:
    """A running interface, and the hands on it."""

    def __init__(self, app: HelpdeskApp, pilot: Pilot[int]) -> None:
        self.app, self.pilot = app, pilot
        self.told: list[str] = []
        """The sentences said at the foot of the screen so far, oldest first; only the last is still to be seen."""
        say = app.say

        def heard(sentence: str, wrong: bool = False) -> None:
            if sentence:
                self.told.append(sentence)
            say(sentence, wrong)

        app.say = heard  # type: ignore[method-assign]

    async def settle(self) -> None:
        """Wait until nothing is being read, written or drawn."""
        for _round in range(2):
            await self.pilot.pause(0.07)
            await asyncio.wrap_future(self.app.office.act(lambda _desk: None))
            with suppress(WorkerCancelled):  # a newer reading took its place
                await self.app.workers.wait_for_complete()
            await self.pilot.pause()

    async def until(self, happened: Callable[[], bool], seconds: float = 10) -> None:
        """Wait for something the screen does by itself each second; the test goes on, to fail, when it never does."""
        deadline = time.monotonic() + seconds
        while not happened() and time.monotonic() < deadline:
            await self.pilot.pause(0.1)
        await self.settle()

    async def press(self, *keys: str) -> None:
        """Press keys, and wait for what comes of them."""
        for key in keys:
            await self.pilot.press(key)
        await self.settle()

    async def type(self, text: str) -> None:
        """Type a text where the cursor is."""
        for letter in text:
            key = {" ": "space", "\n": "enter"}.get(letter, letter)
            self.app.post_message(events.Key(key, letter))
            await self.pilot.pause()
        await self.settle()

    def text(self) -> str:
        """The screen as it would be copied from a terminal."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips) + "\n"


def perform(store: Path, play: Play, size: tuple[int, int] = (120, 40), lang: str = "en") -> None:
    """Open the interface on a store without a terminal, and act a play on it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HELPDESK_NOW", os.environ.get("HELPDESK_NOW", NOW))
        patch.setenv("HELPDESK_USER", os.environ.get("HELPDESK_USER", "tester"))
        before = i18n.language()
        i18n.speak(lang)
        try:
            asyncio.run(_perform(store, play, size))
        finally:
            i18n.speak(before)


async def _perform(store: Path, play: Play, size: tuple[int, int]) -> None:
    app = HelpdeskApp(Store(store), verbs=lambda: ("list", "show"))
    try:
        async with app.run_test(size=size) as pilot:
            stage = Stage(app, pilot)
            await stage.settle()
            await play(stage)
    finally:
        app.office.close()


def assert_looks_like(name: str, text: str) -> None:
    """Compare a screen with its snapshot; SNAPSHOTS=write makes the present one the snapshot."""
    file = SNAPSHOTS / f"{name}.txt"
    if os.environ.get("SNAPSHOTS") == "write":
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    expected = file.read_text(encoding="utf-8")
    if text != expected:
        changed = difflib.unified_diff(expected.splitlines(), text.splitlines(), "snapshot", "now", lineterm="")
        pytest.fail(
            f"{name} looks different; if that is right, run again with SNAPSHOTS=write\n" + "\n".join(changed),
            pytrace=False,
        )
