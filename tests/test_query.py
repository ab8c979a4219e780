"""The one query language, the search beside it, and a ticket's life as its commands tell it."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from conftest import NOW, Run, sample_tickets, sql, write_jsonl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from helpdesk.clock import parse_time, to_millis
from helpdesk.errors import UsageProblem
from helpdesk.store import Store
from helpdesk.views import query, tickets

CATEGORIES = ("delivery", "payment", "card_key", "other")
SCOPE = query.Scope(to_millis(parse_time(NOW)), "tester", CATEGORIES)


@pytest.fixture
def queue(run: Run, tmp_path: Path) -> Run:
    """Six tickets of which each query below finds a few."""
    rows = [
        {"subject": "没到账", "body": "付款没到账", "category": "payment", "priority": "high", "channel": "chat",
         "customer": "QQ:12345678", "name": "小明", "created_at": "2026-11-20T07:20:00Z", "tags": ["vip", "refund"],
         "assignee": "tester", "order": "A7K2M9QX4ZP1LW8D"},
        {"subject": "卡密", "body": "卡密已被使用", "category": "card_key", "priority": "urgent", "channel": "web",
         "customer": "a@b.cn", "created_at": "2026-11-19T08:00:00Z", "assignee": "li"},
        {"subject": "繁體", "body": "請問訂單還沒有發貨嗎？我已經付款了", "category": "delivery", "priority": "normal",
         "channel": "email", "created_at": "2026-11-10T08:00:00Z", "tags": ["vip"]},
        {"subject": "late", "body": "My code does not work, this is a scam!", "category": "card_key", "priority": "low",
         "channel": "chat", "created_at": "2026-10-31T23:00:00Z", "state": "open"},
        {"subject": "问候", "body": "两个 词语 在这里", "category": "other", "priority": "low", "channel": "chat",
         "created_at": "2026-11-01T12:00:00Z", "state": "closed"},
        {"subject": "等", "body": "等待回复", "category": "payment", "priority": "normal", "channel": "chat",
         "created_at": "2026-11-15T08:00:00Z", "state": "pending"},
    ]  # fmt: skip
    run.ok("import", "tickets", write_jsonl(tmp_path / "queue.jsonl", rows))
    run.ok("set", 2, "--team", "night")
    run.ok("set", 2, "--customer-tier", "vip")
    return run


def found(run: Run, *words: object, **how: Any) -> list[int]:
    """The numbers a query finds."""
    return sorted(run.json("list", *words, "--ids", "--limit", 1000, **how))


MEANS: list[tuple[list[str], list[int]]] = [
    (["state:open,new"], [1, 2, 3, 4]),
    (["state:new", "category:payment"], [1]),
    (["state:New"], [1, 2, 3]),
    (["priority:>=high"], [1, 2]),
    (["priority:<normal"], [4, 5]),
    (["priority:<=normal"], [3, 4, 5, 6]),
    (["priority:>urgent"], []),
    (["priority:low,urgent"], [2, 4, 5]),
    (["priority:=high"], [1]),
    (["lang:zh-Hant"], [3]),
    (["lang:en"], [4]),
    (["lang:zh-hant,en"], [3, 4]),
    (["channel:email,web"], [2, 3]),
    (["assignee:me"], [1]),
    (["assignee:li,me"], [1, 2]),
    (["assignee:"], [3, 4, 5, 6]),
    (["-assignee:me"], [2, 3, 4, 5, 6]),
    (["team:night"], [2]),
    (["team:"], [1, 3, 4, 5, 6]),
    (["-team:night"], [1, 3, 4, 5, 6]),
    (["tag:vip"], [1, 3]),
    (["tag:vip", "-tag:refund"], [3]),
    (["tag:"], [2, 4, 5, 6]),
    (["has:tag"], [1, 3]),
    (["-has:tag"], [2, 4, 5, 6]),
    (["customer:12345678"], [1]),
    (["customer:QQ:12345678"], [1]),
    (["customer:小明"], [1]),
    (["customer:A@B.CN"], [2]),
    (["customer:"], [3, 4, 5, 6]),
    (["tier:vip"], [2]),
    (["order:A7K2M9QX4ZP1LW8D"], [1]),
    (["has:order"], [1]),
    (["-order:A7K2M9QX4ZP1LW8D"], [2, 3, 4, 5, 6]),
    (["created:<3d"], [1, 2]),
    (["created:>3d"], [3, 4, 5, 6]),
    (["created:<1h"], [1]),
    (["created:>=2026-11-01"], [1, 2, 3, 5, 6]),
    (["created:<2026-11-01"], [4]),
    (["created:2026-11-01"], [5]),
    (["created:>2026-11-01"], [1, 2, 3, 6]),
    (["created:<=2026-11-01"], [4, 5]),
    (["created:>=2026-11-10", "created:<=2026-11-15"], [3, 6]),
    (["created:today"], [1]),
    (["created:yesterday"], [2]),
    (["overdue"], [1, 2, 3, 4]),
    (["-overdue"], [5, 6]),
    (["due:"], [5, 6]),
    (["due:<2h"], [1, 2, 3, 4]),
    (["number:2,3"], [2, 3]),
    (["number:>=5"], [5, 6]),
    (["-state:closed"], [1, 2, 3, 4, 6]),
    (["-state:closed,pending"], [1, 2, 3, 4]),
    (["卡密"], [2]),
    (["发货"], [3]),
    (["訂單"], [3]),
    (["scam"], [4]),
    (["SCAM"], [4]),
    (['"两个 词语"'], [5]),
    (["两个 词语"], [5]),
    (["词语 两个"], []),
    (["词语", "两个"], [5]),
    (["-卡密", "state:new"], [1, 3]),
    (['-"code does"'], [1, 2, 3, 5, 6]),
    (["state:new priority:high"], [1]),
    (["category:payment", "没到账", "tag:vip", "created:<3d"], [1]),
    (["category:card-key"], [2, 4]),
    ([], [1, 2, 3, 4, 5, 6]),
]


def test_a_query_finds_what_its_words_say(queue: Run) -> None:
    assert {" ".join(words): found(queue, *words) for words, _numbers in MEANS} == {
        " ".join(words): numbers for words, numbers in MEANS
    }


def test_a_query_and_its_negation_share_no_ticket_and_miss_none(queue: Run) -> None:
    for words, numbers in MEANS:
        if len(words) == 1 and " " not in words[0] and not words[0].startswith("-"):
            assert found(queue, f"-{words[0]}") == sorted({1, 2, 3, 4, 5, 6} - set(numbers)), words


def test_the_words_may_come_in_one_argument_or_in_several(queue: Run) -> None:
    for words, numbers in MEANS:
        if all(" " not in word for word in words):
            assert found(queue, " ".join(words)) == numbers, words


def test_an_option_like_negation_works_beside_other_words_and_after_two_dashes(queue: Run) -> None:
    assert queue.ok("list", "--ids", "--sort", "created", "--", "-state:closed").stdout == "1\n2\n6\n3\n4\n"
    assert found(queue, "tag:vip", "-tag:refund") == [3]
    assert found(queue, "-q", "-v", "-mood:negative", "-卡密", "-tag:vip") == [5, 6]


def test_has_match_and_the_bands_agree(shop: Run) -> None:
    matched, unsure = found(shop, "has:match"), found(shop, "band:unsure")
    assert matched and unsure
    assert sorted(matched + unsure) == found(shop)
    assert found(shop, "-has:match") == unsure


def test_an_article_finds_the_tickets_it_answered_and_no_others(shop: Run) -> None:
    first, second, third = (
        shop.json("list", "has:match", "state:new", "--limit", 3)[place]["number"] for place in range(3)
    )
    used, other = (article["id"] for article in shop.json("kb", "list")[:2])
    for number, article in ((first, used), (second, used), (third, other)):
        shop.ok("answer", number, "--article", article)
    shop.ok("reply", third, "自己写的")

    def found(words: str) -> list[int]:
        return sorted(ticket["number"] for ticket in shop.json("list", words, "--limit", 10_000))

    assert found(f"article:{used}") == sorted([first, second])
    assert found(f"article:{used.upper()},{other}") == sorted([first, second, third])
    assert found("-article:") == sorted([first, second, third])
    assert set(found("article:")) | {first, second, third} == set(found("number:>0"))
    wrong = shop("list", f"article:{used}x")
    assert wrong.exit_code == 2
    assert "character 9" in wrong.stderr and repr(f"{used}x") in wrong.stderr and "Did you mean" in wrong.stderr


def test_the_tickets_of_an_article_are_found_by_an_index(_one_store: Store) -> None:
    scope = SCOPE._replace(articles=lambda: {"faq-1"})
    asked = query.parse("article:faq-1", scope)
    with _one_store.read() as connection:
        plan = connection.execute(
            f"EXPLAIN QUERY PLAN SELECT number FROM ticket t WHERE {asked.where()}", asked.parameters()
        ).fetchall()
    assert any("message_by_article" in row[3] for row in plan), plan
    assert not any(row[3].startswith("SCAN") for row in plan), plan


def test_mood_and_language_of_the_sample_shop_can_be_asked_for(shop: Run) -> None:
    for key, column in (("mood:negative", "mood"), ("lang:ja", "language"), ("lang:zh-Hant", "language")):
        wanted = key.partition(":")[2]
        tickets_found = shop.json("list", key, "--limit", 1000)
        assert tickets_found and {ticket[column] for ticket in tickets_found} == {wanted}


def test_due_within_counts_from_now(run: Run) -> None:
    run.ok("new", "账号被盗了，马上处理", "--priority", "urgent")
    assert found(run, "due:<5m") == []
    assert found(run, "due:<15m") == [1]
    assert found(run, "due:>15m") == []
    assert found(run, "due:>=2026-11-20") == [1]


@pytest.mark.parametrize("words", [["next"], ["stats"], ["sla", "report", "--query"]], ids=" ".join)
def test_every_reading_command_understands_the_same_language(queue: Run, words: list[str]) -> None:
    queue.ok(*words, "state:new category:payment")
    assert queue(*words, "stat:new").exit_code == 2


def test_next_is_the_most_pressing_of_the_query(queue: Run) -> None:
    first = queue.json("next")
    assert first["state"] in ("new", "open")
    assert set(first["rank"]) == {
        "urgency", "time_left", "clock", "working_minutes_left", "usual_minutes", "usual_of"
    }  # fmt: skip
    assert queue.json("next", "category:payment")["number"] == 1
    assert queue("next", "state:closed").exit_code == 4


WRONG = [
    (["stat:open"], 1, "stat", "state"),
    (["state:new", "prioritty:high"], 11, "prioritty", "priority"),
    (["state:opne"], 7, "opne", "open"),
    (["state:new,clsoed"], 7, "clsoed", "closed"),
    (["state:new", "-mood:negativ"], 17, "negativ", "negative"),
    (["category:paymnt"], 10, "paymnt", "payment"),
    (["lang:zh-Hantt"], 6, "zh-hantt", "zh-Hant"),
    (["created:someday"], 9, "someday", "2026-11-01"),
    (["due:<soon"], 5, "soon", "3d"),
    (["has:matches"], 5, "matches", "match"),
    (["number:first"], 8, "first", "number"),
    (["zzz:1"], 1, "zzz", "state"),
    (["state:"], 7, "", "open"),
]


@pytest.mark.parametrize(("words", "place", "wrong", "hint"), WRONG, ids=str)
def test_a_wrong_word_is_named_with_its_place_and_a_suggestion(
    queue: Run, words: list[str], place: int, wrong: str, hint: str
) -> None:
    ran = queue("list", *words)
    assert ran.exit_code == 2
    assert f"character {place}:" in ran.stderr
    assert wrong in ran.stderr.lower() and hint in ran.stderr


# --- any text -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def _one_store(_sample_store: Path) -> Store:
    return Store(_sample_store)


@contextmanager
def reading(store: Store) -> Iterator[Any]:
    """A connection as the commands have it."""
    with store.read() as connection:
        from helpdesk.views import search

        search.register(connection)
        yield connection


_VALUE = st.sampled_from(
    ["", ",", "new", "open,new", ">=high", "<", ">=", "<3d", ">=2026-11-01", "9999-12-31", "0001-01-01", "today", "<2h",
     "999999w", "<999999w", "1e9", "-1", "1.5", "9" * 30, ".",
     "nan", "inf", "*", "%", "'", "me", "vip", "match", "²", "٣",
     "9999-12-31T23:59:59-23:59", "2026-11-01T00:00:00.123456789", "1970-01-01", "00000000000"]
) | st.text(max_size=8)  # fmt: skip
_KEYED = st.builds("{}{}:{}".format, st.sampled_from(["", "-"]), st.sampled_from([*query.KEYS, "x"]), _VALUE)
_PHRASE = st.builds('{}"{}{}'.format, st.sampled_from(["", "-"]), st.text(max_size=12), st.sampled_from(['"', ""]))
_WORDS = st.lists(_KEYED | _PHRASE | st.text(max_size=20) | st.just("overdue"), max_size=4)


@settings(max_examples=80, deadline=None)
@given(_WORDS)
@example(["AND"])
@example(["NEAR(", "a*", '"'])
@example(["-"])
@example(["\x00"])
@example(["state:new" * 50])
@example(["urgency:" + "9" * 400 + ".0"])
def test_any_words_are_a_query_that_runs_or_a_usage_problem(_one_store: Store, words: list[str]) -> None:
    try:
        parsed = query.parse(words, SCOPE)
    except UsageProblem as problem:
        assert str(problem)
        return
    with reading(_one_store) as connection:
        numbers = tickets.numbers(connection, parsed)
        page = tickets.page(connection, parsed, SCOPE.now, limit=3)
        assert [ticket["number"] in numbers for ticket in page.tickets] == [True] * min(3, len(numbers))


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=40) | st.sampled_from(sample_tickets()).map(lambda ticket: ticket["body"]))
@example('"')
@example("NEAR(a b) OR *:^")
@example("\x00\x01")
@example("'; DROP TABLE ticket;--")
def test_search_never_raises(_one_store: Store, text: str) -> None:
    with reading(_one_store) as connection:
        assert isinstance(tickets.find(connection, text.split(), SCOPE.now), list)


_SOMETHING = re.compile(r"[^\W_]")


def pairs(text: str, most: int, dice: random.Random) -> list[str]:
    """Some two-character substrings of a text that hold a letter, a digit or a CJK character."""
    every = {text[at : at + 2] for at in range(len(text) - 1)}
    usable = sorted(pair for pair in every if _SOMETHING.search(pair) and not re.search(r"\s", pair))
    return dice.sample(usable, min(most, len(usable)))


def test_every_sample_ticket_is_found_by_its_two_character_substrings(_one_store: Store) -> None:
    dice, missed = random.Random(20261120), []
    with reading(_one_store) as connection:
        number_of = dict(connection.execute("SELECT external_id, number FROM ticket"))
        total = len(number_of)
        for ticket in sample_tickets():
            texts = [ticket["subject"], ticket["body"], *(message["body"] for message in ticket.get("messages", ()))]
            for text in texts:
                for pair in pairs(text, 6, dice):
                    hits = {hit["number"] for hit in tickets.find(connection, [pair], SCOPE.now, total)}
                    listed = (
                        set(tickets.numbers(connection, query.parse(f'"{pair}"', SCOPE))) if '"' not in pair else hits
                    )
                    if number_of[ticket["external_id"]] not in hits or hits != listed:
                        missed.append((ticket["external_id"], pair))
    assert missed == []


def test_a_single_character_and_a_fragment_of_a_number_are_found(shop: Run) -> None:
    order = "385261118074521218"
    for words in (["早"], ["页"], [order], [order[3:9]], [order[-4:]], ["9块"], ["网易云", "月卡"]):
        assert 1 in {ticket["number"] for ticket in shop.json("search", *words, "--limit", 1000)}, words


def test_what_is_found_really_holds_the_words(shop: Run) -> None:
    for words in ("卡密", "发货", "code", "退款"):
        for ticket in shop.json("search", words, "--limit", 1000):
            assert ticket["snippet"]
    assert shop.json("search", "龘龘") == []
    assert shop.json("search", "卡密", "龘龘") == []


# --- a ticket's life ------------------------------------------------------------------------------------------------


def state(run: Run, number: int = 1, **how: Any) -> str:
    return str(run.ticket(number, **how)["state"])


def test_a_ticket_lives_from_filing_to_rating(shop: Run) -> None:
    number = shop.json("new", "付款成功但没有看到卡密", "--from", "QQ:99887766", "--name", "阿珍")["number"]
    assert number in found(shop, "state:new")
    assert shop.ticket(number)["customer"] == {"handle": "QQ:99887766", "name": "阿珍", "tier": "normal"}
    best = shop.json("suggest", number)["matches"][0]
    assert best["article"] == "faq-001"
    sent = shop.json("answer", number, "--article", best["article"])
    assert (sent["state"], sent["article"]) == ("pending", "faq-001")
    assert shop.json("receive", number, "还是没有看到") == {"number": number, "state": "open", "follow_up": False}
    assert shop.json("reply", number, "已为您补发", "--resolve")["state"] == "resolved"
    assert shop.json("close", number, "--reason", "solved")["tickets"] == [{"number": number, "state": "closed"}]
    shop.ok("rate", number, 5, "--comment", "很快")
    ticket = shop.ticket(number)
    assert [(m["author"], m["visibility"]) for m in ticket["messages"]] == [
        ("customer", "public"), ("agent", "public"), ("customer", "public"), ("agent", "public")
    ]  # fmt: skip
    assert ticket["messages"][1]["body"] == sent["body"]
    assert (ticket["state"], ticket["close_reason"], ticket["rating"]) == ("closed", "solved", 5)
    kinds = [event["kind"] for event in ticket["events"]]
    assert [kind for kind in kinds if kind != "triaged"] == [
        "filed",
        "answered",
        "received",
        "replied",
        "moved",
        "rated",
    ]
    assert ticket["version"] == 1 + 5
    assert shop.json("doctor")["sound"]


def test_an_answer_speaks_the_tickets_language_and_else_the_shops(shop: Run) -> None:
    number = shop.json("new", "I paid but I do not see any card key, please help me")["number"]
    sent = shop.json("answer", number, "--article", "faq-001")
    assert sent["language"] == "en" and "Automatic delivery" in sent["body"]
    assert "{" not in sent["body"]
    other = shop.json("new", "I paid but I do not see any card key")["number"]
    sql(shop.store, "DELETE FROM translation")
    assert shop.json("answer", other, "--article", "faq-001")["language"] == "zh-Hans"


def test_an_answer_may_resolve_at_once(shop: Run) -> None:
    assert shop.json("answer", 1, "--article", "faq-001", "--resolve")["state"] == "resolved"


def test_an_answer_fills_in_the_order_and_never_what_the_customer_wrote(shop: Run) -> None:
    number = shop.json("new", "{shop} {product} 付款没给卡密", "--order", "A7K2M9QX4ZP1LW8D")["number"]
    assert "A7K2M9QX4ZP1LW8D" in shop.json("answer", number, "--article", "faq-001")["body"]


def test_a_note_moves_nothing_and_is_no_answer(shop: Run) -> None:
    before = shop.ticket(1)
    shop.ok("note", 1, "等供应商")
    after = shop.ticket(1)
    assert (after["state"], after["due"]) == (before["state"], before["due"])
    assert after["messages"][-1]["visibility"] == "note"


def test_a_text_is_read_from_stdin(run: Run) -> None:
    run.ok("new", "--body", "-", input="第一行\n第二行\n")
    run.ok("reply", 1, "-", input="回复")
    run.ok("receive", 1, input="再问")
    assert [m["body"] for m in run.ticket(1)["messages"]] == ["第一行\n第二行", "回复", "再问"]


@pytest.mark.parametrize(
    "waiting", [["resolve", 1], ["snooze", 1, "--until", "3d"], ["reply", 1, "您好"], ["close", 1]], ids=str
)
def test_a_message_of_the_customer_reopens_what_waits(run: Run, waiting: list[object]) -> None:
    run.ok("new", "卡密无效")
    run.ok(*waiting)
    assert run.json("receive", 1, "还是不行")["state"] == "open"
    assert state(run) == "open"
    assert run.ticket(1)["snoozed_until"] is None


def test_a_message_within_seven_days_reopens_a_closed_ticket(run: Run) -> None:
    run.ok("new", "卡密无效")
    run.ok("close", 1)
    said = run.json("receive", 1, "又坏了", now="2026-11-27T07:59:00Z")
    assert said == {"number": 1, "state": "open", "follow_up": False}


def test_a_message_after_eight_days_becomes_a_linked_follow_up(run: Run) -> None:
    run.ok("new", "卡密无效", "--from", "QQ:99887766", "--order", "A7K2M9QX4ZP1LW8D")
    run.ok("close", 1)
    later = "2026-11-28T08:00:00Z"
    said = run("receive", 1, "又坏了", "--json", now=later)
    assert said.json() == {"number": 2, "state": "new", "follow_up": True}
    assert "follow-up" in said.stderr
    follow_up = run.ticket(2, now=later)
    assert follow_up["follows"] == 1
    assert follow_up["customer"]["handle"] == "QQ:99887766" and follow_up["order"] == "A7K2M9QX4ZP1LW8D"
    assert follow_up["messages"][0]["body"] == "又坏了"
    old = run.ticket(1, now=later)
    assert (old["state"], len(old["messages"])) == ("closed", 1)


def test_a_snoozed_ticket_wakes_when_the_queue_is_looked_at_after_its_time(run: Run) -> None:
    run.ok("new", "卡密无效")
    run.ok("snooze", 1, "--until", "2h")
    ticket = run.ticket(1)
    assert (ticket["state"], ticket["snoozed_until"]) == ("snoozed", "2026-11-20T10:00:00Z")
    assert found(run, "state:snoozed", now="2026-11-20T09:59:00Z") == [1]
    assert found(run, "state:open", now="2026-11-20T10:01:00Z") == [1]
    assert run.ticket(1, now="2026-11-20T10:01:00Z")["snoozed_until"] is None


def test_a_snoozed_ticket_past_its_time_is_overdue_in_the_report_and_next(run: Run) -> None:
    run.ok("new", "卡密无效", "--priority", "urgent")
    run.ok("snooze", 1, "--until", "2026-11-20T10:00:00Z")
    assert run.json("sla", "report", now="2026-11-20T09:00:00Z")["overdue"] == []
    assert run("next", now="2026-11-20T09:00:00Z").exit_code == 4
    assert {row["number"] for row in run.json("sla", "report", now="2026-11-20T11:00:00Z")["overdue"]} == {1}
    assert run.json("next", now="2026-11-20T11:00:00Z")["number"] == 1


def test_waiting_for_the_customer_stops_the_clocks(run: Run) -> None:
    run.ok("new", "卡密无效", "--priority", "urgent")
    assert run.ticket(1)["due"] == {
        "first_response": "2026-11-20T08:10:00Z", "next_response": None, "resolution": "2026-11-20T08:20:00Z"
    }  # fmt: skip
    run.ok("reply", 1, "请稍等", now="2026-11-20T08:05:00Z")
    assert set(run.ticket(1)["due"].values()) == {None}
    run.ok("receive", 1, "好了吗", now="2026-11-20T09:00:00Z")
    assert run.ticket(1)["due"] == {
        "first_response": None, "next_response": "2026-11-20T09:10:00Z", "resolution": "2026-11-20T09:15:00Z"
    }  # fmt: skip


@pytest.fixture
def merged(run: Run) -> Run:
    """Ticket 1 merged into ticket 2; no command merges yet."""
    for text in ("卡密无效", "卡密还是无效", "谢谢"):
        run.ok("new", text)
    sql(run.store, "UPDATE ticket SET state = 'merged', merged_into = 2 WHERE number = 1")
    return run


def test_what_is_said_on_a_merged_ticket_lands_on_the_survivor(merged: Run) -> None:
    assert merged.json("reply", 1, "回复")["number"] == 2
    assert merged.json("receive", 1, "再问")["number"] == 2
    assert merged.json("note", 1, "备注")["number"] == 2
    assert [m["body"] for m in merged.ticket(2)["messages"]] == ["卡密还是无效", "回复", "再问", "备注"]
    assert len(merged.ticket(1)["messages"]) == 1


@pytest.mark.parametrize(
    "words",
    [["close", 1], ["reopen", 1], ["resolve", 1], ["hold", 1], ["spam", 1], ["snooze", 1, "--until", "2h"],
     ["set", 1, "--priority", "low"], ["rate", 1, 3]],
    ids=str,
)  # fmt: skip
def test_a_merged_ticket_takes_no_step(merged: Run, words: list[object]) -> None:
    assert merged(*words).exit_code == 5
    assert state(merged) == "merged"


def test_an_answer_to_a_merged_ticket_goes_to_the_survivor_or_is_refused(merged: Run) -> None:
    merged.ok("kb", "add", "--id", "a", "--question", "卡密无效", "--answer", "换一张", "--publish")
    ran = merged("answer", 1, "--article", "a")
    assert ran.exit_code in (0, 5)
    assert len(merged.ticket(1)["messages"]) == 1
    assert len(merged.ticket(2)["messages"]) == 1 + (ran.exit_code == 0)


def test_spam_takes_no_answer_and_only_a_reopen_brings_it_back(run: Run) -> None:
    run.ok("new", "加微信领红包")
    run.ok("spam", 1)
    for words in (
        ["reply", 1, "x"],
        ["close", 1],
        ["resolve", 1],
        ["hold", 1],
        ["snooze", 1, "--until", "2h"],
        ["spam", 1],
    ):
        assert run(*words).exit_code == 5, words
    assert run.json("receive", 1, "再来一次")["state"] == "spam"
    assert found(run, "overdue", now="2026-12-20T08:00:00Z") == []
    assert run.json("reopen", 1)["tickets"] == [{"number": 1, "state": "open"}]


def test_several_tickets_are_one_operation(shop: Run) -> None:
    done = shop.json("set", 1, 2, 3, 2, "--priority", "low", "--tag", "batch")
    assert done["changed"] == 3
    operations = {shop.ticket(number)["events"][-1]["operation"] for number in (1, 2, 3)}
    assert operations == {done["operation"]}


def test_a_query_names_the_tickets_of_one_operation(shop: Run) -> None:
    wanted = found(shop, "state:new", "lang:ja")
    done = shop.json("close", "--query", "state:new lang:ja", "--reason", "batch")
    assert sorted(ticket["number"] for ticket in done["tickets"]) == wanted
    assert found(shop, "state:new", "lang:ja") == []
    assert len({shop.ticket(number)["events"][-1]["operation"] for number in wanted}) == 1


@pytest.mark.parametrize("bad", [9999, 3], ids=["unknown", "illegal"])
def test_of_several_tickets_all_or_none_are_changed(shop: Run, bad: int) -> None:
    shop.ok("close", 3)
    before = sql(shop.store, "SELECT count(*) FROM operation"), sql(shop.store, "SELECT count(*) FROM event")
    ran = shop("resolve", 1, 2, bad)
    assert ran.exit_code == (4 if bad == 9999 else 5)
    assert str(bad) in ran.stderr
    assert [state(shop, number) for number in (1, 2)] == ["new", "new"]
    assert before == (sql(shop.store, "SELECT count(*) FROM operation"), sql(shop.store, "SELECT count(*) FROM event"))


def test_what_a_person_set_stays_when_the_customer_writes_again(run: Run) -> None:
    run.ok("new", "在吗")
    run.ok("set", 1, "--priority", "low", "--category", "settlement", "--mood", "positive")
    run.ok("receive", 1, "骗子！！！账号被盗了，马上退钱，不然报警投诉到底！")
    ticket = run.ticket(1)
    assert (ticket["priority"], ticket["category"], ticket["mood"]) == ("low", "settlement", "positive")


def test_a_field_can_be_set_and_cleared(run: Run) -> None:
    run.ok("new", "卡密无效", "--tag", "One", "--tag", "two")
    run.ok(
        "set",
        1,
        "--assignee",
        "me",
        "--team",
        "night",
        "--order",
        "A7K2M9QX4ZP1LW8D",
        "--tag",
        "three",
        "--untag",
        "one",
    )
    ticket = run.ticket(1)
    assert (ticket["assignee"], ticket["team"], ticket["order"]) == ("tester", "night", "A7K2M9QX4ZP1LW8D")
    assert ticket["tags"] == ["three", "two"]
    run.ok("set", 1, "--assignee", "", "--team", "", "--order", "")
    ticket = run.ticket(1)
    assert (ticket["assignee"], ticket["team"], ticket["order"]) == (None, None, None)


def test_explain_says_why_as_a_sum_of_its_terms(shop: Run) -> None:
    why = shop.json("explain", 1)
    assert set(why) >= {"category", "mood", "priority", "band", "matches"}
    points = sum(term["points"] for term in why["priority"]["terms"])
    assert points == pytest.approx(why["priority"]["urgency"], abs=0.011)
    assert shop.ok("explain", 1).stdout.count("\n") >= 5


def test_an_article_is_added_published_found_edited_and_archived(run: Run) -> None:
    card = run.json(
        "kb", "add", "--question", "可以开发票吗", "--answer", "可以", "--category", "payment", "--alias", "开票"
    )
    assert card["state"] == "draft"
    identity = card["id"]
    assert run.json("triage", "可以开发票吗")["matches"] == []
    assert run.json("kb", "publish", identity)["state"] == "published"
    assert run.json("triage", "可以开发票吗")["matches"][0]["article"] == identity
    assert run.json("kb", "edit", identity, "--answer", "当然可以", "--language", "en", "--question", "Invoice?")[
        "translations"
    ]["en"]
    assert [card["id"] for card in run.json("kb", "search", "开票")] == [identity]
    assert run.json("kb", "archive", identity)["state"] == "archived"
    assert run.json("triage", "可以开发票吗")["matches"] == []
    assert run("kb", "add", "--id", identity, "--question", "x", "--answer", "y").exit_code == 2


def test_a_day_is_the_shops_day_which_is_shanghais_unless_it_says_otherwise(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.ok("new", "昨天的事", now="2026-10-31T15:59:59Z")
    run.ok("new", "今天的事", now="2026-10-31T16:00:00Z")
    assert found(run, "created:2026-11-01") == []
    for zone, of_the_first in (("", [2]), ("Asia/Tokyo", [1, 2])):
        monkeypatch.setenv("HELPDESK_ZONE", zone)
        assert found(run, "created:2026-11-01") == of_the_first


@pytest.mark.parametrize("sort", tickets.SORTS)
@pytest.mark.parametrize("word", ["卡", "的", "卡密", "卡 的"])
def test_a_common_word_is_listed_the_same_by_looking_in_front_first(
    shop: Run, monkeypatch: pytest.MonkeyPatch, word: str, sort: str
) -> None:
    def pages() -> list[int]:
        with Store(shop.store).read() as connection:
            wanted, after, found = query.parse(word, query.Scope(0, "")), "", []
            while True:
                page = tickets.page(connection, wanted, 0, sort, 4, after)
                found += [ticket["number"] for ticket in page.tickets]
                if page.cursor is None:
                    return found
                after = page.cursor

    monkeypatch.setattr(tickets, "_is_common", lambda *_: False)
    plain = pages()
    monkeypatch.setattr(tickets, "_is_common", lambda *_: True)
    monkeypatch.setattr(tickets, "FRONT", 30)
    assert len(plain) > 7
    assert pages() == plain


def test_the_words_a_chinese_screen_shows_are_understood_by_queries_and_options(run: Run) -> None:
    run.ok("new", "卡密用不了", lang="zh")
    run.ok("set", 1, "--priority", "紧急", lang="zh")
    assert run.json("list", "state:新建", "priority:紧急", "category:卡密", "--ids", lang="zh") == [1]
    assert run("list", "state:新建", lang="en").exit_code == 2
