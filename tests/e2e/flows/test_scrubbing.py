"""What of a form may stay in Prefect: case ids, keys, days, letters and the team's names, and nothing else."""

from __future__ import annotations

import inspect
import re
from datetime import date
from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prefect.states import StateType

from flows.fields import FIELDS, SEALED, SEALED_PARAMETERS, scrubbed
from flows.forms import SendableLetter, SentBy, StopWord
from flows.scrubbing import carry_out, this_run
from tests.e2e.flows.desk_forms import FORMS

FREE_TEXT = {"areas", "how_known", "proof", "reason"}
PROPER = {
    **dict.fromkeys(("case_id", "duplicate_of"), ("DSR-2026-7K3M9Q", " dsr-2026-7k3m9q")),
    **dict.fromkeys(("deputy", "person", "to"), ("case_owner", "anna-2", "d" * 32)),
    **dict.fromkeys(
        ("arrived_on", "first_on", "last_on", "sent_on", "until"),
        ("2026-03-09", date(2026, 3, 9), "2026-03-09T00:00:00Z", "2026-03-09T09:00:00.000+01:00"),
    ),
    "lift": [True, "True"],
    "number": [1, "2", 12],
    "letter": [*SendableLetter, "L6", "L6 notice of extension"],
    "channel": [one for one in SentBy if one],
    "why": [one for one in StopWord if one],
    "your_name": ["Dana Decider", " dana  DECIDER"],
}
IMPROPER = (
    "Wanda Förmlich",
    "wanda.foermlich@example.com",
    "+49 30 23125 777",
    "DSR-2026-7K3M9Q Wanda",
    "2026-03-09 Wanda",
    "2026-03-09T00:00:00Z\n",
    "L6 notice of extension to Wanda",
    "L6 Wanda",
    "Case_owner",
    "case_owner\n",
    "d" * 33,
    ["case_owner"],
    20260309,
)
CHECKED = sorted(PROPER)
NAMES_OF_COLLEAGUES = {"dana decider"}
FORM_OF = {name: next(form for form in FORMS if name in FIELDS[form]) for name in PROPER}
NAMES = st.text(ascii_lowercase + "_", min_size=1)


@pytest.mark.parametrize("flow", FORMS.values(), ids=FORMS)
def test_of_each_form_what_is_typed_freely_goes_and_the_rest_stays(flow):
    fields = {name: PROPER.get(name, "x")[0] for name in inspect.signature(flow.fn).parameters}
    kept = scrubbed(flow.name, fields, NAMES_OF_COLLEAGUES)
    assert {name for name, value in kept.items() if value == SEALED} == set(fields) & FREE_TEXT
    assert set(kept) == set(fields)


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in PROPER for value in PROPER[name]])
def test_what_a_field_is_made_for_stays(name, value):
    assert scrubbed(FORM_OF[name], {name: value}, NAMES_OF_COLLEAGUES) == {name: value}


@pytest.mark.parametrize("value", IMPROPER, ids=range(len(IMPROPER)))
@pytest.mark.parametrize("name", CHECKED)
def test_what_was_typed_into_the_wrong_field_goes(name, value):
    assert scrubbed(FORM_OF[name], {name: value}, NAMES_OF_COLLEAGUES) == {name: SEALED}


@given(st.sampled_from(CHECKED), st.text(min_size=1))
def test_what_stays_is_short_plain_and_of_its_form(name, text):
    kept = scrubbed(FORM_OF[name], {name: text})[name]
    assert kept == SEALED or (text.isascii() and re.fullmatch(r"[\w .:+-]{1,40}", text))


@given(
    st.sampled_from(sorted(FIELDS)), st.dictionaries(NAMES, st.one_of(st.text(), st.integers(), st.lists(st.text())))
)
def test_nothing_is_kept_under_a_name_that_the_form_does_not_have(form, given_fields):
    kept = scrubbed(form, given_fields)
    assert kept.keys() <= set(FIELDS[form])
    assert scrubbed(form, kept) == kept


def test_of_the_intake_nothing_stays():
    assert scrubbed("open-request", {"right": "erasure", "email": "wanda@example.com"}) == SEALED_PARAMETERS


def test_what_is_empty_needs_no_sealing():
    assert scrubbed("ask-what-is-meant", {"areas": "", "your_name": None}) == {"areas": "", "your_name": None}


def test_the_parameters_of_a_cases_own_run_stay():
    assert scrubbed("access-request", {"case_id": "DSR-2026-AAAAAA"}) == {"case_id": "DSR-2026-AAAAAA"}


def test_of_a_run_without_a_form_nothing_stays():
    assert scrubbed("watch-deadlines", {"wanda@example.com": 1}) == {}


def test_outside_a_run_nothing_is_carried_out():
    done = []
    state = carry_out("Done", lambda: str(done.append(1)))
    assert state.type is StateType.FAILED
    assert done == []
    with pytest.raises(RuntimeError, match="in a flow run only"):
        this_run()
