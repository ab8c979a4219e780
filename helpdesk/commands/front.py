"""What every command has at hand: the store, the clock, and the way the user wants to be answered."""

import sys
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from helpdesk import clock, config
from helpdesk.clock import Millis
from helpdesk.errors import NotFound, UsageProblem
from helpdesk.i18n import _
from helpdesk.store import Store
from helpdesk.views import query, tickets
from helpdesk.views.query import Query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpdesk.desk import Desk

LONGEST_INPUT = 16_000_000


class Front:
    """The global options of one invocation."""

    def __init__(self, db: str | None = None, json: bool = False, quiet: bool = False, verbose: bool = False) -> None:
        self.db, self.json, self.quiet, self.verbose = db, json, quiet, verbose
        self.jsonl = False
        self.started = clock.now()

    @property
    def store(self) -> Store:
        """The store the user named."""
        return Store(config.store_path(self.db))

    @property
    def now(self) -> Millis:
        """The moment this command began; one command sees one time."""
        return clock.to_millis(self.started)

    @property
    def desk(self) -> "Desk":
        """The desk to act from; imports what writing needs."""
        from helpdesk.desk import Desk

        return Desk(self.store, config.who_am_i())

    @property
    def on_terminal(self) -> bool:
        """Whether a person reads stdout."""
        return not (self.json or self.jsonl) and sys.stdout.isatty()

    def talk(self, sentence: str) -> None:
        """Say something beside the data."""
        if not self.quiet:
            self.complain(sentence)

    def complain(self, sentence: str) -> None:
        """Say what went wrong, to a quiet user too."""
        from helpdesk.text import safe

        sys.stderr.write(safe(sentence) + "\n")

    @contextmanager
    def reading(self) -> "Iterator[Any]":
        """A connection to read from; says so when there is no store yet, and wakes the tickets whose time has come."""
        store = self.store
        if not store.exists:
            self.talk(_("There is no store at {path} yet; file a first ticket: helpdesk new").format(path=store.path))
        with store.read() as connection:
            sleeping = tickets.sleepers_due(connection, self.now)
            if not sleeping:
                yield connection
        if sleeping:
            from helpdesk.desk import steps

            steps.wake(self.desk)
            with store.read() as connection:
                yield connection

    def query(self, connection: Any, words: Sequence[str]) -> Query:
        """The query behind the words of the command line."""
        if not words:
            return Query()
        from helpdesk.views.counts import article_ids, categories

        scope = query.Scope(self.now, config.who_am_i(), tuple(categories(connection)), lambda: article_ids(connection))
        return query.parse(words, scope)

    def chosen(self, numbers: Sequence[int], words: str | None) -> list[int]:
        """The tickets a command is to change: those named, or those a query finds. Never all by omission."""
        if words is None:
            if not numbers:
                raise UsageProblem(_("Name the tickets by number, or with --query."))
            return list(numbers)
        if numbers:
            raise UsageProblem(_("Name the tickets by number or with --query, not both."))
        with self.reading() as connection:
            parsed = self.query(connection, [words])
            if parsed.is_empty:
                raise UsageProblem(_("An empty query would change every ticket; say which, e.g. --query state:new"))
            found = tickets.numbers(connection, parsed)
        if not found:
            raise NotFound(_("The query finds no ticket; nothing was changed."))
        return found


def text_or_stdin(words: str | None, what: str) -> str:
    """A text given as an argument, or read from stdin when it is `-` or left away in a pipe."""
    if words is not None and words != "-":
        return words
    if words is None and sys.stdin.isatty():
        raise UsageProblem(_("Give the {what} as an argument, or - to read it from stdin.").format(what=what))
    return read_stdin()


def read_stdin() -> str:
    """All of stdin as text, up to LONGEST_INPUT bytes; what is not UTF-8 becomes replacement marks."""
    raw = stdin_bytes().read(LONGEST_INPUT)
    return raw.decode("utf-8", "replace").removeprefix("\ufeff").rstrip("\n")


def stdin_bytes() -> IO[bytes]:
    """Stdin as bytes."""
    return sys.stdin.buffer


@contextmanager
def opened(name: str) -> "Iterator[IO[bytes]]":
    """A file to read, or stdin for `-`."""
    if name == "-":
        yield stdin_bytes()
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115 - closed below, so that only opening it is guarded
    except OSError as error:
        raise NotFound(
            _("{path} cannot be read ({reason}); check the name.").format(path=name, reason=error.strerror)
        ) from error
    with file:
        yield file
