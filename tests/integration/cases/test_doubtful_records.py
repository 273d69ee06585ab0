"""Records that carry something of the person and may be another's: left as they are, and decided on one by one."""

from __future__ import annotations

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.gates.gate_texts import describe_gate
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.work.erasure.steps import settle_plan
from rightsflow.domain.case.record_decisions import read_record_decisions
from rightsflow.domain.doubts import CARRIES, RecordDoubt
from rightsflow.domain.errors import BadInput
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.identifiers import Identifier, IdentifierKind, identifier
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.testing.fakes import FakeRecord
from tests.support import looks
from tests.support.bench import ANNA_EMAIL, ANNA_ID
from tests.support.looks import letter
from tests.support.reading import read_then_decide
from tests.support.steps import carry_out, outcomes, prepared

ANDREAS = Identifier(IdentifierKind.NAME, "Andreas Quillfeather")
HIS_EMAIL = identifier(IdentifierKind.EMAIL, "andreas@example.org")
HIS_ID = identifier(IdentifierKind.CUSTOMER_ID, "C-30003")
AT_HER_MAILBOX = frozenset({ANNA_EMAIL, ANDREAS, HIS_ID})
WITH_HER_NUMBER = frozenset({HIS_EMAIL, ANNA_ID})
NAMED = {"name": "Anna Quillfeather"}


@pytest.fixture
def family(bench):
    """Her brother reads the same mailbox, has what hangs on that, and was once given her customer number."""
    bench.systems["helpdesk"].add(
        FakeRecord(kind="profile", key="u7", texts=((AT_HER_MAILBOX, "profile of Andreas"),)),
        FakeRecord(kind="ticket", key="t7", profile="u7", texts=((AT_HER_MAILBOX, "his kettle"),)),
        FakeRecord(kind="ticket", key="t8", texts=((frozenset({HIS_ID}), "his other kettle"),)),
    )
    bench.systems["payments"].add(FakeRecord(kind="profile", key="c7", texts=((WITH_HER_NUMBER, "former payer"),)))
    return bench


def held_of_him(bench):
    return [
        record for fake in bench.systems.values() for record in fake.records() if record.key in {"u7", "t7", "t8", "c7"}
    ]


def numbers(bench, case_id):
    return {one.ref.ref: one.number for one in looks.findings(bench, case_id)}


def decide(case_id, *lines):
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    decision = Decision(
        gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by="Dana Decider", records=read_record_decisions(lines),
        include_unclear=True,
    )  # fmt: skip
    read_then_decide(current_app(), case_id, decision)
    settle_plan(current_app(), case_id)
    carry_out(case_id)
    write_answer(current_app(), case_id)


@pytest.mark.apart
def test_they_are_neither_erased_nor_followed_and_the_answer_says_why(family):
    before = held_of_him(family)
    case_id = prepared(family, "erasure", **NAMED)
    with family.file(case_id) as file:
        doubts = {one.ref.ref: one.doubt for one in file.findings.all()}
        assert not {HIS_EMAIL, HIS_ID, ANDREAS} & file.identifiers.known()
    assert {key: doubt for key, doubt in doubts.items() if doubt} == {
        "u7": RecordDoubt.SHARED_MAILBOX, "t7": RecordDoubt.SHARED_MAILBOX,
        "c7": RecordDoubt.OTHER_IDENTIFIER, "c1": RecordDoubt.NUMBER_ALONE, "i1": RecordDoubt.NUMBER_ALONE,
    }  # fmt: skip
    decide(case_id)
    assert held_of_him(family) == before
    became = outcomes(family, case_id)
    assert became["helpdesk", "profile", "u1"] is OutcomeKind.ERASED
    text = letter(family, case_id)
    assert "an e-mail address of yours that other people seem to use as well" in text
    assert "an address or customer number that you did not name to us" in text
    assert "Andreas" not in text


def test_the_gate_says_of_each_why_and_nothing_more(family):
    case_id = prepared(family, "erasure", **NAMED)
    number = numbers(family, case_id)
    text = describe_gate(current_app(), reach_gate(current_app(), case_id, Gate.APPROVAL))
    shared = ", ".join(str(one) for one in sorted((number["u7"], number["t7"])))
    assert f"**2 records carry {CARRIES[RecordDoubt.SHARED_MAILBOX]}** ({shared})" in text.replace("–", ", ")
    assert f"**1 record carries {CARRIES[RecordDoubt.OTHER_IDENTIFIER]}** ({number['c7']})" in text
    assert "Andreas" not in text
    assert HIS_EMAIL.value not in text


@pytest.mark.apart
def test_one_is_erased_once_a_person_has_decided_on_it_alone(family):
    case_id = prepared(family, "erasure", **NAMED)
    decide(case_id, f"{numbers(family, case_id)['c7']}: erase")
    became = outcomes(family, case_id)
    assert became["payments", "profile", "c7"] is OutcomeKind.ERASED
    assert {one.key for one in held_of_him(family)} == {"u7", "t7", "t8"}


def test_no_kind_is_decided_on_as_a_whole_while_one_of_it_is_in_doubt(family):
    case_id = prepared(family, "erasure", **NAMED)
    with pytest.raises(BadInput, match="decide on it by its number alone"):
        decide(case_id, "payments profile: erase")


@pytest.mark.apart
def test_a_copy_leaves_them_out_and_says_so(family):
    case_id = prepared(family, "access", **NAMED)
    view = reach_gate(current_app(), case_id, Gate.APPROVAL)
    copied = {one.ref.ref for one in looks.findings(family, case_id) if one.copies and one.copies.documents}
    assert copied == {"u1", "t1", "t2", "r1"}
    text = describe_gate(current_app(), view)
    assert f"carries {CARRIES[RecordDoubt.OTHER_IDENTIFIER]}" in text


def test_without_another_person_nothing_is_in_doubt(bench):
    case_id = prepared(bench, "erasure", **NAMED)
    assert not [one for one in looks.findings(bench, case_id) if one.doubt]
