"""Calendar files from outside, TOML or iCalendar (RFC 5545), read into the tables of our own calendar files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from helpdesk.errors import UsageProblem
from helpdesk.i18n import _
from helpdesk.text import fold, one_line

LARGEST = 1_000_000
"""Bytes; ten years of holidays take a hundredth of it."""

MOST_EVENTS = 5_000
YEARS_AHEAD = 2
"""What recurs every year is written out for this year and so many after it."""

LONGEST = timedelta(days=366)
_NAME_DISTANCE = 60

_WORKED = re.compile(r"班|make-?\s?up|work(?:ing)?[ -]?day")
_OBSERVED = re.compile(r"\s*observance\b")
"""How Google's calendars of holidays begin the description of a day nobody has off."""

_EMBELLISHMENT = re.compile(
    r"[(\[]\s*(?:休|班|假|放假|补班|補班|上班)\s*[)\]]"
    r"|第\s*\d+\s*天\s*/\s*共\s*\d+\s*天"
    r"|(?:调休|調休)?(?:补班|補班|上班|放假)|假期|调休|調休"
    r"|\b(?:make-?\s?up\s+)?work(?:ing)?[ -]?day(?:\s+for)?\b|\bholiday$",
    re.IGNORECASE,
)


class Read(NamedTuple):
    """A file's tables as our calendar files have them, its text if it was one of those, and the events left out."""

    tables: Mapping[str, Any]
    text: str | None
    left_out: int = 0
    """Events at a time of day, cancelled, or of a day that is observed and not taken off."""


class _Event(NamedTuple):
    name: str
    first: date
    last: date
    worked: bool


def read(content: bytes, file: str, today: date) -> Read:
    """The tables of a calendar file; whatever cannot be read is a UsageProblem naming the file and the place."""
    if len(content) > LARGEST:
        raise UsageProblem(
            _("{file} is larger than {count} bytes, which no calendar is.").format(file=file, count=LARGEST)
        )
    content = content.removeprefix(b"\xef\xbb\xbf")
    if content.lstrip()[:15].upper() == b"BEGIN:VCALENDAR":
        return _icalendar(content, file, today)
    return _toml(content, file)


def _toml(content: bytes, file: str) -> Read:
    import tomllib

    try:
        text = content.decode("utf-8").replace("\r\n", "\n")
        return Read(tomllib.loads(text), text)
    except (ValueError, RecursionError) as error:
        reason = str(error) or _("nested too deeply")
        raise UsageProblem(
            _("{path} cannot be read: {reason}. Correct the file.").format(path=file, reason=one_line(reason, 200))
        ) from None


def _icalendar(content: bytes, file: str, today: date) -> Read:
    found: list[_Event] = []
    left_out = 0
    for place, component in enumerate(_components(content, file), start=1):
        try:
            if _is_left_out(component):
                left_out += 1
            else:
                found += _events(component, today)
        except ValueError as error:
            raise UsageProblem(
                _("{file}, event {place} ({name}): {reason}. Correct the file.").format(
                    file=file, place=place, name=_text(component, "SUMMARY")[:60], reason=error
                )
            ) from None
    off = _merged(event for event in found if not event.worked)
    worked = sorted(event for event in found if event.worked)
    if not off:
        sentence = (
            _("{file} has working days, and no holiday they make up for.")
            if worked
            else _("{file} has no event that lasts a whole day; nothing was imported.")
        )
        raise UsageProblem(sentence.format(file=file))
    return Read({"holiday": _tables(off, worked)}, None, left_out)


def _components(content: bytes, file: str) -> list[Any]:
    import icalendar  # dear, and needed here alone

    try:
        calendars = icalendar.Calendar.from_ical(content, multiple=True)
        components = [event for calendar in calendars for event in calendar.walk("VEVENT")]
    except Exception as error:  # a hostile file raises whatever the library did not think of
        raise UsageProblem(
            _("{path} cannot be read: {reason}. Correct the file.").format(path=file, reason=one_line(str(error), 200))
        ) from None
    if len(components) > MOST_EVENTS:
        raise UsageProblem(_("{file} has more than {count} events.").format(file=file, count=MOST_EVENTS))
    return components


def _is_left_out(component: Any) -> bool:
    return (
        isinstance(_value(component, "DTSTART"), datetime)
        or _text(component, "STATUS").upper() == "CANCELLED"
        or _OBSERVED.match(_text(component, "DESCRIPTION").lower()) is not None
    )


def _events(component: Any, today: date) -> Iterator[_Event]:
    """The days off or worked that an event stands for, one for each year it recurs; ValueError says what is wrong."""
    summary = _text(component, "SUMMARY")
    worked = _WORKED.search(fold(f"{summary} {_categories(component)}")) is not None
    first, last = _span(component)
    for begin in _occurrences(component, first, today):
        yield _Event(_name(summary), begin, begin + (last - first), worked)


