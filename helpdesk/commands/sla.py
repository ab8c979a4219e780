"""Service levels beside the report: the policies, putting them in force, and a ticket's clocks explained."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from helpdesk import config, words
from helpdesk.clock import Millis, from_millis, iso, parse_span, parse_time, to_millis
from helpdesk.commands import output
from helpdesk.commands.front import Front
from helpdesk.commands.intake import counting
from helpdesk.commands.output import Cell, Column
from helpdesk.errors import HelpdeskError, NotFound, UsageProblem
from helpdesk.i18n import N_, _
from helpdesk.sla import rules
from helpdesk.sla.calendar import shown_windows
from helpdesk.sla.explaining import Interval, Kind, total
from helpdesk.sla.policy import Policy, Step, read_policies
from helpdesk.sla.rules import Rules
from helpdesk.views import counts, explaining, replaying, service
from helpdesk.views.explaining import Explained, ExplainedRound

if TYPE_CHECKING:
    from helpdesk.desk.rules import Adopted

TITLES = {
    "default": N_("the sooner the more urgent"),
    "tmall": N_("10 minutes to respond, 20 to solve"),
    "promise": N_("15 minutes to respond, promised to everybody"),
    "faka-24h": N_("look in 2 minutes, respond in 10, escalate after 30, solve in 24 hours, day and night"),
}
"""What the shipped policies are, for people."""

Number = Annotated[int, typer.Argument(help=N_("The ticket's number."), metavar="N")]


def list_policies(ctx: typer.Context) -> None:
    """List the policies."""
    front: Front = ctx.obj
    with _known(front) as found:
        _print_policies(front, [_as_json(policy, found.fallback) for policy in found.policies.values()])


def _print_policies(front: Front, documents: list[dict[str, Any]]) -> None:
    if output.print_objects(front, documents):
        return
    if not front.on_terminal:
        output.print_rows([d["name"], d["applies_to"], d["query"], d["title"]] for d in documents)
        return
    output.print_table(
        [Column(_("Policy")), Column(_("For")), Column(_("Promises"), flexible=True)],
        ([d["name"], _applies(d), d["title"]] for d in documents),
    )
    front.talk(_("`helpdesk sla policy use NAME` puts one in force for every ticket no query finds."))


def _applies(document: dict[str, Any]) -> Cell:
    if document["query"]:
        return Cell(document["query"])
    return Cell(_("every other ticket"), "green") if document["applies_to"] == "all" else Cell("-", "dim")


def show_policy(ctx: typer.Context, name: Annotated[str, typer.Argument(help=N_("The policy's name."))]) -> None:
    """Show one policy."""
    front: Front = ctx.obj
    with _known(front) as found:
        if name not in found.policies:
            raise NotFound(
                _("There is no policy {name!r}; `helpdesk sla policy list` shows those there are: {known}.").format(
                    name=name, known=", ".join(found.policies)
                )
            )
        _print_policy(front, found.policies[name], _as_json(found.policies[name], found.fallback))


def _print_policy(front: Front, policy: Policy, document: dict[str, Any]) -> None:
    if front.json:
        output.print_json(document)
        return
    priorities = list(document["minutes"]["resolution"])
    rows = [[clock, *(row[priority] for priority in priorities)] for clock, row in document["minutes"].items()]
    if not front.on_terminal:
        output.print_rows([["clock", *priorities], *rows])
        output.print_rows(["step", s["name"], s["clock"], s["after"], ",".join(s["do"])] for s in document["steps"])
        return
    output.print_line(f"{policy.name} · {document['title']}", "bold")
    output.print_table(
        [Column(_("Clock")), *(Column(words.word(priority), right=True) for priority in priorities)],
        ([words.word(row[0]), *(_minutes(minutes) for minutes in row[1:])] for row in rows),
    )
    for line in _policy_lines(policy):
        output.print_text(line)


def _policy_lines(policy: Policy) -> Iterator[str]:
    yield _("counts the shop's open hours") if policy.open_hours else _("counts day and night")
    if policy.vip != 1:
        yield _("VIP customers: {share:.0%} of the time").format(share=policy.vip)
    if policy.query:
        yield _("for the tickets this finds: {query}").format(query=policy.query)
    for step in policy.steps:
        clocks = _(", ").join(words.word(clock) for clock in step.clocks)
        yield _("after {after} of {clocks}: {actions}").format(
            after=_after(step), clocks=clocks, actions=_(", ").join(step.actions)
        )


def _after(step: Step) -> str:
    return f"{step.share:.0%}" if step.share is not None else _minutes(step.minutes or 0)


def _minutes(minutes: float) -> str:
    return words.span(round(minutes * 60_000)) if minutes >= 1 else f"{minutes * 60:g} s"


def _as_json(policy: Policy, fallback: str) -> dict[str, Any]:
    applies = "query" if policy.query else "all" if policy.name == fallback else "none"
    return {
        "name": policy.name,
        "title": policy.title or _(TITLES.get(policy.name, "")) if policy.title or policy.name in TITLES else "",
        "applies_to": applies,
        "query": policy.query or None,
        "open_hours": policy.open_hours,
        "minutes": {clock.value: dict(row) for clock, row in policy.minutes.items()},
        "vip": policy.vip,
        "steps": [
            {
                "name": step.name,
                "clock": step.clocks[0].value if len(step.clocks) == 1 else None,
                "after": f"{step.share:.0%}" if step.share is not None else step.minutes,
                "do": list(step.actions),
            }
            for step in policy.steps
        ],
    }


@contextmanager
def _known(front: Front) -> Iterator[Rules]:
    """The policies as the files have them, telling where others are in force.

    Where the files cannot be used, those in force, and the error that says why once they are shown.
    """
    with front.store.read() as connection:
        kept = service.kept_rules(connection)
    in_force = rules.rules_of(kept) if kept else None
    try:
        found = rules.rules_of(rules.proposed(in_force.fallback if in_force else rules.FALLBACK))
    except HelpdeskError:
        if in_force is None:
            raise
        front.talk(_("The files cannot be used; these are the policies in force:"))
        yield in_force
        raise
    say_if_stale(front, kept)
    yield found


def say_if_stale(front: Front, kept: str | None) -> None:
    """Tell when the files say other than what is in force; that they cannot be used is told to a quiet user too."""
    try:
        if kept is not None and rules.differs(kept):
            sentence = _("The calendar or policy files differ from what is in force; put them in force: {command}")
            front.talk(sentence.format(command="helpdesk sla recompute"))
    except HelpdeskError as problem:
        front.complain(_("{problem} Until then the rules in force stay.").format(problem=problem))


def check_policies(
    ctx: typer.Context, file: Annotated[Path, typer.Argument(help=N_("A policies.toml to check."), metavar="FILE")]
) -> None:
    """Check a policy file."""
    front: Front = ctx.obj
    if not file.is_file():
        raise NotFound(_("{path} is no file; check the name.").format(path=file))
    files = [*config.data_files("policies.toml"), file]
    raw = rules.read_policy_files(files)
    own = [name for name in config.load_toml(file) if name != "dated"]
    found = read_policies(raw)
    with front.store.read() as connection:
        service.check_queries((p for p in found.values() if p.query), files, tuple(counts.categories(connection)))
    if front.json:
        output.print_json({"file": str(file), "policies": own})
    else:
        output.print_text(_("{path}: sound; policies: {names}").format(path=file, names=_(", ").join(own) or _("none")))


def use_policy(
    ctx: typer.Context, name: Annotated[str, typer.Argument(help=N_("The policy for every ticket no query finds."))]
) -> None:
    """Put a policy in force."""
    _adopt(ctx.obj, name)


def recompute(
    ctx: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help=N_("Derive finished tickets anew too, as doctor may ask for."))
    ] = False,
) -> None:
    """Put the files' rules in force and derive the clocks they move."""
    _adopt(ctx.obj, None, everything)


