"""The helpdesk as a process: ``python -m rightsflow_sandbox.helpdesk --port 8001 --data helpdesk.json``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from rightsflow_sandbox.helpdesk.access import Client
from rightsflow_sandbox.helpdesk.errors import DataError
from rightsflow_sandbox.helpdesk.limits import PLANS, Limits
from rightsflow_sandbox.helpdesk.loading import load_helpdesk
from rightsflow_sandbox.helpdesk.server import listen, server, site_at
from rightsflow_sandbox.helpdesk.state import HelpdeskState
from rightsflow_sandbox.helpdesk.values import Pace


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="python -m rightsflow_sandbox.helpdesk", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, required=True, help="port to listen on")
    parser.add_argument("--data", type=Path, required=True, help="JSON file with the helpdesk's data")
    parser.add_argument("--public-url", default="", help="URL by which clients reach it, if not by host and port")
    parser.add_argument("--plan", choices=sorted(PLANS), help="hold clients to this plan's rate limits")
    parser.add_argument("--index-lag", type=float, default=0.0, metavar="SECONDS", help="delay of the search index")
    parser.add_argument("--admin", action="store_true", help="open the sandbox's own switches under /__sandbox")
    return parser.parse_args(argv)


def credentials() -> Client:
    """Return the OAuth client out of the environment.

    Raises:
        DataError: A variable is missing.
    """
    names = ("HELPDESK_CLIENT_ID", "HELPDESK_CLIENT_SECRET")
    missing = [name for name in names if not os.environ.get(name)]
    if missing:
        raise DataError(f"Set {' and '.join(missing)} in the environment: the helpdesk has no default credentials.")
    return Client(client_id=os.environ[names[0]], secret=os.environ[names[1]])


def load(options: argparse.Namespace) -> HelpdeskState:
    """Return the helpdesk that the command line asks for.

    Raises:
        DataError: The file or the environment cannot be used.
    """
    client = credentials()
    try:
        mapping = json.loads(options.data.read_text(encoding="utf-8"))
    except OSError as problem:
        raise DataError(f"The data file cannot be read: {problem.strerror}.") from None
    except ValueError:
        raise DataError("The data file is not valid JSON in UTF-8.") from None
    limits = Limits.published(options.plan) if options.plan else Limits()
    state = load_helpdesk(mapping, pace=Pace(index_lag_seconds=options.index_lag), limits=limits)
    state.access.register(client)
    state.site = site_at(options.host, options.port)
    if options.public_url:
        state.site.account_url = state.site.content_url = options.public_url.rstrip("/")
    return state


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until stopped; return the exit status."""
    options = arguments(argv)
    try:
        state = load(options)
        listener = listen(options.host, options.port)
    except DataError as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    except OSError as problem:
        sys.stderr.write(f"Cannot listen on port {options.port}: {problem.strerror}.\n")
        return 1
    with suppress(KeyboardInterrupt):
        server(state, admin=options.admin).run(sockets=[listener])
    return 0


if __name__ == "__main__":
    sys.exit(main())
