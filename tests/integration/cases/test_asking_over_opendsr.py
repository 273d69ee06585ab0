"""Erasures at a processor over OpenDSR: asked once, followed, proved by a signature, and otherwise left to people."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors.http import Patience
from connectors.opendsr import OpenDsrClient
from rightsflow.app import current_app, installed
from rightsflow.cases.course.processors.opendsr import ask_over_opendsr
from rightsflow.cases.work.processors.instructions import instruct_processor
from rightsflow.domain.processors.terms import Doubt, InstructionStanding, ProcessorChannel
from tests.support.bench import ANNA_EMAIL, ANNA_ID, CANARIES
from tests.support.peers.opendsr import CONTROLLER, DOMAIN, running_processor
from tests.support.processors import with_processors
from tests.support.steps import approved, identified, search


@pytest.fixture
def processor(bench, tmp_path):
    with running_processor(tmp_path) as running:
        opendsr = {"base_url": running.url, "domain": DOMAIN, "controller_id": CONTROLLER, "ca_file": running.ca_file}
        settings = with_processors(bench.runtime.settings, channel="opendsr", opendsr=opendsr)

        def opened(key, config, _now):
            return OpenDsrClient(
                key,
                base_url=config.base_url,
                domain=config.domain,
                controller_id=config.controller_id,
                token=lambda: "known",
                ca_file=config.ca_file,
                now=lambda: datetime.now(UTC),
                patience=Patience(retries=0),
            )

        bench.runtime = replace(bench.runtime, settings=settings, open_opendsr=opened)
        with installed(bench.runtime):
            yield running


@pytest.fixture
def planned(bench):
    return approved(bench)


@pytest.fixture
def case(bench, planned, processor):
    instruct_processor(current_app(), planned, "callhouse")
    return planned


def one(bench, case_id):
    with bench.file(case_id) as file:
        return file.instructions.one(1)


@pytest.mark.apart
def test_it_is_asked_once_and_told_the_fewest_identifiers_and_its_signed_answer_is_the_proof(bench, processor, case):
    assert ask_over_opendsr(current_app()) == 1
    assert one(bench, case).standing is InstructionStanding.WAITING
    (asked,) = processor.requests.values()
    assert [each["identity_value"] for each in asked["subject_identities"]] == [ANNA_ID.value]
    assert ANNA_EMAIL.value not in json.dumps(asked)
    assert ask_over_opendsr(current_app()) == 0
    processor.status = "in_progress"
    assert ask_over_opendsr(current_app()) == 0
    processor.status, processor.results_count = "completed", 4
    assert ask_over_opendsr(current_app()) == 1
    assert one(bench, case).standing is InstructionStanding.CONFIRMED
    with bench.file(case) as file:
        proof = json.loads(file.instructions.proof(1, 1))
        entries = {entry.event: entry for entry in file.ledger.entries()}
    assert proof["domain"] == DOMAIN
    assert entries["ProcessorConfirmed"].details["signed_in"] == "answered with a signature that was checked"
    assert not any(canary in repr(entries) for canary in CANARIES)
    assert ask_over_opendsr(current_app()) == 0


@pytest.mark.apart
def test_a_receipt_or_an_answer_that_is_not_proved_is_none_and_a_cancelled_one_is_checked_by_a_person(
    bench, processor, case
):
    processor.altered = True
    assert ask_over_opendsr(current_app()) == 0
    assert one(bench, case).standing is InstructionStanding.UNSENT
    processor.altered = False
    assert ask_over_opendsr(current_app()) == 1
    assert len(processor.requests) == 1
    processor.status, processor.results_count, processor.altered = "completed", 4, True
    assert ask_over_opendsr(current_app()) == 0
    assert one(bench, case).standing is InstructionStanding.WAITING
    assert not one(bench, case).answers
    processor.status, processor.results_count, processor.altered = "cancelled", None, False
    ask_over_opendsr(current_app())
    assert one(bench, case).standing is InstructionStanding.QUESTIONED
    assert one(bench, case).last.doubts == (Doubt.OWN_WORDS,)


def test_what_it_does_not_take_is_left_to_people(bench, processor, case):
    processor.kinds = ("email",)
    assert ask_over_opendsr(current_app()) == 0
    assert one(bench, case).channel is ProcessorChannel.MANUAL
    assert not processor.requests


def test_an_access_request_is_sent_by_a_person(bench, processor):
    case_id = identified(bench, "access")
    search(case_id)
    instruct_processor(current_app(), case_id, "callhouse")
    assert one(bench, case_id).channel is ProcessorChannel.MANUAL
