"""Adopting rules: the calendar and policies of the files are put in force, and every ticket's clocks derived anew."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import delete
from sqlmodel import Session, col

from helpdesk import config
from helpdesk.desk import clocks
from helpdesk.desk.change import operation
from helpdesk.desk.context import Desk
from helpdesk.models.tables import Setting
from helpdesk.sla import rules
from helpdesk.store import driver
from helpdesk.views import counts, service

BATCH = 2000
"""Tickets derived in one transaction: a fraction of a second in which other writers wait."""

REACH = 50_000
"""Numbers looked through in one transaction for tickets to be derived."""

Progress = Callable[[int, int], None]
"""Called with (tickets done, tickets in all)."""


class Adopted(NamedTuple):
    """What came of it: whether the rules were others than before, and how many tickets' due times moved."""

    different: bool
    tickets: int
    changed: int


def adopt(
    desk: Desk, fallback: str | None = None, progress: Progress | None = None, everything: bool = False
) -> Adopted:
    """Put the files' rules in force, `fallback` for the tickets no query finds, and derive the clocks they move.

    Tickets that are finished stay as they were judged then, unless `everything` is to be derived anew.
    Whatever does not fit is a UsageProblem before anything is changed. Interrupted, it goes on where it was when it is
    called again.
    """
    with desk.store.read() as connection:
        kept = service.kept_rules(connection)
        categories = tuple(counts.categories(connection))
    before: Mapping[str, Any] = json.loads(kept) if kept else {}
    text = rules.proposed(fallback or before.get("fallback", rules.FALLBACK))
    service.check_queries(rules.rules_of(text).with_query, config.data_files("policies.toml"), categories)
    wanted = json.loads(text)
    different = any(before.get(key) != value for key, value in wanted.items() if key != "stamp")
    with operation(desk, "adopt", fallback=wanted["fallback"]) as entry:
        if different:
            _keep(entry.session, rules.KEPT, text)
        else:  # the files were touched, and say the same
            _keep(entry.session, rules.KEPT, json.dumps({**before, "stamp": wanted["stamp"]}, ensure_ascii=False))
        if different or everything or service.recompute_position(driver(entry.session)) is None:
            _keep(entry.session, service.POSITION, "1")
    return Adopted(different, *_recompute(desk, progress, everything))


def _recompute(desk: Desk, progress: Progress | None, everything: bool) -> tuple[int, int]:
    tickets = changed = 0
    while True:
        with desk.store.write() as session:
            connection = driver(session)
            first, last = service.recompute_position(connection), service.last_number(connection)
            if first is None or first > last:
                session.execute(delete(Setting).where(col(Setting.key) == service.POSITION))
                return tickets, changed
            until = min(first + BATCH - 1, last)
            if not everything:
                until = service.batch_end(connection, first, min(first + REACH - 1, last), BATCH)
            looked_at, moved = clocks.derive(
                session, desk.moment(), first, until, unsettled=not everything, new_rules=True
            )
            _keep(session, service.POSITION, str(until + 1))
        tickets += looked_at
        changed += moved
        if progress:
            progress(until, last)


def _keep(session: Session, key: str, value: str) -> None:
    session.merge(Setting(key=key, value=value))
    session.flush()
