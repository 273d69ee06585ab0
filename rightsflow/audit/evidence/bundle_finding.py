"""The result of the check of an evidence bundle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from rightsflow.audit.evidence.record import EvidenceLetterLine
from rightsflow.audit.ledger import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleFinding:
    """The result of the check of a bundle.

    Args:
        case_id: The case that it says it is of; empty where it cannot be read.
        faults: Everything that is wrong; empty for a bundle that is whole.
        notes: What is to be known beside that, in sentences.
        uncompared: What could not be compared with the entries, since it is in a format of another version, in
            sentences; as long as there is any, no one knows whether it lies.
        keys: The keys that signed it: name → fingerprint.
        entries: How many entries it holds.
        sealed: Up to which entry the controller's seals cover the case.
        state: Where the case stood with the last of them; empty where they cannot be read.
        last_at: When that was made (aware), or ``None``.
        exported_at: When the bundle says that it was made (aware), or ``None``.
        seal: The newest seal in it; 0 where they are not whole.
        sealed_at: When that was made (aware), or ``None``.
        published: How many of its seals were among the published ones that were given.
        by_another_key: Whether it is signed by another key than the one that was given, so that it is another person's,
            or the key is not the controller's.
        letters: The letters that its entries name; none where they are not whole.
        texts: How many texts were given beside it and are those that were written.
    """

    case_id: str
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]
    uncompared: tuple[str, ...]
    keys: Mapping[str, str]
    entries: int
    sealed: int
    state: str
    last_at: datetime | None
    exported_at: datetime | None
    seal: int
    sealed_at: datetime | None
    published: int
    by_another_key: bool
    letters: tuple[EvidenceLetterLine, ...] = ()
    texts: int = 0

    @property
    def is_whole(self) -> bool:
        """True if there is no fault, nothing was left unchecked, and the given key, if any, signed the bundle."""
        return not (self.faults or self.uncompared or self.by_another_key)
