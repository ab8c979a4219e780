"""One ticket drawn whole: as a conversation for people, as rows for a pipe, and why it was judged as it was."""

from collections.abc import Iterator
from typing import Any

from helpdesk.commands import output, words
from helpdesk.commands.front import Front
from helpdesk.i18n import _
from helpdesk.text import one_line, safe
from helpdesk.views.tickets import Card

LONGEST_SHOWN = 64_000
_LINE = 2000

AUTHOR_STYLES = {"customer": "cyan", "agent": "green", "bot": "magenta", "system": "dim"}


def print_card(front: Front, card: Card) -> None:
    """A ticket as a conversation."""
    from rich.padding import Padding
    from rich.text import Text

    ticket, screen = card.ticket, output.console()
    screen.print(Text(f"#{ticket['number']} {one_line(ticket['subject'], 200)}", style="bold"))
    for line in _facts(front, card):
        screen.print(Text(safe(line), style="dim"))
    for message in card.messages:
        screen.print()
        screen.print(Text(_byline(front, card, message), style=AUTHOR_STYLES[message["author"]]))
        screen.print(Padding(Text(shown(message["body"])), (0, 0, 0, 2)))
    if card.matches:
        screen.print()
        screen.print(Text(_("Articles that may answer it:"), style="dim"))
        for match in card.matches:
            question = one_line(match["question"], 200)
            screen.print(Text(f"  {match['probability']:4.0%}  {match['article']}  {question}"))
    if front.verbose:
        screen.print()
        for event in card.events:
            line = f"{words.ago(event['at'], front.now, True)}  {event['kind']}  {event['actor']}  {_shortly(event)}"
            screen.print(Text(safe(line)[:300], style="dim"))


def shown(body: str) -> str:
    """A body as it may be shown: harmless, a hostile megabyte capped, endless lines folded."""
    capped = body[:LONGEST_SHOWN]
    lines = [line[at : at + _LINE] for line in safe(capped).split("\n") for at in range(0, max(len(line), 1), _LINE)]
    if len(body) > LONGEST_SHOWN:
        lines.append(_("… cut: {count} more characters; --json has them all").format(count=len(body) - LONGEST_SHOWN))
    return "\n".join(lines)


def _byline(front: Front, card: Card, message: dict[str, Any]) -> str:
    customer = (card.ticket["customer"] or {}).get("name") if message["author"] == "customer" else None
    who = message["name"] or customer or words.word(message["author"])
    kind = " · " + _("note") if message["visibility"] == "note" else ""
    article = f" · {message['article']}" if message["article"] else ""
    return one_line(f"{who} · {words.ago(message['at'], front.now, front.verbose)}{kind}{article}", 200)


def _facts(front: Front, card: Card) -> Iterator[str]:
    ticket = card.ticket
    due, _style = words.due(ticket["due_at"], front.now, front.verbose)
    state = [words.word(ticket["state"])]
    if ticket["snoozed_until"]:
        state.append(words.ago(ticket["snoozed_until"], front.now, front.verbose))
    yield " · ".join(
        filter(
            None,
            (
                *state,
                _("priority {word}").format(word=words.word(ticket["priority"])),
                words.word(ticket["category"]),
                words.word(ticket["mood"]),
                ticket["language"],
                words.word(ticket["channel"]),
                due,
            ),
        )
    )
    if ticket["code"]:
        yield _("code for the customer {code}").format(code=ticket["code"])
    yield from _people_and_order(card)
    for key, label in (("follows", _("follows #{number}")), ("merged_into", _("merged into #{number}"))):
        if ticket[key]:
            yield label.format(number=ticket[key])
    if ticket["rating"]:
        yield _("rated {stars} of 5").format(stars=ticket["rating"]) + f" {ticket['rating_comment'] or ''}"


def _people_and_order(card: Card) -> Iterator[str]:
    ticket, customer = card.ticket, card.ticket["customer"]
    if customer:
        tier = f" · {customer['tier'].upper()}" if customer["tier"] != "normal" else ""
        earlier = " · " + _("earlier: {numbers}").format(
            numbers=" ".join(f"#{t['number']}" for t in card.earlier)
        ) if card.earlier else ""  # fmt: skip
        who = " ".join(filter(None, (customer["name"], customer["handle"])))
        yield _("customer {who}").format(who=who) + tier + earlier
    if ticket["order"]:
        order = card.order
        facts = (
            f" · {order['product']} × {order['quantity']} · {order['amount'] or '?'} · {words.word(order['status'])}"
            if order
            else ""
        )
        yield _("order {number}").format(number=ticket["order"]) + facts
    work = [_("assignee {name}").format(name=ticket["assignee"])] if ticket["assignee"] else []
    work += [_("team {name}").format(name=ticket["team"])] if ticket["team"] else []
    work += ["+" + tag for tag in ticket["tags"]]
    if work:
        yield " · ".join(work)


def _shortly(event: dict[str, Any]) -> str:
    detail = event["detail"]
    if event["kind"] == "triaged":
        return f"{detail['category']} {detail['priority']} {detail['mood']}"
    return " ".join(f"{key}={value}" for key, value in detail.items())


def print_card_rows(card: Card) -> None:
    """A ticket for a pipe: key, value; then each message as `message`, time, author, visibility, body."""
    for key, value in card.ticket.items():
        if isinstance(value, dict):
            output.print_rows([f"{key}.{inner}", text] for inner, text in value.items())
        else:
            output.print_rows([[key, ",".join(value) if isinstance(value, list) else value]])
    output.print_rows(["message", m["at"], m["author"], m["visibility"], m["body"]] for m in card.messages)
    output.print_rows(["match", m["article"], m["probability"], m["question"]] for m in card.matches)
    output.print_rows(["event", e["at"], e["kind"], e["actor"]] for e in card.events)


def explanation(card: Card) -> dict[str, Any]:
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


def explanation_lines(card: Card) -> Iterator[str]:
    """Why, in words."""
    why = explanation(card)
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
