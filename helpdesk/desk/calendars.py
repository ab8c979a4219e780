"""The user's calendar files: written whole, put in force at once, and taken back where they do not fit."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from helpdesk import config
from helpdesk.desk import own_files, rules
from helpdesk.desk.context import Desk
from helpdesk.desk.rules import Adopted, Progress
from helpdesk.errors import UsageProblem
from helpdesk.i18n import _
from helpdesk.intake.calendars import Read
from helpdesk.sla import rules as rule_files
from helpdesk.sla.hours import check_tables
from helpdesk.sla.misfit import Misfit

FOLDER = "calendar"
HOURS = "hours"
"""The name of the file that holds the user's hours."""


class Installed(NamedTuple):
    """The file written, where what it held before is kept, and what came of it; None before there is a store."""

    file: Path
    before: Path | None
    adopted: Adopted | None


def import_file(desk: Desk, read: Read, source: str, name: str | None, progress: Progress | None = None) -> Installed:
    """Make a calendar file that was read one of the user's own, under `name`, and put it in force.

    Whatever does not fit is a UsageProblem, and everything stays as it was.
    """
    check(read, source)
    return _install(desk, file_name(source, name), text_of(read, source), progress)


def check(read: Read, source: str) -> None:
    """Refuse a file that was read as a UsageProblem naming it, its line and key."""
    hours = rule_files.read_calendar_files(config.data_files(FOLDER))["hours"]
    try:
        check_tables(read.tables, hours)
    except Misfit as misfit:
        raise misfit.problem(source, read.text or "") from None
    if not read.tables.keys() & {"hours", "holiday", "promotion"}:
        raise UsageProblem(
            _("{file} has no hours, no holidays and no promotions; nothing was imported.").format(file=source)
        )


def set_hours(desk: Desk, hours: Mapping[str, Any], progress: Progress | None = None) -> Installed:
    """Write the `[hours]` of the user's own file, and put them in force; a zone named before stays."""
    path = config.config_folder() / FOLDER / f"{HOURS}.toml"
    before = config.load_toml(path).get("hours", {}) if path.exists() else {}
    kept = {"zone": before["zone"]} if isinstance(before, Mapping) and "zone" in before else {}
    written = own_files.with_table(own_files.text(path), "hours", kept | dict(hours))
    return _install(desk, HOURS, written, progress, keep=False)


def file_name(source: str, name: str | None) -> str:
    """The name a file is kept by: the one asked for, else that of the file it comes from."""
    if name is not None:
        if not re.fullmatch(r"\w[\w-]{0,59}", name):
            raise UsageProblem(_("--name takes letters, digits, _ and -, not {value!r}.").format(value=name[:80]))
        return name
    stem = re.sub(r"[^\w-]+", "-", Path(source).stem).strip("-_")[:60]
    return stem or "imported"


def text_of(read: Read, source: str) -> str:
    """A calendar file's text: its own where it is TOML already, so that comments stay."""
    if read.text is not None:
        return read.text
    head = [f"# From {re.sub(r'[^ -~]', '?', Path(source).name)}.", *_holiday_lines(read.tables["holiday"])]
    text = "\n".join(head) + "\n"
    assert tomllib.loads(text) == {"holiday": list(read.tables["holiday"])}
    return text


def _holiday_lines(holidays: Sequence[Mapping[str, Any]]) -> list[str]:
    return [line for one in holidays for line in ("", "[[holiday]]", own_files.dumped(one).rstrip("\n"))]


def _install(desk: Desk, name: str, text: str, progress: Progress | None, keep: bool = True) -> Installed:
    with own_files.held(FOLDER) as folder:
        path = folder / f"{name}.toml"
        before = path.read_bytes() if path.exists() else None
        own_files.write(path, text)
        try:
            adopted = _in_force(desk, progress)
        except UsageProblem:
            if before is None:
                path.unlink()
            else:
                own_files.write(path, before)
            raise
        if not keep or before in (None, text.encode()):
            return Installed(path, None, adopted)
        kept = path.with_suffix(".toml.old")
        own_files.write(kept, before or b"")
        return Installed(path, kept, adopted)


def _in_force(desk: Desk, progress: Progress | None) -> Adopted | None:
    if desk.store.exists:
        return rules.adopt(desk, progress=progress)
    rule_files.proposed()  # nothing is judged by it yet; the first ticket adopts it
    return None
