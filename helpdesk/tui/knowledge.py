"""The knowledge base: browse, search while typing, read, publish, archive, and see what an article answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from textual.containers import Container, Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Input, Static

from helpdesk import words
from helpdesk.i18n import _, _n
from helpdesk.text import one_line
from helpdesk.tui import actions, jump
from helpdesk.tui.article_list import AnsweredList, ArticleList
from helpdesk.tui.article_view import ArticleView
from helpdesk.tui.frame import DeskScreen
from helpdesk.tui.jump import Target
from helpdesk.tui.line_list import LineList
from helpdesk.tui.messages import AnsweredRead, ArticlesRead, Done
from helpdesk.views import knowledge

REST = 0.06
"""Seconds the cursor rests on an article before its tickets are read."""

PAUSE = 0.12
"""Seconds between the last letter typed and the search."""

STATES: tuple[str | None, ...] = (None, "published", "draft", "archived")


class KnowledgeScreen(DeskScreen):
    """Articles left, the one under the cursor right."""

    place = "knowledge"
    BINDINGS: ClassVar[list[Any]] = actions.bindings("knowledge")

    def __init__(self) -> None:
        super().__init__()
        self._found: list[knowledge.ArticleCard] = []
        self._searched = ""
        self._state: str | None = None
        self._keep: str | None = None
        self._pauses: dict[str, Any] = {}

    def body(self) -> Iterable[Widget]:
        """Search line, list, article, tickets."""
        with Container(id="work"):
            with Vertical(id="middle"):
                with Horizontal(id="query-row"):
                    yield Static(" / ", id="query-sign", markup=False)
                    yield Input(id="words", classes="line-input", select_on_focus=False, compact=True)
                    yield Static(id="query-told", markup=False)
                yield ArticleList(id="article-list")
            with Vertical(id="reading", classes="wide"):
                yield ArticleView(id="article")
                yield AnsweredList(id="answered")

    @property
    def list(self) -> ArticleList:
        """The articles."""
        return self.query_one("#article-list", ArticleList)

    def on_mount(self) -> None:
        """Show every article."""
        self.query_one("#words", Input).placeholder = _("words, or what a customer might say")
        self.list.focus()
        self.store_changed()

    def store_changed(self) -> None:
        """Read the articles again; the cursor stays with its article."""
        self._search(self.query_one("#words", Input).value)

    def show_article(self, identity: str) -> None:
        """Go to an article once the list is read."""
        self._keep = identity
        if self.is_there:
            self.store_changed()

    # finding

    def on_input_changed(self, event: Input.Changed) -> None:
        """The list follows the typing."""
        self._after("search", PAUSE, lambda: self._search(event.value))

    def on_input_submitted(self) -> None:
        """Back to the list."""
        self.list.focus()

    def _after(self, name: str, seconds: float, do: Any) -> None:
        if name in self._pauses:
            self._pauses[name].stop()
        self._pauses[name] = self.set_timer(seconds, do)

    def _search(self, typed: str) -> None:
        def ask(connection: Any) -> ArticlesRead:
            if not typed.strip():
                return ArticlesRead(typed, knowledge.articles(connection))
            from helpdesk.desk.knowledge import search

            return ArticlesRead(typed, search(connection, typed))

        self.read("articles", ask)

    def on_articles_read(self, message: ArticlesRead) -> None:
        """Show what was found, unless more was typed meanwhile."""
        if message.searched == self.query_one("#words", Input).value:
            another, self._searched = message.searched != self._searched, message.searched
            self._found = message.articles
            self._show(best=another and bool(message.searched.strip()))

    def _show(self, best: bool = False) -> None:
        """Show what was found; the cursor stays with its article, but goes to the best of another search."""
        shown = [one for one in self._found if self._state in (None, one.state)]
        held = self.list.article.id if self.list.article and not best else None
        keep, self._keep = self._keep or held, None
        self.list.show(shown, keep)
        count = _n("{count} article", "{count} articles", len(shown)).format(count=len(shown))
        state = _("all states") if self._state is None else words.article_state(self._state)
        self.query_one("#query-told", Static).update(f"{count} · {state}")
        self.head(_("Knowledge base"), self.helpdesk.office.store.path.name)
        self._point()

    def _point(self) -> None:
        article = self.list.article
        self.query_one("#article", ArticleView).show(article)
        if article is None:
            self.query_one("#answered", AnsweredList).show([])
        else:
            self._after("answered", REST, lambda: self._read_answered(article.id))

    def _read_answered(self, identity: str) -> None:
        self.read(
            "answered",
            lambda connection: AnsweredRead(identity, knowledge.answered_with(connection, identity)),
        )

    def on_answered_read(self, message: AnsweredRead) -> None:
        """Show the tickets of the article under the cursor."""
        if self.list.article is not None and self.list.article.id == message.article:
            self.query_one("#answered", AnsweredList).show(message.tickets)

    def on_line_list_pointed(self, event: LineList.Pointed) -> None:
        """Another article is read."""
        if event.sender is self.list:
            self._point()

    def on_line_list_chosen(self, event: LineList.Chosen) -> None:
        """An article is edited, a ticket opened."""
        if event.sender is self.list:
            self.action_edit()
        elif isinstance(event.sender, AnsweredList):
            self.helpdesk.open_ticket(event.sender.tickets[event.index].number)

    # acting

    def action_search(self) -> None:
        """To the search line."""
        self.query_one("#words", Input).focus()

    def action_state(self) -> None:
        """The next state."""
        self._state = STATES[(STATES.index(self._state) + 1) % len(STATES)]
        self._show()

    def action_tickets(self) -> None:
        """Between the articles and the tickets of one."""
        answered = self.query_one("#answered", AnsweredList)
        (self.list if answered.has_focus else answered).focus()

    def action_edit(self) -> None:
        """Write on."""
        if self.query_one("#answered", AnsweredList).has_focus:
            self.query_one("#answered", AnsweredList).action_choose()
        elif self.list.article is not None:
            self.helpdesk.edit_article(self.list.article)

    def action_add(self) -> None:
        """A new article."""
        self.helpdesk.edit_article(None)

    def action_publish(self) -> None:
        """Publish the article under the cursor."""
        self._move("publish")

    def action_archive(self) -> None:
        """Archive the article under the cursor."""
        self._move("archive")

    def _move(self, step: str) -> None:
        article = self.list.article
        if article is None:
            return
        identity = article.id

        def deed(desk: Any) -> str:
            from helpdesk.desk import articles

            (articles.publish if step == "publish" else articles.archive)(desk, identity)
            return identity

        said = {
            "publish": _("Article {id} is published: it may be sent now."),
            "archive": _("Article {id} is archived: it is not sent any more."),
        }[step]
        self.act(step, deed, lambda found: said.format(id=one_line(found, 60)))

    def on_done(self, message: Done) -> None:
        """Say what was done and read again."""
        self.tell(message.sentence)
        self.store_changed()

    def action_gaps(self) -> None:
        """What no article answers."""
        self.helpdesk.go("gaps")

    def action_refresh(self) -> None:
        """Read again."""
        self.store_changed()

    def targets(self) -> Iterator[Target]:
        """A letter on every row."""
        return jump.rows(self.list, self.query_one("#answered", AnsweredList))

    def action_back(self) -> None:
        """Take the search away, then leave."""
        line = self.query_one("#words", Input)
        if line.value:
            line.value = ""
            self.list.focus()
        elif not self.list.has_focus:
            self.list.focus()
        else:
            self.dismiss()
