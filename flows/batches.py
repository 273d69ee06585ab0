"""Many cases worked on in one run: each a task run of its name, whose phases are the same as in a run of its own.

A run takes the most urgent cases from the case store, a few at a time, so that runs of several workers share what there
is evenly and a more urgent case that comes meanwhile is next. A case is worked on until it waits, for a person at a
gate, for a processor or for a system, or until it is answered; whatever lets it go on gives it its next turn, which any
batch takes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from queue import Empty, SimpleQueue
from time import monotonic, sleep
from typing import Final, cast

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.states import Cancelled, Completed
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows.access import access_request
from flows.erasure import (
    consent_withdrawal_request,
    erasure_request,
    objection_request,
    rectification_request,
    restriction_request,
)
from flows.options import FLOW
from flows.runs import has_deployment, outcome_of, this_run
from flows.starting import RIGHTS_OF_BATCH, start_next
from flows.steps import failed
from flows.taking import Taking, when_it_answers
from rightsflow.app import current_app
from rightsflow.cases.step.faults import stopping
from rightsflow.cases.step.leases import holding_role
from rightsflow.domain.vocabulary.rights import Right
from tasks.prefect_io.kinds import AnyFuture, AnyState, StateFlow
from tasks.prefect_io.server_shapes import raise_if_stopped

_AT_ONCE: Final = 4
"""The number of a batch's cases in progress at once: a case with a slow system does not delay the others."""
IN_HAND: Final = 2 * _AT_ONCE
"""The largest number of cases that a batch has taken: a few wait for a thread, so that cases are fetched together."""
_LOOKS_SECONDS: Final = 0.25
"""The interval at which a batch with room looks for more cases."""
_LINGERS_SECONDS: Final = 4.0
"""The time for which an idle batch goes on looking, since people decide on one case after the other."""


def _threads() -> TaskRunner[AnyFuture]:
    return cast("TaskRunner[AnyFuture]", ThreadPoolTaskRunner(max_workers=_AT_ONCE))


_ON_CASE: Final[Mapping[Right, StateFlow]] = {
    Right.ACCESS: access_request,
    Right.ERASURE: erasure_request,
    Right.OBJECTION: objection_request,
    Right.RESTRICTION: restriction_request,
    Right.CONSENT: consent_withdrawal_request,
    Right.RECTIFICATION: rectification_request,
}
"""The flow for a case, by its right: the same as in a run of the case's own."""


@flow(name="access-batch", flow_run_name="access batch", task_runner=_threads(), **FLOW)
def access_batch() -> AnyState:
    """Work on imported access requests, the most urgent first. Each is a task run that is named by its case.

    It starts by itself while cases wait. One that is cancelled stops between two steps, and its cases go on in another.
    """
    return _work_through("access-batch")


@flow(name="erasure-batch", flow_run_name="erasure batch", task_runner=_threads(), **FLOW)
def erasure_batch() -> AnyState:
    """Work on imported requests that a plan answers, the most urgent first, as *access-batch* does on access requests.

    It starts by itself while cases wait. One that is cancelled stops between two steps, and its cases go on in another.
    """
    return _work_through("erasure-batch")


BATCH_OF: Final[Mapping[Right, StateFlow]] = {
    right: access_batch if right is Right.ACCESS else erasure_batch for right in Right
}
"""The batches that work on cases of a right."""


@task(name="case", task_run_name="{case_id}", persist_result=False, cache_policy=NO_CACHE, log_prints=False)
def work_on_case(case_id: str, right: str) -> AnyState:
    """Work on a case until it waits or is answered.

    Args:
        case_id: The case.
        right: What it is about.
    """
    try:
        raise_if_stopped()
        state: AnyState = _ON_CASE[Right(right)].fn(case_id)
    except stopping():
        return Cancelled(message="Stopped between two steps; the case goes on in another batch.")
    return state


def _work_through(batch: str) -> AnyState:
    try:
        with ExitStack() as held:
            # By this it is seen that a living process works on the run.
            when_it_answers(lambda: held.enter_context(holding_role(current_app().store, this_run().hex)), _wait)
            ends = _Batch(batch, current_app().settings.imports.batch_size).work()
    except stopping():
        raise
    except BaseException as error:  # noqa: BLE001 - whatever went wrong, its message must not reach Prefect
        return failed(error, "The batch")
    if not ends:
        return Completed(message="No case waited any more.")
    counted = ", ".join(f"{name} {number}" for name, number in sorted(ends.items()))
    return Completed(message=f"{ends.total()} cases worked on: {counted}.")


def _wait() -> None:
    raise_if_stopped()
    sleep(_LOOKS_SECONDS)


class _Batch:
    """Takes cases and works on a few of them at a time.

    Args:
        batch: The flow, which says what they are about.
        size: After how many it takes no more.
    """

    def __init__(self, batch: str, size: int) -> None:
        self._flow = batch
        rights = RIGHTS_OF_BATCH[batch]
        self._taking = Taking(lambda most: current_app().store.waiting.take(most, rights))
        self._left = size
        self._goes_on = False
        self._in_hand = 0
        self._ended: SimpleQueue[AnyFuture] = SimpleQueue()
        self._next_look = self._until = monotonic()

    def work(self) -> Counter[str]:
        """Work on cases until there is nothing to do; returns how many were left in which state.

        Raises:
            Pause: The run is to stop.
        """
        ends: Counter[str] = Counter()
        while self._take() or self._in_hand or (self._left and monotonic() < self._until):
            raise_if_stopped()
            self._let_the_next_begin()
            try:
                found = self._ended.get(timeout=_LOOKS_SECONDS)
            except Empty:
                continue
            self._in_hand -= 1
            ends[_name_of_end(found)] += 1
        return ends

    def _take(self) -> bool:
        """Take some more where there is room; returns whether there were any."""
        room, now = min(IN_HAND - self._in_hand, self._left), monotonic()
        if self._in_hand > _AT_ONCE or not room or now < self._next_look:
            return False
        taken = self._taking.take(room)
        for case in taken:
            begun = work_on_case.submit(case.case_id, case.right.value, return_state=False)
            begun.add_done_callback(self._ended.put)
        self._in_hand += len(taken)
        self._left -= len(taken)
        if len(taken) < room:
            self._next_look = now + _LOOKS_SECONDS
        if taken or self._in_hand or self._taking.is_away:
            self._until = now + _LINGERS_SECONDS
        return bool(taken)

    def _let_the_next_begin(self) -> None:
        """Start the batch that goes on, as soon as this one has threads without work and may take no more."""
        if not self._left and self._in_hand < _AT_ONCE and not self._goes_on and has_deployment():
            self._goes_on = start_next(self._flow)


def _name_of_end(case: AnyFuture) -> str:
    case.wait()
    return outcome_of(case.state)
