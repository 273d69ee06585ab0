"""Snapshots show harm to anybody else and nothing else; holdings tell what is left."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import delete, update

from rightsflow_sandbox.telephony.cdr import CDR, engine_for, recording_path, unique_ids_of
from tests.integration.sandbox.center_rig import helpdesk_of, payments_of


def test_a_snapshot_is_the_same_and_shows_no_personal_data(center):
    # A snapshot is the same as long as nothing changes.
    first = center.snapshot(excluding=center.erasure_subject)
    assert first == center.snapshot(excluding=center.erasure_subject)
    assert {key.split()[0] for key in first} == {"helpdesk", "payments", "recordings"}
    assert len(first) > 500
    # A snapshot shows no personal data.
    keys = "\n".join(center.snapshot(excluding=center.erasure_subject))
    for person in center.world.people:
        assert not any(word in keys for word in (person.name, *person.emails, *(one[3:] for one in person.phones)))
    # Holdings are what the world says.
    person, world = center.erasure_subject, center.world
    held = Counter((one.system, one.kind) for one in center.holdings(person))
    account, calls = world.accounts_of(person)[0], world.calls_of(person)
    assert held["helpdesk", "profile"] == 1
    assert held["helpdesk", "ticket"] == len(world.tickets_of(person))
    assert held["helpdesk", "ticket in copy"] == 1
    assert held["payments", "customer"] == 1
    assert held["payments", "charge"] >= len(account.payments)
    assert held["recordings", "call"] == sum(len(call.agents) for call in calls)
    assert held["recordings", "recording"] == sum(call.recorded for call in calls)
    # Holdings name a person in anothers ticket.
    held = center.holdings(center.world.cases.mentioned)
    mention = center.world.cases.mention.comments[0].id
    assert str(mention) in {one.ref for one in held if one.kind == "mention"}


def test_a_snapshot_leaves_out_the_person_and_the_persons_part_of_others_tickets(own_center):
    center, person = own_center, own_center.erasure_subject
    before = center.snapshot(excluding=person)
    _forget(center, person)
    assert center.snapshot(excluding=person) == before
    # The same changes are seen as soon as it is another person's snapshot.
    other = center.access_subject
    assert center.snapshot(excluding=other) != before


@pytest.mark.apart
def test_a_snapshot_takes_a_redacted_name_on_anothers_ticket_for_no_harm(own_center):
    person, ticket = own_center.world.cases.mentioned, own_center.world.cases.mention
    before = own_center.snapshot(excluding=person)
    others = own_center.snapshot(excluding=own_center.access_subject)
    _blacken(own_center, person, ticket)
    assert own_center.snapshot(excluding=person) == before
    assert own_center.snapshot(excluding=own_center.access_subject) != others
    assert not [one for one in own_center.holdings(person) if one.kind == "mention"]


def _forget(center, person):
    """Take a person out by hand, past the connectors: recordings, rows, payments, and words on another's ticket."""
    world, client = center.world, payments_of(center)
    for call in world.calls_of(person):
        (center.recordings_folder / recording_path(call)).unlink(missing_ok=True)
    keys = [key for call in world.calls_of(person) for key in unique_ids_of(call)]
    _on_database(center, delete(CDR).where(CDR.c.uniqueid.in_(keys)))
    for account in person.accounts:
        client.v1.customers.delete(account)
    _blacken(center, person, world.cases.subject_copied_ticket)


def _blacken(center, person, ticket):
    session, base = helpdesk_of(center), f"{center.helpdesk_url}/api/v2"
    comments = session.get(f"{base}/tickets/{ticket.id}/comments", timeout=10).json()["comments"]
    for comment in comments:
        for word in (person.name, person.email, person.phone):
            if word in comment["html_body"]:
                comment["html_body"] = comment["html_body"].replace(word, f"<redact>{word}</redact>")
        if "<redact>" in comment["html_body"]:
            body = {"ticket_id": ticket.id, "html_body": comment["html_body"]}
            answer = session.put(f"{base}/comment_redactions/{comment['id']}", json=body, timeout=10)
            assert answer.status_code == 200, answer.text


def _on_database(center, statement):
    engine = engine_for(center.inspector.database_url)
    with engine.begin() as connection:
        assert connection.execute(statement).rowcount
    engine.dispose()


def _others_call(center):
    return next(one for one in center.world.calls if one.owner == center.access_subject.customer_id and one.recorded)


def _alter_file(center):
    path = center.recordings_folder / recording_path(_others_call(center))
    path.write_bytes(path.read_bytes()[:-2] + b"\1\1")


def _delete_file(center):
    (center.recordings_folder / recording_path(_others_call(center))).unlink()


def _alter_row(center):
    key = _others_call(center).unique_id
    _on_database(center, update(CDR).where(CDR.c.uniqueid == key).values(accountcode=""))


def _alter_charge(center):
    charge = center.world.accounts_of(center.access_subject)[0].payments[0].charge
    payments_of(center).v1.charges.update(charge, {"description": "other"})


def _delete_ticket(center):
    ticket = center.world.tickets_of(center.access_subject)[0].id
    answer = helpdesk_of(center).delete(f"{center.helpdesk_url}/api/v2/tickets/{ticket}", timeout=10)
    assert answer.status_code == 204


def _rename_user(center):
    user = center.access_subject.user_id
    body = {"user": {"notes": "other"}}
    answer = helpdesk_of(center).put(f"{center.helpdesk_url}/api/v2/users/{user}", json=body, timeout=10)
    assert answer.status_code == 200


@pytest.mark.parametrize("harm", [_alter_file, _delete_file, _alter_row, _alter_charge, _delete_ticket, _rename_user])
def test_a_snapshot_shows_harm_to_somebody_else(changed_center, harm):
    person = changed_center.erasure_subject
    before = changed_center.snapshot(excluding=person)
    harm(changed_center)
    after = changed_center.snapshot(excluding=person)
    assert after != before
    assert 1 <= len(set(before.items()) ^ set(after.items())) < 30


def test_holdings_shrink_as_things_go(own_center):
    person = own_center.erasure_subject
    _forget(own_center, person)
    held = own_center.holdings(person)
    assert not [one for one in held if one.system == "recordings" or one.kind == "customer"]
    assert [one for one in held if one.kind == "charge" and one.names_person]
    assert [one for one in held if one.kind == "profile"]
