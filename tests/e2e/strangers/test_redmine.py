"""Whole cases in a real Redmine: corrected, restricted and released, erased with the vouchers kept and blanked.

The neighbours share issues, notes, watches, files and numbers with the subjects; of theirs no byte changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from proofs.strangers import announced, operator, tickets
from proofs.strangers.announced import Erased, System, judge
from proofs.strangers.cases import Office, by_steps, office
from proofs.strangers.people import Person, Population, populate
from proofs.strangers.planted import Marks
from rightsflow.app import current_app
from rightsflow.cases.course.evidence.bundle import export_evidence
from rightsflow.domain.vocabulary.rights import Right
from tests.support.peers.redmine import Redmine, running_redmine

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("strangers"), pytest.mark.timeout(900)]


@dataclass
class Place:
    """A Redmine with everybody, and a Rightsflow that is configured for it."""

    redmine: Redmine
    population: Population
    marks: Marks
    system: System
    office: Office


@pytest.fixture(scope="module")
def place(tmp_path_factory, postgres_server):
    folder, population, marks = tmp_path_factory.mktemp("redmine"), populate(2), Marks()
    for name in ("systems", "home"):
        (folder / name).mkdir()
    with running_redmine(folder / "systems", postgres_server) as redmine:
        users = redmine.run("fill.rb", tickets.plan(population, marks))
        written = operator.head() + tickets.section(redmine, folder / "systems")
        with office(folder / "home", written, by_steps) as desk:
            assert "tickets" in desk.doctor()
            yield Place(redmine, population, marks, tickets.system_of(redmine, users, marks), desk)


def proved(place: Place, case_id: str, letter: str) -> str:
    """The letter that closed a case, whose evidence holds."""
    bundle = place.office.home.folder / f"{case_id}.zip"
    bundle.write_bytes(export_evidence(current_app(), case_id, by="Dana Decider").content)
    assert place.office.home.run("verify", bundle).status == 0
    with current_app().store.case_file(case_id) as file:
        body = next(one.body for one in file.outbox.letters() if one.template_id == letter)
    assert place.marks.within(body) == []
    return str(body)


def changed(place: Place, before: Any, person: Person, case_id: str, change: announced.Change) -> Any:
    outcomes = place.office.outcomes(case_id)
    return announced.judge_change(place.system, before, place.system.snapshot(), person.number, outcomes, change)


def reasons(case_id: str) -> list[tuple[str, str, str]]:
    """How the records of a case ended."""
    with current_app().store.case_file(case_id) as file:
        return [(one.ref.kind, str(one.outcome), one.reason) for one in file.findings.all() if one.reason]


def test_a_correction_writes_the_persons_own_fields_and_no_one_elses(place):
    person, before = place.population.subjects[0], place.system.snapshot()
    case_id, change = tickets.rectify(place.office, person)
    done = changed(place, before, person, case_id, change)
    assert done.faults == []
    assert done.erased == len(change.fields), reasons(case_id)
    assert done.untouched > 100
    assert "correct" in proved(place, case_id, "L25")


def test_a_restriction_makes_the_persons_entries_private_and_its_end_takes_that_away(place):
    person, before = place.population.subjects[1], place.system.snapshot()
    case_id, change = tickets.restrict(place.office, person)
    done = changed(place, before, person, case_id, change)
    assert done.faults == []
    assert done.erased > 2
    proved(place, case_id, "L22")
    announced.lift(case_id)
    lifted = {name: one for name, one in change.fields.items() if name == "lock_version"}
    after = place.system.snapshot()
    different = {
        (one, name)
        for one, row in after.items()
        for name, value in row.items()
        if before[one].get(name) != value and name not in lifted
    }
    assert different == set()


def test_an_erasure_blanks_what_the_law_does_not_need_and_an_open_form_brings_nothing_back(place):
    before = place.system.snapshot()
    for person in place.population.subjects:
        was = place.system.snapshot()
        case_id = place.office.answer(Right.ERASURE, person)
        outcomes = place.office.outcomes(case_id)
        erased = Erased(person.number, lambda others, one=person: _words(place.population, one, others), outcomes)
        done = judge(place.system, was, place.system.snapshot(), erased, place.marks)
        assert done.faults == []
        assert done.erased > 3
        assert done.untouched > 100
        assert "blanked" in proved(place, case_id, "L11")
    after = place.system.snapshot()
    issue = next(row for one, row in after.items() if one.startswith("issues/") and row != before[one])
    assert issue["description"] in ("", "null")
    form = before[f"issues/{issue['id']}"]
    given = {name: form[name] for name in ("subject", "description")}
    version = int(form["lock_version"])
    assert int(issue["lock_version"]) > version
    assert place.redmine.run("save_stale.rb", given | {"id": int(issue["id"]), "lock_version": version}) == "stale"
    assert place.system.snapshot()[f"issues/{issue['id']}"] == issue


def _words(population: Population, person: Person, others: frozenset[int]) -> frozenset[str]:
    """By what a person is named, without what names one of the others as well."""
    theirs = {word.casefold() for number in others for word in _named(population.people[number])}
    return frozenset(word for word in _named(person) if word.casefold() not in theirs)


def _named(person: Person) -> set[str]:
    return {*person.emails, *person.phones, person.customer, person.name, person.first, person.last}
