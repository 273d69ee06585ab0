"""A value in every field of Prefect's interface, by a browser and by a program: none is left in the database.

Each field gets a value of its own. What a program writes into events, log lines and messages of states is the stated
limit; see docs/explanation/threat-model.md.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest
from prefect.client.orchestration import get_client
from prefect.exceptions import PrefectHTTPStatusError

from deployments.runs.scrubbing import Scrubber
from tests.support.bench import SETTINGS
from tests.support.canary import Scanner, sqlite_tables
from tests.support.flow_runs import post_run
from tests.support.prefect_interface import operations

BY_A_PROGRAM = {
    "parameters": lambda text: {"case_id": text, "note": text},
    "context": lambda text: {text: text},
    "labels": lambda text: {"note": text},
    "idempotency_key": str,
    "work_queue_name": str,
    "job_variables": lambda text: {"note": text},
    "empirical_policy": lambda text: {"pause_keys": [text]},
}
"""What a program may put on a new run, besides what goes into events."""

ROUNDS = 30
IN_EVENTS = {("work_queue_name by a program", f"table {table}") for table in ("events", "event_resources")}
"""Prefect tells of a new work queue in an event, which no call removes; a browser names none."""


class Planting:
    """Values of their own, by where they were entered."""

    def __init__(self):
        self.values, self._numbers = {}, count(10_001)

    def value(self, place):
        self.values[place] = f"zephyrine.quill.{next(self._numbers)}@example.com"
        return self.values[place]

    def left_in(self, database):
        hits = Scanner(self.values).scan_all(sqlite_tables(database))
        return {(hit.canary, hit.place) for hit in hits}


def enter(client, origin, method, path, body, ids):
    """What a page sends; returns whether the server took it."""
    try:
        client.request(method, path, path_params=ids, json=body, headers={"origin": origin})
    except PrefectHTTPStatusError as error:
        assert error.response.status_code < 500
        return False
    return True


@pytest.mark.slow
def test_nothing_of_what_is_entered_is_left(bench, deployments, prefect_server, monkeypatch):
    planting, origin = Planting(), prefect_server.ui_url
    case_id = bench.open("access", email="somebody.else@example.org")
    with get_client(sync_client=True) as client:
        run = post_run(deployments["access-request"], parameters={"case_id": case_id})
        names = ("id", "flow_run_id", "schedule_id", "lease_id", "key", "tag", "countable", "id_or_name")
        ids = dict.fromkeys(names, run.id) | {"name": "x", "work_pool_name": "x"}
        for method, address, fields in operations():
            path = address.removeprefix("/api")
            of = {"id": deployments["access-request"]} if path.startswith("/deployments") else {}
            body = {field: planting.value(f"{method} {path} {field} by a browser") for field in fields or ()}
            for part in (body, *({field: value} for field, value in body.items())) if body else ():
                enter(client, origin, method, path, part, ids | of)
        typed = planting.value("every text of a new run by a browser")
        state = {"type": "SCHEDULED", "name": typed, "message": typed}
        texts = {"name": typed, "tags": [typed], "labels": {"a": typed}, "idempotency_key": typed, "state": state}
        form = f"/deployments/{deployments['access-request']}/create_flow_run"
        assert enter(client, origin, "POST", form, texts | {"parameters": {"case_id": case_id}}, {})
        typed = planting.value("every text of a state by a browser")
        state = {"type": "CANCELLED", "name": typed, "message": typed, "data": typed}
        assert enter(client, origin, "POST", f"/flow_runs/{run.id}/set_state", {"state": state, "force": True}, {})
        for field, shape in BY_A_PROGRAM.items():
            place = f"{field} by a program"
            post_run(
                deployments["access-request"],
                **({"parameters": {"case_id": case_id}} | {field: shape(planting.value(place))}),
            )
        client.create_flow_run_input(run.id, key="note", value=planting.value("input by a program"))
        client.update_flow_run(run.id, flow_version=planting.value("flow_version by a program"))
        before = planting.left_in(prefect_server.database.file)
        assert {place for place, _ in before} >= {f"{field} by a program" for field in BY_A_PROGRAM}, "the control"
        assert {place for place, _ in before if "by a browser" in place} == set()
        scrubber = Scrubber(bench.runtime.store, SETTINGS, reading=timedelta(0), full_every=1)
        # The server has runs of other tests too, and a sweep looks at the inputs of ten.
        for _ in range(ROUNDS):
            scrubber.sweep()
            if (left := planting.left_in(prefect_server.database.file)) <= IN_EVENTS:
                break
    assert left <= IN_EVENTS
