"""Derived data by key, packed into one block of bytes: a single text asks for a hundred entries of fifty thousand, and
must not wait until the rest of them are read, checked or parsed.

The block is a constant hash table after the idea of D. J. Bernstein's cdb (https://cr.yp.to/cdb/cdb.txt): one table of
slots with open addressing, then the entries. All numbers are 32 bits, little-endian:

    length of the block, slots (a power of two), CRC-32 of the table
    slot × slots (CRC-32 of the key, offset of its entry; offset 0: empty)
    entry …      (CRC-32 of its rest, length of key, of value), the key in UTF-8, the value: JSON, or NUL and bytes

The table is checked when a block is opened, an entry when it is read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from struct import Struct
from typing import Any
from zlib import crc32

_HEAD = Struct("<III")
_COUNT = Struct("<I")
_PAIR = Struct("<II")

FEW = 20
"""Times a block is asked before all of it is parsed: from then on it is a batch."""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Damaged(ValueError):
    """A block that is not as it was packed."""


def pack(entries: Mapping[str, Any]) -> bytes:
    """The block that holds `entries`, whose values are JSON documents, or bytes, which are kept as they are."""
    slots = 1 << max(1, len(entries) * 4 // 3).bit_length()
    table, body = bytearray(_PAIR.size * slots), bytearray()
    begin = _HEAD.size + len(table)
    for key, value in entries.items():
        name = key.encode("utf-8", "surrogatepass")
        content = name + (
            b"\0" + value if isinstance(value, bytes) else _encode(value).encode("utf-8", "surrogatepass")
        )
        hashed = crc32(name)
        _PAIR.pack_into(table, _free_slot(table, hashed, slots), hashed, begin + len(body))
        rest = _PAIR.pack(len(name), len(content) - len(name)) + content
        body += _COUNT.pack(crc32(rest)) + rest
    return _HEAD.pack(begin + len(body), slots, crc32(table)) + bytes(table) + bytes(body)


def _free_slot(table: bytearray, hashed: int, slots: int) -> int:
    at = hashed & (slots - 1)
    while _PAIR.unpack_from(table, at * _PAIR.size)[1]:
        at = (at + 1) & (slots - 1)
    return at * _PAIR.size


class Lookup:
    """Entries by key: of a block asked a few times only those asked for are parsed, then all, once.

    A block that is damaged is a `Damaged` when it is opened; where only an entry of it is, it is `repacked`, if that is
    given.
    """

    def __init__(self, block: bytes | memoryview, repacked: Callable[[], bytes] | None = None) -> None:
        self._open(block)
        self._repacked = repacked
        self._asked = 0
        self._parsed: dict[str, Any] = {}

    def _open(self, block: bytes | memoryview) -> None:
        if len(block) < _HEAD.size:
            raise Damaged
        length, self._slots, table = _HEAD.unpack_from(block)
        begin = _HEAD.size + self._slots * _PAIR.size
        if length != len(block) or begin > length or crc32(block[_HEAD.size : begin]) != table:
            raise Damaged
        self._block = block

    @classmethod
    def of(cls, entries: Mapping[str, Any]) -> Lookup:
        """A Lookup over entries that are parsed already."""
        made = cls(pack({}))
        made._parsed, made._asked = dict(entries), FEW
        return made

    @property
    def is_for_many(self) -> bool:
        """Whether it was asked so often that preparing everything pays."""
        return self._asked + 1 >= FEW

    def among(self, keys: Collection[str]) -> dict[str, Any]:
        """Of `keys`, those there are, in any order, with their values, which must not be changed."""
        if self._asked < FEW:
            self._asked += 1
            if self._asked < FEW:
                return {key: value for key in keys if (value := self._found(key)) is not None}
            self._parsed = self._sound(self._all)
        parsed = self._parsed
        return {key: parsed[key] for key in parsed.keys() & keys}

    def get(self, key: str) -> Any:
        """The value of one key, or None."""
        return self._parsed.get(key) if self._asked >= FEW else self._found(key)

    def _found(self, key: str) -> Any:
        return self._sound(lambda: self._find(key.encode("utf-8", "surrogatepass")))

    def _sound(self, read: Callable[[], Any]) -> Any:
        try:
            return read()
        except Damaged:
            if self._repacked is None:
                raise
            self._open(self._repacked())
            return read()

    def _find(self, name: bytes) -> Any:
        hashed, mask = crc32(name), self._slots - 1
        at = hashed & mask
        while True:
            found, offset = _PAIR.unpack_from(self._block, _HEAD.size + at * _PAIR.size)
            if not offset:
                return None
            if found == hashed:
                key, value, _end = self._entry(offset)
                if key == name:
                    return _parsed(value)
            at = (at + 1) & mask

    def _all(self) -> dict[str, Any]:
        keys: list[str] = []
        values: list[bytes] = []
        at = _HEAD.size + self._slots * _PAIR.size
        while at < len(self._block):
            key, value, at = self._entry(at)
            keys.append(str(key, "utf-8", "surrogatepass"))
            values.append(value)
        # one document of fifty thousand values is parsed in a third of the time of fifty thousand documents
        documents = b",".join([value for value in values if value[:1] != b"\0"])
        parsed = iter(json.loads(str(b"[%b]" % documents, "utf-8", "surrogatepass")))
        return {key: value[1:] if value[:1] == b"\0" else next(parsed) for key, value in zip(keys, values, strict=True)}

    def _entry(self, at: int) -> tuple[bytes, bytes, int]:
        """The key and the value at a place, and where the next entry begins."""
        (checked,), (key_length, length) = _COUNT.unpack_from(self._block, at), _PAIR.unpack_from(self._block, at + 4)
        begin, end = at + 4, at + 12 + key_length + length
        rest = bytes(self._block[begin:end])
        if crc32(rest) != checked:
            raise Damaged
        return rest[8 : 8 + key_length], rest[8 + key_length :], end


def _parsed(value: bytes) -> Any:
    return value[1:] if value[:1] == b"\0" else json.loads(str(value, "utf-8", "surrogatepass"))
