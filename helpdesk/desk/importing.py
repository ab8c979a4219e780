"""Importing: rows of a file become tickets, orders or articles, batch by batch; what cannot be taken is set aside.

Each batch is one transaction, so a killed import has filed exactly its committed batches; running it again files the
rest, because every row has a key of its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any, TextIO, TypeVar

from helpdesk.desk import articles, filing, orders
from helpdesk.desk.context import Desk
from helpdesk.desk.filing import Triaged
from helpdesk.desk.judge import KEPT_MATCHES
from helpdesk.desk.judging import Judging
from helpdesk.errors import UsageProblem
from helpdesk.i18n import _
from helpdesk.intake import rows
from helpdesk.intake.drafts import Draft, Rejected
from helpdesk.intake.files import Line, lines
from helpdesk.text import json_safe
from helpdesk.views import counts
from helpdesk.views import filing as lookups

BATCH = 1000

Taken = TypeVar("Taken")

Progress = Callable[[int], None]
"""Called with the number of rows read so far, after each commit."""


@dataclass(slots=True)
class Imported:
    """What became of the rows of a file."""

    read: int = 0
    filed: int = 0
    duplicates: int = 0
    rejected: int = 0
    rejects_file: str | None = None


@dataclass(slots=True)
class Rejects:
    """Where rows that cannot be taken go: a JSON line each, with the line they stood on and why."""

    path: Path | None
    count: int = 0
    first: str = ""
    _file: TextIO | None = None

    def add(self, line: Line, reason: str) -> None:
        """Set a row aside."""
        self.count += 1
        self.first = self.first or _("line {number}: {reason}").format(number=line.number, reason=reason)
        if self.path is None:
            return
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8")
        entry = {"line": line.number, "reason": reason, "row": line.row if line.row is not None else line.raw}
        self._file.write(json_safe(json.dumps(entry, ensure_ascii=False, default=str)) + "\n")

    def close(self) -> None:
        """Finish the file."""
        if self._file is not None:
            self._file.close()

    def name(self) -> str | None:
        """The file's name, if anything was set aside."""
        return str(self.path) if self._file is not None else None


@contextmanager
def rejects(path: Path | None) -> Iterator[Rejects]:
    """A place for rejected rows, closed at the end."""
    place = Rejects(path)
    try:
        yield place
    finally:
        place.close()


