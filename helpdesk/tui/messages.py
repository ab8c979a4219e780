"""What threads and widgets tell the screens: one message a thing that happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from textual.message import Message

from helpdesk.views.tickets import Card, Extent, JsonObject, Page


@dataclass
class Failed(Message):
    """Something could not be done; `sentence` says what to do next."""

    sentence: str
    conflict: bool = False
    subject: str = ""


@dataclass
class StoreChanged(Message):
    """Somebody, perhaps this program, wrote to the store."""


@dataclass
class PageWanted(Message):
    """A page of the list comes into view and is to be read."""

    listing: int
    number: int


@dataclass
class PageRead(Message):
    """A page of the list was read; `listing` says of which list, `number` which page."""

    listing: int
    number: int
    page: Page


@dataclass
class ExtentRead(Message):
    """How long a list is was found out."""

    listing: int
    extent: Extent


@dataclass
class CountsRead(Message):
    """How many tickets each view finds."""

    counts: list[int]


@dataclass
class CardRead(Message):
    """A ticket was read whole; None when it is not there."""

    number: int
    card: Card | None


@dataclass
class TicketPointed(Message):
    """The cursor of the list is on another ticket, or on none."""

    ticket: JsonObject | None


@dataclass
class TicketChosen(Message):
    """A ticket of the list is to be opened."""

    number: int


@dataclass
class ViewChosen(Message):
    """One of the saved views was chosen."""

    view: int


@dataclass
class Done(Message):
    """A deed is done; `sentence` tells the user, `result` is what the desk gave back."""

    subject: str
    sentence: str
    result: Any = None