def _adopt(front: Front, name: str | None, everything: bool = False) -> None:
    from helpdesk.desk.rules import adopt

    with counting(front) as progress:
        done = adopt(front.desk, name, lambda reached, _last: progress(reached), everything)
    if front.json:
        output.print_json({"changed_rules": done.different, "tickets": done.tickets, "changed": done.changed})
    else:
        say_adopted(front, done)


def say_adopted(front: Front, done: "Adopted") -> None:
    """Tell what putting rules in force has come to."""
    sentence = (
        _("New rules are in force; {tickets} looked at, due times of {changed} changed.")
        if done.different
        else _("The rules are those in force already; {tickets} looked at, due times of {changed} changed.")
    )
    front.talk(sentence.format(tickets=words.tickets(done.tickets), changed=done.changed))


def explain(ctx: typer.Context, number: Number) -> None:
    """Explain a ticket's clocks."""
    front: Front = ctx.obj
    with front.reading() as connection:
        found = explaining.explain(connection, number, front.now)
    if front.json:
        output.print_json(_explained(found, front.now))
        return
    if not front.on_terminal:
        output.print_rows(_interval_rows(found))
        return
    _print_explanation(front, found)


def _explained(found: Explained, now: Millis) -> dict[str, Any]:
    return {
        "number": found.number,
        "now": iso(now),
        "policy": found.terms.policy.name,
        "priority": found.priority,
        "tier": found.tier,
        "zone": found.zone,
        "clocks": [_explained_round(found, one) for one in found.rounds],
    }


