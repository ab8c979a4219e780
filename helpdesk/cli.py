"""The command line: the registry of commands, the global options, the one error boundary.

A command's module is imported only when it is invoked: `--help` and a read never pay for what a write needs.
"""

from __future__ import annotations

import io
import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from helpdesk import __version__, i18n
from helpdesk.commands.front import Front
from helpdesk.errors import ExitCode, HelpdeskError, UsageProblem
from helpdesk.i18n import N_, _
from helpdesk.text import json_safe, safe
from helpdesk.tui import has_terminal

TICKETS = N_("Tickets")
QUEUE = N_("Queue")
ANSWERS = N_("Answers")
SHOP = N_("Shop")


class Entry(NamedTuple):
    """A command in the registry: its name, the function behind it, its panel in the help, its one-line summary."""

    name: str
    target: str
    panel: str
    summary: str
    children: tuple[Entry, ...] = ()
    lists: bool = False
    """Whether `--jsonl` makes sense: the command prints a list that may be long."""
    queries: bool = False
    """Whether its arguments are a query, in which `-state:closed` is a condition and no option."""


_C = "helpdesk.commands.concepts:"
_D = "helpdesk.commands.calendars:"
_G = "helpdesk.commands.growing:"
_K = "helpdesk.commands.kb:"
_L = "helpdesk.commands.sla:"
_O = "helpdesk.commands.outbox:"
_Q = "helpdesk.commands.queue:"
_S = "helpdesk.commands.shop:"
_T = "helpdesk.commands.intake:"
_V = "helpdesk.commands.service:"
_W = "helpdesk.commands.work:"

