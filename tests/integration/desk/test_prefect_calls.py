"""The whole interface of the installed Prefect, call by call: for each role, with and without the headers of a browser.

What comes through is what the table lists, for those whom it names; everything else is refused before Prefect sees it.
"""

from __future__ import annotations

import asyncio
import json
import re
from urllib.parse import unquote

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from deployments.desk.protection import SESSION
from deployments.front.allowed_calls import CallGroup, table
from deployments.front.guard import PROBES
from deployments.front.passing import OF_A_PERSON, BrowserCalls
from deployments.front.with_desk import PrefectPages
from rightsflow.domain.accounts import Permission, Role, permissions
from tests.support.prefect_interface import interface, operations, queries
from tests.support.signing_in import PEOPLE

pytestmark = pytest.mark.apart
SECRET = "officer:long-and-random"
ORIGIN = {"origin": "http://testserver"}
HEADERS = [
    {},
    ORIGIN,
    {"sec-fetch-site": "same-origin"},
    {"sec-fetch-mode": "cors", "sec-fetch-dest": "empty"},
    {"x-http-method-override": "GET"},
    {"user-agent": "prefect/3.9.1 (API)"},
]
ID = "3f2c8a70-1b5e-4c3d-9a6f-0123456789ab"
PARTS = {"countable": "day", "view": "aggregate-worker-metadata", "filename": "x"}
RUN = {"id": ID, "name": "DSR-2026-7K3M9Q", "deployment_id": ID, "flow_id": ID, "state_type": "RUNNING"}
NAMES = {"/api/flows/": {"name": "access-request"}, "/api/deployments/": {"name": "access-request", "flow_id": ID}}
SAMPLES = {
    "filter": {},
    "of_runs": {"flow_run_id": {"any_": [ID]}},
    "events": {"resource": {"id_prefix": ["prefect.flow-run"]}},
    "number": 1,
    "flag": False,
    "word": "NAME_ASC",
    "time": "2026-03-05T10:00:00Z",
    "ids": [ID],
    "left_out": "typed",
    "parameters": {"case_id": "DSR-2026-7K3M9Q"},
    "due": {"type": "SCHEDULED", "message": "typed"},
    "change": {"type": "CANCELLING", "message": "typed"},
}


class Prefect:
    """Notes what reached it, and knows one run of one of our deployments."""

    def __init__(self):
        self.got, self.run, self.names = [], dict(RUN), dict(NAMES)

    async def __call__(self, scope, receive, send):
        if scope["type"] == "websocket":
            self.got.append(("WS", scope["path"], b""))
            await send({"type": "websocket.close"})
            return
        body = (await receive())["body"] if scope["method"] != "GET" else b""
        if scope["method"] == "GET" and not scope.get(OF_A_PERSON) and scope["path"] not in PROBES:
            # What the front itself asks.
            answer = next((one for path, one in self.names.items() if scope["path"].startswith(path)), self.run)
        else:
            self.got.append((scope["method"], scope["path"], body))
            answer = {}
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})


@pytest.fixture
def prefect():
    return Prefect()


@pytest.fixture
def client(rig, prefect):
    return TestClient(PrefectPages(prefect, rig.team.door.known, SECRET), follow_redirects=False)


def filled(template):
    return re.sub(r"\{(\w+)\}", lambda part: PARTS.get(part[1], ID), template)


def listed():
    """The calls of the table below the API, by method and path with an id in each place."""
    calls = [call for call in table().calls if not call.is_page]
    return {(call.method, re.sub(r"\{\w+\}", ID, call.template)): call for call in calls}


def body_of(call):
    return {name: SAMPLES[check] for name, check in call.body.items()} if call else {}


def send(client, method, path, headers, body):
    given = {"json": body} if method in {"POST", "PUT", "PATCH"} else {}
    return client.request(method, path, headers=headers, **given).status_code


def test_each_call_of_the_table_is_one_of_the_installed_prefect_with_its_fields():
    there = {(method, re.sub(r"\{\w+\}", ID, path)): fields for method, path, fields in operations()}
    asked = {(method, re.sub(r"\{\w+\}", ID, path)): names for (method, path), names in queries().items()}
    for key, call in listed().items():
        assert key in there, f"Prefect has no {key}"
        assert set(call.body) <= (there[key] or set()) | {"limit", "offset", "sort"}, key
        assert set(call.query) <= asked[key], key


