"""A terminal helpdesk for small shops that sell on consignment or issue card keys."""

__version__ = "0.1.0"
