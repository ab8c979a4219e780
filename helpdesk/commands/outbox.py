"""Alarms on their way: `outbox list|send|retry|test`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from helpdesk import words
from helpdesk.commands import output
from helpdesk.commands.front import Front
from helpdesk.commands.output import Cell, Column
from helpdesk.errors import ExitCode, UsageProblem
from helpdesk.i18n import N_, _, _n
from helpdesk.views import outbox as view

if TYPE_CHECKING:
    from helpdesk.desk.outbox import Delivery, Tried

_STATES = {
    "waiting": N_("waiting"),
    "sending": N_("being sent"),
    "sent": N_("sent"),
    "dead": N_("given up"),
    "overtaken": N_("no news any more"),
}
_STYLES = {"waiting": "", "sending": "yellow", "sent": "dim", "dead": "bold red", "overtaken": "dim"}
_REASONS = 3


def list_alarms(
    ctx: typer.Context,
    waiting: Annotated[bool, typer.Option("--waiting", help=N_("Only those still to be sent."))] = False,
    sent: Annotated[bool, typer.Option("--sent", help=N_("Only those every sender has sent."))] = False,
    dead: Annotated[bool, typer.Option("--dead", help=N_("Only those given up; `outbox retry` revives them."))] = False,
    overtaken: Annotated[
        bool, typer.Option("--overtaken", help=N_("Only those whose clock ended before they could be sent."))
    ] = False,
    limit: Annotated[int | None, typer.Option(min=1, help=N_("Show at most this many."))] = None,
) -> None:
    """List alarms."""
    front: Front = ctx.obj
    chosen = [state for state, asked in zip(view.STATES, (waiting, sent, dead, overtaken), strict=True) if asked]
    if len(chosen) > 1:
        raise UsageProblem(_("Choose one of --waiting, --sent, --dead and --overtaken."))
    shown = limit or (50 if front.on_terminal else None)
    with front.reading() as connection:
        found = list(view.listed(connection, chosen[0] if chosen else "", front.now, shown))
    if output.print_objects(front, found):
        return
    if not front.on_terminal:
        keys = ("id", "state", "ticket", "clock", "level", "due_at", "not_before", "attempts", "last_error", "subject")
        output.print_rows([alarm[key] for key in keys] for alarm in found)
    elif found:
        _print_alarms(front, found)
    else:
        front.talk(_("There is no such alarm."))


def _print_alarms(front: Front, found: Sequence[dict[str, Any]]) -> None:
    columns = [
        Column("id", right=True),
        Column(_("State")),
        Column("#", right=True),
        Column(_("Clock")),
        Column(_("Due"), right=True),
        Column(_("Tries"), right=True),
        Column(_("Subject"), flexible=True),
    ]

    def cells(alarm: dict[str, Any]) -> list[Cell | str]:
        state = alarm["state"]
        due, style = words.due(alarm["due_at"], front.now, front.verbose)
        return [
            str(alarm["id"]),
            Cell(_(_STATES[state]), _STYLES[state]),
            str(alarm["ticket"] or ""),
            words.word(alarm["clock"]),
            Cell(due, style),
            str(alarm["attempts"]),
            str(alarm["last_error"] or alarm["subject"] or ""),
        ]

    output.print_table(columns, map(cells, found))


def send(ctx: typer.Context) -> int:
    """Send what is due."""
    from helpdesk.desk import outbox

    front: Front = ctx.obj
    done = outbox.deliver(front.desk)
    with front.store.read() as connection:
        reasons = view.failures(connection, _REASONS) if done.failed or done.dead else []
    if front.json:
        output.print_json(done._asdict() | {"errors": reasons})
    elif front.on_terminal:
        output.print_text(_sentence(done))
    else:
        output.print_rows(done._asdict().items())
    for reason in reasons:
        front.talk(reason)
    return ExitCode.PARTIAL if done.failed or done.dead else ExitCode.DONE


def _sentence(done: "Delivery") -> str:
    return _("{sent}; {failed} to be tried again, {dead} given up.").format(
        sent=_n("{count} alarm sent", "{count} alarms sent", done.sent).format(count=done.sent),
        failed=done.failed,
        dead=done.dead,
    )


def retry(
    ctx: typer.Context,
    ids: Annotated[list[int] | None, typer.Argument(help=N_("The alarms' ids."), metavar="[ID]...")] = None,
    dead: Annotated[bool, typer.Option("--dead", help=N_("All that were given up."))] = False,
) -> None:
    """Try again."""
    from helpdesk.desk import outbox

    front: Front = ctx.obj
    if bool(ids) == dead:
        raise UsageProblem(_("Name the alarms by id, or all that were given up with --dead."))
    revived = outbox.retry_dead(front.desk) if dead else outbox.retry(front.desk, ids or [])
    if front.json:
        output.print_json({"retried": revived})
    elif front.on_terminal:
        count = len(revived)
        sentence = _n("{count} alarm is due now: {command}", "{count} alarms are due now: {command}", count)
        output.print_text(sentence.format(count=count, command="helpdesk outbox send"))
    else:
        output.print_rows([id] for id in revived)


def test(
    ctx: typer.Context,
    sender: Annotated[
        str | None, typer.Argument(help=N_("The sender's name; all of them if omitted."), metavar="[SENDER]")
    ] = None,
) -> int:
    """Send a test message."""
    from helpdesk.desk import outbox

    front: Front = ctx.obj
    tried = outbox.try_out(sender)
    if front.json:
        output.print_json([{"sender": one.sender, "sent": one.error is None, "error": one.error} for one in tried])
    else:
        _print_tried(front, tried)
    for one in tried:
        if one.error:
            front.talk(one.error)
    return ExitCode.DONE if all(one.error is None for one in tried) else ExitCode.PARTIAL


def _print_tried(front: Front, tried: "Sequence[Tried]") -> None:
    if front.on_terminal:
        rows: list[list[Cell | str]] = [
            [Cell("✗", "bold red") if one.error else Cell("✓", "green"), one.sender] for one in tried
        ]
        output.print_table([Column(""), Column(_("Sender"), flexible=True)], rows)
    else:
        output.print_rows([one.sender, one.error is None] for one in tried)
