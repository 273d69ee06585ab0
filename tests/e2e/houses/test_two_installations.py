"""A brand and its call centre, each with `rightsflow up`: an erasure and an access request go from one to the other."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import requests
from prefect.client.orchestration import get_client
from prefect.settings import temporary_settings

from deployments.ports import free_port
from flows.runs import outcome_of
from rightsflow.domain.vocabulary.rights import Right
from rightsflow_sandbox.center import SandboxCenter
from tests.e2e.stack.setting import TODAY
from tests.support.agents import AGENT, BUSINESS, envelope, verify_key
from tests.support.brand_and_site import BRAND_DOMAIN, CONTROLLER_ID, SITE_DOMAIN, write_keys
from tests.support.homes import Home, forget
from tests.support.identity import TYPED, confirmed
from tests.support.stack import APPROVE, COMMAND, Stack, Up, environment, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600), pytest.mark.xdist_group("houses")]

SITE = """
[inbound]
port = {port}

[inbound.opendsr]
base_url    = "{url}"
certificate = "{keys}/site.pem"
key         = "file:{keys}/site.key"
ca_file     = "{keys}/authority.pem"

[inbound.opendsr.controllers.brand]
name          = "Example Devices GmbH"
controller_id = "{controller}"
token         = "file:{keys}/brand.token"
systems       = ["helpdesk", "payments", "recordings"]
certificate   = "{keys}/brand.pem"
domain        = "{brand}"

[inbound.drp]
base_url    = "{agents}"
business_id = "{business}"

[inbound.drp.agents.helper]
agent_id   = "{agent}"
name       = "Example Agent"
verify_key = "{verify_key}"
"""
BRAND = """
[processors.callhouse]
name                = "Callhouse Lisbon"
contract            = "DPA-2025-014"
contact             = "privacy@callhouse.example"
management_contact  = "director@callhouse.example"
systems             = ["helpdesk", "recordings"]
categories          = ["call notes", "copies of call recordings"]
identifiers         = ["customer_id", "email"]
channel             = "opendsr"

[processors.callhouse.opendsr]
base_url      = "{url}"
domain        = "{site}"
controller_id = "{controller}"
token         = "file:{keys}/brand.token"
ca_file       = "{keys}/authority.pem"
is_rightsflow = true
own_domain    = "{brand}"
certificate   = "{keys}/brand.pem"
key           = "file:{keys}/brand.key"
"""


@dataclass
class House(Stack):
    """An installation whose server and home this process can turn to."""

    @property
    def port(self):
        """Where what others send is listened to."""
        return tomllib.loads(self.home.config.read_text())["inbound"]["port"]

    @contextmanager
    def at(self):
        before = os.environ.get("RIGHTSFLOW_HOME")
        os.environ["RIGHTSFLOW_HOME"] = str(self.home.state)
        forget()
        try:
            with temporary_settings(self.up.access.settings):
                yield self
        finally:
            os.environ.pop("RIGHTSFLOW_HOME")
            if before is not None:
                os.environ["RIGHTSFLOW_HOME"] = before
            forget()

    def watch_until(self, cases, statuses):
        """Let the watch do its rounds until the instructions stand so; it passes over cases that are worked on."""

        def stand_so():
            found = {self.instruction(one)["status"] for one in cases}
            if not found <= statuses:
                self.watch()
            return found <= statuses

        until(stand_so, f"the instructions to be {' or '.join(sorted(statuses))}", 300)

    def watch(self):
        """Let the watch do its round, and wait for its end."""
        with get_client(sync_client=True) as client:
            run = client.create_flow_run_from_deployment(UUID(self.officer.deployments["watch-deadlines"]))
            seen = until(lambda: _ended(client.read_flow_run(run.id)), "the watch's round", 300)
        assert seen.state.is_completed()

    def instruction(self, case_id):
        (one,) = self.home.run("processors", "instructions", case_id, "--json").document
        return one


def _ended(run):
    return run if run.state.is_final() else None


def house(folder, extra):
    """A home in a folder with its sandbox, which runs, and its configuration."""
    folder.mkdir()
    center = SandboxCenter(folder / "sandbox", today=TODAY, customers=25)
    home = Home(folder)
    variables = environment() | {"RIGHTSFLOW_HOME": str(home.state)}
    subprocess.run([COMMAND, "init"], env=variables, check=True, capture_output=True)
    center.__enter__()
    head, _, _ = home.config.read_text().partition("[systems.")
    home.config.write_text(head + TYPED + center.systems_toml() + extra)
    return House(center, home, Up(home))


@pytest.fixture(scope="module")
def houses(tmp_path_factory):
    folder = tmp_path_factory.mktemp("houses")
    keys, port = folder / "keys", free_port()
    write_keys(keys)
    said = {"keys": keys, "url": f"https://localhost:{port}/v2", "brand": BRAND_DOMAIN, "site": SITE_DOMAIN}
    said |= {"controller": CONTROLLER_ID, "port": port, "agents": f"https://localhost:{port}/drp"}
    said |= {"business": BUSINESS, "agent": AGENT, "verify_key": verify_key(AGENT)}
    with ExitStack() as stack, ThreadPoolExecutor(2) as pool:
        made = [
            pool.submit(house, folder / name, extra.format(**said))
            for name, extra in (("brand", BRAND), ("site", SITE))
        ]
        brand, site = (one.result() for one in made)
        for one in (brand, site):
            stack.callback(one.center.__exit__, None, None, None)
            stack.callback(one.up.stop)
        list(pool.map(Up.start, (brand.up, site.up)))
        until(lambda: is_listening(port), "the listener", 180)
        yield brand, site


@pytest.fixture(scope="module")
def agents(houses):
    """Calls the site's listener as an agent: method, path, what is signed, token."""
    _, site = houses
    folder = site.home.folder.parent
    url = f"https://localhost:{site.port}/drp/v1"

    def call(method, path, said=None, token=""):
        body = envelope(json.dumps(said).encode()) if said else b""
        headers = {"Content-Type": "text/plain", "Authorization": f"Bearer {token}"}
        verify = str(folder / "keys" / "authority.pem")
        return requests.request(method, f"{url}{path}", data=body, headers=headers, timeout=30, verify=verify)

    return call


