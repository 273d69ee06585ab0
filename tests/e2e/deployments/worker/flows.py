"""Small flows for the worker to execute."""

from __future__ import annotations

import asyncio
import os
import threading

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.flow_runs import suspend_flow_run
from prefect.futures import wait
from prefect.input import RunInput
from prefect.states import Completed

GATES = {}
"""Events by name that tests hold flows with; they share the worker's process."""
SEEN = []
"""What flows did: pairs of a name and a word."""


def gate(name):
    return GATES.setdefault(name, threading.Event())


def until(condition):
    """Wait for what another thread does; gives its result."""
    waiting = threading.Event()
    for _ in range(1200):
        try:
            if found := condition():
                return found
        except KeyError:
            pass
        waiting.wait(0.05)
    return None


async def for_ever():
    await asyncio.Event().wait()


def seen(name):
    """What the flow of a name did."""
    return [word for one, word in SEEN if one == name]


def begun(name, number=0):
    """Wait until a held step has begun."""
    assert gate(f"{name}-{number}-begun").wait(60), "the step did not begin"


def release(name, number=0):
    """Let a held step end."""
    gate(f"{name}-{number}").set()


PLAIN = {"persist_result": False, "cache_policy": NO_CACHE, "log_prints": False}
"""As our own steps are, of which the server hears once."""


@task(**PLAIN)
def step(name, number):
    SEEN.append((name, number))
    return number


@task(**PLAIN)
def held_step(name, number):
    SEEN.append((name, number))
    gate(f"{name}-{number}-begun").set()
    assert gate(f"{name}-{number}").wait(60)
    return number


@flow(persist_result=False)
def short(name="short", steps=3):
    for number in range(steps):
        step.submit(name, number).wait()
    return Completed(name="Done", message=str(os.getpid()))


@flow(persist_result=False)
def held(name, steps=2):
    """Each step waits for its gate."""
    for number in range(steps):
        held_step.submit(name, number).wait()
    return Completed(name="Done")


@flow(persist_result=False)
def held_without_steps(name):
    held_step.fn(name, 0)
    return Completed(name="Done")


@task(retries=1, **PLAIN)
def failing_once(name):
    SEEN.append((name, "again"))
    if seen(name).count("again") == 1:
        raise ConnectionError(name)


@task(**PLAIN)
def failing_step(name):
    SEEN.append((name, "failed"))
    raise ValueError(name)


@flow(persist_result=False)
def branching(name):
    """Steps that give something, need a second attempt, fail, and wait in vain for one that failed."""
    found = [step.submit(name, number) for number in range(2)]
    failed = failing_step.submit(name, wait_for=[failing_once.submit(name)])
    in_vain = step.submit(name, "in vain", wait_for=[failed])
    wait([*found, failed, in_vain])
    ends = failed.state.type.value.lower(), in_vain.state.name
    return Completed(name="Done", message="; ".join([" ".join(str(one.result()) for one in found), *ends]))


class Answer(RunInput):
    word: str


@flow(persist_result=False)
def asking(name):
    step(name, "before")
    answer = suspend_flow_run(wait_for_input=Answer, timeout=3600, key="question")
    SEEN.append((name, answer.word))
    return Completed(name="Answered")


@flow(persist_result=False)
def failing(name):
    raise ValueError(name)


@flow(persist_result=False)
def exiting(name):
    SEEN.append((name, "exit"))
    raise SystemExit(3)
