"""The saved views: a name, a query of the language of `list`, an order. The user's own stand in views.toml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from helpdesk import config, words
from helpdesk.errors import UsageProblem
from helpdesk.i18n import N_, _
from helpdesk.text import one_line
from helpdesk.tui.own_files import Mistake, refuse, strangers
from helpdesk.views import query
from helpdesk.views.query import Scope
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
    own = [View(one_line(name, 40), query, "urgency") for name, query in _own().items()]
    by_category = [View(words.word(slug), f"category:{slug} {TO_DO}") for slug in categories]
    shipped = [view._replace(name=_(view.name)) for view in _SHIPPED]
    line = View("", "")
    return [*shipped, *([line, *own] if own else []), line, *by_category]


def check(scope: Scope) -> None:
    """Raise the UsageProblem that names every mistake of the user's views."""
    mistakes = strangers(config.tables("views.toml"), ("views",))
    for name, wanted in _own().items():
        try:
            if not isinstance(wanted, str):
                raise UsageProblem(_('a view is a name and a query in quotes: "VIP" = "tier:vip".'))
            query.parse(wanted, scope)
        except UsageProblem as problem:
            mistakes.append(Mistake(name, str(problem)))
    refuse("views.toml", mistakes)


def _own() -> Mapping[str, Any]:
    """What stands in the user's file: queries by their names."""
    found = config.tables("views.toml")["views"]
    return found if isinstance(found, dict) else {"views": found}


def next_sort(sort: str) -> str:
    """The order after this one."""
    return SORTS[(SORTS.index(sort) + 1) % len(SORTS)]


SORT_NAMES = {
    "urgency": N_("most urgent first"),
    "due": N_("soonest due first"),
    "created": N_("newest first"),
    "updated": N_("last changed first"),
}
