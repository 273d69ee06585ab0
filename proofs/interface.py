"""``python -m proofs.interface``: whatever is sent to the listener, its answers are those of its two documents.

Schemathesis makes calls of every shape from the OpenAPI document, right and wrong ones, and looks at each answer: no
5xx, no status, media type or body that the document does not have, and nothing taken without the token. It is installed
for this proof alone (``make proof-interface``).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import booleans, one_of, sampled_from
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

from deployments.inbound.listener import make_listener
from tests.support.agents import AGENT, OTHER, AgentSite, envelope, exercise, pairing
from tests.support.bench import Bench, running_bench
from tests.support.brand_and_site import OTHER_TOKEN, inbound, write_keys

_IDS = [str(UUID(int=number, version=4)) for number in range(4)]
_IDENTITY = {"identity_type": "controller_customer_id", "identity_value": "C-10001", "identity_format": "raw"}
URL = "https://localhost/v2"
STRANGERS = 10_000
WRONG_DATA = "negative_data_rejection"
PASSED_OVER = frozenset({"positive_data_acceptance", "missing_required_header", "unsupported_method"})
"""Right by its shape is not yet taken: an instant has to be of today, and a UUID of version 4."""


def main() -> int:
    """Run the proof; the exit status says whether the document was kept."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--examples", type=int, default=100, help="how many calls of each operation")
    examples = asked.parse_args().examples
    with tempfile.TemporaryDirectory() as folder, running_bench(Path(folder)) as bench:
        keys = Path(folder) / "keys"
        write_keys(keys)
        served = inbound(URL, keys, STRANGERS)
        assert served.opendsr is not None
        another = served.opendsr.controllers["other"].model_copy(update={"per_minute": STRANGERS})
        served.opendsr.controllers["other"] = another
        settings_ = bench.runtime.settings.model_copy(update={"inbound": served})
        seconds = [0.0]
        orders = make_listener(replace(bench.runtime, settings=settings_), lambda: seconds[0])
        document = schemathesis.openapi.from_asgi("/v2/openapi.json", orders)
        is_kept = _walk(document, seconds, examples, _Orders())
        return int(not (_of_agents(bench, examples) and is_kept))


def _of_agents(bench: Bench, examples: int) -> bool:
    site = AgentSite(bench, strangers=STRANGERS)
    for agent in (AGENT, OTHER):
        site.pair(agent)
    document = schemathesis.openapi.from_asgi("/drp/openapi.json", site.client.app)
    return _walk(document, site.seconds, examples, _Agents(site))


def _walk(document: Any, seconds: list[float], examples: int, side: _Side) -> bool:
    faults: dict[str, str] = {}
    for found in document.get_all_operations():
        operation, statuses = found.ok(), Counter[int]()
        try:
            _call_in_every_shape(operation, seconds, examples, statuses, side)
        except Exception as error:  # noqa: BLE001 - each fault is told, and the next operation is looked at
            faults[operation.label] = str(error)
        sys.stdout.write(f"{operation.label}: {dict(sorted(statuses.items()))}\n")
    for label, fault in faults.items():
        sys.stderr.write(f"\n{label}\n{fault}\n")
    return not faults


def _call_in_every_shape(
    operation: Any, seconds: list[float], examples: int, statuses: Counter[int], side: _Side
) -> None:
    checks = [check for check in CHECKS.get_all() if check.__name__ not in PASSED_OVER]
    shapes = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]

    @given(case=one_of(*shapes), request_id=sampled_from(_IDS), is_mended=booleans())
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def call(case: Any, request_id: str, is_mended: bool) -> None:
        seconds[0] += 1.0  # Its limits on calls are tested elsewhere.
        if is_mended:
            side.mend(case, request_id)
        answer = case.call(headers={"Authorization": f"Bearer {side.token}"})
        statuses[answer.status_code] += 1
        # What was put right is not wrong any more, whatever it was made as.
        looked_at = [check for check in checks if not (is_mended and check.__name__ == WRONG_DATA)]
        case.validate_response(answer, checks=looked_at)

    call()


class _Side(Protocol):
    """One of the two interfaces."""

    @property
    def token(self) -> str:
        """By which its caller is known."""

    def mend(self, case: Any, request_id: str) -> None:
        """Let a call come further."""


class _Orders:
    """That of controllers, whose calls have an id that is known by then, and an instant of today."""

    token = OTHER_TOKEN

    def mend(self, case: Any, request_id: str) -> None:
        if case.path_parameters and "request_id" in case.path_parameters:
            case.path_parameters["request_id"] = request_id
        if isinstance(case.body, dict):
            case.body |= {"subject_request_id": request_id, "submitted_time": "2026-03-05T09:00:00Z"}
            case.body |= {"subject_request_type": "erasure", "status_callback_urls": [], "extensions": {}}
            case.body |= {"regulation": "gdpr", "api_version": "2.0", "subject_identities": [_IDENTITY]}


class _Agents:
    """That of agents, whose messages are signed, of now, and about requests that are there."""

    def __init__(self, site: AgentSite) -> None:
        self._site = site
        self._known = [site.ask(agent).json()["request_id"] for agent in (AGENT, OTHER, AGENT)]
        self._agents = cycle((AGENT, OTHER))

    @property
    def token(self) -> str:
        return self._site.tokens[AGENT]

    def mend(self, case: Any, request_id: str) -> None:
        named = case.path_parameters or {}
        if "agent_id" in named:
            named["agent_id"] = next(self._agents)
        if "request_id" in named:
            named["request_id"] = self._known[int(request_id[-1]) % len(self._known)]
        if isinstance(case.body, str):
            case.body = self._signed(case.body, named.get("agent_id", ""))

    def _signed(self, text: str, pairs: str) -> str:
        self._site.bench.pass_time(timedelta(seconds=1))
        made = pairing(self._site.app, pairs) if pairs else exercise(self._site.app)
        if len(text) % 3:
            made |= {"agent-request-id": text, "reason": text}
        if pairs == AGENT:
            # Its token is the one by which the other calls are made.
            made["business-id"] = text
        return envelope(json.dumps(made).encode(), pairs or AGENT).decode()


if __name__ == "__main__":
    sys.exit(main())
