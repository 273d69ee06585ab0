"""Give a recording or an attachment as a copy that a person edited by hand, where the software cannot mask it itself.

The copy is kept encrypted with the case until it is in the package of the answer, and is bound to the file as it was
copied: of another one a person is asked again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256

from rightsflow.cases.app import App
from rightsflow.cases.facts.people import refuse_typed
from rightsflow.cases.work.access.copied_record import CopiedRecord, copied_record
from rightsflow.cases.work.access.mask_choosing import add_choices
from rightsflow.cases.work.access.masking import digest_of
from rightsflow.cases.work.access.readings import refuse_changed
from rightsflow.domain.disclosure.mask_choices import (
    EditedFile,
    MaskAct,
    MaskChoice,
    MaskGround,
    Sort,
    copies_in_words,
    kind_of_copy,
    refuse_longer,
    sort_of,
)
from rightsflow.domain.disclosure.recordings import seconds_of
from rightsflow.domain.disclosure.texts import text_of
from rightsflow.domain.errors import BadInput
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


def editable_files(record: CopiedRecord) -> list[EditableFile]:
    """The files of a record that can be given as an edited copy; of text the software masks passages itself.

    Args:
        record: The record.
    """
    blobs = [(part.ordinal, part.part) for part in record.parts if isinstance(part.part, Blob)]
    return [
        EditableFile(ordinal=ordinal, name=blob.name, takes=takes)
        for ordinal, blob in blobs
        if (takes := copies_in_words(sort_of(blob.media_type, blob.name))) and text_of(blob) is None
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
        edited = _checked(blob, copy)
        choice = MaskChoice(
            record=record.digest,
            part=record.rules.hashes.of_part(blob, edited.original_sha256),
            act=MaskAct.EDIT,
            edited=edited,
            ground=ground,
            reason=" ".join(remark.split()),
        )
        add_choices(file, [choice], by=by, package=package, copy=copy)


def _checked(blob: Blob, copy: bytes) -> EditedFile:
    """A copy that can be taken for a file."""
    sort = sort_of(blob.media_type, blob.name)
    kind = kind_of_copy(copy, sort)
    if text_of(blob) is not None:
        raise BadInput("This file is text; mask passages of it instead.")
    original, digest = digest_of(blob), sha256(copy).hexdigest()
    if digest == original:
        raise BadInput("That is the original itself; give the copy that you edited.")
    if sort is Sort.SOUND:
        refuse_longer(seconds_of(_once(copy)), seconds_of(blob.open()))
    return EditedFile(kind=kind, size=len(copy), sha256=digest, original_sha256=original)


def _once(content: bytes) -> Iterator[bytes]:
    yield content
