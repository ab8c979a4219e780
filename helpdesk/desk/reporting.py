"""What was reported: so that a report of what is new tells each late clock once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from helpdesk.desk.context import Desk
from helpdesk.store import driver
from helpdesk.views.report import REPORTED


def remember(desk: Desk, report: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Remember the rows of a report as told; called once they are, so that what fails to be told is told again."""
    told = [(row, level) for section, level in REPORTED.items() for row in report[section]]
    if not told:
        return
    with desk.store.write() as session:
        for row, level in told:
            column = f"due_{row['clock']}"
            driver(session).execute(
                f"INSERT OR IGNORE INTO notice SELECT number, ?, ?, {column}, ? FROM ticket WHERE number = ?"
                f" AND strftime('%Y-%m-%dT%H:%M:%SZ', {column} / 1000, 'unixepoch') = ?",
                (row["clock"], level, desk.moment(), row["number"], row["due_at"]),
            )
