"""Packages and erasures: what is copied, masked, decided, carried out, told to processors, and answered."""

from __future__ import annotations

import io
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pyzipper

from proofs.answers.controllers import SYSTEMS, Written
from proofs.answers.course import DECIDER, MARK, OFFICER, Course
from proofs.answers.package import SOUND
from proofs.answers.playing import CORRECTED, ask_whose, corrected, decide_items
from rightsflow.app import current_app
from rightsflow.cases.course.follow_up.manual_tasks import mark_task_done
from rightsflow.cases.course.gates.gate_texts import describe_gate
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.letters.answers import write_answer, write_nothing_held
from rightsflow.cases.course.letters.ending_letters import cool_off
from rightsflow.cases.course.processors.processor_answers import (
    check_processor_answer,
    record_instruction_sent,
    record_processor_answer,
)
from rightsflow.cases.work.access.masking import Masking, MaskingRules, digest_of
from rightsflow.cases.work.access.package import REDACTED, assemble_package, make_copies_again
from rightsflow.cases.work.erasure.steps import settle_plan
from rightsflow.cases.work.processors.instructions import (
    instruct_processor,
    processors_to_instruct,
    recipients_to_tell,
)
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Finding, Tally
from rightsflow.domain.case.manual_tasks import StatedEnd, TaskEnd, TaskKind
from rightsflow.domain.case.record_decisions import RecordAct, RecordDecision
from rightsflow.domain.disclosure.mask_choices import Interval, MaskAct, MaskChoice, MaskGround
from rightsflow.domain.errors import BadInput, Conflict, RightsflowError
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.gates.record_decision_rules import acts_on
from rightsflow.domain.processors.answers import StatedAnswer
from rightsflow.domain.processors.terms import ProcessorAnswer
from rightsflow.domain.vocabulary.events import StepName
from rightsflow.domain.vocabulary.records import (
    Blob,
    Document,
    Method,
    Outcome,
    OutcomeKind,
    Part,
    Presence,
    PresenceState,
)
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.store import CaseFile
from tests.support.reading import read_then_decide


def show_gate(course: Course) -> bool:
    """Bring the case to the approval gate and store the gate's form; returns whether it got there.

    It does not where an earlier case of the person left something that no one could attribute, so that the search is
    not at its end.
    """
    view = reach_gate(current_app(), course.case_id, Gate.APPROVAL)
    if view.is_open:
        course.note("gate", describe_gate(current_app(), view))
    return view.is_open


def report_nothing(course: Course) -> None:
    course.pass_days(0, 1)
    read_then_decide(current_app(), course.case_id, Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by=DECIDER))
    write_nothing_held(current_app(), course.case_id)
    for letter in ("L8", "L17", "L23"):
        course.answered(letter)


def prepare_package(course: Course) -> None:
    course.pass_days(0, 1)
    with course.file() as file:
        findings = file.findings.all()
    for system in sorted({one.ref.system for one in findings}):
        mine = [one for one in findings if one.ref.system == system and one.attribution is Attribution.SUBJECT]
        _copy(course, system, mine)
    assemble_package(current_app(), course.case_id)
    keep_package(course)


def give(course: Course) -> None:
    """Release the package, without what a person leaves out, and write its letter."""
    course.pass_days(0, 1)
    approved = Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by=DECIDER)
    left_out = _left_out(course) if course.maybe(0.4) else {}
    try:
        read_then_decide(
            current_app(),
            course.case_id,
            Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by=DECIDER, records=left_out),
        )
    except BadInput:  # Everything would be left out, which is not possible.
        read_then_decide(current_app(), course.case_id, approved)
    if make_copies_again(current_app(), course.case_id):
        prepare_package(course)
    write_answer(current_app(), course.case_id)
    course.answered("L9")


def _left_out(course: Course) -> dict[str, RecordDecision]:
    with course.file() as file:
        numbers = [one.number for one in file.findings.all() if one.attribution is Attribution.SUBJECT]
    ground, provision = course.dice.choice(
        (("rights of others", "Art. 15(4)"), ("trade secrets", "Art. 15(4)"), ("professional secrecy", "§ 29(1) BDSG"))
    )
    decision = RecordDecision(act=RecordAct.LEAVE_OUT, ground=ground, provision=provision)
    count = min(len(numbers), course.dice.choice((1, 2)))
    return {str(one): decision for one in course.dice.sample(numbers, count)}


