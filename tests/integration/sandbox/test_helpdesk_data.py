"""The data format: what is filled in, what is refused, and that a dump loads to the same helpdesk."""

import time

import pytest

from rightsflow_sandbox.helpdesk.errors import DataError
from rightsflow_sandbox.helpdesk.loading import dump_helpdesk, load_helpdesk
from tests.integration.sandbox.helpdesk_rig import ANNA, BIG, SHARED, data


def test_a_dump_loads_to_the_same_helpdesk():
    # A dump loads to the same helpdesk.
    dumped = dump_helpdesk(load_helpdesk(data()))

    assert dump_helpdesk(load_helpdesk(dumped)) == dumped
    # Loading leaves the given data alone.
    given = data()
    state = load_helpdesk(given)

    state.comments[1][0]["metadata"]["system"]["ip_address"] = "changed"

    assert given == data()
    # Identities follow from mail and direct line but not from a shared number.
    state = load_helpdesk(data())

    values = {one["type"]: one["value"] for one in state.identities[ANNA] if one["primary"]}
    assert values == {"email": "anna@example.com", "phone_number": "+4930123456"}
    assert [one["value"] for one in state.identities[ANNA]][-1] == "second@example.net"
    assert [one["type"] for one in state.identities[SHARED]] == ["email"]
    # Own ids lie past what a float can count and collide with none.
    state = load_helpdesk(data())
    used = {one["id"] for some in state.identities.values() for one in some} | set(state.users)

    fresh = [state.next_id() for _ in range(5)]

    assert min(fresh) > 2**53
    assert not used & set(fresh)
    assert len({one["id"] for some in state.identities.values() for one in some}) == 8


def test_what_cannot_be_used_is_named():
    # What cannot be used is named.
    for key, row, message in (
        ("users", {"name": "x"}, "users[0].id must be a positive whole number."),
        ("users", {"id": 1.0}, "users[0].id must be a positive whole number."),
        ("users", {"id": 1, "role": "boss"}, "users[0].role must be one of admin, agent, end-user."),
        ("users", {"id": 1, "created_at": "yesterday"}, "users[0].created_at must be a time in UTC"),
        ("identities", {"id": 1, "user_id": 2}, "identities[0].user_id names no user of this data."),
        ("tickets", {"id": 1, "requester_id": 2}, "tickets[0].requester_id names no user of this data."),
        ("tickets", {"id": 1, "requester_id": 2, "status": "lost"}, "tickets[0].status must be one of"),
        ("comments", {"id": 1, "ticket_id": 2}, "comments[0].ticket_id names no ticket of this data."),
        ("users", 5, "users[0] must be an object."),
        ("customers", {"id": 1}, "The data has the unknown key 'customers'"),
    ):
        with pytest.raises(DataError) as caught:
            load_helpdesk({key: [row]})

        assert str(caught.value).startswith(message)
    # Two owners of one address are refused.
    users = [{"id": 1, "email": "a@example.com"}, {"id": 2, "email": "A@example.com"}]

    with pytest.raises(DataError, match="Users 1 and 2 have the same email"):
        load_helpdesk({"users": users})
    # An attachment that is no base64 is refused.
    mapping = data()
    mapping["comments"][0]["attachments"][0]["content_base64"] = "***"

    with pytest.raises(DataError, match=r"comments\[0\]\.attachments\[0\]\.content_base64 is not valid Base64"):
        load_helpdesk(mapping)


def seconds_to_load(size):
    """CPU seconds for a call centre with so many tickets; the best of three."""
    users = [{"id": BIG + n, "name": f"User {n}", "email": f"u{n}@example.com"} for n in range(size // 5)]
    tickets = [{"id": n + 1, "status": "open", "requester_id": BIG + n % (size // 5)} for n in range(size)]
    comments = [{"id": n + 1, "ticket_id": n % size + 1, "body": "text"} for n in range(2 * size)]

    def once():
        began = time.process_time()
        load_helpdesk({"users": users, "tickets": tickets, "comments": comments})
        return time.process_time() - began

    return min(once() for _ in range(3))


def test_loading_a_call_centre_grows_with_its_size():
    """Eight times the tickets take about eight times as long, and not sixty-four times."""
    assert seconds_to_load(1600) < 30 * seconds_to_load(200)
