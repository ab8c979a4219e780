"""The lexicon: sound files, every form found by its own meaning, extended by the shop's own, cached safely."""

import os
import shutil
from functools import cache
from pathlib import Path

import pytest

from helpdesk import config
from helpdesk import lexicon as module
from helpdesk.errors import HelpdeskError
from helpdesk.lexicon import FLAGS, GAP, LANGUAGES, Lexicon, compile_files, read
from helpdesk.lookup import Lookup, pack
from helpdesk.models.vocabulary import CATEGORIES
from helpdesk.text import has_cjk

FILES = sorted((config.DATA / "concepts").glob("*.toml"))
FIELDS = {"label", "gloss", "category", "mood", "urgency", "flags", *LANGUAGES}


def concepts_of(path):
    return {name: entry for name, entry in config.load_toml(path).items() if isinstance(entry, dict)}


@cache
def shipped():
    return Lexicon(Lookup.of(compile_files(FILES)))


def found(lexicon, text):
    """The ids of the concepts a text holds, with whether they are negated."""
    return {hit.concept.id: hit.negated for hit in lexicon.find(read(text))}


# --- the files ------------------------------------------------------------------------


def test_every_category_has_concepts_that_speak_for_it():
    spoken_for = {
        category for path in FILES for entry in concepts_of(path).values() for category in entry.get("category", ())
    }
    assert spoken_for == set(CATEGORIES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_holds_known_fields_categories_flags_and_weights_in_range(path):
    for name, entry in concepts_of(path).items():
        assert set(entry) <= FIELDS, name
        assert entry["gloss"].strip(), name
        assert set(entry.get("category", {})) <= set(CATEGORIES), name
        assert all(0 < weight <= 4 for weight in entry.get("category", {}).values()), name
        assert -3 <= entry.get("mood", 0) <= 3, name
        assert 0 <= entry.get("urgency", 0) <= 8, name
        assert set(entry.get("flags", ())) <= FLAGS, name


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_concept_has_forms_and_none_of_them_is_empty(path):
    for name, entry in concepts_of(path).items():
        forms = [form for language in LANGUAGES for form in entry.get(language, ())]
        assert forms, name
        assert all(isinstance(form, str) and form.strip(f" {GAP}*") for form in forms), name


def test_every_id_is_used_once():
    seen: dict[str, Path] = {}
    for path in FILES:
        for name in concepts_of(path):
            assert name not in seen, f"{name} is in {seen[name].name} and in {path.name}"
            seen[name] = path


def spoken(form):
    """A form as a buyer would write it: a gap closed or filled, a lone `*` a word, a stem as it stands."""
    words = " ".join("three" if word == "*" else word for word in form.split(" ")).replace("*", "")
    filler = "一" if has_cjk(form) else " so "
    return {words.replace(GAP, ""), words.replace(GAP, filler)} if has_cjk(form) else {words.replace(GAP, filler)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_form_is_found_by_its_own_concept(path):
    missed = [
        f"{name}.{language}: {form!r} as {text!r}"
        for name, entry in concepts_of(path).items()
        for language in LANGUAGES
        for form in entry.get(language, ())
        for text in spoken(form)
        if name not in found(shipped(), text)
    ]
    assert missed == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_form_by_itself_is_read_as_its_own_negation(path):
    turned = [
        f"{name}: {form!r}"
        for name, entry in concepts_of(path).items()
        for language in LANGUAGES
        for form in entry.get(language, ())
        for text in spoken(form)
        if found(shipped(), text).get(name)
    ]
    assert turned == []


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("页面404了", "page_blank_after_paying"),
        ("再拖我就去12315", "complaint_threat_authority"),
        ("thx啦", "other_thanks"),
        ("3q老板", "other_thanks"),
        ("환불해 주세요ㅠㅠ", "gen_sad"),
        ("tmd骗子", "complaint_swear"),
        ("一直404", "page_blank_after_paying"),
        ("说好的4k呢", "quality_4k_hd"),
    ],
)
def test_latin_letters_and_digits_are_words_beside_chinese_too(text, concept):
    assert concept in found(shipped(), text)


# --- reading --------------------------------------------------------------------------

OWN = """
[shop_gift]
gloss = "asks for the gift of the shop"
category = { pre_sales = 1.0 }
hans = ["小熊挂件", "送…挂件"]
en = ["teddy … gift", "plush*", "don't ship"]
"""


@pytest.fixture
def gift(tmp_path):
    path = tmp_path / "gift.toml"
    path.write_text(OWN, encoding="utf-8")
    return Lexicon(Lookup(pack(compile_files([path]))))


@pytest.mark.parametrize(
    "text",
    [
        "有小熊挂件吗",
        "有小熊掛件嗎",
        "小 熊 挂 件",
        "不是说送一个很大的挂件吗",
        "Teddy gift?",
        "is the TEDDY a free gift",
        "where are my plushies",
        "you don’t ship",
        "you dont ship",
        "YOU DON'T SHIP",
    ],
)
def test_a_form_is_found_however_it_is_written(gift, text):
    assert "shop_gift" in found(gift, text)


@pytest.mark.parametrize(
    "text",
    [
        "熊小挂件",
        "送你。另外挂件",
        "送一二三四五六七八九十挂件",
        "teddy. gift",
        "teddy one two three four five gift",
        "explush",
    ],
)
def test_a_form_is_not_found_across_sentences_or_far_apart(gift, text):
    assert "shop_gift" not in found(gift, text)


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("不要送挂件", False),
        ("没小熊挂件", True),
        ("不是小熊挂件", True),
        ("no plush", True),
        ("not a plush", True),
        ("a plush", False),
    ],
)
def test_a_negation_right_before_is_seen(gift, text, negated):
    assert found(gift, text) == {"shop_gift": negated}


