"""Opening hours as a person writes them on one line: `mon-fri=09:00-12:00,13:00-22:00 周六=10-18 holiday=closed`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from helpdesk.errors import UsageProblem
from helpdesk.i18n import _
from helpdesk.sla.calendar import WEEKDAYS
from helpdesk.sla.hours import is_zone, read_windows
from helpdesk.sla.misfit import Misfit

_ENGLISH = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CHINESE = "一二三四五六日"
_GROUPS = {
    "weekdays": WEEKDAYS[:5], "工作日": WEEKDAYS[:5], "平日": WEEKDAYS[:5],
    "weekend": WEEKDAYS[5:], "weekends": WEEKDAYS[5:], "周末": WEEKDAYS[5:], "週末": WEEKDAYS[5:],
    "daily": WEEKDAYS, "每天": WEEKDAYS, "天天": WEEKDAYS,
    "holiday": ("holiday",), "holidays": ("holiday",), "假日": ("holiday",), "节假日": ("holiday",),
    "節假日": ("holiday",), "法定假日": ("holiday",),
    "makeup": ("makeup",), "make-up": ("makeup",), "调休": ("makeup",), "調休": ("makeup",), "补班": ("makeup",),
    "補班": ("makeup",),
}  # fmt: skip
_ZONE = ("zone", "时区", "時區")
_CLOSED = ("closed", "close", "off", "none", "休息", "休", "关", "打烊", "不营业", "關", "不營業")
_ALL_DAY = ("24h", "open", "全天", "24小时", "24小時")
_WINDOW = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*[-–—~至到]\s*(\d{1,2})(?::(\d{2}))?")


def hours_of_words(given: Sequence[str]) -> dict[str, Any]:
    """The `[hours]` table behind words such as `mon-fri=09:00-18:00`: all days, those not named closed.

    Of a day named twice the later hours hold. What makes no sense is a UsageProblem.
    """
    table: dict[str, Any] = {day: [] for day in WEEKDAYS} | {"holiday": []}
    for word in given:
        name, sign, value = unicodedata.normalize("NFKC", word).partition("=")
        if not sign:
            raise UsageProblem(
                _("{word!r} is no day with its hours; write mon-fri=09:00-18:00 or sun=closed.").format(word=word)
            )
        if name.strip().lower() in _ZONE:
            table["zone"] = _zone(value.strip())
            continue
        windows = _windows(word, value.strip().lower())
        table |= dict.fromkeys(_days(word, name.strip().lower()), windows)
    if not any(table[day] for day in WEEKDAYS):
        raise UsageProblem(_("These hours are open on no day of the week; name one, such as mon-fri=09:00-18:00."))
    return table


def _zone(name: str) -> str:
    if not is_zone(name):
        raise UsageProblem(_("There is no time zone {name!r}; write one such as Asia/Shanghai.").format(name=name))
    return name


def _days(word: str, names: str) -> Iterator[str]:
    for name in re.split(r"[,、/]", names):
        if name in _GROUPS:
            yield from _GROUPS[name]
            continue
        first, _sign, last = (part.strip() for part in re.sub(r"[–—~至到]", "-", name).partition("-"))
        begin, end = _weekday(word, first), _weekday(word, last or first)
        # fri-mon runs over the weekend
        for offset in range((end - begin) % 7 + 1):
            yield WEEKDAYS[(begin + offset) % 7]


def _weekday(word: str, name: str) -> int:
    short = re.sub(r"^(周|週|星期|礼拜|禮拜)", "", name).replace("天", "日")
    if len(short) == 1 and short in _CHINESE:
        return _CHINESE.index(short)
    for place, english in enumerate(_ENGLISH):
        if len(name) >= 3 and english.startswith(name):
            return place
    raise UsageProblem(
        _("{word!r} names no day; days are mon … sun (周一 … 周日), holiday and makeup.").format(word=word)
    )


def _windows(word: str, value: str) -> list[str]:
    if value in _CLOSED:
        return []
    if value in _ALL_DAY:
        return ["00:00-24:00"]
    windows = [_full(part.strip()) for part in re.split(r"[,、]", value)]
    try:
        read_windows(windows, (word,))
    except Misfit as misfit:
        raise UsageProblem(_("{word}: {reason}.").format(word=word, reason=misfit.reason)) from None
    return windows


def _full(window: str) -> str:
    """`9-12` as `09:00-12:00`; what is no window stays, to be refused."""
    found = _WINDOW.fullmatch(window)
    if not found:
        return window
    return f"{found[1]:0>2}:{found[2] or '00'}-{found[3]:0>2}:{found[4] or '00'}"
