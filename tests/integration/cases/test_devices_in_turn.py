"""A person known by a repair number and an IMEI alone is found in four systems; of a phone with two owners in turn
neither gets or loses the other's data.
"""

from __future__ import annotations

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.intake.opening import open_request_form
from rightsflow.cases.work.access.package import assemble_package, extract_records, redact_third_parties
from rightsflow.cases.work.erasure.steps import erase_records, prepare_plan, settle_plan, verify_erasure
from rightsflow.cases.work.search import locate_records, resolve_identifiers
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.doubts import RecordDoubt
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.request import RequestForm
from tests.integration.cases.devices import PHONE, SYSTEMS, after_sales

pytestmark = pytest.mark.apart

ANNAS = {("payments", "[1]"), ("payments", "[3]"), ("calls", "a1"), ("calls", "a2"), ("helpdesk", "101")}
BENS = {("payments", "[2]"), ("payments", "[4]"), ("calls", "b1"), ("calls", "b2"), ("helpdesk", "102")}
NO_ONE_CAN_TELL = {("payments", "[5]"), ("payments", "[6]"), ("calls", "x1")}


@pytest.fixture
def systems(bench, tmp_path, monkeypatch):
    with after_sales(bench, tmp_path, monkeypatch) as made:
        yield made


def searched(bench, right, repair):
    """A case that was opened by a repair number and an IMEI alone, identified and searched."""
    form = RequestForm(
        right=right, opened_by="Olga Opener", channel="letter", further=(("rma", repair), ("imei", PHONE))
    )
    case_id = open_request_form(current_app(), form, despite_duplicate=True).case_id
    reach_gate(current_app(), case_id, Gate.IDENTITY)
    bench.confirm_identity(case_id)
    for _ in range(6):
        for system in SYSTEMS:
            locate_records(current_app(), case_id, system)
        if not resolve_identifiers(current_app(), case_id).learnt:
            return case_id
    raise AssertionError("no fixpoint")


def attributed(bench, case_id, whose):
    with bench.file(case_id) as file:
        return {(one.ref.system, one.ref.ref): one.doubt for one in file.findings.all() if one.attribution is whose}


@pytest.mark.parametrize(
    ("repair", "mine", "theirs", "day"),
    [("RMA-2024-00001", ANNAS, BENS, "2024-02-15"), ("RMA-2024-00002", BENS, ANNAS, "2024-07-20")],
    ids=["first", "second"],
)
def test_each_owner_is_found_in_four_systems(bench, systems, repair, mine, theirs, day):
    before = systems.everything()
    case_id = searched(bench, "access", repair)
    found = attributed(bench, case_id, Attribution.SUBJECT)
    recordings = [ref for system, ref in found if system == "recordings"]
    assert {item for item in found if item[0] != "recordings"} == mine
    assert [day in ref for ref in recordings] == [True]
    doubtful = attributed(bench, case_id, Attribution.UNCLEAR)
    assert set(doubtful.values()) == {RecordDoubt.OTHER_TIME}
    assert {item for item in doubtful if item[0] != "recordings"} >= NO_ONE_CAN_TELL
    assert not theirs & found.keys()
    for system in SYSTEMS:
        extract_records(current_app(), case_id, system)
        redact_third_parties(current_app(), case_id, system)
    assemble_package(current_app(), case_id)
    assert systems.everything() == before


def test_an_erasure_leaves_the_next_owners_and_all_neighbours_records_as_they_are(bench, systems):
    before = systems.everything()
    case_id = searched(bench, "erasure", "RMA-2024-00001")
    prepare_plan(current_app(), case_id)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    bench.approve(case_id, "recordings recording: class none")
    settle_plan(current_app(), case_id)
    for system in SYSTEMS:
        erase_records(current_app(), case_id, system)
        verify_erasure(current_app(), case_id, system)
    after = systems.everything()
    changed = {key for key in before if after.get(key) != before[key]}
    assert {key for key in changed if key[0] in {"payments", "calls"}} == {
        ("payments", "1"),
        ("payments", "3"),
        ("calls", "a1"),
        ("calls", "a2"),
    }
    assert {key for key in changed if key[0] == "helpdesk"} == {("helpdesk", "101")}
    assert [key for system, key in changed if system == "recordings"] == [f"calls/2024-02-15/{PHONE}/call.wav"]
    # The second owner gets all of theirs, after the first one was forgotten.
    his = searched(bench, "access", "RMA-2024-00002")
    found = attributed(bench, his, Attribution.SUBJECT)
    assert {item for item in found if item[0] != "recordings"} == BENS
