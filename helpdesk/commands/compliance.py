"""The whole report as a document: promises kept as a table for people, all of it as Markdown or CSV."""

from collections.abc import Iterator
from typing import Any

from helpdesk import words
from helpdesk.clock import from_millis, iso, zone
from helpdesk.commands import output
from helpdesk.commands.front import Front
from helpdesk.commands.output import Column
from helpdesk.commands.sla import moment_gone
from helpdesk.errors import UsageProblem
from helpdesk.i18n import N_, _
from helpdesk.views import compliance
from helpdesk.views.query import Query
from helpdesk.views.report import CLOCKS

USUAL_SPAN = "30d"

_SECTIONS = ("overdue", "due_soon")
_LATE = ("number", "priority", "clock", "due_at", "late_minutes", "state", "assignee", "subject")
_KEPT = ("by", "name", "met", "late", "running_late", "void", "percent")
_TITLES = {"category": N_("Category"), "assignee": N_("Assignee"), "team": N_("Team")}


def found(front: Front, connection: Any, query: Query, by: str, since: str) -> dict[str, Any]:
    """The part of the report on promises kept, by a clock or a field, since a date or for a span."""
    by = by or "clock"
    if by not in compliance.BY:
        raise UsageProblem(
            _("--by must be one of {known}, not {value!r}.").format(known=", ".join(compliance.BY), value=by)
        )
    begin = moment_gone("--since", since or USUAL_SPAN, front)
    rows = compliance.compliance(connection, query, front.now, begin, by)
    return {"compliance_by": by, "compliance_since": iso(begin), "compliance": rows}


def print_promises(front: Front, report: dict[str, Any]) -> None:
    """Promises kept: a table for people, rows for a pipe."""
    rows = report["compliance"]
    if not front.on_terminal:
        keys = ("name", "clock", "met", "late", "running_late", "void", "percent")
        output.print_rows(["compliance", *(row[key] for key in keys)] for row in rows)
        return
    output.print_text(_title(front, report), "bold")
    if rows:
        output.print_table(*_table(report))
    else:
        output.print_text(_("No clock has ended since then."), "dim")


def print_document(front: Front, report: dict[str, Any], form: str) -> None:
    """All of the report: as Markdown, or as one CSV table in the words of `--json`; its first column is the section."""
    if form == "csv":
        output.print_csv(_csv_rows(report))
    else:
        _print_markdown(front, report)


def _title(front: Front, report: dict[str, Any]) -> str:
    return _("Promises kept since {time}").format(
        time=words.ago(report["compliance_since"], front.now, exact=True)[:16]
    )


def _table(report: dict[str, Any]) -> tuple[list[Column], list[list[str]]]:
    """By clock a column for each count; by a field a column for each clock, with share and counts."""
    rows = report["compliance"]
    if report["compliance_by"] == "clock":
        numbers = (_("In time"), _("Late"), _("Still late"), _("Not counted"))
        columns = [Column(_("Clock")), Column(_("Kept"), right=True), *(Column(title, right=True) for title in numbers)]
        keys = ("met", "late", "running_late", "void")
        return columns, [[words.word(row["clock"]), _share(row), *(str(row[key]) for key in keys)] for row in rows]
    by_name: dict[str | None, dict[str, str]] = {}
    for row in rows:
        by_name.setdefault(row["name"], {})[row["clock"]] = _share_with_counts(row)
    title = _TITLES[report["compliance_by"]]
    columns = [Column(_(title), flexible=True)]
    columns += [Column(words.word(clock), right=True) for clock in CLOCKS]
    return columns, [
        [words.word(name) or "-", *(shares.get(clock, "") for clock in CLOCKS)] for name, shares in by_name.items()
    ]


def _share(row: dict[str, Any]) -> str:
    return "-" if row["percent"] is None else f"{row['percent']:.1f}%"


def _share_with_counts(row: dict[str, Any]) -> str:
    return f"{_share(row)} ({row['met']}/{row['met'] + row['late']})"


def _csv_rows(report: dict[str, Any]) -> Iterator[list[object]]:
    yield ["section", *_LATE, *_KEPT]
    for section in _SECTIONS:
        for row in report[section]:
            yield [section, *(row[key] for key in _LATE), *[None] * len(_KEPT)]
    for row in report["compliance"]:
        yield ["compliance", *(row.get(key) if key == "clock" else None for key in _LATE), *(row[key] for key in _KEPT)]


def _print_markdown(front: Front, report: dict[str, Any]) -> None:
    at = from_millis(front.now).astimezone(zone()).strftime("%Y-%m-%d %H:%M")
    output.print_text("# " + _("Service levels, {time}").format(time=at))
    titles = (_("Overdue: {count}"), _("Due soon: {count}"))
    for section, title in zip(_SECTIONS, titles, strict=True):
        count = report["counts"][section]
        output.print_text("\n## " + title.format(count=count) + "\n")
        if report[section]:
            _print_late(front, report[section])
        if count > len(report[section]):
            output.print_text("\n" + _("… and {count} more").format(count=count - len(report[section])))
    output.print_text("\n## " + _title(front, report) + "\n")
    if report["compliance"]:
        output.print_markdown_table(*_table(report))
    else:
        output.print_text(_("No clock has ended since then."))


def _print_late(front: Front, rows: list[dict[str, Any]]) -> None:
    columns = [Column("#", right=True), Column(_("Clock")), Column(_("Due"), right=True)]
    columns += [Column(_("Priority")), Column(_("Assignee")), Column(_("Subject"))]

    def cells(row: dict[str, Any]) -> list[object]:
        due = words.counted(row["late_minutes"])
        clock, priority = words.word(row["clock"]), words.word(row["priority"])
        return [row["number"], clock, due, priority, row["assignee"], row["subject"]]

    output.print_markdown_table(columns, map(cells, rows))
