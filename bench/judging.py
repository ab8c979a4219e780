"""Judgement: one match in a growing knowledge base, many texts through `triage --jsonl`, one text from a cold start."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from pathlib import Path

from rapidfuzz import fuzz, process

from bench import rows
from bench.measure import Row, interleaved, median, python
from bench.measure import process as whole
from bench.stores import Stores, command, environment, helpdesk
from helpdesk.desk import judge
from helpdesk.kb.index import ArticleText
from helpdesk.text import fold

SIZES = {1_000: 3.0, 10_000: 1.0, 100_000: 1 / 15}
"""Phrasings, and the bar against comparing with every one of them."""

PHRASINGS = 5
"""Phrasings of an article."""

ASKED = 200
ROUNDS = 11
FEW, MANY = 1_000, 10_000
RATE = 1_500
"""Tickets a second `triage --jsonl` is to judge."""


def texts(count: int, seed: int) -> list[str]:
    """Texts of one or two clauses of the sample tickets, hardly two the same."""
    chance, pool = random.Random(seed), rows.clauses()
    return ["，".join(chance.sample(pool, chance.choice((1, 2)))) for _ in range(count)]


def articles(phrasings: int) -> list[ArticleText]:
    """Articles with so many phrasings in all."""
    made = texts(phrasings, seed=phrasings)
    groups = [made[at : at + PHRASINGS] for at in range(0, len(made), PHRASINGS)]
    return [ArticleText(f"a{n}", "other", group[0], tuple(group)) for n, group in enumerate(groups)]


def match(_stores: Stores) -> Iterator[Row]:
    """The median time of one match, warm, against `rapidfuzz.fuzz.ratio` with every phrasing."""
    asked = texts(ASKED, seed=5)
    for size, bar in SIZES.items():
        known = articles(size)
        judging = judge.of_articles(known)
        folded = [fold(text) for article in known for text in article.phrasings]
        for text in asked[:50]:
            judging.hear(text)
        ours, brute = [], []
        for text in asked:
            reading, hits, likeness = judging.understood(text)
            begun = time.perf_counter()
            judging.matched(reading, hits, likeness, 10)
            ours.append(time.perf_counter() - begun)
            begun = time.perf_counter()
            process.extract(fold(text), folded, scorer=fuzz.ratio, limit=10)
            brute.append(time.perf_counter() - begun)
        yield Row(f"one match, {size:,} phrasings, p50", "`fuzz.ratio` with each", median(ours) / median(brute), bar)


def triage(stores: Stores) -> Iterator[Row]:
    """`triage --jsonl` of MANY texts against FEW, and texts a second."""
    store = stores.fresh("triage")
    files = {count: _written(stores.folder / f"triage-{count}.jsonl", count) for count in (FEW, MANY)}
    tasks = {
        str(count): whole(command(), "triage", "--jsonl", str(file), env=environment(store))
        for count, file in files.items()
    }
    seconds = interleaved(tasks, 3)
    few, many = median(seconds[str(FEW)]), median(seconds[str(MANY)])
    yield Row(f"`triage --jsonl`, {MANY:,} texts: seconds a text", f"itself on {FEW:,}", many / MANY / (few / FEW), 1.2)
    yield Row(f"`triage --jsonl`, {MANY:,} texts: texts a second", "(absolute)", MANY / many, RATE, at_most=False)


def _written(path: Path, count: int) -> Path:
    lines = (
        json.dumps({"id": n, "text": row["body"]}, ensure_ascii=False) for n, row in enumerate(rows.rows(count, 3))
    )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def cold(stores: Stores) -> Iterator[Row]:
    """`triage TEXT` in a shop with 10,000 phrasings against the barest Python."""
    store, source = stores.fresh("cold"), stores.folder / "cold.jsonl"
    with source.open("w", encoding="utf-8") as file:
        for article in articles(10_000):
            question, *aliases = article.phrasings
            row = {"id": article.id, "category": "other", "question": question, "aliases": aliases, "answer": "…"}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    helpdesk("kb", "import", str(source), store=store)
    words = ("triage", "付了款没发货，订单号A7K2M9QX4ZP1LW8D")
    tasks = {"ours": whole(command(), *words, env=environment(store)), "bare": python("import sqlite3")}
    seconds = interleaved(tasks, ROUNDS)
    yield Row(
        "`triage TEXT`, cold, 10,000 phrasings",
        "`python -c 'import sqlite3'`",
        median(seconds["ours"]) / median(seconds["bare"]),
        6,
    )
