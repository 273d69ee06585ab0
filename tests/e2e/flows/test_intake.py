"""open-request: seals its form in every case, opens one case and starts one run for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from prefect.exceptions import PrefectHTTPStatusError, SignatureMismatchError
from prefect.states import Crashed, StateType

from flows.intake import open_request
from rightsflow.app import installed
from rightsflow.domain.actors import NO_ONE_SIGNED_IN
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.store import Database, Store
from rightsflow.vault import MasterKey
from tests.support.canary import Scanner, all_logs
from tests.support.flow_runs import order_run, post_run, read_run, runs_named, work_on

EMAIL, PHONE, NUMBER, NAME = "wanda.form@example.com", "+49 30 23125 777", "KD-5550001", "Wanda Förmlich"
SCANNER = Scanner({"email": EMAIL, "phone": "23125 777", "digits": "23125777", "number": NUMBER, "name": NAME})
FORM = {
    "right": "erasure",
    "received_on": "2026-03-04",
    "email": EMAIL,
    "phone": PHONE,
    "customer_id": NUMBER,
    "name": NAME,
}
BLANK = {"right": "access", "received_on": "1970-01-01", "name": "sealed"}


def submit(deployments, **changes):
    """Fill in the form, let the run work, and return it as the server holds it."""
    run = order_run(deployments["open-request"], **(FORM | changes))
    work_on(open_request, run.id)
    return read_run(run.id)


def assert_nothing_is_left(run):
    assert not SCANNER.scan(run.model_dump_json().encode(), "the run")


def only_case(bench):
    (case,) = bench.runtime.store.summaries()
    return case


def test_a_form_becomes_a_case_and_its_run_and_leaves_prefect(bench, deployments):
    run = submit(deployments)
    case = only_case(bench)
    assert (run.state.type, run.state.name) == (StateType.COMPLETED, "Opened")
    assert run.state.message == f"{case.case_id}, due Tue 07 Apr 2026."
    assert run.parameters == BLANK
    assert_nothing_is_left(run)
    with bench.file(case.case_id) as file:
        assert {one.value for one in file.identifiers.known()} == {EMAIL, "+493023125777", NUMBER, NAME}
        assert file.outbox.titles() == ["L1"]
        assert file.opened_by == NO_ONE_SIGNED_IN
        assert next(file.ledger.entries()).actor == NO_ONE_SIGNED_IN
    (started,) = runs_named(case.case_id)
    assert str(started.deployment_id) == deployments["erasure-request"]
    assert started.parameters == {"case_id": case.case_id}
    assert set(started.tags) >= {"erasure", "helpdesk", "payments", "calls"}
    assert started.state.is_scheduled()


def test_the_same_run_again_opens_and_starts_nothing_new(bench, deployments):
    first = submit(deployments)
    again = work_on(open_request, first.id)
    assert again.name == "Opened"
    assert len(runs_named(only_case(bench).case_id)) == 1


def test_in_this_process_too_the_form_is_sealed(bench, deployments):
    given = FORM | {"right": Right.ACCESS, "received_on": date(2026, 3, 4)}
    state = open_request(**given, return_state=True)
    run = read_run(state.state_details.flow_run_id)
    assert run.state.name == "Opened"
    assert run.parameters == BLANK
    (started,) = runs_named(only_case(bench).case_id)
    assert str(started.deployment_id) == deployments["access-request"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"email": f"{EMAIL} and another"}, "The e-mail address is not valid"),
        ({"phone": "no 23125 777, ask for me"}, "The phone number is not valid"),
        ({"email": "", "phone": "", "customer_id": ""}, "No identifier is given"),
        ({"received_on": f"when {NAME} called"}, "The date of receipt is not valid"),
        ({"received_on": "2031-01-01"}, "The date of receipt lies in the future"),
        ({"country": "Wanda Förmlich's"}, "The country is not valid"),
    ],
    ids=["e-mail", "phone", "no identifier", "no date", "future", "country"],
)
def test_a_bad_form_fails_in_a_sentence_opens_nothing_and_is_sealed(bench, deployments, capfd, changes, sentence):
    with all_logs() as heard:
        run = submit(deployments, **changes)
    assert run.state.name == "Not accepted"
    assert run.state.message.startswith(sentence)
    assert run.parameters == BLANK
    assert_nothing_is_left(run)
    assert bench.runtime.store.summaries(closed_too=True) == []
    assert bench.runtime.store.intakes.read(str(run.id)) is None
    said = heard.getvalue() + "".join(capfd.readouterr())
    assert not SCANNER.scan(said.encode(), "logs")


def test_a_field_that_the_form_does_not_have_is_refused_at_once(deployments):
    with pytest.raises(PrefectHTTPStatusError, match="409"):
        order_run(deployments["open-request"], **FORM, emial=EMAIL)


@pytest.mark.parametrize("resident", [True, False], ids=["resident worker", "process of its own"])
def test_a_form_with_an_unknown_field_becomes_a_case_and_what_was_typed_is_kept(bench, deployments, resident):
    """Prefect ends such a run before the flow begins: the e-mail stood in its database for good."""
    store = bench.runtime.store
    run = post_run(deployments["open-request"], parameters=FORM | {"emial": EMAIL})
    if not resident:
        with pytest.raises(SignatureMismatchError):
            work_on(open_request, run.id)
        assert read_run(run.id).parameters["emial"] == EMAIL, "the control"
        for hook in open_request.on_crashed_hooks:
            hook(open_request, run, Crashed())
        assert read_run(run.id).parameters == BLANK
        assert store.intakes.read_typed(str(run.id)) == FORM | {"emial": EMAIL}
    # The keeper starts a run again that crashed.
    state = work_on(open_request, run.id, resident=resident)
    assert (state.name, only_case(bench).right) == ("Opened", Right.ERASURE)
    assert "a field that this form does not have" in state.message.lower()
    assert_nothing_is_left(read_run(run.id))
    assert store.intakes.read_typed(str(run.id)) == {"emial": EMAIL}


def test_a_required_field_that_is_missing_is_named_and_the_others_are_not_quoted(bench, deployments, capfd):
    fields = {name: value for name, value in FORM.items() if name != "right"}
    run = post_run(deployments["open-request"], parameters=fields)
    with all_logs() as heard:
        state = work_on(open_request, run.id, resident=True)
    assert state.message.startswith("The right")
    assert_nothing_is_left(read_run(run.id))
    assert not SCANNER.scan((heard.getvalue() + "".join(capfd.readouterr())).encode(), "logs")


def test_a_request_that_could_not_be_read_is_kept_and_read_again(bench, deployments):
    """It was dropped with the first error, and was lost where the officer had closed the page."""
    run = post_run(deployments["open-request"], parameters=FORM | {"emial": EMAIL, "received_on": "9999-01-01"})
    for _ in range(2):
        assert work_on(open_request, run.id, resident=True).message.startswith("The date of receipt lies in the future")
        assert bench.runtime.store.intakes.read_typed(str(run.id))["email"] == EMAIL


def test_an_unreachable_vault_fails_in_a_sentence_and_the_form_leaves_prefect(bench, deployments, tmp_path, capfd):
    away = Database(f"sqlite:///{tmp_path / 'no such folder' / 'cases.db'}")
    elsewhere = replace(bench.runtime, store=Store(away, MasterKey(b"k" * 32), bench.runtime.now))
    with installed(elsewhere), all_logs() as heard:
        run = submit(deployments)
    assert run.state.type is StateType.FAILED
    assert "cannot be opened; check that its folder is there" in run.state.message
    assert run.state.message.endswith("Then fill in the form again.")
    assert run.parameters == BLANK
    assert_nothing_is_left(run)
    assert not SCANNER.scan((heard.getvalue() + "".join(capfd.readouterr())).encode(), "logs")
    assert bench.runtime.store.summaries() == []


def test_a_person_with_an_open_case_gets_no_second_one_unasked(bench, deployments):
    submit(deployments)
    first = only_case(bench).case_id
    second = submit(deployments, customer_id="", phone="")
    assert (second.state.type, second.state.name) == (StateType.CANCELLED, "Not accepted")
    assert first in second.state.message
    assert second.parameters == BLANK
    assert only_case(bench).case_id == first
    assert bench.runtime.store.intakes.read(str(second.id)) is None
    wanted = submit(deployments, open_despite_duplicate=True)
    assert wanted.state.name == "Opened"
    assert len(bench.runtime.store.summaries()) == 2


@pytest.mark.slow
def test_the_other_right_is_no_duplicate(bench, deployments):
    submit(deployments)
    assert submit(deployments, right="access").state.name == "Opened"
