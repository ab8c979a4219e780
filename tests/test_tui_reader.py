"""One thread reads for all screens: whoever waits is served first, and nothing that was asked for is lost."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

from helpdesk.errors import StoreUnusable
from helpdesk.store import Store
from helpdesk.tui.reader import Reader

ENDLESS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n WHERE i < 0"


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    """A reader of a store nobody wrote yet."""
    made = Reader(Store(tmp_path / "shop.db"))
    yield made
    made.close()


def one(connection: sqlite3.Connection) -> int:
    """Something quick."""
    return int(connection.execute("SELECT 1").fetchone()[0])


def test_what_only_counts_is_broken_off_for_whoever_waits_and_comes_to_its_end_afterwards(reader):
    began, times = threading.Event(), []

    def ask(connection: sqlite3.Connection) -> str:
        times.append(len(times))
        began.set()
        if len(times) == 1:
            connection.execute(ENDLESS).fetchone()
        return "counted"

    patient = reader.read(ask, patient=True)
    assert began.wait(10)
    assert reader.read(one).result(10) == 1
    assert patient.result(10) == "counted"
    assert times == [0, 1]


def test_what_nobody_waits_for_any_more_ends_at_once(reader):
    began = threading.Event()

    def ask(connection: sqlite3.Connection) -> None:
        began.set()
        connection.execute(ENDLESS).fetchone()

    endless = reader.read(ask)
    assert began.wait(10)
    following = reader.read(one)
    endless.cancel()
    assert following.result(10) == 1
    with pytest.raises(CancelledError):
        endless.result(10)


def test_an_error_is_that_of_whoever_asked_and_the_next_is_served(reader):
    with pytest.raises(StoreUnusable):
        reader.read(lambda connection: connection.execute("SELECT nonsense")).result(10)
    with pytest.raises(ZeroDivisionError):
        reader.read(lambda _connection: 1 // 0).result(10)
    assert reader.read(one).result(10) == 1


def test_closing_waits_for_nothing_that_is_endless(tmp_path):
    for patient in (True, False):
        reader, began = Reader(Store(tmp_path / "shop.db")), threading.Event()

        def ask(connection: sqlite3.Connection, began: threading.Event = began) -> None:
            began.set()
            connection.execute(ENDLESS).fetchone()

        endless = reader.read(ask, patient)
        assert began.wait(10)
        reader.close()
        assert patient or endless.cancelled()