READING = re.compile(".*/(filter|count|counts|paginate|history|lateness|count-task-runs|next-runs|count-deployments)")


def test_people_start_cancel_and_retry_runs_and_change_nothing_else():
    changing = {
        (one.group, one.template)
        for one in table().calls
        if one.method != "GET" and not READING.fullmatch(one.template)
    }
    assert changing == {
        (CallGroup.STEER, "/api/deployments/{id}/create_flow_run"),
        (CallGroup.STEER, "/api/flow_runs/{id}/set_state"),
        (CallGroup.ELSEWHERE, "/api/flow_runs/{id}/resume"),
    }
    names = " ".join(call.template for call in table().calls if not (call.is_page or call.is_empty))
    assert not re.search("block|variable|setting|storage|automation|concurrency|csrf|download", names)


@pytest.mark.parametrize("key", PEOPLE)
def test_exactly_what_is_listed_passes_for_each_role_whatever_the_headers(rig, client, prefect, key):
    """With a session and no Origin everything passed, and secret blocks were read in clear by every role."""
    may = permissions(Role(role) for role in PEOPLE[key][1])
    client.cookies.set(SESSION, rig.team.enrol(key))
    known = listed()
    wrong = []
    for method, template, fields in operations():
        path = filled(template)
        call = known.get((method, path))
        # A health check says that all is well, to everybody.
        passes = path in PROBES or (
            call is not None and call.group is not CallGroup.ELSEWHERE and call.group.permission in may
        )
        body = body_of(call) if call else dict.fromkeys(fields or (), "x")
        for headers in HEADERS[:4]:
            prefect.got.clear()
            status = send(client, method, path, headers, body)
            # One is answered by the front, with nothing, and never reaches Prefect.
            reaches = passes and not (call and call.is_empty)
            if bool(prefect.got) is not reaches or (status == 200) is not passes:
                wrong.append((method, path, headers, status))
    assert wrong == []


def test_a_new_versions_call_is_refused(rig, client, prefect):
    client.cookies.set(SESSION, rig.team.enrol("ada"))
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PURGE"):
        for path in ("/api/secrets/filter", "/api/flow_runs/filter/all", "/openapi.json", "/docs", "/admin"):
            assert client.request(method, path, headers=ORIGIN).status_code == 403, (method, path)
    assert prefect.got == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", f"/api/flow_runs/{ID}"),
        ("Post", "/api/flow_runs/filter"),
        ("HEAD", f"/api/flow_runs/{ID}"),
        ("OPTIONS", "/api/flow_runs/filter"),
        ("POST", "/api//flow_runs/filter"),
        ("POST", "//api/flow_runs/filter"),
        ("POST", "/api/flow_runs/filter/"),
        ("POST", "/API/flow_runs/filter"),
        ("POST", "/api/./flow_runs/filter"),
        ("POST", "/api/flow_runs/filter;x=1"),
        ("GET", f"/api/flow_runs/{ID}%2fgraph-v2%2f"),
        ("GET", "/api/flow_runs/%2e%2e"),
        ("GET", f"/api/flow_runs/{ID.upper()}"),
        ("GET", "/api/artifacts/a%2fb/latest"),
        ("GET", "/v2/..%2f..%2fapi/variables/filter"),
        ("GET", "/v2//api/admin/settings"),
        ("GET", f"/api/flow_runs/{ID}?include_secrets=true"),
        ("GET", f"/api/flow_runs/{ID}/graph-v2?since=2026-03-05T10:00&x=1"),
    ],
)
def test_what_is_spelt_oddly_is_refused(rig, prefect, method, path):
    """A method or a path that Prefect might read otherwise than the front."""
    app = PrefectPages(prefect, rig.team.door.known, SECRET)
    raw, _, query = path.partition("?")
    # As uvicorn hands it on: the method as it came, the path decoded.
    assert status_of(app, method, unquote(raw), query, rig.team.enrol("ada")) == 403
    assert prefect.got == []


def status_of(app, method, path, query, session):
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def send(message):
        sent.append(message)

    headers = [(b"host", b"h"), (b"cookie", f"{SESSION}={session}".encode())]
    scope = {"type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": headers}
    asyncio.run(app(scope, receive, send))
    return sent[0]["status"]


