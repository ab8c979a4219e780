"""Rows of the import files turned into drafts; the names of the fields are the contract with whoever exports them."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from helpdesk.clock import Millis
from helpdesk.i18n import _
from helpdesk.intake import fields
from helpdesk.intake.drafts import ArticleDraft, Draft, MessageDraft, OrderDraft, Rejected
from helpdesk.intake.fields import Row
from helpdesk.intake.files import Line
from helpdesk.models.vocabulary import (
    ArticleState,
    Author,
    Channel,
    Language,
    OrderStatus,
    Priority,
    State,
    Visibility,
)

IMPORTED_STATES = tuple(state for state in State if state not in (State.MERGED, State.SNOOZED))
"""The states a ticket may be imported in: the two others need more than a word."""

LONGEST_SUBJECT = 1000

_STATUS_WORDS = {
    "0": "pending", "1": "paid",
    "未支付": "pending", "待支付": "pending", "pending_payment": "pending", "unpaid": "pending", "wait": "pending",
    "已支付": "paid", "待处理": "paid", "未发货": "paid", "处理中": "processing", "fulfilling": "processing",
    "partially_delivered": "processing", "已发货": "delivered", "已完成": "completed", "done": "completed",
    "处理失败": "failed", "失败": "failed", "异常": "failed", "已冻结": "failed", "过期": "cancelled",
    "expired": "cancelled", "canceled": "cancelled", "已取消": "cancelled", "已关闭": "cancelled",
    "closed": "cancelled",
    "已退款": "refunded", "partially_refunded": "refunded", "refund": "refunded",
}  # fmt: skip


def ticket(row: Row, source: str) -> Draft:
    """A ticket of an import file; without subject and body it is rejected."""
    subject, body = fields.text(row, "subject", LONGEST_SUBJECT).strip(), fields.text(row, "body")
    if not subject and not body.strip():
        raise Rejected(_("neither subject nor body"))
    return Draft(
        subject=" ".join(subject.split()),
        body=body or subject,
        customer=fields.label(row, "customer"),
        name=fields.label(row, "name")[:100],
        channel=fields.one_of(row, "channel", Channel) or Channel.OTHER,
        order_no=fields.identifier(row, "order") or fields.identifier(row, "order_no") or None,
        category=fields.slug(row, "category"),
        priority=fields.one_of(row, "priority", Priority),
        state=fields.one_of(row, "state", IMPORTED_STATES),
        assignee=fields.label(row, "assignee") or None,
        tags=tags(row),
        messages=fields.rows_of(row, "messages", _message),
        created_at=fields.moment(row, "created_at"),
        source=source,
        external_id=fields.identifier(row, "external_id") or None,
    )


@dataclass(frozen=True, slots=True)
class Question:
    """A text to be judged without storing it, with what is known of it; `problem` says why it cannot be."""

    line: int
    id: Any = None
    text: str = ""
    order_no: str | None = None
    customer: str = ""
    at: Millis | None = None
    problem: str = ""


def question(line: Line) -> Question:
    """A line of `triage --jsonl`: {id, text, order?, customer?, at?}."""
    row = line.row
    if row is None:
        return Question(line.number, problem=line.problem or "")
    if not isinstance(row.get("text"), str):
        return Question(line.number, problem=_("no text"))
    try:
        order_no = fields.identifier(row, "order") or None
        customer, at = fields.label(row, "customer"), fields.moment(row, "at")
    except Rejected as reason:
        return Question(line.number, problem=str(reason))
    return Question(line.number, row.get("id"), fields.text(row, "text"), order_no, customer, at)


def tags(row: Row) -> tuple[str, ...]:
    """Tags in the form queries use: no spaces, lower case."""
    return tuple(dict.fromkeys(tag.replace(" ", "-").lower() for tag in fields.texts(row, "tags")))


def _message(row: Row) -> MessageDraft:
    body = fields.text(row, "body")
    if not body.strip():
        raise Rejected(_("messages: a message without body"))
    author = fields.one_of(row, "author", Author, Author.CUSTOMER)
    visibility = fields.one_of(row, "visibility", Visibility, Visibility.PUBLIC)
    return MessageDraft(author or Author.CUSTOMER, visibility or Visibility.PUBLIC, body, fields.moment(row, "at"))


class ImportKeys:
    """Tells a row apart from every other of its source: by its external id, else by its content and its occurrence."""

    def __init__(self) -> None:
        self._seen: Counter[bytes] = Counter()

    def keyed(self, draft: Draft, row: Row) -> Draft:
        """`draft` with its key; the second of two equal rows without an id has another key than the first."""
        if draft.external_id:
            return replace(draft, import_key=f"id:{draft.external_id}")
        content = json.dumps(row, sort_keys=True, ensure_ascii=True, default=str).encode()
        digest = hashlib.blake2b(content, digest_size=16).digest()
        self._seen[digest] += 1
        return replace(draft, import_key=f"row:{digest.hex()}:{self._seen[digest]}")


def order(row: Row) -> OrderDraft:
    """An order of an import file; without a number it is rejected."""
    number = fields.identifier(row, "order_no")
    if not number:
        raise Rejected(_("order_no: missing"))
    return OrderDraft(
        order_no=number,
        platform=fields.label(row, "platform"),
        product=fields.label(row, "product"),
        quantity=fields.whole(row, "quantity", 1),
        amount=fields.hundredths(row, "amount"),
        currency=fields.label(row, "currency").upper() or "CNY",
        status=_status(fields.label(row, "status")),
        contact=fields.label(row, "contact"),
        created_at=fields.moment(row, "created_at"),
        paid_at=fields.moment(row, "paid_at"),
    )


def _status(word: str) -> str:
    word = word.lower().replace(" ", "_")
    if word in tuple(OrderStatus):
        return word
    return _STATUS_WORDS.get(word, OrderStatus.UNKNOWN)


def article(row: Row) -> ArticleDraft:
    """An article of a knowledge base file; without id, question and answer it is rejected, but a draft may lack the
    answer."""
    question, answer = fields.text(row, "question", 2000).strip(), fields.text(row, "answer").strip()
    identity = fields.label(row, "id")
    state = fields.one_of(row, "state", ArticleState, ArticleState.PUBLISHED) or ArticleState.PUBLISHED
    if not question or not (answer or state == ArticleState.DRAFT):
        raise Rejected(_("question and answer are both needed"))
    if not re.fullmatch(r"[\w.-]{1,80}", identity):
        raise Rejected(
            _("id: letters, digits, '.', '_' and '-' are allowed, up to 80, not {value!r}").format(value=identity)
        )
    return ArticleDraft(
        id=identity,
        category=fields.slug(row, "category") or "other",
        question=question,
        answer=answer,
        aliases=_aliases(row),
        translations=_translations(row),
        state=state,
        language=fields.one_of(row, "language", Language, Language.SIMPLIFIED) or Language.SIMPLIFIED,
        learnt=fields.rows_of(row, "learnt", _learnt),
    )


def _learnt(row: Row) -> tuple[str, str]:
    language = fields.one_of(row, "language", Language, Language.UNDETERMINED) or Language.UNDETERMINED
    text = fields.text(row, "text", 2000).strip()
    if not text:
        raise Rejected(_("learnt: an alias without text"))
    return str(language), text


def _aliases(row: Row) -> tuple[str, ...]:
    value = row.get("aliases")
    if value is not None and not isinstance(value, list):
        raise Rejected(_("aliases: a list of texts is expected"))
    return tuple(
        dict.fromkeys(filter(None, (fields.text({"aliases": a}, "aliases", 2000).strip() for a in value or ())))
    )


def _translations(row: Row) -> tuple[tuple[str, str, str], ...]:
    """`translations` {language: {question, answer}}; the short form `i18n` {language: question} is read too."""
    given = row.get("translations") or row.get("i18n") or {}
    if not isinstance(given, dict):
        raise Rejected(_("translations: an object by language is expected"))
    found = []
    for language, entry in given.items():
        tag = fields.one_of({"translations": language}, "translations", Language)
        entry = entry if isinstance(entry, dict) else {"question": entry}
        found.append((str(tag), fields.text(entry, "question", 2000).strip(), fields.text(entry, "answer").strip()))
    return tuple(found)
