"""Results of an instruction: it was sent, the processor answered, and the answer was checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.course.letters.answers import put_letter
from rightsflow.cases.course.letters.certificates import renew_certificate
from rightsflow.cases.course.letters.letter_facts import LetterFacts
from rightsflow.cases.facts.people import acting
from rightsflow.cases.work.processors.files import doubts_of_documents, refuse_before_the_answer, take_over
from rightsflow.cases.work.processors.status import at_processors
from rightsflow.documents.letters import ProcessorsAnswered, render
from rightsflow.domain.errors import BadInput
from rightsflow.domain.processors.answers import Instruction, StatedAnswer, check_answer
from rightsflow.domain.processors.files import BY_PEOPLE, DocumentLimit, HandedOverFile
from rightsflow.domain.processors.terms import Doubt, InstructionStanding, ProcessorAnswer, ProofKind
from rightsflow.domain.typed_input import stated_reason
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.letter_ids import ANSWERS, LetterId, kind_of_letter
from rightsflow.domain.vocabulary.states import read_case_id
from rightsflow.domain.wording import day
from rightsflow.store import CaseFile

_TELLING: Final = ANSWERS | {LetterId.PROCESSORS_ANSWERED}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedAnswer:
    """An answer of a processor with the files that came with it.

    Args:
        stated: The answer.
        proof: The document that proves it; empty for none.
        documents: The files that it handed over, which are the person's records.
        doubts: Why it has to be checked, besides what the rules find.
        limit: How much one answer may hand over.
    """

    stated: StatedAnswer
    proof: bytes = b""
    documents: Sequence[bytes] = ()
    doubts: Sequence[Doubt] = ()
    limit: DocumentLimit = BY_PEOPLE


def _write_second_letter(file: CaseFile, app: App) -> bool:
    """Write L20 once nothing is open of what it tells; returns whether it was written now."""
    instructions, answered_on = file.instructions.all(), _answered_on(file, app)
    if answered_on is None or any(instruction.is_waited_for for instruction in instructions):
        return False
    is_first = not file.outbox.has(LetterId.PROCESSORS_ANSWERED)
    promised = {instruction.number for instruction in instructions if instruction.is_promised and is_first}
    again = _doubted_since(file) - promised
    if not promised | again:
        return False
    facts = LetterFacts(file, app)
    variables = ProcessorsAnswered(
        **facts.common(),
        received_on=facts.received_on,
        answered_on=answered_on,
        right=file.right,
        processors=at_processors(file, app.settings, only=promised),
        again=at_processors(file, app.settings, only=again),
        remedies=facts.remedies,
    )
    put_letter(file, render(LetterId.PROCESSORS_ANSWERED, variables))
    return True


def _doubted_since(file: CaseFile) -> set[int]:
    """Return the instructions whose answer the person was told and that was doubted or taken back since.

    The ledger's order decides: an answer that was told before it was doubted has to be told again.
    """
    doubted: set[int] = set()
    for entry in file.ledger.entries(
        CaseEvent.LETTER_WRITTEN, CaseEvent.PROCESSOR_ANSWER_DOUBTED, CaseEvent.PROCESSOR_ANSWERED
    ):
        details = entry.details
        if entry.event == CaseEvent.LETTER_WRITTEN and kind_of_letter(str(details["letter"])) in _TELLING:
            doubted.clear()
        elif (entry.event == CaseEvent.PROCESSOR_ANSWER_DOUBTED and details["doubt"] == Doubt.BACK.code) or (
            entry.event == CaseEvent.PROCESSOR_ANSWERED and details["answer"] == ProcessorAnswer.TAKEN_BACK
        ):
            doubted.add(int(details["number"]))
    return doubted


def _answered_on(file: CaseFile, app: App) -> date | None:
    written = (line.written_at for line in file.outbox.lines() if line.template_id in ANSWERS)
    first = next(written, None)
    return app.day_of(first) if first else None


MOST_PROOF_BYTES: Final = 5 * 1024 * 1024
"""The largest size of a processor's proof; the document is stored encrypted in the case store."""


