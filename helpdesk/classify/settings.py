"""The weights and thresholds of judgement, from data/judgement.toml and the user's own file of that name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from helpdesk import config


@lru_cache(maxsize=1)
def judgement() -> Mapping[str, Any]:
    """The tables of judgement.toml; a table in the user's file replaces the keys it names."""
    merged: dict[str, Any] = {}
    for path in config.data_files("judgement.toml"):
        _merge(merged, config.load_toml(path))
    return merged


def _merge(into: dict[str, Any], entries: Mapping[str, Any]) -> None:
    for key, value in entries.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value
