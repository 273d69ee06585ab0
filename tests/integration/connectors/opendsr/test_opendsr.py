"""OpenDSR 2.0 over TLS: nothing counts which is not proved to be the processor's; its certificates and callbacks."""

from __future__ import annotations

import json
import ssl
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import UUID

import pytest

from connectors.http import Patience
from connectors.opendsr import OpenDsrClient
from connectors.opendsr.callbacks import addresses_of, is_public, post_callback
from connectors.opendsr.signing import Signer
from rightsflow.domain.errors import ConnectorError, Misconfigured, Permanent, Refused, Transient
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.processors.opendsr import OpenDsrCall, OpenDsrStatus
from rightsflow.domain.vocabulary.rights import Right
from tests.support.peers.opendsr import CONTROLLER, DOMAIN, PEM, authority, certificate, key_pem, running_processor

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


@pytest.mark.apart
def test_a_certificate_that_others_refuse_is_told(tmp_path):
    for made, domain, said in (
        ({}, DOMAIN, ""),
        ({"domain": f"*.{DOMAIN.partition('.')[2]}"}, DOMAIN, ""),
        ({"itself": True}, DOMAIN, "signed by itself"),
        ({"days": -1}, DOMAIN, "not in its time"),
        ({"days": 5}, DOMAIN, "renew it"),
        ({}, "other.example", "does not name other.example"),
        ({"domain": f"*.{DOMAIN}"}, DOMAIN, "does not name"),
    ):
        file = tmp_path / "own.pem"
        file.write_bytes(certificate(**made).public_bytes(PEM))
        doubt = Signer(domain, str(file), lambda: key_pem().decode(), what="a test").doubt(datetime.now(UTC))
        assert (said in doubt, bool(doubt)) == (True, bool(said))


def test_one_that_has_not_begun_is_told(tmp_path):
    file = tmp_path / "own.pem"
    file.write_bytes(certificate().public_bytes(PEM))
    long_ago = datetime.now(UTC) - timedelta(days=40 * 365)
    assert "not in its time" in Signer(DOMAIN, str(file), lambda: key_pem().decode(), what="a test").doubt(long_ago)


HOST = "told.example"
BODY = b'{"request_status": "completed"}'


@contextmanager
def listening(folder, *, status=202, domain=HOST):
    """A server with a certificate for a domain; gives its port and what arrived there."""
    arrived = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            arrived.append((self.path, self.headers["Host"], self.headers["X-OpenDSR-Signature"], body))
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            """Nothing."""

    keyfile = folder / "server.pem"
    keyfile.write_bytes(key_pem("told") + certificate(domain, of="told").public_bytes(PEM))
    (folder / "authority.pem").write_bytes(authority().public_bytes(PEM))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(keyfile)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], arrived
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def post(folder, port, *, addresses=("127.0.0.1",), may_reach=lambda _: True):
    post_callback(
        f"https://{HOST}:{port}/told?x=1",
        BODY,
        {"X-OpenDSR-Signature": "signed"},
        ca_file=str(folder / "authority.pem"),
        resolve=lambda *_: list(addresses),
        may_reach=may_reach,
    )


@pytest.mark.apart
def test_it_goes_to_the_address_that_was_looked_at_under_the_name_of_the_host(tmp_path):
    with listening(tmp_path) as (port, arrived):
        post(tmp_path, port)
    assert arrived == [("/told?x=1", f"{HOST}:{port}", "signed", BODY)]


PRIVATE = (
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "::1", "fe80::1", "fd00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
)  # fmt: skip


@pytest.mark.apart
def test_an_address_in_a_network_of_ones_own_is_not_called(tmp_path):
    for address in PRIVATE:
        assert not is_public(address)
        with listening(tmp_path) as (port, arrived):
            for addresses in ((address,), ("93.184.216.34", address)):
                with pytest.raises(Refused, match="network of our own"):
                    post(tmp_path, port, addresses=addresses, may_reach=is_public)
        assert arrived == []


@pytest.mark.apart
def test_by_default_this_machine_is_not_called(tmp_path):
    with listening(tmp_path, domain="localhost") as (port, arrived):
        with pytest.raises(Refused, match="network of our own"):
            post_callback(f"https://localhost:{port}/", BODY, {}, ca_file=str(tmp_path / "authority.pem"))
        assert addresses_of("localhost", port)
    assert arrived == []


def test_a_redirect_is_not_followed_and_counts_as_not_taken(tmp_path):
    with listening(tmp_path, status=307) as (port, arrived), pytest.raises(Transient, match="not taken"):
        post(tmp_path, port)
    assert len(arrived) == 1


def test_a_host_that_does_not_prove_its_name_hears_nothing(tmp_path):
    with listening(tmp_path, domain="stranger.example") as (port, arrived), pytest.raises(Transient):
        post(tmp_path, port)
    assert arrived == []


def test_a_host_that_is_not_there_is_a_fault_that_passes(tmp_path):
    def unknown(*_):
        raise OSError("no such host")

    with pytest.raises(Transient):
        post_callback("https://gone.example/", BODY, {}, resolve=unknown)