def record_instruction_sent(app: App, case_id: str, number: int, *, at: datetime | None = None, by: str) -> str:
    """Note that a person sent an instruction; returns that in a sentence.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        number: The instruction's number within the case.
        at: When it went out (aware); now by default.
        by: Who sent it.

    Raises:
        BadInput: There is no such case or instruction, or the instant is impossible.
        Conflict: It went out already, or there is nothing to send.
    """
    sent_at = at or app.now()
    if sent_at > app.now():
        raise BadInput("The instruction cannot have gone out in the future; check the time.")
    who = acting(app, by, case_id)
    with app.store.case_file(read_case_id(case_id)) as file:
        instruction = file.instructions.mark_sent(number, sent_at, by=who)
    if instruction.is_notice:
        return f"The notice to {instruction.name} is noted as sent."
    due = day(instruction.due_on)
    return f"Instruction {number} to {instruction.name} is noted as sent; it has to be proved by {due}."


def record_processor_answer(
    app: App,
    case_id: str,
    number: int,
    stated: StatedAnswer,
    *,
    proof: bytes = b"",
    documents: Sequence[bytes] = (),
    by: str,
) -> str:
    """Record what a processor answered, with its proof; returns the result in a sentence.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        number: The instruction's number within the case.
        stated: The answer.
        proof: The document that came with it; empty for none.
        documents: The files that it handed over, which are the person's records.
        by: Who records it.

    Raises:
        BadInput: There is no such case or instruction, or something is missing or impossible.
        Conflict: The instruction has not gone out.
    """
    who = acting(app, by, case_id)
    with app.store.case_file(read_case_id(case_id)) as file:
        received = ReceivedAnswer(stated=stated, proof=proof, documents=documents)
        instruction, is_written = put_answer(file, app, number, received, by=who)
    return _result_sentence(instruction, is_written=is_written)


def put_answer(file: CaseFile, app: App, number: int, received: ReceivedAnswer, *, by: str) -> tuple[Instruction, bool]:
    """Check an answer and store it in the case file; the case continues with it.

    Args:
        file: The case file, open.
        app: What it works with.
        number: The instruction's number within the case.
        received: The answer with its files.
        by: Who records it.

    Returns:
        The instruction, and whether the second letter to the person was written.

    Raises:
        BadInput: There is no such instruction, or something is missing or impossible.
        Conflict: The instruction has not gone out.
    """
    if len(received.proof) > MOST_PROOF_BYTES:
        raise BadInput(f"The proof has more than {MOST_PROOF_BYTES // 1024 // 1024} MB; give a smaller file.")
    before = file.instructions.one(number)
    doubts = check_answer(
        before,
        received.stated,
        _proof_wanted(app, before),
        work_to_on=file.work_to_on,
        today=app.today,
        has_proof=bool(received.proof),
        sent_on=app.day_of(before.sent_at) if before.sent_at else None,
        documents=len(received.documents),
    )
    unread = doubts_of_documents(file, app, before, received.documents, received.limit)
    instruction = file.instructions.record_answer(
        number,
        received.stated,
        (*doubts, *unread, *received.doubts),
        received.proof,
        received.documents,
        by=by,
        limit=received.limit,
    )
    return instruction, _go_on(file, app, instruction)


def check_processor_answer(app: App, case_id: str, number: int, *, reason: str, by: str) -> str:
    """Record that a person checked a doubtful answer, and that it holds; returns that in a sentence.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        number: The instruction's number within the case.
        reason: How it was checked.
        by: Who checked it.

    Raises:
        BadInput: There is no such case or instruction, or the reason is missing.
        Conflict: Its last answer is not doubtful, or goes to the person after an answer that is not written yet.
    """
    why = stated_reason(reason, "say how the answer was checked")
    who = acting(app, by, case_id)
    with app.store.case_file(read_case_id(case_id)) as file:
        refuse_before_the_answer(file, file.instructions.one(number))
        instruction = file.instructions.mark_checked(number, why, by=who)
        is_written = _go_on(file, app, instruction)
    return _result_sentence(instruction, is_written=is_written)


