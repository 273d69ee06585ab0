"""The desk's forms on a real server: sealed in success, failure and crash, used up once, and done as by the acts."""

from __future__ import annotations

import inspect
from dataclasses import replace
from datetime import date, timedelta

import pytest
from prefect.client.orchestration import get_client
from prefect.exceptions import ExternalSignal, ObjectNotFound, SignatureMismatchError
from prefect.states import Crashed, StateType

from deployments.applying import apply_deployments
from deployments.catalogue import CATALOGUE, planned
from deployments.internals import form_of
from flows.access import access_request
from flows.desk import (
    extend_period,
    hand_over_case,
)
from flows.erasure import erasure_request
from flows.forms import IdentityForm, SendableLetter
from flows.scrubbing import SEALED
from rightsflow.app import installed
from rightsflow.cases.deadlines.alerting import look_at_cases
from rightsflow.domain.case.evidence_hold import EvidenceHold
from tasks.prefect_io.deadline_artifact import update_board
from tests.e2e.flows.desk_forms import FORMS
from tests.support.bench import SETTINGS
from tests.support.canary import Scanner, all_logs
from tests.support.desk import REASON, events_of, facts
from tests.support.flow_runs import artifact, order_run, post_run, read_run, work_on
from tests.support.instead import Instead
from tests.support.steps import approved

TYPED = "Wanda Förmlich, +49 30 23125 777"
SCANNER = Scanner({"name": "Förmlich", "phone": "23125 777"})
BY = {"your_name": "Dana Decider"}
NOT_KEPT = {"raeson", "reason", "areas", "doubt", "how_known", "proof", "your_name"}


def submit(deployments, name, **parameters):
    """Fill in a form as the UI does, let the run work, and return it as the server holds it."""
    run = order_run(deployments[name], **(BY | parameters))
    work_on(FORMS[name], run.id)
    return read_run(run.id)


def assert_sealed(run, *names):
    for name in names:
        assert run.parameters[name] == SEALED
    assert not SCANNER.scan(run.model_dump_json().encode(), "the run")


def test_every_form_is_in_the_catalogue_and_explains_each_field(deployments):
    assert set(FORMS) <= set(deployments) & {flow.name for flow, _ in CATALOGUE}
    for flow in FORMS.values():
        schema = flow.parameters.model_dump()["properties"]
        assert set(schema) == set(inspect.signature(flow.fn).parameters)
        assert all(field["description"].strip() for field in schema.values())
        assert not flow.should_validate_parameters


def test_people_read_titles_calendars_and_lists_and_see_first_what_a_day_needs_first():
    """They read names of fields, typed keys of a file, and chose between a date and nothing."""
    made = list(planned(people={"dpo": "Dora Officer"}))
    forms = {one.name: form_of(one)["properties"] for one in made}
    assert [one.name for one in made] == sorted(one.name for one in made)
    assert list(forms)[:3] == ["01 Open a request", "02 Import requests", "03 Note a letter as sent"]
    for fields in forms.values():
        assert not any("_" in one["title"] or one["title"].islower() for one in fields.values())
        assert not any("anyOf" in one for one in fields.values())
    days = {name for fields in forms.values() for name, one in fields.items() if one.get("format") == "date"}
    assert days == {"received_on", "sent_on", "arrived_on", "first_on", "last_on", "until"}
    assert forms["08 Hand over a case"]["to"]["enum"] == ["Dora Officer (dpo)"]
    gate = IdentityForm.model_json_schema()["properties"]
    assert [gate[name]["format"] for name in ("checked_at", "on_file_since", "proof_arrived_on")] == [
        "date-time",
        "date",
        "date",
    ]


def test_who_was_chosen_from_a_list_is_found_by_the_key(bench, deployments):
    case_id = bench.open("access")
    dpo = bench.runtime.settings.people_by_key["dpo"]
    chosen = f"{dpo.full_name} (dpo)"
    run = submit(deployments, "hand-over", case_id=case_id, to=chosen, reason=TYPED)
    assert (run.state.name, run.parameters["to"]) == ("Handed over", chosen)
    run = submit(deployments, "hand-over", case_id=case_id, to=f"{TYPED} (management)", reason="a")
    assert_sealed(run, "to")


