"""Twilio's description, on a double written from its OpenAPI document."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial

import pytest

from rightsflow.domain.vocabulary.records import Method, OutcomeKind, PresenceState, RecordRef
from rightsflow.testing.bench import Bench, find
from tests.integration.connectors.rest import twilio as world
from tests.integration.connectors.rest import worlds
from tests.integration.connectors.rest.rig import PLACE, connector_on, known
from tests.support.conformance import ConformanceInWalks

# One more peer of the engine, which the other files of this folder try in `make test`.
pytestmark = pytest.mark.apart

LISTS = (r"GET .*/Calls.json", r"GET .*/Messages.json", r"GET .*/Recordings.json", r"GET .*/Media.json")
READS = tuple(rf"GET .*/{name}/\w+.json" for name in (r"\w+/Calls", r"\w+/Messages", "Recordings", "Media"))
SUBJECT = known(phone=worlds.PHONE)


@pytest.fixture
def site(monkeypatch):
    monkeypatch.setenv("VENDOR_KEY", world.KEY)
    monkeypatch.setenv("WRONG_KEY", "wrong")
    site = world.Twilio()
    with site.double.running():
        yield site


def connector(site, secret="env:VENDOR_KEY"):
    return connector_on(
        f"{site.double.address}/2010-04-01",
        "twilio",
        secret,
        place=replace(PLACE, own_lines=(world.LINE,)),
        user=world.USER,
        values={"account": world.ACCOUNT},
    )


def add_many(site):
    for number in range(10, 15):
        site.call(f"CA{number}", "+4940123456", world.LINE, (f"RE{number}",))
    return known(phone="+4940123456"), {"call": 5, "recording": 5}


def bench_on(site) -> Bench:
    return worlds.bench_on(
        site,
        partial(connector, site),
        known=SUBJECT,
        nobody=known(phone="+4940111222333"),
        canaries=frozenset({"30901820", "It hums in A flat"}),
        expected={"call": 2, "recording": 3, "message": 2, "media": 1},
        lists=LISTS,
        reads=READS,
        method_for=dict.fromkeys(("call", "recording", "message", "media"), Method.ERASE),
        residue=frozenset({"recording"}),
        never_shared="A call has one other end.",
        beyond_a_page=partial(add_many, site),
        first=(("recording", "call"), ("media", "message")),
        given=frozenset({"It hums in A flat.", "Thank you for the parcel.", "an invented recording"}),
        withheld=frozenset({"My stove stays cold."}),
    )


class TestDeleting(ConformanceInWalks):
    """Recordings go before their calls; what Twilio keeps of them for 40 days is a residue."""

    @pytest.fixture
    def bench(self, site) -> Bench:
        return bench_on(site)


def test_a_recording_without_its_sound_is_a_residue_of_40_days(site):
    """The metadata is read with the softly deleted ones; without, it would look gone."""
    desk = connector(site)
    refs = [RecordRef("desk", "recording", "RE01")]
    assert [one.kind for one in desk.erase(refs, Method.ERASE, SUBJECT)] == [OutcomeKind.ERASED]
    (seen,) = desk.presence(refs, SUBJECT)
    assert seen.state is PresenceState.RESIDUE
    assert "40 days" in seen.detail


def test_a_call_that_goes_on_is_refused_until_tomorrow(site):
    """Nothing is deleted before it has ended."""
    site.rows["Calls"][world.LATER]["status"] = "in-progress"
    (outcome,) = connector(site).erase([RecordRef("desk", "call", world.LATER)], Method.ERASE, SUBJECT)
    assert (outcome.kind, outcome.refused) == (OutcomeKind.RETAINED, True)
    assert outcome.until is not None
    assert outcome.until > date(2026, 1, 1)


def test_the_text_of_a_message_that_stays_is_blanked(site):
    """Its numbers and its date stay, which is said."""
    desk = connector(site)
    found = find(desk, SUBJECT)
    ref = RecordRef("desk", "message", "SM01")
    assert [one.kind for one in desk.erase([ref], Method.REDACT, found.known)] == [OutcomeKind.REDACTED]
    (seen,) = desk.presence([ref], found.known)
    assert (seen.state, seen.fields) == (PresenceState.RESIDUE, ("from",))
    assert site.rows["Messages"]["SM01"]["body"] == ""


def test_new_texts_are_those_that_arrived_since(site):
    """The search by a day is not believed."""
    site.rows["Messages"]["SM02"]["date_sent"] = "Thu, 24 Sep 2026 05:01:45 +0000"
    (text,) = connector(site).new_texts(datetime(2026, 9, 1, tzinfo=UTC))
    assert (text.record.ref, text.text) == ("SM02", "Thank you for the parcel.")