def _explained_round(found: Explained, one: ExplainedRound) -> dict[str, Any]:
    round_, standing = one.standing.round, one.standing
    return {
        "clock": round_.clock.value,
        "round": round_.number,
        "started_at": iso(round_.started_at),
        "ended_at": iso(round_.ended_at),
        "running": round_.is_running,
        "allowed_seconds": standing.allowed / 1000,
        "used_seconds": standing.used / 1000,
        "due_at": iso(standing.due_at),
        "result": standing.result.value if standing.result else None,
        "kept": {
            "result": one.kept.result,
            "policy": one.kept.policy,
            "due_at": iso(one.kept.due_at),
            "allowed_seconds": one.kept.allowed / 1000,
            "used_seconds": one.kept.used / 1000,
        }
        if one.kept
        else None,
        "wall_seconds": sum(piece.end - piece.begin for piece in one.intervals) / 1000,
        "seconds": {kind.value: total(one.intervals, kind) / 1000 for kind in Kind},
        "intervals": [_interval(found, piece) for piece in one.intervals],
    }


def _interval(found: Explained, piece: Interval) -> dict[str, Any]:
    event = found.events[piece.because]
    return {
        "begin": iso(piece.begin),
        "end": iso(piece.end),
        "seconds": (piece.end - piece.begin) / 1000,
        "kind": piece.kind.value,
        "event": {"kind": event.kind, "at": iso(event.at), "actor": event.actor},
        "calendar": None
        if piece.day is None
        else {
            "date": piece.day.date.isoformat(),
            "kind": piece.day.kind,
            "name": piece.day.name,
            "windows": shown_windows(piece.day.windows),
        },
    }


def _interval_rows(found: Explained) -> Iterator[list[object]]:
    for one in found.rounds:
        for piece in one.intervals:
            event = found.events[piece.because]
            yield [
                one.standing.round.clock.value,
                one.standing.round.number,
                piece.kind.value,
                iso(piece.begin),
                iso(piece.end),
                (piece.end - piece.begin) // 1000,
                event.kind,
                _day_words(piece),
            ]


