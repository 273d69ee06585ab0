"""From entries to what they say: everything once, the last word counts, nothing is guessed, letters are compared."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import given as for_any
from hypothesis import strategies as st

from rightsflow.audit.evidence import fold_parts as read
from rightsflow.audit.evidence.fold import fold
from rightsflow.audit.evidence.page import page
from rightsflow.audit.evidence.record import EvidenceLetterLine, certificate
from rightsflow.audit.evidence.texts import GivenText, GivenTexts, compare_texts, read_texts, texts_file
from rightsflow.audit.evidence.verification import check_bundle
from rightsflow.audit.ledger.chain import canonical
from rightsflow.documents.letters.rendering import commitment
from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.states import STATE_AFTER, CaseState
from tests.support.story import (
    CASE,
    CONTROLLER,
    FIRST_DAY,
    INVOICE,
    RECORDING,
    SHARED,
    STORY,
    TICKET,
    bundle,
    digest,
    entries_of,
)

RECORD = fold(entries_of())


def of(*told):
    """What some events say after the opening."""
    return fold(entries_of(((0, "CaseOpened", "Olga", {"right": "erasure"}), *((1, *one) for one in told))))


def test_the_request_the_person_and_how_it_ended():
    # The request and how it ended.
    assert (RECORD.case_id, RECORD.right, RECORD.channel, RECORD.regime) == (CASE, "erasure", "e-mail", "gdpr")
    assert RECORD.received_at == datetime(2026, 3, 5, 7, 30, tzinfo=UTC)
    assert RECORD.received_at.utcoffset() == timedelta(hours=1), "the sender's own time"
    assert (RECORD.opened_at, RECORD.opened_by) == (FIRST_DAY, "Olga Opener")
    assert (RECORD.state, RECORD.closed_at) == ("answered", RECORD.answer_sent_at)
    assert (RECORD.entries, RECORD.last_at) == (len(STORY), FIRST_DAY + timedelta(days=8))
    assert (RECORD.rules, RECORD.code) == (("gdpr response 2018-05-25/1",), ("0.1.0",))
    assert RECORD.owner == "dana", "who answers for it in the end"
    assert RECORD.earlier_cases == 1
    assert RECORD.answer_sent_at == datetime(2026, 3, 12, 16, tzinfo=UTC), "when it went out, not when it was written"
    # The person is there by hashes with where they come from.
    assert [(one.kind, one.keyed_hash, one.learnt_from) for one in RECORD.identifiers] == [
        ("email", digest("a"), "request"),
        ("phone", digest("c"), "helpdesk"),
    ]


def test_the_clock_has_a_line_for_everything_that_moved_it():
    # The clock has a line for everything that moved it.
    assert [(one.why, one.at.day, one.due_on, one.work_to_on) for one in RECORD.clock] == [
        ("opened", 5, date(2026, 4, 7), date(2026, 4, 2)),
        ("identity-requested", 6, date(2026, 4, 7), date(2026, 4, 2)),
        ("identity-confirmed", 7, date(2026, 4, 8), date(2026, 4, 2)),
    ]
    assert [one.explanation for one in RECORD.clock] == [
        "Received Thursday 5 March 2026; due Tuesday 7 April.",
        "",
        "The clock stood for one day.",
    ]
    found = of(("DueDateMoved", "rightsflow", {"now": "2026-04-08", "explanation": "A holiday."}))
    assert [(one.why, one.due_on) for one in found.clock] == [("opened", None), ("recomputed", date(2026, 4, 8))]
    # Two moves at one moment do not swallow each other.
    moved = ("DueDateMoved", "rightsflow", {"now": "2026-04-08", "explanation": "One."})
    again = ("DueDateMoved", "rightsflow", {"now": "2026-04-09", "explanation": "Two."})
    found = of(("ClockMoved", "Ida", {"what": "identity_requested_at"}), moved, again)
    assert [(one.why, one.explanation) for one in found.clock] == [
        ("opened", ""),
        ("identity-requested", "One."),
        ("recomputed", "Two."),
    ]


def test_decisions_bind_the_reason_and_the_plan():
    # Decisions bind the reason and the plan.
    identity, approval = RECORD.decisions
    assert RECORD.identity == identity
    assert (identity.verdict, identity.by, identity.method) == (
        "confirmed",
        "Ida Identity",
        "call back to the known number",
    )
    assert (identity.reason_hash, identity.plan_hash) == (digest("b"), "")
    assert (approval.gate, approval.verdict, approval.by, approval.plan_hash) == (
        "approval",
        "approved",
        "Dana Decider",
        digest("e"),
    )
    assert of(("Approved", "Dana", {})).identity is None


def test_each_system_says_what_was_searched_found_done_and_seen():
    # Each system says what was searched found done and seen.
    calls, helpdesk, payments = RECORD.systems
    assert [one.system for one in RECORD.systems] == ["calls", "helpdesk", "payments"]
    assert (helpdesk.searched_at, helpdesk.searched_by) == (FIRST_DAY + timedelta(days=2), {"email": 1})
    assert (helpdesk.found, helpdesk.unclear) == ({"service tickets": 2}, 1)
    assert helpdesk.outcomes == {"erased": 1, "redacted": 1}
    assert (helpdesk.verified, helpdesk.verified_at) == ({"absent": 2}, FIRST_DAY + timedelta(days=6))
    assert (payments.outcomes, payments.verified, payments.verified_at) == ({"retained": 1}, {}, None)
    assert (payments.failures, calls.failures) == (1, 0)
    assert calls.outcomes == {"delegated": 1}
    # The last word on a record counts.
    records = {one.record: one for one in RECORD.records}
    assert list(records) == [INVOICE, TICKET, SHARED, RECORDING]
    ticket, invoice = records[TICKET], records[INVOICE]
    assert (ticket.outcome, ticket.at.day, ticket.request_ref) == ("erased", 11, "req-2")
    assert (ticket.verified, ticket.taken_back) == ("absent", 1)
    assert (invoice.until, invoice.legal_basis) == (date(2034, 12, 31), "Art. 17(3)(b) GDPR, § 147 AO")
    assert (invoice.verified, invoice.taken_back, invoice.refused) == ("", 0, False)


def test_what_was_taken_back_still_seen_or_back_counts_apart():
    # A record that was taken back and not done again is open.
    erased = {"record": TICKET, "system": "helpdesk", "outcome": "erased"}
    found = of(("OutcomeRecorded", "rightsflow", erased), ("OutcomeTakenBack", "rightsflow", erased))
    assert [(one.outcome, one.taken_back) for one in found.records] == [("", 1)]
    assert found.systems[0].outcomes == {}
    # What a fresh read still showed counts apart.
    for kind, state, came_to in (
        ("erased", "absent", "erased"),
        ("erased", "unknown", "erased"),
        ("erased", "present", "still seen after the erasure"),
        ("redacted", "present", "still seen after the erasure"),
        ("retained", "present", "retained"),
    ):
        found = of(outcome(kind), seen(state))
        assert [one.came_to for one in found.records] == [came_to]
        assert found.systems[0].outcomes == {came_to: 1}
    # What was seen before it was erased again is no look at it.
    taken_back = ("OutcomeTakenBack", "rightsflow", {"record": TICKET, "system": "helpdesk"})
    found = of(outcome("erased"), seen("present"), taken_back, outcome("erased"))
    (record,) = found.records
    assert (record.came_to, record.verified, record.verified_at) == ("erased", "", None)
    # A record that is back under another name is one record.
    renamed = ("RecordRenamed", "rightsflow", {"record": TICKET, "system": "helpdesk", "now": INVOICE})
    again = ("OutcomeRecorded", "rightsflow", {"record": INVOICE, "system": "helpdesk", "outcome": "erased"})
    taken_back = ("OutcomeTakenBack", "rightsflow", {"record": INVOICE, "system": "helpdesk"})
    found = of(outcome("erased"), seen("absent"), renamed, taken_back, again)
    assert [(one.record, one.outcome, one.taken_back) for one in found.records] == [(INVOICE, "erased", 1)]
    assert found.systems[0].outcomes == {"erased": 1}


def outcome(kind, **more):
    return ("OutcomeRecorded", "rightsflow", {"record": TICKET, "system": "helpdesk", "outcome": kind, **more})


def seen(state):
    return ("PresenceChecked", "rightsflow", {"record": TICKET, "system": "helpdesk", "state": state})


def test_cases_records_and_masks_are_counted_once():
    # Earlier cases are counted whether by id or by hash.
    for said, count in (
        ({"cases": ["DSR-2025-AAAAAA", "DSR-2025-BBBBBB"]}, 2),
        ({"cases": [digest("a")], "count": 1}, 1),
        ({"count": 3}, 3),
        ({}, 0),
    ):
        assert of(("EarlierCasesFound", "rightsflow", said)).earlier_cases == count
    # What was masked is the sum over the systems.
    redacted = {"step": "redact", "email address": 2, "not_scanned": 1}
    told = [("StepDone", "rightsflow", redacted | {"system": name}) for name in "ab"]
    again = ("StepDone", "rightsflow", {"step": "redact", "system": "b", "email address": 3, "phone number": 1})
    assert of(*told, again).masked == {"email address": 5, "phone number": 1}, "the last word of each system"
    told = [("OutcomeRecorded", "rightsflow", {"record": TICKET, "system": name, "outcome": "erased"}) for name in "ab"]
    assert [one.system for one in of(*told).records] == ["a", "b"]


def test_a_request_is_answered_when_the_first_answer_was_sent():
    # A request is answered when the first answer was sent.
    for letter in ("L7", "L8", "L9", "L10", "L11"):
        written = ("LetterWritten", "rightsflow", {"letter": letter})
        sent = ("LetterSent", "Dana", {"letter": letter, "at": "2026-03-20T10:00:00+01:00"})
        again = ("LetterSent", "Dana", {"letter": letter, "at": "2026-03-25T10:00:00+01:00"})
        assert of(written).answer_sent_at is None
        found = of(written, sent, again)
        assert found.answer_sent_at == datetime(2026, 3, 20, 9, tzinfo=UTC)
        assert (found.handed_over_at is not None) is (letter == "L9")
    told = [("LetterSent", "Dana", {"letter": one}) for one in ("L1", "L2", "L3", "L6", "L14", "L18", "L99")]
    assert of(*told).answer_sent_at is None
    # Letters are written once and sent once.
    first, last = RECORD.letters
    assert (first.letter, first.version, first.text_hash, first.language) == ("L1", "2", digest("1"), "en")
    assert (last.letter, last.sent_at, last.sent_by) == ("L11", datetime(2026, 3, 12, 16, tzinfo=UTC), "Dana Decider")
    (letter,) = of(("LetterSent", "Dana", {"letter": "L7"})).letters
    assert (letter.letter, letter.sent_by, letter.text_hash) == ("L7", "Dana", "")


def test_processors_acts_and_exports_have_their_places():
    # Processors are what was delegated and what they confirmed.
    assert [(one.event, one.what) for one in RECORD.processors] == [
        ("OutcomeRecorded", "calls: recording, call recordings"),
        ("ProcessorConfirmed", "processor Callhouse"),
    ]
    # Everything else is an act in words.
    assert [(one.event, one.by, one.what) for one in RECORD.acts] == [
        ("IdentityAsked", "rightsflow", ""),
        ("IdentityConfirmed", "Ida Identity", ""),
        ("StepFailed", "rightsflow", "locate payments: It does not answer."),
        ("AlertRaised", "rightsflow", "about on 2026-04-02, alert due-soon, tell case_owner and dpo"),
        ("AlertAcknowledged", "Dana Decider", "about on 2026-04-02, alert due-soon"),
        ("CaseHandedOver", "Olga Opener", "before case_owner, now dana"),
        ("PersonalDataRevealed", "Dana Decider", ""),
        ("ApprovalAwaited", "rightsflow", ""),
        ("Approved", "Dana Decider", ""),
        ("CaseAnswered", "rightsflow", ""),
    ]
    # An access case says what was prepared.
    counts = {"step": "assemble", "system": "", "service tickets": 2, "invoices": 1, "package": digest("f")}
    found = of(("StepDone", "rightsflow", counts))
    assert (found.disclosed, found.package) == ({"invoices": 1, "service tickets": 2}, digest("f"))
    assert found.handed_over_at is None
    assert found.systems == ()
    (export,) = of(("EvidenceExported", "Aud", {"entries": 1, "head": digest("0"), "sealed": 1, "seal": 4})).exports
    assert (export.by, export.sealed, export.seal) == ("Aud", 1, 4)


def test_what_is_of_another_version_is_neither_lost_nor_repeated():
    (act,) = of(("SomethingNew", "Ida", {"count": 3, "done": True, "not": False, "none": None, "deep": {"a": 1}})).acts
    assert (act.event, act.what) == ("SomethingNew", "count 3, done yes, not no")
    (act,) = of(("PersonalDataRevealed", "Ida", {"reason": "Anna called"})).acts
    assert "Anna" not in str(asdict(act))
    # The journal had few details: what it did not say stays empty, and the sums that it had are taken.
    found = of(
        ("StepDone", "rightsflow", {"step": "locate", "system": "helpdesk", "matches": 3}),
        ("StepDone", "rightsflow", {"step": "erase", "system": "helpdesk", "erased": 2, "retained": 1}),
        ("StepDone", "rightsflow", {"step": "verify", "system": "helpdesk", "absent": 2, "present": 0, "unknown": 0}),
        ("DecisionRecorded", "Ida", {"gate": "approval", "verdict": "approved", "code": ""}),
        ("LetterWritten", "rightsflow", {"letter": "L10", "version": "1"}),
        ("DueDateMoved", "rightsflow", {"before": "2026-04-07", "now": "2026-04-08"}),
    )
    (helpdesk,) = found.systems
    assert (helpdesk.searched_by, helpdesk.found) == ({}, {})
    assert (helpdesk.outcomes, helpdesk.verified) == ({"erased": 2, "retained": 1}, {"absent": 2})
    assert helpdesk.verified_at == FIRST_DAY + timedelta(days=1)
    assert (found.received_at, found.owner, found.channel) == (None, "", "")
    assert found.clock[-1].explanation == ""


def test_the_state_is_that_of_the_last_event_on_the_cases_way():
    # The state is that of the last event on the case's way.
    for event, state in STATE_AFTER.items():
        found = of((event, "Ida", {}), ("AlertRaised", "rightsflow", {}))
        assert found.state == state.value
        assert (found.closed_at is not None) is state.ends_unanswered, "an answer that was written closes nothing"
    assert of().state == CaseState.RECEIVED.value
    with pytest.raises(ValueError, match="without entries"):
        fold([])
    assert fold(iter(entries_of())) == RECORD


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = sorted({name for *_, details in STORY for name in details})
EVENTS = sorted({event for _, event, *_ in STORY} | {"EvidenceExported", "Unheard"})


@pytest.mark.apart
@given(
    st.lists(
        st.tuples(
            st.just(0), st.sampled_from(EVENTS), st.text(max_size=5), st.dictionaries(st.sampled_from(NAMES), JSON)
        ),
        min_size=1,
        max_size=6,
    )
)
@pytest.mark.long
def test_whatever_the_details_are_they_can_be_folded_and_shown(story):
    try:
        canonical([details for *_, details in story] + [actor for _, _, actor, _ in story])
    except ValueError:
        return  # what JSON has no form for is never an entry
    record = fold(entries_of(story))
    assert record.entries == len(story)
    assert certificate(record) == certificate(fold(entries_of(story)))
    assert page(record, CONTROLLER).startswith(b"<!doctype html>")


def test_a_detail_of_another_kind_is_none():
    # Only a text is a text.
    for other in (None, 3, True, ["a"], {"a": 1}):
        assert read.text({"a": "x"}, "a") == "x"
        assert read.text({"a": other}, "a") == read.text({}, "a") == ""
    # Only a whole number is one.
    for other in (None, "3", True, 3.5, [3]):
        assert read.number({"a": 3}, "a") == 3
        assert read.number({"a": other}, "a") == read.number({}, "a") == 0
    # Only a day of the calendar is a day.
    for other in ("", "soon", "2026-02-30", 20260405, None):
        assert read.day({"a": "2026-04-05"}, "a") == date(2026, 4, 5)
        assert read.day({"a": other}, "a") is None
    # An instant has a zone and is one in utc too.
    for other in ("", "2026-04-05T10:00:00", "25:00", None, "0001-01-01T00:00:00+12:00"):
        assert read.instant({"a": "2026-04-05T10:00:00+00:00"}, "a") == datetime(2026, 4, 5, 10, tzinfo=UTC)
        assert read.instant({"a": other}, "a") is None
    said = {"retained": 1, "erased": 4, "failed": 0, "minus": -1, "matches": 3, "system": "helpdesk", "ok": True}
    assert list(read.counts(said, "matches").items()) == [("erased", 4), ("retained", 1)]
    # Lists and objects that are none are empty.
    assert list(read.rows({"a": [{"b": 1}, "c", None]}, "a")) == [{"b": 1}]
    assert read.texts({"a": ["x", 1, None, "y"]}, "a") == ("x", "y")
    assert list(read.rows({"a": "xy"}, "a")) == []
    assert read.texts({"a": "xy"}, "a") == ()
    assert read.nested({"a": {"b": 1}}, "a") == {"b": 1}
    assert read.nested({"a": [1]}, "a") == {}


AT = datetime(2026, 3, 5, tzinfo=UTC)
L1 = GivenText(letter="L1", salt="5" * 64, subject_line="Your request", body="Dear Anna,\nwe have it.")
L9 = GivenText(letter="L9", salt="6" * 64, subject_line="Your data", body="Here they are.")
PLAIN = check_bundle(bundle())


def written(one, **changes):
    bound = commitment(one.salt, one.subject_line, one.body)
    line = {"letter": one.letter, "version": "1", "written_at": AT, "text_hash": "a" * 64, "commitment": bound}
    return EvidenceLetterLine(**(line | changes))


FOUND = replace(PLAIN, letters=(written(L1), written(L9)))


def compared(*letters, found=FOUND, case_id=CASE):
    return compare_texts(found, GivenTexts(case_id=case_id, letters=letters))


def test_what_was_written_passes_and_each_letter_that_differs_is_named():
    found = compared(L1, L9)
    assert (found.is_whole, found.texts, found.notes) == (True, 2, PLAIN.notes)
    # Each letter that differs is named.
    for changes in ({"body": "Dear Anna,\nwe lost it."}, {"subject_line": "x"}, {"salt": "7" * 64}):
        found = compared(L1, replace(L9, **changes))
        assert [(one.kind, one.text) for one in found.faults] == [
            ("altered", "The text of letter L9 is not the one that was written.")
        ]
        assert (found.is_whole, found.texts) == (False, 1)
    # What is given twice or names no letter of the case is named.
    found = compared(L1, L1, replace(L9, letter="L7"), replace(L9, letter="anna@example.com"))
    assert [one.text for one in found.faults] == [
        "The text of letter L1 is given twice.",
        "The text of letter L7 is given, and the evidence names none such.",
        "The text of letter of a name that no letter has is given, and the evidence names none such.",
    ]
    assert "The text of letter L9 was not given." in found.notes
    assert not compared(L1, L9, case_id="DSR-2026-AAAAAA").is_whole


def test_what_cannot_be_compared_is_not_taken_as_compared():
    # A letter of before the commitment is not taken as compared.
    found = compared(L1, L9, found=replace(FOUND, letters=(written(L1, commitment=""), written(L9))))
    assert (found.is_whole, found.faults, found.texts) == (False, (), 1)
    assert "letter L1 cannot be compared here" in found.uncompared[0]
    assert not compared(L1, found=replace(FOUND, letters=())).is_whole
    # Another file is refused.
    for text in ("", "[]", "{}", '{"kind": "x", "format": 1}', "[" * 5000):
        with pytest.raises(BadInput, match="holds no letters"):
            read_texts(text)


@for_any(st.lists(st.builds(GivenText, letter=st.text(), salt=st.text(), subject_line=st.text(), body=st.text())))
def test_texts_come_back_as_they_were_given(letters):
    texts = GivenTexts(case_id=CASE, letters=tuple(letters))
    assert read_texts(texts_file(texts)) == texts


@for_any(st.text(), st.text(), st.text())
def test_another_body_never_has_the_same_commitment(subject, body, other):
    salt = "5" * 64
    assert (commitment(salt, subject, body) == commitment(salt, subject, other)) == (body == other)
