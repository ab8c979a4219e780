"""Filing: drafts become judged, stored tickets; one ticket and a batch of a thousand go the same way."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from helpdesk.classify.priority import Facts
from helpdesk.clock import Millis
from helpdesk.desk import judge, ledger
from helpdesk.desk.context import Desk
from helpdesk.desk.judge import Judged
from helpdesk.desk.ledger import Ledger
from helpdesk.errors import UsageProblem
from helpdesk.i18n import _
from helpdesk.intake.drafts import Draft, MessageDraft
from helpdesk.models import states
from helpdesk.models.customers import handle_key
from helpdesk.models.states import Step
from helpdesk.models.tables import Category, Customer, Handle, Message, Tag, Ticket
from helpdesk.models.vocabulary import Author, State, Tier, Visibility
from helpdesk.sla.clocks import Moment, due_times
from helpdesk.sla.policy import policy
from helpdesk.store import add_rows, driver, search_index
from helpdesk.views import counts
from helpdesk.views import filing as lookups
from helpdesk.views.orders import known_orders_of

SUBJECT_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Filed:
    """What filing a draft led to."""

    number: int
    judged: Judged
    duplicate: bool = False


def file(desk: Desk, draft: Draft) -> Filed:
    """File one ticket: judged before the transaction, stored in one."""
    now = desk.moment()
    with desk.store.read() as connection:
        if draft.category is not None:
            known_category(draft.category, counts.categories(connection))
        judged = judge.from_store(connection).judge(draft.text, draft.created_at or now, known_orders_of(connection))
    with desk.store.write() as session:
        return file_batch(session, desk, "new", [(draft, judged)])[0]


def file_batch(session: Session, desk: Desk, kind: str, batch: Sequence[tuple[Draft, Judged]]) -> list[Filed]:
    """Store a batch of judged drafts as one operation; drafts whose key the store has are reported as duplicates."""
    return _Batch(session, desk, kind, batch).store()


class _Batch:
    """One batch on its way into the store: looks up what it needs at once, then writes table by table."""

    def __init__(self, session: Session, desk: Desk, kind: str, batch: Sequence[tuple[Draft, Judged]]) -> None:
        self._session, self._desk = session, desk
        self._driver = driver(session)
        self._known: dict[Any, int] = dict(
            lookups.known_keys(self._driver, [k for k in (key_of(d) for d, _j in batch) if k])
        )
        self._batch = batch
        self._kind = kind
        self._now = desk.moment()
        self._next_message = 0
        self._tickets: list[dict[str, Any]] = []
        self._messages: list[dict[str, Any]] = []
        self._terms: list[tuple[int, str]] = []
        self._tags: list[dict[str, Any]] = []

    def store(self) -> list[Filed]:
        fresh: dict[Any, tuple[Draft, Judged]] = {}
        for draft, judged in self._batch:
            key = key_of(draft) or id(draft)
            if key not in self._known:
                fresh.setdefault(key, (draft, judged))
        numbers = dict(zip(fresh, self._file(list(fresh.values())), strict=True)) if fresh else {}
        return [self._result(draft, judged, numbers) for draft, judged in self._batch]

    def _result(self, draft: Draft, judged: Judged, numbers: dict[Any, int]) -> Filed:
        """What became of a draft; the second one of a key in a batch finds its number taken by the first."""
        key = key_of(draft) or id(draft)
        if key in numbers:
            self._known[key] = numbers.pop(key)
            return Filed(self._known[key], judged)
        return Filed(self._known[key], judged, duplicate=True)

    def _file(self, fresh: Sequence[tuple[Draft, Judged]]) -> list[int]:
        entry = ledger.begin(self._session, self._kind, self._desk.actor, self._now, {"tickets": len(fresh)})
        last_number, last_message, last_customer = lookups.last_ids(self._driver)
        customers = self._customers([draft for draft, _judged in fresh], last_customer)
        orders = lookups.order_amounts(
            self._driver, {draft.order_no or judged.order_no() or "" for draft, judged in fresh} - {""}
        )
        self._next_message = last_message + 1
        numbers = list(range(last_number + 1, last_number + 1 + len(fresh)))
        for number, (draft, judged) in zip(numbers, fresh, strict=True):
            self._one(number, draft, judged, customers, orders, entry)
        add_rows(self._session, Ticket, self._tickets)
        add_rows(self._session, Message, self._messages)
        search_index.add(self._session, self._terms)
        add_rows(self._session, Tag, self._tags)
        entry.store()
        return numbers

    def _one(
        self,
        number: int,
        draft: Draft,
        judged: Judged,
        customers: Mapping[str, _KnownCustomer],
        orders: Mapping[str, int | None],
        entry: Ledger,
    ) -> None:
        created = draft.created_at or self._now
        customer = customers.get(handle_key(draft.customer)) if draft.customer else None
        order_no = draft.order_no or judged.order_no()
        judged = judge.with_facts(judged, _facts(customer, orders.get(order_no) if order_no else None))
        ticket = _ticket_row(number, draft, judged, created, customer, order_no)
        searched = " ".join(filter(None, (draft.subject, draft.body, draft.customer, draft.name, order_no)))
        self._message(number, Author.CUSTOMER, draft.name or None, draft.body or draft.subject, created, searched)
        entry.append(number, "filed", {"source": draft.source, "channel": draft.channel}, created)
        entry.append(number, "triaged", judge.detail(judged), created)
        pinned = {key: value for key, value in _given(draft).items() if value is not None}
        if pinned:
            entry.append(number, "set", pinned, created)
        moments = [Moment(created, State.NEW, asked=not judged.verdict.thanks_only), *self._talk(ticket, draft, entry)]
        moments += _arrive(ticket, draft, moments[-1], entry)
        _settle(ticket, moments, customer.tier if customer else Tier.NORMAL)
        self._tickets.append(ticket)
        self._tags += [{"ticket_number": number, "name": tag} for tag in draft.tags]
        if customer and ticket["state"] in ("new", "open", "pending", "on_hold"):
            customer.unfinished += 1

    def _message(
        self,
        number: int,
        author: str,
        name: str | None,
        body: str,
        at: Millis,
        searched: str,
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
        self._terms.append((self._next_message, searched))
        self._next_message += 1

    def _talk(self, ticket: dict[str, Any], draft: Draft, entry: Ledger) -> list[Moment]:
        """The further messages of an imported conversation, each moving the ticket as it would have."""
        moments, at = [], ticket["created_at"]
        for message in draft.messages:
            at = max(at, message.at or at)
            self._message(ticket["number"], message.author, None, message.body, at, message.body, message.visibility)
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


def _ticket_row(
    number: int, draft: Draft, judged: Judged, created: Millis, customer: _KnownCustomer | None, order_no: str | None
) -> dict[str, Any]:
    verdict, matches = judged.verdict, judged.matches.found
    return {
        "number": number,
        "subject": draft.subject or shortened(draft.body),
        "state": State.NEW.value,
        "category": draft.category or verdict.category.category,
        "category_confidence": 1.0 if draft.category else verdict.category.confidence,
        "category_pinned": draft.category is not None,
        "priority": draft.priority or verdict.priority.priority.value,
        "priority_pinned": draft.priority is not None,
        "urgency": verdict.priority.urgency,
        "mood": verdict.mood.mood.value,
        "language": verdict.language.value,
        "channel": draft.channel,
        "customer_id": customer.id if customer else None,
        "order_no": order_no,
        "assignee": draft.assignee,
        "team": draft.team,
        "band": judged.band.value,
        "article_id": matches[0].article if matches else None,
        "probability": matches[0].probability if matches else None,
        "automatic": verdict.automatic,
        "created_at": created,
        "updated_at": created,
        "first_response_at": None,
        "resolved_at": None,
        "closed_at": None,
        "source": draft.source,
        "external_id": draft.external_id,
        "import_key": draft.import_key,
        "follows": draft.follows,
    }


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
    ticket["state"] = (states.after(step, State(ticket["state"])) or State(ticket["state"])).value
    answered = kind == "replied" and message.author == Author.AGENT
    if answered and ticket["first_response_at"] is None:
        ticket["first_response_at"] = at
    ticket["updated_at"] = at
    entry.append(ticket["number"], kind, {"state": ticket["state"], "by": message.author}, at)
    return Moment(at, ticket["state"], asked=kind == "received", answered=answered)


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
    return [Moment(last.at, draft.state)]


def _settle(ticket: dict[str, Any], moments: Sequence[Moment], tier: str) -> None:
    due = due_times(moments, policy(), ticket["priority"], tier)
    ticket["due_first_response"] = due.first_response
    ticket["due_next_response"] = due.next_response
    ticket["due_resolution"] = due.resolution
    ticket["due_at"] = due.soonest


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
