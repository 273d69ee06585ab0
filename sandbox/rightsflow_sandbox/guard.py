"""Runs another module and ends with the process that started it, even if that one was killed.

``python -m rightsflow_sandbox.guard MODULE [OPTIONS]`` is ``python -m MODULE [OPTIONS]`` that asks itself to end as
soon as its standard input is closed, which the system does for a parent that is gone.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading


def end_with_parent() -> None:
    """Wait for the end of standard input, then ask this process to end."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Run the module that the command line names, with the rest of the command line."""
    threading.Thread(target=end_with_parent, daemon=True).start()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
