"""What a browser may enter in Prefect, request by request, without a server; every field of the installed Prefect."""

from __future__ import annotations

import asyncio
import json
import tomllib
from pathlib import Path

import pytest

from deployments.front.form_inputs import Typed, rule_of

TYPED = "Wanda Förmlich, wanda@example.com"
FORM = {"right": "access", "email": "wanda@example.com"}
AT = "2026-03-05T10:00:00Z"
FROM_A_PAGE = (("origin", "http://127.0.0.1:4200"),)
RUN = "/api/deployments/d/create_flow_run"

FIELDS = tomllib.loads((Path(__file__).parent / "prefect_fields.toml").read_text(encoding="utf-8"))


def call(method="POST", path=RUN, body=None, headers=FROM_A_PAGE, kind="http"):
    """Send a request through; gives the status, and what Prefect would have got."""
    got, sent = [], []
    data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
    pairs = [*headers, ("content-length", str(len(data)))]

    async def prefect(scope, receive, send):
        got.append(scope)
        if scope["type"] == "http":
            got.append((await receive())["body"])
            await send({"type": "http.response.start", "status": 201, "headers": []})

    async def receive():
        return {"type": "http.request", "body": data, "more_body": False}

    async def send(message):
        sent.append(message)

    scope = {"type": kind, "method": method, "path": path, "query_string": b""}
    scope["headers"] = [(name.encode(), value.encode()) for name, value in pairs]
    asyncio.run(Typed(prefect)(scope, receive, send))
    lengths = [dict(got[0]["headers"])[b"content-length"]] if got else []
    assert not got or kind != "http" or lengths == [str(len(got[1])).encode()]
    return (sent[0].get("status") if sent else None), (json.loads(got[1]) if len(got) > 1 and got[1] else None)


def test_of_a_form_goes_on_what_it_asks_for():
    """Name, tags, message, context, labels and keys stood in Prefect's events for good."""
    state = {"type": "COMPLETED", "name": TYPED, "message": TYPED, "data": TYPED}
    body = {
        "parameters": FORM,
        "state": state | {"state_details": {"scheduled_time": AT, "cache_key": TYPED}},
        **dict.fromkeys(("name", "idempotency_key", "work_queue_name", "parent_task_run_id"), TYPED),
        **{name: {TYPED: TYPED} for name in ("context", "labels", "job_variables")},
        "tags": [TYPED],
        "empirical_policy": {"pause_keys": [TYPED], "retry_type": TYPED},
        "enforce_parameter_schema": False,
        TYPED: TYPED,
    }
    scheduled = {"type": "SCHEDULED", "state_details": {"scheduled_time": AT}}
    assert call(body=body) == (201, {"parameters": FORM, "state": scheduled})
    assert call(body={}) == (201, {"parameters": {}})


@pytest.mark.parametrize(
    "path", ["/api/flow_runs/r/set_state", "/api/task_runs/r/set_state", "/api/flow_runs/bulk_set_state"]
)
def test_a_state_is_set_without_a_word(path):
    state = {"type": "CANCELLING", "name": "Cancelling", "message": TYPED, "data": TYPED, "state_details": TYPED}
    plain = {"type": "CANCELLING", "name": "Cancelling", "state_details": {"scheduled_time": None}}
    assert call(path=path, body={"state": state, "force": True}) == (201, {"state": plain, "force": True})
    named = {"state": {"type": "FAILED", "name": TYPED}}
    assert TYPED not in str(call(path=path, body=named))


def test_switches_and_numbers_are_set_and_texts_refused():
    for path in ("/api/deployments/d", "/api/work_pools/p", "/api/deployments/d/schedules/s"):
        assert call("PATCH", path, {"paused": True, "concurrency_limit": 3}) == (
            201,
            {"paused": True, "concurrency_limit": 3},
        )
        for text in (TYPED, [TYPED], {TYPED: 1}):
            assert call("PATCH", path, {"paused": True, "description": text}) == (403, None)


@pytest.mark.parametrize("body", [b"no JSON", b"[1]", b""])
def test_what_is_no_object_is_refused_and_not_quoted(body):
    assert call(body=body) == (422, None)


def test_a_huge_body_is_refused():
    assert call(body=b"x" * 1024 * 1025) == (413, None)


def test_programs_write_what_they_write():
    assert call(path="/api/logs/", body={"message": TYPED}, headers=()) == (201, {"message": TYPED})
    assert call(path="/api/logs/", body={"message": TYPED}) == (403, None)
    assert call(path="/api/logs/", body={"message": TYPED}, headers=[("sec-fetch-site", "same-origin")]) == (403, None)


def test_a_page_listens_and_does_not_tell():
    for path, is_closed in (("/api/events/out", False), ("/api/logs/out", False), ("/api/events/in", True)):
        sent = []

        async def prefect(scope, receive, send):
            return None

        async def send(message, sent=sent):
            sent.append(message["type"])

        scope = {"type": "websocket", "path": path, "headers": [(b"origin", b"http://127.0.0.1:4200")]}
        asyncio.run(Typed(prefect)(scope, None, send))
        assert sent == (["websocket.close"] if is_closed else [])


@pytest.fixture(scope="module")
def interface():
    """The description that the installed Prefect gives of its calls."""
    # Late: it takes seconds to import, in each process of the tests.
    from prefect.server.api.server import create_app

    (api,) = [route.app for route in create_app(ephemeral=True).routes if getattr(route, "path", "") == "/api"]
    return api.openapi()


@pytest.mark.apart
def test_every_call_and_every_field_of_prefect_is_known(interface):
    """A newer Prefect with another field fails here, until it is decided what becomes of what is entered in it."""
    there = {
        f"{method.upper()} {path}": fields_of(operation, interface["components"]["schemas"])
        for path, operations in interface["paths"].items()
        for method, operation in operations.items()
        if method not in {"get", "delete"}
    }
    assert there == {call: fields for calls in FIELDS.values() for call, fields in calls.items()}


def fields_of(operation, schemas):
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return sorted(_fields(body.get("schema", {}), schemas))


def _fields(schema, schemas):
    if "$ref" in schema:
        return _fields(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas)
    if schema.get("type") == "array":
        return {f"[].{field}" for field in _fields(schema["items"], schemas)} or {"[]"}
    if "anyOf" in schema:
        return set().union(*(_fields(one, schemas) for one in schema["anyOf"]))
    return set(schema.get("properties", ["*"] if schema else []))


@pytest.mark.parametrize("group", FIELDS)
def test_what_the_front_does_with_each_call(group):
    refused = {call for call in FIELDS[group] if rule_of(*call.replace(" ", " /api", 1).split(" ")) is None}
    assert refused == (set(FIELDS[group]) if group == "refused" else set())


def test_texts_of_what_is_switched_are_refused():
    for one, fields in FIELDS["switched"].items():
        method, path = one.split(" ")
        for field in fields:
            assert call(method, f"/api{path}", {field: TYPED}) == (403, None)
