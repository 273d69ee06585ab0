"""What of a form may stay in Prefect: keys, days and the team's names; everything else is free text."""

from __future__ import annotations

import inspect
from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prefect.states import StateType

from flows.sealing import SEALED, carry_out, sealed, this_run
from tests.flows.test_desk import FORMS

TYPED = {"areas", "reason"}
NAMES = st.text(ascii_lowercase + "_", min_size=1)


@pytest.mark.parametrize("flow", FORMS.values(), ids=FORMS)
def test_of_each_form_what_is_typed_freely_goes_and_the_rest_stays(flow):
    fields = dict.fromkeys(inspect.signature(flow.fn).parameters, "x")
    kept = sealed(fields)
    assert {name for name, value in kept.items() if value == SEALED} == set(fields) & TYPED
    assert set(kept) == set(fields)


@given(st.dictionaries(NAMES, st.one_of(st.text(), st.integers(), st.lists(st.text()))))
def test_nothing_is_kept_under_a_name_that_no_form_has(given_fields):
    known = {name for flow in FORMS.values() for name in inspect.signature(flow.fn).parameters}
    kept = sealed(given_fields)
    assert [name for name in kept if name not in known and kept[name] and kept[name] != SEALED] == []
    assert sealed(kept) == kept


def test_what_is_empty_needs_no_sealing():
    assert sealed({"reason": "", "areas": None}) == {"reason": "", "areas": None}


def test_the_parameters_of_a_cases_own_run_stay():
    assert sealed({"case_id": "DSR-2026-AAAAAA"}) == {"case_id": "DSR-2026-AAAAAA"}


def test_outside_a_run_nothing_is_carried_out():
    done = []
    state = carry_out("Done", lambda: str(done.append(1)))
    assert state.type is StateType.FAILED
    assert done == []
    with pytest.raises(RuntimeError, match="in a flow run only"):
        this_run()
