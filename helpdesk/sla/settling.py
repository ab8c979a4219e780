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
    round: Round
    notice: Notice
    """What is remembered of it once it is taken."""


class Terms(NamedTuple):
    """What a ticket's clocks are judged by: a policy, the calendar it counts in, the milliseconds each clock allows."""

    policy: Policy
    calendar: Calendar
    allowed: Mapping[ClockName, Millis]


def due(rounds: Sequence[Round], terms: Terms) -> Due:
    """When the clocks that run run out."""
    allowed = terms.allowed
    return Due(**{r.clock.value: r.holds_until(allowed[r.clock], terms.calendar) for r in rounds if r.is_running})


class Promised(NamedTuple):
    """What a ticket's row said before: when each clock was due, by which policy."""

    due: Mapping[str, Millis | None]
    policy: str

    def broken(self, round_: Round, now: Millis, calendar: Calendar) -> KeptOutcome | None:
        """The outcome of a round that had run past what was promised, whatever is promised from now on."""
        due = self.due.get(round_.clock.value)
        end = now if round_.ended_at is None else round_.ended_at
        if due is None or not round_.started_at <= due < end:
            return None
        upto = [run._replace(end=min(run.end or end, due)) for run in round_.runs if run.begin < due]
        allowed = round_._replace(runs=tuple(upto)).used(calendar, due)
        used = round_.used(calendar, now)
        return KeptOutcome(
            round_.clock.value,
            round_.number,
            Result.LATE.value,
            self.policy,
            allowed,
            used,
            round_.started_at,
            due,
            round_.ended_at,
        )


def outcomes(
    rounds: Sequence[Round],
    terms: Terms,
    now: Millis,
    kept: Mapping[tuple[str, int], KeptOutcome],
    promised: Promised | None = None,
) -> tuple[list[KeptOutcome], list[tuple[str, int]]]:
    """The outcomes to be kept that are not kept so yet, and the keys of those no longer true (a reopened ticket's).

    A round that ended stays as it was judged then, under the policy in force then; one that was late stays late, be its
    policy removed or its ticket's priority lowered.
    """
    fresh, gone = [], []
    allowed = terms.allowed
    last = {round_.clock: round_.number for round_ in rounds}
    for round_ in rounds:
        key = (round_.clock.value, round_.number)
        before = kept.get(key)
        if before is None and promised is not None and round_.number == last[round_.clock]:
            before = promised.broken(round_, now, terms.calendar)
            if before is not None:
                fresh.append(before)
                continue
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

    `since` is when the ticket was stored: an import of old tickets raises no alarm for what was late before it.
    A step that fell due before a pause, and was not taken, is due when the clock goes on.
    """
    allowed = terms.allowed
    for round_ in rounds:
        if not round_.is_running:
            continue
        due_at = round_.holds_until(allowed[round_.clock], terms.calendar)
        assert due_at is not None
        for step in terms.policy.steps:
            notice = Notice(round_.clock.value, f"step:{step.name}", round_.started_at)
            if round_.clock not in step.clocks or notice in taken:
                continue
            at = round_.holds_until(step.amount(allowed[round_.clock]), terms.calendar)
            if at is not None and at >= since:
                yield DueStep(max(at, round_.runs[-1].begin), round_.clock, step, due_at, round_, notice)
