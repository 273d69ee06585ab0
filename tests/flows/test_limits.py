"""No more steps at one system at a time than its limit allows, over all workers."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from uuid import uuid4

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate

from tasks import limits
from tasks.limits import PREFIX, one_of_few


@pytest.fixture
def system(prefect_server):
    name = f"narrow-{uuid4().hex[:6]}"
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


def active_slots(system):
    with get_client(sync_client=True) as client:
        return client.read_global_concurrency_limit_by_name(f"{PREFIX}{system}").active_slots


def becomes_free(system):
    for _ in range(100):
        if active_slots(system) == 0:
            return True
        time.sleep(0.1)
    return False


def test_an_error_inside_gives_the_slot_back(system):
    with pytest.raises(ValueError, match="inside"), one_of_few(system):
        raise ValueError("inside")
    assert becomes_free(system)


def test_a_slot_is_handed_on_within_the_process_and_given_back_when_nobody_wants_it(system):
    with one_of_few(system):
        pass
    assert active_slots(system) == 1
    with one_of_few(system):
        assert active_slots(system) == 1
    assert becomes_free(system)


def test_a_slot_held_for_long_goes_back_at_once(system, monkeypatch):
    monkeypatch.setattr(limits, "HELD_SECONDS", 0.0)
    with one_of_few(system):
        pass
    assert active_slots(system) == 0


def test_a_wait_that_takes_too_long_ends(system):
    with one_of_few(system), pytest.raises(TimeoutError), one_of_few(system, longest=0.2):
        pass
    assert becomes_free(system)
