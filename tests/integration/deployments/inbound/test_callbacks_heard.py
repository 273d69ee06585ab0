"""Callbacks between two installations: what the call centre says, and that the brand believes nothing unproved."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from connectors.opendsr import Signer
from deployments.inbound.listener import make_listener
from rightsflow.cases.course.orders import tell_controllers
from rightsflow.config.sections.inbound_settings import Inbound
from rightsflow.domain.errors import Transient
from rightsflow.domain.orders.order import OrderWords
from rightsflow.domain.processors.terms import InstructionStanding
from tests.support.bench import CANARIES
from tests.support.brand_and_site import (
    BRAND_DOMAIN,
    CALLBACK_URL,
    SITE_DOMAIN,
    fulfil,
    inbound,
    ordered_erasure,
    standing,
    two_houses,
)


@pytest.fixture
def houses(tmp_path):
    with two_houses(tmp_path, calls_back=True) as made:
        site, brand = made.site, made.brand
        served = inbound(made.url, made.folder, callback_hosts=[BRAND_DOMAIN])
        site.runtime.settings.inbound.opendsr.controllers["brand"] = served.opendsr.controllers["brand"]
        section = {
            "base_url": f"https://{BRAND_DOMAIN}/v2",
            "certificate": str(made.folder / "brand.pem"),
            "key": f"file:{made.folder / 'brand.key'}",
            "per_minute": 6000,
        }
        settings = brand.runtime.settings.model_copy(update={"inbound": Inbound.model_validate({"opendsr": section})})
        brand.runtime = replace(brand.runtime, settings=settings)
        yield made


class Wire:
    """Carries callbacks to the brand's listener, and can change them."""

    def __init__(self, houses):
        self.client = TestClient(make_listener(houses.brand.runtime), base_url=f"https://{BRAND_DOMAIN}")
        self.site, self.keys = houses.site, houses.folder
        self.carried, self.statuses, self.is_down = [], [], False
        houses.site.runtime = replace(houses.site.runtime, call_back=self.carry)

    @property
    def signer(self):
        return Signer(SITE_DOMAIN, str(self.keys / "site.pem"), (self.keys / "site.key").read_text, what="the site")

    def carry(self, section, order, url):
        if self.is_down:
            raise Transient("The line is down.", system="callback")
        body = json.dumps(OrderWords(section.base_url, self.site.runtime.settings.controller.zone).callback(order, url))
        self.carried.append((url, body))
        assert self.send(body.encode()) == 202

    def send(self, body, **headers):
        signed = dict(self.signer.as_processor(body)) | headers
        answer = self.client.post("/v2/opendsr_callbacks", content=body, headers={k: v for k, v in signed.items() if v})
        self.statuses.append(answer.status_code)
        return answer.status_code


@pytest.fixture
def wire(houses):
    return Wire(houses)


@pytest.fixture
def case(houses):
    return ordered_erasure(houses)


@pytest.mark.apart
def test_a_callback_lets_the_brand_read_the_status_and_nothing_of_the_person_is_in_it(houses, wire, case):
    assert tell_controllers(houses.site.runtime) == 0, "the receipt said that it is pending"
    fulfil(houses.site.runtime, houses.site_case())
    wire.is_down = True
    assert tell_controllers(houses.site.runtime) == 0
    wire.is_down = False
    assert tell_controllers(houses.site.runtime) == 1
    assert tell_controllers(houses.site.runtime) == 0
    ((url, body),) = wire.carried
    assert url == CALLBACK_URL
    assert json.loads(body)["request_status"] == "completed"
    assert not any(canary in body for canary in CANARIES)
    assert standing(houses, case) is InstructionStanding.QUESTIONED
    with houses.site.file(houses.site_case()) as file:
        told = [entry.details for entry in file.ledger.entries() if entry.event == "ControllerTold"]
    assert [(one["status"], one["addresses"]) for one in told] == [("completed", 1)]


@pytest.mark.apart
def test_a_callback_moves_nothing_by_itself(houses, wire, case):
    with houses.site.file(houses.site_case()) as file:
        order = file.orders.demanded
    lie = OrderWords(houses.url, houses.site.runtime.settings.controller.zone).callback(order, CALLBACK_URL)
    assert wire.send(json.dumps(lie | {"request_status": "completed", "results_count": 9}).encode()) == 202
    assert standing(houses, case) is InstructionStanding.WAITING


@pytest.mark.apart
def test_what_is_not_proved_is_refused(houses, wire, case):
    fulfil(houses.site.runtime, houses.site_case())
    with houses.site.file(houses.site_case()) as file:
        order = file.orders.demanded
    words = OrderWords(houses.url, houses.site.runtime.settings.controller.zone)
    body = json.dumps(words.callback(order, CALLBACK_URL)).encode()
    signed = dict(wire.signer.as_processor(body))
    brand = Signer(BRAND_DOMAIN, str(wire.keys / "brand.pem"), (wire.keys / "brand.key").read_text, what="the brand")
    refused = [
        wire.send(body, **{"X-OpenDSR-Signature": ""}),
        wire.send(body, **{"X-OpenDSR-Processor-Domain": ""}),
        wire.send(body, **{"X-OpenDSR-Processor-Domain": "stranger.example"}),
        wire.send(body + b" ", **signed),
        wire.send(body, **dict(brand.as_processor(body)) | {"X-OpenDSR-Processor-Domain": SITE_DOMAIN}),
        wire.send(json.dumps(words.callback(order, "https://stranger.example/")).encode()),
        wire.send(json.dumps(words.callback(replace(order, controller_id="another"), CALLBACK_URL)).encode()),
        wire.send(b"[]"),
    ]
    assert refused == [403] * len(refused)
    assert standing(houses, case) is InstructionStanding.WAITING
    assert wire.send(body) == 202
    assert standing(houses, case) is InstructionStanding.QUESTIONED
    assert wire.send(body) == 202, "replayed, it finds nothing that waits"