def is_listening(port):
    """Whether something is listened to at a port of this machine."""
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class Told:
    """What was seen on the way."""

    erasure: str
    access: str
    orders: list
    others: tuple
    held: list
    seconds: float


@pytest.fixture(scope="module")
def told(houses):
    """Both requests from the brand's tickets to its answers."""
    brand, site = houses
    began = time.monotonic()
    people = {Right.ERASURE: brand.center.erasure_subject, Right.ACCESS: brand.center.access_subject}
    others = site.center.snapshot(excluding=brand.center.erasure_subject)
    held = site.center.holdings(brand.center.erasure_subject)
    with brand.at():
        officer = brand.officer
        tickets = {right: brand.center.ticket_of(one) for right, one in people.items()}
        runs = [officer.open_from_ticket(right, ticket, TODAY) for right, ticket in tickets.items()]
        erasure, access = (officer.case_of(run) for run in runs)
        for case_id in (erasure, access):
            officer.decide(case_id, confirmed())
        officer.decide(erasure, APPROVE)
        until(
            lambda: brand.home.run("processors", "instructions", erasure, "--json").document,
            "the erasure's instruction",
        )
        until(
            lambda: brand.home.run("processors", "instructions", access, "--json").document,
            "the access request's instruction",
        )
        brand.watch_until((erasure, access), {"waiting for proof"})
    with site.at():
        orders = site.home.run("case", "orders", "--json").document
        for one in orders:
            site.officer.decide(one["case_id"], APPROVE)
        for one in orders:
            assert outcome_of(site.officer.end_of(one["case_id"]).state) == "Answered"
    after = site.center.snapshot(excluding=brand.center.erasure_subject)
    with brand.at():
        brand.watch_until((erasure, access), {"answer to be checked", "confirmed"})
        for case_id in (erasure, access):
            if brand.instruction(case_id)["status"] == "answer to be checked":
                checked = brand.home.run(
                    "processors", "check-answer", case_id, "1", "--reason", "read whole", "--by", "Ida Identity"
                )
                assert checked.status == 0, checked.err
        # The keeper starts its run again, which had ended while it waited for the call centre.
        until(lambda: brand.overview(access)["state"] == "awaiting approval", "the package of the access request", 300)
        brand.officer.decide(access, APPROVE)
        for case_id in (erasure, access):
            until(
                lambda case_id=case_id: brand.overview(case_id)["state"] == "answered", f"the answer to {case_id}", 300
            )
    return Told(erasure, access, orders, (others, after), held, time.monotonic() - began)


