"""What of a run is one of our own words, value by value."""

from __future__ import annotations

from uuid import uuid4

import pytest
from prefect.client.schemas.objects import CreatedBy, FlowRun, FlowRunPolicy
from prefect.states import Failed

from deployments.runs.own_words import Owner, changes, holds_identifier, is_lasting

TYPED = "Wanda Förmlich"
CASE = "DSR-2026-AAAAAA"
OF_A_CASE = Owner("access-request", "", frozenset({"default"}), frozenset({"helpdesk"}))
OF_A_FORM = Owner("open-request", "open a request", frozenset({"default"}), frozenset({"helpdesk"}))
UUID = "0b6f1c52-7d3e-4a58-9c1b-2f4e8d6a7b90"


def run(**fields):
    return FlowRun(flow_id=uuid4(), **({"name": CASE, "parameters": {"case_id": CASE}} | fields))


OURS = {
    "tags": [["rightsflow", "access", "erasure", "helpdesk", "red", "amber", "green", "watch", "auto-scheduled"], []],
    "flow_version": [None, "", "3f2a", "0"],
    "infrastructure_pid": [None, "4711", "host-1.example:4711", "0"],
    "job_variables": [None, {}],
    "empirical_policy": [
        FlowRunPolicy(pause_keys={"identity-0", "approval-12", "identity-0-dsr-2026-aaaaaa"}, retries=3)
    ],
    "context": [{}],
    "labels": [{}, {"prefect.flow.id": "x", "prefect.work-pool.name": "y"}],
    "idempotency_key": [None, CASE, UUID, UUID.replace("-", ""), f"scheduled {UUID} {UUID} 2026-03-05 10:00:00+00:00"],
    "created_by": [
        None,
        CreatedBy(type="SCHEDULE"),
        *(CreatedBy(type="SCHEDULE", display_value=f"{kind}Schedule") for kind in ("Interval", "Cron", "RRule")),
    ],
    "work_queue_name": [None, "default", "bulk"],
    "state": [
        None,
        Failed(message=f"{CASE}, due Tue 07 Apr 2026. Now the run {UUID}; 12 of 4,711 at 10:00."),
    ],
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field in OURS for value in OURS[field]])
def test_what_we_and_prefect_write_stays(field, value):
    assert changes(run(**{field: value}), OF_A_CASE) == {}
    assert not is_lasting(run(**{field: value}), OF_A_CASE)


@pytest.mark.parametrize(
    ("field", "value", "left"),
    [
        ("name", TYPED, CASE),
        ("name", "anna-quill", CASE),
        ("tags", ["access", TYPED, "wanda"], ["access"]),
        ("flow_version", "wanda", "0"),
        ("infrastructure_pid", TYPED, "0"),
        ("job_variables", {TYPED: 1}, {}),
    ],
)
def test_what_was_typed_is_overwritten(field, value, left):
    assert changes(run(**{field: value}), OF_A_CASE) == {field: left}


def test_a_run_is_named_by_its_case_or_by_what_it_does():
    assert changes(run(name=CASE, parameters={"case_id": f" {CASE.lower()} "}), OF_A_CASE) == {}
    assert changes(run(parameters={"case_id": TYPED}), OF_A_CASE) == {"name": "access-request"}
    assert changes(run(name="brave-otter"), OF_A_FORM) == {"name": "open a request"}
    assert changes(run(name="brave-otter", auto_scheduled=True), OF_A_FORM) == {}
    assert changes(run(name=TYPED, auto_scheduled=True), OF_A_FORM) == {"name": "open a request"}


def test_keys_of_suspensions_that_no_gate_has_are_taken_out():
    changed = changes(run(empirical_policy=FlowRunPolicy(pause_keys={"identity-0", TYPED}, retries=2)), OF_A_CASE)
    assert (changed["empirical_policy"].pause_keys, changed["empirical_policy"].retries) == ({"identity-0"}, 2)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("context", {"for": TYPED}),
        ("job_variables", {TYPED: 1}),
        ("labels", {TYPED: 1}),
        ("labels", {"note": TYPED}),
        ("idempotency_key", "wanda"),
        ("idempotency_key", f"{CASE} of Wanda"),
        ("created_by", CreatedBy(type="AUTOMATION", display_value=TYPED)),
        ("work_queue_name", "wanda"),
        ("state", Failed(message="asked by wanda.foermlich@example.com")),
        ("state", Failed(message="call +49 30 23125 777")),
    ],
)
def test_what_no_call_overwrites_is_seen(field, value):
    assert is_lasting(run(**({"state": Failed()} | {field: value})), OF_A_CASE)


@pytest.mark.parametrize("text", ["a@b.de", "<anna@x.example>", "+4915112345678", "030 23125 777", "0049 (30) 23125"])
def test_an_identifier_in_a_text(text):
    assert holds_identifier(f"It is {text} who asks.")


@pytest.mark.parametrize(
    "text",
    ["2026-03-05T10:00:00+01:00", UUID, "10,000 of 123456789", "http://127.0.0.1:4200/runs", "7 Apr 2026", "S3 02 12"],
)
def test_what_is_none(text):
    assert not holds_identifier(f"It is {text} which counts.")
