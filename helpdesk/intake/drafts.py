"""Drafts: what is to be filed, checked and in one form, before anything is judged or stored."""

from __future__ import annotations

from dataclasses import dataclass

from helpdesk.clock import Millis


class Rejected(ValueError):
    """A row cannot be taken; the text is the reason, in the user's language."""


@dataclass(frozen=True, slots=True)
class MessageDraft:
    """A further message of an imported conversation."""

    author: str
    visibility: str
    body: str
    at: Millis | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A ticket to be filed. Empty text and None mean: not given, let the program judge."""

    subject: str = ""
    body: str = ""
    customer: str = ""
    name: str = ""
    channel: str = "other"
    order_no: str | None = None
    category: str | None = None
    priority: str | None = None
    state: str | None = None
    assignee: str | None = None
    team: str | None = None
    tags: tuple[str, ...] = ()
    messages: tuple[MessageDraft, ...] = ()
    created_at: Millis | None = None
    source: str = "cli"
    external_id: str | None = None
    import_key: str | None = None
    follows: int | None = None

    @property
    def text(self) -> str:
        """Subject and body as one text, as it is judged; a subject the body repeats is left out."""
        if not self.subject or self.body.startswith(self.subject.rstrip("…. ")):
            return self.body or self.subject
        return f"{self.subject}\n{self.body}" if self.body else self.subject


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """An order to be kept; `amount` in hundredths of the currency."""

    order_no: str
    platform: str = ""
    product: str = ""
    quantity: int = 1
    amount: int | None = None
    currency: str = "CNY"
    status: str = "unknown"
    contact: str = ""
    created_at: Millis | None = None
    paid_at: Millis | None = None


@dataclass(frozen=True, slots=True)
class ArticleDraft:
    """An article to be kept; `translations` maps a language to (question, answer)."""

    id: str
    category: str
    question: str
    answer: str
    aliases: tuple[str, ...] = ()
    translations: tuple[tuple[str, str, str], ...] = ()
    """(language, question, answer)"""
    state: str = "published"
    language: str = "zh-Hans"
    learnt: tuple[tuple[str, str], ...] = ()
    """(language, alias) of the aliases that were learnt from accepted answers"""
