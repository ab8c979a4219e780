"""Learning from what people did: categories from those they set, thresholds from the matches they sent or did not.

A model of categories is measured on a fifth nobody learnt from, and kept when it is not worse.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from sqlalchemy import delete

from helpdesk.classify import category
from helpdesk.classify.model import Model, Pooling, features, packed
from helpdesk.classify.training import EXACT, Corpus, Trained, Unseen, pooled, train
from helpdesk.config import tables
from helpdesk.desk import judge, ledger
from helpdesk.desk.context import Desk
from helpdesk.desk.judge import Heard, Judge
from helpdesk.desk.ledger import compact_json
from helpdesk.kb.bands import Outcome, Thresholds, cautious, chosen
from helpdesk.lexicon import lexicon, read
from helpdesk.models.tables import CategoryModel, CategoryWeight, Setting
from helpdesk.models.vocabulary import OTHER
from helpdesk.store import add_rows
from helpdesk.views import answers, counts, learnt
from helpdesk.views.learnt import Example, Kept

FEWEST = 20
"""Examples below which nothing is learnt."""

MOST = 50_000
"""Examples learnt from; of more, the newest."""

_PART = 5
_WEIGHED = 1000
_REPRESENTATIVE = 20
_SHOWN = 5

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Changed:
    """A ticket held out whose verdict is another one now."""

    number: int
    text: str
    category: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Share:
    """Of a category's tickets held out, how many were judged right."""

    category: str
    tickets: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Learnt:
    """What learning led to. `accuracy_before` and `accuracy_after` are those on the `held_out` tickets."""

    examples: int
    corrections: int
    categories: int
    held_out: int = 0
    accuracy_before: float | None = None
    accuracy_after: float | None = None
    changed: int = 0
    by_category: tuple[Share, ...] = ()
    changes: tuple[Changed, ...] = ()
    features: int = 0
    pooling: Pooling | None = None
    replaced: bool = False

    @property
    def enough(self) -> bool:
        """Whether there was enough to learn from."""
        return self.examples >= FEWEST and self.categories > 1


def learn(desk: Desk, dry_run: bool = False, progress: Progress = lambda read: None) -> Learnt:
    """Learn from every ticket whose category a person set; the model in use is replaced when the new is not worse."""
    with desk.store.read() as connection:
        found = learnt.examples(connection, MOST)
        kept = learnt.kept(connection)
        begun = Learnt(len(found), sum(e.corrected for e in found), len({e.category for e in found}))
        if not begun.enough:
            return begun
        titles = counts.categories(connection)
        lesson = _Lesson(found, titles, judge.from_store(connection), progress)
        measured, trial = lesson.measured(begun, kept)
    if dry_run or not measured.replaced:
        return measured
    final = lesson.trained(range(len(found)))
    _keep(desk, final, measured, lesson.verdicts(trial))
    return measured


@dataclass(frozen=True, slots=True)
class Trusted:
    """What a match permits from now on, and how many outcomes say so."""

    outcomes: int
    before: Thresholds
    after: Thresholds


def trust(desk: Desk, dry_run: bool = False) -> Trusted:
    """Choose the thresholds of matches by what became of earlier ones; with `dry_run` nothing is stored."""
    with desk.store.read() as connection:
        log = [Outcome(*row) for row in answers.outcomes(connection)]
        before = judge.thresholds_of(connection)
    found = Trusted(len(log), before, chosen(log, cautious()))
    if found.after != before and not dry_run:
        with desk.store.write() as session:
            ledger.begin(session, "learn", desk.actor, desk.moment(), {"outcomes": found.outcomes})
            session.merge(Setting(key=judge.THRESHOLDS, value=compact_json(found.after._asdict())))
    return found


