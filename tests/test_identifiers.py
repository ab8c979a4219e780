"""The identifier radar keeps what its page of formats promises."""

import re
import tomllib
import unicodedata
from datetime import UTC, date, datetime
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.classify.identifiers import _fancy, _row, find, mask, normalise

TOML = tomllib.loads((files("helpdesk") / "data" / "identifiers.toml").read_text("utf-8"))
ROWS = TOML["pattern"]
FILED_AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
IDENTITY_CARD = "11010119900307002X"
BANK_CARD = "6222021001001234563"

ORDERS = [
    ("A7K2M9QX4ZP1LW8D", "order", "dujiaoka"),
    ("483260314152233917", "order", "acg-faka"),
    ("TK2603141522330A1B2C3D", "shop_ticket", "acg-faka"),
    ("zlkb2026031415223354321", "order", "zfaka"),
    ("2026031415223354321", "order", "zfaka"),
    ("20260314152233aB9xK", "order", "card-system"),
    ("2026031415223304321", "order", "card-system"),
    ("DJ20260924173502588608-01", "order", "dujiao-next"),
    ("DJ20260924173502588608", "order", "dujiao-next"),
    ("DJP20260924173502588608", "order", "dujiao-next"),
    ("WR20260924173502588608", "order", "dujiao-next"),
    ("987654321098765432", "order", "taobao"),
    ("3987654321098765432", "order", "taobao"),
    ("4200001234202603145678901234", "payment", "wechat-pay"),
    ("2026031422001412345678901234", "payment", "alipay"),
]
COURIERS = [
    ("SF1234567890123", "sf"),
    ("SFA234567890123", "sf"),
    ("YT1234567890123", "yto"),
    ("JD0012345678901", "jd"),
    ("JDVA12345678901", "jd"),
    ("PA12345678901", "ems"),
    ("RR123456785CN", "ems"),
    ("JT1234567890123", "jt"),
    ("DPK123456789012", "deppon"),
]
BARE_COURIERS = [
    ("123456789012", "sf"),
    ("73123456789012", "zto"),
    ("77312345678901", "sto"),
    ("43123456789012345", "sto"),
    ("312345678901234", "yunda"),
    ("5123456789012", "yunda"),
    ("9812345678901", "ems"),
    ("8812345678901", "ems"),
    ("621123456789012", "cainiao"),
]


def only(text, **facts):
    (identifier,) = find(text, **facts)
    return identifier


# --- every row -------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "kind", "platform"), ORDERS)
def test_an_order_number_is_found_glued_to_chinese_text(number, kind, platform):
    found = only(f"你好{number}没收到", filed_at=FILED_AT)
    assert (found.kind, found.value, found.issuer) == (kind, number, platform)
    assert (found.start, found.end) == (2, 2 + len(number))


@pytest.mark.parametrize(("number", "carrier"), COURIERS)
def test_a_prefixed_parcel_number_is_sure(number, carrier):
    found = only(f"单号{number}到哪了")
    assert (found.kind, found.value, found.issuer) == ("courier", number, carrier)
    assert found.confidence > 0.8


@pytest.mark.parametrize(("number", "carrier"), BARE_COURIERS)
def test_a_parcel_number_of_digits_only_is_a_guess(number, carrier):
    found = only(f"快递{number}到哪了")
    labels = {f"{found.kind}:{found.issuer}", *found.rivals}
    assert f"courier:{carrier}" in labels
    assert found.confidence <= 0.3


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['kind']}-{row['example']}")
def test_the_example_of_every_row_is_read_as_that_row_says(row):
    issuer = row.get("platform") or row.get("carrier")
    label = f"{row['kind']}:{issuer}" if issuer else row["kind"]
    readings = {
        name
        for one in find(row["example"])
        for name in (f"{one.kind}:{one.issuer}" if one.issuer else one.kind, *one.rivals)
    }
    assert label in readings


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['kind']}-{row['example']}")
def test_every_pattern_is_bounded_and_says_its_lengths(row):
    shortest, longest = re._parser.parse(row["pattern"]).getwidth()
    assert (row["shortest"], row["longest"]) == (shortest, longest)
    assert longest < 4096
    assert 0 <= row["confidence"] <= 1


def test_the_patterns_say_how_old_they_are():
    assert TOML["dated"] == date(2026, 11, 22)


def test_digits_only_couriers_never_pass_three_tenths():
    for row in ROWS:
        if row["kind"] == "courier" and row["example"].isdigit():
            assert row["confidence"] <= 0.3


# --- precedence ------------------------------------------------------------------------


def test_a_prefixed_number_beats_the_pattern_its_digits_would_fit():
    found = only("DJ2026092417350212345")
    assert (found.issuer, found.rivals) == ("dujiao-next", ("order:zfaka",))


def test_eighteen_digits_with_a_real_past_date_are_acg_faka_and_may_be_taobao():
    found = only("483260314152233917", filed_at=FILED_AT)
    assert (found.issuer, found.rivals) == ("acg-faka", ("order:taobao",))


