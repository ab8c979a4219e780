"""What a ticket is about: evidence of concepts, of the nearest articles and of the learnt model, made into shares."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from helpdesk.classify.model import Opinion, softmax
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


def weighed(hits: Sequence[Hit], votes: Votes, known: Collection[str] | None = None) -> dict[str, float]:
    """What the lexicon and the nearest articles give to each category, of those `known`."""
    weights = {category: weight for category, weight in evidence(hits).items() if known is None or category in known}
    article_weight = tables("judgement.toml")["category"]["article_weight"]
    for category, probability in votes.items():
        weights[category] = weights.get(category, 0.0) + article_weight * probability
    return weights


def decide(
    hits: Sequence[Hit], votes: Votes, known: Collection[str] | None = None, opinion: Opinion | None = None
) -> CategoryVerdict:
    """The category of a text, one of those `known`; below the floor of confidence `other`, with the rivals shown.

    A learnt model's `opinion` is multiplied with what lexicon and articles say, each to the power it has earned.
    """
    settings = tables("judgement.toml")["category"]
    weights, floor = weighed(hits, votes, known), settings["floor"]
    if opinion is None:
        found = shares(weights, settings["temperature"])
    else:
        found = _pooled(weights, settings["temperature"], opinion)
        floor = min(floor, opinion.pooling.floor)
    ranked = sorted(found.items(), key=lambda item: -item[1])
    (best, confidence), rivals = ranked[0], tuple((c, round(s, 3)) for c, s in ranked[:4])
    if confidence < floor:
        best, confidence = OTHER, 1 - confidence
    reasons = _reasons(hits, votes, best, settings["article_weight"], opinion)
    return CategoryVerdict(best, round(confidence, 3), _without(rivals, best), reasons)


def _pooled(weights: Mapping[str, float], temperature: float, opinion: Opinion) -> dict[str, float]:
    trust = opinion.pooling.lexicon / temperature
    logits = {name: math.log(max(s, 1e-12)) + trust * weights.get(name, 0.0) for name, s in opinion.shares.items()}
    return dict(zip(logits, softmax(list(logits.values()), 1.0), strict=True))


def _without(rivals: tuple[tuple[str, float], ...], best: str) -> tuple[tuple[str, float], ...]:
    return tuple(rival for rival in rivals if rival[0] != best)[:3]


def _reasons(
    hits: Sequence[Hit], votes: Votes, best: str, article_weight: float, opinion: Opinion | None
) -> tuple[Reason, ...]:
    trust = 1.0 if opinion is None else opinion.pooling.lexicon
    found = [
        Reason("concept", hit.concept.id, hit.fragment, round(trust * _weight(hit, best), 2))
        for hit in hits
        if trust and hit.concept.category.get(best)
    ]
    if trust and votes.get(best):
        found.append(Reason("article", "article", "", round(trust * article_weight * votes[best], 2)))
    if opinion is not None:
        found += opinion.reasons(best, hits)
    return tuple(sorted(found, key=lambda reason: -reason.points))
