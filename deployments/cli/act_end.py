"""The end of a command that acted on a case: its sheet in Prefect, its suspended run, and what is printed."""

from __future__ import annotations

from collections.abc import Mapping

from deployments.cli.output import print_done
from deployments.local.resume import resume_waiting_run, show_on_sheet
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.vocabulary.states import read_case_id


def print_act(case: str, done: str, *, json_output: bool, **about: object) -> None:
    """Bring a case's sheet up to date after an act, and print what the act did.

    Args:
        case: The case id, as typed.
        done: The sentence.
        json_output: True to print JSON.
        about: Further fields of the JSON document, such as the letter's id.
    """
    case_id = read_case_id(case)
    show_on_sheet(case_id)
    print_done(done, json_output=json_output, case=case_id, **about)


def go_on(case_id: str, gate: Gate, done: str, *, json_output: bool, about: Mapping[str, object] | None = None) -> None:
    """Resume a case's run after a decision at its gate, and print what was decided.

    Args:
        case_id: The case.
        gate: The gate that was decided.
        done: What was decided, without a full stop.
        json_output: True to print JSON.
        about: Further fields of the JSON document.
    """
    show_on_sheet(case_id)
    resumed = resume_waiting_run(case_id, gate)
    follow = "its run goes on" if resumed else f"go on with `rightsflow run {case_id}`"
    print_done(f"{case_id}: {done}; {follow}.", json_output=json_output, case=case_id, resumed=resumed, **(about or {}))
