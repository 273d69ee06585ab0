"""Findings: what a complete search replaces, whose each record is, what is planned and what became of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select, text

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Finding, Planned
from rightsflow.domain.doubts import RecordDoubt
from rightsflow.domain.errors import Conflict
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.languages import KnownLanguage, LanguageSource
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.records import Fact, Method, Outcome, OutcomeKind, Presence, PresenceState
from rightsflow.store import CaseFile, Store
from rightsflow.store.proofs.ledger_check import check_ledger
from rightsflow.store.tables import FindingRow
from tests.support.casework import (
    CUSTOMER,
    EMAIL,
    NAME,
    OTHER_EMAIL,
    PHONE,
    email,
    located,
    opened,
    ref,
    twins,
)

ERASE = Planned(ref=ref("1"), method=Method.ERASE, expected=OutcomeKind.ERASED)
ERASED = Outcome(record=ref("1"), kind=OutcomeKind.ERASED, reason="gone", request_id="req-1")


def keys(file: CaseFile, system: str = "") -> list[str]:
    return [finding.ref.ref for finding in file.findings.all(system)]


def only(file: CaseFile) -> Finding:
    (finding,) = file.findings.all()
    return finding


def attributions(file: CaseFile) -> dict[str, Attribution]:
    return {finding.ref.ref: finding.attribution for finding in file.findings.all()}


class TestLanguage:
    """The request's language, else what the person's records agree on, else the country's."""

    @staticmethod
    def file_with(store: Store, *languages: str, confirmed: bool = True, **request: object) -> str:
        case_id = opened(store, **({"language": "de", "language_source": LanguageSource.COUNTRY} | request))
        with store.case_file(case_id) as file:
            found = [
                replace(located(str(number), EMAIL), language=one) for number, one in enumerate(languages, start=1)
            ]
            file.findings.replace("helpdesk", [*found, replace(located("9", OTHER_EMAIL), language="pl")])
            file.findings.resolve()
            if confirmed:
                who = Decision(gate=Gate.IDENTITY, verdict=Verdict.CONFIRMED, by="Ida")
                file.decide(who)
        return case_id

    @pytest.mark.apart
    def test_records_of_the_subject_count_where_they_agree_and_after_the_request(self, store):
        for languages, known in (
            ((), ("de", LanguageSource.COUNTRY)),
            (("", ""), ("de", LanguageSource.COUNTRY)),
            (("fr-BE", ""), ("fr-BE", LanguageSource.RECORD)),
            (("fr-BE", "fr-FR"), ("fr", LanguageSource.RECORD)),
            (("fr", "it"), ("de", LanguageSource.COUNTRY)),
        ):
            with store.case_file(self.file_with(store, *languages)) as file:
                assert file.language == KnownLanguage(*known)

        case_id = self.file_with(store, "fr", language="el", language_source=LanguageSource.REQUEST)
        with store.case_file(case_id) as file:
            assert file.language == KnownLanguage("el", LanguageSource.REQUEST)

        with store.case_file(self.file_with(store, "fr", confirmed=False)) as file:
            assert file.language == KnownLanguage("de", LanguageSource.COUNTRY)

        case_id = self.file_with(store, "fr")
        with store.database.engine.begin() as connection:
            connection.execute(text("UPDATE cases SET language_from = ''"))
        with store.case_file(case_id) as file:
            assert file.language == KnownLanguage("de", LanguageSource.OPENING)

    def test_what_is_on_file_is_encrypted_and_found_anew_in_each_search(self, store):
        case_id = self.file_with(store, "fr-BE")
        with store.database.engine.connect() as connection:
            sealed = connection.execute(text("SELECT sealed_language FROM findings")).scalars().all()
        assert len(sealed) == 2
        assert not any(b"fr-BE" in bytes(one) for one in sealed)
        with store.case_file(case_id) as file:
            assert [one.language for one in file.findings.all()] == ["fr-BE", "pl"]
            file.findings.replace("helpdesk", [located("1", EMAIL)])
            assert [one.language for one in file.findings.all()] == [""]


