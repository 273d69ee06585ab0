"""The labels of cases: what is searched for, initials, and numbers of tickets that no name fits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.case_labels import as_in_case_id, initials, label, read_sought, read_ticket
from rightsflow.domain.errors import BadInput


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Anna Quillfeather", "A. Q."),
        ("anna", "A."),
        ("", ""),
        ("Jean-Luc de la Tour", "J. L. T."),
        ("Ångström 3rd", "Å."),
    ],
)
def test_initials(name, expected):
    assert initials(name) == expected


def test_a_label_has_what_there_is():
    assert label(ticket="4711", channel="e-mail", of_person="A. Q.") == "4711 · e-mail · A. Q."
    assert label(ticket="", channel="", of_person="") == ""


@given(st.text(alphabet=st.characters(categories=["L"]), min_size=1))
def test_no_word_is_a_ticket_number(word):
    with pytest.raises(BadInput):
        read_ticket(word)


def test_what_is_searched_for_is_a_part_of_an_id_or_a_number():
    assert read_sought(" 7k3o ") == "7K3O"
    assert as_in_case_id("DSR-2026-OIL") == "DSR-2026-011"
    assert as_in_case_id("7K3O") == "7K30"
    for wrong in ("anna@example.com", "Anna Quill", "%", "x" * 41):
        with pytest.raises(BadInput):
            read_sought(wrong)
