"""Derived data by key: what was packed is found, whether asked for once or a thousand times."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.lookup import FEW, Damaged, Lookup, pack

KEYS = st.text(max_size=8)
ENTRIES = st.dictionaries(KEYS, st.lists(st.integers() | st.text(max_size=5), min_size=1, max_size=3), max_size=60)


@given(ENTRIES, st.sets(KEYS, max_size=20))
def test_what_was_packed_is_found_and_nothing_else(entries, others):
    lookup = Lookup(pack(entries))
    asked = entries.keys() | others
    for _time in range(FEW + 2):
        assert lookup.among(asked) == entries
    assert lookup.among(others) == {key: entries[key] for key in others & entries.keys()}


@given(ENTRIES)
def test_a_single_entry_is_found_before_and_after_all_are_parsed(entries):
    lookup = Lookup(memoryview(pack(entries)))
    for _time in range(FEW + 2):
        assert all(lookup.get(key) == value for key, value in entries.items())
        assert lookup.get("not a key of any entry") is None
        lookup.among(["x"])


@given(ENTRIES)
def test_entries_that_are_parsed_already_are_found_alike(entries):
    assert Lookup.of(entries).among(entries.keys()) == Lookup(pack(entries)).among(entries.keys())


def test_bytes_are_kept_as_they_are():
    for lookup in (Lookup(pack({"a": b"", "b": b"\0[1]"})), Lookup.of({"a": b"", "b": b"\0[1]"})):
        assert (lookup.get("a"), lookup.get("b")) == (b"", b"\0[1]")


@given(ENTRIES.filter(bool), st.data())
def test_a_flipped_bit_is_never_taken_for_an_entry(entries, data):
    block = bytearray(pack(entries))
    at = data.draw(st.integers(0, len(block) - 1))
    block[at] ^= 1 << data.draw(st.integers(0, 7))
    try:
        lookup = Lookup(bytes(block))
        assert all(lookup.get(key) == value for key, value in entries.items())
    except Damaged:
        return
    pytest.fail("the damage was not noticed")


@pytest.mark.parametrize("asked", [1, FEW], ids=["one entry", "all"])
def test_a_block_with_a_damaged_entry_is_packed_anew(asked):
    block = pack({"a": 1, "b": 2})
    lookup = Lookup(block.replace(b"b2", b"b3"), lambda: block)
    for _time in range(asked):
        assert lookup.among(["b"]) == {"b": 2}
