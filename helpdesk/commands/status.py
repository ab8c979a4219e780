"""What a customer may know of a ticket: `status`."""

import sys
from typing import Annotated, Any

import typer

from helpdesk import words
from helpdesk.clock import Millis, iso
from helpdesk.commands import output
from helpdesk.commands.front import Front
from helpdesk.errors import NotFound
from helpdesk.i18n import N_, _, language
from helpdesk.models.codes import shown_code
from helpdesk.sla.expecting import Expected
from helpdesk.sla.progress import Progress, told
from helpdesk.text import safe
from helpdesk.views import progress

_SHOP_LANGUAGES = {"zh": "zh-Hans", "en": "en"}
_BASES = {
    "hour": N_("the median of {count} questions in the last 30 days at this hour"),
    "day": N_("the median of {count} questions in the last 30 days"),
    "promise": N_("what the policy promises; too few answers are known"),
}


def status(
    ctx: typer.Context,
    code: Annotated[str, typer.Argument(help=N_("The public code, such as 7KQ2M-9XWPA."), metavar="CODE")],
    text: Annotated[bool, typer.Option("--text", help=N_("Print the text to paste into a chat."))] = False,
) -> None:
    """Say where a ticket stands."""
    front: Front = ctx.obj
    with front.reading() as connection:
        found = progress.progress(connection, code, front.now)
    if found is None:
        raise NotFound(_("No ticket has this code; `helpdesk show N` tells the code of a ticket."))
    if front.json:
        output.print_json(_as_json(found) | {"text": _text(found)})
    elif text or front.on_terminal:
        sys.stdout.write(safe(_text(found)) + "\n")  # not wrapped: it is to be copied
    else:
        output.print_rows(_rows(found))


def _text(found: Progress) -> str:
    return told(found, _SHOP_LANGUAGES[language()])


def _as_json(found: Progress) -> dict[str, Any]:
    return {
        "code": shown_code(found.code),
        "stage": found.stage,
        "language": found.language,
        "received_at": iso(found.received_at),
        "position": found.position,
        "waiting_since": iso(found.question.asked_at) if found.question else None,
        "expected_answer": expected_json(found.expected, found.now),
        "takes_longer": found.takes_longer,
        "opens_at": iso(found.opens_at),
    }


def _rows(found: Progress) -> list[list[object]]:
    document = _as_json(found)
    expected = document.pop("expected_answer") or {"at": None, "minutes": None, "basis": None, "of": None}
    return [[key, value] for key, value in (document | {f"expected_{k}": v for k, v in expected.items()}).items()]


def expected_json(expected: Expected | None, now: Millis) -> dict[str, Any] | None:
    """When an answer is to be expected: the time, minutes from now (0 when it is overdue), what it rests on."""
    if expected is None:
        return None
    return {
        "at": iso(expected.at),
        "minutes": _minutes(expected, now),
        "basis": expected.basis,
        "of": expected.of,
    }


def _minutes(expected: Expected, now: Millis) -> int:
    return max(0, -(-(expected.at - now) // 60_000))


def expected_line(expected: Expected, now: Millis) -> str:
    """When an answer is to be expected, for the shop."""
    minutes = _minutes(expected, now)
    return _("An answer is to be expected in {span}: {basis}.").format(
        span=_("{count} min").format(count=minutes) if minutes < 120 else words.span(minutes * 60_000),
        basis=_(_BASES[expected.basis]).format(count=expected.of),
    )