@pytest.mark.parametrize("number", ["483260230152233917", "483261124152233917", "483991231152233917"])
def test_eighteen_digits_without_a_real_past_date_are_taobao(number):
    assert only(number, filed_at=FILED_AT).issuer == "taobao"


def test_a_date_within_a_day_after_the_ticket_still_counts():
    assert only("483261122235959917", filed_at=FILED_AT).issuer == "acg-faka"


@pytest.mark.parametrize("filed_at", [FILED_AT.replace(tzinfo=None), datetime.max.replace(tzinfo=UTC)])
def test_any_filing_time_is_bearable(filed_at):
    assert only("483260314152233917", filed_at=filed_at).kind == "order"


def test_nineteen_digits_starting_with_a_time_keep_every_candidate():
    found = only("2026031415223354321", filed_at=FILED_AT)
    assert (found.issuer, found.rivals) == ("zfaka", ("order:card-system", "order:taobao"))


def test_an_identity_card_is_masked_and_never_an_order():
    found = only(f"身份证{IDENTITY_CARD}", filed_at=FILED_AT)
    assert (found.kind, found.value, found.rivals) == ("identity_card", "110101********002X", ())


def test_an_identity_card_of_digits_only_is_no_taobao_order():
    assert only("110101199003071233").kind == "identity_card"


@pytest.mark.parametrize("number", ["110101199003071234", "110101199013071233"])
def test_a_wrong_check_character_or_birth_date_is_no_identity_card(number):
    assert only(number).kind == "order"


def test_a_bank_card_is_masked_near_its_word_only():
    assert only(f"退到卡号：{BANK_CARD}").value == "622202*********4563"
    assert only(f"{BANK_CARD} 是我的银行卡").kind == "bank_card"
    assert only(f"refund my card {BANK_CARD}").kind == "bank_card"
    assert only(f"淘宝 {BANK_CARD}").issuer == "taobao"
    assert only(f"卡号不对，订单号{BANK_CARD}").issuer == "taobao"


def test_a_bank_card_needs_luhn():
    assert only("卡号6222021001001234564").kind == "order"


def test_cards_written_in_groups_are_cards():
    assert only("卡号 6222 0210 0100 1234 563").value == "622202*********4563"
    assert only("110101 19900307 002X").value == "110101********002X"


@pytest.mark.parametrize("text", ["13800138000", "+8613800138000", "+86 13800138000", "138-0013-8000"])
def test_a_phone_is_found_however_it_is_written(text):
    found = only(f"手机{text}")
    assert (found.kind, found.value) == ("phone", "13800138000")


@pytest.mark.parametrize("text", ["QQ12345", "加qq：12345", "扣扣 12345", "企鹅号12345", "QQ号码 12345"])
def test_a_qq_number_follows_its_word(text):
    found = only(text)
    assert (found.kind, found.value) == ("qq", "12345")


def test_eleven_digits_after_qq_may_be_a_phone():
    found = only("qq 13800138000")
    assert (found.kind, found.rivals) == ("qq", ("phone",))


@pytest.mark.parametrize("text", ["12345", "QQ群12345", "我付了12345元", "QQ"])
def test_digits_without_the_word_are_no_qq(text):
    assert find(text) == ()


def test_mail_and_links_are_whole():
    found = find("邮箱buyer.01@example.com，看https://shop.example.com/a?id=13800138000。谢谢")
    assert [(one.kind, one.value) for one in found] == [
        ("email", "buyer.01@example.com"),
        ("link", "https://shop.example.com/a?id=13800138000"),
    ]


def test_a_number_before_an_at_sign_is_mail_and_nothing_else():
    assert only("13800138000@163.com").kind == "email"


def test_a_link_does_not_carry_an_identity_card_out():
    assert IDENTITY_CARD not in repr(find(f"https://x.example.com/?id={IDENTITY_CARD}"))


def test_a_wrong_s10_check_digit_is_no_parcel():
    assert find("RR123456784CN") == ()


def test_a_shouted_word_is_hardly_an_order():
    assert only("INCOMPREHENSIBLE SERVICE"[:16]).confidence == pytest.approx(0.4)
    assert only("订单 QWERTYUIOPASDFGH").confidence > 0.8
    assert only("A7K2M9QX4ZP1LW8D").confidence == pytest.approx(0.8)


def test_a_card_key_is_hardly_an_order():
    assert only("卡密A7K2M9QX4ZP1LW8D无效").confidence == pytest.approx(0.4)


@pytest.mark.parametrize("number", ["a7k2m9qx4zp1lw8d", "1234567890123456", "A7K2M9QX4ZP1LW8DE", "1" * 65])
def test_what_only_resembles_an_order_is_none(number):
    assert not [one for one in find(number) if one.kind == "order"]


# --- imported orders -------------------------------------------------------------------


@pytest.mark.parametrize(
    "number",
    ["13800138000", IDENTITY_CARD, "483260314152233000", "483260314152233917", "S12345"],
)
def test_an_imported_order_always_wins(number):
    found = only(f"卡号{number}", known_orders={number})
    assert (found.kind, found.value, found.confidence) == ("order", number, 1.0)


