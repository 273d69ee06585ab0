"""Rectification over the real interface of the sandbox's helpdesk: identities, profile, user fields."""

from __future__ import annotations

import pytest

from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.rectification.changes import Change
from rightsflow.domain.vocabulary.records import Method, OutcomeKind, PresenceState, RecordRef
from tests.integration.connectors.zendesk import world
from tests.integration.connectors.zendesk.desk import Desk, known

ANNA: Identifiers = known(email=world.EMAIL, customer_id=world.CUSTOMER_ID)
USER = RecordRef("helpdesk", "user", str(world.ANNA))
BENS = RecordRef("helpdesk", "user", str(world.BEN))
MOBILE = Change("phone", "0151 12345678", "+4915112345679")
LANDLINE = Change("phone", world.LANDLINE, "+4930901829")


def held(desk: Desk, user: int = world.ANNA) -> tuple[dict, list]:  # type: ignore[type-arg]
    with desk.state.lock:
        return dict(desk.state.users[user]), [
            (one["type"], one["value"]) for one in desk.state.identities.get(user, ())
        ]


def others(desk: Desk) -> list[object]:
    return [held(desk, one) for one in (world.BEN, world.CARLA, world.DORA)]


def test_profiles_can_be_corrected_and_tickets_say_why_not(desk: Desk) -> None:
    kinds = {kind.name: kind for kind in desk.connector(rectify={"Date of Birth": "born"}).capabilities.kinds}
    assert kinds["user"].fields == {"name", "email", "phone", "date of birth"}
    assert {name for name, kind in kinds.items() if Method.RECTIFY in kind.methods} == {"user"}
    assert all(kind.fixed for name, kind in kinds.items() if name != "user")


@pytest.mark.parametrize(
    ("change", "after"),
    [
        (Change("email", world.EMAIL, "anna.new@example.com"), ("email", "anna.new@example.com")),
        (Change("email", world.SECOND_EMAIL.upper(), "a.new@example.org"), ("email", "a.new@example.org")),
        (MOBILE, ("phone_number", MOBILE.new)),
    ],
)
def test_an_identity_is_changed_and_recognised_again(desk: Desk, change: Change, after: tuple[str, str]) -> None:
    connector, before, count = desk.connector(), others(desk), len(held(desk)[1])
    for _ in range(2):
        (done,) = connector.rectify([USER], [change], ANNA)
        assert (done.kind, done.refused) == (OutcomeKind.RECTIFIED, False)
    user, identities = held(desk)
    assert after in identities
    assert len(identities) == count
    assert user["email"] == ("anna.new@example.com" if change.old == world.EMAIL else world.EMAIL)
    assert others(desk) == before
    (seen,) = connector.still_wrong([USER], [change], ANNA)
    assert seen.state is PresenceState.ABSENT


def test_the_shared_number_of_the_profile_is_changed_and_the_neighbour_keeps_it(desk: Desk) -> None:
    before = others(desk)
    (done,) = desk.connector().rectify([USER], [LANDLINE], ANNA)
    assert done.reason == "Corrected: telephone number."
    user, identities = held(desk)
    assert user["phone"] is None
    assert ("phone_number", LANDLINE.new) in identities, "beside her direct line, as Zendesk adds it"
    assert others(desk) == before


def test_name_field_and_statement_are_written_beside_what_stands_there(desk: Desk) -> None:
    connector = desk.connector(rectify={"account": "payment_customer", "statement": "notes"})
    changes = [
        Change("name", world.NAME, "Anna Böhm-Berg"),
        Change("account", world.ACCOUNT_ID, "cus_Right"),
        Change("statement", "", "She says that the call was not hers.", 1),
        Change("statement", "", "She says that she moved.", 2),
    ]
    for _ in range(2):
        (done,) = connector.rectify([USER], changes, ANNA)
        assert done.kind is OutcomeKind.RECTIFIED
    user, _ = held(desk)
    assert user["name"] == "Anna Böhm-Berg"
    assert user["user_fields"]["payment_customer"] == "cus_Right"
    assert user["notes"] == (
        "prefers to be called in the evening\nShe says that the call was not hers.\nShe says that she moved."
    )


def test_anothers_profile_is_never_written(desk: Desk) -> None:
    before = others(desk)
    (done,) = desk.connector().rectify([BENS], [LANDLINE], ANNA)
    assert done.kind is OutcomeKind.UNRECTIFIED
    assert "belongs to another person" in done.reason
    assert others(desk) == before


def test_an_address_that_is_anothers_is_not_taken(desk: Desk) -> None:
    before = held(desk), others(desk)
    (done,) = desk.connector().rectify([USER], [Change("email", world.EMAIL, "ben.berg@example.com")], ANNA)
    assert done.reason == "Not corrected: e-mail address: the system did not take the new value."
    assert (held(desk), others(desk)) == before


def test_another_value_is_left_and_a_profile_that_is_gone_is_not_held(desk: Desk) -> None:
    before = held(desk)
    (done,) = desk.connector().rectify([USER], [Change("name", "Anne Berg", "Anna Böhm")], ANNA)
    assert "another value stands there" in done.reason
    assert held(desk) == before
    (gone,) = desk.connector().rectify([RecordRef("helpdesk", "user", "424242")], [MOBILE], ANNA)
    assert gone.kind is OutcomeKind.NOT_HELD
