"""A line whose words can be completed: what may follow stands dim behind the cursor, or as a list under the line."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import Any, ClassVar, NamedTuple

from rich.cells import cell_len
from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.suggester import Suggester
from textual.widget import Widget
from textual.widgets import Input

from helpdesk import words
from helpdesk.i18n import N_, _
from helpdesk.tui.drawing import fit, plain, wrap
from helpdesk.tui.line_list import LineList, Piece

MOST_SHOWN = 8
"""Candidates on the screen at a time; the others are scrolled to."""

KEY_WORDS = {
    "state": N_("State"),
    "category": N_("Category"),
    "priority": N_("Priority"),
    "mood": N_("Mood"),
    "lang": N_("Language"),
    "channel": N_("Channel"),
    "band": N_("Match"),
    "assignee": N_("Assignee"),
    "team": N_("Team"),
    "source": N_("Source"),
    "tag": N_("Tags"),
    "customer": N_("Customer"),
    "tier": N_("Customer tier"),
    "order": N_("Order"),
    "article": N_("Article"),
    "created": N_("Created"),
    "updated": N_("Updated"),
    "due": N_("Due"),
    "has": N_("Has"),
    "number": N_("Number"),
    "urgency": N_("Urgency"),
    "rating": N_("Rating"),
}
"""What the interface calls the keys of a line."""

_VALUE_WORDS = {
    "overdue": N_("overdue"),
    "tomorrow": N_("Tomorrow at nine"),
    "zh-Hans": N_("Simplified Chinese"),
    "zh-Hant": N_("Traditional Chinese"),
    "en": N_("English"),
    "ja": N_("Japanese"),
    "ko": N_("Korean"),
    "und": N_("undetermined"),
    "today": N_("Today"),
    "yesterday": N_("Yesterday"),
    "me": N_("you"),
    "auto": N_("as it is judged"),
}

_LAST = re.compile(r'(?:^|\s)[-!]?(?:([A-Za-z_]+):(?:[^\s",]*,|[<>=]+)*)?([^\s",<>=:]*)$')
_SPOKEN = re.compile(r"(?:(?<=\s)|(?<=[-!])|^)([^\s\":：!-][^\s\":：]*)[:：]")


class Candidate(NamedTuple):
    """What may be written, and what it is called in the user's language."""

    written: str
    told: str


class Words(Suggester):
    """The keys of a line, and the values of each."""

    def __init__(self, keys: Collection[str] = ()) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self.keys = keys

    def values(self, key: str) -> Sequence[str]:
        """The values a key is known to take; none where they are the user's own words."""
        return ()

    def singles(self) -> Sequence[str]:
        """Words that mean something without a key."""
        return ()

    def refuse(self, line: str, me: str) -> None:
        """Raise the UsageProblem of a line that cannot be understood."""

    def candidates(self, line: str) -> list[Candidate]:
        """What the last word of a line may become: what begins as it does, then what holds it."""
        key, typed = self._begun(line)
        if key is None:
            return []
        typed = typed.casefold()
        ranked = [(_place(candidate, typed), candidate) for candidate in self._known(key)]
        return [candidate for place, candidate in sorted(ranked, key=lambda one: one[0]) if place < _NOWHERE]

    def taken(self, line: str, candidate: Candidate) -> str:
        """The line with its last word become a candidate."""
        _key, typed = self._begun(line)
        return line[: len(line) - len(typed)] + candidate.written

    async def get_suggestion(self, value: str) -> str | None:
        """The line with its last word completed, or None."""
        return self.completed(value)

    def completed(self, line: str) -> str | None:
        """The line with its last word become the first candidate that begins as it does, or None."""
        key, typed = self._begun(line)
        if key is None or not (key or typed):
            return None
        for candidate in self._known(key):
            if candidate.written.lower().startswith(typed.lower()) and candidate.written != typed:
                return line + candidate.written[len(typed) :]
        return None

    def has_begun(self, line: str) -> bool:
        """Whether something of the last word is typed."""
        return bool(self._begun(line)[1])

    def in_keys(self, line: str) -> str:
        """The line with what the interface calls a key, before a colon, become the key: `分类：` → `category:`."""
        spoken = {_(KEY_WORDS[key]).casefold(): key for key in self.keys} | {key: key for key in self.keys}

        def key_of(found: re.Match[str]) -> str:
            key = spoken.get(found[1].casefold())
            return found[0] if key is None else f"{key}:"

        return line if line.count('"') % 2 else _SPOKEN.sub(key_of, line)

    def _begun(self, line: str) -> tuple[str | None, str]:
        """The key before the last word, empty where that is to be one itself, and what is typed of the word."""
        found = None if line.count('"') % 2 else _LAST.search(line)
        if found is None or (found[1] and found[1].lower() not in self.keys):
            return None, ""
        return (found[1] or "").lower(), found[2]

    def _known(self, key: str) -> list[Candidate]:
        if key:
            return [Candidate(value, called(value)) for value in self.values(key)]
        keys = [Candidate(f"{key}:", _(KEY_WORDS[key])) for key in self.keys]
        return keys + [Candidate(word, called(word)) for word in self.singles()]


def called(value: str) -> str:
    """What the interface calls a value."""
    return _(_VALUE_WORDS[value]) if value in _VALUE_WORDS else words.word(value)


_NOWHERE = 4


def _place(candidate: Candidate, typed: str) -> int:
    """Where a candidate holds what was typed: at a beginning, within, nowhere."""
    written, told = candidate.written.casefold(), candidate.told.casefold()
    holds = (written.startswith(typed), told.startswith(typed), typed in written, typed in told)
    return holds.index(True) if True in holds else _NOWHERE


