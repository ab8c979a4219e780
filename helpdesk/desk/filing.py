"""Filing: drafts become judged, stored tickets; one ticket and a batch of a thousand go the same way."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlmodel import Session

from helpdesk.classify.priority import Facts, add_facts
from helpdesk.classify.reasons import Reason
from helpdesk.classify.triage import only_thanks
from helpdesk.clock import Millis
from helpdesk.desk import clocks, judge, ledger
from helpdesk.desk.context import Desk
from helpdesk.desk.judge import Judged
from helpdesk.desk.judging import Asked
from helpdesk.desk.ledger import Ledger
from helpdesk.errors import UsageProblem
from helpdesk.i18n import _
from helpdesk.intake.drafts import Draft, MessageDraft
from helpdesk.lexicon import lexicon, read
from helpdesk.models import states
from helpdesk.models.codes import public_code
from helpdesk.models.customers import handle_key
from helpdesk.models.states import Step
from helpdesk.models.tables import Category, Customer, Handle, Message, Tag, Ticket
from helpdesk.models.vocabulary import Author, State, Tier, Visibility
from helpdesk.sla.clocks import Moment, rounds
from helpdesk.sla.settling import KeptOutcome
from helpdesk.store import add_rows, driver, search_index
from helpdesk.text import index_terms
from helpdesk.views import counts
from helpdesk.views import filing as lookups
from helpdesk.views.orders import known_orders_of

SUBJECT_LENGTH = 60


class Triaged(NamedTuple):
    """What filing keeps of a judgement: small, because it may come from another process."""

    columns: dict[str, Any]
    """Of the ticket's row, those the judgement decides."""
    order_no: str | None
    thanks_only: bool
    pressing: tuple[Reason, ...]
    """The terms of the priority."""
    detail: str
    """Of the `triaged` event, as JSON."""
    search_terms: str


@dataclass(frozen=True, slots=True)
class Filed:
    """The number a draft was filed under, now or before."""

    number: int
    duplicate: bool = False


def triaged(asked: Asked, judged: Judged) -> Triaged:
    """What filing keeps of a judgement; `asked.beside` is the text the ticket is to be found by."""
    verdict, matches, order_no = judged.verdict, judged.matches.found, judged.order_no()
    columns = {
        "category": verdict.category.category,
        "category_confidence": verdict.category.confidence,
        "priority": verdict.priority.priority.value,
        "urgency": verdict.priority.urgency,
        "mood": verdict.mood.mood.value,
        "language": verdict.language.value,
        "band": judged.band.value,
        "article_id": matches[0].article if matches else None,
        "probability": matches[0].probability if matches else None,
        "automatic": verdict.automatic,
    }
    return Triaged(
        columns,
        order_no,
        verdict.thanks_only,
        verdict.priority.terms,
        ledger.compact_json(judge.detail(judged)),
        index_terms(f"{asked.beside} {order_no or ''}"),
    )


def asked_of(draft: Draft) -> Asked:
    """What is judged of a draft."""
    found_by = filter(None, (draft.subject, draft.body, draft.customer, draft.name, draft.order_no))
    return Asked(draft.text, draft.created_at, " ".join(found_by))


def file(desk: Desk, draft: Draft) -> tuple[Filed, Judged]:
    """File one ticket: judged before the transaction, stored in one."""
    now = desk.moment()
    with desk.store.read() as connection:
        if draft.category is not None:
            known_category(draft.category, counts.categories(connection))
        judged = judge.from_store(connection).judge(draft.text, draft.created_at or now, known_orders_of(connection))
    with desk.store.write() as session:
        filed = file_batch(session, desk, "new", [(draft, triaged(asked_of(draft), judged))])[0]
    return filed, judged


def file_batch(session: Session, desk: Desk, kind: str, batch: Sequence[tuple[Draft, Triaged]]) -> list[Filed]:
    """Store a batch of triaged drafts as one operation; drafts whose key the store has are reported as duplicates."""
    return _Batch(session, desk, kind, batch).store()


