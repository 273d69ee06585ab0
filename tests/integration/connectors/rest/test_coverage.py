"""What a described system has by now and its file does not know is named by its place, without a value."""

from __future__ import annotations

import copy

import pytest

from rightsflow.domain.errors import RightsflowError
from tests.integration.connectors.rest.rig import connector_on
from tests.support.rest_double import Answer, RestDouble

FILE = """\
[system]
title = "Desk"
base = "https://desk.example.com"
auth = { kind = "bearer" }

[system.probe]
get = "/me"

[kinds.customer]
title = "profiles"
account = true
names = { email = ["email"], phone = ["phones[kind=home].number"] }
find = [{ by = "email", get = "/customers", query = { email = "{value}" } }]
read = { get = "/customers/{id}" }
sample = { get = "/customers" }
without = ["links"]
not_personal = ["branch.address"]
erase = { steps = [{ delete = "/customers/{id}" }], takes_along = [] }

[kinds.ticket]
title = "tickets"
occurred_at = "made_at"
parents = [{ kind = "customer", id = "customer", list = { get = "/customers/{parent}/tickets" } }]
read = { get = "/tickets/{id}" }
mask = { put = "/tickets/{id}", body = { subject = "Erased" } }

[kinds.ticket.known_values]
brand_id = [1, 2]

[kinds.ticket.entries]
inside = "said"
names = { account_id = ["by"] }
texts = ["text"]
mask = { put = "/tickets/{id}/said/{entry}", body = { text = "Erased" } }

[requester]
ticket = "ticket"
person = "customer"
channel = "via.channel"
channels = { "1" = "e-mail" }
"""
CUSTOMER = {
    "id": 5,
    "email": "anna@example.com",
    "phones": [{"kind": "home", "number": "+49 30 901820"}],
    "links": {"email_me": "anna@example.com"},
    "branch": {"address": "Main Street 5"},
    "is_email_verified": True,
    "email_format": "plain",
    # It goes with the profile.
    "notes": "likes to be called in the morning only",
}
TICKET = {
    "id": 9,
    "customer": 5,
    "made_at": "2026-03-05T10:00:00Z",
    "subject": "kettle",
    "brand_id": 2,
    "via": {"channel": 1, "count": 3},
    "status": "open",
    "said": [{"id": 1, "by": 5, "text": "It hums in A flat all day long."}],
}


class Desk:
    """The system, as it is described at first."""

    def __init__(self, folder) -> None:
        self.double, self.customer, self.ticket = RestDouble("Bearer right"), *copy.deepcopy((CUSTOMER, TICKET))
        self.double.on("GET", "/me", lambda _: Answer(body={}))
        self.double.on("GET", "/customers", lambda _: Answer(body=[self.customer]))
        self.double.on("GET", "/customers/5", lambda _: Answer(body=self.customer))
        self.double.on("GET", "/customers/5/tickets", lambda _: Answer(body=[self.ticket]))
        self.double.on("GET", "/tickets/9", lambda _: Answer(body=self.ticket))
        self.file = folder / "desk.toml"
        self.file.write_text(FILE, encoding="utf-8")

    def places(self):
        return list(connector_on(self.double.address, str(self.file), "env:DESK_KEY").uncovered())


@pytest.fixture
def desk(tmp_path, monkeypatch):
    monkeypatch.setenv("DESK_KEY", "right")
    made = Desk(tmp_path)
    with made.double.running():
        yield made


def test_what_the_file_knows_and_what_goes_with_its_record_is_not_named(desk):
    """No false alarm: links and counts, a mail's format, a note that is deleted with its profile."""
    assert desk.places() == []


def test_what_is_new_is_named_once_by_its_place_and_without_a_value(desk):
    """Fields, a collection, a field within one that is known, entries, codes; a key that is a value is not named."""
    desk.customer |= {"backup": "anna@other.example", "mobile": None, "phones": [{"kind": "home", "contact_name": "A"}]}
    desk.ticket |= {"events": [{"at": 1, "comment": "x"}, {"remark": "y"}], "brand_id": 7, "via": {"channel": 12}}
    desk.ticket["custom"] = {"anna@example.com": "she asked for it again and again"}
    desk.ticket["said"][0] |= {"sender": {"email": "anna@example.com"}, "mood": "fine"}
    places = desk.places()
    assert {(place.kind.value, place.name, place.looks_like) for place in places} == {
        ("field", "customer.backup", "e-mail address"),
        ("field", "customer.mobile", "phone number"),
        ("field", "customer.phones.contact_name", "name of a person"),
        ("field", "ticket.events", "free text"),
        ("field", "ticket.custom", "free text"),
        ("field", "ticket.entries.sender", "e-mail address"),
        ("brand", "ticket.brand_id 7", "records of a new sort"),
        ("channel", "ticket.via.channel 12", "records of a new sort"),
    }
    assert len({place.key for place in places}) == len(places)
    assert "anna" not in repr(places)


@pytest.mark.parametrize("status", [403, 500, 0])
def test_a_list_that_was_not_answered_is_not_without_new_fields(desk, status):
    """The check fails, so that a person looks."""
    with desk.double.failing("GET /customers/5/tickets", status), pytest.raises(RightsflowError):
        desk.places()
