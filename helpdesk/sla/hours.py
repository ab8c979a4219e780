"""The calendar files: `[hours]`, `holiday` and `[[promotion]]` in TOML, read into a shop's `Hours`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from helpdesk.i18n import _
from helpdesk.sla.calendar import DAY_MINUTES, WEEKDAYS, Holiday, Hours, Promotion, Window
from helpdesk.sla.misfit import Misfit, Path

_WINDOW = re.compile(r"(\d{1,2}):(\d{2})\s*[-–~]\s*(\d{1,2}):(\d{2})")
_KEYS = (*WEEKDAYS, "holiday", "makeup", "zone")
LONGEST_NAME = 100
MOST_RANGES = 2000
LONGEST_RANGE = 366
"""Days: a holiday or promotion that is longer is a slip of the pen."""


def read_hours(tables: Mapping[str, Any], shop_zone: str) -> Hours:
    """The hours behind `{hours, holiday, promotion}`; what does not fit is a Misfit naming the key.

    Dates may be TOML dates or ISO strings. Where no zone is named it is `shop_zone`; where make-up days have no hours,
    they have those of the first open day of the week. The zone is taken as it is: `check_tables` looks it up, which is
    dear, once, before the rules are in force.
    """
    hours = _table(tables.get("hours"), ("hours",), _KEYS)
    weekly = tuple(read_windows(hours.get(day, []), ("hours", day)) for day in WEEKDAYS)
    if not any(weekly):
        raise Misfit(("hours",), _("has no open hours on any day"))
    return Hours(
        hours.get("zone", shop_zone),
        weekly,
        read_windows(hours.get("holiday", []), ("hours", "holiday")),
        read_windows(hours["makeup"], ("hours", "makeup")) if "makeup" in hours else next(filter(None, weekly)),
        tuple(_holiday(("holiday", place), one) for place, one in enumerate(_list(tables, "holiday"))),
        tuple(_promotion(("promotion", place), one) for place, one in enumerate(_list(tables, "promotion"))),
    )


def check_tables(tables: Mapping[str, Any], hours: Mapping[str, Any]) -> None:
    """Refuse one calendar file by itself, as a Misfit; its `[hours]` are laid over `hours`."""
    for key in tables:
        if key not in ("hours", "holiday", "promotion", "dated"):
            raise Misfit((key,), _("is no key of a calendar; known: hours, holiday, promotion"))
    own = _table(tables.get("hours", {}), ("hours",), _KEYS)
    read_hours({**tables, "hours": {**(hours or _SOME), **own}}, "UTC")
    if "zone" in own:
        _check_zone(own["zone"])


_SOME = {"mon": ["00:00-24:00"]}
"""Hours for a file to be checked by, before any were named."""


def read_windows(value: object, path: Path) -> tuple[Window, ...]:
    """Windows such as `["09:00-12:00", "13:00-22:00"]`, in order; one that ends before it begins is a Misfit."""
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Misfit(path, _('must be a list of windows such as "09:00-12:00", not {value!r}').format(value=value))
    windows = sorted(_window(one, path) for one in value)
    for before, after in zip(windows, windows[1:], strict=False):
        if after[0] < before[1]:
            raise Misfit(path, _("has windows that overlap: {all}").format(all=", ".join(value)))
    return tuple(windows)


def _window(text: str, path: Path) -> Window:
    found = _WINDOW.fullmatch(text.strip())
    if not found or int(found[2]) > 59 or int(found[4]) > 59:
        raise Misfit(path, _('has {value!r}, which is no window such as "09:00-12:00"').format(value=text))
    begin, end = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    if end > DAY_MINUTES:
        raise Misfit(path, _("has {value!r}; the day ends at 24:00").format(value=text))
    if end == begin:
        raise Misfit(path, _("has {value!r}, which has no length; leave it out").format(value=text))
    if end < begin:
        reason = _("has {value!r}, which ends before it begins; write what lies after midnight on the next day")
        raise Misfit(path, reason.format(value=text))
    return begin, end


def _holiday(path: Path, entry: object) -> Holiday:
    entry = _table(entry, path, ("name", "from", "to", "makeup"))
    first, last = _range(path, entry)
    makeup = entry.get("makeup", [])
    if not isinstance(makeup, list):
        raise Misfit((*path, "makeup"), _("must be a list of dates"))
    days = tuple(_date(day, (*path, "makeup")) for day in makeup)
    for day in days:
        if first <= day <= last:
            raise Misfit((*path, "makeup"), _("has {day}, a day of the holiday itself").format(day=day))
    return Holiday(_name(path, entry), first, last, days)


def _promotion(path: Path, entry: object) -> Promotion:
    entry = _table(entry, path, ("name", "from", "to", "hours"))
    first, last = _range(path, entry)
    return Promotion(_name(path, entry), first, last, read_windows(entry.get("hours"), (*path, "hours")))


def _name(path: Path, entry: Mapping[str, Any]) -> str:
    name = entry.get("name", "")
    if isinstance(name, str) and len(name) <= LONGEST_NAME:
        return name
    raise Misfit((*path, "name"), _("must be a name of up to {count} characters").format(count=LONGEST_NAME))


def _range(path: Path, entry: Mapping[str, Any]) -> tuple[date, date]:
    first = _date(entry.get("from"), (*path, "from"))
    last = _date(entry.get("to", first), (*path, "to"))
    if last < first:
        raise Misfit((*path, "to"), _("lies before its `from`"))
    if (last - first).days >= LONGEST_RANGE:
        raise Misfit((*path, "to"), _("is more than a year after its `from`"))
    return first, last


def _date(value: object, path: Path) -> date:
    if isinstance(value, date) and type(value) is date:
        found = value
    else:
        try:
            found = date.fromisoformat(value if isinstance(value, str) else "")
        except ValueError:
            raise Misfit(path, _("must be a date such as 2026-10-01, not {value!r}").format(value=value)) from None
    if not 1971 <= found.year < 2200:
        raise Misfit(path, _("must be a date from 1971 to 2199, not {value}").format(value=found))
    return found


def _check_zone(value: object) -> None:
    if isinstance(value, str) and is_zone(value):
        return
    raise Misfit(("hours", "zone"), _("must name a time zone such as Asia/Shanghai, not {value!r}").format(value=value))


@lru_cache(maxsize=16)
def is_zone(name: str) -> bool:
    """Whether the system's zone database knows a name."""
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _list(tables: Mapping[str, Any], key: str) -> Sequence[object]:
    value = tables.get(key, [])
    if not isinstance(value, list):
        raise Misfit((key,), _("must be a list of tables: write [[{key}]]").format(key=key))
    if len(value) > MOST_RANGES:
        raise Misfit((key,), _("has more than {count} entries").format(count=MOST_RANGES))
    return value


def _table(value: object, path: Path, keys: Sequence[str] = ()) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Misfit(path, _("is missing") if value is None else _("must be one table"))
    for key in value:
        if keys and key not in keys:
            raise Misfit((*path, key), _("is no key of it; known: {all}").format(all=", ".join(keys)))
    return value
