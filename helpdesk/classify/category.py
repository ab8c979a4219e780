"""What a ticket is about: evidence of concepts, topics, the nearest articles and the learnt model, made into shares."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from helpdesk.classify.model import Opinion, softmax
from helpdesk.classify.reasons import Reason
from helpdesk.classify.topics import Likeness
from helpdesk.config import tables
from helpdesk.lexicon import Hit
from helpdesk.models.vocabulary import OTHER

Votes = Mapping[str, float]
"""What the nearest articles say: for each category the probability of its best article, 0..1."""


class CategoryVerdict(NamedTuple):
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


def prior(hits: Sequence[Hit], likeness: Likeness) -> dict[str, float]:
    """The shares of what a text is about before any article is asked."""
    return shares(weighed(hits, likeness, {}), tables("judgement.toml")["category"]["temperature"])


def weighed(
    hits: Sequence[Hit], likeness: Likeness, votes: Votes, known: Collection[str] | None = None
) -> dict[str, float]:
    """What lexicon, topics and the nearest articles give to each category, of those `known`."""
    settings, weights = tables("judgement.toml")["category"], defaultdict[str, float](float)
    sources = (
        (settings["concept_weight"], evidence(hits)),
        (settings["topic_weight"], likeness.evidence),
        (settings["article_weight"], votes),
    )
    for weight, source in sources:
        for category, points in source.items():
            if known is None or category in known:
                weights[category] += weight * points
    return dict(weights)


def decide(
    hits: Sequence[Hit],
    likeness: Likeness,
    votes: Votes,
    known: Collection[str] | None = None,
    opinion: Opinion | None = None,
) -> CategoryVerdict:
    """The category of a text, one of those `known`; below the floor of confidence `other`, with the rivals shown.

    A learnt model's `opinion` is multiplied with what lexicon and articles say, each to the power it has earned.
    """
    settings = tables("judgement.toml")["category"]
    weights, floor = weighed(hits, likeness, votes, known), settings["floor"]
    if opinion is None:
        found = shares(weights, settings["temperature"])
    else:
        found = _pooled(weights, settings["temperature"], opinion)
        floor = min(floor, opinion.pooling.floor)
    ranked = sorted(found.items(), key=lambda item: -item[1])
    (best, confidence), rivals = ranked[0], tuple((c, round(s, 3)) for c, s in ranked[:4])
    if confidence < floor:
        best, confidence = OTHER, found.get(OTHER, 0.0)
    reasons = _reasons(hits, likeness, votes, best, opinion)
    return CategoryVerdict(best, round(confidence, 3), _without(rivals, best), reasons)


def _pooled(weights: Mapping[str, float], temperature: float, opinion: Opinion) -> dict[str, float]:
    trust = opinion.pooling.lexicon / temperature
    logits = {name: math.log(max(s, 1e-12)) + trust * weights.get(name, 0.0) for name, s in opinion.shares.items()}
    return dict(zip(logits, softmax(list(logits.values()), 1.0), strict=True))


def _without(rivals: tuple[tuple[str, float], ...], best: str) -> tuple[tuple[str, float], ...]:
    return tuple(rival for rival in rivals if rival[0] != best)[:3]


def _reasons(
    hits: Sequence[Hit], likeness: Likeness, votes: Votes, best: str, opinion: Opinion | None
) -> tuple[Reason, ...]:
    settings = tables("judgement.toml")["category"]
    trust = 1.0 if opinion is None else opinion.pooling.lexicon
    found = [
        Reason("concept", hit.concept.id, hit.fragment, trust * settings["concept_weight"] * _weight(hit, best))
        for hit in hits
        if hit.concept.category.get(best)
    ]
    if likeness.best.category == best:
        found.append(likeness.reason(trust * settings["topic_weight"] * likeness.evidence[best]))
    if votes.get(best):
        found.append(Reason("article", "article", "", trust * settings["article_weight"] * votes[best]))
    if opinion is not None:
        found += opinion.reasons(best, hits)
    told = [reason._replace(points=round(reason.points, 2)) for reason in found]
    return tuple(sorted(filter(lambda reason: reason.points, told), key=lambda reason: -reason.points))
