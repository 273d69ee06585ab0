"""A plan's records as its page lists them: those of which the plan says the same, together, and each by its number."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from rightsflow.domain.case.findings import Planned
from rightsflow.domain.erasure.plan_groups import grouped
from rightsflow.domain.vocabulary.records import Fact, Method, OutcomeKind
from rightsflow.store import Store
from tests.support.casework import EMAIL, located, opened, ref

KEPT = Planned(ref=ref("1"), method=None, expected=OutcomeKind.RETAINED, until=date(2030, 12, 31), legal_basis="§ 1")


def planned(store: Store) -> str:
    """A case of five records: two to be erased, two kept for different times, one kept otherwise."""
    case_id = opened(store)
    with store.case_file(case_id) as file:
        file.findings.replace("helpdesk", [located(key, EMAIL) for key in "12345"])
        file.findings.resolve()
        kept = (replace(KEPT, ref=ref("2")), replace(KEPT, ref=ref("4"), until=date(2032, 12, 31)))
        erased = (Planned(ref=ref(key), method=Method.ERASE, expected=OutcomeKind.ERASED) for key in "13")
        other = replace(KEPT, ref=ref("5"), legal_basis="§ 2")
        file.findings.plan([*kept, *erased, other])
    return case_id


def test_records_are_alike_where_the_plan_says_the_same_whatever_their_days(store):
    case_id = planned(store)
    with store.case_file(case_id) as file:
        alike = {tuple(one.numbers): one for one in file.planned.alike()}
    assert set(alike) == {(1, 3), (2, 4), (5,)}
    assert alike[2, 4].until == (date(2030, 12, 31), date(2032, 12, 31))
    assert alike[1, 3].one.method is Method.ERASE
    assert alike[5,].one.planned is OutcomeKind.RETAINED


def test_what_was_changed_a_moment_ago_is_listed_and_binds(store):
    case_id = planned(store)
    with store.case_file(case_id) as file:
        before = file.planned.digest()
        file.findings.plan([replace(KEPT, ref=ref("3"))])
        assert [one.numbers for one in file.planned.alike() if 3 in one.numbers] == [[2, 3, 4]]
        assert file.planned.digest() == file.findings.plan_hash() != before


def test_single_records_are_read_by_their_numbers_with_what_ties_them(store):
    case_id = planned(store)
    with store.case_file(case_id) as file:
        these = file.planned.records([5, 2, 99, 0])
        findings = {one.number: one for one in file.findings.all()}
        traces = file.planned.traces(these)
    assert [one.number for one in these] == [2, 5]
    assert [one.until for one in these] == [findings[2].until, findings[5].until]
    assert [kind for kind, *_ in traces[2].named] == ["email"]


def test_groups_hold_each_number_once(store):
    case_id = opened(store)
    with store.case_file(case_id) as file:
        odd = replace(located("2", EMAIL), facts=frozenset({Fact.SHARED}))
        file.findings.replace("helpdesk", [located("1", EMAIL), odd, located("3", EMAIL)])
        file.findings.resolve()
    with store.case_file(case_id) as file:
        groups = grouped(file.planned.alike())
    assert [list(one.numbers) for one in groups] == [[2], [1, 3]]
