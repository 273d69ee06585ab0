"""The flows' tests run on a real Prefect server and on fake systems that keep the connector contract."""

from __future__ import annotations

import pytest

from tests.bench import running_bench


@pytest.fixture
def bench(tmp_path, prefect_server):
    with running_bench(tmp_path) as made:
        yield made
