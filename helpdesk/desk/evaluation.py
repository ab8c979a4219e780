"""How good the judgement is on labelled tickets: figures, a confusion table, a reliability table, the worst errors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process

from helpdesk.desk.judge import Judge, Judged
from helpdesk.intake.labels import Labelled
from helpdesk.kb.index import ArticleText
from helpdesk.text import fold

PRESSING = frozenset({"high", "urgent"})
WORST = 10


@dataclass(frozen=True, slots=True)
class Ranked:
    """For one ticket: how sure the best article is, and at which place the right one stands (0 when nowhere)."""

    sureness: float
    place: int
    answerable: bool


def evaluate(judge: Judge, tickets: Sequence[Labelled]) -> dict[str, Any]:
    """Every figure of the judgement on labelled tickets; shares are 0..1, None where no ticket carries the label."""
    judged = [(ticket, judge.judge(ticket.text)) for ticket in tickets]
    return {
        "tickets": len(tickets),
        **ranking([_ranked(ticket, one) for ticket, one in judged if ticket.article is not None]),
        "bands": _bands(judged),
        "category_accuracy": _share(one.verdict.category.category in t.categories for t, one in judged if t.categories),
        "priority_accuracy": _share(one.verdict.priority.priority == t.priority for t, one in judged if t.priority),
        "pressing": _found(
            [(one.verdict.priority.priority in PRESSING, t.priority in PRESSING) for t, one in judged if t.priority]
        ),
        "mood_accuracy": _share(one.verdict.mood.mood == t.mood for t, one in judged if t.mood),
        "negative": _found(
            [(one.verdict.mood.mood == "negative", t.mood == "negative") for t, one in judged if t.mood]
        ),
        "language_accuracy": _share(one.verdict.language == t.language for t, one in judged if t.language),
        "confusion": _confusion(judged),
        "reliability": _reliability(judged),
        "worst": _worst(judged),
    }


def compare(articles: Sequence[ArticleText], tickets: Sequence[Labelled]) -> dict[str, dict[str, Any]]:
    """The ranking figures of two scorers of rapidfuzz on the same tickets and phrasings."""
    phrasings = [(article.id, fold(text)) for article in articles for text in article.phrasings]
    scorers: dict[str, Callable[..., float]] = {"WRatio": fuzz.WRatio, "ratio": fuzz.ratio}
    asked = [ticket for ticket in tickets if ticket.article is not None]
    return {name: ranking([_by_scorer(t, phrasings, scorer) for t in asked]) for name, scorer in scorers.items()}


def _by_scorer(ticket: Labelled, phrasings: Sequence[tuple[str, str]], scorer: Callable[..., float]) -> Ranked:
    found = process.extract(fold(ticket.text), [text for _id, text in phrasings], scorer=scorer, limit=None)
    order = list(dict.fromkeys(phrasings[place][0] for _text, _score, place in found))
    place = order.index(ticket.article) + 1 if ticket.article in order else 0
    return Ranked(found[0][1] / 100 if found else 0.0, place, bool(ticket.article))


def _ranked(ticket: Labelled, judged: Judged) -> Ranked:
    found = [match.article for match in judged.matches.found]
    place = found.index(ticket.article) + 1 if ticket.article in found else 0
    return Ranked(judged.matches.found[0].probability if found else 0.0, place, bool(ticket.article))


def ranking(ranked: Sequence[Ranked]) -> dict[str, Any]:
    """R@1, R@3 and MRR over the answerable tickets; over all, precision at 70 % coverage, coverage at 90 % precision
    and AUROC."""
    answerable = [one for one in ranked if one.answerable]
    return {
        "recall_at_1": _share(one.place == 1 for one in answerable),
        "recall_at_3": _share(1 <= one.place <= 3 for one in answerable),
        "mrr": _mean(1 / one.place if one.place else 0.0 for one in answerable),
        "precision_at_70": _precision_at(ranked, 0.7),
        "coverage_at_90": _coverage_at(ranked, 0.9),
        "auroc_answerable": _auroc(ranked),
    }


def _surest_first(ranked: Sequence[Ranked]) -> list[bool]:
    return [one.place == 1 for one in sorted(ranked, key=lambda one: -one.sureness)]


def _precision_at(ranked: Sequence[Ranked], coverage: float) -> float | None:
    return _share(_surest_first(ranked)[: int(coverage * len(ranked))])


def _coverage_at(ranked: Sequence[Ranked], precision: float) -> float | None:
    right, best = 0, 0
    for count, hit in enumerate(_surest_first(ranked), start=1):
        right += hit
        if right >= precision * count:
            best = count
    return round(best / len(ranked), 4) if ranked else None


def _auroc(ranked: Sequence[Ranked]) -> float | None:
    """The chance that an answerable ticket's best article is surer than an unanswerable one's; ties count half."""
    yes = [one.sureness for one in ranked if one.answerable]
    no = [one.sureness for one in ranked if not one.answerable]
    if not yes or not no:
        return None
    wins = sum((a > b) + 0.5 * (a == b) for a in yes for b in no)
    return round(wins / (len(yes) * len(no)), 4)


def _share(hits: Iterable[bool]) -> float | None:
    return _mean(float(hit) for hit in hits)


def _mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return round(sum(found) / len(found), 4) if found else None


def _found(pairs: Sequence[tuple[bool, bool]]) -> dict[str, float | None]:
    """Precision and recall over pairs of (said so, is so)."""
    return {
        "precision": _share(truth for said, truth in pairs if said),
        "recall": _share(said for said, truth in pairs if truth),
    }


def _bands(judged: Sequence[tuple[Labelled, Judged]]) -> dict[str, dict[str, float | int | None]]:
    bands: dict[str, list[bool]] = {}
    for ticket, one in judged:
        if ticket.article is not None:
            best = one.matches.found[0].article if one.matches.found else ""
            bands.setdefault(one.band.value, []).append(bool(ticket.article) and best == ticket.article)
    return {band: {"tickets": len(hits), "precision": _share(hits)} for band, hits in sorted(bands.items())}


def _confusion(judged: Sequence[tuple[Labelled, Judged]]) -> list[dict[str, Any]]:
    pairs = Counter(
        (t.categories[0], one.verdict.category.category)
        for t, one in judged
        if t.categories and one.verdict.category.category not in t.categories
    )
    return [{"labelled": a, "judged": b, "tickets": count} for (a, b), count in pairs.most_common(20)]


def _reliability(judged: Sequence[tuple[Labelled, Judged]]) -> list[dict[str, Any]]:
    """By tenths of category confidence: how often the category was right."""
    tenths: dict[int, list[tuple[float, bool]]] = {}
    for ticket, one in judged:
        verdict = one.verdict.category
        if ticket.categories:
            hit = verdict.category in ticket.categories
            tenths.setdefault(min(int(verdict.confidence * 10), 9), []).append((verdict.confidence, hit))
    return [
        {
            "from": tenth / 10,
            "tickets": len(found),
            "confidence": _mean(confidence for confidence, _hit in found),
            "right": _share(hit for _confidence, hit in found),
        }
        for tenth, found in sorted(tenths.items())
    ]


def _worst(judged: Sequence[tuple[Labelled, Judged]]) -> list[dict[str, Any]]:
    """The tickets whose wrong article was found with most confidence, with why."""
    wrong = [
        (one.matches.found[0], ticket)
        for ticket, one in judged
        if ticket.article is not None and one.matches.found and one.matches.found[0].article != ticket.article
    ]
    wrong.sort(key=lambda pair: -pair[0].probability)
    return [
        {
            "id": ticket.id,
            "text": ticket.text[:200],
            "labelled": ticket.article or None,
            "found": match.article,
            "probability": match.probability,
            "reasons": list(match.reasons),
        }
        for match, ticket in wrong[:WORST]
    ]
