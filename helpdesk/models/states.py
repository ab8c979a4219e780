"""The allowed steps of a ticket, and nowhere else: which action leads from which state to which."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from helpdesk.models.vocabulary import State

REOPEN_WINDOW = timedelta(days=7)
"""How long after closing a customer's message reopens the ticket; later it becomes a linked follow-up."""


class Step(StrEnum):
    """What somebody does to a ticket that may move it."""

    REPLY = "reply"
    ANSWER = "answer"
    NOTE = "note"
    RECEIVE = "receive"
    SNOOZE = "snooze"
    WAKE = "wake"
    HOLD = "hold"
    RESOLVE = "resolve"
    CLOSE = "close"
    REOPEN = "reopen"
    MERGE = "merge"
    SPAM = "spam"


_NEW, _OPEN, _PENDING, _HOLD, _SNOOZED, _RESOLVED, _CLOSED, _MERGED, _SPAM = State

_WORKING = (_NEW, _OPEN, _PENDING, _HOLD, _SNOOZED)

STEPS: dict[Step, dict[State, State]] = {
    # a public text of the shop: the customer has the next word; on a resolved ticket it changes nothing
    Step.REPLY: dict.fromkeys(_WORKING, _PENDING) | {_RESOLVED: _RESOLVED},
    Step.ANSWER: dict.fromkeys(_WORKING, _PENDING) | {_RESOLVED: _RESOLVED},
    Step.NOTE: {s: s for s in State if s is not _MERGED},
    # a text of the customer: wakes what waits; a closed ticket reopens only within REOPEN_WINDOW
    Step.RECEIVE: {
        _NEW: _NEW,
        _OPEN: _OPEN,
        _PENDING: _OPEN,
        _HOLD: _HOLD,
        _SNOOZED: _OPEN,
        _RESOLVED: _OPEN,
        _CLOSED: _OPEN,
        _SPAM: _SPAM,
    },
    Step.SNOOZE: dict.fromkeys(_WORKING, _SNOOZED),
    Step.WAKE: {_SNOOZED: _OPEN},
    Step.HOLD: dict.fromkeys((_NEW, _OPEN, _PENDING, _SNOOZED), _HOLD),
    Step.RESOLVE: dict.fromkeys(_WORKING, _RESOLVED),
    Step.CLOSE: dict.fromkeys((*_WORKING, _RESOLVED), _CLOSED),
    Step.REOPEN: dict.fromkeys((_PENDING, _HOLD, _SNOOZED, _RESOLVED, _CLOSED, _SPAM), _OPEN),
    Step.MERGE: dict.fromkeys((*_WORKING, _RESOLVED, _CLOSED), _MERGED),
    Step.SPAM: dict.fromkeys((*_WORKING, _RESOLVED, _CLOSED), _SPAM),
}
"""For each step, the states it may be taken in and the state it leads to."""


UNMOVED_BY_THANKS = frozenset({_PENDING, _SNOOZED, _RESOLVED, _CLOSED})
"""States a message that wants no reply leaves as they are: a thank-you puts no solved ticket back on the desk."""


def after(step: Step, state: State) -> State | None:
    """The state `step` leads to from `state`, or None when it may not be taken."""
    return STEPS[step].get(state)


def allowed_steps(state: State) -> list[Step]:
    """The steps that may be taken in `state`, in the order of a ticket's life."""
    return [step for step in Step if state in STEPS[step]]
