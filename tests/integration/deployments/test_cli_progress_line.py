"""The line of progress: after two seconds, on a terminal only, and gone before the answer."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from deployments.cli.output import Progress


class Timer:
    """A timer that rings when the test says so."""

    def __init__(self, seconds, act):
        self.seconds, self.ring = seconds, act
        self.is_started = self.is_cancelled = False

    def start(self):
        self.is_started = True

    def cancel(self):
        self.is_cancelled = True


@pytest.fixture
def timers():
    return []


@pytest.fixture
def progress(timers):
    def timer(seconds, act):
        timers.append(Timer(seconds, act))
        return timers[-1]

    return Progress(Console(file=io.StringIO(), force_terminal=True), timer)


def test_it_says_what_goes_on_after_two_seconds_and_goes(progress, timers):
    progress.begin()
    (timer,) = timers
    assert (timer.seconds, timer.is_started) == (2.0, True)
    progress.say("Importing … 1,200 rows")
    timer.ring()
    assert progress._line.status == "Importing … 1,200 rows"
    progress.say("Importing … 2,400 rows")
    assert progress._line.status == "Importing … 2,400 rows"
    progress.end()
    assert (progress._line, timer.is_cancelled) == (None, True)


def test_a_quick_command_shows_nothing(progress, timers):
    progress.begin()
    progress.end()
    timers[0].ring()
    assert progress._line is None


def test_json_and_pipes_have_none(progress, timers):
    progress.is_wanted = False
    progress.begin()
    Progress(Console(file=io.StringIO()), lambda *_: pytest.fail("a pipe has a line of progress")).begin()
    assert timers == []
