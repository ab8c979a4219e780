"""The queue and what is in it: `list`, `next`, `search`, `show`, `explain`, `sla report`. Reads only."""

from datetime import timedelta
from typing import Annotated, Any

import typer

from helpdesk import words
from helpdesk.clock import parse_span
from helpdesk.commands import output
from helpdesk.commands.front import Front
from helpdesk.commands.output import Cell, Column
from helpdesk.errors import ExitCode, NotFound, UsageProblem
from helpdesk.i18n import N_, _
from helpdesk.views import report, tickets

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
    from helpdesk.sla.ranking import Candidate, rank

    front: Front = ctx.obj
    with front.reading() as connection:
        found = tickets.candidates(connection, front.query(connection, query or []))
        ranked = rank([Candidate(*row) for row in found], front.now)
        card = tickets.card(connection, ranked[0].number, front.now) if ranked else None
    if card is None:
        raise NotFound(_("Nothing is waiting for you. `helpdesk list` shows every ticket."))
    terms = {"urgency": card.ticket["urgency"], "time_left": ranked[0].time_points}
    if front.json:
        output.print_json(card.as_json() | {"rank": terms})
        return
    if not front.on_terminal:
        output.print_rows([_row(card.ticket)])
        return
    from helpdesk.commands import cards

    cards.print_card(front, card)
    output.print_text(
        _("Taken first because: urgency {urgency:g} + time {time:g}.").format(
            urgency=card.ticket["urgency"], time=ranked[0].time_points
        ),
        "dim",
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


def sla_report(
    ctx: typer.Context,
    soon: Annotated[str, typer.Option(help=N_("How far ahead to look, such as 30m or 2h."))] = "30m",
    query: Annotated[str, typer.Option(help=N_("Only the tickets this query finds."))] = "",
    fail_on: Annotated[
        str, typer.Option(help=N_("overdue: exit 10 when anything is overdue; soon: or soon will be."))
    ] = "",
    limit: Annotated[int | None, typer.Option(min=1, help=N_("Show at most this many rows per section."))] = None,
) -> int:
    """Print what is overdue."""
    front: Front = ctx.obj
    if fail_on not in ("", "overdue", "soon"):
        raise UsageProblem(_("--fail-on is overdue or soon, not {value!r}.").format(value=fail_on))
    ahead = round(_span(soon) / timedelta(milliseconds=1))
    shown = limit or (50 if front.on_terminal else None)
    with front.reading() as connection:
        found = report.overdue(connection, front.query(connection, [query] if query else []), front.now, ahead, shown)
    counts = found["counts"]
    if front.json:
        output.print_json(found)
    elif front.on_terminal:
        _print_report(front, found)
    else:
        for kind in ("overdue", "due_soon"):
            output.print_rows(
                [kind, *(row[key] for key in ("number", "priority", "clock", "due_at", "late_minutes", "subject"))]
                for row in found[kind]
            )
    failed = counts["overdue"] > 0 or (fail_on == "soon" and counts["due_soon"] > 0)
    return ExitCode.FOUND if fail_on and failed else ExitCode.DONE


def _span(text: str) -> timedelta:
    try:
        return parse_span(text)
    except ValueError:
        raise UsageProblem(_("--soon takes a span such as 30m or 2h, not {value!r}.").format(value=text)) from None


def _print_report(front: Front, found: dict[str, Any]) -> None:
    counts = found["counts"]
    for kind, title in (("overdue", _("Overdue: {count}")), ("due_soon", _("Due soon: {count}"))):
        output.print_text(
            title.format(count=counts[kind]), "bold red" if kind == "overdue" and counts[kind] else "bold"
        )
        if found[kind]:
            _print_report_rows(front, found[kind])
            if counts[kind] > len(found[kind]):
                output.print_text(_("… and {count} more").format(count=counts[kind] - len(found[kind])), "dim")


def _print_report_rows(front: Front, rows: list[dict[str, Any]]) -> None:
    columns = [
        Column("#", right=True),
        Column(_("Clock")),
        Column(_("Due"), right=True),
        Column(_("Priority")),
        Column(_("Subject"), flexible=True),
    ]

    def cells(row: dict[str, Any]) -> list[Cell | str]:
        due, style = words.due(row["due_at"], front.now, front.verbose)
        priority = Cell(words.word(row["priority"]), words.PRIORITY_STYLES[row["priority"]])
        return [str(row["number"]), words.word(row["clock"]), Cell(due, style), priority, row["subject"]]

    output.print_table(columns, map(cells, rows))
