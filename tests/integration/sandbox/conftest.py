"""A running call centre for the tests of the sandbox."""

from __future__ import annotations

import pytest

from rightsflow_sandbox.center import SandboxCenter
from tests.integration.sandbox.center_rig import CUSTOMERS, TODAY


@pytest.fixture(scope="session")
def center(tmp_path_factory):
    """One that no test changes."""
    with SandboxCenter(tmp_path_factory.mktemp("sandbox"), today=TODAY, customers=CUSTOMERS) as running:
        yield running


@pytest.fixture(scope="module")
def changed_center(tmp_path_factory):
    """One that a module's tests change, each in a place of its own."""
    with SandboxCenter(tmp_path_factory.mktemp("changed"), today=TODAY, customers=20) as running:
        yield running


@pytest.fixture
def own_center(tmp_path):
    """One for a test that changes it."""
    with SandboxCenter(tmp_path / "sandbox", today=TODAY, customers=20) as running:
        yield running
