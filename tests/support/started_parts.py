"""``python -m tests.support.started_parts PART``: start a part of ours, and print what of other people's it replaced.

Everything of Prefect is loaded before. The parts are those that ``rightsflow up`` starts, and a command; what the part
needs is in the environment. With ``--plant`` something is replaced while it runs, as if the part had done so.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from functools import partial, partialmethod

from tests.support.replaced import Look, load_everything

PARTS = ("server", "worker", "command")
LONGEST_SECONDS = 300.0


def main() -> int:
    """Start the part; prints what was replaced, as JSON in the last line."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("part", choices=PARTS)
    options.add_argument("--plant", action="store_true")
    given, more = options.parse_known_args()
    load_everything()
    look = Look()
    found = {"server": _server, "worker": _worker, "command": _command}[given.part](
        look, _planted if given.plant else lambda: None, more
    )
    sys.stdout.write(f"\n{json.dumps(found)}\n")
    return 0


def _planted() -> None:
    """A function of Prefect's, a method of a dependency's, and one that an instance has for itself."""
    import logging

    import uvicorn
    from prefect import flow_engine

    flow_engine.run_flow = partial(flow_engine.run_flow)
    uvicorn.Server.on_tick = partialmethod(uvicorn.Server.on_tick)
    one = logging.getLogger("prefect.flow_runs")
    one.isEnabledFor = one.isEnabledFor


def _server(look, plant, more) -> list[str]:
    from deployments.front import __main__ as front
    from deployments.local.server import serves

    found: list[str] = []

    def watch() -> None:
        deadline = time.monotonic() + LONGEST_SECONDS
        while not serves(f"http://127.0.0.1:{more[-1]}/api") and time.monotonic() < deadline:
            time.sleep(0.2)
        plant()
        found.extend(look.replaced())
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=watch, daemon=True).start()
    sys.argv = ["front", *more]
    with suppress(KeyboardInterrupt):
        front.main()
    return found


def _worker(look, plant, more) -> list[str]:
    from deployments.worker.worker_type import ResidentWorker

    async def work() -> list[str]:
        worker = ResidentWorker(*more, name="looked at")
        # It takes what waits and executes it, so that everything has been used once.
        await worker.start(run_once=True, printer=lambda _: None)
        plant()
        return look.replaced()

    return asyncio.run(work())


def _command(look, plant, more) -> list[str]:
    from deployments.cli.main import run

    run(more)
    plant()
    return look.replaced()


if __name__ == "__main__":
    sys.exit(main())
