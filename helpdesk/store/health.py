"""Whether the store is sound: what `doctor` looks at."""

from __future__ import annotations

import sqlite3
import stat
from dataclasses import dataclass
from pathlib import Path

from helpdesk.i18n import _
from helpdesk.models.chain import CHAIN_END, first_broken
from helpdesk.store.migrations import LATEST, schema_number
from helpdesk.store.sqlite import Store


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: what was found, and whether that is as it should be."""

    name: str
    found: str
    sound: bool


def examine(store: Store) -> list[Check]:
    """Every check, cheap ones first; reads the whole store."""
    with store.read() as connection:
        return [*_engine(connection), *_file(store.path), *_content(connection)]


def _engine(connection: sqlite3.Connection) -> list[Check]:
    (journal,) = connection.execute("PRAGMA journal_mode").fetchone()
    number, _application = schema_number(connection)
    features = {option for (option,) in connection.execute("PRAGMA compile_options")}
    return [
        Check("sqlite", sqlite3.sqlite_version, sqlite3.sqlite_version_info >= (3, 38)),
        # every writer and checkpoint stands behind the file lock, so the WAL-reset bug of these versions cannot strike
        Check("wal_reset_bug", _("behind the lock") if sqlite3.sqlite_version_info < (3, 51, 3) else _("fixed"), True),
        Check("fts5", str("ENABLE_FTS5" in features).lower(), "ENABLE_FTS5" in features),
        Check("journal", journal, journal in ("wal", "memory")),
        Check("schema", f"{number}/{LATEST}", number == LATEST),
    ]


def _file(path: Path) -> list[Check]:
    if not path.exists():
        return [Check("file", _("none yet"), True)]
    mode = stat.S_IMODE(path.stat().st_mode)
    return [Check("mode", f"{mode:04o}", mode & 0o077 == 0), Check("bytes", str(path.stat().st_size), True)]


def _content(connection: sqlite3.Connection) -> list[Check]:
    integrity = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
    orphans = connection.execute("PRAGMA foreign_key_check").fetchmany(3)
    events = connection.execute(
        "SELECT id, ticket_number, kind, actor, at, operation_id, detail, hash FROM event ORDER BY id"
    )
    broken = first_broken(events)
    cut = broken is None and _end(connection) != _kept_end(connection)
    return [
        Check("integrity", "; ".join(integrity), integrity == ["ok"]),
        Check("references", "ok" if not orphans else str(orphans), not orphans),
        Check("event_chain", _chain(broken, cut), broken is None and not cut),
    ]


def _chain(broken: int | None, cut: bool) -> str:
    if broken is not None:
        return _("broken at event {id}").format(id=broken)
    return _("the last events are missing") if cut else "ok"


def _end(connection: sqlite3.Connection) -> str | None:
    row = connection.execute("SELECT lower(hex(hash)) FROM event ORDER BY id DESC LIMIT 1").fetchone()
    return None if row is None else str(row[0])


def _kept_end(connection: sqlite3.Connection) -> str | None:
    row = connection.execute("SELECT value FROM setting WHERE key = ?", (CHAIN_END,)).fetchone()
    return None if row is None else str(row[0])
