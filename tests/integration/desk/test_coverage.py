"""Coverage at the desk: the places, the lines to add, and the acceptance of one with a reason."""

from __future__ import annotations

from rightsflow.domain.coverage import PlaceKind, SystemPlace


def test_a_place_is_shown_with_its_lines_and_accepted_by_a_person(rig):
    store, officer, auditor = rig.bench.runtime.store.coverage, rig.browser("olga"), rig.browser("ines")
    lines = '[[systems.shop.tables]]\nname = "survey"'
    other = SystemPlace(kind=PlaceKind.COLUMN, name="customer.remark", looks_like="free text")
    store.note(
        "shop", [SystemPlace(kind=PlaceKind.TABLE, name="survey", looks_like="e-mail address", lines=lines), other]
    )
    shown = officer.get("/coverage").text
    assert "survey" in shown
    assert "[[systems.shop.tables]]" in shown
    assert "/desk/coverage" in auditor.get("/controls").text
    refused = officer.send("/coverage/accept", "/coverage", place="1", reason=" ")
    assert (refused.status_code, len(store.open())) == (422, 2)
    assert officer.send("/coverage/accept", "/coverage", place="1", reason="Only shops are in it.").status_code == 303
    assert officer.send("/coverage/accept", "/coverage", place="1", reason="Again.").status_code == 409
    (accepted,) = store.accepted()
    assert (accepted.accepted_by, [noted.place for noted in store.open()]) == ("Olga Officer", [other])
    assert "Only shops" not in officer.get("/coverage").text
