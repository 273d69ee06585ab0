from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.connectors.stripe import world
from tests.integration.connectors.stripe.double import KEY, StripeDouble, running
from tests.integration.connectors.stripe.local import LocalStripe, running_localstripe
from tests.integration.connectors.stripe.privacy import Privacy


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(world.KEY_VARIABLE, KEY)
    monkeypatch.setenv("STRIPE_WRONG_KEY", "sk_test_wrong")


@pytest.fixture
def stripe() -> Iterator[StripeDouble]:
    """An empty double."""
    with running() as double:
        yield double


@pytest.fixture
def privacy(stripe: StripeDouble) -> Privacy:
    """The double's redaction jobs."""
    jobs = Privacy(stripe, world.NOW.timestamp())
    stripe.further.append(jobs)
    return jobs


@pytest.fixture(scope="session")
def localstripe_process() -> Iterator[LocalStripe]:
    with running_localstripe() as peer:
        yield peer


@pytest.fixture
def localstripe(localstripe_process: LocalStripe) -> LocalStripe:
    """The imitation, emptied."""
    localstripe_process.clear()
    return localstripe_process
