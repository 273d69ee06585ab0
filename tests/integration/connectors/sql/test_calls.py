"""Call detail records: whose a call is, what is shared, and what becomes of rows and recordings."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import pytest

from connectors.sql import SqlConnector
from connectors.sql.erase import BY_NOW
from rightsflow.domain.errors import Misconfigured, Transient
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers
from rightsflow.domain.vocabulary.records import (
    Blob,
    Document,
    Fact,
    Located,
    Method,
    OutcomeKind,
    PresenceState,
    RecordRef,
)
from tests.integration.connectors.sql import cdr
from tests.integration.connectors.sql.cdr import ANNA, ANNAS_ID, BEN, BENS_ID, CALLS, CDR, call
from tests.integration.connectors.sql.peer import Peer

KNOWN = frozenset({ANNA})


@pytest.fixture
def filled(peer: Peer) -> Peer:
    cdr.fill(peer)
    return peer


def located(connector: SqlConnector, known: Identifiers = KNOWN) -> dict[str, Located]:
    return {one.record.ref: one for one in connector.locate(known) if not one.is_context}


def of_call(found: dict[str, Located], number: int) -> Located:
    return next(one for ref, one in found.items() if ref.startswith(f'["1772352900.{number}"'))


def refs(found: Iterable[Located], kind: str) -> list[RecordRef]:
    return [one.record for one in found if one.record.kind == kind]


def file_of(peer: Peer, number: int) -> Any:
    return peer.rows(f"SELECT recordingfile FROM cdr WHERE sequence = {number}")[0][0]


def test_a_recording_says_through_which_row_alone_it_is_found(filled: Peer):
    """Before, nothing said so: the row was erased, and the recording that was kept stayed on the disk, unfindable."""
    connector = cdr.connector(filled)
    kinds = {kind.name: kind.found_through for kind in connector.capabilities.kinds if kind.found_through}
    recordings = [one for one in located(connector).values() if one.record.kind in kinds]
    assert recordings
    assert all(one.via is not None and one.via.kind in kinds[one.record.kind] for one in recordings)


# -- whose ---------------------------------------------------------------------------------------------------------


def test_a_row_that_names_another_customer_carries_that_as_its_owner(filled: Peer):
    filled.insert("cdr", [call(70, "2026-03-04 09:00:00", src="01713920012", accountcode="C-2002")])
    assert of_call(located(cdr.connector(filled)), 70).owner == {ANNA, BENS_ID}


def test_a_number_is_learnt_from_a_row_that_names_the_customer(filled: Peer):
    filled.insert("cdr", [call(70, "2026-03-04 09:00:00", src="0171 3920045", dst="201", accountcode="C-2002")])
    assert of_call(located(cdr.connector(filled), frozenset({BENS_ID})), 70).owner == {BEN, BENS_ID}


def test_owners_are_those_that_a_row_names(filled: Peer):
    # Agents and own lines are never owners.
    found = located(cdr.connector(filled))
    owners = {identifier for one in found.values() for identifier in one.owner}
    assert owners == {ANNA, Identifier(IdentifierKind.NAME, "Anna Example")}
    # Further rows of the event are reached through the row that matched.
    found = located(cdr.connector(filled))
    leg = of_call(found, 12)
    assert leg.via in {of_call(found, 10).record, of_call(found, 11).record}
    # The other caller of the conference has a row of the same event, which is theirs.
    assert not any(ref.startswith('["1772352900.50"') for ref in found)
    assert str(of_call(located(cdr.connector(filled)), 30).occurred_on) == "2026-03-02"
    # A recording of several rows is one record reached through the subject's row.
    found = located(cdr.connector(filled))
    recordings = {ref: one for ref, one in found.items() if one.record.kind == "recording"}
    assert set(recordings) == {
        f"2026/03/01/{cdr.IN}",
        f"2026/03/01/{cdr.TRANSFER}",
        f"2026/03/01/{cdr.OUT}",
        f"2026/03/01/{cdr.MIDNIGHT}",
        f"2026/03/03/{cdr.CONFERENCE}",
    }
    assert all(one.via and one.via.ref in found for one in recordings.values())
    shared = {ref for ref, one in recordings.items() if one.facts}
    assert shared == {f"2026/03/03/{cdr.CONFERENCE}"}
    # A recording tells start length direction and channels and no number.
    filled.wav(f"2026/03/01/{cdr.IN}", seconds=2.5, channels=2)
    connector = cdr.connector(filled)
    found = located(connector)
    blobs = {
        part.record.ref.rpartition("/")[2]: part
        for part in connector.extract(refs(found.values(), "recording"), KNOWN)
        if isinstance(part, Blob)
    }
    assert dict(blobs[cdr.IN].metadata) == {
        "start": "2026-03-01T09:15:00+01:00",
        "direction": "incoming",
        "seconds": 2.5,
        "channels": 2,
    }
    assert blobs[cdr.OUT].metadata["direction"] == "outgoing"
    assert blobs[cdr.IN].name == "recording-2026-03-01-091500.wav"
    assert blobs[cdr.IN].media_type == "audio/wav"
    content = b"".join(blobs[cdr.IN].open())
    assert content == (filled.folder / "2026/03/01" / cdr.IN).read_bytes()
    assert len({blob.name for blob in blobs.values()}) == len(blobs)


def test_a_call_between_two_outside_numbers_is_shared_and_the_other_is_masked(filled: Peer):
    filled.insert(
        "cdr",
        [call(70, "2026-03-04 09:00:00", src="0171 3920045", dst="01713920012", clid='"Ben Example" <0171 3920045>')],
    )
    connector = cdr.connector(filled)
    one = of_call(located(connector), 70)
    assert one.owner == KNOWN
    assert one.facts == {Fact.SHARED}
    (document,) = connector.extract([one.record], KNOWN)
    assert isinstance(document, Document)
    assert document.others >= {"0171 3920045", "+491713920045", "Ben Example"}
    assert not any("3920012" in text for text in document.others)


def test_rows_of_an_event_are_not_walked_from_another_customers_row(filled: Peer):
    filled.insert(
        "cdr",
        [
            call(70, "2026-03-04 09:00:00", src="01713920012", accountcode="C-2002"),
            call(71, "2026-03-04 09:01:00", src="201", dst="202", linkedid="1772352900.70"),
        ],
    )
    found = located(cdr.connector(filled), KNOWN | {ANNAS_ID})
    assert not any(ref.startswith('["1772352900.71"') for ref in found)


def test_rows_that_agree_in_their_key_are_one_record(filled: Peer):
    filled.insert("cdr", [CALLS[0]])
    connector = cdr.connector(filled)
    one = of_call(located(connector), 10)
    assert len(list(connector.extract([one.record], KNOWN))) == 2
    assert [outcome.kind for outcome in connector.erase([one.record], Method.ERASE, KNOWN)] == [OutcomeKind.ERASED]
    assert filled.rows("SELECT 1 FROM cdr WHERE sequence = 10") == []


# -- recordings ----------------------------------------------------------------------------------------------------


def test_a_coding_that_python_cannot_read_is_given_all_the_same(filled: Peer):
    (filled.folder / "2026/03/01" / cdr.IN).write_bytes(
        b"RIFF\x24\x00\x00\x00WAVEfmt \x14\x00\x00\x001\x00" + bytes(99)
    )
    connector = cdr.connector(filled)
    (blob,) = connector.extract([RecordRef("telephone", "recording", f"2026/03/01/{cdr.IN}")], KNOWN)
    assert isinstance(blob, Blob)
    assert "seconds" not in blob.metadata
    assert io.BytesIO(b"".join(blob.open())).read(4) == b"RIFF"


def test_a_recording_that_was_converted_later_is_found_under_its_new_name(filled: Peer):
    (filled.folder / "2026/03/01" / cdr.OUT).rename(filled.folder / "2026/03/01" / cdr.OUT.replace(".wav", ".mp3"))
    connector = cdr.connector(filled)
    ref = RecordRef("telephone", "recording", f"2026/03/01/{cdr.OUT}".replace(".wav", ".mp3"))
    assert ref.ref in located(connector)
    assert [one.kind for one in connector.erase([ref], Method.ERASE, KNOWN)] == [OutcomeKind.ERASED]
    assert file_of(filled, 20) == ""


def test_older_rows_hold_absolute_paths(filled: Peer):
    place = filled.wav("archive/old.wav")
    filled.insert("cdr", [call(70, "2025-01-01 09:00:00", src="01713920012", recordingfile=str(place))])
    connector = cdr.connector(filled)
    ref = RecordRef("telephone", "recording", "archive/old.wav")
    assert ref.ref in located(connector)
    list(connector.erase([ref], Method.ERASE, KNOWN))
    assert not place.exists()
    assert file_of(filled, 70) == ""


@pytest.mark.parametrize("value", ["../../secret.wav", "/etc/hostname", "2026/../../secret.wav", "..\\secret.wav"])
def test_a_path_that_leads_out_of_the_location_is_reported_and_never_touched(filled: Peer, value: str):
    secret = filled.folder.parent / "secret.wav"
    secret.write_bytes(b"somebody else's")
    filled.insert("cdr", [call(70, "2026-03-04 09:00:00", src="01713920012", recordingfile=value)])
    connector = cdr.connector(filled)
    found = located(connector)
    (ref,) = [one.record for one in found.values() if one.record.kind == "recording" and one.record.ref[0] == "/"]
    (part,) = connector.extract([ref], KNOWN)
    assert isinstance(part, Document)
    (outcome,) = connector.erase([ref], Method.ERASE, KNOWN)
    assert outcome.refused
    assert outcome.kind is OutcomeKind.FAILED
    assert [one.state for one in connector.presence([ref], KNOWN)] == [PresenceState.UNKNOWN]
    assert secret.read_bytes() == b"somebody else's"
    assert file_of(filled, 70) == value


def test_a_link_out_of_the_location_is_not_followed(filled: Peer):
    secret = filled.folder.parent / "secret.wav"
    secret.write_bytes(b"somebody else's")
    (filled.folder / "2026/03/04").mkdir(parents=True)
    (filled.folder / "2026/03/04/link.wav").symlink_to(secret)
    filled.insert("cdr", [call(70, "2026-03-04 09:00:00", src="01713920012", recordingfile="link.wav")])
    connector = cdr.connector(filled)
    (ref,) = [one for one in refs(located(connector).values(), "recording") if one.ref.endswith("link.wav")]
    (part,) = connector.extract([ref], KNOWN)
    assert isinstance(part, Document)
    assert [one.refused for one in connector.erase([ref], Method.ERASE, KNOWN)] == [True]
    assert secret.exists()


def test_a_location_that_is_gone_is_not_an_empty_one(filled: Peer):
    connector = cdr.connector(filled)
    recordings = refs(located(connector).values(), "recording")
    filled.folder.rename(filled.folder.with_name("away"))
    for call_it in (
        lambda: connector.locate(KNOWN),
        lambda: connector.extract(recordings, KNOWN),
        lambda: connector.erase(recordings, Method.ERASE, KNOWN),
        lambda: connector.presence(recordings, KNOWN),
    ):
        with pytest.raises(Transient):
            list(call_it())
    assert not connector.probe().ok
    assert file_of(filled, 20) == cdr.OUT


def test_a_share_that_is_not_mounted_is_told_by_its_marker(filled: Peer):
    (filled.folder / ".mounted").touch()
    connector = cdr.connector(filled, files_marker=".mounted")
    assert located(connector)
    (filled.folder / ".mounted").unlink()
    with pytest.raises(Transient):
        list(connector.locate(KNOWN))


# -- erasing -------------------------------------------------------------------------------------------------------


def test_erasing_a_recording_empties_the_column_of_every_row_that_points_at_it(filled: Peer):
    connector = cdr.connector(filled)
    ref = RecordRef("telephone", "recording", f"2026/03/01/{cdr.IN}")
    assert [one.state for one in connector.presence([ref], KNOWN)] == [PresenceState.PRESENT]
    list(connector.erase([ref], Method.ERASE, KNOWN))
    assert (file_of(filled, 10), file_of(filled, 11)) == ("", "")
    assert not (filled.folder / ref.ref).exists()
    assert [one.state for one in connector.presence([ref], KNOWN)] == [PresenceState.ABSENT]


def test_a_file_that_is_gone_while_a_row_holds_its_name_counts_as_present_until_erased(filled: Peer):
    connector = cdr.connector(filled)
    ref = RecordRef("telephone", "recording", f"2026/03/01/{cdr.OUT}")
    (filled.folder / ref.ref).unlink()
    assert [one.state for one in connector.presence([ref], KNOWN)] == [PresenceState.PRESENT]
    (outcome,) = connector.erase([ref], Method.ERASE, KNOWN)
    assert outcome.kind is OutcomeKind.ERASED
    assert file_of(filled, 20) == ""
    assert [one.state for one in connector.presence([ref], KNOWN)] == [PresenceState.ABSENT]


def test_rows_keep_pointing_at_a_file_that_could_not_be_removed(filled: Peer):
    connector = cdr.connector(filled)
    ref = RecordRef("telephone", "recording", f"2026/03/01/{cdr.OUT}")
    place = filled.folder / ref.ref
    place.unlink()
    place.mkdir()  # removing a file here fails, no matter who runs the tests
    with pytest.raises(Transient):
        list(connector.erase([ref], Method.ERASE, KNOWN))
    assert file_of(filled, 20) == cdr.OUT


def test_batches_are_bounded_and_done_one_after_the_other(filled: Peer):
    connector = cdr.connector(filled)
    found = located(connector).values()
    list(connector.erase(refs(found, "recording"), Method.ERASE, KNOWN))
    filled.run("UPDATE cdr SET recordingfile = ''")  # without those that are lost or shared
    calls = refs(found, "call")
    outcomes = connector.erase(calls, Method.ERASE, KNOWN)
    next(outcomes)
    assert filled.rows("SELECT count(*) FROM cdr") == [(len(CALLS) - 3,)]
    list(outcomes)
    assert filled.rows("SELECT count(*) FROM cdr") == [(len(CALLS) - len(cdr.ANNAS_CALLS),)]


def test_blanking_a_row_of_two_people_leaves_the_other_in_it(peer: Peer):
    cdr.fill(peer)
    peer.insert(
        "cdr", [call(70, "2026-03-04 09:00:00", src="0171 3920045", dst="01713920012", userfield="Anna is ill")]
    )
    connector = cdr.connector(peer, cdr.BLANKED)
    ref = of_call(located(connector), 70).record
    for _ in range(2):
        # Once it is blank, only the other is named in it; to a run that begins again it is still redacted.
        assert [one.kind for one in connector.erase([ref], Method.REDACT, KNOWN)] == [OutcomeKind.REDACTED]
        assert peer.rows("SELECT src, dst, userfield FROM cdr WHERE sequence = 70") == [("0171 3920045", "", "")]
    assert [one.state for one in connector.presence([ref], KNOWN)] == [PresenceState.ABSENT]


def test_a_column_that_names_two_people_is_left_and_said(peer: Peer):
    """The other person's number stays, and so does the subject's beside it: a person has to take it out."""
    cdr.fill(peer)
    peer.insert("cdr", [call(70, "2026-03-04 09:00:00", src="01713920012, 0171 3920045", userfield="Anna is ill")])
    connector = cdr.connector(peer, cdr.BLANKED)
    ref = of_call(located(connector), 70).record
    (outcome,) = connector.erase([ref], Method.REDACT, KNOWN)
    assert (outcome.kind, outcome.refused) == (OutcomeKind.RESIDUE, True)
    assert "together with other people" in outcome.reason
    rows = peer.rows("SELECT src, userfield FROM cdr WHERE sequence = 70")
    assert rows == [("01713920012, 0171 3920045", "")]
    assert [one.state for one in connector.presence([ref], KNOWN)] == [PresenceState.PRESENT]


def test_a_row_that_is_gone_is_told_of_as_gone_also_where_it_should_be_blanked(filled: Peer):
    connector = cdr.connector(filled, cdr.BLANKED)
    ref = of_call(located(connector), 10).record
    filled.run("DELETE FROM cdr WHERE sequence = 10")
    (outcome,) = connector.erase([ref], Method.REDACT, KNOWN)
    assert (outcome.kind, outcome.reason) == (OutcomeKind.ERASED, "The record is not there any more.")


def test_a_table_without_columns_to_blank_cannot_be_redacted(filled: Peer):
    connector = cdr.connector(filled)
    ref = of_call(located(connector), 10).record
    (outcome,) = connector.erase([ref], Method.REDACT, KNOWN)
    assert outcome.refused
    assert [one.state for one in connector.presence([ref], KNOWN)] == [PresenceState.PRESENT]


def test_a_key_that_was_given_out_again_is_not_the_subjects(filled: Peer):
    connector = cdr.connector(filled)
    ref = of_call(located(connector), 40).record
    filled.run("UPDATE cdr SET src = '01713920045' WHERE sequence = 40")
    assert [one.state for one in connector.presence([ref], KNOWN)] == [PresenceState.ABSENT]
    assert list(connector.extract([ref], KNOWN)) == []
    (kept,) = connector.erase([ref], Method.ERASE, KNOWN)
    assert (kept.kind, kept.reason, kept.refused) == (OutcomeKind.RETAINED, BY_NOW, True)
    assert filled.rows("SELECT 1 FROM cdr WHERE sequence = 40") == [(1,)]


def test_records_of_a_kind_that_is_configured_no_more_are_not_passed_over(filled: Peer):
    connector = cdr.connector(filled)
    ref = of_call(located(connector), 10).record
    renamed = cdr.connector(filled, CDR | {"kind": "conversation"})
    for call_it in (
        lambda: renamed.extract([ref], KNOWN),
        lambda: renamed.erase([ref], Method.ERASE, KNOWN),
        lambda: renamed.presence([ref], KNOWN),
    ):
        with pytest.raises(Misconfigured, match="restore it"):
            list(call_it())


def test_what_is_left_out_is_named_in_words_and_not_by_column(filled: Peer):
    """Found: a letter said "12 fields of the call detail records: channel, dstchannel, …, outbound_cnam"."""
    table = CDR | {
        "hide": ["dstchannel", "lastdata", "outbound_cnam"],
        "labels": {"dstchannel": "Telephone line called", "lastdata": "PBX step"},
    }
    [withheld, *_] = cdr.connector(filled, table).capabilities.kind("call").withheld
    assert withheld.what.endswith(": telephone line called, PBX step, outbound cnam")
