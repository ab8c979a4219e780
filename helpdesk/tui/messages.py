"""What threads and widgets tell the screens: one message a thing that happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.message import Message

from helpdesk.views.drafts import TextDraft
from helpdesk.views.tickets import Card, Extent, JsonObject, Page

if TYPE_CHECKING:  # only who shows these pays for them
    from helpdesk.desk.gaps import Found
    from helpdesk.desk.judge import Judged
    from helpdesk.intake.pasted import Pasted
    from helpdesk.views.dashboard import Dashboard
    from helpdesk.views.knowledge import Answered, ArticleCard


@dataclass(eq=False, repr=False)
class Failed(Message):
    """Something could not be done; `sentence` says what to do next."""

    sentence: str
    conflict: bool = False
    subject: str = ""


@dataclass(eq=False, repr=False)
class PageWanted(Message):
    """A page of the list comes into view and is to be read."""

    listing: int
    number: int


@dataclass(eq=False, repr=False)
class PageRead(Message):
    """A page of the list was read; `listing` says of which list, `number` which page."""

    listing: int
    number: int
    page: Page


@dataclass(eq=False, repr=False)
class ExtentRead(Message):
    """How long a list is was found out."""

    listing: int
    extent: Extent


@dataclass(eq=False, repr=False)
class CountsRead(Message):
    """How many tickets each view finds."""

    counts: list[int]


@dataclass(eq=False, repr=False)
class ListRead(Message):
    """A list was read from its top, or again around its cursor, which is on row `cursor` now (None: to the top)."""

    listing: int
    pages: dict[int, Page]
    cursor: int | None = None
    extent: Extent | None = None


@dataclass(eq=False, repr=False)
class NumbersRead(Message):
    """The numbers of every ticket of the list."""

    numbers: list[int]


@dataclass(eq=False, repr=False)
class CardRead(Message):
    """A ticket was read whole; None when it is not there."""

    number: int
    card: Card | None


@dataclass(eq=False, repr=False)
class NextRead(Message):
    """The ticket to take next; None when nothing waits."""

    card: Card | None


@dataclass(eq=False, repr=False)
class TheirsRead(Message):
    """The ticket as others left it, who were faster; `since` is what the screen knew."""

    card: Card | None
    since: str


@dataclass(eq=False, repr=False)
class DraftsRead(Message):
    """The texts the actor left unsent."""

    drafts: list[TextDraft]


@dataclass(eq=False, repr=False)
class CommandRan(Message):
    """A command of the command line has ended."""

    words: str
    printed: str
    exit_code: int


@dataclass(eq=False, repr=False)
class TicketPointed(Message):
    """The cursor of the list is on another ticket, or on none."""

    ticket: JsonObject | None


@dataclass(eq=False, repr=False)
class Done(Message):
    """A deed is done; `sentence` tells the user, `result` is what the desk gave back."""

    subject: str
    sentence: str
    result: Any = None


@dataclass(eq=False, repr=False)
class ArticlesRead(Message):
    """The articles that a search finds, or all of them when nothing is searched for."""

    searched: str
    articles: list[ArticleCard]


@dataclass(eq=False, repr=False)
class AnsweredRead(Message):
    """The tickets an article answered."""

    article: str
    tickets: list[Answered]


@dataclass(eq=False, repr=False)
class GapsFound(Message):
    """What customers ask and no article answers."""

    found: Found


@dataclass(eq=False, repr=False)
class GapsRead(Message):
    """So many tickets were looked through for gaps so far."""

    tickets: int


@dataclass(eq=False, repr=False)
class DayRead(Message):
    """The figures of today."""

    day: Dashboard


@dataclass(eq=False, repr=False)
class TextJudged(Message):
    """What a text being typed was judged to be; None when it holds nothing."""

    typed: str
    pasted: Pasted | None = None
    judged: Judged | None = None


@dataclass(eq=False, repr=False)
class CustomerRead(Message):
    """The customer to take now, (article, text) of answers that may fit, and a text left behind, if there is one."""

    card: Card | None
    offers: list[tuple[str, str]]
    draft: TextDraft | None = None


@dataclass(eq=False, repr=False)
class DraftRead(Message):
    """The draft that was left behind, or None."""

    draft: TextDraft | None
