"""A brand and its call centre, each a Rightsflow: an erasure and an access request ordered, fulfilled and proved."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from rightsflow.app import installed
from rightsflow.cases.course.follow_up.lifting import announce_lifting
from rightsflow.cases.course.follow_up.rounds import follow_up, replay_system
from rightsflow.cases.course.follow_up.verification import read_everything
from rightsflow.cases.course.orders import tell_controllers
from rightsflow.cases.course.processors.opendsr import ask_over_opendsr
from rightsflow.cases.course.processors.processor_answers import record_instruction_sent, record_processor_answer
from rightsflow.cases.work.processors.instructions import instruct_processor
from rightsflow.domain.case.record_decisions import read_record_decisions
from rightsflow.domain.errors import Conflict
from rightsflow.domain.processors.answers import StatedAnswer
from rightsflow.domain.processors.terms import Doubt, InstructionStanding, ProcessorAnswer
from rightsflow.domain.vocabulary.records import Method
from tests.support import looks
from tests.support.bench import ANNA_EMAIL, ANNA_ID, ANNA_NAME, ANNA_PHONE, ANNA_TEXT
from tests.support.brand_and_site import (
    BRAND_DOMAIN,
    SITE_DOMAIN,
    TOKEN,
    fulfil,
    ordered_erasure,
    search_for,
    standing,
    two_houses,
)
from tests.support.processors import with_processors
from tests.support.steps import identified, others_digest, search

KEPT_BY = "Art. 17(3)(b) GDPR, § 147(1) no. 4, (3) AO, § 257(1) no. 4, (4) HGB, § 14b UStG"


@pytest.fixture
def houses(tmp_path):
    with two_houses(tmp_path) as made:
        yield made


def test_an_erasure_is_ordered_carried_out_and_proved_and_every_byte_that_the_call_centre_gets_is_known(houses):
    case_id = ordered_erasure(houses)
    others = others_digest(houses.site)
    assert ask_over_opendsr(houses.brand.runtime) == 0
    order = houses.site_case()
    fulfil(houses.site.runtime, order)
    assert others_digest(houses.site) == others
    with houses.site.file(order) as file:
        assert file.is_closed
        assert file.outbox.titles() == []
        events = [entry.event for entry in file.ledger.entries()]
    assert events.count("OrderTaken") == events.count("OrderAnswered") == 1
    assert {one.key for one in houses.site.systems["calls"].records()} == {"r1", "r2"}
    assert ask_over_opendsr(houses.brand.runtime) == 1
    with houses.brand.file(case_id) as file:
        one = file.instructions.one(1)
        proof = json.loads(file.instructions.proof(1, 1))
    said = json.loads(base64.b64decode(proof["answer"]))
    assert (proof["domain"], said["certificate"]) == (SITE_DOMAIN, "rightsflow processor")
    assert one.last.records == sum(
        line["count"] for line in said["records"] if line["outcome"] in {"erased", "redacted"}
    )
    assert one.last.records
    assert ANNA_ID.value not in base64.b64decode(proof["answer"]).decode()
    # An invoice is retained there by law.
    assert standing(houses, case_id) is InstructionStanding.QUESTIONED
    with houses.brand.file(case_id) as file:
        assert Doubt.KEPT in file.instructions.one(1).last.doubts
    asked = [one for one in houses.arrived if one.method == "POST"]
    assert len(asked) == 1
    (one,) = asked
    with houses.brand.file(case_id) as file:
        request_id, due_on = file.instructions.request_id(1), file.instructions.one(1).due_on
    assert (
        one.body
        == json.dumps(
            {
                "regulation": "gdpr",
                "subject_request_id": request_id,
                "subject_request_type": "erasure",
                "subject_identities": [
                    {
                        "identity_type": "controller_customer_id",
                        "identity_value": ANNA_ID.value,
                        "identity_format": "raw",
                    }
                ],
                "submitted_time": "2026-03-05T09:00:00Z",
                "api_version": "2.0",
                "extensions": {
                    "rightsflow": {
                        "processor_domain": SITE_DOMAIN,
                        "exclusions": [
                            {
                                "category": "invoices",
                                "provision": KEPT_BY,
                                "until": "2034-12-31",
                                "ends_when": "longer while the tax assessment period has not run out (§ 147(3) AO)",
                            }
                        ],
                        "due_on": due_on.isoformat(),
                    }
                },
            }
        ).encode()
    )
    everything = "".join(
        f"{call.method} {call.path} {call.headers} {call.body.decode()}" for call in houses.arrived
    ).replace(one.body.decode(), "")
    for known in (ANNA_ID, ANNA_EMAIL, ANNA_PHONE, ANNA_NAME):
        assert known.value not in everything
    assert case_id not in everything + one.body.decode()
    headers = {name for call in houses.arrived for name in call.headers}
    assert headers == {
        "host", "user-agent", "accept-encoding", "accept", "connection", "authorization", "content-type",
        "content-length", "x-opendsr-controller-domain", "x-opendsr-signature",
    }  # fmt: skip
    assert one.headers["authorization"] == f"Bearer {TOKEN}"
    assert one.headers["x-opendsr-controller-domain"] == BRAND_DOMAIN


@pytest.mark.apart
def test_what_a_sub_processor_proves_late_makes_a_new_certificate_that_the_brand_reads_by_itself(houses):
    case_id, site = ordered_erasure(houses), houses.site
    site.runtime = replace(site.runtime, settings=with_processors(site.runtime.settings))
    order = houses.site_case()
    with installed(site.runtime):
        search_for(site.runtime, order)
        instruct_processor(site.runtime, order, "callhouse")
        record_instruction_sent(site.runtime, order, 1, by="Ben")
        fulfil(site.runtime, order)
    assert ask_over_opendsr(houses.brand.runtime) == 1
    assert ask_over_opendsr(houses.brand.runtime) == 0, "the certificate says the same"
    done = StatedAnswer(answer=ProcessorAnswer.DONE, on=site.runtime.today, records=2)
    for _ in range(2):
        record_processor_answer(site.runtime, order, 1, done, by="Ben")
    assert ask_over_opendsr(houses.brand.runtime) == 1
    with houses.brand.file(case_id) as file:
        proofs = [json.loads(file.instructions.proof(1, number)) for number in (1, 2)]
        last = file.instructions.one(1).last
    said = [json.loads(base64.b64decode(proof["answer"])) for proof in proofs]
    assert [one["processors_open"] for one in said] == [1, 0]
    # The invoice that the law has kept there is still to be checked by a person.
    assert (last.number, last.doubts) == (2, (Doubt.KEPT,))
    events = [entry.event for entry in looks.entries(site, order)]
    assert events.count("OrderAnswered") == 2, "the same answer once more changes nothing"


@pytest.mark.apart
def test_what_a_back_up_brought_back_is_told_to_the_controller_and_once_more_when_it_is_erased_again(houses):
    """Before, the certificate that all is erased stood, whatever was there again."""
    case_id, site = ordered_erasure(houses), houses.site
    before, order = site.systems["helpdesk"].records(), houses.site_case()
    fulfil(site.runtime, order)
    assert ask_over_opendsr(houses.brand.runtime) == 1
    site.systems["helpdesk"].add(*before)
    with installed(site.runtime):
        assert read_everything(site.runtime, order, "helpdesk").back
    assert ask_over_opendsr(houses.brand.runtime) == 1, "what was certified is not so any more"
    with installed(site.runtime):
        assert replay_system(site.runtime, "helpdesk", by="Dana Decider").erased == 1
    assert ask_over_opendsr(houses.brand.runtime) == 1
    with houses.brand.file(case_id) as file:
        assert [one.records for one in file.instructions.one(1).answers][::2] == [
            file.instructions.one(1).last.records
        ] * 2
    with site.file(order) as file:
        assert file.outbox.titles() == []
        answers = [one for one in file.ledger.entries() if one.event == "OrderAnswered"]
    assert len(answers) == 3, "erased, back, erased again"


@pytest.mark.apart
def test_a_restriction_of_an_order_is_lifted_on_the_controllers_word_without_a_letter(houses):
    ordered_erasure(houses)
    site = houses.site
    helpdesk = site.systems["helpdesk"]
    helpdesk.kinds = tuple(replace(one, methods=one.methods | {Method.RESTRICT}) for one in helpdesk.kinds)
    order = houses.site_case()
    with installed(site.runtime):
        search_for(site.runtime, order)
        (ticket,) = [one.number for one in looks.findings(site, order) if one.ref.ref == "t1"]
        line = f"{ticket}: restrict | the controller needs it for a claim | Art. 18(1)(c) | until 2027-01-31"
        fulfil(site.runtime, order, records=read_record_decisions([line]))
        on = site.runtime.today + timedelta(days=2)
        said = announce_lifting(site.runtime, order, {ticket}, on, reason="Word of 5 March.", by="Ben Boss")
        assert said.endswith(", as Example Devices GmbH has ordered.")
        with pytest.raises(Conflict, match="is to be lifted already"):
            announce_lifting(site.runtime, order, {ticket}, on, reason="Word of 5 March.", by="Ben Boss")
        site.pass_time(timedelta(days=1))
        follow_up(site.runtime)
        assert [one.key for one in helpdesk.records() if one.restricted] == ["t1"]
        site.pass_time(timedelta(days=1))
        follow_up(site.runtime)
    assert [one.key for one in helpdesk.records() if one.restricted] == []
    with site.file(order) as file:
        assert file.outbox.titles() == []
        events = [entry.event for entry in file.ledger.entries()]
        lines = json.loads(file.orders.result())["records"]
    assert (events.count("RestrictionLifted"), events.count("OrderAnswered")) == (1, 2)
    assert "restricted" not in {one["outcome"] for one in lines}


@pytest.mark.apart
def test_an_access_request_is_ordered_and_its_results_are_merged_and_masked(houses):
    with installed(houses.brand.runtime):
        case_id = identified(houses.brand, "access")
        search(case_id)
        instruct_processor(houses.brand.runtime, case_id, "callhouse")
        assert ask_over_opendsr(houses.brand.runtime) == 1
    fulfil(houses.site.runtime, houses.site_case())
    assert ask_over_opendsr(houses.brand.runtime) == 1
    with houses.brand.file(case_id) as file:
        one = file.instructions.one(1)
        texts = [file.instructions.documents.content(1, each.number).decode() for each in one.documents]
    assert one.documents
    assert ANNA_TEXT in "".join(texts)
    assert "his own matter" not in "".join(texts)
    assert tell_controllers(houses.site.runtime) == 0
