"""What all steps have in common as Prefect tasks."""

from __future__ import annotations

from typing import Any, Final

from prefect.cache_policies import NO_CACHE

from tasks.attempt import is_worth_retrying, retry_seconds

# Nothing of a step is kept by Prefect: neither its result nor what it prints (rule 2 of the design).
STEP: Final[dict[str, Any]] = {
    "persist_result": False,
    "cache_policy": NO_CACHE,
    "log_prints": False,
    "retries": len(retry_seconds()),
    "retry_delay_seconds": retry_seconds(),
    "retry_condition_fn": is_worth_retrying,
}
