"""The schema, as ordered numbered steps; each runs in one `BEGIN IMMEDIATE` transaction together with its number."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from helpdesk.models.codes import public_code

APPLICATION_ID = 0x48445348  # "HDSH": tells a helpdesk store from another SQLite file

Migration = Callable[[sqlite3.Connection], None]

_STATES = "'new','open','pending','on_hold','snoozed','resolved','closed','merged','spam'"


def _statements(connection: sqlite3.Connection, script: str) -> None:
    # executescript() would commit the migration's transaction silently
    for statement in script.split(";\n"):
        if statement.strip():
            connection.execute(statement)


def first_schema(connection: sqlite3.Connection) -> None:
    """Everything design §2 names."""
    _statements(connection, _TABLES.replace("$STATES", _STATES))
    _statements(connection, _INDEXES)
    connection.executemany("INSERT INTO category VALUES (?, ?, ?, 1)", _CATEGORIES)


_CATEGORIES = [
    ("delivery", "发货提货", "delivery"),
    ("payment", "支付充值", "payment"),
    ("card_key", "卡密", "card key"),
    ("product", "商品使用", "product use"),
    ("after_sales", "售后退换", "after-sales"),
    ("account", "账号", "account"),
    ("settlement", "寄售结算", "settlement"),
    ("complaint", "投诉纠纷", "complaint"),
    ("pre_sales", "售前", "pre-sales"),
    ("other", "其他", "other"),
]

_TABLES = """
CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE category (
    slug TEXT PRIMARY KEY CHECK (slug <> ''), title_zh TEXT NOT NULL, title_en TEXT NOT NULL,
    builtin INTEGER NOT NULL DEFAULT 0 CHECK (builtin IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE TABLE customer (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT '',
    tier TEXT NOT NULL DEFAULT 'normal' CHECK (tier IN ('normal', 'vip')), created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE handle (
    value TEXT PRIMARY KEY CHECK (value <> ''), shown TEXT NOT NULL,
    customer_id INTEGER NOT NULL REFERENCES customer (id)
) STRICT, WITHOUT ROWID;
CREATE TABLE shop_order (
    order_no TEXT PRIMARY KEY CHECK (order_no <> ''), platform TEXT NOT NULL, product TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity >= 0), amount INTEGER, currency TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN
        ('pending','paid','processing','delivered','completed','failed','cancelled','refunded','unknown')),
    contact TEXT NOT NULL, created_at INTEGER, paid_at INTEGER, imported_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE order_key (
    fingerprint TEXT NOT NULL, order_no TEXT NOT NULL REFERENCES shop_order (order_no),
    PRIMARY KEY (fingerprint, order_no)
) STRICT, WITHOUT ROWID;
CREATE TABLE operation (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, actor TEXT NOT NULL, at INTEGER NOT NULL,
    summary TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(summary))
) STRICT;
CREATE TABLE ticket (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    subject TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ($STATES)),
    category TEXT NOT NULL REFERENCES category (slug),
    category_confidence REAL NOT NULL DEFAULT 0 CHECK (category_confidence BETWEEN 0 AND 1),
    category_pinned INTEGER NOT NULL DEFAULT 0 CHECK (category_pinned IN (0, 1)),
    priority TEXT NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
    priority_pinned INTEGER NOT NULL DEFAULT 0 CHECK (priority_pinned IN (0, 1)),
    urgency REAL NOT NULL DEFAULT 0,
    mood TEXT NOT NULL CHECK (mood IN ('negative', 'neutral', 'positive')),
    mood_pinned INTEGER NOT NULL DEFAULT 0 CHECK (mood_pinned IN (0, 1)),
    language TEXT NOT NULL CHECK (language IN ('zh-Hans', 'zh-Hant', 'en', 'ja', 'ko', 'und')),
    channel TEXT NOT NULL CHECK (channel IN ('chat', 'email', 'phone', 'web', 'social', 'cli', 'other')),
    customer_id INTEGER REFERENCES customer (id),
    order_no TEXT,
    assignee TEXT CHECK (assignee <> ''),
    team TEXT CHECK (team <> ''),
    band TEXT CHECK (band IN ('answer', 'suggest', 'unsure')),
    article_id TEXT REFERENCES article (id),
    probability REAL CHECK (probability BETWEEN 0 AND 1),
    automatic INTEGER NOT NULL DEFAULT 1 CHECK (automatic IN (0, 1)),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    first_response_at INTEGER,
    resolved_at INTEGER,
    closed_at INTEGER,
    close_reason TEXT,
    snoozed_until INTEGER,
    due_first_response INTEGER,
    due_next_response INTEGER,
    due_resolution INTEGER,
    due_at INTEGER,
    rating INTEGER CHECK (rating BETWEEN 1 AND 5),
    rating_comment TEXT,
    follows INTEGER REFERENCES ticket (number),
    merged_into INTEGER REFERENCES ticket (number),
    source TEXT NOT NULL,
    external_id TEXT,
    import_key TEXT,
    version INTEGER NOT NULL DEFAULT 1,
    active INTEGER GENERATED ALWAYS AS (state IN ('new', 'open', 'pending', 'on_hold', 'snoozed')) VIRTUAL,
    CHECK ((state = 'snoozed') = (snoozed_until IS NOT NULL)),
    CHECK ((state = 'merged') = (merged_into IS NOT NULL))
) STRICT;
CREATE TABLE tag (
    ticket_number INTEGER NOT NULL REFERENCES ticket (number), name TEXT NOT NULL CHECK (name <> ''),
    PRIMARY KEY (name, ticket_number)
) STRICT, WITHOUT ROWID;
CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    ticket_number INTEGER NOT NULL REFERENCES ticket (number),
    author TEXT NOT NULL CHECK (author IN ('customer', 'agent', 'bot', 'system')),
    author_name TEXT,
    visibility TEXT NOT NULL CHECK (visibility IN ('public', 'note')),
    body TEXT NOT NULL,
    at INTEGER NOT NULL,
    article_id TEXT
) STRICT;
CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    ticket_number INTEGER NOT NULL REFERENCES ticket (number),
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    operation_id INTEGER NOT NULL REFERENCES operation (id),
    detail TEXT NOT NULL CHECK (json_valid(detail)),
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE TABLE remedy (
    id INTEGER PRIMARY KEY, order_no TEXT NOT NULL, ticket_number INTEGER REFERENCES ticket (number),
    kind TEXT NOT NULL CHECK (kind IN ('reissue', 'replace', 'refund')), amount INTEGER, at INTEGER NOT NULL,
    operation_id INTEGER NOT NULL REFERENCES operation (id)
) STRICT;
CREATE TABLE article (
    id TEXT PRIMARY KEY CHECK (id <> ''), category TEXT NOT NULL REFERENCES category (slug), language TEXT NOT NULL,
    question TEXT NOT NULL CHECK (question <> ''), answer TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'published', 'archived')),
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, version INTEGER NOT NULL DEFAULT 1
) STRICT, WITHOUT ROWID;
CREATE TABLE translation (
    article_id TEXT NOT NULL REFERENCES article (id), language TEXT NOT NULL,
    question TEXT NOT NULL, answer TEXT NOT NULL, PRIMARY KEY (article_id, language)
) STRICT, WITHOUT ROWID;
CREATE TABLE phrasing (
    id INTEGER PRIMARY KEY, article_id TEXT NOT NULL REFERENCES article (id), language TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('question', 'alias', 'translation')), text TEXT NOT NULL
) STRICT;
CREATE VIRTUAL TABLE message_terms USING fts5 (
    terms, content = '', detail = none, columnsize = 0, tokenize = "unicode61 remove_diacritics 0"
);
"""

# A partial index is used only where the query repeats its WHERE word for word: see views/.
_INDEXES = """
CREATE INDEX ticket_by_urgency ON ticket (active DESC, urgency DESC, number);
CREATE INDEX ticket_by_created ON ticket (created_at, number);
CREATE INDEX ticket_by_updated ON ticket (updated_at, number);
CREATE INDEX ticket_by_due ON ticket (due_at, number) WHERE due_at IS NOT NULL;
CREATE INDEX ticket_first_response_due ON ticket (due_first_response, number) WHERE due_first_response IS NOT NULL;
CREATE INDEX ticket_next_response_due ON ticket (due_next_response, number) WHERE due_next_response IS NOT NULL;
CREATE INDEX ticket_resolution_due ON ticket (due_resolution, number) WHERE due_resolution IS NOT NULL;
CREATE INDEX ticket_actionable ON ticket (urgency DESC, number) WHERE state IN ('new', 'open');
CREATE INDEX ticket_snoozed ON ticket (snoozed_until) WHERE snoozed_until IS NOT NULL;
CREATE INDEX ticket_by_customer ON ticket (customer_id, number);
CREATE INDEX ticket_by_order ON ticket (order_no) WHERE order_no IS NOT NULL;
CREATE UNIQUE INDEX ticket_import ON ticket (source, import_key) WHERE import_key IS NOT NULL;
CREATE INDEX tag_of_ticket ON tag (ticket_number);
CREATE INDEX customer_by_name ON customer (name) WHERE name <> '';
CREATE INDEX handle_of_customer ON handle (customer_id);
CREATE INDEX message_of_ticket ON message (ticket_number, id);
CREATE INDEX message_by_article ON message (article_id) WHERE article_id IS NOT NULL;
CREATE INDEX event_of_ticket ON event (ticket_number, id);
CREATE INDEX phrasing_of_article ON phrasing (article_id);
"""


def learnt_model(connection: sqlite3.Connection) -> None:
    """The model that `helpdesk learn` trains, with a row of weights a feature; its examples are the pinned tickets."""
    _statements(connection, _LEARNT)


_LEARNT = """
CREATE TABLE category_model (
    id INTEGER PRIMARY KEY REFERENCES operation (id), trained_at INTEGER NOT NULL,
    examples INTEGER NOT NULL CHECK (examples > 0), accuracy REAL NOT NULL CHECK (accuracy BETWEEN 0 AND 1),
    classes TEXT NOT NULL CHECK (json_valid(classes)), biases TEXT NOT NULL CHECK (json_valid(biases)),
    sharpness REAL NOT NULL CHECK (sharpness > 0), lexicon REAL NOT NULL CHECK (lexicon BETWEEN 0 AND 1),
    unseen REAL NOT NULL CHECK (unseen BETWEEN 0 AND 1), floor REAL NOT NULL CHECK (floor BETWEEN 0 AND 1),
    verdicts TEXT NOT NULL CHECK (json_valid(verdicts))
) STRICT;
CREATE TABLE category_weight (
    feature TEXT PRIMARY KEY, model INTEGER NOT NULL, rarity REAL NOT NULL, weights BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX ticket_pinned ON ticket (number) WHERE category_pinned = 1;
"""


def learnt_phrasings(connection: sqlite3.Connection) -> None:
    """Phrasings that were learnt from accepted answers, told apart from those a person wrote."""
    # a CHECK cannot be changed in place: https://www.sqlite.org/lang_altertable.html#otheralter
    _statements(connection, _LEARNT_PHRASINGS)


_LEARNT_PHRASINGS = """
CREATE TABLE phrasing_with_learnt (
    id INTEGER PRIMARY KEY, article_id TEXT NOT NULL REFERENCES article (id), language TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('question', 'alias', 'translation', 'learnt')), text TEXT NOT NULL
) STRICT;
INSERT INTO phrasing_with_learnt SELECT id, article_id, language, kind, text FROM phrasing;
DROP TABLE phrasing;
ALTER TABLE phrasing_with_learnt RENAME TO phrasing;
CREATE INDEX phrasing_of_article ON phrasing (article_id);
"""


def service_levels(connection: sqlite3.Connection) -> None:
    """What clocks came to, what was reported and done about them, alarms to be sent, and each ticket's public code."""
    _statements(connection, _SERVICE_LEVELS)
    connection.create_function("public_code", 0, public_code)
    connection.execute("UPDATE ticket SET code = public_code()")
    connection.execute("CREATE UNIQUE INDEX ticket_by_code ON ticket (code) WHERE code IS NOT NULL")


