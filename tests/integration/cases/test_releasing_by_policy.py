"""A policy releases what needs no one's judgement, and leaves everything else to a person."""

from __future__ import annotations

import io
import zipfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from rightsflow.app import current_app, installed
from rightsflow.cases.course.evidence.bundle import export_evidence
from rightsflow.cases.course.gates.policies import release_by_policy
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.work.access.package import make_copies_again
from rightsflow.config.sections.policy_settings import PolicySettings
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.vocabulary.records import Fact
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.testing.fakes import FakeRecord
from tests.support.batches import imported
from tests.support.bench import BORIS
from tests.support.identity import METHOD
from tests.support.steps import pack, search

EMAIL = "clara.plain@example.net"
CLARA = frozenset({identifier(IdentifierKind.EMAIL, EMAIL), identifier(IdentifierKind.CUSTOMER_ID, "C-30003")})
PHONE = identifier(IdentifierKind.PHONE, "+49 30 23125 777")
FIELDS = {"helpdesk/profile": ["texts"], "payments/invoice": ["texts"]}
POLICY = {
    "name": "plain",
    "version": 4,
    "right": "access",
    "when": "plain records",
    "identity": [METHOD.value],
    "every_nth_to_a_person": 0,
    "fields": FIELDS,
    "most_records": 5,
    "stands_for_second_person": True,
}
INVOICE = FakeRecord(kind="invoice", key="i9", texts=((CLARA, "49.00 EUR"),))
PROFILE = FakeRecord(kind="profile", key="u9", texts=((CLARA, "C-30003"),))


@contextmanager
def under(bench, **changed):
    before = bench.runtime
    policies = (PolicySettings.model_validate(POLICY | changed),)
    bench.runtime = replace(before, settings=before.settings.model_copy(update={"policies": policies}))
    with installed(bench.runtime):
        yield policies[0]
    bench.runtime = before


def plain(bench, *more, system="helpdesk"):
    bench.systems["helpdesk"].add(PROFILE)
    bench.systems["payments"].add(INVOICE)
    bench.systems[system].add(*more)


def prepared(bench, *, email=EMAIL):
    (case_id,) = imported(bench, email)
    search(case_id)
    return case_id


def released(case_id):
    pack(case_id)
    return release_by_policy(current_app(), case_id)


def told(bench, case_id):
    with bench.file(case_id) as file:
        return {one.event: one for one in file.ledger.entries()}, file.state


@pytest.mark.apart
def test_a_package_of_named_fields_is_released_as_automatic_and_only_it_stays(bench):
    plain(bench)
    with under(bench) as policy:
        case_id = prepared(bench)
        assert released(case_id)
        entries, state = told(bench, case_id)
        assert state is CaseState.EXECUTING
        assert make_copies_again(current_app(), case_id) == [], "nothing of it is needed any more"
        write_answer(current_app(), case_id)
        assert [one.name for one in Path(bench.runtime.work_location, case_id).iterdir()] == [f"{case_id}.zip"]
        content = export_evidence(current_app(), case_id, by="Ines Example").content
    decided, said = entries["DecisionRecorded"], entries["PackageReleasedByPolicy"].details
    assert (decided.actor, decided.details["role"]) == ("policy plain version 4", "automatic")
    assert said["package"] == decided.details["plan"] != ""
    assert (said["sha256"], said["records"], said["systems"]) == (policy.digest, 2, ["helpdesk", "payments"])
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        page = next(bundle.read(name).decode() for name in bundle.namelist() if name.endswith(".html"))
    assert "policy plain version 4" in page
    assert "automatic, decided by a policy of the configuration" in page


SPOILED = {
    "a kind that is not named": ([FakeRecord(kind="ticket", key="t9", texts=((CLARA, "x"),))], "helpdesk"),
    "a text": ([FakeRecord(kind="profile", key="u8", texts=((CLARA, "several\nlines"),))], "helpdesk"),
    "a long value": ([FakeRecord(kind="profile", key="u8", texts=((CLARA, "x" * 201),))], "helpdesk"),
    "a file": ([FakeRecord(kind="recording", key="r9", texts=((CLARA, "x"),), audio=b"RIFF" * 9)], "calls"),
    "another person in a record": (
        [FakeRecord(kind="profile", key="u8", texts=((CLARA, "x"), (BORIS, "me too")))],
        "helpdesk",
    ),
    "a record shared by what the system says": (
        [FakeRecord(kind="profile", key="u8", texts=((CLARA, "x"),), facts=frozenset({Fact.SHARED}))],
        "helpdesk",
    ),
    "a number that another person uses too": (
        [
            FakeRecord(kind="profile", key="u8", texts=((CLARA | {PHONE}, "x"),)),
            FakeRecord(kind="profile", key="u7", texts=((BORIS | {PHONE}, "y"),)),
        ],
        "helpdesk",
    ),
    "another person's address in a field": (
        [FakeRecord(kind="profile", key="u8", texts=((CLARA, "write to boris.other@example.org"),))],
        "helpdesk",
    ),
}


_AT_ONCE = {"a text", "a file", "another person in a record", "a number that another person uses too"}


@pytest.mark.apart
@pytest.mark.parametrize(
    "spoiled", [one if one in _AT_ONCE else pytest.param(one, marks=pytest.mark.apart) for one in SPOILED]
)
def test_whatever_needs_a_look_goes_to_a_person(bench, spoiled):
    records, system = SPOILED[spoiled]
    plain(bench, *records, system=system)
    with under(bench):
        case_id = prepared(bench)
        assert not released(case_id)
        entries, state = told(bench, case_id)
    assert state is CaseState.IN_PROGRESS
    assert not {"PackageReleasedByPolicy", "ReviewDrawn"} & set(entries)
    copies = {one.name for one in Path(bench.runtime.work_location, case_id).iterdir()}
    assert copies == {f"{case_id}.zip", "extracted", "redacted"}, "for whom decides"


@pytest.mark.parametrize(
    "changed",
    [
        {"fields": FIELDS | {"payments/invoice": ["amount"]}},
        pytest.param({"most_records": 1}, marks=pytest.mark.apart),
        pytest.param({"identity": ["logged in to the account"]}, marks=pytest.mark.apart),
        pytest.param({"fields": {"helpdesk/profile": ["texts"]}}, marks=pytest.mark.apart),
    ],
    ids=str,
)
def test_what_the_policy_does_not_say_goes_to_a_person(bench, changed):
    plain(bench)
    with under(bench, **changed):
        assert not released(prepared(bench))


@pytest.mark.apart
def test_a_system_that_found_nothing_has_to_have_proved_its_search(bench):
    plain(bench)
    bench.systems["calls"].sampled = ()
    section = bench.runtime.systems["calls"].model_copy(update={"may_be_empty": True})
    bench.runtime = replace(bench.runtime, systems={**bench.runtime.systems, "calls": section})
    with under(bench):
        assert not released(prepared(bench))


@pytest.mark.apart
def test_a_case_that_was_not_imported_goes_to_a_person(bench):
    plain(bench)
    with under(bench):
        case_id = bench.open("access", email=EMAIL)
        bench.confirm_identity(case_id)
        search(case_id)
        assert not released(case_id)


def test_the_draw_keeps_cases_for_a_person_and_says_so(bench):
    plain(bench)
    with under(bench, every_nth_to_a_person=1):
        case_id = prepared(bench)
        assert not released(case_id)
        entries, _ = told(bench, case_id)
    assert entries["ReviewDrawn"].details["policy"] == "plain"
    assert "PackageReleasedByPolicy" not in entries
