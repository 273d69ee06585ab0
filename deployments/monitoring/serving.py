"""Serve figures to Prometheus over HTTP, in a thread of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, start_http_server

from rightsflow.domain.errors import Misconfigured


@contextmanager
def serving(registry: CollectorRegistry, address: str, port: int) -> Iterator[int]:
    """Serve a registry's figures under ``/metrics`` for the duration of the block.

    Args:
        registry: The figures.
        address: The address of this machine to serve them on.
        port: The port; 0 takes a free one.

    Yields:
        The port.

    Raises:
        Misconfigured: They cannot be served there.
    """
    try:
        server, thread = start_http_server(port, address, registry)
    except OSError:
        raise Misconfigured(
            f"The figures cannot be served at {address}:{port}; free the port, or give another one in "
            "RIGHTSFLOW_METRICS_PORT or address in RIGHTSFLOW_METRICS_ADDRESS."
        ) from None
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
