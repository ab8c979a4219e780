"""The clocks of a ticket, computed from its events alone: what counted, what was paused, what was kept and what late.

First response stops at the first public human reply or sent FAQ answer. Next response starts at the oldest unanswered
message of the customer. Resolution stops at `resolved` and resumes with what it had when the ticket is reopened.
Time in pending, on_hold and snoozed does not count (design §5). Rounds know neither policy nor calendar: they only say
when a clock ran. What that comes to under a policy is a `Standing`.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from helpdesk.clock import Millis
from helpdesk.models.vocabulary import FINISHED_STATES, PAUSED_STATES, ClockName, State
from helpdesk.sla.calendar import Calendar


class Moment(NamedTuple):
    """One event as the clocks see it.

    `state` is the state from then on; `asked` marks a message of the customer that wants a reply, since `asked_since`
    where it came in with a ticket merged into this one; `answered` a public text of the shop; `until` is when a snoozed
    ticket wakes by itself. `told` is False where an import only says that the ticket had reached a state by then.
    """

    at: Millis
    state: str
    asked: bool = False
    answered: bool = False
    until: Millis | None = None
    asked_since: Millis | None = None
    told: bool = True


class Run(NamedTuple):
    """A stretch in which a clock ran, and the places of the moments that began and ended it; no `end` while it runs."""

    begin: Millis
    end: Millis | None
    opened_by: int
    closed_by: int | None = None


class Ending(StrEnum):
    """How a round of a clock ended."""

    FULFILLED = "fulfilled"
    VOID = "void"


class Round(NamedTuple):
    """One promise from its begin to its end; a reopened resolution is the same round going on."""

    clock: ClockName
    number: int
    started_at: Millis
    runs: tuple[Run, ...]
    ended_at: Millis | None
    ending: Ending | None

    @property
    def is_running(self) -> bool:
        """Whether its time passes."""
        return bool(self.runs) and self.runs[-1].end is None

    def used(self, calendar: Calendar, now: Millis) -> Millis:
        """How much of the calendar's time has counted by `now`."""
        return sum(calendar.open_between(run.begin, now if run.end is None else run.end) for run in self.runs)

    def used_since(self, begin: Millis, calendar: Calendar, now: Millis) -> Millis:
        """How much of the calendar's time has counted from `begin` to `now`; what was paused meanwhile has not."""
        return sum(
            calendar.open_between(max(run.begin, begin), now if run.end is None else run.end) for run in self.runs
        )

    def holds_until(self, amount: Millis, calendar: Calendar) -> Millis | None:
        """The last instant by which no more than `amount` has counted; None where it ended, or waits, so."""
        for run in self.runs:
            if run.end is None:
                return calendar.add(run.begin, amount)
            counted = calendar.open_between(run.begin, run.end)
            if counted > amount:
                return calendar.add(run.begin, amount)
            amount -= counted
        return None


class _Clock:
    """A clock being followed from moment to moment; it makes its rounds."""

    def __init__(self, name: ClockName) -> None:
        self.name = name
        self.done: list[Round] = []
        self.started_at: Millis | None = None
        self.ended_at: Millis | None = None
        self.ending: Ending | None = None
        self.runs: list[Run] = []

    def start(self, at: Millis, place: int) -> None:
        if self.started_at is None:
            self.started_at = at
            self.ended_at = self.ending = None
            self.runs = [Run(at, None, place)]
        elif at < self.started_at:
            # what came in with a merged ticket has waited longer
            self.started_at = at
            self.runs[:1] = [run._replace(begin=at) for run in self.runs[:1]]

    def run(self, at: Millis, opened_by: int) -> None:
        if self.started_at is None:
            return
        self.ended_at = self.ending = None
        if self.runs and self.runs[-1].end is None:
            if self.runs[-1].begin > at:
                self.runs[-1] = Run(at, None, opened_by)  # woken before its time
            return
        self.runs.append(Run(at, None, opened_by))

    def pause(self, at: Millis, place: int) -> None:
        if self.runs and self.runs[-1].end is None:
            last = self.runs.pop()
            if last.begin < at:
                self.runs.append(last._replace(end=at, closed_by=place))

    def finish(self, at: Millis, ending: Ending, place: int) -> None:
        """The round ends, and goes on if the ticket does."""
        if self.started_at is not None:
            self.pause(at, place)
            if self.ended_at is None:
                self.ended_at, self.ending = at, ending

    def fulfil(self, at: Millis, place: int) -> None:
        """The round ends for good."""
        if self.started_at is not None:
            self.ended_at = None
            self.finish(at, Ending.FULFILLED, place)
            self.done.append(self._round())
            self.started_at = None

    def rounds(self) -> list[Round]:
        return [*self.done, self._round()] if self.started_at is not None else self.done

    def _round(self) -> Round:
        assert self.started_at is not None
        return Round(self.name, len(self.done) + 1, self.started_at, tuple(self.runs), self.ended_at, self.ending)


