"""Two installations: a brand, and a call centre that works for it and takes its orders over a real TLS connection."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import uuid4

import uvicorn

from connectors.http import Patience
from deployments.inbound.listener import make_listener
from rightsflow.app import call_back, installed, opendsr_processor
from rightsflow.cases.app import App
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.letters.answers import write_answer, write_nothing_held
from rightsflow.cases.course.processors.opendsr import ask_over_opendsr
from rightsflow.cases.work.access.package import assemble_package, extract_records, redact_third_parties
from rightsflow.cases.work.erasure.steps import erase_records, prepare_plan, settle_plan, verify_erasure
from rightsflow.cases.work.processors.instructions import instruct_processor
from rightsflow.cases.work.search import Resolved, locate_records, resolve_identifiers
from rightsflow.config.sections.inbound_settings import Inbound
from rightsflow.domain.case.record_decisions import RecordDecision
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.vocabulary.rights import Right
from tests.support.bench import ANNA_ID, Bench, running_bench
from tests.support.case_systems import systems_to_search, systems_with_records
from tests.support.peers.opendsr import PEM, authority, certificate, key_pem
from tests.support.processors import with_processors
from tests.support.reading import read_then_decide
from tests.support.stack import until
from tests.support.steps import approved

BRAND_DOMAIN = "brand.example"
SITE_DOMAIN = "localhost"
CONTROLLER_ID = "example-devices"
TOKEN = "the-token-of-the-brand-0123456789abcdef"
OTHER_TOKEN = "the-token-of-another-0123456789abcdef"
CALLBACK_URL = f"https://{BRAND_DOMAIN}/v2/opendsr_callbacks"
"""Where the brand hears of changes, where it wants to."""
SERVED = ("helpdesk", "payments")
"""The systems of the site that hold data for the brand."""


@dataclass
class Arrived:
    """A call that arrived at the site.

    Args:
        method: Its method.
        path: Its path.
        headers: Its headers.
        body: Its bytes.
    """

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Houses:
    """The two.

    Args:
        brand: The controller.
        site: Its processor.
        url: Where the site's listener lies.
        ca_file: The authority that both trust.
        folder: Where certificates and keys lie.
        arrived: What arrived at the site, oldest first.
    """

    brand: Bench
    site: Bench
    url: str
    ca_file: str
    folder: Path
    arrived: list[Arrived] = field(default_factory=list)

    def site_case(self) -> str:
        """The case of the only order."""
        (case_id,) = self.site.runtime.store.work.cases_with_orders()
        return case_id


def inbound(url: str, folder: Path, strangers: int = 6000, **changes: Any) -> Inbound:
    """The site's section about orders: the brand's, and another controller's."""
    brand = {
        "name": "Example Devices GmbH",
        "controller_id": CONTROLLER_ID,
        "token": f"file:{folder / 'brand.token'}",
        "systems": list(SERVED),
        "certificate": str(folder / "brand.pem"),
        "domain": BRAND_DOMAIN,
    }
    other = {
        "name": "Another Brand",
        "controller_id": "another",
        "token": f"file:{folder / 'other.token'}",
        "systems": ["calls"],
    }
    section = {
        "base_url": url,
        "certificate": str(folder / "site.pem"),
        "key": f"file:{folder / 'site.key'}",
        "ca_file": str(folder / "authority.pem"),
        "per_minute": strangers,
        "controllers": {"brand": brand | {"per_minute": 6000} | changes, "other": other},
    }
    return Inbound.model_validate({"opendsr": section})


def order_said(app: App, **changes: Any) -> dict[str, Any]:
    """A request as the brand sends it; a part that is changed to nothing is left out."""
    given = {
        "regulation": "gdpr",
        "subject_request_id": str(uuid4()),
        "subject_request_type": "erasure",
        "subject_identities": [
            {"identity_type": "controller_customer_id", "identity_value": ANNA_ID.value, "identity_format": "raw"}
        ],
        "submitted_time": app.now().isoformat(),
        "api_version": "2.0",
        "extensions": {"rightsflow": {"processor_domain": SITE_DOMAIN}},
    }
    return {name: one for name, one in (given | changes).items() if one is not None}


def opendsr(url: str, folder: Path, **changes: Any) -> dict[str, Any]:
    """The brand's section of the register about the site."""
    return {
        "base_url": url,
        "domain": SITE_DOMAIN,
        "controller_id": CONTROLLER_ID,
        "token": f"file:{folder / 'brand.token'}",
        "ca_file": str(folder / "authority.pem"),
        "is_rightsflow": True,
        "own_domain": BRAND_DOMAIN,
        "certificate": str(folder / "brand.pem"),
        "key": f"file:{folder / 'brand.key'}",
    } | changes


