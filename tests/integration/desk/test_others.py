"""Whose another case is, at the desk: shown without personal data, found out by who opened neither case."""

from __future__ import annotations

import pytest

from rightsflow.cases.facts.persons import other_cases

HOUSE = "+49 30 23125 001"
BEN = {"email": "ben@example.org", "name": "Ben Quill"}
FOUND = {"found": "other", "reason": "Both were called back."}


@pytest.fixture
def pair(bench):
    """Two people of one house, whose requests Olga opened."""
    first = bench.open("access", phone=HOUSE, name="Anna Quill", opened_by="Olga Officer")
    return bench.open("erasure", phone=HOUSE, opened_by="Olga Officer", **BEN), first


def found(bench, case):
    with bench.file(case) as file:
        others = other_cases(file)
    return others.same, others.perhaps, others.apart


def test_the_case_leads_to_a_page_that_says_what_both_know_and_what_differs(bench, rig, pair):
    case, other = pair
    dana, here = rig.browser("dana"), f"/cases/{case}/other-cases"
    assert f'href="/desk{here}"' in dana.get(f"/cases/{case}").text
    page = dana.get(here).text
    assert f'href="/desk/cases/{other}"' in page
    assert "Both know: phone number." in page
    assert "The requests differ in: e-mail address and name." in page
    assert not any(value in page for value in ("23125", "Quill", "example.org"))
    alone = bench.open("access", email="another@example.net")
    assert "No other case shares anything" in dana.get(f"/cases/{alone}/other-cases").text


@pytest.mark.apart
def test_a_second_person_finds_out_and_may_correct_that_later(bench, rig, pair):
    case, other = pair
    dana, here = rig.browser("dana"), f"/cases/{case}/other-cases"
    answer = dana.send(f"{here}/find-out", of=here, other=other, **FOUND)
    assert answer.status_code == 303
    assert "are of two people from now on" in dana.get(here).text
    assert "as a person found out" in dana.get(here).text
    assert found(bench, other) == ((), (), (case,))
    again = dana.send(f"{here}/find-out", of=here, other=other, **FOUND)
    assert "That was found out" in again.text
    assert dana.send(f"{here}/find-out", of=here, other=other, **(FOUND | {"found": "same"})).status_code == 303
    assert found(bench, other) == ((case,), (), ())
    assert other in dana.get(f"/cases/{case}").text


@pytest.mark.apart
def test_what_is_missing_and_who_may_not_change_nothing(bench, rig, pair):
    case, other = pair
    dana, here = rig.browser("dana"), f"/cases/{case}/other-cases"
    for typed, said in (
        ({}, "Choose the other case."),
        ({"other": "DSR-2026-AAAAAA", **FOUND}, "There is no case DSR-2026-AAAAAA"),
        ({"other": "<b>", **FOUND}, "is not a case"),
        ({"other": "{other}", "found": "other"}, "Say how you found that out."),
        ({"other": "{other}", "found": "perhaps", "reason": "x"}, "Say what you found out."),
    ):
        answer = dana.send(
            f"{here}/find-out", of=here, **{name: text.format(other=other) for name, text in typed.items()}
        )
        assert answer.status_code == 422
        assert said in answer.text
        assert found(bench, case) == ((), (other,), ())

    case, other = pair
    olga, axel, here = rig.browser("olga"), rig.browser("axel"), f"/cases/{case}/other-cases"
    assert "four eyes" in olga.send(f"{here}/find-out", of=here, other=other, **FOUND).text
    assert "What you found out" not in axel.get(here).text
    typed = {"token": olga.token(here), "other": other, **FOUND}
    assert axel.client.post(f"/desk{here}/find-out", data=typed).status_code == 403
    assert olga.client.post(f"/desk{here}/find-out", data=typed | {"token": "0" * 43}).status_code == 403
    assert found(bench, case) == ((), (other,), ())
