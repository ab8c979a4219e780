"""A screen on which something is written that no ticket has yet: kept each second, offered again when it is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from helpdesk import clock, words
from helpdesk.i18n import _
from helpdesk.tui.frame import DeskScreen
from helpdesk.tui.messages import DraftRead
from helpdesk.views import drafts
from helpdesk.views.drafts import TextDraft

if TYPE_CHECKING:
    from helpdesk.desk import Desk

SAVE_EVERY = 1.0
"""Seconds between two savings of what changes."""


class Drafting(DeskScreen):
    """Keeps what is written in the store until it is done or thrown away; `draft_for` says what it is written for."""

    draft_for = ""
    _kept: tuple[str, dict[str, Any]] | None = None
    _stopped = False
    _keeps = True
    _warned = False

    @property
    def draft_key(self) -> str:
        """What the draft is kept under: one a person and a purpose."""
        return f"{self.draft_for}:{self.helpdesk.office.desk.actor}"

    def written(self) -> tuple[str, dict[str, Any]]:
        """The text as it stands, and what stands in the fields beside it."""
        raise NotImplementedError

    def fill_in(self, draft: TextDraft) -> None:
        """Put a draft into the fields."""
        raise NotImplementedError

    def not_done(self) -> str:
        """What is told to who leaves with something written."""
        raise NotImplementedError

    def action_back(self) -> None:
        """Leave; when something is written, only on the second time."""
        if not self.holds_text or self._warned:
            self.drop_draft()
            self.dismiss()
            return
        self._warned = True
        self.tell(self.not_done(), error=True)

    def action_field(self) -> None:
        """The next field."""
        self.focus_next()

    def action_field_before(self) -> None:
        """The field before."""
        self.focus_previous()

    def begin_draft(self) -> None:
        """Look for a draft left behind; then keep what changes."""
        key = self.draft_key
        self.read("draft", lambda connection: DraftRead(drafts.one(connection, key)))

    def on_draft_read(self, message: DraftRead) -> None:
        """Offer the draft by filling it in; from now on what changes is kept."""
        draft = message.draft
        if draft is not None and draft.is_written_elsewhere:
            self._keeps = False
            self.tell(_("Another window of yours is writing here; what you type in this one is not kept."))
        elif draft is not None:
            self.fill_in(draft)
            when = words.ago(clock.iso(draft.at), clock.to_millis(clock.now()))
            self.tell(_("Your text of {when} is here again; Esc twice throws it away.").format(when=when))
        self.begin_anew()
        self.set_interval(SAVE_EVERY, self.keep_draft)

    def begin_anew(self) -> None:
        """What stands here now is where the writing begins."""
        self._kept, self._stopped = self.written(), False

    def keep_draft(self) -> None:
        """Keep what is written, if it changed."""
        written = self.written()
        if self._stopped or not self._keeps or self._kept is None or written == self._kept:
            return
        self._kept, key = written, self.draft_key

        def deed(desk: Desk) -> None:
            from helpdesk.desk import drafts

            drafts.keep(desk, key, *written)

        self.act("draft", deed, lambda _nothing: "")

    def drop_draft(self) -> None:
        """Nothing is being written here any more."""
        self._stopped, key = True, self.draft_key

        def deed(desk: Desk) -> None:
            from helpdesk.desk import drafts

            drafts.drop(desk, key)

        if self._keeps and self.helpdesk.office.store.exists:
            self.act("forget", deed, lambda _nothing: "")
