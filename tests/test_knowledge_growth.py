"""The knowledge base grows from tickets, learns from accepted answers, can unlearn, and says what is wrong with it."""

from __future__ import annotations

import json
from contextlib import closing
from sqlite3 import connect

import pytest
from conftest import FIXTURES, NOW, Program, Run, hostile_ticket, sql, write_jsonl
from test_hostile_text import CURSE, assert_harmless

from helpdesk.kb import gaps, lint
from helpdesk.kb.lint import Entry
from helpdesk.kb.wording import LONGEST, cleaned
from helpdesk.lexicon import lexicon
from helpdesk.store.migrations import MIGRATIONS, migrate

GAP_KEYS = {"count", "question", "examples", "answer", "replied", "category", "language", "tickets", "article"}
FINDING_KEYS = {"kind", "article", "language", "other", "text"}

PENGUIN = ("企鹅抱枕什么时候补货", "企鹅抱枕还补货吗老板", "你好，企鹅抱枕补货了没", "企鹅抱枕几号补货")
GIVEN = {
    "id": "delivery",
    "category": "delivery",
    "question": "没收到卡密怎么办？",
    "answer": "订单{order_no}已查到，稍等。",
}


def articles(run: Run, tmp_path, *rows: dict[str, object]) -> None:
    run.ok("kb", "import", write_jsonl(tmp_path / "kb.jsonl", rows))


def ask(run: Run, *texts: str, **more: object) -> list[int]:
    """File tickets; their numbers."""
    options = [part for key, value in more.items() for part in (f"--{key}", value)]
    return [run.json("new", "--body", text, *options)["number"] for text in texts]


# --- gaps ------------------------------------------------------------------------------------------------------


def test_what_is_asked_often_and_no_article_answers_is_a_gap(run):
    numbers = ask(run, *PENGUIN)
    ask(run, "wifi密码是多少")
    run.ok("reply", numbers[0], "抱枕周五补货")
    run.ok("reply", numbers[1], "抱枕周五补货")
    run.ok("reply", numbers[2], "不补了")
    found = run.json("kb", "gaps")
    assert found["found"] == 1 and found["read"] == 5 and not found["cut"]
    (gap,) = found["gaps"]
    assert set(gap) == GAP_KEYS
    assert gap["count"] == 4 and sorted(gap["tickets"]) == numbers
    assert "企鹅抱枕" in gap["question"] and "你好" not in gap["question"]
    assert gap["answer"] == "抱枕周五补货" and gap["replied"] == 3
    assert gap["question"] == gap["examples"][0]["text"]


def test_gaps_come_largest_first_and_small_ones_not_at_all(run):
    ask(run, *PENGUIN[:3])
    ask(run, *(f"提现到银行卡要几天 {n}" for n in range(4)))
    ask(run, "请问招兼职吗", "还招兼职吗")
    assert [gap["count"] for gap in run.json("kb", "gaps")["gaps"]] == [4, 3]
    assert [gap["count"] for gap in run.json("kb", "gaps", "--min", 4)["gaps"]] == [4]
    assert len(run.json("kb", "gaps", "--min", 2)["gaps"]) == 3


def test_thanks_threats_greetings_and_spam_are_no_gap(run):
    ask(run, "谢谢老板", "谢谢老板啦", "谢谢老板！", "在吗", "在吗？", "在吗在吗")
    ask(run, "再不处理我要去12315投诉", "不处理就去12315投诉了", "12315投诉你们")
    spam = ask(run, *(f"专业代开各类证件请联系 {n}" for n in range(3)))
    run.ok("spam", *spam)
    assert run.json("kb", "gaps")["gaps"] == []


def test_a_ticket_an_article_was_sent_to_is_no_gap(run, tmp_path):
    articles(run, tmp_path, GIVEN)
    numbers = ask(run, *PENGUIN[:3])
    run.ok("answer", numbers[0], "--article", "delivery")
    assert run.json("kb", "gaps")["gaps"] == []


def test_a_gap_holds_no_order_numbers_links_or_addresses(run):
    ask(
        run,
        *(
            f"{text} 订单48326111807452121{n} 见 https://a.example/{n} me{n}@b.example"
            for n, text in enumerate(PENGUIN)
        ),
    )
    written = run.ok("kb", "gaps", "--json").stdout
    assert "4832611180745" not in written and ".example" not in written
    assert len(json.loads(written)["gaps"]) == 1


