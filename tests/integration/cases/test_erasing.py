"""Erasing: by the approved plan, in the safe order, each record once, and believed only after a fresh look."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from rightsflow.app import current_app
from rightsflow.cases.facts.overview.account import fate_of
from rightsflow.cases.work.erasure.steps import erase_records, prepare_plan, settle_plan, verify_erasure
from rightsflow.domain.case.findings import Fate
from rightsflow.domain.errors import Permanent, Transient
from rightsflow.domain.vocabulary.records import Fact, Outcome, OutcomeKind, Presence, PresenceState, settled_together
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import StepState
from rightsflow.testing.fakes import KINDS, FakeRecord
from tests.support import looks
from tests.support.bench import ANNA_PROFILE
from tests.support.erasures import EXPECTED
from tests.support.steps import Watched, approved, carried_out, carry_out, others_digest, outcomes, searched, watch


def failing_step(bench, case_id, step, system):
    with bench.file(case_id) as file:
        (found,) = [one for one in file.steps.all() if (one.step, one.system) == (step, system)]
    assert found.state is StepState.FAILED
    return found.error


def test_every_record_ends_in_one_outcome_nobody_else_is_touched_and_no_step_is_done_again(bench):
    before = others_digest(bench)
    case_id = carried_out(bench)
    assert outcomes(bench, case_id) == EXPECTED
    assert others_digest(bench) == before
    left = {record.key for system in bench.systems.values() for record in system.records()}
    assert left == {"t2", "i1", "u2", "t3", "r2"}
    calls = {name: dict(system.calls) for name, system in bench.systems.items()}
    carry_out(case_id)
    assert {name: dict(system.calls) for name, system in bench.systems.items()} == calls


def test_a_plan_changes_nothing_until_it_is_settled(bench):
    case_id = searched(bench, "erasure")
    assert prepare_plan(current_app(), case_id) == {"erased": 4, "redacted": 1, "retained": 1}
    assert set(outcomes(bench, case_id).values()) == {None}
    settle_plan(current_app(), case_id)
    settled = {key: outcome for key, outcome in outcomes(bench, case_id).items() if outcome}
    assert settled == {("payments", "invoice", "i1"): OutcomeKind.RETAINED}
    assert sum(system.calls["erase"] for system in bench.systems.values()) == 0


@pytest.mark.apart
def test_kinds_go_in_their_order_and_the_profile_last(bench):
    watched = watch(bench, "helpdesk")
    watched.add(
        FakeRecord(kind="recording", key="v1", texts=((ANNA_PROFILE, "voice mail"),)),
        FakeRecord(kind="invoice", key="n1", texts=((ANNA_PROFILE, "a note"),)),
    )
    carry_out(approved(bench))
    kinds = [kind for what, kind, _ in watched.asked if what == "erase"]
    # Tickets come twice: those to erase and those to redact are separate calls.
    assert kinds == ["recording", "ticket", "ticket", "invoice", "profile"]
    assert kinds == sorted(kinds, key=[kind.name for kind in KINDS].index)
    assert watched.asked[-1][0] == "presence"


@pytest.mark.apart
def test_a_call_that_breaks_off_goes_on_with_what_is_left(bench):
    watched = watch(bench, "helpdesk")
    more = [FakeRecord(kind="ticket", key=f"m{number}", texts=((ANNA_PROFILE, "more"),)) for number in range(5)]
    watched.add(*more)
    case_id = approved(bench)
    # The redaction comes first, then the erasures.
    for after in (1, 2):
        watched.fail("erase", after=after)
        with pytest.raises(Transient):
            erase_records(current_app(), case_id, "helpdesk")
    done = {key for (_, _, key), outcome in outcomes(bench, case_id).items() if outcome is OutcomeKind.ERASED}
    assert len(done) == 2
    first = len(watched.asked)
    erase_records(current_app(), case_id, "helpdesk")
    asked_again = {key for _, _, keys in watched.asked[first:] for key in keys}
    assert asked_again.isdisjoint(done)
    assert outcomes(bench, case_id)["helpdesk", "profile", "u1"] is OutcomeKind.ERASED


class Unwilling(Watched):
    """A system that cannot erase one ticket, until it is told otherwise."""

    willing = False

    def _erase(self, ref, method, known):
        if ref.ref == "t1" and not self.willing:
            return Outcome(record=ref, kind=OutcomeKind.FAILED, reason="It is being edited.")
        return super()._erase(ref, method, known)


@pytest.mark.apart
def test_a_kind_with_a_failure_holds_back_the_later_kinds(bench):
    case_id = approved(bench)
    unwilling = Unwilling("helpdesk")
    unwilling.add(*bench.systems["helpdesk"].records())
    bench.systems["helpdesk"] = unwilling
    with pytest.raises(Transient, match="1 of 1 records could not be erased"):
        erase_records(current_app(), case_id, "helpdesk")
    so_far = outcomes(bench, case_id)
    assert so_far["helpdesk", "ticket", "t1"] is OutcomeKind.FAILED
    assert so_far["helpdesk", "profile", "u1"] is None
    assert "u1" in {record.key for record in unwilling.records()}
    unwilling.willing = True
    carry_out(case_id)
    assert outcomes(bench, case_id) == EXPECTED


@pytest.mark.apart
def test_what_the_system_refuses_is_kept_with_its_reason(bench):
    case_id = approved(bench)
    ref = next(ref for ref in bench.systems["calls"]._records if ref.ref == "r1")
    held = replace(bench.systems["calls"]._records[ref], facts=frozenset({Fact.LEGAL_HOLD}))
    bench.systems["calls"]._records[ref] = held
    carry_out(case_id)
    (finding,) = looks.findings(bench, case_id, "calls")
    assert (finding.outcome, finding.refused) == (OutcomeKind.RETAINED, True)
    assert finding.reason


class Haunted(Watched):
    """A system that says of what it erased: still there, unclear, or nothing at all."""

    answer: PresenceState | None = None

    def presence(self, refs, known):
        for presence in super().presence(refs, known):
            if self.answer is not None:
                yield Presence(record=presence.record, state=self.answer)


@pytest.mark.parametrize(
    ("answer", "error", "sentence"),
    [
        (PresenceState.PRESENT, Transient, "3 records are still there and 0 could not be checked"),
        (PresenceState.UNKNOWN, Transient, "0 records are still there and 3 could not be checked"),
        (None, Permanent, "did not answer for every record"),
    ],
    ids=["present", "unknown", "silent"],
)
def test_an_erasure_is_believed_only_when_every_record_is_seen_to_be_absent(bench, answer, error, sentence):
    case_id = approved(bench)
    haunted = Haunted("helpdesk")
    haunted.add(*bench.systems["helpdesk"].records())
    bench.systems["helpdesk"] = haunted
    erase_records(current_app(), case_id, "helpdesk")
    haunted.answer = answer
    with pytest.raises(error, match=sentence):
        verify_erasure(current_app(), case_id, "helpdesk")
    assert sentence in failing_step(bench, case_id, "verify", "helpdesk")
    if answer is PresenceState.PRESENT:
        with pytest.raises(Transient, match="3 records wait to be erased again"):
            verify_erasure(current_app(), case_id, "helpdesk")
    haunted.answer = PresenceState.ABSENT
    # What was still there is erased once more; what was only not seen clearly is looked at once more.
    again = len(haunted.asked)
    erase_records(current_app(), case_id, "helpdesk")
    assert verify_erasure(current_app(), case_id, "helpdesk") == {"absent": 3, "present": 0, "unknown": 0}
    repeated = [what for what, _, _ in haunted.asked[again:]]
    assert repeated.count("erase") == (3 if answer is PresenceState.PRESENT else 0)
    assert repeated.count("presence") == 1


@pytest.mark.apart
def test_what_leads_back_after_the_erasure_is_a_residue_and_told_as_kept(bench):
    """A detached card was verified as absent, and the answer said that what was left is not about the person."""
    bench.systems["helpdesk"].keeps = {"account": "anna.quill@example.com"}
    case_id = approved(bench)
    erase_records(current_app(), case_id, "helpdesk")
    assert verify_erasure(current_app(), case_id, "helpdesk") == {"absent": 0, "present": 0, "unknown": 0, "residue": 3}
    with bench.file(case_id) as file:
        left = file.findings.all("helpdesk")
        checks = [one.details for one in file.ledger.entries() if one.event == "PresenceChecked"]
    assert {one.outcome for one in left} == {OutcomeKind.RESIDUE}
    assert {one.reason for one in left} == {"The system keeps a part that leads back to you: account."}
    assert {one["fields"] for one in checks} == {"account"}
    assert {fate_of(one, Right.ERASURE) for one in left} == {Fate.RESIDUE}
    # It is not looked at for ever: what stays is said.
    assert verify_erasure(current_app(), case_id, "helpdesk")["residue"] == 3
    # One that was killed before it could note its end counted none of them.
    with bench.file(case_id) as file:
        file.steps.take_back("verify")
    assert verify_erasure(current_app(), case_id, "helpdesk")["residue"] == 3


def checked(bench, case_id):
    """How often each record was noted as looked at, and what it showed."""
    entries = looks.entries(bench, case_id, "PresenceChecked")
    return Counter((one.details["record"], one.details["state"]) for one in entries)


def test_a_look_that_breaks_off_goes_on_with_what_is_left_and_looks_again_at_what_was_erased_since(bench):
    case_id = approved(bench)
    watched = watch(bench, "helpdesk")
    erase_records(current_app(), case_id, "helpdesk")
    watched.fail("presence", after=2)
    with pytest.raises(Transient):
        verify_erasure(current_app(), case_id, "helpdesk")
    seen = checked(bench, case_id)
    assert len(seen) == 2
    assert verify_erasure(current_app(), case_id, "helpdesk") == {"absent": 3, "present": 0, "unknown": 0}
    assert [len(keys) for what, _, keys in watched.asked if what == "presence"] == [3, 1]
    assert set(checked(bench, case_id).values()) == {1}


def test_what_was_seen_before_its_erasure_is_looked_at(bench):
    """A look counts for the erasure before it only: what was written again and erased again is looked at again."""
    case_id = approved(bench)
    watched = watch(bench, "helpdesk")
    erase_records(current_app(), case_id, "helpdesk")
    watched.fail("presence", after=3)
    with pytest.raises(Transient):
        verify_erasure(current_app(), case_id, "helpdesk")
    bench.pass_time(timedelta(minutes=5))
    with bench.file(case_id) as file:
        (again,) = [one for one in file.findings.all("helpdesk") if one.ref.ref == "t1"]
        file.findings.record_outcome(Outcome(record=again.ref, kind=OutcomeKind.ERASED))
    assert verify_erasure(current_app(), case_id, "helpdesk") == {"absent": 3, "present": 0, "unknown": 0}
    assert [keys for what, _, keys in watched.asked if what == "presence"][1:] == [["t1"]]


class Telling(Watched):
    """A system that keeps in view which outcomes were noted when it is asked for the next one."""

    def __init__(self, system, bench, *, together):
        super().__init__(system)
        self._bench, self._together = bench, together
        self.case_id, self.noted = "", []

    def erase(self, refs, method, known):
        given = super().erase(refs, method, known)
        for number, outcome in enumerate(settled_together(list(given)) if self._together else given):
            self._look(number)
            yield outcome
        self._look(len(refs))

    def _look(self, given):
        with self._bench.file(self.case_id) as file:
            self.noted.append((given, sum(one.outcome is not None for one in file.findings.all(self.system))))


@pytest.mark.apart
@pytest.mark.parametrize("together", [False, True])
def test_outcomes_are_noted_before_another_call_and_those_of_one_call_together(bench, together):
    telling = Telling("helpdesk", bench, together=together)
    # Two profiles, so that one kind has two records.
    telling.add(
        *bench.systems["helpdesk"].records(), FakeRecord(kind="profile", key="u9", texts=((ANNA_PROFILE, "again"),))
    )
    bench.systems["helpdesk"] = telling
    telling.case_id = approved(bench)
    erase_records(current_app(), telling.case_id, "helpdesk")
    before = telling.noted[-3][1]
    # The last of them are noted together with what comes after the kind: here the end of the step.
    noted = before + (not together)
    assert telling.noted[-3:] == [(0, before), (1, noted), (2, noted)]
    with bench.file(telling.case_id) as file:
        assert sum(one.outcome is not None for one in file.findings.all("helpdesk")) == before + 2


class Mute(Watched):
    """A system that passes over one ticket when it erases."""

    def erase(self, refs, method, known):
        return (outcome for outcome in super().erase(refs, method, known) if outcome.record.ref != "t1")


def test_a_record_without_an_outcome_is_a_failure(bench):
    case_id = approved(bench)
    mute = Mute("helpdesk")
    mute.add(*bench.systems["helpdesk"].records())
    bench.systems["helpdesk"] = mute
    with pytest.raises(Permanent, match="did not answer for every record"):
        erase_records(current_app(), case_id, "helpdesk")
    assert outcomes(bench, case_id)["helpdesk", "profile", "u1"] is None


def test_what_is_kept_is_not_looked_for(bench):
    case_id = approved(bench)
    watched = watch(bench, "payments")
    carry_out(case_id)
    assert [keys for what, _, keys in watched.asked if what == "presence"] == [["c1"]]
