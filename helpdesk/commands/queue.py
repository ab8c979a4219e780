"""The queue and what is in it: `list`, `next`, `search`, `show`, `explain`. Reads only."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from helpdesk import words
from helpdesk.commands import output
from helpdesk.commands.front import Front
from helpdesk.commands.output import Cell, Column
from helpdesk.errors import NotFound, UsageProblem
from helpdesk.i18n import N_, _
from helpdesk.views import tickets

if TYPE_CHECKING:
    from helpdesk.sla.ranking import Ranked

MINUTE = 60_000

QueryWords = Annotated[
    list[str] | None,
    typer.Argument(help=N_('state:new priority:>=high created:<3d overdue "words" -tag:vip …'), metavar="[QUERY]..."),
]


def list_tickets(
    ctx: typer.Context,
    query: QueryWords = None,
    sort: Annotated[str, typer.Option(help=N_("urgency, due, created or updated."))] = "urgency",
    limit: Annotated[int, typer.Option(min=1, help=N_("Show at most this many."))] = 50,
    after: Annotated[str, typer.Option(help=N_("Go on after this cursor."), metavar="CURSOR")] = "",
    ids: Annotated[bool, typer.Option("--ids", help=N_("Print the numbers only."))] = False,
) -> None:
    """List tickets."""
    front: Front = ctx.obj
    if sort not in tickets.SORTS:
        raise UsageProblem(
            _("--sort must be one of {known}, not {value!r}.").format(known=", ".join(tickets.SORTS), value=sort)
        )
    with front.reading() as connection:
        page = tickets.page(connection, front.query(connection, query or []), front.now, sort, limit, after)
    if ids:
        numbers = [ticket["number"] for ticket in page.tickets]
        if not output.print_objects(front, numbers):
            output.print_rows([number] for number in numbers)
    elif not output.print_objects(front, page.tickets):
        print_tickets(front, page.tickets)
    if page.cursor:
        front.talk(_("There are more; go on with: --after {cursor}").format(cursor=page.cursor))


def print_tickets(front: Front, found: list[dict[str, Any]]) -> None:
    """Tickets as a table for people, as rows for a pipe."""
    if not front.on_terminal:
        output.print_rows(map(_row, found))
    elif found:
        output.print_table(_columns(), (_cells(ticket, front) for ticket in found))
    else:
        front.talk(_("No ticket."))


def _row(ticket: dict[str, Any]) -> list[object]:
    customer = ticket["customer"] or {}
    plain = ("number", "state", "priority", "urgency", "category", "mood", "language", "channel")
    return [
        *(ticket[key] for key in plain),
        ticket["due_at"],
        ticket["created_at"],
        customer.get("handle"),
        ticket["order"],
        ticket["assignee"],
        ticket["subject"],
    ]


def _columns() -> list[Column]:
    return [
        Column("#", right=True),
        Column(_("Priority")),
        Column(_("State")),
        Column(_("Category")),
        Column(_("Due")),
        Column(_("Subject"), flexible=True),
    ]


def _cells(ticket: dict[str, Any], front: Front) -> list[Cell | str]:
    due, style = words.due(ticket["due_at"], front.now, front.verbose)
    return [
        str(ticket["number"]),
        Cell(words.word(ticket["priority"]), words.PRIORITY_STYLES[ticket["priority"]]),
        words.word(ticket["state"]),
        words.word(ticket["category"]),
        Cell(due, style),
        ticket["subject"],
    ]


def next_ticket(ctx: typer.Context, query: QueryWords = None) -> None:
    """Show the one to take now."""
    from helpdesk.views import waiting

    front: Front = ctx.obj
    with front.reading() as connection:
        first = waiting.first(connection, front.query(connection, query or []), front.now)
        card = tickets.card(connection, first.number, front.now) if first else None
    if first is None or card is None:
        raise NotFound(_("Nothing is waiting for you. `helpdesk list` shows every ticket."))
    if front.json:
        output.print_json(card.as_json() | {"rank": _rank_json(first)})
        return
    if not front.on_terminal:
        output.print_rows([_row(card.ticket)])
        return
    from helpdesk.commands import cards

    cards.print_card(front, card)
    for line in _rank_lines(first):
        output.print_text(line, "dim")


def _rank_json(ranked: "Ranked") -> dict[str, Any]:
    """Why a ticket is taken first, as data: points, and the working minutes they are made of."""
    time = ranked.time
    return {
        "urgency": ranked.urgency,
        "time_left": ranked.time_points,
        "clock": time and time.clock,
        "working_minutes_left": time and round(time.left / MINUTE, 1),
        "usual_minutes": time and round(time.needed.amount / MINUTE, 1),
        "usual_of": time and time.needed.of,
    }


def _rank_lines(ranked: "Ranked") -> Iterator[str]:
    """Why a ticket is taken first, in words."""
    yield _("Taken first because: urgency {urgency:g} + time {time:g}.").format(
        urgency=ranked.urgency, time=ranked.time_points
    )
    time = ranked.time
    if time is None:
        return
    clock, left = words.word(time.clock), words.span(time.left)
    if time.left < 0:
        yield _("{clock}: {span} of working time late.").format(clock=clock, span=left)
    elif not time.needed.amount:
        yield _("{clock}: {span} of working time left.").format(clock=clock, span=left)
    elif time.needed.of:
        yield _("{clock}: {span} of working time left; such tickets usually need {usual} (the last {count}).").format(
            clock=clock, span=left, usual=words.span(time.needed.amount), count=time.needed.of
        )
    else:
        yield _("{clock}: {span} of working time left; such tickets are taken to need {usual} (too few known).").format(
            clock=clock, span=left, usual=words.span(time.needed.amount)
        )


def search(
    ctx: typer.Context,
    text: Annotated[
        list[str], typer.Argument(help=N_("Words that must all occur in one message."), metavar="WORDS...")
    ],
    limit: Annotated[int, typer.Option(min=1, help=N_("Show at most this many."))] = 50,
) -> None:
    """Find tickets by words."""
    front: Front = ctx.obj
    wanted = [part for word in text for part in word.split()]
    with front.reading() as connection:
        found = tickets.find(connection, wanted, front.now, limit)
    if output.print_objects(front, found):
        return
    if not front.on_terminal:
        output.print_rows([*_row(ticket), ticket["snippet"]] for ticket in found)
    elif found:
        columns = [
            Column("#", right=True),
            Column(_("State")),
            Column(_("Category")),
            Column(_("Found"), flexible=True),
        ]
        output.print_table(
            columns,
            ([str(t["number"]), words.word(t["state"]), words.word(t["category"]), t["snippet"]] for t in found),
        )
    else:
        front.talk(_("No ticket has these words."))


def show(
    ctx: typer.Context, number: Annotated[int, typer.Argument(help=N_("The ticket's number."), metavar="N")]
) -> None:
    """Show everything about a ticket."""
    front: Front = ctx.obj
    card = _card(front, number)
    if front.json:
        output.print_json(card.as_json())
        return
    from helpdesk.commands import cards

    if front.on_terminal:
        cards.print_card(front, card)
    else:
        cards.print_card_rows(card)


def explain(
    ctx: typer.Context, number: Annotated[int, typer.Argument(help=N_("The ticket's number."), metavar="N")]
) -> None:
    """Say why."""
    front: Front = ctx.obj
    card = _card(front, number)
    from helpdesk import explanation

    if front.json:
        output.print_json(explanation.reasons(card))
    else:
        for line in explanation.lines(card):
            output.print_text(line)


def _card(front: Front, number: int) -> tickets.Card:
    with front.reading() as connection:
        card = tickets.card(connection, number, front.now)
    if card is None:
        raise NotFound(_("There is no ticket {number}; `helpdesk list` shows those there are.").format(number=number))
    return card
