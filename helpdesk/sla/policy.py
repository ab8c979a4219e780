"""How many minutes each clock allows, by priority and tier, from data/policies.toml and the shop's own file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from helpdesk import config
from helpdesk.errors import UsageProblem
from helpdesk.i18n import _
from helpdesk.models.vocabulary import ClockName, Priority, Tier

LONGEST_MINUTES = 60 * 24 * 3660
"""Ten years: what is longer is no promise."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The minutes each clock allows at each priority; for VIP customers multiplied by `vip`."""

    name: str
    minutes: Mapping[str, Mapping[str, float]]
    vip: float

    def allowed(self, clock: ClockName, priority: str, tier: str) -> int:
        """The milliseconds `clock` allows."""
        minutes = self.minutes[clock][priority] * (self.vip if tier == Tier.VIP else 1.0)
        return round(minutes * 60_000)


@lru_cache(maxsize=1)
def policy(name: str = "default") -> Policy:
    """The policy of that name; a number that is missing, or not above zero, is a UsageProblem naming it."""
    entry = _table(config.tables("policies.toml").get(name), name)
    minutes: dict[str, dict[str, float]] = {}
    for clock in ClockName:
        row = _table(entry.get(clock), f"{name}.{clock}")
        minutes[clock] = {priority: _positive(row.get(priority), f"{name}.{clock}.{priority}") for priority in Priority}
    return Policy(name, minutes, _positive(entry.get("vip", 1.0), f"{name}.vip"))


def _table(value: object, key: str) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    raise UsageProblem(
        _("policies.toml: {key} must be a table, not {value!r}; correct the file.").format(key=key, value=value)
    )


def _positive(value: object, key: str) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= LONGEST_MINUTES:
        return float(value)
    raise UsageProblem(
        _("policies.toml: {key} must be a number of minutes above zero, not {value!r}; correct the file.").format(
            key=key, value=value
        )
    )
