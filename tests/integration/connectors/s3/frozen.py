"""A server that accepts each connection and then keeps it waiting."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"


class Frozen:
    """Sends each client what it is given, whole or byte for byte, and then nothing.

    Args:
        begins: What is sent at once.
        drips: What is sent a byte at a time, fifty in a second; without end where it ends.
    """

    def __init__(self, begins: bytes, drips: bytes) -> None:
        self._begins, self._drips = begins, drips
        self._server = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self._ended = threading.Event()
        self.connections = 0

    def serve(self) -> None:
        threads: list[threading.Thread] = []
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                break
            self.connections += 1
            threads.append(threading.Thread(target=self._keep_waiting, args=(client,)))
            threads[-1].start()
        for thread in threads:
            thread.join()

    def end(self) -> None:
        self._ended.set()
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _keep_waiting(self, client: socket.socket) -> None:
        with client:
            try:
                client.recv(65536)
                client.sendall(self._begins)
                while self._drips and not self._ended.wait(0.02):
                    client.sendall(self._drips)
                self._ended.wait()
            except OSError:
                return


@contextmanager
def frozen_server(begins: bytes = b"", drips: bytes = b"") -> Iterator[Frozen]:
    """Run such a server.

    Args:
        begins: What is sent at once.
        drips: What is sent again and again after it, fifty times in a second; nothing if empty.
    """
    server = Frozen(begins, drips)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        server.end()
        thread.join()
