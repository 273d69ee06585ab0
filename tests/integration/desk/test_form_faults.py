"""What is wrong with a form is told in it, beside its field or at its head; no id stands twice; the rest stays."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.domain.gates.decisions import Gate
from tests.integration.desk.cases import at_approval
from tests.support.desk_client import hidden_of

ID, AIMED = re.compile(r'\sid="([^"]+)"'), re.compile(r'(?:href="#|\sfor="|aria-describedby=")([^"]+)"')
FORM = re.compile(r"<form .*?</form>", re.DOTALL)


def sent(browser, page, act, **typed):
    """A form of a page as a browser sends it, with all that is hidden in it."""
    where = f"/desk{page}{act}"
    fields = hidden_of(browser.get(page).text, where)
    return browser.client.post(where, data=fields | {"token": browser.token(page)} | typed)


def assert_sound(page):
    """No id stands twice, and what points to one finds it."""
    ids = Counter(ID.findall(page))
    assert {one: times for one, times in ids.items() if times > 1} == {}
    aimed = {one for found in AIMED.findall(page) for one in found.split()}
    assert aimed <= ids.keys()


@pytest.mark.apart
def test_no_id_stands_twice_on_a_page_of_many_forms(rig):
    access, erasure = at_approval(rig.bench, "access"), at_approval(rig.bench, "erasure")
    people = [rig.browser("olga"), rig.browser("dana")]
    rig.bench.pass_time(timedelta(minutes=6))
    below = ("", "/acts", "/processors", "/identity", "/approval", "/letters/L1")
    for page in (*(f"/cases/{access}{one}" for one in below), f"/cases/{erasure}/plan"):
        for browser in people:
            answer = browser.get(page)
            assert answer.status_code == 200
            assert_sound(answer.text)


@pytest.mark.apart
def test_a_code_that_does_not_fit_is_told_beside_the_code_of_the_form_that_was_sent(rig):
    case, browser = at_approval(rig.bench, "erasure"), rig.browser("dana")
    rig.bench.pass_time(timedelta(minutes=6))
    page = f"/cases/{case}/plan"
    refused = sent(browser, page, "/search", why="A mapping was corrected.", code="000000")
    assert refused.status_code == 422
    assert_sound(refused.text)
    forms = [one for one in FORM.findall(refused.text) if 'name="code"' in one]
    assert len(forms) > 1
    [wrong] = [one for one in forms if "Please correct" in one]
    assert 'id="code"' in wrong
    assert 'aria-describedby="code-hint code-wrong" aria-invalid="true"' in wrong
    assert "A mapping was corrected." in wrong
    assert 'href="#code"' in refused.text


@pytest.mark.apart
def test_too_many_codes_are_told_there_too(rig):
    case, browser = at_approval(rig.bench, "erasure"), rig.browser("dana")
    rig.bench.pass_time(timedelta(minutes=6))
    for _ in range(6):
        refused = sent(browser, f"/cases/{case}/plan", "/search", why="A mapping.", code="000000")
    assert refused.status_code == 409
    assert re.search(r'id="code-wrong"><strong>Please correct:</strong> It was tried too often', refused.text)


@pytest.mark.apart
def test_what_is_about_a_whole_form_is_told_at_its_head_and_gets_the_focus(rig):
    case, browser = at_approval(rig.bench, "access"), rig.browser("olga")
    page, act = f"/cases/{case}/acts", "/withdraw"
    browser.get(page)
    fields = hidden_of(browser.get(page).text, f"/desk{page}{act}") | {"withdraw_reason": "She called."}
    assert browser.client.post(f"/desk{page}{act}", data=fields).status_code == 303
    refused = browser.client.post(f"/desk{page}{act}", data=fields)
    assert refused.status_code == 409
    assert re.search(r'<section class="fault" role="alert"[^>]* tabindex="-1" autofocus>', refused.text)


def test_signing_in_in_vain_is_told_beside_the_name_and_what_was_typed_stays(rig):
    rig.team.enrol("dana")
    browser = rig.stranger()
    refused = sent(browser, "/sign-in", "", name="dana", password="guessed", code="1")
    assert (refused.status_code, 'id="name-wrong"' in refused.text, 'value="dana"' in refused.text) == (422, True, True)
    assert "guessed" not in refused.text
    for _ in range(5):
        refused = sent(browser, "/sign-in", "", name="dana", password="guessed", code="1")
    assert refused.status_code == 409
    assert "It was tried too often" in refused.text[refused.text.index('id="name-wrong"') :]


@pytest.mark.apart
def test_what_was_typed_into_one_form_stands_in_no_other(rig):
    case, browser = rig.bench.open("access"), rig.browser("olga")
    reach_gate(current_app(), case, Gate.IDENTITY)
    page = f"/cases/{case}/acts"
    refused = sent(browser, page, "/hand-over", hand_over_reason="On leave from Monday.")
    assert refused.status_code == 422
    assert_sound(refused.text)
    [form] = [one for one in FORM.findall(refused.text) if "On leave from Monday." in one]
    assert "/hand-over" in form
