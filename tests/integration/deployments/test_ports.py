"""Ports for servers that are about to start."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from deployments.ports import free_port, free_ports, is_free
from rightsflow.domain.errors import BadInput


def test_several_are_distinct_and_nobody_is_given_one_by_chance():
    # On Linux, one who asks for any port gets one of this range, for an outgoing call too.
    lowest_given_out = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])

    assert all(port < lowest_given_out for port in free_ports(1_000))

    assert len(set(free_ports(1_000))) == 1_000


def test_a_server_can_listen_on_it_and_it_is_then_not_free():
    with socket.create_server(("127.0.0.1", free_port())) as server:
        assert server.getsockname()[1] not in free_ports(100)

    port = free_port()

    with socket.create_server(("127.0.0.1", port)):
        assert not is_free(port)
    assert is_free(port)


def test_too_many_are_a_sentence():
    two = range(free_port(), 32_768)[:2]
    with pytest.raises(BadInput, match=r"^Only [012] of the ports from \d+ to \d+ are free; stop what uses them\.$"):
        free_ports(3, two)
