"""Text from outside: harmless to show, one form to compare, terms that are found again."""

import json
import sqlite3
import unicodedata
from contextlib import closing

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from helpdesk.text import (
    fold,
    has_cjk,
    index_terms,
    json_safe,
    one_line,
    query_terms,
    safe,
    script_counts,
    squeeze,
    terms,
    to_simplified,
)
from helpdesk.views.search import fts_expression

BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
LINE_BREAKS = set("\u2028\u2029\x85\x0b\x0c\x1c\x1d\x1e")
ANY = st.text(st.characters(codec=None))
"""Any text Python can hold, lone surrogates too."""

SHOP = st.text(
    st.sampled_from(
        "卡密打不开發貨骗子订单號々〇のがありますカード카드가안와요がàéßİı²½①㎏ﬁＡａ９𠮷🙏"
        "ABCxyz019_-.,!?；。 \t\n'\"*()^:{}\u0301\u200d"
    )
)
EITHER = st.one_of(ANY, SHOP)
CODE_POINTS = [chr(code) for code in range(0x110000)]


def is_harmful(character):
    category = unicodedata.category(character)
    return (category in ("Cc", "Cs") and character not in "\n\t") or character in BIDI | LINE_BREAKS


# --- safe -----------------------------------------------------------------------------


def test_no_harmful_code_point_stays_and_every_printable_letter_does():
    shown = {character: safe(character) for character in CODE_POINTS}
    assert [c for c, text in shown.items() if any(map(is_harmful, text))] == []
    letters = [c for c in shown if unicodedata.category(c)[0] in "LNPSZ" and c not in LINE_BREAKS]
    assert [hex(ord(c)) for c in letters if shown[c] != c] == []


@given(EITHER)
@example("\r\r\n\n")
@example("\x1b]52;c;aGk=\x07\x9b31m\u202eabc\ud800")
def test_a_safe_text_holds_no_control_and_is_safe_already(text):
    shown = safe(text)
    assert not any(map(is_harmful, shown))
    assert safe(shown) == shown
    shown.encode("utf-8")


def test_what_was_taken_away_stays_visible():
    assert safe("a\x1b[31mb\x00\x7f") == "a␛[31mb␀␡"
    assert safe("付款\r\n成功\t!") == "付款\n成功\t!"
    assert safe("👨‍👩‍👧 ok") == "👨‍👩‍👧 ok"


@given(EITHER, st.integers(1, 60))
def test_one_line_is_one_line_no_longer_than_asked(text, limit):
    line = one_line(text, limit)
    assert len(line) <= limit
    assert line == " ".join(line.split())
    assert not any(map(is_harmful, line))
    assert "\n" not in one_line(text)
    assert one_line(one_line(text)) == one_line(text)


@pytest.mark.parametrize("text", ["        " * 50 + "卡密", "\n" * 500 + "卡密打不开"])
def test_one_line_shows_the_words_behind_many_blanks(text):
    assert one_line(text, 20).startswith("卡密")


def test_what_one_line_cuts_ends_in_an_ellipsis():
    assert one_line("卡密打不开", 3) == "卡密…"
    assert one_line("卡密", 2) == "卡密"


@given(
    st.recursive(EITHER | st.integers(), lambda below: st.lists(below) | st.dictionaries(EITHER, below), max_leaves=8)
)
def test_a_safe_json_document_says_the_same(value):
    document = json.dumps(value, ensure_ascii=False)
    shown = json_safe(document)
    assert json.loads(shown) == value
    assert not any(map(is_harmful, shown))
    shown.encode("utf-8")


# --- fold -----------------------------------------------------------------------------


def test_folding_any_character_twice_is_folding_it_once():
    assert [c for c in CODE_POINTS if fold(fold(c)) != fold(c)] == []


@given(EITHER)
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


