"""Wrong usage as a sentence in the user's language, whatever the option parser called it."""

from collections.abc import Iterable
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
    return _("{problem}. See: {command} --help").format(problem=_problem(error), command=path)


def _problem(error: Any) -> str:
    if isinstance(error, exceptions.NoSuchOption):
        return _with_hint(_("There is no option {name}").format(name=error.option_name), error.possibilities or ())
    if isinstance(error, exceptions.MissingParameter):
        return _("{name} is missing").format(name=_name(error))
    if isinstance(error, exceptions.BadParameter):
        return _("{name}: {reason}").format(name=_name(error), reason=_reason(error))
    if isinstance(error, exceptions.BadOptionUsage):
        takes_none = "does not take" in error.message
        sentence = _("Option {name} takes no value") if takes_none else _("Option {name} needs a value")
        return sentence.format(name=error.option_name)
    context = getattr(error, "ctx", None)
    if context is not None and error.message.startswith("No such command"):
        name = error.message.split("'", 1)[1].rsplit("'", 1)[0]
        near = get_close_matches(name, context.command.list_commands(context), 1)
        return _with_hint(_("There is no command {name!r}").format(name=name), near)
    if error.message.startswith("Got unexpected extra argument"):
        extra = error.message[error.message.index(" (") + 2 : -1]
        return _("Unexpected argument {extra}; put quotes around text with spaces").format(extra=extra)
    if error.message.startswith("Missing command"):
        return _("A command is missing")
    return str(error.message).rstrip(".")


def _with_hint(problem: str, near: Iterable[str]) -> str:
    for name in near:
        return _("{problem}; did you mean {name}").format(problem=problem, name=name)
    return problem


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
