"""Single fields of a row from outside: each reader returns the value in its one form, or raises Rejected with why."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from helpdesk.clock import Millis, parse_time, to_millis
from helpdesk.i18n import _
from helpdesk.i18n import word as word_shown
from helpdesk.intake.drafts import Rejected
from helpdesk.models.vocabulary import CATEGORIES

Row = Mapping[str, Any]

LONGEST_FIELD = 500
LONGEST_TEXT = 1_000_000

_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_WRAPPED = re.compile(r'\A=?"(.*)"\Z', re.DOTALL)
_DAMAGED = re.compile(r"\d(\.\d+)?[eE]\+?\d+\Z")
_SLUG = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")


def text(row: Row, key: str, longest: int = LONGEST_TEXT) -> str:
    """A text; numbers become text, absence and null the empty string."""
    value = row.get(key)
    if value is None:
        return ""
    if isinstance(value, bool | dict | list):
        raise Rejected(_("{key}: a text is expected, not {value!r}").format(key=key, value=_shown(value)))
    value = _SURROGATE.sub("\ufffd", str(value))
    if len(value) > longest:
        raise Rejected(
            _("{key}: longer than {limit} characters ({length})").format(key=key, limit=longest, length=len(value))
        )
    return value


def label(row: Row, key: str) -> str:
    """A short text on one line, without spaces around."""
    # a control character in a name or a number is damage, and SQLite's text functions end at a NUL
    return " ".join(_CONTROL.sub("\ufffd", text(row, key, LONGEST_FIELD)).split())


def identifier(row: Row, key: str) -> str:
    """An order or external number as text: spreadsheet wrappers come off, a number a spreadsheet broke is refused."""
    value = row.get(key)
    if isinstance(value, float):
        raise Rejected(
            _("{key}: {value!r} is a number a spreadsheet damaged; export it as text").format(key=key, value=value)
        )
    found = label(row, key).lstrip("'")
    wrapped = _WRAPPED.match(found)
    found = (wrapped[1] if wrapped else found).strip()
    if _DAMAGED.match(found):
        raise Rejected(
            _("{key}: {value!r} is a number a spreadsheet damaged; export it as text").format(key=key, value=found)
        )
    return found


def one_of(row: Row, key: str, allowed: Iterable[str], default: str | None = None) -> str | None:
    """One word out of a closed set, case-insensitive, or as the user's language shows it."""
    value = label(row, key).lower().replace("-", "_")
    if not value:
        return default
    for word in allowed:
        if value in (word.lower().replace("-", "_"), word_shown(word)):
            return str(word)
    raise Rejected(
        _("{key}: {value!r} is none of {allowed}").format(key=key, value=_shown(value), allowed=", ".join(allowed))
    )


def moment(row: Row, key: str) -> Millis | None:
    """A time."""
    value = label(row, key)
    if not value:
        return None
    try:
        return to_millis(parse_time(value))
    except (ValueError, OverflowError):
        raise Rejected(
            _("{key}: {value!r} is no time; write 2026-11-22T09:30:00Z").format(key=key, value=_shown(value))
        ) from None


def slug(row: Row, key: str) -> str | None:
    """A category's name as it is written in queries."""
    value = label(row, key).lower().replace("-", "_").replace(" ", "_")
    if not value:
        return None
    if value not in CATEGORIES and not _SLUG.match(value):
        raise Rejected(
            _("{key}: {value!r} is no category name; use lower-case letters, digits and _").format(
                key=key, value=_shown(value)
            )
        )
    return value


def whole(row: Row, key: str, default: int) -> int:
    """A count, zero or more."""
    value = label(row, key)
    if not value:
        return default
    if not re.fullmatch(r"\d{1,9}(\.0+)?", value):
        raise Rejected(_("{key}: {value!r} is no count").format(key=key, value=_shown(value)))
    return int(value.split(".")[0])


def hundredths(row: Row, key: str) -> int | None:
    """An amount of money, in hundredths."""
    value = label(row, key).replace(",", "").lstrip("¥￥$")
    if not value:
        return None
    try:
        amount = Decimal(value)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or abs(amount) >= Decimal(10) ** 13:
        raise Rejected(_("{key}: {value!r} is no amount").format(key=key, value=_shown(value)))
    return int((amount * 100).to_integral_value())


def texts(row: Row, key: str) -> tuple[str, ...]:
    """Several short texts: a JSON list, or one text with commas."""
    value = row.get(key)
    if value is None or value == "":
        return ()
    parts = value if isinstance(value, list) else re.split(r"[,，;；、|]", text(row, key))
    return tuple(dict.fromkeys(filter(None, (label({key: part}, key) for part in parts))))


def rows_of(row: Row, key: str, read: Callable[[Row], Any]) -> tuple[Any, ...]:
    """A list of objects, each read by `read`."""
    value = row.get(key)
    if value is None or value == "":
        return ()
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise Rejected(_("{key}: a list of objects is expected, not {value!r}").format(key=key, value=_shown(value)))
    return tuple(read(entry) for entry in value)


def _shown(value: object) -> str:
    shown = str(value)
    return shown if len(shown) <= 40 else shown[:39] + "…"
