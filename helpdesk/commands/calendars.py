"""When the shop is open: `calendar show|hours|import|check`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from helpdesk import words
from helpdesk.clock import Millis
from helpdesk.commands import output
from helpdesk.commands.front import Front, opened
from helpdesk.commands.intake import counting
from helpdesk.commands.output import Cell, Column
from helpdesk.commands.sla import say_adopted, say_if_stale
from helpdesk.errors import ExitCode, UsageProblem
from helpdesk.i18n import N_, _, _n
from helpdesk.sla import rules
from helpdesk.sla.calendar import WEEKDAYS, Calendar, Day, Hours, shown_windows
from helpdesk.sla.checking import Finding, findings
from helpdesk.sla.hours_line import hours_of_words
from helpdesk.views import service

if TYPE_CHECKING:
    from helpdesk.desk.calendars import Installed
    from helpdesk.intake.calendars import Read

STYLES = {"holiday": "red", "makeup": "yellow", "promotion": "magenta", "weekly": ""}

File = Annotated[str, typer.Argument(help=N_("A TOML or iCalendar file; - is stdin."), metavar="FILE")]


# --- show ----------------------------------------------------------------------------------------------------


def show(
    ctx: typer.Context,
    period: Annotated[
        str | None,
        typer.Argument(help=N_("A month, a year or a day; this month if omitted."), metavar="[YYYY[-MM[-DD]]]"),
    ] = None,
) -> None:
    """Show the days of a month."""
    front: Front = ctx.obj
    calendar = _in_force(front)
    today = calendar.local_date(front.now)
    first, following = _span(period or f"{today:%Y-%m}")
    days = [calendar.day(first + timedelta(days=offset)) for offset in range((following - first).days)]
    if front.json:
        output.print_json([_as_json(day) for day in days])
    elif not front.on_terminal:
        output.print_rows(
            [day.date.isoformat(), _weekday_key(day), day.kind, day.name, ",".join(shown_windows(day.windows))]
            for day in days
        )
    else:
        _print_days(calendar, days, today, period or f"{today:%Y-%m}")
    for year in range(first.year, (following - timedelta(days=1)).year + 1):
        if calendar.lacks_holidays(year):
            front.talk(words.without_holidays([year]))


def _in_force(front: Front) -> Calendar:
    with front.store.read() as connection:
        kept = service.kept_rules(connection)
        calendar = service.rules_for_reading(connection).calendar
    say_if_stale(front, kept)
    return calendar


def _span(period: str) -> tuple[date, date]:
    """The first day of a period, and the day after its last."""
    problem = UsageProblem(
        _("{value!r} is no month, year or day from 1971 to 2199; write 2026-10.").format(value=period)
    )
    found = re.fullmatch(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?", period.strip())
    if not found:
        raise problem
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
    except ValueError:
        raise problem from None
    if not 1971 <= first.year < 2200:
        raise problem
    if day:
        return first, first + timedelta(days=1)
    if month:
        return first, (first + timedelta(days=31)).replace(day=1)
    return first, date(first.year + 1, 1, 1)


def _as_json(day: Day) -> dict[str, Any]:
    return {
        "date": day.date.isoformat(),
        "weekday": _weekday_key(day),
        "kind": day.kind,
        "name": day.name,
        "windows": shown_windows(day.windows),
    }


def _weekday_key(day: Day) -> str:
    return WEEKDAYS[day.date.weekday()]


def _print_days(calendar: Calendar, days: Sequence[Day], today: date, period: str) -> None:
    open_time = _open_time(calendar, days)
    output.print_line(
        _("{period} · {zone} · open {hours}").format(
            period=period, zone=calendar.hours.zone, hours=_hours_long(open_time)
        ),
        "bold",
    )
    if len(days) > 31:
        _print_months(calendar, days, today)
        return
    output.print_table(
        [Column(""), Column(_("Day")), Column(""), Column(_("Open hours")), Column(_("Why"), flexible=True)],
        (
            [
                Cell("▸" if day.date == today else "", "bold"),
                Cell(day.date.isoformat(), "bold" if day.date == today else ""),
                Cell(words.weekday(day.date), "dim" if day.date.weekday() >= 5 else ""),
                _windows(day.windows),
                Cell(_why(day), STYLES[day.kind]),
            ]
            for day in days
        ),
    )


def _print_months(calendar: Calendar, days: Sequence[Day], today: date) -> None:
    """A year, a month a line: how long it is open, and the days that are not those of every week."""
    months = [[day for day in days if day.date.month == month] for month in range(1, 13)]
    here = (today.year, today.month)
    output.print_table(
        [Column(""), Column(_("Month")), Column(_("Open hours"), right=True), Column(_("Special days"), flexible=True)],
        (
            [
                Cell("▸" if (month[0].date.year, month[0].date.month) == here else "", "bold"),
                f"{month[0].date:%Y-%m}",
                _hours_long(_open_time(calendar, month)),
                " · ".join(_special(month)),
            ]
            for month in months
        ),
    )


def _special(month: Sequence[Day]) -> Iterator[str]:
    """The days of a month with a rule of their own, those of one name together: `1–7 国庆节`."""
    run: list[Day] = []
    for day in [*month, None]:
        if run and (day is None or (day.kind, day.name) != (run[0].kind, run[0].name)):
            if run[0].kind != "weekly":
                first, last = run[0].date.day, run[-1].date.day
                days = str(first) if first == last else f"{first}–{last}"
                why = _("make-up") if run[0].kind == "makeup" else _why(run[0])
                yield f"{days} {why}"
            run = []
        if day is not None:
            run.append(day)


def _open_time(calendar: Calendar, days: Sequence[Day]) -> Millis:
    return calendar.open_between(calendar.begin_of(days[0].date), calendar.begin_of(days[-1].date + timedelta(days=1)))


def _hours_long(open_time: Millis) -> str:
    return f"{open_time // 3_600_000}:{open_time // 60_000 % 60:02}"


def _windows(windows: Sequence[tuple[int, int]]) -> Cell:
    return Cell("  ".join(shown_windows(tuple(windows)))) if windows else Cell(_("closed all day"), "dim")


def _why(day: Day) -> str:
    if day.kind == "makeup":
        return _("make-up day of {holiday}").format(holiday=day.name) if day.name else _("make-up working day")
    return {"weekly": "", "holiday": day.name or _("holiday"), "promotion": day.name or _("promotion")}[day.kind]


# --- hours ---------------------------------------------------------------------------------------------------


def hours(
    ctx: typer.Context,
    given: Annotated[
        list[str] | None,
        typer.Argument(
            help=N_("Such as mon-fri=09:00-12:00,13:00-22:00 sat=10:00-18:00 holiday=closed zone=Asia/Shanghai."),
            metavar="[DAYS=HOURS]...",
        ),
    ] = None,
) -> None:
    """Show or set the opening hours."""
    front: Front = ctx.obj
    if not given:
        _print_hours(front, _in_force(front).hours)
        return
    from helpdesk.desk.calendars import set_hours

    table = hours_of_words(given)
    with counting(front) as progress:
        done = set_hours(front.desk, table, lambda reached, _last: progress(reached))
    found = rules.proposed_hours()
    _print_hours(front, found)
    _say_installed(front, done)
    if any(list(shown_windows(found.weekly[place])) != table[day] for place, day in enumerate(WEEKDAYS)):
        front.talk(_("Another file beside {file} sets hours too, and goes before it.").format(file=done.file))


def _print_hours(front: Front, found: Hours) -> None:
    rows = [*zip(WEEKDAYS, found.weekly, strict=True), ("holiday", found.holiday), ("makeup", found.makeup)]
    if front.json:
        output.print_json({"zone": found.zone} | {key: shown_windows(windows) for key, windows in rows})
    elif not front.on_terminal:
        output.print_rows([key, ",".join(shown_windows(windows))] for key, windows in rows)
        output.print_rows([["zone", found.zone]])
    else:
        output.print_line(_("Opening hours · {zone}").format(zone=found.zone), "bold")
        output.print_table(
            [Column(_("Day")), Column(_("Open hours"), flexible=True)],
            ([_day_name(key), _windows(windows)] for key, windows in rows),
        )


def _day_name(key: str) -> str:
    if key in WEEKDAYS:
        return words.weekday(date(2024, 1, 1) + timedelta(days=WEEKDAYS.index(key)))  # that was a Monday
    return {"holiday": _("holidays"), "makeup": _("make-up days")}[key]


def _say_installed(front: Front, done: "Installed") -> None:
    front.talk(_("Written to {file}.").format(file=done.file))
    if done.before:
        front.talk(_("There was such a file; what it held is kept in {file}.").format(file=done.before))
    if done.adopted:
        say_adopted(front, done.adopted)


# --- import --------------------------------------------------------------------------------------------------


def import_calendar(
    ctx: typer.Context,
    file: File,
    name: Annotated[str | None, typer.Option(help=N_("Keep it under this name; the file's own if omitted."))] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=N_("Show what would be imported; write nothing."))] = False,
) -> None:
    """Import a calendar file."""
    from helpdesk.desk import calendars

    front: Front = ctx.obj
    read, source = _read(front, file), _source(file)
    calendars.check(read, source)
    if dry_run:
        target = calendars.file_name(source, name)
        _print_read(front, read, {"name": target, "file": None, "before": None})
        front.talk(_("Nothing was written; without --dry-run it becomes {name}.toml.").format(name=target))
        return
    with counting(front) as progress:
        done = calendars.import_file(front.desk, read, source, name, lambda reached, _last: progress(reached))
    before = str(done.before) if done.before else None
    _print_read(front, read, {"name": done.file.stem, "file": str(done.file), "before": before})
    _say_installed(front, done)
    serious = sum(finding.serious for finding in _findings(front, rules.proposed_hours()))
    if serious:
        front.talk(
            _n(
                "The calendar has {count} place to look at: helpdesk calendar check",
                "The calendar has {count} places to look at: helpdesk calendar check",
                serious,
            ).format(count=serious)
        )


def _source(file: str) -> str:
    return "stdin" if file == "-" else file


def _read(front: Front, file: str) -> "Read":
    from helpdesk.intake import calendars

    with opened(file) as stream:
        try:
            content = stream.read(calendars.LARGEST + 1)
        except OSError as error:  # a folder opens and does not read
            raise UsageProblem(
                _("{path} cannot be read: {reason}. Correct the file.").format(path=file, reason=error.strerror)
            ) from None
    return calendars.read(content, _source(file), front.started.date())


def _print_read(front: Front, read: "Read", about: Mapping[str, str | None]) -> None:
    found = [("holiday", entry) for entry in read.tables.get("holiday", ())]
    found += [("promotion", entry) for entry in read.tables.get("promotion", ())]
    rows = [_entry(kind, entry) for kind, entry in found]
    if front.json:
        output.print_json({**about, "entries": rows, "hours": "hours" in read.tables, "left_out": read.left_out})
    elif not front.on_terminal:
        output.print_rows([*list(row.values())[:4], ",".join(row["makeup"])] for row in rows)
    elif rows:
        output.print_table(
            [Column(_("From")), Column(_("To")), Column(_("Name"), flexible=True), Column(_("Make-up days"))],
            ([row["from"], row["to"], row["name"], " ".join(row["makeup"])] for row in rows),
        )
    if read.left_out:
        front.talk(
            _n(
                "{count} event was left out: it is cancelled, has a time of day, or is no day off.",
                "{count} events were left out: they are cancelled, have a time of day, or are no days off.",
                read.left_out,
            ).format(count=read.left_out)
        )


def _entry(kind: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "kind": kind,
        "from": str(entry["from"]),
        "to": str(entry.get("to", entry["from"])),
        "name": entry.get("name", ""),
        "makeup": [str(day) for day in entry.get("makeup", ())],
    }


# --- check ---------------------------------------------------------------------------------------------------


def check(
    ctx: typer.Context,
    file: Annotated[
        str | None,
        typer.Argument(help=N_("A file to check as if it were imported; yours and the shipped ones if omitted.")),
    ] = None,
) -> int:
    """Check the calendar against itself."""
    front: Front = ctx.obj
    found = _findings(front, _checked_hours(front, file))
    if front.json:
        output.print_json([_finding_json(finding) for finding in found])
    elif front.on_terminal:
        for finding in found:
            output.print_text(f"{'✗' if finding.serious else '·'} {_told(finding)}", "" if finding.serious else "dim")
    else:
        output.print_rows(
            [finding.kind, finding.first and str(finding.first), finding.last and str(finding.last), _told(finding)]
            for finding in found
        )
    serious = any(finding.serious for finding in found)
    if not serious:
        front.talk(_("The calendar is sound."))
    return ExitCode.FOUND if serious else ExitCode.DONE


def _checked_hours(front: Front, file: str | None) -> Hours:
    if file is None:
        return rules.proposed_hours()
    from helpdesk.desk import calendars

    read = _read(front, file)
    calendars.check(read, _source(file))
    return rules.proposed_hours(read.tables, Path(file))


def _findings(front: Front, proposed: Hours) -> list[Finding]:
    return findings(proposed, Calendar(proposed).local_date(front.now))


def _finding_json(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "serious": finding.serious,
        "first": str(finding.first) if finding.first else None,
        "last": str(finding.last) if finding.last else None,
        "message": _told(finding),
    }


def _told(finding: Finding) -> str:
    kind, first, last = finding.kind, finding.first, finding.last
    name, other = finding.name or _("(no name)"), finding.other or _("(no name)")
    days = str(first) if first == last else f"{first} – {last}"
    if kind == "holidays_overlap":
        return _("{days}: the holidays {name} and {other} overlap.").format(days=days, name=name, other=other)
    if kind == "promotions_overlap":
        return _("{days}: the promotions {name} and {other} overlap; the later one in the files counts.").format(
            days=days, name=name, other=other
        )
    if kind == "makeup_in_holiday":
        return _("{days}: a make-up day of {name} lies within the holiday {other}.").format(
            days=days, name=name, other=other
        )
    if kind == "makeup_on_open_day":
        return _(
            "{days}: the make-up day of {name} is a {weekday}, open anyway; the hours of make-up days count."
        ).format(days=days, name=name, weekday=_day_name(finding.other))
    if kind == "year_without_holidays":
        assert first is not None
        return words.without_holidays([first.year])
    if kind == "short_gap":
        return _("{weekday}: two windows lie only {count} min apart.").format(
            weekday=_day_name(finding.name), count=finding.other
        )
    return _("{weekday}: closed all day.").format(weekday=_day_name(finding.name))
