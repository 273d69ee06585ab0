"""Zammad's description, on a double written from its documentation and source."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from rightsflow.domain.requesters import WhyNot
from rightsflow.domain.vocabulary.records import Method, OutcomeKind, RecordRef
from rightsflow.testing.bench import Bench, find
from tests.integration.connectors.rest import zammad as world
from tests.integration.connectors.rest.rig import connector_on, known
from tests.support.conformance import ConformanceInWalks

# One more peer of the engine, which the other files of this folder try in `make test`.
pytestmark = pytest.mark.apart

LISTS = ("GET .*/users/search$", "GET .*/tickets/search$", "GET .*/by_ticket/")


@pytest.fixture
def site(monkeypatch):
    monkeypatch.setenv("ZAMMAD_TOKEN", world.TOKEN)
    monkeypatch.setenv("WRONG_TOKEN", "wrong")
    site = world.Zammad()
    with site.double.running():
        yield site


def connector(site, secret="env:ZAMMAD_TOKEN"):
    return connector_on(f"{site.double.address}/api/v1", "zammad", secret, values={"host": "zammad.example.com"})


def give_to_ben(site) -> RecordRef:
    site.tickets[world.LATER] |= {"customer_id": world.BEN, "title": "Ben's oven"}
    site.articles = {key: row for key, row in site.articles.items() if row["ticket_id"] != world.LATER}
    return RecordRef("desk", "ticket", str(world.LATER))


def add_many(site):
    site.users[world.IDA] = world.user(world.IDA, "Ida", "Busy", "ida@example.com")
    for number in range(1000, 1103):
        site.add_ticket(number, world.IDA, "Again", ())
    return known(email="ida@example.com"), {"user": 1, "ticket": 103}


def bench_on(site) -> Bench:
    double = site.double
    return Bench(
        connector=connector(site),
        known=known(email=world.EMAIL),
        nobody=known(email="nobody@example.net", phone="+4940111222333", account_id="99999"),
        expected={"user": 1, "ticket": 3},
        canaries=frozenset({world.EMAIL, world.EMAIL.replace("@", "%40"), world.NAME, "30901820", "kettle"}),
        neighbours=site.of_others,
        outage=partial(double.failing, ".", 503),
        method_for={"ticket": Method.ERASE, "user": Method.ERASE},
        wrong_credentials=lambda: connector(site, "env:WRONG_TOKEN"),
        ignoring_filters=double.ignoring_filters,
        refused_lists={
            f"{path} {status}": partial(double.failing, path, status) for path in LISTS for status in (403, 404, 0)
        },
        refused_reads={
            f"{path} {status}": partial(double.failing, rf"GET .*/{path}/\d+$", status)
            for path in ("users", "tickets")
            for status in (403, 500)
        },
        beyond_a_page=partial(add_many, site),
        change_hands=partial(give_to_ben, site),
        first=(("ticket", "user"),),
        given=frozenset({"A humming kettle", "It hums in A flat.", "Thank you for the parcel."}),
        withheld=frozenset({"Mine fell off.", "My stove stays cold.", "My toaster smokes."}),
        tickets={
            "31011": next(iter(known(email=world.EMAIL))),
            "31013": next(iter(known(email="ben.stone@example.com"))),
            "31999": WhyNot.NO_TICKET,
        },
    )


class TestDeleting(ConformanceInWalks):
    """Her tickets are deleted, then her profile by a task."""

    @pytest.fixture
    def bench(self, site) -> Bench:
        site.tickets.pop(world.SHARED)
        site.articles = {key: row for key, row in site.articles.items() if row["ticket_id"] != world.SHARED}
        bench = bench_on(site)
        return replace(
            bench,
            expected={"user": 1, "ticket": 2},
            never_shared="The ticket of several people is taken out.",
            withheld=bench.withheld - {"Mine fell off."},
            held=site.held,
        )


class TestRedacting(ConformanceInWalks):
    """Her tickets stay; no call changes an article, and that is said."""

    @pytest.fixture
    def bench(self, site) -> Bench:
        shared = frozenset({RecordRef("desk", "ticket", str(world.SHARED))})
        return replace(
            bench_on(site), method_for={"ticket": Method.REDACT}, shared=shared, residue=frozenset({"ticket"})
        )


def erased_tickets(site, desk):
    site.tickets.pop(world.SHARED)
    found = find(desk, known(email=world.EMAIL))
    list(desk.erase([ref for ref in found.refs if ref.kind == "ticket"], Method.ERASE, found.known))
    return [ref for ref in found.refs if ref.kind == "user"], found.known


def test_a_job_is_given_before_it_is_looked_at_and_goes_on_from_there(site):
    """The case file has it before the first look; a look begins no second one."""
    desk = connector(site)
    site.looks = 1
    users, identifiers = erased_tickets(site, desk)
    site.double.calls.clear()
    (begun,) = desk.erase_by_jobs(users, Method.ERASE, identifiers, {})
    assert begun.kind is OutcomeKind.FAILED
    assert begun.job is not None
    assert not [call for call in site.double.calls if "data_privacy_tasks/" in call]
    (at_work,) = desk.erase_by_jobs(users, Method.ERASE, identifiers, {users[0]: begun.job})
    assert at_work.job is not None
    assert at_work.job.id == begun.job.id
    assert at_work.job.look_at > begun.job.look_at
    (ended,) = desk.erase_by_jobs(users, Method.ERASE, identifiers, {users[0]: at_work.job})
    assert (ended.kind, ended.job) == (OutcomeKind.ERASED, None)
    assert len(site.tasks) == 1


def test_a_job_of_a_run_that_was_killed_is_found_again(site):
    """The run was killed before the job was stored: the system's list has it."""
    desk = connector(site)
    site.looks = 9
    users, identifiers = erased_tickets(site, desk)
    (lost,) = desk.erase_by_jobs(users, Method.ERASE, identifiers, {})
    (again,) = desk.erase_by_jobs(users, Method.ERASE, identifiers, {})
    assert lost.job is not None
    assert again.job is not None
    assert again.job.id == lost.job.id
    assert len(site.tasks) == 1


def test_a_job_that_does_not_end_is_a_persons_after_a_while(site):
    """What has not ended by its day is said to be kept, with the reason, and waits for no further look."""
    desk = connector(site)
    site.looks = 9
    users, identifiers = erased_tickets(site, desk)
    (begun,) = desk.erase_by_jobs(users, Method.ERASE, identifiers, {})
    assert begun.job is not None
    late = replace(begun.job, give_up_at=begun.job.begun_at)
    (outcome,) = desk.erase_by_jobs(users, Method.ERASE, identifiers, {users[0]: late})
    assert (outcome.kind, outcome.refused, outcome.job) == (OutcomeKind.RETAINED, True, None)
    assert "7 days" in outcome.reason
