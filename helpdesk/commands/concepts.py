"""The lexicon: `concept add|list|show|test`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from helpdesk import config, words
from helpdesk.commands import output
from helpdesk.commands.front import Front, text_or_stdin
from helpdesk.commands.output import Column
from helpdesk.errors import NotFound, UsageProblem
from helpdesk.i18n import N_, _, _n, language

if TYPE_CHECKING:
    from helpdesk.desk.concepts import Added, Meaning
    from helpdesk.lexicon import Hit

Identity = Annotated[str, typer.Argument(help=N_("The meaning's id, such as paid_no_key."), metavar="ID")]


def add(
    ctx: typer.Context,
    identity: Identity,
    form: Annotated[
        list[str] | None,
        typer.Argument(help=N_("What customers say; … is a gap, * any ending of a word."), metavar="[FORM]..."),
    ] = None,
    gloss: Annotated[str | None, typer.Option(help=N_("What it means, in English."))] = None,
    label: Annotated[str | None, typer.Option(help=N_("What it means, in Chinese."))] = None,
    category: Annotated[
        list[str] | None,
        typer.Option(help=N_("Points for a category, 0 to 10; may be repeated."), metavar="SLUG=POINTS"),
    ] = None,
    mood: Annotated[float | None, typer.Option(help=N_("What it says of the mood, -3 to 3."))] = None,
    urgency: Annotated[float | None, typer.Option(help=N_("Points of urgency, 0 to 8."))] = None,
    flag: Annotated[list[str] | None, typer.Option(help=N_("threat, human, thanks …; may be repeated."))] = None,
    written_in: Annotated[
        str | None,
        typer.Option("--in", help=N_("hans, hant, en, ja or ko; judged by the form if omitted."), metavar="LANG"),
    ] = None,
) -> None:
    """Add to the user's own concepts."""
    from helpdesk.desk import concepts
    from helpdesk.views.counts import categories

    front: Front = ctx.obj
    addition = concepts.Addition(
        id=identity,
        forms=tuple(dict.fromkeys(text.strip() for text in form or ())),
        language=written_in,
        gloss=gloss,
        label=label,
        category=_points(category),
        mood=mood,
        urgency=urgency,
        flags=None if flag is None else tuple(flag),
    )
    if addition == concepts.Addition(identity, language=written_in):
        raise UsageProblem(_("Nothing to add; `helpdesk concept add --help` lists what can be."))
    with front.store.read() as connection:
        known = categories(connection)
    _print_added(front, concepts.add(addition, known))


def _points(given: list[str] | None) -> dict[str, float] | None:
    if given is None:
        return None
    points = {}
    for text in given:
        slug, _sign, number = text.partition("=")
        try:
            points[slug.strip()] = float(number)
        except ValueError:
            raise UsageProblem(
                _("--category takes a slug and points, such as delivery=3, not {value!r}.").format(value=text)
            ) from None
    return points


def _print_added(front: Front, done: "Added") -> None:
    if front.json:
        output.print_json(
            {
                "id": done.id,
                "new": done.is_new,
                "added": list(done.added),
                "known": list(done.known),
                "file": str(done.file),
            }
        )
        return
    if front.on_terminal:
        sentence = _n("{id}: {count} form added.", "{id}: {count} forms added.", len(done.added))
        output.print_text(sentence.format(id=done.id, count=len(done.added)))
    else:
        output.print_rows([done.id, form] for form in done.added)
    if done.known:
        front.talk(_("Known already: {forms}").format(forms=_(", ").join(done.known)))
    front.talk(_("Kept in {path}").format(path=done.file))


def list_concepts(
    ctx: typer.Context,
    wanted: Annotated[
        list[str] | None, typer.Argument(help=N_("Only those that hold these words."), metavar="[WORDS]...")
    ] = None,
    own: Annotated[bool, typer.Option("--own", help=N_("Only those in your own files."))] = False,
) -> None:
    """List meanings."""
    from helpdesk.desk import concepts
    from helpdesk.text import fold

    front: Front = ctx.obj
    searched = fold(" ".join(wanted or ()))
    found = [
        one
        for one in concepts.meanings().values()
        if (one.is_own() or not own) and (not searched or any(searched in fold(text) for text in _texts(one)))
    ]
    if output.print_objects(front, [_as_json(one) for one in found]):
        return
    if not front.on_terminal:
        output.print_rows([one.id, _subject(one), len(one.forms), one.is_own(), _name(one)] for one in found)
    elif found:
        columns = [Column("id"), Column(_("Category")), Column(_("Forms"), right=True)]
        rows = [[one.id, words.word(_subject(one)), str(len(one.forms)), _name(one)] for one in found]
        output.print_table([*columns, Column(_("Meaning"), flexible=True)], rows)
    else:
        front.talk(_("No meaning has these words."))


