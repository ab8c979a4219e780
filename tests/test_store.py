"""The store: private, whole or untouched, one schema, two doors, and every paged query on its index."""

import os
import re
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

import helpdesk.models.tables
from helpdesk.clock import to_millis
from helpdesk.desk import Desk, filing
from helpdesk.desk.judge import of_articles
from helpdesk.errors import HelpdeskError, StoreUnusable
from helpdesk.intake.drafts import Draft
from helpdesk.models import vocabulary
from helpdesk.models.tables import Setting, Ticket
from helpdesk.store import Store, health, migrations, sqlite
from helpdesk.store.migrations import APPLICATION_ID, LATEST, MIGRATIONS, migrate, schema_number
from helpdesk.views import progress, query, report, tickets, waiting
from helpdesk.views.query import Query

ROOT = Path(__file__).parent.parent
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
EVERYTHING = Query()


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "shop" / "shop.db")


def put(store, key, value="1"):
    with store.write() as session:
        session.add(Setting(key=key, value=value))


def settings(store):
    with store.read() as connection:
        return [key for (key,) in connection.execute("SELECT key FROM setting ORDER BY key")]


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def ticket_row(**fields):
    row = {"subject": "没发货", "created_at": 1, "updated_at": 1}
    return Ticket(**row | fields)


# --- private --------------------------------------------------------------------------


def test_nothing_is_created_before_the_first_write(store):
    with store.read() as connection:
        assert connection.execute("SELECT count(*) FROM ticket").fetchone() == (0,)
    assert not store.exists
    assert not store.path.parent.exists()


def test_the_store_and_its_side_files_are_private_whatever_the_umask(store):
    before = os.umask(0)
    try:
        put(store, "a")
        with store.read(), store.write() as session:
            session.add(Setting(key="b", value="1"))
            session.flush()
            files = list(store.path.parent.iterdir())
            assert {path.suffix for path in files} >= {".db", ".lock", ".db-wal", ".db-shm"}
            assert {path.name: mode(path) for path in files} == {path.name: 0o600 for path in files}
        store.back_up(store.path.with_name("copy.db"))
        assert mode(store.path.with_name("copy.db")) == 0o600
        assert mode(store.path.parent) == 0o700
    finally:
        os.umask(before)


WATCH = """
import os, stat, sys
from pathlib import Path
def watch(event, args):
    if event == "sqlite3.connect" and str(args[0]) not in (":memory:",):
        name = str(args[0]).removeprefix("file://").partition("?")[0]
        seen.append((name, oct(stat.S_IMODE(os.stat(name).st_mode)) if os.path.exists(name) else "none yet"))
    if event == "open" and isinstance(args[0], str) and ".db" in args[0] and args[2] & os.O_CREAT:
        seen.append((args[0], "created by open()"))
seen = []
os.umask(0)
sys.addaudithook(watch)
from helpdesk.store import Store
from helpdesk.models.tables import Setting
store = Store(Path(sys.argv[1]))
with store.write() as session:
    session.add(Setting(key="a", value="1"))
store.back_up(Path(sys.argv[2]))
print([what for name, what in seen if name.endswith(".db")])
"""


def test_sqlite_never_opens_a_file_that_is_not_yet_private(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", WATCH, str(tmp_path / "new" / "shop.db"), str(tmp_path / "copy.db")],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=60,
    )
    seen = eval(done.stdout or "'nothing'")
    opened = [what for what in seen if what != "created by open()"]
    assert opened, done.stderr
    assert set(opened) == {"0o600"}


# --- schema and migrations ------------------------------------------------------------


