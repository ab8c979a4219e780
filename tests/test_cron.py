"""The report under cron: the line that is printed runs as it stands, and prints what a person would read."""

from __future__ import annotations

import fcntl
import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sinks
from conftest import NOW, ROOT, Program, Run, copy_store

from helpdesk.commands.cron import INTERVALS, LONGEST_COMMAND, crontab, program, units_of
from helpdesk.errors import UsageProblem

PATIENCE = 70
"""Seconds: cron looks once a minute."""

AWKWARD = 'my shop\'s 50% 卡密 $HOME; `id` "x"'
LATER = "2026-11-21T08:00:00Z"
"""When much of the sample shop is overdue."""


@pytest.fixture
def awkward(_sample_store: Path, tmp_path: Path) -> Program:
    """The sample shop in a folder no shell should be shown unquoted."""
    home = tmp_path / AWKWARD
    home.mkdir()
    shutil.copy2(_sample_store, home / "shop.db")
    return Program(home, home / "shop.db")


def printed(awkward: Program, *words: str) -> dict[str, str]:
    """What `sla cron-line --json` says."""
    ran = awkward.run("sla", "cron-line", "--json", *words)
    assert ran.exit_code == 0, ran.stderr
    return ran.json()


def read_by_cron(line: str) -> str:
    """The command of a crontab line as cron hands it to the shell."""
    command = line.split(" ", 5)[5]
    assert "%" not in command.replace("\\%", "")
    return command.replace("\\%", "%")


def interactive(awkward: Program, tmp_path: Path) -> str:
    """What the report prints to whoever runs it by hand, on a store that was never reported."""
    own = Program(awkward.home, tmp_path / "by-hand.db")
    copy_store(awkward.store, own.store)
    ran = own.run("sla", "report", "--new", "--escalate", "--quiet", HELPDESK_NOW=LATER)
    assert ran.exit_code == 0
    assert ran.stdout.count("\n") > 100
    return ran.stdout


def test_with_the_variables_of_cron_alone_the_line_prints_what_a_person_reads(awkward, tmp_path):
    promised = interactive(awkward, tmp_path)
    command = read_by_cron(printed(awkward)["crontab"])
    given = [f"HOME={awkward.home}", "LOGNAME=mei", "SHELL=/bin/sh", "PATH=/usr/bin:/bin", f"HELPDESK_NOW={LATER}"]
    ran = subprocess.run(["env", "-i", *given, "/bin/sh", "-c", command], capture_output=True, cwd="/", timeout=60)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert ran.stdout.decode() == promised
    again = subprocess.run(["env", "-i", *given, "/bin/sh", "-c", command], capture_output=True, cwd="/", timeout=60)
    assert (again.returncode, again.stdout, again.stderr) == (0, b"", b"")


@contextmanager
def cron(folder: Path, table: str) -> Iterator[None]:
    """A cron daemon that reads a table of root's, in a view of the file system of its own where it can have one."""
    own_view = subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode == 0
    with alone(folder, table) if own_view else beside_others(table):
        yield


@contextmanager
def alone(folder: Path, table: str) -> Iterator[None]:
    """The daemon sees no other table, and this one was put there by crontab(1)."""
    for name in ("cron.d", "spool", "run"):
        (folder / name).mkdir(parents=True)
    (folder / "spool").chmod(0o1730)
    (folder / "system").write_text("", encoding="utf-8")
    (folder / "table").write_text(table, encoding="utf-8")
    over = {"cron.d": "/etc/cron.d", "system": "/etc/crontab", "spool": "/var/spool/cron/crontabs", "run": "/run"}
    mounts = [f"mount --bind {shlex.quote(str(folder / own))} {place}" for own, place in over.items()]
    script = " && ".join([*mounts, f"crontab {shlex.quote(str(folder / 'table'))}", "exec cron -f"])
    with daemon(["unshare", "--mount", "sh", "-c", script]) as running:
        yield
        assert running.poll() is None


@contextmanager
def beside_others(table: str) -> Iterator[None]:
    """The table is a file of /etc/cron.d as long as this takes; a daemon that runs already reads it too."""
    path = Path(f"/etc/cron.d/helpdesk-test-{os.getpid()}")
    variable, line = table.splitlines()
    *when, command = line.split(" ", 5)
    path.write_text(f"{variable}\n{' '.join(when)} root {command}\n", encoding="utf-8")
    try:
        with daemon(["cron", "-f"]):
            yield
    finally:
        path.unlink()


