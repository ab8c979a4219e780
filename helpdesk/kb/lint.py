"""What is wrong with a knowledge base: duplicates, unused articles, placeholders nobody fills, missing translations."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from helpdesk.clock import Millis
from helpdesk.models.vocabulary import PLACEHOLDERS, ArticleState
from helpdesk.text import fold, squeeze, terms_of_folded

KINDS = ("duplicate", "unused", "placeholder", "missing_translation", "empty_answer")

ALIKE = 0.8
"""The share of terms (Jaccard) from which two phrasings are near-duplicates."""

BUCKET = 64
"""Phrasings a term points to: what bounds the time where many share even their rarest terms."""

_PLACEHOLDER = re.compile(r"\{(\w{1,40})\}")
_TO_BE_WRITTEN = re.compile(r"(?<![A-Za-z])(?:TODO|TBD|FIXME|[Xx]{3,})(?![A-Za-z])|待补充|待填写|待補充|待填寫")


@dataclass(frozen=True, slots=True)
class Entry:
    """What is looked at of an article; `answers` and `questions` hold (language, text), its own first."""

    id: str
    state: str
    questions: tuple[tuple[str, str], ...]
    answers: tuple[tuple[str, str], ...]
    changed_at: Millis
    sent: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with an article: of which kind, in which language, with which other article, in which words."""

    kind: str
    article: str
    language: str | None = None
    other: str | None = None
    text: str = ""


def findings(entries: Sequence[Entry], unused_since: Millis, languages: Collection[str]) -> list[Finding]:
    """What is wrong with some articles, kind by kind, archived ones left out.

    An article is unused when it was published, unchanged and never sent since `unused_since`; `languages` are those a
    published article is to be found in.
    """
    kept = [entry for entry in entries if entry.state != ArticleState.ARCHIVED]
    published = [entry for entry in kept if entry.state == ArticleState.PUBLISHED]
    found = list(duplicates(kept))
    found += [Finding("unused", one.id) for one in published if not one.sent and one.changed_at < unused_since]
    for entry in kept:
        found += _unresolved(entry)
    for entry in published:
        missing = sorted(set(languages) - {language for language, _text in entry.questions})
        found += [Finding("missing_translation", entry.id, language) for language in missing]
    for entry in kept:
        found += [Finding("empty_answer", entry.id, language) for language, text in entry.answers if not text.strip()]
    return found


def _unresolved(entry: Entry) -> Iterator[Finding]:
    for language, text in entry.answers:
        named = [found[0] for found in _PLACEHOLDER.finditer(text) if found[1] not in PLACEHOLDERS]
        for words in dict.fromkeys([*named, *_TO_BE_WRITTEN.findall(text)]):
            yield Finding("placeholder", entry.id, language, text=words)


def duplicates(entries: Sequence[Entry]) -> Iterator[Finding]:
    """Phrasings of two articles that are nearly the same, each pair of articles once.

    Two sets of terms of which `ALIKE` is shared must share one of their rarest terms (prefix filter: Chaudhuri, Ganti,
    Kaushik, A Primitive Operator for Similarity Joins, ICDE 2006), so only those are compared.
    """
    phrasings = _distinct(entries)
    holders = Counter(term for said in phrasings for term in said)
    holding: dict[str, list[frozenset[str]]] = defaultdict(list)
    reported: set[tuple[str, str]] = set()
    for said, told in phrasings.items():
        near = [said, *_near(said, holders, holding)]
        yield from _between(told, [one for other in near for one in phrasings[other]], reported)


def _distinct(entries: Sequence[Entry]) -> dict[frozenset[str], list[tuple[str, str]]]:
    """By their terms, the phrasings with their articles; equal ones together, one of each article."""
    found: dict[frozenset[str], list[tuple[str, str]]] = {}
    for entry in entries:
        for _language, text in entry.questions:
            said = frozenset(terms_of_folded(squeeze(fold(text))))
            told = found.setdefault(said, []) if said else []
            if all(article != entry.id for article, _text in told):
                told.append((entry.id, text))
    return found


def _near(
    said: frozenset[str], holders: Counter[str], holding: dict[str, list[frozenset[str]]]
) -> Iterator[frozenset[str]]:
    rarest = sorted(said, key=lambda term: (holders[term], term))[: len(said) - int(ALIKE * len(said) + 0.999) + 1]
    candidates = dict.fromkeys(other for term in rarest for other in holding[term])
    for term in rarest:
        if len(holding[term]) < BUCKET:
            holding[term].append(said)
    for other in candidates:
        if len(said & other) >= ALIKE * len(said | other):
            yield other


def _between(
    told: Sequence[tuple[str, str]], others: Sequence[tuple[str, str]], reported: set[tuple[str, str]]
) -> Iterator[Finding]:
    article, text = told[0]
    for other, _words in others:
        pair = (min(article, other), max(article, other))
        if article != other and pair not in reported:
            reported.add(pair)
            yield Finding("duplicate", *pair[:1], other=pair[1], text=text)