ENTRIES: tuple[Entry, ...] = (
    Entry("list", _Q + "list_tickets", QUEUE, N_("List the tickets a query finds."), lists=True, queries=True),
    Entry("next", _Q + "next_ticket", QUEUE, N_("Show the ticket to take now, and why."), queries=True),
    Entry("search", _Q + "search", QUEUE, N_("Find tickets by words; one Chinese character is enough."), lists=True),
    Entry("show", _Q + "show", QUEUE, N_("Show everything about a ticket.")),
    Entry("status", "helpdesk.commands.status:status", QUEUE, N_("Say what its customer may know of a ticket.")),
    Entry("explain", _Q + "explain", QUEUE, N_("Say why a ticket has its category, mood, priority and match.")),
    Entry("sla", "", QUEUE, N_("Service levels: what is overdue, and why."), children=(
        Entry("report", _V + "sla_report", "", N_("Print what is overdue and what soon will be, worst first.")),
        Entry("explain", _L + "explain", "", N_("Show a ticket's clocks: what counted, what was paused, and why.")),
        Entry("replay", _L + "replay", "", N_("Show what would have been late by other rules."), lists=True),
        Entry("recompute", _L + "recompute", "", N_("Put changed calendar and policy files in force.")),
        Entry("policy", "", "", N_("The policies: how much time each clock allows."), children=(
            Entry("list", _L + "list_policies", "", N_("List the policies."), lists=True),
            Entry("show", _L + "show_policy", "", N_("Show one policy.")),
            Entry("check", _L + "check_policies", "", N_("Check a policy file.")),
            Entry("use", _L + "use_policy", "", N_("Put a policy in force for every ticket.")),
        )),
        Entry("cron-line", "helpdesk.commands.cron:cron_line", "", N_("Print the crontab line for this machine.")),
    )),
    Entry("outbox", "", QUEUE, N_("Alarms on their way to you."), children=(
        Entry("list", _O + "list_alarms", "", N_("List alarms: waiting, sent, given up."), lists=True),
        Entry("send", _O + "send", "", N_("Send the alarms that are due.")),
        Entry("retry", _O + "retry", "", N_("Have alarms sent that were given up.")),
        Entry("test", _O + "test", "", N_("Send a test message to your senders.")),
    )),
    Entry("new", _T + "new", TICKETS, N_("File one ticket; it is triaged at once.")),
    Entry("triage", _T + "triage", TICKETS, N_("Judge a text without storing it.")),
    Entry("import", "", TICKETS, N_("Import tickets or orders from a file."), children=(
        Entry("tickets", _T + "import_tickets", "", N_("Import tickets; importing a file twice changes nothing.")),
        Entry("orders", _T + "import_orders", "", N_("Import the orders of the shop.")),
    )),
    Entry("learn", "helpdesk.commands.learn:learn", TICKETS, N_("Learn the categories from what people set.")),
    Entry("set", _W + "set_fields", TICKETS, N_("Set category, priority, assignee, tags and more.")),
    Entry("snooze", _W + "snooze", TICKETS, N_("Put tickets away until a time.")),
    Entry("hold", _W + "hold", TICKETS, N_("Wait for a third party.")),
    Entry("resolve", _W + "resolve", TICKETS, N_("Mark tickets as resolved.")),
    Entry("close", _W + "close", TICKETS, N_("Close tickets.")),
    Entry("reopen", _W + "reopen", TICKETS, N_("Open tickets again.")),
    Entry("spam", _W + "spam", TICKETS, N_("Mark tickets as spam.")),
    Entry("undo", _W + "undo", TICKETS, N_("Take back what was done to tickets.")),
    Entry("rate", _W + "rate", TICKETS, N_("Record the customer's rating, 1 to 5.")),
    Entry("suggest", _W + "suggest", ANSWERS, N_("Show the articles that may answer a ticket.")),
    Entry("answer", _W + "answer", ANSWERS, N_("Send the article that answers a ticket.")),
    Entry("reply", _W + "reply", ANSWERS, N_("Answer the customer in your own words.")),
    Entry("receive", _W + "receive", ANSWERS, N_("Add a further message of the customer.")),
    Entry("note", _W + "note", ANSWERS, N_("Add a remark the customer never sees.")),
    Entry("kb", "", ANSWERS, N_("The knowledge base."), children=(
        Entry("list", _K + "list_articles", "", N_("List articles."), lists=True),
        Entry("show", _K + "show", "", N_("Show one article.")),
        Entry("search", _K + "search", "", N_("Find the articles that fit some words."), lists=True),
        Entry("add", _K + "add", "", N_("Add an article.")),
        Entry("edit", _K + "edit", "", N_("Change an article.")),
        Entry("publish", _K + "publish", "", N_("Publish an article.")),
        Entry("archive", _K + "archive", "", N_("Take an article out of use.")),
        Entry("import", _K + "import_articles", "", N_("Import articles from JSON lines; known ids are updated.")),
        Entry("gaps", _G + "gaps", "", N_("Show what customers ask and no article answers, as drafts."), lists=True),
        Entry("lint", _G + "lint", "", N_("Find duplicates, unused articles, open placeholders and the like.")),
        Entry("unlearn", _G + "unlearn", "", N_("Take back what an article has learnt from answers.")),
        Entry("eval", _K + "evaluate", "", N_("Measure the judgement on labelled tickets.")),
        Entry("export", _K + "export", "", N_("Write every article as JSON lines, ready to be imported.")),
    )),
    Entry("calendar", "", SHOP, N_("When the shop is open."), children=(
        Entry("show", _D + "show", "", N_("Show the days of a month, when they are open, and why.")),
        Entry("hours", _D + "hours", "", N_("Show or set the opening hours.")),
        Entry("import", _D + "import_calendar", "", N_("Import holidays from a TOML or iCalendar file.")),
        Entry("check", _D + "check", "", N_("Check the calendar against itself.")),
    )),
    Entry("concept", "", SHOP, N_("The lexicon: what customers' words mean."), children=(
        Entry("add", _C + "add", "", N_("Teach it a meaning, or more words for one.")),
        Entry("list", _C + "list_concepts", "", N_("List meanings."), lists=True),
        Entry("show", _C + "show", "", N_("Show one meaning, its words, and the files they come from.")),
        Entry("test", _C + "test", "", N_("Show which meanings a text holds.")),
    )),
    Entry("stats", _S + "stats", SHOP, N_("The shop in numbers."), queries=True),
    Entry("demo", _S + "demo", SHOP, N_("Fill a store of its own with the sample shop.")),
    Entry("reset-terminal", "helpdesk.commands.terminal:reset", SHOP, N_("Restore a terminal left in disorder.")),
    Entry("doctor", _S + "doctor", SHOP, N_("Check the store and its environment.")),
    Entry("db", "", SHOP, N_("The store."), children=(
        Entry("path", _S + "db_path", "", N_("Print where the store and your own files are.")),
    )),
)  # fmt: skip


def verbs(entries: Sequence[Entry] = ENTRIES, before: str = "") -> Iterator[str]:
    """Every command as it is typed, such as `sla report`."""
    for entry in entries:
        if entry.children:
            yield from verbs(entry.children, f"{before}{entry.name} ")
        else:
            yield f"{before}{entry.name}"


