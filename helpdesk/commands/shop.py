"""The shop as a whole: `stats`, `demo`, `doctor`, `db path`."""

import sys
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Annotated, Any

import typer

from helpdesk import config, words
from helpdesk.clock import iso
from helpdesk.commands import output
from helpdesk.commands.front import Front
from helpdesk.commands.output import Cell, Column
from helpdesk.errors import ExitCode, HelpdeskError, UsageProblem
from helpdesk.i18n import N_, _, _n
from helpdesk.text import one_line, safe
from helpdesk.views import counts, dashboard, query, report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpdesk.desk.demo import Demo
    from helpdesk.store.health import Check


def stats(
    ctx: typer.Context,
    words_: Annotated[
        list[str] | None, typer.Argument(help=N_("Only the tickets this query finds."), metavar="[QUERY]...")
    ] = None,
    today: Annotated[bool, typer.Option("--today", help=N_("The day so far: arrivals by hour, what waits."))] = False,
) -> None:
    """The shop in numbers."""
    front: Front = ctx.obj
    if today:
        _today(front, words_ or [])
        return
    with front.reading() as connection:
        found = counts.stats(connection, front.query(connection, words_ or []))
    if front.json:
        output.print_json(found)
    elif front.on_terminal:
        _print_stats(found)
    else:
        output.print_rows([["tickets", "", found["tickets"]]])
        for group in counts.GROUPED:
            output.print_rows([group, name, count] for name, count in found[f"by_{group}"].items())
        output.print_rows([["first_response_median_minutes", "", found["first_response"]["median_minutes"]]])


def _today(front: Front, words_: list[str]) -> None:
    if words_:
        raise UsageProblem(_("--today is about the whole shop; leave the query away, or write created:today instead."))
    with front.reading() as connection:
        day = dashboard.today(connection, front.now)
    if front.json:
        output.print_json(day.as_json())
    elif front.on_terminal:
        _print_today(day, front)
    else:
        figures = day.as_json()
        output.print_rows([["arrived", "", day.arrived], ["waiting", "", day.waiting]])
        output.print_rows(["hour", hour, count] for hour, count in enumerate(day.hours))
        output.print_rows(
            [name, key, value] for name in ("answered", "first_response") for key, value in figures[name].items()
        )
        output.print_rows(["category", one.category, one.arrived, one.unanswered] for one in day.matters)
        output.print_rows(["oldest", one.number, iso(one.since), one.subject] for one in day.oldest)


def _print_today(day: "dashboard.Dashboard", front: Front) -> None:
    output.print_text(_("Today: {tickets}").format(tickets=words.tickets(day.arrived)), "bold")
    most = max(max(day.hours), 1)
    columns = [Column(_("Hour"), right=True), Column(_("Tickets"), right=True), Column("")]
    output.print_table(columns, ([f"{hour:02}", str(count), Cell("█" * round(count / most * 30), "cyan")]
                                 for hour, count in enumerate(day.hours) if count))  # fmt: skip
    output.print_text(_("Answered from the knowledge base: {share}").format(share=words.share(*day.by_faq)))
    output.print_text(_("First response on time: {share}").format(share=words.share(*day.on_time)))
    output.print_text(_("Waiting for the shop: {tickets}").format(tickets=words.tickets(day.waiting)))
    for one in day.oldest:
        output.print_line(f"  #{one.number}  {words.span(front.now - one.since)}  {one.subject}")


def _print_stats(found: dict[str, Any]) -> None:
    output.print_text(words.tickets(found["tickets"]), "bold")
    titles = {
        "state": _("By state"),
        "category": _("By category"),
        "band": _("By match"),
        "language": _("By language"),
        "priority": _("By priority"),
        "mood": _("By mood"),
        "channel": _("By channel"),
    }
    total = max(found["tickets"], 1)
    for group, title in titles.items():
        rows = found[f"by_{group}"]
        if rows:
            columns = [Column(title), Column(_("Tickets"), right=True), Column("", right=True), Column("")]
            output.print_table(columns, [_bar(name, count, total) for name, count in rows.items()])
    median = found["first_response"]["median_minutes"]
    if median is not None:
        output.print_text(_("Median first response: {span}").format(span=words.span(round(median * 60_000))))


def _bar(name: str, count: int, total: int) -> list[Cell | str]:
    share = count / total
    return [words.word(name), str(count), f"{share:.0%}", Cell("█" * max(1, round(share * 30)), "cyan")]


def demo(ctx: typer.Context) -> None:
    """Fill a store of its own with the sample shop and run the main job on it."""
    from helpdesk.desk import Desk
    from helpdesk.desk import demo as sample
    from helpdesk.store import Store

    front: Front = ctx.obj
    # HELPDESK_DB names the user's own store, so only --db is listened to here
    store = Store(config.store_path(front.db) if front.db else config.demo_store())
    front.talk(_("Building the sample shop in {path} …").format(path=store.path))
    done = sample.run(Desk(store, "demo"))
    with store.read() as connection:
        everything = query.Query()
        found = counts.stats(connection, everything)
        late = report.overdue(connection, report.Asked(everything, front.now, 1_800_000, 5))
    if front.json:
        output.print_json(_summary(done) | {"stats": found, "sla": late["counts"], "store": str(store.path)})
        return
    _print_demo(done, found, late)
    look = _("Look around with: HELPDESK_DB={path} {command} list")
    # written whole on one line, to be copied
    sys.stdout.write(safe(look.format(path=store.path, command=_command())) + "\n")


