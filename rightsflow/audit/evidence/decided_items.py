"""Decisions on the items of a rectification, from the entries alone."""

from __future__ import annotations

import re
from typing import Final

from rightsflow.audit.evidence.record import CaseRecord
from rightsflow.domain.rectification.corrections import RulingKind
from rightsflow.domain.vocabulary.events import CaseEvent

_DECIDED: Final = re.compile(r"act (?P<act>\w+), (?:fields [^,]+, )?items (?P<items>\d+(?: and \d+)*)")
"""The details of such an entry in words."""


def is_corrected_otherwise(record: CaseRecord) -> bool:
    """Return whether an item was refused, or supplemented by a statement instead of corrected."""
    last: dict[str, str] = {}
    for act in record.acts:
        if act.event == CaseEvent.CORRECTIONS_DECIDED and (found := _DECIDED.search(act.what)):
            last |= dict.fromkeys(found["items"].split(" and "), found["act"])
    return any(act != RulingKind.ACCEPTED for act in last.values())
