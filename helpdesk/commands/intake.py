"""What comes in: `new`, `triage`, `import tickets`, `import orders`."""

import sys
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from helpdesk import words
from helpdesk.commands import output
from helpdesk.commands.front import Front, opened, text_or_stdin
from helpdesk.errors import ExitCode, UsageProblem
from helpdesk.i18n import N_, _
from helpdesk.text import one_line
from helpdesk.views.orders import known_orders_of

if TYPE_CHECKING:
    from helpdesk.classify.priority import Facts
    from helpdesk.desk.importing import Imported, Progress
    from helpdesk.desk.judge import Judged
    from helpdesk.desk.judging import Asked
    from helpdesk.intake.drafts import Draft
    from helpdesk.intake.rows import Question


def new(
    ctx: typer.Context,
    subject: Annotated[str, typer.Argument(help=N_("What it is about, in a line."), metavar="[SUBJECT]")] = "",
    body: Annotated[str | None, typer.Option(help=N_("The customer's text, or - for stdin."), metavar="TEXT|-")] = None,
    sender: Annotated[
        str, typer.Option("--from", help=N_("The customer: mail, QQ:123, WeChat, phone."), metavar="HANDLE")
    ] = "",
    name: Annotated[str, typer.Option(help=N_("The customer's name."))] = "",
    channel: Annotated[str, typer.Option(help=N_("chat, email, phone, web, social, cli or other."))] = "cli",
    order: Annotated[str, typer.Option(help=N_("The order number."))] = "",
    category: Annotated[str, typer.Option(help=N_("Set the category yourself."))] = "",
    priority: Annotated[str, typer.Option(help=N_("Set the priority yourself: low, normal, high, urgent."))] = "",
    tag: Annotated[list[str] | None, typer.Option(help=N_("A tag; may be repeated."))] = None,
) -> None:
    """File one ticket."""
    from helpdesk.desk import filing

    front: Front = ctx.obj
    text = text_or_stdin(body, _("text")) if body is not None else "" if subject else text_or_stdin(None, _("text"))
    row: dict[str, Any] = {
        "subject": subject,
        "body": text,
        "customer": sender,
        "name": name,
        "channel": channel,
        "order": order,
    }
    row |= {"category": category, "priority": priority, "tags": tag or []}
    filed, judged = filing.file(front.desk, _draft(row))
    with front.store.read() as connection:
        from helpdesk.views import progress, tickets

        card = tickets.card(connection, filed.number, front.now)
        expected = progress.expected_answer(connection, filed.number, front.now)
    assert card is not None
    from helpdesk.commands.status import expected_json, expected_line

    if front.json:
        output.print_json(card.as_json() | {"expected_response": expected_json(expected, front.now)})
        return
    _print_filed(front, card, judged)
    if expected is not None and (front.on_terminal or front.verbose):
        front.talk(expected_line(expected, front.now))


def _draft(row: dict[str, Any]) -> "Draft":
    from helpdesk.intake import rows
    from helpdesk.intake.drafts import Rejected

    try:
        return rows.ticket(row, "cli")
    except Rejected as reason:
        raise UsageProblem(_("The ticket cannot be filed: {reason}.").format(reason=reason)) from reason


def _print_filed(front: Front, card: Any, judged: "Judged") -> None:
    ticket = card.ticket
    if not front.on_terminal:
        output.print_rows([[ticket[key] for key in ("number", "category", "priority", "mood", "language", "band")]])
        return
    filed = _("Filed ticket {number}; its code for the customer: {code}")
    output.print_text(filed.format(number=ticket["number"], code=ticket["code"]), "bold")
    output.print_text(verdict_line(judged))
    for line in match_lines(judged):
        output.print_text("  " + line)


def verdict_line(judged: "Judged") -> str:
    """A verdict in one line for people."""
    verdict = judged.verdict
    return " · ".join(
        (
            f"{words.word(verdict.category.category)} ({verdict.category.confidence:.0%})",
            f"{words.word(verdict.priority.priority)} ({verdict.priority.urgency:g})",
            words.word(verdict.mood.mood),
            verdict.language,
            words.word(judged.band),
        )
    )


