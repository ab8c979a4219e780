"""The gaps of the knowledge base: what customers ask and no article answers, as drafts of articles."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from helpdesk.classify.triage import only_thanks
from helpdesk.clock import Millis
from helpdesk.desk import articles
from helpdesk.desk.context import Desk
from helpdesk.desk.growth import answer_of, article_language, impersonal, words_of
from helpdesk.errors import NotFound, UsageProblem
from helpdesk.i18n import _
from helpdesk.intake.drafts import ArticleDraft
from helpdesk.kb import gaps
from helpdesk.kb.gaps import Gap, Question
from helpdesk.lexicon import lexicon, read
from helpdesk.models.vocabulary import ArticleState
from helpdesk.views import growth
from helpdesk.views.growth import Told, Unanswered

EXAMPLES = 5
"""Tickets of a gap that are shown, each in other words."""

MOST_READ = 200
"""Tickets of a gap whose words and replies are compared."""

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Example:
    """A ticket of a gap, and what it asks."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A gap as the draft of an article; `answer` is the commonest reply, `replied` how many tickets have one."""

    count: int
    question: str
    examples: tuple[Example, ...]
    answer: str | None
    replied: int
    category: str
    language: str
    numbers: tuple[int, ...]
    kept_as: str | None
    """The article that has the question already, a draft mostly."""

    def as_json(self) -> dict[str, Any]:
        """The gap as the contract of `kb gaps --json` has it."""
        return {
            "count": self.count,
            "question": self.question,
            "examples": [{"number": one.number, "text": one.text} for one in self.examples],
            "answer": self.answer,
            "replied": self.replied,
            "category": self.category,
            "language": self.language,
            "tickets": list(self.numbers),
            "article": self.kept_as,
        }

    def draft(self, identity: str) -> ArticleDraft:
        """The gap as an article of that id."""
        aliases = dict.fromkeys(one.text for one in self.examples if one.text != self.question)
        return ArticleDraft(
            id=identity,
            category=self.category,
            question=self.question,
            answer=self.answer or "",
            aliases=tuple(aliases),
            state=ArticleState.DRAFT.value,
            language=self.language,
        )


@dataclass(frozen=True, slots=True)
class Found:
    """The gaps of a span of time: how many tickets without an answer were read, and whether older ones were not."""

    read: int
    cut: bool
    found: int
    proposals: tuple[Proposal, ...]


def find(
    connection: sqlite3.Connection,
    since: Millis,
    most: int,
    fewest: int = gaps.FEWEST,
    limit: int | None = None,
    progress: Progress = lambda read: None,
) -> Found:
    """The gaps in the newest `most` unanswered tickets since a moment, largest first, the first `limit` as drafts."""
    known: dict[int, tuple[str, str]] = {}
    questions: list[Question] = []
    tickets = growth.unanswered(connection, since, most + 1)
    for ticket in islice(tickets, most):
        known[ticket.number] = (ticket.category, ticket.language)
        asked = _question(ticket)
        if asked is not None:
            questions.append(asked)
        progress(len(known))
    cut = next(tickets, None) is not None
    found = gaps.gaps(questions, {concept.id: concept.decisiveness for concept in lexicon().concepts}, fewest)
    proposals = [_proposal(connection, gap, known) for gap in found[:limit]]
    return Found(len(known), cut, len(found), tuple(_with_kept(connection, proposals)))


def accept(desk: Desk, gap: Proposal) -> str:
    """Keep a gap as a draft article; its id. One that is kept already, or holds no words, is an error."""
    with desk.store.read() as connection:
        kept = growth.kept_phrasings(connection, [gap.question]).get(gap.question)
    if kept:
        raise UsageProblem(
            _("That gap is kept as article {id} already; look with: helpdesk kb show {id}").format(id=kept)
        )
    if not gap.question:
        raise NotFound(_("The tickets of that gap hold no words an article could be made of."))
    return articles.add(desk, gap.draft(""))


def _question(ticket: Unanswered) -> Question | None:
    text = impersonal(ticket.text)
    reading = read(text)
    hits = lexicon().find(reading)
    return None if only_thanks(hits) else gaps.question(ticket.number, reading, hits)


def _proposal(connection: sqlite3.Connection, gap: Gap, known: dict[int, tuple[str, str]]) -> Proposal:
    told = list(growth.told(connection, gap.numbers[:MOST_READ]))
    examples = _examples(told)
    replies = [answer_of(one) for one in told if one.reply]
    (category, _count), *_rest = Counter(known[number][0] for number in gap.numbers).most_common(1)
    language = known[examples[0].number][1]
    return Proposal(
        count=len(gap.numbers),
        question=examples[0].text,
        examples=tuple(examples[:EXAMPLES]),
        answer=replies[gaps.most_central(replies)] if replies else None,
        replied=len(replies),
        category=category,
        language=article_language(language),
        numbers=gap.numbers,
        kept_as=None,
    )


def _examples(told: Sequence[Told]) -> list[Example]:
    """The tickets in the order they stand, the most typical first, each question once; at least one."""
    found: dict[str, int] = {}
    for one in told:
        words = words_of(one.asked) or words_of(one.subject)
        if words:
            found.setdefault(words, one.number)
        if len(found) == EXAMPLES:
            break
    return [Example(number, words) for words, number in found.items()] or [Example(told[0].number, "")]


def _with_kept(connection: sqlite3.Connection, proposals: Sequence[Proposal]) -> list[Proposal]:
    kept = growth.kept_phrasings(connection, [one.question for one in proposals])
    return [replace(one, kept_as=kept.get(one.question)) for one in proposals]
