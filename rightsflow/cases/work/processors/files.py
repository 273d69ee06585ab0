"""Files that processors hand over in an access request: records of the case, or enclosures of a letter.

A file goes into the package only if it is the person's: each entry names them by a known identifier, each line of a
text does and names no one else, or a person has read it. Entries of another person are left out in either case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from rightsflow.cases.app import App
from rightsflow.config.sections.processor_settings import ByHandSettings, ProcessorSettings
from rightsflow.config.sections.system_settings import SystemSettings
from rightsflow.domain.connector import Capabilities
from rightsflow.domain.disclosure.redaction import mask_third_parties
from rightsflow.domain.errors import Conflict
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.processors.answers import Instruction
from rightsflow.domain.processors.files import (
    BY_PEOPLE,
    DOCUMENT,
    HANDED_OVER,
    DocumentLimit,
    HandedOverFile,
    OwnEntries,
    names_person,
    own_entries,
    read_entries,
)
from rightsflow.domain.processors.terms import Action, Doubt, InstructionStanding, ProcessorAnswer
from rightsflow.domain.spellings.wordforms import Own
from rightsflow.domain.vocabulary.events import StepName
from rightsflow.domain.vocabulary.file_kinds import MEDIA_TYPES, ProofFile, kind_of_file
from rightsflow.domain.vocabulary.records import Blob, Document, Located, Part, RecordRef
from rightsflow.domain.wording import listed
from rightsflow.store import CaseFile


def own_of(app: App) -> Own:
    """Return the controller's own details: from `[controller]`, its desks' domains, and each system's own numbers."""
    settings = app.settings
    people = (settings.owners.case_owner, settings.owners.dpo, settings.owners.management)
    lines = (str(item) for section in app.systems.values() for item in getattr(section, "own_numbers", ()))
    return Own(
        lines=frozenset((*settings.controller.lines, *lines)),
        domains=frozenset((*settings.controller.domains, *(person.email.rpartition("@")[2] for person in people))),
        names=frozenset((settings.controller.name, *settings.controller.names, *settings.systems)),
    )


_LONGEST_CATEGORY: Final = 200


def doubts_of_documents(
    file: CaseFile, app: App, instruction: Instruction, contents: Sequence[bytes], limit: DocumentLimit = BY_PEOPLE
) -> tuple[Doubt, ...]:
    """Return the doubts for which a person has to read files before the data subject gets them.

    Args:
        file: The case file, open.
        app: What it works with.
        instruction: Which instruction they answer.
        contents: The files.
        limit: How much one answer may hand over, and of which kinds.

    Raises:
        BadInput: One is of no kind that is taken.
    """
    if not contents:
        return ()
    kinds = [kind_of_file(content, any_kind=limit.any_kind) for content in contents]
    # Where nothing was found besides, the answer waits for colleagues however late they are.
    is_waited_for = instruction.role.is_colleague and file.found_nothing
    is_past = app.today > instruction.due_on and not is_waited_for
    is_late = file.steps.done(StepName.ASSEMBLE) is not None or is_past
    pairs = zip(contents, kinds, strict=True)
    unread = (
        () if all(kind is ProofFile.TEXT and _is_seen(pair, file, app) for pair, kind in pairs) else (Doubt.UNREAD,)
    )
    return (*unread, Doubt.LATE) if is_late else unread


def _is_seen(content: bytes, file: CaseFile, app: App) -> bool:
    """Return True if a file shows that it is the person's and no one else's.

    A list of all callers names the person as well. In sentences a line that names no one may be about anybody, and
    beside the address of another their name may stand, which no program knows.
    """
    text, says = content.decode(), _Reading.of(file, app)
    if not says.names(text):
        return False
    if read_entries(text) is not None:
        return not says.own_entries(text).left_out
    return not says.is_others(text) and all(says.names(line) for line in text.splitlines() if line.strip())


@dataclass(frozen=True, slots=True)
class _Reading:
    """The identifiers by which a file is read: the person's, and the controller's own details."""

    subject: Identifiers
    known: Identifiers
    own: Own
    country: str

    @classmethod
    def of(cls, file: CaseFile, app: App) -> _Reading:
        """Return the reading of the case file and the configuration."""
        country = app.settings.controller.country
        return cls(file.identifiers.of_no_other(), file.identifiers.known(), own_of(app), country)

    def names(self, text: str) -> bool:
        """Return True if a text names the person."""
        return names_person(text, self.subject)

    def is_others(self, text: str) -> bool:
        """Return True if a text has an address or a number of another person."""
        masked, counts = mask_third_parties(text, subject=self.known, own=self.own, country=self.country)
        return masked != text and bool(counts)

    def own_entries(self, text: str) -> OwnEntries:
        """Return the person's own entries in a file."""
        return own_entries(text, self.names, self.is_others)


