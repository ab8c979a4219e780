"""The one query language of every command: `state:open,new priority:>=high created:<3d overdue "free text" -tag:vip`.

Parsed into SQL conditions over the ticket table, with values bound as parameters. Grammar and keys: docs/query.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from difflib import get_close_matches
from functools import cache
from typing import Any, NamedTuple

from helpdesk.clock import Millis, from_millis, parse_span, parse_time, to_millis, zone
from helpdesk.errors import UsageProblem
from helpdesk.i18n import _
from helpdesk.i18n import word as word_shown
from helpdesk.models.customers import handle_key
from helpdesk.text import fold
from helpdesk.views.search import fts_expression, needs_check


class Condition(NamedTuple):
    """A piece of a WHERE clause over `ticket t`, with its parameters.

    `word` is the search expression of one that only asks for it, and for nothing but `t.number`.
    """

    sql: str
    parameters: tuple[Any, ...] = ()
    word: str = ""


class Query(NamedTuple):
    """What a list is narrowed to; without conditions it is everything."""

    conditions: tuple[Condition, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it narrows nothing."""
        return not self.conditions

    def where(self) -> str:
        """The conditions joined, `1` when there are none."""
        return " AND ".join(f"({condition.sql})" for condition in self.conditions) or "1"

    def parameters(self) -> list[Any]:
        """The parameters of `where()`, in order."""
        return [value for condition in self.conditions for value in condition.parameters]

    def words(self) -> list[str]:
        """The search expressions of a query that asks for words and for nothing else; else none."""
        words = [condition.word for condition in self.conditions]
        return words if all(words) else []


class Scope(NamedTuple):
    """What a query needs to know of its surroundings."""

    now: Millis
    me: str
    categories: tuple[str, ...] = ()
    articles: Callable[[], Collection[str]] = tuple
    """Every article's id, read only when a query names one."""


@cache
def _tokens() -> re.Pattern[str]:
    keyed = r'(?P<key>[A-Za-z_]+):(?P<value>"[^"]*"?|[^\s"]*)'
    return re.compile(rf'(?P<negated>[-!]?)(?:{keyed}|"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')


_SQL_COMPARE = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "=": "=", None: "="}
_AGE_COMPARE = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", None: ">="}


def parse(words: Sequence[str] | str, scope: Scope) -> Query:
    """The query behind the words of a command line; an unknown key or value is a UsageProblem with its place."""
    text = words if isinstance(words, str) else " ".join(map(_rejoined, words))
    return Query(tuple(_condition(token, scope) for token in _tokens().finditer(text)))


def _rejoined(word: str) -> str:
    """A word of the command line as it was typed: the shell took the quotes of `key:"two words"` away."""
    key, _colon, value = word.partition(":")
    whole_query = '"' in word or re.search(r"\s[-!]?[A-Za-z_]+:", value) or value.startswith(" ")
    if key.lstrip("-!") in KEYS and " " in value and not whole_query:
        return f'{key}:"{value}"'
    return word


def _condition(token: re.Match[str], scope: Scope) -> Condition:
    if token["key"] is not None:
        found = _keyed(token, scope)
    elif token["word"] == "overdue":
        found = Condition("t.due_at IS NOT NULL AND t.due_at < ?", (scope.now,))
    else:
        found = _free_text(token)
    if not token["negated"]:
        return found
    return Condition(f"NOT coalesce(({found.sql}), 0)", found.parameters)


def _keyed(token: re.Match[str], scope: Scope) -> Condition:
    key, place = token["key"].lower(), token.start("key") + 1
    if key not in KEYS:
        near = get_close_matches(key, KEYS, 1, 0.5)
        hint = (
            _("Did you mean {near!r}?").format(near=near[0]) if near else _("Known: {all}").format(all=", ".join(KEYS))
        )
        raise UsageProblem(
            _("Query, character {place}: there is no key {key!r}. {hint}").format(place=place, key=key, hint=hint)
        )
    try:
        return KEYS[key](token["value"].strip('"'), scope)
    except _Unknown as unknown:
        raise UsageProblem(
            _("Query, character {place}: {value!r} is not a valid {key}. {hint}").format(
                place=token.start("value") + 1, value=unknown.value, key=key, hint=unknown.hint
            )
        ) from None


