"""One text, judged whole: language, identifiers, category, mood and priority, each with its reasons."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from helpdesk.classify import category, language, mood, priority
from helpdesk.classify.identifiers import Identifier
from helpdesk.classify.model import Opinion
from helpdesk.classify.topics import Likeness
from helpdesk.lexicon import Hit
from helpdesk.models.vocabulary import OTHER, Language

THANKS = "thanks"
"""The topic of a message that only says thanks."""


class Verdict(NamedTuple):
    """What a text was judged to be. `automatic` is False where only a person may answer (a threat, 转人工)."""

    language: Language
    category: category.CategoryVerdict
    mood: mood.MoodVerdict
    priority: priority.PriorityVerdict
    identifiers: tuple[Identifier, ...]
    automatic: bool
    thanks_only: bool


def triage(
    text: str,
    hits: Sequence[Hit],
    likeness: Likeness,
    identifiers: tuple[Identifier, ...] = (),
    votes: category.Votes | None = None,
    categories: Collection[str] | None = None,
    opinion: Opinion | None = None,
) -> Verdict:
    """Judge `text`, whose concepts are `hits`, with what it reads like, the nearest articles and the learnt model say.

    `categories` are those allowed.
    """
    mere_thanks = only_thanks(hits)
    if mere_thanks:
        likeness = likeness.settled(THANKS)
    subject = category.decide(hits, likeness, votes or {}, categories, opinion)
    feeling = mood.feel(text, hits, likeness)
    pressing = priority.weigh(subject.category, feeling.mood, hits, likeness)
    flags = {flag for hit in hits if not hit.negated for flag in hit.concept.flags}
    return Verdict(
        language=language.detect(text),
        category=subject,
        mood=feeling,
        priority=pressing,
        identifiers=identifiers,
        automatic=flags.isdisjoint({"threat", "human", "stolen"}),
        thanks_only=mere_thanks,
    )


def only_thanks(hits: Sequence[Hit]) -> bool:
    """Whether a text, whose concepts are `hits`, says thanks and nothing else that presses or complains."""
    thanks = any("thanks" in hit.concept.flags for hit in hits if not hit.negated)
    return thanks and all(_only_courteous(hit) for hit in hits)


def _only_courteous(hit: Hit) -> bool:
    concept = hit.concept
    if "thanks" in concept.flags:
        return True
    return not concept.urgency and (concept.mood > 0 or (concept.mood == 0 and concept.category.keys() <= {OTHER}))
