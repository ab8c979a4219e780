"""What a match permits: thresholds, cautious at first, then chosen from what the shop did with its matches."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from helpdesk.config import tables
from helpdesk.models.vocabulary import Band

PRECISION = 0.90
"""Of the answers that go out without a look, the share that must be right."""

LOG_NEEDED = 50
"""Outcomes before the log is believed at all."""

_WORTH_SHOWING = 0.10
"""Below `suggest_at` at most this share of matches was ever used."""


class Thresholds(NamedTuple):
    """From which probability, and how far before the second, a match may be sent; from which it is shown."""

    answer_at: float
    answer_margin: float
    suggest_at: float

    def band(self, best: float, second: float) -> Band:
        """What the best match permits, given the second's probability; 0 where there is none."""
        if best < self.suggest_at:
            return Band.UNSURE
        if best >= self.answer_at and best - second >= self.answer_margin:
            return Band.ANSWER
        return Band.SUGGEST


@lru_cache(maxsize=1)
def cautious() -> Thresholds:
    """The thresholds before there is a log, from judgement.toml."""
    settings = tables("judgement.toml")["match"]
    return Thresholds(settings["answer_at"], settings["answer_margin"], settings["suggest_at"])


class Outcome(NamedTuple):
    """What became of a ticket's best match: its probability, that of the second, and whether a person sent it."""

    best: float
    second: float
    accepted: bool


def chosen(log: Sequence[Outcome], before: Thresholds) -> Thresholds:
    """The thresholds a shop's log supports; those of `before` while the log is short.

    `answer_at` is the lowest above which the share accepted, counted with one doubt of either kind (Laplace), reaches
    PRECISION; where none does, nothing is sent by itself. `suggest_at` is the highest below which hardly any match was
    used, never above `answer_at`.
    """
    if len(log) < LOG_NEEDED:
        return before
    clear = sorted((one for one in log if one.best - one.second >= before.answer_margin), reverse=True)
    answer_at, right = 1.01, 0
    for count, one in enumerate(clear, start=1):
        right += one.accepted
        last = count == len(clear) or clear[count].best < one.best
        if last and (right + 1) / (count + 2) >= PRECISION:
            answer_at = one.best
    return before._replace(answer_at=answer_at, suggest_at=min(_suggest_at(log, before.suggest_at), answer_at))


def _suggest_at(log: Sequence[Outcome], before: float) -> float:
    reached, used = before, 0
    ranked = sorted(log)
    for count, one in enumerate(ranked, start=1):
        used += one.accepted
        last = count == len(ranked) or ranked[count].best > one.best
        if last and count < len(ranked) and count >= LOG_NEEDED // 2 and used / count <= _WORTH_SHOWING:
            reached = ranked[count].best
    return reached