def test_older_tickets_and_those_beyond_the_cap_are_left_out_and_the_cap_is_said(run):
    ask(run, *PENGUIN)
    ran = run.ok("kb", "gaps", "--most", 3, "--json")
    assert ran.json()["cut"] and ran.json()["read"] == 3 and "--most" in ran.stderr
    assert run.json("kb", "gaps", "--since", "1d", now="2026-12-20T08:00:00Z")["read"] == 0


def test_a_gap_kept_is_a_draft_once(run):
    numbers = ask(run, *PENGUIN)
    run.ok("reply", numbers[0], "周五补货")
    kept = run.json("kb", "gaps", "--keep", 1)
    assert kept["state"] == "draft" and kept["answer"] == "周五补货"
    assert kept["aliases"] and all("企鹅抱枕" in alias for alias in kept["aliases"])
    assert run.json("kb", "gaps")["gaps"][0]["article"] == kept["id"]
    again = run("kb", "gaps", "--keep", 1)
    assert again.exit_code == 2 and kept["id"] in again.stderr
    assert run("kb", "gaps", "--keep", 9).exit_code == 4


def test_a_gap_nobody_answered_is_kept_without_an_answer_and_cannot_be_published_so(run, tmp_path):
    ask(run, *PENGUIN)
    kept = run.json("kb", "gaps", "--keep", 1)
    assert kept["answer"] == ""
    refused = run("kb", "publish", kept["id"])
    assert refused.exit_code == 5 and "kb edit" in refused.stderr
    exported = tmp_path / "out.jsonl"
    exported.write_text(run.ok("kb", "export").stdout, encoding="utf-8")
    assert run.json("kb", "import", exported)["unchanged"] == 1
    run.ok("kb", "edit", kept["id"], "--answer", "周五补货")
    run.ok("kb", "publish", kept["id"])


def test_one_question_in_several_languages_is_one_gap():
    asked = ("忘记密码登不上去了", "forgot my password and cannot log in", "비밀번호를 잊어버려서 로그인이 안 돼요")
    questions = [gaps.question(n, *_heard(text)) for n, text in enumerate(asked)]
    others = [gaps.question(n + 9, *_heard(text)) for n, text in enumerate(PENGUIN)]
    decisiveness = {concept.id: concept.decisiveness for concept in lexicon().concepts}
    found = gaps.gaps([*questions, *others], decisiveness)
    assert [sorted(gap.numbers) for gap in found] == [[9, 10, 11, 12], [0, 1, 2]]


def _heard(text):
    from helpdesk.lexicon import read

    reading = read(text)
    return reading, lexicon().find(reading)


def test_a_thousand_equal_tickets_are_one_gap_and_each_question_is_compared_with_few(monkeypatch):
    compared = 0
    cosine = gaps._cosine

    def counted(one, other):
        nonlocal compared
        compared += 1
        return cosine(one, other)

    monkeypatch.setattr(gaps, "_cosine", counted)
    same = [gaps.Question(n, ("补货", "抱枕", "企鹅")) for n in range(1000)]
    different = [gaps.Question(1000 + n, (f"甲{n}", f"乙{n}", "常见")) for n in range(1000)]
    found = gaps.gaps([*same, *different], {})
    assert [len(gap.numbers) for gap in found] == [1000]
    assert compared <= 2000 * gaps.COMPARED * (gaps.ROUNDS + 2)


def test_gaps_of_an_empty_store_are_none(run):
    assert run.json("kb", "gaps") == {
        "since": "2026-10-21T08:00:00Z",
        "read": 0,
        "most": 20000,
        "cut": False,
        "found": 0,
        "gaps": [],
    }
    assert run.ok("kb", "gaps").stdout == ""
    assert run.ok("kb", "gaps", "--jsonl").stdout == ""
    assert not run.store.exists()


@pytest.mark.parametrize("words", [["--since", "soon"], ["--min", "1"], ["--keep", "0"]])
def test_gaps_refuse_what_makes_no_sense(run, words):
    assert run("kb", "gaps", *words).exit_code == 2


# --- an article of a ticket ------------------------------------------------------------------------------------


def test_an_article_is_made_of_a_ticket_and_its_reply(run):
    (number,) = ask(
        run,
        "你好，钱付了卡密没出来，订单483261118074521218 谢谢",
        **{"order": "483261118074521218", "name": "唐小圆", "from": "QQ:12345678"},
    )
    run.ok("reply", number, "唐小圆您好，订单483261118074521218的卡密 AB12C-D34EF-GH56J 已补发，到订单页刷新即可")
    made = run.json("kb", "add", "--from", number)
    assert made["state"] == "draft"
    assert made["question"] == "钱付了卡密没出来，订单"
    assert made["answer"] == "{customer}您好，订单{order_no}的卡密 {card_key} 已补发，到订单页刷新即可"
    assert made["language"] == "zh-Hans" and made["category"] == run.ticket(number)["category"]


