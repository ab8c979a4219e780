"""What is done to the knowledge base: import, add, revise, publish, archive, learn."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import delete
from sqlmodel import Session, col, select

from helpdesk.clock import Millis
from helpdesk.desk import filing, ledger
from helpdesk.desk.context import Desk
from helpdesk.errors import Conflict, NotAllowed, NotFound, UsageProblem
from helpdesk.i18n import _
from helpdesk.intake.drafts import ArticleDraft
from helpdesk.models.tables import Article, Phrasing, Translation
from helpdesk.models.vocabulary import ArticleState
from helpdesk.store import driver
from helpdesk.text import terms
from helpdesk.views import counts, knowledge
from helpdesk.views.knowledge import ArticleCard

LEARNT = "learnt"
"""The kind of a phrasing that is a customer's, learnt with an answer that was accepted."""

MOST_LEARNT = 100
"""Aliases one article learns; more would make the index slower and the article no easier to find."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How many articles were new, changed, and the same as before."""

    created: int
    updated: int
    unchanged: int


def keep(desk: Desk, drafts: Sequence[ArticleDraft]) -> Kept:
    """Keep articles by id: a new id is added, a known one is brought up to date; all in one operation."""
    counts = {"created": 0, "updated": 0, "unchanged": 0}
    with desk.store.write() as session:
        missing = {draft.category for draft in drafts} - filing.categories(session)
        if missing:
            filing.create_categories(session, missing)
        known = {article.id: article for article in session.exec(select(Article))}
        for draft in drafts:
            outcome = _keep_one(session, desk, draft, known.get(draft.id))
            counts[outcome] += 1
        if len(drafts) != counts["unchanged"]:
            ledger.begin(session, "kb", desk.actor, desk.moment(), counts)
    return Kept(**counts)


def revise(desk: Desk, draft: ArticleDraft, expected_version: int) -> None:
    """Keep a changed article, unless somebody changed it since `expected_version`; that is a Conflict."""
    with desk.store.write() as session:
        known = _known(session, draft.id)
        if known.version != expected_version:
            raise Conflict(
                _(
                    "Article {id} was changed meanwhile (version {found}, you saw {expected}). "
                    "Look with `helpdesk kb show {id}` and try again."
                ).format(id=draft.id, found=known.version, expected=expected_version)
            )
        _put(session, desk, draft, known)


def add(desk: Desk, draft: ArticleDraft) -> str:
    """Keep a new article under an id made up for it, `kb-1`, `kb-2` and so on; the id."""
    with desk.store.write() as session:
        named = replace(draft, id=next_id(list(counts.article_ids(driver(session)))))
        _put(session, desk, named, None)
        return named.id


def publish(desk: Desk, identity: str) -> None:
    """Let an article be sent; one without an answer is NotAllowed."""
    with desk.store.write() as session:
        article = _known(session, identity)
        if not article.answer.strip():
            raise NotAllowed(
                _("Article {id} has no answer yet; write one: helpdesk kb edit {id} --answer TEXT").format(id=identity)
            )
        _put(session, desk, replace(_draft_of(session, article), state=ArticleState.PUBLISHED.value), article)


def archive(desk: Desk, identity: str) -> None:
    """Take an article out of use."""
    with desk.store.write() as session:
        article = _known(session, identity)
        _put(session, desk, replace(_draft_of(session, article), state=ArticleState.ARCHIVED.value), article)


def _known(session: Session, identity: str) -> Article:
    article = session.get(Article, identity)
    if article is None:
        raise unknown_article(identity)
    return article


def _put(session: Session, desk: Desk, draft: ArticleDraft, known: Article | None) -> None:
    """Keep one article in an operation of its own; one that stays as it was leaves no trace."""
    filing.known_category(draft.category, filing.categories(session))
    outcome = _keep_one(session, desk, draft, known)
    if outcome != "unchanged":
        ledger.begin(session, "kb", desk.actor, desk.moment(), {outcome: 1, "article": draft.id})


def compare(desk: Desk, drafts: Sequence[ArticleDraft]) -> Kept:
    """What `keep` would do; stores nothing."""
    with desk.store.read() as connection:
        known = {card.id: draft_of(card) for card in knowledge.articles(connection)}
    same = sum(draft.id in known and known[draft.id] == _with_learnt(draft, known[draft.id]) for draft in drafts)
    updated = sum(draft.id in known for draft in drafts) - same
    return Kept(len(drafts) - same - updated, updated, same)


def _keep_one(session: Session, desk: Desk, draft: ArticleDraft, known: Article | None) -> str:
    now = desk.moment()
    if known is not None:
        before = _draft_of(session, known)
        draft = _with_learnt(draft, before)
        if draft == before:
            return "unchanged"
    if known is None:
        session.add(
            Article(
                id=draft.id,
                category=draft.category,
                language=draft.language,
                question=draft.question,
                answer=draft.answer,
                state=draft.state,
                created_at=now,
                updated_at=now,
            )
        )
    else:
        known.category, known.language, known.state = draft.category, draft.language, draft.state
        known.question, known.answer = draft.question, draft.answer
        known.updated_at, known.version = now, known.version + 1
        session.add(known)
        for table in (Phrasing, Translation):
            session.execute(delete(table).where(col(table.article_id) == draft.id))
    session.flush()
    _add_texts(session, draft)
    return "created" if known is None else "updated"


