"""Service levels: `sla report`, and with `--escalate` and `--new` what is done and remembered of it."""

import sys
from datetime import timedelta
from typing import Annotated, Any

import typer

from helpdesk import words
from helpdesk.clock import parse_span
from helpdesk.commands import output
from helpdesk.commands.front import Front
from helpdesk.commands.output import Cell, Column
from helpdesk.commands.sla import say_if_stale
from helpdesk.errors import ExitCode, UsageProblem
from helpdesk.i18n import N_, _, _n
from helpdesk.views import report, service
from helpdesk.views.query import Query


def sla_report(
    ctx: typer.Context,
    soon: Annotated[str, typer.Option(help=N_("How far ahead to look, such as 30m or 2h."))] = "30m",
    query: Annotated[str, typer.Option(help=N_("Only the tickets this query finds."))] = "",
    fail_on: Annotated[
        str, typer.Option(help=N_("overdue: exit 10 when anything is overdue; soon: or soon will be."))
    ] = "",
    limit: Annotated[int | None, typer.Option(min=1, help=N_("Show at most this many rows per section."))] = None,
    by: Annotated[str, typer.Option(help=N_("Tell the promises kept too, by clock, category, assignee or team."))] = "",
    since: Annotated[
        str, typer.Option(help=N_("Promises kept since a date such as 2026-11-01, or for a span; 30d unless told."))
    ] = "",
    form: Annotated[str, typer.Option("--format", help=N_("markdown, csv or json."))] = "",
    new: Annotated[bool, typer.Option("--new", help=N_("Only what no report with --new has told before."))] = False,
    escalate: Annotated[
        bool, typer.Option("--escalate", help=N_("Take the steps of the policies that are due, and send alarms."))
    ] = False,
) -> int:
    """Print what is overdue."""
    front: Front = ctx.obj
    if fail_on not in ("", "overdue", "soon"):
        raise UsageProblem(_("--fail-on is overdue or soon, not {value!r}.").format(value=fail_on))
    if form not in ("", "markdown", "csv", "json"):
        raise UsageProblem(_("--format is markdown, csv or json, not {value!r}.").format(value=form))
    if front.json and form not in ("", "json"):
        raise UsageProblem(
            _("--json and --format {value} ask for two forms; leave one of them out.").format(value=form)
        )
    front.json = front.json or form == "json"
    ahead = round(_span(soon) / timedelta(milliseconds=1))
    shown = limit or (50 if front.on_terminal and not form else None)
    if escalate:
        with front.reading() as connection:  # a wrong option is told before anything is done
            _promises(front, connection, front.query(connection, [query] if query else []), by, since, form)
        _escalate(front)
    with front.reading() as connection:
        asked = report.Asked(front.query(connection, [query] if query else []), front.now, ahead, shown, new)
        found = report.overdue(connection, asked)
        found |= _promises(front, connection, asked.query, by, since, form)
        kept = service.kept_rules(connection)
    say_if_stale(front, kept)
    if found["years_without_holidays"]:
        front.talk(words.without_holidays(found["years_without_holidays"]))
    counts = found["counts"]
    if not (front.quiet and not (found["overdue"] or found["due_soon"] or found["compliance"])):
        _print(front, found, form)
    if new:
        _remember(front, found)
    if escalate:
        _deliver(front)  # last, so that a wrong notify.toml keeps nobody from the report
    failed = counts["overdue"] > 0 or (fail_on == "soon" and counts["due_soon"] > 0)
    return ExitCode.FOUND if fail_on and failed else ExitCode.DONE


def _promises(front: Front, connection: Any, query: Query, by: str, since: str, form: str) -> dict[str, Any]:
    """What the report says of promises kept; a plain report, which cron asks for every minute, says nothing."""
    if not (by or since or form in ("markdown", "csv")):
        return {"compliance_by": None, "compliance_since": None, "compliance": []}
    from helpdesk.commands import compliance

    return compliance.found(front, connection, query, by, since)


def _print(front: Front, found: dict[str, Any], form: str) -> None:
    if front.json:
        output.print_json(found)
        return
    if form or found["compliance_by"]:
        from helpdesk.commands import compliance

        if form:
            compliance.print_document(front, found, form)
            return
    if front.on_terminal:
        _print_report(front, found)
    else:
        _print_report_lines(found)
    if found["compliance_by"]:
        compliance.print_promises(front, found)


def _print_report_lines(found: dict[str, Any]) -> None:
    for kind in ("overdue", "due_soon"):
        output.print_rows(
            [kind, *(row[key] for key in ("number", "priority", "clock", "due_at", "late_minutes", "subject"))]
            for row in found[kind]
        )


def _escalate(front: Front) -> None:
    from helpdesk.desk.escalation import escalate

    for taken in escalate(front.desk):
        front.talk(
            _("#{number}: {step} of {clock}: {actions}").format(
                number=taken.number,
                step=taken.step,
                clock=words.word(taken.clock),
                actions=_(", ").join(taken.actions),
            )
        )


def _deliver(front: Front) -> None:
    from helpdesk.desk.outbox import deliver

    sys.stdout.flush()
    done = deliver(front.desk)
    if done.failed:
        sentence = _n("{count} alarm could not be sent yet.", "{count} alarms could not be sent yet.", done.failed)
        front.talk(sentence.format(count=done.failed))
    if done.dead:
        # under cron, where the report is quiet, this is all that tells of a phone that will not buzz
        sentence = _n("{count} alarm was given up: {command}", "{count} alarms were given up: {command}", done.dead)
        front.complain(sentence.format(count=done.dead, command="helpdesk outbox list --dead"))


def _remember(front: Front, found: dict[str, Any]) -> None:
    from helpdesk.desk.reporting import remember

    sys.stdout.flush()  # told before it is remembered as told
    remember(front.desk, found)


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
        due = due if front.verbose else words.counted(row["late_minutes"])
        priority = Cell(words.word(row["priority"]), words.PRIORITY_STYLES[row["priority"]])
        return [str(row["number"]), words.word(row["clock"]), Cell(due, style), priority, row["subject"]]

    output.print_table(columns, map(cells, rows))
