"""Alerts, board, sheets and gates lead to the case's page at the desk; without an address nothing leads there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from jinja2 import Environment

from deployments.notifications.automations import BODY
from rightsflow.app import current_app, installed
from rightsflow.cases.course.gates.gate_texts import describe_gate
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.facts.overview.board import render_work, work_lists
from rightsflow.cases.facts.overview.case_sheet import read_overview, render_sheet
from rightsflow.domain.board import Wording
from rightsflow.domain.gates.decisions import Gate
from tasks.prefect_io.notices import links_to_cases
from tests.support.signing_in import settings_with

ADDRESS = "https://rights.example.com"


@pytest.fixture
def with_desk(bench):
    with installed(replace(bench.runtime, settings=settings_with(), desk_address=ADDRESS)):
        yield current_app()


def waiting(bench):
    case = bench.open("access")
    return case, reach_gate(current_app(), case, Gate.IDENTITY)


def test_sheet_and_gate_lead_to_the_case(bench, with_desk):
    case, view = waiting(bench)
    link = f"[{case}]({ADDRESS}/desk/cases/{case})"
    assert link in render_sheet(read_overview(with_desk, case), with_desk)
    text = describe_gate(with_desk, view)
    assert f"The check of identity waits at the desk: {link}" in text


@pytest.mark.parametrize("address", ["", ADDRESS])
def test_without_a_desk_or_its_address_nothing_leads_there(bench, address):
    settings = bench.runtime.settings if address else settings_with()
    with installed(replace(bench.runtime, settings=settings, desk_address=address)):
        case, view = waiting(bench)
        sheet = render_sheet(read_overview(current_app(), case), current_app())
        assert "/desk/" not in sheet + describe_gate(current_app(), view)
        assert current_app().desk_page(case) == ""


def test_alerts_and_board_lead_there_without_asking_prefect(bench, with_desk):
    case = bench.open("access")
    assert links_to_cases([case]) == {case: f"{ADDRESS}/desk/cases/{case}"}
    wording = Wording(with_desk.today, with_desk.settings.controller.zone, lambda key: key)
    work = render_work(work_lists(with_desk), wording, with_desk.desk_page)
    assert f"| [{case}]({ADDRESS}/desk/cases/{case}) | Send letter L1" in work


@pytest.mark.parametrize(
    ("link", "said"),
    [(f"{ADDRESS}/desk/cases/X", "take note of it"), ("http://x/runs/1", "rightsflow case acknowledge"), ("", "--by")],
)
def test_an_alert_says_where_it_is_acknowledged(link, said):
    event = {"resource": {"name": "X"}, "payload": {"text": "t", "right": "access", "date": "d", "link": link}}
    text = Environment(autoescape=False).from_string(BODY).render(event=event)
    assert said in text
    assert ("--by" in text) is ("/desk/" not in link)
