"""The application: its frame, colours, keys and language; each screen is a file of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from textual.filter import LineFilter

from helpdesk import config, i18n
from helpdesk.i18n import _
from helpdesk.store import Store
from helpdesk.tui import actions, keys
from helpdesk.tui.drawing import SafeLines
from helpdesk.tui.frame import DeskScreen
from helpdesk.tui.office import Office
from helpdesk.tui.places import Places
from helpdesk.tui.queue import QueueScreen
from helpdesk.tui.themes import NAMES, THEMES

LOOK_EVERY = 1.0
"""Seconds between two looks whether somebody else wrote."""


class HelpdeskApp(Places, inherit_bindings=False):
    """The terminal interface on one store."""

    CSS_PATH = "helpdesk.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[Any]] = [*actions.bindings(actions.EVERYWHERE)]

    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - Textual declares it so
        (0, "-narrow"),
        (80, "-below"),
        (120, "-beside"),
        (180, "-vast"),
    ]

    def __init__(self, store: Store, actor: str | None = None, simple: bool = False) -> None:
        super().__init__()
        begun = config.tables("screen.toml")
        self.simple = simple or bool(begun.get("simple"))
        self.office = Office(store, actor or config.who_am_i())
        self.keys = keys.chosen()
        self.set_keymap(self.keys)
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = str(begun.get("theme")) if begun.get("theme") in NAMES else THEMES[0].name

    def get_line_filters(self) -> Sequence[LineFilter]:
        """The filters of every line drawn, ours last."""
        return [*super().get_line_filters(), SafeLines()]

    def on_mount(self) -> None:
        """Show the first screen; then load what writing needs, and look what others write."""
        if self.simple:
            self.go("simple")
        else:
            self.push_screen(QueueScreen())
        self.call_after_refresh(self.office.warm_up)
        self.set_interval(LOOK_EVERY, self.look)

    def look(self) -> None:
        """Have the screens read again when something was done to the store."""
        if self.office.changed():
            for screen in self.screen_stack:
                if isinstance(screen, DeskScreen):
                    screen.store_changed()

    def key_of(self, action: actions.Action) -> str:
        """The key of an action as the user has it, as it is written on a keyboard; empty when it has none."""
        return keys.shown(self.keys.get(action.id, action.keys))

    def action_next_theme(self) -> None:
        """The next colours, named."""
        names = [theme.name for theme in THEMES]
        self.theme = names[(names.index(self.theme) + 1) % len(names)]
        self.notify(_("Colours: {name}").format(name=_(NAMES[self.theme])), markup=False)

    def action_next_language(self) -> None:
        """The other language, on every screen."""
        i18n.speak("en" if i18n.language() == "zh" else "zh")
        self.refresh(recompose=False)
        for screen in self.screen_stack:
            screen.refresh(layout=True, recompose=True)

    def action_quit_desk(self) -> None:
        """Leave."""
        self.exit(0)


def run(store: Path, actor: str | None = None, simple: bool = False) -> int:
    """Open the interface on a store until the user leaves it; the exit code."""
    app = HelpdeskApp(Store(store), actor, simple)
    try:
        app.run()
    finally:
        app.office.close()
    return app.return_code or 0
