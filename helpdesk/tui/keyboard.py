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

LOOK_AGAIN = 0.02
"""Seconds between two looks whether the screen a key went to is still there."""


class KeyPassed(Message):
    """Follows a key along its way through the widgets, then what the key made the first of them tell the others."""

    def __init__(self, target: Widget | Screen[Any], rounds: int = 2) -> None:
        super().__init__()
        self.target, self.rounds = target, rounds


class OneKeyAtATime(App[ReturnType]):
    """An application in which keys and pasted texts are dealt with in the order they came."""

    _under_way: float | None = None
    _target: Widget | Screen[Any] | None = None

    def __init__(self) -> None:
        super().__init__()
        self._waiting: deque[events.Key | events.Paste] = deque()

    async def on_event(self, event: events.Event) -> None:
        """Let a key wait for the one before it."""
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
        elif self._under_way is not None and time.monotonic() - self._under_way < LONGEST_WAY:
            self._waiting.append(event)
            self.set_timer(LOOK_AGAIN, self._stir)
        else:
            await self._pass(event)

    async def _pass(self, event: events.Key | events.Paste) -> None:
        self._under_way = time.monotonic()
        self._target = target = self.focused or self.screen
        await super().on_event(event)
        self._follow(KeyPassed(target))

    def _follow(self, message: KeyPassed) -> None:
        if not message.target.post_message(message):
            self.call_later(self._next_key)

    def on_key_passed(self, message: KeyPassed) -> None:
        """Follow once more; then the focus that was asked for is set, and the next key may come."""
        if message.rounds > 1:
            self._follow(KeyPassed(message.target, message.rounds - 1))
        else:
            self.call_later(self._next_key)

    async def _next_key(self) -> None:
        self._under_way = None
        if self._waiting:
            await self._pass(self._waiting.popleft())

    async def _stir(self) -> None:
        """Go on although a key did not come back: its screen is gone."""
        if not self._waiting or self._under_way is None:
            return
        if self._is_gone() or time.monotonic() - self._under_way >= LONGEST_WAY:
            await self._next_key()
        else:
            self.set_timer(LOOK_AGAIN, self._stir)

    def _is_gone(self) -> bool:
        target = self._target
        return target is None or not target.is_attached or target.screen not in self.screen_stack
