"""A shop teaches the lexicon its own words: kept in its own file, checked, and understood at once."""

from __future__ import annotations

import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Run
from test_hostile_text import CURSE, assert_harmless

from helpdesk.lexicon import lexicon

ADDED_KEYS = {"id", "new", "added", "known", "file"}
CONCEPT_KEYS = {"id", "gloss", "label", "category", "mood", "urgency", "flags", "forms", "own"}


@pytest.fixture(autouse=True)
def _lexicon_of_each_test() -> Iterator[None]:
    """The lexicon read here is read anew by the next test."""
    lexicon.cache_clear()
    yield
    lexicon.cache_clear()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The user's own concepts, none yet."""
    return tmp_path / "home" / "config" / "helpdesk" / "concepts"


def file_of(folder: Path) -> dict[str, object]:
    return tomllib.loads((folder / "own.toml").read_text(encoding="utf-8"))


def test_a_meaning_added_is_understood_by_the_next_command(run: Run) -> None:
    assert "my_plush" not in run.ok("concept", "test", "小企鹅大抱枕咋卖").stdout
    done = run.json(
        "concept", "add", "my_plush", "企鹅…抱枕", "penguin plush*",
        "--gloss", "the penguin plush", "--label", "企鹅抱枕", "--category", "pre_sales=3", "--mood", "0.5",
        "--urgency", "1", "--flag", "deadline",
    )  # fmt: skip
    assert set(done) == ADDED_KEYS
    assert done["new"] and done["added"] == ["企鹅…抱枕", "penguin plush*"] and done["known"] == []
    hits = {hit["id"]: hit for hit in run.json("concept", "test", "小企鹅大抱枕咋卖")}
    assert hits["my_plush"]["fragment"] == "企鹅大抱枕"
    assert run.json("triage", "Do you have penguin plushies?")["category"] == "pre_sales"


def test_forms_go_under_the_language_they_are_written_in(run: Run, folder: Path) -> None:
    run.ok("concept", "add", "x", "没有发货", "還沒發貨", "no key", "届きません", "안 와요", "x9")
    assert file_of(folder)["x"] == {
        "hans": ["没有发货"],
        "hant": ["還沒發貨"],
        "en": ["no key", "x9"],
        "ja": ["届きません"],
        "ko": ["안 와요"],
    }
    run.ok("concept", "add", "x", "飛了", "--in", "ja")
    assert file_of(folder)["x"]["ja"] == ["届きません", "飛了"]  # type: ignore[index]


def test_a_meaning_that_ships_is_extended_by_the_users_own_file(run: Run, folder: Path) -> None:
    before = run.json("concept", "show", "paid_no_key")
    done = run.json("concept", "add", "paid_no_key", "卡密飞走喽", before["forms"][0]["text"])
    assert not done["new"] and done["added"] == ["卡密飞走喽"] and done["known"] == [before["forms"][0]["text"]]
    shown = run.json("concept", "show", "paid_no_key")
    assert len(shown["forms"]) == len(before["forms"]) + 1
    assert shown["forms"][-1] == {"text": "卡密飞走喽", "language": "hans", "file": str(folder / "own.toml")}
    assert shown["gloss"] == before["gloss"] and shown["own"] and not before["own"]
    assert file_of(folder) == {"paid_no_key": {"hans": ["卡密飞走喽"]}}


def test_the_file_is_its_owners_only_and_keeps_what_a_person_wrote(run: Run, folder: Path) -> None:
    folder.mkdir(parents=True)
    written = '# mine\ndated = 2026-11-22\n\n[a]\n# why\nhans = [\n  "甲乙", # one\n]\n\n# about b\n[b]\nen = ["bee"]\n'
    (folder / "shop.toml").write_text(written, encoding="utf-8")
    run.ok("concept", "add", "a", "丙丁", "--gloss", 'say "a"\\')
    after = (folder / "shop.toml").read_text(encoding="utf-8")
    assert "# mine" in after and "# why" in after and "# about b" in after and "dated = 2026-11-22" in after
    assert tomllib.loads(after)["a"] == {"hans": ["甲乙", "丙丁"], "gloss": 'say "a"\\'}
    assert tomllib.loads(after)["b"] == {"en": ["bee"]}
    run.ok("concept", "add", "c", "戊己")
    assert set(file_of(folder)) == {"c"}
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(path.name for path in folder.iterdir()) == ["own.toml", "shop.toml"]