class UnderLine(LineList, can_focus=False):
    """Under a line: what is wrong with it, and what its last word may become. Not there while there is neither."""

    def __init__(self, beside: Widget | None = None, id: str | None = None) -> None:
        super().__init__(id=id)
        self.candidates: list[Candidate] = []
        self._told: list[Piece] = []
        self.take: Callable[[], None] = lambda: None
        """Takes the candidate under the cursor."""
        self._beside = beside
        """The widget it lies under, over whatever stands there; without one it stands where it was put."""

    @property
    def is_open(self) -> bool:
        """Whether candidates are offered."""
        return bool(self.candidates)

    def offer(self, candidates: Sequence[Candidate]) -> None:
        """Show candidates, or none."""
        if candidates or self.candidates:
            self.candidates, self.cursor = list(candidates), 0
            self.lie_down()

    def tell(self, *sentences: Piece) -> None:
        """Show whole sentences above the candidates, or none."""
        width = max(self._width() - 2, 20)
        told = [
            Piece(f" {line}", sentence.style) for sentence in sentences for line in wrap(plain(sentence.text), width)
        ]
        if told != self._told:
            self._told = told
            self.lie_down()

    def lie_down(self) -> None:
        """Take the room that is needed, under the widget it belongs to."""
        rows = min(len(self.candidates), MOST_SHOWN)
        self.heading = len(self._told)
        self.display = bool(self.heading + rows)
        if not self.display:
            return
        self.styles.height = self.heading + rows
        if self._beside is not None:
            region = self._beside.region
            self.styles.offset = (region.x, region.bottom)
            self.styles.width = region.width
        self.scroll_to(y=0, animate=False, immediate=True)
        self.rows_changed()

    def _width(self) -> int:
        return (self._beside or self).size.width

    # drawing

    def length(self) -> int:
        """How many candidates there are."""
        return len(self.candidates)

    def row(self, index: int, width: int) -> Sequence[Piece]:
        """A candidate, and what it is called."""
        candidate = self.candidates[index]
        column = min(max(cell_len(one.written) for one in self.candidates) + 2, width // 2)
        told = "" if candidate.told.casefold() == candidate.written.rstrip(":") else candidate.told
        return [Piece(f" {fit(candidate.written, column)}"), Piece(fit(told, max(width - column - 1, 0)), "line--dim")]

    def head_line(self, y: int, width: int) -> Sequence[Piece]:
        """A line of a sentence."""
        return [self._told[y]]

    def _head_style(self) -> Style:
        return Style()

    def _cursor_style(self) -> Style:
        return self._style("line--cursor")

    # the mouse

    def on_click(self, event: events.Click) -> None:
        """A click takes a candidate."""
        index = self.scroll_offset.y + event.y - self.heading
        if event.y >= self.heading and index < self.length():
            self.point(index, tell=False)
            self.take()


class CompletedLine(Input):
    """A line of words; Tab takes what stands dim behind the cursor, Tab or ↓ list what else there is."""

    BINDINGS: ClassVar[list[Any]] = [
        Binding("tab", "complete", show=False),
        Binding("down", "candidate(1)", show=False),
        Binding("up", "candidate(-1)", show=False),
        Binding("escape", "close_candidates", show=False),
    ]

    def __init__(self, vocabulary: Words, under: UnderLine, begin: str = "", id: str | None = None) -> None:
        super().__init__(begin, id=id, suggester=vocabulary, select_on_focus=False, compact=True)
        self.words, self.under = vocabulary, under
        under.take = self.take

    @property
    def _before(self) -> str:
        return self.value[: self.cursor_position]

    def on_input_changed(self, event: Input.Changed) -> None:
        """What the interface calls a key becomes the key; open candidates follow the typing."""
        spelt = self.words.in_keys(event.value)
        if spelt != event.value and event.value == self.value:
            event.stop()
            place = max(len(spelt) - len(self.value) + self.cursor_position, 0)
            self.value, self.cursor_position = spelt, place
        elif self.under.is_open:
            self.under.offer(self.words.candidates(self._before))

    def on_blur(self) -> None:
        """Nothing is offered to who is elsewhere."""
        self.under.offer(())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape is the screen's where nothing is open."""
        return self.under.is_open if action == "close_candidates" else True

    def action_complete(self) -> None:
        """Take the candidate under the cursor, or the one that stands dim, or show what there is."""
        completed = self.words.completed(self.value) if self.cursor_position == len(self.value) else None
        if self.under.is_open:
            self.take()
        elif completed is not None and self.words.has_begun(self.value):
            self.value = completed
            self.action_end()
        else:
            self.action_candidate(1)

    def action_candidate(self, by: int) -> None:
        """To the candidate below or above; ↓ shows them first."""
        if self.under.is_open:
            self.under.point((self.under.cursor + by) % self.under.length(), tell=False)
        elif by > 0:
            self.under.offer(self.words.candidates(self._before))

    def action_close_candidates(self) -> None:
        """Type on without them."""
        self.under.offer(())

    async def action_submit(self) -> None:
        """Enter takes a candidate where some are open."""
        if self.under.is_open:
            self.take()
        else:
            await super().action_submit()

    def take(self) -> None:
        """Write the candidate under the cursor; after a key its values are offered."""
        written = self.words.taken(self._before, self.under.candidates[self.under.cursor])
        rest = self.value[self.cursor_position :]
        self.value = written + rest
        self.cursor_position = len(written)
        self.under.offer(self.words.candidates(written) if written.endswith(":") else ())
