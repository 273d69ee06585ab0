"""When Prefect's server asks its database whether a connection is there, and what instants it hands over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace

import pytest

from deployments.worker.internals.server_database import TRUSTED_SECONDS, Pings, plain


class Driver:
    """A connection of the driver's."""

    is_gone = False

    def is_closed(self):
        return self.is_gone


class Line:
    """Connections, of which it is counted how often they are asked for a sign of life."""

    def __init__(self) -> None:
        self.now, self.asked, self.is_cut = 0.0, 0, False
        self.pings = Pings(self.ask, lambda: ConnectionError("closed"), lambda: self.now)

    def ask(self, _connection):
        self.asked += 1
        if self.is_cut:
            raise TimeoutError

    def ping(self, driver):
        self.pings.ping(SimpleNamespace(driver_connection=driver))


def test_a_connection_is_asked_when_it_was_not_used_for_a_while():
    line, one, other = Line(), Driver(), Driver()
    line.ping(one)
    assert line.asked == 1
    line.now = TRUSTED_SECONDS - 0.1
    line.ping(one)
    assert line.asked == 1
    line.ping(other)
    assert line.asked == 2
    line.now += TRUSTED_SECONDS
    line.ping(one)
    assert line.asked == 3


def test_one_that_the_database_has_closed_is_not_used():
    line, one = Line(), Driver()
    line.ping(one)
    one.is_gone = True
    with pytest.raises(ConnectionError):
        line.ping(one)


def test_one_that_did_not_answer_is_asked_again():
    line, one = Line(), Driver()
    line.is_cut = True
    for asked in (1, 2):
        with pytest.raises(TimeoutError):
            line.ping(one)
        assert line.asked == asked


class Strange(datetime):
    """An instant of another library's."""


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=2))], ids=str)
def test_an_instant_is_pythons_own_and_the_same(zone):
    given = Strange(2026, 3, 4, 5, 6, 7, 89, zone, fold=1)
    made = plain(given)
    assert type(made) is datetime
    assert (made, made.tzinfo, made.fold) == (given, zone, 1)
    assert plain(made) is made
    assert plain(None) is None
