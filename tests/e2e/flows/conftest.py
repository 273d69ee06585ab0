"""The flows' tests run on a real Prefect server and on fake systems that keep the connector contract."""

from __future__ import annotations

import pytest

from deployments.applying import apply_deployments
from tests.support.bench import SETTINGS, running_bench


@pytest.fixture
def bench(tmp_path, prefect_server):
    with running_bench(tmp_path, is_known_outside=True) as made:
        yield made


@pytest.fixture(scope="session")
def deployments(prefect_server):
    """The deployments on the server, as ``rightsflow up`` makes them; their ids by flow name."""
    return apply_deployments(SETTINGS.controller.timezone)