def _shared_options(entry: Entry) -> list[TyperOption]:
    """The options every command takes."""

    def keep(field: str) -> Any:
        def callback(ctx: typer.Context, _param: object, value: Any) -> None:
            if value not in (None, False):
                setattr(ctx.ensure_object(Front), field, value)

        return callback

    def option(names: list[str], field: str, text: str, **kind: Any) -> TyperOption:
        return TyperOption(
            param_decls=names, help=text, expose_value=False, callback=keep(field), rich_help_panel=GLOBAL, **kind
        )

    flag = {"is_flag": True, "default": False}
    shared = [
        option(["--json"], "json", N_("Print one JSON document."), **flag),
        option(["--db"], "db", N_("The store to use (also HELPDESK_DB)."), metavar="FILE"),
        option(["--lang"], "lang", N_("zh or en (also HELPDESK_LANG)."), metavar="LANG"),
        option(["-q", "--quiet"], "quiet", N_("Say nothing on stderr but errors."), **flag),
        option(["-v", "--verbose"], "verbose", N_("Say more; times are absolute."), **flag),
    ]
    if entry.lists:
        shared.insert(1, option(["--jsonl"], "jsonl", N_("Print one JSON document a line."), **flag))
    return shared


GLOBAL = N_("Global options")


class _Translated:
    """Help that speaks the user's language."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the help."""
        from helpdesk.commands.help import print_help

        print_help(self, ctx)

    def get_help_option(self, ctx: Any) -> Any:
        """`--help`, described in the user's language."""
        option = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = N_("Show this help and exit.")
        return option


class DeskCommand(_Translated, TyperCommand):
    """A command with the shared options."""


class DeskGroup(_Translated, TyperGroup):
    """A group that loads a command's module only to invoke it, and turns every error into a sentence and a code."""

    entries: Sequence[Entry] = ENTRIES

    def list_commands(self, ctx: Any) -> list[str]:
        """The names, in the order of the registry."""
        return [entry.name for entry in self.entries]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A command as the help lists it; the module behind it stays unloaded."""
        entry = self._entry(cmd_name)
        if entry is None:
            return None
        if entry.children:
            return _group(entry)
        return DeskCommand(entry.name, help=entry.summary, rich_help_panel=entry.panel)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command to invoke, its module loaded."""
        entry = self._entry(args[0])
        if entry is not None and not entry.children:
            return entry.name, _loaded(entry), [_condition(word) if entry.queries else word for word in args[1:]]
        return super().resolve_command(ctx, args)

    def _entry(self, name: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.name == name), None)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command line; the exit code is the promise of helpdesk.errors.ExitCode."""
        given = sys.argv[1:] if args is None else args
        # bytes that are no text arrive from the shell as lone surrogates, which nothing after this could write
        words = [word.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for word in given]
        i18n.speak(i18n.choose(_asked_language(words)))
        code = _bounded(
            lambda: self._run(words, complete_var, extra),
            as_json=_asked_json(words),
        )
        if standalone_mode:
            sys.exit(code)
        return code

    def _run(self, words: list[str], complete_var: str | None, extra: dict[str, Any]) -> Any:
        asked = _asked_language(words)
        if asked is not None and not asked.lower().startswith(i18n.LANGUAGES):
            raise UsageProblem(_("--lang is zh or en, not {value!r}.").format(value=asked))
        return TyperGroup.main(
            self, args=words, prog_name="helpdesk", complete_var=complete_var, standalone_mode=False, **extra
        )


def _condition(word: str) -> str:
    """A negated condition in the spelling the option parser leaves alone: `!state:closed` for `-state:closed`."""
    negated = re.match(r'-([A-Za-z_]{2,}:|"|[^\x00-\x7f]|(?![qv]+$)\w{2,}$)', word)
    return f"!{word[1:]}" if negated else word


def _group(entry: Entry) -> DeskGroup:
    group = DeskGroup(
        name=entry.name,
        help=entry.summary,
        rich_help_panel=entry.panel,
        rich_markup_mode="rich",
        no_args_is_help=True,
        subcommand_metavar="COMMAND [ARGS]...",
    )
    group.entries = entry.children
    return group


def _loaded(entry: Entry) -> DeskCommand:
    from typer.main import get_command_from_info
    from typer.models import CommandInfo

    module, _colon, function = entry.target.partition(":")
    command = get_command_from_info(
        CommandInfo(
            name=entry.name,
            cls=DeskCommand,
            callback=getattr(import_module(module), function),
            help=entry.summary,
            rich_help_panel=entry.panel,
        ),
        pretty_exceptions_short=True,
        rich_markup_mode="rich",
    )
    command.params += _shared_options(entry)
    assert isinstance(command, DeskCommand)
    return command


def _asked_language(words: Sequence[str]) -> str | None:
    """The value of `--lang`, wherever it stands before `--`."""
    for place, word in enumerate(words):
        if word == "--":
            break
        if word.startswith("--lang="):
            return word.removeprefix("--lang=")
        if word == "--lang" and place + 1 < len(words):
            return words[place + 1]
    return None


def _asked_json(words: Sequence[str]) -> bool:
    options = list(words)[: list(words).index("--")] if "--" in words else words
    return "--json" in options or "--jsonl" in options


def _bounded(run: Any, as_json: bool) -> int:
    """Run something; whatever it raises becomes one sentence on stderr and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # an ASCII terminal shows what it can
    try:
        code = run()
        sys.stdout.flush()
        return int(code) if isinstance(code, int) else ExitCode.DONE
    except HelpdeskError as error:
        _complain(str(error), error.code, as_json)
        return error.exit_code
    except BrokenPipeError:
        return _reader_gone()
    except SystemExit as exit_:
        # the option parser turns a broken pipe into an exit of its own
        return _reader_gone() if isinstance(exit_.__context__, BrokenPipeError) else int(exit_.code or 0)
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except OSError as error:
        _complain(_("It could not be written or read: {reason}.").format(reason=error.strerror), "unexpected", as_json)
        return ExitCode.UNEXPECTED
    except Exception as error:
        return _unforeseen(error, as_json)


