"""The case sheet in Prefect: the newest one is current, whichever run or command wrote before."""

from __future__ import annotations

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey

from rightsflow.app import current_app
from rightsflow.cases.facts.people import hand_over
from tasks.prefect_io.sheet import publish_sheet, show_beside_run, update_case_sheet
from tests.support.flow_runs import artifact


def sheets(case_id):
    with get_client(sync_client=True) as client:
        wanted = ArtifactFilter(key=ArtifactFilterKey(any_=[case_id.lower()]))
        return client.read_artifacts(artifact_filter=wanted)


@pytest.mark.apart
def test_of_a_runs_sheets_the_newest_is_current(bench):
    case_id = bench.open("access")

    @flow(name="works twice")
    def works():
        update_case_sheet(case_id)
        bench.confirm_identity(case_id)
        update_case_sheet(case_id)

    works()
    assert len({one.flow_run_id for one in sheets(case_id)} - {None}) == 1
    assert "state **in progress**" in artifact(case_id)


@pytest.mark.apart
def test_a_run_goes_on_with_the_sheet_after_another(bench):
    case_id = bench.open("access")

    @flow(name="form")
    def form():
        hand_over(current_app(), case_id, "dpo", by="Dana", reason="leave")
        update_case_sheet(case_id)

    @flow(name="works on")
    def works():
        update_case_sheet(case_id)
        form()
        bench.confirm_identity(case_id)
        update_case_sheet(case_id)

    works()
    text = artifact(case_id)
    assert "state **in progress**" in text
    assert "owner **DPO**" in text
    first, of_form, last = sorted(sheets(case_id), key=lambda one: one.created)
    assert first.flow_run_id == last.flow_run_id != of_form.flow_run_id
    assert "state **received**" in of_form.data, "what another run wrote last is kept as it was"


def test_acts_without_a_run_are_on_the_sheet(bench):
    case_id = bench.open("access")
    update_case_sheet(case_id)
    bench.confirm_identity(case_id)
    update_case_sheet(case_id)
    assert {one.flow_run_id for one in sheets(case_id)} == {None}
    assert "state **in progress**" in artifact(case_id)


@pytest.mark.apart
def test_a_run_that_went_on_meanwhile_is_not_hidden_behind_an_older_sheet(bench):
    case_id, shown = bench.open("access"), []

    def publish(seen):
        if not shown:
            # The case's run, which was faster, changes it and shows that.
            hand_over(current_app(), case_id, "dpo", by="Dana", reason="leave")
            update_case_sheet(case_id)
        shown.append(seen)
        publish_sheet(seen)

    show_beside_run(case_id, publish)
    assert len(shown) == 2
    assert "owner **DPO**" in artifact(case_id)


def test_a_case_that_no_run_changes_meanwhile_gets_one_sheet(bench):
    case_id = bench.open("access")
    show_beside_run(case_id)
    assert len(sheets(case_id)) == 1
