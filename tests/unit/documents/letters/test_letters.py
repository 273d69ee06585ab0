"""Every letter says what it must and nothing that is not so."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from rightsflow.config.sections.controller import Controller, Person
from rightsflow.documents.letters import (
    Acknowledgement,
    AtProcessor,
    Contestable,
    DoneByHand,
    ErasedBy,
    LetterId,
    OutcomeRow,
    Searched,
    Sender,
    erasure_letter_id,
    render,
    rules,
)
from rightsflow.domain import wording
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.refusals import REASONS, Reason
from rightsflow.domain.processors.terms import Action, InstructionStanding
from rightsflow.domain.rectification.corrections import RulingKind
from rightsflow.domain.vocabulary.records import OutcomeKind
from tests.unit.documents.letters.sample import ERASED, LATER, OPEN, PROVED, REMEDIES, RETAINED, UNABLE, variables

BRITISH_ALONE = LetterId.COMPLAINT_RECEIVED
WITH_REMEDIES = [one for one in LetterId if one not in {LetterId.ACKNOWLEDGEMENT, LetterId.WITHDRAWAL, BRITISH_ALONE}]
NAMELESS = {LetterId.CANNOT_IDENTIFY, LetterId.ACKNOWLEDGEMENT, LetterId.IDENTITY_REQUEST, LetterId.IDENTITY_REMINDER}
VERSIONS = {
    LetterId.ACKNOWLEDGEMENT: 4,
    LetterId.IDENTITY_REQUEST: 5,
    LetterId.IDENTITY_REMINDER: 6,
    LetterId.CLARIFICATION: 5,
    LetterId.BEFORE_ERASURE: 2,
    LetterId.EXTENSION: 4,
    LetterId.NOTHING_HELD: 5,
    LetterId.ERASURE_CONFIRMATION: 7,
    LetterId.PARTIAL_ERASURE: 7,
    LetterId.REFUSAL: 4,
    LetterId.ACCESS_COVER: 7,
    LetterId.WITHDRAWAL: 3,
    LetterId.PROCESSORS_ANSWERED: 6,
    LetterId.RESTRICTION_LIFTED: 3,
    LetterId.ERASED_AGAIN: 3,
    LetterId.OBJECTION_FOLLOWED: 4,
    LetterId.RESTRICTED: 4,
    LetterId.CONSENT_WITHDRAWN: 5,
    LetterId.RECTIFIED: 4,
}
"""Of the letters whose text was changed; a changed text needs a new version."""
ERASURES = [LetterId.ERASURE_CONFIRMATION, LetterId.PARTIAL_ERASURE]


def body(letter_id: LetterId, **changes: Any) -> str:
    return render(letter_id, variables(letter_id, **changes)).body


@pytest.mark.apart
def test_every_letter_renders_complete_and_tidy() -> None:
    # Every letter renders complete and tidy.
    for letter_id in list(LetterId):
        given_variables = variables(letter_id, **_greeting(letter_id))
        letter = render(letter_id.value, given_variables)
        written_on = wording.day(given_variables.written_on)
        assert (letter.template_id, letter.version, letter.language) == (
            letter_id.value,
            VERSIONS.get(letter_id, 1),
            "en",
        )
        assert letter.body.startswith(
            f"Example Devices GmbH\nMusterstr. 1, 91052 Erlangen\n\n{written_on}\nCase number: "
        )
        assert letter.body.endswith("Yours sincerely\nExample Devices GmbH\n")
        assert "free of charge" in letter.body
        assert "rights@example.com" in letter.body
        assert not re.search(r"\n{3,}|[ \t]\n|\{\{|\{%|None|  \w+\(", letter.body)
        heading_without_space = re.search(r"[^\n]\n[A-Z ,]{8,}\n", letter.body)
        assert not heading_without_space
    # A representative is written to and told whom you means.
    for letter_id in [one for one in LetterId if one not in NAMELESS]:
        text = body(letter_id, addressee="Rita Schmidt", represents="Anna Schmidt")
        said = 'representative of Anna Schmidt. Where this letter says "you" or "your", Anna Schmidt is meant.'
        assert f"\nDear Rita Schmidt,\n\nWe write to you as the {said}\n\n" in text
        assert "representative of" not in body(letter_id, **_greeting(letter_id))
    # The subject line holds the case and nothing of the person.
    for letter_id in list(LetterId):
        letter = render(letter_id, variables(letter_id, **_greeting(letter_id)))
        assert "DSR-2026-7K3M9Q" in letter.subject_line
        words = letter.subject_line.replace("DSR-2026-7K3M9Q", "").lower()
        assert not re.search(r"schmidt|access|eras|data|held|partial|\n", words)
        assert "Schmidt" not in repr(letter)
    # The same variables give the same text and hash.
    for letter_id in list(LetterId):
        first, second = (render(letter_id, variables(letter_id)) for _ in range(2))
        assert first == second
        later = render(letter_id, variables(letter_id, written_on=date(2026, 11, 26)))
        assert later.variables_hash != first.variables_hash
    # Letters with the same variables differ in their hash.
    hashes = {render(one, variables(one)).variables_hash for one in LetterId}
    assert len(hashes) == len(LetterId)
    assert all(re.fullmatch("[0-9a-f]{64}", one) for one in hashes)


def _greeting(letter_id: LetterId) -> dict[str, str]:
    return {} if letter_id in NAMELESS else {"addressee": "Anna Schmidt"}


def test_complaint_and_court_are_in_every_answer() -> None:
    # Complaint and court are in every answer.
    for letter_id in WITH_REMEDIES:
        text = body(letter_id)
        assert f"{REMEDIES.authority}, {REMEDIES.authority_url}" in text
        assert "the courts of the country where we are established, or of the country where you live" in text
        assert "the court of Erlangen" in body(
            letter_id, remedies=REMEDIES.model_copy(update={"court": "the court of Erlangen"})
        )
        assert "Art. 77 GDPR" in text
    # An answer without complaint or court does not exist.
    for missing in ("authority", "authority_url", "court"):
        for letter_id in WITH_REMEDIES:
            with pytest.raises(ValidationError):
                variables(letter_id, remedies=REMEDIES.model_dump() | {missing: " "})
            with pytest.raises(ValidationError):
                variables(letter_id, remedies=None)
            given_variables = variables(letter_id)
            assert isinstance(given_variables, Contestable)
            said = given_variables.court if missing == "court" else getattr(REMEDIES, missing)
            text = render(letter_id, given_variables).body.replace(said, "")
            with pytest.raises(Conflict, match="authority or the court"):
                rules.check_body(letter_id, given_variables, text)


def test_what_does_not_fit_is_refused_without_a_quote() -> None:
    # An unknown letter and foreign variables are refused.
    with pytest.raises(BadInput, match="L1, L2, L3, L4, L5, L6, L7"):
        render("L99", variables(LetterId.ACKNOWLEDGEMENT))
    with pytest.raises(BadInput, match="L8 needs NothingHeld"):
        render(LetterId.NOTHING_HELD, variables(LetterId.WITHDRAWAL))
    # Faults do not quote the person.
    with pytest.raises(ValidationError) as raised:
        variables(LetterId.NOTHING_HELD, addressee="Anna\nBcc: x@example.com")
    assert "Anna" not in str(raised.value)
    greeted = variables(LetterId.NOTHING_HELD, addressee="Anna Schmidt")
    assert "Schmidt" not in repr(greeted) + str(greeted)
    # The sender comes from the configuration.
    authority = {"name": "A", "url": "https://a.example"}
    controller = Controller.model_validate(
        {"name": "Example AG", "country": "AT", "timezone": "Europe/Vienna", "authority": authority}
    )
    sender = Sender.of(controller, Person(name="Desk", email="d@example.com"), address="Street 1")
    assert (sender.name, sender.zone.key, sender.contact, sender.address) == (
        "Example AG",
        "Europe/Vienna",
        "Desk",
        "Street 1",
    )
    assert sender.regime == "gdpr"
    british = controller.model_copy(update={"regime": "uk-gdpr"})
    assert Sender.of(british, Person(name="Desk", email="d@example.com")).regime == "uk-gdpr"


# -- L1 ---------------------------------------------------------------------------------------------------------------


DAYS = st.integers(-60, 60).map(lambda days: date(2026, 11, 24) + timedelta(days=days))


@given(DAYS, DAYS)
def test_the_acknowledgement_promises_the_earliest_day_that_can_still_be_kept(due: date, target: date) -> None:
    given_variables = variables(LetterId.ACKNOWLEDGEMENT, due_on=due, operational_target_on=target)
    assert isinstance(given_variables, Acknowledgement)
    promised_on, written_on = given_variables.promised_on, given_variables.written_on
    assert (promised_on is None) is (due < written_on)
    if promised_on is not None:
        assert written_on <= promised_on <= due
        assert promised_on == (min(due, target) if target >= written_on else due)


def test_the_acknowledgement_promises_no_more_than_can_be_kept() -> None:
    # An acknowledgement after the time limit promises no day and makes no excuse.
    late = {"due_on": date(2026, 10, 1), "operational_target_on": date(2026, 9, 30)}
    text = body(LetterId.ACKNOWLEDGEMENT, **late)
    assert "\nYou will get our answer as soon as possible. The time limit for it ended on 1 October 2026.\n" in text
    assert not re.search(r"at the latest|sorry|apolog|regret|unfortunately|because", text, re.IGNORECASE)
    missed_target = body(LetterId.ACKNOWLEDGEMENT, operational_target_on=date(2026, 11, 23))
    assert "You will get our answer by 3 December 2026 at the latest." in missed_target
    # The acknowledgement prints one date only and the controller's day.
    text = body(LetterId.ACKNOWLEDGEMENT)
    assert "3 November 2026, 00:30 (Europe/Berlin)" in text, "the next day in the controller's zone"
    assert "by 26 November 2026 at the latest" in text
    assert "December" not in text


def test_the_acknowledgement_does_not_say_that_the_sender_is_known() -> None:
    # The acknowledgement does not say that the sender is known.
    for right in ("access", "erasure"):
        text = body(LetterId.ACKNOWLEDGEMENT, right=right)
        assert not re.search(r"customer|your account|we hold|your data", text, re.IGNORECASE)
        with pytest.raises(ValidationError):
            variables(LetterId.ACKNOWLEDGEMENT, addressee="Anna Schmidt")
    # An edited acknowledgement that confirms the sender is stopped.
    for words in ("As our customer you", "from your account", "the data we hold", "what you bought"):
        given_variables = variables(LetterId.ACKNOWLEDGEMENT)
        with pytest.raises(Conflict, match="identity"):
            rules.check_body(LetterId.ACKNOWLEDGEMENT, given_variables, f"Good day, {words} …")
    sender = variables(LetterId.ACKNOWLEDGEMENT).sender.model_copy(update={"contact": "Customer desk"})
    assert "Customer desk" in body(LetterId.ACKNOWLEDGEMENT, sender=sender)


# -- L7 ---------------------------------------------------------------------------------------------------------------


def test_a_refusal_states_its_reason_facts_and_details() -> None:
    # Each refusal states its reason facts and details.
    for reason in list(Reason):
        details = {label: f"detail {at}" for at, label in enumerate(REASONS[reason][1])}
        text = body(LetterId.REFUSAL, reason=reason, details=details, approvals=2)
        assert REASONS[reason][0].format(law="GDPR") in text
        assert "- The contract of 3 May 2025 still runs." in text
        assert all(f"- {label}: {detail}" in text for label, detail in details.items())
    # A refusal without what its reason needs is refused.
    for reason in [one for one in Reason if REASONS[one][1]]:
        with pytest.raises(ValidationError, match="needs the detail"):
            variables(LetterId.REFUSAL, reason=reason, details={}, approvals=2)
    # A refusal needs facts and an unfounded request two people.
    with pytest.raises(ValidationError):
        variables(LetterId.REFUSAL, facts=())
    details = dict.fromkeys(REASONS[Reason.UNFOUNDED_OR_EXCESSIVE][1], "it is so")
    with pytest.raises(ValidationError, match="two people"):
        variables(LetterId.REFUSAL, reason=Reason.UNFOUNDED_OR_EXCESSIVE, details=details)
    given_variables = variables(LetterId.REFUSAL)
    text = render(LetterId.REFUSAL, given_variables).body.replace("The contract", "It")
    with pytest.raises(Conflict, match="facts"):
        rules.check_body(LetterId.REFUSAL, given_variables, text)
    # A refusal after its last day needs a raised incident.
    assert body(LetterId.REFUSAL, due_on=date(2026, 11, 24))
    with pytest.raises(Conflict, match="raise the lateness as an incident"):
        body(LetterId.REFUSAL, due_on=date(2026, 11, 23))
    assert body(LetterId.REFUSAL, due_on=date(2026, 11, 23), incident_raised=True)


# -- L8 ---------------------------------------------------------------------------------------------------------------


def test_nothing_held_is_a_clear_no_with_how_it_was_searched() -> None:
    # Nothing held is a clear no with how it was searched.
    text = body(LetterId.NOTHING_HELD)
    assert "no. We searched for personal data about you as described below and found none, apart from the file" in text
    assert "by your e-mail address and your telephone number" in text
    assert "- Payments, by your e-mail address\n- Call recordings, by your telephone number\n" in text
    assert "until 31 December 2029" in text
    # Before, "we searched payments" hid that guests' payments and other spellings are not searched for.
    said = "Such a search does not find everything. In Payments and Helpdesk it may pass over unusual spellings, "
    assert said in body(LetterId.NOTHING_HELD, cannot_find=("Payments", "Helpdesk"))
    assert "pass over" not in body(LetterId.NOTHING_HELD)
    # Nothing held is not said if it is not so.
    for fact in ({"still_held": ("a suppression entry",)}, {"not_searched": ("Helpdesk",)}):
        with pytest.raises(Conflict):
            body(LetterId.NOTHING_HELD, **fact)
    # Nothing held needs a search.
    for searched in ((), ({"system": "Helpdesk", "by": ()},)):
        with pytest.raises(ValidationError):
            variables(LetterId.NOTHING_HELD, searched=searched)


# -- L9 ---------------------------------------------------------------------------------------------------------------


def test_the_access_cover_brings_no_data_and_keeps_the_passphrase_apart() -> None:
    text = body(LetterId.ACCESS_COVER)
    assert "You get the passphrase by telephone, from our case owner, and never together with the package" in text
    assert "until 24 December 2026" in text
    assert "7-Zip" in text
    assert "index.html" in text
    assert "can be fetched until" not in body(LetterId.ACCESS_COVER, available_until=None)


# -- L10, L11 ---------------------------------------------------------------------------------------------------------


def test_an_erasure_answer_says_what_became_of_each_record_and_what_stays() -> None:
    # An erasure answer says what became of each record and what stays.
    for letter_id in ERASURES:
        text = body(letter_id)
        for expected in (
            "- service tickets: 4 records erased.",
            "1 record cleared of your data",
            "The ticket is another person's; only your name stood in it.",
            "- call notes: 2 records erased by the company that works for us, which has confirmed it.",
            "- customer profiles: 1 record no longer there when we came to erase.",
            "We keep it until 31 December 2029",
            "suppression list: your e-mail address as a code",
            "Payments: Log lines with the request number stay for 13 months.",
            "We have told our call centre and the carrier",
            "please keep your receipt",
            "last message",
        ):
            assert expected in text
        assert not re.search(r"all (of )?your (personal )?data", text, re.IGNORECASE)
    # A partial erasure has a row for each retained category.
    text = body(LetterId.PARTIAL_ERASURE)
    assert (
        "- invoices (Payments), 3 records, restricted to being stored (Art. 18(2) GDPR): Tax law obliges us to keep "
        "vouchers. Provision: Art. 17(3)(b) GDPR with § 147(1) no. 4 and (3) AO. Purpose: tax audit. Kept until "
        "31 December 2034. Who can see them: two people in accounting.\n"
    ) in text
    # A row without a day says what ends it.
    held = RETAINED.model_copy(
        update={"until": None, "ends_when": "the dispute is settled", "outcome": OutcomeKind.RETAINED, "purpose": ""}
    )
    text = body(LetterId.PARTIAL_ERASURE, rows=(*ERASED, held))
    assert "Kept until the dispute is settled." in text


BY_HAND = "The person responsible for your case erases the records by hand"
ON_APPROVAL = "Our software reads the records afresh, erases them once a person has approved it"


def test_a_task_is_noted_or_nothing_is_promised() -> None:
    # Noted tasks say who erases how and when.
    for by, check_first, said in (
        (ErasedBy.HAND, False, BY_HAND),
        (ErasedBy.HAND, True, f"{BY_HAND}, unless they have to be kept longer"),
        (ErasedBy.POLICY, False, "Our software erases the records and checks that they are gone"),
        (ErasedBy.APPROVAL, False, f"{ON_APPROVAL}, and checks that they are gone"),
        (
            ErasedBy.APPROVAL,
            True,
            f"{ON_APPROVAL} and has checked that they need not be kept longer, and checks that they are gone",
        ),
    ):
        later = LATER.model_copy(update={"by": by, "check_first": check_first})
        elsewhere = later.model_copy(update={"system": "Shop", "records": 1})
        other_day = later.model_copy(update={"due_on": date(2036, 1, 1)})
        text = body(LetterId.PARTIAL_ERASURE, erased_later=(later, other_day, elsewhere))
        days = "on 1 January 2035 (Payments, 3 records; Shop, 1 record) and on 1 January 2036 (Payments, 3 records)"
        assert f"When the period has ended:\n\n- {said}: {days}.\n\nEach of these days is noted as a task." in text
        assert "you can ask us to erase" not in text
    # Nothing is promised without a task.
    text = body(LetterId.PARTIAL_ERASURE)
    assert "by hand" not in text
    assert (
        "As soon as the reason for keeping the records no longer holds, you can ask us to erase them as well." in text
    )
    # Of several kept records the letter tells those without a task.
    held = RETAINED.model_copy(update={"until": None, "ends_when": "the dispute is settled"})
    text = body(LetterId.PARTIAL_ERASURE, rows=(*ERASED, RETAINED, held), erased_later=(LATER,))
    assert (
        "As soon as the reason for keeping the other records no longer holds, you can ask us to erase them as well."
        in text
    )
    # Before, L11 said the end of the evidence period, although kept records hold the case beyond it.
    assert "until 31 December 2029, and longer while records of this request are kept and" in body(
        LetterId.PARTIAL_ERASURE
    )
    assert "until 31 December 2029 to prove" in body(LetterId.ERASURE_CONFIRMATION)


def test_an_erasure_answer_claims_no_more_than_is_so() -> None:
    # A partial erasure that leaves out a row is stopped.
    for gone in ("§ 147(1) no. 4", "invoices"):
        given_variables = variables(LetterId.PARTIAL_ERASURE)
        text = render(LetterId.PARTIAL_ERASURE, given_variables).body.replace(gone, "…")
        with pytest.raises(Conflict, match="retained category"):
            rules.check_body(LetterId.PARTIAL_ERASURE, given_variables, text)
    # An erasure answer never claims that all is gone.
    for letter_id in ERASURES:
        for claim in CLAIMS:
            with pytest.raises(Conflict, match="all data are gone"):
                body(letter_id, consequences=(claim,))
    # Plain reasons are no such claim.
    for reason in (
        "The ticket was deleted with all its comments.",
        "All calls of that day were checked and the matching records erased.",
        "Your profile was removed from every list.",
    ):
        row = ERASED[0].model_copy(update={"reason": reason})
        assert reason in body(LetterId.ERASURE_CONFIRMATION, rows=(row,))
    # A full confirmation is not given if something is kept.
    for kept in (OutcomeKind.RETAINED, OutcomeKind.RESTRICTED, OutcomeKind.PSEUDONYMISED):
        rows = (*ERASED, RETAINED.model_copy(update={"outcome": kept}))
        assert erasure_letter_id(rows) is LetterId.PARTIAL_ERASURE
        with pytest.raises(Conflict, match="call for letter L11 and not L10"):
            body(LetterId.ERASURE_CONFIRMATION, rows=rows)
    with pytest.raises(Conflict, match="call for letter L10 and not L11"):
        body(LetterId.PARTIAL_ERASURE, rows=ERASED)
    # Nothing is written on an unknown.
    for letter_id in ERASURES:
        failed = OutcomeRow(system="Helpdesk", category="tickets", outcome=OutcomeKind.FAILED, count=1)
        with pytest.raises(Conflict, match="finish the erasure"):
            body(letter_id, rows=(*ERASED, RETAINED, failed))
        with pytest.raises(Conflict):
            erasure_letter_id(())


CLAIMS = [
    "All your data have been deleted.",
    "We have erased all of your personal data.",
    "Everything we held about you was erased.",
    "Your data have been completely erased.",
    "We no longer hold any data about you.",
    "No personal data about you remain.",
    "All information was removed.",
]


def test_what_was_gone_stays_or_ends_on_several_days_is_told_as_it_is() -> None:
    # Before, an erasure whose records had all gone meanwhile was answered with "we searched and found none".
    rows = (ERASED[3],)
    assert erasure_letter_id(rows) is LetterId.ERASURE_CONFIRMATION
    text = body(LetterId.ERASURE_CONFIRMATION, rows=rows, checked_on=None)
    assert "What we had found was no longer there when we came to erase it." in text
    assert "carried this out" not in text
    # Before, the letter said "carried out in part and checked" where nothing had been erased.
    text = body(LetterId.PARTIAL_ERASURE, rows=(RETAINED,), checked_on=None)
    assert "We could not erase what we found: it stays for now" in text
    assert "carried this out" not in text
    # Records of one category that end on several days are one line.
    later = RETAINED.model_copy(update={"until": date(2035, 12, 31), "count": 1})
    text = body(LetterId.PARTIAL_ERASURE, rows=(*ERASED, RETAINED, later))
    assert text.count("- invoices (Payments), 4 records") == 1
    assert "Kept until 31 December 2034 (3 records) and 31 December 2035 (1 record)." in text
    # What is kept needs its reason basis and end.
    for missing in ({"reason": ""}, {"legal_basis": ""}, {"until": None}, {"count": 0}, {"system": "a\nb"}):
        with pytest.raises(ValidationError):
            OutcomeRow(**(RETAINED.model_dump() | missing))


KINDS = st.sampled_from([one for one in OutcomeKind if one is not OutcomeKind.FAILED])


@given(st.lists(KINDS, min_size=1, max_size=6))
def test_every_set_of_outcomes_has_a_letter_that_names_each_category(kinds: list[OutcomeKind]) -> None:
    rows = tuple(
        RETAINED.model_copy(update={"outcome": kind, "category": f"category {at}"}) for at, kind in enumerate(kinds)
    )
    letter_id = erasure_letter_id(rows)
    if letter_id is not LetterId.NOTHING_HELD:
        text = body(letter_id, rows=rows)
        assert all(f"category {at}" in text for at in range(len(kinds)))


# -- L27 --------------------------------------------------------------------------------------------------------------


def test_a_case_that_ends_without_an_answer_says_what_was_done() -> None:
    # A stopped case names the one that answers and until when.
    there = {"case_id": "DSR-2026-7K3M9R", "received_on": date(2026, 9, 30)}
    for more, said in (
        ({"answer_by": date(2026, 10, 30)}, "You will get our answer by 30 October 2026 at the latest."),
        ({"is_suspended": True}, "Its time limit is suspended until we have your answer to our question."),
        ({"answered_on": date(2026, 10, 20)}, "We answered your request on 20 October 2026, under the number"),
        ({}, "The time limit for our answer has ended; you still get it."),
    ):
        text = body(LetterId.CASE_STOPPED, elsewhere=there | more)
        assert "It is the same request as the one with the number DSR-2026-7K3M9R." in text
        assert said in text
        assert "opened in error" not in text
    assert "opened in error" in body(LetterId.CASE_STOPPED)
    assert "No copy of data was sent to you under" in body(LetterId.CASE_STOPPED, right="access")
    text = body(LetterId.CASE_STOPPED, done_already=("Two people were asked.",))
    assert "- Two people were asked." in text
    with pytest.raises(ValidationError):
        variables(LetterId.CASE_STOPPED, stopped_at=datetime(2030, 1, 1, tzinfo=UTC))
    # A withdrawal says what was done before.
    assert "Nothing was erased." in body(LetterId.WITHDRAWAL)
    assert "Nothing was corrected." in body(LetterId.WITHDRAWAL, right="rectification")
    assert "Nothing was restricted." in body(LetterId.WITHDRAWAL, right="restriction")
    assert "No copy of data was sent to you." in body(LetterId.WITHDRAWAL, right="access")
    assert "Nothing was" not in body(LetterId.WITHDRAWAL, is_untouched=False)
    text = body(LetterId.WITHDRAWAL, done_already=("Two recordings were erased.",), is_untouched=False)
    assert "This had been done before:\n\n- Two recordings were erased.\n" in text
    assert "Nothing was erased." not in text
    with pytest.raises(ValidationError, match="before the withdrawal"):
        variables(LetterId.WITHDRAWAL, withdrawn_at=datetime(2030, 1, 1, tzinfo=UTC))
    # Before, letters promised the erasure at a period's end and that kept data are used for nothing else.
    for promise in ("we erase these records", "for nothing else", "companies that work for us are"):
        for letter in (LetterId.PARTIAL_ERASURE, LetterId.NOTHING_HELD, LetterId.ERASURE_CONFIRMATION):
            assert promise not in body(letter)


# -- L18 --------------------------------------------------------------------------------------------------------------


def test_an_answer_says_how_it_was_searched_in_the_words_of_the_request() -> None:
    # Before, L8 could not be written where a system cannot be searched by what is known, and L10, L11 said nothing.
    for letter in (*ERASURES, LetterId.NOTHING_HELD):
        phone_only = Searched(system="Recordings", needs=("your phone number",))
        text = body(letter, searched=(Searched(system="Helpdesk", by=("your e-mail address",)), phone_only))
        assert "- Helpdesk, by your e-mail address\n" in text
        assert "searched for you:\n\n- Recordings: it can be searched by your phone number only\n" in text
        with pytest.raises(ValidationError):
            variables(letter, searched=())
    # Before, a person who asked for erasure read "Our answer is: no".
    assert "Our answer is: no." in body(LetterId.NOTHING_HELD)
    text = body(LetterId.NOTHING_HELD, right="erasure")
    assert "you asked us to erase your personal data. We found nothing to erase:" in text
    assert "is: no" not in text
    with pytest.raises(ValidationError, match="searched by anything"):
        variables(LetterId.NOTHING_HELD, searched=(Searched(system="Recordings", needs=("your phone number",)),))


def test_what_is_open_is_not_forgotten() -> None:
    # Before, it said "You need not do anything" to a person who was asked who they are.
    for stands in (True, False):
        text = body(LetterId.EXTENSION, question_of=date(2026, 11, 3), clock_stands=stands)
        assert "Apart from your answer to our question of 3 November 2026 you need not do anything." in text
        assert ("the time for which we wait for your answer to our question of 3 November" in text) is stands
        assert "You need not do anything." in body(LetterId.EXTENSION)
    # No search proves that: it has limits, which the letter names.
    for letter in ERASURES:
        assert "no longer have the address" not in body(letter)
    # Before, L10 said "We have carried this out" while the case held an open task by hand.
    for letter in ERASURES:
        open_task = DoneByHand(system="Helpdesk", what="Clean the side conversations.", due_on=date(2026, 12, 2))
        text = body(letter, by_hand=(open_task,))
        assert "The remaining manual steps are listed below" in text
        assert "- Helpdesk: 1 manual step, by 2 December 2026." in text
        assert not re.search(r"carried this out( and checked the result on [\w ]+)?\.", text)
        assert "manual steps are listed below" not in body(letter)
        assert "STILL DONE BY HAND" not in body(letter)


def test_what_is_kept_is_told_once() -> None:
    # Before, its reason stood in the list of outcomes and again in the list of what is kept.
    assert body(LetterId.PARTIAL_ERASURE).count("Tax law obliges us to keep vouchers.") == 1
    # Found: "2 records kept" and "3 records kept" of one category, and "until 31 December 2033 or until longer".
    open_tax = "longer while the tax assessment period has not run out (§ 147(3) AO)"
    first = RETAINED.model_copy(
        update={"outcome": OutcomeKind.RETAINED, "count": 2, "until": date(2033, 12, 31), "ends_when": open_tax}
    )
    second = first.model_copy(update={"count": 3, "until": date(2034, 12, 31)})
    text = body(LetterId.PARTIAL_ERASURE, rows=(first, second))
    assert text.count("records kept (why: below).") == 1
    assert f"- {first.category}: 5 records kept (why: below)." in text
    assert f"Kept until 31 December 2033 (2 records) and 31 December 2034 (3 records), and {open_tax}." in text
    assert "or until" not in text


def _changed(one: AtProcessor, **fields: object) -> AtProcessor:
    return AtProcessor(**(one.model_dump() | fields))


class TestProcessors:
    def test_what_is_open_is_not_called_carried_out(self) -> None:
        text = body(LetterId.ERASURE_CONFIRMATION, processors=(PROVED, OPEN))
        assert "We have carried this out in our own systems and checked" in text
        assert (
            "- Subcalls SA: it has to erase what it holds of you for us and to prove that by 30 November 2026." in text
        )
        assert "we write to you again" in text
        assert "this is our last message" not in text

    def test_what_cannot_be_done_has_its_reason_and_needs_no_second_letter(self) -> None:
        text = body(LetterId.PARTIAL_ERASURE, processors=(UNABLE,))
        assert "carried this out in part in our own systems" in text
        assert "cannot erase what it holds of you for us: A court has sealed its archive." in text
        assert "this is our last message" in text

    def test_where_all_have_proved_it_the_letter_says_when(self) -> None:
        text = body(LetterId.ERASURE_CONFIRMATION, processors=(PROVED,))
        assert "in our own systems" not in text
        line = "confirmed on 23 November 2026 that it has erased what it held of you for us (4 records)."
        assert f"- Callhouse Lisbon: {line}" in text

    def test_the_second_letter_is_not_written_while_something_is_open(self) -> None:
        with pytest.raises(ValueError, match="nothing is open"):
            variables(LetterId.PROCESSORS_ANSWERED, processors=(OPEN,))

    def test_an_access_answer_says_what_each_gave_and_what_is_open(self) -> None:
        asked = [_changed(one, action=Action.HAND_OVER) for one in (PROVED, UNABLE, OPEN)]
        asked.append(_changed(OPEN, name="Read Ltd", action=Action.HAND_OVER, standing=InstructionStanding.QUESTIONED))
        asked.append(
            _changed(OPEN, name="Box", action=Action.HAND_OVER, standing=InstructionStanding.NOT_ASKED, finds_by="x")
        )
        text = body(LetterId.ACCESS_COVER, processors=tuple(asked))
        assert "- Callhouse Lisbon: gave us on 23 November 2026 what it holds of you for us besides; it is in" in text
        assert "cannot give us what it holds of you for us: A court has sealed its archive." in text
        assert "- Subcalls SA: it has to give us by 30 November 2026 what it holds of you for us." in text
        assert "- Read Ltd: it answered, and we check that answer before we rely on it." in text
        assert "- Box: it finds records by x only." in text
        assert "we write to you again, with what it gives us" in text
        assert "AT COMPANIES" not in body(LetterId.ACCESS_COVER)

    def test_an_answer_without_its_day_or_reason_renders_nothing(self) -> None:
        for left_out in ({"reason": ""}, {"on": None}):
            with pytest.raises(ValueError, match="needs its"):
                AtProcessor(**(UNABLE.model_dump() | left_out))


_AS_ASKED = [LetterId.OBJECTION_FOLLOWED, LetterId.RESTRICTED, LetterId.CONSENT_WITHDRAWN, LetterId.RECTIFIED]


def test_what_is_not_done_or_not_known_is_not_called_done() -> None:
    # Before, its own rule refused each of them, so that the case could not be answered.
    for letter_id in _AS_ASKED:
        assert "The companies that work for us are listed below, with the status at each." in body(
            letter_id, processors=(OPEN,)
        )
    # A letter of its own says when that is done (L26).
    by_hand = [{"system": "Helpdesk", "due_on": date(2026, 12, 1), "what": "Correct the name."}]
    last = "this is our last message"
    assert last in body(LetterId.RECTIFIED, by_hand=())
    assert last not in body(LetterId.RECTIFIED, by_hand=by_hand)
    # Of a record that no one can attribute the letter does not say whose it is.
    said = body(LetterId.OBJECTION_FOLLOWED, unattributed=2)
    assert (
        "Of 2 further records we cannot tell whether they are yours; your request does not concern them either." in said
    )
    # Before, such an answer could not be written at all.
    given = variables(LetterId.RECTIFIED)
    refused = [one for one in given.items if one.ruling is RulingKind.REFUSED]
    unclear = [one for one in given.rows if one.outcome is not OutcomeKind.RECTIFIED]
    text = body(LetterId.RECTIFIED, items=refused, rows=unclear)
    assert "WHERE IT WAS CORRECTED" not in text
    assert unclear[0].reason in text.split("WHAT COULD NOT BE CHANGED, AND WHY")[1]


class TestRestricted:
    def test_each_category_is_told_once(self) -> None:
        """Before, records that end on other days had a line each, which read the same."""
        first = variables(LetterId.RESTRICTED).rows[0]
        later = first.model_copy(update={"count": 3, "until": date(2034, 12, 31)})
        left = first.model_copy(update={"outcome": OutcomeKind.RETAINED, "reason": "No way to mark it."})
        text = body(LetterId.RESTRICTED, rows=(first, later, left, left))
        assert text.count("marked in the system to be stored only") == 1
        assert f"- {first.category} ({first.system}): 5 records, marked in the system to be stored only" in text
        assert f"- {first.category} ({first.system}), 4 records: No way to mark it." in text

    def test_it_is_not_said_that_none_was_found_beside_one_that_is_left_as_it_is(self) -> None:
        (row, *_) = variables(LetterId.RESTRICTED).rows
        left = row.model_copy(update={"outcome": OutcomeKind.NOT_CONCERNED, "reason": "It is about another purchase."})
        text = body(LetterId.RESTRICTED, rows=(), left_out=(left,), not_concerned=0)
        assert "We restrict nothing of what we found; below you find why." in text
        assert "found none" not in text
        assert "found none that could be restricted" in body(LetterId.RESTRICTED, rows=(), not_concerned=0)
