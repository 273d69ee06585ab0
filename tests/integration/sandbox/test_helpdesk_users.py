"""Finding users, their identities, and their deletion in two steps."""

import pytest

from rightsflow_sandbox.helpdesk.values import Pace
from tests.integration.sandbox.helpdesk_rig import ADMIN, AGENT, ANNA, JOANNA, MENTION, SHARED, helpdesk


@pytest.fixture
def desk():
    with helpdesk(admin=True) as running:
        yield running


@pytest.fixture(scope="module")
def reading():
    """For tests that change nothing."""
    with helpdesk() as running:
        yield running


def test_search_finds_by_every_field_and_more_than_was_meant(reading):
    for query, found in (
        ("anna@example.com", [ANNA, JOANNA, MENTION]),
        ("email:anna@example.com", [ANNA]),
        ("email:anna@example.co", [ANNA]),
        ("second@example.net", [ANNA]),
        ("email:SECOND@example.net", [ANNA]),
        ("phone:4930123456", [ANNA]),
        ("phone:+4930123456", []),
        ("phone:*123456", [ANNA]),
        ("phone:4930999999", [SHARED]),
        ("role:end-user phone:*0123456", [ANNA]),
        ("external_id:c-1", [ANNA]),
        ('"anna example" -joanna', [ANNA]),
        ("nobody@example.com", []),
    ):
        assert sorted(one["id"] for one in reading.get("users/search", params={"query": query})["users"]) == found


def test_users_are_found_shown_and_counted(reading):
    # The external id is looked up exactly without case.
    assert reading.ids("users/search?external_id=c-1", "users") == [ANNA]
    assert reading.ids("users/show_many?external_ids=c-1,C-2", "users") == [ANNA]
    assert reading.ids("users/search?external_id=c", "users") == []
    assert reading.call("GET", "users/search").json()["error"] == "ParameterMissing"
    # Show many brings identities and takes a hundred.
    answer = reading.get(f"users/show_many?ids={ANNA},{SHARED},1&include=identities")
    refused = reading.call("GET", f"users/show_many?ids={','.join(['1'] * 101)}")

    assert [one["id"] for one in answer["users"]] == [ANNA, SHARED]
    values = {one["value"] for one in answer["identities"]}
    assert values == {"anna@example.com", "+4930123456", "second@example.net", "shop@example.com"}
    assert (refused.status_code, refused.json()["max_count"]) == (400, 100)
    assert refused.json()["description"] == "Parameter  cannot specify more than 100 values"
    # A second address is in the identities only.
    user = reading.get(f"users/{ANNA}")["user"]
    identities = reading.get(f"users/{ANNA}/identities?page[size]=100&type[]=email")["identities"]

    assert user["email"] == "anna@example.com"
    assert "second@example.net" not in str(user)
    assert [one["value"] for one in identities if not one["primary"]] == ["second@example.net"]
    assert reading.get(f"users/{SHARED}")["user"]["phone"] == "+4930999999"
    assert [one["type"] for one in reading.get(f"users/{SHARED}/identities")["identities"]] == ["email"]
    # Related counts and memberships.
    counts = reading.get(f"users/{ANNA}/related")["user_related"]
    membership = reading.get(f"users/{ANNA}/organization_memberships")["organization_memberships"][0]

    assert counts == {"assigned_tickets": 0, "ccd_tickets": 1, "organization_subscriptions": 0, "requested_tickets": 3}
    assert (membership["id"], membership["default"]) == (92, None)
    assert reading.ids(f"users/{ANNA}/organizations", "organizations") == [91]


def test_removing_the_phone_identity_leaves_the_number_until_it_is_cleared(desk):
    phone = desk.get(f"users/{ANNA}/identities?type=phone_number")["identities"][0]["id"]

    removed = desk.call("DELETE", f"users/{ANNA}/identities/{phone}")
    left = desk.get(f"users/{ANNA}")["user"]["phone"]
    desk.call("PUT", f"users/{ANNA}", json={"user": {"phone": ""}})

    assert (removed.status_code, removed.content, left) == (204, b"", "+4930123456")
    assert desk.get(f"users/{ANNA}")["user"]["phone"] is None
    assert desk.call("DELETE", f"users/{ANNA}/identities/{phone}").status_code == 404


def test_a_new_address_becomes_a_second_identity_unless_it_is_taken(desk):
    added = desk.call("PUT", f"users/{ANNA}", json={"user": {"email": "third@example.net", "notes": "n"}})
    taken = desk.call("PUT", f"users/{ANNA}", json={"user": {"email": "JOANNA@example.com"}})

    assert (added.json()["user"]["email"], added.json()["user"]["notes"]) == ("anna@example.com", "n")
    assert "third@example.net" in [one["value"] for one in desk.get(f"users/{ANNA}/identities")["identities"]]
    assert (taken.status_code, taken.json()["details"]["email"][0]["error"]) == (422, "DuplicateValue")


def close_all(desk):
    for ticket in desk.state.tickets.values():
        ticket["status"] = "closed"


def test_a_requester_of_a_ticket_that_is_not_closed_cannot_be_deleted(desk):
    refused = desk.call("DELETE", f"users/{ANNA}")
    desk.call("PUT", "tickets/1", json={"ticket": {"status": "solved"}})
    solved = desk.call("DELETE", f"users/{ANNA}")
    desk.call("PUT", "tickets/1", json={"ticket": {"status": "closed"}})
    closed = desk.call("DELETE", f"users/{ANNA}")

    assert (refused.status_code, refused.json()["error"]) == (422, "RecordInvalid")
    assert refused.json()["details"]["base"][0]["description"]
    assert solved.status_code == 422
    assert (closed.status_code, closed.json()["user"]["active"]) == (200, False)