def test_both_are_fulfilled_at_the_call_centre_and_proved_to_the_brand(houses, told):
    brand, _ = houses
    with brand.at():
        for case_id in (told.erasure, told.access):
            one = brand.instruction(case_id)
            assert one["status"] == "confirmed"
            assert one["answers"][0]["proof_sha256"]
        letters = {one["template_id"] for one in brand.overview(told.erasure)["letters"]}
        (letter,) = letters & {"L10", "L11"}
        assert brand.home.run("letter", "mark-sent", told.erasure, "--letter", letter, "--by", "Ben").status == 0
        assert brand.overview(told.erasure)["closed_at"]


def test_what_the_call_centre_holds_comes_with_the_package(houses, told):
    brand, _ = houses
    with brand.at():
        records = brand.overview(told.access)["records"]
    assert any(one["system"] == "callhouse" and one["fate"] == "in the package" for one in records)


def test_the_call_centre_was_told_one_kind_of_identifier_and_writes_no_letter(houses, told):
    _, site = houses
    assert len(told.orders) == 2
    with site.at():
        for one in told.orders:
            seen = site.overview(one["case_id"])
            assert seen["letters"] == []
            assert seen["closed_at"]
            opened = next(entry for entry in seen["ledger"] if entry["event"] == "CaseOpened")
            assert {each["kind"] for each in opened["details"]["identifiers"]} == {"customer_id"}
            bundle = site.home.folder / f"{one['case_id']}.zip"
            assert site.home.run("evidence", one["case_id"], "-o", bundle, "--by", "Ben").status == 0
            assert site.home.run("verify", bundle).status == 0


def test_no_other_person_lost_anything_there(houses, told):
    brand, site = houses
    before, after = told.others
    assert after == before
    left = site.center.holdings(brand.center.erasure_subject)
    assert {one.system for one in told.held} == {"helpdesk", "payments", "recordings"}
    # Vouchers are kept by law, and what other people stand in too; the certificate says so.
    assert "recordings" not in {one.system for one in left}
    assert len(left) < len(told.held)


def test_nothing_of_the_person_is_in_prefect(houses, told, record_property):
    record_property("form_to_answer_seconds", told.seconds)
    brand, site = houses
    person = brand.center.erasure_subject
    for one in (brand, site):
        with one.at(), get_client(sync_client=True) as client:
            runs = json.dumps([run.model_dump(mode="json") for run in client.read_flow_runs(limit=200)])
        assert person.email not in runs
        assert person.name not in runs


def message(**more):
    """What an agent signs now."""
    now = datetime.now(UTC)
    window = {"issued-at": now.isoformat(), "expires-at": (now + timedelta(minutes=10)).isoformat()}
    return {"agent-id": AGENT, "business-id": BUSINESS, "drp.version": "1.0"} | window | more


def status_of(agents, path, token):
    """What an agent reads, no oftener than it may call in a minute."""
    time.sleep(1)
    return agents("GET", path, token=token).json()["status"]


def test_an_agents_request_comes_to_the_identity_gate_and_a_listener_that_is_killed_is_started_again(houses, agents):
    _, site = houses
    token = agents("POST", f"/agent/{AGENT}", message()).json()["token"]
    person = site.center.access_subject
    said = message(exercise="access", email=person.email, name=person.name)
    request_id = agents("POST", "/data-rights-request", said, token).json()["request_id"]
    path = f"/data-rights-request/{request_id}"
    # The keeper starts the run, which stops at the gate where a person checks who asks.
    until(lambda: status_of(agents, path, token) == "in_progress", "the run", 180)
    note = site.home.state / "processes" / "listener.json"
    pid = json.loads(note.read_text())["pid"]
    os.kill(pid, signal.SIGKILL)
    until(lambda: note.exists() and json.loads(note.read_text())["pid"] != pid, "another listener", 120)
    until(lambda: is_listening(site.port), "the listener that was started again", 120)
    assert agents("GET", path, token=token).json()["status"] == "in_progress", "what it was told is not lost"
    assert agents("DELETE", path, {"reason": "enough"}, token).json()["status"] == "revoked"
    assert "the listener ended; it is started again" in site.up.complaints
    assert person.email not in (site.home.state / "logs" / "listener.log").read_text()
