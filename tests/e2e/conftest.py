"""What all of these tests share."""

from __future__ import annotations

import pytest

from tests.support.unwritten import no_query_misses_what_waits


@pytest.fixture(scope="session", autouse=True)
def _no_query_misses_what_waits():
    with no_query_misses_what_waits():
        yield
