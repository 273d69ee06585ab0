"""Nothing of a person is left in clear: not in Prefect, not in logs, not in the case store, not in working copies.

A person with distinctive values goes from the ticket to the answer, once smoothly and then with every step failing in
each system alone with an error that quotes them. Then everything that was written anywhere is scanned, with controls.
It takes minutes; ``python -m proofs.canaries`` is the same as a table.
"""

from __future__ import annotations

import traceback
from itertools import product

import pytest

from flows.references import TITLES
from proofs.canaries.aftermath import go_through_everything
from proofs.canaries.journey import STEPS, SYSTEMS, each_system_alone
from proofs.canaries.looks import IN_PREFECT, REASON_AT_REVEAL, Place
from proofs.canaries.person import CANARIES, SHORT, errors
from rightsflow.domain.errors import Permanent
from tests.support.canary import Scanner

SCANNER = Scanner(CANARIES, SHORT)
REVEALED = {
    "e-mail",
    "name",
    "phone",
    "second phone",
    "customer id",
    "second customer id",
    "account id",
    "file name",
    "date of birth",
    "name in a record in doubt",
    "e-mail in a record in doubt",
    "record in doubt",
    "message",
    "name of an attachment",
    "note",
}
COMMANDS = {
    *("open", "list", "show", "board", "identity", "run", "decide", "extend", "due-dates"),
    *("letter ask", "letter mark-sent", "people absence", "people absences"),
    *("case clarify", "case hand-over", "case acknowledge", "case take-in", "case send-back", "case add-message"),
    *("hold evidence", "systems pause", "systems resume", "service metrics"),
}


@pytest.fixture(scope="module", params=["SQLite", "PostgreSQL"])
def aftermath(request, tmp_path_factory):
    return go_through_everything(tmp_path_factory.mktemp("canary"), on_postgres=request.param == "PostgreSQL")


# One process does all of it: it has a server of its own.
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.xdist_group("canary")
class TestProof:
    """What holds with Prefect and the case store on either database."""

    def test_the_requests_went_all_the_way_through_every_trouble(self, aftermath):
        endings = aftermath.journey.endings
        assert {title: ends[-1] for title, ends in endings.items()} == {
            "refused": "Refused",
            "rectification": "Answered",
            "access in trouble": "Answered",
            "erasure in trouble": "Answered",
            "nonsense": "Failed",
            "access": "Answered",
            "erasure": "Answered",
            "access by code": "Answered",
            "erasure by code": "Answered",
            "access by an agent": "Withdrawn",
            "erasure by an agent": "Withdrawn",
            "erasure by order": "Answered",
        }

    def test_a_recipient_was_written_to_about_the_person(self, aftermath):
        assert aftermath.journey.told >= 1

    def test_the_controls_are_found_wherever_is_scanned(self, aftermath):
        """Without this the tests below could pass on scans that see nothing."""
        for look in aftermath.looks.values():
            assert look.has_its_controls, (look.place, look.planted - look.found)
        assert aftermath.looks[Place.BY_SQL].planted == IN_PREFECT

    def test_nothing_is_found_anywhere(self, aftermath):
        assert {look.place: look.leaks for look in aftermath.looks.values() if look.leaks} == {}

    def test_the_reason_for_revealing_is_kept_sealed(self, aftermath):
        assert {hit.canary for hit in SCANNER.scan(aftermath.desk.revealed, "reveal")} >= REVEALED
        for look in aftermath.looks.values():
            assert not [hit for hit in look.hits if hit.canary == REASON_AT_REVEAL], look.place

    def test_no_gate_has_a_form_and_no_parameter_takes_the_persons_data(self, aftermath):
        assert len(aftermath.journey.inputs) >= 3
        assert not any(aftermath.journey.inputs)
        assert set(aftermath.journey.refused) >= {"open-from-ticket ticket", "import-requests file"}
        assert {one.partition(" ")[2] for one in aftermath.journey.refused} == set(TITLES)

    def test_the_logs_tell_what_failed(self, aftermath):
        assert aftermath.journey.raised == errors().keys()
        for name in ("prefect.flow_runs", "prefect.task_runs", "httpcore", "sqlalchemy.engine"):
            assert name in aftermath.logs
        for error in errors().values():
            assert isinstance(error, Permanent) or f"{type(error).__name__} in " in aftermath.logs

    def test_every_command_was_used(self, aftermath):
        assert set(aftermath.desk.statuses) >= COMMANDS
        for command in ("open", "show", "run", "letter mark-sent", "decide"):
            assert {0, 2} <= set(aftermath.desk.statuses[command])
        assert aftermath.desk.statuses["case take-in"] == [0, 2, 0]
        assert aftermath.desk.statuses["case send-back"] == [0]

    def test_people_were_told(self, aftermath):
        assert aftermath.sweeps == ["Completed"] * 2
        assert aftermath.looks[Place.POST].size > 5_000


def test_every_error_quotes_everything():
    for kind, error in errors().items():
        told = "".join(traceback.format_exception(error)).encode()
        assert {hit.canary for hit in SCANNER.scan(told, kind)} == CANARIES.keys() | SHORT.keys(), kind


@pytest.mark.parametrize("right", STEPS)
def test_each_step_fails_in_each_system(right):
    wanted = set(product(STEPS[right], SYSTEMS))
    assert {fault for faults in each_system_alone(right) for fault in faults} == wanted
