"""Steps are called as they are, on fake systems that keep the connector contract; no Prefect server is needed."""

from __future__ import annotations

import pytest

from tests.support.bench import running_bench
from tests.support.unwritten import no_query_misses_what_waits


@pytest.fixture(scope="session", autouse=True)
def _no_query_misses_what_waits():
    with no_query_misses_what_waits():
        yield


@pytest.fixture
def bench(tmp_path):
    with running_bench(tmp_path) as made:
        yield made
