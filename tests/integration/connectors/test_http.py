"""The rules of every call, over real connections."""

from __future__ import annotations

import logging
import socket
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import requests
from pydantic import BaseModel, ValidationError

from connectors.faults import FAULTS, fault_for
from connectors.http import HttpClient, Patience, ServiceUrl, guarded_session
from connectors.transport import is_among
from rightsflow.domain.errors import ConnectorError, Misconfigured, Permanent, Refused, Transient
from tests.integration.connectors.wire import Answer, Wire, self_signed, wire

OK = Answer(body=b'{"fine": true}')
PERSONAL = b'{"error": "anna@example.com is locked"}'


class Key:
    """Credentials that note how often they were renewed."""

    def __init__(self, renewals: int = 0) -> None:
        self.number = 1
        self.renewals = renewals

    def header(self) -> str:
        return f"Bearer key-{self.number}"

    def renew(self) -> bool:
        self.number += 1
        return self.number - 1 <= self.renewals


def client(served: Wire, slept: list[float] | None = None, *, key: Key | None = None, **patience: float) -> HttpClient:
    waits = slept if slept is not None else []
    given = Patience(sleep=waits.append, **patience)  # type: ignore[arg-type]
    return HttpClient("helpdesk", served.url, credentials=key, patience=given)


def get(http: HttpClient) -> requests.Response:
    return http.call("locate", "GET", "/users?query=anna%40example.com")


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_fault_that_passes_is_waited_out_exponentially(status: int) -> None:
    slept: list[float] = []
    with wire(Answer(status=status), Answer(status=status), OK) as served:
        assert get(client(served, slept)).json() == {"fine": True}
    assert len(served.asked) == 3
    assert 0 <= slept[0] < slept[1] + 0.5 <= 3


def test_retry_after_is_slept_as_asked() -> None:
    slept: list[float] = []
    with wire(Answer(status=429, headers={"Retry-After": "17"}), OK) as served:
        get(client(served, slept))
    assert slept == [17]


def test_retry_after_may_be_a_date() -> None:
    slept: list[float] = []
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=40), usegmt=True)
    with wire(Answer(status=503, headers={"Retry-After": later}), OK) as served:
        get(client(served, slept))
    assert 30 < slept[0] <= 40


def test_long_retry_after_is_not_slept_but_handed_on() -> None:
    slept: list[float] = []
    answer = Answer(status=429, headers={"Retry-After": "61", "X-Request-Id": "req-1"}, body=PERSONAL)
    with wire(answer) as served, pytest.raises(Transient) as raised:
        get(client(served, slept))
    assert raised.value.retry_after == 61
    assert (raised.value.system, raised.value.operation) == ("helpdesk", "locate")
    assert (raised.value.status, raised.value.request_id) == ("429", "req-1")
    assert slept == []
    assert len(served.asked) == 1


def test_a_request_id_that_repeats_what_was_asked_is_hashed(caplog: pytest.LogCaptureFixture) -> None:
    answer = Answer(status=422, headers={"X-Request-Id": "search for anna@example.com"})
    with wire(answer) as served, caplog.at_level(logging.DEBUG), pytest.raises(Refused) as raised:
        get(client(served))
    assert raised.value.request_id.startswith("sha256:")
    assert "anna" not in str(raised.value) + caplog.text


def test_retries_end() -> None:
    slept: list[float] = []
    with wire(Answer(status=503)) as served, pytest.raises(Transient):
        get(client(served, slept, retries=2))
    assert len(served.asked) == 3


def test_call_that_is_not_idempotent_is_made_once() -> None:
    with wire(Answer(status=503), OK) as served, pytest.raises(Transient):
        client(served).call("erase", "POST", "/things", body={})
    assert len(served.asked) == 1


def test_call_with_an_idempotency_key_is_repeated_with_it() -> None:
    with wire(Answer(status=503), Answer(status=0), OK) as served:
        client(served).call("erase", "POST", "/things", body={}, idempotency_key="once")
    assert [one.headers["idempotency-key"] for one in served.asked] == ["once"] * 3


def test_connection_that_is_cut_is_made_again() -> None:
    with wire(Answer(status=0), OK) as served:
        assert get(client(served)).ok
    assert len(served.asked) == 2


def test_host_that_does_not_listen_is_transient_and_unnamed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    http = HttpClient("helpdesk", f"http://127.0.0.1:{port}", patience=Patience(retries=1, sleep=lambda _: None))
    with pytest.raises(Transient) as raised:
        get(http)
    assert "anna" not in str(raised.value)


