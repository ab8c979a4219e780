"""An article being written: question, category, other phrasings, and the answer as Markdown text, shown as text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual.containers import Container, Horizontal, Vertical
from textual.suggester import SuggestFromList
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from helpdesk import words
from helpdesk.i18n import _
from helpdesk.intake.drafts import ArticleDraft
from helpdesk.models.vocabulary import ArticleState, Language
from helpdesk.text import one_line, safe
from helpdesk.tui import actions
from helpdesk.tui.drafting import Drafting
from helpdesk.tui.messages import Done
from helpdesk.tui.text_field import TextField
from helpdesk.views import counts

if TYPE_CHECKING:
    from helpdesk.desk import Desk
    from helpdesk.views.drafts import TextDraft

LANGUAGES = tuple(tag.value for tag in Language if tag is not Language.UNDETERMINED)


class ArticleEditor(Drafting):
    """One article on the desk; what is typed is kept as a draft until it is saved."""

    place = "article"
    BINDINGS: ClassVar[list[Any]] = actions.bindings("article")

    def __init__(self, draft: ArticleDraft | None, version: int | None) -> None:
        """Write on at an article of some version, or begin one where there is none."""
        super().__init__()
        self.draft_for = f"article:{draft.id if draft else ''}"
        self._draft = draft or ArticleDraft("", "other", "", "", state=ArticleState.DRAFT.value)
        self._version = version
        self._language = self._draft.language
        self._texts = {tag: (question, answer) for tag, question, answer in self._draft.translations}
        self._texts[self._language] = (self._draft.question, self._draft.answer)
        self._saved: ArticleDraft | None = None
        self._categories: dict[str, str] = {}

    def body(self) -> Iterable[Widget]:
        """The fields."""
        with self.helpdesk.office.store.read() as connection:
            self._categories = {slug: one_line(words.word(slug), 60) for slug in counts.categories(connection)}
        with Vertical(id="sheet"):
            with Horizontal(classes="field"):
                yield Static(_("Question"), classes="label", markup=False)
                yield Input(id="question", classes="line-input", select_on_focus=False, compact=True)
            with Horizontal(classes="field"):
                yield Static(_("Category"), classes="label", markup=False)
                names = SuggestFromList(self._categories.values(), case_sensitive=False)
                yield Input(id="category", classes="line-input", suggester=names, select_on_focus=False, compact=True)
            with Container(id="writing"):
                with Vertical(classes="writing-part"):
                    yield Static(id="answer-title", classes="part-title", markup=False)
                    yield TextField(id="answer", soft_wrap=True, tab_behavior="focus", compact=True)
                with Vertical(classes="writing-part", id="aliases-part"):
                    yield Static(_("Asked in other words, one a line"), classes="part-title", markup=False)
                    yield TextField(id="aliases", soft_wrap=True, tab_behavior="focus", compact=True)

    def on_mount(self) -> None:
        """Fill the fields."""
        self.query_one("#category", Input).value = self._categories.get(self._draft.category, self._draft.category)
        self.query_one("#aliases", TextArea).text = safe("\n".join(self._draft.aliases))
        self._fill()
        self._saved = self._written()
        self.begin_draft()
        self.query_one("#answer" if self._draft.question else "#question").focus()

    def _fill(self) -> None:
        question, answer = self._texts.get(self._language, ("", ""))
        self.query_one("#question", Input).value = one_line(question)
        self.query_one("#answer", TextArea).text = safe(answer)
        self._tell()

    def _tell(self) -> None:
        title = _("Answer in Markdown, {language}").format(language=self._language)
        others = [tag for tag in self._texts if tag != self._language and any(self._texts[tag])]
        also = _(" · also in {languages}").format(languages=_(", ").join(others)) if others else ""
        self.query_one("#answer-title", Static).update(title + also)
        name = self._draft.id or _("new")
        self.head(_("Article {id}").format(id=name), words.article_state(self._draft.state))

    # the draft

    def written(self) -> tuple[str, dict[str, Any]]:
        """The answer, and everything beside it."""
        one = self._written()
        texts = [[tag, *text] for tag, text in self._texts.items()]
        return one.answer, {"category": one.category, "aliases": list(one.aliases), "texts": texts}

    def fill_in(self, draft: TextDraft) -> None:
        """Go on where it was left."""
        category = str(draft.detail.get("category", ""))
        self.query_one("#category", Input).value = one_line(self._categories.get(category, category))
        self.query_one("#aliases", TextArea).text = safe("\n".join(draft.detail.get("aliases", ())))
        self._texts |= {tag: (question, answer) for tag, question, answer in draft.detail.get("texts", ())}
        self._fill()

    # what is written

    def _take(self) -> None:
        question = one_line(self.query_one("#question", Input).value)
        self._texts[self._language] = (question, self.query_one("#answer", TextArea).text)

    def _written(self) -> ArticleDraft:
        """The article as it stands in the fields."""
        self._take()
        category = self.query_one("#category", Input).value.strip()
        slugs = {name: slug for slug, name in self._categories.items()}
        aliases = [one_line(line) for line in self.query_one("#aliases", TextArea).text.splitlines()]
        question, answer = self._texts[self._draft.language]
        return replace(
            self._draft,
            question=question,
            answer=answer,
            category=slugs.get(category, category) or "other",
            aliases=tuple(dict.fromkeys(alias for alias in aliases if alias)),
            translations=tuple(
                (tag, *text) for tag, text in self._texts.items() if tag != self._draft.language and any(text)
            ),
        )

    @property
    def holds_text(self) -> bool:
        """Whether something was written that is not saved."""
        return self.is_mounted and self._written() != self._saved

    def action_language(self) -> None:
        """The next language; its texts come into the fields."""
        self._take()
        self._language = LANGUAGES[(LANGUAGES.index(self._language) + 1) % len(LANGUAGES)]
        self._fill()

    # keeping it

    def action_save(self) -> None:
        """Keep it."""
        self._save(publish=False)

    def action_publish(self) -> None:
        """Keep it and let it be sent."""
        self._save(publish=True)

    def _save(self, publish: bool) -> None:
        written, version = self._written(), self._version
        if not written.question:
            self.tell(_("Write the question first: it is what customers are understood by."), error=True)
            self.query_one("#question").focus()
            return
        if publish and not written.answer.strip():
            self.tell(_("Write the answer before it is published: an empty one cannot be sent."), error=True)
            self.query_one("#answer").focus()
            return

        def deed(desk: Desk) -> tuple[ArticleDraft, bool]:
            from helpdesk.desk import articles

            kept = written
            if version is None:
                kept = replace(written, id=articles.add(desk, written))
            else:
                articles.revise(desk, written, version)
            if publish:
                articles.publish(desk, kept.id)
            return kept, publish

        def told(kept: tuple[ArticleDraft, bool]) -> str:
            said = _("Article {id} is saved and published.") if kept[1] else _("Article {id} is saved.")
            return said.format(id=one_line(kept[0].id, 60))

        self.act("article", deed, told)

    def on_done(self, message: Done) -> None:
        """Back to the articles, on this one."""
        if message.subject != "article":
            return
        self.drop_draft()
        self.tell(message.sentence)
        self._saved = self._written()
        identity = message.result[0].id
        self.dismiss()
        self.helpdesk.show_article(identity)

    def not_done(self) -> str:
        """What is told to who leaves with something not saved."""
        return _("Not saved. Esc again throws it away, ^S saves it.")