def rounds(moments: Iterable[Moment]) -> list[Round]:
    """Every round of every clock after `moments`, which are in the order they happened.

    What only says thanks starts no response clock, be it the first message or a later one.
    A moment that lies before the one it follows (a clock that was set back) counts as happening together with it.
    """
    first, following, resolution = (_Clock(name) for name in ClockName)
    answered, at = False, None
    for place, moment in enumerate(moments):
        if at is None:
            at = moment.at
            resolution.start(at, place)
        at = max(at, moment.at)
        asked_at = at if moment.asked_since is None else min(at, moment.asked_since)
        if moment.asked and not answered:
            first.start(asked_at, place)
        if moment.answered:
            answered = True
            first.fulfil(at, place)
            following.fulfil(at, place)
        if moment.asked and answered:
            following.start(asked_at, place)
        for clock in (first, following, resolution):
            _run_or_pause(clock, moment, at, place)
    return first.rounds() + following.rounds() + resolution.rounds()


def _run_or_pause(clock: _Clock, moment: Moment, at: Millis, place: int) -> None:
    if moment.state in FINISHED_STATES:
        clock.finish(at, _ending(clock.name, moment), place)
    elif moment.state in PAUSED_STATES:
        clock.pause(at, place)
        if moment.until is not None:
            clock.run(max(moment.until, at), place)
    else:
        clock.run(at, place)


def _ending(clock: ClockName, moment: Moment) -> Ending:
    """A ticket that is solved keeps its promise of a resolution; one that is merged, spam or unanswered keeps none."""
    solved = clock is ClockName.RESOLUTION and moment.state in (State.RESOLVED, State.CLOSED)
    return Ending.FULFILLED if solved and moment.told else Ending.VOID


class Result(StrEnum):
    """What a round came to."""

    MET = "met"
    LATE = "late"
    VOID = "void"


class Standing(NamedTuple):
    """A round under a policy: the time allowed, the time used by `now`, and when the allowed is, or was, used up.

    `due_at` is the last instant at which it was, or would have been, in time, whatever happened since; of a round that
    waits, None. A promise used up at a closing holds until the next opening, so a round is late exactly when it lasts
    longer than `due_at`, and exactly when more was used than allowed: the two never differ.
    """

    round: Round
    allowed: Millis
    used: Millis
    due_at: Millis | None

    @property
    def is_late(self) -> bool:
        """Whether more was used than allowed."""
        return self.used > self.allowed

    @property
    def result(self) -> Result | None:
        """What it came to; None while nobody can say."""
        if self.is_late:
            return Result.LATE
        if self.round.ending is None:
            return None
        return Result.MET if self.round.ending is Ending.FULFILLED else Result.VOID


def standing(round_: Round, allowed: Millis, calendar: Calendar, now: Millis) -> Standing:
    """What a round comes to where `allowed` milliseconds of the calendar's time are allowed."""
    used = round_.used(calendar, now)
    due = round_.holds_until(allowed, calendar)
    if due is None and round_.ended_at is not None:
        due = calendar.add(round_.ended_at, allowed - used)
    return Standing(round_, allowed, used, due)


class Due(NamedTuple):
    """When each clock runs out; None while it does not run."""

    first_response: Millis | None = None
    next_response: Millis | None = None
    resolution: Millis | None = None

    @property
    def soonest(self) -> Millis | None:
        """The earliest of them."""
        return min((due for due in self if due is not None), default=None)
