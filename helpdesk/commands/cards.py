"""One ticket drawn whole: as a conversation for people, as rows for a pipe, and why it was judged as it was."""

from collections.abc import Iterator
from typing import Any

from helpdesk import words
from helpdesk.commands import output
from helpdesk.commands.front import Front
from helpdesk.i18n import _
from helpdesk.text import one_line, safe
from helpdesk.views.tickets import Card

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
        screen.print(Padding(Text(words.shown(message["body"])), (0, 0, 0, 2)))
    if card.matches:
        screen.print()
        screen.print(Text(_("Articles that may answer it:"), style="dim"))
        for match in card.matches:
            question = one_line(match["question"], 200)
            screen.print(Text(f"  {match['probability']:4.0%}  {match['article']}  {question}"))
    if front.verbose:
        screen.print()
        for event in card.events:
            screen.print(Text(one_line(words.happened(event, front.now), 300), style="dim"))


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