class TestReplace:
    def test_a_record_comes_back_as_it_was_located(self, store):
        case_id = opened(store)
        with store.case_file(case_id) as file:
            file.findings.replace("helpdesk", [located("Ticket/7 ä", EMAIL, facts=[Fact.SHARED, Fact.LOCKED])])
        with store.case_file(case_id) as file:
            finding = only(file)
        assert finding.ref == ref("Ticket/7 ä")
        assert (finding.category, finding.occurred_on) == ("service tickets", date(2026, 1, 10))
        assert finding.facts == {Fact.SHARED, Fact.LOCKED}
        assert finding.attribution is Attribution.UNCLEAR, "nobody has decided yet"
        assert (finding.method, finding.planned, finding.outcome, finding.verified) == (None, None, None, None)

    def test_what_is_seen_no_longer_is_forgotten_and_what_something_was_done_with_stays_as_evidence(self, store):
        case_id = opened(store)
        with store.case_file(case_id) as file:
            file.findings.replace("helpdesk", [located("1", EMAIL), located("2", EMAIL)])
            file.findings.replace("payments", [located("9", EMAIL, system="payments", kind="charge")])
        with store.case_file(case_id) as file:
            file.findings.replace("helpdesk", [located("2", EMAIL, facts=[Fact.SHARED]), located("3", EMAIL)])
        with store.case_file(case_id) as file:
            assert keys(file) == ["2", "3", "9"]
            assert keys(file, "payments") == ["9"]
            assert file.findings.all()[0].facts == {Fact.SHARED}, "it is described anew"

        case_id = opened(store)
        with store.case_file(case_id) as file:
            file.findings.replace("helpdesk", [located("1", EMAIL), located("2", EMAIL)])
            file.findings.plan([ERASE])
            file.findings.record_outcome(ERASED)
        with store.case_file(case_id) as file:
            file.findings.replace("helpdesk", [])
            assert only(file).outcome is OutcomeKind.ERASED

        case_id = opened(store)
        with store.case_file(case_id) as file:
            file.findings.replace("helpdesk", [located("1"), located("1", kind="user")])
            file.findings.replace("payments", [located("1", system="payments")])
            assert len(file.findings.all()) == 3

        case_id = opened(store)
        with store.case_file(case_id) as file:
            file.findings.replace("payments", [located("9", system="payments")])
            file.findings.replace("helpdesk", [located("1"), located("2")])
            assert [(one.number, one.ref.ref) for one in file.findings.all()] == [(1, "1"), (2, "2"), (3, "9")]
            assert [one.number for one in file.findings.all("payments")] == [3]

        hashes = []
        for _ in range(2):
            with store.case_file(opened(store)) as file:
                hashes.append(file._context.record_hash(ref("1")))
        assert hashes[0] != hashes[1]

    def test_what_became_of_many_is_stored_by_few_statements_and_the_ledger_is_whole(self, store):
        case_id, keys_of_many, made = opened(store), [str(key) for key in range(60)], []
        with store.case_file(case_id) as file:
            file.findings.replace("helpdesk", [located(key, EMAIL) for key in keys_of_many])
        event.listen(store.database.engine, "before_cursor_execute", lambda *given: made.append(given[2]))
        with store.case_file(case_id) as file:
            file.findings.record_outcome(*(Outcome(record=ref(key), kind=OutcomeKind.ERASED) for key in keys_of_many))
            looks = [Presence(record=ref(key), state=PresenceState.ABSENT) for key in keys_of_many]
            file.findings.record_presence(*looks)
        assert len(made) < 20
        with store.case_file(case_id) as file:
            said = [one.event for one in file.ledger.entries()]
            assert (said.count("OutcomeRecorded"), said.count("PresenceChecked")) == (60, 60)
        assert list(check_ledger(store.database)) == []

    @pytest.mark.apart
    @pytest.mark.parametrize("url", ["sqlite_url"], ids=["sqlite"], indirect=True)
    @given(rounds=st.lists(st.sets(st.integers(0, 5)), min_size=1, max_size=4), acted=st.sets(st.integers(0, 5)))
    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_it_holds_the_last_round_and_the_evidence(self, store, rounds, acted):
        case_id = opened(store)
        evidence: set[str] = set()
        for seen in rounds:
            with store.case_file(case_id) as file:
                file.findings.replace("helpdesk", [located(str(key)) for key in sorted(seen)])
                for key in sorted(seen & acted):
                    file.findings.record_outcome(Outcome(record=ref(str(key)), kind=OutcomeKind.ERASED))
                    evidence.add(str(key))
        with store.case_file(case_id) as file:
            assert set(keys(file)) == {str(key) for key in rounds[-1]} | evidence