@pytest.mark.slow
def test_a_deployment_of_a_former_name_goes_once_it_has_no_run_to_come(deployments):
    with get_client(sync_client=True) as client:
        flow_id = client.read_deployment(deployments["record-sent"]).flow_id
        former = client.create_deployment(flow_id, "record-sent", tags=["rightsflow"])
        run = client.create_flow_run_from_deployment(former)
        apply_deployments(SETTINGS.controller.timezone)
        assert client.read_deployment(former)
        client.delete_flow_run(run.id)
        apply_deployments(SETTINGS.controller.timezone)
        with pytest.raises(ObjectNotFound):
            client.read_deployment(former)


class TestWhatTheFormsDo:
    def test_extend(self, bench, deployments):
        case_id = bench.open("access")
        run = submit(deployments, "extend-period", case_id=case_id, reason=f"{REASON} It concerns {TYPED}.")
        assert (run.state.type, run.state.name) == (StateType.COMPLETED, "Notice written")
        assert run.state.message.startswith("The notice (letter L6) is in the outbox. It has to go out by Thu 02 Apr")
        assert run.parameters == {"your_name": SEALED, "case_id": case_id, "reason": SEALED}
        assert_sealed(run, "reason")
        assert "The notice of extension (L6) has not gone out." in artifact(case_id)
        proof = {"channel": "registered post", "proof": f"RR 1 {TYPED}", "sent_on": "2026-03-05"}
        run = submit(deployments, "record-sent", case_id=case_id, letter="L6 notice of extension", **proof)
        assert_sealed(run, "proof")
        noted = next(one for one in facts(bench, case_id)[3] if one.event == "LetterSent")
        assert noted.details["channel"] == "registered post"
        assert run.state.name == "Recorded"
        assert "The period is extended; it is now due Fri 05 Jun 2026." in run.state.message
        assert "**The period is extended** to Fri 05 Jun 2026." in artifact(case_id)

    @pytest.mark.slow
    def test_ask_what_is_meant_and_its_answer(self, bench, deployments):
        case_id = bench.open("access")
        bench.confirm_identity(case_id)
        run = submit(deployments, "ask-what-is-meant", case_id=case_id, areas=f"tickets, calls of {TYPED}")
        assert run.state.name == "Asked"
        assert_sealed(run, "areas")
        submit(deployments, "record-sent", case_id=case_id, letter="L3 question what is meant")
        bench.pass_time(timedelta(days=3))
        run = submit(deployments, "record-clarified", case_id=case_id, arrived_on="2026-03-06")
        assert (run.state.name, run.state.message) == ("Recorded", "Noted; the case is due Tue 07 Apr 2026.")
        assert events_of(bench, case_id)["CLARIFICATION_RECEIVED"].date() == date(2026, 3, 6)

    def test_once_the_answer_is_noted_as_sent_nothing_says_any_more_that_it_is_to_be_sent(self, bench, deployments):
        """Found in the demonstration: sheet, tags and board went on as if the case were open."""
        case_id = approved(bench)
        run_id = erasure_request(case_id, return_state=True).state_details.flow_run_id
        update_board()
        assert "**Next:** Send the answer (letter L11)" in artifact(case_id)
        assert f"| {case_id} | L11 |" in artifact("deadline-board")
        assert "closed" not in read_run(run_id).tags
        submit(deployments, "record-sent", case_id=case_id, letter="L11 partial erasure answer")
        sheet, board = artifact(case_id), artifact("deadline-board")
        assert "**Next:** Nothing: the answer was sent." in sheet
        assert "✅ closed" in sheet
        assert "L11" not in board
        assert "closed" in read_run(run_id).tags

    @pytest.mark.slow
    def test_hand_over_and_acknowledge(self, bench, deployments):
        case_id = bench.open("access")
        run = submit(deployments, "hand-over", case_id=case_id, to="dpo", reason=f"{TYPED} is a friend.")
        assert run.state.name == "Handed over"
        assert_sealed(run, "reason")
        with bench.file(case_id) as file:
            assert file.ownership.owner == "dpo"
        bench.pass_time(timedelta(days=18))
        look_at_cases(bench.runtime)
        run = submit(deployments, "acknowledge-alert", case_id=case_id)
        assert run.state.name == "Acknowledged"
        assert "acknowledged." in run.state.message

    @pytest.mark.parametrize(("until", "held_until"), [("", None), ("2030-12-31", date(2030, 12, 31))])
    @pytest.mark.slow
    def test_hold_evidence_and_lift_it(self, bench, deployments, until, held_until):
        case_id = bench.open("access")
        run = submit(deployments, "hold-evidence", case_id=case_id, reason=f"Claim of {TYPED}", until=until)
        assert run.state.name == "Held", run.state.message
        assert run.parameters["until"] == until
        assert_sealed(run, "reason")
        with bench.file(case_id) as file:
            assert file.holding.present == EvidenceHold(held_until)
        assert "**The evidence is held**" in artifact(case_id)
        bench.pass_time(timedelta(days=1))
        run = submit(deployments, "hold-evidence", case_id=case_id, reason=f"{TYPED} settled", lift=True)
        assert (run.state.name, run.parameters["lift"]) == ("Released", True)
        assert_sealed(run, "reason")
        assert "The evidence is held" not in artifact(case_id)

    @pytest.mark.parametrize("last_on", ["2026-03-13", "2026-03-13T00:00:00Z"])
    def test_record_absence(self, bench, deployments, last_on):
        run = submit(
            deployments, "record-absence", person="case_owner", deputy="dpo", first_on="2026-03-09", last_on=last_on
        )
        assert run.state.name == "Recorded", run.state.message
        (one,) = bench.runtime.store.absences_from(date(2026, 3, 9))
        assert (one.absence.last_on, one.recorded_by) == (date(2026, 3, 13), "Dana Decider")


