"""Each connector says what it calls, by the system's name, and how it was answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.http import HttpClient, Patience
from connectors.s3.client import Clients
from connectors.s3.settings import S3Settings
from connectors.sql.client import count_statements
from connectors.stripe.client import Calls, build_client, build_http
from connectors.stripe.settings import StripeSettings
from rightsflow.domain.errors import RightsflowError
from rightsflow.domain.telemetry import recording
from tests.integration.connectors.listener import Listener
from tests.integration.connectors.wire import Answer, wire

MATCH = {"by": "metadata", "keys": {"customer-id": "customer_id"}}
SECTION = {
    "purposes": ["service"],
    "categories": ["contact data"],
    "source": "the data subject",
    "retention": "24 months",
}


@pytest.fixture
def heard() -> Iterator[Listener]:
    listener = Listener()
    with recording(listener):
        yield listener


@pytest.mark.parametrize(
    ("answer", "told"),
    [(Answer(), "2xx"), (Answer(status=404), "4xx"), (Answer(status=429), "429"), (Answer(status=0), "none")],
)
def test_http(heard: Listener, answer: Answer, told: str) -> None:
    patience = Patience(retries=1, sleep=lambda _: None)
    with wire(answer) as served:
        client = HttpClient("helpdesk", served.url, patience=patience)
        try:
            client.call("locate", "GET", "/search?query=anna")
        except RightsflowError:
            assert told != "2xx"
    assert heard.calls == [("helpdesk", "locate", told)]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(body=b'{"id": "cus_1"}'), "2xx"),
        (Answer(status=404, body=b'{"error": {"code": "resource_missing"}}'), "4xx"),
        (Answer(status=401, body=b'{"error": {"type": "invalid_request_error"}}'), "4xx"),
    ],
)
def test_stripe(heard: Listener, monkeypatch: pytest.MonkeyPatch, answer: Answer, told: str) -> None:
    monkeypatch.setenv("COUNTING_KEY", "sk_test_counting")
    with wire(answer) as served:
        given = {"connector": "stripe", "api_key": "env:COUNTING_KEY", "api_base": served.url} | SECTION
        config = StripeSettings.model_validate(given)
        calls = Calls(build_client(config, build_http(config)), system="payments", operation="presence")
        try:
            calls.find("/v1/customers/cus_1")
        except RightsflowError:
            assert told == "4xx"
    assert heard.calls == [("payments", "presence", told)]


@pytest.mark.parametrize(
    ("answer", "told"), [(Answer(body=b""), "2xx"), (Answer(status=404), "4xx"), (Answer(status=0), "none")]
)
def test_s3(heard: Listener, monkeypatch: pytest.MonkeyPatch, answer: Answer, told: str) -> None:
    monkeypatch.setenv("COUNTING_ID", "id")
    monkeypatch.setenv("COUNTING_SECRET", "secret")
    with wire(answer) as served:
        keys = {"access_key_id": "env:COUNTING_ID", "secret_access_key": "env:COUNTING_SECRET"}
        given: dict[str, Any] = (
            {"connector": "s3", "bucket": "calls", "match": MATCH, "endpoint_url": served.url} | keys | SECTION
        )
        client = Clients(S3Settings.model_validate(given), "recordings", attempts=1).current()
        try:
            client.get_object(Bucket="calls", Key="anna.wav")
        except Exception:  # noqa: BLE001 - boto3 has a class of its own for each
            assert told != "2xx"
    assert heard.calls == [("recordings", "GetObject", told)]


def test_sql(heard: Listener, tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'crm.db'}")
    count_statements(engine, "crm")
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE people (email TEXT UNIQUE)"))
        connection.execute(sa.text("INSERT INTO people VALUES (:email)"), {"email": "anna.quill@example.com"})
        connection.execute(sa.text("select * from people")).all()
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO people VALUES (:email)"), {"email": "anna.quill@example.com"})
    with pytest.raises(sa.exc.OperationalError), engine.connect() as connection:
        connection.execute(sa.text("DELETE FROM anna"))
    assert heard.calls == [
        ("crm", "other", "ok"),
        ("crm", "insert", "ok"),
        ("crm", "select", "ok"),
        ("crm", "insert", "error"),
        ("crm", "delete", "error"),
    ]
    engine.dispose()
