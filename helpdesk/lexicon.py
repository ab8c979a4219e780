"""The colloquial lexicon: which meanings (concepts) a text holds, in five languages and in slang.

A concept is a meaning with many surface forms; the forms live in data/concepts/*.toml and in the user's own
`concepts/` folder. The form of the files is described in docs/lexicon.md.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from helpdesk import config
from helpdesk.lookup import Lookup
from helpdesk.text import fold, has_cjk, runs, squeeze

GAP = "…"
GAP_CHARACTERS = 8
GAP_WORDS = 4
LANGUAGES = ("hans", "hant", "en", "ja", "ko")
FLAGS = frozenset({"threat", "human", "thanks", "stolen", "loss", "deadline", "repeat"})

# keys of the compiled entries: every concept; forms by a word or a stem (others are under a pair of characters)
_CONCEPTS, _WORD_KEY, _STEM_KEY = "concepts", "\1", "\2"

READ_AT_MOST = 4000
"""Characters of a text that are judged; a megabyte of pasted log says nothing more."""

_SPACE = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\s*\n\s*")
_TOKEN = re.compile(r"[^\W_]+|[.!?,;\n]|。")
_SENTENCE_END = re.compile(r"[。!?]")
_STOP = frozenset(".!?。\n")
_NEGATION = re.compile("(?<![能可会是有要好对行])(?:不|没|别|无|未|莫)(?:有|是|太|很|怎么|那么|算|够|会|能|再)?$")
_NEGATION_WORDS = frozenset(
    "not no never dont doesnt didnt isnt wasnt arent wont cant cannot havent hasnt without nor".split()
)


class Concept(NamedTuple):
    """One meaning: its name in English (`gloss`) and Chinese (`label`), and what it is evidence for.

    `category` holds weights by slug, `mood` is -3..3, `urgency` 0..8 points.
    """

    id: str
    gloss: str
    label: str
    category: Mapping[str, float]
    mood: float
    urgency: float
    flags: frozenset[str]

    @property
    def decisiveness(self) -> float:
        """How much the concept tells what a text is about, 0.1..1: its largest category weight against 2.5."""
        return max(0.1, min(1.0, max(self.category.values(), default=0.0) / 2.5))


class Hit(NamedTuple):
    """A concept found in a text, by which fragment, and whether a negation stands before it."""

    concept: Concept
    fragment: str
    negated: bool


class Reading(NamedTuple):
    """A text prepared once for everything that reads it: folded, without spaces, and as words."""

    folded: str
    compact: str
    words: tuple[str, ...]


def read(text: str) -> Reading:
    """Prepare a text; only its first READ_AT_MOST characters are read."""
    folded = squeeze(fold(text[:READ_AT_MOST])).replace("’", "'")
    compact = _SPACE.sub("", _LINES.sub("。", folded)) if has_cjk(folded) else ""
    words = tuple(_words(folded.replace("'", ""))) if _latin(folded) else ()
    return Reading(folded, compact, words)


def _words(folded: str) -> Iterator[str]:
    """The words of a folded text that are no CJK, with the marks that end or part sentences."""
    for token in _TOKEN.findall(folded):
        if token.isascii() or token in _STOP:
            yield token
        else:
            yield from (word for _cjk, word in runs(token) if word)


def _pairs_of(text: str) -> list[str]:
    return list(map("".join, zip(text, text[1:], strict=False)))


def _latin(folded: str) -> bool:
    return re.search("[a-z0-9]{2}", folded) is not None


class Lexicon:
    """The concepts, indexed by the rarest pair of characters or the first word of each surface form."""

    def __init__(self, entries: Lookup) -> None:
        self._entries = entries
        self.concepts: list[Concept] = [
            Concept(identity, gloss, label, category, mood, urgency, frozenset(flags))
            for identity, gloss, label, category, mood, urgency, flags in entries.get(_CONCEPTS)
        ]

    def find(self, reading: Reading) -> list[Hit]:
        """The concepts a text holds, each once, by its longest fragment."""
        best: dict[int, tuple[str, bool]] = {}
        for number, fragment, negated in self._fragments(reading):
            known = best.get(number)
            if known is None or (known[1] and not negated) or len(fragment) > len(known[0]):
                best[number] = (fragment, negated)
        return [Hit(self.concepts[number], fragment, negated) for number, (fragment, negated) in best.items()]

    def _fragments(self, reading: Reading) -> Iterator[tuple[int, str, bool]]:
        compact, words = reading.compact, reading.words
        keys = {*compact, *_pairs_of(compact)}
        for word in {*words}:
            keys.add(_WORD_KEY + word)
            keys.update([_STEM_KEY + word[:length] for length in range(2, len(word) + 1)])
        places: dict[str, list[int]] = {}
        for at, word in enumerate(words):
            places.setdefault(word, []).append(at)
        for key, forms in sorted(self._entries.among(keys).items()):  # one order, whatever the hash seed
            if key[0] == _WORD_KEY:
                for form, number, second in forms:
                    if second in places:
                        yield from _word_hit(words, form, number, places)
            elif key[0] == _STEM_KEY:
                for form, number in forms:
                    yield from _word_hit(words, form, number, places)
            else:
                for parts, number in forms:
                    if parts[0] in compact and parts[-1] in compact:  # turns most candidates away at the speed of C
                        yield from _cjk_hit(compact, parts, number)


def _word_hit(
    words: Sequence[str], form: Sequence[str], number: int, places: Mapping[str, Sequence[int]]
) -> Iterator[tuple[int, str, bool]]:
    first = form[0]
    starts = (
        [at for at, word in enumerate(words) if _same_word(first, word)] if first[-1] == "*" else places.get(first, ())
    )
    for at in starts:
        end = _words_end(words, at + 1, form[1:]) if len(form) > 1 else at + 1
        if end:
            negated = not _NEGATION_WORDS.isdisjoint(words[max(0, at - 2) : at])
            yield number, " ".join(words[at:end]), negated
            return


def _cjk_hit(compact: str, parts: Sequence[str], number: int) -> Iterator[tuple[int, str, bool]]:
    start, end = _gapped(compact, parts)
    if start >= 0:
        yield number, compact[start:end], _NEGATION.search(compact[max(0, start - 4) : start]) is not None


def _gapped(compact: str, parts: Sequence[str]) -> tuple[int, int]:
    start = compact.find(parts[0])
    while start >= 0:
        end = start + len(parts[0])
        for part in parts[1:]:
            at = compact.find(part, end, end + GAP_CHARACTERS + len(part))
            if at < 0 or _SENTENCE_END.search(compact, end, at):
                break
            end = at + len(part)
        else:
            return start, end
        start = compact.find(parts[0], start + 1)
    return -1, -1


def _words_end(words: Sequence[str], at: int, form: Sequence[str], gap: int = 0) -> int:
    """Where `form` ends in `words` when it starts at `at` (after at most `gap` skipped words); 0 when it does not."""
    if not form:
        return at
    if form[0] == GAP:
        return _words_end(words, at, form[1:], GAP_WORDS)
    for here in range(at, min(at + gap + 1, len(words))):
        word = words[here]
        if _same_word(form[0], word):
            end = _words_end(words, here + 1, form[1:])
            if end:
                return end
        if word in _STOP:
            return 0
    return 0


def _same_word(wanted: str, word: str) -> bool:
    if wanted.endswith("*"):
        return word.startswith(wanted[:-1]) and word not in _STOP
    return wanted == word


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The shop's lexicon: the shipped concepts and the user's own, compiled once and kept in the user's cache."""
    sources = config.data_files("concepts")
    return Lexicon(config.cached("lexicon", " ".join(map(str, sources)), stamp(), lambda: compile_files(sources)))


