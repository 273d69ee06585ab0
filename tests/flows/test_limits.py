"""No more steps at one system at a time than its limit allows, over all workers."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate

from tasks.limits import PREFIX, one_of_few


@pytest.fixture
def system(prefect_server):
    name = "narrow-system"
    with get_client(sync_client=True) as client:
        client.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name=f"{PREFIX}{name}", limit=1))
        yield name
        client.delete_global_concurrency_limit_by_name(f"{PREFIX}{name}")


def most_at_once(system, workers):
    """How many of several steps at one system were seen working at the same moment."""
    counting, inside, most = threading.Lock(), 0, 0

    def step(_number):
        nonlocal inside, most
        with one_of_few(system):
            with counting:
                inside += 1
                most = max(most, inside)
            time.sleep(0.2)
            with counting:
                inside -= 1

    with ThreadPoolExecutor(workers) as pool:
        # Prefect's settings, and with them the server's address, go with the context.
        for begun in [pool.submit(copy_context().run, step, number) for number in range(workers)]:
            begun.result()
    return most


def test_a_limit_of_one_lets_one_in(system):
    assert most_at_once(system, 3) == 1


def test_a_system_without_a_limit_lets_all_in(prefect_server):
    assert most_at_once("wide-system", 3) > 1


def test_an_error_inside_gives_the_slot_back(system):
    with pytest.raises(ValueError, match="inside"), one_of_few(system):
        raise ValueError("inside")
    with get_client(sync_client=True) as client:
        assert client.read_global_concurrency_limit_by_name(f"{PREFIX}{system}").active_slots == 0


def test_a_slot_is_waited_for_no_longer_than_is_said(system):
    with one_of_few(system), pytest.raises(TimeoutError), one_of_few(system, 0.5):
        raise AssertionError("two are in")
    with one_of_few(system, 5):
        pass