def test_answer_that_does_not_come_is_transient() -> None:
    held = threading.Event()
    with wire(Answer(hold=held)) as served:
        with pytest.raises(Transient, match="in time"):
            get(client(served, retries=0, read_seconds=0.05))
        held.set()


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, Permanent),
        (401, Misconfigured),
        (403, Misconfigured),
        (404, Permanent),
        (409, Transient),
        (410, Permanent),
        (418, Permanent),
        (422, Refused),
        (423, Refused),
        (451, Refused),
        (500, Transient),
        (501, Permanent),
        (507, Transient),
        (304, Permanent),
    ],
)
def test_status_is_told_by_what_recovers_and_without_the_body(status: int, error: type[Exception]) -> None:
    body = b"" if status == 304 else PERSONAL
    with wire(Answer(status=status, body=body)) as served, pytest.raises(error) as raised:
        get(client(served))
    assert "anna" not in f"{raised.value} {raised.value!r}"
    assert "helpdesk" in str(raised.value)
    assert raised.value.__suppress_context__ or raised.value.__context__ is None


def test_every_sentence_of_the_table_names_a_mend() -> None:
    for status in [*FAULTS, 302, 418, 599]:
        fault = fault_for(status)
        assert issubclass(fault.error, ConnectorError | Misconfigured)
        assert "; " in fault.sentence


def test_status_that_is_an_answer_is_given_back() -> None:
    with wire(Answer(status=404)) as served:
        assert client(served).call("locate", "GET", "/x", allow=(404,)).status_code == 404


def test_refused_credentials_are_renewed_once() -> None:
    with wire(Answer(status=401), OK) as served:
        assert get(client(served, key=Key(renewals=1))).ok
    assert [one.headers["authorization"] for one in served.asked] == ["Bearer key-1", "Bearer key-2"]


def test_credentials_that_stay_refused_are_misconfigured() -> None:
    with wire(Answer(status=401)) as served, pytest.raises(Misconfigured):
        get(client(served, key=Key(renewals=5)))
    assert len(served.asked) == 2


def test_redirect_to_another_host_loses_the_credentials() -> None:
    with wire(OK, host="localhost") as other:
        moved = Answer(status=302, headers={"Location": f"{other.url}/file"})
        with wire(moved) as served:
            get(client(served, key=Key()))
    assert served.asked[0].headers["authorization"] == "Bearer key-1"
    assert "authorization" not in other.asked[0].headers


def test_redirect_to_another_port_loses_what_the_caller_set_itself() -> None:
    with wire(OK) as other:
        moved = Answer(status=307, headers={"Location": f"{other.url}/x", "Set-Cookie": "session=1"})
        with wire(moved) as served:
            session = guarded_session([served.url])
            session.get(served.url, headers={"Authorization": "Bearer mine", "Cookie": "a=1"})
    assert served.asked[0].headers["authorization"] == "Bearer mine"
    assert not {"authorization", "cookie"} & set(other.asked[0].headers)


def test_redirect_within_the_host_keeps_them() -> None:
    with wire(Answer(status=302, headers={"Location": "/elsewhere"}), OK) as served:
        get(client(served, key=Key()))
    assert served.asked[1].headers["authorization"] == "Bearer key-1"


def test_endless_redirect_is_permanent() -> None:
    with wire(Answer(status=302, headers={"Location": "/again"})) as served, pytest.raises(Permanent):
        get(client(served))


def test_address_in_clear_outside_this_machine_is_never_called() -> None:
    moved = Answer(status=302, headers={"Location": "http://192.0.2.1/file"})
    with wire(moved) as served, pytest.raises(Permanent, match="secure"):
        get(client(served))


def test_bytes_stream_in_bounded_chunks_from_another_host_without_credentials() -> None:
    content = b"x" * 300_000
    with wire(Answer(body=content), host="localhost") as other, wire(OK) as served:
        chunks = list(client(served, key=Key()).stream("extract", f"{other.url}/file"))
    assert b"".join(chunks) == content
    assert max(map(len, chunks)) <= 64 * 1024
    assert "authorization" not in other.asked[0].headers


def with_hosts(served: Wire, *hosts: str) -> HttpClient:
    return HttpClient("helpdesk", served.url, credentials=Key(), patience=Patience(retries=0), hosts=hosts)


def test_a_file_on_a_host_that_is_not_known_is_not_fetched() -> None:
    """What a ticket names as an attachment, or a redirect, led anywhere: to our own network too."""
    with wire(OK) as served, pytest.raises(Misconfigured, match="attachment_hosts"):
        list(with_hosts(served, "files.example.com").stream("extract", "https://elsewhere.example.org/file"))


def test_a_redirect_to_a_host_that_is_not_known_is_not_followed() -> None:
    moved = Answer(status=302, headers={"Location": "https://169.254.169.254/latest/meta-data"})
    with wire(moved) as served, pytest.raises(Misconfigured, match="attachment_hosts"):
        list(with_hosts(served).stream("extract", f"{served.url}/file"))