def _copy(course: Course, system: str, findings: list[Finding]) -> None:
    """Copy and mask a system's records, as the steps would; what is left out by now lies among the copies."""
    tally, left_out = (
        Tally(),
        {one.ref for one in findings if (one.decided is not None and one.decided.act is RecordAct.LEAVE_OUT)},
    )
    parts = [part for one in findings for part in _parts(course, one)]
    given = list(tally.watch(part for part in parts if part.record not in left_out))
    with course.file() as file:
        _decide_on_masks(course, file, given)
        masking = Masking(MaskingRules.of(file, course.runtime), left_out)
        clean = list(masking.parts(parts))
        file.findings.note_copies(system, [one.ref for one in findings if one.ref not in left_out], tally.copies)
        course.finish(file, StepName.EXTRACT, system)
        course.runtime.workspace(file).write(REDACTED, system, clean)
        file.masks.note_made(masking.end(one.ref for one in findings))
        course.finish(file, StepName.REDACT, system, counts=+masking.counts)


def _decide_on_masks(course: Course, file: CaseFile, parts: Sequence[Part]) -> None:
    """Mask a passage or mute an interval of some of the copied records."""
    rules = MaskingRules.of(file, course.runtime)
    for part in parts:
        if not course.maybe(0.15):
            continue
        sound = part if isinstance(part, Blob) and part.media_type == "audio/wav" else None
        is_sound, ground = sound is not None, course.dice.choice(tuple(MaskGround))
        choice = MaskChoice(
            record=rules.hashes.of_record(part.record),
            part=rules.hashes.of_part(sound, digest_of(sound)) if sound else rules.hash_of(part),
            act=MaskAct.MUTE if is_sound else MaskAct.HIDE,
            passage="" if is_sound else course.dice.choice(("kettle", "PLEASE  answer", "nowhere in it")),
            interval=Interval(250, 750) if is_sound else None,
            ground=ground,
        )
        file.masks.add([choice], by=OFFICER, package=file.what_is_approved())


def _parts(course: Course, one: Finding) -> Iterator[Part]:
    ref, what = one.ref, course.dice.random()
    if what < 0.06:
        return
    if ref.kind != "recording" or what > 0.5:
        content: dict[str, object] = {"number": f"{MARK}{one.number}", "subject": f"{MARK} kettle"}
        if course.maybe(0.3):
            content["text"] = f"{MARK} please answer Boris.Other@example.org or call +49 30 999{one.number:04}"
        yield Document(record=ref, category=one.category, content=content)
    files = 1 if ref.kind == "recording" else course.dice.choice((0, 0, 1, 2))
    ending, media_type = ("wav", "audio/wav") if ref.kind == "recording" else ("txt", "text/plain")
    for number in range(files):
        name = f"{MARK}{number}.{ending}"
        yield Blob(record=ref, category=one.category, name=name, media_type=media_type, open=lambda: iter([SOUND]))


def keep_package(course: Course) -> None:
    """Open the package with its passphrase and keep its pages."""
    with course.file() as file:
        passphrase = file.outbox.secret("passphrase") or ""
        case = course.dumped(file)
    [path] = Path(course.runtime.work_location, course.case_id).glob("*.zip")
    with pyzipper.AESZipFile(io.BytesIO(path.read_bytes())) as archive:
        archive.setpassword(passphrase.encode())
        for name in archive.namelist():
            if name.endswith((".html", ".txt", "manifest.json")) and not name.startswith(("attach", "record")):
                course.written.append(Written(f"package/{name}", archive.read(name).decode(), case))
            elif name.endswith(".json"):
                course.written.append(Written("package/data", archive.read(name).decode(), case))


_NOTE = "Its archive can be read and not written until the court releases it."


def instruct(course: Course) -> None:
    dice = random.Random(course.who["email"])
    for number, processor in enumerate(processors_to_instruct(current_app(), course.case_id), start=1):
        instruct_processor(current_app(), course.case_id, processor)
        if dice.random() < 0.8:
            with suppress(Conflict, BadInput):
                record_instruction_sent(current_app(), course.case_id, number, by=OFFICER)


def tell(course: Course) -> None:
    dice = random.Random(f"{course.who['email']}/told")
    for recipient in recipients_to_tell(current_app(), course.case_id):
        instruct_processor(current_app(), course.case_id, recipient)
    with course.file() as file:
        notices = [one for one in file.instructions.all() if one.is_notice and one.kinds]
    for one in notices:
        if dice.random() < 0.5:
            with suppress(Conflict, BadInput):
                record_instruction_sent(current_app(), course.case_id, one.number, by=OFFICER)