_SERVICE_LEVELS = """
ALTER TABLE ticket ADD COLUMN code TEXT;
ALTER TABLE ticket ADD COLUMN policy TEXT;
ALTER TABLE ticket ADD COLUMN next_step_at INTEGER;
CREATE INDEX ticket_next_step ON ticket (next_step_at, number) WHERE next_step_at IS NOT NULL;
CREATE TABLE outcome (
    ticket_number INTEGER NOT NULL REFERENCES ticket (number),
    clock TEXT NOT NULL CHECK (clock IN ('first_response', 'next_response', 'resolution')),
    round INTEGER NOT NULL CHECK (round > 0),
    result TEXT NOT NULL CHECK (result IN ('met', 'late', 'void')),
    policy TEXT NOT NULL, allowed INTEGER NOT NULL, used INTEGER NOT NULL,
    started_at INTEGER NOT NULL, due_at INTEGER NOT NULL, ended_at INTEGER,
    PRIMARY KEY (ticket_number, clock, round)
) STRICT, WITHOUT ROWID;
CREATE INDEX outcome_by_start ON outcome (clock, started_at);
CREATE INDEX outcome_by_end ON outcome (clock, ended_at);
CREATE TABLE notice (
    ticket_number INTEGER NOT NULL REFERENCES ticket (number), clock TEXT NOT NULL, level TEXT NOT NULL,
    occasion INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (ticket_number, clock, level, occasion)
) STRICT, WITHOUT ROWID;
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    dedupe_key TEXT NOT NULL UNIQUE CHECK (dedupe_key <> ''),
    ticket_number INTEGER REFERENCES ticket (number),
    content TEXT NOT NULL CHECK (json_valid(content)),
    created_at INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    leased_until INTEGER,
    lease TEXT,
    sent_at INTEGER,
    dead_at INTEGER,
    last_error TEXT,
    delivered TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(delivered))
) STRICT;
CREATE INDEX outbox_waiting ON outbox (not_before, id) WHERE sent_at IS NULL AND dead_at IS NULL;
CREATE INDEX outbox_dead ON outbox (dead_at, id) WHERE dead_at IS NOT NULL;
"""


