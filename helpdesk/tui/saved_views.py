"""The saved views: a name, a query of the language of `list`, an order. The user's own stand in views.toml."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from helpdesk import config, words
from helpdesk.i18n import N_, _
from helpdesk.text import one_line
from helpdesk.views.tickets import SORTS

UNFINISHED = "state:new,open,pending,on_hold,snoozed"
TO_DO = "state:new,open"


class View(NamedTuple):
    """One entry of the list of views; an entry without a query is a line between groups."""

    name: str
    query: str
    sort: str = "urgency"


_SHIPPED = (
    View(N_("to do"), TO_DO),
    View(N_("mine"), f"assignee:me {UNFINISHED}"),
    View(N_("unassigned"), f"assignee: {TO_DO}"),
    View(N_("overdue"), "overdue", "due"),
    View(N_("due soon"), "due:<30m -overdue", "due"),
    View(N_("with others"), "state:pending,on_hold,snoozed", "due"),
    View(N_("answerable"), f"band:answer {TO_DO}"),
    View(N_("all tickets"), "", "created"),
)


def all_views(categories: Iterable[str]) -> list[View]:
    """The shipped views, the user's, and one for each category."""
    own = [
        View(one_line(str(name), 40), str(query), "urgency")
        for name, query in config.tables("views.toml").get("views", {}).items()
    ]
    by_category = [View(words.word(slug), f"category:{slug} {TO_DO}") for slug in categories]
    shipped = [view._replace(name=_(view.name)) for view in _SHIPPED]
    line = View("", "")
    return [*shipped, *([line, *own] if own else []), line, *by_category]


def next_sort(sort: str) -> str:
    """The order after this one."""
    return SORTS[(SORTS.index(sort) + 1) % len(SORTS)]


SORT_NAMES = {
    "urgency": N_("most urgent first"),
    "due": N_("soonest due first"),
    "created": N_("newest first"),
    "updated": N_("last changed first"),
}
