"""What was reported: so that a report of what is new tells each late clock once."""

from __future__ import annotations

from typing import Any

from helpdesk.desk.context import Desk
from helpdesk.models.tables import Notice
from helpdesk.store import driver, put_rows
from helpdesk.views import report


def remember(desk: Desk, told: dict[str, Any]) -> None:
    """Remember the rows of a report as told; called once they are, so that what fails to be told is told again."""
    if not told["overdue"] and not told["due_soon"]:
        return
    now = desk.moment()
    with desk.store.write() as session:
        rows = [
            {"ticket_number": number, **notice._asdict(), "at": now}
            for number, notice in report.notices(driver(session), told)
        ]
        put_rows(session, Notice, rows)
