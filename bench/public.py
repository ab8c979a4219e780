"""Public sets, by the way a shop goes: import with labels, `learn`, `triage --jsonl`; `kb import`, `triage --jsonl`.

A set of categories is a folder with `train.jsonl` and `test.jsonl` of `{"text", "label"}`; one of questions has
`kb.jsonl` of `{"id", "text", "group"?}` and `queries.jsonl` of `{"text", "gold" or "gold_group"}`. None is part of this
repository. Test splits and queries are only measured.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.measure import Row
from bench.stores import Stores, command, environment, helpdesk

WANTED = {
    "cls_banking_k10": ("BANKING77, 10 examples a class", 0.75),
    "cls_banking_full": ("BANKING77, all examples", 0.915),
    "cls_zh_xsid": ("xSID, Chinese", 0.93),
    "cls_ja_xsid": ("xSID, Japanese", 0.95),
    "cls_en_xsid": ("xSID, English", 0.92),
}

ASKED = {
    "faq_en_banking_k5": ("BANKING77 as FAQ, 5 phrasings an intent", 0.60),
    "faq_ko_parakqc": ("ParaKQC, Korean FAQ", 0.84),
}


def measured(stores: Stores, data: Path) -> Iterator[Row]:
    """Every set there is in `data`."""
    yield from categories(stores, data)
    yield from questions(stores, data)


def questions(stores: Stores, data: Path) -> Iterator[Row]:
    """The share of questions whose best match is the right article, for each set there is in `data`."""
    for folder, (name, wanted) in ASKED.items():
        if (data / folder).is_dir():
            yield Row(f"{name}: R@1", "(absolute)", _found(stores, data / folder), wanted, False)


def _found(stores: Stores, folder: Path) -> float:
    store, source = stores.empty(folder.name), stores.folder / f"{folder.name}.jsonl"
    phrasings: dict[str, list[str]] = {}
    for row in _lines(folder / "kb.jsonl"):
        phrasings.setdefault(row.get("group", row["id"]), []).append(row["text"])
    numbers = {group: f"a{place}" for place, group in enumerate(phrasings)}
    articles = [
        {"id": numbers[group], "question": question, "aliases": aliases, "answer": "…"}
        for group, (question, *aliases) in phrasings.items()
    ]
    _write(source, articles)
    helpdesk("kb", "import", str(source), store=store)
    asked = [row for row in _lines(folder / "queries.jsonl") if row.get("gold_group") or row.get("gold")]
    _write(source, [{"id": place, "text": row["text"]} for place, row in enumerate(asked)])
    judged = _judged(source, store)
    right = [numbers[row.get("gold_group") or row["gold"]] for row in asked]
    best = [verdict["matches"][0]["article"] if verdict["matches"] else None for verdict in judged]
    return sum(a == b for a, b in zip(best, right, strict=True)) / len(right)


def _judged(source: Path, store: Path) -> list[dict[str, Any]]:
    done = subprocess.run(
        (command(), "triage", "--jsonl", str(source)), env=environment(store), check=True, capture_output=True
    )
    source.unlink()
    return [json.loads(line) for line in done.stdout.splitlines()]


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def categories(stores: Stores, data: Path) -> Iterator[Row]:
    """The share of test texts whose category is judged right, for each set there is in `data`."""
    for folder, (name, wanted) in WANTED.items():
        if (data / folder).is_dir():
            yield Row(f"{name}: category accuracy", "(absolute)", _accuracy(stores, data / folder), wanted, False)


def _accuracy(stores: Stores, folder: Path) -> float:
    store, source = stores.fresh(folder.name), stores.folder / f"{folder.name}.jsonl"
    _write(source, [{"external_id": n, "body": text, "category": label} for n, text, label in _read(folder, "train")])
    helpdesk("import", "tickets", str(source), "--create-categories", store=store)
    helpdesk("learn", store=store)
    asked = _read(folder, "test")
    _write(source, [{"id": number, "text": text} for number, text, _label in asked])
    judged = [verdict["category"] for verdict in _judged(source, store)]
    return sum(one == label for one, (_number, _text, label) in zip(judged, asked, strict=True)) / len(asked)


def _read(folder: Path, split: str) -> list[tuple[str, str, str]]:
    """The number, the text and the label of each line, the label as a category's name."""
    rows = _lines(folder / f"{split}.jsonl")
    return [(str(number), row["text"], _slug(row["label"])) for number, row in enumerate(rows)]


def _slug(label: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")


def _write(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
