"""Articles as people change them: nobody's change is lost, nothing empty is sent, an answer knows its tickets."""

from __future__ import annotations

from dataclasses import replace

import pytest
from conftest import Run, sql

from helpdesk.desk import Desk, articles, gaps
from helpdesk.desk import knowledge as finding
from helpdesk.errors import Conflict, NotAllowed, NotFound, UsageProblem
from helpdesk.intake.drafts import ArticleDraft
from helpdesk.store import Store
from helpdesk.views import knowledge


@pytest.fixture
def desk(shop: Run) -> Desk:
    return Desk(Store(shop.store), "tester")


def card(desk: Desk, identity: str) -> knowledge.ArticleCard:
    with desk.store.read() as connection:
        found = knowledge.article(connection, identity)
    assert found is not None
    return found


def test_a_revision_is_kept_and_raises_the_version(desk):
    before = card(desk, "faq-001")
    articles.revise(desk, replace(articles.draft_of(before), answer="# 标题\n\n正文"), before.version)
    after = card(desk, "faq-001")
    assert (after.answer, after.version) == ("# 标题\n\n正文", before.version + 1)


def test_a_revision_of_what_somebody_changed_meanwhile_is_a_conflict_and_changes_nothing(desk):
    before = card(desk, "faq-001")
    articles.revise(desk, replace(articles.draft_of(before), answer="theirs"), before.version)
    with pytest.raises(Conflict, match="faq-001"):
        articles.revise(desk, replace(articles.draft_of(before), answer="mine"), before.version)
    assert card(desk, "faq-001").answer == "theirs"


def test_a_revision_that_changes_nothing_leaves_no_trace(desk):
    before = card(desk, "faq-001")
    operations = sql(desk.store.path, "SELECT count(*) FROM operation")
    articles.revise(desk, articles.draft_of(before), before.version)
    assert card(desk, "faq-001").version == before.version
    assert sql(desk.store.path, "SELECT count(*) FROM operation") == operations


def test_an_article_without_an_answer_is_not_published(desk):
    identity = articles.add(desk, ArticleDraft("", "other", "几点上班", "", state="draft"))
    with pytest.raises(NotAllowed, match=identity):
        articles.publish(desk, identity)
    assert card(desk, identity).state == "draft"


def test_new_articles_are_numbered_on(desk):
    draft = ArticleDraft("", "other", "几点上班", "九点", state="draft")
    first, second = articles.add(desk, draft), articles.add(desk, draft)
    assert int(second.removeprefix("kb-")) == int(first.removeprefix("kb-")) + 1


def test_publishing_and_archiving_name_what_is_not_there(desk):
    for do in (articles.publish, articles.archive):
        with pytest.raises(NotFound, match="no-such"):
            do(desk, "no-such")


def test_an_article_is_kept_in_a_category_the_shop_has(desk):
    with pytest.raises(UsageProblem, match="card_kay"):
        articles.add(desk, ArticleDraft("", "card_kay", "x", "y"))


def test_an_article_names_the_tickets_it_answered_newest_first(shop, desk):
    for number in (3, 1, 2):
        shop.ok("answer", number, "--article", "faq-001")
    with desk.store.read() as connection:
        assert [one.number for one in knowledge.answered_with(connection, "faq-001")] == [2, 1, 3]
        assert [one.number for one in knowledge.answered_with(connection, "faq-001", 1)] == [2]
        assert knowledge.answered_with(connection, "faq-002") == []


def test_articles_are_found_by_their_words_first_then_by_what_they_mean(desk):
    articles.add(desk, ArticleDraft("", "other", "钱付了没给货？", "x", state="draft"))
    with desk.store.read() as connection:
        found = [one.id for one in finding.search(connection, "钱付了没给货")]
    assert found[0] == "kb-1", "in any state, by its words"
    assert "faq-001" in found[1:], "by its meaning"


def test_a_gap_is_kept_once_as_a_draft_with_an_id_of_its_own(shop, desk):
    with desk.store.read() as connection:
        gap = gaps.find(connection, 0, 1000, 2, 1).proposals[0]
    identity = gaps.accept(desk, gap)
    assert card(desk, identity).state == "draft"
    with pytest.raises(UsageProblem, match=identity):
        gaps.accept(desk, gap)
