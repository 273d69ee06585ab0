"""Blocked records (Spain): read at the desk by the role that answers authorities alone, each look in the ledger."""

from __future__ import annotations

import pytest

from rightsflow.app import current_app
from tests.integration.desk.cases import blocked_case
from tests.support.bench import ANNA_TEXT


@pytest.fixture
def blocked(rig):
    """A Spanish case whose tickets are blocked."""
    with blocked_case(rig.bench) as case_id:
        yield case_id


def numbers(case_id, kind):
    with current_app().store.case_file(case_id) as file:
        return [str(one.number) for one in file.findings.all() if one.ref.kind == kind]


def test_the_role_reads_them_and_the_ledger_says_who_and_which(rig, blocked):
    reader, here = rig.browser("aura"), f"/cases/{blocked}/blocked"
    assert "blocked until" in reader.get(here).text
    assert ANNA_TEXT not in reader.get(here).text
    typed = {"authority": "AEPD, PS/00042/2026", "reason": "who is liable", "record": numbers(blocked, "ticket")[0]}
    assert ANNA_TEXT in reader.send(f"{here}/look", here, **typed).text
    with current_app().store.case_file(blocked) as file:
        looks = [one for one in file.ledger.entries() if one.event == "PersonalDataRevealed"]
    assert [(one.actor, one.details["count"]) for one in looks] == [("Aura Authority", 1)]
    assert "AEPD" not in str(looks)


@pytest.mark.apart
def test_nothing_is_shown_without_the_authority_of_another_record_or_to_another_role(rig, blocked):
    for key in ("olga", "dana", "ines", "axel", "ada"):
        assert rig.browser(key).get(f"/cases/{blocked}/blocked").status_code == 403

    reader, here = rig.browser("aura"), f"/cases/{blocked}/blocked"
    typed = {"authority": "", "reason": "who is liable", "record": numbers(blocked, "ticket")[0]}
    assert reader.send(f"{here}/look", here, **typed).status_code == 422
    wrong = typed | {"authority": "AEPD", "record": "99"}
    assert "no blocked record of this case" in reader.send(f"{here}/look", here, **wrong).text
    with current_app().store.case_file(blocked) as file:
        assert not [one for one in file.ledger.entries() if one.event == "PersonalDataRevealed"]