def stamp() -> list[list[Any]]:
    """What changes when the shop's lexicon changes."""
    # the form of the compiled entries is this file's business, so a change of it makes them stale too
    return config.stamp_of([*config.data_files("concepts"), Path(__file__)])


def compile_files(sources: Sequence[Path]) -> dict[str, Any]:
    """The entries behind a Lexicon; a later file extends the concept of the same id in an earlier one."""
    merged: dict[str, dict[str, Any]] = {}
    for path in sources:
        for name, entry in config.load_toml(path).items():
            if isinstance(entry, dict):
                _extend(merged.setdefault(name, {"forms": []}), entry)
    return _indexed(merged)


def _extend(concept: dict[str, Any], entry: Mapping[str, Any]) -> None:
    for key in ("gloss", "label", "category", "mood", "urgency", "flags"):
        if key in entry:
            concept[key] = entry[key]
    for language in LANGUAGES:
        concept["forms"] += entry.get(language, [])


def _indexed(merged: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    cjk: list[tuple[list[str], int]] = []
    latin: list[tuple[list[str], int]] = []
    for number, concept in enumerate(merged.values()):
        for form in dict.fromkeys(map(_fold_form, concept["forms"])):
            if has_cjk(form):
                parts = [part for part in re.sub(r"\s+", "", form).split(GAP) if part]
                cjk.append((parts, number))
            else:
                latin.append((_words_of(form), number))
    entries: dict[str, Any] = {_CONCEPTS: [_concept_row(name, concept) for name, concept in merged.items()]}
    _index_words(entries, [(words, number) for words, number in latin if words])
    _index_cjk(entries, [form for form in cjk if form[0]])
    return entries


def _concept_row(name: str, concept: Mapping[str, Any]) -> list[Any]:
    gloss = concept.get("gloss", name)
    return [
        name,
        gloss,
        concept.get("label") or gloss,
        concept.get("category", {}),
        float(concept.get("mood", 0)),
        float(concept.get("urgency", 0)),
        concept.get("flags", []),
    ]


def _fold_form(form: str) -> str:
    return squeeze(fold(form.replace(GAP, "\u0000"))).replace("\u0000", GAP).replace("’", "'").replace("'", "")


def _words_of(form: str) -> list[str]:
    words = re.findall(rf"{GAP}|\*|[^\W_]+\*?", form)
    while words and words[0] in (GAP, "*"):
        words.pop(0)
    return words


def _index_words(entries: dict[str, Any], forms: Sequence[tuple[list[str], int]]) -> None:
    """Index each form by the word fewest other forms hold; one made of stems only by its longest stem."""
    seen = Counter(word for words, _number in forms for word in words)
    for words, number in forms:
        whole = [word for word in words if word != GAP and not word.endswith("*")]
        if whole:
            rarest, *others = sorted(whole, key=lambda word: seen[word])
            second = others[0] if others else rarest
            entries.setdefault(_WORD_KEY + rarest, []).append([words, number, second])
        else:
            stem = max((word.rstrip("*") for word in words if word != GAP), key=len)
            entries.setdefault(_STEM_KEY + stem, []).append([words, number])


def _index_cjk(entries: dict[str, Any], forms: Sequence[tuple[list[str], int]]) -> None:
    """Index each form by the pair of characters fewest other forms hold, so that few candidates are tried."""
    seen: Counter[str] = Counter(pair for parts, _number in forms for part in parts for pair in _pairs_of(part))
    for parts, number in forms:
        pairs = [pair for part in parts for pair in _pairs_of(part)]
        key = min(pairs, key=lambda pair: seen[pair]) if pairs else max(parts)
        entries.setdefault(key, []).append([parts, number])
