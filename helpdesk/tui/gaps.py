"""The gaps of the knowledge base: what customers ask and no article answers, each one key away from being a draft."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.containers import Container
from textual.widget import Widget
from textual.worker import get_current_worker

from helpdesk import clock, words
from helpdesk.errors import HelpdeskError
from helpdesk.i18n import _, _n
from helpdesk.text import one_line
from helpdesk.tui import actions, jump
from helpdesk.tui.drawing import fit, plain
from helpdesk.tui.frame import DeskScreen
from helpdesk.tui.jump import Target
from helpdesk.tui.line_list import LineList, Piece
from helpdesk.tui.messages import Done, Failed, GapsFound, GapsRead
from helpdesk.tui.text_view import Line, TextView
from helpdesk.views import knowledge

if TYPE_CHECKING:
    from helpdesk.desk import Desk
    from helpdesk.desk.gaps import Proposal

SPAN = 30 * 86_400_000
"""Milliseconds back that are looked at, as `kb gaps` does."""

MOST_READ = 20_000
SHOWN = 50


class GapList(LineList):
    """The gaps, the commonest first."""

    heading = 1

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.gaps: list[Proposal] = []

    def length(self) -> int:
        """How many gaps there are."""
        return len(self.gaps)

    def head(self, width: int) -> Sequence[Piece]:
        """The heading."""
        return [Piece(f"   {fit(_('Tickets'), 7, True)} {fit(_('Question'), max(width - 12, 4))}")]

    def row(self, index: int, width: int) -> Sequence[Piece]:
        """A gap's line."""
        gap = self.gaps[index]
        return [
            Piece(" ✓ " if gap.kept_as else "   ", "line--success"),
            Piece(fit(str(gap.count), 7, True) + " ", "line--accent"),
            Piece(fit(gap.question or _("(no words)"), max(width - 12, 4)), "line--dim" if gap.kept_as else ""),
        ]

    @property
    def gap(self) -> Proposal | None:
        """The gap under the cursor."""
        return self.gaps[self.cursor] if self.cursor < len(self.gaps) else None


class GapView(TextView):
    """One gap as the article it would become."""

    def say(self, sentence: str) -> None:
        """Say why there is no gap to show."""
        self.put([Line.of(sentence, "text--dim")])

    def show(self, gap: Proposal) -> None:
        """Draw a gap."""
        self.put(list(self._told(gap)))
        self.scroll_home(animate=False)

    def _told(self, gap: Proposal) -> Iterator[Line]:
        yield Line.of(one_line(plain(gap.question), 400), "text--strong")
        facts = [words.tickets(gap.count), words.word(gap.category), gap.language]
        facts.append(_("{count} replied to").format(count=gap.replied))
        yield Line.of(" · ".join(facts), "text--dim")
        if gap.kept_as:
            yield Line.of("✓ " + _("kept as {id}").format(id=one_line(gap.kept_as, 60)), "text--success")
        yield Line()
        yield Line.of(_("What they wrote"), "text--label")
        for one in gap.examples:
            number = f"#{one.number} "
            yield Line((number, "text--dim"), (one_line(plain(one.text), 300), ""), indent=len(number))
        yield Line()
        yield Line.of(_("What was answered most"), "text--label")
        if not gap.answer:
            yield Line.of(_("Nobody has replied yet."), "text--dim")
        for line in plain(words.shown(gap.answer or "")).split("\n"):
            yield Line.of(line)


class GapsScreen(DeskScreen):
    """Gaps left, the one under the cursor right."""

    place = "gaps"
    BINDINGS: ClassVar[list[Any]] = actions.bindings("gaps")

    def body(self) -> Iterable[Widget]:
        """List and gap."""
        with Container(id="work"):
            with Container(id="middle"):
                yield GapList(id="gap-list")
            yield GapView(id="reading")

    @property
    def list(self) -> GapList:
        """The gaps."""
        return self.query_one("#gap-list", GapList)

    def on_mount(self) -> None:
        """Look for gaps; a large shop takes some seconds."""
        self.list.focus()
        self.head(_("Gaps of the knowledge base"), _("the last 30 days"))
        self.query_one(GapView).say(_("Reading the tickets no article answered …"))
        begin = max(0, clock.to_millis(clock.now()) - SPAN)

        # in a thread of its own: it reckons more than it reads, and other screens are not to wait for it
        self.run_worker(partial(self._find, begin), thread=True, group="gaps", exclusive=True)

    def _find(self, begin: int) -> None:
        from helpdesk.desk import gaps

        worker = get_current_worker()

        def progress(read: int) -> None:
            if worker.is_cancelled:
                raise _GoneError
            if read % 500 == 0:
                self.post_message(GapsRead(read))

        try:
            with self.helpdesk.office.store.read() as connection:
                found = gaps.find(connection, begin, MOST_READ, limit=SHOWN, progress=progress)
        except HelpdeskError as error:
            self.post_message(Failed(str(error), subject="gaps"))
        except _GoneError:
            return
        else:
            self.post_message(GapsFound(found))

    def on_gaps_read(self, message: GapsRead) -> None:
        """Say how far it is."""
        told = _n("{count} ticket read …", "{count} tickets read …", message.tickets)
        self.query_one(GapView).say(told.format(count=f"{message.tickets:,}"))

    def on_gaps_found(self, message: GapsFound) -> None:
        """Draw the gaps."""
        self.list.gaps = list(message.found.proposals)
        self.list.rows_changed()
        read = _n("{count} unanswered ticket", "{count} unanswered tickets", message.found.read)
        self.head(_("Gaps of the knowledge base"), read.format(count=f"{message.found.read:,}"))
        self._point()

    def _point(self) -> None:
        gap = self.list.gap
        if gap is None:
            self.query_one(GapView).say(_("No gap: nothing was asked often enough that no article answers."))
        else:
            self.query_one(GapView).show(gap)

    def on_line_list_pointed(self) -> None:
        """Another gap is drawn."""
        self._point()

    def on_line_list_chosen(self) -> None:
        """Keep it."""
        self.action_accept()

    def action_accept(self) -> None:
        """Keep the gap as a draft."""
        self._accept("accept")

    def action_edit(self) -> None:
        """Keep the gap as a draft and write on."""
        gap = self.list.gap
        if gap is not None and gap.kept_as:
            self._edit(gap.kept_as)
        else:
            self._accept("edit")

    def _accept(self, subject: str) -> None:
        gap = self.list.gap
        if gap is None:
            return

        def deed(desk: Desk) -> tuple[Proposal, str]:
            from helpdesk.desk import gaps

            return gap, gaps.accept(desk, gap)

        self.act(subject, deed, lambda kept: _("Kept as draft {id}; e writes on.").format(id=one_line(kept[1], 60)))

    def on_done(self, message: Done) -> None:
        """The gap is marked as kept."""
        self.tell(message.sentence)
        gap, identity = message.result
        self.list.gaps = [replace(one, kept_as=identity) if one is gap else one for one in self.list.gaps]
        self.list.rows_changed()
        self._point()
        if message.subject == "edit":
            self._edit(identity)

    def _edit(self, identity: str) -> None:
        with self.helpdesk.office.store.read() as connection:
            article = knowledge.article(connection, identity)
        if article is not None:
            self.helpdesk.edit_article(article)

    def targets(self) -> Iterator[Target]:
        """A letter on every row."""
        return jump.rows(self.list)

    def action_back(self) -> None:
        """Back to the articles."""
        self.dismiss()


class _GoneError(Exception):
    """Nobody waits for the gaps any more."""
