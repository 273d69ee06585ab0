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


def test_fault_that_passes_is_waited_out_as_asked() -> None:
    # Fault that passes is waited out exponentially.
    for status in (429, 502, 503, 504):
        slept: list[float] = []
        with wire(Answer(status=status), Answer(status=status), OK) as served:
            assert get(client(served, slept)).json() == {"fine": True}
        assert len(served.asked) == 3
        assert 0 <= slept[0] < slept[1] + 0.5 <= 3
    # Retry after is slept as asked.
    slept: list[float] = []
    with wire(Answer(status=429, headers={"Retry-After": "17"}), OK) as served:
        get(client(served, slept))
    assert slept == [17]
    # Retry after may be a date.
    slept: list[float] = []
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=40), usegmt=True)
    with wire(Answer(status=503, headers={"Retry-After": later}), OK) as served:
        get(client(served, slept))
    assert 30 < slept[0] <= 40
    # Long retry after is not slept but handed on.
    slept: list[float] = []
    answer = Answer(status=429, headers={"Retry-After": "61", "X-Request-Id": "req-1"}, body=PERSONAL)
    with wire(answer) as served, pytest.raises(Transient) as raised:
        get(client(served, slept))
    assert raised.value.retry_after == 61
    assert (raised.value.system, raised.value.operation) == ("helpdesk", "locate")
    assert (raised.value.status, raised.value.request_id) == ("429", "req-1")
    assert slept == []
    assert len(served.asked) == 1
    # Retries end.
    slept: list[float] = []
    with wire(Answer(status=503)) as served, pytest.raises(Transient):
        get(client(served, slept, retries=2))
    assert len(served.asked) == 3


def test_a_request_id_that_repeats_what_was_asked_is_hashed(caplog: pytest.LogCaptureFixture) -> None:
    answer = Answer(status=422, headers={"X-Request-Id": "search for anna@example.com"})
    with wire(answer) as served, caplog.at_level(logging.DEBUG), pytest.raises(Refused) as raised:
        get(client(served))
    assert raised.value.request_id.startswith("sha256:")
    assert "anna" not in str(raised.value) + caplog.text


def test_call_is_repeated_where_that_is_safe() -> None:
    # Call that is not idempotent is made once.
    with wire(Answer(status=503), OK) as served, pytest.raises(Transient):
        client(served).call("erase", "POST", "/things", body={})
    assert len(served.asked) == 1
    # Call with an idempotency key is repeated with it.
    with wire(Answer(status=503), Answer(status=0), OK) as served:
        client(served).call("erase", "POST", "/things", body={}, idempotency_key="once")
    assert [one.headers["idempotency-key"] for one in served.asked] == ["once"] * 3
    # Connection that is cut is made again.
    with wire(Answer(status=0), OK) as served:
        assert get(client(served)).ok
    assert len(served.asked) == 2


def test_what_does_not_answer_is_transient() -> None:
    # Host that does not listen is transient and unnamed.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    http = HttpClient("helpdesk", f"http://127.0.0.1:{port}", patience=Patience(retries=1, sleep=lambda _: None))
    with pytest.raises(Transient) as raised:
        get(http)
    assert "anna" not in str(raised.value)
    # Answer that does not come is transient.
    held = threading.Event()
    with wire(Answer(hold=held)) as served:
        with pytest.raises(Transient, match="in time"):
            get(client(served, retries=0, read_seconds=0.05))
        held.set()


def test_status_is_told_by_what_recovers_and_without_the_body() -> None:
    # Status is told by what recovers and without the body.
    for status, error in (
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
    ):
        body = b"" if status == 304 else PERSONAL
        with wire(Answer(status=status, body=body)) as served, pytest.raises(error) as raised:
            get(client(served))
        assert "anna" not in f"{raised.value} {raised.value!r}"
        assert "helpdesk" in str(raised.value)
        assert raised.value.__suppress_context__ or raised.value.__context__ is None
    # Every sentence of the table names a mend.
    for status in [*FAULTS, 302, 418, 599]:
        fault = fault_for(status)
        assert issubclass(fault.error, ConnectorError | Misconfigured)
        assert "; " in fault.sentence
    with wire(Answer(status=404)) as served:
        assert client(served).call("locate", "GET", "/x", allow=(404,)).status_code == 404