def test_known_orders_is_asked_once_with_all_candidates():
    asked = []

    def known(candidates):
        asked.append(tuple(candidates))
        return {"2026031415223354321"}

    found = find("订单2026031415223354321和DJ20260924173502588608-01", known_orders=known)
    assert asked == [("2026031415223354321", "DJ20260924173502588608-01", "DJ20260924173502588608")]
    assert [one.confidence for one in found] == [1.0, 0.98]


def test_a_child_order_leads_to_its_imported_parent():
    found = only("DJ20260924173502588608-01", known_orders=["DJ20260924173502588608"])
    assert (found.value, found.confidence, found.issuer) == ("DJ20260924173502588608", 1.0, "dujiao-next")


def test_nobody_is_asked_about_a_plain_sentence():
    assert find("你好，什么时候发货？", known_orders=lambda _: pytest.fail("asked")) == ()


# --- damage ----------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["2.02207E+18", "4.8326e+17", "483260314152233000", "2026031415223350000"])
def test_what_a_spreadsheet_destroyed_is_damaged_and_never_guessed(number):
    found = only(f"订单{number}", filed_at=FILED_AT)
    assert (found.kind, found.value, found.rivals) == ("damaged", number, ())


# --- the text --------------------------------------------------------------------------


@pytest.mark.parametrize("written", ['="{}"', "'{}", "\t{}\t", "\t'{}", '="\'{}"'])
def test_a_spreadsheet_wrapping_is_taken_off(written):
    assert normalise(written.format("483260314152233917")) == "483260314152233917"


def test_full_width_digits_are_digits():
    found = only("订单４８３２６０３１４１５２２３３９１７")
    assert found.value == "483260314152233917"


def test_spaces_inside_stay():
    assert normalise(" a\t b ") == "a\t b"


@given(st.text())
def test_a_short_text_is_normalised_as_unicode_says(text):
    plain = re.sub("""["']""", "", text)
    assert normalise(plain) == unicodedata.normalize("NFKC", plain).strip()


def test_every_character_that_folds_to_an_id_character_opens_the_gate():
    for code in (*range(0x80, 0xD800), *range(0xE000, 0x20000)):
        folded = unicodedata.normalize("NFKC", chr(code))
        if re.search("[A-Za-z0-9@/]", folded):
            assert _fancy().match(chr(code)), hex(code)


NUMBERS = [number for number, *_ in ORDERS + COURIERS + BARE_COURIERS]
WORDS = ["卡号", "订单", "QQ", "@", "://", "E+", " ", "-", "="]
PIECES = st.sampled_from([*NUMBERS, *WORDS, IDENTITY_CARD, BANK_CARD])
MESSY = st.lists(PIECES | st.text(max_size=3)).map("".join)


@given(st.text() | MESSY)
def test_find_never_raises_on_any_text_and_never_overlaps(text):
    found = find(text, filed_at=FILED_AT)
    length, last = len(normalise(text)), 0
    for one in found:
        assert last <= one.start < one.end <= length
        last = one.end


@given(MESSY)
def test_an_identifier_stands_where_it_says(text):
    for one in find(text):
        if one.kind not in {"identity_card", "bank_card", "phone"}:
            assert normalise(text)[one.start : one.end] == one.value


@pytest.mark.parametrize(
    "hostile",
    [
        "1" * 10**6,
        "A1" * 500_000,
        "a@" * 500_000,
        "http://" * 150_000,
        "12345" + "\u0300\u0316" * 500_000,
    ],
)
def test_a_hostile_megabyte_is_survived(hostile):
    find(hostile)


# --- masking ---------------------------------------------------------------------------


@given(st.text(), st.text(), st.sampled_from([IDENTITY_CARD, "110101199003071233", "11010119900307 002x"]))
def test_mask_hides_all_but_the_first_six_and_last_four_digits(before, after, number):
    text = f"{before}。{number}。{after}"
    masked = mask(text)
    assert f"。110101********{number[-4:].upper()}。" in masked
    assert number not in masked


@given(st.sampled_from(["卡号", "银行卡：", "card no. "]), st.text(max_size=20))
def test_mask_hides_a_bank_card(cue, after):
    masked = mask(f"{cue}{BANK_CARD}。{after}")
    assert masked.startswith(f"{cue}622202*********4563。")


def test_mask_sees_full_width_digits_and_leaves_the_rest_as_written():
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in IDENTITY_CARD)
    assert mask(f"①证件：{wide}，谢谢！") == "①证件：110101********002X，谢谢！"


@pytest.mark.parametrize("text", [f"id{IDENTITY_CARD}", f"card{BANK_CARD}", f"{IDENTITY_CARD}abc"])
def test_mask_sees_cards_glued_to_letters(text):
    assert "*******" in mask(text)


def test_mask_leaves_orders_and_phones_alone():
    text = "订单483260314152233917，手机13800138000"
    assert mask(text) == text


@given(st.text() | MESSY)
def test_mask_twice_is_mask_once(text):
    once = mask(text)
    assert mask(once) == once


def test_an_unknown_check_is_refused_when_the_pattern_is_read():
    with pytest.raises(KeyError):
        _row({**ROWS[0], "check": "no such check"})
