"""A hostile page in a real browser, while an officer has Prefect's UI open there and is signed in.

First against the server as Prefect starts it, where the attacks have to succeed, since else they would show nothing.
"""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
import requests
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings
from prefect.states import Suspended

from deployments.local.process import Child
from deployments.ports import free_port
from tests.e2e.deployments.front.hostile import attack, hostile_site, is_framed
from tests.support.peers.chromium import running_chromium
from tests.support.peers.prefect_file import migrated

# Two servers and a browser for a minute; the rules themselves are tried one by one beside it.
pytestmark = pytest.mark.slow

FOREIGN, REBOUND = "prize.example", "rebound.example"
STARTING = {"no content type", "json", "beacon"}
APPROVING = {"plain text", "form"}
READING = {"reading runs", "reading settings", "picture"}
SOCKETS = {f"socket {path}" for path in ("events/in", "events/out", "logs/out")}
READY_SECONDS = 120
ARRIVED_SECONDS, ATTACKS = 20, 5


@flow
def erase():
    """What the page wants to start and to approve."""


@dataclass(frozen=True)
class Target:
    """A server with a deployment and runs that wait at a gate.

    Args:
        settings: How this process talks to it.
        address: What browsers call it.
        deployment: The deployment's id.
        waiting: The runs' ids, by the attempt that is to approve each.
    """

    settings: dict
    address: str
    deployment: str
    waiting: dict

    def runs(self):
        """The names of the runs that were started."""
        with temporary_settings(self.settings), get_client(sync_client=True) as client:
            return {run.name for run in client.read_flow_runs()}

    def approved(self):
        """The attempts whose gate was answered."""
        with temporary_settings(self.settings), get_client(sync_client=True) as client:
            return {name for name, run in self.waiting.items() if not client.read_flow_run(run).state.is_paused()}

    def is_taken(self, seconds):
        """Whether all that was tried succeeds within that time: a beacon, for one, may arrive after the page says."""
        deadline = time.monotonic() + seconds
        while not (self.runs() >= STARTING and self.approved() == APPROVING):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return True


def target(settings, address):
    with temporary_settings(settings), get_client(sync_client=True) as client:
        made = client.create_deployment(client.create_flow(erase), name=f"erase-{free_port()}")
        state = Suspended(timeout_seconds=3600)
        runs = {name: client.create_flow_run_from_deployment(made, name="waiting", state=state) for name in APPROVING}
        return Target(settings, address, str(made), {name: str(run.id) for name, run in runs.items()})


@pytest.fixture(scope="module")
def unprotected(tmp_path_factory, migrated_prefect):
    """The server as it was: started by Prefect's own command, with nothing set."""
    folder, port = tmp_path_factory.mktemp("unprotected"), free_port()
    api = f"http://127.0.0.1:{port}/api"
    with ExitStack() as stack:
        with migrated(folder, migrated_prefect):
            child = Child(
                [sys.executable, "-m", "prefect", "server", "start", "--port", str(port)],
                {"PREFECT_HOME": str(folder), "PREFECT_API_URL": api, "PREFECT_SERVER_ANALYTICS_ENABLED": "false"},
                folder / "server.log",
            )
            stack.callback(child.stop)
            deadline = time.monotonic() + READY_SECONDS
            while not answers(api):
                assert child.is_running, (folder / "server.log").read_text()[-2000:]
                assert time.monotonic() < deadline
                time.sleep(0.25)
        yield target({PREFECT_API_URL: api, PREFECT_API_AUTH_STRING: None}, api.removesuffix("/api"))


def answers(api):
    try:
        return requests.get(f"{api}/health", timeout=2).status_code == 200
    except requests.RequestException:
        return False


@pytest.fixture(scope="module")
def ours(prefect_server):
    return target(prefect_server.access.settings, prefect_server.ui_url)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with running_chromium(tmp_path_factory.mktemp("chromium"), {FOREIGN: "127.0.0.1", REBOUND: "127.0.0.1"}) as running:
        yield running


