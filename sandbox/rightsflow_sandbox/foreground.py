"""The sandbox in the foreground: ``python -m rightsflow_sandbox --folder DIR``, until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from threading import Event

from rightsflow_sandbox.center import DEFAULT_CUSTOMERS, DEFAULT_SEED, SandboxCenter
from rightsflow_sandbox.processes import SandboxError


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="python -m rightsflow_sandbox", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="empty folder for the sandbox's files")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="what the world is made from")
    parser.add_argument("--customers", type=int, default=DEFAULT_CUSTOMERS, help="how many customers")
    parser.add_argument("--today", type=date.fromisoformat, help="day the world ends before (default: today)")
    parser.add_argument("--database-url", default="", help="SQLAlchemy URL for the call records (default: SQLite)")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Run until stopped; return the exit status."""
    options = arguments(argv)
    # Both interrupt whatever is going on, the start too, and then the block's end stops the processes.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        center = SandboxCenter(
            options.folder,
            today=options.today or date.today(),  # noqa: DTZ011 - the day on this machine
            seed=options.seed,
            customers=options.customers,
            database_url=options.database_url,
        )
        with center:
            _show(center)
            Event().wait()
    except KeyboardInterrupt:
        return 0
    except (SandboxError, ValueError) as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    return 0


def _show(center: SandboxCenter) -> None:
    """Print where everything is; no personal data."""
    configuration = center.folder / "systems.toml"
    configuration.write_text(center.systems_toml(), encoding="utf-8")
    lines = (
        f"helpdesk       {center.helpdesk_url}",
        f"payments       {center.payments_url}",
        f"recordings     {center.recordings_folder}",
        f"configuration  {configuration}",
        "Stop with Ctrl-C.",
    )
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
