"""Restricted records are marked in the name of their case, so that its mark is told from anyone else's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from rightsflow.domain.connector import Connector, SignsMarks
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.vocabulary.records import Method, Outcome, RecordRef


def set_marks(
    connector: Connector, refs: Iterable[RecordRef], method: Method, known: Identifiers, case_id: str
) -> Iterator[Outcome]:
    """Mark records, or take the marks away; where the system's mark has room for it, in the name of a case.

    Args:
        connector: Of the records' system.
        refs: The records, of any kinds.
        method: ``RESTRICT`` or ``LIFT``.
        known: The subject's identifiers.
        case_id: The case.

    Raises:
        RightsflowError: The system gave no answer.
    """
    for _, group in groupby(sorted(refs), key=lambda ref: ref.kind):
        if isinstance(connector, SignsMarks):
            yield from connector.mark(list(group), method, known, case_id)
        else:
            yield from connector.erase(list(group), method, known)
