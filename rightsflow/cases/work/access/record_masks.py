"""One record of an access package with its masks, as a person decides on them, and files edited by hand.

An edited copy is kept encrypted with the case until it is in the package, and is bound to the file as it was copied: if
the file changes, a person is asked again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from rightsflow.cases.app import App
from rightsflow.cases.facts.people import refuse_typed
from rightsflow.cases.work.access.mask_choices import (
    CopiedPart,
    CopiedRecord,
    PlacedHit,
    accept_masks,
    add_choices,
    copied_record,
)
from rightsflow.cases.work.access.masking import digest_of
from rightsflow.cases.work.access.package_review import PackageReading, reading_of, refuse_changed
from rightsflow.cases.work.access.package_view import ReadableRecord, shown_record
from rightsflow.documents.package.views import field_name, label
from rightsflow.domain.disclosure.file_texts import OpenedFile
from rightsflow.domain.disclosure.mask_choices import (
    EditedFile,
    MaskAct,
    MaskChoice,
    MaskedHit,
    MaskGround,
    MaskState,
    Sort,
    copies_in_words,
    kind_of_copy,
    refuse_longer,
    sort_of,
)
from rightsflow.domain.disclosure.recordings import read_wave, seconds_of
from rightsflow.domain.errors import BadInput
from rightsflow.domain.typed_input import stated_reason
from rightsflow.domain.vocabulary.records import Blob


@dataclass(frozen=True, slots=True, kw_only=True)
class EditableFile:
    """A file of a record that can be given as an edited copy.

    Args:
        ordinal: Which of the record's parts it is.
        name: Its name.
        takes: Which copies are taken, in words.
    """

    ordinal: int
    name: str = field(repr=False)
    takes: str


def _editable_files(record: CopiedRecord) -> list[EditableFile]:
    """Return the files of a record that an edited copy can replace; in text the software masks passages itself."""
    blobs = [(part, part.part) for part in record.parts if isinstance(part.part, Blob)]
    return [
        EditableFile(ordinal=part.ordinal, name=blob.name, takes=takes)
        for part, blob in blobs
        if (takes := copies_in_words(sort_of(blob.media_type, blob.name))) and not record.opened(part).is_text
    ]


def replace_file(
    app: App,
    case_id: str,
    number: int,
    ordinal: int,
    copy: bytes,
    *,
    ground: MaskGround,
    remark: str,
    by: str,
    package: str,
) -> None:
    """Decide that a file is given as a copy that was edited by hand.

    Args:
        app: What it works with.
        case_id: The case.
        number: The record's number.
        ordinal: Which of the record's parts the file is.
        copy: The copy.
        ground: Whose rights that protects; the person reads it.
        remark: What else is to be said of it; kept encrypted.
        by: Who decides.
        package: The SHA-256 of the package that was read.

    Raises:
        BadInput: There is no such file, or the copy cannot be taken for it.
        Conflict: The package was made again, or is not to be released any more.
    """
    refuse_typed(app, by, case_id)
    with app.store.case_file(case_id) as file:
        refuse_changed(file, package)
        record = copied_record(file, app, number)
        blob, _ = record.recording(ordinal)
        edited = _checked(blob, record.rules.opened(blob), copy)
        choice = MaskChoice(
            record=record.digest,
            part=record.rules.hashes.of_part(blob, edited.original_sha256),
            act=MaskAct.EDIT,
            edited=edited,
            ground=ground,
            reason=" ".join(remark.split()),
        )
        add_choices(file, [choice], by=by, package=package, copy=copy)


def _checked(blob: Blob, opened: OpenedFile, copy: bytes) -> EditedFile:
    """Return a copy that can replace a file."""
    sort = sort_of(blob.media_type, blob.name)
    kind = kind_of_copy(copy, sort)
    if opened.is_text:
        raise BadInput("This file is text; mask passages of it instead.")
    original, digest = digest_of(blob), sha256(copy).hexdigest()
    if digest == original:
        raise BadInput("That is the original itself; give the copy that you edited.")
    if sort is Sort.SOUND:
        refuse_longer(seconds_of(_once(copy)), seconds_of(blob.open()))
    return EditedFile(kind=kind, size=len(copy), sha256=digest, original_sha256=original)


def _once(content: bytes) -> Iterator[bytes]:
    yield content


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MaskedPlace:
    """A place at which the software masked something.

    Args:
        key: What a form calls it.
        kind: What was masked: ``name``, ``email`` or ``phone``.
        under: The label of the field; empty where it is one.
        before: What the rules leave before it.
        after: What they leave after it.
        choice: What is decided on it.
        hidden: What stands there; empty unless it was asked for.
    """

    key: str
    kind: str
    under: str
    before: str
    after: str
    choice: MaskChoice | None
    hidden: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A recording of the record.

    Args:
        ordinal: Which of the record's parts it is.
        name: Its name.
        seconds: How long it is; 0 where that is not known.
        channels: How many it has; 0 where it cannot be muted.
        cannot: Why it cannot be muted; empty if it can.
    """

    ordinal: int
    name: str = field(repr=False)
    seconds: float = 0
    channels: int = 0
    cannot: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RecordMasks:
    """A record with its masks.

    Args:
        reading: The reading that it belongs to.
        record: The record as the person gets it.
        places: What the software masked in it.
        recordings: Its recordings.
        files: Its files that can be given as a copy edited by hand.
        choices: What else is decided on it, oldest first.
    """

    reading: PackageReading
    record: ReadableRecord
    places: Sequence[MaskedPlace]
    recordings: Sequence[Recording]
    files: Sequence[EditableFile]
    choices: Sequence[MaskChoice]