def test_the_tables_of_the_models_have_the_columns_of_the_schema(store):
    with store.read() as connection:
        strict = {name for _s, name, kind, _n, _w, _st in connection.execute("PRAGMA table_list") if kind == "table"}
        in_schema = {
            table: [name for _c, name, *_rest in connection.execute(f"PRAGMA table_info({table})")]
            for table in strict
            if not table.startswith(("sqlite_", "message_terms"))
        }
    in_models = {name: [column.name for column in table.columns] for name, table in SQLModel.metadata.tables.items()}
    assert helpdesk.models.tables.Ticket.__tablename__ == "ticket"
    assert {name: sorted(columns) for name, columns in in_schema.items()} == {
        name: sorted(columns) for name, columns in in_models.items()
    }


def test_the_models_agree_with_the_schema_on_what_may_be_missing_and_what_identifies(store):
    with store.read() as connection:
        for name, table in SQLModel.metadata.tables.items():
            for _c, column, _type, required, _default, key in connection.execute(f"PRAGMA table_info({name})"):
                assert table.columns[column].primary_key == bool(key), f"{name}.{column}"
                assert table.columns[column].nullable == (not required and not key), f"{name}.{column}"


def test_every_table_is_strict(store):
    with store.read() as connection:
        tables = connection.execute("SELECT name, type, strict FROM pragma_table_list WHERE schema = 'main'").fetchall()
    loose = [name for name, kind, strict in tables if kind == "table" and not strict and not name.startswith("sqlite_")]
    assert loose == []
    assert len(tables) > 15


def test_a_strict_column_refuses_a_value_of_another_type(store):
    with (
        pytest.raises(StoreUnusable | IntegrityError if False else (StoreUnusable, IntegrityError)),
        store.write() as s,
    ):
        s.execute(text("INSERT INTO customer (name, created_at) VALUES ('a', 'yesterday')"))


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "lost"},
        {"state": "snoozed"},
        {"state": "open", "snoozed_until": 5},
        {"state": "merged"},
        {"state": "open", "merged_into": 1},
        {"priority": "asap"},
        {"mood": "meh"},
        {"language": "fr"},
        {"channel": "fax"},
        {"band": "perhaps"},
        {"probability": 1.5},
        {"category_confidence": -0.1},
        {"rating": 6},
        {"assignee": ""},
        {"team": ""},
        {"category": "no_such_category"},
        {"customer_id": 99},
    ],
    ids=str,
)
def test_the_schema_refuses_a_ticket_that_cannot_be(store, fields):
    put(store, "before")
    with pytest.raises(IntegrityError), store.write() as session:
        session.add(ticket_row(**fields))
    with store.read() as connection:
        assert connection.execute("SELECT count(*) FROM ticket").fetchone() == (0,)


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("state", vocabulary.State),
        ("priority", vocabulary.Priority),
        ("mood", vocabulary.Mood),
        ("language", vocabulary.Language),
        ("channel", vocabulary.Channel),
        ("band", vocabulary.Band),
    ],
)
def test_the_schema_takes_every_word_of_the_vocabulary(store, column, words):
    rows = [{column: str(word)} for word in words]
    with store.write() as session:
        session.add(ticket_row())
        session.flush()
        for row in rows:
            row |= {"snoozed_until": 5} if row.get("state") == "snoozed" else {}
            row |= {"merged_into": 1} if row.get("state") == "merged" else {}
            session.add(ticket_row(**row))
    with store.read() as connection:
        assert connection.execute("SELECT count(*) FROM ticket").fetchone() == (len(rows) + 1,)


def test_the_built_in_categories_are_those_of_the_vocabulary(store):
    with store.read() as connection:
        found = connection.execute("SELECT slug FROM category WHERE builtin = 1").fetchall()
    assert {slug for (slug,) in found} == set(vocabulary.CATEGORIES)


def test_a_new_store_carries_the_latest_number_and_the_mark_of_this_program(store):
    put(store, "a")
    with store.read() as connection:
        assert schema_number(connection) == (LATEST, APPLICATION_ID)
    assert len(MIGRATIONS) == LATEST


