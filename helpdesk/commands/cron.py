"""`sla cron-line`: the crontab line and the systemd units that run the report on this machine, needing no PATH."""

import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from shutil import which
from typing import Annotated

import typer

import helpdesk
from helpdesk import clock, config, i18n
from helpdesk.commands import output
from helpdesk.commands.front import Front
from helpdesk.errors import UsageProblem
from helpdesk.i18n import N_, _

REPORT = ("sla", "report", "--new", "--escalate", "--quiet")

INTERVALS = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60)
"""The divisors of an hour: with any other step, cron would leave one gap shorter at every full hour."""

LONGEST_COMMAND = 998
"""Characters of a command that Vixie's cron reads (MAX_COMMAND in cron.h)."""

_KEPT = ("HELPDESK_USER", "HELPDESK_CONFIG", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")


def cron_line(
    ctx: typer.Context,
    every: Annotated[int, typer.Option(help=N_("Minutes between two runs: a divisor of 60."))] = 1,
    systemd: Annotated[bool, typer.Option("--systemd", help=N_("Print a systemd timer and its service."))] = False,
) -> None:
    """Print the crontab line."""
    front: Front = ctx.obj
    if every not in INTERVALS:
        known = _(", ").join(map(str, INTERVALS))
        raise UsageProblem(_("--every is one of {known}, not {value}.").format(known=known, value=every))
    store = front.store.path.absolute()
    command, variables, lock = program(REPORT), environment(store), locked(store)
    line, units = crontab(lock + command, variables, every), units_of(command, variables, every)
    if front.json:
        found = {"crontab": line, "systemd": units, "command": [*lock, *command], "environment": variables}
        output.print_json(found)
    elif systemd:
        sys.stdout.write("\n".join(f"# {name}\n{text}" for name, text in units.items()))
        front.talk(_("Put both into {folder}, then run: {command}").format(
            folder="~/.config/systemd/user", command="systemctl --user enable --now helpdesk-sla.timer"))  # fmt: skip
    else:
        sys.stdout.write(line + "\n")
        front.talk(_("Add the line to your crontab with: {command}").format(command="crontab -e"))
    if not front.store.exists:
        front.talk(_("There is no store at {path} yet; file a first ticket: helpdesk new").format(path=store))
    if not lock and not systemd:
        front.talk(_("This machine has no flock: a run may begin before the last one has ended."))


def program(arguments: Sequence[str]) -> list[str]:
    """The command line that runs this very program with some arguments: its script, else its interpreter."""
    script = Path(sys.argv[0]).absolute()
    if script.name == "helpdesk" and os.access(script, os.X_OK) and script.is_file():
        return [str(script), *arguments]
    return [sys.executable, "-m", "helpdesk", *arguments]


def environment(store: Path) -> dict[str, str]:
    """The variables without which cron's empty environment would change what the program does."""
    clock.zone()  # a name nobody knows must not come to rest in a crontab
    variables = {"HELPDESK_DB": str(store), "HELPDESK_ZONE": clock.zone_name(), "HELPDESK_LANG": i18n.language()}
    variables |= {name: os.environ[name] for name in _KEPT if os.environ.get(name)}
    if "HELPDESK_CONFIG" in variables:
        variables["HELPDESK_CONFIG"] = str(config.config_folder().absolute())
    if os.environ.get("PYTHONPATH"):  # run from a checkout that is not installed
        variables["PYTHONPATH"] = str(Path(helpdesk.__file__).parent.parent)
    return variables


def locked(store: Path) -> list[str]:
    """What to put before a command so that it is left out while the last run still works; empty without flock(1)."""
    flock = which("flock")
    return [flock, "--nonblock", f"{store}.cron.lock"] if flock else []


def crontab(command: Sequence[str], variables: Mapping[str, str], every: int) -> str:
    """The line of a user's crontab; UsageProblem where cron could not read it."""
    _check(command, variables)
    minutes = {1: "*", 60: "0"}.get(every, f"*/{every}")
    assigned = [f"{name}={shlex.quote(value)}" for name, value in variables.items()]
    # cron makes a line break of every % that has no backslash, in quotes too
    shell = " ".join([*assigned, shlex.join(command)]).replace("%", "\\%")
    if len(shell.encode()) > LONGEST_COMMAND:
        raise UsageProblem(
            _("The paths are too long for cron, which reads {count} bytes; use --systemd.").format(
                count=LONGEST_COMMAND
            )
        )
    return f"{minutes} * * * * {shell}"


def units_of(command: Sequence[str], variables: Mapping[str, str], every: int) -> dict[str, str]:
    """A systemd service and the timer that starts it, by their file names. One service never runs twice at once."""
    _check(command, variables)
    minutes = {1: "*", 60: "00"}.get(every, f"0/{every}")
    assigned = "".join(f"Environment={_unit_word(f'{name}={value}', '')}\n" for name, value in variables.items())
    service = (
        "[Unit]\nDescription=Helpdesk: report and alarms\n\n"
        f"[Service]\nType=oneshot\n{assigned}ExecStart={' '.join(_unit_word(word, '$') for word in command)}\n"
    )
    timer = (
        "[Unit]\nDescription=Helpdesk: report and alarms\n\n"
        f"[Timer]\nOnCalendar=*:{minutes}\nAccuracySec=1s\nPersistent=true\n\n[Install]\nWantedBy=timers.target\n"
    )
    return {"helpdesk-sla.service": service, "helpdesk-sla.timer": timer}


def _unit_word(word: str, doubled: str) -> str:
    """A word of a unit file in quotes (systemd.syntax(7)); `%` and the characters of `doubled` stand for themselves."""
    for character in f"%{doubled}":
        word = word.replace(character, character * 2)
    return '"' + word.replace('"', '\\"') + '"'


def _check(command: Sequence[str], variables: Mapping[str, str]) -> None:
    for word in (*command, *variables.values()):
        if "\\" in word or not word.isprintable():
            raise UsageProblem(
                _("A path with a backslash or a control character cannot stand in a crontab: {path!r}").format(
                    path=word
                )
            )