class _Batch:
    """One batch on its way into the store: looks up what it needs at once, then writes table by table."""

    def __init__(self, session: Session, desk: Desk, kind: str, batch: Sequence[tuple[Draft, Triaged]]) -> None:
        self._session, self._desk = session, desk
        self._driver = driver(session)
        self._known: dict[Any, int] = dict(
            lookups.known_keys(self._driver, [k for k in (key_of(d) for d, _t in batch) if k])
        )
        self._batch = batch
        self._kind = kind
        self._now = desk.moment()
        self._next_message = 0
        self._tickets: list[dict[str, Any]] = []
        self._messages: list[dict[str, Any]] = []
        self._terms: list[tuple[int, str]] = []
        self._tags: list[dict[str, Any]] = []
        self._outcomes: list[tuple[int, KeptOutcome]] = []
        self._rules = clocks.in_force(session)

    def store(self) -> list[Filed]:
        fresh: dict[Any, tuple[Draft, Triaged]] = {}
        for draft, verdict in self._batch:
            key = key_of(draft) or id(draft)
            if key not in self._known:
                fresh.setdefault(key, (draft, verdict))
        numbers = dict(zip(fresh, self._file(list(fresh.values())), strict=True)) if fresh else {}
        return [self._result(draft, numbers) for draft, _verdict in self._batch]

    def _result(self, draft: Draft, numbers: dict[Any, int]) -> Filed:
        """What became of a draft; the second one of a key in a batch finds its number taken by the first."""
        key = key_of(draft) or id(draft)
        if key in numbers:
            self._known[key] = numbers.pop(key)
            return Filed(self._known[key])
        return Filed(self._known[key], duplicate=True)

    def _file(self, fresh: Sequence[tuple[Draft, Triaged]]) -> list[int]:
        entry = ledger.begin(self._session, self._kind, self._desk.actor, self._now, {"tickets": len(fresh)})
        last_number, last_message, last_customer = lookups.last_ids(self._driver)
        customers = self._customers([draft for draft, _verdict in fresh], last_customer)
        orders = lookups.order_amounts(
            self._driver, {draft.order_no or verdict.order_no or "" for draft, verdict in fresh} - {""}
        )
        self._next_message = last_message + 1
        numbers = list(range(last_number + 1, last_number + 1 + len(fresh)))
        for number, (draft, verdict) in zip(numbers, fresh, strict=True):
            self._one(number, draft, verdict, customers, orders, entry)
        add_rows(self._session, Ticket, self._tickets)
        add_rows(self._session, Message, self._messages)
        search_index.add(self._session, self._terms)
        add_rows(self._session, Tag, self._tags)
        clocks.keep_outcomes(self._session, self._outcomes)
        entry.store()
        if self._rules.with_query:
            clocks.derive(self._session, self._now, numbers[0], numbers[-1])
        return numbers

    def _one(
        self,
        number: int,
        draft: Draft,
        verdict: Triaged,
        customers: Mapping[str, _KnownCustomer],
        orders: Mapping[str, int | None],
        entry: Ledger,
    ) -> None:
        created = draft.created_at or self._now
        customer = customers.get(handle_key(draft.customer)) if draft.customer else None
        order_no = draft.order_no or verdict.order_no
        verdict = _with_facts(verdict, _facts(customer, orders.get(order_no) if order_no else None))
        ticket = _ticket_row(number, draft, verdict, created, customer, order_no)
        self._message(
            number, Author.CUSTOMER, draft.name or None, draft.body or draft.subject, created, verdict.search_terms
        )
        told = {"source": draft.source, "channel": draft.channel} | ({"thanks": True} if verdict.thanks_only else {})
        entry.append(number, "filed", told, created)
        entry.append_json(number, "triaged", verdict.detail, created)
        pinned = {key: value for key, value in _given(draft).items() if value is not None}
        if pinned:
            entry.append(number, "set", pinned, created)
        moments = [Moment(created, State.NEW, asked=not verdict.thanks_only), *self._talk(ticket, draft, entry)]
        moments += _arrive(ticket, draft, moments[-1], entry)
        if not self._rules.with_query:  # which policy is a ticket's only its stored row can tell
            self._settle(ticket, moments, customer.tier if customer else Tier.NORMAL)
        self._tickets.append(ticket)
        self._tags += [{"ticket_number": number, "name": tag} for tag in draft.tags]
        if customer and ticket["state"] in ("new", "open", "pending", "on_hold"):
            customer.unfinished += 1

    def _settle(self, ticket: dict[str, Any], moments: Sequence[Moment], tier: str) -> None:
        found = clocks.settled(rounds(moments), self._rules.terms(-1, ticket["priority"], tier), self._now, self._now)
        ticket |= found.columns
        self._outcomes += [(ticket["number"], outcome) for outcome in found.outcomes]

    def _message(
        self,
        number: int,
        author: str,
        name: str | None,
        body: str,
        at: Millis,
        search_terms: str,
        visibility: str = "public",
    ) -> None:
        self._messages.append(
            {
                "id": self._next_message,
                "ticket_number": number,
                "author": author,
                "author_name": name,
                "visibility": visibility,
                "body": body,
                "at": at,
            }
        )
        self._terms.append((self._next_message, search_terms))
        self._next_message += 1

    def _talk(self, ticket: dict[str, Any], draft: Draft, entry: Ledger) -> list[Moment]:
        """The further messages of an imported conversation, each moving the ticket as it would have."""
        moments, at = [], ticket["created_at"]
        for message in draft.messages:
            at = max(at, message.at or at)
            found_by = index_terms(message.body)
            self._message(ticket["number"], message.author, None, message.body, at, found_by, message.visibility)
            moments.append(_heard(ticket, message, at, entry))
        return moments

    def _customers(self, drafts: Sequence[Draft], last_id: int) -> dict[str, _KnownCustomer]:
        """The customers of the batch by handle key; those not known yet are added."""
        handles = {handle_key(d.customer): d for d in reversed(drafts) if d.customer}
        known = {value: _KnownCustomer(*row) for value, row in lookups.customers(self._driver, handles).items()}
        fresh = [(value, draft) for value, draft in handles.items() if value not in known]
        if fresh:
            known |= {value: _KnownCustomer(last_id + place) for place, (value, _d) in enumerate(fresh, start=1)}
            add_rows(
                self._session,
                Customer,
                [{"id": known[v].id, "name": d.name, "tier": "normal", "created_at": self._now} for v, d in fresh],
            )
            add_rows(
                self._session,
                Handle,
                [{"value": v, "shown": d.customer, "customer_id": known[v].id} for v, d in fresh],
            )
        return known


