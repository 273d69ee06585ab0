"""The steps one after another, as the flows call them, and what the tests ask of a case."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from rightsflow.app import current_app
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.letters.answers import write_answer, write_nothing_held
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.work.access.package import assemble_package, extract_records, redact_third_parties
from rightsflow.cases.work.erasure.steps import erase_records, prepare_plan, settle_plan, verify_erasure
from rightsflow.cases.work.search import locate_records, resolve_identifiers
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.vocabulary.letter_ids import ANSWERS
from rightsflow.domain.vocabulary.records import Method
from rightsflow.testing.fakes import FakeSystem
from tests.support.bench import BORIS
from tests.support.kept_cases import staged
from tests.support.reading import read_then_decide

SYSTEMS = ("helpdesk", "payments", "calls")


def is_accepted(case_id, decision):
    """Decide at a gate; returns whether that was accepted."""
    return not objection_to(case_id, decision)


def objection_to(case_id, decision):
    """Decide at a gate; returns why that was not accepted, or nothing where it was."""
    try:
        read_then_decide(current_app(), case_id, decision)
    except (BadInput, Conflict) as error:
        return str(error)
    return ""


def search(case_id, systems=SYSTEMS):
    """Search to the fixpoint; returns the result of the last round."""
    for _ in range(6):
        for system in systems:
            locate_records(current_app(), case_id, system)
        resolved = resolve_identifiers(current_app(), case_id)
        if not resolved.learnt:
            return resolved
    raise AssertionError("no fixpoint")


@staged
def identified(bench, right, **fields):
    """An open case whose person is identified."""
    case_id = bench.open(right, **fields)
    reach_gate(current_app(), case_id, Gate.IDENTITY)
    bench.confirm_identity(case_id)
    return case_id


@staged
def searched(bench, right, **fields):
    """The same, and every system was searched for the person."""
    case_id = identified(bench, right, **fields)
    search(case_id)
    return case_id


@staged
def prepared(bench, right, **fields):
    """The same, with the plan or the package on which is to be decided; its flow then comes to the approval at once."""
    case_id = searched(bench, right, **fields)
    if right == "erasure":
        prepare_plan(current_app(), case_id)
    else:
        pack(case_id)
    return case_id


@staged
def at_approval(bench, right="erasure", **fields):
    """The same, waiting for the decision on it."""
    case_id = prepared(bench, right, **fields)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    return case_id


def pack(case_id, systems=SYSTEMS):
    """Copy, mask and pack; returns how many records of each category were packed."""
    for system in systems:
        extract_records(current_app(), case_id, system)
        redact_third_parties(current_app(), case_id, system)
    return assemble_package(current_app(), case_id)


@staged
def approved(bench, *, include_unclear=False, **fields):
    """An erasure case whose plan is approved and binding."""
    case_id = at_approval(bench, **fields)
    bench.approve(case_id, include_unclear=include_unclear)
    settle_plan(current_app(), case_id)
    return case_id


def carry_out(case_id, systems=SYSTEMS):
    for system in systems:
        erase_records(current_app(), case_id, system)
        verify_erasure(current_app(), case_id, system)


@staged
def carried_out(bench, *, include_unclear=False):
    """An erasure case of which every record was erased and looked at again."""
    case_id = approved(bench, include_unclear=include_unclear)
    carry_out(case_id)
    return case_id


@staged
def answered(bench):
    """The same, of which the answer is written; an invoice is kept."""
    case_id = carried_out(bench)
    write_answer(current_app(), case_id)
    return case_id


@staged
def answer_sent(bench):
    """The same, and the answer went out."""
    case_id = answered(bench)
    send_answer(bench, case_id)
    return case_id


def outcomes(bench, case_id):
    """Every record's outcome: (system, kind, key) → outcome."""
    with bench.file(case_id) as file:
        return {(one.ref.system, one.ref.kind, one.ref.ref): one.outcome for one in file.findings.all()}


def others_digest(bench):
    """A digest of all that the systems hold of Boris, what he wrote in a record that is Anna's included."""
    held = [
        (system, record.kind, record.key, text, record.audio if record.owner & BORIS else b"")
        for system, fake in bench.systems.items()
        for record in fake.records()
        for who, text in record.texts
        if who & BORIS
    ]
    assert len(held) >= 4
    return hashlib.sha256(repr(sorted(held)).encode()).hexdigest()


@staged
def approved_nothing(bench, right="access", **fields):
    """A case of a person whom no system knows, which a person has looked at."""
    case_id = searched(bench, right, **{"email": "nobody.here@example.net"} | fields)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    bench.approve(case_id)
    return case_id


@staged
def nothing_held(bench, right="access", **fields):
    """The same, answered."""
    case_id = approved_nothing(bench, right, **fields)
    write_nothing_held(current_app(), case_id)
    return case_id


def can_restrict(bench, *systems):
    """Let systems be able to mark records that are stored only."""
    for fake in (bench.systems[name] for name in systems):
        fake.kinds = tuple(replace(one, methods=one.methods | {Method.RESTRICT}) for one in fake.kinds)


class Watched(FakeSystem):
    """A fake system that notes which records each call was for."""

    def __init__(self, system):
        super().__init__(system=system)
        self.asked = []

    def erase(self, refs, method, known):
        self.asked.append(("erase", refs[0].kind, [ref.ref for ref in refs]))
        return super().erase(refs, method, known)

    def presence(self, refs, known):
        self.asked.append(("presence", "", [ref.ref for ref in refs]))
        return super().presence(refs, known)


def watch(bench, system):
    """Put a watched system with the same records in the place of a system."""
    watched = Watched(system)
    watched.add(*bench.systems[system].records())
    bench.systems[system] = watched
    return watched


def send_answer(bench, case_id):
    """Note the written answer as sent, which closes the case."""
    with bench.file(case_id) as file:
        (letter,) = {line.template_id for line in file.outbox.lines()} & ANSWERS
    record_sent(current_app(), case_id, letter, by="Ben")


@staged
def answered_access(bench):
    """An access case that was answered."""
    case_id = at_approval(bench, "access")
    bench.approve(case_id)
    write_answer(current_app(), case_id)
    return case_id