def test_the_options_of_add_go_before_what_the_ticket_says(run):
    (number,) = ask(run, "卡密没出来")
    run.ok("reply", number, "已补发")
    made = run.json(
        "kb",
        "add",
        "--from",
        number,
        "--question",
        "没出卡密？",
        "--category",
        "card_key",
        "--alias",
        "卡呢",
        "--id",
        "x",
    )
    assert (made["id"], made["question"], made["answer"], made["category"]) == ("x", "没出卡密？", "已补发", "card_key")
    assert "卡呢" in made["aliases"]


def test_a_ticket_without_a_human_reply_makes_no_article(run, tmp_path):
    articles(run, tmp_path, GIVEN)
    (number,) = ask(run, "卡密没出来")
    assert run("kb", "add", "--from", number).exit_code == 5
    run.ok("answer", number, "--article", "delivery")
    ran = run("kb", "add", "--from", number)
    assert ran.exit_code == 5 and "helpdesk reply" in ran.stderr
    assert run("kb", "add", "--from", 99).exit_code == 4
    assert run("kb", "add").exit_code == 2


def test_words_are_cleaned_of_greetings_thanks_and_too_much():
    assert cleaned("您好！请问怎么提现？谢谢", lexicon()) == "请问怎么提现？"
    assert cleaned("Hello, how do I withdraw? Thanks a lot", lexicon()) == "how do I withdraw?"
    assert cleaned("谢谢", lexicon()) == ""
    assert len(cleaned("怎么提现\n" * 10_000, lexicon())) <= LONGEST
    assert cleaned("\x1b[2J提现\u202e失败\x00", lexicon()).isprintable()


# --- learning and unlearning -----------------------------------------------------------------------------------


def learnt(run: Run, identity: str = "delivery") -> list[str]:
    return [alias["text"] for alias in run.json("kb", "show", identity)["learnt"]]


def test_an_accepted_answer_teaches_the_article_the_customers_words_in_the_same_operation(run, tmp_path):
    articles(run, tmp_path, GIVEN)
    (number,) = ask(run, "您好，付完钱页面光秃秃的，单号483261118074521218，me@b.example")
    sent = run.json("answer", number, "--article", "delivery", "--learn")
    assert sent["learnt"] == "付完钱页面光秃秃的，单号"
    assert learnt(run) == [sent["learnt"]]
    assert run.json("kb", "show", "delivery")["aliases"] == []
    events = {event["kind"]: event for event in run.ticket(number)["events"]}
    assert events["learnt"]["operation"] == events["answered"]["operation"]
    assert events["learnt"]["detail"]["alias"] == sent["learnt"]
    assert run.json("triage", "页面光秃秃的")["matches"][0]["article"] == "delivery"
    assert run.ok("doctor").exit_code == 0


def test_words_the_article_knows_are_not_learnt_twice(run, tmp_path):
    articles(run, tmp_path, GIVEN)
    one, other, known, thanks = ask(run, "页面光秃秃的", "页面光秃秃的！", "没收到卡密怎么办", "谢谢")
    for number in (one, other, known, thanks):
        sent = run.json("answer", number, "--article", "delivery", "--learn")
        assert (sent["learnt"] is not None) == (number == one)
    assert learnt(run) == ["页面光秃秃的"]
    assert run.json("answer", one, "--article", "delivery")["learnt"] is None


def test_what_was_learnt_can_be_taken_back(run, tmp_path):
    articles(run, tmp_path, GIVEN)
    numbers = ask(run, "页面光秃秃的", "啥都没跳出来", "付款后白屏")
    for number in numbers:
        run.ok("answer", number, "--article", "delivery", "--learn")
    assert run.json("kb", "unlearn", "delivery", "--from", numbers[0]) == {
        "id": "delivery",
        "unlearnt": ["页面光秃秃的"],
    }
    run.ok("kb", "unlearn", "delivery", "啥都没跳出来")
    assert learnt(run) == ["付款后白屏"]
    assert run("kb", "unlearn", "delivery", "啥都没跳出来").exit_code == 4
    assert run("kb", "unlearn", "delivery").exit_code == 2
    assert run("kb", "unlearn", "nothing", "--all").exit_code == 4
    before = run.json("triage", "付款后白屏")["matches"][0]["probability"]
    run.ok("kb", "unlearn", "delivery", "--all")
    assert learnt(run) == []
    after = run.json("triage", "付款后白屏")["matches"]
    assert not after or after[0]["probability"] < before