def _reader_gone() -> int:
    """The reader, `head` say, has all it wanted: nothing more can be written, not even by the interpreter's exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return ExitCode.DONE


def _unforeseen(error: Exception, as_json: bool) -> int:
    from helpdesk.commands import usage

    if usage.is_usage_error(error):
        sentence = usage.sentence(error)
        if sentence:
            _complain(sentence, "usage", as_json)
        return ExitCode.USAGE
    if os.environ.get("HELPDESK_DEBUG"):
        raise error
    _complain(
        _(
            "Something unexpected happened ({kind}); run it again with HELPDESK_DEBUG=1 and report what it prints."
        ).format(kind=type(error).__name__),
        "unexpected",
        as_json,
    )
    return ExitCode.UNEXPECTED


def _complain(sentence: str, code: str, as_json: bool) -> None:
    if as_json:
        document = json.dumps({"error": {"code": code, "message": sentence}}, ensure_ascii=False)
        sys.stderr.write(json_safe(document) + "\n")
    else:
        sys.stderr.write(safe(sentence) + "\n")


app = typer.Typer(
    cls=DeskGroup,
    name="helpdesk",
    help=N_("A terminal helpdesk: file, triage, answer and close tickets."),
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


@app.callback()
def root(
    ctx: typer.Context,
    version: bool = typer.Option(False, "--version", help=N_("Print the version and exit.")),
    db: str = typer.Option("", "--db", help=N_("The store to use (also HELPDESK_DB)."), metavar="FILE"),
    lang: str = typer.Option("", "--lang", help=N_("zh or en (also HELPDESK_LANG)."), metavar="LANG"),
    json: bool = typer.Option(False, "--json", help=N_("Print one JSON document.")),
    quiet: bool = typer.Option(False, "-q", "--quiet", help=N_("Say nothing on stderr but errors.")),
    verbose: bool = typer.Option(False, "-v", "--verbose", help=N_("Say more; times are absolute.")),
    simple: bool = typer.Option(False, "--simple", help=N_("Open the screen in simple mode: large, few buttons.")),
) -> None:
    """Keep the global options; without a command, open the terminal interface, or print the help in a pipe."""
    ctx.obj = Front(db=db or None, json=json, quiet=quiet, verbose=verbose)
    if version:
        sys.stdout.write(f"helpdesk {__version__}\n")
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        if has_terminal():
            from helpdesk.tui import screen_settings
            from helpdesk.tui.app import run

            screen_settings.speak(lang or None, screen_settings.chosen())
            raise typer.Exit(run(ctx.obj.store.path, verbs, simple))
        ctx.get_help()
        raise typer.Exit(ExitCode.USAGE)