def read_record(app: App, case_id: str, token: str, *, session: str, number: int) -> RecordMasks:
    """Return a record with its masks, without the hidden text.

    Args:
        app: What it works with.
        case_id: The case.
        token: Of the reading.
        session: What proves the session of the reading.
        number: The record's number.

    Raises:
        BadInput: There is no such case or record.
        Conflict: The reading is over, or the copies are not here.
    """
    return _read(app, case_id, token, session, number)


def look_behind(
    app: App, case_id: str, token: str, *, session: str, number: int, keys: Collection[str], by: str, reason: str
) -> RecordMasks:
    """Return a record with the hidden text of some places; the look, its author and reason are noted.

    Args:
        app: What it works with.
        case_id: The case.
        token: Of the reading.
        session: What proves the session of the reading.
        number: The record's number.
        keys: Which places.
        by: Who looks.
        reason: Why; kept sealed.

    Raises:
        BadInput: There is no such case, record, place or reason.
        Conflict: The reading is over, or the copies are not here.
    """
    why = stated_reason(reason, "say why you look at what is hidden")
    refuse_typed(app, by, case_id)
    seen = _read(app, case_id, token, session, number, keys)
    if not keys or set(keys) - {place.key for place in seen.places}:
        raise BadInput("Choose the masked places that you want to look at.")
    with app.store.case_file(case_id) as file:
        file.note_reveal(by=by, reason=why)
    return seen


def confirm_masks(app: App, case_id: str, token: str, numbers: Iterable[int], *, session: str, by: str) -> int:
    """Note that a person leaves all masks of some records as they are; returns how many they are.

    Args:
        app: What it works with.
        case_id: The case.
        token: Of the reading.
        numbers: The records' numbers.
        session: What proves the session of the reading.
        by: Who decides.

    Raises:
        BadInput: There is no such case or record, or nothing is left to confirm.
        Conflict: The reading is over, or the copies are not here.
    """
    confirmed = 0
    for number in numbers:
        seen = _read(app, case_id, token, session, number)
        keys = [place.key for place in seen.places if place.choice is None]
        if keys:
            accept_masks(app, case_id, number, keys, by=by, package=seen.reading.package)
        confirmed += len(keys)
    if not confirmed:
        raise BadInput("All redactions of these records are decided already.")
    return confirmed


def _read(app: App, case_id: str, token: str, session: str, number: int, keys: Collection[str] = ()) -> RecordMasks:
    with app.store.case_file(case_id) as file:
        reading = reading_of(app, file, token, session=session)
        record = copied_record(file, app, number)
        shown = shown_record(app, file, reading, number)
    choices = [choice for choice in shown.choices if choice.state is not MaskState.LIFTED]
    places = [_place(hit, record, choices, keys) for hit in record.hits()]
    on_places = {place.choice.number for place in places if place.choice}
    return RecordMasks(
        reading=reading,
        record=shown,
        places=places,
        recordings=[_recording(part, record) for part in record.parts if _is_sound(part)],
        files=_editable_files(record),
        choices=[choice for choice in choices if choice.number not in on_places],
    )


def _place(
    placed_hit: PlacedHit, record: CopiedRecord, choices: Sequence[MaskChoice], keys: Collection[str]
) -> MaskedPlace:
    part = record.rules.hash_of(placed_hit.part.part)
    return MaskedPlace(
        key=placed_hit.key,
        kind=placed_hit.hit.kind,
        under=_under(placed_hit.hit),
        before=placed_hit.hit.before,
        after=placed_hit.hit.after,
        choice=next((it for it in choices if it.part == part and it.place == placed_hit.hit.place), None),
        hidden=placed_hit.hit.hidden if placed_hit.key in keys else "",
    )


def _under(hit: MaskedHit) -> str:
    """Return the label of the field, or the place in the file."""
    if not hit.under or hit.is_in_file:
        return hit.under
    return label(field_name(hit.under))


def _is_sound(copied_part: CopiedPart) -> bool:
    return isinstance(copied_part.part, Blob) and copied_part.part.media_type.startswith("audio/")


def _recording(copied_part: CopiedPart, record: CopiedRecord) -> Recording:
    blob, size = record.recording(copied_part.ordinal)
    try:
        wave = read_wave(blob.open())
    except BadInput as error:
        return Recording(ordinal=copied_part.ordinal, name=blob.name, cannot=str(error))
    return Recording(
        ordinal=copied_part.ordinal, name=blob.name, seconds=wave.milliseconds(size) / 1000, channels=wave.channels
    )