def write_keys(folder: Path) -> None:
    """Certificates by one authority, keys and tokens of both."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "authority.pem").write_bytes(authority().public_bytes(PEM))
    for name, domain in (("site", SITE_DOMAIN), ("brand", BRAND_DOMAIN)):
        (folder / f"{name}.pem").write_bytes(certificate(domain, of=name).public_bytes(PEM))
        (folder / f"{name}.key").write_bytes(key_pem(name))
    (folder / "brand.token").write_text(TOKEN)
    (folder / "other.token").write_text(OTHER_TOKEN)


@contextmanager
def two_houses(folder: Path, **register: Any) -> Iterator[Houses]:
    """A brand and its call centre, each with a store and systems of its own; the latter's listener runs.

    Args:
        folder: Where all of it lies.
        **register: What the brand's register says of the call centre's interface besides.
    """
    keys = folder / "keys"
    write_keys(keys)
    (folder / "brand").mkdir()
    (folder / "site").mkdir()
    with (
        running_bench(folder / "site") as site,
        running_bench(folder / "brand") as brand,
        socket.create_server(("127.0.0.1", 0)) as listening,
    ):
        url = f"https://localhost:{listening.getsockname()[1]}/v2"
        site.runtime = replace(
            site.runtime,
            settings=site.runtime.settings.model_copy(update={"inbound": inbound(url, keys)}),
            call_back=partial(call_back, zone=site.runtime.settings.controller.zone),
        )
        settings = with_processors(brand.runtime.settings, channel="opendsr", opendsr=opendsr(url, keys, **register))
        brand.runtime = replace(
            brand.runtime,
            settings=settings,
            open_opendsr=partial(opendsr_processor, callback_url=CALLBACK_URL, patience=Patience(retries=0)),
        )
        houses = Houses(brand, site, url, str(keys / "authority.pem"), keys)
        with _listening(site.runtime, listening, keys, houses.arrived):
            yield houses


@contextmanager
def _listening(app: App, listening: socket.socket, keys: Path, arrived: list[Arrived]) -> Iterator[None]:
    config = uvicorn.Config(
        _noted(make_listener(app), arrived),
        lifespan="off",
        access_log=False,
        log_level="warning",
        ssl_certfile=str(keys / "site.pem"),
        ssl_keyfile=str(keys / "site.key"),
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    until(lambda: server.started, "the listener", 20)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(10)


def _noted(listener: Any, arrived: list[Arrived]) -> Any:
    """The listener, with each call kept as it arrived."""

    async def call(scope: Any, receive: Any, send: Any) -> None:
        one = Arrived(
            scope["method"], scope["path"], {name.decode(): value.decode() for name, value in scope["headers"]}, b""
        )
        arrived.append(one)

        async def noted() -> Any:
            message = await receive()
            one.body += message.get("body", b"")
            return message

        await listener(scope, noted, send)

    return call


def search_for(app: App, case_id: str) -> Resolved:
    """Search what an order concerns to the fixpoint; returns the result of the last round."""
    for _ in range(6):
        for system in systems_to_search(app, case_id):
            locate_records(app, case_id, system)
        if not (found := resolve_identifiers(app, case_id)).learnt:
            return found
    raise AssertionError("no fixpoint")


def fulfil(
    app: App, case_id: str, *, by: str = "Dana Decider", records: Mapping[str, RecordDecision] = MappingProxyType({})
) -> None:
    """Carry out an order as the flows do, with a person's decision at the gate."""
    found = search_for(app, case_id)
    with app.store.case_file(case_id) as file:
        right = file.right
    systems, is_held = systems_with_records(app, case_id), bool(found.subject or found.unclear)
    if is_held and right is Right.ERASURE:
        prepare_plan(app, case_id)
    elif is_held:
        for system in systems:
            extract_records(app, case_id, system)
            redact_third_parties(app, case_id, system)
        assemble_package(app, case_id)
    reach_gate(app, case_id, Gate.APPROVAL)
    read_then_decide(app, case_id, Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by=by, records=records))
    if not is_held:
        write_nothing_held(app, case_id)
        return
    if right is Right.ERASURE:
        settle_plan(app, case_id)
        for system in systems:
            erase_records(app, case_id, system)
            verify_erasure(app, case_id, system)
    write_answer(app, case_id)


def ordered_erasure(houses):
    """An erasure at the brand whose call centre was asked."""
    with installed(houses.brand.runtime):
        case_id = approved(houses.brand)
        instruct_processor(houses.brand.runtime, case_id, "callhouse")
        assert ask_over_opendsr(houses.brand.runtime) == 1
    return case_id


def standing(houses, case_id):
    """Where the brand's instruction is, by what its call centre has answered."""
    with houses.brand.file(case_id) as file:
        return file.instructions.one(1).standing