def _print_explanation(front: Front, found: Explained) -> None:
    terms = found.terms
    counted = _("counts open hours") if terms.policy.open_hours else _("counts day and night")
    output.print_text(
        _("Ticket {number}: policy {policy} ({counted}), priority {priority}, zone {zone}").format(
            number=found.number,
            policy=terms.policy.name,
            counted=counted,
            priority=words.word(found.priority),
            zone=found.zone,
        ),
        "bold",
    )
    for one in found.rounds:
        output.print_line("")
        output.print_line(_headline(one, front.now), _style(one))
        _print_intervals(found, one)
        for line in _sums(found, one):
            output.print_text(line)


def _print_intervals(found: Explained, one: ExplainedRound) -> None:
    columns = [
        Column(_("From")),
        Column(_("Until")),
        Column(_("Time"), right=True),
        Column(""),
        Column(_("Because"), flexible=True),
    ]
    rows: list[list[Cell | str]] = []
    told = -1
    for piece in one.intervals:
        style = "" if piece.kind is Kind.COUNTED else "dim"
        if piece.because != told:  # the event is told once, where what it began begins
            event = found.events[piece.because]
            rows.append([_clock_time(event.at, found.zone), "", "", "", Cell(_event_words(event), "bold")])
            told = piece.because
        cells = [
            _clock_time(piece.begin, found.zone),
            _clock_time(piece.end, found.zone),
            _length(piece.end - piece.begin),
            {Kind.COUNTED: _("counted"), Kind.CLOSED: _("shop closed"), Kind.PAUSED: _("paused")}[piece.kind],
            _day_words(piece),
        ]
        rows.append([Cell(cell, style) for cell in cells])
    output.print_table(columns, rows)


def _sums(found: Explained, one: ExplainedRound) -> Iterator[str]:
    sums = {kind: total(one.intervals, kind) for kind in Kind}
    yield _("{counted} of {allowed} counted; closed {closed}, paused {paused}; in all {all}").format(
        counted=_length(sums[Kind.COUNTED]),
        allowed=_length(one.standing.allowed),
        closed=_length(sums[Kind.CLOSED]),
        paused=_length(sums[Kind.PAUSED]),
        all=_length(sum(sums.values())),
    )
    kept = one.kept
    if kept is not None and (kept.policy, kept.allowed) != (found.terms.policy.name, one.standing.allowed):
        yield _("It was judged under policy {policy}, which allowed {allowed}: {result}").format(
            policy=kept.policy, allowed=_length(kept.allowed), result=_result_word(kept.result)
        )


def _headline(one: ExplainedRound, now: Millis) -> str:
    standing, round_ = one.standing, one.standing.round
    name = words.word(round_.clock)
    if round_.number > 1:
        name += f" ({round_.number})"
    result = standing.result
    if result is not None and round_.ended_at is not None:
        return _("{clock}: {result}").format(
            clock=name, result=_result_word(one.kept.result if one.kept else result.value)
        )
    if not round_.is_running:
        return _("{clock}: waits, {left} left").format(clock=name, left=_length(standing.allowed - standing.used))
    left = standing.allowed - standing.used
    state = (_("{span} late") if left < 0 else _("{span} left")).format(span=words.span(left))
    due = words.ago(iso(standing.due_at), now, exact=True)
    return _("{clock}: {state} ({due})").format(clock=name, state=state, due=due)


def _style(one: ExplainedRound) -> str:
    late = one.standing.is_late or (one.kept is not None and one.kept.result == "late")
    return "bold red" if late else "bold"


def _result_word(result: str) -> str:
    return {"met": _("kept"), "late": _("late"), "void": _("ended without a reply, in time")}[result]


def _event_words(event: service.Told) -> str:
    return _("{event} ({actor})").format(event=words.event(event.kind), actor=event.actor)


def _day_words(piece: Interval) -> str:
    if piece.day is None:
        return ""
    windows = " ".join(shown_windows(piece.day.windows)) or _("closed all day")
    name = {
        "weekly": words.weekday(piece.day.date),
        "holiday": piece.day.name,
        "makeup": _("make-up working day"),
        "promotion": piece.day.name,
    }[piece.day.kind]
    return f"{name} {windows}"