def test_an_alias_that_was_learnt_is_not_dropped_as_an_authored_one(run, tmp_path):
    articles(run, tmp_path, GIVEN)
    (number,) = ask(run, "页面光秃秃的")
    run.ok("answer", number, "--article", "delivery", "--learn")
    ran = run("kb", "edit", "delivery", "--drop-alias", "页面光秃秃的")
    assert ran.exit_code == 2 and "unlearn" in ran.stderr


def test_importing_or_editing_an_article_keeps_what_it_learnt(run, tmp_path):
    articles(run, tmp_path, GIVEN)
    (number,) = ask(run, "页面光秃秃的")
    run.ok("answer", number, "--article", "delivery", "--learn")
    assert run.json("kb", "import", tmp_path / "kb.jsonl", "--dry-run")["unchanged"] == 1
    assert run.json("kb", "import", tmp_path / "kb.jsonl")["unchanged"] == 1
    articles(run, tmp_path, GIVEN | {"answer": "另一个答案"})
    run.ok("kb", "edit", "delivery", "--alias", "卡呢")
    run.ok("kb", "archive", "delivery")
    assert learnt(run) == ["页面光秃秃的"]


def test_what_was_learnt_is_exported_and_imported_as_learnt(run, tmp_path):
    articles(run, tmp_path, GIVEN)
    (number,) = ask(run, "my screen stays blank")
    run.ok("answer", number, "--article", "delivery", "--learn")
    exported = run.ok("kb", "export").stdout
    assert json.loads(exported)["learnt"] == [{"language": "en", "text": "my screen stays blank"}]
    other = Run(tmp_path / "other.db")
    file = tmp_path / "out.jsonl"
    file.write_text(exported, encoding="utf-8")
    other.ok("kb", "import", file)
    assert other.ok("kb", "export").stdout == exported


def test_an_alias_somebody_writes_down_is_no_longer_learnt(run, tmp_path):
    articles(run, tmp_path, GIVEN)
    (number,) = ask(run, "页面光秃秃的")
    run.ok("answer", number, "--article", "delivery", "--learn")
    run.ok("kb", "edit", "delivery", "--alias", "页面光秃秃的")
    assert learnt(run) == [] and run.json("kb", "show", "delivery")["aliases"] == ["页面光秃秃的"]


def test_a_hostile_megabyte_is_learnt_short_and_harmless(run, tmp_path):
    articles(run, tmp_path, GIVEN)
    number = run.json("new", "--body", "-", input=f"没收到 {CURSE} " * 5000)["number"]
    alias = run.json("answer", number, "--article", "delivery", "--learn")["learnt"]
    assert 0 < len(alias) <= LONGEST and alias.isprintable()


def test_an_older_store_keeps_its_phrasings_when_it_learns_to_learn(tmp_path):
    with closing(connect(tmp_path / "old.db", isolation_level=None)) as connection:
        MIGRATIONS[0](connection)
        connection.execute("PRAGMA user_version = 1")
        connection.execute("INSERT INTO article VALUES ('a', 'other', 'zh-Hans', 'q', 'a', 'draft', 1, 1, 1)")
        connection.execute("INSERT INTO phrasing VALUES (7, 'a', 'zh-Hans', 'alias', '卡呢')")
        migrate(connection)
        connection.execute("INSERT INTO phrasing VALUES (8, 'a', 'zh-Hans', 'learnt', '卡')")
        assert connection.execute("SELECT id, text FROM phrasing ORDER BY id").fetchall() == [(7, "卡呢"), (8, "卡")]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


# --- lint ------------------------------------------------------------------------------------------------------


def test_lint_finds_every_kind_of_fault(run, tmp_path):
    articles(
        run,
        tmp_path,
        GIVEN | {"translations": {"en": {"question": "No key?", "answer": ""}}},
        GIVEN | {"id": "twin", "question": "没收到卡密怎么办呢？", "answer": "见 {link}，TODO"},
    )
    ask(run, "どこで確認できますか")
    later = "2027-01-20T08:00:00Z"
    assert run.json("kb", "lint")["counts"]["unused"] == 0
    found = run.json("kb", "lint", "--since", "90d", now=later)
    assert found["counts"]["missing_translation"] == 2
    found = run.json("kb", "lint", now=later)
    assert found["counts"] == {
        "duplicate": 1,
        "unused": 2,
        "placeholder": 2,
        "missing_translation": 0,
        "empty_answer": 1,
    }
    assert found["found"] == len(found["findings"]) == 6
    assert all(set(finding) == FINDING_KEYS for finding in found["findings"])
    assert {"kind": "placeholder", "article": "twin", "language": "zh-Hans", "other": None, "text": "{link}"} in found[
        "findings"
    ]
    duplicate = next(finding for finding in found["findings"] if finding["kind"] == "duplicate")
    assert {duplicate["article"], duplicate["other"]} == {"delivery", "twin"}


