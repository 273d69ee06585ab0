from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.connectors.zendesk import world
from tests.integration.connectors.zendesk.desk import SECRET, Desk, running


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZENDESK_TEST_SECRET", SECRET)
    monkeypatch.setenv("ZENDESK_WRONG_SECRET", "not-the-secret")


@pytest.fixture
def desk() -> Iterator[Desk]:
    with running(world.data()) as running_desk:
        yield running_desk
