"""The shipped program on a real terminal: keys in, screen out, and the store looked at afterwards."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import ROOT, Program, Run, copy_store, sql, write_jsonl
from test_hostile_text import _cursed_store  # noqa: F401 - a fixture

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")

SIZES = [(80, 24), (120, 40), (200, 60)]
PATIENCE = 40.0


class Terminal:
    """A terminal of its own in tmux, with the program in it."""

    def __init__(self, program: Program, folder: Path, size: tuple[int, int] = (120, 40), **env: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._socket = folder / "tmux"
        self.raw = folder / "raw"
        variables = program.environment(LANG="C.UTF-8", **env) | {"TERM": "tmux-256color", "COLORTERM": "truecolor"}
        words = ["env", "-i", *(f"{name}={value}" for name, value in variables.items()), *program.command()]
        settings = folder / "tmux.conf"
        settings.write_text("set-option -g remain-on-exit on\nset-option -g escape-time 20\n", encoding="utf-8")
        self._tmux(
            "-f", str(settings), "new-session", "-d", "-x", str(size[0]), "-y", str(size[1]), "-c", str(ROOT),
            f"sleep 0.3; exec {shlex.join(words)}",
        )  # fmt: skip
        self._tmux("pipe-pane", "-o", f"cat > {self.raw}")

    def _tmux(self, *words: str) -> str:
        done = subprocess.run(["tmux", "-S", str(self._socket), "-u", *words], capture_output=True, timeout=20)
        return done.stdout.decode("utf-8", "replace")

    def keys(self, *names: str) -> None:
        """Press keys, by tmux's names."""
        for name in names:
            self._tmux("send-keys", name if name != ";" else "\\;")
            if name == "Escape":
                time.sleep(0.5)  # else it and the next key are one key with Alt

    def type(self, text: str) -> None:
        """Type a text."""
        self._tmux("send-keys", "-l", "--", text)

    def resize(self, columns: int, lines: int) -> None:
        """Change the terminal's size."""
        self._tmux("resize-window", "-x", str(columns), "-y", str(lines))

    def screen(self) -> str:
        """What is on the screen."""
        return self._tmux("capture-pane", "-p")

    def wait(self, wanted: str | Callable[[str], bool]) -> str:
        """The screen once it shows a text, or fulfils a condition."""
        holds = (lambda screen: wanted in screen) if isinstance(wanted, str) else wanted
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            screen = self.screen()
            if holds(screen):
                return screen
            time.sleep(0.05)
        pytest.fail(f"waited in vain for {wanted!r}:\n{self.screen()}", pytrace=False)

    @property
    def pid(self) -> int:
        """The program's process."""
        return int(self._tmux("display-message", "-p", "#{pane_pid}"))

    @property
    def runs(self) -> bool:
        """Whether the program is still there."""
        return self._tmux("display-message", "-p", "#{pane_dead}").strip() == "0"

    def close(self) -> None:
        """End it all."""
        self._tmux("kill-server")


Opener = Callable[..., Terminal]


@pytest.fixture
def terminal(program: Program, tmp_path: Path) -> Iterator[Opener]:
    """Opens terminals with the program; each is ended with the test."""
    opened: list[Terminal] = []

    def open_one(size: tuple[int, int] = (120, 40), **env: str) -> Terminal:
        opened.append(Terminal(program, tmp_path / f"terminal{len(opened)}", size, **env))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


def listed(screen: str) -> bool:
    """Whether the queue shows its tickets and how many there are."""
    return re.search(r"\d+ (tickets?|张工单) · ", screen) is not None


def number_on(screen: str) -> int:
    """The ticket a screen is about."""
    found = re.search(r"#(\d+)", screen.splitlines()[0])
    assert found is not None, screen
    return int(found[1])


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_five_keys_from_the_start_to_a_closed_ticket(shop: Run, terminal: Opener, size: tuple[int, int]) -> None:
    screen = terminal(size)
    screen.wait(listed)
    screen.keys("n")
    number = number_on(screen.wait("0 done"))
    screen.keys("a")
    screen.wait(f"Answer to #{number}")
    screen.wait("▸F2")
    screen.keys("C-s")
    screen.wait(f"Ticket {number} is pending now.")
    screen.keys("c")
    following = number_on(screen.wait("1 done"))
    assert following != number
    screen.keys("Escape")
    screen.wait("Queue")
    screen.keys("q")
    screen.wait(lambda _text: not screen.runs)
    ticket = shop.ticket(number)
    assert ticket["state"] == "closed"
    assert (ticket["messages"][-1]["author"], bool(ticket["messages"][-1]["article"])) == ("agent", True)
    assert [event["kind"] for event in ticket["events"]][-2:] == ["answered", "moved"]


