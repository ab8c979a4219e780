"""Time as the program knows it: UTC-aware datetimes, stored as whole milliseconds since 1970."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from helpdesk.errors import UsageProblem
from helpdesk.i18n import _

Millis = int
"""Milliseconds since 1970-01-01T00:00Z: how every time is stored and compared."""

_SPAN = r"(\d{1,6}(?:\.\d{1,3})?)\s*(s|sec|秒|m|min|分钟?|h|hour|小时|d|day|天|日|w|week|周)s?"
_SPAN_SECONDS = {"s": 1, "秒": 1, "m": 60, "分": 60, "h": 3600, "小": 3600, "d": 86400, "天": 86400, "日": 86400}
_SPAN_SECONDS |= {"w": 604800, "周": 604800}
_LOCAL_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d")


DEFAULT_ZONE = "Asia/Shanghai"


def zone_name() -> str:
    """The name of the shop's time zone, `HELPDESK_ZONE` or DEFAULT_ZONE, as it stands there; `zone` checks it."""
    return os.environ.get("HELPDESK_ZONE") or DEFAULT_ZONE


def zone() -> tzinfo:
    """The shop's time zone; a UsageProblem where nobody knows its name."""
    from zoneinfo import ZoneInfo

    name = zone_name()
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        if name == DEFAULT_ZONE:
            return timezone(timedelta(hours=8))  # a system without a zone database
        raise UsageProblem(
            _("HELPDESK_ZONE names no time zone: {value!r}; write one such as Asia/Shanghai.").format(value=name)
        ) from None


def now() -> datetime:
    """The present moment in UTC; `HELPDESK_NOW` (ISO 8601) freezes it, for tests and for replaying a day."""
    frozen = os.environ.get("HELPDESK_NOW")
    if frozen:
        try:
            return parse_time(frozen)
        except (ValueError, OverflowError):
            raise UsageProblem(_("HELPDESK_NOW is no time: {value!r}").format(value=frozen)) from None
    return datetime.now(UTC)


def to_millis(moment: datetime) -> Millis:
    """The stored form of an aware datetime; a naive one raises ValueError."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone cannot be stored")
    return round(moment.timestamp() * 1000)


def from_millis(millis: Millis) -> datetime:
    """The aware UTC datetime behind a stored time."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=millis)


def iso(millis: Millis | None) -> str | None:
    """ISO 8601 in UTC with `Z` and whole seconds, e.g. `2026-11-22T03:04:05Z`; None stays None."""
    if millis is None:
        return None
    return from_millis(millis).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_time(text: str) -> datetime:
    """The UTC time a person or a file wrote: ISO 8601, `2026-11-01 09:30`, or Unix seconds or milliseconds.

    A text without a zone is the shop's time. Raises ValueError when it is no time, or one outside 1971 to 2199.
    """
    text = text.strip()
    moment = _from_number(text) if text.isascii() and text.isdigit() and len(text) > 8 else _from_words(text)
    moment = moment.astimezone(UTC)
    if not 1971 <= moment.year < 2200:
        raise ValueError(text)
    return moment


def _from_number(text: str) -> datetime:
    if len(text) > 13:
        raise ValueError(text)
    return from_millis(int(text) if len(text) > 10 else int(text) * 1000)


def _from_words(text: str) -> datetime:
    try:
        return _in_shop(datetime.fromisoformat(text))
    except ValueError:
        for form in _LOCAL_FORMATS:
            try:
                return _in_shop(datetime.strptime(text, form))  # noqa: DTZ007 - the shop's zone is put in
            except ValueError:
                continue
        raise ValueError(text) from None
    except OverflowError:
        raise ValueError(text) from None


def _in_shop(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=zone())


def parse_span(text: str) -> timedelta:
    """A length of time such as `30m`, `2h`, `3d`, `1.5h`, `30分钟`; raises ValueError for anything else."""
    found = re.fullmatch(_SPAN, text.strip().lower())
    if not found:
        raise ValueError(text)
    return timedelta(seconds=float(found[1]) * _SPAN_SECONDS[found[2][0]])


def moment_to_come(text: str, started: datetime) -> datetime:
    """A time to come as a person writes it: a span from now such as 2h, tomorrow (at nine), or a date."""
    if text.strip().lower() in ("tomorrow", "明天"):
        return (started.astimezone(zone()) + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
    for read in (lambda text: started + parse_span(text), parse_time):
        try:
            return read(text)
        except (ValueError, OverflowError):
            continue
    raise UsageProblem(_("{value!r} is no time; write 2h, 3d, tomorrow, or 2026-12-01T09:00.").format(value=text))
