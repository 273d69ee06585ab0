"""Choices on the masks of a copied record before release: accept a mask, show what is behind it, mask more.

Each choice is kept for the record as it was copied, and counts from when the package is made again: what is released is
always a package that was made whole, and read as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from rightsflow.cases.app import App
from rightsflow.cases.facts.overview.account import fate_of
from rightsflow.cases.facts.people import refuse_typed, said
from rightsflow.cases.work.access.file_masking import ListedBeside
from rightsflow.cases.work.access.masking import MaskingRules, digest_of
from rightsflow.cases.work.access.package import EXTRACTED
from rightsflow.cases.work.access.package_review import refuse_changed
from rightsflow.domain.case.findings import Fate, Finding
from rightsflow.domain.disclosure.file_texts import OpenedFile
from rightsflow.domain.disclosure.mask_choices import (
    MOST_CHOICES,
    Interval,
    MaskAct,
    MaskChoice,
    MaskedHit,
    MaskGround,
    MaskState,
)
from rightsflow.domain.disclosure.passages import hide_in_file, hide_passages, is_alike, read_passage
from rightsflow.domain.disclosure.recordings import read_wave, refuse_interval
from rightsflow.domain.errors import BadInput
from rightsflow.domain.people import same_person
from rightsflow.domain.typed_input import stated_reason
from rightsflow.domain.vocabulary.records import Blob, Part, RecordRef
from rightsflow.files.workspace import Workspace
from rightsflow.store import CaseFile


@dataclass(frozen=True, slots=True)
class CopiedPart:
    """A part of a record.

    Args:
        ordinal: Which part of the record, from 0.
        place: Its place among its system's copies.
        part: What was copied.
        beside: The people who are listed in the record before it.
    """

    ordinal: int
    place: int
    part: Part
    beside: frozenset[str] = field(default=frozenset(), repr=False)


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
    _opened: dict[int, OpenedFile] = field(default_factory=dict, init=False)

    @property
    def digest(self) -> str:
        """The keyed hash of the record."""
        return self.rules.hashes.of_record(self.finding.ref)

    def hits(self) -> list[PlacedHit]:
        """Return the passages that the software masked, including shown ones, in the text given now."""
        return [
            PlacedHit(f"{part.ordinal}-{hit.place.text}-{hit.place.start}-{hit.place.end}", part, hit)
            for part in self.parts
            for hit in self.rules.hits(part.part, self.rules.shown_in(part.part, applied=True), self.opened(part))
        ]

    def opened(self, part: CopiedPart) -> OpenedFile:
        """Return what the reader finds in a file, which it opens once.

        Args:
            part: The part.
        """
        if part.ordinal not in self._opened:
            self._opened[part.ordinal] = self.rules.opened(part.part, part.beside)
        return self._opened[part.ordinal]

    def recording(self, ordinal: int) -> tuple[Blob, int]:
        """Open a file of the record; returns its size in bytes too.

        Args:
            ordinal: Which of its parts.

        Raises:
            BadInput: That part is no file.
        """
        part = next((item for item in self.parts if item.ordinal == ordinal), None)
        if part is None or not isinstance(part.part, Blob):
            raise BadInput("There is no such recording in this record.")
        return part.part, self.workspace.size(EXTRACTED, self.finding.ref.system, part.place)


def _finding(file: CaseFile, number: int) -> Finding:
    """Return a record of a case; the others are not read."""
    found = file.planned.findings(file.planned.records([number]))
    if not found:
        raise BadInput("This case has no record of that number.")
    return found[0]


def copied_record(file: CaseFile, app: App, number: int) -> CopiedRecord:
    """Return a record of a case as it was copied; without parts if nothing of it is given.

    Args:
        file: The case file, open.
        app: What it works with.
        number: The record's number.

    Raises:
        BadInput: The case has no such record.
        Conflict: The copies are not here.
    """
    finding = _finding(file, number)
    workspace, copies = app.workspace(file), finding.copies
    given = copies.documents + copies.files if copies and fate_of(finding, file.right) is Fate.COPIED else 0
    parts, beside = list[CopiedPart](), ListedBeside()
    for place, part in enumerate(workspace.read(EXTRACTED, finding.ref.system)) if given else ():
        if part.record == finding.ref:
            parts.append(CopiedPart(len(parts), place, part, beside.of(part)))
            if len(parts) == given:
                break
    return CopiedRecord(finding=finding, parts=parts, rules=MaskingRules.of(file, app), workspace=workspace)


def accept_masks(app: App, case_id: str, number: int, keys: Collection[str], *, by: str, package: str) -> None:
    """Note that a person looked at masks and leaves them as they are.

    Args:
        app: What it works with.
        case_id: The case.
        number: The record's number.
        keys: Which places of it.
        by: Who decides.
        package: The SHA-256 of the package that was read.

    Raises:
        BadInput: There is no such record, or nothing is masked at such a place.
        Conflict: The package was made again, or is not to be released any more.
    """
    refuse_typed(app, by, case_id)
    with app.store.case_file(case_id) as file:
        refuse_changed(file, package)
        record = copied_record(file, app, number)
        accepted = [_on(item, record, MaskAct.ACCEPT) for item in _chosen(record, keys)]
        add_choices(file, accepted, by=by, package=package)


def show_masked(
    app: App, case_id: str, number: int, keys: Collection[str], *, reason: str, by: str, package: str
) -> None:
    """Decide that what the software masked is not another person's, so that the person is given it.

    Args:
        app: What it works with.
        case_id: The case.
        number: The record's number.
        keys: Which places of it.
        reason: Why; kept encrypted.
        by: Who decides.
        package: The SHA-256 of the package that was read.

    Raises:
        BadInput: There is no such record or reason, or nothing is masked at such a place.
        Conflict: The package was made again, or is not to be released any more.
    """
    refuse_typed(app, by, case_id)
    why = stated_reason(reason, "say why this is not another person's")
    with app.store.case_file(case_id) as file:
        refuse_changed(file, package)
        record = copied_record(file, app, number)
        shown = [_on(item, record, MaskAct.SHOW, reason=why) for item in _chosen(record, keys)]
        add_choices(file, shown, by=by, package=package)


def hide_passage(
    app: App, case_id: str, number: int, passage: str, *, ground: MaskGround, remark: str, by: str, package: str
) -> int:
    """Decide that a passage is masked wherever it stands in a record.

    Args:
        app: What it works with.
        case_id: The case.
        number: The record's number.
        passage: The passage, as the person would read it.
        ground: Whose rights that protects; the person reads it.
        remark: What else is to be said of it; kept encrypted.
        by: Who decides.
        package: The SHA-256 of the package that was read.

    Returns:
        At how many places it stands.

    Raises:
        BadInput: There is no such record, or the passage does not stand in it.
        Conflict: The package was made again, or is not to be released any more.
    """
    refuse_typed(app, by, case_id)
    wanted = read_passage(passage)
    with app.store.case_file(case_id) as file:
        refuse_changed(file, package)
        record = copied_record(file, app, number)
        part, places = _found(record, wanted)
        add_choices(
            file,
            [
                MaskChoice(
                    record=record.digest,
                    part=part,
                    act=MaskAct.HIDE,
                    passage=wanted,
                    ground=ground,
                    reason=" ".join(remark.split()),
                )
            ],
            by=by,
            package=package,
        )
    return places


def mute_interval(
    app: App,
    case_id: str,
    number: int,
    ordinal: int,
    interval: Interval,
    *,
    ground: MaskGround,
    remark: str,
    by: str,
    package: str,
) -> None:
    """Decide that an interval of a recording is silenced.

    Args:
        app: What it works with.
        case_id: The case.
        number: The record's number.
        ordinal: Which of the record's parts the recording is.
        interval: What is silenced.
        ground: Whose rights that protects; the person reads it.
        remark: What else is to be said of it; kept encrypted.
        by: Who decides.
        package: The SHA-256 of the package that was read.

    Raises:
        BadInput: There is no such recording or interval, or the recording cannot be muted.
        Conflict: The package was made again, or is not to be released any more.
    """
    refuse_typed(app, by, case_id)
    with app.store.case_file(case_id) as file:
        refuse_changed(file, package)
        record = copied_record(file, app, number)
        blob, size = record.recording(ordinal)
        refuse_interval(interval, read_wave(blob.open()), size)
        add_choices(
            file,
            [
                MaskChoice(
                    record=record.digest,
                    part=record.rules.hashes.of_part(blob, digest_of(blob)),
                    act=MaskAct.MUTE,
                    interval=interval,
                    ground=ground,
                    reason=" ".join(remark.split()),
                )
            ],
            by=by,
            package=package,
        )


def add_choices(file: CaseFile, choices: Sequence[MaskChoice], *, by: str, package: str, copy: bytes = b"") -> None:
    """Keep choices; a form that is sent again adds none.

    Args:
        file: The case file, open.
        choices: What was decided; at least one, all of one act, ground and reason.
        by: Who decided.
        package: The SHA-256 of the package that was read.
        copy: The copy that was edited by hand, where the choice is about one.

    Raises:
        BadInput: There are too many, or one of them stands already or goes against one that does.
    """
    author, there = said(by), [mask for mask in file.masks.all() if mask.state is not MaskState.LIFTED]
    if any(
        item.interval and (item.part, item.interval) in {(it.part, it.interval) for it in there} for item in choices
    ):
        raise BadInput("This interval of the recording is to be muted already.")
    for choice in choices:
        _refuse_both(choice, there)
    kept = {_told(mask, mask.by) for mask in there}
    if not (fresh := [item for item in choices if _told(item, author) not in kept]):
        return
    if len(there) + len(fresh) > MOST_CHOICES:
        raise BadInput(f"A case can have {MOST_CHOICES:,} decisions on masks; leave records out instead.")
    file.masks.add(fresh, by=author, package=package, copy=copy)


def _refuse_both(choice: MaskChoice, there: Sequence[MaskChoice]) -> None:
    """Refuse to mute a recording that has an edited copy, or to give an edited copy of one with muted intervals."""
    same = [mask_choice for mask_choice in there if mask_choice.part == choice.part]
    if choice.act is MaskAct.EDIT and any(mask_choice.act is MaskAct.MUTE for mask_choice in same):
        raise BadInput("An interval of this recording is to be muted; take that back first, or mute more of it.")
    if choice.act is MaskAct.MUTE and any(mask_choice.act is MaskAct.EDIT for mask_choice in same):
        raise BadInput("A copy of this recording that was edited by hand is to be given; take that back first.")


def take_back(app: App, case_id: str, number: int, choices: Collection[int], *, by: str, package: str) -> None:
    """Take choices on a record back.

    Args:
        app: What it works with.
        case_id: The case.
        number: The record's number.
        choices: Their numbers.
        by: Who takes them back.
        package: The SHA-256 of the package that was read.

    Raises:
        BadInput: One of them is none on this record, or there is no such record.
        Conflict: The package was made again, or is not to be released any more.
    """
    refuse_typed(app, by, case_id)
    with app.store.case_file(case_id) as file:
        refuse_changed(file, package)
        digest = file.masks.hashes.of_record(_ref(file, number))
        there = {
            mask.number for mask in file.masks.all() if mask.record == digest and mask.state is not MaskState.LIFTED
        }
        if not choices or set(choices) - there:
            raise BadInput("Choose decisions on this record that are to be taken back.")
        file.masks.take_back(choices, by=said(by), package=package)


def has_prepared(app: App, case_id: str, by: str) -> bool:
    """Return True if a person changed the masks or the records taken in, so that another has to release (four eyes).

    Args:
        app: What it works with.
        case_id: The case.
        by: The person.
    """
    with app.store.case_file(case_id) as file:
        return any(
            same_person(by, decider) for decider in (*file.masks.changed_by(), *file.findings.taken_in.deciders())
        )


def _ref(file: CaseFile, number: int) -> RecordRef:
    finding = _finding(file, number)
    return finding.ref


def _chosen(record: CopiedRecord, keys: Collection[str]) -> list[PlacedHit]:
    hits = {hit.key: hit for hit in record.hits()}
    if not keys:
        raise BadInput("Choose the masked places that this is about.")
    if set(keys) - set(hits):
        raise BadInput("Nothing is masked at one of these places any more; read the record again.")
    return [hits[key] for key in dict.fromkeys(keys)]


def _on(placed_hit: PlacedHit, record: CopiedRecord, act: MaskAct, *, reason: str = "") -> MaskChoice:
    return MaskChoice(
        record=record.digest,
        part=record.rules.hash_of(placed_hit.part.part),
        act=act,
        place=placed_hit.hit.place,
        kind=placed_hit.hit.kind,
        reason=reason,
    )


def _found(record: CopiedRecord, passage: str) -> tuple[str, int]:
    """Return the first part that contains a passage, by its keyed hash, and the number of its places in the record."""
    before = [
        mask_choice.passage for mask_choice in record.rules.on(record.finding.ref) if mask_choice.act is MaskAct.HIDE
    ]
    if any(is_alike(passage, item) for item in before):
        raise BadInput("This passage is to be masked in this record already.")
    places, first = 0, ""
    for part in record.parts:
        count = _count(record, part, before, passage)
        first = first or (record.rules.hash_of(part.part) if count else "")
        places += count
    if not places:
        raise BadInput(
            f"The passage does not stand in record {record.finding.number} as its system holds it; take it from one "
            "field, without its label, and without a date or amount that is shown in other words."
        )
    return first, places


def _count(record: CopiedRecord, part: CopiedPart, before: Sequence[str], passage: str) -> int:
    """Return the number of places at which a passage stands in a part, its file's text included."""
    shown = record.rules.shown_in(part.part)
    clean, _ = record.rules.masked(part.part, shown, record.opened(part))
    file, _ = record.rules.masked_file(part.part, record.opened(part), shown)
    inside = hide_in_file(hide_in_file(file, before).file, [passage]).places.total()
    return inside + hide_passages(hide_passages(clean, before).part, [passage]).places.total()


def _told(mask_choice: MaskChoice, by: str) -> tuple[object, ...]:
    return (
        mask_choice.record,
        mask_choice.part,
        mask_choice.act,
        mask_choice.place,
        mask_choice.passage,
        mask_choice.interval,
        mask_choice.edited,
        mask_choice.ground,
        mask_choice.reason,
        by,
    )