class _Unknown(Exception):
    def __init__(self, value: str, hint: str) -> None:
        self.value, self.hint = value, hint


def _vocabulary(name: str) -> Callable[[Scope], Sequence[str]]:
    def words(scope: Scope) -> Sequence[str]:
        # making a dozen enumerations costs a list without a query more than its rows
        from helpdesk.models import vocabulary

        return tuple(getattr(vocabulary, name))

    return words


Reader = Callable[[str, Scope], Condition]


def _words(column: str, allowed: Callable[[Scope], Sequence[str]]) -> Reader:
    def read(value: str, scope: Scope) -> Condition:
        known = {word.lower(): str(word) for word in allowed(scope)}
        wanted = [_known(part, known) for part in value.split(",")]
        return Condition(f"t.{column} IN ({_marks(wanted)})", tuple(wanted))

    return read


def _known(part: str, known: dict[str, str]) -> str:
    spelt = {name.replace("-", "_"): word for name, word in known.items()}
    shown = {word_shown(word): word for word in known.values()}
    found = spelt.get(part.strip().lower().replace("-", "_")) or shown.get(part.strip())
    if found is None:
        near = get_close_matches(part.lower(), known, 1, 0.5)
        hint = (
            _("Did you mean {near!r}?").format(near=known[near[0]])
            if near
            else _("Known: {all}").format(all=", ".join(known.values()))
        )
        raise _Unknown(part, hint)
    return found


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _priority(value: str, scope: Scope) -> Condition:
    compare, word = _compared(value)
    if compare is None:
        return _words("priority", _vocabulary("Priority"))(value, scope)
    order = [str(priority) for priority in _vocabulary("Priority")(scope)]
    at = order.index(_known(word, {p: p for p in order}))
    holds = {"<": order[:at], "<=": order[: at + 1], ">": order[at + 1 :], ">=": order[at:], "=": [order[at]]}[compare]
    return Condition(f"t.priority IN ({_marks(holds)})", tuple(holds)) if holds else Condition("0")


def _compared(value: str) -> tuple[str | None, str]:
    for sign in ("<=", ">=", "<", ">", "="):
        if value.startswith(sign):
            return sign, value[len(sign) :].strip()
    return None, value.strip()


def _text_of(column: str) -> Reader:
    def read(value: str, scope: Scope) -> Condition:
        if not value:
            return Condition(f"t.{column} IS NULL")
        wanted = [scope.me if part == "me" and column == "assignee" else part for part in value.split(",")]
        return Condition(f"t.{column} IN ({_marks(wanted)})", tuple(wanted))

    return read


def _tag(value: str, scope: Scope) -> Condition:
    if not value:
        return Condition("NOT EXISTS (SELECT 1 FROM tag WHERE ticket_number = t.number)")
    wanted = tuple(part.lower() for part in value.split(","))
    return Condition(f"t.number IN (SELECT ticket_number FROM tag WHERE name IN ({_marks(wanted)}))", wanted)


def _article(value: str, scope: Scope) -> Condition:
    """Tickets that got one of the articles as an answer."""
    if not value:
        return Condition("NOT EXISTS (SELECT 1 FROM message WHERE ticket_number = t.number AND article_id IS NOT NULL)")
    known = {identity.lower(): identity for identity in sorted(scope.articles())}
    wanted = tuple(_article_known(part, known) for part in value.split(","))
    return Condition(
        "t.number IN (SELECT ticket_number FROM message"
        f" WHERE article_id IS NOT NULL AND article_id IN ({_marks(wanted)}))",
        wanted,
    )


