"""The list of cases at the desk: filters, pages, CSV, search."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from rightsflow.domain.vocabulary.events import StoreEvent
from rightsflow.store.tables import LedgerRow
from tests.support.bench import CANARIES

CASE_ID = re.compile("DSR-[0-9]{4}-[0-9A-Z]{6}")


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
    answer = officer.send("/cases/search", "/cases", q=f" {opened[0].lower()} ")
    assert answer.headers["location"] == f"/desk/cases/{opened[0]}"
    assert "0 cases have" in officer.send("/cases/search", "/cases", q="DSR-2026-000000").text
    page = officer.send("/cases/search", "/cases", q="anna.quill@example.com")
    assert (page.status_code, 'id="q-wrong"' in page.text) == (422, True)


def test_a_person_is_found_and_that_somebody_looked_is_recorded(rig, opened, officer):
    page = officer.send("/cases/person", "/cases", email="ANNA.quill@example.com")
    assert f'class="id" href="/desk/cases/{opened[0]}"' in page.text
    assert "anna.quill" not in page.text.lower()
    with rig.bench.runtime.store.database.reading() as session:
        (looked,) = session.scalars(select(LedgerRow.body).where(LedgerRow.body.contains(StoreEvent.PERSON_LOOKED_UP)))
    assert "Olga Officer" in looked
    assert "signed in by password and code" in looked


NAMES = ("Anna", "Quillfeather", "A. Q.")


def rows(page):
    """The cases of a page in their order, each with the text of its row."""
    table = page.partition("<tbody>")[2].partition("</tbody>")[0]
    return {CASE_ID.search(row)[0]: row for row in table.split("<tr>")[1:]}


@pytest.mark.apart
def test_cases_are_told_apart_by_labels_which_name_no_one_unless_the_team_wants_initials(rig, officer):
    given = {"right": "access", "received": "2026-03-05", "channel": "e-mail", "email": "anna.quill@example.com"}
    for wrong in ("Anna Quillfeather", "INC 47", "x" * 70):
        page = officer.send("/open", "/open", **given, ticket=wrong)
        assert (page.status_code, 'id="ticket-wrong"' in page.text) == (422, True)
    assert officer.send("/open", "/open", **given, name="Anna Quillfeather", ticket=" inc-4711 ").status_code == 303
    page = officer.get("/cases").text
    (row,) = rows(page).values()
    assert "INC-4711 · e-mail" in row
    assert "Send the letter" in row, "the next act"
    assert [name for name in NAMES if name in page] == []
    assert "INC-4711 · e-mail" in officer.get("/").text

    settings = rig.bench.runtime.settings
    wanted = settings.model_copy(update={"desk": settings.desk.model_copy(update={"initials": True})})
    rig.bench.runtime = replace(rig.bench.runtime, settings=wanted)
    page = officer.get("/cases").text
    assert "INC-4711 · e-mail · A. Q." in page
    assert "Quillfeather" not in page
    assert "A. Q." not in officer.get("/cases.csv").text


@pytest.mark.apart
def test_the_list_is_sorted_searched_and_its_filters_are_saved_for_oneself_alone(rig, opened, officer):
    access, erasure = opened
    for sort, first in (("", erasure), ("received", erasure), ("received&down=yes", access), ("label", erasure)):
        assert next(iter(rows(officer.get(f"/cases?sort={sort}").text))) == first, sort
    assert 'aria-sort="descending"' in officer.get("/cases?sort=received&down=yes").text
    assert officer.get("/cases?sort=moon").status_code == 404

    part = access.removeprefix("DSR-2026-")
    for typed in (part[:4].lower(), part.replace("0", "o").replace("1", "l")):
        assert access in rows(officer.send("/cases/search", "/cases", q=typed).text), typed
    assert rows(officer.send("/cases/search?right=erasure", "/cases", q="dsr-2026").text).keys() == {erasure}
    assert "0 cases have “ZZZZ-9”" in officer.send("/cases/search", "/cases", q="zzzz-9").text
    wrong = officer.send("/cases/search", "/cases", q="Anna Quill")
    assert (wrong.status_code, 'id="q-wrong"' in wrong.text) == (422, True)

    saved = officer.send("/cases/save-filter?right=access&sort=received", "/cases", filter_name="Access, newest")
    assert saved.headers["location"] == "/desk/cases?right=access&sort=received"
    assert 'aria-current="page">Access, newest<' in officer.get("/cases?right=access&sort=received").text
    assert "Access, newest" not in rig.browser("dana").get("/cases").text
    assert "Filter or sort the list first" in officer.send("/cases/save-filter", "/cases", filter_name="All").text
    for name in (" ", "x" * 41):
        page = officer.send("/cases/save-filter?right=access", "/cases", filter_name=name)
        assert (page.status_code, 'id="filter_name-wrong"' in page.text) == (422, True), name
    assert officer.send("/cases/save-filter?state=moon", "/cases", filter_name="Moon").status_code == 422
    assert officer.send("/cases/remove-filter", "/cases", filter="Access, newest").status_code == 303
    assert "Access, newest" not in officer.get("/cases").text
