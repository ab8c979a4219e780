"""The words of the design as closed sets; the strings are what the store, JSON and queries use."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a ticket stands in its life."""

    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    ON_HOLD = "on_hold"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"
    CLOSED = "closed"
    MERGED = "merged"
    SPAM = "spam"


class Priority(StrEnum):
    """How soon a ticket must be taken, lowest first."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class Mood(StrEnum):
    """How the customer feels."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Language(StrEnum):
    """The languages told apart, as BCP 47 tags."""

    SIMPLIFIED = "zh-Hans"
    TRADITIONAL = "zh-Hant"
    ENGLISH = "en"
    JAPANESE = "ja"
    KOREAN = "ko"
    UNDETERMINED = "und"


class Channel(StrEnum):
    """Where the customer wrote."""

    CHAT = "chat"
    EMAIL = "email"
    PHONE = "phone"
    WEB = "web"
    SOCIAL = "social"
    CLI = "cli"
    OTHER = "other"


class Author(StrEnum):
    """Who wrote a message."""

    CUSTOMER = "customer"
    AGENT = "agent"
    BOT = "bot"
    SYSTEM = "system"


class Visibility(StrEnum):
    """Whether the customer sees a message."""

    PUBLIC = "public"
    NOTE = "note"


class Tier(StrEnum):
    """How a customer is treated."""

    NORMAL = "normal"
    VIP = "vip"


class Band(StrEnum):
    """What a match permits."""

    ANSWER = "answer"
    SUGGEST = "suggest"
    UNSURE = "unsure"


class ClockName(StrEnum):
    """The promises whose time runs."""

    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"


class ArticleState(StrEnum):
    """Whether an article may be sent."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class OrderStatus(StrEnum):
    """What became of an order, in one vocabulary for every platform."""

    PENDING = "pending"
    PAID = "paid"
    PROCESSING = "processing"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    UNKNOWN = "unknown"


class Remedy(StrEnum):
    """What was given for an order."""

    REISSUE = "reissue"
    REPLACE = "replace"
    REFUND = "refund"


PLACEHOLDERS = ("order_no", "product", "customer", "shop")
"""What an answer may leave to be filled in for each ticket, written `{order_no}`."""

CATEGORIES = (
    "delivery",
    "payment",
    "card_key",
    "product",
    "after_sales",
    "account",
    "settlement",
    "complaint",
    "pre_sales",
    "other",
)
"""The default set of categories; a shop can add its own."""

OTHER = "other"

ACTIVE_STATES = frozenset({State.NEW, State.OPEN, State.PENDING, State.ON_HOLD, State.SNOOZED})
"""States in which somebody still has something to do."""

ACTIONABLE_STATES = frozenset({State.NEW, State.OPEN})
"""States in which the shop is to act now."""

PAUSED_STATES = frozenset({State.PENDING, State.ON_HOLD, State.SNOOZED})
"""States in which the clocks stand still."""

FINISHED_STATES = frozenset({State.RESOLVED, State.CLOSED, State.MERGED, State.SPAM})
"""States in which no clock runs."""
