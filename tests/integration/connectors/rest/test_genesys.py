"""Genesys Cloud's description, on a double written from its SDK's documents."""

from __future__ import annotations

from functools import partial

import pytest

from rightsflow.domain.vocabulary.records import Method, OutcomeKind, RecordRef
from rightsflow.testing.bench import Bench, find
from tests.integration.connectors.rest import genesys as world
from tests.integration.connectors.rest import worlds
from tests.integration.connectors.rest.rig import connector_on, known
from tests.support.conformance import ConformanceInWalks

# One more peer of the engine, which the other files of this folder try in `make test`.
pytestmark = pytest.mark.apart

LISTS = ("GET .*/contacts$", "GET .*/notes$")
READS = (r"GET .*/contacts/[\w-]+$", r"GET .*/notes/\w+$")
PROFILE = RecordRef("desk", "contact", world.ANNA)


@pytest.fixture
def site(monkeypatch):
    monkeypatch.setenv("VENDOR_KEY", world.KEY)
    monkeypatch.setenv("WRONG_KEY", "wrong")
    site = world.Genesys()
    with site.double.running():
        yield site


def connector(site, secret="env:VENDOR_KEY"):
    return connector_on(site.double.address, "genesys", secret, user=world.USER, values={"login": site.double.address})


def add_many(site):
    for number in range(5):
        site.contact(f"c-ida{number}", "Ida Busy", "ida@example.com", "+4940123456", f"KD-7000{number}")
    return known(email="ida@example.com"), {"contact": 5}


def bench_on(site) -> Bench:
    return worlds.bench_on(
        site,
        partial(connector, site),
        expected={"contact": 1, "note": 3},
        lists=LISTS,
        reads=READS,
        method_for={"contact": Method.ERASE, "note": Method.ERASE},
        never_shared="A note is about one contact.",
        beyond_a_page=partial(add_many, site),
        first=(("note", "contact"),),
        given=frozenset({"It hums in A flat.", "Prefers mornings.", "Has a parcel."}),
        withheld=frozenset({"Stove."}),
        held=site.held,
    )


class TestDeleting(ConformanceInWalks):
    """Her notes are deleted, then her contact by a request."""

    @pytest.fixture
    def bench(self, site) -> Bench:
        return bench_on(site)


def begun(site):
    desk = connector(site)
    found = find(desk, known(email=worlds.EMAIL))
    list(desk.erase([ref for ref in found.refs if ref.kind == "note"], Method.ERASE, found.known))
    return desk, found.known


def test_a_request_of_days_is_looked_at_again_and_begun_once(site):
    """A killed run finds it in the list; requests for an export are no deletion."""
    site.requests["r9"] = {
        "id": "r9",
        "status": "INITIATED",
        "requestType": "GDPR_EXPORT",
        "subject": {"externalContactId": world.ANNA},
    }
    site.looks = 9
    desk, identifiers = begun(site)
    (first,) = desk.erase_by_jobs([PROFILE], Method.ERASE, identifiers, {})
    (again,) = desk.erase_by_jobs([PROFILE], Method.ERASE, identifiers, {})
    assert first.job is not None
    assert again.job is not None
    assert first.job.id == again.job.id != "r9"
    (working,) = desk.erase_by_jobs([PROFILE], Method.ERASE, identifiers, {PROFILE: again.job})
    assert working.job is not None
    assert (working.job.look_at - again.job.look_at).total_seconds() == pytest.approx(12 * 3600, abs=60)
    assert [item["requestType"] for item in site.requests.values()] == ["GDPR_EXPORT", "GDPR_DELETE"]


def test_a_request_that_failed_is_said_and_begun_anew_the_next_time(site):
    """A failed request of the list is none that goes on."""
    site.looks = 9
    desk, identifiers = begun(site)
    (first,) = desk.erase_by_jobs([PROFILE], Method.ERASE, identifiers, {})
    site.looks, site.requests["r0"]["status"] = 0, "ERROR"
    assert first.job is not None
    (failed,) = desk.erase_by_jobs([PROFILE], Method.ERASE, identifiers, {PROFILE: first.job})
    assert (failed.kind, failed.refused) == (OutcomeKind.RETAINED, True)
    (second,) = desk.erase_by_jobs([PROFILE], Method.ERASE, identifiers, {})
    assert second.job is not None
    assert second.job.id != first.job.id
