"""``python -m deployments.local.keeping_worker``: the worker of ``up``, and the keeper beside it in the same process.

Both need nearly everything of ours, which takes over a hundred megabytes in each process that has it. Before the worker
takes its first run, the server is set up where it is new, and what a worker that died left is started again.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from prefect.logging.configuration import setup_logging
from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings
from prefect.utilities.processutils import setup_signal_handlers_worker
from prefect.workers.process import ProcessWorker

from deployments.local.setting_up import SettingUp
from deployments.local.worker_process import SetUpReport
from deployments.monitoring.logs import log_as_json
from deployments.monitoring.store_figures import store_served
from deployments.pool_types import PoolType
from deployments.renewal import RunningApp
from deployments.runs.keeper import Duties, Keeper
from deployments.runs.work_notices import WorkNotices
from deployments.worker.worker_type import ResidentWorker
from rightsflow.config.environment import Environment, LogFormat
from rightsflow.domain.errors import BadInput, Misconfigured, RightsflowError
from rightsflow.domain.running_parts import WORKER

# By its name: as a process of its own it is called __main__, of which the log in JSON shows nothing.
logger = logging.getLogger("deployments.local.keeping_worker")

_CLIENT: Final = {PREFECT_CLIENT_MAX_RETRIES: 1}
"""A server that ended is started again by another process; waiting for it is ours, with its own pauses."""
_SWEEP_SECONDS: Final = 30.0
"""Less often than on a cluster: what a worker that died left is found when its next one starts."""
_END_SECONDS: Final = 5.0


def main() -> int:
    """Set up, keep and work until a signal ends it; returns the exit status."""
    options = _options()
    pool_type = PoolType(options.type)
    try:
        environment = Environment()
        if environment.log_format is LogFormat.JSON:
            log_as_json(options.name)
        running = RunningApp(WORKER)
        app = running()
        duties = Duties.of(app.store, app.settings, pool_type, WorkNotices(running))
        keeper = Keeper(app.store, duties, sweep_seconds=_SWEEP_SECONDS)
        with store_served(environment, options.store_figures):
            with temporary_settings(_CLIENT):
                if options.set_up:
                    SettingUp().set_up(app.settings, keeper, pool_type).write(options.set_up)
                else:
                    # Before the worker starts, so that what it takes at once is not mistaken for something left behind.
                    keeper.sweep(worker_is_new=True)
            with _keeping(keeper, options.alive):
                _work(pool_type, options.name, options.limit)
    except RightsflowError as error:
        logger.error("%s", error)  # noqa: TRY400 - the sentence says all
        if options.set_up:
            is_for_a_person = isinstance(error, BadInput | Misconfigured)
            SetUpReport(fault=str(error), is_for_a_person=is_for_a_person).write(options.set_up)
        return 1
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deployments.local.keeping_worker", description=__doc__)
    parser.add_argument("--type", required=True, choices=[item.value for item in PoolType], help="the work pool's type")
    parser.add_argument("--name", required=True, help="the worker's name")
    parser.add_argument("--limit", type=int, required=True, help="how many runs it executes at a time")
    parser.add_argument("--alive", type=Path, required=True, metavar="FILE", help="touched by the keeper at each look")
    parser.add_argument("--set-up", type=Path, metavar="FILE", help="set the server up, and report that in a file")
    parser.add_argument("--store-figures", type=int, default=0, help="the port for the case store's figures")
    return parser.parse_args()


@contextmanager
def _keeping(keeper: Keeper, alive: Path) -> Iterator[None]:
    """Keep runs going for the duration of the block."""
    stop = threading.Event()

    def keep() -> None:
        try:
            with temporary_settings(_CLIENT):
                keeper.run(stop, alive)
        except BaseException:
            # Without it cases would wait for ever; the whole process is started again.
            os.kill(os.getpid(), signal.SIGTERM)
            raise

    thread = threading.Thread(target=keep, name="keeper", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(_END_SECONDS)


def _work(pool_type: PoolType, name: str, limit: int) -> None:
    """Work as ``prefect worker start`` does, until a signal ends it.

    Without that command, which loads a client of Redis and everything else that is installed for Prefect: a tenth of
    what the process takes of memory.
    """
    setup_logging()
    with suppress(KeyboardInterrupt):
        asyncio.run(_until_a_signal(pool_type, name, limit))


async def _until_a_signal(pool_type: PoolType, name: str, limit: int) -> None:
    worker_type = ProcessWorker if pool_type is PoolType.PROCESS else ResidentWorker
    # Within the loop, whose own way to end at SIGINT it goes by.
    setup_signal_handlers_worker(os.getpid(), f"the {pool_type.value} worker", print)
    worker = worker_type(work_pool_name=pool_type.pool, name=name, limit=limit)
    with suppress(asyncio.CancelledError):
        await worker.start()


if __name__ == "__main__":
    sys.exit(main())
