"""An application that a thread of this process serves, for a real browser before it."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager

import uvicorn

from deployments.ports import free_port

READY_SECONDS = 120


@contextmanager
def served(app):
    """The address of an application, such as a desk's, while it is served."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + READY_SECONDS
    while not server.started:
        assert thread.is_alive()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    try:
        yield f"http://localhost:{port}"
    finally:
        server.should_exit = True
        thread.join(READY_SECONDS)