def match_lines(judged: "Judged", most: int = 3) -> list[str]:
    """The matches for people, a line each."""
    found = [f"{match.probability:4.0%}  {match.article}  {match.question}" for match in judged.matches.found[:most]]
    several = [f"「{one_line(p.text, 30)}」→ {p.match.article}  {p.match.question}" for p in judged.problems]
    return (found or [_("No article fits.")]) + ([_("Several matters in one:"), *several] if several else [])


def triage(
    ctx: typer.Context,
    text: Annotated[
        str | None, typer.Argument(help=N_("The text to judge, or - for stdin."), metavar="[TEXT|-]")
    ] = None,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help=N_("Read {id, text, order?, customer?, at?} a line, write verdicts a line."))
    ] = False,
) -> int:
    """Judge without storing."""
    from helpdesk.desk.judge import from_store

    front: Front = ctx.obj
    if jsonl:
        return _triage_lines(front, text)
    asked = text_or_stdin(text, _("text"))
    with front.store.read() as connection:
        judged = from_store(connection).judge(asked, front.now, known_orders_of(connection))
    verdict = verdict_json(None, judged)
    if front.json:
        output.print_json(verdict)
    elif front.on_terminal:
        output.print_text(verdict_line(judged), "bold")
        for line in match_lines(judged):
            output.print_text("  " + line)
        for found in verdict["identifiers"]:
            output.print_text(f"  {found['kind']}: {found['value']} ({found['confidence']:.0%})")
    else:
        output.print_rows([[verdict[k] for k in ("language", "category", "priority", "mood", "band")]])
    return ExitCode.DONE


def verdict_json(identity: object, judged: "Judged") -> dict[str, Any]:
    """A judgement as the contract of `triage` has it."""
    verdict = judged.verdict
    return {
        "id": identity,
        "language": verdict.language,
        "category": verdict.category.category,
        "category_confidence": verdict.category.confidence,
        "priority": verdict.priority.priority,
        "urgency": verdict.priority.urgency,
        "mood": verdict.mood.mood,
        "identifiers": [
            {"kind": i.kind, "value": i.value, "confidence": round(i.confidence, 2)} for i in verdict.identifiers
        ],
        "band": judged.band,
        "matches": [
            {"article": m.article, "question": m.question, "probability": m.probability, "reasons": list(m.reasons)}
            for m in judged.matches.found
        ],
        "problems": [
            {
                "text": p.text,
                "article": p.match.article,
                "question": p.match.question,
                "probability": p.match.probability,
            }
            for p in judged.problems
        ],
    }


def _triage_lines(front: Front, name: str | None) -> int:
    from helpdesk.desk.judge import MOST_MATCHES
    from helpdesk.desk.judging import Judging
    from helpdesk.intake import rows
    from helpdesk.intake.files import json_lines

    bad = 0
    with opened(name or "-") as file, Judging(front.desk, MOST_MATCHES, verdict_line_json) as judging:
        batches = map(partial(_with_facts, front), _in_batches(map(rows.question, json_lines(file))))
        for batch, lines in judging.judged(batches, _asked):
            for (asked, _facts), line in zip(batch, lines, strict=True):
                if asked.problem:
                    bad += 1
                    front.talk(_("line {number}: {reason}").format(number=asked.line, reason=asked.problem))
                else:
                    sys.stdout.write(line)
    return ExitCode.PARTIAL if bad else ExitCode.DONE


def _asked(pair: "tuple[Question, Facts]") -> "Asked":
    from helpdesk.desk.judging import Asked

    question, facts = pair
    return Asked(question.text, question.at, (question.id, facts))


def _with_facts(front: Front, batch: "list[Question]") -> "list[tuple[Question, Facts]]":
    from helpdesk.desk.filing import facts_of

    facts = facts_of(front.desk, [(asked.customer, asked.order_no) for asked in batch])
    return list(zip(batch, facts, strict=True))


def verdict_line_json(asked: "Asked", judged: "Judged") -> str:
    """A judgement as a line of `triage --jsonl`; `asked.beside` holds the line's id and what the shop knows."""
    from helpdesk.desk.judge import with_facts

    identity, facts = asked.beside
    return output.json_line(verdict_json(identity, with_facts(judged, facts)))


def _in_batches(lines: Iterable[Any], size: int = 200) -> Iterator[list[Any]]:
    rest = iter(lines)
    while batch := list(islice(rest, size)):
        yield batch


