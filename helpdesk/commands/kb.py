"""The knowledge base: `kb list|show|search|add|edit|publish|archive|import|export`."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from helpdesk import words
from helpdesk.commands import output
from helpdesk.commands.front import Front, opened, text_or_stdin
from helpdesk.commands.output import Column
from helpdesk.errors import ExitCode, NotFound, UsageProblem
from helpdesk.i18n import N_, _
from helpdesk.intake import rows
from helpdesk.intake.drafts import ArticleDraft, Rejected
from helpdesk.models.vocabulary import ArticleState, Language
from helpdesk.views import counts, knowledge
from helpdesk.views.knowledge import ArticleCard

if TYPE_CHECKING:
    from helpdesk.intake.labels import Labelled

Identity = Annotated[str, typer.Argument(help=N_("The article's id."), metavar="ID")]


def list_articles(
    ctx: typer.Context,
    category: Annotated[str | None, typer.Option(help=N_("Only this category."))] = None,
    state: Annotated[str | None, typer.Option(help=N_("Only draft, published or archived."))] = None,
) -> None:
    """List articles."""
    front: Front = ctx.obj
    if state is not None and state not in tuple(ArticleState):
        raise UsageProblem(_("--state is draft, published or archived, not {value!r}.").format(value=state))
    with front.store.read() as connection:
        found = knowledge.articles(connection, category, state)
    _print_articles(front, found, _("No article; add one: helpdesk kb add, or import a file: helpdesk kb import FILE"))


def _print_articles(front: Front, found: Sequence[ArticleCard], none: str) -> None:
    if output.print_objects(front, [card.as_json() for card in found]):
        return
    if not front.on_terminal:
        output.print_rows([c.id, c.category, c.state, c.answered, c.question] for c in found)
    elif found:
        columns = [Column("id"), Column(_("Category")), Column(_("State")), Column(_("Sent"), right=True)]
        output.print_table(
            [*columns, Column(_("Question"), flexible=True)],
            ([c.id, words.word(c.category), words.article_state(c.state), str(c.answered), c.question] for c in found),
        )
    else:
        front.talk(none)


def show(ctx: typer.Context, identity: Identity) -> None:
    """Show one article."""
    front: Front = ctx.obj
    card = _card(front, identity)
    if front.json:
        output.print_json(card.as_json())
        return
    if not front.on_terminal:
        for key, value in card.as_json().items():
            output.print_rows([[key, value if isinstance(value, str | int) else str(value)]])
        return
    output.print_text(f"{card.id} · {words.word(card.category)} · {words.article_state(card.state)}", "dim")
    output.print_text(card.question, "bold")
    for alias in card.aliases:
        output.print_text(f"  ≈ {alias}", "dim")
    for _language, alias in card.learnt:
        output.print_text(f"  ≈ {alias} " + _("(learnt)"), "dim")
    output.print_text(card.answer)
    for language, text in card.translations.items():
        output.print_text(f"[{language}] {text['question']}", "bold")
        output.print_text(text["answer"])


def _card(front: Front, identity: str) -> ArticleCard:
    with front.store.read() as connection:
        card = knowledge.article(connection, identity)
    if card is None:
        raise NotFound(_("There is no article {id!r}; `helpdesk kb list` shows those there are.").format(id=identity))
    return card


def search(
    ctx: typer.Context,
    text: Annotated[list[str], typer.Argument(help=N_("What a customer might say."), metavar="WORDS...")],
    limit: Annotated[int, typer.Option(min=1, help=N_("Show at most this many."))] = 10,
) -> None:
    """Find articles by what they mean and by their words, whatever their state."""
    from helpdesk.desk.knowledge import search as find

    front: Front = ctx.obj
    with front.store.read() as connection:
        found = find(connection, " ".join(text))
    _print_articles(front, found[:limit], _("No article fits."))


def add(
    ctx: typer.Context,
    question: Annotated[str | None, typer.Option(help=N_("The question, as a customer puts it."))] = None,
    answer: Annotated[str | None, typer.Option(help=N_("The answer, or - for stdin."), metavar="TEXT|-")] = None,
    from_ticket: Annotated[
        int | None,
        typer.Option("--from", help=N_("Make it of this ticket and its reply; other options go before."), metavar="N"),
    ] = None,
    category: Annotated[str | None, typer.Option(help=N_("The category's slug; other if omitted."))] = None,
    alias: Annotated[list[str] | None, typer.Option(help=N_("Another way to ask; may be repeated."))] = None,
    identity: Annotated[str | None, typer.Option("--id", help=N_("An id; one is made up if omitted."))] = None,
    publish: Annotated[bool, typer.Option("--publish", help=N_("Publish it at once."))] = False,
    language: Annotated[
        str | None, typer.Option("--language", help=N_("The language it is written in; zh-Hans if omitted."))
    ] = None,
) -> None:
    """Add an article; a draft unless --publish."""
    from helpdesk.desk import articles, growth

    front: Front = ctx.obj
    if question is None and from_ticket is None:
        raise UsageProblem(_("Say what is asked with --question, or make it of a ticket with --from N."))
    with front.store.read() as connection:
        known = counts.article_ids(connection)
        _check_category(category, connection)
        told = None if from_ticket is None else growth.wording_of_ticket(connection, from_ticket)
    identity = identity or articles.next_id(list(known))
    articles.refuse_taken(identity, list(known))
    if told is None:
        told = growth.Wording("", (), None, "other", "zh-Hans")
    elif not (question or told.question):
        raise UsageProblem(_("The customer's words hold no question; give one with --question."))
    row = {
        "id": identity,
        "question": question or told.question,
        "answer": told.answer if answer is None and told.answer else text_or_stdin(answer, _("answer")),
        "category": category or told.category,
        "language": language or told.language,
        "state": "published" if publish else "draft",
    }
    keep_article(front, replace(_draft(row), aliases=tuple(dict.fromkeys((*told.aliases, *(alias or ()))))))


def _check_category(category: str | None, connection: object) -> None:
    from helpdesk.desk.filing import known_category
    from helpdesk.views.counts import categories

    if category is not None:
        known_category(category, categories(connection))  # type: ignore[arg-type]


def _draft(row: dict[str, str]) -> ArticleDraft:
    try:
        return rows.article(row)
    except Rejected as reason:
        raise UsageProblem(_("The article cannot be kept: {reason}.").format(reason=reason)) from reason


def keep_article(front: Front, draft: ArticleDraft) -> None:
    """Keep an article and print what became of it."""
    from helpdesk.desk import articles

    articles.keep(front.desk, [draft])
    print_kept(front, draft.id)


def print_kept(front: Front, identity: str) -> None:
    """Print what became of an article."""
    card = _card(front, identity)
    if front.json:
        output.print_json(card.as_json())
    elif front.on_terminal:
        output.print_text(_("Article {id} is {state}.").format(id=card.id, state=words.article_state(card.state)))
    else:
        output.print_rows([[card.id, card.state]])


def edit(
    ctx: typer.Context,
    identity: Identity,
    question: Annotated[str | None, typer.Option(help=N_("A new question."))] = None,
    answer: Annotated[str | None, typer.Option(help=N_("A new answer, or - for stdin."), metavar="TEXT|-")] = None,
    category: Annotated[str | None, typer.Option(help=N_("A new category."))] = None,
    alias: Annotated[list[str] | None, typer.Option(help=N_("Add a phrasing; may be repeated."))] = None,
    drop_alias: Annotated[list[str] | None, typer.Option(help=N_("Remove a phrasing; may be repeated."))] = None,
    language: Annotated[str | None, typer.Option(help=N_("Change the translation into this language."))] = None,
) -> None:
    """Change an article."""
    from helpdesk.desk import articles

    front: Front = ctx.obj
    with front.store.read() as connection:
        _check_category(category, connection)
    draft = articles.draft_of(_card(front, identity))
    if all(value is None for value in (question, answer, category, alias, drop_alias)):
        raise UsageProblem(_("Nothing to change; `helpdesk kb edit --help` lists what can be."))
    if any(one in (drop_alias or ()) for _language, one in draft.learnt):
        raise UsageProblem(_("That alias was learnt; take it back with: helpdesk kb unlearn {id}").format(id=identity))
    text = None if answer is None else text_or_stdin(answer, _("answer"))
    aliases = [a for a in (*draft.aliases, *(alias or ())) if a not in (drop_alias or ())]
    draft = replace(draft, category=category or draft.category, aliases=tuple(dict.fromkeys(aliases)))
    if language is None or language == draft.language:
        draft = replace(draft, question=question or draft.question, answer=text or draft.answer)
    else:
        draft = replace(draft, translations=_translated(draft, language, question, text))
    keep_article(front, draft)


def _translated(
    draft: ArticleDraft, language: str, question: str | None, answer: str | None
) -> tuple[tuple[str, str, str], ...]:
    if language not in tuple(Language):
        raise UsageProblem(_("--language is one of {known}.").format(known=", ".join(Language)))
    texts = {tag: (asked, told) for tag, asked, told in draft.translations}
    asked, told = texts.get(language, ("", ""))
    texts[language] = (question or asked, answer or told)
    return tuple((tag, *text) for tag, text in texts.items())


def publish(ctx: typer.Context, identity: Identity) -> None:
    """Let an article be sent."""
    from helpdesk.desk import articles

    front: Front = ctx.obj
    articles.publish(front.desk, identity)
    print_kept(front, identity)


def archive(ctx: typer.Context, identity: Identity) -> None:
    """Take an article out of use."""
    from helpdesk.desk import articles

    front: Front = ctx.obj
    articles.archive(front.desk, identity)
    print_kept(front, identity)


def import_articles(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(help=N_("The file, or - for stdin."), metavar="FILE|-")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help=N_("Say what would happen; store nothing."))] = False,
) -> int:
    """Import articles."""
    from helpdesk.commands.intake import rejects_path
    from helpdesk.desk import importing

    front: Front = ctx.obj
    with opened(file) as stream, importing.rejects(None if dry_run else rejects_path(file)) as aside:
        done, kept = importing.import_articles(front.desk, stream, aside, dry_run)
    counts = {
        "read": done.read,
        "created": kept.created,
        "updated": kept.updated,
        "unchanged": kept.unchanged,
        "filed": done.filed,
        "duplicates": done.duplicates,
        "rejected": done.rejected,
        "rejects_file": done.rejects_file,
    }
    if front.json:
        output.print_json(counts)
    elif front.on_terminal:
        sentence = _(
            "{read} articles read: {created} new, {updated} updated, {unchanged} as before, {rejected} rejected."
        )
        output.print_text(sentence.format(**counts))
    else:
        output.print_rows([[counts[key] for key in ("read", "created", "updated", "unchanged", "rejected")]])
    if done.rejected:
        front.talk(_("Rejected, first: {first}.").format(first=aside.first))
    return ExitCode.PARTIAL if done.rejected else ExitCode.DONE


def export(ctx: typer.Context) -> None:
    """Write every article as JSON lines."""
    front: Front = ctx.obj
    with front.store.read() as connection:
        cards = knowledge.articles(connection)
    keys = ("id", "category", "language", "question", "aliases", "learnt", "answer", "translations", "state")
    exported = [{key: card.as_json()[key] for key in keys} for card in cards]
    if front.json:
        output.print_json(exported)
    else:
        output.print_jsonl(exported)


def evaluate(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(help=N_("Labelled tickets as JSON lines, or - for stdin."), metavar="FILE|-")],
    compare: Annotated[bool, typer.Option("--compare", help=N_("Show rapidfuzz beside it."))] = False,
) -> int:
    """Measure the judgement on labelled tickets."""
    from helpdesk.desk import evaluation
    from helpdesk.desk.judge import from_store

    front: Front = ctx.obj
    tickets, rejected = _labelled(front, file)
    with front.store.read() as connection:
        found = evaluation.evaluate(from_store(connection), tickets)
        others = evaluation.compare(knowledge.article_texts(connection), tickets) if compare else {}
    if front.json:
        output.print_json(found | ({"compare": others} if compare else {}))
    else:
        _print_evaluation(front, found, others)
    return ExitCode.PARTIAL if rejected else ExitCode.DONE


def _labelled(front: Front, file: str) -> tuple[list["Labelled"], int]:
    from helpdesk.intake.files import json_lines
    from helpdesk.intake.labels import labelled

    found, rejected = [], 0
    with opened(file) as stream:
        for line in json_lines(stream):
            try:
                if line.row is None:
                    raise Rejected(line.problem)
                found.append(labelled(line.row))
            except Rejected as reason:
                rejected += 1
                front.talk(_("line {number}: {reason}").format(number=line.number, reason=reason))
    if not found:
        raise UsageProblem(_("{path} holds no labelled ticket.").format(path=file))
    return found, rejected


RANKING = ("recall_at_1", "recall_at_3", "mrr", "precision_at_70", "coverage_at_90", "auroc_answerable")


def _print_evaluation(front: Front, found: dict[str, Any], others: dict[str, dict[str, Any]]) -> None:
    rows: list[list[str]] = []
    for name in RANKING:
        rows.append([name, _figure(found[name]), *(_figure(other[name]) for other in others.values())])
    for name in ("category_accuracy", "priority_accuracy", "mood_accuracy", "language_accuracy"):
        rows.append([name, _figure(found[name]), *("" for _other in others)])
    for name in ("pressing", "negative"):
        for kind in ("recall", "precision"):
            rows.append([f"{name}_{kind}", _figure(found[name][kind]), *("" for _other in others)])
    for band, facts in found["bands"].items():
        rows.append([f"band_{band}", f"{_figure(facts['precision'])} ({facts['tickets']})", *("" for _o in others)])
    if not front.on_terminal:
        output.print_rows(rows)
        return
    output.print_text(words.tickets(found["tickets"]), "bold")
    columns = [Column(_("Figure")), Column("helpdesk", right=True), *(Column(name, right=True) for name in others)]
    output.print_table(columns, rows)
    if found["confusion"]:
        columns = [Column(_("Labelled")), Column(_("Judged")), Column(_("Tickets"), right=True)]
        output.print_table(
            columns,
            [[words.word(c["labelled"]), words.word(c["judged"]), str(c["tickets"])] for c in found["confusion"][:10]],
        )
    columns = [Column(_("Confidence")), Column(_("Right"), right=True), Column(_("Tickets"), right=True)]
    output.print_table(
        columns,
        [[_figure(r["confidence"]), _figure(r["right"]), str(r["tickets"])] for r in found["reliability"]],
    )
    for error in found["worst"]:
        output.print_text(
            f"{error['probability']:4.0%}  {error['found']} ≠ {error['labelled'] or '-'}  {error['text'][:60]}"
        )
        output.print_text("      " + " ".join(error["reasons"]), "dim")


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
