"""By what a person is known in which records: in some in doubt, which a person decided to take, by more than in others.

A telephone that another person uses as well names no one in any other record: what it leads to may be theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.records import RecordRef


def by_known(
    refs: Iterable[RecordRef], known: Identifiers, taken: Mapping[RecordRef, Identifiers]
) -> Iterator[tuple[list[RecordRef], Identifiers]]:
    """Yield records together with all by which the person is known in them.

    Args:
        refs: The records.
        known: By what the person is known in any record.
        taken: By what besides in which record.
    """
    groups: dict[Identifiers, list[RecordRef]] = {}
    for ref in refs:
        groups.setdefault(known | taken.get(ref, frozenset()), []).append(ref)
    for names, these in groups.items():
        yield these, names
