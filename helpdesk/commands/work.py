"""Work on tickets: `suggest`, `answer`, `reply`, `receive`, `note`, `set`, the steps, `rate`, and `undo`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from helpdesk import words
from helpdesk.clock import iso, moment_to_come
from helpdesk.commands import output
from helpdesk.commands.front import Front, text_or_stdin
from helpdesk.errors import ExitCode, UsageProblem
from helpdesk.i18n import N_, _
from helpdesk.intake import fields
from helpdesk.intake.drafts import Rejected
from helpdesk.models.states import Step
from helpdesk.models.vocabulary import Mood, Priority, Tier

if TYPE_CHECKING:
    from helpdesk.desk.conversation import Answered, Said
    from helpdesk.desk.steps import Done
    from helpdesk.desk.undoing import Undone
    from helpdesk.views.undoing import Undoable

Number = Annotated[int, typer.Argument(help=N_("The ticket's number."), metavar="N")]
Numbers = Annotated[list[int] | None, typer.Argument(help=N_("The tickets' numbers."), metavar="[N]...")]
Text = Annotated[str | None, typer.Argument(help=N_("The text, or - for stdin."), metavar="[TEXT|-]")]
QueryOption = Annotated[str | None, typer.Option("--query", help=N_("Take the tickets this query finds."))]
Version = Annotated[
    int | None, typer.Option("--if-version", help=N_("Only if the ticket still has this version, else exit 6."))
]
Resolve = Annotated[bool, typer.Option("--resolve", help=N_("Resolve the ticket, too."))]


def suggest(ctx: typer.Context, number: Number) -> None:
    """Show the articles that may answer."""
    from helpdesk.commands.intake import match_lines, verdict_json
    from helpdesk.desk import conversation

    front: Front = ctx.obj
    judged, text = conversation.suggest(front.desk, number)
    found = verdict_json(number, judged)
    if front.json:
        output.print_json({"number": number, "band": found["band"], "matches": found["matches"]})
    elif front.on_terminal:
        output.print_text(words.shown(text)[:500], "dim")
        output.print_text(_("Match: {word}").format(word=words.word(judged.band)), "bold")
        for line in match_lines(judged, 5):
            output.print_text("  " + line)
    else:
        output.print_rows([m["article"], m["probability"], m["question"]] for m in found["matches"])


def answer(
    ctx: typer.Context,
    number: Number,
    article: Annotated[str | None, typer.Option(help=N_("Send this article."), metavar="ID")] = None,
    send_anyway: Annotated[
        bool, typer.Option("--send-anyway", help=N_("Send the best article even when unsure, or one not published."))
    ] = False,
    learn: Annotated[
        bool, typer.Option("--learn", help=N_("The article learns the customer's words as another way to ask."))
    ] = False,
    resolve: Resolve = False,
    if_version: Version = None,
) -> None:
    """Send the article that answers."""
    from helpdesk.desk import conversation

    front: Front = ctx.obj
    sent = conversation.answer(front.desk, number, article, send_anyway, resolve, if_version, learn)
    if front.json:
        output.print_json(
            {
                "number": sent.number,
                "article": sent.article,
                "language": sent.language,
                "body": sent.body,
                "state": sent.state,
                "learnt": sent.learnt,
            }
        )
        return
    if learn:
        front.talk(_learnt(sent))
    front.talk(
        _("Sent {article} to ticket {number}; it is {state} now.").format(
            article=sent.article, number=sent.number, state=words.word(sent.state)
        )
    )
    output.print_text(sent.body)


def _learnt(sent: "Answered") -> str:
    if sent.learnt is None:
        return _("{article} learnt nothing: the words say nothing new.").format(article=sent.article)
    return _("{article} learnt {alias!r}; take it back with: helpdesk kb unlearn {article} --from {number}").format(
        article=sent.article, alias=sent.learnt, number=sent.number
    )


def reply(
    ctx: typer.Context, number: Number, text: Text = None, resolve: Resolve = False, if_version: Version = None
) -> None:
    """Answer in your own words."""
    from helpdesk.desk import conversation

    front: Front = ctx.obj
    _print_said(front, conversation.reply(front.desk, number, text_or_stdin(text, _("reply")), resolve, if_version))


def note(ctx: typer.Context, number: Number, text: Text = None) -> None:
    """Add a remark."""
    from helpdesk.desk import conversation

    front: Front = ctx.obj
    _print_said(front, conversation.note(front.desk, number, _not_empty(text_or_stdin(text, _("note")))))


def receive(
    ctx: typer.Context,
    number: Number,
    text: Text = None,
    no_reply_needed: Annotated[
        bool, typer.Option("--no-reply-needed", help=N_("It wants no reply: no clock starts, nothing is reopened."))
    ] = False,
) -> None:
    """Add a message of the customer."""
    from helpdesk.desk import conversation

    front: Front = ctx.obj
    said = conversation.receive(front.desk, number, _not_empty(text_or_stdin(text, _("message"))), no_reply_needed)
    if said.follow_up:
        front.talk(
            _("Ticket {old} was closed more than 7 days ago; filed as follow-up {number}.").format(
                old=number, number=said.number
            )
        )
    _print_said(front, said)


def _not_empty(text: str) -> str:
    if not text.strip():
        raise UsageProblem(_("The text is empty; nothing was added."))
    return text


def _print_said(front: Front, said: "Said") -> None:
    if front.json:
        output.print_json({"number": said.number, "state": said.state, "follow_up": said.follow_up})
    elif front.on_terminal:
        output.print_text(_("Ticket {number} is {state} now.").format(number=said.number, state=words.word(said.state)))
    else:
        output.print_rows([[said.number, said.state]])


def set_fields(
    ctx: typer.Context,
    numbers: Numbers = None,
    category: Annotated[str | None, typer.Option(help=N_("The category's slug."))] = None,
    priority: Annotated[
        str | None, typer.Option(help=N_("low, normal, high, urgent; auto hands it back to the program."))
    ] = None,
    mood: Annotated[str | None, typer.Option(help=N_("negative, neutral, positive."))] = None,
    assignee: Annotated[str | None, typer.Option(help=N_("Who works on it; me is you, empty is nobody."))] = None,
    team: Annotated[str | None, typer.Option(help=N_("Which team; empty is none."))] = None,
    order: Annotated[str | None, typer.Option(help=N_("The order number; empty is none."))] = None,
    tag: Annotated[list[str] | None, typer.Option(help=N_("Add a tag; may be repeated."))] = None,
    untag: Annotated[list[str] | None, typer.Option(help=N_("Take a tag away; may be repeated."))] = None,
    customer_tier: Annotated[str | None, typer.Option(help=N_("The customer's tier: normal or vip."))] = None,
    query: QueryOption = None,
    if_version: Version = None,
) -> None:
    """Set fields."""
    from helpdesk import config
    from helpdesk.desk import steps

    front: Front = ctx.obj
    wanted = steps.Edit(
        category=category,
        priority=_one_of("priority", priority, (*Priority, "auto")),
        mood=_one_of("mood", mood, tuple(Mood)),
        assignee=config.who_am_i() if assignee == "me" else assignee,
        team=team,
        order=order,
        customer_tier=_one_of("customer-tier", customer_tier, tuple(Tier)),
        tag=_tags(tag),
        untag=_tags(untag),
    )
    if wanted.is_empty():
        raise UsageProblem(_("Nothing to set; `helpdesk set --help` lists the fields."))
    _print_done(front, steps.edit(front.desk, front.chosen(numbers or [], query), wanted, if_version))


def _one_of(key: str, value: str | None, allowed: tuple[str, ...]) -> str | None:
    if value is None:
        return None
    try:
        return fields.one_of({f"--{key}": value or "?"}, f"--{key}", allowed)
    except Rejected as reason:
        raise UsageProblem(_("{reason}.").format(reason=reason)) from None


def _tags(given: list[str] | None) -> tuple[str, ...]:
    from helpdesk.intake import rows

    return rows.tags({"tags": given or []})


def snooze(
    ctx: typer.Context,
    numbers: Numbers = None,
    until: Annotated[str, typer.Option(help=N_("2h, 3d, 2026-12-01 or 2026-12-01T09:00."))] = "",
    query: QueryOption = None,
    if_version: Version = None,
) -> None:
    """Put away until a time."""
    front: Front = ctx.obj
    if not until:
        raise UsageProblem(_("--until is missing: say when to come back, e.g. --until 2h"))
    _move(front, Step.SNOOZE, numbers, query, if_version, until=moment_to_come(until, front.started))


def hold(ctx: typer.Context, numbers: Numbers = None, query: QueryOption = None, if_version: Version = None) -> None:
    """Wait for a third party."""
    _move(ctx.obj, Step.HOLD, numbers, query, if_version)


def resolve(ctx: typer.Context, numbers: Numbers = None, query: QueryOption = None, if_version: Version = None) -> None:
    """Call solved."""
    _move(ctx.obj, Step.RESOLVE, numbers, query, if_version)


Reason = Annotated[str | None, typer.Option(help=N_("Why; kept with the ticket."))]


def close(
    ctx: typer.Context,
    numbers: Numbers = None,
    reason: Reason = None,
    query: QueryOption = None,
    if_version: Version = None,
) -> None:
    """Close."""
    _move(ctx.obj, Step.CLOSE, numbers, query, if_version, reason=reason)


def reopen(
    ctx: typer.Context,
    numbers: Numbers = None,
    reason: Reason = None,
    query: QueryOption = None,
    if_version: Version = None,
) -> None:
    """Open again."""
    _move(ctx.obj, Step.REOPEN, numbers, query, if_version, reason=reason)


def spam(ctx: typer.Context, numbers: Numbers = None, query: QueryOption = None, if_version: Version = None) -> None:
    """Mark as spam."""
    _move(ctx.obj, Step.SPAM, numbers, query, if_version)


def _move(
    front: Front, step: Step, numbers: list[int] | None, query: str | None, version: int | None, **detail: Any
) -> None:
    from helpdesk.desk import steps

    chosen = front.chosen(numbers or [], query)
    _print_done(front, steps.move(front.desk, step, chosen, expected_version=version, **detail))


def _print_done(front: Front, done: "Done") -> None:
    if front.json:
        changed = [{"number": number, "state": state} for number, state in done.tickets]
        output.print_json({"operation": done.operation, "changed": len(changed), "tickets": changed})
    elif not front.on_terminal:
        output.print_rows(done.tickets)
    elif len(done.tickets) == 1:
        (number, state) = done.tickets[0]
        output.print_text(_("Ticket {number} is {state} now.").format(number=number, state=words.word(state)))
    else:
        output.print_text(_("Changed {tickets}.").format(tickets=words.tickets(len(done.tickets))))


def rate(
    ctx: typer.Context,
    number: Number,
    stars: Annotated[int, typer.Argument(min=1, max=5, help=N_("1 is bad, 5 is good."), metavar="1..5")],
    comment: Annotated[str | None, typer.Option(help=N_("What the customer said."))] = None,
) -> None:
    """Keep a rating."""
    from helpdesk.desk import steps

    front: Front = ctx.obj
    _print_done(front, steps.rate(front.desk, number, stars, comment))


def undo(
    ctx: typer.Context,
    operation: Annotated[
        int | None, typer.Argument(help=N_("The operation's number; your last one if you name none."), metavar="[ID]")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=N_("Only show what would be undone."))] = False,
) -> int:
    """Take back what was done to tickets: steps, fields and ratings; what was said stays said."""
    from helpdesk import config
    from helpdesk.views import undoing

    front: Front = ctx.obj
    with front.reading() as connection:
        found = undoing.undoable(connection, config.who_am_i(), operation)
    if dry_run:
        _print_undoable(front, found)
        return ExitCode.DONE
    from helpdesk.desk.undoing import undo as take_back

    done = take_back(front.desk, found.operation)
    _print_undone(front, done)
    return ExitCode.PARTIAL if done.left else ExitCode.DONE


def _print_undoable(front: Front, found: "Undoable") -> None:
    if front.json:
        changed = [{"number": c.number, "subject": c.subject, "back_to": c.back_to} for c in found.changes]
        output.print_json(
            {"operation": None, "undoes": found.operation, "kind": found.kind, "at": iso(found.at), "tickets": changed}
        )
        return
    if front.on_terminal:
        output.print_text(words.undoable(found, front.now), "bold")
        for change in found.changes:
            output.print_text("  " + words.put_back(change))
        return
    output.print_rows([c.number, " ".join(f"{k}={v}" for k, v in c.back_to.items())] for c in found.changes)


def _print_undone(front: Front, done: "Undone") -> None:
    if front.json:
        changed = [{"number": number, "state": state} for number, state in done.tickets]
        output.print_json(
            {
                "operation": done.operation,
                "undoes": done.undone,
                "kind": done.kind,
                "changed": len(changed),
                "tickets": changed,
                "left": list(done.left),
            }
        )
    elif front.on_terminal:
        output.print_text(words.undone(done.kind, len(done.tickets)))
    else:
        output.print_rows(done.tickets)
    if done.left:
        front.complain(words.left_as_they_are(done.left))