def test_lint_fails_only_on_what_it_is_asked_to(run, tmp_path):
    assert run("kb", "lint", "--fail-on", "any").exit_code == 0
    articles(run, tmp_path, GIVEN | {"answer": "TBD"})
    assert run("kb", "lint").exit_code == 0
    assert run("kb", "lint", "--fail-on", "any").exit_code == 10
    assert run("kb", "lint", "--fail-on", "placeholder").exit_code == 10
    assert run("kb", "lint", "--fail-on", "duplicate").exit_code == 0
    assert run("kb", "lint", "--fail-on", "typo").exit_code == 2


def test_an_article_that_was_sent_is_used_and_an_archived_one_is_nobodys_business(run, tmp_path):
    articles(run, tmp_path, GIVEN, GIVEN | {"id": "old", "answer": "TODO", "state": "archived"})
    (number,) = ask(run, "没收到卡密")
    run.ok("answer", number, "--article", "delivery")
    assert run.json("kb", "lint", now="2027-01-20T08:00:00Z")["findings"] == []


def test_the_sample_knowledge_base_holds_no_duplicate_and_no_open_placeholder(run):
    run.ok("kb", "import", FIXTURES / "faq.jsonl")
    assert run.json("kb", "lint")["findings"] == []


def test_near_duplicates_are_found_among_many_without_comparing_all(monkeypatch):
    entries = [
        Entry(f"a{n}", "published", (("en", f"question number {n} about topic{n} word{n}"),), (), 0, 1)
        for n in range(3000)
    ]
    entries.append(Entry("twin", "published", (("en", "question number 7 about topic7 word7!"),), (), 0, 1))
    found = list(lint.duplicates(entries))
    assert [(one.article, one.other) for one in found] == [("a7", "twin")] or [
        (one.article, one.other) for one in found
    ] == [("twin", "a7")]
    same = [Entry(f"s{n}", "draft", (("zh-Hans", "没收到卡密"),), (), 0, 1) for n in range(500)]
    assert len(list(lint.duplicates(same))) == 499


# --- hostile tickets -------------------------------------------------------------------------------------------


@pytest.fixture
def cursed(run, tmp_path):
    rows = [
        {"body": f"企鹅抱枕补货 {CURSE} {n}", "messages": [{"author": "agent", "body": f"周五 {CURSE}"}]}
        for n in range(3)
    ]
    run.ok("import", "tickets", write_jsonl(tmp_path / "t.jsonl", [*rows, hostile_ticket()]))
    article = GIVEN | {"question": f"卡密 {CURSE}", "answer": f"TODO {CURSE}", "aliases": [CURSE]}
    articles(run, tmp_path, article, article | {"id": "twin"})
    return run


@pytest.mark.parametrize(
    "words",
    [
        ["kb", "gaps"],
        ["kb", "gaps", "--keep", "1"],
        ["kb", "lint"],
        ["kb", "add", "--from", "1"],
        ["answer", "4", "--article", "delivery", "--learn", "--send-anyway"],
        ["kb", "unlearn", "delivery", "--all"],
        ["concept", "test", CURSE.replace("\0", "")],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("form", ["pipe", "json", "terminal"])
def test_a_hostile_ticket_passes_through_every_command_harmlessly(cursed, tmp_path, words, form):
    if form == "terminal":
        code, screen = Program(tmp_path / "home", cursed.store).on_terminal(*words, HELPDESK_NOW=NOW)
        assert code == 0, screen
        assert_harmless(screen, on_terminal=True)
        return
    ran = cursed.ok(*words, *(["--json"] if form == "json" else []))
    assert_harmless(ran.stdout)
    assert_harmless(ran.stderr)
    if form == "json":
        ran.json()


def test_gaps_read_only(shop):
    before = sql(shop.store, "SELECT count(*), max(id) FROM event")
    shop.ok("kb", "gaps")
    shop.ok("kb", "lint")
    assert sql(shop.store, "SELECT count(*), max(id) FROM event") == before
