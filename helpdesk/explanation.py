"""Why a ticket was judged as it was: as data, and in words."""

from collections.abc import Iterator
from typing import Any

from helpdesk import words
from helpdesk.i18n import _
from helpdesk.views.tickets import Card


def reasons(card: Card) -> dict[str, Any]:
    """Why, as data."""
    ticket, why = card.ticket, card.judgement

    def terms(key: str) -> list[dict[str, Any]]:
        return [
            {"kind": kind, "name": name, "fragment": fragment, "points": points}
            for kind, name, fragment, points in why.get(key, ())
        ]

    return {
        "number": ticket["number"],
        "category": {
            "value": ticket["category"],
            "judged": why.get("category"),
            "confidence": why.get("confidence"),
            "rivals": [{"category": name, "confidence": share} for name, share in why.get("rivals", ())],
            "reasons": terms("because"),
        },
        "mood": {"value": ticket["mood"], "judged": why.get("mood"), "reasons": terms("mood_because")},
        "priority": {
            "value": ticket["priority"],
            "judged": why.get("priority"),
            "urgency": why.get("urgency"),
            "terms": terms("terms"),
        },
        "band": ticket["band"],
        "automatic": why.get("automatic"),
        "matches": card.matches,
        "identifiers": [{"kind": k, "value": v, "confidence": c} for k, v, c in why.get("identifiers", ())],
    }


def lines(card: Card) -> Iterator[str]:
    """Why, in words."""
    why = reasons(card)
    yield from _category_lines(why["category"])
    yield from _mood_lines(why["mood"])
    yield from _priority_lines(why["priority"])
    yield from _match_lines(why)
    for found in why["identifiers"]:
        yield _("Found in the text: {kind} {value} ({confidence:.0%})").format(**found)


def _category_lines(category: dict[str, Any]) -> Iterator[str]:
    if category["judged"] is None:
        return
    yield _("Category: {word} ({confidence:.0%})").format(
        word=words.word(category["judged"]), confidence=category["confidence"]
    )
    for reason in category["reasons"]:
        yield "  " + _reason(reason)
    likely = [rival for rival in category["rivals"] or () if rival["confidence"] >= 0.01]
    if likely:
        rivals = _(", ").join(f"{words.word(r['category'])} {r['confidence']:.0%}" for r in likely)
        yield "  " + _("also possible: {rivals}").format(rivals=rivals)
    if category["value"] != category["judged"]:
        yield "  " + _("a person set it to {word}").format(word=words.word(category["value"]))


def _mood_lines(mood: dict[str, Any]) -> Iterator[str]:
    if mood["judged"] is None:
        return
    yield _("Mood: {word}").format(word=words.word(mood["judged"]))
    for reason in mood["reasons"]:
        yield "  " + _reason(reason)
    if not mood["reasons"]:
        yield "  " + _("no cue for a feeling")
    if mood["value"] != mood["judged"]:
        yield "  " + _("a person set it to {word}").format(word=words.word(mood["value"]))


def _priority_lines(priority: dict[str, Any]) -> Iterator[str]:
    if priority["judged"] is None:
        return
    yield _("Priority: {word} = {sum:g} points").format(word=words.word(priority["judged"]), sum=priority["urgency"])
    for term in priority["terms"]:
        yield "  " + _reason(term)
    if priority["value"] != priority["judged"]:
        yield "  " + _("a person set it to {word}").format(word=words.word(priority["value"]))


def _match_lines(why: dict[str, Any]) -> Iterator[str]:
    yield _("Match: {word}").format(word=words.word(why["band"]))
    for match in why["matches"]:
        yield f"  {match['probability']:4.0%}  {match['article']}  {match['question']}"
        ties = [words.concept(r[1:], "") if r.startswith("≈") else f"「{r}」" for r in match["reasons"]]
        if ties:
            yield "        " + _("because of {reasons}").format(reasons=_("; ").join(ties))
    if why["automatic"] is False:
        yield "  " + _("only a person may answer: a threat, a stolen account, or a person was asked for")


def _reason(reason: dict[str, Any]) -> str:
    kind, name, fragment = reason["kind"], reason["name"], reason["fragment"]
    if kind == "concept":
        text = words.concept(name, fragment)
    elif kind == "topic":
        text = words.topic(name, fragment)
    else:
        text = {
            "category": _("category {word}").format(word=words.word(name)),
            "mood": _("mood {word}").format(word=words.word(name)),
            "tier": _("customer is {tier}").format(tier=name.upper()),
            "repeat": _("{count} other unfinished tickets").format(count=fragment),
            "amount": _("order of {amount}").format(amount=fragment),
            "emoji": _("emoji {emoji}").format(emoji=fragment),
            "shout": _("repeated ! or ?"),
            "article": _("the nearest articles"),
            "model": _("learnt from “{fragment}”").format(fragment=fragment),
        }.get(kind, name)
    return f"{reason['points']:+6.2f}  {text}"
