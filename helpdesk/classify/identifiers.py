"""The identifier radar: finds order numbers, parcels, phones and cards in what a buyer wrote.

The patterns are data (`helpdesk/data/identifiers.toml`); what needs computation is a check of
this module that they name.
"""

from __future__ import annotations

import re
import string
import unicodedata
from bisect import bisect
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

from helpdesk import config

LONGEST_RUN = 64  # a longer run of letters and digits is no identifier
LONGEST_TEXT = 200_000  # characters of one text that are read
MOST = 1000  # candidates looked at in one text; a longer list is a file for `import`, not a ticket
SENSITIVE = frozenset({"identity_card", "bank_card"})

KnownOrders = Callable[[Sequence[str]], Collection[str]] | Collection[str]
Check = Callable[["re.Match[str]", float, datetime | None], float]


class Identifier(NamedTuple):
    """One identifier in a text, its best reading and the others; never a full card or identity number."""

    kind: str
    value: str
    confidence: float
    issuer: str | None
    start: int
    end: int
    rivals: tuple[str, ...] = ()


class _Row(NamedTuple):
    kind: str
    issuer: str | None
    pattern: re.Pattern[str]
    rank: int
    confidence: float
    check: Check | None
    anchors: tuple[str, ...]
    lead: str
    kept: int | str  # the group that is the identifier


class _Reading(NamedTuple):
    rank: int
    doubt: float
    row: _Row
    match: re.Match[str]


class _Placed(NamedTuple):
    rank: int
    identifier: Identifier


# --- the text --------------------------------------------------------------------------------------

_SHAPE = re.compile(
    r"[0-9A-Z](?:(?<=[0-9])(?:[0-9]{4}|[0-9]{2}[\s-][0-9]{4}|(?:\.[0-9]{1,16})?[Ee]\+[0-9])|[A-Z0-9]{15})"
)
_GROUPS = re.compile(r"[ -](?<=[0-9]{3}[ -])[0-9]{3}")
_RUN = re.compile(r"[A-Za-z0-9]{5,}(?:-[0-9]{2}(?![A-Za-z0-9]))?")
_CARD_INSIDE = re.compile(r"(?<![0-9])(?:[0-9]{17}[Xx]|[0-9]{13,19}(?![0-9]))")
_ALNUM = string.ascii_letters + string.digits
_SEPARATORS = re.compile(r"[ -]")


# Classes of characters that reach far beyond Latin-1 take a millisecond to compile, and few texts need them.
@cache
def _fancy() -> re.Pattern[str]:
    """Characters whose NFKC holds an ASCII letter or digit or one of @ / + - (and some neighbours), without common
    punctuation.
    """
    return re.compile(
        "[\xaa-\xb6\xb8-\xbe\u0132-\u0149\u017f\u01c4-\u01f3\u02b0-\u02e3\u1d2c-\u1d65\u1d9c-\u1dbb\u1e9a"
        "\u2070-\u20a8\u2100-\u2189\u2460-\u24ea\u2c7c\u2c7d\u3250-\u325f\u32b1-\u32cf\u3358-\u33ff\ua7f2-\ua7f4"
        "\ufb00-\ufb29\ufe62-\ufe6b\uff0b\uff0d-\uff19\uff20-\uff5a"
        "\U000107a5\U0001d400-\U0001d6a3\U0001d7ce-\U0001d7ff\U0001f100-\U0001f190\U0001fbf0-\U0001fbf9]"
    )


@cache
def _simple() -> re.Pattern[str]:
    """Text in which every character folds alone, so that a table gives the same as NFKC, four times faster."""
    return re.compile("[\x00-\x7f\u4e00-\u9fff\u3000-\u3002\u3008-\u3011\u201c\u201d\uff01-\uff5e]*")


@cache
def _slice() -> re.Pattern[str]:
    return re.compile("(?s:.{1,255}(?=[\x00-\x7f\u4e00-\u9fff]|\\Z)|.{1,256})")


_WRAPPER = re.compile(r"""(?<![A-Za-z0-9_="'])="\s{0,4}'?([A-Za-z0-9-]{1,64})\s{0,4}\"""")
_APOSTROPHE = re.compile(r"(?:(?<=[\s,;|])|(?<!.))'(?=[A-Za-z]{0,5}[0-9]{5}|[A-Z0-9]{16})", re.DOTALL)


