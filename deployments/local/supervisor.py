"""``python -m deployments.local.supervisor``: what ``rightsflow up`` becomes; see :mod:`deployments.local.up_plan`.

It does not import Prefect, pydantic, SQLAlchemy or the command line: it lives for as long as ``up``, and needs a tenth
of the memory of a process that has them.
"""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Final

from deployments.local.listener_process import ListenerAddress
from deployments.local.up import LocalStack, stop_on_signals
from deployments.local.up_plan import UpPlan
from deployments.monitoring.logs import is_json, log_as_json
from deployments.server_access import secret_file
from rightsflow.domain.errors import BadInput, RightsflowError

# By its name: as a process of its own it is called __main__, of which the log in JSON shows nothing.
logger = logging.getLogger("deployments.local.supervisor")

_STOPPED: Final = 130
_BOLD, _DIM, _RED, _YELLOW, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[1;31m", "\x1b[33m", "\x1b[0m"


def main() -> int:
    """Hold up what was handed over until a signal ends it; returns the exit status."""
    plan = UpPlan.received(int(sys.argv[1]))
    if plan.in_json:
        log_as_json("rightsflow")
    else:
        logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        _hold_up(plan)
    except RightsflowError as error:
        _complain(str(error), logging.ERROR)
        return 2 if isinstance(error, BadInput) else 1
    except KeyboardInterrupt:
        _complain("Stopped.", logging.ERROR)
        return _STOPPED
    except Exception as error:  # noqa: BLE001 - a traceback may quote what a log must not hold
        place = traceback.extract_tb(error.__traceback__)[-1]
        what = f"up failed unexpectedly: {type(error).__name__} in {place.name}, line {place.lineno}"
        _complain(f"{what}; report this as a fault.", logging.ERROR)
        return 1
    return 0


def _hold_up(plan: UpPlan) -> None:
    stack = LocalStack(
        plan.home,
        port=plan.port,
        environment=plan.environment,
        pool_type=plan.pool_type,
        database=plan.database,
        public_url=plan.public_url,
        has_desk=plan.has_desk,
        store_figures=plan.store_figures,
        listens_at=ListenerAddress(*plan.listens_at) if plan.listens_at else None,
    )
    if stack.note:
        _complain(stack.note, logging.INFO)
    with stop_on_signals() as stop, stack.running(lambda what: _complain(f"… {what}", logging.INFO)):
        _say(f"Rightsflow is up: {_shown(plan.public_url or stack.server.ui_url)}")
        for line in plan.sign_in if plan.has_desk else _without_desk(plan, stack):
            _say(line)
        _say("Ctrl-C stops everything.")
        for problem in stack.problems:
            _complain(problem, logging.WARNING)
        stack.watch(stop)


def _without_desk(plan: UpPlan, stack: LocalStack) -> list[str]:
    """Return the advice on signing in to Prefect's UI; the secret is shown once, on a terminal, and to no file."""
    file, opening = secret_file(plan.home), stack.deployments["open-from-ticket"]
    enter = f"Open a request from a ticket: {stack.server.ui_url}/deployments/deployment/{opening}/run"
    if stack.has_new_sign_in and sys.stdout.isatty():
        return [
            f"Sign in with this line, shown only now: {_shown(stack.server.access.secret or '')}",
            f"It is kept in {file}, which only you can read.",
            enter,
        ]
    return [f"Sign in with the line in {file}.", enter]


def _shown(text: str) -> str:
    return f"{_BOLD}{text}{_PLAIN}" if sys.stdout.isatty() else text


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _complain(sentence: str, level: int) -> None:
    """Say on stderr what goes on, or what is wrong."""
    if is_json():
        logger.log(level, "%s", sentence)
        return
    warning = "Warning: " if level == logging.WARNING else ""
    color = {logging.INFO: _DIM, logging.WARNING: _YELLOW}.get(level, _RED)
    text = f"{warning}{sentence}"
    sys.stderr.write(f"{color}{text}{_PLAIN}\n" if sys.stderr.isatty() else f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