class TestWhatCannotBe:
    @pytest.mark.parametrize(
        ("form", "fields", "sentence"),
        [
            ("extend-period", {"reason": f"Because of our workload. {TYPED}"}, "The reason is"),
            (
                "extend-period",
                {"case_id": "DSR-2026-AAAAAA", "reason": REASON + TYPED},
                "There is no case DSR-2026-AAAAAA",
            ),
            ("extend-period", {"reason": REASON + TYPED, "your_name": " "}, "Your name is missing"),
            pytest.param(
                "ask-what-is-meant",
                {"areas": " , "},
                "What the person can choose from is missing",
                marks=pytest.mark.apart,
            ),
            ("hand-over", {"to": "nobody", "reason": TYPED}, "That key is not known"),
            ("record-sent", {"letter": "L9 access answer"}, "There is no letter L9 in this case"),
            pytest.param(
                "record-sent",
                {"letter": SendableLetter.L15.value, "number": 2},
                "There is no letter L15.2 in this case",
                marks=pytest.mark.apart,
            ),
            pytest.param(
                "record-sent",
                {"letter": SendableLetter.L9.value, "number": 2},
                "A case has one letter L9",
                marks=pytest.mark.apart,
            ),
            pytest.param(
                "record-clarified",
                {"arrived_on": "2026-03-05"},
                "The person was not asked what they mean",
                marks=pytest.mark.apart,
            ),
            ("record-clarified", {"arrived_on": "some day"}, "The day on which the answer arrived is not valid"),
            ("acknowledge-alert", {}, "has no alert that waits"),
            ("withdraw-request", {"reason": TYPED, "your_name": " "}, "Your name is missing"),
            ("stop-case", {"why": "opened in error", "how_known": TYPED, "your_name": " "}, "Your name is missing"),
            pytest.param(
                "hold-evidence", {"reason": TYPED, "your_name": " "}, "Your name is missing", marks=pytest.mark.apart
            ),
            ("hold-evidence", {"reason": TYPED, "lift": True}, "there is nothing to lift"),
            pytest.param(
                "hold-evidence",
                {"reason": TYPED, "lift": True, "until": "2030-12-31"},
                "has no last day",
                marks=pytest.mark.apart,
            ),
        ],
    )
    def test_it_fails_in_a_sentence_and_changes_nothing(self, bench, deployments, capfd, form, fields, sentence):
        case_id = bench.open("access")
        before = facts(bench, case_id)
        with all_logs() as heard:
            run = submit(deployments, form, **({"case_id": case_id} | fields))
        assert (run.state.type, run.state.name) == (StateType.CANCELLED, "Not accepted"), "no failure of the service"
        assert sentence in run.state.message
        assert facts(bench, case_id) == before
        assert_sealed(run)
        assert not SCANNER.scan((heard.getvalue() + "".join(capfd.readouterr())).encode(), "logs")

    @pytest.mark.parametrize(
        ("first_on", "last_on", "sentence"),
        [
            ("2026-03-13", "2026-03-09", "The absence ends before it begins; check the two days."),
            ("soon", "2026-03-09", "is not a date; use YYYY-MM-DD, such as 2026-12-21."),
        ],
    )
    @pytest.mark.slow
    def test_an_absence_that_is_none(self, bench, deployments, first_on, last_on, sentence):
        run = submit(
            deployments, "record-absence", person="dpo", deputy="management", first_on=first_on, last_on=last_on
        )
        assert run.state.name == "Not accepted"
        assert sentence in run.state.message
        assert bench.runtime.store.absences_from(date(2026, 1, 1)) == []


