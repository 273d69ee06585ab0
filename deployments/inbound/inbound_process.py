"""``python -m deployments.inbound.inbound_process``: the listener as ``rightsflow up`` starts it."""

from __future__ import annotations

import argparse
import logging
import sys

from deployments.inbound.listener import serve_inbound
from deployments.monitoring.logs import log_as_json
from rightsflow.app import current_app
from rightsflow.config.environment import Environment, LogFormat
from rightsflow.domain.errors import RightsflowError

# By its name: as a process of its own it is called __main__, of which the log in JSON shows nothing.
logger = logging.getLogger("deployments.inbound")


def main() -> int:
    """Serve until a signal ends it; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m deployments.inbound.inbound_process", description=__doc__)
    parser.add_argument("--host", required=True, help="the address to listen on")
    parser.add_argument("--port", type=int, required=True, help="the port to listen on")
    options = parser.parse_args()
    try:
        if Environment().log_format is LogFormat.JSON:
            log_as_json("listener")
        else:
            logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
        serve_inbound(current_app(), options.host, options.port)
    except RightsflowError as error:
        logger.error("%s", error)  # noqa: TRY400 - the sentence says all
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
