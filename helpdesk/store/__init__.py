"""The one SQLite file: opening it, its two doors `read()` and `write()`, its schema, search index and health."""

from helpdesk.store.sqlite import Store, add_rows, change_rows, data_version, driver, drop_rows, put_rows

__all__ = ["Store", "add_rows", "change_rows", "data_version", "driver", "drop_rows", "put_rows"]