@contextmanager
def daemon(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is ended afterwards."""
    running = subprocess.Popen(command)
    try:
        yield running
    finally:
        running.kill()
        running.wait()


def needed_for_cron() -> str:
    """Why no cron can be started here; empty when it can."""
    missing = [name for name in ("cron", "crontab", "unshare") if not shutil.which(name)]
    if missing:
        return f"{', '.join(missing)} not installed"
    return "only root can start cron" if os.geteuid() else ""


@pytest.mark.skipif(needed_for_cron() != "", reason=needed_for_cron())
def test_a_real_cron_runs_the_line_and_sees_the_promised_bytes(awkward, tmp_path):
    promised = interactive(awkward, tmp_path)
    line = printed(awkward, "--every", "1")["crontab"]
    out, done = tmp_path / "out", tmp_path / "done"
    table = f"HELPDESK_NOW={LATER}\n{line} > {out} 2>&1 && mv {out} {done}\n"
    deadline = time.monotonic() + PATIENCE
    with cron(tmp_path / "cron", table):
        while not done.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
    assert done.exists(), out.exists() and out.read_text()
    assert done.read_text(encoding="utf-8") == promised


def test_a_run_does_not_begin_before_the_last_one_has_ended(awkward):
    command = read_by_cron(printed(awkward)["crontab"])
    lock = Path(f"{awkward.store}.cron.lock")
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        ran = subprocess.run(["/bin/sh", "-c", command], capture_output=True, timeout=60)
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, b"", b"")


def test_the_line_names_everything_by_its_whole_path(awkward):
    variables = {"HELPDESK_CONFIG": "own", "HELPDESK_ZONE": "Europe/Berlin", "HELPDESK_LANG": "zh"}
    ran = awkward.run("sla", "cron-line", "--json", "--db", "here.db", **variables)
    words = shlex.split(read_by_cron(ran.json()["crontab"]))
    assigned = dict(word.split("=", 1) for word in words if "=" in word)
    assert assigned["HELPDESK_DB"] == str(ROOT / "here.db")
    assert assigned["HELPDESK_CONFIG"] == str(ROOT / "own")
    assert (assigned["HELPDESK_ZONE"], assigned["HELPDESK_LANG"]) == ("Europe/Berlin", "zh")
    run = [word for word in words if "=" not in word]
    assert Path(run[0]).is_absolute() and run[2] == str(ROOT / "here.db.cron.lock")
    assert Path(run[3]).is_absolute() and os.access(run[3], os.X_OK)
    assert run[4:] == ["-m", "helpdesk", "sla", "report", "--new", "--escalate", "--quiet"]


def test_the_installed_script_is_named_as_it_was_called(tmp_path, monkeypatch):
    script = sinks.program(tmp_path / "helpdesk", "")
    monkeypatch.setattr("sys.argv", [str(script), "sla", "cron-line"])
    assert program(["sla", "report"]) == [str(script), "sla", "report"]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["helpdesk", "sla", "cron-line"])
    assert program(["sla", "report"]) == [str(script), "sla", "report"]


def test_stdout_is_the_line_alone(run):
    ran = run.ok("sla", "cron-line")
    assert ran.stdout.count("\n") == 1
    assert ran.stdout.startswith("* * * * * HELPDESK_DB=")
    assert "crontab -e" in ran.stderr
    assert not run.store.exists()
    assert run.ok("sla", "cron-line", "-q").stderr == ""


@pytest.mark.parametrize("every", INTERVALS)
def test_every_divisor_of_an_hour_has_its_line(run, every):
    minutes = run.json("sla", "cron-line", "--every", every)["crontab"].split(" ")[0]
    assert minutes == {1: "*", 60: "0"}.get(every, f"*/{every}")


@pytest.mark.parametrize("every", ["0", "7", "45", "90", "-1", "x"])
def test_other_intervals_are_wrong_usage(run, every):
    ran = run("sla", "cron-line", "--every", every)
    assert (ran.exit_code, ran.stdout) == (2, "")


@pytest.mark.parametrize("word", ["a\\b", "a\nb", "a\0b", "a\x1bb"])
def test_what_cannot_stand_in_a_crontab_or_a_unit_is_one_sentence(word):
    for write in (crontab, units_of):
        with pytest.raises(UsageProblem):
            write(["/bin/true", word], {}, 10)
        with pytest.raises(UsageProblem):
            write(["/bin/true"], {"X": word}, 10)


def test_a_line_cron_would_cut_is_one_sentence():
    assert crontab(["x" * LONGEST_COMMAND], {}, 10)
    with pytest.raises(UsageProblem, match="--systemd"):
        crontab(["x" * (LONGEST_COMMAND + 1)], {}, 10)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze")
def test_systemd_takes_the_units(awkward, tmp_path):
    units = printed(awkward, "--every", "15")["systemd"]
    paths = []
    for name, text in units.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        paths.append(tmp_path / name)
    verify = ["systemd-analyze", "--user", "verify", "--man=no"]
    variables = os.environ | {"XDG_RUNTIME_DIR": str(tmp_path)}
    ran = subprocess.run([*verify, *paths], capture_output=True, text=True, env=variables)
    assert (ran.returncode, [line for line in ran.stderr.splitlines() if "helpdesk-sla" in line]) == (0, [])
    paths[0].write_text('[Service]\nExecStart="unbalanced\n', encoding="utf-8")
    assert subprocess.run([*verify, *paths], capture_output=True, env=variables).returncode != 0


def test_the_units_hold_the_paths_as_systemd_reads_them(awkward):
    service = printed(awkward)["systemd"]["helpdesk-sla.service"]
    doubled = str(awkward.store).replace("%", "%%").replace('"', '\\"')
    assert f'Environment="HELPDESK_DB={doubled}"' in service.splitlines()
    ran = awkward.run("sla", "cron-line", "--systemd")
    assert service in ran.stdout and "# helpdesk-sla.timer\n" in ran.stdout
    dollar = units_of(["/opt/$x/y", 'a "b"'], {}, 60)
    assert 'ExecStart="/opt/$$x/y" "a \\"b\\""\n' in dollar["helpdesk-sla.service"]
    assert "OnCalendar=*:00\n" in dollar["helpdesk-sla.timer"]


def test_the_line_is_the_same_whether_or_not_there_is_a_store(run: Run) -> None:
    before = run.ok("sla", "cron-line")
    assert "no store" in before.stderr
    run.ok("new", "没发货", now=NOW)
    assert run.ok("sla", "cron-line").stdout == before.stdout
