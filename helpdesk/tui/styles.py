"""The styles of what is drawn line by line, made of a theme's colours.

A stylesheet's component classes would say the same, and cost a fifth of the start: each is matched against every rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, cast

from rich.style import Style
from textual.color import Color
from textual.widget import Widget


def made(variables: Mapping[str, str]) -> dict[str, Style]:
    """The styles by name; a piece asks for `line--dim` or `text--dim`, and means `dim`."""
    colour = {name: Color.parse(variables[name]) for name in _COLOURS}
    ground, ink = colour["background"], colour["foreground"]

    def style(name: str, bold: bool = False, italic: bool = False) -> Style:
        return Style(color=colour[name].rich_color, bold=bold or None, italic=italic or None)

    quiet = Style(color=ground.blend(ink, 0.58).rich_color)
    return {
        "dim": quiet,
        "head": quiet + Style(underline=True),
        "label": style("primary"),
        "accent": style("secondary"),
        "strong": Style(bold=True),
        "mark": style("accent", bold=True),
        "key": style("accent", bold=True),
        "word": Style(color=ground.blend(ink, 0.85).rich_color),
        "error": style("error", bold=True),
        "warning": style("warning"),
        "success": style("success", bold=True),
        "customer": style("accent", bold=True),
        "agent": style("success", bold=True),
        "bot": style("secondary", bold=True),
        "note": style("warning", italic=True),
        "cursor": Style(bgcolor=ground.blend(colour["primary"], 0.35).rich_color, bold=True),
        "cursor-away": Style(bgcolor=colour["panel"].rich_color),
    }


_COLOURS = ("background", "foreground", "primary", "secondary", "accent", "panel", "error", "warning", "success")


def style_of(widget: Widget, name: str) -> Style:
    """A style by its name, in the colours of now; one that is not known here is a component class of the widget."""
    found = cast("Painted", widget.app).painted.get(name.rpartition("--")[2])
    return widget.get_component_rich_style(name, partial=True) if found is None else found


class Painted(Protocol):
    """An application that has the styles of its theme at hand."""

    @property
    def painted(self) -> Mapping[str, Style]:
        """The styles by name."""