def test_a_soft_deleted_user_leaves_the_lists_and_frees_the_address(desk):
    close_all(desk)
    desk.call("DELETE", f"users/{ANNA}")

    assert desk.get(f"users/{ANNA}")["user"]["active"] is False
    assert desk.get(f"users/{ANNA}/identities")["identities"] == []
    assert ANNA not in desk.ids("users", "users")
    assert desk.ids("users/search?query=email:anna@example.com", "users") == []
    assert desk.ids("deleted_users?page[size]=100", "deleted_users") == [ANNA]
    assert desk.get(f"deleted_users/{ANNA}")["deleted_user"]["email"] == "anna@example.com"
    assert desk.ids(f"users/{ANNA}/tickets/requested", "tickets") == [1, 2, 3]
    assert desk.call("DELETE", f"users/{ANNA}").status_code == 404
    taken = desk.call("PUT", f"users/{JOANNA}", json={"user": {"email": "anna@example.com"}})
    assert taken.status_code == 200


def test_permanent_deletion_needs_the_soft_one_first(desk):
    response = desk.call("DELETE", f"deleted_users/{ANNA}")

    assert (response.status_code, response.json()["error"]) == (404, "RecordNotFound")


def test_permanent_deletion_keeps_the_row_and_renames_it_later(desk):
    close_all(desk)
    desk.call("DELETE", f"users/{ANNA}")
    answer = desk.call("DELETE", f"deleted_users/{ANNA}")

    assert (answer.status_code, answer.json()["deleted_user"]["name"]) == (200, "Anna Example")
    assert desk.call("GET", f"deleted_users/{ANNA}").status_code == 404
    assert desk.call("GET", f"users/{ANNA}").status_code == 404
    names = [desk.get("deleted_users")["deleted_users"][0]["name"] for _ in range(3)]
    assert names == ["Anna Example", "Anna Example", "Permanently Deleted User"]
    last = desk.get("deleted_users")["deleted_users"][0]
    assert (last["id"], last["email"], last["phone"]) == (ANNA, None, None)
    assert desk.get("deleted_users/count")["count"]["value"] == 1
    assert desk.call("DELETE", f"deleted_users/{ANNA}").status_code == 404


def test_what_was_written_stays_when_its_author_is_gone(desk):
    close_all(desk)
    desk.call("DELETE", f"users/{ANNA}")
    desk.call("DELETE", f"deleted_users/{ANNA}")

    comment = desk.get("tickets/1/comments")["comments"][0]
    assert (comment["author_id"], comment["metadata"]["system"]["ip_address"]) == (ANNA, "192.0.2.7")


def test_the_products_report_their_part_one_after_the_other(desk):
    close_all(desk)
    desk.call("DELETE", f"users/{ANNA}")
    path = f"users/{ANNA}/compliance_deletion_statuses?application=support"
    before = desk.get(path)["compliance_deletion_statuses"]
    desk.call("DELETE", f"deleted_users/{ANNA}")

    actions = [[row["action"] for row in desk.get(path)["compliance_deletion_statuses"]] for _ in range(3)]
    assert before == []
    assert actions == [
        ["request_deletion"],
        ["request_deletion", "started"],
        ["request_deletion", "started", "complete"],
    ]
    every = desk.get(f"users/{ANNA}/compliance_deletion_statuses")["compliance_deletion_statuses"]
    assert {row["application"] for row in every} == {"support", "explore", "chat"}
    assert every[0]["executer_id"] == ADMIN
    assert desk.call("GET", "users/1/compliance_deletion_statuses").status_code == 404


def test_time_alone_finishes_a_permanent_deletion(desk):
    close_all(desk)
    desk.call("DELETE", f"users/{ANNA}")
    desk.call("DELETE", f"deleted_users/{ANNA}")
    desk.clock.pass_(seconds=10)

    assert desk.get("deleted_users")["deleted_users"][0]["name"] == "Permanently Deleted User"
    statuses = desk.get(f"users/{ANNA}/compliance_deletion_statuses")["compliance_deletion_statuses"]
    assert [row["application"] for row in statuses if row["action"] == "complete"] == ["support", "explore", "chat"]


def test_a_deleted_agent_leaves_open_tickets_unassigned(desk):
    desk.state.tickets[2]["assignee_id"] = AGENT
    desk.call("DELETE", f"users/{AGENT}")

    assert (desk.state.tickets[1]["assignee_id"], desk.state.tickets[2]["assignee_id"]) == (None, AGENT)


def test_bulk_deletion_completes_although_one_is_refused(desk):
    job = desk.call("DELETE", f"users/destroy_many?ids={ANNA},{MENTION}").json()["job_status"]["id"]

    seen = [desk.get(f"job_statuses/{job}")["job_status"] for _ in range(3)][-1]

    assert seen["status"] == "completed"
    assert [row["success"] for row in seen["results"]] == [False, True]
    assert (desk.state.users[ANNA]["active"], desk.state.users[MENTION]["active"]) == (True, False)


def test_the_search_index_is_late():
    with helpdesk(pace=Pace(index_lag_seconds=120)) as desk:
        close_all(desk)
        desk.call("PUT", f"users/{JOANNA}", json={"user": {"notes": "fresh"}})
        desk.call("DELETE", f"users/{ANNA}")
        early = [desk.ids(f"users/search?query={word}", "users") for word in ("fresh", "email:anna@example.com")]
        desk.clock.pass_(seconds=120)

        late = [desk.ids(f"users/search?query={word}", "users") for word in ("fresh", "email:anna@example.com")]
        assert (early, late) == ([[], [ANNA]], [[JOANNA], []])
