"""What every screen has: a head line, a body, a footer, and its way to the store."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from rich.text import Text
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.geometry import Offset
from textual.message import Message
from textual.screen import ModalScreen, Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from helpdesk.errors import Conflict, HelpdeskError
from helpdesk.i18n import _
from helpdesk.text import one_line
from helpdesk.tui.footer import Footer
from helpdesk.tui.messages import Done, Failed

if TYPE_CHECKING:
    from helpdesk.desk import Desk
    from helpdesk.tui.app import HelpdeskApp
    from helpdesk.tui.jump import Target

    _Screen = Screen[Any]
else:
    _Screen = object

Result = TypeVar("Result")


HOLD_SHOWN_AFTER = 0.5
"""Seconds after which it is said that something takes long."""


class Hold(ModalScreen[None]):
    """Shown over a screen while something takes long: nothing can be clicked meanwhile."""

    ALLOW_SELECT = False

    def compose(self) -> ComposeResult:
        """A word."""
        yield Static(Text(_("One moment …")), id="moment", markup=False)


class Actor(_Screen):
    """How a screen reads from the store and acts on it; mixed into screens."""

    is_there = False
    """Whether its widgets are there: what is typed before that waits."""

    _left = False
    _hold: Hold | None = None
    _hold_soon: Timer | None = None

    def on_screen_resume(self) -> None:
        """The next key may come; what was said on the way here stands at the foot of this screen."""
        self.helpdesk.arrived()
        for footer in self.query(Footer):
            footer.say()

    def on_screen_suspend(self) -> None:
        """Load what writing needs when somebody goes further than the list: who only looks does not pay for it."""
        self.helpdesk.office.warm_up()

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Leave the screen, once: a second click, or what comes back late, would leave the one below it."""
        if self._left or self.app.screen is not self:
            return AwaitComplete()
        self._left = True
        return super().dismiss(result)

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        """What a selection would begin in; not what is just being taken away, over whose parent Textual would fall."""
        widget, offset = super().get_widget_and_offset_at(x, y)
        return (None, None) if widget is not None and widget.parent is None else (widget, offset)

    def on_mount(self) -> None:
        """From now on there is something to type into; the handlers of subclasses have run before."""
        self.is_there = True
        self.helpdesk.arrived()

    def hold(self) -> None:
        """Let what is typed from now on wait until `release`."""
        self.helpdesk.hold_keys()
        if self._hold_soon is None:
            self._hold_soon = self.set_timer(HOLD_SHOWN_AFTER, self._show_hold)

    def _show_hold(self) -> None:
        if self._hold_soon is not None and self.app.screen is self:
            self._hold = Hold()
            self.helpdesk.drop_keys()
            self.app.push_screen(self._hold)

    def release(self, then: Callable[[], Any] = lambda: None) -> None:
        """End the hold and do `then`; what was typed meanwhile is for the screen that is there after it."""
        if self._hold_soon is not None:
            self._hold_soon.stop()
        hold, self._hold, self._hold_soon = self._hold, None, None
        if hold is not None and self.app.screen is hold:
            self.app.pop_screen()
        then()
        self.helpdesk.free_keys()

    def look_up(self, ask: Callable[[sqlite3.Connection], Result]) -> Result | None:
        """Read something small at once; None where the store cannot be read, which is told."""
        try:
            with self.helpdesk.office.store.read() as connection:
                return ask(connection)
        except HelpdeskError as error:
            self.tell(str(error), error=True)
            return None

    @property
    def helpdesk(self) -> HelpdeskApp:
        """The application."""
        return cast("HelpdeskApp", self.app)

    def read(self, subject: str, ask: Callable[[sqlite3.Connection], Message], patient: bool = False) -> None:
        """Have the reader get the message `ask` makes; a newer reading of the same subject ends this one.

        A patient one is for what nobody waits for: it comes after everything else.
        """
        self.run_worker(self._read(subject, ask, patient), group=subject, exclusive=True)

    async def _read(self, subject: str, ask: Callable[[sqlite3.Connection], Message], patient: bool) -> None:
        try:
            found = await asyncio.wrap_future(self.helpdesk.office.reader.read(ask, patient))
        except HelpdeskError as error:
            found = Failed(str(error), subject=subject)
        self.post_message(found)

    def act(self, subject: str, deed: Callable[[Desk], Result], told: Callable[[Result], str]) -> None:
        """Do something to the store in the writer's thread; a Done, or a Failed, comes back."""

        def report(future: Any) -> None:
            error = future.exception()
            if error is None:
                message: Message = Done(subject, told(future.result()), future.result())
            elif isinstance(error, HelpdeskError):
                message = Failed(str(error), isinstance(error, Conflict), subject)
            else:
                message = Failed(unforeseen(error), subject=subject)
            self.post_message(message)

        self.helpdesk.office.act(deed).add_done_callback(report)

    def tell(self, sentence: str, error: bool = False) -> None:
        """Say something at the foot of the screen for a few seconds, in the place of what was said before."""
        self.helpdesk.say(sentence, error)

    def on_failed(self, message: Failed) -> None:
        """Something could not be done; Textual calls the handlers of base classes too, and once is enough."""
        self.failed(message)

    def failed(self, message: Failed) -> None:
        """What could not be done is said."""
        self.release()
        self.tell(message.sentence, error=True)


def unforeseen(error: BaseException) -> str:
    """The sentence for an error nobody foresaw; it names its kind, and none of what it holds."""
    return _(
        "Something unexpected happened ({kind}); run it again with HELPDESK_DEBUG=1 and report what it prints."
    ).format(kind=type(error).__name__)


class DeskScreen(Actor, Screen[None], inherit_bindings=False):
    """A whole screen; `place` names its actions in the table."""

    place: ClassVar[str] = ""

    def compose(self) -> ComposeResult:
        """Head, body, footer."""
        yield Static(id="head", markup=False)
        yield from self.body()
        yield Footer(self.place)

    def body(self) -> Iterable[Widget]:
        """What stands between head and footer."""
        return ()

    def head(self, left: str, right: str = "") -> None:
        """Write the head line: what this screen shows, and what is told beside it."""
        line = Text(no_wrap=True, overflow="ellipsis")
        line.append(" Helpdesk ", style="reverse bold")
        line.append(f"  {one_line(left, 200)}")
        gap = self.app.size.width - line.cell_len - Text(right).cell_len - 1
        if gap > 0:
            line.append(" " * gap + one_line(right, 100), style="dim")
        self.query_one("#head", Static).update(line)

    def targets(self) -> Iterable[Target]:
        """What the jump letters stand on."""
        return ()

    def store_changed(self) -> None:
        """Somebody wrote to the store: read again what is shown."""

    @property
    def holds_text(self) -> bool:
        """Whether a text stands here that would be lost."""
        return False


class DeskModal(Actor, ModalScreen[Result]):
    """A question or a short list over a screen."""

    place: ClassVar[str] = ""
