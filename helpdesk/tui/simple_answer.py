"""The answer to a customer in simple mode: shown as it will be read, and written in only when somebody wants to."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container
from textual.widgets import TextArea

from helpdesk.text import safe
from helpdesk.tui.drawing import plain
from helpdesk.tui.simple_page import Reading
from helpdesk.tui.text_field import TextField
from helpdesk.tui.text_view import Line


class AnswerSheet(Container):
    """The text that would be sent; a text area, which breaks lines at spaces alone, only while it is written in."""

    def compose(self) -> ComposeResult:
        """Two faces of one text, of which one is seen."""
        yield Reading(id="answer-shown")
        yield TextField(id="answer", soft_wrap=True, tab_behavior="focus", compact=True, read_only=True)

    @property
    def area(self) -> TextArea:
        """Where the text is."""
        return self.query_one("#answer", TextArea)

    @property
    def is_written_in(self) -> bool:
        """Whether somebody writes in it now."""
        return not self.area.read_only

    def show(self, text: str) -> None:
        """Show another text."""
        self.area.text = safe(text)
        self.end_writing()
        self.query_one("#answer-shown", Reading).scroll_home(animate=False)

    def write(self) -> None:
        """Let it be written in, at its end."""
        area = self.area
        area.read_only = False
        self.screen.add_class("-writing")
        area.focus()
        area.move_cursor(area.document.end)

    def end_writing(self) -> None:
        """Show what stands in it."""
        area = self.area
        area.read_only = True
        self.screen.remove_class("-writing")
        shown = plain(area.text).split("\n")
        self.query_one("#answer-shown", Reading).put([Line.of(line) for line in shown])
