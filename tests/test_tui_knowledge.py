"""The knowledge base on the screen: browsed, searched, written, published, archived, and grown from its gaps."""

from __future__ import annotations

import pytest
from conftest import Run, sql
from screens import Stage, assert_looks_like, perform
from textual.widgets import Input, TextArea

from helpdesk.tui.article_editor import ArticleEditor
from helpdesk.tui.article_list import AnsweredList
from helpdesk.tui.gaps import GapsScreen
from helpdesk.tui.knowledge import KnowledgeScreen
from helpdesk.tui.queue import QueueScreen
from helpdesk.tui.ticket import TicketScreen

SIZES = [(80, 24), (120, 40), (200, 60)]


def knowledge(stage: Stage) -> KnowledgeScreen:
    screen = stage.app.screen
    assert isinstance(screen, KnowledgeScreen)
    return screen


def shown(stage: Stage) -> list[str]:
    return [article.id for article in knowledge(stage).list.articles]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_articles_and_the_editor_look_as_they_should(shop: Run, size: tuple[int, int], lang: str) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("K", "down")
        assert_looks_like(f"knowledge-{lang}-{size[0]}x{size[1]}", stage.text())
        await stage.press("e")
        assert_looks_like(f"article-{lang}-{size[0]}x{size[1]}", stage.text())

    shop.ok("answer", 1, "--article", "faq-002")
    perform(shop.store, play, size, lang)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_gaps_look_as_they_should(shop: Run, lang: str) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("K", "g")
        assert_looks_like(f"gaps-{lang}-120x40", stage.text())

    perform(shop.store, play, lang=lang)