class _Folded(dict[int, str]):
    def __missing__(self, code: int) -> str:
        self[code] = unicodedata.normalize("NFKC", chr(code))
        return self[code]


_FOLDED = _Folded()


def normalise(text: str) -> str:
    """The text in NFKC, stripped, its numbers freed of a spreadsheet's `="…"` and leading `'`."""
    text = _nfkc(text).strip()
    if '="' in text:
        text = _WRAPPER.sub(r"\1", text)
    return _APOSTROPHE.sub("", text) if "'" in text else text


def _nfkc(text: str) -> str:
    if text.isascii():
        return text
    if len(text) <= 256:
        return unicodedata.normalize("NFKC", text)
    if _simple().fullmatch(text):
        return text.translate(_FOLDED)
    # In slices: the time of NFKC is quadratic in a run of combining marks.
    return "".join(unicodedata.normalize("NFKC", part) for part in _slice().findall(text))


def _is_worth_reading(text: str) -> bool:
    if _SHAPE.search(text) or "@" in text or "//" in text or "www." in text:
        return True
    return not text.isascii() and _fancy().search(text) is not None


# --- finding ---------------------------------------------------------------------------------------


def find(
    text: str,
    *,
    filed_at: datetime | None = None,
    known_orders: KnownOrders = (),
) -> tuple[Identifier, ...]:
    """The identifiers of a text in reading order, none overlapping; offsets count in `normalise(text)`.

    `known_orders` holds the imported order numbers, or is asked once with every candidate (unmasked, so it
    must not log them); an imported order always wins, at confidence 1.0. A date later than a day after
    `filed_at` is no date. Only the first `LONGEST_TEXT` characters and `MOST` candidates are looked at.
    """
    if len(text) > LONGEST_TEXT:
        text = text[:LONGEST_TEXT].rstrip(_ALNUM)
    if not _is_worth_reading(text):
        return ()
    text = normalise(text)
    spans = list(islice(_runs(text), MOST))
    imported = _imported(text, spans, known_orders) if known_orders else frozenset()
    placed = list(_in_runs(text, spans, filed_at, imported))
    placed += _grouped(text, filed_at, MOST)
    placed += _anchored(text)
    return _without_overlaps(placed)


def mask(text: str) -> str:
    """The text with identity cards and bank cards cut to their first six and last four characters."""
    if not (_SHAPE.search(text) or _fancy().search(text)):
        return text
    folded, origin = _folded_with_origin(text)
    placed = [*_in_runs(folded, _runs(folded), None, frozenset()), *_grouped(folded, None, len(text))]
    cards = [one for one in _without_overlaps(placed) if one.kind in SENSITIVE]
    return _with_stand_ins(text, origin, cards, lambda card: card.value)


def replaced(text: str, stand_in: Callable[[Identifier], str | None]) -> str:
    """The text with each identifier replaced, or left where `stand_in` says None; only its first `LONGEST_TEXT`."""
    text = text[:LONGEST_TEXT]
    if not _is_worth_reading(text):
        return text
    folded, origin = _folded_with_origin(text)
    placed = list(_in_runs(folded, islice(_runs(folded), MOST), None, frozenset()))
    placed += [*_grouped(folded, None, MOST), *_anchored(folded)]
    return _with_stand_ins(text, origin, _without_overlaps(placed), stand_in)


def _with_stand_ins(
    text: str, origin: Sequence[int], found: Iterable[Identifier], stand_in: Callable[[Identifier], str | None]
) -> str:
    pieces, done = [], 0
    for one in found:
        words = stand_in(one)
        if words is not None:
            pieces += [text[done : origin[one.start]], words]
            done = origin[one.end - 1] + 1
    return "".join([*pieces, text[done:]])


def _folded_with_origin(text: str) -> tuple[str, Sequence[int]]:
    if text.isascii():
        return text, range(len(text))
    letters = [_FOLDED[ord(letter)] for letter in text]
    return "".join(letters), [at for at, folded in enumerate(letters) for _ in folded]


