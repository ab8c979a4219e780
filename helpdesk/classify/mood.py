"""How the customer feels: a sum of cues, where a negation turns a good word and a stated loss counts by itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from helpdesk.classify.reasons import Reason
from helpdesk.classify.topics import Likeness
from helpdesk.config import tables
from helpdesk.lexicon import Hit
from helpdesk.models.vocabulary import Mood

_SHOUT = re.compile(r"[!！?？]{2,}")
_COURTESY = 0.5


class MoodVerdict(NamedTuple):
    """The mood, the sum it comes from, and the sum's terms."""

    mood: Mood
    score: float
    reasons: tuple[Reason, ...]


def feel(text: str, hits: Sequence[Hit], likeness: Likeness) -> MoodVerdict:
    """The mood of a text whose concepts are `hits`: cues in its words, and how such messages usually feel."""
    weights = tables("judgement.toml")["mood"]
    expected = weights["topic_positive"] * likeness.positive - weights["topic_negative"] * likeness.negative
    reasons = [likeness.reason(expected)] if abs(expected) >= 0.05 else []
    reasons += [Reason("concept", h.concept.id, h.fragment, _cue(h)) for h in hits if _cue(h)]
    reasons += _emoji(text, weights["emoji_positive"], 1.0) + _emoji(text, weights["emoji_negative"], -1.0)
    score = _strongest_first(reasons)
    if score < 0 and _SHOUT.search(text):
        reasons.append(Reason("shout", "shout", "!!", weights["exclamation"]))
        score += weights["exclamation"]
    return MoodVerdict(_named(score), round(score, 2), tuple(reasons))


def _cue(hit: Hit) -> float:
    if not hit.negated:
        return hit.concept.mood
    return -0.8 * hit.concept.mood if hit.concept.mood > 0 else 0.0


def _strongest_first(reasons: Sequence[Reason]) -> float:
    """Losses outweigh courtesies: the negative cues add up fully, the positive ones only where nothing is wrong."""
    negative = sum(r.points for r in reasons if r.points < 0)
    positive = sum(r.points for r in reasons if r.points > 0)
    return negative + (positive * _COURTESY if negative < 0 else positive)


def _emoji(text: str, emoji: str, points: float) -> list[Reason]:
    found = [character for character in emoji if character in text]
    return [Reason("emoji", "emoji", "".join(found), points)] if found else []


def _named(score: float) -> Mood:
    weights = tables("judgement.toml")["mood"]
    if score <= weights["negative_at"]:
        return Mood.NEGATIVE
    return Mood.POSITIVE if score >= weights["positive_at"] else Mood.NEUTRAL
