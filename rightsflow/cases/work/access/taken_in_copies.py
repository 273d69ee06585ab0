"""Copies of records that were taken in although they are in doubt: given as long as they say what was looked at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from rightsflow.cases.work.access.masking import content_of
from rightsflow.domain.connector import Connector
from rightsflow.domain.errors import Conflict, Transient
from rightsflow.domain.gates.package_changes import LeftAgain
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.vocabulary.records import Part, RecordRef
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store import CaseFile
from rightsflow.store.case.mask_choices import PartHashes


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenInCopies:
    """The records of a system that were taken in.

    Args:
        hashes: By what parts are known.
        contents: What each said when it was looked at, as a keyed hash.
        hanging: The records that hang on each, itself among them, with their numbers.
        numbers: The number of each.
        changed: Those of which something else stands there now; filled in as they are read.
    """

    hashes: PartHashes
    contents: Mapping[RecordRef, str]
    hanging: Mapping[RecordRef, frozenset[RecordRef]]
    numbers: Mapping[RecordRef, int]
    changed: set[RecordRef] = field(default_factory=set)

    @classmethod
    def of(cls, file: CaseFile, system: str) -> TakenInCopies:
        """Return the taken-in records of a case.

        Args:
            file: The case file, open.
            system: The system's name.
        """
        contents = file.findings.taken_in.contents(system)
        findings = file.findings.all() if contents else []
        roots, refs = (
            file.findings.taken_in.roots() if contents else {},
            {finding.number: finding.ref for finding in findings},
        )
        hanging: defaultdict[int, set[RecordRef]] = defaultdict(set)
        for number, root in roots.items():
            hanging[root].add(refs[number])
        return cls(
            hashes=file.masks.hashes,
            contents={refs[number]: content for number, content in contents.items()},
            hanging={refs[number]: frozenset(hanging[number]) for number in contents},
            numbers={refs[number]: number for number in contents},
        )

    def look(self, connector: Connector | None, known: Identifiers) -> None:
        """Read them before anything is copied, and note which of them say something else by now.

        Args:
            connector: The system's.
            known: What is known of the subject.
        """
        if not self.contents or connector is None:
            return
        for ref, content in self._read(connector.extract(list(self.contents), known)).items():
            if content != self.contents[ref]:
                self.changed.add(ref)

    @property
    def left(self) -> frozenset[RecordRef]:
        """The records that are not copied, since they or the records on which they depend changed."""
        return frozenset[RecordRef]().union(*(self.hanging[ref] for ref in self.changed))

    def watch(self, parts: Iterable[Part]) -> Iterator[Part]:
        """Give on what is copied.

        Args:
            parts: What is copied.

        Raises:
            Transient: A record changed between the look and the copy.
        """
        if not self.contents:
            yield from parts
            return
        seen: defaultdict[RecordRef, list[Part]] = defaultdict(list)
        for part in parts:
            if part.record in self.contents:
                seen[part.record].append(part)
            yield part
        for ref, these in seen.items():
            if content_of(self.hashes, these) != self.contents[ref]:
                raise Transient(
                    "A record that was taken in changed while it was copied; it is copied again.",
                    system=ref.system,
                    operation="extract",
                )

    def _read(self, parts: Iterable[Part]) -> Mapping[RecordRef, str]:
        found: defaultdict[RecordRef, list[Part]] = defaultdict(list)
        for part in parts:
            if part.record in self.contents:
                found[part.record].append(part)
        return {ref: content_of(self.hashes, these) for ref, these in found.items()}

    def note(self, file: CaseFile) -> None:
        """Leave out again what changed.

        Args:
            file: The case file, open.

        Raises:
            Conflict: The package was released with it.
        """
        if self.changed and file.state is CaseState.EXECUTING:
            raise Conflict(
                "A record that was taken in changed since the package was released; restore the working copies, or "
                "open the request anew."
            )
        for ref in sorted(self.changed):
            file.findings.taken_in.leave_again(self.numbers[ref], LeftAgain.CONTENT)
