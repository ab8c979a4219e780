"""The articles on the screen, a line each, and the tickets an article answered."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from helpdesk import clock, words
from helpdesk.i18n import _
from helpdesk.tui.drawing import fit
from helpdesk.tui.line_list import LineList, Piece
from helpdesk.views.knowledge import Answered, ArticleCard

STATE_SIGNS = {"published": "●", "draft": "○", "archived": "×"}
STATE_STYLES = {"published": "line--success", "draft": "line--warning", "archived": "line--dim"}

_NARROW = 60


class ArticleList(LineList):
    """Articles: how each stands, its category, how often it was sent, its question."""

    heading = 1

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.articles: list[ArticleCard] = []

    @property
    def article(self) -> ArticleCard | None:
        """The article under the cursor."""
        return self.articles[self.cursor] if self.cursor < len(self.articles) else None

    def show(self, articles: list[ArticleCard], keep: str | None) -> None:
        """Show other articles; the cursor goes to the one named, else to the top."""
        self.articles = articles
        self.cursor = next((place for place, one in enumerate(articles) if one.id == keep), 0)
        self.rows_changed()
        self.point(self.cursor, tell=False)

    def length(self) -> int:
        """How many articles there are."""
        return len(self.articles)

    def _widths(self, width: int) -> tuple[int, int, int, int]:
        identity = min(max([cell_len(one.id) for one in self.articles[:500]] + [2]), 16)
        category = 0 if width < _NARROW else 11
        sent = max(cell_len(_("Sent")), 4)
        return identity, category, sent, max(width - identity - category - bool(category) - sent - 7, 4)

    def head(self, width: int) -> Sequence[Piece]:
        """The heading."""
        identity, category, sent, question = self._widths(width)
        titles = f"   {fit('id', identity)} " + (f"{fit(_('Category'), category)} " if category else "")
        return [Piece(titles + f"{fit(_('Sent'), sent, True)} {fit(_('Question'), question)}")]

    def row(self, index: int, width: int) -> Sequence[Piece]:
        """An article's line."""
        one = self.articles[index]
        identity, category, sent, question = self._widths(width)
        quiet = "line--dim" if one.state == "archived" else ""
        return [
            Piece(f" {STATE_SIGNS[one.state]} ", STATE_STYLES[one.state]),
            Piece(fit(one.id, identity) + " ", "line--dim"),
            *([Piece(fit(words.word(one.category), category) + " ", quiet or "line--accent")] if category else []),
            Piece(fit(str(one.answered) if one.answered else "·", sent, True) + " ", "line--dim"),
            Piece(fit(one.question, question), quiet),
        ]


class AnsweredList(LineList):
    """The tickets an article answered."""

    heading = 1

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.tickets: list[Answered] = []

    def show(self, tickets: list[Answered]) -> None:
        """Show other tickets."""
        self.tickets, self.cursor = tickets, 0
        self.rows_changed()

    def length(self) -> int:
        """How many tickets there are."""
        return len(self.tickets)

    def head(self, width: int) -> Sequence[Piece]:
        """The heading."""
        title = _("Tickets it answered") if self.tickets else _("It has answered no ticket yet.")
        return [Piece(" " + fit(title, width - 1))]

    def row(self, index: int, width: int) -> Sequence[Piece]:
        """A ticket's line."""
        one = self.tickets[index]
        number, at = f" #{one.number} ", words.ago(clock.iso(one.at), clock.to_millis(clock.now()))
        state = fit(words.word(one.state), 9)
        return [
            Piece(number, "line--dim"),
            Piece(fit(one.subject, max(width - cell_len(number) - cell_len(at) - 12, 4)) + " "),
            Piece(state + " ", "line--accent"),
            Piece(at + " ", "line--dim"),
        ]
