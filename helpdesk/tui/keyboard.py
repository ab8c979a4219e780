"""One key after another: a key acts on what the key before it led to.

Textual hands a key to the focused widget and goes on at once. Where many arrive together, over a slow line or from a
fast typist, the second would still go where the first came from: in `/spam` the `s` would mark a ticket as spam.
"""

from __future__ import annotations

import time
from collections import deque
from typing import Any

from textual import events
from textual.app import App, ReturnType
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget

LONGEST_WAY = 1.0
"""Seconds after which a key is no longer waited for, whatever became of it."""


LEAVING = "ctrl+q"


class KeyPassed(Message):
    """Follows a key along its way through the widgets, then what the key made the first of them tell the others."""

    def __init__(self, turn: int, target: Widget | Screen[Any], rounds: int = 2) -> None:
        super().__init__()
        self.turn, self.target, self.rounds = turn, target, rounds


class OneKeyAtATime(App[ReturnType]):
    """An application in which keys and pasted texts are dealt with in the order they came."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: deque[events.Key | events.Paste] = deque()
        self._turn = 0
        self._under_way: float | None = None
        self._held = False
        self._deaf = False
        self._watched = False

    async def on_event(self, event: events.Event) -> None:
        """Let a key wait for the one before it; only leaving the program is never put off."""
        if (
            not isinstance(event, events.Key | events.Paste)
            or event.is_forwarded
            or (isinstance(event, events.Key) and event.key == LEAVING)
        ):
            await super().on_event(event)
        elif not self._deaf:
            self._waiting.append(event)
            self._watch_over()
            await self._go_on()

    def hold_keys(self) -> None:
        """Let keys wait until `free_keys`: something is being done, and what comes after it is not there yet."""
        self._held = True

    def drop_keys(self) -> None:
        """From now on until `free_keys` nothing that is typed is kept: it is said that one has to wait."""
        self._deaf = True

    def free_keys(self) -> None:
        """Deal with the keys that waited, on the screen that is there now or is just being opened."""
        self._held = self._deaf = False
        self.call_later(self._go_on)

    def arrived(self) -> None:
        """Another screen is there: what followed the key may have gone with the one before."""
        self.call_later(self._next_key, self._turn)

    async def _go_on(self) -> None:
        if self._waiting and not self._held and self._under_way is None and self._is_there():
            await self._pass(self._waiting.popleft())

    def _is_there(self) -> bool:
        """Whether the screen has widgets to type into."""
        return getattr(self.screen, "is_there", True)

    async def _pass(self, event: events.Key | events.Paste) -> None:
        self._turn += 1
        self._under_way = time.monotonic()
        target = self.focused or self.screen
        await super().on_event(event)
        self._follow(KeyPassed(self._turn, target))

    def _follow(self, message: KeyPassed) -> None:
        if not message.target.post_message(message):
            self.call_later(self._next_key, message.turn)

    def on_key_passed(self, message: KeyPassed) -> None:
        """Follow once more; then the focus that was asked for is set, and the next key may come."""
        if message.rounds > 1:
            self._follow(KeyPassed(message.turn, message.target, message.rounds - 1))
        else:
            self.call_later(self._next_key, message.turn)

    async def _next_key(self, turn: int) -> None:
        if turn == self._turn:
            self._under_way = None
            await self._go_on()

    def _watch_over(self) -> None:
        if self._under_way is not None and not self._watched:
            self._watched = True
            self.set_timer(LONGEST_WAY, self._stir)

    async def _stir(self) -> None:
        """Go on although a key did not come back."""
        self._watched = False
        if self._under_way is not None and time.monotonic() - self._under_way >= LONGEST_WAY:
            await self._next_key(self._turn)
        if self._waiting:
            self._watch_over()