def _runs(text: str) -> Iterator[tuple[int, int]]:
    """The spans that may be an identifier: a digit in them, or sixteen capitals."""
    for match in _RUN.finditer(text):
        start, end = match.span()
        if end - start > LONGEST_RUN:
            continue
        run = match[0]
        if not run.isalpha() or (end - start == 16 and run.isupper()):
            yield start, end


def _imported(text: str, spans: Iterable[tuple[int, int]], known_orders: KnownOrders) -> Collection[str]:
    candidates = dict.fromkeys(
        text[start:stop] for start, end in spans for stop in (end, _without_suffix(text, start, end))
    )
    if not candidates:
        return frozenset()
    if callable(known_orders):
        return frozenset(known_orders(tuple(candidates)))
    return frozenset(candidate for candidate in candidates if candidate in known_orders)


def _without_suffix(text: str, start: int, end: int) -> int:
    return end - 3 if text[max(start, end - 3)] == "-" else end


def _in_runs(
    text: str, spans: Iterable[tuple[int, int]], filed_at: datetime | None, imported: Collection[str]
) -> Iterator[_Placed]:
    for start, end in spans:
        stop = _without_suffix(text, start, end)
        if imported and (order := _known(text, start, end, stop, imported)):
            yield _Placed(0, order)
        elif readings := _readings(text, start, end, filed_at) or _readings(text, start, stop, filed_at):
            yield _placed(readings)
        elif stop - start > 13:
            yield from _cards_inside(text, start, stop)


def _known(text: str, start: int, end: int, stop: int, imported: Collection[str]) -> Identifier | None:
    for at in (end, stop):
        if (number := text[start:at]) in imported:
            orders = [reading for reading in _readings(text, start, at, None) if reading.row.kind == "order"]
            issuer = min(orders, key=_strength).row.issuer if orders else None
            return Identifier("order", number, 1.0, issuer, start, at)
    return None


def _readings(text: str, start: int, end: int, filed_at: datetime | None) -> list[_Reading]:
    readings = []
    for row in _rows_of_length(end - start):
        match = row.pattern.fullmatch(text, start, end)
        if match is None:
            continue
        confidence = row.check(match, row.confidence, filed_at) if row.check else row.confidence
        if confidence > 0:
            readings.append(_Reading(row.rank, -confidence, row, match))
    return readings


def _cards_inside(text: str, start: int, end: int) -> Iterator[_Placed]:
    """The identity and bank cards glued to letters, so that masking does not depend on a space."""
    for match in _CARD_INSIDE.finditer(text, start, end):
        cards = [card for card in _readings(text, *match.span(), None) if card.row.kind in SENSITIVE]
        if cards:
            yield _placed(cards)


def _grouped(text: str, filed_at: datetime | None, most: int) -> Iterator[_Placed]:
    if not _GROUPS.search(text):
        return
    for row in _rows_of_scope("grouped"):
        for match in islice(row.pattern.finditer(text), most):
            confidence = row.check(match, row.confidence, filed_at) if row.check else row.confidence
            if confidence > 0:
                yield _placed([_Reading(row.rank, -confidence, row, match)])


def _anchored(text: str) -> Iterator[_Placed]:
    for anchor, row in _anchors():
        if anchor in text:
            for match in _around(anchor, row, text):
                yield _placed([_Reading(row.rank, -row.confidence, row, match)])


def _around(anchor: str, row: _Row, text: str) -> Iterator[re.Match[str]]:
    at, done = text.find(anchor), 0
    for _ in range(MOST):
        if at < 0:
            return
        before = text[max(done, at - LONGEST_RUN) : at]
        match = row.pattern.match(text, at - len(before) + len(before.rstrip(row.lead)))
        if match:
            yield match
        done = match.end() if match and match.end() > at else at + len(anchor)
        at = text.find(anchor, done)


def _strength(reading: _Reading) -> tuple[int, float]:
    return reading.rank, reading.doubt


