"""A plain script: the HTTP calls of a case once more, one after the other, with ``requests`` and nothing else."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import requests
from requests.adapters import HTTPAdapter

SECONDS_A_CALL = 30.0


@contextmanager
def on_tape() -> Iterator[list[requests.PreparedRequest]]:
    calls: list[requests.PreparedRequest] = []
    send = HTTPAdapter.send

    def keeping(self: HTTPAdapter, request: requests.PreparedRequest, *options: Any, **named: Any) -> requests.Response:
        calls.append(request.copy())
        return send(self, request, *options, **named)

    with patch.object(HTTPAdapter, "send", keeping):
        yield calls


def replay(calls: Sequence[requests.PreparedRequest]) -> float:
    """Repeat the calls; return the seconds."""
    began = time.perf_counter()
    with requests.Session() as session:
        for call in calls:
            session.send(call, timeout=SECONDS_A_CALL).raise_for_status()
    return time.perf_counter() - began
