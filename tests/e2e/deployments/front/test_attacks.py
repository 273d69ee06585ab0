"""A person who is signed in attacks Prefect through the front, with a real server behind it.

Each attack is made with the headers of a browser and without; a program with the secret shows that it would succeed.
"""

from __future__ import annotations

import os
import re
from itertools import product
from types import SimpleNamespace

import httpx
import pytest
from anyio import to_thread
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.blocks.system import Secret
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import DeploymentUpdate
from prefect.variables import Variable
from starlette.testclient import TestClient

from deployments.applying import apply_deployments
from deployments.desk.protection import SESSION
from deployments.front.passing import Retrying
from deployments.front.with_desk import PrefectPages
from rightsflow.domain.accounts import Role
from rightsflow.signin.members import Member
from tests.support.desk_client import event_loop
from tests.support.prefect_interface import operations

pytestmark = pytest.mark.apart
CANARY = "zephyrine-quill-31337"
HEADERS = [{}, {"origin": "http://testserver", "sec-fetch-site": "same-origin"}]
ROLES = [Role.OFFICER, Role.APPROVER, Role.DPO, Role.AUDITOR, Role.AUTHORITY, Role.ADMIN]


def over_the_network(server, client):
    """An application that passes each request on to a real server, over connections that stay open."""

    async def called(scope, receive, send):
        body = (await receive()).get("body", b"")
        address = httpx.URL(server.ui_url + scope["path"], query=scope["query_string"])
        headers = [(name, value) for name, value in scope["headers"] if name != b"host"]
        answer = await to_thread.run_sync(
            lambda: client.request(scope["method"], address, content=body, headers=headers)
        )
        kind = answer.headers.get("content-type", "").encode()
        start = {"type": "http.response.start", "status": answer.status_code, "headers": [(b"content-type", kind)]}
        await send(start)
        await send({"type": "http.response.body", "body": answer.content})

    return called


@pytest.fixture(scope="module")
def deployments(prefect_server):
    return apply_deployments()


@pytest.fixture(scope="module")
def network():
    with httpx.Client(timeout=60) as client:
        yield client


@pytest.fixture
def session(prefect_server, network):
    def of(role):
        member = SimpleNamespace(member=Member(key="one", name="One Person", roles=(role,)))
        application = Retrying(over_the_network(prefect_server, network))
        pages = PrefectPages(application, lambda _: member, prefect_server.access.secret)
        client = TestClient(pages, follow_redirects=False, cookies={SESSION: "token"})
        client.portal = event_loop(os.getpid())
        return client

    return of


@pytest.fixture(scope="module")
def planted(deployments):
    """A value in a secret, a webhook, a variable, a deployment and a work pool; gives ids by the names of paths."""
    secret = Secret(value=CANARY).save("planted", overwrite=True)
    webhook = CustomWebhookNotificationBlock(name="planted", url=f"http://127.0.0.1:9/{CANARY}", secrets={"a": CANARY})
    webhook.save("planted", overwrite=True)
    Variable.set("planted", CANARY, overwrite=True)
    with get_client(sync_client=True) as client:
        of_ours = deployments["follow-up"]
        steps = [{"prefect.deployments.steps.set_working_directory": {"directory": f"/{CANARY}"}}]
        client.update_deployment(of_ours, DeploymentUpdate(job_variables={"env": {"KEY": CANARY}}, pull_steps=steps))
        run = client.create_flow_run_from_deployment(of_ours, job_variables={"env": {"KEY": CANARY}})
        pool = client.read_deployment(of_ours).work_pool_name
        template = client.read_work_pool(pool).base_job_template
        template["job_configuration"]["env"] = {"KEY": CANARY}
        client.request("PATCH", f"/work_pools/{pool}", json={"base_job_template": template}).raise_for_status()
        return {
            "secret": str(secret),
            "pool": pool,
            "deployments": str(of_ours),
            "flow_runs": str(run.id),
            "flows": str(run.flow_id),
        }


def addresses(planted):
    """Each call of Prefect's, with what is planted in the places of its path."""
    names = {"slug": "secret", "block_document_name": "planted", "work_pool_name": planted["pool"], "view": "x"}
    for method, template, fields in operations():
        kind = template.split("/")[2]
        here = {
            "id": planted.get(kind, planted["secret"]),
            "name": planted["pool"] if kind == "work_pools" else "planted",
        } | names
        yield method, re.sub(r"\{(\w+)\}", lambda part, here=here: here.get(part[1], "planted"), template), fields