def test_refused_credentials_are_renewed_once() -> None:
    # Refused credentials are renewed once.
    with wire(Answer(status=401), OK) as served:
        assert get(client(served, key=Key(renewals=1))).ok
    assert [one.headers["authorization"] for one in served.asked] == ["Bearer key-1", "Bearer key-2"]
    # Credentials that stay refused are misconfigured.
    with wire(Answer(status=401)) as served, pytest.raises(Misconfigured):
        get(client(served, key=Key(renewals=5)))
    assert len(served.asked) == 2


def test_redirect_keeps_credentials_within_the_host() -> None:
    # Redirect to another host loses the credentials.
    with wire(OK, host="localhost") as other:
        moved = Answer(status=302, headers={"Location": f"{other.url}/file"})
        with wire(moved) as served:
            get(client(served, key=Key()))
    assert served.asked[0].headers["authorization"] == "Bearer key-1"
    assert "authorization" not in other.asked[0].headers
    # Redirect to another port loses what the caller set itself.
    with wire(OK) as other:
        moved = Answer(status=307, headers={"Location": f"{other.url}/x", "Set-Cookie": "session=1"})
        with wire(moved) as served:
            session = guarded_session([served.url])
            session.get(served.url, headers={"Authorization": "Bearer mine", "Cookie": "a=1"})
    assert served.asked[0].headers["authorization"] == "Bearer mine"
    assert not {"authorization", "cookie"} & set(other.asked[0].headers)
    # Redirect within the host keeps them.
    with wire(Answer(status=302, headers={"Location": "/elsewhere"}), OK) as served:
        get(client(served, key=Key()))
    assert served.asked[1].headers["authorization"] == "Bearer key-1"
    with wire(Answer(status=302, headers={"Location": "/again"})) as served, pytest.raises(Permanent):
        get(client(served))
    # Address in clear outside this machine is never called.
    moved = Answer(status=302, headers={"Location": "http://192.0.2.1/file"})
    with wire(moved) as served, pytest.raises(Permanent, match="secure"):
        get(client(served))


def test_bytes_come_from_known_hosts_without_credentials() -> None:
    # Bytes stream in bounded chunks from another host without credentials.
    content = b"x" * 300_000
    with wire(Answer(body=content), host="localhost") as other, wire(OK) as served:
        chunks = list(client(served, key=Key()).stream("extract", f"{other.url}/file"))
    assert b"".join(chunks) == content
    assert max(map(len, chunks)) <= 64 * 1024
    assert "authorization" not in other.asked[0].headers
    # What a ticket names as an attachment, or a redirect, led anywhere: to our own network too.
    with wire(OK) as served, pytest.raises(Misconfigured, match="attachment_hosts"):
        list(with_hosts(served, "files.example.com").stream("extract", "https://elsewhere.example.org/file"))
    # A redirect to a host that is not known is not followed.
    moved = Answer(status=302, headers={"Location": "https://169.254.169.254/latest/meta-data"})
    with wire(moved) as served, pytest.raises(Misconfigured, match="attachment_hosts"):
        list(with_hosts(served).stream("extract", f"{served.url}/file"))


def with_hosts(served: Wire, *hosts: str) -> HttpClient:
    return HttpClient("helpdesk", served.url, credentials=Key(), patience=Patience(retries=0), hosts=hosts)


