"""The help of a command, in panels, in the user's language.

Drawn with three pieces of rich: typer's own help loads Markdown and traceback renderers too, and takes twice as long.
"""

from collections.abc import Iterable
from typing import Any

from rich.box import ROUNDED
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from helpdesk.commands.output import console
from helpdesk.i18n import _

Rows = list[tuple[Text, ...]]


def print_help(command: Any, ctx: Any) -> None:
    """Print the help of a command or a group."""
    screen = console()
    usage = " ".join((ctx.command_path, *command.collect_usage_pieces(ctx)))
    screen.print(Text.assemble((_("Usage: "), "bold yellow"), usage), end="\n\n", soft_wrap=True)
    if command.help:
        screen.print(Text(_(command.help)), end="\n\n")
    for title, rows in _panels(command, ctx):
        screen.print(_panel(title, rows))


def _panels(command: Any, ctx: Any) -> Iterable[tuple[str, Rows]]:
    panels: dict[str, Rows] = {}
    for name in command.list_commands(ctx) if hasattr(command, "list_commands") else ():
        child = command.get_command(ctx, name)
        row = (Text(name, style="bold cyan"), Text(_(child.help)))
        panels.setdefault(_(child.rich_help_panel or "") or _("Commands"), []).append(row)
    for param in command.get_params(ctx):
        if not getattr(param, "hidden", False):
            panels.setdefault(_title(param), []).append(_parameter(param, ctx))
    return panels.items()


def _title(param: Any) -> str:
    own = getattr(param, "rich_help_panel", None)
    if own:
        return _(own)
    return _("Arguments") if param.param_type_name == "argument" else _("Options")


def _parameter(param: Any, ctx: Any) -> tuple[Text, ...]:
    metavar = param.make_metavar(ctx=ctx)
    if param.param_type_name == "argument":
        return Text(metavar, style="bold cyan"), Text(""), Text(_description(param))
    kind = Text("" if param.is_flag else metavar, style="yellow")
    names = Text(", ".join(sorted(param.opts, key=len)), style="bold cyan")
    return names, kind, Text(_description(param))


def _description(param: Any) -> str:
    text = _(param.help or "")
    if param.required and param.param_type_name == "option":
        return _("{text} (required)").format(text=text)
    default = param.default
    if isinstance(default, str | int) and not isinstance(default, bool) and default != "":
        return _("{text} (default: {default})").format(text=text, default=default)
    return text


def _panel(title: str, rows: Rows) -> Panel:
    grid = Table.grid(padding=(0, 2))
    for place in range(len(rows[0])):
        grid.add_column(no_wrap=place < len(rows[0]) - 1)
    for row in rows:
        grid.add_row(*row)
    return Panel(grid, title=Text(title), title_align="left", box=ROUNDED, border_style="dim", expand=True)
