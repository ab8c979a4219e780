"""Small questions over a screen: a line of text, yes or no, mine or theirs, a text to look at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Button, Input, Static

from helpdesk.errors import UsageProblem
from helpdesk.i18n import N_, _
from helpdesk.text import one_line
from helpdesk.tui.completion import CompletedLine, UnderLine, Words
from helpdesk.tui.drawing import plain
from helpdesk.tui.frame import DeskModal

_LEAVE = Binding("escape", "leave", N_("Back"), show=False)


class Ask(DeskModal[str | None]):
    """Asks for one line of text; None when it is left. What cannot be understood stays there, with the reason."""

    BINDINGS: ClassVar[list[Any]] = [_LEAVE]

    def __init__(self, title: str, hint: str, begin: str = "", words: Words | None = None) -> None:
        super().__init__()
        self._title, self._hint, self._begin = title, hint, begin
        self._words = words or Words()

    def compose(self) -> ComposeResult:
        """A title, the line, what may follow or what is wrong, a hint."""
        under = UnderLine(id="candidates")
        with Vertical(classes="dialog"):
            yield Static(Text(one_line(plain(self._title), 300)), classes="title", markup=False)
            yield CompletedLine(self._words, under, self._begin, id="asked")
            yield under
            yield Static(id="refused", markup=False)
            yield Static(Text(self._hint), classes="hint", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter gives the text, if it can be understood."""
        try:
            if event.value.strip():
                self._words.refuse(event.value, self.helpdesk.office.desk.actor)
        except UsageProblem as problem:
            self._say_why_not(str(problem))
        else:
            self.dismiss(event.value)

    def on_input_changed(self) -> None:
        """It is being mended."""
        self._say_why_not("")

    def _say_why_not(self, sentence: str) -> None:
        refused = self.query_one("#refused", Static)
        refused.update(Text(one_line(plain(sentence), 600)))
        refused.display = bool(sentence)

    def action_leave(self) -> None:
        """Escape gives nothing."""
        self.dismiss(None)


class Choose(DeskModal[str | None]):
    """Tells something and offers a few answers, each a button; the name of the one chosen, None when it is left."""

    BINDINGS: ClassVar[list[Any]] = [
        _LEAVE,
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]

    def __init__(self, title: str, lines: Sequence[str], answers: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._title, self._lines, self._answers = title, lines, answers

    def compose(self) -> ComposeResult:
        """What is told, and the buttons; the first one has the focus."""
        with Vertical(classes="dialog"):
            yield Static(Text(one_line(plain(self._title), 300)), classes="title", markup=False)
            with VerticalScroll(classes="told", can_focus=False):
                yield Static(Text("\n".join(plain(line) for line in self._lines)), markup=False)
            with Vertical(classes="answers"):
                for name, words in self._answers:
                    yield Button(Text(words), id=f"answer-{name}", compact=True)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """A button gives its name."""
        self.dismiss((event.button.id or "").removeprefix("answer-"))

    def action_leave(self) -> None:
        """Escape gives nothing."""
        self.dismiss(None)


class Read(DeskModal[None]):
    """A text to look at, from edge to edge, so that the terminal's own selection takes the text alone."""

    BINDINGS: ClassVar[list[Any]] = [Binding("escape,q,enter", "leave", N_("Back"), show=False)]

    def __init__(self, title: str, lines: Iterable[str]) -> None:
        super().__init__()
        self._title, self._lines = title, lines

    def compose(self) -> ComposeResult:
        """A title line, then the text."""
        with Vertical(classes="sheet"):
            yield Static(Text(one_line(plain(self._title), 300)), classes="title", markup=False)
            with VerticalScroll():
                yield Static(Text("\n".join(plain(line) for line in self._lines)), markup=False)
            yield Static(Text(_("Esc goes back.")), classes="hint", markup=False)

    def action_leave(self) -> None:
        """Back."""
        self.dismiss(None)