def _article_known(part: str, known: dict[str, str]) -> str:
    found = known.get(part.strip().lower())
    if found is None:
        near = get_close_matches(part.lower(), known, 1, 0.5)
        hint = _("Did you mean {near!r}?").format(near=known[near[0]]) if near else _("`helpdesk kb list` shows them.")
        raise _Unknown(part, hint)
    return found


def _customer(value: str, scope: Scope) -> Condition:
    if not value:
        return Condition("t.customer_id IS NULL")
    names = value.split(",")
    keys = [form for key in map(handle_key, names) for form in (key, f"qq:{key}", f"wechat:{key}")]
    return Condition(
        f"t.customer_id IN (SELECT customer_id FROM handle WHERE value IN ({_marks(keys)})"
        f" UNION ALL SELECT id FROM customer WHERE name IN ({_marks(names)}) AND name <> '')",
        (*keys, *names),
    )


def _customer_tier(value: str, scope: Scope) -> Condition:
    tiers = tuple(_known(part, {"normal": "normal", "vip": "vip"}) for part in value.split(","))
    return Condition(f"t.customer_id IN (SELECT id FROM customer WHERE tier IN ({_marks(tiers)}))", tiers)


def _order(value: str, scope: Scope) -> Condition:
    if not value:
        return Condition("t.order_no IS NULL")
    wanted = tuple(dict.fromkeys(form for part in value.split(",") for form in (part, part.upper(), part.lower())))
    return Condition(f"t.order_no IS NOT NULL AND t.order_no IN ({_marks(wanted)})", wanted)


def _when(column: str) -> Reader:
    """A time compared: `>=2026-11-01` is the calendar's, `<3d` is how long ago."""

    def read(value: str, scope: Scope) -> Condition:
        compare, word = _compared(value)
        span = _span(word)
        if span is not None:
            moment = scope.now - span
            return Condition(f"t.{column} {_AGE_COMPARE[compare]} ?", (moment,))
        return _calendar(f"t.{column}", compare, word, scope)

    return read


def _due(value: str, scope: Scope) -> Condition:
    """The next due time: `<2h` is within two hours from now (what is overdue included), else a time."""
    if not value:
        return Condition("t.due_at IS NULL")
    compare, word = _compared(value)
    span = _span(word)
    if span is not None:
        return Condition(
            f"t.due_at IS NOT NULL AND t.due_at {'<=' if compare is None else _SQL_COMPARE[compare]} ?",
            (scope.now + span,),
        )
    found = _calendar("t.due_at", compare, word, scope)
    return Condition(f"t.due_at IS NOT NULL AND {found.sql}", found.parameters)


def _span(word: str) -> Millis | None:
    try:
        return round(parse_span(word) / timedelta(milliseconds=1))
    except ValueError:
        return None


_DAYS: dict[str, int] = {"today": 0, "今天": 0, "yesterday": -1, "昨天": -1}


def _calendar(column: str, compare: str | None, word: str, scope: Scope) -> Condition:
    begin, end = _calendar_span(word, scope)
    if compare in (None, "="):
        return Condition(f"{column} >= ? AND {column} < ?", (begin, end))
    edge = {"<": begin, ">=": begin, "<=": end, ">": end}[compare]
    return Condition(f"{column} {'<' if compare in ('<', '<=') else '>='} ?", (edge,))


def _calendar_span(word: str, scope: Scope) -> tuple[Millis, Millis]:
    """The stretch a time stands for: a whole day when no hour is written, a second otherwise."""
    if word.lower() in _DAYS:
        start = from_millis(scope.now).astimezone(zone()).replace(hour=0, minute=0, second=0, microsecond=0)
        start += timedelta(days=_DAYS[word.lower()])
        return to_millis(start), to_millis(start + timedelta(days=1))
    try:
        moment = to_millis(parse_time(word))
    except (ValueError, OverflowError):
        raise _Unknown(word, _("Write 2026-11-01, 2026-11-01T09:30, today, or a span such as 3d.")) from None
    whole_day = re.fullmatch(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}", word) is not None
    return moment, moment + (86_400_000 if whole_day else 1000)


