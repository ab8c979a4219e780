"""The sample shop run through the main job: import, triage, answer what is sure, close what was solved."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from helpdesk import config
from helpdesk.clock import iso, parse_time, to_millis
from helpdesk.desk import conversation, importing, steps
from helpdesk.desk.context import Desk
from helpdesk.desk.importing import Imported
from helpdesk.errors import NotAllowed
from helpdesk.i18n import _
from helpdesk.models.states import Step
from helpdesk.models.tables import Setting
from helpdesk.views import counts, query, tickets

SOURCE = "sample-shop"
_MARK = "sample-shop"


@dataclass(frozen=True, slots=True)
class Demo:
    """What the demo did."""

    orders: Imported
    articles: Imported
    tickets: Imported
    answered: int
    closed: int


def run(desk: Desk) -> Demo:
    """Build the sample shop in the desk's store, which must be a demo store or not exist yet."""
    _claim(desk)
    orders = _import_orders(desk)
    articles = _import_articles(desk)
    samples = _samples_of_today(desk)
    with importing.rejects(None) as aside:
        tickets = importing.TicketImport(desk, SOURCE).run(_as_file(samples), "jsonl", aside)
    answered = _answer_what_is_sure(desk, samples)
    closed = _close_what_is_done(desk, answered)
    return Demo(orders, articles, tickets, len(answered), closed)


def _claim(desk: Desk) -> None:
    path = desk.store.path
    if desk.store.exists:
        with desk.store.read() as connection:
            mine = counts.setting(connection, _MARK)
        if mine is None:
            raise NotAllowed(
                _("{path} is a store of your own; the demo would fill it with samples. Leave --db away.").format(
                    path=path
                )
            )
        for file in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
            file.unlink(missing_ok=True)
    with desk.store.write() as session:
        session.add(Setting(key=_MARK, value="1"))
        session.add(Setting(key="shop.name", value="Sample Shop"))


def _import_orders(desk: Desk) -> Imported:
    with (config.fixtures() / "orders.csv").open("rb") as file, importing.rejects(None) as aside:
        return importing.import_orders(desk, file, "csv", aside)


def _import_articles(desk: Desk) -> Imported:
    with (config.fixtures() / "faq.jsonl").open("rb") as file, importing.rejects(None) as aside:
        return importing.import_articles(desk, file, aside)[0]


def _samples_of_today(desk: Desk) -> list[dict[str, Any]]:
    """The sample tickets, moved in time so that the newest came a moment ago."""
    lines = (config.fixtures() / "tickets.jsonl").read_text(encoding="utf-8").splitlines()
    samples = [json.loads(line) for line in lines if line]
    newest = max(parse_time(sample["created_at"]) for sample in samples)
    shift = desk.now() - newest - timedelta(minutes=2)
    for sample in samples:
        sample["created_at"] = iso(to_millis(parse_time(sample["created_at"]) + shift))
        for message in sample.get("messages", ()):
            if message.get("at"):
                message["at"] = iso(min(to_millis(parse_time(message["at"]) + shift), desk.moment()))
    return samples


def _as_file(samples: list[dict[str, Any]]) -> io.BytesIO:
    return io.BytesIO(b"".join(json.dumps(sample).encode() + b"\n" for sample in samples))


def _answer_what_is_sure(desk: Desk, samples: list[dict[str, Any]]) -> dict[int, bool]:
    """Send the article where the band permits; for each ticket answered, whether its buyer would call that solved."""
    labels = {sample["external_id"]: sample["labels"] for sample in samples}
    answered = {}
    for ticket in _found(desk, "state:new,open band:answer"):
        sent = conversation.answer(desk, ticket["number"])
        label = labels[ticket["external_id"]]
        answered[ticket["number"]] = label["solved"] and label["article"] == sent.article
    return answered


def _close_what_is_done(desk: Desk, answered: dict[int, bool]) -> int:
    """Close what the answer solved, and the messages that only say thanks."""
    solved = [number for number, was_solved in answered.items() if was_solved]
    thanks = [ticket["number"] for ticket in _found(desk, "state:new mood:positive category:other band:unsure")]
    for numbers, reason in ((solved, "solved"), (thanks, "thanks")):
        if numbers:
            steps.move(desk, Step.CLOSE, numbers, reason=reason)
    return len(solved) + len(thanks)


def _found(desk: Desk, words: str) -> list[dict[str, Any]]:
    with desk.store.read() as connection:
        wanted = query.parse(words, query.Scope(desk.moment(), desk.actor, tuple(counts.categories(connection))))
        return tickets.page(connection, wanted, desk.moment(), "created", limit=10_000).tickets
