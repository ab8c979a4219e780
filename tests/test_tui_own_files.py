"""Files of the user's own that hold mistakes: all of them named at once, with file, line and what is allowed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Program, Run

from helpdesk import config, i18n
from helpdesk.errors import UsageProblem
from helpdesk.tui import keys, saved_views, screen_settings
from helpdesk.views.query import Scope

KEYS = """set = "emacs"
shape = "round"

[keys]
"queue.clsoe" = "x"
"queue.fly" = "f"
"planet.close" = "p"
"queue.spam" = 3
"""

VIEWS = """[views]
"VIP" = "tier:vip"
"one" = "zzz:1"
"two" = "category:zzz"
three = 3
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The user's config folder."""
    monkeypatch.setenv("HELPDESK_CONFIG", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "1000")
    config.tables.cache_clear()
    yield tmp_path
    config.tables.cache_clear()


def test_every_mistake_of_keys_is_named_with_its_line_and_what_is_allowed(folder: Path) -> None:
    (folder / "keys.toml").write_text(KEYS, encoding="utf-8")
    with pytest.raises(UsageProblem) as problem:
        keys.chosen()
    said = str(problem.value).splitlines()
    assert said[0].startswith(f"{folder / 'keys.toml'} has mistakes")
    assert said[1] == "  line 1, set: there is no set of keys 'emacs'; there are plain, vim."
    assert said[2] == "  line 2, shape: there is no such entry; there are set, keys, sets."
    assert said[3] == "  line 5, queue.clsoe: there is no such action. Did you mean 'queue.close'?"
    assert said[4].startswith(
        "  line 6, queue.fly: there is no such action. Known: queue.next, queue.open, queue.query"
    )
    assert said[5].startswith("  line 7, planet.close: there is no such action.")
    assert "app.…, queue.…" in said[5]
    assert said[6].startswith("  line 8, queue.spam: the keys are a text")
    assert len(said) == 7


@pytest.mark.parametrize("text", ['keys = "x"', "[keys]\nqueue.close = 'x'"])
def test_keys_that_are_no_table_of_texts_are_refused(folder: Path, text: str) -> None:
    (folder / "keys.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageProblem, match=r"keys\.toml has mistakes"):
        keys.chosen()


def test_every_mistake_of_views_is_named_with_its_view_and_line(folder: Path) -> None:
    (folder / "views.toml").write_text(VIEWS, encoding="utf-8")
    with pytest.raises(UsageProblem) as problem:
        saved_views.check(Scope(0, "mei", ("delivery", "other")))
    said = str(problem.value).splitlines()
    assert said[0].startswith(f"{folder / 'views.toml'} has mistakes")
    assert said[1].startswith("  line 3, one: Query, character 1: there is no key 'zzz'. Known: state, category")
    assert said[2].startswith("  line 4, two: Query, character 10: 'zzz' is not a valid category. Known: delivery")
    assert said[3].startswith("  line 5, three: a view is a name and a query in quotes")
    assert len(said) == 4


@pytest.mark.parametrize(("name", "text"), [("keys.toml", KEYS), ("views.toml", VIEWS)])
def test_the_program_says_what_is_wrong_and_breaks_no_word(
    shop: Run, program: Program, tmp_path: Path, name: str, text: str
) -> None:
    own = tmp_path / "c"
    own.mkdir()
    (own / name).write_text(text, encoding="utf-8")
    code, written = program.on_terminal(columns=80, HELPDESK_CONFIG=str(own))
    assert code == 2
    lines = written.replace("\r\n", "\n").splitlines()
    assert all(len(line) <= 80 for line in lines)
    known = ("queue.mark_all,", "queue.refresh,") if name == "keys.toml" else ("assignee,", "customer,", "urgency,")
    assert all(word in written.split() for word in known)


def test_the_language_is_that_of_the_settings_unless_somebody_asks_for_another(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    (folder / "screen.toml").write_text('language = "zh"\n', encoding="utf-8")
    before = i18n.language()
    try:
        for asked, named, spoken in ((None, None, "zh"), ("en", None, "en"), (None, "en", "en"), ("zh", "en", "zh")):
            monkeypatch.delenv("HELPDESK_LANG", raising=False)
            if named is not None:
                monkeypatch.setenv("HELPDESK_LANG", named)
            screen_settings.speak(asked, screen_settings.chosen())
            assert i18n.language() == spoken
    finally:
        i18n.speak(before)


def test_every_mistake_of_the_screen_settings_is_told(folder: Path) -> None:
    (folder / "screen.toml").write_text('simple = "yes"\nlanguage = "fr"\ncolour = 1\n', encoding="utf-8")
    with pytest.raises(UsageProblem) as refused:
        screen_settings.chosen()
    told = str(refused.value)
    assert all(
        part in told for part in ("screen.toml", "line 1, simple", "line 2, language", "zh, en", "line 3, colour")
    )
