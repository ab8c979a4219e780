"""A chat or a mail pasted as it stood on the screen, read into who wrote, what about, and what was said.

Chats as QQ and WeChat copy them: a line with a name and a time, the text below. Mails with their head lines on top.
What has neither form is the customer's text as it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from helpdesk.intake import rows
from helpdesk.intake.drafts import Draft
from helpdesk.models.vocabulary import Author, Channel, Visibility

LONGEST = 1_000_000
"""Characters of a pasted text that are read."""

_MOST_HEAD_LINES = 40

_HEADS = {
    "from": "from", "发件人": "from", "寄件者": "from", "寄件人": "from", "差出人": "from", "보낸사람": "from",
    "subject": "subject", "主题": "subject", "主旨": "subject", "標題": "subject", "件名": "subject", "제목": "subject",
    "to": "", "cc": "", "date": "", "sent": "", "收件人": "", "收件者": "", "抄送": "", "时间": "", "日期": "",
    "发送时间": "", "發送時間": "", "宛先": "", "日時": "", "받는사람": "", "날짜": "", "reply-to": "",
}  # fmt: skip
_HEAD = re.compile(r"([^\s:：][^:：\n]{0,20}?)\s*[:：]\s*(.*)")
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")

_CLOCK = r"(?:[上下]午|早上|晚上|凌晨|中午|AM|PM)?\s?\d{1,2}:\d{2}(?::\d{2})?(?:\s?(?:AM|PM))?"
_DAY = r"(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}[-/月]\d{1,2}日?|昨天|今天|前天|星期.|周.)"
_SPEAKER = re.compile(rf"(?P<name>\S.{{0,40}}?)\s{{1,4}}(?:{_DAY}\s?)?{_CLOCK}", re.IGNORECASE)
_QQ = re.compile(r"[(（<](?:QQ[:：]?)?(\d{5,11})[)）>]$")


class Turn(NamedTuple):
    """What one person said without being interrupted."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Pasted:
    """A pasted text understood: a row as the import files have it, and the kind of text it was read as."""

    row: dict[str, Any]
    kind: str
    """`chat`, `mail` or `text`."""

    def draft(self, customer: str = "", order: str = "") -> Draft:
        """The ticket to be filed; what a person typed beside the text goes before what was read. May raise Rejected."""
        typed = {"customer": customer.strip(), "order": order.strip()}
        return rows.ticket(self.row | {key: value for key, value in typed.items() if value}, "cli")


def read(text: str, shop: Collection[str] = ()) -> Pasted:
    """A pasted text as a ticket to be filed; `shop` are the names the shop's own people write under.

    In a chat the customer is the first who speaks and is not of the shop; everybody else speaks for the shop.
    """
    text = text[:LONGEST].replace("\r\n", "\n").strip()
    return _mail(text) or _chat(text, {name.casefold() for name in shop}) or Pasted({"body": text}, "text")


def _mail(text: str) -> Pasted | None:
    heads, body = _heads(text)
    if "from" not in heads or not (body or heads.get("subject")):
        return None
    address = _ADDRESS.search(heads["from"])
    handle = address[0] if address else heads["from"][:100]
    name = _ADDRESS.sub("", heads["from"]).strip(" \t<>()[]\"'＜＞") if address else ""
    subject = " ".join(heads.get("subject", "").split())[:1000]
    row = {"subject": subject, "body": body, "customer": handle, "name": name, "channel": Channel.EMAIL.value}
    return Pasted(row, "mail")


def _heads(text: str) -> tuple[dict[str, str], str]:
    """The head lines we look at, and the text below the head."""
    found: dict[str, str] = {}
    lines = text.split("\n")
    for place, line in enumerate(lines[:_MOST_HEAD_LINES]):
        head = _HEAD.fullmatch(line.strip()[:2000])
        key = _HEADS.get("".join(head[1].split()).lower()) if head else None
        if head is None or key is None:
            return found, "\n".join(lines[place:]).strip()
        if key:
            found.setdefault(key, head[2].strip())
    return found, "\n".join(lines[_MOST_HEAD_LINES:]).strip()


def _chat(text: str, shop: Collection[str]) -> Pasted | None:
    turns = list(_turns(text))
    speaking = [turn.name for turn in turns if _bare(turn.name).casefold() not in shop]
    if not speaking:
        return None
    customer = speaking[0]
    if turns[0].name != customer:
        # a ticket begins with what the customer wrote: what the shop said before it stays readable beside it
        first = next(place for place, turn in enumerate(turns) if turn.name == customer)
        before = "\n".join(f"{_bare(turn.name)}: {turn.text}" for turn in turns[:first])
        turns = [Turn(customer, f"{before}\n{turns[first].text}"), *turns[first + 1 :]]
    number = _QQ.search(customer)
    row = {
        "body": turns[0].text,
        "customer": f"QQ:{number[1]}" if number else _bare(customer),
        "name": _bare(customer),
        "channel": Channel.CHAT.value,
        "messages": [
            {"author": _author(turn, customer), "visibility": Visibility.PUBLIC.value, "body": turn.text}
            for turn in turns[1:]
        ],
    }
    return Pasted(row, "chat")


def _author(turn: Turn, customer: str) -> str:
    return (Author.CUSTOMER if turn.name == customer else Author.AGENT).value


def _bare(name: str) -> str:
    """A name without the number behind it."""
    return _QQ.sub("", name).strip(" :：")


def _turns(text: str) -> Iterator[Turn]:
    """The turns of a chat, those of one speaker in a row as one; none when it does not begin like a chat."""
    name, said = "", list[str]()
    for line in text.split("\n"):
        speaker = _SPEAKER.fullmatch(line.strip()) if len(line) < 100 else None
        if speaker is None:
            if not name:
                return
            said.append(line)
        elif speaker["name"] != name:
            if any(part.strip() for part in said):
                yield Turn(name, "\n".join(said).strip())
            name, said = speaker["name"], []
    if any(part.strip() for part in said):
        yield Turn(name, "\n".join(said).strip())
