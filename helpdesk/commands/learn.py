"""Learning from what people set: `learn`."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from helpdesk import words
from helpdesk.commands import output
from helpdesk.commands.front import Front
from helpdesk.commands.output import Column
from helpdesk.errors import ExitCode
from helpdesk.i18n import N_, _

if TYPE_CHECKING:
    from helpdesk.desk.learning import Learnt, Trusted


def learn(
    ctx: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=N_("Say what would happen; store nothing."))] = False,
) -> int:
    """Learn the shop's categories."""
    from helpdesk.commands.intake import counting
    from helpdesk.desk import learning

    front: Front = ctx.obj
    if not front.store.exists:
        found = learning.Learnt(0, 0, 0)
    else:
        with counting(front) as reading:
            found = learning.learn(front.desk, dry_run, reading)
    trusted = learning.trust(front.desk, dry_run or not front.store.exists)
    if front.json:
        output.print_json(learnt_json(found, dry_run) | {"matches": trusted_json(trusted)})
    elif not front.on_terminal:
        output.print_rows([*_rows(found), *_threshold_rows(trusted)])
    else:
        if found.enough:
            _print_learnt(found, dry_run)
        if trusted.after != trusted.before:
            output.print_text(_trust(trusted))
    if not found.enough:
        front.talk(_not_enough(found))
    return ExitCode.DONE


def _threshold_rows(trusted: "Trusted") -> list[list[object]]:
    return [["outcomes", trusted.outcomes], *([key, value] for key, value in trusted.after._asdict().items())]


def _trust(trusted: "Trusted") -> str:
    if trusted.after.answer_at > 1:
        return _("Nothing is answered alone any more: too many matches were not sent.")
    return _("From {count} outcomes: answered alone from {answer:.0%}, shown from {suggest:.0%}.").format(
        count=trusted.outcomes, answer=trusted.after.answer_at, suggest=trusted.after.suggest_at
    )


def _not_enough(found: "Learnt") -> str:
    from helpdesk.desk.learning import FEWEST

    return _(
        "Nothing to learn from yet: {examples} tickets with a category set by a person, in {categories} categories;"
        " it takes {fewest} in two. Correct some with: helpdesk set N --category SLUG"
    ).format(examples=found.examples, categories=found.categories, fewest=FEWEST)


def learnt_json(found: "Learnt", dry_run: bool) -> dict[str, Any]:
    """What was learnt, as the contract of `learn --json` has it (docs/learning.md)."""
    pooling = found.pooling and found.pooling._asdict()
    return {**asdict(found), "pooling": pooling, "enough": found.enough, "dry_run": dry_run}


def trusted_json(trusted: "Trusted") -> dict[str, Any]:
    """What a match permits from now on, as `learn --json` has it under `matches`."""
    return {"outcomes": trusted.outcomes, "before": trusted.before._asdict(), "after": trusted.after._asdict()}


def _rows(found: "Learnt") -> list[list[object]]:
    plain = ("examples", "corrections", "categories", "held_out", "accuracy_before", "accuracy_after", "changed")
    return [
        *([key, getattr(found, key)] for key in (*plain, "features", "replaced")),
        *(["category", share.category, share.tickets, share.before, share.after] for share in found.by_category),
        *(["change", one.number, one.category, one.before, one.after, one.text] for one in found.changes),
    ]


def _print_learnt(found: "Learnt", dry_run: bool) -> None:
    output.print_text(
        _("{examples} examples in {categories} categories, {corrections} of them corrections.").format(
            examples=found.examples, categories=found.categories, corrections=found.corrections
        )
    )
    if found.accuracy_before is not None and found.accuracy_after is not None:
        sentence = _(
            "Of {count} tickets held out, {before:.1%} were right before, {after:.1%} after;"
            " {changed} verdicts changed."
        )
        before, after = found.accuracy_before, found.accuracy_after
        output.print_text(
            sentence.format(count=found.held_out, before=before, after=after, changed=found.changed), "bold"
        )
    columns = [
        Column(_("Category"), flexible=True),
        Column(_("Tickets"), right=True),
        Column(_("Right before"), right=True),
        Column(_("Right after"), right=True),
    ]
    output.print_table(
        columns, ([words.word(s.category), str(s.tickets), str(s.before), str(s.after)] for s in found.by_category)
    )
    for one in found.changes:
        change = f"{words.word(one.before)} → {words.word(one.after)}"
        output.print_text(f"  #{one.number}  {change} ({words.word(one.category)})  {one.text[:60]}", "dim")
    output.print_text(_outcome(found, dry_run), "green" if found.replaced else "yellow")


def _outcome(found: "Learnt", dry_run: bool) -> str:
    if not found.replaced:
        return _("The judgement in use is better and stays.")
    if dry_run:
        return _("Would be kept; nothing was stored.")
    return _("Learnt; new tickets are judged by it from now on.")
