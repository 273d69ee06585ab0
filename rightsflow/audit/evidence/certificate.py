"""The certificate of a case: its record as canonical JSON, byte for byte the same from the same entries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any

from rightsflow.audit.evidence.record import CaseRecord
from rightsflow.audit.ledger.chain import canonical

FORMAT = 1
"""Counts up when the same entries give another certificate than before."""


def certificate(record: CaseRecord) -> str:
    """The certificate of a case.

    Args:
        record: The result of its entries.

    Raises:
        ValueError: The record holds a number that JSON has no form for.
    """
    return canonical({"certificate": "rightsflow case", "format": FORMAT, **_plain(record)})


def _plain(value: object) -> Any:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date | datetime) else value
