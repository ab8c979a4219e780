"""The one SQLite file: opening it, its two doors `read()` and `write()`, its schema, search index and health."""

from helpdesk.store.sqlite import Store, add_rows, data_version, driver

__all__ = ["Store", "add_rows", "data_version", "driver"]
