"""Tickets that a careful human has labelled: what the program's judgement is measured against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from helpdesk.i18n import _
from helpdesk.intake import fields
from helpdesk.intake.drafts import Rejected
from helpdesk.intake.fields import Row
from helpdesk.models.vocabulary import Language, Mood, Priority

_SHORT = {
    "neg": "negative",
    "pos": "positive",
    "zh": "zh-Hans",
    "zh-cn": "zh-Hans",
    "zh-tw": "zh-Hant",
    "zh-hk": "zh-Hant",
}


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text with the labels given to it; None where a label was not given, `article` "" where none answers."""

    id: str
    text: str
    language: str | None
    categories: tuple[str, ...]
    """The category first, then those that are acceptable too."""
    priority: str | None
    mood: str | None
    article: str | None


def labelled(row: Row) -> Labelled:
    """A labelled ticket: labels under `labels` (language, category, also, priority, mood, article), or beside the text
    under the short names (lang, category, also, urgency, sentiment, faq)."""
    text = _text(row)
    if not text.strip():
        raise Rejected(_("no text"))
    given = row.get("labels")
    labels: dict[str, Any] = dict(given) if isinstance(given, dict) else dict(row)
    category = fields.slug(labels, "category")
    article = labels.get("article", labels.get("faq", ()))
    return Labelled(
        id=fields.label(row, "id") or fields.label(row, "external_id"),
        text=text,
        language=_word(labels, ("language", "lang"), tuple(Language)),
        categories=(category, *fields.texts(labels, "also")) if category else (),
        priority=_word(labels, ("priority", "urgency"), tuple(Priority)),
        mood=_word(labels, ("mood", "sentiment"), tuple(Mood)),
        article=None if article == () else str(article or ""),
    )


def _text(row: Row) -> str:
    if row.get("text"):
        return fields.text(row, "text")
    subject, body = fields.text(row, "subject"), fields.text(row, "body")
    return f"{subject}\n{body}" if subject and body else subject or body


def _word(labels: Row, keys: tuple[str, ...], allowed: tuple[str, ...]) -> str | None:
    for key in keys:
        value = fields.label(labels, key)
        if value:
            return fields.one_of({key: _SHORT.get(value.lower(), value)}, key, allowed)
    return None
