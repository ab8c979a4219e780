"""The tables as SQLModel classes: what a write adds and changes. The schema itself is made by store/migrations.

Times are whole milliseconds since 1970 in UTC (`helpdesk.clock.Millis`); enumerations are their plain strings,
held by CHECK constraints. `table=True` classes do not validate: what comes from outside is checked in intake/.
"""

from sqlmodel import Field, SQLModel

from helpdesk.clock import Millis


class Category(SQLModel, table=True):
    """A subject a ticket may be about; the shop can add its own beside the built-in ones."""

    slug: str = Field(primary_key=True)
    title_zh: str
    title_en: str
    builtin: bool = False


class Customer(SQLModel, table=True):
    """Who writes."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = ""
    tier: str = "normal"
    created_at: Millis


class Handle(SQLModel, table=True):
    """One address of a customer: `value` as it is compared (see models.customers), `shown` as it was written."""

    value: str = Field(primary_key=True)
    shown: str
    customer_id: int


class Order(SQLModel, table=True):
    """What was bought, as the shop's platform exported it; `amount` is in hundredths of the currency."""

    __tablename__ = "shop_order"

    order_no: str = Field(primary_key=True)
    platform: str = ""
    product: str = ""
    quantity: int = 1
    amount: int | None = None
    currency: str = "CNY"
    status: str = "unknown"
    contact: str = ""
    created_at: Millis | None = None
    paid_at: Millis | None = None
    imported_at: Millis


class OrderKey(SQLModel, table=True):
    """The fingerprint of one card key delivered for an order; the key itself is never stored."""

    __tablename__ = "order_key"

    fingerprint: str = Field(primary_key=True)
    order_no: str = Field(primary_key=True)


class Remedy(SQLModel, table=True):
    """What was given for an order: 补发, 更换 or 退款."""

    id: int | None = Field(default=None, primary_key=True)
    order_no: str
    ticket_number: int | None = None
    kind: str
    amount: int | None = None
    at: Millis
    operation_id: int


class Ticket(SQLModel, table=True):
    """One matter of one customer."""

    number: int | None = Field(default=None, primary_key=True)
    subject: str = ""
    state: str = "new"
    category: str = "other"
    category_confidence: float = 0.0
    category_pinned: bool = False
    priority: str = "normal"
    priority_pinned: bool = False
    urgency: float = 0.0
    mood: str = "neutral"
    mood_pinned: bool = False
    language: str = "und"
    channel: str = "other"
    customer_id: int | None = None
    order_no: str | None = None
    assignee: str | None = None
    team: str | None = None
    band: str | None = None
    article_id: str | None = None
    probability: float | None = None
    automatic: bool = True
    created_at: Millis
    updated_at: Millis
    first_response_at: Millis | None = None
    resolved_at: Millis | None = None
    closed_at: Millis | None = None
    close_reason: str | None = None
    snoozed_until: Millis | None = None
    due_first_response: Millis | None = None
    due_next_response: Millis | None = None
    due_resolution: Millis | None = None
    due_at: Millis | None = None
    rating: int | None = None
    rating_comment: str | None = None
    follows: int | None = None
    merged_into: int | None = None
    source: str = "cli"
    external_id: str | None = None
    import_key: str | None = None
    version: int = 1
    code: str | None = None
    policy: str | None = None
    next_step_at: Millis | None = None


class Tag(SQLModel, table=True):
    """A word a person put on a ticket."""

    ticket_number: int = Field(primary_key=True)
    name: str = Field(primary_key=True)


class Message(SQLModel, table=True):
    """One text in a ticket; appended, never changed."""

    id: int | None = Field(default=None, primary_key=True)
    ticket_number: int
    author: str
    author_name: str | None = None
    visibility: str = "public"
    body: str
    at: Millis
    article_id: str | None = None


class Article(SQLModel, table=True):
    """One FAQ entry in the shop's own language."""

    id: str = Field(primary_key=True)
    category: str = "other"
    language: str = "zh-Hans"
    question: str
    answer: str
    state: str = "draft"
    created_at: Millis
    updated_at: Millis
    version: int = 1


class Translation(SQLModel, table=True):
    """An article's question and answer in another language; an empty answer falls back to the article's own."""

    article_id: str = Field(primary_key=True)
    language: str = Field(primary_key=True)
    question: str
    answer: str = ""


class Phrasing(SQLModel, table=True):
    """One way to put an article's question: itself, an alias, a translation, or what a customer said (`learnt`)."""

    id: int | None = Field(default=None, primary_key=True)
    article_id: str
    language: str
    kind: str
    text: str


class Operation(SQLModel, table=True):
    """One command's whole effect, on one ticket or ten thousand."""

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    actor: str
    at: Millis
    summary: str = "{}"


class Event(SQLModel, table=True):
    """One thing that happened to a ticket; appended, never changed, chained by hash. `detail` is a JSON object."""

    id: int | None = Field(default=None, primary_key=True)
    ticket_number: int
    kind: str
    actor: str
    at: Millis
    operation_id: int
    detail: str = "{}"
    hash: bytes


class Outcome(SQLModel, table=True):
    """What one round of a clock came to: met, late or void; `ended_at` is None while a late one still runs."""

    ticket_number: int = Field(primary_key=True)
    clock: str = Field(primary_key=True)
    round: int = Field(primary_key=True)
    result: str
    policy: str
    allowed: Millis
    used: Millis
    started_at: Millis
    due_at: Millis
    ended_at: Millis | None = None


class Notice(SQLModel, table=True):
    """That a ticket's clock was reported, or a step of its policy taken, once.

    `occasion` tells one time from the next: of a report the due time, of a step the begin of the clock's round.
    """

    ticket_number: int = Field(primary_key=True)
    clock: str = Field(primary_key=True)
    level: str = Field(primary_key=True)
    occasion: Millis = Field(primary_key=True)
    at: Millis


class Outbox(SQLModel, table=True):
    """One alarm to be sent; `content` is JSON, `delivered` the senders that have sent it, `lease` who is sending it."""

    id: int | None = Field(default=None, primary_key=True)
    dedupe_key: str
    ticket_number: int | None = None
    content: str
    created_at: Millis
    not_before: Millis
    attempts: int = 0
    leased_until: Millis | None = None
    lease: str | None = None
    sent_at: Millis | None = None
    dead_at: Millis | None = None
    overtaken_at: Millis | None = None
    last_error: str | None = None
    delivered: str = "[]"


class TextDraft(SQLModel, table=True):
    """A text somebody is writing; `key` says what for, such as `reply:17`."""

    __tablename__ = "draft"

    key: str = Field(primary_key=True)
    actor: str
    body: str
    detail: str = "{}"
    at: Millis


class Setting(SQLModel, table=True):
    """One thing the shop has set."""

    key: str = Field(primary_key=True)
    value: str


class CategoryModel(SQLModel, table=True):
    """The category model in use, at most one; `id` is the operation that learnt it. Lists are JSON."""

    __tablename__ = "category_model"

    id: int = Field(primary_key=True)
    trained_at: Millis
    examples: int
    accuracy: float
    classes: str
    biases: str
    sharpness: float
    lexicon: float
    unseen: float
    floor: float
    verdicts: str


class CategoryWeight(SQLModel, table=True):
    """What the model knows of one feature; `weights` as `classify.model.packed` makes them."""

    __tablename__ = "category_weight"

    feature: str = Field(primary_key=True)
    model: int
    rarity: float
    weights: bytes
