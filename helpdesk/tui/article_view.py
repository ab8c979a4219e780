"""An article drawn whole: question, answer, phrasings, translations. Its Markdown is shown as the text it is."""

from __future__ import annotations

from collections.abc import Iterator

from helpdesk import words
from helpdesk.i18n import _
from helpdesk.text import one_line
from helpdesk.tui.article_list import STATE_SIGNS
from helpdesk.tui.drawing import plain
from helpdesk.tui.text_view import Line, TextView
from helpdesk.views.knowledge import ArticleCard

MOST_PHRASINGS = 40
_STATE_STYLES = {"published": "text--success", "draft": "text--warning", "archived": "text--dim"}


class ArticleView(TextView):
    """One article."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.article: ArticleCard | None = None

    def show(self, article: ArticleCard | None) -> None:
        """Draw an article, from its beginning when it is another one."""
        another = article is None or self.article is None or article.id != self.article.id
        self.article = article
        self.put([Line.of(_("No article."), "text--dim")] if article is None else list(_told(article)))
        if another:
            self.scroll_home(animate=False)


def _told(one: ArticleCard) -> Iterator[Line]:
    yield Line.of(one_line(plain(one.question), 400), "text--strong")
    facts = [words.word(one.category), one.language, one_line(plain(one.id), 60), words.times_sent(one.answered)]
    yield Line(
        (f"{STATE_SIGNS[one.state]} {words.article_state(one.state)}", _STATE_STYLES[one.state]),
        (" · " + " · ".join(facts), "text--dim"),
    )
    yield Line()
    if one.answer.strip():
        yield from _paragraphs(one.answer)
    else:
        yield Line.of(_("It has no answer yet."), "text--warning")
    yield from _phrasings(one)
    for language, text in one.translations.items():
        yield Line()
        yield Line((f"[{language}] ", "text--label"), (one_line(plain(text["question"]), 400), "text--strong"))
        yield from _paragraphs(text["answer"])


def _paragraphs(text: str) -> Iterator[Line]:
    return map(Line.of, plain(words.shown(text)).split("\n"))


def _phrasings(one: ArticleCard) -> Iterator[Line]:
    phrasings = [(alias, "") for alias in one.aliases]
    phrasings += [(alias, " " + _("(learnt)")) for _language, alias in one.learnt]
    if phrasings:
        yield Line()
        yield Line.of(_("Asked in other words"), "text--label")
    for alias, learnt in phrasings[:MOST_PHRASINGS]:
        yield Line((f"≈ {one_line(plain(alias), 200)}", ""), (learnt, "text--dim"), indent=2)
    if len(phrasings) > MOST_PHRASINGS:
        yield Line.of(_("… and {count} more").format(count=len(phrasings) - MOST_PHRASINGS), "text--dim")
