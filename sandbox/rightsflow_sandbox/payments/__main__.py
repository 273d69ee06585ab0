"""The payment provider as a process: ``python -m rightsflow_sandbox.payments --port 8002 --data FILE``.

localstripe, with :mod:`~rightsflow_sandbox.payments.gaps` and :mod:`~rightsflow_sandbox.payments.web`, on this
machine's own address only (its own command listens on all), silent (it would print e-mail addresses), and with its
state in a file of the sandbox's instead of ``/tmp``.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import sys
from collections.abc import Sequence
from pathlib import Path

from aiohttp import web
from localstripe import resources

from rightsflow_sandbox.payments.gaps import fill_classes
from rightsflow_sandbox.payments.seeding import seed
from rightsflow_sandbox.payments.web import fill_app

KEY_VARIABLE = "PAYMENTS_API_KEY"
"""The environment variable with the only key that is let in."""


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="python -m rightsflow_sandbox.payments", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="port to listen on, at 127.0.0.1")
    parser.add_argument("--data", type=Path, required=True, help="JSON file with the accounts to begin with")
    parser.add_argument("--state", type=Path, required=True, help="file that the state is written to at the end")
    return parser.parse_args(argv)


def build_app(data: Path, state: Path, api_key: str) -> web.Application:
    """Localstripe's application, filled from a file when it starts and written to another when it ends.

    Args:
        data: The accounts to begin with.
        state: Where localstripe's store goes at the end.
        api_key: The only key that is let in.
    """
    fill_classes()
    from localstripe.server import app  # noqa: PLC0415 - builds its routes when it is imported

    fill_app(app, api_key)
    accounts = json.loads(data.read_text(encoding="utf-8"))

    async def begin(_app: web.Application) -> None:
        seed(accounts)

    async def end(_app: web.Application) -> None:
        _keep(state)

    app.on_startup.append(begin)
    app.on_cleanup.append(end)
    application: web.Application = app
    return application


def _keep(state: Path) -> None:
    state.touch(mode=0o600)
    state.write_bytes(pickle.dumps(dict(resources.store)))


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until stopped; return the exit status."""
    options = arguments(argv)
    key = os.environ.get(KEY_VARIABLE, "")
    if not key:
        sys.stderr.write(f"Set {KEY_VARIABLE} in the environment: the payment provider has no default key.\n")
        return 2
    app = build_app(options.data, options.state, key)
    web.run_app(app, host="127.0.0.1", port=options.port, access_log=None, print=None, shutdown_timeout=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
