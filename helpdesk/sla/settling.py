"""What a ticket's rounds come to under the rules: due times, outcomes to be kept, and when the next step is due."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from helpdesk.clock import Millis
from helpdesk.models.vocabulary import ClockName
from helpdesk.sla.calendar import Calendar
from helpdesk.sla.clocks import Due, Result, Round, standing
from helpdesk.sla.policy import Policy, Step


class KeptOutcome(NamedTuple):
    """What was kept of a round: once it has ended, or is late, it is not judged again by a later policy."""

    clock: str
    round: int
    result: str
    policy: str
    allowed: Millis
    used: Millis
    started_at: Millis
    due_at: Millis
    ended_at: Millis | None


class Notice(NamedTuple):
    """That a clock was reported, or a step of its policy taken; `occasion` tells one time from the next.

    A step is taken once in a round, whose begin is its occasion: were it the due time, a step that raises the priority,
    which moves the due time, would be taken again and again.
    """

    clock: str
    level: str
    occasion: Millis


class DueStep(NamedTuple):
    """A step of the policy that is, or will be, due for a running clock."""

    at: Millis
    clock: ClockName
    step: Step
    due_at: Millis
    notice: Notice
    """What is remembered of it once it is taken."""


class Terms(NamedTuple):
    """What a ticket's clocks are judged by: a policy, the calendar it counts in, the ticket's priority and tier."""

    policy: Policy
    calendar: Calendar
    priority: str
    tier: str

    def allowed(self) -> dict[ClockName, Millis]:
        """The milliseconds each clock allows."""
        return self.policy.all_allowed(self.priority, self.tier)


def due(rounds: Sequence[Round], terms: Terms) -> Due:
    """When the clocks that run run out."""
    allowed = terms.allowed()
    return Due(**{r.clock.value: r.reaches(allowed[r.clock], terms.calendar) for r in rounds if r.is_running})


def outcomes(
    rounds: Sequence[Round], terms: Terms, now: Millis, kept: Mapping[tuple[str, int], KeptOutcome]
) -> tuple[list[KeptOutcome], list[tuple[str, int]]]:
    """The outcomes to be kept that are not kept so yet, and the keys of those no longer true (a reopened ticket's).

    A round that ended stays as it was judged then, under the policy in force then; one that was late stays late.
    """
    fresh, gone = [], []
    allowed = terms.allowed()
    for round_ in rounds:
        key = (round_.clock.value, round_.number)
        before = kept.get(key)
        if before is not None and before.ended_at == round_.ended_at:
            continue
        if before is not None and before.result == Result.LATE:
            fresh.append(before._replace(used=round_.used(terms.calendar, now), ended_at=round_.ended_at))
            continue
        found = standing(round_, allowed[round_.clock], terms.calendar, now)
        if found.result is None:
            gone += [key] if before is not None else []
            continue
        assert found.due_at is not None
        fresh.append(
            KeptOutcome(
                *key,
                found.result.value,
                terms.policy.name,
                found.allowed,
                found.used,
                round_.started_at,
                found.due_at,
                round_.ended_at,
            )
        )
    return fresh, gone


def steps_ahead(rounds: Sequence[Round], terms: Terms, since: Millis, taken: Collection[Notice]) -> Iterator[DueStep]:
    """The steps of the policy not taken yet for the clocks that run; what lay before `since` is nobody's any more.

    `since` is when the rules were adopted or the ticket was stored, whichever came later: a new policy, or an import of
    old tickets, raises no alarm for what was late before it.
    """
    allowed = terms.allowed()
    for round_ in rounds:
        if not round_.is_running:
            continue
        due_at = round_.reaches(allowed[round_.clock], terms.calendar)
        assert due_at is not None
        for step in terms.policy.steps:
            notice = Notice(round_.clock.value, f"step:{step.name}", round_.started_at)
            if round_.clock not in step.clocks or notice in taken:
                continue
            at = round_.reaches(step.amount(allowed[round_.clock]), terms.calendar)
            if at is not None and at >= since:
                yield DueStep(at, round_.clock, step, due_at, notice)
