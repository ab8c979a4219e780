"""The hash chain over events, by which a changed, removed or inserted one is found.

hash = SHA-256(previous hash ‖ canonical JSON of [ticket, kind, actor, at, operation, detail]); the first has 32 zero
bytes before it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256

from helpdesk.clock import Millis

BEGINNING = bytes(32)

CHAIN_END = "chain.end"
"""The setting that keeps the newest event's hash, so that events cut off at the end are missed too."""

_canonical = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

Link = tuple[int, int, str, str, Millis, int, str, bytes]
"""(id, ticket, kind, actor, at, operation, detail, hash)"""


def chained(previous: bytes, ticket: int, kind: str, actor: str, at: Millis, operation: int, detail: str) -> bytes:
    """The hash of an event that follows one whose hash is `previous`."""
    content = _canonical([ticket, kind, actor, at, operation, detail])
    return sha256(previous + content.encode("utf-8", "surrogatepass")).digest()


def first_broken(links: Iterable[Link], previous: bytes = BEGINNING) -> int | None:
    """The id of the first event whose hash does not fit the one before it; None when the chain holds."""
    for identity, ticket, kind, actor, at, operation, detail, found in links:
        previous = chained(previous, ticket, kind, actor, at, operation, detail)
        if previous != found:
            return identity
    return None