def test_a_table_in_a_form_nobody_can_change_safely_is_left_alone(run: Run, folder: Path) -> None:
    folder.mkdir(parents=True)
    written = 'a.hans = ["甲乙"]\n'
    (folder / "shop.toml").write_text(written, encoding="utf-8")
    ran = run("concept", "add", "a", "丙丁")
    assert ran.exit_code == 2 and "edit the file" in ran.stderr
    assert (folder / "shop.toml").read_text(encoding="utf-8") == written


@pytest.mark.parametrize(
    "words",
    [
        ["Paid!", "词"],
        ["x"],
        ["x", "词", "--flag", "angry"],
        ["x", "词", "--in", "fr"],
        ["x", "词", "--category", "no_such=1"],
        ["x", "词", "--category", "delivery"],
        ["x", "词", "--category", "delivery=nan"],
        ["x", "词", "--category", "delivery=99"],
        ["x", "词", "--mood", "-9"],
        ["x", "词", "--urgency", "inf"],
        ["x", "…"],
        ["x", "词" * 101],
        ["x", CURSE.replace("\0", "")],
        ["x", "--gloss", "no form"],
    ],
    ids=lambda words: " ".join(words)[:30].encode("unicode_escape").decode(),
)
def test_what_the_lexicon_could_not_use_is_refused_and_nothing_written(
    run: Run, folder: Path, words: list[str]
) -> None:
    ran = run("concept", "add", *words)
    assert ran.exit_code == 2 and ran.stderr
    assert_harmless(ran.stderr)
    assert not list(folder.glob("*")) if folder.exists() else True
    assert run("concept", "add", *words, "--json").error()["code"] == "usage"


def test_adding_twice_is_adding_once(run: Run, folder: Path) -> None:
    run.ok("concept", "add", "x", "甲乙丙")
    before = (folder / "own.toml").stat().st_mtime_ns
    done = run.json("concept", "add", "x", "甲乙丙", "甲　乙丙")
    assert "甲乙丙" in done["known"] and "甲乙丙" not in done["added"]
    run.ok("concept", "add", "x", "甲乙丙")
    assert file_of(folder)["x"]["hans"].count("甲乙丙") == 1  # type: ignore[index]
    assert before


def test_two_commands_at_once_lose_nothing(run: Run, program, folder: Path) -> None:
    children = [program.start("concept", "add", "x", f"甲乙丙{n}丁") for n in range(4)]
    assert [child.wait() for child in children] == [0, 0, 0, 0]
    for child in children:
        child.communicate()
    assert len(file_of(folder)["x"]["hans"]) == 4  # type: ignore[arg-type]


def test_meanings_are_listed_by_their_words(run: Run) -> None:
    found = run.json("concept", "list", "卡密呢")
    assert "paid_no_key" in {one["id"] for one in found}
    assert all(set(one) == CONCEPT_KEYS for one in found)
    assert len(run.ok("concept", "list").rows()) > 250
    assert run.json("concept", "list", "--own") == []
    assert run.ok("concept", "list", "这样的词没有").stdout == ""


def test_an_unknown_meaning_is_not_found(run: Run) -> None:
    assert run("concept", "show", "no_such").exit_code == 4
    assert_harmless(run("concept", "show", CURSE.replace("\0", "")).stderr)


def test_a_hostile_form_in_the_users_own_file_is_shown_harmlessly(run: Run, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "shop.toml").write_text(
        '[a]\ngloss = "\\u001b]52;c;x\\u0007"\nhans = ["甲\\u202e乙"]\n', encoding="utf-8"
    )
    for words in (["concept", "show", "a"], ["concept", "list", "a"], ["concept", "test", "甲\u202e乙"]):
        for json_too in ([], ["--json"]):
            assert_harmless(run.ok(*words, *json_too).stdout)
