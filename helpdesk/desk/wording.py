"""An alarm as people are told it, in their language, at the moment it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helpdesk.clock import Millis, from_millis, iso, zone
from helpdesk.i18n import _, word
from helpdesk.notify.senders import Notification
from helpdesk.text import one_line


def notification(key: str, content: Mapping[str, Any], now: Millis) -> Notification:
    """The notification of an alarm's stored content; a program finds in its facts what people read, and more."""
    facts, due = content["facts"], content["due_at"]
    details = [
        *([word(facts["priority"])] if isinstance(facts.get("priority"), str) else []),
        _("due {time}").format(time=from_millis(due).astimezone(zone()).strftime("%m-%d %H:%M")),
        one_line(str(facts.get("subject") or ""), 80),
    ]
    told = {"ticket": content["ticket"], "clock": content["clock"], "level": content["level"], "due_at": iso(due)}
    if "left" in content:
        told["minutes_left"] = content["left"] // 60_000
    return Notification(key, _title(content, now), " · ".join(filter(None, details)), {**facts, **told})


def _title(content: Mapping[str, Any], now: Millis) -> str:
    # the time that counts, as every view tells it; where no round is meant, that of the wall clock
    left = content.get("left", content["due_at"] - now)
    sentence = _("#{ticket}: {clock} {span} late") if left < 0 else _("#{ticket}: {clock} due in {span}")
    return sentence.format(ticket=content["ticket"], clock=word(content["clock"]), span=_span(abs(left)))


def _span(millis: Millis) -> str:
    minutes = millis // 60_000
    if minutes < 60:
        return _("{count} min").format(count=minutes)
    if minutes < 48 * 60:
        return _("{count} h").format(count=minutes // 60)
    return _("{count} d").format(count=minutes // 1440)


def test_notification() -> Notification:
    """What `helpdesk outbox test` sends."""
    return Notification("test", _("Test"), _("This is a test: helpdesk's alarms arrive here."), {"level": "test"})
