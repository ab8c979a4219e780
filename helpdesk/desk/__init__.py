"""Use cases: one call is one operation is one transaction. The only writer."""

from helpdesk.desk.context import Desk

__all__ = ["Desk"]
