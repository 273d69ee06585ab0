"""A case as one who watches sees it: the metrics over HTTP, the lines of its log, and in both nothing of the person."""

from __future__ import annotations

import io
import json
import logging
from contextlib import contextmanager
from datetime import timedelta
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from deployments.monitoring.figures import ProcessFigures, serving
from deployments.monitoring.logs import JsonHandler
from deployments.monitoring.store_figures import StoreCollector
from rightsflow.app import current_app
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.step.faults import StepFailed
from rightsflow.domain.errors import RightsflowError
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.telemetry import recording
from rightsflow.store.queries.figures import read_figures
from rightsflow.testing.fakes import FakeSystem
from tests.support.bench import CANARIES, running_bench
from tests.support.canary import Scanner
from tests.support.steps import SYSTEMS, answered_access, identified, search, send_answer

SCANNER = Scanner({value: value for value in CANARIES})


@pytest.fixture
def bench(tmp_path):
    with running_bench(tmp_path) as made:
        yield made


class Broken(FakeSystem):
    """A system whose SDK quotes whatever it stumbles on, in its log and in its error."""

    def locate(self, known):
        quote = " ".join(CANARIES)
        logging.getLogger("vendor.sdk").error("cannot parse %s", quote, exc_info=(ValueError, ValueError(quote), None))
        raise ValueError(quote)


@contextmanager
def written():
    """All that is logged meanwhile, at its most talkative, as a worker would write it."""
    handler = JsonHandler("worker one")
    handler.setStream(io.StringIO())
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield handler.stream
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


@contextmanager
def watched(bench):
    """What a worker and the store's server serve, asked for over HTTP."""
    process = ProcessFigures()
    runtime = bench.runtime
    process.registry.register(StoreCollector(lambda: read_figures(runtime.store.database, runtime.present)))
    with recording(process), serving(process.registry, "127.0.0.1", 0) as port:

        def ask():
            with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
                return answer.read()

        yield ask


def values(text):
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def steps_of(found, outcome):
    return {
        (labels["step"], labels["system"])
        for (name, *pairs), count in found.items()
        if name == "rightsflow_step_duration_seconds_count" and count
        for labels in [dict(pairs)]
        if labels["outcome"] == outcome
    }


@pytest.mark.apart
def test_a_case_from_the_form_to_the_answer(bench):
    with written() as log, watched(bench) as ask:
        case_id = answered_access(bench)
        send_answer(bench, case_id)
        served = ask()
    found = values(served)
    assert steps_of(found, "done") == {
        *((step, system) for step in ("locate", "extract", "redact") for system in SYSTEMS),
        *((step, "") for step in ("resolve", "assemble", "answer")),
    }
    assert steps_of(found, "failed") == set()
    assert sum(count for (name, *_), count in found.items() if name == "rightsflow_open_cases") == 0
    lines = [json.loads(one) for one in log.getvalue().splitlines()]
    done = [(one["step"], one.get("system", "")) for one in lines if one["message"] == "step done"]
    assert set(done) == steps_of(found, "done")
    assert {one["case"] for one in lines if one["message"] == "step done"} == {case_id}
    assert case_id.encode() not in served
    assert not SCANNER.scan(log.getvalue().encode(), "log")
    assert not SCANNER.scan(served, "figures")


def test_a_step_that_fails_with_all_it_has_in_hand(bench):
    case_id = identified(bench, "access")
    bench.systems["helpdesk"] = Broken(system="helpdesk")
    with written() as log, watched(bench) as ask:
        with pytest.raises((StepFailed, RightsflowError)):
            search(case_id)
        served = ask()
    assert steps_of(values(served), "failed") == {("locate", "helpdesk")}
    lines = [json.loads(one) for one in log.getvalue().splitlines()]
    [failed] = [one for one in lines if one["message"].startswith("step failed")]
    assert (failed["level"], failed["case"], failed["step"], failed["system"]) == (
        "warning",
        case_id,
        "locate",
        "helpdesk",
    )
    assert "ValueError" in failed["message"]
    [vendor] = [one for one in lines if one["level"] == "error"]
    assert (vendor["logger"], vendor["case"], vendor["system"]) == ("unnamed", case_id, "helpdesk")
    assert not SCANNER.scan(log.getvalue().encode(), "log")
    assert not SCANNER.scan(served, "figures")


@pytest.mark.apart
def test_a_case_that_waits_and_then_is_late(bench):
    reach_gate(current_app(), bench.open("erasure"), Gate.IDENTITY)
    for days, light, overdue in ((0, "green", 0), (60, "red", 1)):
        bench.pass_time(timedelta(days=days))
        with watched(bench) as ask:
            found = values(ask())
        labels = (("light", light), ("right", "erasure"), ("state", "identity pending"))
        assert found["rightsflow_open_cases", *labels] == 1
        assert found["rightsflow_gate_waiting_cases", ("gate", "identity"), ("right", "erasure")] == 1
        assert found["rightsflow_overdue_cases", ("right", "erasure")] == overdue