def import_tickets(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(help=N_("The file, or - for stdin."), metavar="FILE|-")],
    form: Annotated[str | None, typer.Option("--format", help=N_("csv or jsonl; else by the file's name."))] = None,
    source: Annotated[
        str, typer.Option(help=N_("Where the rows come from; ids are unique within a source."))
    ] = "import",
    dry_run: Annotated[bool, typer.Option("--dry-run", help=N_("Say what would happen; store nothing."))] = False,
    strict: Annotated[bool, typer.Option("--strict", help=N_("Import nothing when any row is bad."))] = False,
    create_categories: Annotated[
        bool, typer.Option("--create-categories", help=N_("Add categories the shop does not have yet."))
    ] = False,
) -> int:
    """Import tickets."""
    from helpdesk.desk import importing

    front: Front = ctx.obj
    form = importing.form_of(file, form)
    job = importing.TicketImport(front.desk, source.strip() or "import", create_categories, dry_run)
    with importing.rejects(None if dry_run else rejects_path(file)) as aside:
        if strict and _any_bad(job, file, form, aside):
            done = importing.Imported(read=job.rows_read, rejected=aside.count, rejects_file=aside.name())
        else:
            with opened(file) as stream, counting(front) as progress:
                done = job.run(stream, form, aside, progress)
    return _report(front, done, aside.first, dry_run)


def _any_bad(job: Any, file: str, form: str, aside: Any) -> bool:
    if file == "-":
        raise UsageProblem(_("--strict reads the file twice; give a file, not stdin."))
    with opened(file) as stream:
        job.check(stream, form, aside)
    return bool(aside.count)


def rejects_path(file: str) -> Path:
    """Where the rejected rows of a file go."""
    return Path("stdin.rejects.jsonl") if file == "-" else Path(f"{file}.rejects.jsonl")


def import_orders(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(help=N_("The file, or - for stdin."), metavar="FILE|-")],
    form: Annotated[str | None, typer.Option("--format", help=N_("csv or jsonl; else by the file's name."))] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=N_("Say what would happen; store nothing."))] = False,
) -> int:
    """Import orders."""
    from helpdesk.desk import importing

    front: Front = ctx.obj
    with (
        opened(file) as stream,
        importing.rejects(None if dry_run else rejects_path(file)) as aside,
        counting(front) as progress,
    ):
        done = importing.import_orders(front.desk, stream, importing.form_of(file, form), aside, dry_run, progress)
    return _report(front, done, aside.first, dry_run)


class counting:
    """A counter on stderr once an import takes over a second, only on a terminal."""

    def __init__(self, front: Front) -> None:
        self._shown = sys.stderr.isatty() and not front.quiet
        self._bar: Any = None

    def __enter__(self) -> "Progress":
        import time

        begun = time.monotonic()

        def tell(read: int) -> None:
            if self._shown and time.monotonic() - begun > 1:
                self._update(read)

        return tell

    def _update(self, read: int) -> None:
        if self._bar is None:
            from rich.console import Console
            from rich.progress import Progress, TextColumn, TimeElapsedColumn

            columns = (TextColumn(_("{task.completed:,} rows")), TimeElapsedColumn())
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._bar.start()
            self._task = self._bar.add_task("", total=None)
        self._bar.update(self._task, completed=read)

    def __exit__(self, *_error: object) -> None:
        if self._bar is not None:
            self._bar.stop()


def _report(front: Front, done: "Imported", first_problem: str, dry_run: bool) -> int:
    counts = {
        "read": done.read,
        "filed": done.filed,
        "duplicates": done.duplicates,
        "rejected": done.rejected,
        "rejects_file": done.rejects_file,
    }
    if front.json:
        output.print_json(counts | ({"dry_run": True} if dry_run else {}))
    elif front.on_terminal:
        sentence = _("{read} rows read: {filed} new, {duplicates} known already, {rejected} rejected.")
        output.print_text((_("Would be: ") if dry_run else "") + sentence.format(**counts))
    else:
        output.print_rows([list(counts.values())])
    if done.rejected:
        where = _("All are in {file}.").format(file=done.rejects_file) if done.rejects_file else ""
        front.talk(_("Rejected, first of {count}: {first}. {where}").format(
            count=done.rejected, first=first_problem, where=where
        ))  # fmt: skip
    return ExitCode.PARTIAL if done.rejected else ExitCode.DONE
