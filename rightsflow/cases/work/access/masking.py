"""Masked copies of records, by the rules and people's choices, records in doubt that were included among them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from typing import Final, TypedDict
from zoneinfo import ZoneInfo

from rightsflow.cases.app import App
from rightsflow.cases.work.access.file_masking import ListedBeside, given_file, is_played, without_file_fields
from rightsflow.cases.work.processors.files import own_of
from rightsflow.domain.connector import Connector
from rightsflow.domain.disclosure.file_texts import FileReader, FileText, OpenedFile
from rightsflow.domain.disclosure.mask_choices import (
    EDITED_BY,
    EDITED_ON,
    ORIGINAL_SHA256,
    Interval,
    Made,
    MaskAct,
    MaskChoice,
    MaskedHit,
    MaskPlace,
    MaskState,
)
from rightsflow.domain.disclosure.mask_rules import MaskMemory, contradicting
from rightsflow.domain.disclosure.passages import Hidden, HiddenInFile, hide_in_file, hide_passages
from rightsflow.domain.disclosure.recordings import muted
from rightsflow.domain.disclosure.redaction import hits_in, mask_file, mask_part, mask_third_parties
from rightsflow.domain.disclosure.texts import EDITED, INTERVAL, PASSAGE
from rightsflow.domain.errors import Conflict, Transient
from rightsflow.domain.gates.package_changes import LeftAgain
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.spellings.wordforms import Own
from rightsflow.domain.vocabulary.records import Blob, Part, RecordRef
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.files.kinds.reader import ChildReader
from rightsflow.store import CaseFile
from rightsflow.store.case.mask_choices import PartHashes

_NO_FILE: Final = OpenedFile()


class _Data(TypedDict):
    """The arguments that all masking has."""

    subject: Identifiers
    others: frozenset[str]
    own: Own
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskingRules:
    """The rules by which the copies of a case are masked.

    Args:
        subject: By what the person is known.
        own: What is the controller's own.
        country: In which national numbers are read.
        hashes: By what records and parts are known.
        choices: What people decided, by the keyed hash of the record.
        copy_of: Gives the copy that a person edited by hand, by the choice's number.
        zone: In which days are read.
        foreign: What contradicts in the records that were taken in although they are in doubt, by their keyed hashes.
        memory: What was worked out for the parts that were masked already.
        reader: Reads files and writes them masked.
    """

    subject: Identifiers
    own: Own
    country: str
    hashes: PartHashes
    choices: Mapping[str, Sequence[MaskChoice]]
    copy_of: Callable[[int], bytes] = field(repr=False)
    zone: ZoneInfo
    foreign: Mapping[str, frozenset[str]] = field(default_factory=dict, repr=False)
    memory: MaskMemory = field(default_factory=MaskMemory, repr=False, compare=False)
    reader: FileReader = field(default_factory=ChildReader, repr=False, compare=False)

    @classmethod
    def of(cls, file: CaseFile, app: App, copy_of: Callable[[int], bytes] | None = None) -> MaskingRules:
        """Return the rules of a case.

        Args:
            file: The case file, open.
            app: What it works with.
            copy_of: Gives an edited copy where the case file stays open; by default it is opened for each.
        """
        choices: dict[str, list[MaskChoice]] = defaultdict(list)
        for mask in file.masks.all():
            choices[mask.record].append(mask)
        known, named = file.identifiers.to_act_by(), file.findings.taken_in.named()
        return cls(
            subject=known,
            own=own_of(app),
            country=app.settings.controller.country,
            hashes=file.masks.hashes,
            choices=choices,
            copy_of=copy_of or partial(_copy_of, app, file.case_id),
            zone=app.settings.controller.zone,
            foreign={digest: contradicting(owner, known) for digest, owner in named.items()},
            reader=app.file_reader,
        )

    def on(self, ref: RecordRef) -> Sequence[MaskChoice]:
        """Return the choices on a record that are not taken back.

        Args:
            ref: The record.
        """
        if not self.choices:
            return ()
        choices = self.choices.get(self.hashes.of_record(ref), ())
        return [choice for choice in choices if choice.state is not MaskState.LIFTED]

    def hash_of(self, part: Part) -> str:
        """Return the keyed hash of a part as it was copied; of a file that is no recording, the bytes count.

        Args:
            part: The part.
        """
        return _part_hash(self.hashes, part)

    def opened(self, part: Part, others: frozenset[str] = frozenset()) -> OpenedFile:
        """Return what the reader finds in a file; of a document, nothing.

        Args:
            part: The part as it was copied.
            others: The people who are listed in documents of its record before it.
        """
        return replace(self.reader.open(part), others=others) if isinstance(part, Blob) else _NO_FILE

    def hits(
        self, part: Part, shown: frozenset[MaskPlace] = frozenset(), file: OpenedFile = _NO_FILE
    ) -> list[MaskedHit]:
        """Return the passages of a part that belong to other people, by the rules alone.

        Args:
            part: The part as it was copied.
            shown: What is shown all the same.
            file: What the reader finds in it, if it is a file.
        """
        return hits_in(part, **self._data(part, file), shown=shown, file=FileText(file.runs))

    def masked_file(
        self, part: Part, file: OpenedFile, shown: frozenset[MaskPlace] = frozenset()
    ) -> tuple[FileText, Counter[str]]:
        """Return a file's texts without other people's data; arguments as above."""
        texts = FileText(file.runs)
        if not isinstance(part, Blob) or not file.runs:
            return texts, Counter()
        return mask_file(part, texts, **self._data(part, file), shown=shown)

    def masked_text(self, part: Part, file: OpenedFile, text: str) -> str:
        """Return a text that is said of a file without other people's data.

        Args:
            part: The part as it was copied.
            file: What the reader finds in it.
            text: The text.
        """
        return str(mask_third_parties(text, **self._data(part, file))[0])

    def masked(
        self, part: Part, shown: frozenset[MaskPlace] = frozenset(), file: OpenedFile = _NO_FILE
    ) -> tuple[Part, Counter[str]]:
        """Return a part without other people's data; arguments as above."""
        return mask_part(part, **self._data(part, file), shown=shown, memory=self.memory)

    def _data(self, part: Part, file: OpenedFile) -> _Data:
        """Return by which data a part is masked."""
        foreign = self.foreign.get(self.hashes.of_record(part.record), frozenset()) if self.foreign else frozenset()
        return {"subject": self.subject, "others": foreign | file.others, "own": self.own, "country": self.country}

    def shown_in(self, part: Part, *, applied: bool = False) -> frozenset[MaskPlace]:
        """Return the places in a part that a person decided to show.

        Args:
            part: The part as it was copied.
            applied: Whether only what the package was made with counts.
        """
        counting = {MaskState.APPLIED} if applied else set(MaskState)
        choices = [mask_choice for mask_choice in self.on(part.record) if mask_choice.state in counting]
        these = [choice for choice in choices if choice.act is MaskAct.SHOW and choice.place]
        if not these:
            return frozenset()
        here = self.hash_of(part)
        return frozenset(choice.place for choice in these if choice.place and choice.part == here)


