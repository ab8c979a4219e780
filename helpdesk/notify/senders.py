"""What every sender is: it takes notifications and sends them, or raises NotSent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from helpdesk.i18n import _, _n
from helpdesk.text import one_line, safe

LINES_OF_A_DIGEST = 20
"""Notifications a digest tells one by one; a chat takes some 4,000 characters."""

LONGEST_LINE = 160


class Notification(NamedTuple):
    """One thing to tell: `title` and what `text` adds to it for people, `facts` (what JSON can hold) for programs."""

    key: str
    title: str
    text: str
    facts: Mapping[str, Any]


class NotSent(Exception):
    """A sender could not send; `str(error)` is one sentence in the user's language that holds no secret."""

    def __init__(self, sender: str, reason: str) -> None:
        super().__init__(_("{sender}: {reason}").format(sender=sender, reason=one_line(reason, 240)))


class Sender(Protocol):
    """A way out of the house."""

    @property
    def name(self) -> str:
        """What the user calls it."""

    @property
    def together(self) -> bool:
        """Whether it sends all it is given as one digest, not one by one."""

    def send(self, notifications: Sequence[Notification]) -> None:
        """Send them all, or raise NotSent."""


def digest(notifications: Sequence[Notification]) -> tuple[str, str]:
    """Several notifications as one: a title on one line, and a body with a line for each of the first twenty."""
    if len(notifications) == 1:
        (one,) = notifications
        return one_line(one.title, LONGEST_LINE), safe(one.text)
    # two steps of one clock taken at once say the same
    lines = list(dict.fromkeys(one_line(f"{one.title} · {one.text}", LONGEST_LINE) for one in notifications))
    title = _n("{count} alarm", "{count} alarms", len(lines)).format(count=len(lines))
    more = len(lines) - LINES_OF_A_DIGEST
    if more > 0:
        lines[LINES_OF_A_DIGEST:] = [_("… and {count} more").format(count=more)]
    return title, "\n".join(lines)
