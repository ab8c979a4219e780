"""An error nobody foresaw costs the user a sentence, and tells a developer what happened without quoting a customer."""

from __future__ import annotations

import re
import stat
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import Program, on_terminal
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.errors import ExitCode, StoreUnusable
from helpdesk.tui import crash

AT = datetime(2026, 11, 20, 8, tzinfo=UTC)
SECRETS = (
    "XK7F-9QPM-44TT-Z2WA",
    "6222021234567890123",
    "483261118074521218",
    "zhang@example.com",
    "张小明",
    "13812345678",
)

APP = """
import sys
from textual.app import ComposeResult
from textual.widgets import Static
from textual import work
from helpdesk.errors import StoreUnusable
from helpdesk.tui.crash import CrashKept

class Falling(CrashKept):
    def compose(self) -> ComposeResult:
        yield Static("quiet")

    def on_mount(self) -> None:
        secret = {secret!r}
        {falls}

    @work(thread=True)
    def fall(self, secret):
        raise KeyError(secret)

app = Falling()
app.run()
sys.exit(app.return_code)
"""


def fallen(program: Program, falls: str, **env: str) -> tuple[int, str]:
    """The exit code and the last screen of an app that falls while it starts."""
    code = APP.format(secret=" ".join(SECRETS), falls=falls)
    return on_terminal([sys.executable, "-c", code], program.environment(TERM="xterm-256color", **env))


def crash_files(program: Program) -> list[Path]:
    return sorted((program.home / ".local" / "state" / "helpdesk").glob("crash-*.txt"))


FALLS = ["raise ValueError(secret)", "self.fall(secret)", "self.call_later(lambda: 1 / len([secret][1:]))"]


@pytest.mark.parametrize("falls", FALLS, ids=["handler", "thread", "callback"])
def test_a_crash_is_one_sentence_exit_1_and_a_private_file(program, falls):
    code, screen = fallen(program, falls)
    assert code == ExitCode.UNEXPECTED
    (kept,) = crash_files(program)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    said = re.sub(r"\x1b\[[0-9;?<>=$]*[a-zA-Z]|\s", "", screen.rpartition("\x1b[?1049l")[2])
    assert str(kept) in said
    assert "Traceback" not in screen


@pytest.mark.parametrize("falls", FALLS, ids=["handler", "thread", "callback"])
def test_neither_screen_nor_file_shows_a_local_variable_or_quotes_a_customer(program, falls):
    _code, screen = fallen(program, falls)
    (kept,) = crash_files(program)
    written = kept.read_text(encoding="utf-8")
    for secret in SECRETS:
        assert secret not in screen
        assert secret not in written
    assert "secret =" not in screen


def test_the_file_names_the_error_and_the_way_it_came(program):
    fallen(program, "raise ValueError(secret)")
    written = crash_files(program)[0].read_text(encoding="utf-8")
    assert "ValueError: " in written
    assert "in on_mount" in written


def test_an_error_with_a_next_step_is_said_as_it_is_with_its_own_code_and_no_file(program):
    code, screen = fallen(program, "raise StoreUnusable('The store is full; make room.')")
    assert code == StoreUnusable.exit_code
    assert "The store is full; make room." in screen
    assert crash_files(program) == []


def test_where_no_file_can_be_written_the_sentence_says_so(program, tmp_path):
    (tmp_path / "file").write_text("")
    code, screen = fallen(program, "raise ValueError(secret)", XDG_STATE_HOME=str(tmp_path / "file"))
    assert code == ExitCode.UNEXPECTED
    assert "no report" in re.sub(r"\s+", " ", screen)


def test_the_error_behind_an_error_is_told_too(tmp_path):
    number = SECRETS[2]
    try:
        try:
            raise KeyError(number)
        except KeyError as first:
            raise RuntimeError("second") from first
    except RuntimeError as error:
        written = crash.keep(error, tmp_path / "state", AT).read_text(encoding="utf-8")
    assert written.index("KeyError") < written.index("RuntimeError: second")
    assert number not in written


@given(st.text(max_size=300))
def test_what_an_error_says_is_kept_on_one_line_without_foreign_letters(words):
    told = crash.impersonal(words)
    assert "\n" not in told
    assert told.replace("…", "").isascii()
    assert len(told) <= crash.LONGEST_MESSAGE


def test_only_places_of_the_program_stand_in_a_report():
    def fall(customer: str) -> None:
        raise ValueError(customer)

    try:
        fall(SECRETS[4])
    except ValueError as error:
        report = crash.report(error)
        assert traceback.format_tb(error.__traceback__)[-1] in report
    assert SECRETS[4] not in report
