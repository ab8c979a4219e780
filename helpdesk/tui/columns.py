"""The columns of the list of tickets: which there are, how wide, and what a ticket shows in each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len

from helpdesk import words
from helpdesk.clock import Millis
from helpdesk.i18n import _
from helpdesk.models.vocabulary import Band, Mood, Priority
from helpdesk.text import safe
from helpdesk.tui.drawing import fit
from helpdesk.tui.line_list import Piece
from helpdesk.views.tickets import JsonObject

NARROWEST_SUBJECT = 22


class Column(NamedTuple):
    """A column: its heading, its width in cells (0 takes what is left), and a ticket's piece in it."""

    title: str
    width: int
    cell: Callable[[JsonObject, Millis], Piece]
    right: bool = False


PRIORITY_SIGNS = {"urgent": "!!", "high": "! ", "normal": "  ", "low": "↓ "}
PRIORITY_STYLES = {"urgent": "line--error", "high": "line--warning", "normal": "", "low": "line--dim"}
MOOD_SIGNS = {"negative": ":(", "neutral": "  ", "positive": ":)"}
MOOD_STYLES = {"negative": "line--warning", "neutral": "", "positive": "line--success"}
BAND_SIGNS = {"answer": "✓", "suggest": "~", "unsure": " "}
BAND_STYLES = {"answer": "line--success", "suggest": "line--accent", "unsure": "line--dim"}

_CLOCK_STYLES = {"bold red": "line--error", "yellow": "line--warning", "dim": "line--dim", "": ""}


def _clock(ticket: JsonObject, now: Millis) -> Piece:
    text, style = words.due(ticket["due_at"], now)
    return Piece(text, _CLOCK_STYLES[style])


def _band_sign(ticket: JsonObject, now: Millis) -> Piece:
    band = ticket["band"] or ""
    return Piece(BAND_SIGNS.get(band, " "), BAND_STYLES.get(band, ""))


def _customer(ticket: JsonObject, now: Millis) -> Piece:
    customer = ticket["customer"] or {}
    name = customer.get("name") or customer.get("handle") or ""
    star = "★ " if customer.get("tier") == "vip" else ""
    return Piece(star + safe(name[:400]))


def _widest(slugs: Sequence[str], title: str, most: int) -> int:
    return min(max(cell_len(words.word(slug)) for slug in slugs), max(most, cell_len(title)))


@lru_cache(maxsize=64)
def chosen(width: int, digits: int, language: str, categories: tuple[str, ...]) -> tuple[Column, ...]:
    """The columns that fit `width` cells, in the order they are drawn; `language` is that of the words."""
    priority_words = _widest([*Priority], _("Priority"), 8)
    number = Column("#", digits + 1, lambda t, now: Piece(f"{t['number']}", "line--dim"), right=True)
    clock = Column(_("Clock"), 12, _clock)
    short_priority = Column("", 2, lambda t, now: Piece(PRIORITY_SIGNS[t["priority"]], PRIORITY_STYLES[t["priority"]]))
    priority = Column(
        _("Priority"),
        priority_words,
        lambda t, now: Piece(words.word(t["priority"]), PRIORITY_STYLES[t["priority"]]),
    )
    mood = Column("", 2, lambda t, now: Piece(MOOD_SIGNS[t["mood"]], MOOD_STYLES[t["mood"]]))
    mood_words = Column(
        _("Mood"), _widest([*Mood], _("Mood"), 8), lambda t, now: Piece(words.word(t["mood"]), MOOD_STYLES[t["mood"]])
    )
    band = Column("", 1, _band_sign)
    band_words = Column(
        _("Match"),
        _widest([*Band], _("Match"), 15),
        lambda t, now: Piece(words.word(t["band"]), BAND_STYLES.get(t["band"] or "", "")),
    )
    category = Column(
        _("Category"),
        _widest(categories, _("Category"), 11),
        lambda t, now: Piece(words.word(t["category"]), "line--accent"),
    )
    state = Column(_("State"), 8, lambda t, now: Piece(words.word(t["state"]), "line--dim"))
    subject = Column(_("Subject"), 0, lambda t, now: Piece(t["subject"]))
    customer = Column(_("Customer"), 14, _customer)
    order = Column(_("Order"), 20, lambda t, now: Piece(t["order"] or "", "line--dim"))
    for layout in (
        (number, clock, priority, mood_words, band_words, category, state, subject, customer, order),
        (number, clock, priority, mood_words, band, category, subject, customer, order),
        (number, clock, priority, mood, band, category, subject, customer, order),
        (number, clock, short_priority, mood, band, category, subject, customer),
        (number, clock, short_priority, mood, band, category, subject),
        (number, clock, short_priority, mood, band, subject),
        (number, clock, short_priority, subject),
    ):
        if width - _taken(layout) >= NARROWEST_SUBJECT:
            break
    left = max(width - _taken(layout), 8)
    return tuple(column if column.width else column._replace(width=left) for column in layout)


_EDGE = 3
"""Cells of the mark and the space before the first column, and of the one after the last."""


def _taken(columns: Sequence[Column]) -> int:
    return sum(column.width + 1 for column in columns) + _EDGE


def line(ticket: JsonObject, columns: Sequence[Column], now: Millis, marked: bool) -> list[Piece]:
    """A ticket as the pieces of a line."""
    pieces = [Piece("● " if marked else "  ", "line--mark")]
    for column in columns:
        text, style = column.cell(ticket, now)
        pieces.append(Piece(fit(text, column.width, column.right) + " ", style))
    return pieces


def head(columns: Sequence[Column]) -> list[Piece]:
    """The heading as the pieces of a line."""
    return [Piece("  "), *(Piece(fit(column.title, column.width, column.right) + " ") for column in columns)]


def unread(columns: Sequence[Column]) -> list[Piece]:
    """A row that is not read yet."""
    return [Piece("  "), Piece(fit("…", columns[0].width, True), "line--dim")]
