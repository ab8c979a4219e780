"""A long list read by pages: every position shows the ticket that is there, without counting from the top."""

from __future__ import annotations

import random
from itertools import chain

import pytest
from conftest import NOW, Run

from helpdesk.clock import parse_time, to_millis
from helpdesk.store import Store
from helpdesk.tui.listing import Listing
from helpdesk.views import query, tickets
from helpdesk.views.query import Query, Scope

AT = to_millis(parse_time(NOW))
QUERIES = ["", "state:new,open", "lang:ko,en", "category:delivery", "退款", "number:0"]


@pytest.fixture(params=QUERIES, ids=lambda words: words or "all")
def wanted(request: pytest.FixtureRequest) -> Query:
    scope = Scope(AT, "mei", ("delivery",))
    return query.parse(request.param, scope)


@pytest.mark.parametrize("sort", tickets.SORTS)
def test_the_extent_of_a_list_is_that_of_its_pages(shop: Run, wanted: Query, sort: str) -> None:
    with Store(shop.store).read() as connection:
        extent = tickets.extent(connection, wanted, sort, 10)
        whole = [t["number"] for t in tickets.page(connection, wanted, AT, sort, 10_000).tickets]
        by_pages = [
            [t["number"] for t in tickets.page(connection, wanted, AT, sort, 10, start).tickets]
            for start in extent.starts
        ]
    assert extent.total == len(whole)
    assert list(chain(*by_pages)) == whole
    assert all(len(page) == 10 for page in by_pages[:-1])


@pytest.mark.parametrize("sort", tickets.SORTS)
def test_the_place_of_a_ticket_is_where_its_page_shows_it(shop: Run, wanted: Query, sort: str) -> None:
    with Store(shop.store).read() as connection:
        whole = [t["number"] for t in tickets.page(connection, wanted, AT, sort, 10_000).tickets]
        for number in random.Random(7).sample(whole, min(len(whole), 20)):
            assert tickets.place(connection, wanted, sort, number) == whole.index(number)
        assert tickets.place(connection, wanted, sort, 10**9) is None
        outside = {t["number"] for t in tickets.page(connection, Query(), AT, sort, 10_000).tickets} - set(whole)
        for number in sorted(outside)[:5]:
            assert tickets.place(connection, wanted, sort, number) is None


def test_any_row_is_there_once_its_page_is_read(shop: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helpdesk.tui.listing.PAGE", 10)
    listing = Listing(1)
    with Store(shop.store).read() as connection:
        whole = [t["number"] for t in tickets.page(connection, Query(), AT, "created", 10_000).tickets]
        listing.put(0, tickets.page(connection, Query(), AT, "created", 10))
        assert not listing.is_complete
        assert len(listing) == 10
        assert listing.missing(0, 25) == [1]
        listing.measure(tickets.extent(connection, Query(), "created", 10))
        assert len(listing) == len(whole)
        for index in (0, 9, 10, 133, len(whole) - 1):
            for page in listing.missing(index, index):
                start = listing.start(page)
                assert start is not None
                listing.put(page, tickets.page(connection, Query(), AT, "created", 10, start))
            row = listing.row(index)
            assert row is not None
            assert row["number"] == whole[index]
            assert listing.position(whole[index]) == index


def test_a_short_list_is_complete_with_its_first_page(shop: Run) -> None:
    listing = Listing()
    with Store(shop.store).read() as connection:
        found = query.parse("lang:ko", Scope(AT, "mei"))
        page = tickets.page(connection, found, AT, limit=100)
        listing.put(0, page)
    assert listing.is_complete
    assert len(listing) == len(page.tickets)


def test_few_pages_are_kept(shop: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helpdesk.tui.listing.PAGE", 5)
    listing, after = Listing(), ""
    with Store(shop.store).read() as connection:
        for number in range(40):
            page = tickets.page(connection, Query(), AT, "created", 5, after)
            listing.put(number, page)
            after = page.cursor or ""
    assert listing.row(0) is None
    assert listing.row(39 * 5) is not None
    assert listing.missing(0, 0) == [0]
