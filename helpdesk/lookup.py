"""Derived data by key, packed into one block of bytes: a single text asks for a hundred entries of fifty thousand, and
must not wait until all of them are parsed.

The block is a constant hash table after the idea of D. J. Bernstein's cdb (https://cr.yp.to/cdb/cdb.txt): one table of
slots with open addressing, then the entries. All numbers are 32 bits, little-endian:

    slots        a power of two, at least twice the number of entries
    slot × slots (CRC-32 of the key, offset of its entry; offset 0: empty)
    entry …      (length of key, length of value), the key in UTF-8, the value as JSON
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from struct import Struct
from typing import Any
from zlib import crc32

_COUNT = Struct("<I")
_PAIR = Struct("<II")

FEW = 20
"""Times a block is asked before all of it is parsed: from then on it is a batch."""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def pack(entries: Mapping[str, Any]) -> bytes:
    """The block that holds `entries`, whose values are JSON documents."""
    slots = 1 << max(1, len(entries) * 2 - 1).bit_length()
    table, body = bytearray(_PAIR.size * slots), bytearray()
    begin = _COUNT.size + len(table)
    for key, value in entries.items():
        name, document = key.encode("utf-8", "surrogatepass"), _encode(value).encode("utf-8", "surrogatepass")
        hashed = crc32(name)
        slot = _free_slot(table, hashed, slots)
        _PAIR.pack_into(table, slot, hashed, begin + len(body))
        body += _PAIR.pack(len(name), len(document)) + name + document
    return _COUNT.pack(slots) + bytes(table) + bytes(body)


def _free_slot(table: bytearray, hashed: int, slots: int) -> int:
    at = hashed & (slots - 1)
    while _PAIR.unpack_from(table, at * _PAIR.size)[1]:
        at = (at + 1) & (slots - 1)
    return at * _PAIR.size


class Lookup:
    """Entries by key: of a block asked a few times only those asked for are parsed, then all, once."""

    def __init__(self, block: bytes | memoryview) -> None:
        self._block = block
        (self._slots,) = _COUNT.unpack_from(block)
        self._asked = 0
        self._parsed: dict[str, Any] = {}

    @classmethod
    def of(cls, entries: Mapping[str, Any]) -> Lookup:
        """A Lookup over entries that are parsed already."""
        made = cls(pack({}))
        made._parsed, made._asked = dict(entries), FEW
        return made

    def among(self, keys: Collection[str]) -> dict[str, Any]:
        """Of `keys`, those there are, with their values, which must not be changed."""
        if self._asked < FEW:
            self._asked += 1
            if self._asked < FEW:
                return {key: value for key in keys if (value := self._find(key)) is not None}
            self._parsed = dict(self._entries())
        parsed = self._parsed
        return {key: parsed[key] for key in parsed.keys() & keys}

    def get(self, key: str) -> Any:
        """The value of one key, or None."""
        return self._parsed.get(key) if self._asked >= FEW else self._find(key)

    def _find(self, key: str) -> Any:
        name = key.encode("utf-8", "surrogatepass")
        hashed, block, mask = crc32(name), self._block, self._slots - 1
        at = hashed & mask
        while True:
            found, offset = _PAIR.unpack_from(block, _COUNT.size + at * _PAIR.size)
            if not offset:
                return None
            if found == hashed:
                key_length, length = _PAIR.unpack_from(block, offset)
                begin = offset + _PAIR.size
                if block[begin : begin + key_length] == name:
                    return json.loads(
                        str(block[begin + key_length : begin + key_length + length], "utf-8", "surrogatepass")
                    )
            at = (at + 1) & mask

    def _entries(self) -> Iterator[tuple[str, Any]]:
        at, block = _COUNT.size + self._slots * _PAIR.size, self._block
        while at < len(block):
            key_length, length = _PAIR.unpack_from(block, at)
            begin = at + _PAIR.size
            key = str(block[begin : begin + key_length], "utf-8", "surrogatepass")
            yield key, _value(block, begin + key_length, length)
            at = begin + key_length + length


def _value(block: bytes | memoryview, at: int, length: int) -> Any:
    return json.loads(str(block[at : at + length], "utf-8", "surrogatepass"))
