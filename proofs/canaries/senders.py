"""The canary's requests as others send them: an agent and a controller, well and badly, and what they read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from starlette.testclient import TestClient

from connectors.opendsr import Signer
from deployments.inbound.listener import make_listener
from flows.suspended import resume_all
from proofs.canaries.controls import control
from proofs.canaries.journey import Journey
from proofs.canaries.person import ADDRESS, EMAIL, NAME, PHONE, QUOTE, REASON, TYPED_EMAIL, fill
from tests.support.agents import AGENT, AgentSite, envelope, exercise
from tests.support.bench import Bench
from tests.support.brand_and_site import BRAND_DOMAIN, TOKEN, inbound, order_said, write_keys
from tests.support.flow_runs import order_run

_URL: Final = "https://localhost/v2"
_ASKED: Final[dict[str, Any]] = {
    "email": TYPED_EMAIL, "name": NAME, "phone_number": PHONE, "address": {"street_address": ADDRESS},
    "power_of_attorney": QUOTE, "relationships": [NAME],
}  # fmt: skip


class Senders:
    """An agent and a controller before the listener, in this process."""

    def __init__(self, bench: Bench, folder: Path, journey: Journey, deployments: Mapping[str, Any]) -> None:
        self.answers = [("control", control("answer").encode())]
        """All that was answered, but for the receipt of an order, which has to hold the order itself."""
        self._bench, self._keys, self._journey, self._deployments = bench, folder / "keys", journey, deployments

    def send(self) -> None:
        with self._listening() as site:
            self._as_an_agent(site)
            self._as_a_controller()

    @contextmanager
    def _listening(self) -> Iterator[AgentSite]:
        before = self._bench.runtime
        try:
            yield AgentSite(self._bench)
        finally:
            self._bench.runtime = before

    def _as_an_agent(self, site: AgentSite) -> None:
        self._keep(site.pair(), says_token=True)
        for action in ("deletion", "access"):
            fill(self._bench.systems)
            before = set(site.cases)
            asked = site.ask(said=exercise(site.app, exercise=action, **_ASKED))
            self._keep(asked)
            (case_id,) = set(site.cases) - before
            right = "erasure" if action == "deletion" else "access"
            run = order_run(self._deployments[f"{right}-request"], case_id=case_id)
            self._journey.work(f"{right} by an agent", right, run.id)
            request_id = asked.json()["request_id"]
            self._keep(site.status(request_id))
            self._keep(site.revoke(request_id, reason=REASON))
            # As the keeper does once it sees that the request was withdrawn.
            resume_all(case_id)
            self._journey.work(f"{right} by an agent", right, run.id)
            self._keep(site.revoke(request_id, reason=QUOTE))
        for field in ("agent-id", "business-id", "drp.version", "exercise", "regime", "email", "phone_number", "name"):
            self._keep(site.ask(said=exercise(site.app) | {field: QUOTE * 3}))
        for wrong in (QUOTE.encode(), envelope(QUOTE.encode()), envelope(json.dumps([QUOTE]).encode())):
            self._keep(site.send(wrong))
            self._keep(site.call("DELETE", "/data-rights-request/unknown", wrong, token=site.tokens[AGENT]))

    def _as_a_controller(self) -> None:
        write_keys(self._keys)
        settings = self._bench.runtime.settings.model_copy(update={"inbound": inbound(_URL, self._keys)})
        app = replace(self._bench.runtime, settings=settings)
        client = TestClient(make_listener(app), base_url="https://localhost")
        signer = Signer(BRAND_DOMAIN, str(self._keys / "brand.pem"), (self._keys / "brand.key").read_text, what="it")

        def call(method: str, path: str, said: object = None) -> Any:
            body = json.dumps(said).encode() if said else b""
            headers = {"Authorization": f"Bearer {TOKEN}", **signer.as_controller(body)}
            return client.request(method, f"/v2{path}", content=body, headers=headers)

        fill(self._bench.systems)
        named = {"identity_type": "email", "identity_value": EMAIL, "identity_format": "raw"}
        said = order_said(app, subject_identities=[named])
        assert call("POST", "/requests", said).status_code == 201
        (case_id,) = app.store.work.cases_with_orders()
        run = order_run(self._deployments["erasure-request"], case_id=case_id)
        self._journey.work("erasure by order", "erasure", run.id)
        self._journey.approve(run.id)
        self._journey.work("erasure by order", "erasure", run.id)
        path = f"/requests/{said['subject_request_id']}"
        for answer in (call("GET", path), call("DELETE", path), call("GET", f"{path}/results")):
            self._keep(answer)
        for field in ("regulation", "subject_request_id", "subject_identities", "submitted_time", "extensions"):
            self._keep(call("POST", "/requests", order_said(app, **{field: QUOTE})))
        self._keep(call("GET", "/requests/unknown"))

    def _keep(self, answer: Any, *, says_token: bool = False) -> None:
        assert answer.status_code < 500, "it is answered"
        said = "a token" if says_token else answer.text
        self.answers.append(("an answer of the listener", f"{answer.headers.multi_items()!r}\n{said}".encode()))