def drafts(connection: sqlite3.Connection) -> None:
    """Texts somebody is writing and has not sent; `key` says what for, such as `reply:17` or `article:faq-3`."""
    _statements(connection, _DRAFTS)


_DRAFTS = """
CREATE TABLE draft (
    key TEXT PRIMARY KEY CHECK (key <> ''), actor TEXT NOT NULL, body TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(detail)), at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""


def overtaken_alarms(connection: sqlite3.Connection) -> None:
    """An alarm whose clock has ended before it could be sent is no news; it is kept, and sent no more."""
    _statements(connection, _OVERTAKEN)


_OVERTAKEN = """
ALTER TABLE outbox ADD COLUMN overtaken_at INTEGER;
DROP INDEX outbox_waiting;
CREATE INDEX outbox_waiting ON outbox (not_before, id)
    WHERE sent_at IS NULL AND dead_at IS NULL AND overtaken_at IS NULL;
"""

MIGRATIONS: list[Migration] = [
    first_schema,
    learnt_model,
    learnt_phrasings,
    service_levels,
    drafts,
    overtaken_alarms,
]
"""In order; the position of a migration, counted from one, is its number. Append only."""

LATEST = len(MIGRATIONS)


def schema_number(connection: sqlite3.Connection) -> tuple[int, int]:
    """The number of the last migration applied to a database, and whose database it is."""
    (number,) = connection.execute("PRAGMA user_version").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    return number, application


def migrate(connection: sqlite3.Connection) -> None:
    """Bring a database to the latest schema, one transaction a step; the caller holds the lock and the copy."""
    number, _application = schema_number(connection)
    for step, migration in enumerate(MIGRATIONS[number:], start=number + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            migration(connection)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {step}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
