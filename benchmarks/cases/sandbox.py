"""Cases measured on the sandbox: a helpdesk and payments over HTTP, and a database of calls with its recordings.

The helpdesk tells its clients the limit of its plan, 700 calls a minute, which the connector keeps to by itself: it
bounds the batch. What happens where a limit is held against a person is another test's.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median

from benchmarks.cases.growth import answer
from benchmarks.cases.home import Homes
from benchmarks.cases.replay import on_tape, replay
from benchmarks.cases.working import batch, middle, one_by_one, opened
from rightsflow.domain.vocabulary.rights import Right
from rightsflow_sandbox.center import SandboxCenter

CUSTOMERS = 200
ALONE, TOGETHER = 5, 50


def measure(homes: Homes, folder: Path, line: Callable[..., None]) -> None:
    """Measure one access and a batch of them, against the same calls made by a plain script."""
    with SandboxCenter(folder, today=date.today(), customers=CUSTOMERS) as center:
        # The first customers are the ones with crossings, at which a person would have to decide.
        people = [one.email for one in center.world.people[-(3 * ALONE + TOGETHER + 5) :]]
        taken = iter(people)

        def next_ones(count: int) -> list[str]:
            return [next(taken) for _ in range(count)]

        with homes.store(center.systems_toml()):
            plain, calls, steps = _in_a_row(next_ones(ALONE))
        line("sandbox: a plain script with the calls of one access", f"{plain:.2f} s, {calls:.0f} calls", "1")
        line("sandbox: the steps of one access in a row", f"{steps:.2f} s", f"{steps / plain:.1f}")
        with homes.stack(center.systems_toml()) as stack:
            one_by_one(next_ones(1), Right.ACCESS, stack)
            seconds = middle(one_by_one(next_ones(ALONE), Right.ACCESS, stack), lambda one: one.working)
            line("sandbox: one access", f"{seconds:.2f} s", f"{seconds / plain:.1f}")
            one = batch(next_ones(TOGETHER), Right.ACCESS, stack)
            line(
                f"sandbox: batch of {TOGETHER}, a case, at 700 calls a minute",
                f"{one.seconds:.2f} s",
                f"{one.seconds / plain:.1f}",
            )


def _in_a_row(people: list[str]) -> tuple[float, float, float]:
    plain, calls, steps = [], [], []
    for email in people:
        case_id = opened(email, Right.ACCESS)
        with on_tape() as made:
            began = time.perf_counter()
            answer(case_id)
            steps.append(time.perf_counter() - began)
        plain.append(replay(made))
        calls.append(len(made))
    return median(plain), median(calls), median(steps)