@pytest.mark.parametrize("status", [307, 308])
@pytest.mark.parametrize("hosts", [(), ("localhost",), None], ids=["own host", "a known host", "any host"])
def test_a_body_is_never_repeated_to_another_host(status: int, hosts: tuple[str, ...] | None) -> None:
    """These redirects ask for the same method and body again."""
    with wire(OK, host="localhost") as other:
        moved = Answer(status=status, headers={"Location": f"{other.url}/collect"})
        with wire(moved) as served:
            http = HttpClient("helpdesk", served.url, credentials=Key(), hosts=hosts)
            with pytest.raises(Misconfigured):
                http.call("search", "POST", "/search", body={"email": "anna@example.com"})
    assert other.asked == []


def test_a_body_is_repeated_within_the_system() -> None:
    moved = Answer(status=307, headers={"Location": "/elsewhere"})
    with wire(moved, OK) as served:
        with_hosts(served).call("search", "POST", "/search", body={"query": "1"})
    assert [one.method for one in served.asked] == ["POST", "POST"]


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "10.0.0.8", "192.168.1.1", "169.254.169.254", "[::1]", "[fe80::1]", "[::ffff:10.0.0.8]"],
)
@pytest.mark.parametrize("hosts", [None, ("example.com",)], ids=["any host", "known hosts"])
def test_no_address_of_a_network_of_our_own_is_called(host: str, hosts: tuple[str, ...] | None) -> None:
    http = HttpClient("helpdesk", "https://example.zendesk.com", patience=Patience(retries=0), hosts=hosts)
    with pytest.raises(Misconfigured, match="attachment_hosts"):
        list(http.stream("extract", f"https://{host}/file"))


def test_a_name_below_a_known_host_may_not_lead_into_our_own_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who owns a name decides where it leads; the same name written into the settings is meant."""
    monkeypatch.setattr("socket.getaddrinfo", lambda *_a, **_b: [(2, 1, 6, "", ("10.0.0.8", 443))])
    http = HttpClient("helpdesk", "https://example.zendesk.com", patience=Patience(retries=0), hosts=["example.com"])
    with pytest.raises(Misconfigured, match="attachment_hosts"):
        list(http.stream("extract", "https://p1.example.com/file"))


@pytest.mark.parametrize(
    ("host", "is_known"),
    [("example.com", True), ("p1.example.com", True), ("notexample.com", False), ("example.com.evil.org", False)],
)
def test_hosts_are_known_by_whole_labels(host: str, is_known: bool) -> None:
    assert is_among(host, {"example.com"}) is is_known


def test_bytes_that_end_too_early_are_not_taken_for_the_whole() -> None:
    short = Answer(body=b"short", headers={"Content-Length": "500"})
    with wire(short) as served, pytest.raises(Transient):
        list(client(served).stream("extract", f"{served.url}/file"))


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (200, {"Content-Type": "audio/wav; rate=8000"}, "audio/wav"),
        (200, {}, "application/octet-stream"),
        (404, {}, None),
        (410, {}, None),
    ],
)
def test_media_type_tells_whether_bytes_are_there(status: int, headers: dict[str, str], expected: str | None) -> None:
    with wire(Answer(status=status, headers=headers)) as served:
        assert client(served).media_type("presence", f"{served.url}/file") == expected


@pytest.mark.parametrize("body", [b"<html>", b"[1]", b""])
def test_answer_that_is_no_object_is_permanent(body: bytes) -> None:
    with wire(Answer(body=body)) as served:
        http = client(served)
        with pytest.raises(Permanent, match="JSON"):
            http.json("locate", get(http))


def test_every_request_says_who_calls() -> None:
    with wire(OK) as served:
        get(client(served))
    assert served.asked[0].headers["user-agent"].startswith("rightsflow/")


def test_certificate_that_nobody_vouches_for_is_misconfigured(tmp_path: Path) -> None:
    with wire(OK, tls=self_signed(tmp_path)) as served, pytest.raises(Misconfigured, match="certificate"):
        get(client(served, retries=0))
    assert served.asked == []


def test_certificate_is_checked_even_where_a_caller_asks_not_to(tmp_path: Path) -> None:
    with wire(OK, tls=self_signed(tmp_path)) as served, pytest.raises(requests.exceptions.SSLError):
        guarded_session([served.url], patience=Patience(retries=0)).get(served.url, verify=False)
    assert served.asked == []


def test_no_address_reaches_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with wire(Answer(status=0), Answer(status=503), OK) as served:
        get(client(served))
    assert any("helpdesk locate: 200" in record.getMessage() for record in caplog.records)
    assert not any("anna" in record.getMessage() for record in caplog.records)


class Section(BaseModel):
    base_url: ServiceUrl


@pytest.mark.parametrize("url", ["https://example.zendesk.com", "http://127.0.0.1:8080", "http://localhost"])
def test_address_of_a_service_may_be(url: str) -> None:
    assert Section(base_url=url + "/").base_url == url


@pytest.mark.parametrize(
    "url", ["http://example.com", "ftp://example.com", "example.com", "https://", "https://a:b@c.example", "https://[x"]
)
def test_address_of_a_service_may_not_be(url: str) -> None:
    with pytest.raises(ValidationError):
        Section(base_url=url)
