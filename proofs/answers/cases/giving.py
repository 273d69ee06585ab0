"""The answers that erase nothing: a package for the person, or that nothing is held."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyzipper

from proofs.answers.cases.course import DECIDER, MARK, OFFICER, Course
from proofs.answers.cases.world import Written
from proofs.answers.package.recordings import SOUND
from rightsflow.app import current_app
from rightsflow.cases.access.copies import REDACTED, assemble_package, make_copies_again
from rightsflow.cases.access.masking import Masking, MaskingRules, digest_of
from rightsflow.cases.gates.gate_texts import describe_gate
from rightsflow.cases.gates.gate_views import reach_gate
from rightsflow.cases.gates.gates import record_decision
from rightsflow.cases.letters.answering import write_answer, write_nothing_held
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.copies import Tally
from rightsflow.domain.case.findings import Finding
from rightsflow.domain.disclosure.mask_choices import Interval, MaskAct, MaskChoice, MaskGround
from rightsflow.domain.errors import BadInput
from rightsflow.domain.events import StepName
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.gates.record_decisions import RecordAct, RecordDecision
from rightsflow.domain.records import Blob, Document, Part
from rightsflow.store import CaseFile


def show_gate(course: Course) -> bool:
    """The case reaches the approval gate, whose form is kept; returns whether it does.

    It does not where an earlier case of the person left something that no one could attribute, so that the search is
    not at its end.
    """
    view = reach_gate(current_app(), course.case_id, Gate.APPROVAL)
    if view.is_open:
        course.note("gate", describe_gate(current_app(), view))
    return view.is_open


def report_nothing(course: Course) -> None:
    """A person agrees that nothing is held."""
    course.pass_days(0, 1)
    record_decision(current_app(), course.case_id, Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by=DECIDER))
    write_nothing_held(current_app(), course.case_id)
    for letter in ("L8", "L17", "L23"):
        course.answered(letter)


def prepare_package(course: Course) -> None:
    """The records are copied and masked, and the package is made."""
    course.pass_days(0, 1)
    with course.file() as file:
        findings = file.findings.all()
    for system in sorted({one.ref.system for one in findings}):
        mine = [one for one in findings if one.ref.system == system and one.attribution is Attribution.SUBJECT]
        _copy(course, system, mine)
    assemble_package(current_app(), course.case_id)
    keep_package(course)


def _is_left_out(one: Finding) -> bool:
    return one.decided is not None and one.decided.act is RecordAct.LEAVE_OUT


def give(course: Course) -> None:
    """The package is released, without what a person leaves out, and its letter is written."""
    course.pass_days(0, 1)
    approved = Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by=DECIDER)
    left_out = _left_out(course) if course.maybe(0.4) else {}
    try:
        record_decision(
            current_app(),
            course.case_id,
            Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by=DECIDER, records=left_out),
        )
    except BadInput:  # Everything would be left out, which is not possible.
        record_decision(current_app(), course.case_id, approved)
    if make_copies_again(current_app(), course.case_id):
        prepare_package(course)
    write_answer(current_app(), course.case_id)
    course.answered("L9")


def _left_out(course: Course) -> dict[str, RecordDecision]:
    """A person leaves one or two records out, on a legal ground."""
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
    tally, left_out = Tally(), {one.ref for one in findings if _is_left_out(one)}
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
    """A person masks a passage or mutes an interval of some of what is copied."""
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
