"""Steps are called as they are, on fake systems that keep the connector contract; no Prefect server is needed."""

from __future__ import annotations

import pytest

from tests.support.bench import running_bench


@pytest.fixture
def bench(tmp_path):
    with running_bench(tmp_path) as made:
        yield made
