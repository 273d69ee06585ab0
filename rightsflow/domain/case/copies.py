"""Counts of the copies made of each record for an access package; a ticket's attachments are not separate records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from rightsflow.domain.vocabulary.events import StepName
from rightsflow.domain.vocabulary.records import Blob, Document, Part, RecordRef
from rightsflow.domain.vocabulary.states import CaseState

COPYING_STEPS: Final = (StepName.EXTRACT, StepName.REDACT, StepName.ASSEMBLE)
"""The steps that make working copies."""
_WHY_GONE: Final = {
    CaseState.ANSWERED: "delivered-and-over",
    CaseState.REFUSED: "refused",
    CaseState.WITHDRAWN: "withdrawn",
    CaseState.STOPPED: "stopped",
    CaseState.NOTHING_HELD: "nothing held",
}


def why_copies_go(state: CaseState) -> str:
    """Return why the working copies of a settled case are removed, in the ledger's words."""
    return _WHY_GONE[state]


@dataclass(frozen=True, slots=True)
class Copies:
    """The number of copies made of one record for an access package.

    Args:
        documents: Its data in structured form.
        files: Streams of bytes.
    """

    documents: int = 0
    files: int = 0

    @property
    def attachments(self) -> int:
        """The files beside the record; a record that is nothing but a file is that file."""
        return self.files if self.documents else max(self.files - 1, 0)


@dataclass(slots=True)
class Tally:
    """A running count of the copies of each record in a stream, and of the data that its system left out."""

    copies: dict[RecordRef, Copies] = field(default_factory=dict)
    withheld: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def left_out(self) -> list[dict[str, str | int]]:
        """Data left out by kind of record, in the ledger's form."""
        return [{"kind": kind, "what": what, "count": count} for (kind, what), count in sorted(self.withheld.items())]

    def watch(self, parts: Iterable[Part]) -> Iterator[Part]:
        """Give the parts on, and count them."""
        for part in parts:
            before = self.copies.get(part.record, Copies())
            is_file = isinstance(part, Blob)
            self.copies[part.record] = Copies(before.documents + (not is_file), before.files + is_file)
            if isinstance(part, Document):
                self.withheld.update({(part.record.kind, what): count for what, count in part.withheld.items()})
            yield part
