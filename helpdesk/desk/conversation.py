"""What is said on a ticket: replies and notes of the shop, further messages of the customer, answers from the FAQ."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from helpdesk.clock import to_millis
from helpdesk.desk import articles, filing, growth, judge
from helpdesk.desk.change import TicketChange, operation
from helpdesk.desk.context import Desk
from helpdesk.desk.judge import Judged
from helpdesk.desk.ledger import Ledger
from helpdesk.errors import NotAllowed, NotFound
from helpdesk.i18n import _, word
from helpdesk.intake.drafts import Draft
from helpdesk.kb.match import Match
from helpdesk.kb.wording import still_says
from helpdesk.models import states
from helpdesk.models.states import Step
from helpdesk.models.vocabulary import Author, Band, State, Visibility
from helpdesk.store import driver
from helpdesk.views import answers, tickets
from helpdesk.views import growth as growth_view
from helpdesk.views.orders import known_orders_of

PRESSING_FACTS = ("mood", "mood_because", "priority", "urgency", "terms", "automatic")
"""What a further message may change of the first judgement; the subject stays."""


@dataclass(frozen=True, slots=True)
class Said:
    """What saying something led to: where the text landed, and the state that ticket is in now."""

    number: int
    state: str
    follow_up: bool = False


def reply(
    desk: Desk,
    number: int,
    body: str,
    resolve: bool = False,
    expected_version: int | None = None,
    article: str | None = None,
) -> Said:
    """A person answers the customer; on a merged ticket the reply lands on the survivor.

    A text that was begun from an article is that article's answer as long as it still says what the article says.
    """
    if article is not None and not _still_says(desk, number, article, body):
        article = None
    step, kind = (Step.REPLY, "replied") if article is None else (Step.ANSWER, "answered")
    with operation(desk, step.value, **({"article": article} if article else {})) as entry:
        change = TicketChange(entry, _survivor(TicketChange(entry, number)), expected_version)
        return _speak(change, step, kind, body, resolve, article, named=True)


def _still_says(desk: Desk, number: int, article: str, body: str) -> bool:
    with desk.store.read() as connection:
        rendered = answers.render(connection, number, article)
    return rendered is not None and still_says(rendered.body, body)


def note(desk: Desk, number: int, body: str) -> Said:
    """A remark the customer never sees; it moves nothing."""
    with operation(desk, "note") as entry:
        change = TicketChange(entry, _survivor(TicketChange(entry, number)))
        if states.after(Step.NOTE, change.state) is None:
            raise change.refuse(Step.NOTE)
        change.say(Author.AGENT, Visibility.NOTE, body)
        change.log("noted")
        change.save()
        return Said(change.number, change.state)


def receive(desk: Desk, number: int, body: str, no_reply_needed: bool = False) -> Said:
    """A further message of the customer: wakes a waiting ticket; on one long closed it becomes a linked follow-up.

    One that only says thanks, or of which a person says so, wants no reply: it moves nothing and starts no clock.
    """
    judged = _judge(desk, body)
    quiet = no_reply_needed or judged.verdict.thanks_only
    with desk.store.read() as connection:
        card = tickets.card(connection, number, desk.moment())
        if card is not None and card.ticket["merged_into"]:
            card = tickets.card(connection, card.ticket["merged_into"], desk.moment())
    if card is not None and not quiet and _too_late(desk, card):
        return _follow_up(desk, card, body, judged)
    with operation(desk, "receive") as entry:
        change = TicketChange(entry, _survivor(TicketChange(entry, number)))
        if not (quiet and change.state in states.UNMOVED_BY_THANKS):
            change.step(Step.RECEIVE)
        change.say(Author.CUSTOMER, Visibility.PUBLIC, body)
        change.log("received", thanks=quiet)
        _hear(change, judged)
        change.save()
        return Said(change.number, change.state)


def _too_late(desk: Desk, card: tickets.Card) -> bool:
    if card.ticket["state"] != State.CLOSED or card.closed_at is None:
        return False
    return timedelta(milliseconds=desk.moment() - card.closed_at) > states.REOPEN_WINDOW


def _follow_up(desk: Desk, card: tickets.Card, body: str, judged: Judged) -> Said:
    customer = card.ticket["customer"] or {}
    draft = Draft(
        body=body,
        customer=customer.get("handle") or "",
        name=customer.get("name") or "",
        channel=card.ticket["channel"],
        order_no=card.ticket["order"],
        source="follow-up",
        follows=card.ticket["number"],
    )
    with desk.store.write() as session:
        verdict = filing.triaged(filing.asked_of(draft), judged)
        filed = filing.file_batch(session, desk, "follow-up", [(draft, verdict)])[0]
    return Said(filed.number, State.NEW, follow_up=True)


def _hear(change: TicketChange, judged: Judged) -> None:
    """A further message can only make a ticket more pressing; its subject was settled by the first."""
    verdict = judged.verdict
    raised = verdict.priority.urgency > change.value("urgency")
    if raised:
        change.put(urgency=verdict.priority.urgency)
        if not change.value("priority_pinned"):
            change.put(priority=verdict.priority.priority)
    if not change.value("mood_pinned") and not verdict.thanks_only:
        change.put(mood=verdict.mood.mood)
    if not verdict.automatic:
        change.put(automatic=False)
    if raised:
        change.log("pressed", **{key: judge.detail(judged)[key] for key in PRESSING_FACTS})


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that was sent, or would be: the article, its text as the customer reads it, the ticket's state."""

    number: int
    article: str
    language: str
    body: str
    state: str
    learnt: str | None = None
    """The customer's words, where the article has learnt them as an alias."""