@pytest.fixture
def one_more_migration(monkeypatch):
    """A program whose schema is one step ahead; the step is what the test says."""

    def install(step):
        monkeypatch.setattr(migrations, "MIGRATIONS", [*MIGRATIONS, step])
        for module in (migrations, sqlite, health):
            monkeypatch.setattr(module, "LATEST", LATEST + 1)

    return install


def add_colour(connection):
    connection.execute("ALTER TABLE tag ADD COLUMN colour TEXT NOT NULL DEFAULT ''")


def half_done(connection):
    add_colour(connection)
    connection.execute("INSERT INTO setting VALUES ('half', 'done')")
    connection.execute("INSERT INTO no_such_table VALUES (1)")


@pytest.mark.parametrize("door", ["read", "write"])
def test_an_older_store_is_migrated_at_either_door_and_copied_before(store, one_more_migration, door):
    put(store, "kept")
    one_more_migration(add_colour)
    if door == "write":
        put(store, "later")
    with store.read() as connection:
        assert schema_number(connection)[0] == LATEST + 1
        assert connection.execute("SELECT colour FROM tag").fetchall() == []
    copy = store.path.with_name(f"shop.db.before-{LATEST + 1}")
    assert mode(copy) == 0o600
    with closing(sqlite3.connect(copy)) as connection:
        assert schema_number(connection)[0] == LATEST
        assert connection.execute("SELECT key FROM setting").fetchall() == [("kept",)]
    assert all(check.sound for check in health.examine(store))


def test_a_migration_that_fails_leaves_the_old_number_and_the_old_content(store, one_more_migration, monkeypatch):
    put(store, "kept")
    with monkeypatch.context(), pytest.raises(StoreUnusable):
        one_more_migration(half_done)
        put(store, "never")
    monkeypatch.undo()
    with closing(sqlite3.connect(store.path)) as connection:
        assert schema_number(connection) == (LATEST, APPLICATION_ID)
        assert connection.execute("SELECT key FROM setting").fetchall() == [("kept",)]
        assert "colour" not in [row[1] for row in connection.execute("PRAGMA table_info(tag)")]


def test_of_two_migrations_the_first_stays_when_the_second_fails(monkeypatch):
    monkeypatch.setattr(migrations, "MIGRATIONS", [*MIGRATIONS, add_colour, half_done])
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        with pytest.raises(sqlite3.OperationalError):
            migrate(connection)
        assert schema_number(connection)[0] == LATEST + 1
        assert not connection.in_transaction
        assert connection.execute("SELECT count(*) FROM setting").fetchone() == (0,)


@pytest.mark.parametrize("door", ["read", "write"])
def test_a_newer_store_is_refused_and_left_alone(store, door):
    put(store, "kept")
    with closing(sqlite3.connect(store.path)) as connection:
        connection.execute(f"PRAGMA user_version = {LATEST + 7}")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = store.path.read_bytes()
    with pytest.raises(StoreUnusable, match=rf"{LATEST + 7}.*{LATEST}"), getattr(store, door)():
        pass
    assert store.path.read_bytes() == before


