"""A chat or a mail pasted into the new ticket is read as what it is; anything else is the customer's text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.intake import pasted
from helpdesk.intake.drafts import Rejected


def test_a_mail_is_read_by_its_head_lines():
    text = (
        "From: Marcus Lee <marcus@example.com>\nTo: shop@example.com\nSubject: Key already used\n\nHi,\nit says used."
    )
    found = pasted.read(text)
    assert found.kind == "mail"
    assert (found.draft().subject, found.draft().body) == ("Key already used", "Hi,\nit says used.")
    assert (found.draft().customer, found.draft().name, found.draft().channel) == (
        "marcus@example.com", "Marcus Lee", "email"
    )  # fmt: skip


@pytest.mark.parametrize(
    "head",
    [
        "发件人：小明 <a@b.cn>\n收件人：店\n主题：卡密",
        "寄件者: 小明 <a@b.cn>\n主旨: 卡密",
        "差出人: 小明 <a@b.cn>\n件名：卡密",
    ],
)
def test_a_mail_is_read_in_the_languages_customers_write_in(head):
    draft = pasted.read(f"{head}\n\n打不开").draft()
    assert (draft.subject, draft.body, draft.customer, draft.name) == ("卡密", "打不开", "a@b.cn", "小明")


def test_a_mail_without_a_text_is_about_its_subject():
    assert pasted.read("From: a@b.cn\nSubject: 没收到").draft().body == "没收到"


QQ_CHAT = """小明(12345678) 2026/11/20 10:23:11
你好
卡密打不开
客服小美 10:24:02
请发一下订单号
小明(12345678) 2026/11/20 10:25:00
483261118074521218"""


def test_a_chat_is_read_turn_by_turn_and_its_first_speaker_is_the_customer():
    found = pasted.read(QQ_CHAT)
    assert found.kind == "chat"
    assert found.draft().body == "你好\n卡密打不开"
    assert (found.draft().customer, found.draft().name, found.draft().channel) == ("QQ:12345678", "小明", "chat")
    assert [(one.author, one.body) for one in found.draft().messages] == [
        ("agent", "请发一下订单号"),
        ("customer", "483261118074521218"),
    ]


def test_the_shops_own_people_are_never_the_customer():
    text = "客服小美 10:20:00\n在的\n" + QQ_CHAT
    draft = pasted.read(text, shop=["客服小美"]).draft()
    assert draft.name == "小明"
    assert draft.body == "客服小美: 在的\n你好\n卡密打不开"


@pytest.mark.parametrize(
    "line",
    [
        "小明 10:23",
        "小明  昨天 22:10",
        "小明 下午 3:05",
        "Marcus Lee 11/20 3:05 PM",
        "小明 2026-11-20 10:23:11",
        "Ann 星期三 08:00",
    ],
)
def test_the_lines_by_which_chats_are_known(line):
    draft = pasted.read(f"{line}\n没发货").draft()
    assert draft.body == "没发货"
    assert draft.name in ("小明", "Marcus Lee", "Ann")


@pytest.mark.parametrize(
    "text",
    [
        "卡密打不开",
        "付款了 没发货\n订单 483261118074521218",
        "我 10:30 付的款，还没收到",
        "Hi: it does not work",
        "问题：打不开",
    ],
)
def test_what_is_neither_is_the_customers_text_as_it_is(text):
    found = pasted.read(text)
    assert found.kind == "text"
    assert found.draft().body == text


def test_a_chat_of_names_without_a_word_is_no_chat():
    assert pasted.read("小明 10:23").kind == "text"


def test_what_a_person_typed_goes_before_what_was_read():
    draft = pasted.read(QQ_CHAT).draft(customer=" wx_ming ", order="A1")
    assert (draft.customer, draft.order_no) == ("wx_ming", "A1")


_PIECES = st.sampled_from(
    ["From: ", "发件人：", "小明 10:23", "A(12345) 9:00\n", "\n", "\n\n", "：", "主题: x", " ", "\x1b[2J", "卡密"]
)


@given(st.lists(_PIECES | st.text(max_size=20), max_size=30).map("".join))
def test_any_text_is_read_as_something_that_can_be_filed(text):
    found = pasted.read(text)
    if not text.strip():
        with pytest.raises(Rejected):
            found.draft()
    else:
        draft = found.draft()
        assert draft.text.strip()
        assert all(message.body for message in draft.messages)


def test_a_hostile_megabyte_is_read_in_no_time():
    for text in (
        "a" * 2_000_000,
        "a " * 500_000,
        "From: " + "(" * 500_000,
        ("小明 10:23\nx\n") * 60_000,
        ": " * 400_000,
    ):
        pasted.read(text)