def _clock_time(at: Millis, zone: str) -> str:
    from zoneinfo import ZoneInfo

    local = from_millis(at).astimezone(ZoneInfo(zone))
    return local.strftime("%m-%d %H:%M:%S" if local.second else "%m-%d %H:%M")


def _length(millis: Millis) -> str:
    """A length of time to the second: `2:05:09`, `3 d 2:05:09`."""
    sign, seconds = "-" if millis < 0 else "", abs(millis) // 1000
    days, rest = divmod(seconds, 86_400)
    clock = f"{rest // 3600}:{rest % 3600 // 60:02}:{rest % 60:02}"
    return sign + (_("{days} d {clock}").format(days=days, clock=clock) if days else clock)


def replay(
    ctx: typer.Context,
    policy: Annotated[str, typer.Option(help=N_("A policy file, or the name of a policy."), metavar="FILE|NAME")] = "",
    calendar: Annotated[
        Path | None, typer.Option(help=N_("A calendar file, over those in force."), metavar="FILE")
    ] = None,
    since: Annotated[str, typer.Option(help=N_("Tickets filed since: 2026-11-01, or 30d."))] = "30d",
) -> None:
    """Judge past tickets by other rules."""
    front: Front = ctx.obj
    if not policy and calendar is None:
        raise UsageProblem(_("Name the other rules: --policy FILE, --calendar FILE, or both."))
    begin = moment_gone("--since", since, front)
    with front.reading() as connection:
        found = replaying.replay(connection, begin, front.now, policy or None, calendar)
    if output.print_objects(front, [_replayed(row) for row in found]):
        return
    if not front.on_terminal:
        output.print_rows(
            [r.clock, r.category, r.judged, r.late_before, r.late_after, r.newly_late_count, r.no_longer_late_count]
            for r in found
        )
        return
    if not found:
        front.talk(_("No ticket was filed since then."))
        return
    _print_replayed(found)


def _replayed(row: replaying.Replayed) -> dict[str, Any]:
    return {
        "clock": row.clock,
        "category": row.category,
        "judged": row.judged,
        "late_before": row.late_before,
        "late_after": row.late_after,
        "newly_late": row.newly_late_count,
        "newly_late_tickets": row.newly_late,
        "no_longer_late": row.no_longer_late_count,
        "no_longer_late_tickets": row.no_longer_late,
    }


def _print_replayed(found: list[replaying.Replayed]) -> None:
    columns = [
        Column(_("Clock")),
        Column(_("Category")),
        Column(_("Judged"), right=True),
        Column(_("Late now"), right=True),
        Column(_("then"), right=True),
        Column(_("Newly late"), flexible=True),
    ]
    rows: list[list[Cell | str]] = []
    for row in found:
        style = "red" if row.late_after > row.late_before else "green" if row.late_after < row.late_before else ""
        numbers = " ".join(f"#{number}" for number in row.newly_late)
        after = Cell(f"{row.late_after} ({row.late_after - row.late_before:+d})", style)
        rows.append(
            [words.word(row.clock), words.word(row.category), str(row.judged), str(row.late_before), after, numbers]
        )
    output.print_table(columns, rows)
    in_force, others = sum(row.late_before for row in found), sum(row.late_after for row in found)
    output.print_text(
        _("In all: {before} late under the rules in force, {after} under the others.").format(
            before=in_force, after=others
        )
    )


def moment_gone(option: str, text: str, front: Front) -> Millis:
    """A time gone by, as a date or as a span back from now; raises UsageProblem naming the option."""
    readers: tuple[Callable[[str], datetime], ...] = (lambda text: front.started - parse_span(text), parse_time)
    for read in readers:
        try:
            return to_millis(read(text))
        except (ValueError, OverflowError):
            continue
    raise UsageProblem(
        _("{option} takes a date such as 2026-11-01 or a span such as 30d, not {value!r}.").format(
            option=option, value=text
        )
    )