@pytest.fixture(scope="module")
def site():
    with hostile_site() as port:
        yield port


@pytest.fixture(scope="module")
def officer(browser, prefect_server):
    """The officer's tab, signed in as a person does it."""
    tab = browser.open(f"{prefect_server.ui_url}/")
    tab.wait("document.querySelector('input')")
    tab.run("document.querySelector('input').focus()")
    tab.type(prefect_server.access.secret)
    tab.press_enter()
    tab.wait("document.body.innerText.includes('Deployments')")
    return tab


@pytest.fixture(params=[FOREIGN, "127.0.0.1", "localhost"], ids=["another site", "another port", "localhost"])
def page(request, browser, site):
    """The hostile page, by a name of its own and by those of this machine, where another program may serve it."""
    return browser.open(f"http://{request.param}:{site}/win")


def test_against_prefects_own_server_the_page_succeeds(browser, site, unprotected):
    page = browser.open(f"http://{FOREIGN}:{site}/win")
    for _ in range(ATTACKS):
        came = attack(page, unprotected.address, unprotected.deployment, unprotected.waiting)
        # Two calls that change something at once: Prefect refuses one with 503 where SQLite is busy.
        if unprotected.is_taken(ARRIVED_SECONDS):
            break
    assert unprotected.runs() >= STARTING
    assert unprotected.approved() == APPROVING
    assert {name for name, what in came.items() if what == "read"} == READING | {"script"}
    assert {name for name, what in came.items() if what == "open"} >= SOCKETS
    assert is_framed(browser, page, unprotected.address)


def test_against_prefects_own_server_rebinding_succeeds(browser, unprotected):
    page = browser.open(f"{unprotected.address.replace('127.0.0.1', REBOUND)}/ui-settings")
    assert rebound(page, unprotected) == [200, 201, "open"]


def test_against_ours_nothing_does(browser, officer, page, ours):
    """Any page in an officer's browser could open and approve an erasure, read runs and listen to events."""
    came = attack(page, ours.address, ours.deployment, ours.waiting)
    assert {name: what for name, what in came.items() if what in {"read", "open"}} == {}
    assert not is_framed(browser, page, f"{ours.address}/v2/dashboard")
    assert ours.runs() & (STARTING | {"rebound"}) == set()
    assert ours.approved() == set()
    officer.run("location.reload()")
    officer.wait("document.body.innerText.includes('Deployments')")


def test_against_ours_rebinding_fails(browser, officer, ours):
    """A name of the attacker's that is made to point at this machine was served like our own."""
    page = browser.open(f"{ours.address.replace('127.0.0.1', REBOUND)}/ui-settings")
    assert rebound(page, ours) == [421, 421, "refused"]
    assert "rebound" not in ours.runs()
    assert page.run("localStorage.getItem('prefect-password')") is None
    assert officer.run("localStorage.getItem('prefect-password')")


def test_a_link_from_elsewhere_opens_the_ui(page, officer, ours):
    """As from an e-mail or a chat: the officer lands signed in."""
    page.run(f"location.assign('{ours.address}/v2/deployments')")
    page.wait("location.pathname.startsWith('/v2/deployments') && document.body.innerText.includes('Logout')")


def rebound(page, there):
    """What the attacker's script gets once its page's name points at the server: reading, starting, listening."""
    return page.run(f"""(async () => {{
        const create = '/api/deployments/{there.deployment}/create_flow_run'
        const headers = {{'Content-Type': 'application/json'}}
        const body = JSON.stringify({{name: 'rebound'}})
        const settings = (await fetch('/api/admin/settings')).status
        let created = 503  // Prefect's own server says so while its SQLite database is being written.
        for (let tries = 0; created === 503 && tries < 10; tries++)
            created = (await fetch(create, {{method: 'POST', headers, body}})).status
        return [
            settings,
            created,
            await new Promise(done => {{
                const socket = new WebSocket(`ws://${{location.host}}/api/events/out`, 'prefect')
                socket.onopen = () => done('open')
                socket.onerror = () => done('refused')
            }}),
        ]
    }})()""")
