"""A request of an authorised agent at the desk: who asks, and what it states, stands where people decide on it."""

from __future__ import annotations

from rightsflow.cases.facts.overview.case_sheet import read_overview, render_sheet
from tests.support.agents import AgentSite
from tests.support.bench import CANARIES

SAID = (
    "The authorised agent Example Agent asks for the person over the Data Rights Protocol (deletion, under the CCPA)."
)
STATED = "The agent says that it verified the e-mail address, and sent a power of attorney."


def test_the_case_its_identity_page_and_its_sheet_say_who_asks_and_that_its_statements_prove_nothing(bench, rig):
    site = AgentSite(bench)
    site.pair()
    assert site.ask(power_of_attorney="Anna Quillfeather signed it.").status_code == 200
    (case_id,) = site.cases
    browser = rig.browser("dana")
    texts = [browser.get(f"/cases/{case_id}").text, browser.get(f"/cases/{case_id}/identity").text]
    texts.append(render_sheet(read_overview(site.app, case_id), site.app))
    for text in texts:
        assert SAID in text
        assert STATED in text
        assert "proves nothing by itself" in text
        assert not any(canary in text for canary in CANARIES)
