"""One record of an access package as it was copied, before anything was masked: what choices on its masks are about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rightsflow.cases.app import App
from rightsflow.cases.facts.overview.record_fates import fate_of
from rightsflow.cases.work.access.copies import EXTRACTED
from rightsflow.cases.work.access.masking import MaskingRules
from rightsflow.domain.case.findings import Fate, Finding
from rightsflow.domain.disclosure.mask_choices import MaskedHit
from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.records import Blob, Part
from rightsflow.files.workspace import Workspace
from rightsflow.store import CaseFile


@dataclass(frozen=True, slots=True)
class CopiedPart:
    """A part of a record.

    Args:
        ordinal: Which part of the record, from 0.
        place: Its place among its system's copies.
        part: What was copied.
    """

    ordinal: int
    place: int
    part: Part


@dataclass(frozen=True, slots=True)
class PlacedHit:
    """A passage that the software masked in a record.

    Args:
        key: What a form calls it: the part's ordinal and the place in it; nothing of what is hidden.
        part: The part.
        hit: What was masked.
    """

    key: str
    part: CopiedPart
    hit: MaskedHit


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CopiedRecord:
    """A record.

    Args:
        finding: What is known of it.
        parts: Its parts, in their order.
        rules: By what it is masked.
        workspace: Where the copies are.
    """

    finding: Finding
    parts: Sequence[CopiedPart]
    rules: MaskingRules
    workspace: Workspace

    @property
    def digest(self) -> str:
        """The keyed hash of the record."""
        return self.rules.hashes.of_record(self.finding.ref)

    def hits(self) -> list[PlacedHit]:
        """Return the passages that the software masked, including shown ones, in the text given now."""
        return [
            PlacedHit(f"{part.ordinal}-{hit.place.text}-{hit.place.start}-{hit.place.end}", part, hit)
            for part in self.parts
            for hit in self.rules.hits(part.part, self.rules.shown_in(part.part, applied=True))
        ]

    def recording(self, ordinal: int) -> tuple[Blob, int]:
        """A file of it, and how many bytes it has.

        Args:
            ordinal: Which of its parts.

        Raises:
            BadInput: That part is no file.
        """
        part = next((item for item in self.parts if item.ordinal == ordinal), None)
        if part is None or not isinstance(part.part, Blob):
            raise BadInput("There is no such recording in this record.")
        return part.part, self.workspace.size(EXTRACTED, self.finding.ref.system, part.place)


def copied_record(file: CaseFile, app: App, number: int) -> CopiedRecord:
    """A record of a case as it was copied; without parts if nothing of it is given.

    Args:
        file: The case file, open.
        app: What it works with.
        number: The record's number.

    Raises:
        BadInput: The case has no such record.
        Conflict: The copies are not here.
    """
    finding = next((item for item in file.findings.all() if item.number == number), None)
    if finding is None:
        raise BadInput("This case has no record of that number.")
    workspace, copies = app.workspace(file), finding.copies
    given = copies.documents + copies.files if copies and fate_of(finding, file.right) is Fate.COPIED else 0
    parts = list[CopiedPart]()
    for place, part in enumerate(workspace.read(EXTRACTED, finding.ref.system)) if given else ():
        if part.record == finding.ref:
            parts.append(CopiedPart(len(parts), place, part))
            if len(parts) == given:
                break
    return CopiedRecord(finding=finding, parts=parts, rules=MaskingRules.of(file, app), workspace=workspace)
