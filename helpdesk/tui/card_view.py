"""A ticket drawn whole: facts, conversation, articles, events. Everything it shows is harmless text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from helpdesk import clock, words
from helpdesk.clock import Millis
from helpdesk.i18n import _, _n
from helpdesk.text import one_line
from helpdesk.tui.columns import PRIORITY_STYLES
from helpdesk.tui.drawing import plain
from helpdesk.views.tickets import Card, JsonObject

MOST_MESSAGES = 60
MOST_CHARACTERS = 64_000


class CardView(VerticalScroll):
    """Some parts of one ticket: heading, facts, conversation, matches, events."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "card--subject", "card--dim", "card--customer", "card--agent", "card--bot", "card--system", "card--note",
        "card--error", "card--warning", "card--success", "card--accent", "card--label",
    }  # fmt: skip

    def __init__(self, parts: Sequence[str], id: str | None = None, brief: bool = False) -> None:
        super().__init__(id=id)
        self._parts = parts
        self._brief = brief
        self.events_shown = False
        self.card: Card | None = None
        self._text = Static(markup=False)

    def compose(self) -> ComposeResult:
        """One text."""
        yield self._text

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
            self._text.update(Text(_("No ticket."), style=self._style("card--dim")))
        else:
            self._text.update(self._drawn(self.card, clock.to_millis(clock.now())))

    def notify_style_update(self) -> None:
        """Other colours."""
        super().notify_style_update()
        if self.is_mounted:
            self.draw_again()

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(name, partial=True)

    def _drawn(self, card: Card, now: Millis) -> Text:
        drawers = {
            "heading": self._heading,
            "facts": self._facts,
            "conversation": self._conversation,
            "matches": self._matches,
            "events": self._events,
        }
        text = Text()
        for part in self._parts:
            for line in drawers[part](card, now):
                text.append_text(line)
                text.append("\n")
        return text

    def _heading(self, card: Card, now: Millis) -> Iterator[Text]:
        ticket = card.ticket
        yield Text.assemble(
            (f"#{ticket['number']} ", self._style("card--dim")),
            (one_line(plain(ticket["subject"]), 200), self._style("card--subject")),
        )
        due, style = words.due(ticket["due_at"], now)
        clock_style = {"bold red": "card--error", "yellow": "card--warning"}.get(style, "card--dim")
        priority = {"line--error": "card--error", "line--warning": "card--warning"}.get(
            PRIORITY_STYLES[ticket["priority"]], "card--dim"
        )
        pieces = [
            (words.word(ticket["state"]), "card--label"),
            (due, clock_style),
            (_("priority {word}").format(word=words.word(ticket["priority"])), priority),
            (words.word(ticket["category"]), "card--accent"),
            (words.word(ticket["mood"]), "card--warning" if ticket["mood"] == "negative" else "card--dim"),
            (ticket["language"], "card--dim"),
            (words.word(ticket["channel"]), "card--dim"),
        ]
        yield self._joined(pieces)

    def _joined(self, pieces: list[tuple[str, str]]) -> Text:
        text = Text()
        for word, style in pieces:
            if word:
                if text:
                    text.append(" · ", style=self._style("card--dim"))
                text.append(one_line(plain(word), 200), style=self._style(style))
        return text

    def _facts(self, card: Card, now: Millis) -> Iterator[Text]:
        ticket, customer, order = card.ticket, card.ticket["customer"], card.order
        if customer:
            earlier = " ".join(f"#{t['number']}" for t in card.earlier)
            yield self._fact(
                _("Customer"),
                " ".join(filter(None, (customer["name"], customer["handle"]))),
                "VIP" if customer["tier"] == "vip" else "",
                _("earlier: {numbers}").format(numbers=earlier) if earlier else "",
            )
        if ticket["order"]:
            yield self._fact(
                _("Order"),
                ticket["order"],
                f"{order['product']} × {order['quantity']}" if order else "",
                order["amount"] or "" if order else "",
                words.word(order["status"]) if order else "",
            )
        named = card.judgement.get("identifiers", ())
        found = [f"{kind} {value}" for kind, value, _sure in named if value != ticket["order"]]
        if found:
            yield self._fact(_("Found"), *found[:4])
        if not self._brief:
            yield from self._clocks(card, now)
        work = [ticket["assignee"] or "", _("team {name}").format(name=ticket["team"]) if ticket["team"] else ""]
        if any(work):
            yield self._fact(_("Assignee"), *work)
        if ticket["tags"]:
            yield self._fact(_("Tags"), " ".join(f"+{tag}" for tag in ticket["tags"]))
        for key, label in (("follows", _("follows #{number}")), ("merged_into", _("merged into #{number}"))):
            if ticket[key]:
                yield Text(label.format(number=ticket[key]), style=self._style("card--dim"))
        if ticket["rating"]:
            stars = _("rated {stars} of 5").format(stars=ticket["rating"])
            yield self._fact(_("Rating"), stars, ticket["rating_comment"] or "")

    def _fact(self, label: str, *values: str) -> Text:
        text = Text(f"{label} ", style=self._style("card--label"))
        return text.append(" · ".join(one_line(plain(value), 200) for value in values if value))

    def _clocks(self, card: Card, now: Millis) -> Iterator[Text]:
        for name, due_at in card.ticket["due"].items():
            if due_at:
                due, style = words.due(due_at, now)
                yield Text.assemble(
                    (f"{words.word(name)} ", self._style("card--label")),
                    (due, self._style({"bold red": "card--error", "yellow": "card--warning"}.get(style, ""))
                     if style else ""),
                )  # fmt: skip

    def _conversation(self, card: Card, now: Millis) -> Iterator[Text]:
        messages = card.messages[-MOST_MESSAGES:]
        left = MOST_CHARACTERS
        shown: list[tuple[JsonObject, str]] = []
        for message in reversed(messages):
            body = words.shown(message["body"][: max(left, 0) + 1])
            if left <= 0:
                break
            shown.append((message, plain(body)))
            left -= len(body)
        hidden = len(card.messages) - len(shown)
        if hidden:
            yield Text("")
            yield Text(
                _n("… {count} earlier message", "… {count} earlier messages", hidden).format(count=hidden),
                style=self._style("card--dim"),
            )
        for message, body in reversed(shown):
            yield Text("")
            yield self._byline(card, message, now)
            style = self._style("card--note") if message["visibility"] == "note" else ""
            for line in body.split("\n"):
                yield Text(line, style=style)

    def _byline(self, card: Card, message: JsonObject, now: Millis) -> Text:
        customer = (card.ticket["customer"] or {}).get("name") if message["author"] == "customer" else None
        who = message["name"] or customer or words.word(message["author"])
        told = [words.ago(message["at"], now)]
        if message["visibility"] == "note":
            told.append(_("note"))
        if message["article"]:
            told.append(message["article"])
        sign = {"customer": "▎", "agent": "▍", "bot": "▍", "system": "▏"}[message["author"]]
        text = Text(f"{sign}{one_line(plain(who), 80)}", style=self._style(f"card--{message['author']}"))
        return text.append("  " + one_line(plain(" · ".join(told)), 200), style=self._style("card--dim"))

    def _matches(self, card: Card, now: Millis) -> Iterator[Text]:
        if not card.matches:
            return
        yield Text("")
        yield Text(_("Articles that may answer it"), style=self._style("card--label"))
        for place, match in enumerate(card.matches[:3], start=1):
            strong = "card--success" if card.ticket["band"] == "answer" and place == 1 else "card--accent"
            yield Text.assemble(
                (f"{place} ", self._style("card--label")),
                (f"{match['probability']:4.0%}  ", self._style(strong)),
                one_line(plain(match["question"]), 200),
                (f"  {one_line(plain(match['article']), 60)}", self._style("card--dim")),
            )
            if not self._brief:
                yield self._reasons(match)

    def _reasons(self, match: JsonObject) -> Text:
        ties = [words.concept(r[1:], "") if r.startswith("≈") else f"「{r}」" for r in match["reasons"]]
        told = _("because of {reasons}").format(reasons=_("; ").join(ties)) if ties else ""
        return Text("        " + one_line(plain(told), 300), style=self._style("card--dim"))

    def _events(self, card: Card, now: Millis) -> Iterator[Text]:
        if not self.events_shown:
            return
        yield Text("")
        yield Text(_("Events"), style=self._style("card--label"))
        for event in card.events[-200:]:
            at = words.ago(event["at"], now, True)
            told = f"{at}  {event['kind']}  {event['actor']}  {_shortly(event['detail'])}"
            yield Text(one_line(plain(told), 300), style=self._style("card--dim"))


def _shortly(detail: dict[str, Any]) -> str:
    if "terms" in detail:
        return " ".join(str(detail[key]) for key in ("category", "priority", "mood") if key in detail)
    return " ".join(f"{key}={value}" for key, value in detail.items())
