"""A case that is over, and the days around its end."""

from __future__ import annotations

from datetime import date, timedelta

from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.vocabulary.file_kinds import ProofFile
from rightsflow.store import Store
from rightsflow.store.case.messages import NewFile
from tests.support.casework import CUSTOMER, EMAIL, NAME, located, opened

END = date(2029, 12, 31)


AFTER = END + timedelta(days=1)


def letter(file, name: str, *, sent: bool) -> None:
    file.outbox.put(
        template_id=name, version="1", language="en", subject_line="Yours", body="Dear Anna", variables_hash="0" * 64
    )
    if sent:
        file.outbox.mark_sent(name, file.opened_at, by="Ben")


def withdrawn(store: Store, *identifiers, until: date = END) -> str:
    """A case that has something in every corner, closed."""
    case_id = opened(store, *(identifiers or (EMAIL, NAME)))
    with store.case_file(case_id) as file:
        file.findings.replace("helpdesk", [located("t1", EMAIL), located("t2", CUSTOMER)])
        file.steps.start("extract", "helpdesk")
        file.outbox.keep_secret("package", "/work/x.zip")
        letter(file, "L1", sent=True)
        file.decisions.record(Decision(gate=Gate.IDENTITY, verdict=Verdict.CONFIRMED, by="Ida", reason="call back"))
        photo = NewFile(name="a.png", kind=ProofFile.PNG, content=b"x")
        file.messages.put("Found it.", [photo], at=file.opened_at, by="Ben")
        file.messages.note("Look, @dana.", ["dana"], by="Ben")
        file.ownership.hand_over("dpo", by="Ida", reason="away")
        file.withdraw(by="Ida", reason="the kettle was found")
        file.keeping.keep_evidence(until)
    store.take_lease(case_id, "nobody")
    return case_id
