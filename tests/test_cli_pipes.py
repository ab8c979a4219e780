"""stdout is data and stderr is talk: in pipes, on terminals, without an environment, and when the reader goes away."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, Program, Run, invoke, write_jsonl

COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;\d+)*m")
LONG = "这是一个非常长的主题" * 29


@pytest.fixture(scope="session")
def _crowd(_one_cache_for_all: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("crowd")
    rows = [{"external_id": n, "subject": f"{n} 卡密无效", "body": "x"} for n in range(1000)]
    imported = invoke(folder / "crowd.db", "import", "tickets", write_jsonl(folder / "rows.jsonl", rows))
    assert imported.exit_code == 0
    return folder / "crowd.db"


def test_in_a_pipe_each_ticket_is_one_line_of_as_many_cells(shop: Run) -> None:
    lines = shop.ok("list", "--limit", 1000).stdout.splitlines()
    assert len(lines) == shop.json("stats")["tickets"]
    assert len({line.count("\t") for line in lines}) == 1


@pytest.mark.parametrize(
    "words",
    [
        ["list"], ["next"], ["search", "卡密"], ["show", "1"], ["explain", "1"], ["suggest", "1"], ["sla", "report"],
        ["stats"], ["kb", "list"], ["kb", "show", "faq-001"], ["kb", "search", "卡密"], ["doctor"], ["triage", "卡密"],
        ["close", "1"], ["reply", "2", "好"], ["new", "卡密"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_in_a_pipe_there_is_no_escape_sequence_and_no_talk_on_stdout(shop: Run, words: list[str]) -> None:
    ran = shop.ok(*words)
    assert ran.stdout
    assert "\x1b" not in ran.stdout + ran.stderr
    assert "Filed ticket" not in ran.stdout and "is closed now" not in ran.stdout


def test_in_a_pipe_nothing_is_cut(run: Run, tmp_path: Path) -> None:
    body = "第一行\n第二行\t" + "很长" * 40_000 + "尾"
    run.ok("import", "tickets", write_jsonl(tmp_path / "t.jsonl", [{"subject": LONG, "body": body}]))
    (row,) = run.ok("list").rows()
    assert row[-1] == LONG
    shown = [cells for cells in run.ok("show", 1).rows() if cells[0] == "message"]
    assert shown[0][-1] == body.replace("\n", "\\n").replace("\t", "\\t")


def test_a_cell_that_a_spreadsheet_would_run_is_marked_as_text(run: Run) -> None:
    run.ok("new", '=HYPERLINK("http://evil","x")')
    assert run.ok("list").rows()[0][-1].startswith("'=")


def test_without_a_store_a_list_is_empty_and_stderr_says_how_to_begin(run: Run) -> None:
    ran = run("list")
    assert (ran.exit_code, ran.stdout) == (0, "")
    assert "helpdesk new" in ran.stderr
    assert not run.store.exists() and not run.store.parent.exists()


@pytest.mark.parametrize("words", [["show", "1"], ["next"], ["suggest", "1"], ["kb", "show", "x"]], ids=" ".join)
def test_without_a_store_a_single_thing_is_not_found(run: Run, words: list[str]) -> None:
    assert run(*words).exit_code == 4
    assert not run.store.exists()


@pytest.mark.parametrize(
    "words",
    [["stats"], ["doctor"], ["sla", "report"], ["kb", "list"], ["search", "卡"], ["triage", "卡密无效"]],
    ids=str,
)
def test_without_a_store_reading_works_and_makes_none(run: Run, words: list[str]) -> None:
    assert run(*words).exit_code == 0
    assert not run.store.exists()


def test_quiet_leaves_only_errors_on_stderr(run: Run) -> None:
    assert run.ok("list", "-q").stderr == ""
    assert run("show", 1, "-q").stderr != ""


def piped(program: Program, pipeline: str, **env: str) -> subprocess.CompletedProcess[str]:
    """A pipeline of the shell in which `helpdesk` is the program."""
    script = f'set -o pipefail; helpdesk() {{ "{sys.executable}" -m helpdesk "$@"; }}; {pipeline}'
    return subprocess.run(
        ["bash", "-c", script], cwd=ROOT, env=program.environment(**env), capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize(
    "command",
    ["list --limit 1000", "list --limit 1000 --json", "list --limit 1000 --jsonl", "search 卡密 --limit 1000 --jsonl"],
)
def test_a_reader_that_goes_away_is_no_error(_crowd: Path, tmp_path: Path, command: str) -> None:
    program = Program(tmp_path / "home", _crowd)
    done = piped(program, f"helpdesk {command} | head -c 100 >/dev/null")
    assert done.stderr == ""
    assert done.returncode in (0, 141)


def test_head_gets_the_first_row(_crowd: Path, tmp_path: Path) -> None:
    done = piped(Program(tmp_path / "home", _crowd), "helpdesk list --limit 1000 --sort created | head -1")
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1 and "卡密无效" in done.stdout


def test_a_closed_stdout_is_no_traceback(_crowd: Path, tmp_path: Path) -> None:
    done = piped(Program(tmp_path / "home", _crowd), "helpdesk list >&-")
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) <= 1


def test_on_a_terminal_there_are_colours_unless_no_color_is_set(shop: Run, program: Program) -> None:
    code, coloured = program.on_terminal("sla", "report")
    assert code == 0
    assert COLOUR.search(coloured)
    for words in (["sla", "report"], ["list"], ["show", 1], ["--help"], ["lst"]):
        _code, plain = program.on_terminal(*words, NO_COLOR="1")
        assert plain and not COLOUR.search(plain), words


def test_a_dumb_terminal_gets_no_escape_sequence(shop: Run, program: Program) -> None:
    for words in (["list"], ["show", 1]):
        assert "\x1b" not in program.on_terminal(*words, TERM="dumb")[1]


def test_a_table_fits_eighty_columns_with_chinese_in_it(shop: Run, program: Program) -> None:
    from rich.cells import cell_len

    for words in (["list"], ["search", "卡密"], ["sla", "report"], ["kb", "list"], ["stats"]):
        _code, screen = program.on_terminal(*words, TERM="dumb")
        lines = screen.splitlines()
        assert len(lines) > 3
        assert max(map(cell_len, lines)) <= 80, words


@pytest.mark.parametrize("words", [["list"], ["show", "1"], ["new", "再来一张"], ["sla", "report"]], ids=" ".join)
def test_it_works_with_hardly_any_environment(shop: Run, words: list[str]) -> None:
    env = {"PATH": os.environ["PATH"], "HELPDESK_DB": str(shop.store)}
    done = subprocess.run(
        [sys.executable, "-m", "helpdesk", *words], cwd=ROOT, env=env, capture_output=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode("utf-8")
    talk = done.stderr.decode("utf-8").splitlines()
    assert all("--after" in line or line.startswith("An answer is to be expected") for line in talk)


@pytest.mark.parametrize("encoding", ["ascii", "gbk", "latin-1"])
def test_an_output_that_cannot_show_every_character_gets_the_rest(shop: Run, program: Program, encoding: str) -> None:
    done = subprocess.run(
        program.command("show", 1), cwd=ROOT, env=program.environment(PYTHONIOENCODING=encoding), capture_output=True
    )
    assert done.returncode == 0, done.stderr
    assert b"T-0001" in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ["search"], ["list"], ["list", "tag:%"], ["new", "--body"], ["reply", "1"], ["receive", "1"], ["note", "1"],
        ["set", "1", "--assignee"], ["set", "1", "--tag"], ["close", "1", "--reason"], ["triage"],
        ["kb", "search"], ["kb", "show"], ["import", "tickets"], ["kb", "edit", "faq-001", "--question"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_words_that_are_not_utf8_are_no_unexpected_error(shop: Run, words: list[str]) -> None:
    # the shell hands the bytes over; Python makes lone surrogates of them
    odd = "\udcff\udc80"
    words = [*words[:-1], words[-1].replace("%", odd)] if "%" in words[-1] else [*words, f"卡{odd}密"]
    ran = shop(*words)
    assert ran.exit_code in (0, 2, 4), ran.stderr


def test_talk_is_in_the_language_asked_for_and_data_is_not(shop: Run) -> None:
    assert shop.ok("list", "--lang", "zh").stdout == shop.ok("list", "--lang", "en").stdout
    assert shop.ok("list", "--json", "--lang", "zh").stdout == shop.ok("list", "--json").stdout
    assert re.search("[一-鿿]", shop("show", 9999, "--lang", "zh").stderr)
    assert not re.search("[一-鿿]", shop("show", 9999, "--lang", "en").stderr)


def test_help_goes_to_stdout_and_fits_a_pipe(program: Program) -> None:
    done = program.run("--help")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
