"""Authorised agents that sign as the protocol says, and an installation whose listener is called without a network."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from starlette.testclient import TestClient

from deployments.inbound.listener import make_listener
from rightsflow.cases.app import App
from rightsflow.config.sections.inbound_settings import Inbound
from tests.support.bench import ANNA_EMAIL, ANNA_NAME, Bench

VECTORS: Final = json.loads((Path(__file__).parent / "drp_vectors.json").read_text(encoding="utf-8"))
BUSINESS: Final = VECTORS["business_id"]
AGENT, OTHER = "TEST_AGENT", "OTHER_AGENT"
URL: Final = "https://localhost/drp"
CALLBACK_HOST: Final = "agent.example.com"
CALLBACK: Final = f"https://{CALLBACK_HOST}/update_status"
_KEYS: Final = {
    name: Ed25519PrivateKey.from_private_bytes(bytes.fromhex(one["seed_hex"]))
    for name, one in VECTORS["agents"].items()
}


def verify_key(agent: str) -> str:
    """An agent's public key in base64."""
    return base64.b64encode(_KEYS[agent].public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def envelope(plain: bytes, agent: str = AGENT) -> bytes:
    """A message in its envelope."""
    return base64.b64encode(_KEYS[agent].sign(plain) + plain)


def drp_section(strangers: int = 6000, **changes: Any) -> Inbound:
    """The section about both agents."""
    agents = {
        "first": {"agent_id": AGENT, "name": "Example Agent", "callback_hosts": [CALLBACK_HOST]},
        "other": {"agent_id": OTHER, "name": "Another Agent"},
    }
    for one in agents.values():
        one |= {"verify_key": verify_key(one["agent_id"]), "per_minute": 6000}
    section = {"base_url": URL, "business_id": BUSINESS, "per_minute": strangers, "agents": agents}
    return Inbound.model_validate({"drp": section | changes})


def pairing(app: App, agent: str = AGENT, **changes: Any) -> dict[str, Any]:
    """What every message says; a part that is changed to nothing is left out."""
    now = app.now()
    given = {
        "agent-id": agent,
        "business-id": BUSINESS,
        "issued-at": now.isoformat(),
        "expires-at": (now + timedelta(minutes=10)).isoformat(),
        "drp.version": "1.0",
    }
    return {name: one for name, one in (given | changes).items() if one is not None}


def exercise(app: App, agent: str = AGENT, **changes: Any) -> dict[str, Any]:
    """What an agent asks for Anna; a part that is changed to nothing is left out."""
    asked = {
        "agent-request-id": "a-0001",
        "exercise": "deletion",
        "regime": "ccpa",
        "status_callback": CALLBACK if agent == AGENT else None,
        "name": ANNA_NAME.value,
        "email": ANNA_EMAIL.value,
        "email_verified": True,
    }
    return pairing(app, agent, **(asked | changes))


class AgentSite:
    """An installation that agents call."""

    def __init__(self, bench: Bench, **section: Any) -> None:
        self.bench = bench
        self.tokens: dict[str, str] = {}
        self.seconds = [0.0]
        self.serve(**section)

    def serve(self, **section: Any) -> None:
        """Serve by another configuration."""
        settings = self.bench.runtime.settings.model_copy(update={"inbound": drp_section(**section)})
        self.bench.runtime = replace(self.bench.runtime, settings=settings)
        listener = make_listener(self.bench.runtime, lambda: self.seconds[0])
        self.client = TestClient(listener, base_url="https://localhost", follow_redirects=False)

    @property
    def app(self) -> App:
        """What it works with."""
        return self.bench.runtime

    @property
    def cases(self) -> list[str]:
        """The cases that are there."""
        return sorted(one.case_id for one in self.app.store.summaries(closed_too=True))

    def call(
        self, method: str, path: str, body: bytes = b"", *, token: str | None = None, **headers: str | bytes
    ) -> Any:
        """Call the listener."""
        shown = {"Content-Type": "text/plain", **headers} | ({"Authorization": f"Bearer {token}"} if token else {})
        return self.client.request(method, f"/drp/v1{path}", content=body, headers=shown)

    def pair(self, agent: str = AGENT, said: dict[str, Any] | None = None, **changes: Any) -> Any:
        """Ask for a token, and keep it."""
        plain = json.dumps(said or pairing(self.app, agent, **changes)).encode()
        answer = self.call("POST", f"/agent/{agent}", envelope(plain, agent))
        if answer.status_code == 200:
            self.tokens[agent] = answer.json()["token"]
        return answer

    def ask(self, agent: str = AGENT, said: dict[str, Any] | None = None, **changes: Any) -> Any:
        """Ask something for Anna."""
        plain = json.dumps(said or exercise(self.app, agent, **changes)).encode()
        return self.send(envelope(plain, agent), agent)

    def send(self, body: bytes, agent: str = AGENT) -> Any:
        """Send an envelope as a request."""
        return self.call("POST", "/data-rights-request", body, token=self.tokens[agent])

    def status(self, request_id: str, agent: str = AGENT) -> Any:
        """Read where a request stands."""
        return self.call("GET", f"/data-rights-request/{request_id}", token=self.tokens[agent])

    def revoke(self, request_id: str, agent: str = AGENT, reason: str = "I changed my mind") -> Any:
        """Take a request back."""
        body = envelope(json.dumps({"reason": reason}).encode(), agent)
        return self.call("DELETE", f"/data-rights-request/{request_id}", body, token=self.tokens[agent])
