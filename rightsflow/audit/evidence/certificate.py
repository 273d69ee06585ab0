"""The certificate of a case: its record as canonical JSON, byte for byte the same from the same entries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime
from typing import Any

from rightsflow.audit.evidence.record import ActLine, CaseRecord, EvidenceLetterLine, GateLine
from rightsflow.audit.ledger.chain import canonical

FORMAT = 8
"""Counts up when the same entries give another certificate than before."""
EARLIER = frozenset({5, 6, 7})
"""Formats of earlier versions whose certificates are still made: 7 says of other acts than decisions how their authors
are known among their details, and of letters not to which kind of address they were mailed; 6 says neither how the name
of who opened the case is known, nor by which mandate a representative asked, and 5 does not say either how a decision's
name is known."""
_APART = 8
"""From this format on, an act's details do not repeat how its author is known."""
_NEVER = 1_000_000
_SINCE: Mapping[type, Mapping[str, int]] = {
    GateLine: {"role": 6, "signed_in": 6, "mandate": 7, "mandate_seen_on": 7},
    CaseRecord: {"opened_role": 7, "opened_signed_in": 7},
    ActLine: {"role": _APART, "signed_in": _APART, "said": _NEVER},
    EvidenceLetterLine: {"address": 8, "attached": 8},
}
"""The fields that a later format added, with that format."""


def certificate(record: CaseRecord, number: int = FORMAT) -> str:
    """The certificate of a case.

    Args:
        record: The result of its entries.
        number: The certificate's format, :data:`FORMAT` or one of :data:`EARLIER`.

    Raises:
        ValueError: The record holds a number that JSON has no form for.
    """
    return canonical({"certificate": "rightsflow case", "format": number, **_plain(record, number)})


def _plain(value: object, number: int) -> Any:
    if isinstance(value, ActLine) and number >= _APART:
        value = replace(value, what=value.said)
    if is_dataclass(value):
        since = _SINCE.get(type(value), {})
        names = (field.name for field in fields(value) if since.get(field.name, 0) <= number)
        return {name: _plain(getattr(value, name), number) for name in names}
    if isinstance(value, Mapping):
        return {name: _plain(one, number) for name, one in value.items()}
    if isinstance(value, tuple):
        return [_plain(one, number) for one in value]
    return value.isoformat() if isinstance(value, date | datetime) else value
