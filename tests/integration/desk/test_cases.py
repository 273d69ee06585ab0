"""The list of cases at the desk: filters, pages, CSV, search."""

from __future__ import annotations

import csv
import io

import pytest
from sqlalchemy import select

from rightsflow.domain.vocabulary.events import StoreEvent
from rightsflow.store.tables import LedgerRow
from tests.support.bench import CANARIES


@pytest.fixture
def officer(rig):
    return rig.browser("olga")


@pytest.fixture
def opened(rig):
    access = rig.bench.open("access", name="Anna Quillfeather")
    erasure = rig.bench.open("erasure", email="boris.other@example.org", received="2026-02-10")
    return access, erasure


def listed(officer, query=""):
    return list(csv.DictReader(io.StringIO(officer.get(f"/cases.csv{query}").text)))


@pytest.mark.apart
def test_the_soonest_case_comes_first_filters_leave_what_they_say_and_nothing_names_a_person(opened, officer):
    access, erasure = opened
    page = officer.get("/cases").text
    assert page.index(erasure) < page.index(access)
    both = page + officer.get("/cases.csv").text
    assert [one for one in CANARIES if one in both] == []
    assert [row["case"] for row in listed(officer)] == [erasure, access]

    for query, which in (
        ("right=access", [0]),
        ("state=received", [1, 0]),
        ("state=refused", []),
        ("owner=case_owner", [1, 0]),
        ("owner=dpo", []),
        ("light=due+soon", [1]),
        ("light=in+time", [0]),
        ("due_by=2026-03-20", [1]),
        ("right=access&due_by=2026-03-20", []),
    ):
        expected = [opened[one] for one in which]
        assert [row["case"] for row in listed(officer, f"?{query}")] == expected
        page = officer.get(f"/cases?{query}").text
        assert [one for one in opened if one in page] == sorted(expected, key=opened.index)

    for number in ("0", "-1", "x", "99999999999999999999", "2"):
        assert officer.get(f"/cases?page={number}").status_code == 200


def test_a_filter_that_is_none_is_told(officer):
    for query in ("right=moon", "state=moon", "due_by=soon"):
        for path in ("/cases", "/cases.csv"):
            assert officer.get(f"{path}?{query}").status_code == 404

    assert "No case fits this filter. Closed cases are listed only" in officer.get("/cases").text

    assert 'id="email-wrong"' in officer.send("/cases/person", "/cases").text


@pytest.mark.apart
def test_a_case_is_opened_by_its_id_as_it_was_read_out(opened, officer):
    answer = officer.send("/cases/go", "/cases", case=f" {opened[0].lower()} ")
    assert answer.headers["location"] == f"/desk/cases/{opened[0]}"
    for unknown in ("", "anna.quill@example.com", "DSR-2026-000000"):
        page = officer.send("/cases/go", "/cases", case=unknown)
        assert (page.status_code, 'id="case-wrong"' in page.text) == (422, True)


def test_a_person_is_found_and_that_somebody_looked_is_recorded(rig, opened, officer):
    page = officer.send("/cases/person", "/cases", email="ANNA.quill@example.com")
    assert f'class="id" href="/desk/cases/{opened[0]}"' in page.text
    assert "anna.quill" not in page.text.lower()
    with rig.bench.runtime.store.database.reading() as session:
        (looked,) = session.scalars(select(LedgerRow.body).where(LedgerRow.body.contains(StoreEvent.PERSON_LOOKED_UP)))
    assert "Olga Officer" in looked
    assert "signed in by password and code" in looked