def _placed(readings: list[_Reading]) -> _Placed:
    best = readings[0] if len(readings) == 1 else min(readings, key=_strength)
    row = best.row
    start, end = best.match.span(row.kept)
    value = _shown(row.kind, best.match[row.kept])
    rivals = _rivals(readings, best) if len(readings) > 1 else ()
    return _Placed(best.rank, Identifier(row.kind, value, -best.doubt, row.issuer, start, end, rivals))


def _shown(kind: str, written: str) -> str:
    if kind in SENSITIVE:
        digits = _SEPARATORS.sub("", written).upper()
        return digits[:6] + "*" * (len(digits) - 10) + digits[-4:]
    return _SEPARATORS.sub("", written) if kind == "phone" else written


def _rivals(readings: list[_Reading], best: _Reading) -> tuple[str, ...]:
    """The other readings, likeliest first; none for what is never to be filed as something else."""
    if best.row.kind in SENSITIVE or best.row.kind == "damaged":
        return ()
    others = dict.fromkeys(_label(reading.row) for reading in sorted(readings, key=_strength))
    others.pop(_label(best.row))
    return tuple(others)


def _label(row: _Row) -> str:
    return f"{row.kind}:{row.issuer}" if row.issuer else row.kind


def _without_overlaps(placed: list[_Placed]) -> tuple[Identifier, ...]:
    """The strongest of what overlaps, by precedence, then confidence, then length; in reading order."""
    if len(placed) < 2:
        return tuple(one.identifier for one in placed)
    starts: list[int] = []
    kept: list[Identifier] = []
    for one in sorted(placed, key=_precedence):
        identifier = one.identifier
        at = bisect(starts, identifier.start)
        clear_before = at == 0 or kept[at - 1].end <= identifier.start
        if clear_before and (at == len(kept) or identifier.end <= starts[at]):
            starts.insert(at, identifier.start)
            kept.insert(at, identifier)
    return tuple(kept)


def _precedence(one: _Placed) -> tuple[int, float, int]:
    return one.rank, -one.identifier.confidence, one.identifier.start - one.identifier.end


# --- checks: the computations the patterns name ----------------------------------------------------


def _embedded_date(match: re.Match[str], confidence: float, filed_at: datetime | None) -> float:
    """Accepts a stamp Ymd, ymdHis or YmdHis that is a real time, not later than a day after the ticket."""
    return confidence if _is_date(match["stamp"], filed_at) else 0.0


def _is_date(stamp: str, filed_at: datetime | None) -> bool:
    digits = "20" + stamp if len(stamp) == 12 else stamp.ljust(14, "0")
    try:
        when = datetime.fromisoformat(f"{digits[:8]}T{digits[8:]}")
    except ValueError:
        return False
    if filed_at is None:
        return True
    # The stamp is the shop's local time; the day of grace covers every zone.
    zone = UTC if filed_at.tzinfo else None
    return when.replace(tzinfo=zone) - timedelta(days=1) <= filed_at


def _identity_card(match: re.Match[str], confidence: float, filed_at: datetime | None) -> float:
    """Accepts a birth date and check character after GB 11643-1999 (ISO 7064 MOD 11-2)."""
    digits = _SEPARATORS.sub("", match[0]).upper()
    if not _is_date(digits[6:14], filed_at):
        return 0.0
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    remainder = sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=False)) % 11
    return confidence if digits[17] == "10X98765432"[remainder] else 0.0


def _luhn_near_card(match: re.Match[str], confidence: float, filed_at: datetime | None) -> float:
    """Accepts 13 to 19 digits that pass Luhn where the nearest word says card, and not order."""
    digits = _SEPARATORS.sub("", match[0])
    if len(digits) > 19 or not _stands_near_card(match):
        return 0.0
    odd, even = digits[-1::-2], digits[-2::-2]
    total = sum(map(int, odd)) + sum(int("0246813579"[int(digit)]) for digit in even)
    return confidence if total % 10 == 0 else 0.0


def _stands_near_card(match: re.Match[str]) -> bool:
    card = _cue_before("bank_card", match)
    if card >= 0:
        return card > _cue_before("order", match)
    after = _cue("bank_card").search(match.string, match.end(), match.end() + _near())
    return after is not None and _cue_before("order", match) < 0