def test_no_websocket_opens_by_a_session(rig, client, prefect):
    client.cookies.set(SESSION, rig.team.enrol("ada"))
    for path in ("/api/events/in", "/api/events/out", "/api/logs/out", "/api/work_pools/p/workers/connect"):
        for headers in HEADERS:
            with pytest.raises(WebSocketDisconnect), client.websocket_connect(path, headers=headers):
                pass
    assert prefect.got == []


def test_a_programs_websocket_is_left_to_prefects_own_question(client, prefect):
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/api/events/out"):
        pass
    assert prefect.got == [("WS", "/api/events/out", b"")]


def test_of_a_call_goes_on_what_was_checked_and_no_word_besides(rig, client, prefect):
    """Name, tags, message, context, labels and keys stood in Prefect's events for good."""
    client.cookies.set(SESSION, rig.team.enrol("olga"))
    due = {"type": "COMPLETED", "name": "typed", "message": "typed", "data": "typed"}
    details = {"scheduled_time": "2026-03-05T10:00:00Z", "cache_key": "typed"}
    call = next(one for one in table().calls if "create_flow_run" in one.template)
    body = body_of(call) | {"state": due | {"state_details": details}}
    path = f"/api/deployments/{ID}/create_flow_run"
    assert client.post(path, json=body, headers=ORIGIN).status_code == 200
    assert json.loads(prefect.got.pop()[2]) == {
        "parameters": {"case_id": "DSR-2026-7K3M9Q"},
        "state": {"type": "SCHEDULED", "state_details": {"scheduled_time": "2026-03-05T10:00:00Z"}},
    }
    state = {"type": "CANCELLING", "name": "typed", "message": "typed", "data": "typed"}
    assert client.post(f"/api/flow_runs/{ID}/set_state", json={"state": state, "force": True}).status_code == 200
    assert json.loads(prefect.got.pop()[2]) == {"state": {"type": "CANCELLING", "name": "Cancelling"}, "force": True}


@pytest.mark.parametrize(
    "parameters",
    [
        {"case_id": "Wanda Förmlich"},
        {"case_id": "DSR-2026-7K3M9Q", "note": "typed"},
        {"case_id": {"__prefect_kind": "jinja", "template": "{{ x }}"}},
        {"case_id": ["DSR-2026-7K3M9Q"]},
        {},
    ],
)
def test_parameters_are_references_of_our_catalogue(rig, client, prefect, parameters):
    client.cookies.set(SESSION, rig.team.enrol("olga"))
    answer = client.post(f"/api/deployments/{ID}/create_flow_run", json={"parameters": parameters})
    assert (answer.status_code, prefect.got) == (403, [])


def test_a_request_is_opened_by_a_ticket_and_by_no_datum_of_a_person(rig, client, prefect):
    prefect.names["/api/flows/"] = {"name": "open-from-ticket"}
    prefect.names["/api/deployments/"] = {"name": "open-from-ticket", "flow_id": ID}
    client.cookies.set(SESSION, rig.team.enrol("olga"))
    path, ticket = f"/api/deployments/{ID}/create_flow_run", {"system": "helpdesk", "ticket": "4711", "right": "access"}
    for wrong in ({"email": "wanda@example.com"}, {"ticket": "wanda@example.com"}, {"system": "Wanda Förmlich"}):
        answer = client.post(path, json={"parameters": ticket | wrong}, headers=ORIGIN)
        assert (answer.status_code, prefect.got) == (403, [])
    assert client.post(path, json={"parameters": ticket}, headers=ORIGIN).status_code == 200


@pytest.mark.parametrize(("path", "field"), [("/api/events/filter", "filter"), ("/api/logs/filter", "logs")])
@pytest.mark.parametrize("body", [{}, {"limit": 5}, None], ids=str)
def test_what_narrows_a_call_may_not_be_left_out(rig, client, prefect, path, field, body):
    """Without a filter Prefect gave the events and logs of everything."""
    client.cookies.set(SESSION, rig.team.enrol("olga"))
    for sent in (body, None if body is None else body | {field: None}):
        assert client.post(path, json=sent).status_code == 403
    assert prefect.got == []