def test_what_is_planted_is_read_by_a_program(planted, prefect_server):
    """The control: these calls gave it to every role before."""
    auth = tuple(prefect_server.access.secret.split(":", 1))
    for method, path, body in (
        ("GET", f"/block_documents/{planted['secret']}?include_secrets=true", None),
        ("POST", "/block_documents/filter", {"include_secrets": True}),
        ("GET", "/block_types/slug/secret/block_documents?include_secrets=true", None),
        ("POST", "/variables/filter", {}),
        ("GET", f"/deployments/{planted['deployments']}", None),
        ("POST", "/work_pools/filter", {}),
    ):
        answer = httpx.request(method, f"{prefect_server.api_url}{path}", json=body, auth=auth)
        assert CANARY in answer.text, path


@pytest.mark.parametrize("role", ROLES)
def test_no_secret_is_in_any_answer_to_a_session(session, planted, role):
    """Secret blocks were readable in clear by every role."""
    client = session(role)
    seen, passed = [], set()
    for method, path, fields in addresses(planted):
        if method == "DELETE":
            continue
        bodies = [{}, *([{"include_secrets": True}] if "include_secrets" in (fields or ()) else [])]
        for query, body, headers in product(("", "?include_secrets=true"), bodies, HEADERS):
            answer = client.request(method, path + query, json=body, headers=headers)
            if answer.status_code < 400:
                passed.add((method, path))
            if CANARY in answer.text:
                seen.append((method, path, query, headers))
    assert seen == []
    reads = {("GET", f"/api/deployments/{planted['deployments']}"), ("POST", "/api/work_pools/filter")}
    assert (passed >= reads) is (role is not Role.AUTHORITY)


@pytest.mark.parametrize("headers", HEADERS, ids=["as a program", "as a page"])
@pytest.mark.parametrize("role", [Role.ADMIN, Role.OFFICER])
def test_nothing_of_prefect_is_changed_by_a_session(session, deployments, role, headers):
    """An admin changed an entry point, an officer deleted a deployment, a webhook was made that reached loopback."""
    client, of = session(role), deployments["erasure-request"]
    webhook = {
        "name": "x",
        "data": {"url": "http://127.0.0.1:9/"},
        "block_type_id": str(of),
        "block_schema_id": str(of),
    }
    for method, path, body in (
        ("PATCH", f"/api/deployments/{of}", {"entrypoint": "planted:run"}),
        ("PATCH", f"/api/deployments/{of}", {"paused": True}),
        ("DELETE", f"/api/deployments/{of}", None),
        ("POST", "/api/deployments/bulk_delete", {"deployments": {}}),
        ("POST", f"/api/deployments/{of}/pause_deployment", {}),
        ("POST", "/api/block_documents/", webhook),
        ("POST", "/api/automations/", {"name": "x", "trigger": {}, "actions": []}),
        ("POST", "/api/variables/", {"name": "x", "value": "x"}),
        ("POST", "/api/work_pools/", {"name": "x", "type": "process"}),
        ("PUT", "/api/admin/storage", {}),
    ):
        assert client.request(method, path, json=body, headers=headers).status_code == 403, (method, path)
    with get_client(sync_client=True) as prefect:
        there = prefect.read_deployment(of)
    assert (there.entrypoint, there.paused) == ("flows.erasure.erasure_request", False)


def test_a_session_starts_stops_and_retries_a_run_of_ours(session, deployments):
    client = session(Role.OFFICER)
    parameters = {"case_id": "DSR-2026-7K3M9Q"}
    body = {
        "parameters": parameters,
        "name": "typed",
        "tags": ["typed"],
        "state": {"type": "SCHEDULED", "message": "typed"},
    }
    for headers in HEADERS:
        made = client.post(
            f"/api/deployments/{deployments['access-request']}/create_flow_run", json=body, headers=headers
        )
        assert (made.status_code, "typed" in made.text) == (201, False)
        run = made.json()["id"]
        # Prefect itself cancels at once what no worker has begun.
        for state, become in (
            ({"type": "CANCELLING"}, "CANCELLED"),
            ({"type": "SCHEDULED", "name": "AwaitingRetry"}, "SCHEDULED"),
            ({"type": "CANCELLED"}, "CANCELLED"),
        ):
            answer = client.post(
                f"/api/flow_runs/{run}/set_state", json={"state": state, "force": True}, headers=headers
            )
            assert answer.json()["state"]["type"] == become, state
        assert client.get(f"/api/flow_runs/{run}", headers=headers).json()["parameters"] == parameters
        with get_client(sync_client=True) as prefect:
            prefect.delete_flow_run(run)
    ticket = {"system": "helpdesk", "ticket": "1", "right": "access"}
    typed = {"parameters": {**ticket, "your_name": "Mickey Mouse"}}
    assert (
        client.post(f"/api/deployments/{deployments['open-from-ticket']}/create_flow_run", json=typed).status_code
        == 403
    )
