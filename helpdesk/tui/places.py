"""The screens one can go to from everywhere, and how to get to one ticket or one article."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpdesk import clock
from helpdesk.i18n import _
from helpdesk.tui.crash import CrashKept
from helpdesk.tui.frame import DeskScreen
from helpdesk.views import tickets

if TYPE_CHECKING:
    from helpdesk.views.knowledge import ArticleCard


class Places(CrashKept, inherit_bindings=False):
    """Going about: each screen is loaded when it is first gone to, so that the start pays for none of them."""

    def action_go(self, place: str) -> None:
        """Go to a screen."""
        self.go(place)

    def go(self, place: str) -> None:
        """To the screen of a place; one that is open somewhere below is gone back to.

        A screen that holds a text nobody kept is not left behind somebody's back.
        """
        if isinstance(self.screen, DeskScreen) and self.screen.holds_text:
            self.screen.tell(_("A text here is not kept yet; save it, or leave it with Esc."), error=True)
            return
        wanted = screen_class(place)
        if any(isinstance(screen, wanted) for screen in self.screen_stack):
            while not isinstance(self.screen, wanted):
                self.pop_screen()
        else:
            self.push_screen(wanted())

    def open_ticket(self, number: int) -> None:
        """Open a ticket."""
        from helpdesk.tui.ticket import TicketScreen

        screen, now = self.screen, clock.to_millis(clock.now())
        if isinstance(screen, DeskScreen):
            card = screen.look_up(lambda connection: tickets.card(connection, number, now))
            if card is None:
                screen.tell(_("There is no ticket {number}.").format(number=number), error=True)
            else:
                self.push_screen(TicketScreen(card))

    def edit_article(self, article: ArticleCard | None) -> None:
        """Write on at an article, or a new one."""
        from helpdesk.tui.article_editor import ArticleEditor

        if article is None:
            self.push_screen(ArticleEditor(None, None))
        else:
            from helpdesk.desk.articles import draft_of

            self.push_screen(ArticleEditor(draft_of(article), article.version))

    def show_article(self, identity: str) -> None:
        """Go to an article among the articles."""
        from helpdesk.tui.knowledge import KnowledgeScreen

        self.go("knowledge")
        if isinstance(self.screen, KnowledgeScreen):
            self.screen.show_article(identity)


def screen_class(place: str) -> type[DeskScreen]:
    """The screen of a place."""
    if place == "queue":
        from helpdesk.tui.queue import QueueScreen

        return QueueScreen
    if place == "simple":
        from helpdesk.tui.simple_home import SimpleHome

        return SimpleHome
    if place == "new":
        from helpdesk.tui.new_ticket import NewTicketScreen

        return NewTicketScreen
    if place == "knowledge":
        from helpdesk.tui.knowledge import KnowledgeScreen

        return KnowledgeScreen
    if place == "gaps":
        from helpdesk.tui.gaps import GapsScreen

        return GapsScreen
    from helpdesk.tui.dashboard import DashboardScreen

    return DashboardScreen
