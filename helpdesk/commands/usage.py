"""Wrong usage as a sentence in the user's language, whatever the option parser called it."""

from difflib import get_close_matches
from typing import Any

from typer._click import exceptions
from typer._click import types as kinds

from helpdesk.i18n import _


def is_usage_error(error: Exception) -> bool:
    """Whether the option parser raised it."""
    return isinstance(error, exceptions.ClickException)


def sentence(error: Exception) -> str:
    """What is wrong and where to look; empty when the help itself was printed instead."""
    if type(error).__name__ == "NoArgsIsHelpError":
        return ""
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "helpdesk"
    problem = _problem(error).rstrip(".。?？")
    return f"{problem}. " + _("See: {command} --help").format(command=path)


def _problem(error: Any) -> str:
    if isinstance(error, exceptions.NoSuchOption):
        return _with_hint(_("There is no option {name}").format(name=error.option_name), error.possibilities or ())
    if isinstance(error, exceptions.MissingParameter):
        return _("{name} is missing").format(name=_name(error))
    if isinstance(error, exceptions.BadParameter):
        return _("{name}: {reason}").format(name=_name(error), reason=_reason(error))
    if isinstance(error, exceptions.BadOptionUsage):
        return _("Option {name} needs a value").format(name=error.option_name)
    command = getattr(error, "ctx", None)
    if command is not None and error.message.startswith("No such command"):
        name = error.message.split("'")[1]
        return _with_hint(
            _("There is no command {name!r}").format(name=name),
            get_close_matches(name, command.command.list_commands(command), 1),
        )
    if error.message.startswith("Got unexpected extra argument"):
        extra = error.message[error.message.index("(") + 1 : -1]
        return _("There is no place for {extra}; quote what belongs together").format(extra=extra)
    if error.message.startswith("Missing command"):
        return _("A command is missing")
    return str(error.message)


def _with_hint(problem: str, near: Any) -> str:
    names = list(near)
    return f"{problem}; " + _("did you mean {near}?").format(near=names[0]) if names else problem


def _name(error: Any) -> str:
    param = error.param
    if param is None:
        return str(error.param_hint or "")
    return str(param.opts[-1] if param.param_type_name == "option" else param.make_metavar(ctx=error.ctx))


def _reason(error: Any) -> str:
    kind = error.param.type if error.param is not None else None
    if isinstance(kind, kinds.IntRange):
        return _("a number from {low} to {high} is expected").format(low=kind.min, high=kind.max or "∞")
    if isinstance(kind, kinds.IntParamType):
        return _("a whole number is expected")
    return str(error.message)
