"""What belongs to another person's account is theirs, while a case searches, erases and after its answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rightsflow.app import current_app, installed
from rightsflow.cases.course.contacts_on_file import addresses_on_file
from rightsflow.cases.course.follow_up.rounds import follow_up
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.work.erasure.steps import prepare_plan, settle_plan
from rightsflow.config.sections.limits import FollowUpSettings
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.doubts import RecordDoubt
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.vocabulary.records import OutcomeKind, RecordRef
from rightsflow.testing.fakes import FakeRecord
from tests.integration.cases.answered_erasures import LAST_DAY, answered, go_to
from tests.support import looks
from tests.support.bench import ANNA_EMAIL, ANNA_ID, ANNA_PHONE, BORIS, running_bench
from tests.support.steps import carry_out, others_digest, outcomes, searched

INVOICE = ("payments", "invoice", "i1")


def ticket(key, named, account):
    return FakeRecord(kind="ticket", key=key, texts=((frozenset({named}), "an order"),), account=account)


def findings(bench, case_id):
    return {one.ref.ref: one for one in looks.findings(bench, case_id, "helpdesk")}


@pytest.mark.apart
def test_an_order_by_the_subjects_number_on_anothers_account_is_theirs(bench):
    bench.systems["helpdesk"].add(ticket("o1", ANNA_PHONE, "u2"), ticket("o2", ANNA_PHONE, "u1"))
    case_id = searched(bench, "erasure")
    found = findings(bench, case_id)
    assert not {"o1", "u2"} & found.keys(), "another person's, forgotten when the search has ended"
    assert found["o2"].attribution is Attribution.SUBJECT
    before = others_digest(bench)
    prepare_plan(current_app(), case_id)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    bench.approve(case_id)
    settle_plan(current_app(), case_id)
    carry_out(case_id)
    assert others_digest(bench) == before
    assert "o1" in {one.key for one in bench.systems["helpdesk"].records()}
    assert outcomes(bench, case_id)["helpdesk", "ticket", "o2"] in {OutcomeKind.ERASED, OutcomeKind.REDACTED}


def test_an_order_that_names_the_subject_on_anothers_account_is_in_doubt(bench):
    bench.systems["helpdesk"].add(ticket("o1", ANNA_EMAIL, "u2"))
    found = findings(bench, searched(bench, "erasure"))
    assert (found["o1"].attribution, found["o1"].doubt) == (Attribution.UNCLEAR, RecordDoubt.OTHER_OWNER)


@pytest.mark.apart
@pytest.mark.parametrize("named", [ANNA_EMAIL, ANNA_PHONE])
def test_what_is_kept_and_whose_account_became_anothers_is_not_erased_when_its_time_is_over(tmp_path, named):
    policy = FollowUpSettings(approval="automatic", policy="Deletion policy 2.1", covers_conditions=True)
    with running_bench(tmp_path) as bench:
        settings = bench.runtime.settings.model_copy(update={"follow_up": policy})
        bench.runtime = replace(bench.runtime, settings=settings)
        payments = bench.systems["payments"]
        with installed(bench.runtime):
            case_id = answered(bench)
            assert outcomes(bench, case_id)[INVOICE] is OutcomeKind.RETAINED
            (held,) = [one for one in payments.records() if one.key == "i1"]
            payments.add(FakeRecord(kind="profile", key="c9", texts=((BORIS, "his account"),)))
            texts = ((frozenset({named}), held.texts[0][1]),)
            payments.add(moved := replace(held, profile="", account="c9", texts=texts))
            go_to(bench, LAST_DAY, hour=23)
            follow_up(current_app())
    assert moved in payments.records()


def test_a_record_of_the_subject_is_context_only_where_no_search_found_it(bench):
    helpdesk = bench.systems["helpdesk"]
    helpdesk.add(ticket("o1", ANNA_PHONE, "u2"), ticket("o2", ANNA_EMAIL, "u1"))
    found = {one.record.ref: one for one in helpdesk.locate(frozenset({ANNA_EMAIL, ANNA_PHONE}))}
    assert {key for key, one in found.items() if one.is_context} == {"u2"}
    assert found["o1"].above == (RecordRef("helpdesk", "profile", "u2"),)


def test_an_order_on_another_account_is_no_address_on_file(bench):
    """Before, a code could be sent to the address in an order on another person's account."""
    other = identifier(IdentifierKind.EMAIL, "somebody@example.net")
    order = FakeRecord(kind="ticket", key="o1", texts=((frozenset({ANNA_ID, other}), "an order"),), account="u2")
    bench.systems["helpdesk"].add(order)
    case_id = bench.open("access", customer_id=ANNA_ID.value)
    answer = addresses_on_file(current_app(), case_id, by="Ida")
    assert {one.address for one in answer.addresses} == {ANNA_EMAIL.value}
