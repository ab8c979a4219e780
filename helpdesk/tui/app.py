"""The application: its frame, colours and keys, and the actions that work on every screen."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from rich.style import Style
from textual import events
from textual.filter import LineFilter
from textual.screen import Screen
from textual.timer import Timer

from helpdesk import clock, config
from helpdesk.i18n import _
from helpdesk.store import Store
from helpdesk.tui import actions, keys, saved_views, screen_settings, strips, styles, themes
from helpdesk.tui.actions import Action
from helpdesk.tui.drawing import SafeLines
from helpdesk.tui.footer import Footer, Said
from helpdesk.tui.frame import DeskScreen
from helpdesk.tui.hangup import hang_up, is_hung_up
from helpdesk.tui.keyboard import OneKeyAtATime
from helpdesk.tui.line_list import LineList
from helpdesk.tui.office import Office
from helpdesk.tui.places import Places, screen_class
from helpdesk.tui.text_view import TextView
from helpdesk.tui.tidying import Tidying
from helpdesk.views import counts
from helpdesk.views.query import Query, Scope

LOOK_EVERY = 1.0
"""Seconds between two looks whether somebody else wrote."""

_SAID, _SAID_WRONG = 5.0, 9.0
"""Seconds for which something is said: what was done, and what went wrong."""

AT_REST = 0.7
"""Seconds after which whoever opened the interface is reading."""


class HelpdeskApp(Places, OneKeyAtATime[int], inherit_bindings=False):
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

    def __init__(
        self,
        store: Store,
        actor: str | None = None,
        verbs: Callable[[], Iterable[str]] = tuple,
        simple: bool = False,
        tidying: Tidying | None = None,
    ) -> None:
        super().__init__()
        self._tidying = tidying
        self.simple = simple or screen_settings.chosen().simple
        self.office = Office(store, actor or config.who_am_i())
        self.wanted = Query()
        """What the queue is narrowed to: flow mode takes the next of these."""
        self._keys = keys.chosen()
        self._verbs = verbs
        self._painted: tuple[str, Mapping[str, Style]] = ("", {})
        self.said = Said()
        """What is said at the foot of the screens."""
        self._said_until: Timer | None = None
        self.set_keymap(self._keys)
        for theme in themes.THEMES:
            self.register_theme(theme)
        self.theme = themes.chosen()

    @property
    def painted(self) -> Mapping[str, Style]:
        """The styles of lines, in the colours of the theme."""
        if self._painted[0] != self.theme:
            self._painted = (self.theme, styles.made(self.theme_variables))
        return self._painted[1]

    @cached_property
    def categories(self) -> tuple[str, ...]:
        """The slugs of the shop's categories."""
        with self.office.store.read() as connection:
            return tuple(counts.categories(connection))

    def article_ids(self) -> set[str]:
        """The ids of the articles there are now, for a query that names one."""
        with self.office.store.read() as connection:
            return counts.article_ids(connection)

    def scope(self) -> Scope:
        """What a query needs to know of its surroundings."""
        return Scope(clock.to_millis(clock.now()), self.office.desk.actor, self.categories, self.article_ids)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """The filters of every line drawn, ours last."""
        return [*super().get_line_filters(), SafeLines()]

    def on_mount(self) -> None:
        """Look every second what others write; tidy up from when the first screen is there."""
        self.set_interval(LOOK_EVERY, self.look)
        if self._tidying is not None:
            self.set_timer(AT_REST, self._tidying.begin)

    async def on_event(self, event: events.Event) -> None:
        """Every event; while keys come nothing is tidied up."""
        if self._tidying is not None and isinstance(event, events.Key):
            self._tidying.typed()
        await super().on_event(event)

    def get_default_screen(self) -> Screen[Any]:
        """The first screen."""
        return screen_class("simple" if self.simple else "queue")()

    def look(self) -> None:
        """Have the screens read again when something was done to the store; wake the tickets whose time has come."""
        if not self.is_headless and is_hung_up():
            hang_up()
        if self._tidying is not None:
            self._tidying.look()
        self.office.wake_sleepers(clock.to_millis(clock.now()))
        if self.office.changed():
            for screen in self.screen_stack:
                if isinstance(screen, DeskScreen) and screen.is_there:
                    screen.store_changed()

    def keys_of(self, action: Action) -> str:
        """The first key of an action as the user has it, as it is written on a keyboard; empty when it has none."""
        return keys.shown(self._keys.get(action.id, action.keys))

    # actions

    def action_help(self) -> None:
        """The keys of the screen."""
        self._find_action(_("Keys"), elsewhere=False)

    def action_palette(self) -> None:
        """Every action: those of the screen, then those of the others."""
        self._find_action(_("All actions"), elsewhere=True)

    def _find_action(self, title: str, elsewhere: bool) -> None:
        screen = self.screen
        if not isinstance(screen, DeskScreen):
            return

        from helpdesk.tui.palette import Palette

        def chosen(action: Action | None) -> None:
            if action is not None:
                self.run_worker(self.do(action, screen))

        here = (screen.place, *(["list"] if screen.query(LineList) else []), actions.EVERYWHERE)
        others = [place for place in actions.PLACES if place not in here] if elsewhere else []
        self.push_screen(Palette(title, here, others), chosen)

    async def do(self, action: Action, screen: DeskScreen) -> None:
        """Do an action as if its key was pressed on a screen, or go to the screen where it is done."""
        if action.place not in (screen.place, "list", actions.EVERYWHERE):
            self._go_and_do(action)
            return
        node: Any = {"list": screen.focused or screen, actions.EVERYWHERE: self}.get(action.place, screen)
        await node.run_action(action.does)

    def _go_and_do(self, action: Action) -> None:
        """Go where an action is done; what it does to the thing under the cursor is left to its key there."""
        self.go(actions.GONE_TO[action.place])
        there, key = self.screen, self.keys_of(action)
        if not isinstance(there, DeskScreen) or there.place != action.place:
            return
        if action.id in actions.ON_ARRIVAL:
            there.call_later(self.do, action, there)
        elif key:
            there.tell(_("{action}: press {key} here.").format(action=_(action.words), key=key))

    def action_command(self) -> None:
        """A line for any command."""
        from helpdesk.tui.command import CommandLine

        if isinstance(self.screen, DeskScreen):
            self.push_screen(CommandLine(list(self._verbs())))

    def action_jump(self) -> None:
        """Letters on what can be gone to."""
        if not isinstance(self.screen, DeskScreen):
            return
        targets = list(self.screen.targets())
        if not targets:
            self.screen.tell(_("There is nothing to jump to here."))
            return

        from helpdesk.tui.jump import Jump

        self.push_screen(Jump(targets))

    def action_read_on(self, lines: int) -> None:
        """Scroll the text that has not the focus."""
        for view in self.screen.query(TextView):
            if view.id in ("reading", "article") and view.display:
                view.scroll_relative(y=lines, animate=False)

    def action_next_theme(self) -> None:
        """The next colours, kept for the next time."""
        names = [theme.name for theme in themes.THEMES]
        self.theme = names[(names.index(self.theme) + 1) % len(names)]
        themes.keep(self.theme)
        self._tell(_("Colours: {name}").format(name=_(themes.NAMES[self.theme])))

    # what is said

    def say(self, sentence: str, wrong: bool = False) -> None:
        """Say something at the foot of the screen for some seconds, on whichever screen the user is then."""
        if self._said_until is not None:
            self._said_until.stop()
        self.said = Said(sentence, wrong)
        self._said_until = self.set_timer(_SAID_WRONG if wrong else _SAID, lambda: self.say("")) if sentence else None
        for footer in [footer for screen in self.screen_stack for footer in screen.query(Footer)]:
            footer.say()

    def _tell(self, sentence: str) -> None:
        if isinstance(self.screen, DeskScreen):
            self.screen.tell(sentence)

    def action_quit_desk(self) -> None:
        """Leave; what was asked for is finished first."""
        self.exit(0)


def run(store: Path, verbs: Callable[[], Iterable[str]] = tuple, simple: bool = False) -> int:
    """Open the interface on a store until the user leaves it; the exit code. `verbs` names what `:` completes."""
    sys.setswitchinterval(0.001)  # a key does not wait long for a thread that makes rows of what it reads
    strips.keep_none_in_itself()
    app = HelpdeskApp(Store(store), verbs=verbs, simple=simple, tidying=Tidying())
    try:
        saved_views.check(app.scope())
        app.run()
    finally:
        app.office.close()
    return app.return_code or 0