class TestResolve:
    def test_identifiers_are_learnt_until_nothing_new_appears(self, store):
        """The request gives an e-mail address; the profile has the id, the payer the number, the call the rest."""
        case_id = opened(store, EMAIL)
        second = email("anna.other")
        with store.case_file(case_id) as file:
            file.findings.replace("calls", [located("r", PHONE, second, system="calls")])
            file.findings.replace("payments", [located("c", CUSTOMER, PHONE, second, NAME, system="payments")])
            file.findings.replace("helpdesk", [located("u", EMAIL, CUSTOMER, NAME, kind="user")])
            learnt, _ = file.findings.resolve()
            assert learnt
            assert set(attributions(file).values()) == {Attribution.SUBJECT}
            assert file.identifiers.known() == {EMAIL, CUSTOMER, PHONE, second, NAME}
            learnt, _ = file.findings.resolve()
            assert not learnt

    def test_a_contested_number_makes_what_it_alone_points_to_unclear(self, store):
        case_id = opened(store, EMAIL, PHONE)
        with store.case_file(case_id) as file:
            file.findings.replace("helpdesk", [located("mine", EMAIL, PHONE), located("his", OTHER_EMAIL, PHONE)])
            file.findings.replace("calls", [located("call", PHONE, system="calls")])
            learnt, resolution = file.findings.resolve()
            assert not learnt
            assert attributions(file) == {
                "mine": Attribution.SUBJECT,
                "his": Attribution.ANOTHER,
                "call": Attribution.UNCLEAR,
            }
            assert resolution.contested == {PHONE}
            assert OTHER_EMAIL not in file.identifiers.known()
            assert file.findings.forget_others() == 1
            assert sorted(keys(file)) == ["call", "mine"]

    def test_why_a_record_is_unclear_is_kept_and_taken_back(self, store):
        """What is in doubt teaches nothing; what it hangs on passes its doubt on."""
        case_id = opened(store, EMAIL, CUSTOMER)
        other = located("other", OTHER_EMAIL, CUSTOMER, PHONE)
        ticket = located("ticket", via=other.record)
        with store.case_file(case_id) as file:
            file.findings.replace("helpdesk", [located("mine", EMAIL, CUSTOMER), other, ticket])
            learnt, resolution = file.findings.resolve()
            assert not learnt
            assert resolution.contested == {CUSTOMER}
            assert {one.ref.ref: one.doubt for one in file.findings.all()} == {
                "mine": None, "other": RecordDoubt.OTHER_IDENTIFIER, "ticket": RecordDoubt.OTHER_IDENTIFIER,
            }  # fmt: skip
            assert [one.doubt for one in file.planned.records([1, 2, 3])] == [one.doubt for one in file.findings.all()]
            file.identifiers.add([OTHER_EMAIL], learnt_from="same person")
            file.findings.resolve()
            assert {one.doubt for one in file.findings.all()} == {None}
            assert PHONE in file.identifiers.known()

    def test_a_fresh_search_after_the_answer_makes_no_record_surer(self, store):
        """The evidence said that it was unclear, and the case file that it was the person's, or another one's."""
        his, call = located("his", OTHER_EMAIL, PHONE), located("call", PHONE, system="calls")
        case_id = opened(store, EMAIL, PHONE)
        with store.case_file(case_id) as file:
            file.findings.replace("helpdesk", [his])
            file.findings.replace("calls", [call])
            file.findings.resolve()
            file.findings.record_outcome(
                *(Outcome(record=one.record, kind=OutcomeKind.RETAINED, reason="kept") for one in (his, call))
            )
            unclear = {"his": Attribution.UNCLEAR, "call": Attribution.UNCLEAR}
            assert attributions(file) == unclear
            file.kept.refresh([replace(call, owner=frozenset({EMAIL, PHONE}))])
            assert attributions(file) == unclear, "the helpdesk was not searched"
            file.kept.refresh([replace(call, owner=frozenset({OTHER_EMAIL})), located("mine", EMAIL)])
            assert attributions(file) == unclear

    def test_a_fresh_search_may_find_that_a_record_is_another_persons_by_now(self, store):
        mine = located("mine", EMAIL)
        case_id = opened(store, EMAIL)
        with store.case_file(case_id) as file:
            file.findings.replace("helpdesk", [mine, located("second", EMAIL)])
            file.findings.resolve()
            file.findings.record_outcome(Outcome(record=mine.record, kind=OutcomeKind.RETAINED, reason="kept"))
            file.kept.refresh([replace(mine, owner=frozenset({OTHER_EMAIL}))])
            assert attributions(file) == {"mine": Attribution.ANOTHER, "second": Attribution.SUBJECT}

    def test_a_number_that_nobody_else_uses_points_to_the_subject(self, store):
        case_id = opened(store, EMAIL, PHONE)
        with store.case_file(case_id) as file:
            file.findings.replace("calls", [located("call", PHONE, system="calls")])
            file.findings.resolve()
            assert attributions(file) == {"call": Attribution.SUBJECT}

    def test_what_was_reached_through_a_record_shares_its_owner(self, store):
        case_id = opened(store, EMAIL, PHONE)
        with store.case_file(case_id) as file:
            mine, his = located("u1", EMAIL, kind="user"), located("u2", OTHER_EMAIL, PHONE, kind="user")
            file.findings.replace(
                "helpdesk", [located("t1", via=mine.record), located("t2", via=his.record), mine, his]
            )
            file.findings.resolve()
            whose = attributions(file)
        assert (whose["t1"], whose["t2"]) == (Attribution.SUBJECT, Attribution.ANOTHER)

    def test_anothers_record_that_something_was_done_with_is_not_forgotten(self, store):
        case_id = opened(store, EMAIL, PHONE)
        with store.case_file(case_id) as file:
            others = [located("1", OTHER_EMAIL, PHONE), located("2", OTHER_EMAIL, PHONE)]
            file.findings.replace("helpdesk", [*others, located("3", EMAIL)])
            file.findings.record_outcome(ERASED)
            file.findings.resolve()
            assert file.findings.forget_others() == 1
            assert keys(file) == ["1", "3"]

    def test_a_record_without_a_plan_stops_the_binding(self, store):
        case_id = opened(store)
        with store.case_file(case_id) as file:
            file.findings.replace("helpdesk", [located("1", EMAIL), located("2", EMAIL)])
            file.findings.plan([ERASE])
            with pytest.raises(Conflict, match="not in the approved plan"):
                file.findings.bind_plan()

    def test_the_owner_of_a_record_is_learnt_from_its_system(self, store):
        case_id = opened(store, EMAIL)
        with store.case_file(case_id) as file:
            file.findings.replace("payments", [located("c", EMAIL, CUSTOMER, system="payments")])
            file.findings.resolve()
        assert twins(store, frozenset({CUSTOMER}), file.right) == [], "learnt, not asked with"


