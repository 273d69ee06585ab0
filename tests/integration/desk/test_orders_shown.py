"""An order of a controller at the desk: for whom it is and what has to be kept stand where people decide."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from rightsflow.cases.course.gates.gate_texts import describe_gate
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.orders import take_order
from rightsflow.cases.facts.overview.case_sheet import read_overview, render_sheet
from rightsflow.cases.work.erasure.steps import prepare_plan
from rightsflow.domain.gates.decisions import Gate
from tests.support.bench import CANARIES
from tests.support.brand_and_site import inbound, order_said, search_for, write_keys
from tests.support.desk_client import DeskRig
from tests.support.processors import with_archive, with_processors
from tests.support.signing_in import Team

SAID = "This is an order of Example Devices GmbH, which has identified the person and writes to them itself."
KEPT = "The controller has to keep invoices (Art. 17(3)(b) GDPR), until 31 December 2034: do not erase them."


@pytest.fixture
def order(bench, rig, tmp_path):
    """An order whose plan waits for its approval."""
    write_keys(tmp_path / "keys")
    served = inbound("https://localhost/v2", tmp_path / "keys")
    settings = bench.runtime.settings.model_copy(update={"inbound": served})
    app = replace(bench.runtime, settings=settings)
    exclusion = {"category": "invoices", "provision": "Art. 17(3)(b) GDPR", "until": "2034-12-31"}
    said = order_said(app, extensions={"rightsflow": {"exclusions": [exclusion]}})
    case_id = take_order(app, "brand", json.dumps(said).encode()).case_id
    search_for(app, case_id)
    prepare_plan(app, case_id)
    view = reach_gate(app, case_id, Gate.APPROVAL)
    return app, case_id, view


@pytest.mark.apart
def test_case_plan_sheet_and_gate_say_for_whom_it_is_and_what_has_to_be_kept(rig, order):
    app, case_id, view = order
    browser = rig.browser("dana")
    texts = [browser.get(f"/cases/{case_id}").text, browser.get(f"/cases/{case_id}/plan").text]
    texts += [render_sheet(read_overview(app, case_id), app), describe_gate(app, view)]
    for text in texts:
        assert SAID in text
        assert KEPT in text
        assert not any(canary in text for canary in CANARIES)


@pytest.mark.apart
def test_the_page_of_processors_shows_the_register_the_scorecard_and_orders(bench, rig, order):
    app, case_id, _ = order
    bench.runtime = replace(
        app, settings=with_processors(app.settings, management_contact="director@callhouse.example")
    )
    page = DeskRig(bench, Team(bench)).browser("dana").get("/processors").text
    for told in ("Callhouse Lisbon", "DPA-2025-014", "director@callhouse.example", "Carrier", case_id, "in progress"):
        assert told in page
    assert "No instruction has gone out so far." in page
    assert 'href="/desk/processors" aria-current="page"' in page
    assert not any(canary in page for canary in CANARIES)


def test_only_what_is_asked_of_others_leads_to_the_page_of_processors(rig, bench):
    assert "/desk/processors" not in rig.browser("dana").get("/").text

    bench.runtime = replace(bench.runtime, settings=with_archive(bench.runtime.settings))
    browser = DeskRig(bench, Team(bench)).browser("dana")
    assert 'href="/desk/processors"' in browser.get("/").text
    assert "CCTV archive" in browser.get("/processors").text