def facts_of(desk: Desk, asked: Sequence[tuple[str, str | None]]) -> list[Facts]:
    """What the shop knows of each (customer's handle, order number)."""
    keys = [handle_key(handle) if handle else "" for handle, _order in asked]
    with desk.store.read() as connection:
        customers = lookups.customers(connection, set(keys) - {""})
        amounts = lookups.order_amounts(connection, {order for _handle, order in asked if order})
    known = {key: _KnownCustomer(*row) for key, row in customers.items()}
    return [
        _facts(known.get(key), amounts.get(order) if order else None)
        for key, (_handle, order) in zip(keys, asked, strict=True)
    ]


def key_of(draft: Draft) -> tuple[str, str] | None:
    """What tells an imported draft from every other; None for one that was typed in."""
    return (draft.source, draft.import_key) if draft.import_key else None


@dataclass(slots=True)
class _KnownCustomer:
    id: int
    tier: str = Tier.NORMAL
    unfinished: int = 0


def _facts(customer: _KnownCustomer | None, amount: int | None) -> Facts:
    if customer is None:
        return Facts(order_amount=amount)
    return Facts(customer.tier, customer.unfinished, amount)


def _given(draft: Draft) -> dict[str, Any]:
    return {
        "category": draft.category,
        "priority": draft.priority,
        "assignee": draft.assignee,
        "team": draft.team,
        "tags": list(draft.tags) or None,
    }


def _with_facts(verdict: Triaged, facts: Facts) -> Triaged:
    """The verdict where the shop knows more of the customer and the order: only the priority changes."""
    if facts == judge.NO_FACTS:
        return verdict
    priority = add_facts(verdict.pressing, facts)
    if priority.terms == verdict.pressing:
        return verdict
    decided = {"priority": priority.priority.value, "urgency": priority.urgency}
    detail = json.loads(verdict.detail) | decided | {"terms": priority.terms}
    return verdict._replace(columns=verdict.columns | decided, detail=ledger.compact_json(detail))


