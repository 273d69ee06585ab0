"""A record in doubt that an officer takes into an access package: that one, as it was looked at, until the release."""

from __future__ import annotations

import pytest

from rightsflow.app import current_app
from rightsflow.audit.evidence.fold import fold
from rightsflow.cases.course.gates.gate_texts import describe_gate
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.gates.many_cases import look_at_many
from rightsflow.cases.facts.overview.account import fate_of, sums_of
from rightsflow.cases.work.access.doubtful_records import doubtful_records, look_at_doubtful, take_back_record, take_in
from rightsflow.cases.work.access.mask_choices import has_prepared
from rightsflow.cases.work.access.package import (
    assemble_package,
    extract_records,
    make_copies_again,
    redact_third_parties,
)
from rightsflow.cases.work.access.package_review import send_back
from rightsflow.cases.work.access.release import package_seen
from rightsflow.domain.case.findings import Fate
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.gates.package_changes import MakingAgain
from rightsflow.domain.identifiers import Identifier, IdentifierKind, identifier
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.testing.fakes import FakeRecord
from tests.support import looks
from tests.support.bench import ANNA_EMAIL, ANNA_ID
from tests.support.looks import entries, finding
from tests.support.packages import opened
from tests.support.reading import read_then_decide
from tests.support.steps import at_approval, search

ANDREAS = Identifier(IdentifierKind.NAME, "Andreas Stonecrop")
HIS_EMAIL = identifier(IdentifierKind.EMAIL, "andreas@example.org")
HIS_ID = identifier(IdentifierKind.CUSTOMER_ID, "C-30003")
WITH_HER_NUMBER = frozenset({HIS_EMAIL, ANNA_ID, ANDREAS})
AT_HER_MAILBOX = frozenset({ANNA_EMAIL, ANDREAS, HIS_ID})
OLGA, DANA = "Olga Officer", "Dana Decider"
WHY = "she paid under her maiden name"


@pytest.fixture
def case(bench):
    bench.systems["helpdesk"].add(
        FakeRecord(kind="profile", key="u7", texts=((AT_HER_MAILBOX, "profile of his"),)),
        FakeRecord(kind="ticket", key="t7", profile="u7", texts=((AT_HER_MAILBOX, "his kettle"),)),
    )
    bench.systems["payments"].add(payer("a former payer, Andreas Stonecrop of andreas@example.org"), INVOICE)
    return at_approval(bench, "access", name="Anna Quillfeather")


def payer(text, owner=WITH_HER_NUMBER):
    return FakeRecord(kind="profile", key="c7", texts=((owner, text),))


INVOICE = FakeRecord(kind="invoice", key="i7", profile="c7", texts=((WITH_HER_NUMBER, "paid by Stonecrop, Andreas"),))


def number(bench, case_id, key):
    return finding(bench, case_id, key).number


def package_of(bench, case_id):
    with bench.file(case_id) as file:
        return file.what_is_approved()


def taken_in(bench, case_id, key="c7", by=OLGA):
    which = number(bench, case_id, key)
    look = look_at_doubtful(current_app(), case_id, which, by=by, reason="the doubt")
    return take_in(current_app(), case_id, which, look=look.token, reason=WHY, by=by)


def again(bench, case_id, how=MakingAgain.MASK, remark="", by=OLGA):
    """Send the package back, and make it again as the case's run does."""
    send_back(current_app(), case_id, how, remark=remark, by=by, package=package_of(bench, case_id))
    search(case_id)
    for system in make_copies_again(current_app(), case_id):
        extract_records(current_app(), case_id, system)
        redact_third_parties(current_app(), case_id, system)
    assemble_package(current_app(), case_id)
    return reach_gate(current_app(), case_id, Gate.APPROVAL)


def release(case_id, by=DANA):
    read_then_decide(current_app(), case_id, Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by=by))


def told(bench, case_id):
    return b"\n".join(data for name, data in opened(bench, case_id).items() if name.startswith("data/")).decode()


def fates(bench, case_id):
    with bench.file(case_id) as file:
        by_key = {one.ref.ref: fate_of(one, file.right) for one in file.findings.all()}
        assert sums_of(file.findings.counted(), Right.ACCESS).total() == len(by_key)
        return by_key


@pytest.mark.apart
def test_it_is_given_with_what_hangs_on_it_once_the_package_is_made_again_and_another_person_releases_it(bench, case):
    before = told(bench, case)
    assert taken_in(bench, case) == [number(bench, case, "c7"), number(bench, case, "i7")]
    with pytest.raises(Conflict, match="was made without records"):
        release(case)
    view = again(bench, case)
    [sent] = entries(bench, case, "PackageSentBack")
    assert sent.details["again"] == MakingAgain.COPY, "it is among no copies yet"

    found = fates(bench, case)
    assert (found["c7"], found["i7"], found["u7"], found["t7"]) == (Fate.COPIED,) * 2 + (Fate.UNCLEAR,) * 2
    after = told(bench, case)
    assert "a former payer" not in before
    assert "a former payer" in after
    assert "paid by" in after
    assert not [one for one in ("his kettle", "profile of his", "Stonecrop", "andreas@") if one in after]
    with bench.file(case) as file:
        assert not {HIS_EMAIL, ANDREAS} & file.identifiers.known(), "it teaches nothing"
        assert package_seen(file, current_app()).in_doubt, "no policy releases it"
    text = describe_gate(current_app(), view)
    assert f"taken in by {OLGA}" in text
    assert WHY not in text
    [many] = look_at_many(current_app(), [case], by=DANA)
    assert "unclear" in many.obstacle

    assert has_prepared(current_app(), case, OLGA)
    with pytest.raises(Conflict, match="four eyes"):
        release(case, by=OLGA)
    release(case)
    evidence = fold(looks.entries(bench, case))
    [payments] = [one for one in evidence.systems if one.system == "payments"]
    assert (payments.found, payments.unclear) == ({"customer profiles": 1, "invoices": 1}, 2)
    [act] = [one for one in evidence.acts if one.event == "RecordTakenIn"]
    assert (act.by, "count 2" in act.what) == (OLGA, True)
    assert WHY not in str(evidence)


