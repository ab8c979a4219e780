"""The rules in force: one calendar and the policies, as they were adopted; all of it JSON, to be kept in the store.

Files only propose. A change of them counts from the moment it is adopted (`helpdesk sla recompute`), when every due
time is derived anew, so no ticket is ever judged by half a change, and a file that was broken meanwhile breaks nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from helpdesk import config
from helpdesk.clock import zone, zone_name
from helpdesk.errors import NotFound
from helpdesk.i18n import _
from helpdesk.models.vocabulary import ClockName
from helpdesk.sla.calendar import ROUND_THE_CLOCK, Calendar, Hours
from helpdesk.sla.hours import check_tables, read_hours
from helpdesk.sla.misfit import Misfit
from helpdesk.sla.policy import Policy, read_policies
from helpdesk.sla.settling import Terms

KEPT = "sla.rules"
"""The setting the rules in force are kept in."""

FALLBACK = "default"

SHIPPED_CALENDAR = config.DATA / "calendar"


class Rules:
    """A calendar, the policies in order, and which of them is for tickets no other's query finds."""

    def __init__(self, calendar: Calendar, policies: Mapping[str, Policy], fallback: str) -> None:
        self.calendar, self.policies, self.fallback = calendar, policies, fallback
        self.with_query = [policy for policy in policies.values() if policy.query]
        """The policies that are chosen by their query, the first that finds a ticket deciding."""
        self._terms: dict[tuple[int, str, str], Terms] = {}

    def terms(self, place: int, priority: str, tier: str) -> Terms:
        """What the clocks of a ticket are judged by; `place` is that of the first query that finds it, or -1."""
        found = self._terms.get((place, priority, tier))
        if found is None:
            policy = self.with_query[place] if place >= 0 else self.policies[self.fallback]
            allowed = {clock: policy.allowed(clock, priority, tier) for clock in ClockName}
            found = self._terms[place, priority, tier] = Terms(policy, self.calendar_of(policy), allowed)
        return found

    def calendar_of(self, policy: Policy) -> Calendar:
        """The time a policy counts in."""
        return self.calendar if policy.open_hours else ROUND_THE_CLOCK

    def policy(self, name: str) -> Policy:
        """The policy of a name, or the one for every ticket where it has gone."""
        return self.policies.get(name) or self.policies[self.fallback]


def proposed(fallback: str = FALLBACK) -> str:
    """The rules the shipped and the user's files make, as JSON; what does not fit is a UsageProblem with its line.

    Without a policy `fallback` among them it is NotFound.
    """
    policies = read_policy_files(config.data_files("policies.toml"))
    if fallback not in policies:
        known = ", ".join(name for name in policies if name != "dated")
        raise NotFound(
            _("There is no policy {name!r}; `helpdesk sla policy list` shows those there are: {known}.").format(
                name=fallback, known=known
            )
        )
    return json.dumps(
        {
            "stamp": config.stamp_of(own_files()),
            "fallback": fallback,
            "zone": _shop_zone(),
            "calendar": read_calendar_files(config.data_files("calendar")),
            "policies": policies,
        },
        ensure_ascii=False,
        default=date.isoformat,
    )


@lru_cache(maxsize=4)
def rules_of(kept: str) -> Rules:
    """The rules behind their JSON."""
    raw = json.loads(kept)
    return Rules(
        Calendar(read_hours(raw["calendar"], raw["zone"])),
        read_policies(raw["policies"]),
        raw["fallback"],
    )


def differs(kept: str) -> bool:
    """Whether the user's files and zone propose other rules than those in force; a HelpdeskError where they cannot be.

    Files that were not touched since are not read: the question is asked by every report.
    """
    mine = json.loads(kept)
    elsewhere = mine["zone"] != zone_name() and "zone" not in mine["calendar"]["hours"]
    if elsewhere and not rules_of(kept).calendar.always_open:
        _shop_zone()
        return True
    if mine["stamp"] == config.stamp_of(own_files()):
        return False
    files = json.loads(proposed(mine["fallback"]))
    return any(files[key] != mine[key] for key in ("calendar", "policies"))


def own_files() -> list[Path]:
    """The user's calendar and policy files, those there are."""
    folder = config.config_folder()
    return [
        path for path in (folder / "policies.toml", *sorted((folder / "calendar").glob("*.toml"))) if path.is_file()
    ]


def read_policy_files(paths: Iterable[Path]) -> dict[str, Any]:
    """Policy files laid over each other: a table replaces the keys it names; each is checked as it is laid on."""
    merged: dict[str, Any] = {}
    for path in paths:
        _lay_over(merged, config.load_toml(path))
        _checked(path, read_policies, merged)
    merged.pop("dated", None)
    return merged


def read_calendar_files(paths: Iterable[Path]) -> dict[str, Any]:
    """Calendar files laid over each other: hours replace those they name, holidays and promotions add up.

    The holidays and promotions of a shipped file give way to the user's file of the same name.
    """
    merged: dict[str, Any] = {"hours": {}, "holiday": [], "promotion": []}
    paths = sorted(paths, key=lambda path: not _is_shipped(path))  # each as given: the last one counts
    own = {path.name for path in paths if not _is_shipped(path)}
    for path in paths:
        tables = config.load_toml(path)
        _checked(path, check_tables, tables, merged["hours"])
        merged["hours"] |= tables.get("hours", {})
        if not _is_shipped(path) or path.name not in own:
            for key in ("holiday", "promotion"):
                merged[key] += tables.get(key, [])
    return merged


def proposed_hours(more: Mapping[str, Any] | None = None, source: Path | None = None) -> Hours:
    """The hours the calendar files make, with `more`, tables that were checked, in the place of the file `source`."""
    tables = read_calendar_files(path for path in config.data_files("calendar") if not is_same(path, source))
    for key, value in (more or {}).items():
        if key in tables:
            tables[key] = {**tables[key], **value} if key == "hours" else tables[key] + value
    return read_hours(tables, _shop_zone())


def is_same(path: Path, other: Path | None) -> bool:
    """Whether two paths lead to one file."""
    return other is not None and other.exists() and path.samefile(other)


def _is_shipped(path: Path) -> bool:
    return path.parent == SHIPPED_CALENDAR


def _shop_zone() -> str:
    zone()  # refuses a name nobody knows
    return zone_name()


def _checked(path: Path, read: Callable[..., object], *read_from: object) -> None:
    try:
        read(*read_from)
    except Misfit as misfit:
        raise misfit.problem(str(path), _text(path)) from None


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _lay_over(into: dict[str, Any], entries: Mapping[str, Any]) -> None:
    for key, value in entries.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _lay_over(into[key], value)
        else:
            into[key] = value