def record_recipient_not_told(app: App, case_id: str, number: int, *, reason: str, by: str) -> str:
    """Record that a controller of its own cannot be told of the erasure (Art. 19 GDPR); returns that in a sentence.

    The answer to the person is not kept waiting for it, and says so with the reason.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        number: The notice's number within the case.
        reason: Why that is impossible or would take a disproportionate effort, in words for the person.
        by: Who records it.

    Raises:
        BadInput: There is no such case or notice, or the reason is missing.
        Conflict: It is no notice, or it went out.
    """
    why = stated_reason(reason, "say why the recipient cannot be told, in words for the person")
    who = acting(app, by, case_id)
    with app.store.case_file(read_case_id(case_id)) as file:
        notice = file.instructions.record_not_told(number, why, app.today, by=who)
    return f"It is recorded that {notice.name} cannot be told; an answer that is written from now on says so."


def reveal_instruction(app: App, case_id: str, number: int, *, by: str) -> str:
    """Read the text of an instruction, to send it; that is recorded, since it names the person.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        number: The instruction's number within the case.
        by: Who reads it.

    Raises:
        BadInput: There is no such case or instruction.
    """
    who = acting(app, by, case_id)
    with app.store.case_file(read_case_id(case_id)) as file:
        text = file.instructions.text(number)
        file.note_reveal(by=who, reason=f"to send instruction {number}")
    return text


def reveal_answer(app: App, case_id: str, number: int, answer: int | None = None, *, by: str) -> tuple[str, bytes]:
    """Read what a processor wrote and gave as proof; that is recorded, since either may name the person.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        number: The instruction's number within the case.
        answer: The answer's number within the instruction; the last one by default.
        by: Who reads it.

    Returns:
        Its words and its document; empty for none.

    Raises:
        BadInput: There is no such case, instruction or answer.
    """
    who = acting(app, by, case_id)
    with app.store.case_file(read_case_id(case_id)) as file:
        last = file.instructions.one(number).last
        chosen = answer if answer is not None else last.number if last else 0
        words, proof = file.instructions.note(number, chosen), file.instructions.proof(number, chosen)
        file.note_reveal(by=who, reason=f"to read answer {chosen} to instruction {number}")
    return words, proof


def reveal_document(app: App, case_id: str, number: int, document: int, *, by: str) -> tuple[HandedOverFile, bytes]:
    """Read a file that a processor handed over; that is recorded.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        number: The instruction's number within the case.
        document: The file's number within the instruction.
        by: Who reads it.

    Returns:
        What it is, and its content.

    Raises:
        BadInput: There is no such case, instruction or file, or it is gone.
    """
    who = acting(app, by, case_id)
    with app.store.case_file(read_case_id(case_id)) as file:
        content = file.instructions.documents.content(number, document)
        handed_over = next(item for item in file.instructions.one(number).documents if item.number == document)
        file.note_reveal(by=who, reason=f"to read file {document} of instruction {number}")
    return handed_over, content


def _proof_wanted(app: App, instruction: Instruction) -> tuple[ProofKind, ...]:
    section = app.settings.asked.get(instruction.processor)
    return section.proof if section else (ProofKind.COUNTS,)


def _go_on(file: CaseFile, app: App, instruction: Instruction) -> bool:
    """Let the case go on once nothing is open: its run, or the second letter; returns whether that was written now."""
    take_over(file, app, instruction)
    if any(item.is_waited_for for item in file.instructions.all()):
        return False
    file.bulk.start_again()
    renew_certificate(file, app)
    return _write_second_letter(file, app)


def _result_sentence(instruction: Instruction, *, is_written: bool) -> str:
    match instruction.standing:
        case InstructionStanding.QUESTIONED:
            why = " and ".join(doubt.value for doubt in instruction.last.doubts) if instruction.last else ""
            sentence = f"The answer of {instruction.name} is recorded and has to be checked: {why}."
        case InstructionStanding.CONFIRMED:
            sentence = f"{instruction.name} has confirmed it; that is recorded."
        case InstructionStanding.CANNOT:
            sentence = f"It is recorded that {instruction.name} cannot do it."
        case _:
            sentence = (
                f"The answer of {instruction.name} is recorded; it has to be proved by {day(instruction.due_on)}."
            )
    if not is_written:
        return sentence
    enclosed = "; enclose the files that were handed over, as it says" if instruction.documents else ""
    return f"{sentence} The letter L20 to the person is in the outbox{enclosed}."
