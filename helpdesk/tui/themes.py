"""The colours. What a colour says, a word, a sign or a place says too."""

from __future__ import annotations

from pathlib import Path

from textual.theme import Theme

from helpdesk import config
from helpdesk.i18n import N_

_DARK = Theme(
    name="dusk",
    primary="#7aa2c8",
    secondary="#9a8fbf",
    accent="#d7a65f",
    foreground="#d5d8dc",
    background="#16181c",
    surface="#1c1f24",
    panel="#262a31",
    success="#86b37e",
    warning="#d9b45b",
    error="#e0706c",
    dark=True,
    variables={"border": "#363c46", "scrollbar": "#363c46", "scrollbar-background": "#16181c",
               "scrollbar-corner-color": "#16181c"},
)  # fmt: skip

_LIGHT = Theme(
    name="paper",
    primary="#2f5f8f",
    secondary="#6a5a9a",
    accent="#9a5b00",
    foreground="#22262b",
    background="#fbfaf7",
    surface="#f3f1ec",
    panel="#e5e2da",
    success="#2f7a3b",
    warning="#8a6100",
    error="#b3261e",
    dark=False,
    variables={"border": "#c9c5bb", "scrollbar": "#c9c5bb", "scrollbar-background": "#fbfaf7"},
)

_CONTRAST = Theme(
    name="contrast",
    primary="#00e5ff",
    secondary="#ffffff",
    accent="#ffff00",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1a1a1a",
    success="#00ff5f",
    warning="#ffff00",
    error="#ff6b6b",
    dark=True,
    variables={"border": "#ffffff", "scrollbar": "#ffffff", "scrollbar-background": "#000000",
               "block-cursor-background": "#ffff00", "block-cursor-foreground": "#000000"},
)  # fmt: skip

THEMES = (_DARK, _LIGHT, _CONTRAST)

NAMES = {"dusk": N_("dark"), "paper": N_("light"), "contrast": N_("high contrast")}
"""What the themes are called on the screen, by name."""


def chosen() -> str:
    """The theme the user kept, else the first."""
    try:
        name = _file().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        name = ""
    return name if name in NAMES else THEMES[0].name


def keep(name: str) -> None:
    """Keep a theme for the next time; where that cannot be written it is only for this time."""
    try:
        _file().parent.mkdir(parents=True, exist_ok=True)
        _file().write_text(f"{name}\n", encoding="utf-8")
    except OSError:
        return


def _file() -> Path:
    return config.config_folder() / "theme"
