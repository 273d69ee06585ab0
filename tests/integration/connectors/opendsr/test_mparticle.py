"""mParticle's version 3 of OpenDSR: what it is asked, and that nothing of it counts without its signature."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors.http import Patience
from connectors.opendsr import OpenDsrClient
from rightsflow.domain.errors import ConnectorError, Misconfigured, Permanent, Refused
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.processors.opendsr import OpenDsrCall, OpenDsrDialect, OpenDsrStatus
from rightsflow.domain.vocabulary.rights import Right
from tests.support.peers.mparticle import KEY_AND_SECRET, WORKSPACE, MParticle
from tests.support.peers.opendsr import DOMAIN, certificate, running_processor

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
EMAIL = identifier(IdentifierKind.EMAIL, "anna.quill@example.com")
CALL = OpenDsrCall(
    request_id="a7551968-d5d6-44b2-9831-815ac9017798", right=Right.ERASURE, submitted_at=NOW, identifiers=(EMAIL,)
)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with running_processor(tmp_path_factory.mktemp("mparticle"), MParticle()) as made:
        yield made


@pytest.fixture
def processor(running):
    """The processor as it is at first."""
    running.__dict__.update(MParticle(url=running.url, ca_file=running.ca_file).__dict__)
    return running


def client_of(processor, **changes):
    given = {
        "base_url": processor.url,
        "domain": DOMAIN,
        "controller_id": WORKSPACE,
        "token": lambda: KEY_AND_SECRET,
        "ca_file": processor.ca_file,
        "now": lambda: datetime.now(UTC),
        "patience": Patience(retries=0),
        "dialect": OpenDsrDialect.MPARTICLE_V3,
    }
    return OpenDsrClient("mparticle", **(given | changes))


def test_an_erasure_is_asked_for_as_its_documents_say_and_its_status_read(processor):
    client = client_of(processor)
    client.ask(CALL)
    assert processor.requests[CALL.request_id] == {
        "regulation": "gdpr",
        "subject_request_id": CALL.request_id,
        "subject_request_type": "erasure",
        "subject_identities": {"email": {"value": EMAIL.value, "encoding": "raw"}},
        "submitted_time": "2026-03-05T09:00:00Z",
        "api_version": "3.0",
    }
    client.ask(CALL)
    assert processor.faults == ["Subject request already exists"], "asked again, it is the same request"
    processor.status = "completed"
    said = client.status(CALL.request_id)
    assert (said.status, said.results_count, said.results_url) == (OpenDsrStatus.COMPLETED, None, "")
    assert EMAIL.value not in said.proof.decode()
    assert client.probe().startswith(f"It answers and proves to be {DOMAIN}")


def test_two_identifiers_of_a_kind_are_left_to_people(processor):
    two = replace(CALL, identifiers=(EMAIL, identifier(IdentifierKind.EMAIL, "anna@example.org")))
    with pytest.raises(Permanent, match="one identifier of a kind"):
        client_of(processor).ask(two)
    assert processor.requests == {}


@pytest.mark.parametrize(
    "wrong",
    [
        {"signs_status": False},
        {"altered": True},
        {"signing": lambda: certificate("other.example")},
        {"signing": lambda: certificate(itself=True)},
        {"controller": "4308"},
    ],
    ids=["no signature", "altered", "another domain", "signed by itself", "another workspace"],
)
def test_what_is_not_proved_is_refused(processor, wrong):
    client_of(processor).ask(CALL)
    told = {name: value() if callable(value) else value for name, value in wrong.items()}
    processor.__dict__.update(told | {"status": "completed"})
    with pytest.raises(Refused) as refused:
        client_of(processor).status(CALL.request_id)
    assert EMAIL.value not in str(refused.value)


@pytest.mark.parametrize("token", ["a-bearer-token", "guessed:secret", ":"])
def test_key_and_secret_have_to_be_those_of_the_workspace(processor, token):
    with pytest.raises((ConnectorError, Misconfigured)) as fault:
        client_of(processor, token=lambda: token).ask(CALL)
    assert processor.requests == {}
    assert "guessed" not in str(fault.value)


def test_a_callback_names_no_address_and_is_about_a_request_of_our_workspace(processor):
    client = client_of(processor, callback_url="https://dsr.example.com/v2/opendsr_callbacks")
    said = {"controller_id": WORKSPACE, "subject_request_id": CALL.request_id, "request_status": "completed"}
    body = json.dumps(said | {"api_version": "3.0", "results_url": None, "extensions": None}).encode()
    assert client.told_by_callback(body, processor.headers(body)) == CALL.request_id
    other = json.dumps(said | {"controller_id": "4308"}).encode()
    for wrong, headers in ((other, processor.headers(other)), (body + b" ", processor.headers(body)), (body, {})):
        with pytest.raises(Refused):
            client.told_by_callback(wrong, headers)
    specification = client_of(
        processor, callback_url="https://dsr.example.com/v2/c", dialect=OpenDsrDialect.SPECIFICATION
    )
    with pytest.raises(Refused):
        specification.told_by_callback(body, processor.headers(body))
