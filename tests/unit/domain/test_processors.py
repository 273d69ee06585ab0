"""Processors: whom to tell what and until when, and what their answers prove."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.identifiers import Identifier, IdentifierKind
from rightsflow.domain.processors.answers import (
    Instruction,
    RecordedAnswer,
    Reminder,
    StatedAnswer,
    check_answer,
    reminder_due,
)
from rightsflow.domain.processors.instructions import MARGIN, due_day, fewest_identifiers, involved
from rightsflow.domain.processors.terms import (
    Action,
    Doubt,
    InstructionStanding,
    ProcessorAnswer,
    ProcessorChannel,
    ProcessorRole,
    ProofKind,
)

TODAY, WORK_TO = date(2026, 3, 20), date(2026, 4, 2)
AT = datetime(2026, 3, 10, 9, tzinfo=UTC)
ASKED = Instruction(
    case_id="DSR-2026-7K3M9Q",
    number=1,
    processor="callhouse",
    name="Callhouse Lisbon",
    role=ProcessorRole.PROCESSOR,
    channel=ProcessorChannel.MANUAL,
    action=Action.ERASE,
    kinds=("email",),
    expected=3,
    due_on=date(2026, 3, 22),
    asked_at=AT,
    sent_at=AT,
)
EMAIL = Identifier(IdentifierKind.EMAIL, "anna@example.com")
PHONE = Identifier(IdentifierKind.PHONE, "+4930231250")
ACCOUNT = Identifier(IdentifierKind.ACCOUNT_ID, "cus_1", "payments")


def check(answer, proof=(ProofKind.COUNTS,), instruction=ASKED, *, has_proof=False, **fields):
    stated = StatedAnswer(answer=answer, on=fields.pop("on", TODAY), **fields)
    sent_on = instruction.sent_at.date() if instruction.sent_at else None
    return check_answer(
        instruction, stated, proof, has_proof=has_proof, sent_on=sent_on, work_to_on=WORK_TO, today=TODAY
    )


def after(*answers):
    """The instruction after some answers."""
    recorded = [
        RecordedAnswer(number=number, answer=what, on=TODAY, recorded_at=AT, recorded_by="Ben", **more)
        for number, (what, more) in enumerate(answers, start=1)
    ]
    return replace(ASKED, answers=tuple(recorded))


@given(
    today=st.dates(date(2026, 1, 1), date(2028, 1, 1)),
    agreed=st.integers(1, 90),
    left=st.integers(-40, 120),
)
def test_a_processor_has_to_prove_it_a_week_before_our_date_or_else_at_once(today, agreed, left):
    work_to_on = today + timedelta(days=left)
    due_on = due_day(today, agreed, work_to_on)
    assert today <= due_on <= today + timedelta(days=agreed)
    assert due_on < work_to_on or left <= 0
    assert due_on <= work_to_on - MARGIN or due_on <= today + timedelta(days=1)


def test_a_processor_is_told_the_best_identifier_that_is_known():
    # It is told one kind of identifier the best that is known.
    known = {EMAIL, PHONE, ACCOUNT}
    customer_id, email = IdentifierKind.CUSTOMER_ID, IdentifierKind.EMAIL
    assert fewest_identifiers(known, [customer_id, email, IdentifierKind.PHONE], []) == (EMAIL,)
    assert fewest_identifiers(known, [customer_id], []) == ()
    # Account ids of other systems are not told.
    kinds = [IdentifierKind.ACCOUNT_ID]
    assert fewest_identifiers({ACCOUNT}, kinds, ["helpdesk"]) == ()
    assert fewest_identifiers({ACCOUNT}, kinds, ["payments"]) == (ACCOUNT,)
    assert involved(["helpdesk", "calls"], {"helpdesk": 2, "payments": 1}) == {"helpdesk": 2}


def test_what_is_doubted_of_an_answer():
    # What is doubted of an answer.
    for answer, fields, doubts in (
        (ProcessorAnswer.DONE, {"records": 3}, ()),
        (ProcessorAnswer.DONE, {"records": 0}, (Doubt.ZERO,)),
        (ProcessorAnswer.NOTHING_HELD, {}, (Doubt.ZERO,)),
        (ProcessorAnswer.DONE, {}, (Doubt.NO_PROOF,)),
        (ProcessorAnswer.CANNOT, {"note": "Its archive is sealed."}, ()),
        (ProcessorAnswer.HANDED_ON, {"sub_processors": ("Subcalls",)}, ()),
    ):
        assert check(answer, **fields) == doubts
    assert check(ProcessorAnswer.NOTHING_HELD, instruction=replace(ASKED, expected=0)) == ()
    # A document that was agreed on is missed.
    proof = (ProofKind.FILE,)
    assert check(ProcessorAnswer.DONE, proof, records=1) == (Doubt.NO_PROOF,)
    assert check(ProcessorAnswer.DONE, proof, records=1, has_proof=True) == ()
    # An answer that contradicts an earlier one is doubted.
    for before, contradicts in (
        ((ProcessorAnswer.DONE, {"records": 3}), False),
        ((ProcessorAnswer.DONE, {"records": 4}), True),
        ((ProcessorAnswer.NOTHING_HELD, {}), True),
        ((ProcessorAnswer.CANNOT, {}), True),
        ((ProcessorAnswer.MORE_TIME, {}), False),
        ((ProcessorAnswer.TAKEN_BACK, {}), False),
    ):
        assert (Doubt.CONTRADICTS in check(ProcessorAnswer.DONE, instruction=after(before), records=3)) is contradicts
    # What cannot be recorded.
    for answer, fields, sentence in (
        (ProcessorAnswer.DONE, {"on": TODAY + timedelta(days=1)}, "in the future"),
        (ProcessorAnswer.DONE, {"records": -1}, "number of records is not valid"),
        (ProcessorAnswer.NOTHING_HELD, {"records": 2}, "goes with the answer done"),
        (ProcessorAnswer.CANNOT, {}, "reason is missing"),
        (ProcessorAnswer.HANDED_ON, {}, "sub-processors are missing"),
        (ProcessorAnswer.MORE_TIME, {}, "new day is missing"),
        (ProcessorAnswer.MORE_TIME, {"until": WORK_TO}, "has to lie before"),
        (ProcessorAnswer.MORE_TIME, {"until": TODAY - timedelta(days=1)}, "has to lie before"),
    ):
        with pytest.raises(BadInput, match=sentence):
            check(answer, **fields)


def test_a_processors_day_moves_by_more_time_alone():
    # No processor answers before it was instructed.
    with pytest.raises(BadInput, match="went out on 2026-03-10, after that day"):
        check(ProcessorAnswer.DONE, records=3, on=AT.date() - timedelta(days=1))
    assert check(ProcessorAnswer.DONE, records=3, on=AT.date()) == ()
    # Handed on with a day in ten years, an instruction was neither reminded of nor waited for any more.
    for answer in sorted(set(ProcessorAnswer) - {ProcessorAnswer.MORE_TIME}):
        stated = {"note": "Why.", "sub_processors": ("Subcalls",)}
        with pytest.raises(BadInput, match="goes with the answer more time"):
            check(answer, until=date(2036, 1, 1), instruction=after((ProcessorAnswer.CANNOT, {})), **stated)
    # Nothing is answered before it was asked.
    with pytest.raises(Conflict, match="has not gone out"):
        check(ProcessorAnswer.DONE, instruction=replace(ASKED, sent_at=None), records=1)
    with pytest.raises(Conflict, match="no answer that could be taken back"):
        check(ProcessorAnswer.TAKEN_BACK)
    # Where an instruction stands.
    for instruction, standing in (
        (replace(ASKED, kinds=()), InstructionStanding.NOT_ASKED),
        (replace(ASKED, sent_at=None), InstructionStanding.UNSENT),
        (ASKED, InstructionStanding.WAITING),
        (after((ProcessorAnswer.HANDED_ON, {})), InstructionStanding.WAITING),
        (after((ProcessorAnswer.DONE, {})), InstructionStanding.CONFIRMED),
        (after((ProcessorAnswer.DONE, {"doubts": (Doubt.ZERO,)})), InstructionStanding.QUESTIONED),
        (after((ProcessorAnswer.DONE, {"doubts": (Doubt.ZERO,), "checked_by": "Ben"})), InstructionStanding.CONFIRMED),
        (after((ProcessorAnswer.CANNOT, {})), InstructionStanding.CANNOT),
        (after((ProcessorAnswer.DONE, {}), (ProcessorAnswer.TAKEN_BACK, {})), InstructionStanding.WAITING),
    ):
        assert instruction.standing is standing
        assert instruction.is_open is (
            standing in {InstructionStanding.UNSENT, InstructionStanding.WAITING, InstructionStanding.QUESTIONED}
        )
    # A processor is reminded once per stage.
    for today, reminded_on, due in (
        (date(2026, 3, 18), None, None),
        (date(2026, 3, 19), None, Reminder.BEFORE),
        (date(2026, 3, 22), date(2026, 3, 19), None),
        (date(2026, 3, 23), date(2026, 3, 19), Reminder.LATE),
        (date(2026, 3, 29), date(2026, 3, 23), None),
        (date(2026, 3, 30), date(2026, 3, 23), Reminder.ESCALATED),
        (date(2026, 4, 20), date(2026, 3, 30), Reminder.ESCALATED),
    ):
        assert reminder_due(date(2026, 3, 22), reminded_on, today, 3) is due
