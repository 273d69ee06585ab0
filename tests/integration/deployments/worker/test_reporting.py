"""A run's state is reported until the server takes it, unless it refuses it or the run is to stop."""

from __future__ import annotations

import httpx
import pytest

from deployments.worker.executing import LONGEST_SECONDS, until_taken

LOST = httpx.ConnectError("nothing listens")


def fault(status):
    answer = httpx.Response(status, request=httpx.Request("POST", "http://127.0.0.1/api"))
    return httpx.HTTPStatusError("told", request=answer.request, response=answer)


class Server:
    """A server, and its client, that answers some reports with faults before it takes one; sleeping moves its time."""

    def __init__(self, *faults) -> None:
        self.faults, self.slept = list(faults), 0.0

    def monotonic(self):
        return self.slept

    def sleep(self, seconds):
        self.slept += seconds

    def report(self):
        if self.faults:
            raise self.faults.pop(0)
        return "taken"


def test_it_is_reported_again_each_second_while_the_server_or_its_database_is_away():
    """A database that is not there is a fault of the server's own, which Prefect's client does not try again."""
    server = Server(fault(503), LOST, fault(500), fault(500))
    assert until_taken(server.report, lambda: False, server) == "taken"
    assert server.slept == 4


@pytest.mark.parametrize(
    ("fault", "is_to_stop", "seconds"),
    [(fault(409), False, 0), (fault(500), True, 0), (fault(500), False, LONGEST_SECONDS), (ValueError(), False, 0)],
    ids=["refused", "to stop", "away for too long", "another fault"],
)
def test_it_is_not_tried_again_where_that_is_of_no_use(fault, is_to_stop, seconds):
    server = Server(*[fault] * 1000)
    with pytest.raises(type(fault)):
        until_taken(server.report, lambda: is_to_stop, server)
    assert server.slept == seconds