@dataclass(slots=True)
class TicketImport:
    """An import of tickets: where from, and how strictly."""

    desk: Desk
    source: str
    create_categories: bool = False
    dry_run: bool = False
    rows_read: int = 0
    _seen: set[tuple[str, str]] = field(default_factory=set)
    _categories: set[str] = field(default_factory=set)
    _new_categories: set[str] = field(default_factory=set)

    def run(self, file: IO[bytes], form: str, aside: Rejects, progress: Progress = lambda read: None) -> Imported:
        """Import the rows of `file`."""
        self._categories = self._known_categories()
        done = Imported()
        with Judging(self.desk, KEPT_MATCHES, filing.triaged) as judging:
            for batch, triaged in judging.judged(self._batches(file, form, aside, done), filing.asked_of):
                self._store(list(zip(batch, triaged, strict=True)), done)
                progress(done.read)
        if done.filed and not self.dry_run:
            self.desk.store.settle()
        done.rejected, done.rejects_file = aside.count, aside.name()
        return done

    def check(self, file: IO[bytes], form: str, aside: Rejects) -> None:
        """Read every row and store nothing: what `--strict` does first."""
        self._categories = self._known_categories()
        done = Imported()
        for _draft in self._drafts(file, form, aside, done):
            pass
        self.rows_read = done.read

    def _known_categories(self) -> set[str]:
        with self.desk.store.read() as connection:
            return set(counts.categories(connection))

    def _batches(self, file: IO[bytes], form: str, aside: Rejects, done: Imported) -> Iterator[tuple[Draft, ...]]:
        return _batched(self._drafts(file, form, aside, done), BATCH)

    def _drafts(self, file: IO[bytes], form: str, aside: Rejects, done: Imported) -> Iterator[Draft]:
        keys = rows.ImportKeys()
        for line in lines(file, form):
            done.read += 1
            if line.row is None:
                aside.add(line, line.problem or "")
                continue
            try:
                draft = self._checked(rows.ticket(line.row, self.source))
            except Rejected as reason:
                aside.add(line, str(reason))
                continue
            yield keys.keyed(draft, line.row)

    def _checked(self, draft: Draft) -> Draft:
        if draft.category is None or draft.category in self._categories:
            return draft
        if not self.create_categories:
            raise Rejected(
                _("category: there is no {slug!r}; correct it or add --create-categories").format(slug=draft.category)
            )
        self._new_categories.add(draft.category)
        self._categories.add(draft.category)
        return draft

    def _store(self, batch: Sequence[tuple[Draft, Triaged]], done: Imported) -> None:
        if self.dry_run:
            self._count_without_storing([draft for draft, _verdict in batch], done)
            return
        with self.desk.store.write() as session:
            if self._new_categories:
                filing.create_categories(session, self._new_categories - filing.categories(session))
                self._new_categories.clear()
            filed = filing.file_batch(session, self.desk, "import tickets", batch)
        done.duplicates += sum(result.duplicate for result in filed)
        done.filed += sum(not result.duplicate for result in filed)

    def _count_without_storing(self, drafts: Sequence[Draft], done: Imported) -> None:
        keys = [key for key in map(filing.key_of, drafts) if key]
        with self.desk.store.read() as connection:
            self._seen |= lookups.known_keys(connection, keys).keys()
        for key in keys:
            done.duplicates += key in self._seen
            done.filed += key not in self._seen
            self._seen.add(key)


def import_orders(
    desk: Desk,
    file: IO[bytes],
    form: str,
    aside: Rejects,
    dry_run: bool = False,
    progress: Progress = lambda read: None,
) -> Imported:
    """Import orders; one that is there already with the same facts counts as a duplicate."""
    done = Imported()
    for batch in _batched(_taken(lines(file, form), rows.order, aside, done), BATCH):
        fresh, same = orders.compare(desk, batch) if dry_run else orders.keep(desk, batch)
        done.filed += fresh
        done.duplicates += same
        progress(done.read)
    done.rejected, done.rejects_file = aside.count, aside.name()
    return done


def import_articles(
    desk: Desk, file: IO[bytes], aside: Rejects, dry_run: bool = False
) -> tuple[Imported, articles.Kept]:
    """Import articles in one operation; of an id given twice the last one counts."""
    done = Imported()
    taken = list(_taken(lines(file, "jsonl"), rows.article, aside, done))
    drafts = {draft.id: draft for draft in taken}
    kept = articles.compare(desk, list(drafts.values())) if dry_run else articles.keep(desk, list(drafts.values()))
    done.filed, done.duplicates = kept.created + kept.updated, kept.unchanged + len(taken) - len(drafts)
    done.rejected, done.rejects_file = aside.count, aside.name()
    return done, kept


def _taken(
    read: Iterable[Line], take: Callable[[dict[str, Any]], Taken], aside: Rejects, done: Imported
) -> Iterator[Taken]:
    for line in read:
        done.read += 1
        if line.row is None:
            aside.add(line, line.problem or "")
            continue
        try:
            yield take(line.row)
        except Rejected as reason:
            aside.add(line, str(reason))


def _batched(items: Iterator[Taken], size: int) -> Iterator[tuple[Taken, ...]]:
    while batch := tuple(islice(items, size)):
        yield batch


def form_of(name: str, asked: str | None) -> str:
    """`csv` or `jsonl`: as asked, else by the file's name."""
    if asked is None:
        return "csv" if name.lower().endswith((".csv", ".tsv", ".txt")) else "jsonl"
    if asked not in ("csv", "jsonl"):
        raise UsageProblem(_("--format is csv or jsonl, not {value!r}.").format(value=asked))
    return asked
