"""Policies: how many minutes each clock allows, by priority and tier, and what is done when they run out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from helpdesk.clock import Millis
from helpdesk.i18n import _
from helpdesk.models.vocabulary import ClockName, Priority, Tier
from helpdesk.sla.calendar import MINUTE
from helpdesk.sla.misfit import Misfit

LONGEST_MINUTES = 60 * 24 * 3660
"""Ten years: what is longer is no promise."""

ACTIONS = ("notify", "raise", "assign", "team")
"""What a step may do: send an alarm, raise the priority by one, `assign:NAME`, `team:NAME`."""

_KEYS = ("title", "query", "open_hours", "vip", "warn", "step", *(clock.value for clock in ClockName))


class Step(NamedTuple):
    """Something done once when a clock has used so much: `minutes`, or a `share` of what is allowed."""

    name: str
    clocks: tuple[ClockName, ...]
    share: float | None
    minutes: float | None
    actions: tuple[str, ...]

    def amount(self, allowed: Millis) -> Millis:
        """The counted milliseconds after which it is due."""
        return round(allowed * self.share) if self.share is not None else round((self.minutes or 0) * MINUTE)


class Policy(NamedTuple):
    """The minutes each clock allows at each priority; for VIP customers multiplied by `vip`.

    A policy with a `query` is for the tickets it finds; the first that finds a ticket decides.
    """

    name: str
    title: str
    query: str
    open_hours: bool
    minutes: Mapping[ClockName, Mapping[str, float]]
    vip: float
    steps: tuple[Step, ...]

    def allowed(self, clock: ClockName, priority: str, tier: str) -> Millis:
        """The milliseconds `clock` allows."""
        minutes = self.minutes[clock][priority] * (self.vip if tier == Tier.VIP else 1.0)
        return round(minutes * MINUTE)


def read_policies(tables: Mapping[str, Any]) -> dict[str, Policy]:
    """The policies of a policy file, in its order; what does not fit is a Misfit naming the key."""
    return {name: _policy(name, entry) for name, entry in tables.items() if name != "dated"}


def _policy(name: str, entry: object) -> Policy:
    entry = _table(entry, (name,))
    for key in entry:
        if key not in _KEYS:
            raise Misfit((name, key), _("is no key of a policy; known: {all}").format(all=", ".join(_KEYS)))
    minutes: dict[ClockName, dict[str, float]] = {}
    for clock in ClockName:
        row = _table(entry.get(clock), (name, clock))
        for key in row:
            if key not in set(Priority):
                raise Misfit((name, clock, key), _("is no priority; known: {all}").format(all=", ".join(Priority)))
        minutes[clock] = {priority: _minutes(row.get(priority), (name, clock, priority)) for priority in Priority}
    steps = (*_warnings(name, entry), *_steps(name, entry))
    _told_apart(name, steps)
    return Policy(
        name,
        _text(entry.get("title", ""), (name, "title")),
        _text(entry.get("query", ""), (name, "query")),
        _truth(entry.get("open_hours", True), (name, "open_hours")),
        minutes,
        _above_zero(entry.get("vip", 1.0), (name, "vip"), _("must be a number above zero, not {value!r}")),
        steps,
    )


def _told_apart(name: str, steps: Sequence[Step]) -> None:
    """Refuse two steps of one name for one clock: a step is taken once, and told by its name."""
    seen: set[tuple[ClockName, str]] = set()
    for step in steps:
        for clock in step.clocks:
            if (clock, step.name) in seen:
                raise Misfit((name, "step"), _("has two steps called {name!r} for one clock").format(name=step.name))
            seen.add((clock, step.name))


def _warnings(name: str, entry: Mapping[str, Any]) -> list[Step]:
    given = entry.get("warn", [])
    if not isinstance(given, list):
        raise Misfit((name, "warn"), _('must be a list of shares such as "80%"'))
    steps = []
    for place, one in enumerate(given):
        share = _share(one)
        if share is None:
            raise Misfit(
                (name, "warn", place), _('must be a share from "1%" to "1000%", not {value!r}').format(value=one)
            )
        steps.append(Step(str(one), tuple(ClockName), share, None, ("notify",)))
    return steps


def _steps(name: str, entry: Mapping[str, Any]) -> list[Step]:
    given = entry.get("step", [])
    if not isinstance(given, list):
        raise Misfit((name, "step"), _("must be a list of tables: write [[{name}.step]]").format(name=name))
    return [_step((name, "step", place), one) for place, one in enumerate(given)]


def _step(path: tuple[str | int, ...], entry: object) -> Step:
    entry = _table(entry, path)
    for key in entry:
        if key not in ("name", "clock", "after", "do"):
            raise Misfit((*path, key), _("is no key of a step; known: {all}").format(all="name, clock, after, do"))
    after, clock = entry.get("after"), entry.get("clock")
    share = _share(after)
    if share is None and isinstance(after, str):
        raise Misfit(
            (*path, "after"), _('must be minutes, or a share from "1%" to "1000%", not {value!r}').format(value=after)
        )
    if share is None:
        _minutes(after, (*path, "after"))
    if clock is not None and clock not in set(ClockName):
        raise Misfit((*path, "clock"), _("must be one of {all}").format(all=", ".join(ClockName)))
    return Step(
        _named(entry.get("name"), (*path, "name")),
        tuple(ClockName) if clock is None else (ClockName(clock),),
        share,
        None if share is not None else float(after or 0),
        _actions(entry.get("do"), (*path, "do")),
    )


def _actions(given: object, path: tuple[str | int, ...]) -> tuple[str, ...]:
    actions = given if isinstance(given, list) and given else [given]
    for action in actions:
        verb, _colon, whom = action.partition(":") if isinstance(action, str) else ("", "", "")
        if verb not in ACTIONS or (verb in ("assign", "team")) != bool(whom.strip()):
            reason = _("must hold notify, raise, assign:NAME or team:NAME, not {value!r}")
            raise Misfit(path, reason.format(value=action))
    return tuple(str(action) for action in actions)


def _share(value: object) -> float | None:
    """The share behind `"80%"`; None where it is none, or not from 1 to 1000 percent."""
    if not isinstance(value, str) or not value.endswith("%"):
        return None
    try:
        percent = float(value[:-1])
    except ValueError:
        return None
    return percent / 100 if 1 <= percent <= 1000 else None


def _named(value: object, path: tuple[str | int, ...]) -> str:
    text = _text(value, path).strip()
    if not text:
        raise Misfit(path, _("is missing"))
    return text


def _text(value: object, path: tuple[str | int, ...]) -> str:
    if isinstance(value, str):
        return value
    raise Misfit(path, _("must be a text, not {value!r}").format(value=value))


def _truth(value: object, path: tuple[str | int, ...]) -> bool:
    if isinstance(value, bool):
        return value
    raise Misfit(path, _("must be true or false, not {value!r}").format(value=value))


def _table(value: object, path: tuple[str | int, ...]) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    raise Misfit(path, _("is missing") if value is None else _("must be one table"))


def _minutes(value: object, path: tuple[str | int, ...]) -> float:
    return _above_zero(value, path, _("must be a number of minutes above zero, not {value!r}"))


def _above_zero(value: object, path: tuple[str | int, ...], reason: str) -> float:
    if value is None:
        raise Misfit(path, _("is missing"))
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= LONGEST_MINUTES:
        return float(value)
    raise Misfit(path, reason.format(value=value))
