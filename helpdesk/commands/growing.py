"""How the knowledge base grows and stays sound: `kb gaps`, `kb lint`, `kb unlearn`."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from helpdesk import words
from helpdesk.clock import Millis, iso, parse_span
from helpdesk.commands import output
from helpdesk.commands.front import Front
from helpdesk.commands.output import Column
from helpdesk.errors import ExitCode, NotFound, UsageProblem
from helpdesk.i18n import N_, _, _n
from helpdesk.views import growth

if TYPE_CHECKING:
    from helpdesk.desk.gaps import Found, Proposal
    from helpdesk.kb.lint import Finding

SHOWN = 10


def gaps(
    ctx: typer.Context,
    since: Annotated[str, typer.Option(help=N_("How far back to look, such as 30d or 12h."), metavar="SPAN")] = "30d",
    limit: Annotated[int, typer.Option(min=1, help=N_("Show at most this many."))] = SHOWN,
    fewest: Annotated[int, typer.Option("--min", min=2, help=N_("How many tickets make a gap."))] = 3,
    most: Annotated[int, typer.Option(min=1, max=200_000, help=N_("Read at most this many tickets."))] = 20_000,
    keep: Annotated[
        int | None, typer.Option(min=1, help=N_("Keep the gap at this place as a draft article."), metavar="K")
    ] = None,
) -> None:
    """Show what customers ask and no article answers, the commonest first, each as the draft of an article."""
    from helpdesk.commands.intake import counting
    from helpdesk.desk import gaps as finding

    front: Front = ctx.obj
    begin = _begin(front, since)
    with front.reading() as connection, counting(front) as progress:
        found = finding.find(connection, begin, most, fewest, max(limit, keep or 0), progress)
    if found.cut:
        front.talk(
            _("Only the newest {count} unanswered tickets since {moment} were read; read more with --most.").format(
                count=found.read, moment=iso(begin)
            )
        )
    if keep is not None:
        _keep(front, found, keep)
    elif front.jsonl:
        output.print_jsonl(one.as_json() for one in found.proposals[:limit])
    elif front.json:
        output.print_json(
            {
                "since": iso(begin),
                "read": found.read,
                "most": most,
                "cut": found.cut,
                "found": found.found,
                "gaps": [one.as_json() for one in found.proposals[:limit]],
            }
        )
    elif front.on_terminal:
        _print_gaps(front, found)
    else:
        output.print_rows(
            [place, one.count, one.category, one.language, one.kept_as, one.question, one.answer]
            for place, one in enumerate(found.proposals, start=1)
        )


def _begin(front: Front, since: str) -> Millis:
    try:
        return max(0, front.now - round(parse_span(since) / timedelta(milliseconds=1)))
    except (ValueError, OverflowError):
        raise UsageProblem(_("--since takes a span such as 30d or 12h, not {value!r}.").format(value=since)) from None


def _keep(front: Front, found: "Found", place: int) -> None:
    from helpdesk.commands.kb import print_kept
    from helpdesk.desk import gaps as finding

    if place > len(found.proposals):
        raise NotFound(_("There are {count} gaps, none at place {place}.").format(count=found.found, place=place))
    identity = finding.accept(front.desk, found.proposals[place - 1])
    print_kept(front, identity)
    front.talk(_("Look at it, correct it, then: helpdesk kb publish {id}").format(id=identity))


def _print_gaps(front: Front, found: "Found") -> None:
    if not found.proposals:
        front.talk(_("No gap: nothing was asked often enough that no article answers."))
        return
    for place, gap in enumerate(found.proposals, start=1):
        output.print_line(f"{place}. {gap.question}", "bold")
        output.print_line("· " + _facts(gap), "dim")
        for example in gap.examples[1:]:
            output.print_line(f"#{example.number} {example.text}")
        if gap.answer:
            output.print_line(f"→ {gap.answer}", "green")
    if found.found > len(found.proposals):
        front.talk(_("… and {count} more").format(count=found.found - len(found.proposals)))
    front.talk(_("Keep one as a draft with: helpdesk kb gaps --keep K"))


def _facts(gap: "Proposal") -> str:
    facts = [words.tickets(gap.count), words.word(gap.category), gap.language]
    facts.append(_("{count} replied to").format(count=gap.replied))
    if gap.kept_as:
        facts.append(_("kept as {id}").format(id=gap.kept_as))
    return " · ".join(facts)


def lint(
    ctx: typer.Context,
    since: Annotated[
        str, typer.Option(help=N_("How far back use and tickets are looked at, such as 30d."), metavar="SPAN")
    ] = "30d",
    fail_on: Annotated[
        str, typer.Option(help=N_("Exit 10 when this kind of finding is there; any is every kind."), metavar="KIND")
    ] = "",
) -> int:
    """Look the knowledge base over."""
    from helpdesk.desk.linting import look_over
    from helpdesk.kb.lint import KINDS

    front: Front = ctx.obj
    if fail_on not in ("", "any", *KINDS):
        raise UsageProblem(
            _("--fail-on is any or one of {known}, not {value!r}.").format(known=", ".join(KINDS), value=fail_on)
        )
    begin = _begin(front, since)
    with front.reading() as connection:
        found = look_over(connection, begin)
    counts = Counter(one.kind for one in found)
    if front.json:
        output.print_json(
            {
                "since": iso(begin),
                "found": len(found),
                "counts": {kind: counts[kind] for kind in KINDS},
                "findings": [_finding_json(one) for one in found],
            }
        )
    elif front.on_terminal:
        _print_findings(found)
    else:
        output.print_rows([one.kind, one.article, one.language, one.other, one.text] for one in found)
    failed = bool(found) if fail_on == "any" else counts[fail_on] > 0
    return ExitCode.FOUND if failed else ExitCode.DONE


def _finding_json(one: "Finding") -> dict[str, Any]:
    return {"kind": one.kind, "article": one.article, "language": one.language, "other": one.other, "text": one.text}


def _print_findings(found: "list[Finding]") -> None:
    if not found:
        output.print_text(_("Nothing to say against the knowledge base."))
        return
    columns = [Column(_("Article")), Column(_("Found"), flexible=True)]
    output.print_table(columns, [[one.article, _sentence(one)] for one in _together(found)])


def _together(found: "list[Finding]") -> "list[Finding]":
    """The same findings; an article that lacks several translations is told once, with all their languages."""
    lacking: dict[str, list[str]] = {}
    for one in found:
        if one.kind == "missing_translation":
            lacking.setdefault(one.article, []).append(one.language or "")
    told = [
        replace(one, language=_(", ").join(lacking[one.article])) if one.kind == "missing_translation" else one
        for one in found
    ]
    return list(dict.fromkeys(told))


def _sentence(one: "Finding") -> str:
    return {
        "duplicate": _("almost the same words as {other}: {text}"),
        "unused": _("published, unchanged and never sent in all that time"),
        "placeholder": _("nothing fills in {text} ({language})"),
        "missing_translation": _("customers write in {language}, it is not translated"),
        "empty_answer": _("the answer is empty ({language})"),
    }[one.kind].format(other=one.other, text=one.text, language=one.language)


def unlearn(
    ctx: typer.Context,
    identity: Annotated[str, typer.Argument(help=N_("The article's id."), metavar="ID")],
    alias: Annotated[
        list[str] | None, typer.Argument(help=N_("The aliases, as `kb show` prints them."), metavar="[ALIAS]...")
    ] = None,
    from_ticket: Annotated[
        int | None, typer.Option("--from", help=N_("What it learnt from this ticket."), metavar="N")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help=N_("All it has learnt."))] = False,
) -> None:
    """Take learnt aliases back."""
    from helpdesk.desk import articles

    front: Front = ctx.obj
    wanted = list(alias or [])
    if from_ticket is not None:
        with front.store.read() as connection:
            wanted += growth.learnt_from(connection, from_ticket, identity)
    elif not wanted and not everything:
        raise UsageProblem(
            _("Name the aliases, or --from N, or --all; `helpdesk kb show {id}` lists them.").format(id=identity)
        )
    gone = articles.unlearn(front.desk, identity, None if everything else wanted)
    if not gone and not everything:
        raise NotFound(
            _("Article {id} has learnt no such alias; `helpdesk kb show {id}` lists them.").format(id=identity)
        )
    if front.json:
        output.print_json({"id": identity, "unlearnt": gone})
    elif front.on_terminal:
        sentence = _n("Took back {count} alias of {id}.", "Took back {count} aliases of {id}.", len(gone))
        output.print_text(sentence.format(count=len(gone), id=identity))
    else:
        output.print_rows([text] for text in gone)
