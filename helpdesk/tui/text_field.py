"""A field for more than one line of text."""

from __future__ import annotations

from textual.widgets import TextArea


class TextField(TextArea):
    """Textual's text area, drawn once more after its size changed.

    Textual 8 draws it in its new size before its text is wrapped to that, and keeps the lines it drew so.
    """

    def on_resize(self) -> None:
        """Draw it again once it is wrapped."""
        self.call_after_refresh(self.refresh)