def test_nobody_starts_another_deployment(rig, client, prefect):
    prefect.names["/api/flows/"] = {"name": "theirs"}
    client.cookies.set(SESSION, rig.team.enrol("ada"))
    assert client.post(f"/api/deployments/{ID}/create_flow_run", json={}).status_code == 403
    change = {"state": {"type": "CANCELLING"}}
    assert client.post(f"/api/flow_runs/{ID}/set_state", json=change).status_code == 403
    assert prefect.got == []


@pytest.mark.parametrize(
    ("state", "now", "status"),
    [
        ({"type": "SCHEDULED", "name": "AwaitingRetry"}, "FAILED", 200),
        ({"type": "SCHEDULED", "name": "AwaitingRetry"}, "RUNNING", 403),
        ({"type": "SCHEDULED", "name": "AwaitingRetry"}, "PAUSED", 403),
        ({"type": "SCHEDULED", "name": "Resuming"}, "FAILED", 403),
        ({"type": "COMPLETED"}, "RUNNING", 403),
        ({"type": "CANCELLED"}, "PAUSED", 200),
        ("CANCELLED", "RUNNING", 403),
        (None, "RUNNING", 403),
    ],
)
def test_a_run_is_cancelled_or_retried_and_nothing_else(rig, client, prefect, state, now, status):
    prefect.run["state_type"] = now
    client.cookies.set(SESSION, rig.team.enrol("olga"))
    body = {} if state is None else {"state": state}
    assert client.post(f"/api/flow_runs/{ID}/set_state", json=body).status_code == status


def test_to_resume_leads_to_the_desk(rig, client, prefect):
    client.cookies.set(SESSION, rig.team.enrol("olga"))
    for headers in HEADERS:
        answer = client.post(f"/api/flow_runs/{ID}/resume", json={"run_input": {}}, headers=headers)
        assert answer.status_code == 403
        assert answer.json()["detail"].endswith("/desk/cases/DSR-2026-7K3M9Q")
    assert prefect.got == []


def test_without_a_desk_to_resume_leads_to_the_command_line(prefect):
    answer = TestClient(BrowserCalls(prefect)).post(f"/api/flow_runs/{ID}/resume", json={}, headers=ORIGIN)
    assert (answer.status_code, prefect.got) == (403, [])
    assert "`rightsflow decide`" in answer.json()["detail"]


def test_a_body_hidden_behind_a_get_does_not_go_on(rig, client, prefect):
    client.cookies.set(SESSION, rig.team.enrol("olga"))
    hidden = b"POST /api/variables/filter HTTP/1.1\r\nhost: h\r\n\r\n"
    assert client.request("GET", f"/api/flow_runs/{ID}", content=hidden).status_code == 200
    assert prefect.got == [("GET", f"/api/flow_runs/{ID}", b"")]


@pytest.mark.parametrize(
    ("body", "status"), [(b"no JSON", 422), (b"[1]", 422), (b"x" * 1024 * 1025, 413), (b"[" * 9000, 422)]
)
def test_what_is_no_object_is_refused_and_not_quoted(rig, client, prefect, body, status):
    client.cookies.set(SESSION, rig.team.enrol("olga"))
    assert client.post("/api/flow_runs/filter", content=body).status_code == status
    assert prefect.got == []


def test_without_a_desk_a_browser_is_judged_by_the_same_table_and_a_program_is_not(prefect):
    client = TestClient(BrowserCalls(prefect), follow_redirects=False)
    known = listed()
    for method, template, fields in operations():
        path = filled(template)
        call = known.get((method, path))
        prefect.got.clear()
        send(client, method, path, ORIGIN, body_of(call) if call else dict.fromkeys(fields or (), "x"))
        reaches = path in PROBES or (call is not None and not call.is_empty and call.group is not CallGroup.ELSEWHERE)
        assert bool(prefect.got) is reaches, (method, path)
    assert client.post("/api/logs/", json=[{"message": "a program's"}]).status_code == 200
    assert Permission.STEER_PREFECT in permissions([Role.OFFICER])


def test_the_description_is_whole():
    """What the test goes through is all there is: a router that the description leaves out would be missed."""
    assert len(operations()) > 150
    assert len(interface()["paths"]) > 100