@dataclass(slots=True)
class Masking:
    """Masks parts one after another.

    Args:
        rules: By what.
        left_out: The records of which nothing is given.
        counts: What was masked so far, by kind.
        made: The result of each choice.
        unscanned: How many files were given whose content no rule could look into.
    """

    rules: MaskingRules
    left_out: Container[RecordRef] = ()
    counts: Counter[str] = field(default_factory=Counter)
    made: dict[int, Made] = field(default_factory=dict)
    unscanned: int = 0
    _beside: ListedBeside = field(default_factory=ListedBeside)

    def parts(self, copied: Iterable[Part]) -> Iterator[Part]:
        """Yield the parts that are given.

        Args:
            copied: Those that were copied.
        """
        for part in copied:
            if part.record not in self.left_out:
                yield self._part(part, self.rules.on(part.record))

    def end(self, refs: Iterable[RecordRef]) -> Mapping[int, Made]:
        """Return the result of each choice on some records, also for parts that did not come.

        Args:
            refs: The records.
        """
        if self.rules.choices:
            for digest in map(self.rules.hashes.of_record, refs):
                for choice in self.rules.choices.get(digest, ()):
                    self.made.setdefault(choice.number, Made(fits=False))
        return self.made

    def _part(self, part: Part, choices: Sequence[MaskChoice]) -> Part:
        file = self.rules.opened(part, self._beside.of(part))
        self.unscanned += isinstance(part, Blob) and not file.is_scanned
        shown = self._shown(part, file, choices)
        clean, counts = self.rules.masked(part, shown, file)
        hides = [item for item in choices if item.act is MaskAct.HIDE]
        passages = [item.passage for item in hides]
        hidden = hide_passages(clean, passages)
        self._count(counts, hidden)
        places, given = hidden.places, hidden.part
        by_hand = self._fitting(part, choices)
        if isinstance(given, Blob) and not any(item.edited for item in by_hand):
            texts, inside = self._file(part, given, file, shown, passages)
            places, given = places + inside, texts
        self._note_hidden(part, hides, places)
        return self._by_hand(part, given, by_hand)

    def _count(self, counts: Counter[str], hidden: Hidden | HiddenInFile) -> None:
        self.counts += counts - hidden.swallowed
        self.counts[PASSAGE] += hidden.places.total()

    def _file(
        self, part: Part, clean: Blob, file: OpenedFile, shown: frozenset[MaskPlace], passages: Sequence[str]
    ) -> tuple[Blob, Counter[int]]:
        """Return a file without what is masked in its texts, and how often each passage is."""
        texts, counts = self.rules.masked_file(part, file, shown)
        hidden = hide_in_file(texts, passages)
        masked = counts - hidden.swallowed + Counter({PASSAGE: hidden.places.total()})
        say = partial(self.rules.masked_text, part, file)
        given = given_file(clean, file, hidden.file, masked, reader=self.rules.reader, masked=say)
        if given.is_given:
            self._count(counts, hidden)
        return given.blob, hidden.places

    def _shown(self, part: Part, file: OpenedFile, choices: Sequence[MaskChoice]) -> frozenset[MaskPlace]:
        """Return the places to show; of accepted masks, note only that they are still masked."""
        on_places = [choice for choice in choices if choice.place is not None]
        if not on_places:
            return frozenset()
        here, there = self.rules.hash_of(part), {hit.place for hit in self.rules.hits(part, file=file)}
        fitting = [place for place in on_places if place.part == here and place.place in there]
        for on_place in fitting:
            self._note(on_place, places=1)
        return frozenset(place.place for place in fitting if place.place and place.act is MaskAct.SHOW)

    def _note_hidden(self, part: Part, hides: Sequence[MaskChoice], places: Counter[int]) -> None:
        """Note where passages are masked; a passage is masked in a changed part too."""
        here = self.rules.hash_of(part) if hides else ""
        for at, choice in enumerate(hides):
            if choice.part == here or places[at]:
                self._note(choice, fits=choice.part == here, places=places[at])

    def _fitting(self, part: Part, choices: Sequence[MaskChoice]) -> Sequence[MaskChoice]:
        """Return what people silenced in a file, or their edited copy, as long as the file is the same."""
        these = [item for item in choices if item.act in {MaskAct.MUTE, MaskAct.EDIT}]
        if not these or not isinstance(part, Blob):
            return ()
        here = self.rules.hashes.of_part(part, digest_of(part))
        return [item for item in these if item.part == here]

    def _by_hand(self, part: Part, clean: Part, fitting: Sequence[MaskChoice]) -> Part:
        """Return a file with what people silenced in it, or their edited copy.

        Of one file there is the one or the other, never both.
        """
        if not isinstance(part, Blob) or not isinstance(clean, Blob):
            return clean
        for choice in fitting:
            self._note(choice, places=1)
        intervals = [item.interval for item in fitting if item.interval]
        edits = [item for item in fitting if item.edited]
        self.counts[INTERVAL] += len(intervals)
        self.counts[EDITED] += len(edits)
        if edits:
            return self._edited(clean, edits[-1])
        return replace(clean, open=partial(_opened, part, intervals)) if intervals else clean

    def _edited(self, clean: Blob, choice: MaskChoice) -> Blob:
        """Return the copy that replaces a file, and what the person reads of it."""
        edited, decided_at = choice.edited, choice.decided_at
        if edited is None or decided_at is None:
            return clean
        fields = {
            EDITED_BY: "a person in charge",
            EDITED_ON: decided_at.astimezone(self.rules.zone).date().isoformat(),
            ORIGINAL_SHA256: edited.original_sha256,
        }
        return replace(
            clean,
            name=edited.named(clean.name),
            media_type=edited.media_type,
            metadata={**without_file_fields(clean).metadata, **fields},
            open=partial(_copy, self.rules.copy_of, choice.number),
        )

    def _note(self, choice: MaskChoice, *, places: int, fits: bool = True) -> None:
        before = self.made.get(choice.number, Made(fits=False))
        self.made[choice.number] = Made(before.fits or fits, before.places + places)


def _part_hash(hashes: PartHashes, part: Part) -> str:
    """Return the keyed hash of a part as it was copied; of a file that is no recording, the bytes count."""
    return hashes.of_part(part, digest_of(part) if isinstance(part, Blob) and not is_played(part) else "")


def content_of(hashes: PartHashes, parts: Iterable[Part]) -> str:
    """Return the keyed hash of all that a record says.

    Args:
        hashes: Those of the case.
        parts: The record's parts.
    """
    return hashes.of_parts(_part_hash(hashes, part) for part in parts)


def digest_of(blob: Blob) -> str:
    """Return the SHA-256 of a recording's bytes.

    Args:
        blob: The recording.
    """
    digest = sha256()
    for chunk in blob.open():
        digest.update(chunk)
    return digest.hexdigest()


def _copy(copy_of: Callable[[int], bytes], number: int) -> Iterator[bytes]:
    yield copy_of(number)


def _copy_of(app: App, case_id: str, number: int) -> bytes:
    with app.store.case_file(case_id) as file:
        return file.masks.copy_of(number)


def _opened(blob: Blob, intervals: Sequence[Interval]) -> Iterator[bytes]:
    return muted(blob.open(), intervals)


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