def _texts(one: "Meaning") -> list[str]:
    return [one.id, _gloss(one), _label(one), *(form.text for form in one.forms)]


def _gloss(one: "Meaning") -> str:
    return str(one.fields.get("gloss") or one.id)


def _label(one: "Meaning") -> str:
    return str(one.fields.get("label") or _gloss(one))


def _name(one: "Meaning") -> str:
    return _label(one) if language() == "zh" else _gloss(one)


def _subject(one: "Meaning") -> str:
    points = one.fields.get("category") or {}
    return max(points, key=points.__getitem__) if points else ""


def _as_json(one: "Meaning") -> dict[str, Any]:
    return {
        "id": one.id,
        "gloss": _gloss(one),
        "label": _label(one),
        "category": one.fields.get("category", {}),
        "mood": one.fields.get("mood", 0),
        "urgency": one.fields.get("urgency", 0),
        "flags": one.fields.get("flags", []),
        "forms": len(one.forms),
        "own": one.is_own(),
    }


def show(ctx: typer.Context, identity: Identity) -> None:
    """Show one meaning."""
    from helpdesk.desk import concepts

    front: Front = ctx.obj
    one = concepts.meanings().get(identity)
    if one is None:
        raise NotFound(
            _("There is no meaning {id!r}; `helpdesk concept list` shows those there are.").format(id=identity)
        )
    forms = [{"text": form.text, "language": form.language, "file": str(form.file)} for form in one.forms]
    if front.json:
        output.print_json(_as_json(one) | {"forms": forms, "files": [str(file) for file in one.files]})
    elif not front.on_terminal:
        facts = _as_json(one)
        output.print_rows([key, str(facts[key])] for key in ("gloss", "label", "category", "mood", "urgency", "flags"))
        output.print_rows(["form", form["language"], form["text"], form["file"]] for form in forms)
    else:
        _print_meaning(one)


def _print_meaning(one: "Meaning") -> None:
    facts = _as_json(one)
    output.print_text(f"{one.id} · {_name(one)}", "bold")
    points = _(", ").join(f"{words.word(slug)} {weight:g}" for slug, weight in facts["category"].items())
    output.print_text(
        _("category {points} · mood {mood:g} · urgency {urgency:g}").format(
            points=points or "-", mood=facts["mood"], urgency=facts["urgency"]
        )
        + "".join(f" · {flag}" for flag in facts["flags"]),
        "dim",
    )
    for file in one.files:
        shipped = config.DATA in file.parents
        output.print_text(_("shipped: {file}").format(file=file.name) if shipped else str(file), "dim")
        for tag in dict.fromkeys(form.language for form in one.forms if form.file == file):
            texts = [form.text for form in one.forms if (form.file, form.language) == (file, tag)]
            output.print_text(f"  {tag}: " + _(", ").join(texts))


def test(
    ctx: typer.Context,
    text: Annotated[str | None, typer.Argument(help=N_("The text, or - for stdin."), metavar="[TEXT|-]")] = None,
) -> None:
    """Show which meanings a text holds."""
    from helpdesk.lexicon import lexicon, read

    front: Front = ctx.obj
    hits = lexicon().find(read(text_or_stdin(text, _("text"))))
    if front.json:
        output.print_json([_hit_json(hit) for hit in hits])
    elif front.on_terminal:
        for hit in hits:
            output.print_text(
                words.concept(hit.concept.id, hit.fragment) + (" " + _("(negated)") if hit.negated else "")
            )
        if not hits:
            front.talk(_("No meaning known to the lexicon is in it."))
    else:
        output.print_rows([hit.concept.id, hit.fragment, hit.negated] for hit in hits)


def _hit_json(hit: "Hit") -> dict[str, Any]:
    concept = hit.concept
    return {
        "id": concept.id,
        "fragment": hit.fragment,
        "negated": hit.negated,
        "gloss": concept.gloss,
        "label": concept.label,
    }
