"""What a ticket is about: evidence of concepts and of the nearest articles, made into shares that add up to one."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from helpdesk.classify.reasons import Reason
from helpdesk.config import tables
from helpdesk.lexicon import Hit
from helpdesk.models.vocabulary import OTHER

Votes = Mapping[str, float]
"""What the nearest articles say: for each category the probability of its best article, 0..1."""


@dataclass(frozen=True, slots=True)
class CategoryVerdict:
    """The category, its confidence 0..1, the rivals with theirs, and why."""

    category: str
    confidence: float
    rivals: tuple[tuple[str, float], ...]
    reasons: tuple[Reason, ...]


def evidence(hits: Sequence[Hit]) -> dict[str, float]:
    """The weight the concepts of a text give to each category; a negated concept counts half."""
    weights: dict[str, float] = defaultdict(float)
    for hit in hits:
        for category in hit.concept.category:
            weights[category] += _weight(hit, category)
    return dict(weights)


def _weight(hit: Hit, category: str) -> float:
    return hit.concept.category[category] * (0.5 if hit.negated else 1.0)


def shares(weights: Mapping[str, float], temperature: float) -> dict[str, float]:
    """Softmax of the weights over the categories named, with `other` at zero as the one nobody spoke for."""
    logits = {OTHER: 0.0, **weights}
    top = max(logits.values())
    powers = {category: math.exp((logit - top) / temperature) for category, logit in logits.items()}
    total = sum(powers.values())
    return {category: power / total for category, power in powers.items()}


def decide(hits: Sequence[Hit], votes: Votes, known: Collection[str] | None = None) -> CategoryVerdict:
    """The category of a text, one of those `known`; below the floor of confidence `other`, with the rivals shown."""
    settings = tables("judgement.toml")["category"]
    weights = {category: weight for category, weight in evidence(hits).items() if known is None or category in known}
    for category, probability in votes.items():
        weights[category] = weights.get(category, 0.0) + settings["article_weight"] * probability
    ranked = sorted(shares(weights, settings["temperature"]).items(), key=lambda item: -item[1])
    (best, confidence), rivals = ranked[0], tuple((c, round(s, 3)) for c, s in ranked[:4])
    if confidence < settings["floor"]:
        best, confidence = OTHER, 1 - confidence
    return CategoryVerdict(best, round(confidence, 3), _without(rivals, best), _reasons(hits, votes, best, settings))


def _without(rivals: tuple[tuple[str, float], ...], best: str) -> tuple[tuple[str, float], ...]:
    return tuple(rival for rival in rivals if rival[0] != best)[:3]


def _reasons(hits: Sequence[Hit], votes: Votes, best: str, settings: Mapping[str, float]) -> tuple[Reason, ...]:
    found = [
        Reason("concept", hit.concept.id, hit.fragment, round(_weight(hit, best), 2))
        for hit in hits
        if hit.concept.category.get(best)
    ]
    if votes.get(best):
        found.append(Reason("article", "article", "", round(settings["article_weight"] * votes[best], 2)))
    return tuple(sorted(found, key=lambda reason: -reason.points))
