"""As many empty steps as a case has, as a flow of bare Prefect; ``python -m benchmarks.cases.bare`` runs it."""

from __future__ import annotations

import sys
import time

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.futures import wait

WAVES = (3, 1, 3, 1, 3, 3, 1, 1)
"""The steps of an access case in three systems, as they run side by side."""


@task(cache_policy=NO_CACHE, persist_result=False)
def nothing() -> None:
    return


@flow(name="bare", persist_result=False)
def bare() -> None:
    before = []
    for many in WAVES:
        before = [nothing.submit(wait_for=before) for _ in range(many)]
        wait(before)


def main() -> None:
    for _ in sys.stdin:
        began = time.monotonic()
        bare()
        sys.stdout.write(f"{time.monotonic() - began}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