def refuse_before_the_answer(file: CaseFile, instruction: Instruction) -> None:
    """Refuse to check what goes to the person with a letter of its own while the answer before it is not written.

    Args:
        file: The case file, open.
        instruction: The instruction.

    Raises:
        Conflict: That is so.
    """
    if instruction.goes_later and not file.outbox.has_answer:
        raise Conflict(
            "This came when the package was made already; it goes to the person after the answer. Check it once the "
            "answer is written."
        )


def take_over(file: CaseFile, app: App, instruction: Instruction) -> None:
    """Make records of the case out of the files of an answer that holds, unless they go with a letter of their own.

    Args:
        file: The case file, open.
        app: What it works with.
        instruction: The instruction, with its answers.
    """
    if instruction.action is Action.HAND_OVER and _is_taken_back(instruction):
        _give_back(file, instruction)
    is_ready = instruction.standing is InstructionStanding.CONFIRMED and not instruction.goes_later
    if instruction.action is not Action.HAND_OVER or not is_ready or instruction.last is None:
        return
    identifiers = frozenset(
        identifier for identifier in file.identifiers.of_no_other() if identifier.kind.value in instruction.kinds
    )
    section = app.settings.asked.get(instruction.processor)
    category = listed(section.categories)[:_LONGEST_CATEGORY] if section else DOCUMENT
    located = [
        Located(record=_ref(instruction, document), category=category, owner=identifiers)
        for document in instruction.documents
        if document.answer == instruction.last.number
    ]
    file.findings.put_handed_over(located)
    if located and file.found_nothing:
        # Something was: whether that is so is decided once more.
        file.steps.take_back(StepName.RESOLVE)


def _is_taken_back(instruction: Instruction) -> bool:
    return instruction.last is not None and instruction.last.answer is ProcessorAnswer.TAKEN_BACK


def _give_back(file: CaseFile, instruction: Instruction) -> None:
    """Leave what a processor takes back out of the package: it may be another person's."""
    refs = {_ref(instruction, document) for document in instruction.documents}
    held = refs & {finding.ref for finding in file.findings.all(instruction.processor)}
    if not held or file.state.is_settled:
        return
    file.findings.drop_handed_over(held)
    for step in (StepName.EXTRACT, StepName.REDACT, StepName.ASSEMBLE):
        file.steps.take_back(step)


def _ref(instruction: Instruction, handed_over_file: HandedOverFile) -> RecordRef:
    return RecordRef(instruction.processor, DOCUMENT, f"{instruction.number}/{handed_over_file.number}")


def record_sources(app: App) -> dict[str, Capabilities]:
    """Return the sources of a package's records: the systems, and the processors that hand over copies.

    Args:
        app: What it works with.
    """
    return app.capabilities | dict.fromkeys(app.settings.asked, HANDED_OVER)


def handed_over_parts(app: App, case_id: str, refs: Sequence[RecordRef]) -> Iterator[Part]:
    """Yield the files of a processor as parts of a package: texts to be read and masked, others as they are.

    Args:
        app: What it works with.
        case_id: The case.
        refs: The records that they are.
    """
    for ref in refs:
        instruction, number = map(int, ref.ref.split("/"))
        with app.store.case_file(case_id) as file:
            content = file.instructions.documents.content(instruction, number)
            document = next(each for each in file.instructions.one(instruction).documents if each.number == number)
            category = next(each.category for each in file.findings.all(ref.system) if each.ref == ref)
            says = _Reading.of(file, app)
        if document.kind is ProofFile.TEXT:
            own = says.own_entries(content.decode())
            yield Document(record=ref, category=category, content=own.content, others=own.others)
        else:
            yield Blob(
                record=ref,
                category=category,
                name=document.name,
                media_type=MEDIA_TYPES[document.kind],
                open=partial(_once, content),
            )


def _once(content: bytes) -> Iterator[bytes]:
    yield content


def _transfers(section: ProcessorSettings) -> str:
    texts = [
        section.transfers,
        *(
            f"{sub_processor.name}: {sub_processor.transfers}"
            for sub_processor in section.sub_processors
            if sub_processor.transfers != "none"
        ),
    ]
    return "; ".join(sub_processor for sub_processor in texts if sub_processor != "none") or "none"


def processing_of(section: ProcessorSettings | ByHandSettings, systems: Mapping[str, SystemSettings]) -> SystemSettings:
    """Return the record of processing for handed-over records: a processor's is that of the systems it works in.

    Args:
        section: The section of the processor, or of the system without an interface.
        systems: The systems' sections.
    """
    if isinstance(section, ByHandSettings):
        return section.processing
    works_in = [systems[name] for name in section.systems if name in systems]
    purposes = tuple(dict.fromkeys(purpose for system in works_in for purpose in system.purposes))
    subs = tuple(sub_processor.name for sub_processor in section.sub_processors)
    return works_in[0].model_copy(
        update={
            "purposes": purposes,
            "categories": section.categories,
            "recipients": (f"{section.name} ({section.role.value})", *subs),
            "transfers": _transfers(section),
        }
    )
