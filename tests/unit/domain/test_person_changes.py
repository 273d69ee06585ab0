"""Changes of what a case knows of its person: when a second person is needed, and that the person stays findable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.case.person_changes import (
    ChangeAct,
    PersonChange,
    checked_change,
    needs_second_person,
    refuse_during_search,
    refuse_late_change,
)
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.identifiers import Identifier, IdentifierKind
from rightsflow.domain.vocabulary.states import CaseState

KINDS = (IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.CUSTOMER_ID, IdentifierKind.NAME)
ITEMS = st.builds(Identifier, st.sampled_from(KINDS), st.sampled_from(["a", "b", "c"]))
CHANGES = st.one_of(
    st.builds(PersonChange, address=st.sampled_from(["", "1 Kettle Row"])),
    st.builds(PersonChange, old=st.none(), new=ITEMS),
    st.builds(PersonChange, old=ITEMS, new=st.none() | ITEMS),
)


@given(CHANGES, st.frozensets(ITEMS), st.frozensets(ITEMS))
def test_a_change_that_passes_changes_something_and_leaves_the_person_findable(change, present, learnt):
    given_ones = present - learnt
    try:
        checked_change(change, present, given_ones, "")
    except BadInput:
        return
    if change.address is not None:
        assert change.address
        return
    after = (present - {change.old}) | ({change.new} if change.new else set())
    assert after != present or change.old == change.new
    assert any(item.is_searchable for item in after)
    assert change.old is None or change.old in given_ones


@given(CHANGES)
def test_only_what_widens_the_search_or_leads_the_answer_elsewhere_needs_a_second_person(change):
    assert not needs_second_person(change, identity_is_clear=False)
    is_searched_by = change.new is not None and change.new.is_searchable
    assert needs_second_person(change, identity_is_clear=True) is (is_searched_by or bool(change.address))
    assert change.act is not ChangeAct.REMOVE or not change.widens


def test_the_states_in_which_nothing_changes_any_more():
    late = {CaseState.EXECUTING, *(state for state in CaseState if state.is_settled)}
    for state in CaseState:
        if state in late:
            with pytest.raises(Conflict):
                refuse_late_change("DSR-2026-7K3M9Q", state)
        else:
            refuse_late_change("DSR-2026-7K3M9Q", state)
    refuse_during_search(CaseState.IN_PROGRESS, PersonChange(address="x"))
    with pytest.raises(Conflict):
        refuse_during_search(CaseState.IN_PROGRESS, PersonChange(new=Identifier(IdentifierKind.EMAIL, "a")))