def test_the_list_follows_the_typing_and_finds_by_words_and_by_meaning(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("K")
        everything = len(shown(stage))
        await stage.press("slash")
        await stage.type("钱付了没给货")
        assert "faq-001" in shown(stage)
        assert len(shown(stage)) < everything
        await stage.press("enter", "escape")
        assert len(shown(stage)) == everything

    perform(shop.store, play)


def test_a_search_that_finds_nothing_shows_an_empty_list_and_every_key_is_harmless_there(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("K", "slash")
        await stage.type("[/x]")
        await stage.press("enter")
        for key in ("enter", "p", "x", "down", "tab", "enter", "tab", "semicolon"):
            await stage.press(key)
        assert shown(stage) == []

    perform(shop.store, play)


def test_states_are_shown_one_after_another(shop: Run) -> None:
    shop.ok("kb", "archive", "faq-003")
    shop.ok("kb", "add", "--question", "几点上班", "--answer", "九点")

    async def play(stage: Stage) -> None:
        await stage.press("K", "t")
        assert "faq-003" not in shown(stage) and "kb-1" not in shown(stage)
        await stage.press("t")
        assert "kb-1" in shown(stage) and "faq-001" not in shown(stage)
        await stage.press("t")
        assert "faq-003" in shown(stage) and "kb-1" not in shown(stage)
        await stage.press("t")
        assert {"faq-001", "faq-003", "kb-1"} <= set(shown(stage))

    perform(shop.store, play)


def test_an_article_is_archived_and_published_again_with_one_key_each(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("K", "down", "x")
        assert shop.json("kb", "show", "faq-002")["state"] == "archived"
        assert knowledge(stage).list.article.id == "faq-002"
        await stage.press("p")

    perform(shop.store, play)
    assert shop.json("kb", "show", "faq-002")["state"] == "published"


def test_an_article_without_an_answer_is_not_published_and_says_why(shop: Run) -> None:
    sql(shop.store, "UPDATE article SET answer = '', state = 'draft' WHERE id = 'faq-001'")

    async def play(stage: Stage) -> None:
        await stage.press("K", "p")
        assert any("no answer yet" in sentence for sentence in stage.told)

    perform(shop.store, play)
    assert shop.json("kb", "show", "faq-001")["state"] == "draft"


def test_markdown_is_written_and_kept_as_the_text_it_is(shop: Run) -> None:
    written = "# 步骤\n\n1. **刷新** [link](http://x)\n2. [red]no markup[/red]"

    async def play(stage: Stage) -> None:
        await stage.press("K", "e")
        stage.app.screen.query_one("#answer", TextArea).text = written
        await stage.press("ctrl+s")
        assert knowledge(stage).list.article.id == "faq-001"
        assert "**刷新** [link](http://x)" in stage.text()
        assert "[red]no markup[/red]" in stage.text()

    perform(shop.store, play)
    assert shop.json("kb", "show", "faq-001")["answer"] == written


def test_what_the_editor_does_not_show_is_kept_and_what_it_shows_is_changed(shop: Run) -> None:
    before = shop.json("kb", "show", "faq-001")

    async def play(stage: Stage) -> None:
        await stage.press("K", "e")
        screen = stage.app.screen
        screen.query_one("#question", Input).value = "付了钱没卡？"
        screen.query_one("#category", Input).value = "payment"
        screen.query_one("#aliases", TextArea).text = "没卡\n\n没卡\n钱付了"
        await stage.press("ctrl+s")

    perform(shop.store, play)
    after = shop.json("kb", "show", "faq-001")
    assert (after["question"], after["category"], after["aliases"]) == ("付了钱没卡？", "payment", ["没卡", "钱付了"])
    assert after["translations"] == before["translations"]
    assert after["answer"] == before["answer"]


def test_a_category_is_taken_by_its_word_too_and_an_unknown_one_is_refused(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("K", "e")
        category = stage.app.screen.query_one("#category", Input)
        category.value = "没有这个"
        await stage.press("ctrl+s")
        assert isinstance(stage.app.screen, ArticleEditor), "the text stays"
        assert any("没有这个" in sentence for sentence in stage.told)
        category.value = "售后退换"
        await stage.press("ctrl+s")

    perform(shop.store, play, lang="zh")
    assert shop.json("kb", "show", "faq-001")["category"] == "after_sales"


def test_translations_are_written_one_language_after_another(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("K", "e", "f6", "f6")
        screen = stage.app.screen
        assert "card key" in screen.query_one("#question", Input).value
        screen.query_one("#answer", TextArea).text = "Please refresh."
        await stage.press("ctrl+s")

    perform(shop.store, play)
    article = shop.json("kb", "show", "faq-001")
    assert article["translations"]["en"]["answer"] == "Please refresh."
    assert article["language"] == "zh-Hans"
    assert "刷新" in article["answer"]


def test_a_new_article_gets_an_id_and_is_published_at_once_when_asked(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("K", "a", "ctrl+s")
        assert isinstance(stage.app.screen, ArticleEditor), "nothing is kept without a question"
        await stage.type("几点上班")
        stage.app.screen.query_one("#answer", TextArea).text = "九点"
        await stage.press("f5")
        assert knowledge(stage).list.article.id == "kb-1"

    perform(shop.store, play)
    assert shop.json("kb", "show", "kb-1")["state"] == "published"


def test_a_change_that_somebody_else_made_meanwhile_is_not_overwritten_and_the_text_stays(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("K", "e")
        shop.ok("kb", "edit", "faq-001", "--answer", "theirs")
        area = stage.app.screen.query_one("#answer", TextArea)
        area.text = "mine"
        await stage.press("ctrl+s")
        assert any("meanwhile" in sentence for sentence in stage.told)
        assert area.text == "mine"

    perform(shop.store, play)
    assert shop.json("kb", "show", "faq-001")["answer"] == "theirs"


def test_leaving_an_article_asks_once_before_what_was_written_is_lost(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("K", "e", "escape")
        knowledge(stage)
        await stage.press("e")
        stage.app.screen.query_one("#answer", TextArea).text = "x"
        await stage.press("escape")
        assert isinstance(stage.app.screen, ArticleEditor)
        await stage.press("escape")
        knowledge(stage)

    perform(shop.store, play)
    assert sql(shop.store, "SELECT count(*) FROM draft") == [(0,)]


def test_an_article_half_written_is_there_again_after_a_crash(shop: Run) -> None:
    async def write(stage: Stage) -> None:
        await stage.press("K", "e")
        stage.app.screen.query_one("#answer", TextArea).text = "half"
        await stage.until(lambda: sql(shop.store, "SELECT 1 FROM draft") != [])

    perform(shop.store, write)
    assert sql(shop.store, "SELECT key FROM draft") == [("article:faq-001:tester",)]

    async def come_back(stage: Stage) -> None:
        await stage.press("K", "e")
        assert stage.app.screen.query_one("#answer", TextArea).text == "half"
        await stage.press("ctrl+s")

    perform(shop.store, come_back)
    assert shop.json("kb", "show", "faq-001")["answer"] == "half"
    assert sql(shop.store, "SELECT count(*) FROM draft") == [(0,)]


def test_nobody_goes_elsewhere_from_a_text_that_is_not_kept(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("K", "e")
        stage.app.screen.query_one("#answer", TextArea).text = "x"
        stage.app.go("dashboard")
        await stage.settle()
        assert isinstance(stage.app.screen, ArticleEditor)

    perform(shop.store, play)


def test_the_tickets_an_article_answered_are_shown_and_opened(shop: Run) -> None:
    shop.ok("answer", 3, "--article", "faq-001")
    shop.ok("answer", 1, "--article", "faq-001")

    async def play(stage: Stage) -> None:
        await stage.press("K")
        answered = stage.app.screen.query_one("#answered", AnsweredList)
        assert [one.number for one in answered.tickets] == [1, 3]
        await stage.press("tab", "down", "enter")
        assert isinstance(stage.app.screen, TicketScreen)
        assert "#3" in stage.text()

    perform(shop.store, play)


def test_a_gap_becomes_a_draft_with_one_key_and_is_marked(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("K", "g")
        screen = stage.app.screen
        assert isinstance(screen, GapsScreen)
        question = screen.list.gap.question
        await stage.press("a")
        assert screen.list.gap.kept_as == "kb-1"
        assert shop.json("kb", "show", "kb-1")["question"] == question
        await stage.press("a")
        assert any("already" in sentence for sentence in stage.told), "one gap is one article"
        await stage.press("e")
        assert isinstance(stage.app.screen, ArticleEditor)

    perform(shop.store, play)
    assert shop.json("kb", "show", "kb-1")["state"] == "draft"


def test_somebody_elses_new_article_appears_and_the_cursor_stays_with_its_own(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("K", "down", "down")
        shop.ok("kb", "import", "-", input='{"id": "aaa", "category": "other", "question": "q", "answer": "a"}\n')
        await stage.until(lambda: shown(stage)[0] == "aaa")
        assert shown(stage)[0] == "aaa"
        assert knowledge(stage).list.article.id == "faq-003"

    perform(shop.store, play)


def test_an_empty_knowledge_base_is_shown_as_such(run: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("K")
        assert "0 articles" in stage.text()
        for key in ("enter", "p", "x", "t", "g", "a", "escape", "escape"):
            await stage.press(key)
        assert isinstance(stage.app.screen, KnowledgeScreen | QueueScreen)

    perform(run.store, play)
    assert not run.store.exists()


def test_an_article_is_written_with_the_keyboard_alone(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("K", "a")
        await stage.type("怎么开发票")
        await stage.press("tab", "tab")
        await stage.press("f5")
        assert any("Write the answer before it is published" in told for told in stage.told)
        await stage.type("请在订单页申请。")
        await stage.press("tab")
        await stage.type("能开票吗")
        await stage.press("shift+tab", "f5")

    perform(shop.store, play)
    found = shop.json("kb", "search", "怎么开发票")[0]
    article = shop.json("kb", "show", found["id"])
    assert (article["question"], article["answer"], article["state"]) == ("怎么开发票", "请在订单页申请。", "published")
    assert "能开票吗" in article["aliases"]


def test_the_cursor_goes_to_the_best_article_of_another_search(shop: Run) -> None:
    async def play(stage: Stage) -> None:
        await stage.press("K", "down", "down")
        held = stage.app.screen.list.article.id
        await stage.press("slash")
        await stage.type("退款多久")
        await stage.until(lambda: stage.app.screen.list.articles[0].id != held)
        assert stage.app.screen.list.cursor == 0

    perform(shop.store, play)
