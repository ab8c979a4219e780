"""An article drawn whole: question, phrasings, answer, translations. Its Markdown is shown as the text it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from helpdesk import words
from helpdesk.i18n import _
from helpdesk.text import one_line
from helpdesk.tui.article_list import STATE_SIGNS
from helpdesk.tui.drawing import plain
from helpdesk.views.knowledge import ArticleCard

MOST_PHRASINGS = 40


class ArticleView(VerticalScroll):
    """One article."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "card--subject", "card--dim", "card--label", "card--accent", "card--success", "card--warning",
    }  # fmt: skip

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.article: ArticleCard | None = None
        self._text = Static(markup=False)

    def compose(self) -> ComposeResult:
        """One text."""
        yield self._text

    def show(self, article: ArticleCard | None) -> None:
        """Draw an article, from its beginning when it is another one."""
        another = article is None or self.article is None or article.id != self.article.id
        self.article = article
        self._draw()
        if another:
            self.scroll_home(animate=False)

    def notify_style_update(self) -> None:
        """Other colours."""
        super().notify_style_update()
        if self.is_mounted:
            self._draw()

    def _draw(self) -> None:
        if self.article is None:
            self._text.update(Text(_("No article."), style=self._style("card--dim")))
        else:
            self._text.update(Text("\n").join(self._lines(self.article)))

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(name, partial=True)

    def _lines(self, one: ArticleCard) -> Iterator[Text]:
        dim, label = self._style("card--dim"), self._style("card--label")
        yield Text(one_line(plain(one.question), 400), style=self._style("card--subject"))
        stands = {"published": "card--success", "draft": "card--warning", "archived": "card--dim"}[one.state]
        told = f" · {words.word(one.category)} · {one.language} · {one_line(plain(one.id), 60)}"
        yield Text.assemble(
            (f"{STATE_SIGNS[one.state]} {words.article_state(one.state)}", self._style(stands)),
            (told + " · " + words.times_sent(one.answered), dim),
        )
        yield Text("")
        if one.answer.strip():
            yield Text(plain(words.shown(one.answer)))
        else:
            yield Text(_("It has no answer yet."), style=self._style("card--warning"))
        phrasings = [(alias, "") for alias in one.aliases]
        phrasings += [(alias, " " + _("(learnt)")) for _language, alias in one.learnt]
        if phrasings:
            yield Text("")
            yield Text(_("Asked in other words"), style=label)
        for alias, learnt in phrasings[:MOST_PHRASINGS]:
            yield Text.assemble(f"≈ {one_line(plain(alias), 200)}", (learnt, dim))
        if len(phrasings) > MOST_PHRASINGS:
            yield Text(_("… and {count} more").format(count=len(phrasings) - MOST_PHRASINGS), style=dim)
        for language, text in one.translations.items():
            yield Text("")
            yield Text(f"[{language}] {one_line(plain(text['question']), 400)}", style=label)
            yield Text(plain(words.shown(text["answer"])))