class _Lesson:
    """The examples as numbers, split, trained on and measured."""

    def __init__(
        self, examples: Sequence[Example], titles: Mapping[str, tuple[str, str]], judging: Judge, progress: Progress
    ) -> None:
        self._examples = examples
        self._known = sorted(titles)
        self._judge = judging
        self._corpus = Corpus()
        self._heard: dict[int, Heard] = {}
        for count, example in enumerate(examples, start=1):
            self._corpus.add(_features(example.text), example.category)
            if not count % 100:
                progress(count)
        self._named = self._add_titles(titles)
        self._held_out = held_out(examples)

    def _add_titles(self, titles: Mapping[str, tuple[str, str]]) -> dict[str, list[int]]:
        """What a category is called is an example of it too: by category, the places of its names."""
        places: dict[str, list[int]] = {}
        for slug in {example.category: None for example in self._examples}:
            names = dict.fromkeys(name.replace("_", " ").replace("/", " ") for name in (slug, *titles.get(slug, ())))
            for name in names:
                places.setdefault(slug, []).append(len(self._corpus.labels))
                self._corpus.add(_features(name), slug)
        return places

    def trained(self, places: Collection[int]) -> Trained:
        """The model of some examples, with the names of their categories."""
        categories = {self._examples[place].category for place in places}
        names = [place for slug in sorted(categories) for place in self._named[slug]]
        return train(self._corpus, [*places, *names])

    def measured(self, begun: Learnt, kept: Kept | None) -> tuple[Learnt, dict[int, str]]:
        """How good learning is on the tickets held out, against what judged them so far; and its verdicts on them."""
        taught = [place for place in range(len(self._examples)) if place not in self._held_out]
        pooling = self._pooling(taught)
        trial = self.trained(taught)
        model = _model(trial, pooling)
        after = {place: self._verdict(place, model, trial) for place in sorted(self._held_out)}
        before = {place: verdict for place in after if (verdict := self._before(place, kept)) is not None}
        return self._compared(begun, before, after, pooling, len(trial.rows)), after

    def _pooling(self, taught: Sequence[int]) -> Pooling:
        """How far to trust the model, by folds of the tickets taught."""
        folds = [taught[part::_PART] for part in range(_PART)]
        if len(taught) > EXACT // 2:
            folds = [folds[0][:_WEIGHED]]
        ranked = sorted({self._examples[place].category for place in taught})
        tickets: list[tuple[Example, Unseen]] = []
        for fold in folds:
            apart = set(fold)
            trained = self.trained([place for place in taught if place not in apart])
            model = _model(trained, Pooling(1.0, 1.0, 0.0, 0.0))
            tickets += [(self._examples[place], self._unseen(place, model, trained, ranked)) for place in fold]
        return _trust(tickets, ranked, self._known, self._missing(taught))

    def _missing(self, taught: Sequence[int]) -> float:
        """The share of tickets whose category has no example yet, by Good and Turing: that of those seen once."""
        seen = Counter(self._examples[place].category for place in taught)
        return (1 + sum(count == 1 for count in seen.values())) / (len(taught) + 1)

    def _unseen(self, place: int, model: Model, trained: Trained, ranked: Sequence[str]) -> Unseen:
        heard = self._hear(place)
        logits = dict(zip(model.classes, _logits(model, trained, heard.likeness.features), strict=True))
        least = min(logits.values())
        temperature = tables("judgement.toml")["category"]["temperature"]
        evidence = category.weighed(heard.hits, heard.likeness, heard.matches.votes(), self._known)
        return Unseen(
            [logits.get(name, least) for name in ranked],
            {name: weight / temperature for name, weight in evidence.items()},
            self._examples[place].category,
        )

    def _hear(self, place: int) -> Heard:
        if place not in self._heard:
            self._heard[place] = self._judge.hear(self._examples[place].text)
        return self._heard[place]

    def _verdict(self, place: int, model: Model, trained: Trained) -> str:
        heard = self._hear(place)
        found = heard.likeness.features
        opinion = model.opinion(found, {n: trained.rows[n] for n in found if n in trained.rows}, self._known)
        return category.decide(heard.hits, heard.likeness, heard.matches.votes(), self._known, opinion).category

    def _before(self, place: int, kept: Kept | None) -> str | None:
        """The verdict so far on a ticket held out; None where the model in use has learnt from that very ticket."""
        number = self._examples[place].number
        if kept is not None and number in kept.verdicts:
            return kept.verdicts[number]
        heard = self._hear(place)
        opinion = self._judge.opinion(heard)
        return category.decide(heard.hits, heard.likeness, heard.matches.votes(), self._known, opinion).category

    def _compared(
        self, begun: Learnt, before: Mapping[int, str], after: Mapping[int, str], pooling: Pooling, size: int
    ) -> Learnt:
        label = {place: self._examples[place].category for place in before}
        right_before = sum(before[place] == label[place] for place in before)
        right_after = sum(after[place] == label[place] for place in before)
        changed = [place for place in before if before[place] != after[place]]
        shown = [_changed(self._examples[place], before[place], after[place]) for place in changed[:_SHOWN]]
        return Learnt(
            begun.examples,
            begun.corrections,
            begun.categories,
            held_out=len(before),
            accuracy_before=_share(right_before, len(before)),
            accuracy_after=_share(right_after, len(before)),
            changed=len(changed),
            by_category=_by_category(label, before, after),
            changes=tuple(shown),
            features=size,
            pooling=pooling,
            replaced=right_after >= right_before,
        )

    def verdicts(self, after: Mapping[int, str]) -> dict[int, str | None]:
        """Of every example its verdict by a model that had not learnt from it, None where there is none."""
        return {example.number: after.get(place) for place, example in enumerate(self._examples)}