class TestTheWrongField:
    """A person types the person's name and number where a case, a key, a day or a letter belongs."""

    @pytest.mark.parametrize(
        ("form", "fields"),
        [
            pytest.param("acknowledge-alert", {"case_id": TYPED}, marks=pytest.mark.apart),
            pytest.param("extend-period", {"case_id": TYPED, "reason": REASON}, marks=pytest.mark.apart),
            pytest.param("ask-what-is-meant", {"case_id": TYPED, "areas": "tickets"}, marks=pytest.mark.apart),
            ("record-clarified", {"case_id": TYPED, "arrived_on": TYPED}),
            pytest.param("record-sent", {"case_id": TYPED, "letter": SendableLetter.L6.value}, marks=pytest.mark.apart),
            ("hand-over", {"case_id": TYPED, "to": TYPED, "reason": "a"}),
            ("withdraw-request", {"case_id": TYPED, "reason": TYPED}),
            ("stop-case", {"case_id": TYPED, "why": "duplicate", "how_known": TYPED, "duplicate_of": TYPED}),
            pytest.param("hold-evidence", {"case_id": TYPED, "reason": TYPED, "until": TYPED}, marks=pytest.mark.apart),
            ("record-absence", {"person": TYPED, "deputy": TYPED, "first_on": TYPED, "last_on": "2026-03-09"}),
        ],
    )
    def test_no_word_of_it_stays(self, deployments, bench, capfd, form, fields):
        with all_logs() as heard:
            run = submit(deployments, form, **fields)
        assert run.state.name == "Not accepted"
        assert_sealed(run, *[name for name, value in fields.items() if TYPED in value])
        assert not SCANNER.scan((heard.getvalue() + "".join(capfd.readouterr())).encode(), "logs")
        assert work_on(FORMS[form], run.id).message.startswith("This form was used up already")

    @pytest.mark.parametrize("flow", [access_request, erasure_request], ids=lambda flow: flow.name)
    @pytest.mark.parametrize("case_id", [TYPED, [TYPED], {"name": TYPED}])
    def test_nor_as_the_case_of_a_run_that_is_started_by_hand(self, deployments, bench, capfd, flow, case_id):
        with all_logs() as heard:
            state = flow(case_id, return_state=True)
        assert (state.type, state.message) == (
            StateType.FAILED,
            "That is not a case id; give one like DSR-2026-7K3M9Q.",
        )
        assert_sealed(read_run(state.state_details.flow_run_id), "case_id")
        assert not SCANNER.scan((heard.getvalue() + "".join(capfd.readouterr())).encode(), "logs")

    @pytest.mark.parametrize("flow", FORMS.values(), ids=FORMS)
    def test_no_run_is_named_by_what_was_typed(self, flow):
        assert flow.flow_run_name
        assert "{" not in flow.flow_run_name

    def test_a_run_that_is_started_by_hand_is_named_by_its_case(self, bench, deployments):
        case_id = bench.open("access")
        run = order_run(deployments["access-request"], case_id=f" {case_id.lower()} ")
        work_on(access_request, run.id)
        assert read_run(run.id).name == case_id