_HAS = {
    "match": "t.band IS NOT NULL AND t.band <> 'unsure'",
    "order": "t.order_no IS NOT NULL",
    "tag": "EXISTS (SELECT 1 FROM tag WHERE ticket_number = t.number)",
    "customer": "t.customer_id IS NOT NULL",
    "assignee": "t.assignee IS NOT NULL",
    "rating": "t.rating IS NOT NULL",
    "reply": "t.first_response_at IS NOT NULL",
}


def _has(value: str, scope: Scope) -> Condition:
    return Condition(" AND ".join(f"({_HAS[_known(part, {k: k for k in _HAS})]})" for part in value.split(",")))


def _number_of(column: str) -> Reader:
    def read(value: str, scope: Scope) -> Condition:
        compare, word = _compared(value)
        parts = word.split(",") if compare is None else [word]
        try:
            numbers = [float(part) if "." in part else int(part[:18]) for part in parts]
        except ValueError:
            raise _Unknown(word, _("A number is expected.")) from None
        if compare is None:
            return Condition(f"t.{column} IN ({_marks(numbers)})", tuple(numbers))
        return Condition(f"t.{column} {_SQL_COMPARE[compare]} ?", (numbers[0],))

    return read


def _free_text(token: re.Match[str]) -> Condition:
    """Messages that contain a text. What has nothing to search for is an error: a condition never just vanishes."""
    value = token["phrase"] if token["word"] is None else token["word"]
    an_option = (token["word"] or "").startswith("-")
    expression = None if an_option else fts_expression(value)
    if expression is None:
        raise UsageProblem(
            _("Query, character {place}: {value!r} has no letter, digit or character to search for.").format(
                place=token.start() + 1, value=token[0]
            )
        )
    inner = "SELECT rowid FROM message_terms WHERE message_terms MATCH ?"
    if not needs_check(value):
        of_messages = f"t.number IN (SELECT ticket_number FROM message WHERE id IN ({inner}))"
        return Condition(of_messages, (expression,), expression)
    return Condition(
        "t.number IN (SELECT m.ticket_number FROM message m JOIN ticket s ON s.number = m.ticket_number"
        f" WHERE m.id IN ({inner}) AND holds(?, m.id))",
        (expression, fold(value)),
    )


KEYS: dict[str, Reader] = {
    "state": _words("state", _vocabulary("State")),
    "category": _words("category", lambda scope: scope.categories),
    "priority": _priority,
    "mood": _words("mood", _vocabulary("Mood")),
    "lang": _words("language", _vocabulary("Language")),
    "channel": _words("channel", _vocabulary("Channel")),
    "band": _words("band", _vocabulary("Band")),
    "assignee": _text_of("assignee"),
    "team": _text_of("team"),
    "source": _text_of("source"),
    "tag": _tag,
    "customer": _customer,
    "tier": _customer_tier,
    "order": _order,
    "article": _article,
    "created": _when("created_at"),
    "updated": _when("updated_at"),
    "due": _due,
    "has": _has,
    "number": _number_of("number"),
    "urgency": _number_of("urgency"),
    "rating": _number_of("rating"),
}
"""The keys of the language, in the order the help shows them."""


def known_values(key: str, categories: Sequence[str], articles: Callable[[], Collection[str]] = tuple) -> list[str]:
    """The values a key is known to take, for completion; none where they are the user's own words."""
    named = {"state": "State", "priority": "Priority", "mood": "Mood", "lang": "Language", "channel": "Channel"}
    named |= {"band": "Band", "tier": "Tier"}
    if key in named:
        return [str(value) for value in _vocabulary(named[key])(Scope(0, ""))]
    if key == "article":
        return sorted(articles())
    known: dict[str, Sequence[str]] = {"category": categories, "has": tuple(_HAS), "assignee": ("me",)}
    known |= dict.fromkeys(("created", "updated"), ("today", "yesterday"))
    return list(known.get(key, ()))
