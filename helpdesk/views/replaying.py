"""Past tickets under other rules: what would have been late that was not, and the other way round. Reads only."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpdesk import config
from helpdesk.clock import Millis
from helpdesk.errors import NotFound
from helpdesk.i18n import _
from helpdesk.sla import rules
from helpdesk.sla.clocks import Result, Round, rounds, standing
from helpdesk.sla.events import moments_of
from helpdesk.sla.rules import Rules
from helpdesk.sla.settling import Terms
from helpdesk.views import counts, service

BATCH = 2000
SAMPLE = 20
"""Numbers of tickets named for each row."""


@dataclass(slots=True)
class Replayed:
    """How the rounds of one clock and category fared: under the rules in force, and under the others."""

    clock: str
    category: str
    judged: int = 0
    """Rounds that were kept or late under either; one that runs in time, or went unanswered in time, is neither."""
    late_before: int = 0
    late_after: int = 0
    newly_late: list[int] = field(default_factory=list)
    no_longer_late: list[int] = field(default_factory=list)
    newly_late_count: int = 0
    no_longer_late_count: int = 0


def replay(
    connection: sqlite3.Connection, since: Millis, now: Millis, policy: str | None, calendar: Path | None
) -> list[Replayed]:
    """Judge every round of the tickets filed since a moment twice; `policy` is a file, or the name of a known policy.

    The rounds are those the events tell: a pause stays a pause. Outcomes kept under earlier rules are judged anew, so
    both columns are what the rules say, not what was reported then.
    """
    mine = service.rules_for_reading(connection)
    other = _others(connection, policy, calendar)
    found: dict[tuple[str, str], Replayed] = {}
    for number, category, mine_terms, other_terms, told in _twice(connection, mine, other, since, now):
        for round_ in told:
            key = (round_.clock.value, category)
            _count(found.setdefault(key, Replayed(*key)), number, round_, mine_terms, other_terms, now)
    return sorted(found.values(), key=lambda row: (row.clock, row.category))


def _twice(
    connection: Any, mine: Rules, other: Rules, since: Millis, now: Millis
) -> Iterator[tuple[int, str, Terms, Terms, list[Round]]]:
    queries = [service.queries_of(connection, each, now) for each in (mine, other)]
    first, last = service.numbers_since(connection, since)
    for begin in range(first, last + 1, BATCH):
        end = min(begin + BATCH - 1, last)
        categories = service.categories_since(connection, since, begin, end)
        events = service.events(connection, sorted(categories))
        facts = zip(*(service.facts(connection, each, begin, end) for each in queries), strict=True)
        for before, after in facts:
            if before.number in categories:
                told = rounds(moments_of(events.get(before.number, ())))
                terms = service.terms_of(mine, before), service.terms_of(other, after)
                yield before.number, categories[before.number], *terms, told


def _count(row: Replayed, number: int, round_: Round, mine: Terms, other: Terms, now: Millis) -> None:
    before, after = (
        standing(round_, terms.allowed[round_.clock], terms.calendar, now).result for terms in (mine, other)
    )
    late_before, late_after = before is Result.LATE, after is Result.LATE
    if not (late_before or late_after or Result.MET in (before, after)):
        return
    row.judged += 1
    row.late_before += late_before
    row.late_after += late_after
    if late_after and not late_before:
        row.newly_late_count += 1
        row.newly_late += [number] if len(row.newly_late) < SAMPLE else []
    if late_before and not late_after:
        row.no_longer_late_count += 1
        row.no_longer_late += [number] if len(row.no_longer_late) < SAMPLE else []


def _others(connection: Any, policy: str | None, calendar: Path | None) -> Rules:
    """The rules in force with a policy file, another policy, or a calendar file in the place of theirs."""
    raw = json.loads(service.kept_rules(connection) or rules.proposed())
    if policy is not None:
        path = Path(policy)
        if path.is_file():
            files = [*config.data_files("policies.toml"), path]
            before = set(raw["policies"])
            raw["policies"] = rules.read_policy_files(files)
            raw["fallback"] = _for_everybody(raw, before, raw["fallback"])
            categories = tuple(counts.categories(connection))
            service.check_queries(rules.rules_of(json.dumps(raw)).with_query, files, categories)
        elif policy in raw["policies"]:
            raw["fallback"] = policy
        else:
            raise NotFound(
                _("{name} is neither a file nor a policy; `helpdesk sla policy list` shows the policies.").format(
                    name=policy
                )
            )
    if calendar is not None:
        if not calendar.is_file():
            raise NotFound(_("{path} is no file; check the name.").format(path=calendar))
        others = [path for path in config.data_files("calendar") if not rules.is_same(path, calendar)]
        raw["calendar"] = rules.read_calendar_files([*others, calendar])
    return rules.rules_of(json.dumps(raw, default=str))


def _for_everybody(raw: Mapping[str, Any], before: Collection[str], fallback: str) -> str:
    """The policy a file means for every ticket: the first one it adds that has no query, else the one in force."""
    added = (name for name, entry in raw["policies"].items() if name not in before and not entry.get("query"))
    return next(added, fallback)
