"""OpenDSR 2.0 over TLS: what is asked, and that nothing counts which is not proved to be the processor's."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from connectors.http import Patience
from connectors.opendsr import OpenDsrClient
from rightsflow.domain.errors import ConnectorError, Misconfigured, Permanent, Refused
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.processors.opendsr import OpenDsrCall, OpenDsrStatus
from rightsflow.domain.vocabulary.rights import Right
from tests.support.peers.opendsr import CONTROLLER, DOMAIN, authority, certificate, running_processor

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
CALL = OpenDsrCall(
    request_id="a8098c1a-f86e-41da-bd1a-00112444be1e",
    right=Right.ERASURE,
    submitted_at=NOW,
    identifiers=(identifier(IdentifierKind.CUSTOMER_ID, "C-10001"),),
)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with running_processor(tmp_path_factory.mktemp("processor")) as made:
        yield made


@pytest.fixture
def processor(running):
    """The processor as it is at first."""
    fresh = type(running)(url=running.url, ca_file=running.ca_file)
    running.__dict__.update(fresh.__dict__)
    return running


def client_of(processor, **changes):
    given = {
        "base_url": processor.url,
        "domain": DOMAIN,
        "controller_id": CONTROLLER,
        "token": lambda: "known",
        "ca_file": processor.ca_file,
        "now": lambda: datetime.now(UTC),
        "patience": Patience(retries=0),
    }
    return OpenDsrClient("callhouse", **(given | changes))


def test_an_erasure_is_asked_for_as_the_specification_says(processor):
    client_of(processor).ask(CALL)
    asked = processor.requests[CALL.request_id]
    assert UUID(asked["subject_request_id"]).version == 4
    assert asked == {
        "regulation": "gdpr",
        "subject_request_id": CALL.request_id,
        "subject_request_type": "erasure",
        "subject_identities": [
            {"identity_type": "controller_customer_id", "identity_value": "C-10001", "identity_format": "raw"}
        ],
        "submitted_time": "2026-03-05T09:00:00Z",
        "api_version": "2.0",
    }


def test_asked_again_it_is_the_same_request(processor):
    client = client_of(processor)
    client.ask(CALL)
    client.ask(CALL)
    assert len(processor.requests) == 1
    assert processor.calls[-1] == ("GET", f"/v2/requests/{CALL.request_id}")


def test_a_status_is_read_with_a_proof_that_can_be_checked_again(processor):
    client = client_of(processor)
    client.ask(CALL)
    processor.status, processor.results_count = "completed", 4
    said = client.status(CALL.request_id)
    assert (said.status, said.results_count) == (OpenDsrStatus.COMPLETED, 4)
    proof = json.loads(said.proof)
    assert proof["certificate"].startswith("-----BEGIN CERTIFICATE-----")
    assert "C-10001" not in said.proof.decode()


def test_the_names_of_before_version_2_are_honoured(processor):
    processor.prefix = "X-OpenGDPR-"
    client_of(processor).ask(CALL)


WRONG = {
    "another domain in the header": {"domain": "processor.example"},
    "a body that was altered": {"altered": True},
    "no domain": {"without": "X-OpenDSR-Processor-Domain"},
    "no signature": {"without": "X-OpenDSR-Signature"},
    "a certificate that has expired": {"signing": certificate(days=-1)},
    "a certificate for another domain": {"signing": certificate("processor.example")},
    "a certificate signed by itself": {"signing": certificate(itself=True)},
    "a certificate by another authority": {"signing": certificate(by="Another authority")},
    "an authority instead of a certificate": {"signing": authority("Another authority")},
    "an answer to another controller": {"controller": "somebody-else"},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_not_proved_is_refused(processor, wrong):
    client_of(processor).ask(CALL)
    processor.__dict__.update(WRONG[wrong] | {"status": "completed"})
    with pytest.raises(Refused) as refused:
        client_of(processor).status(CALL.request_id)
    assert "C-10001" not in str(refused.value)


def test_the_domain_is_looked_at_before_the_certificate_is_fetched(processor):
    client_of(processor).ask(CALL)
    processor.domain = "processor.example"
    processor.calls.clear()
    with pytest.raises(Refused, match="does not name the processor's domain"):
        client_of(processor).status(CALL.request_id)
    assert ("GET", "/v2/certificate.pem") not in processor.calls


def test_the_signature_is_checked_before_anything_is_read(processor):
    client_of(processor).ask(CALL)
    processor.status, processor.altered = "no status at all", True
    with pytest.raises(Refused, match="not signed"):
        client_of(processor).status(CALL.request_id)
    processor.altered = False
    with pytest.raises(Permanent, match=r"not as OpenDSR 2\.0 says"):
        client_of(processor).status(CALL.request_id)


@pytest.mark.parametrize(
    "changes",
    [{"token": lambda: "guessed"}, {"ca_file": ""}],
    ids=["a wrong token", "TLS by an authority that is not trusted"],
)
def test_a_call_that_does_not_go_through_is_a_fault(processor, changes):
    with pytest.raises((ConnectorError, Misconfigured)) as fault:
        client_of(processor, **changes).ask(CALL)
    assert not processor.requests
    assert "C-10001" not in str(fault.value)


def test_what_the_processor_does_not_take_is_not_sent_to_it(processor):
    processor.kinds = ("email",)
    with pytest.raises(Permanent, match="does not take erasures by such identifiers"):
        client_of(processor).ask(CALL)
    assert not processor.requests


def test_a_probe_says_that_it_is_in_order_or_why_not(processor):
    assert client_of(processor).probe() == "It answers and proves to be localhost; its certificate ends in 29 days."
    processor.signing = certificate("processor.example")
    with pytest.raises(Refused, match="not for its domain"):
        client_of(processor).probe()
    with pytest.raises((ConnectorError, Misconfigured)):
        client_of(processor, ca_file="").probe()