def _s10(match: re.Match[str], confidence: float, filed_at: datetime | None) -> float:
    """Accepts the check digit of UPU S10."""
    digits = [int(digit) for digit in match[0][2:11]]
    weighted = sum(weight * digit for weight, digit in zip((8, 6, 4, 2, 3, 5, 9, 7), digits, strict=False))
    expected = {10: 0, 11: 5}.get(rest := 11 - weighted % 11, rest)
    return confidence if digits[8] == expected else 0.0


def _random_run(match: re.Match[str], confidence: float, filed_at: datetime | None) -> float:
    """Half as sure without a digit or after a word for card key; surer after a word for order."""
    order, card_key = _cue_before("order", match), _cue_before("card_key", match)
    if order >= 0 and order > card_key:
        return min(1.0, confidence + 0.15)
    return confidence / 2 if card_key >= 0 or match[0].isalpha() else confidence


def _after_qq(match: re.Match[str], confidence: float, filed_at: datetime | None) -> float:
    """Accepts a number directly after the letters QQ or a word for it."""
    return confidence if _cue_before("qq", match) >= 0 else 0.0


def _stands_alone(match: re.Match[str], confidence: float, filed_at: datetime | None) -> float:
    """Refuses the digits of a decimal, a UUID or a phone number with country code."""
    text, start, end = match.string, match.start(), match.end()
    glued_before = start > 0 and text[start - 1] in ".-+_"
    glued_after = text[end : end + 1] in tuple(".-_") and text[end + 1 : end + 2].isalnum()
    return 0.0 if glued_before or glued_after else confidence


_CHECKS: Mapping[str, Check] = {
    "embedded_date": _embedded_date,
    "identity_card": _identity_card,
    "luhn_near_card": _luhn_near_card,
    "s10": _s10,
    "random_run": _random_run,
    "after_qq": _after_qq,
    "stands_alone": _stands_alone,
}


def _cue_before(name: str, match: re.Match[str]) -> int:
    """Where the last such word shortly before the match ends, or -1."""
    last, start = -1, match.start()
    for cue in _cue(name).finditer(match.string, max(0, start - _near()), start):
        last = cue.end()
    return last


# --- the patterns ----------------------------------------------------------------------------------


@cache
def _patterns() -> dict[str, Any]:
    """The shipped file with the shop's own: its patterns are added, its cues replace those they name."""
    merged: dict[str, Any] = {"pattern": [], "cues": {}}
    for path in config.data_files("identifiers.toml"):
        own = config.load_toml(path)
        merged["pattern"] += own.get("pattern", ())
        merged["cues"] |= own.get("cues", {})
    return merged


@cache
def _near() -> int:
    return int(_patterns()["cues"]["near"])


@cache
def _cue(name: str) -> re.Pattern[str]:
    return re.compile(_patterns()["cues"][name], re.IGNORECASE)


@cache
def _rows_of_length(length: int) -> tuple[_Row, ...]:
    return tuple(
        _row(entry)
        for entry in _patterns()["pattern"]
        if "scope" not in entry and entry["shortest"] <= length <= entry["longest"]
    )


@cache
def _rows_of_scope(scope: str) -> tuple[_Row, ...]:
    return tuple(_row(entry) for entry in _patterns()["pattern"] if entry.get("scope") == scope)


@cache
def _anchors() -> tuple[tuple[str, _Row], ...]:
    return tuple((anchor, row) for row in _rows_of_scope("anchored") for anchor in row.anchors)


def _row(entry: Mapping[str, Any]) -> _Row:
    edges = r"(?<![A-Za-z0-9])(?:{})(?![A-Za-z0-9])" if entry.get("scope") == "grouped" else "{}"
    pattern = re.compile(edges.replace("{}", entry["pattern"]), re.ASCII)
    return _Row(
        kind=entry["kind"],
        issuer=entry.get("platform") or entry.get("carrier"),
        pattern=pattern,
        rank=entry["rank"],
        confidence=entry["confidence"],
        check=_CHECKS[entry["check"]] if "check" in entry else None,
        anchors=tuple(entry.get("anchors", ())),
        lead=entry.get("lead", ""),
        kept="value" if "value" in pattern.groupindex else 0,
    )