def suggest(desk: Desk, number: int) -> tuple[Judged, str]:
    """The ticket's open question judged anew, and the text that was judged."""
    with desk.store.read() as connection:
        text = tickets.open_question(connection, number)
        if text is None:
            raise NotFound(
                _("There is no ticket {number}; `helpdesk list` shows those there are.").format(number=number)
            )
        return judge.from_store(connection).judge(text), text


def answer(
    desk: Desk,
    number: int,
    article_id: str | None = None,
    send_anyway: bool = False,
    resolve: bool = False,
    expected_version: int | None = None,
    learn: bool = False,
) -> Answered:
    """Send the article that fits, in the ticket's language; refused where no match permits it and none is named.

    With `learn`, the article learns the customer's words as an alias, in the same operation.
    """
    with desk.store.read() as connection:
        asked = tickets.one(connection, number, desk.moment())
    if asked is not None:
        number = asked["merged_into"] or number
    version = None if asked is None or asked["merged_into"] else asked["version"]
    chosen = article_id or _permitted(desk, number, send_anyway).article
    with desk.store.read() as connection:
        rendered = answers.render(connection, number, chosen)
    if rendered is None:
        raise NotFound(_("There is no article {id!r}; `helpdesk kb list` shows those there are.").format(id=chosen))
    if rendered.state != "published" and not send_anyway:
        raise NotAllowed(
            _("Article {id} is {state}; publish it, or add --send-anyway.").format(
                id=chosen, state=word(rendered.state)
            )
        )
    with operation(desk, "answer", article=chosen) as entry:
        change = TicketChange(entry, number, version if expected_version is None else expected_version)
        said = _speak(change, Step.ANSWER, "answered", rendered.body, resolve, chosen, named=article_id is not None)
        learnt = _learn(entry, said, chosen) if learn else None
    return Answered(said.number, chosen, rendered.language, rendered.body, said.state, learnt)


def _learn(entry: Ledger, said: Said, article: str) -> str | None:
    """The alias learnt from a ticket that was just answered, told in an event of it; None where it says nothing new."""
    told = growth_view.told_in(driver(entry.session), said.number)
    alias = growth.words_of(told.asked) if told is not None else ""
    if told is None or not alias or not articles.learn(entry.session, article, alias, told.language, entry.at):
        return None
    entry.append(said.number, "learnt", {"article": article, "alias": alias, "state": said.state})
    return alias


def _permitted(desk: Desk, number: int, send_anyway: bool) -> Match:
    judged, _text = suggest(desk, number)
    if not judged.matches.found:
        raise NotAllowed(
            _("No article fits ticket {number}; answer it yourself: helpdesk reply {number} TEXT").format(number=number)
        )
    best = judged.matches.found[0]
    if not judged.verdict.automatic and not send_anyway:
        raise NotAllowed(
            _(
                "Ticket {number} is for a person to answer (a threat, a stolen account, or a person was asked for). "
                "Reply yourself: helpdesk reply {number} TEXT, or name an article with --article."
            ).format(number=number)
        )
    if judged.band is Band.UNSURE and not send_anyway:
        raise NotAllowed(
            _(
                "Unsure which article answers ticket {number} (best: {id}, {percent} %). "
                "Look with `helpdesk suggest {number}`, then name one with --article."
            ).format(number=number, id=best.article, percent=round(best.probability * 100))
        )
    return best


def _speak(
    change: TicketChange,
    step: Step,
    kind: str,
    body: str,
    resolve: bool = False,
    article_id: str | None = None,
    named: bool = False,
) -> Said:
    if not body.strip():
        raise NotAllowed(_("There is nothing to send: the text is empty."))
    change.step(step)
    change.say(Author.AGENT, Visibility.PUBLIC, body, article_id)
    if change.value("first_response_at") is None:
        change.put(first_response_at=change.entry.at)
    if resolve and change.state is not State.RESOLVED:
        change.step(Step.RESOLVE)
    # an article somebody named was looked at; one sent because its match permitted it proves nothing about matches
    change.log(kind, **({"article": article_id, "named": named} if article_id else {}))
    change.save()
    return Said(change.number, change.state)


def _survivor(change: TicketChange) -> int:
    return change.ticket.merged_into or change.number


def _judge(desk: Desk, text: str) -> Judged:
    with desk.store.read() as connection:
        return judge.from_store(connection).judge(text, to_millis(desk.now()), known_orders_of(connection))