def prove(course: Course, share: float) -> None:
    with course.file() as file:
        instructions = [one for one in file.instructions.all() if one.is_waited_for]
    dice = random.Random(f"{course.who['email']}/{share}")
    for one in instructions:
        if dice.random() < share:
            with suppress(Conflict, BadInput):
                _answer(course, one.number, dice)


def _answer(course: Course, number: int, dice: random.Random) -> None:
    app = current_app()
    what = dice.choices(tuple(ProcessorAnswer), (50, 20, 10, 10, 5, 5))[0]
    stated = StatedAnswer(
        answer=what,
        on=app.today,
        records=dice.choice((None, 0, 1, 7)) if what is ProcessorAnswer.DONE else None,
        note=_NOTE if what is ProcessorAnswer.CANNOT else "",
        until=app.today + timedelta(days=2) if what is ProcessorAnswer.MORE_TIME else None,
        sub_processors=("Subcalls SA",) if what is ProcessorAnswer.HANDED_ON else (),
    )
    proof = b"confirmed" if dice.random() < 0.5 else b""
    record_processor_answer(app, course.case_id, number, stated, proof=proof, by=OFFICER)
    if dice.random() < 0.5:
        check_processor_answer(app, course.case_id, number, reason="By telephone.", by=OFFICER)


_REASONS = ("A retention lock of the system ends then.", "The system keeps the record because of a dispute.")
_KEPT = (OutcomeKind.RETAINED, OutcomeKind.RESIDUE, OutcomeKind.RESTRICTED, OutcomeKind.PSEUDONYMISED)
_GONE = frozenset({OutcomeKind.ERASED, OutcomeKind.REDACTED, OutcomeKind.PSEUDONYMISED})


def erase(course: Course) -> None:
    """Approve and carry out the plan, and write the answer unless a record failed."""
    ask_whose(course)
    course.pass_days(0, 2)
    decide_items(course)
    _approve(course)
    cool_down(course)
    settle_plan(current_app(), course.case_id)
    instruct(course)
    course.pass_days(0, 1)
    with course.file() as file:
        todo = [one for one in file.findings.all() if one.method is not None]
    outcomes = _outcomes(course, todo)
    with course.file() as file:
        for system in SYSTEMS:
            _carry_out(course, file, system, outcomes)
    course.pass_days(0, 1)
    tell(course)
    prove(course, 0.5)
    _write_answer(course)
    for letter in ("L10", "L11", "L17", "L22", "L23", "L25"):
        course.answered(letter)
    prove(course, 0.8)
    course.answered("L20")
    course.pass_days(0, 3)
    _do_tasks(course)
    course.capture()


def cool_down(course: Course) -> None:
    if on := cool_off(current_app(), course.case_id):
        course.capture()
        course.world.moment[0] = max(course.world.moment[0], datetime.combine(on, time(6), UTC))


def _write_answer(course: Course) -> None:
    try:
        write_answer(current_app(), course.case_id)
    except RightsflowError as error:
        # A case that cannot be answered yet is none; a letter that cannot be written is a fault.
        if "The letter " in str(error):
            raise


def _approve(course: Course) -> None:
    decided = _decided(course) if course.maybe(0.4) else {}
    decision = Decision(
        gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by=DECIDER, include_unclear=course.maybe(0.4), records=decided
    )
    try:
        read_then_decide(current_app(), course.case_id, decision)
    except BadInput:  # A record that a decision must not erase; the plan stands as it is.
        read_then_decide(
            current_app(), course.case_id, Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by=DECIDER)
        )


def _decided(course: Course) -> dict[str, RecordDecision]:
    """Decide on one or two records by number: retained for a claim, erased, or about other people.

    The last of a request that erases nothing, also on records of which no one can tell whose they are.
    """
    leaves_out = acts_on(Right(course.target.right)) == {RecordAct.LEAVE_OUT}
    with course.file() as file:
        findings = file.findings.all()
    numbers = [one.number for one in findings if one.method is not None or leaves_out]
    if leaves_out:
        unclear = [one.number for one in findings if one.attribution is Attribution.UNCLEAR]
        numbers = unclear if unclear and course.maybe(0.5) else numbers
    count = min(len(numbers), course.dice.choice((1, 2)))
    if leaves_out:
        return dict.fromkeys(map(str, course.dice.sample(numbers, count)), _LEFT_OUT)
    acts = (RecordAct.ERASE,) if course.target.end == "L10" else (RecordAct.KEEP, RecordAct.KEEP, RecordAct.ERASE)
    return {str(one): _decision(course, course.dice.choice(acts)) for one in course.dice.sample(numbers, count)}