def _span(component: Any) -> tuple[date, date]:
    first = _date(component, "DTSTART")
    if first is None:
        raise ValueError(_("it has no DTSTART"))
    if not 1900 <= first.year < 2199:
        raise ValueError(_("its year must be from 1900 to 2198"))
    end = _date(component, "DTEND")
    duration = _value(component, "DURATION")
    if end is None:
        end = first + (duration if isinstance(duration, timedelta) and duration.days > 0 else timedelta(days=1))
    if end < first:
        raise ValueError(_("it ends before it begins"))
    if end - first > LONGEST:
        raise ValueError(_("it lasts more than a year"))
    # DTEND is the day after the last; some write the last day itself for a single one
    return first, max(first, end - timedelta(days=1))


def _occurrences(component: Any, first: date, today: date) -> Iterator[date]:
    """The days on which an event begins: its own, or where it recurs every year, those of this and the next years."""
    rule = component.get("RRULE")
    if any(name in component for name in ("RDATE", "EXDATE", "EXRULE")):
        raise ValueError(_("it recurs on dates of its own; write an event for each"))
    if rule is None:
        yield first
        return
    if "RRULE" in _broken(component) or isinstance(rule, list) or not _is_yearly(rule, first):
        raise ValueError(_("it recurs other than once a year on one date; write an event for each"))
    count, until = rule.get("COUNT", [None])[0], rule.get("UNTIL", [None])[0]
    last = until.date() if isinstance(until, datetime) else until
    occurred = 0
    for year in range(first.year, today.year + YEARS_AHEAD + 1):
        day = _same_day(first, year)
        if day is None:
            continue
        if (last is not None and day > last) or (count is not None and occurred >= count):
            return
        occurred += 1
        if year >= today.year:
            yield day


def _is_yearly(rule: Mapping[str, Any], first: date) -> bool:
    given = {key.upper(): value for key, value in rule.items()}
    given.pop("WKST", None)
    given.pop("COUNT", None)
    given.pop("UNTIL", None)
    plain = {"FREQ": ["YEARLY"], "INTERVAL": [1], "BYMONTH": [first.month], "BYMONTHDAY": [first.day]}
    return given.get("FREQ") == ["YEARLY"] and all(plain.get(key) == value for key, value in given.items())


def _same_day(first: date, year: int) -> date | None:
    try:
        return first.replace(year=year)
    except ValueError:  # the leap day
        return None


def _date(component: Any, name: str) -> date | None:
    if name in _broken(component):
        raise ValueError(_("its {name} is no date").format(name=name))
    value = _value(component, name)
    if value is not None and (isinstance(value, datetime) or not isinstance(value, date)):
        raise ValueError(_("its {name} is no date").format(name=name))
    return value


def _value(component: Any, name: str) -> Any:
    return getattr(component.get(name), "dt", None)


def _broken(component: Any) -> set[str]:
    """The properties the library could not make sense of."""
    return {str(name) for name, _reason in component.errors}


def _text(component: Any, name: str) -> str:
    value = component.get(name, "")
    return one_line(str(value[0] if isinstance(value, list) and value else value))


def _categories(component: Any) -> str:
    value = component.get("CATEGORIES", [])
    groups = value if isinstance(value, list) else [value]
    return " ".join(str(word) for group in groups for word in getattr(group, "cats", ()))


def _name(summary: str) -> str:
    """What a day is called, without what such calendars add to it: `国庆节` of `国庆节（休）`."""
    plain = summary.replace("（", "(").replace("）", ")").replace("【", "[").replace("】", "]")
    name = " ".join(_EMBELLISHMENT.sub(" ", plain).split()).strip(" -—·:：,，")
    return (name or summary)[:60]


def _merged(events: Iterator[_Event]) -> list[_Event]:
    """Days of one name that follow each other made into one range: many calendars have an event for each day."""
    merged: list[_Event] = []
    for event in sorted(events, key=lambda event: (event.name, event.first)):
        before = merged[-1] if merged else None
        if before and before.name == event.name and event.first <= before.last + timedelta(days=1):
            merged[-1] = before._replace(last=max(before.last, event.last))
        else:
            merged.append(event)
    return sorted(merged, key=lambda event: (event.first, event.last))


def _tables(off: Sequence[_Event], worked: Sequence[_Event]) -> list[dict[str, Any]]:
    makeups: list[set[date]] = [set() for _event in off]
    for event in worked:
        for offset in range((event.last - event.first).days + 1):
            day = event.first + timedelta(days=offset)
            makeups[min(range(len(off)), key=lambda place: _farness(off[place], event.name, day))].add(day)
    return [
        {"name": event.name, "from": event.first, "to": event.last} | ({"makeup": sorted(days)} if days else {})
        for event, days in zip(off, makeups, strict=True)
    ]


def _farness(holiday: _Event, name: str, day: date) -> tuple[bool, int]:
    """How little a working day has to do with a holiday: one of its own name goes before a nearer one."""
    distance = max((holiday.first - day).days, (day - holiday.last).days, 0)
    return not (holiday.name == name and distance <= _NAME_DISTANCE), distance
