"""What a customer is told of a ticket: where it stands, in their words and language, and nothing of the shop's inside.

The sentences are `data/status.toml`, which a shop can say otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from helpdesk import config
from helpdesk.clock import Millis, from_millis
from helpdesk.errors import UsageProblem
from helpdesk.i18n import _
from helpdesk.models.codes import shown_code
from helpdesk.models.vocabulary import ClockName, State
from helpdesk.sla.calendar import MINUTE
from helpdesk.sla.expecting import Expected, Question

TEMPLATES = "status.toml"

COUNTED = 1000
"""The last place in the queue that is told: whoever stands behind it is told the same."""

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}|[{}]")
_HOUR, _DAY = 60 * MINUTE, 24 * 60 * MINUTE


class Stage(StrEnum):
    """Where a ticket stands, as its customer sees it."""

    RECEIVED = "received"
    ASKED_AGAIN = "asked_again"
    WORKING = "working"
    YOUR_TURN = "your_turn"
    PARTNER = "partner"
    LATER = "later"
    SOLVED = "solved"
    CLOSED = "closed"


_STAGES = {
    State.PENDING: Stage.YOUR_TURN,
    State.ON_HOLD: Stage.PARTNER,
    State.SNOOZED: Stage.LATER,
    State.RESOLVED: Stage.SOLVED,
    State.CLOSED: Stage.CLOSED,
    State.MERGED: Stage.CLOSED,
    State.SPAM: Stage.CLOSED,  # nobody is told that they were taken for one
}


def stage(state: str, clock: ClockName | None) -> Stage:
    """The stage of a ticket in a state, given the clock of the question that waits for an answer."""
    if State(state) in _STAGES:
        return _STAGES[State(state)]
    return {ClockName.FIRST_RESPONSE: Stage.RECEIVED, ClockName.NEXT_RESPONSE: Stage.ASKED_AGAIN}.get(
        clock or ClockName.RESOLUTION, Stage.WORKING
    )


class Progress(NamedTuple):
    """All a customer may know of a ticket at `now`.

    `position` is its place in the queue, from 1 to COUNTED, while it waits for the shop; `question` and `expected` are
    there while an answer is waited for; `opens_at` while the shop is closed meanwhile.
    """

    code: str
    now: Millis
    stage: Stage
    language: str
    received_at: Millis
    position: int | None = None
    question: Question | None = None
    expected: Expected | None = None
    opens_at: Millis | None = None
    zone: str = "UTC"

    @property
    def takes_longer(self) -> bool:
        """Whether the answer is overdue, by what is usual or by what was promised."""
        return self.expected is not None and self.expected.at < self.now


def told(progress: Progress, shop_language: str) -> str:
    """The progress as a text to send to the customer: in the ticket's language, else in the shop's.

    Sentences of the shop's own that cannot be said are a UsageProblem naming the file and the place.
    """
    tables = config.tables(TEMPLATES)
    _check(tables)
    language = progress.language if progress.language in tables else shop_language
    return "\n".join(_lines(progress, _Sentences(language, tables[language])))


def _check(tables: Mapping[str, object]) -> None:
    """Refuse a language or a key that is not among the shipped ones: it was meant to say something, and never would."""
    shipped = config.load_toml(config.DATA / TEMPLATES)
    for language, templates in tables.items():
        if language not in shipped:
            problem = _("{file}: [{language}] is no language of it; known: {known}.")
            known = ", ".join(name for name in shipped if name != "dated")
            raise UsageProblem(problem.format(file=_file(), language=language, known=known))
        if isinstance(shipped[language], Mapping):
            _check_keys(language, templates, shipped[language])


def _check_keys(language: str, templates: object, shipped: Mapping[str, object]) -> None:
    if not isinstance(templates, Mapping):
        raise UsageProblem(
            _("{file}: [{language}] must be a table of sentences.").format(file=_file(), language=language)
        )
    for key, sentence in templates.items():
        if not isinstance(sentence, str):
            raise UsageProblem(
                _("{file}: {key} of [{language}] must be a text in quotes.").format(
                    file=_file(), key=key, language=language
                )
            )
        if key not in shipped:
            raise UsageProblem(
                _("{file}: {key} is no sentence of [{language}]; known: {known}.").format(
                    file=_file(), key=key, language=language, known=", ".join(shipped)
                )
            )


def _file() -> Path:
    return config.config_folder() / TEMPLATES


class _Sentences:
    """The sentences of one language."""

    def __init__(self, language: str, templates: Mapping[str, object]) -> None:
        self._language, self._templates = language, templates

    def say(self, key: str, **values: object) -> str:
        def value(found: re.Match[str]) -> str:
            if found[1] not in values:
                known = ", ".join(f"{{{name}}}" for name in values) or _("none")
                raise UsageProblem(
                    _("{file}: {placeholder} in {key} of [{language}] is no placeholder; known there: {known}.").format(
                        file=_file(), placeholder=found[0], key=key, language=self._language, known=known
                    )
                )
            return str(values[found[1]])

        return _PLACEHOLDER.sub(value, str(self._templates[key]))

    def length(self, millis: Millis) -> str:
        """A length of time, rounded up: nobody minds an answer that comes sooner."""
        minutes = max(1, -(-millis // MINUTE))
        if minutes < 95:
            count, one, many = minutes if minutes <= 10 else -(-minutes // 5) * 5, "minute", "minutes"
        elif millis <= 36 * _HOUR:
            count, one, many = -(-millis // _HOUR), "hour_one", "hours"
        else:
            count, one, many = -(-millis // _DAY), "day_one", "days"
        return self.say(one) if count == 1 else self.say(many, count=count)


def _lines(progress: Progress, sentences: _Sentences) -> Iterator[str]:
    yield sentences.say("heading", code=shown_code(progress.code))
    yield sentences.say(progress.stage.value)
    if progress.position is not None:
        before = f"{progress.position - 1}{'+' if progress.position == COUNTED else ''}"
        yield sentences.say("first_in_line") if progress.position == 1 else sentences.say("in_line", before=before)
    if progress.opens_at is not None:
        opens = from_millis(progress.opens_at).astimezone(ZoneInfo(progress.zone)).strftime("%Y-%m-%d %H:%M")
        yield sentences.say("closed_now", opens=opens)
    if progress.question is not None and progress.takes_longer:
        yield sentences.say("longer", waited=sentences.length(progress.now - progress.question.asked_at))
    elif progress.expected is not None:
        yield sentences.say(progress.expected.basis.value, time=sentences.length(progress.expected.at - progress.now))