def _decision(course: Course, act: RecordAct) -> RecordDecision:
    if act is RecordAct.ERASE:
        return RecordDecision(act=act)
    until, ends_when = course.dice.choice(
        ((date(2031, 6, 30), ""), (None, "the claim is settled"), (date(2031, 6, 30), "the claim is settled"))
    )
    return RecordDecision(
        act=act, ground="A claim about this purchase is pending.", provision="Art. 17(3)(e)", until=until,
        ends_when=ends_when,
    )  # fmt: skip


def _outcomes(course: Course, todo: list[Finding]) -> dict[int, Outcome]:
    """Return the systems' answers, so that the case ends as it is played."""
    outcomes = {
        one.number: corrected(course, one)
        if one.method is Method.RECTIFY
        else _outcome(course, one, _drawn(course, one))
        for one in todo
    }
    if not todo:
        return outcomes
    first = course.dice.choice(todo)
    kinds = {one.kind for one in outcomes.values()}
    if course.target.end == "failed":
        outcomes[first.number] = _outcome(course, first, OutcomeKind.FAILED)
    if course.target.end == "L11" and not kinds & set(_KEPT):
        outcomes[first.number] = _outcome(course, first, course.dice.choice(_KEPT))
    return outcomes


def _drawn(course: Course, one: Finding) -> OutcomeKind:
    if one.method is Method.RESTRICT:
        marked = (OutcomeKind.RESTRICTED, OutcomeKind.RETAINED, OutcomeKind.NOT_HELD)
        return course.dice.choices(marked, (85, 10, 5))[0]
    usual = OutcomeKind.ERASED if one.method is Method.ERASE else OutcomeKind.REDACTED
    gone = (usual, OutcomeKind.DELEGATED, OutcomeKind.NOT_HELD)
    if course.target.end == "L10":
        return course.dice.choices(gone, (84, 10, 6))[0]
    return course.dice.choices((*gone, *_KEPT), (70, 6, 2, 8, 6, 4, 4))[0]


def _outcome(course: Course, one: Finding, kind: OutcomeKind) -> Outcome:
    refused = kind in {OutcomeKind.RETAINED, OutcomeKind.RESIDUE}
    kept = kind in {OutcomeKind.RETAINED, OutcomeKind.RESTRICTED, OutcomeKind.PSEUDONYMISED}
    is_restricted = kind is OutcomeKind.RESTRICTED
    return Outcome(
        record=one.ref, kind=kind, reason=course.dice.choice(_REASONS) if kept or refused else "",
        legal_basis="Art. 18(1)(b) of the law" if is_restricted else "",
        until=date(2031, 5, 31) if (kept and course.maybe(0.6)) or is_restricted else None, refused=refused,
        request_id=f"req-{course.dice.randrange(10**6)}",
    )  # fmt: skip


def _carry_out(course: Course, file: CaseFile, system: str, outcomes: dict[int, Outcome]) -> None:
    looked = 0
    for one in file.findings.all(system):
        if one.method is None:
            continue
        outcome = outcomes[one.number]
        file.findings.record_outcome(outcome)
        if outcome.kind in _GONE | CORRECTED and not outcome.refused:
            file.findings.record_presence(Presence(record=one.ref, state=PresenceState.ABSENT))
            looked += 1
    after = Counter(one.outcome.value for one in file.findings.all(system) if one.outcome)
    counts = {name.replace(" ", "_"): count for name, count in after.items()}
    course.finish(file, StepName.ERASE, system, counts=counts)
    course.finish(file, StepName.VERIFY, system, counts={"absent": looked})


_LEFT_OUT = RecordDecision(
    act=RecordAct.LEAVE_OUT, ground="The request is about another purchase.", provision="Art. 12(2)"
)
_STILL_NEEDED = StatedEnd(end=TaskEnd.KEPT, reason="What keeps it goes on.")


def _do_tasks(course: Course) -> None:
    with course.file() as file:
        tasks = file.tasks.all()
    for one in tasks:
        if one.kept_until is None and course.maybe(0.5):
            with suppress(Conflict, BadInput):
                stated = _STILL_NEEDED if one.kind is TaskKind.CHECK else StatedEnd()
                mark_task_done(current_app(), course.case_id, one.number, on=None, by=OFFICER, stated=stated)