@given(EITHER)
def test_calming_repeats_twice_is_calming_them_once(text):
    assert squeeze(squeeze(fold(text))) == squeeze(fold(text))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("卡密打不開", "卡密打不开"),
        ("ＱＱ：１２３", "qq:123"),
        ("Steam", "STEAM"),
        ("發貨", "发货"),
        ("ｶｰﾄﾞ", "カード"),
        ("카드", unicodedata.normalize("NFD", "카드")),
        ("①", "1"),
        ("café", "cafe\u0301"),
    ],
)
def test_two_ways_to_write_one_thing_fold_to_one(one, other):
    assert fold(one) == fold(other)


def test_simplified_text_is_not_changed_and_traditional_is():
    assert to_simplified("卡密打不开") == "卡密打不开"
    assert to_simplified("訂單號碼") == "订单号码"
    assert script_counts("訂單號碼") == (4, 0)
    assert script_counts("订单号码")[0] == 0


def test_calming_keeps_numbers():
    assert squeeze("好好好好 1000000 soooo!!!???") == "好好 1000000 soo!?"


# --- terms ----------------------------------------------------------------------------


@given(EITHER)
def test_the_terms_of_the_terms_are_the_terms(text):
    found = terms(text)
    assert set(terms(" ".join(found))) == set(found)


@given(EITHER)
def test_terms_hold_letters_and_digits_only(text):
    for term in terms(text):
        assert term.isalnum() or has_cjk(term)
        assert fold(term) == term


def test_chinese_becomes_characters_and_pairs_and_latin_words():
    assert terms("Steam卡密X1") == ["steam", "卡", "密", "卡密", "x1"]
    assert has_cjk("卡")
    assert not has_cjk("card 123")


def fts(content, options=""):
    connection = sqlite3.connect(":memory:")
    connection.execute(
        f'CREATE VIRTUAL TABLE kept USING fts5 (terms{options}, tokenize = "unicode61 remove_diacritics 0")'
    )
    connection.execute("INSERT INTO kept (rowid, terms) VALUES (1, ?)", (content,))
    return connection


def is_found(connection, expression):
    return connection.execute("SELECT count(*) FROM kept WHERE kept MATCH ?", (expression,)).fetchone() == (1,)


@given(SHOP)
def test_every_term_is_found_in_the_search_index(text):
    found = terms(text)
    with closing(fts(" ".join(found))) as connection:
        for term in found:
            assert is_found(connection, f'"{term}"'), term


@given(EITHER)
@example("abc\U0001e922def 㐀𠮷x")
@example("²½①ª")
def test_the_terms_of_every_fragment_are_among_the_terms_kept(text):
    kept = set(index_terms(text).split())
    folded = fold(text)
    for start in range(len(folded) - 1):
        for term, prefix in query_terms(folded[start : start + 2]):
            assert any(other.startswith(term) for other in kept) if prefix else term in kept, term


@given(SHOP)
@example("訂單DJ20260924173502588608-01沒到")
@example("A卡密b")
def test_every_two_characters_of_a_text_are_found_in_the_search_index(text):
    folded = fold(text)
    with closing(fts(index_terms(text), ", content = '', detail = none, columnsize = 0")) as connection:
        for start in range(len(folded) - 1):
            expression = fts_expression(folded[start : start + 2])
            assert expression is None or is_found(connection, expression), folded[start : start + 2]


@given(EITHER, EITHER)
@example("\U0001e922", "\U0001e922")
@example('" AND NEAR(* OR', "x")
def test_no_text_makes_the_search_raise(text, words):
    with closing(fts(index_terms(text), ", content = '', detail = none, columnsize = 0")) as connection:
        expression = fts_expression(words)
        if expression is not None:
            is_found(connection, expression)


@given(EITHER)
@example("\U00030000\U0002b820龦𞤀")
def test_a_text_is_found_by_each_of_its_own_words(text):
    with closing(fts(index_terms(text), ", content = '', detail = none, columnsize = 0")) as connection:
        for word in text.split():
            expression = fts_expression(word)
            assert expression is None or is_found(connection, expression), word
