"""``python -m proofs.interface``: whatever is sent to the listener for orders, its answers are those of its document.

Schemathesis makes calls of every shape from the OpenAPI document, right and wrong ones, and looks at each answer: no
5xx, no status, media type or body that the document does not have, and nothing taken without the token. It is installed
for this proof alone (``make proof-interface``).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import booleans, one_of, sampled_from
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

from deployments.inbound.listener import make_listener
from tests.support.bench import running_bench
from tests.support.brand_and_site import OTHER_TOKEN, inbound, write_keys

_IDS = [str(UUID(int=number, version=4)) for number in range(4)]
_IDENTITY = {"identity_type": "controller_customer_id", "identity_value": "C-10001", "identity_format": "raw"}
URL = "https://localhost/v2"
STRANGERS = 10_000
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
        listener = make_listener(replace(bench.runtime, settings=settings_), lambda: seconds[0])
        return _walk(schemathesis.openapi.from_asgi("/v2/openapi.json", listener), seconds, examples)


def _walk(document: Any, seconds: list[float], examples: int) -> int:
    faults: dict[str, str] = {}
    for found in document.get_all_operations():
        operation, statuses = found.ok(), Counter[int]()
        try:
            _call_in_every_shape(operation, seconds, examples, statuses)
        except Exception as error:  # noqa: BLE001 - each fault is told, and the next operation is looked at
            faults[operation.label] = str(error)
        sys.stdout.write(f"{operation.label}: {dict(sorted(statuses.items()))}\n")
    for label, fault in faults.items():
        sys.stderr.write(f"\n{label}\n{fault}\n")
    return 1 if faults else 0


def _call_in_every_shape(operation: Any, seconds: list[float], examples: int, statuses: Counter[int]) -> None:
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
            _mend(case, request_id)
        answer = case.call(headers={"Authorization": f"Bearer {OTHER_TOKEN}"})
        statuses[answer.status_code] += 1
        case.validate_response(answer, checks=checks)

    call()


def _mend(case: Any, request_id: str) -> None:
    """Let a call come further: with an id that is known by then, and an instant of today."""
    if case.path_parameters and "request_id" in case.path_parameters:
        case.path_parameters["request_id"] = request_id
    if isinstance(case.body, dict):
        case.body |= {"subject_request_id": request_id, "submitted_time": "2026-03-05T09:00:00Z"}
        case.body |= {"subject_request_type": "erasure", "status_callback_urls": [], "extensions": {}}
        case.body |= {"regulation": "gdpr", "api_version": "2.0", "subject_identities": [_IDENTITY]}


if __name__ == "__main__":
    sys.exit(main())