def somebody_elses_database(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")


def a_text(path):
    path.write_text("订单号,金额\n" * 1000, encoding="utf-8")


def another_programs_database(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA application_id = 12345")


def a_folder(path):
    path.mkdir()


@pytest.mark.parametrize("door", ["read", "write"])
@pytest.mark.parametrize("make", [somebody_elses_database, another_programs_database, a_text, a_folder])
def test_what_is_no_store_is_refused_in_one_sentence_and_left_alone(tmp_path, make, door):
    path = tmp_path / "shop.db"
    make(path)
    before = None if path.is_dir() else path.read_bytes()
    with pytest.raises(StoreUnusable) as refused, getattr(Store(path), door)():
        pass
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)
    assert path.is_dir() or path.read_bytes() == before


def test_a_damaged_store_is_refused_in_one_sentence(store):
    put(store, "a")
    with closing(sqlite3.connect(store.path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with store.path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 8000)
    with pytest.raises(StoreUnusable), store.read() as connection:
        connection.execute("SELECT count(*) FROM event, setting, ticket").fetchone()


# --- transactions ---------------------------------------------------------------------


def test_a_write_that_raises_leaves_nothing(store):
    put(store, "before")
    with pytest.raises(ZeroDivisionError), store.write() as session:
        session.add(Setting(key="a", value="1"))
        session.flush()
        session.add(ticket_row())
        session.flush()
        raise ZeroDivisionError
    assert settings(store) == ["before"]
    put(store, "after")
    assert settings(store) == ["after", "before"]


def test_a_write_interrupted_at_the_keyboard_leaves_nothing(store):
    with pytest.raises(KeyboardInterrupt), store.write() as session:
        session.add(Setting(key="a", value="1"))
        session.flush()
        raise KeyboardInterrupt
    assert settings(store) == []


def test_a_reader_sees_one_snapshot_to_its_end(store):
    put(store, "a")
    with store.read() as connection:
        (before,) = connection.execute("SELECT count(*) FROM setting").fetchone()
        put(store, "b")
        assert connection.execute("SELECT count(*) FROM setting").fetchone() == (before,)
    assert settings(store) == ["a", "b"]


def test_a_reader_is_not_kept_waiting_by_a_writer_and_does_not_see_what_is_unfinished(store):
    put(store, "a")
    with store.write() as session:
        session.add(Setting(key="b", value="1"))
        session.flush()
        assert settings(store) == ["a"]
    assert settings(store) == ["a", "b"]


def test_the_reading_door_does_not_write(store):
    put(store, "a")
    with pytest.raises(StoreUnusable), store.read() as connection:
        connection.execute("DELETE FROM setting")
    assert settings(store) == ["a"]


def test_a_writer_waits_for_the_one_before(store):
    put(store, "a")
    order = []

    def second():
        with store.write() as session:
            order.append("second")
            session.add(Setting(key="second", value="1"))

    with store.write() as session:
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.2)
        order.append("first")
        session.add(Setting(key="first", value="1"))
    thread.join(10)
    assert order == ["first", "second"]
    assert settings(store) == ["a", "first", "second"]


COUNT_UP = """
import sys
from pathlib import Path
from sqlalchemy import text
from helpdesk.store import Store
for _ in range(int(sys.argv[2])):
    with Store(Path(sys.argv[1])).write() as session:
        (value,) = session.execute(text("SELECT value FROM setting WHERE key = 'count'")).one()
        session.execute(text("UPDATE setting SET value = :value WHERE key = 'count'"), {"value": str(int(value) + 1)})
"""


def test_no_update_of_four_processes_is_lost(store):
    put(store, "count", "0")
    command = [sys.executable, "-c", COUNT_UP, str(store.path), "40"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    writers = [subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    talk = [writer.communicate(timeout=60)[1] for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * 4, talk
    with store.read() as connection:
        assert connection.execute("SELECT value FROM setting").fetchall() == [("160",)]


def test_a_writer_that_waited_long_enough_gives_up_in_one_sentence(store, monkeypatch):
    put(store, "a")
    monkeypatch.setenv("HELPDESK_LOCK_SECONDS", "0.2")
    with store.path.with_name("shop.db.lock").open("r+") as held:
        flock(held, LOCK_EX)
        began = time.monotonic()
        with pytest.raises(StoreUnusable, match=r"0\.2"):
            put(store, "b")
        assert 0.1 < time.monotonic() - began < 5
        assert settings(store) == ["a"]
    put(store, "b")
    assert settings(store) == ["a", "b"]


@pytest.mark.parametrize("nonsense", ["soon", "", "nan"])
def test_a_lock_patience_that_is_no_number_is_passed_over_or_named(store, monkeypatch, nonsense):
    monkeypatch.setenv("HELPDESK_LOCK_SECONDS", nonsense)
    try:
        put(store, "a")
    except HelpdeskError as refused:
        assert "HELPDESK_LOCK_SECONDS" in str(refused)
    else:
        assert settings(store) == ["a"]


def test_a_stored_commit_survives_a_killed_writer(store):
    put(store, "a")
    script = (
        "import os, sys; from pathlib import Path; from helpdesk.store import Store;"
        "from helpdesk.models.tables import Setting\n"
        "store = Store(Path(sys.argv[1]))\n"
        "with store.write() as s: s.add(Setting(key='b', value='1'))\n"
        "with store.write() as s:\n    s.add(Setting(key='c', value='1')); s.flush(); os.kill(os.getpid(), 9)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", script, str(store.path)], env=environment, timeout=60)
    assert done.returncode == -9
    assert settings(store) == ["a", "b"]
    put(store, "d")
    assert settings(store) == ["a", "b", "d"]


def test_a_value_never_stands_in_an_error(store):
    put(store, "a")
    with pytest.raises(IntegrityError) as refused, store.write() as session:
        session.add(Setting(key="a", value="CARD-KEY-1234"))
    assert "CARD-KEY-1234" not in str(refused.value)


# --- health ---------------------------------------------------------------------------


def test_doctor_finds_a_store_of_this_program_sound(store):
    put(store, "a")
    assert [check for check in health.examine(store) if not check.sound] == []


def test_doctor_sees_a_store_others_can_read(store):
    put(store, "a")
    store.path.chmod(0o644)
    assert [check.name for check in health.examine(store) if not check.sound] == ["mode"]


def test_doctor_sees_a_row_that_points_nowhere(store):
    put(store, "a")
    with closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute("INSERT INTO tag VALUES (77, 'vip')")
    assert [check.name for check in health.examine(store) if not check.sound] == ["references"]


# --- query plans ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def busy_store(tmp_path_factory):
    """A thousand tickets in every state, so that the plans are those of a shop in use."""
    store = Store(tmp_path_factory.mktemp("busy") / "shop.db")
    desk = Desk(store, "mei", lambda: NOW)
    states = [None, "open", "pending", "on_hold", "resolved", "closed", "spam"]
    judge = of_articles([])
    draft = Draft(body="卡密打不开", customer="QQ:12345678")
    verdict = filing.triaged(filing.asked_of(draft), judge.judge(draft.text))
    batch = [
        (
            Draft(body=draft.body, customer=f"QQ:1234{n % 50:04}", state=states[n % 7], created_at=to_millis(NOW) - n),
            verdict,
        )
        for n in range(1000)
    ]
    with store.write() as session:
        filing.file_batch(session, desk, "import tickets", batch)
    return store


def over_tickets(statement):
    """Whether a statement reads many tickets."""
    return "FROM ticket t" in statement and "t.number = " not in statement.split("ORDER")[0]


def plans_of(store, read, looked_at=over_tickets):
    """The query plan of every SELECT of a kind that `read(connection)` runs."""
    statements = []
    with store.read() as connection:
        connection.set_trace_callback(statements.append)
        read(connection)
        connection.set_trace_callback(None)
        asked = list(filter(looked_at, dict.fromkeys(statements)))
        assert asked, statements
        return [
            "\n".join(step for *_place, step in connection.execute(f"EXPLAIN QUERY PLAN {statement}"))
            for statement in asked
        ]


def scoped(words):
    return query.parse(words, query.Scope(to_millis(NOW), "mei", vocabulary.CATEGORIES))


def uses(plan, index):
    return re.search(rf"t USING (COVERING )?INDEX {index}\b", plan)


@pytest.mark.parametrize(
    ("sort", "index"),
    [
        ("urgency", "ticket_by_urgency"),
        ("created", "ticket_by_created"),
        ("updated", "ticket_by_updated"),
        ("due", "ticket_by_due"),
    ],
)
@pytest.mark.parametrize("words", ["", "state:open,new", "priority:>=high mood:negative"])
def test_a_page_of_the_list_reads_its_index_and_sorts_nothing(busy_store, sort, index, words):
    now, narrowed = to_millis(NOW), scoped(words)
    first, *_rest = plans_of(busy_store, lambda c: tickets.page(c, narrowed, now, sort, 10))
    assert uses(first, index), first
    assert not re.search(r"SCAN t(icket)?\b(?! USING)|USE TEMP B-TREE", first), first


@pytest.mark.parametrize("sort", ["urgency", "created", "updated", "due"])
def test_a_later_page_of_the_list_reads_the_same_index(busy_store, sort):
    now = to_millis(NOW)
    with busy_store.read() as connection:
        cursor = tickets.page(connection, EVERYTHING, now, sort, 10).cursor
    assert cursor
    first, *_rest = plans_of(busy_store, lambda c: tickets.page(c, EVERYTHING, now, sort, 10, cursor))
    assert uses(first, f"ticket_by_{sort}"), first
    assert "USE TEMP B-TREE" not in first
    assert not re.search(r"SCAN t(icket)?\b(?! USING)", first), first


def test_the_tickets_without_a_due_time_come_last_without_sorting(busy_store):
    now = to_millis(NOW)
    plans = plans_of(busy_store, lambda c: tickets.page(c, EVERYTHING, now, "due", 5000))
    assert len(plans) == 2
    assert "USE TEMP B-TREE" not in plans[1], plans[1]


def test_the_next_ticket_is_looked_for_on_three_indexes(busy_store):
    urgent, due, resolution = plans_of(busy_store, lambda c: waiting.candidates(c, EVERYTHING))
    assert uses(urgent, "ticket_actionable"), urgent
    assert uses(due, "ticket_by_due"), due
    assert uses(resolution, "ticket_resolution_due"), resolution
    for plan in (urgent, due, resolution):
        assert not re.search(r"SCAN t(icket)?\b(?! USING)|USE TEMP B-TREE", plan), plan


def test_the_time_usually_needed_is_read_off_the_newest_outcomes(busy_store):
    (plan,) = plans_of(busy_store, waiting.needed, bool)
    assert "outcome_by_end" in plan
    assert "USE TEMP B-TREE" not in plan


def test_what_a_customer_is_told_is_found_by_indexes_alone(busy_store):
    with busy_store.read() as connection:
        (code,) = connection.execute("SELECT code FROM ticket WHERE state = 'new' LIMIT 1").fetchone()
    plans = plans_of(busy_store, lambda c: progress.progress(c, code, to_millis(NOW)), bool)
    assert "ticket_by_code" in plans[0]
    assert any("outcome_by_start" in plan for plan in plans)
    for plan in plans:
        assert not re.search(r"SCAN (t|ticket|outcome)\b", plan), plan


def test_the_overdue_report_reads_the_index_of_each_clock(busy_store):
    now = to_millis(NOW + timedelta(hours=3))
    plans = plans_of(busy_store, lambda c: report.overdue(c, report.Asked(EVERYTHING, now, 3_600_000, 50)))
    for clock in vocabulary.ClockName:
        assert sum(bool(uses(plan, f"ticket_{clock}_due")) for plan in plans) >= 2, plans
    for plan in plans:
        assert not re.search(r"SCAN t(icket)?\b(?! USING)|USE TEMP B-TREE", plan), plan


def test_the_look_for_snoozed_tickets_reads_a_partial_index(busy_store):
    with busy_store.read() as connection:
        statements = []
        connection.set_trace_callback(statements.append)
        assert not tickets.sleepers_due(connection, to_millis(NOW))
        connection.set_trace_callback(None)
        (plan,) = [row[-1] for row in connection.execute(f"EXPLAIN QUERY PLAN {statements[-1]}")]
    assert "ticket_snoozed" in plan