def test_chinese_goes_into_every_field_and_comes_out_as_it_was_typed(shop: Run, terminal: Opener) -> None:
    screen = terminal(HELPDESK_LANG="zh")
    screen.wait(listed)
    screen.keys("/", "C-u")
    screen.type("退款 state:新建,处理中")
    screen.wait(lambda text: re.search(r"退款 state:新建,处理中 +\d{1,2} 张工单", text) is not None)
    screen.keys("Enter", "Enter")
    number = number_on(screen.wait("首次响应"))
    screen.keys("r")
    screen.wait(lambda text: f"#{number}" in text and "F2" in text)
    screen.type("您好，已为您补发卡密：ＡＢＣＤ－１２３４，请查收！")
    screen.wait("请查收！")
    screen.keys("C-s")
    screen.wait("▶ tester")
    screen.keys("i")
    screen.wait("^S")
    screen.type("內部備註：客戶很急😀")
    screen.wait("很急")
    screen.keys("C-s")
    screen.wait("内部备注" if "内部备注" in screen.screen() else "內部備註")
    screen.keys("=")
    screen.wait("category:")
    screen.type("team:发货组 tag:加急")
    screen.keys("Enter")
    screen.wait("发货组")
    screen.keys(":")
    screen.wait("list state:open")
    screen.type("note 1 '命令行里的备注'")
    screen.keys("Enter")
    screen.wait("→ 完成")
    screen.keys("Escape", "?")
    screen.type("关闭")
    screen.wait("关闭")
    ticket = shop.ticket(number)
    reply, note = ticket["messages"][-2:]
    assert reply["body"] == "您好，已为您补发卡密：ＡＢＣＤ－１２３４，请查收！"
    assert (note["visibility"], note["body"]) == ("note", "內部備註：客戶很急😀")
    assert (ticket["team"], ticket["tags"]) == ("发货组", ["加急"])
    assert shop.ticket(1)["messages"][-1]["body"] == "命令行里的备注"


def test_wide_characters_keep_the_columns_in_place(shop: Run, terminal: Opener) -> None:
    screen = terminal((120, 40))
    text = screen.wait(listed)
    edges = {line.index("▏") for line in text.splitlines()[2:20] if "▏" in line}
    from rich.cells import cell_len

    cells = {cell_len(line[: line.index("▏")]) for line in text.splitlines()[2:20] if "▏" in line}
    assert len(cells) == 1
    assert len(edges) > 1, "no wide character was in view"


def test_resizing_while_typing_loses_no_letter(shop: Run, terminal: Opener) -> None:
    screen = terminal((120, 40))
    screen.wait(listed)
    screen.keys("Enter")
    number = number_on(screen.wait("first response"))
    screen.keys("r")
    screen.wait("^S")
    for place, size in enumerate([(80, 24), (60, 20), (200, 60), (40, 12), (119, 39), (120, 40)]):
        screen.type(f"第{place}段 part {place}. ")
        screen.resize(*size)
        screen.type("，续")
    screen.wait(lambda text: "第5段" in text and text.count("，续") >= 1)
    screen.keys("C-s")
    screen.wait(f"Ticket {number} is pending now.")
    body = "".join(f"第{place}段 part {place}. ，续" for place in range(6))
    assert shop.ticket(number)["messages"][-1]["body"] == body


def test_what_was_typed_is_offered_again_after_kill_9(shop: Run, terminal: Opener) -> None:
    screen = terminal()
    screen.wait(listed)
    screen.keys("r")
    number = number_on(screen.wait("Answer to #"))
    screen.type("写到一半的回复，half an answer")
    deadline = time.monotonic() + PATIENCE
    while not sql(shop.store, "SELECT 1 FROM draft WHERE body LIKE '%half an answer'"):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    os.kill(screen.pid, signal.SIGKILL)
    screen.wait(lambda _text: not screen.runs)
    again = terminal()
    again.wait(f"You were writing to ticket {number}")
    again.keys("Enter")
    again.wait("F8 throws it away")
    assert "写到一半的回复，half an answer" in again.screen()
    again.keys("C-s")
    again.wait(f"Ticket {number} is pending now.")
    assert shop.ticket(number)["messages"][-1]["body"] == "写到一半的回复，half an answer"


