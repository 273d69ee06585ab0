"""The certificate of a case: its record as canonical JSON, byte for byte the same from the same entries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any

from rightsflow.audit.evidence.record import CaseRecord, GateLine
from rightsflow.audit.ledger.chain import canonical

FORMAT = 6
"""Counts up when the same entries give another certificate than before."""
EARLIER = frozenset({5})
"""Formats of earlier versions whose certificates are still made: 5 does not say how a decision's name is known."""
_SINCE_6 = ("role", "signed_in")


def certificate(record: CaseRecord, number: int = FORMAT) -> str:
    """The certificate of a case.

    Args:
        record: What its entries came to.
        number: The certificate's format, :data:`FORMAT` or one of :data:`EARLIER`.

    Raises:
        ValueError: The record holds a number that JSON has no form for.
    """
    return canonical({"certificate": "rightsflow case", "format": number, **_plain(record, number)})


def _plain(value: object, number: int) -> Any:
    if is_dataclass(value):
        left_out = _SINCE_6 if number < 6 and isinstance(value, GateLine) else ()
        names = (field.name for field in fields(value))
        return {name: _plain(getattr(value, name), number) for name in names if name not in left_out}
    if isinstance(value, Mapping):
        return {name: _plain(one, number) for name, one in value.items()}
    if isinstance(value, tuple):
        return [_plain(one, number) for one in value]
    return value.isoformat() if isinstance(value, date | datetime) else value
