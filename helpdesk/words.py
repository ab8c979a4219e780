"""The program's own words in the user's language: states, priorities, times relative to now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from helpdesk.clock import Millis, from_millis, iso, parse_time, to_millis, zone
from helpdesk.i18n import N_, _, _n, language
from helpdesk.text import one_line, safe

if TYPE_CHECKING:
    from helpdesk.views.undoing import Change, Undoable

LONGEST_SHOWN = 64_000
_LINE = 2000

STATES = {
    "new": N_("new"),
    "open": N_("open"),
    "pending": N_("pending"),
    "on_hold": N_("on hold"),
    "snoozed": N_("snoozed"),
    "resolved": N_("resolved"),
    "closed": N_("closed"),
    "merged": N_("merged"),
    "spam": N_("spam"),
}
PRIORITIES = {"low": N_("low"), "normal": N_("normal"), "high": N_("high"), "urgent": N_("urgent")}
PRIORITY_STYLES = {"urgent": "bold red", "high": "yellow", "normal": "", "low": "dim"}
MOODS = {"negative": N_("negative"), "neutral": N_("neutral"), "positive": N_("positive")}
BANDS = {"answer": N_("can be answered"), "suggest": N_("suggestions"), "unsure": N_("unsure"), "none": N_("none")}
CLOCKS = {
    "first_response": N_("first response"),
    "next_response": N_("next response"),
    "resolution": N_("resolution"),
}
EVENTS = {
    "filed": N_("filed"),
    "triaged": N_("judged"),
    "received": N_("customer wrote"),
    "pressed": N_("more pressing"),
    "replied": N_("replied"),
    "answered": N_("answered"),
    "noted": N_("note added"),
    "moved": N_("moved"),
    "set": N_("fields set"),
    "rated": N_("rated"),
    "undone": N_("undone"),
    "escalated": N_("escalated"),
    "learnt": N_("learnt from"),
    "absorbed": N_("took in another ticket"),
}
OPERATIONS = {
    "close": N_("closing"),
    "resolve": N_("resolving"),
    "hold": N_("putting on hold"),
    "snooze": N_("snoozing"),
    "reopen": N_("reopening"),
    "spam": N_("marking as spam"),
    "set": N_("setting fields"),
    "rate": N_("rating"),
    "undo": N_("undoing"),
    "new": N_("filing"),
    "import tickets": N_("an import"),
    "follow-up": N_("a follow-up"),
    "reply": N_("a reply"),
    "answer": N_("an answer"),
    "note": N_("a note"),
    "receive": N_("a customer's message"),
}
AUTHORS = {"customer": N_("customer"), "agent": N_("agent"), "bot": N_("bot"), "system": N_("system")}
CATEGORIES = {
    "delivery": N_("delivery"),
    "payment": N_("payment"),
    "card_key": N_("card key"),
    "product": N_("product use"),
    "after_sales": N_("after-sales"),
    "account": N_("account"),
    "settlement": N_("settlement"),
    "complaint": N_("complaint"),
    "pre_sales": N_("pre-sales"),
    "other": N_("other"),
}

CHANNELS = {
    "chat": N_("chat"),
    "email": N_("mail"),
    "phone": N_("phone"),
    "web": N_("web"),
    "social": N_("social media"),
    "cli": N_("command line"),
}
ORDER_STATUSES = {
    "paid": N_("paid"),
    "processing": N_("being processed"),
    "delivered": N_("delivered"),
    "completed": N_("completed"),
    "failed": N_("failed"),
    "cancelled": N_("cancelled"),
    "refunded": N_("refunded"),
    "unknown": N_("unknown"),
}

_ALL = STATES | PRIORITIES | MOODS | BANDS | CLOCKS | AUTHORS | CATEGORIES | CHANNELS | ORDER_STATUSES


def word(value: str | None) -> str:
    """A word of the vocabulary in the user's language; a word of the shop's own as it is."""
    return _(_ALL[value]) if value in _ALL else value or ""


def span(millis: Millis) -> str:
    """A length of time in its largest sensible unit, e.g. `40 min`, `3 h`, `2 d`."""
    minutes = abs(millis) // 60_000
    if minutes < 60:
        return _("{count} min").format(count=minutes)
    if minutes < 48 * 60:
        return _("{count} h").format(count=minutes // 60)
    return _("{count} d").format(count=minutes // 1440)


def ago(moment: str | None, now: Millis, exact: bool = False) -> str:
    """When something happened, for people: relative, or in local time when `exact`."""
    if moment is None:
        return ""
    millis = to_millis(parse_time(moment))
    if exact:
        return from_millis(millis).astimezone(zone()).strftime("%Y-%m-%d %H:%M:%S")
    if abs(now - millis) < 60_000:
        return _("now")
    if millis > now:
        return _("in {span}").format(span=span(millis - now))
    return _("{span} ago").format(span=span(now - millis))


def due(moment: str | None, now: Millis, exact: bool = False) -> tuple[str, str]:
    """A due time for people, and the style of its meaning."""
    if moment is None:
        return "", "dim"
    millis = to_millis(parse_time(moment))
    style = "bold red" if millis < now else "yellow" if millis - now < 1_800_000 else ""
    if exact:
        return ago(moment, now, exact=True), style
    return (_("{span} late") if millis < now else _("{span} left")).format(span=span(millis - now)), style


def counted(late_minutes: int) -> str:
    """How late a clock is, or how much it has left (minutes below zero), in the time that counts."""
    sentence = _("{span} late") if late_minutes >= 0 else _("{span} left")
    return sentence.format(span=span(late_minutes * 60_000))


def weekday(day: date) -> str:
    """A day of the week, short."""
    names = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
    return _(names[day.weekday()])


def event(kind: str) -> str:
    """What happened to a ticket."""
    return _(EVENTS[kind]) if kind in EVENTS else kind


def happened(event_: Mapping[str, Any], now: Millis) -> str:
    """One event of a ticket on one line: when, by whom, what, in which operation."""
    operation_ = _("operation {id}").format(id=event_["operation"])
    return f"{ago(event_['at'], now, exact=True)}  {event_['actor']}  {what_happened(event_)}  ({operation_})"


def what_happened(event_: Mapping[str, Any]) -> str:
    """What an event was, and what it changed."""
    detail = event_["detail"]
    if event_["kind"] in ("triaged", "pressed"):
        told = [word(detail[key]) for key in ("category", "priority", "mood") if key in detail]
    else:
        told = [_told(key, value) for key, value in detail.items() if key != "fields"]
    return " ".join((event(event_["kind"]), *filter(None, told)))


def _told(key: str, value: Any) -> str:
    if key == "state":
        return f"→ {word(value)}"
    if key in ("until", "due"):
        return f"{key}={from_millis(value).astimezone(zone()):%Y-%m-%d %H:%M}" if value else ""
    if isinstance(value, list) and len(value) == 2:
        before, after = (" ".join(one) if isinstance(one, list) else word(one) for one in value)
        return f"{key}: {before or '-'} → {after or '-'}"
    return "" if value in (None, "", False) else f"{key}={word(value) if isinstance(value, str) else value}"


def operation(kind: str) -> str:
    """What somebody did, as a noun."""
    return _(OPERATIONS[kind]) if kind in OPERATIONS else kind


def undoable(found: Undoable, now: Millis) -> str:
    """The question whether to undo an operation."""
    return _("Undo {deed} of {tickets}, {ago}?").format(
        deed=operation(found.kind), tickets=_which(found.changes), ago=ago(iso(found.at), now)
    )


def _which(changes: Sequence[Change]) -> str:
    return f"#{changes[0].number}" if len(changes) == 1 else tickets(len(changes))


def put_back(change: Change) -> str:
    """What an undo puts back on a ticket."""
    told: list[str] = []
    for key, value in change.back_to.items():
        if key == "state":
            told.insert(0, f"→ {word(value)}")
        elif key == "snoozed_until":
            told.append(_told("until", value))
        else:
            told.append(f"{key}={' '.join(value) if isinstance(value, list) else word(value) or '-'}")
    return " ".join((f"#{change.number}", *filter(None, told), one_line(change.subject, 60)))


def undone(kind: str, count: int) -> str:
    """What was undone."""
    return _("Undone: {deed} of {tickets}.").format(deed=operation(kind), tickets=tickets(count))


def left_as_they_are(numbers: Sequence[int]) -> str:
    """The tickets an undo leaves alone."""
    shown = " ".join(f"#{number}" for number in numbers[:10]) + (" …" if len(numbers) > 10 else "")
    return _("Changed by somebody since, and left as they are: {numbers}").format(numbers=shown)


def without_holidays(years: Sequence[int]) -> str:
    """What to say of years whose holidays nobody knows."""
    return _("No holidays are known for {years}; it counts as plain weeks: helpdesk calendar import FILE").format(
        years=_(", ").join(map(str, years))
    )


def tickets(count: int) -> str:
    """A number of tickets."""
    return _n("{count} ticket", "{count} tickets", count).format(count=count)


ARTICLE_STATES = {"draft": N_("draft"), "published": N_("published"), "archived": N_("archived")}


def article_state(state: str) -> str:
    """The state of an article."""
    return _(ARTICLE_STATES[state])


def times_sent(count: int) -> str:
    """How often an article was sent."""
    return _n("sent once", "sent {count} times", count).format(count=count) if count else _("never sent")


def share(part: int, of: int) -> str:
    """A part of a whole, e.g. `81% (57 of 70)`."""
    if not of:
        return _("none yet")
    return _("{share:.0%} ({count} of {of})").format(share=part / of, count=part, of=of)


def concept(name: str, fragment: str) -> str:
    """A concept for people: the customer's words, and what they mean."""
    meaning = _meaning(name)
    return f"「{fragment}」→ {meaning}" if fragment else meaning


def topic(name: str, fragment: str) -> str:
    """A topic for people: what the text reads like, and the customer's words that say so."""
    meaning = _meaning(name)
    if not fragment:
        return _("reads like: {meaning}").format(meaning=meaning)
    return _("「{fragment}」 reads like: {meaning}").format(fragment=fragment, meaning=meaning)


def _meaning(name: str) -> str:
    """What a concept or a topic is called in the user's language."""
    from helpdesk.classify.topics import topics
    from helpdesk.lexicon import lexicon

    names = {topic.id: (topic.label, topic.gloss) for topic in topics().topics}
    names |= {concept.id: (concept.label, concept.gloss) for concept in lexicon().concepts}
    label, gloss = names.get(name, (name, name))
    return label if language() == "zh" else gloss


def shown(body: str) -> str:
    """A body as it may be shown: harmless, a hostile megabyte capped, endless lines folded."""
    capped = body[:LONGEST_SHOWN]
    lines = [line[at : at + _LINE] for line in safe(capped).split("\n") for at in range(0, max(len(line), 1), _LINE)]
    if len(body) > LONGEST_SHOWN:
        lines.append(_("… cut: {count} more characters; --json has them all").format(count=len(body) - LONGEST_SHOWN))
    return "\n".join(lines)
