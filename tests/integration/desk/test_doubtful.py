"""Records in doubt at the desk: looked at alone, taken in with what shows whose they are, released by another one."""

from __future__ import annotations

import re

import pytest

from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.vocabulary.states import CaseState
from tests.integration.desk.cases import entries, in_doubt, make_again, read, released, state

TOKEN = re.compile(r'name="look" value="([\w-]+)"')
WHY = "her shop's account"


def looked(browser, here, number, **typed):
    return browser.send(f"{here}/look", here, record=number, **{"reason": "whose it is", **typed})


@pytest.mark.apart
def test_a_record_is_looked_at_taken_in_and_released_by_another_person(rig):
    case, number = in_doubt(rig.bench)
    olga, here = rig.browser("olga"), f"/cases/{case}/doubtful"
    assert f"{here}" in olga.get(f"/cases/{case}/package").text
    page = olga.get(here).text
    assert "another address or number than is known" in page or "another name than is known" in page
    assert "Zed" not in page
    assert looked(olga, here, number, reason="").status_code == 422
    assert olga.send(f"{here}/look", here, reason="whose it is").status_code == 422
    seen = looked(olga, here, number).text
    assert "the old account of Zed Rook" in seen
    assert "the old invoice" in seen
    assert seen.count("not known of the person</strong>") == 2
    assert (entries(rig.bench, case)["PersonalDataRevealed"].actor, "Zed" in olga.get(here).text) == (
        "Olga Officer",
        False,
    )

    given = {"looked-at": number, "look": TOKEN.search(seen)[1]}
    without = olga.send(f"{here}/take-in", here, why="", **given)
    assert (without.status_code, given["look"] in without.text) == (422, True)
    assert olga.send(f"{here}/take-in", here, why=WHY, **given | {"look": "guessed"}).status_code == 409
    assert olga.send(f"{here}/take-in", here, why=WHY, **given | {"looked-at": "x"}).status_code == 422
    assert "RecordTakenIn" not in entries(rig.bench, case)
    assert olga.send(f"{here}/take-in", here, why=WHY, **given).status_code == 303
    assert "Not in the package yet" in olga.get(here).text
    dana = rig.browser("dana")
    assert "cannot be released before it is made again" in dana.get(f"{read(dana, case)}/release").text
    assert released(dana, case).status_code == 409

    package = re.search(r'name="package" value="(\w+)"', olga.get(here).text)[1]
    assert olga.send(f"{here}/make-again", here, package="0" * 64).status_code == 409
    assert olga.send(f"{here}/make-again", here, package=package).status_code == 303
    assert rig.resumed[-1] == (case, Gate.APPROVAL)
    make_again(case)
    reading = dana.get(read(dana, case)).text
    assert "the old account of <mark>" in reading
    assert "Zed Rook" not in reading
    release = dana.get(f"{read(dana, case)}/release").text
    assert "taken in by Olga Officer" in release
    assert WHY.replace("'", "&#39;") in release
    assert released(dana, case).status_code == 303
    assert state(rig.bench, case) is CaseState.EXECUTING


def test_it_is_left_out_again_and_who_may_only_read_decides_nothing(rig):
    case, number = in_doubt(rig.bench)
    olga, here = rig.browser("olga"), f"/cases/{case}/doubtful"
    token = TOKEN.search(looked(olga, here, number).text)[1]
    olga.send(f"{here}/take-in", here, why=WHY, look=token, **{"looked-at": number})
    assert olga.send(f"{here}/take-back", here, record=number).status_code == 303
    assert olga.send(f"{here}/take-back", here, record=number).status_code == 422
    assert "Not in the package yet" not in olga.get(here).text
    assert released(rig.browser("dana"), case).status_code == 303