def test_a_concept_is_found_once_by_its_longest_fragment(gift):
    (hit,) = gift.find(read("小熊挂件 送你一个挂件 小熊挂件"))
    assert hit.fragment == "送你一个挂件"


def test_only_the_beginning_of_an_endless_text_is_read():
    assert len(read("卡" * 10**6).folded) <= module.READ_AT_MOST
    assert found(shipped(), "卡密无效" + "。" * 10**6)


# --- the shop's own files and the cache -----------------------------------------------


@pytest.fixture
def own_folder(tmp_path, monkeypatch):
    """The user's own concepts folder beside one shipped file, and a cache of this test alone."""
    folder, shipped_folder = tmp_path / "config" / "concepts", tmp_path / "data" / "concepts"
    folder.mkdir(parents=True)
    shipped_folder.mkdir(parents=True)
    shutil.copy(config.DATA / "concepts" / "other.toml", shipped_folder)
    monkeypatch.setattr(config, "DATA", tmp_path / "data")
    monkeypatch.setenv("HELPDESK_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return folder


def lexicon_now():
    """The lexicon as a new process would load it."""
    return module.lexicon.__wrapped__()


def cache_file(tmp_path):
    """The newest cache of the lexicon: each set of files has one of its own."""
    kept = (tmp_path / "cache" / "helpdesk").glob("lexicon-*.cache")
    return max(kept, key=lambda path: path.stat().st_mtime_ns)


def test_the_shops_own_file_extends_a_concept_and_adds_others(own_folder):
    (own_folder / "mine.toml").write_text(
        'dated = 2026-11-22\n[other_thanks]\nhans = ["蟹蟹侬"]\nmood = 1.5\n' + OWN, encoding="utf-8"
    )
    lexicon = lexicon_now()
    assert "other_thanks" in found(lexicon, "蟹蟹侬")
    assert "other_thanks" in found(lexicon, "谢谢")
    assert "shop_gift" in found(lexicon, "小熊挂件")
    (thanks,) = [concept for concept in lexicon.concepts if concept.id == "other_thanks"]
    assert thanks.mood == 1.5
    assert "thanks" in thanks.flags
    assert thanks.category == next(c for c in shipped().concepts if c.id == "other_thanks").category


def test_the_cache_is_rebuilt_when_a_file_changes_comes_or_goes(own_folder, tmp_path):
    mine = own_folder / "mine.toml"
    assert "shop_gift" not in found(lexicon_now(), "小熊挂件")
    mine.write_text(OWN, encoding="utf-8")
    assert "shop_gift" in found(lexicon_now(), "小熊挂件")
    mine.write_text(OWN.replace("小熊", "小狗"), encoding="utf-8")
    assert "shop_gift" in found(lexicon_now(), "小狗挂件")
    mine.unlink()
    assert "shop_gift" not in found(lexicon_now(), "小狗挂件")
    assert cache_file(tmp_path).exists()


def test_the_cache_is_used_while_nothing_changes(own_folder, tmp_path):
    (own_folder / "mine.toml").write_text(OWN, encoding="utf-8")
    first = lexicon_now()
    written = cache_file(tmp_path).stat().st_mtime_ns
    again = lexicon_now()
    assert cache_file(tmp_path).stat().st_mtime_ns == written
    assert again.concepts == first.concepts
    assert list(cache_file(tmp_path).parent.iterdir()) == [cache_file(tmp_path)]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe", b"[]", b"null", b'{"stamp": 1}', b"[" * 100_000], ids=range(7)
)
def test_a_corrupt_cache_is_rebuilt(own_folder, tmp_path, content):
    lexicon_now()
    cache_file(tmp_path).write_bytes(content)
    assert "other_thanks" in found(lexicon_now(), "谢谢")
    assert Lookup(cache_file(tmp_path).read_bytes().split(b"\n", 1)[1]).get("concepts")


def test_a_cache_whose_content_is_damaged_behind_a_good_stamp_is_rebuilt(own_folder, tmp_path):
    lexicon_now()
    stamp, content = cache_file(tmp_path).read_bytes().split(b"\n", 1)
    cache_file(tmp_path).write_bytes(stamp + b"\n" + content.replace(b'"concepts"', b'"concept_"'))
    assert "other_thanks" in found(lexicon_now(), "谢谢")


def test_a_cache_written_by_another_version_of_the_program_is_not_used(own_folder, tmp_path, monkeypatch):
    lexicon_now()
    before = cache_file(tmp_path).read_bytes()
    monkeypatch.setattr("helpdesk.__version__", "99.0")
    lexicon_now()
    assert cache_file(tmp_path).read_bytes() != before


def test_a_cache_that_cannot_be_written_is_done_without(own_folder, tmp_path):
    (tmp_path / "cache").write_text("a file where a folder should be")
    assert "other_thanks" in found(lexicon_now(), "谢谢")


def test_the_cache_is_private(own_folder, tmp_path):
    before = os.umask(0)
    try:
        lexicon_now()
    finally:
        os.umask(before)
    assert cache_file(tmp_path).stat().st_mode & 0o077 == 0


def test_a_broken_file_of_the_shop_is_a_sentence_that_names_it(own_folder):
    (own_folder / "mine.toml").write_text("[shop_gift\n", encoding="utf-8")
    with pytest.raises(HelpdeskError, match=r"mine\.toml"):
        lexicon_now()