class TestPlanAndOutcome:
    def test_a_new_plan_leaves_nothing_of_the_old_one_and_has_no_outcomes_before_it_binds(self, store, clock):
        kept = Planned(
            ref=ref("2"),
            method=None,
            expected=OutcomeKind.RETAINED,
            reason="The law obliges us.",
            legal_basis="§ 147 AO",
            until=date(2034, 12, 31),
            ends_when="the year ends",
        )
        case_id = opened(store)
        with store.case_file(case_id) as file:
            file.findings.replace("helpdesk", [located("1", EMAIL), located("2", EMAIL)])
            file.findings.plan([ERASE, kept])
        with store.case_file(case_id) as file:
            first, second = file.findings.all()
            assert (first.method, first.planned, first.outcome) == (Method.ERASE, OutcomeKind.ERASED, None)
            assert (second.method, second.planned, second.outcome) == (None, OutcomeKind.RETAINED, None)
            assert second.acted_at is None
            file.findings.plan([ERASE, kept])
            file.findings.bind_plan()
        with store.case_file(case_id) as file:
            first, second = file.findings.all()
        assert (first.outcome, second.outcome) == (None, OutcomeKind.RETAINED)
        assert second.acted_at == clock.moment
        assert (second.reason, second.legal_basis) == ("The law obliges us.", "§ 147 AO")
        assert (second.until, second.ends_when) == (date(2034, 12, 31), "the year ends")

        case_id = opened(store)
        kept = Planned(
            ref=ref("1"), method=None, expected=OutcomeKind.RETAINED, reason="why", legal_basis="law", ends_when="then"
        )
        with store.case_file(case_id) as file:
            file.findings.replace("helpdesk", [located("1", EMAIL)])
            file.findings.plan([kept])
            file.findings.plan([ERASE])
            finding = only(file)
        assert (finding.method, finding.planned) == (Method.ERASE, OutcomeKind.ERASED)
        assert (finding.reason, finding.legal_basis, finding.until, finding.ends_when) == ("", "", None, "")

    def test_an_outcome_is_kept_with_its_proof_and_taken_back(self, store, clock):
        case_id = opened(store)
        with store.case_file(case_id) as file:
            file.findings.replace("helpdesk", [located("1", EMAIL)])
            file.findings.plan([ERASE])
            file.findings.bind_plan()
            file.findings.record_outcome(ERASED)
        clock.pass_time(timedelta(minutes=5))
        with store.case_file(case_id) as file:
            file.findings.record_presence(Presence(record=ref("1"), state=PresenceState.ABSENT, detail="404"))
        with store.case_file(case_id) as file:
            finding = only(file)
        assert (finding.outcome, finding.reason, finding.request_id) == (OutcomeKind.ERASED, "gone", "req-1")
        assert finding.acted_at == clock.moment - timedelta(minutes=5)
        assert (finding.verified, finding.verified_detail) == (PresenceState.ABSENT, "404")
        assert finding.verified_at == clock.moment

        case_id = opened(store)
        with store.case_file(case_id) as file:
            file.findings.replace("helpdesk", [located("1", EMAIL)])
            file.findings.record_outcome(ERASED)
            file.findings.record_presence(Presence(record=ref("1"), state=PresenceState.PRESENT, detail="still there"))
            file.findings.reopen(ref("1"))
            finding = only(file)
        assert finding.outcome is None
        assert (finding.verified, finding.verified_at, finding.verified_detail) == (None, None, "")

        case_id = opened(store)
        with store.case_file(case_id) as file:
            file.findings.replace("helpdesk", [located("1", EMAIL)])
            file.findings.record_outcome(Outcome(record=ref("1"), kind=OutcomeKind.FAILED, reason="busy"))
            file.findings.record_outcome(ERASED)
            assert (only(file).outcome, only(file).reason) == (OutcomeKind.ERASED, "gone")

        case_id = opened(store)
        with pytest.raises(RuntimeError, match="used wrongly"), store.case_file(case_id) as file:
            file.findings.record_outcome(ERASED)

    def test_of_two_outcomes_given_together_the_later_stands_and_the_ledger_has_both(self, store):
        case_id = opened(store)
        with store.case_file(case_id) as file:
            file.findings.replace("helpdesk", [located("1", EMAIL)])
            failed = Outcome(record=ref("1"), kind=OutcomeKind.FAILED, legal_basis="Art. 17(1) GDPR")
            file.findings.record_outcome(failed, ERASED)
            stored = only(file)
            told = [one.details for one in file.ledger.entries() if one.event == CaseEvent.OUTCOME_RECORDED]
            assert [one["outcome"] for one in told] == ["failed", "erased"]
            assert (stored.outcome, stored.reason, stored.legal_basis) == (
                OutcomeKind.ERASED,
                "gone",
                "Art. 17(1) GDPR",
            )
            assert [one["legal_basis"] for one in told] == ["Art. 17(1) GDPR"] * 2
            assert file.findings.count_outcomes("helpdesk") == {"erased": 1}

    def test_what_was_read_before_in_the_same_transaction_is_what_became_of_it(self, store):
        case_id = opened(store)
        with store.case_file(case_id) as file:
            file.findings.replace("helpdesk", [located("1", EMAIL), located("2", EMAIL)])
            file.findings.plan([ERASE, replace(ERASE, ref=ref("2"), reason="as planned")])
            file.findings._context.session.flush()
            rows = list(file.findings._context.session.scalars(select(FindingRow).order_by(FindingRow.id)))
            outcomes = (replace(ERASED, record=ref(key), reason="") for key in "12")
            file.findings.record_outcome(*outcomes)
            file.findings.record_presence(Presence(record=ref("2"), state=PresenceState.PRESENT, detail="seen"))
            assert [(row.outcome, row.reason, row.method) for row in rows] == [
                ("erased", "", "erase"),
                ("erased", "as planned", "erase"),
            ]
            assert [(row.verified, row.verified_detail) for row in rows] == [("", ""), ("present", "seen")]
            file.findings.reopen(ref("2"))
            assert file.findings.count_outcomes("helpdesk") == {"open": 1, "erased": 1}
            assert file.findings.count_outcomes("calls") == {}

    def test_a_refusal_by_the_system_takes_the_place_of_the_plan(self, store):
        case_id = opened(store)
        refusal = Outcome(
            record=ref("1"),
            kind=OutcomeKind.RETAINED,
            reason="The storage keeps it.",
            legal_basis="Art. 17(3)(b) GDPR",
            until=date(2027, 1, 1),
            refused=True,
        )
        with store.case_file(case_id) as file:
            file.findings.replace("helpdesk", [located("1", EMAIL)])
            file.findings.plan([ERASE])
            file.findings.bind_plan()
            file.findings.record_outcome(refusal)
        with store.case_file(case_id) as file:
            finding = only(file)
        assert (finding.planned, finding.outcome) == (OutcomeKind.ERASED, OutcomeKind.RETAINED)
        assert finding.refused
        assert (finding.legal_basis, finding.until) == ("Art. 17(3)(b) GDPR", date(2027, 1, 1))