def test_an_answer_can_be_written_in_ones_own_editor(shop: Run, terminal: Opener, tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text(
        '#!/bin/sh\nstat -c %a "$1" > "$0.mode"\nprintf "外部编辑器写的\\nsecond line\\n" > "$1"\n', encoding="utf-8"
    )
    editor.chmod(0o700)
    screen = terminal(EDITOR=str(editor))
    screen.wait(listed)
    screen.keys("Enter")
    number = number_on(screen.wait("first response"))
    screen.keys("e")
    screen.wait("外部编辑器写的")
    screen.keys("C-s")
    screen.wait(f"Ticket {number} is pending now.")
    assert shop.ticket(number)["messages"][-1]["body"] == "外部编辑器写的\nsecond line"
    assert (tmp_path / "editor.mode").read_text(encoding="utf-8").strip() == "600"


def test_an_editor_that_cannot_be_started_is_told_and_leaves_the_terminal_to_the_program(
    shop: Run, terminal: Opener
) -> None:
    screen = terminal(EDITOR="/nowhere/vi")
    screen.wait(listed)
    screen.keys("Enter")
    number = number_on(screen.wait("first response"))
    screen.keys("e")
    screen.wait("could not be started; set EDITOR to another.")
    screen.type("written here all the same")
    screen.keys("C-s")
    screen.wait(f"Ticket {number} is pending now.")
    assert shop.ticket(number)["messages"][-1]["body"] == "written here all the same"


def test_an_editor_that_is_left_with_an_error_changes_nothing(shop: Run, terminal: Opener) -> None:
    screen = terminal(EDITOR="sh -c 'echo half > $0; exit 1'")
    screen.wait(listed)
    screen.keys("Enter")
    screen.wait("first response")
    screen.keys("r")
    screen.wait("Answer to #")
    screen.type("mine")
    screen.keys("C-o")
    told = screen.wait("ended with an error")
    assert "mine" in told
    assert "half" not in told.replace("echo half", "")


def test_two_interfaces_and_an_import_at_once_lose_nothing(
    shop: Run, program: Program, terminal: Opener, tmp_path: Path
) -> None:
    waiting = len(shop.json("list", "state:new,open", "--limit", 10_000))
    mei, bob = terminal(HELPDESK_USER="mei"), terminal((100, 30), HELPDESK_USER="bob")
    mei.wait(listed)
    bob.wait(listed)
    rows = [{"external_id": f"n{place}", "body": f"new ticket {place}"} for place in range(300)]
    importing = program.start("import", "tickets", write_jsonl(tmp_path / "new.jsonl", rows), "--source", "late")
    mei.keys("s")
    bob.keys("Down", "Down", "h")
    mei.wait("is spam now.")
    bob.wait("is on hold now.")
    assert importing.wait(timeout=60) == 0
    for screen in (mei, bob):
        screen.wait(f"{waiting - 2 + 300} tickets")
    assert len(shop.json("list", "source:late", "--limit", 1000)) == 300
    assert shop.ok("doctor").exit_code == 0


def test_without_a_terminal_the_help_is_printed_and_2_returned(program: Program) -> None:
    ran = program.run()
    assert ran.exit_code == 2
    assert "Usage: helpdesk" in ran.stdout


FOREIGN = [b"\x1b]52;c;aGFja2Vk", b"\x1b[38;5;199m", b"\x1bc", b"\x9b31m"]
FOREIGN_CHARACTERS = re.compile("[\x80-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize("size", SIZES[:2], ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_hostile_ticket_sends_nothing_of_its_own_to_the_terminal(
    _cursed_store: Path,  # noqa: F811
    program: Program,
    terminal: Opener,
    size: tuple[int, int],
) -> None:
    program.store.parent.mkdir(parents=True)
    copy_store(_cursed_store, program.store)
    screen = terminal(size, HELPDESK_NOW="2026-12-20T08:00:00Z")
    screen.wait("tickets")
    for _row in range(5):
        screen.keys("Enter")
        screen.wait("Ticket #")
        screen.keys("g", "w")
        screen.wait("Why? Ticket")
        screen.keys("Escape", "a")
        screen.wait("^S")
        screen.keys("C-y")
        screen.wait("Copied")
        screen.keys("Escape", "Escape", "Escape")
        screen.wait("Queue")
        screen.keys("Down")
    screen.keys("space", "v", "c")
    screen.wait("Close 1 ticket?")
    screen.keys("Escape", "Escape", "/", "C-u")
    screen.type("\u202e [red] {0} %s")
    screen.keys("Escape", ":")
    screen.wait("Type a helpdesk command")
    screen.type("show 2")
    screen.keys("Enter")
    screen.wait("→ done")
    screen.keys("Escape", ";")
    screen.keys("Escape", "C-q")
    screen.wait(lambda _text: not screen.runs)
    raw = screen.raw.read_bytes()
    assert len(raw) > 10_000
    ours = re.sub(rb"\x1b\]52;c;[A-Za-z0-9+/=]*\x07", b"", raw)  # what ctrl+y copies, in base64
    for foreign in FOREIGN:
        assert foreign not in (raw if foreign.startswith(b"\x1b]52") else ours), foreign
    found = FOREIGN_CHARACTERS.search(ours.decode("utf-8", "replace"))
    assert found is None, hex(ord(found[0]))