def _ticket_row(
    number: int, draft: Draft, verdict: Triaged, created: Millis, customer: _KnownCustomer | None, order_no: str | None
) -> dict[str, Any]:
    row = verdict.columns | {
        "number": number,
        "subject": draft.subject or shortened(draft.body),
        "state": State.NEW.value,
        "category_pinned": draft.category is not None,
        "priority_pinned": draft.priority is not None,
        "channel": draft.channel,
        "customer_id": customer.id if customer else None,
        "order_no": order_no,
        "assignee": draft.assignee,
        "team": draft.team,
        "created_at": created,
        "updated_at": created,
        "first_response_at": None,
        "resolved_at": None,
        "closed_at": None,
        "source": draft.source,
        "external_id": draft.external_id,
        "import_key": draft.import_key,
        "follows": draft.follows,
        "code": public_code(),
    }
    if draft.category is not None:
        row |= {"category": draft.category, "category_confidence": 1.0}
    if draft.priority is not None:
        row["priority"] = draft.priority
    return row


def shortened(body: str) -> str:
    """A subject made of a body that came without one."""
    line = " ".join(body.split())
    return line if len(line) <= SUBJECT_LENGTH else line[: SUBJECT_LENGTH - 1] + "…"


def _heard(ticket: dict[str, Any], message: MessageDraft, at: Millis, entry: Ledger) -> Moment:
    if message.visibility == Visibility.NOTE:
        step, kind = Step.NOTE, "noted"
    elif message.author == Author.CUSTOMER:
        step, kind = Step.RECEIVE, "received"
    else:
        step, kind = Step.REPLY, "replied"
    state = State(ticket["state"])
    thanks = kind == "received" and _only_thanks(message.body)
    if not (thanks and state in states.UNMOVED_BY_THANKS):
        ticket["state"] = (states.after(step, state) or state).value
    answered = kind == "replied" and message.author == Author.AGENT
    if answered and ticket["first_response_at"] is None:
        ticket["first_response_at"] = at
    ticket["updated_at"] = at
    told = {"state": ticket["state"], "by": message.author} | ({"thanks": True} if thanks else {})
    entry.append(ticket["number"], kind, told, at)
    return Moment(at, ticket["state"], asked=kind == "received" and not thanks, answered=answered)


LONGEST_THANKS = 60
"""Characters: what is longer says more than thanks, and need not be read to know."""


def _only_thanks(body: str) -> bool:
    return len(body) <= LONGEST_THANKS and only_thanks(lexicon().find(read(body)))


def _arrive(ticket: dict[str, Any], draft: Draft, last: Moment, entry: Ledger) -> list[Moment]:
    """The state the import names, reached after its last message."""
    if draft.state is None or draft.state == ticket["state"]:
        return []
    ticket["state"] = draft.state
    if draft.state in (State.RESOLVED, State.CLOSED):
        ticket["resolved_at"] = last.at
    if draft.state == State.CLOSED:
        ticket["closed_at"] = last.at
    entry.append(ticket["number"], "moved", {"step": "import", "state": draft.state}, last.at)
    return [Moment(last.at, draft.state, told=False)]


def categories(session: Session) -> set[str]:
    """The slugs of every category."""
    return set(counts.categories(driver(session)))


def create_categories(session: Session, slugs: Collection[str]) -> None:
    """Add categories of the shop's own, named by their slug until somebody names them better."""
    add_rows(session, Category, [{"slug": s, "title_zh": s, "title_en": s.replace("_", " ")} for s in sorted(slugs)])


def known_category(slug: str, known: Collection[str]) -> str:
    """`slug` if the shop has that category; otherwise a UsageProblem with the nearest ones."""
    if slug in known:
        return slug
    from difflib import get_close_matches

    near = get_close_matches(slug, known, 1)
    hint = (
        _("Did you mean {near}?").format(near=near[0])
        if near
        else _("Known: {all}").format(all=", ".join(sorted(known)))
    )
    raise UsageProblem(_("There is no category {slug!r}. {hint}").format(slug=slug, hint=hint))
