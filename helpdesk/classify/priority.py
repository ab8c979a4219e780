"""How soon a ticket must be taken: a sum of points whose terms are shown, as taskwarrior does for its tasks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from helpdesk.classify.reasons import Reason
from helpdesk.classify.topics import Likeness
from helpdesk.config import tables
from helpdesk.lexicon import Hit
from helpdesk.models.vocabulary import Mood, Priority, Tier


class Facts(NamedTuple):
    """What the shop knows beside the text: the customer's tier, their unfinished tickets, the order's amount."""

    tier: str = Tier.NORMAL
    unfinished_tickets: int = 0
    order_amount: int | None = None
    """In hundredths of the currency."""


class PriorityVerdict(NamedTuple):
    """The priority, its sum of points and the sum's terms."""

    priority: Priority
    urgency: float
    terms: tuple[Reason, ...]


def weigh(category: str, mood: Mood, hits: Sequence[Hit], likeness: Likeness) -> PriorityVerdict:
    """The priority a text deserves by itself: cues in its words, and how urgent such messages usually are."""
    weights = tables("judgement.toml")["priority"]
    terms = [Reason("category", category, "", weights["category"].get(category, 0.5)), *_pressing(hits)]
    terms.append(likeness.reason(weights["topic"] * likeness.urgency))
    if mood is Mood.NEGATIVE:
        terms.append(Reason("mood", mood, "", weights["negative_mood"]))
    elif mood is Mood.POSITIVE:
        terms.append(Reason("mood", mood, "", weights["positive_mood"]))
    return _summed(terms)


def add_facts(terms: Sequence[Reason], facts: Facts) -> PriorityVerdict:
    """The priority of a verdict's terms with those of what the shop knows of the customer and the order."""
    return _summed([*terms, *_of_customer(facts)])


def _summed(terms: Sequence[Reason]) -> PriorityVerdict:
    counting = tuple(term for term in terms if term.points)
    urgency = round(sum(term.points for term in counting), 2)
    return PriorityVerdict(named(urgency), urgency, counting)


def _pressing(hits: Sequence[Hit]) -> list[Reason]:
    """The concepts that press: the strongest counts fully, each further one half of the one before it."""
    weight = tables("judgement.toml")["priority"]["concept_weight"]
    pressing = sorted((h for h in hits if h.concept.urgency and not h.negated), key=lambda h: -h.concept.urgency)
    return [
        Reason("concept", hit.concept.id, hit.fragment, round(weight * hit.concept.urgency * 0.5**place, 2))
        for place, hit in enumerate(pressing[:4])
    ]


def _of_customer(facts: Facts) -> list[Reason]:
    weights = tables("judgement.toml")["priority"]
    terms = []
    if facts.tier == Tier.VIP:
        terms.append(Reason("tier", Tier.VIP, "", weights["vip"]))
    if facts.unfinished_tickets:
        repeats = min(facts.unfinished_tickets, 2)
        terms.append(Reason("repeat", "repeat", str(facts.unfinished_tickets), weights["repeat_contact"] * repeats))
    if facts.order_amount is not None and facts.order_amount >= 100 * weights["large_amount"]:
        terms.append(Reason("amount", "amount", f"{facts.order_amount / 100:.2f}", weights["large_order"]))
    return terms


def named(urgency: float) -> Priority:
    """The priority a sum of points stands for."""
    weights = tables("judgement.toml")["priority"]
    if urgency >= weights["urgent_at"]:
        return Priority.URGENT
    if urgency >= weights["high_at"]:
        return Priority.HIGH
    return Priority.NORMAL if urgency >= weights["normal_at"] else Priority.LOW