def _command() -> str:
    """How the script is called from here: by its name when the shell finds it, else by its path."""
    called = Path(sys.argv[0])
    return str(called) if called.name == "helpdesk" and not which("helpdesk") else "helpdesk"


def _summary(done: "Demo") -> dict[str, Any]:
    return {
        "orders": done.orders.filed,
        "articles": done.articles.filed,
        "tickets": done.tickets.filed,
        "answered": done.answered,
        "closed": done.closed,
    }


def _print_demo(done: "Demo", found: dict[str, Any], late: dict[str, Any]) -> None:
    output.print_text(
        _(
            "{orders} orders, {articles} articles, {tickets} tickets; {answered} answered by article, {closed} closed."
        ).format(**_summary(done))
    )
    for group, title in (("category", _("By category")), ("band", _("By match")), ("state", _("By state"))):
        rows = _(", ").join(f"{words.word(name)} {count}" for name, count in found[f"by_{group}"].items())
        output.print_text(_("{title}: {rows}").format(title=title, rows=rows))
    total = late["counts"]
    output.print_text(
        _("Overdue: {late} on {clocks} clocks; due within 30 min: {soon}").format(
            late=words.tickets(total["tickets_overdue"]), clocks=total["overdue"], soon=total["due_soon"]
        )
    )
    for row in late["overdue"]:
        lateness = words.span(row["late_minutes"] * 60_000)
        output.print_text(
            f"  #{row['number']}  " + _("{span} late").format(span=lateness)
            + f"  {words.word(row['clock'])}  {one_line(row['subject'], 40)}"
        )  # fmt: skip


def doctor(ctx: typer.Context) -> int:
    """Check the store."""
    from helpdesk.store import health

    front: Front = ctx.obj
    of_store, of_service = health.examine(front.store), list(_service_checks(front))
    checks = [*of_store, *of_service]
    sound = all(check.sound for check in checks)
    if front.json:
        output.print_json(
            {
                "store": str(front.store.path),
                "sound": sound,
                "checks": [{"name": c.name, "found": c.found, "sound": c.sound} for c in checks],
            }
        )
    elif front.on_terminal:
        rows: list[list[Cell | str]] = [[_mark(c.sound), c.name, c.found] for c in checks]
        output.print_table([Column(""), Column(_("Check")), Column(_("Found"), flexible=True)], rows)
    else:
        output.print_rows([c.name, c.found, c.sound] for c in checks)
    if not all(check.sound for check in of_store):  # the others say themselves what to do
        front.talk(
            _("Something is wrong with {path}; keep a copy of it before you go on.").format(path=front.store.path)
        )
    return ExitCode.DONE if sound else ExitCode.FOUND


def _service_checks(front: Front) -> "Iterator[Check]":
    """Whether clocks kept are those of the events, rules in force those of the files, holidays known, alarms told."""
    from helpdesk.store.health import Check
    from helpdesk.views import audit, outbox, service

    with front.store.read() as connection:
        found = audit.clocks(connection, front.now)
        kept = service.kept_rules(connection)
        unfinished = service.recompute_position(connection) is not None
        unknown = service.years_without_holidays(connection, front.now)
        dead = outbox.dead(connection)
    yield Check("holidays", words.without_holidays(unknown) if unknown else "ok", True)
    if found.first_wrong is None:
        yield Check("clocks", _("{count} sampled: as their events say").format(count=found.looked_at), True)
    else:
        sentence = _("ticket {number} is not as its events say; helpdesk sla recompute --all derives it anew")
        yield Check("clocks", sentence.format(number=found.first_wrong), False)
    if unfinished:
        yield Check("rules", _("a recomputing was interrupted; helpdesk sla recompute goes on"), False)
    else:
        yield _files_check(kept)
    if dead:
        sentence = _n("{count} was given up: {command}", "{count} were given up: {command}", len(dead))
        yield Check("alarms", sentence.format(count=len(dead), command="helpdesk outbox list --dead"), False)
    else:
        yield Check("alarms", "ok", True)


def _files_check(kept: str | None) -> "Check":
    """Whether the user's calendar and policy files are what is in force, and whether they can be used at all."""
    from helpdesk.sla import rules
    from helpdesk.store.health import Check

    try:
        differ = kept is not None and rules.differs(kept)
    except HelpdeskError as problem:
        return Check("rules", str(problem), False)
    found = _("the files differ from what is in force; helpdesk sla recompute adopts them") if differ else "ok"
    return Check("rules", found, True)


def _mark(sound: bool) -> Cell:
    return Cell("✓", "green") if sound else Cell("✗", "bold red")


def db_path(ctx: typer.Context) -> None:
    """Print where things are."""
    front: Front = ctx.obj
    if front.json:
        output.print_json({"store": str(front.store.path), "config": str(config.config_folder())})
    elif front.on_terminal and front.verbose:
        output.print_rows([[_("store"), str(front.store.path)], [_("your files"), str(config.config_folder())]])
    else:
        output.print_rows([[str(front.store.path)]])
