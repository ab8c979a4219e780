"""Categories learnt from public sets, by the way a shop goes: import with labels, `learn`, `triage --jsonl`.

A set is a folder with `train.jsonl` and `test.jsonl` of `{"text", "label"}`; none is part of this repository. The test
split is only measured.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from bench.measure import Row
from bench.stores import Stores, command, environment, helpdesk

WANTED = {
    "cls_banking_k10": ("BANKING77, 10 examples a class", 0.75),
    "cls_banking_full": ("BANKING77, all examples", 0.915),
    "cls_zh_xsid": ("xSID, Chinese", 0.93),
    "cls_ja_xsid": ("xSID, Japanese", 0.95),
    "cls_en_xsid": ("xSID, English", 0.92),
}


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
    done = subprocess.run(
        (command(), "triage", "--jsonl", str(source)), env=environment(store), check=True, capture_output=True
    )
    source.unlink()
    judged = [json.loads(line)["category"] for line in done.stdout.splitlines()]
    return sum(one == label for one, (_number, _text, label) in zip(judged, asked, strict=True)) / len(asked)


def _read(folder: Path, split: str) -> list[tuple[str, str, str]]:
    """The number, the text and the label of each line, the label as a category's name."""
    lines = (folder / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [(str(number), row["text"], _slug(row["label"])) for number, row in enumerate(rows)]


def _slug(label: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