def _with_learnt(draft: ArticleDraft, before: ArticleDraft) -> ArticleDraft:
    """The draft with what its article has learnt: an import or an edit adds to it, only `unlearn` takes away."""
    authored = {draft.question, *draft.aliases}
    learnt = dict.fromkeys((*before.learnt, *draft.learnt))
    return replace(draft, learnt=tuple(one for one in learnt if one[1] not in authored))


def _add_texts(session: Session, draft: ArticleDraft) -> None:
    for language, question, answer in draft.translations:
        session.add(Translation(article_id=draft.id, language=language, question=question, answer=answer))
    texts = [("question", draft.language, draft.question)]
    texts += [("alias", draft.language, alias) for alias in draft.aliases]
    texts += [("translation", language, question) for language, question, _answer in draft.translations if question]
    texts += [(LEARNT, language, text) for language, text in draft.learnt]
    for kind, language, text in texts:
        session.add(Phrasing(article_id=draft.id, kind=kind, language=language, text=text))
    session.flush()


def _draft_of(session: Session, article: Article) -> ArticleDraft:
    phrasings = list(
        session.exec(select(Phrasing).where(col(Phrasing.article_id) == article.id).order_by(col(Phrasing.id)))
    )
    translations = session.exec(select(Translation).where(col(Translation.article_id) == article.id))
    return ArticleDraft(
        id=article.id,
        category=article.category,
        question=article.question,
        answer=article.answer,
        aliases=tuple(one.text for one in phrasings if one.kind == "alias"),
        translations=tuple((t.language, t.question, t.answer) for t in translations),
        state=article.state,
        language=article.language,
        learnt=tuple((one.language, one.text) for one in phrasings if one.kind == LEARNT),
    )


def draft_of(card: ArticleCard) -> ArticleDraft:
    """The draft that would keep an article as it is; the start of an edit."""
    return ArticleDraft(
        id=card.id,
        category=card.category,
        question=card.question,
        answer=card.answer,
        aliases=card.aliases,
        translations=tuple((tag, text["question"], text["answer"]) for tag, text in card.translations.items()),
        state=card.state,
        language=card.language,
        learnt=card.learnt,
    )


def learn(session: Session, identity: str, alias: str, language: str, now: Millis) -> bool:
    """Add a customer's words as an alias of an article; False when they say nothing new, or it has learnt enough."""
    article = session.get(Article, identity)
    phrasings = session.exec(select(Phrasing).where(col(Phrasing.article_id) == identity)).all()
    said = set(terms(alias))
    learnt = sum(one.kind == LEARNT for one in phrasings)
    if article is None or not said or learnt >= MOST_LEARNT or any(set(terms(one.text)) == said for one in phrasings):
        return False
    session.add(Phrasing(article_id=identity, kind=LEARNT, language=language, text=alias))
    _touch(session, article, now)
    return True


def unlearn(desk: Desk, identity: str, aliases: Collection[str] | None) -> list[str]:
    """Take aliases an article has learnt away again, all where None is given; those that were there."""
    with desk.store.write() as session:
        article = session.get(Article, identity)
        if article is None:
            raise unknown_article(identity)
        learnt = session.exec(
            select(Phrasing).where(col(Phrasing.article_id) == identity, col(Phrasing.kind) == LEARNT)
        ).all()
        gone = [one for one in learnt if aliases is None or one.text in aliases]
        for one in gone:
            session.delete(one)
        if gone:
            now = desk.moment()
            ledger.begin(
                session, "unlearn", desk.actor, now, {"article": identity, "aliases": [one.text for one in gone]}
            )
            _touch(session, article, now)
        return [one.text for one in gone]


def _touch(session: Session, article: Article, now: Millis) -> None:
    # the index of the articles is derived anew when a version changes
    article.updated_at, article.version = now, article.version + 1
    session.add(article)
    session.flush()


def unknown_article(identity: str) -> NotFound:
    """The error that there is no such article."""
    return NotFound(_("There is no article {id!r}; `helpdesk kb list` shows those there are.").format(id=identity))


def next_id(known: Sequence[str]) -> str:
    """An id for a new article: `kb-1`, `kb-2` and so on."""
    taken = {int(name[3:]) for name in known if name.startswith("kb-") and name[3:].isdigit()}
    return f"kb-{max(taken, default=0) + 1}"


def refuse_taken(identity: str, known: Sequence[str]) -> None:
    """Raise UsageProblem when an article of that id is there already."""
    if identity in known:
        raise UsageProblem(
            _("There is an article {id!r} already; change it with: helpdesk kb edit {id}").format(id=identity)
        )
