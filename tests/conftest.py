"""What several packages' tests share: one real Prefect server for the session, started only when a test needs it."""

from __future__ import annotations

import gc
import os

import pytest
from hypothesis import settings

_LONGEST_NAME = 150
_STARTED_ONCE = {"s3": "peer", "sandbox": "center", "stripe": "localstripe_process"}
"""By folder, the server that takes seconds to start: what needs it runs in one process."""

# How long an example takes says how busy the machine is, and nothing of the rule that it tries.
# The examples are the same each time, so that a change is judged by what it changed.
settings.register_profile("rightsflow", deadline=None, max_examples=10, derandomize=True)
# Of `make test-properties`, which looks further each time it is run.
settings.register_profile("thorough", deadline=None, max_examples=500)
# Of `make unit`, which answers while one still looks at the change.
settings.register_profile("quick", deadline=None, max_examples=8, derandomize=True)
settings.load_profile("rightsflow")


@pytest.fixture(scope="session")
def migrated_prefect(tmp_path_factory):
    """The folder of the migrated Prefect database that all processes of the tests copy; see ``migrated``."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory, migrated_prefect):
    """A Prefect server of our own on a free port; this process talks to it."""
    # Imported where it is used, since the unit tests do without Prefect.
    from tests.support.servers import running_server

    with running_server(tmp_path_factory.mktemp("prefect"), migrated_prefect) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_server():
    """A PostgreSQL of our own, one for each process of the tests."""
    from tests.support.peers.postgres import running_postgres

    with running_postgres() as server:
        yield server


def pytest_make_parametrize_id(val, argname):
    """Call a test by what is short of its parameters: names go between the processes, and some were megabytes."""
    return f"long {argname}" if isinstance(val, (bytes, str)) and len(val) > _LONGEST_NAME else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection():
    """Make the tests, which are kept to the end, without looking again and again for some that nothing refers to."""
    gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish():
    """Nor is later looked for them among all modules and tests, which takes a second each time, or often."""
    gc.enable()
    gc.freeze()
    gc.set_threshold(7_000)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Keep what needs the server together in a process, so that one server starts and not one in each process.

    Of the rest, what lies in a file stays together, which shares the fixtures of its module.
    """
    for item in items:
        if "stack" in item.path.parts:
            # A whole stack takes minutes on two cores: see `make test-slow`; and longer to start on a busy machine.
            item.add_marker(pytest.mark.slow)
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(900))
        for folder, server in _STARTED_ONCE.items():
            if folder in item.path.parts and server in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.xdist_group(folder))
        if "prefect_server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.prefect)
            item.add_marker(pytest.mark.xdist_group("prefect"))
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))
    # They take longest, and so begin first.
    items.sort(key=lambda item: (item.get_closest_marker("prefect") is None, "e2e" not in item.path.parts))