def test_a_body_is_repeated_within_the_system_only() -> None:
    # These redirects ask for the same method and body again.
    for hosts in ((), ("localhost",), None):
        for status in (307, 308):
            with wire(OK, host="localhost") as other:
                moved = Answer(status=status, headers={"Location": f"{other.url}/collect"})
                with wire(moved) as served:
                    http = HttpClient("helpdesk", served.url, credentials=Key(), hosts=hosts)
                    with pytest.raises(Misconfigured):
                        http.call("search", "POST", "/search", body={"email": "anna@example.com"})
            assert other.asked == []
    # A body is repeated within the system.
    moved = Answer(status=307, headers={"Location": "/elsewhere"})
    with wire(moved, OK) as served:
        with_hosts(served).call("search", "POST", "/search", body={"query": "1"})
    assert [one.method for one in served.asked] == ["POST", "POST"]


def test_hosts_are_known_by_whole_labels_and_outside_of_our_network() -> None:
    # No address of a network of our own is called.
    for hosts in (None, ("example.com",)):
        for host in (
            "127.0.0.1",
            "localhost",
            "10.0.0.8",
            "192.168.1.1",
            "169.254.169.254",
            "[::1]",
            "[fe80::1]",
            "[::ffff:10.0.0.8]",
        ):
            http = HttpClient("helpdesk", "https://example.zendesk.com", patience=Patience(retries=0), hosts=hosts)
            with pytest.raises(Misconfigured, match="attachment_hosts"):
                list(http.stream("extract", f"https://{host}/file"))
    # Hosts are known by whole labels.
    for host, is_known in (
        ("example.com", True),
        ("p1.example.com", True),
        ("notexample.com", False),
        ("example.com.evil.org", False),
    ):
        assert is_among(host, {"example.com"}) is is_known
    for url in ("https://example.zendesk.com", "http://127.0.0.1:8080", "http://localhost"):
        assert Section(base_url=url + "/").base_url == url
    # Address of a service may not be.
    for url in (
        "http://example.com",
        "ftp://example.com",
        "example.com",
        "https://",
        "https://a:b@c.example",
        "https://[x",
    ):
        with pytest.raises(ValidationError):
            Section(base_url=url)


def test_a_name_below_a_known_host_may_not_lead_into_our_own_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who owns a name decides where it leads; the same name written into the settings is meant."""
    monkeypatch.setattr("socket.getaddrinfo", lambda *_a, **_b: [(2, 1, 6, "", ("10.0.0.8", 443))])
    http = HttpClient("helpdesk", "https://example.zendesk.com", patience=Patience(retries=0), hosts=["example.com"])
    with pytest.raises(Misconfigured, match="attachment_hosts"):
        list(http.stream("extract", "https://p1.example.com/file"))


def test_what_ends_too_early_or_is_no_object_is_not_taken() -> None:
    # Bytes that end too early are not taken for the whole.
    short = Answer(body=b"short", headers={"Content-Length": "500"})
    with wire(short) as served, pytest.raises(Transient):
        list(client(served).stream("extract", f"{served.url}/file"))
    # Media type tells whether bytes are there.
    for status, headers, expected in (
        (200, {"Content-Type": "audio/wav; rate=8000"}, "audio/wav"),
        (200, {}, "application/octet-stream"),
        (404, {}, None),
        (410, {}, None),
    ):
        with wire(Answer(status=status, headers=headers)) as served:
            assert client(served).media_type("presence", f"{served.url}/file") == expected
    # Answer that is no object is permanent.
    for body in (b"<html>", b"[1]", b""):
        with wire(Answer(body=body)) as served:
            http = client(served)
            with pytest.raises(Permanent, match="JSON"):
                http.json("locate", get(http))
    # Every request says who calls.
    with wire(OK) as served:
        get(client(served))
    assert served.asked[0].headers["user-agent"].startswith("rightsflow/")


def test_certificate_that_nobody_vouches_for_is_misconfigured(tmp_path: Path) -> None:
    # Certificate that no one vouches for is misconfigured.
    with wire(OK, tls=self_signed(tmp_path)) as served, pytest.raises(Misconfigured, match="certificate"):
        get(client(served, retries=0))
    assert served.asked == []
    # Certificate is checked even where a caller asks not to.
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
