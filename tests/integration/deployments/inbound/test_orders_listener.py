"""The listener for orders: who is served, what is refused in which order, and that nothing refused leaves a trace."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography import x509
from starlette.testclient import TestClient

from connectors.opendsr.signatures import check_domain, check_signature
from connectors.opendsr.signing import Signer
from deployments.inbound.calls import MOST_BYTES
from deployments.inbound.listener import make_listener
from rightsflow.cases.course.gates.gates import reach_gate, record_decision
from rightsflow.cases.course.intake.opening import open_request_form
from rightsflow.cases.course.letters.answers import write_refusal
from rightsflow.cases.course.letters.further_letters import extend
from rightsflow.cases.facts.deadlines.clock import renew_case_dates
from rightsflow.cases.work.erasure.steps import prepare_plan
from rightsflow.cases.work.search import locate_records
from rightsflow.config.sections.inbound_settings import Inbound
from rightsflow.config.sections.section import RevocationCheck
from rightsflow.domain.errors import Conflict, Misconfigured
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.gates.refusals import Reason
from rightsflow.domain.request import RequestForm
from tests.support.bench import ANNA_EMAIL, ANNA_ID, running_bench
from tests.support.brand_and_site import (
    BRAND_DOMAIN,
    OTHER_TOKEN,
    SERVED,
    SITE_DOMAIN,
    TOKEN,
    fulfil,
    inbound,
    order_said,
    search_for,
    write_keys,
)
from tests.support.peers.opendsr import PEM, authority, certificate, key_pem, revocation_list
from tests.support.peers.revocation import running_lists

URL = "https://localhost/v2"


class Site:
    """A call centre whose listener is called without a network."""

    def __init__(self, bench, keys):
        self.bench, self.keys, self.seconds = bench, keys, [0.0]
        self.serve()

    def serve(self, strangers=6000, **changes):
        settings = self.bench.runtime.settings.model_copy(
            update={"inbound": inbound(URL, self.keys, strangers, **changes)}
        )
        self.bench.runtime = replace(self.bench.runtime, settings=settings)
        self.client = TestClient(
            make_listener(self.bench.runtime, lambda: self.seconds[0]), base_url="https://localhost"
        )

    @property
    def signer(self):
        return Signer(BRAND_DOMAIN, str(self.keys / "brand.pem"), (self.keys / "brand.key").read_text, what="the brand")

    @property
    def app(self):
        return self.bench.runtime

    @property
    def cases(self):
        return self.app.store.work.cases_with_orders()

    def asked(self, **changes):
        """A request as the brand sends it."""
        return order_said(self.app, **changes)

    def call(self, method, path, body=b"", *, token=TOKEN, headers=None, without=()):
        signed = dict(self.signer.as_controller(body)) if headers is None else headers
        given = {"Authorization": f"Bearer {token}", **signed}
        shown = {name: value for name, value in given.items() if name not in without}
        return self.client.request(method, f"/v2{path}", content=body, headers=shown)

    def post(self, said, **how):
        return self.call("POST", "/requests", json.dumps(said).encode(), **how)


@pytest.fixture
def site(tmp_path):
    write_keys(tmp_path / "keys")
    with running_bench(tmp_path) as bench:
        yield Site(bench, tmp_path / "keys")


@pytest.mark.apart
def test_an_order_is_taken_once_with_a_signed_receipt_and_no_letter(site):
    said = site.asked()
    body = json.dumps(said).encode()
    answer = site.call("POST", "/requests", body)
    assert answer.status_code == 201
    check_domain(answer.headers, SITE_DOMAIN)
    check_signature(
        answer.content, answer.headers, x509.load_pem_x509_certificate(site.client.get("/v2/certificate.pem").content)
    )
    told = answer.json()
    assert base64.b64decode(told["encoded_request"]) == body
    assert (told["controller_id"], told["subject_request_id"]) == ("example-devices", said["subject_request_id"])
    assert told["expected_completion_time"] == "2026-03-15T22:59:59Z"
    (case_id,) = site.cases
    with site.bench.file(case_id) as file:
        order = file.orders.demanded
        assert (order.systems, file.identity_is_clear, file.outbox.titles()) == (SERVED, True, [])
        entries = {entry.event: entry for entry in file.ledger.entries()}
    assert entries["CaseOpened"].details["work_to_on"] == "2026-03-15", "what was agreed, and not the month of the law"
    assert entries["DecisionRecorded"].details["signed_in"] == "known by its token and a signature that was checked"
    assert ANNA_ID.value not in repr(entries)
    assert [one.case_id for one in site.app.store.waiting.due(10, in_bulk=False)] == [case_id]
    # Sent again since the answer was lost, it is the same order.
    site.bench.pass_time(timedelta(minutes=1))
    again = site.post(said | {"submitted_time": site.app.now().isoformat()})
    assert again.status_code == 201
    assert again.json()["received_time"] == told["received_time"]
    assert site.cases == [case_id]


def test_it_is_worked_to_the_day_that_was_agreed_also_when_the_dates_are_computed_anew(site):
    site.post(site.asked(extensions={"rightsflow": {"due_on": "2026-03-09"}}))
    (case_id,) = site.cases
    with site.bench.file(case_id) as file:
        assert file.work_to_on.isoformat() == "2026-03-09"
        renew_case_dates(file, site.app)
        assert file.work_to_on.isoformat() == "2026-03-09"
        assert "as agreed with the controller" in file.explanation


def test_a_recorded_request_is_no_second_order_and_is_refused_after_a_day(site):
    said = site.asked()
    body = json.dumps(said).encode()
    headers = dict(site.signer.as_controller(body))
    for _ in range(2):
        assert site.call("POST", "/requests", body, headers=headers).status_code == 201
    assert len(site.cases) == 1
    site.bench.pass_time(timedelta(hours=25))
    assert site.call("POST", "/requests", body, headers=headers).status_code == 400
    assert len(site.cases) == 1


def test_another_body_under_a_known_id_is_refused(site):
    said = site.asked()
    site.post(said)
    other = said | {
        "subject_identities": [{"identity_type": "email", "identity_value": ANNA_EMAIL.value, "identity_format": "raw"}]
    }
    assert site.post(other).status_code == 400
    assert len(site.cases) == 1


UNPROVED = {
    "no token": (401, {"without": ("Authorization",)}),
    "an unknown token": (401, {"token": "guessed"}),
    "no signature": (403, {"without": ("X-OpenDSR-Signature",)}),
    "no domain": (403, {"without": ("X-OpenDSR-Controller-Domain",)}),
}


@pytest.mark.apart
def test_a_call_without_proof_is_refused(site):
    for status, how in UNPROVED.values():
        answer = site.post(site.asked(), **how)
        assert (answer.status_code, site.cases) == (status, [])
        assert ANNA_ID.value not in answer.text

    body = json.dumps(site.asked()).encode()
    signed = dict(site.signer.as_controller(body))
    stranger = Signer("localhost", str(site.keys / "site.pem"), (site.keys / "site.key").read_text, what="the site")
    wrong = [
        (body + b" ", signed),
        (body, signed | {"X-OpenDSR-Controller-Domain": "stranger.example"}),
        (body, dict(stranger.as_controller(body)) | {"X-OpenDSR-Controller-Domain": BRAND_DOMAIN}),
        (body, signed | {"X-OpenDSR-Signature": "not base64"}),
    ]
    for sent, headers in wrong:
        assert site.call("POST", "/requests", sent, headers=headers).status_code == 403
    assert site.cases == []


REGISTERED = {
    "that has expired": lambda: certificate(BRAND_DOMAIN, days=-300, of="brand"),
    "signed by itself": lambda: certificate(BRAND_DOMAIN, itself=True, of="brand"),
    "for another domain": lambda: certificate("stranger.example", of="brand"),
    "by another authority": lambda: certificate(BRAND_DOMAIN, by="Another authority", of="brand"),
    "that is an authority": authority,
}


@pytest.mark.parametrize("which", REGISTERED)
def test_a_certificate_is_refused(site, which):
    signer = site.signer
    (site.keys / "brand.pem").write_bytes(REGISTERED[which]().public_bytes(PEM))
    body = json.dumps(site.asked()).encode()
    assert site.call("POST", "/requests", body, headers=dict(signer.as_controller(body))).status_code == 403
    (site.keys / "brand.pem").unlink()
    assert site.call("POST", "/requests", body, headers=dict(signer.as_controller(body))).status_code == 403
    assert site.cases == []


def identity(kind="email", value="anna.quill@example.com", format_="raw"):
    return {"identity_type": kind, "identity_value": value, "identity_format": format_}


UNUSABLE = {
    "another law": {"regulation": "ccpa"},
    "a hashed identity": {"subject_identities": [identity(format_="sha256")]},
    "another processor": {"extensions": {"rightsflow": {"processor_domain": "stranger.example"}}},
    "a callback to this machine": {"status_callback_urls": ["https://127.0.0.1/"]},
    "a callback to a host that is not registered": {"status_callback_urls": ["https://stranger.example/"]},
    "a callback below a registered host": {"status_callback_urls": ["https://x.dsr.brand.example/"]},
    "a callback to another port": {"status_callback_urls": ["https://dsr.brand.example:22/"]},
}
"""Every other fault of a request is in ``tests/unit/domain/test_orders.py``."""


@pytest.mark.apart
def test_what_is_not_usable_is_refused_and_quotes_nothing(site):
    site.serve(callback_hosts=["dsr.brand.example"])
    for wrong, changes in UNUSABLE.items():
        answer = site.post(site.asked(**changes))
        assert answer.status_code == 400, wrong
        assert answer.json()["error"]["code"] == 400
        assert not any(value in answer.text for value in (ANNA_ID.value, "anna.quill", "stranger", "127.0.0.1")), wrong
    for body in (b"", b"[" * 60000):
        assert site.call("POST", "/requests", body).status_code == 400
    assert site.cases == []
    assert site.post(site.asked(status_callback_urls=["https://dsr.brand.example/told"])).status_code == 201


def test_a_body_that_is_too_large_is_refused_before_anything_is_read(site):
    assert site.call("POST", "/requests", b" " * (MOST_BYTES + 1)).status_code == 413
    chunks = site.client.post("/v2/requests", content=iter([b" " * MOST_BYTES, b" "]))
    assert chunks.status_code == 413


@pytest.mark.apart
def test_only_so_many_calls_are_answered_and_those_of_strangers_take_none_from_a_controller(site):
    site.serve(per_minute=60, strangers=60)
    asked = site.asked()
    statuses = [site.post(asked).status_code for _ in range(12)]
    assert (statuses.count(201), statuses.count(429)) == (10, 2)
    site.seconds[0] += 1
    assert site.post(asked).status_code == 201
    for _ in range(20):
        if site.post(asked, token="guessed").status_code == 429:
            break
    else:
        pytest.fail("strangers may call without an end")
    site.seconds[0] += 1
    assert site.post(asked).status_code == 201


@pytest.mark.apart
def test_a_controller_sees_its_own_orders_alone(site):
    said = site.asked()
    site.post(said)
    path = f"/requests/{said['subject_request_id']}"
    assert site.call("GET", path).json()["request_status"] == "pending"
    for method, further in (("GET", ""), ("DELETE", ""), ("GET", "/results"), ("GET", "/package")):
        assert site.call(method, path + further, token=OTHER_TOKEN).status_code == 404
    assert site.call("GET", f"/requests/{uuid4()}").status_code == 404
    assert site.call("GET", "/requests/1").status_code == 400


@pytest.mark.apart
def test_an_order_is_cancelled_while_it_is_pending_and_not_once_it_is_in_work(site):
    first, second = site.asked(), site.asked()
    site.post(first)
    path = f"/requests/{first['subject_request_id']}"
    assert site.call("DELETE", path, without=("X-OpenDSR-Signature",)).status_code == 403
    assert site.call("DELETE", path).status_code == 202
    assert site.call("GET", path).json()["request_status"] == "cancelled"
    assert site.call("DELETE", path).status_code == 202
    (case_id,) = site.cases
    with site.bench.file(case_id) as file:
        assert (file.state.value, file.outbox.titles()) == ("withdrawn", [])
    site.post(second)
    (other,) = set(site.cases) - {case_id}
    locate_records(site.app, other, "helpdesk")
    path = f"/requests/{second['subject_request_id']}"
    assert site.call("GET", path).json()["request_status"] == "in_progress"
    assert site.call("DELETE", path).status_code == 409
    assert site.call("GET", f"{path}/results").status_code == 409


def test_a_controller_without_a_certificate_is_known_by_its_token_and_gets_erasures_alone(site):
    said = site.asked(extensions=None)
    assert site.post(said, token=OTHER_TOKEN, headers={}).status_code == 201
    access = site.asked(extensions=None, subject_request_type="access")
    assert site.post(access, token=OTHER_TOKEN, headers={}).status_code == 400


def test_orders_of_two_controllers_and_a_persons_own_request_are_three_cases_that_know_nothing_of_each_other(site):
    own = open_request_form(site.app, RequestForm(right="erasure", customer_id=ANNA_ID.value, opened_by="Olga")).case_id
    site.post(site.asked())
    site.post(site.asked(extensions=None), token=OTHER_TOKEN, headers={})
    assert len(site.cases) == 2
    for case_id in (own, *site.cases):
        with site.bench.file(case_id) as file:
            assert "EarlierCasesFound" not in [entry.event for entry in file.ledger.entries()]
            assert file.identifiers.sharing() == {}


def test_no_other_system_is_searched_and_no_letter_is_written(site):
    site.post(site.asked())
    (case_id,) = site.cases
    with pytest.raises(Conflict, match="calls holds nothing"):
        locate_records(site.app, case_id, "calls")
    with pytest.raises(Conflict, match="which writes to the person itself"):
        extend(site.app, case_id, reason="the request is complex and concerns many systems", by="Dana")
    with site.bench.file(case_id) as file:
        assert file.outbox.titles() == []


def test_a_refused_order_is_cancelled_for_its_controller(site):
    said = site.asked()
    site.post(said)
    (case_id,) = site.cases
    search_for(site.app, case_id)
    prepare_plan(site.app, case_id)
    reach_gate(site.app, case_id, Gate.APPROVAL)
    refused = Decision(
        gate=Gate.APPROVAL,
        verdict=Verdict.REFUSED,
        by="Dana Decider",
        code=Reason.NO_GROUND.value,
        reason="The contract goes on.",
        details={"Purpose that goes on": "the contract", "Legal basis": "Art. 6(1)(b) GDPR"},
    )
    record_decision(site.app, case_id, refused)
    write_refusal(site.app, case_id)
    with site.bench.file(case_id) as file:
        assert (file.is_closed, file.outbox.titles()) == (True, [])
    assert site.call("GET", f"/requests/{said['subject_request_id']}").json()["request_status"] == "cancelled"


@pytest.mark.apart
def test_nothing_held_is_certified_too(site):
    said = site.asked(subject_identities=[identity(value="unknown.person@example.net")])
    site.post(said)
    (case_id,) = site.cases
    fulfil(site.app, case_id)
    path = f"/requests/{said['subject_request_id']}"
    status = site.call("GET", path).json()
    assert (status["request_status"], status["results_count"]) == ("completed", 0)
    certificate_ = site.call("GET", f"{path}/results").json()
    assert (certificate_["records"], certificate_["systems_searched"]) == ([], 2)
    assert site.call("GET", f"{path}/package").status_code == 409


@pytest.mark.apart
def test_a_controller_whose_certificate_was_revoked_is_refused_and_while_that_is_not_known_it_waits(site):
    with running_lists() as lists:
        registered = certificate(BRAND_DOMAIN, of="brand", lists=[lists.url])
        (site.keys / "brand.pem").write_bytes(registered.public_bytes(PEM))
        section = site.app.settings.inbound.opendsr
        checked = {"revocation": RevocationCheck.REQUIRED, "revocation_hosts": ("localhost",)}
        settings = site.app.settings.model_copy(update={"inbound": Inbound(opendsr=section.model_copy(update=checked))})
        client = TestClient(make_listener(replace(site.app, settings=settings)), base_url="https://localhost")
        site.client = client
        lists.status = 503
        assert site.post(site.asked()).status_code == 503
        assert site.cases == []
        site.bench.pass_time(timedelta(minutes=1))
        lists.status, lists.content = 200, revocation_list(registered, at=site.app.now())
        assert site.post(site.asked()).status_code == 403
        assert site.cases == []
        site.bench.pass_time(timedelta(hours=12))
        lists.content = revocation_list(at=site.app.now())
        assert site.post(site.asked()).status_code == 201


@pytest.mark.apart
def test_who_ordered_cannot_approve(site):
    site.post(site.asked())
    (case_id,) = site.cases
    with pytest.raises(Conflict, match="four eyes"):
        fulfil(site.app, case_id, by="Example Devices GmbH")


def test_the_listener_is_off_by_default_and_refuses_what_cannot_sign(site):
    settings = site.app.settings.model_copy(update={"inbound": type(site.app.settings.inbound)()})
    with pytest.raises(Misconfigured, match="Nothing is taken from others"):
        make_listener(replace(site.app, settings=settings))
    Path(site.keys / "site.key").write_bytes(key_pem("brand"))
    with pytest.raises(Misconfigured, match="fits its certificate"):
        site.serve()
    (site.keys / "site.key").write_bytes(key_pem("site"))
    (site.keys / "other.token").write_text(TOKEN)
    with pytest.raises(Misconfigured, match="the same token"):
        site.serve()
    (site.keys / "other.token").write_text("short")
    with pytest.raises(Misconfigured, match="too short"):
        site.serve()
