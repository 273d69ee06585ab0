"""The figures of a process and of the store: what they say, how many there may be, how often the store is read."""

from __future__ import annotations

from threading import Thread
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from deployments.monitoring.figures import OTHER, Bounded, ProcessFigures, serving
from deployments.monitoring.store_figures import GATES, LIGHTS, OPEN
from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.telemetry import StepEnd
from rightsflow.domain.vocabulary.rights import Right
from tests.e2e.deployments.monitoring.source import SEALED_AT, Source, figures


def test_a_process_counts_steps_calls_and_runs_and_its_sweeps_once_there_was_one():
    process = ProcessFigures()
    assert process.registry.get_sample_value("rightsflow_watch_last_sweep_timestamp_seconds") is None
    process.swept(10.0)
    process.swept(20.0)
    assert process.registry.get_sample_value("rightsflow_watch_last_sweep_timestamp_seconds") == 20

    process = ProcessFigures()
    process.step("locate", "helpdesk", StepEnd.DONE, 0.3)
    process.call("helpdesk", "locate", "2xx", 0.02)
    process.runs(+1)
    process.runs(+1)
    process.runs(-1)
    value = process.registry.get_sample_value
    step = {"step": "locate", "system": "helpdesk", "outcome": "done"}
    assert value("rightsflow_step_duration_seconds_count", step) == 1
    assert value("rightsflow_step_duration_seconds_bucket", step | {"le": "0.1"}) == 0
    assert value("rightsflow_step_duration_seconds_bucket", step | {"le": "0.5"}) == 1
    call = {"system": "helpdesk", "operation": "locate", "status": "2xx"}
    assert value("rightsflow_call_duration_seconds_sum", call) == 0.02
    assert value("rightsflow_runs_executing") == 1


def test_a_connector_that_calls_everything_otherwise_makes_no_end_of_series():
    process = ProcessFigures()
    for number in range(1000):
        process.call("crm", f"look {number}", "2xx", 0.1)
    [family] = [one for one in process.registry.collect() if one.name == "rightsflow_call_duration_seconds"]
    operations = {sample.labels["operation"] for sample in family.samples}
    assert len(operations) == 61
    other = {"system": "crm", "operation": OTHER, "status": "2xx"}
    assert process.registry.get_sample_value("rightsflow_call_duration_seconds_count", other) == 940

    bounded = Bounded()
    assert (bounded("locate"), bounded("x" * 41)) == ("locate", OTHER)


def test_the_store_is_told_by_right_state_and_light_with_gates_alerts_watch_and_seal():
    value = Source().registry().get_sample_value
    for right in Right:
        for state in OPEN:
            for group, light in LIGHTS.items():
                labels = {"right": right.value, "state": state.value, "light": light}
                assert value("rightsflow_open_cases", labels) == figures().open_cases.get((right, state, group), 0)

    waiting = {
        (right, gate): value("rightsflow_gate_waiting_cases", {"right": right.value, "gate": gate})
        for right in Right
        for gate in GATES.values()
    }
    assert {names: count for names, count in waiting.items() if count} == {
        (Right.ACCESS, "identity"): 5,
        (Right.ERASURE, "approval"): 7,
    }

    assert value("rightsflow_overdue_cases", {"right": "access"}) == 1
    assert value("rightsflow_overdue_cases", {"right": "erasure"}) == 0
    assert value("rightsflow_standing_alerts", {"kind": "overdue", "told": "yes"}) == 4
    assert value("rightsflow_standing_alerts", {"kind": "overdue", "told": "no"}) == 1
    assert value("rightsflow_standing_alerts", {"kind": "at-risk", "told": "no"}) == 0
    assert value("rightsflow_watch_behind_seconds") == 90
    assert value("rightsflow_ledger_last_seal_timestamp_seconds") == SEALED_AT.timestamp()

    source = Source()
    source.answer = figures(sealed_at=None)
    assert source.registry().get_sample_value("rightsflow_ledger_last_seal_timestamp_seconds") is None


def test_a_store_that_is_away_is_a_figure_and_not_the_last_one_known():
    source = Source()
    registry = source.registry()
    assert registry.get_sample_value("rightsflow_overdue_cases", {"right": "access"}) == 1
    source.answer = None
    source.now += 20
    assert registry.get_sample_value("rightsflow_case_store_up") == 0
    assert registry.get_sample_value("rightsflow_overdue_cases", {"right": "access"}) is None


def test_the_store_is_read_when_it_is_asked_for_and_the_slower_the_less_often():
    source = Source()
    source.registry()
    assert source.reads == 0

    for takes, fresh in ((0.1, 15), (2.0, 40)):
        source = Source(takes)
        registry = source.registry()
        registry.get_sample_value("rightsflow_case_store_up")
        source.now += fresh - 0.5
        registry.get_sample_value("rightsflow_case_store_up")
        assert source.reads == 1
        source.now += 1
        registry.get_sample_value("rightsflow_case_store_up")
        assert source.reads == 2

    source = Source()
    registry = source.registry()
    threads = [Thread(target=registry.get_sample_value, args=("rightsflow_case_store_up",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert source.reads == 1


def test_figures_are_served_and_their_port_is_free_again():
    registry = Source().registry()
    with serving(registry, "127.0.0.1", 0) as port:
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            assert b"rightsflow_open_cases" in answer.read()
        with pytest.raises(Misconfigured, match="cannot be served at"), serving(registry, "127.0.0.1", port):
            pass
    with pytest.raises(URLError):
        urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5)