@pytest.mark.apart
def test_it_stays_through_a_new_search_and_falls_when_the_record_names_somebody_else(bench, case):
    taken_in(bench, case)
    again(bench, case, MakingAgain.SEARCH, "a mapping was corrected")
    assert fates(bench, case)["i7"] is Fate.COPIED
    bench.systems["payments"].add(payer("a former payer", WITH_HER_NUMBER | {HIS_ID}))
    again(bench, case, MakingAgain.SEARCH, "once more")
    found = fates(bench, case)
    assert (found["c7"], found["i7"]) == (Fate.UNCLEAR, Fate.UNCLEAR)
    [left] = entries(bench, case, "RecordLeftAgain")
    assert (left.actor, left.details["count"], "names its person" in left.details["why"]) == ("rightsflow", 2, True)
    assert "former payer" not in told(bench, case)
    release(case, by=OLGA)


@pytest.mark.apart
def test_it_falls_when_it_says_something_else_than_was_looked_at(bench, case):
    taken_in(bench, case)
    bench.systems["payments"].add(payer("moved in with Zadok"))
    again(bench, case)
    assert {fates(bench, case)[one] for one in ("c7", "i7")} == {Fate.UNCLEAR}
    assert "Zadok" not in told(bench, case)
    assert "says something else" in entries(bench, case, "RecordLeftAgain")[0].details["why"]
    release(case)


@pytest.mark.apart
def test_it_is_taken_back_until_the_release_and_the_copy_is_without_it(bench, case):
    taken_in(bench, case)
    again(bench, case)
    take_back_record(current_app(), case, number(bench, case, "c7"), by=DANA)
    with pytest.raises(Conflict, match="still has records"):
        release(case)
    again(bench, case)
    assert "a former payer" not in told(bench, case)
    with pytest.raises(Conflict, match="four eyes"):
        release(case), "who takes back what another took in does not release it"
    release(case, by="Ines Approver")


@pytest.mark.apart
def test_each_is_looked_at_by_who_decides_on_the_record_and_the_package_that_are_there(bench, case):
    app, which = current_app(), number(bench, case, "c7")
    look = look_at_doubtful(app, case, which, by=OLGA, reason="the doubt")
    assert [(one.value, one.contradicts) for one in look.named_by] == [
        (ANNA_ID.value, False), (HIS_EMAIL.value, True), (ANDREAS.value, True),
    ]  # fmt: skip
    assert "a former payer" in str([one.items for one in look.seen.values()])
    assert entries(bench, case, "PersonalDataRevealed")[-1].details["count"] == 2
    for wrong, match in (
        ({"look": "guessed"}, "was not looked at"),
        ({"by": DANA}, "Another person looked"),
        ({"reason": " "}, "reason is missing"),
        ({"number": number(bench, case, "i7")}, "hangs on record"),
        ({"number": number(bench, case, "t1")}, "is the person's by what it carries"),
        ({"number": number(bench, case, "u7")}, "was not looked at"),
        ({"number": 99}, "does not occur"),
        ({"by": "Anna Quillfeather"}, "data subject"),
    ):
        given = {"number": which, "look": look.token, "reason": WHY, "by": OLGA} | wrong
        with pytest.raises((BadInput, Conflict), match=match):
            take_in(app, case, given.pop("number"), **given)
    with pytest.raises(BadInput, match="reason is missing"):
        look_at_doubtful(app, case, which, by=OLGA, reason="")
    with pytest.raises(BadInput, match="nothing to take back"):
        take_back_record(app, case, which, by=OLGA)
    again(bench, case)
    with pytest.raises(Conflict, match="made again since"):
        take_in(app, case, which, look=look.token, reason=WHY, by=OLGA)
    assert not entries(bench, case, "RecordTakenIn")
    taken_in(bench, case)
    with pytest.raises(Conflict, match="taken in already, by Olga"):
        taken_in(bench, case)
    assert {one.number: one.by for one in doubtful_records(app, case) if one.by} == {
        which: OLGA, number(bench, case, "i7"): OLGA,
    }  # fmt: skip


def test_no_plan_has_it(bench):
    case_id = at_approval(bench)
    with pytest.raises(Conflict, match="no request for access"):
        look_at_doubtful(current_app(), case_id, 1, by=OLGA, reason="the doubt")
    assert looks.state(bench, case_id) is CaseState.AWAITING_APPROVAL
