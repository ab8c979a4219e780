"""The one SQLite file: opening it, its two doors `read()` and `write()`, its schema, search index and health."""

from helpdesk.store.sqlite import Store, driver

__all__ = ["Store", "driver"]
