"""Ticket rows for benchmarks: clauses of the sample shop recombined, so that hardly two texts are the same."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from helpdesk import config

YEAR_END = datetime(2026, 11, 20, tzinfo=UTC)
OPEN_SHARE = 0.02
"""Of a year's tickets, those not finished; the newest ones."""


def clauses() -> list[str]:
    """The clauses of the sample tickets' texts."""
    bodies = [json.loads(line)["body"] for line in (config.fixtures() / "tickets.jsonl").open(encoding="utf-8")]
    found = {part.strip() for body in bodies for part in re.split(r"[。！？!?\n]", body[:600]) if len(part.strip()) > 3}
    return sorted(found)


def rows(count: int, seed: int = 1, finished: bool = True) -> Iterator[dict[str, object]]:
    """`count` rows over one year; with `finished`, all but the newest OPEN_SHARE are closed."""
    chance = random.Random(seed)
    pool = clauses()
    step = timedelta(days=365) / count
    begin = YEAR_END - timedelta(days=365)
    for number in range(count):
        text = "，".join(chance.sample(pool, chance.choice((1, 1, 2, 2, 3)))) + f" {chance.randrange(10**6)}"
        row: dict[str, object] = {
            "external_id": f"B{seed}-{number}",
            "subject": "",
            "body": text,
            "customer": f"QQ:{chance.randrange(10**5, 10**5 + max(count // 3, 10))}",
            "channel": chance.choice(("chat", "email", "web")),
            "created_at": (begin + step * number).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        if chance.random() < 0.3:
            row["order"] = f"DJ2026{chance.randrange(10**10):010d}{chance.randrange(10**6):06d}"
        if finished and number < count * (1 - OPEN_SHARE):
            row["state"] = "closed"
        yield row


def write(path: Path, count: int, seed: int = 1, finished: bool = True) -> None:
    """The rows as a JSON-lines file."""
    with path.open("w", encoding="utf-8") as file:
        for row in rows(count, seed, finished):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