def _features(text: str) -> dict[str, float]:
    reading = read(text)
    return features(reading, lexicon().find(reading))


def held_out(examples: Sequence[Example]) -> frozenset[int]:
    """The places of a fifth of each category's examples, those whose number has the lowest hash.

    Always the same ones, whatever their order; where no category has five examples, a fifth of them all.
    """
    mixed = sorted(range(len(examples)), key=lambda place: crc32(b"%d" % examples[place].number))
    by_category: dict[str, list[int]] = {}
    for place in mixed:
        by_category.setdefault(examples[place].category, []).append(place)
    chosen = [place for places in by_category.values() for place in places[: len(places) // _PART]]
    return frozenset(chosen or mixed[: len(mixed) // _PART])


def _trust(
    tickets: Sequence[tuple[Example, Unseen]], classes: Sequence[str], known: Sequence[str], unseen: float
) -> Pooling:
    fair = [ticket for example, ticket in tickets if not example.corrected]
    representative = len(fair) >= _REPRESENTATIVE
    if not representative:
        # what was never corrected may have been right all along: a category without an example is as likely as others
        unseen = max(unseen, (len(known) - len(classes)) / len(known))
    floor = tables("judgement.toml")["category"]["floor"]
    asked = fair if representative else [ticket for _example, ticket in tickets]
    return pooled(asked, classes, known, unseen, floor, representative, OTHER)


def _model(trained: Trained, pooling: Pooling, identity: int = 0) -> Model:
    return Model(identity, trained.classes, trained.biases, pooling)


def _logits(model: Model, trained: Trained, found: Mapping[str, float]) -> list[float]:
    return model.logits(found, {name: trained.rows[name] for name in found if name in trained.rows})


def _changed(example: Example, before: str, after: str) -> Changed:
    return Changed(example.number, " ".join(example.text.split())[:120], example.category, before, after)


def _by_category(label: Mapping[int, str], before: Mapping[int, str], after: Mapping[int, str]) -> tuple[Share, ...]:
    rows = Counter(label.values())
    return tuple(
        Share(
            name,
            count,
            sum(before[place] == name for place, own in label.items() if own == name),
            sum(after[place] == name for place, own in label.items() if own == name),
        )
        for name, count in rows.most_common()
    )


def _share(count: int, of: int) -> float | None:
    return round(count / of, 4) if of else None


def _keep(desk: Desk, trained: Trained, measured: Learnt, verdicts: Mapping[int, str | None]) -> None:
    """Put a model in the place of the one in use."""
    pooling = measured.pooling
    assert pooling is not None
    summary = {"examples": measured.examples, "accuracy": measured.accuracy_after}
    with desk.store.write() as session:
        identity = ledger.begin(session, "learn", desk.actor, desk.moment(), summary).operation_id
        for table in (CategoryModel, CategoryWeight):
            session.execute(delete(table))
        kept: dict[str, Any] = {
            "id": identity,
            "trained_at": desk.moment(),
            "examples": measured.examples,
            "accuracy": measured.accuracy_after or 0.0,
            "classes": compact_json(trained.classes),
            "biases": compact_json(trained.biases),
            "sharpness": pooling.sharpness,
            "lexicon": pooling.lexicon,
            "unseen": pooling.unseen,
            "floor": pooling.floor,
            "verdicts": compact_json(verdicts),
        }
        add_rows(session, CategoryModel, [kept])
        add_rows(
            session,
            CategoryWeight,
            [
                {"feature": name, "model": identity, "rarity": row.rarity, "weights": packed(row.classes, row.weights)}
                for name, row in trained.rows.items()
            ],
        )
