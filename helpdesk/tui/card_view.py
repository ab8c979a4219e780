"""A ticket drawn whole: facts, conversation, articles, events. Everything it shows is harmless text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from helpdesk import clock, words
from helpdesk.clock import Millis
from helpdesk.i18n import _, _n
from helpdesk.text import one_line
from helpdesk.tui.columns import PRIORITY_STYLES
from helpdesk.tui.drawing import plain
from helpdesk.tui.text_view import Line, TextView
from helpdesk.views.tickets import Card, JsonObject

MOST_MESSAGES = 60
MOST_CHARACTERS = 64_000
_AUTHOR_STYLES = {
    "customer": "text--customer",
    "agent": "text--agent",
    "bot": "text--bot",
    "system": "text--dim",
}
_CLOCK_STYLES = {"bold red": "text--error", "yellow": "text--warning"}


class CardView(TextView):
    """Some parts of one ticket: heading, facts, conversation, matches, events."""

    def __init__(self, parts: Sequence[str], id: str | None = None, brief: bool = False) -> None:
        super().__init__(id=id)
        self._parts = parts
        self._brief = brief
        self.events_shown = False
        self.card: Card | None = None
        self.nothing: Sequence[str] = ()
        """What is said where there is no ticket."""

    def show(self, card: Card | None) -> None:
        """Draw a ticket, from its beginning when it is another one."""
        another = card is None or self.card is None or card.ticket["number"] != self.card.ticket["number"]
        self.card = card
        self.draw_again()
        if another:
            self.scroll_home(animate=False)

    def draw_again(self) -> None:
        """Draw the ticket again: the time went on, or other things are to be shown."""
        if self.card is None:
            self.put([Line.of(line, "text--dim") for line in self.nothing or [_("No ticket.")]])
        else:
            self.put(list(self._told(self.card, clock.to_millis(clock.now()))))

    def _told(self, card: Card, now: Millis) -> Iterator[Line]:
        drawers = {
            "heading": self._heading,
            "facts": self._facts,
            "conversation": self._conversation,
            "matches": self._matches,
            "events": self._events,
        }
        for part in self._parts:
            yield from drawers[part](card, now)

    def _heading(self, card: Card, now: Millis) -> Iterator[Line]:
        ticket = card.ticket
        yield Line((f"#{ticket['number']} ", "text--dim"), (_short(ticket["subject"]), "text--strong"))
        due, style = words.due(ticket["due_at"], now)
        priority = PRIORITY_STYLES[ticket["priority"]].replace("line", "text") or "text--dim"
        yield _joined(
            (words.word(ticket["state"]), "text--label"),
            (due, _CLOCK_STYLES.get(style, "text--dim")),
            (_("priority {word}").format(word=words.word(ticket["priority"])), priority),
            (words.word(ticket["category"]), "text--accent"),
            (words.word(ticket["mood"]), "text--warning" if ticket["mood"] == "negative" else "text--dim"),
            (ticket["language"], "text--dim"),
            (words.word(ticket["channel"]), "text--dim"),
        )

    def _facts(self, card: Card, now: Millis) -> Iterator[Line]:
        ticket, customer, order = card.ticket, card.ticket["customer"], card.order
        if customer:
            earlier = " ".join(f"#{t['number']}" for t in card.earlier)
            yield _fact(
                _("Customer"),
                " ".join(filter(None, (customer["name"], customer["handle"]))),
                "★ VIP" if customer["tier"] == "vip" else "",
                _("earlier: {numbers}").format(numbers=earlier) if earlier else "",
            )
        if ticket["order"]:
            yield _fact(
                _("Order"),
                ticket["order"],
                f"{order['product']} × {order['quantity']}" if order else "",
                order["amount"] or "" if order else "",
                words.word(order["status"]) if order else "",
            )
        named = card.judgement.get("identifiers", ())
        found = [f"{kind} {value}" for kind, value, _sure in named if value != ticket["order"]]
        if found:
            yield _fact(_("Found"), *found[:4])
        work = [ticket["assignee"] or "", _("team {name}").format(name=ticket["team"]) if ticket["team"] else ""]
        if any(work):
            yield _fact(_("Assignee"), *work)
        if ticket["tags"]:
            yield _fact(_("Tags"), " ".join(f"+{tag}" for tag in ticket["tags"]))
        for key, label in (("follows", _("follows #{number}")), ("merged_into", _("merged into #{number}"))):
            if ticket[key]:
                yield Line.of(label.format(number=ticket[key]), "text--dim")
        if ticket["rating"]:
            stars = _("rated {stars} of 5").format(stars=ticket["rating"])
            yield _fact(_("Rating"), stars, ticket["rating_comment"] or "")
        if not self._brief:
            yield from self._clocks(card, now)

    def _clocks(self, card: Card, now: Millis) -> Iterator[Line]:
        for name, due_at in card.ticket["due"].items():
            if due_at:
                due, style = words.due(due_at, now)
                yield Line((f"{words.word(name)} ", "text--label"), (due, _CLOCK_STYLES.get(style, "")))

    def _conversation(self, card: Card, now: Millis) -> Iterator[Line]:
        shown: list[tuple[JsonObject, str]] = []
        left = MOST_CHARACTERS
        for message in reversed(card.messages[-MOST_MESSAGES:]):
            if left <= 0:
                break
            body = plain(words.shown(message["body"]))
            shown.append((message, body))
            left -= len(body)
        hidden = len(card.messages) - len(shown)
        if hidden:
            yield Line()
            count = _n("… {count} earlier message", "… {count} earlier messages", hidden).format(count=hidden)
            yield Line.of(count, "text--dim")
        for message, body in reversed(shown):
            yield Line()
            yield self._byline(card, message, now)
            style = "text--note" if message["visibility"] == "note" else ""
            yield from (Line.of(line, style) for line in body.split("\n"))

    def _byline(self, card: Card, message: JsonObject, now: Millis) -> Line:
        customer = (card.ticket["customer"] or {}).get("name") if message["author"] == "customer" else None
        who = message["name"] or customer or words.word(message["author"])
        told = [words.ago(message["at"], now)]
        if message["visibility"] == "note":
            told.append(_("note"))
        if message["article"]:
            told.append(message["article"])
        sign = "◀" if message["author"] == "customer" else "▶"
        return Line(
            (f"{sign} {_short(who, 80)}", _AUTHOR_STYLES[message["author"]]),
            ("  " + _short(" · ".join(told)), "text--dim"),
        )

    def _matches(self, card: Card, now: Millis) -> Iterator[Line]:
        if not card.matches:
            return
        yield Line()
        yield Line.of(_("Articles that may answer it"), "text--label")
        if card.judgement.get("automatic") is False:
            yield Line.of(_("A person must answer this one; look before you send an article."), "text--warning")
        for place, match in enumerate(card.matches[:3], start=1):
            strong = "text--success" if card.ticket["band"] == "answer" and place == 1 else "text--accent"
            yield Line(
                (f"{place} ", "text--label"),
                (f"{match['probability']:4.0%}  ", strong),
                (_short(match["question"]), ""),
                (f"  {_short(match['article'], 60)}", "text--dim"),
                indent=8,
            )
            reasons = "" if self._brief else _reasons(match)
            if reasons:
                yield Line((f"        {_short(reasons, 300)}", "text--dim"), indent=8)

    def _events(self, card: Card, now: Millis) -> Iterator[Line]:
        if not self.events_shown:
            return
        yield Line()
        yield Line.of(_("Events"), "text--label")
        for event in card.events[-200:]:
            yield Line((_short(words.happened(event, now), 300), "text--dim"), indent=4)


def _short(text: str, most: int = 200) -> str:
    return one_line(plain(text[: most * 4]), most)


def _joined(*pieces: tuple[str, str]) -> Line:
    shown: list[tuple[str, str]] = []
    for text, style in pieces:
        if text:
            shown += [(" · ", "text--dim")] if shown else []
            shown.append((_short(text), style))
    return Line(*shown)


def _fact(label: str, *values: str) -> Line:
    told = " · ".join(_short(value) for value in values if value)
    return Line((f"{label} ", "text--label"), (told, ""), indent=2)


def _reasons(match: JsonObject) -> str:
    ties = [words.concept(r[1:], "") if r.startswith("≈") else f"「{r}」" for r in match["reasons"]]
    return _("because of {reasons}").format(reasons=_("; ").join(ties)) if ties else ""