class TestSealing:
    def test_a_used_form_says_so_and_does_nothing(self, bench, deployments):
        case_id = bench.open("access")
        run = submit(deployments, "hand-over", case_id=case_id, to="dpo", reason=TYPED)
        before = facts(bench, case_id)
        again = work_on(hand_over_case, run.id)
        assert again.name == "Not accepted"
        assert again.message == "This form was used up already; look at the case, and fill in a new one if need be."
        assert facts(bench, case_id) == before

    def test_an_act_that_fails_unforeseen_says_where_and_nothing_else(self, bench, deployments, capfd):
        def broken(*_args, **_options):
            raise ValueError(f"cannot stand {TYPED}")

        case_id = bench.open("access")
        faulty = replace(bench.runtime, store=Instead(bench.runtime.store, case_file=broken))
        with all_logs() as heard, installed(faulty):
            run = submit(deployments, "extend-period", case_id=case_id, reason=TYPED)
        assert run.state.type is StateType.FAILED
        assert "failed unexpectedly: ValueError in broken" in run.state.message
        assert_sealed(run, "reason")
        assert not SCANNER.scan((heard.getvalue() + "".join(capfd.readouterr())).encode(), "logs")

    def test_it_is_sealed_before_the_act_so_that_a_killed_process_leaves_nothing(self, bench, deployments):
        def killed(*_args, **_options):
            raise ExternalSignal

        run = order_run(deployments["extend-period"], **BY, case_id=bench.open("access"), reason=TYPED)
        faulty = replace(bench.runtime, store=Instead(bench.runtime.store, case_file=killed))
        with installed(faulty), pytest.raises(ExternalSignal):
            work_on(extend_period, run.id)
        assert_sealed(read_run(run.id), "reason")

    def test_an_act_is_not_done_where_its_form_cannot_be_sealed(self, bench, deployments, monkeypatch):
        case_id = bench.open("access")
        before = facts(bench, case_id)
        calls = []

        def away(run_id, parameters):
            calls.append(parameters)
            raise ConnectionError(f"no {TYPED}")

        monkeypatch.setattr("flows.scrubbing.overwrite_parameters", away)
        run = order_run(deployments["extend-period"], **BY, case_id=case_id, reason=TYPED)
        state = work_on(extend_period, run.id)
        assert state.type is StateType.FAILED
        assert not SCANNER.scan((state.message or "").encode(), "message")
        assert facts(bench, case_id) == before
        assert len(calls) >= 2, "the hook tries once more"

    @pytest.mark.parametrize("flow", FORMS.values(), ids=FORMS)
    def test_a_run_that_never_began_is_sealed_by_its_hook_also_under_a_name_nobody_knows(
        self, bench, deployments, flow
    ):
        fields = dict.fromkeys(inspect.signature(flow.fn).parameters, "2026-03-09") | {
            "letter": SendableLetter.L2.value
        }
        fields |= dict.fromkeys({"person", "deputy", "to"} & set(fields), "case_owner")
        fields |= dict.fromkeys({"lift"} & set(fields), True)
        fields |= dict.fromkeys({"channel"} & set(fields), "registered post")
        fields |= dict.fromkeys({"number"} & set(fields), 2)
        fields |= dict.fromkeys({"why"} & set(fields), "duplicate")
        fields |= dict.fromkeys({"duplicate_of"} & set(fields), "DSR-2026-AAAAAB")
        fields |= {"case_id": "DSR-2026-AAAAAA", "raeson": TYPED, "reason": TYPED, "areas": TYPED, "doubt": TYPED}
        run = post_run(deployments[flow.name], parameters=fields)
        with pytest.raises(SignatureMismatchError):
            work_on(flow, run.id)
        for hook in flow.on_crashed_hooks:
            hook(flow, run, Crashed())
        sealed = read_run(run.id)
        assert_sealed(sealed, *({"reason", "areas"} & set(inspect.signature(flow.fn).parameters)))
        kept = {name: value for name, value in sealed.parameters.items() if value != SEALED}
        known = set(inspect.signature(flow.fn).parameters) - NOT_KEPT
        assert kept == {name: value for name, value in fields.items() if name in known}
        typed = bench.runtime.store.intakes.read_typed(str(run.id))
        assert set(typed) == set(fields) - known
        assert flow.on_failure_hooks == flow.on_crashed_hooks
