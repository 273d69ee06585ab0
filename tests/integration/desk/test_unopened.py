"""Found requests at the desk: listed by due date, their text read live, opened, joined, or noted as none."""

from __future__ import annotations

from datetime import timedelta

from rightsflow.domain.vocabulary.records import RecordRef
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.store.coordination.unopened_requests import NewUnopened


def test_it_is_shown_with_its_date_and_decided_by_those_who_may(rig):
    store, now = rig.bench.runtime.store.unopened, rig.bench.runtime.now()
    officer, auditor = rig.browser("olga"), rig.browser("ines")
    assert "No requests to decide on" in officer.get("/unopened").text
    for number, days in ((1, 3), (2, 20)):
        found = NewUnopened(
            record=RecordRef("helpdesk", "ticket", f"4{number}"),
            right=Right.ERASURE,
            is_sure=number == 1,
            language="en",
            span=(0, 4),
            received_at=now - timedelta(days=days),
        )
        store.note("helpdesk", [found])
    shown = officer.get("/unopened").text
    assert shown.index("2: erasure at helpdesk") < shown.index("1: erasure at helpdesk"), "the nearest date first"
    assert "Half of the month is over." in shown
    assert "Perhaps a request" in shown
    listed = auditor.get("/unopened").text
    assert "1: erasure at helpdesk" in listed
    assert "Not a request" not in listed
    assert auditor.send("/unopened/dismiss", "/account", request="1", reason="No.").status_code == 403
    assert officer.send("/unopened/dismiss", "/unopened", request="1", reason=" ").status_code == 422
    assert officer.send("/unopened/open", "/unopened", request="1").status_code == 422, "it names no ticket's number"
    assert officer.send("/unopened/dismiss", "/unopened", request="1", reason="It is spam.").status_code == 303
    assert officer.send("/unopened/dismiss", "/unopened", request="1", reason="Again.").status_code == 409
    assert officer.send("/unopened/join", "/unopened", request="2", case="nonsense").status_code == 422
    case_id = rig.bench.open("erasure", email="anna@example.org")
    assert officer.send("/unopened/join", "/unopened", request="2", case=case_id).status_code == 303
    page = officer.get("/unopened").text
    assert "No requests to decide on" in page
    assert "It is spam" not in page
