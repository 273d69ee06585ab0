"""Tickets: whose they are, their deletion in two steps, background jobs."""

import pytest

from tests.integration.sandbox.helpdesk_rig import AGENT, ANNA, BIG, JOANNA, helpdesk


@pytest.fixture
def desk():
    with helpdesk() as running:
        yield running


def poll(desk, job, times=3):
    return [desk.get(f"job_statuses/{job}.json")["job_status"] for _ in range(times)]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (f"users/{ANNA}/tickets/requested?page[size]=100", [1, 2, 3]),
        (f"users/{ANNA}/tickets/ccd", [4]),
        (f"users/{AGENT}/tickets/assigned", [1]),
        (f"users/{ANNA}/tickets/followed", []),
        (f"users/{ANNA}/tickets/requested?page[size]=100&sort=-id", [3, 2, 1]),
        (f"users/{ANNA}/tickets/requested?sort_by=id&sort_order=desc", [3, 2, 1]),
        ("tickets", [1, 2, 4]),
        ("tickets/show_many?ids=3,1,99", [3, 1]),
    ],
)
def test_lists_hold_what_they_should_and_all_tickets_leave_out_archived_ones(desk, path, found):
    assert desk.ids(path, "tickets") == found


def test_a_ticket_is_described_by_its_first_comment(desk):
    # The second copy of custom fields is missing in cursor pages.
    assert "fields" in desk.get("tickets/1")["ticket"]
    assert "fields" in desk.get("tickets")["tickets"][0]
    assert "fields" not in desk.get("tickets?page[size]=1")["tickets"][0]
    assert desk.get("tickets/1")["ticket"]["description"] == "My code is 4711 & more\nBye"
    assert desk.call("PUT", "tickets/1", json={"subject": "x"}).json()["error"] == "ParameterMissing"


def test_an_update_answers_with_an_audit_and_writes_a_comment(desk):
    change = {"subject": "New", "custom_fields": [{"id": 5, "value": "x"}], "comment": {"body": "Hi", "public": False}}
    answer = desk.call("PUT", "tickets/1", json={"ticket": change}).json()

    assert (answer["ticket"]["subject"], answer["ticket"]["raw_subject"]) == ("New", "New")
    assert answer["ticket"]["fields"] == [{"id": 5, "value": "x"}]
    assert answer["audit"]["ticket_id"] == 1
    last = desk.get("tickets/1/comments")["comments"][-1]
    assert (last["body"], last["public"]) == ("Hi", False)


@pytest.mark.parametrize(
    ("ticket_id", "change", "status"),
    [
        (2, {"subject": "x"}, 422),
        (1, {"status": "lost"}, 422),
        (1, {"requester_id": 5}, 422),
        (1, {"safe_update": True, "updated_stamp": "2020-01-01T00:00:00Z"}, 409),
        (99, {"subject": "x"}, 404),
    ],
)
def test_updates_that_cannot_be(desk, ticket_id, change, status):
    assert desk.call("PUT", f"tickets/{ticket_id}", json={"ticket": change}).status_code == status


def test_soft_deletion_is_empty_and_works_once(desk):
    deleted = desk.call("DELETE", "tickets/1")
    again = desk.call("DELETE", "tickets/1")

    assert (deleted.status_code, deleted.content) == (204, b"")
    assert (again.status_code, again.json()) == (404, {"error": "RecordNotFound", "description": "Not found"})
    assert desk.call("GET", "tickets/1").status_code == 404
    assert desk.call("GET", "tickets/1/comments").status_code == 404
    row = desk.get("deleted_tickets")["deleted_tickets"][0]
    assert (row["id"], row["previous_state"], row["actor"]["name"]) == (1, "open", "Admin")


def test_a_deleted_ticket_no_longer_stands_in_the_way_of_its_requester(desk):
    desk.call("DELETE", "tickets/1")

    assert desk.call("DELETE", f"users/{ANNA}").status_code == 200


def test_permanent_deletion_needs_the_soft_one_first_and_ends_with_a_job(desk):
    early = desk.call("DELETE", "deleted_tickets/1")
    desk.call("DELETE", "tickets/1")
    queued = desk.call("DELETE", "deleted_tickets/1")
    job = queued.json()["job_status"]

    assert early.status_code == 404
    assert queued.status_code == 200
    assert queued.headers["zendesk-ratelimit-inflight-jobs"] == "total=30; remaining=29; resets=60"
    assert "job_type" not in job
    assert (job["status"], job["total"], job["results"]) == ("queued", None, None)
    states = poll(desk, job["id"])
    assert [one["status"] for one in states] == ["queued", "working", "completed"]
    assert states[-1]["results"] == {"success": True}
    assert states[-1]["message"] == "Completed at 2026-11-24 12:00:00 +0000"
    assert 1 not in desk.state.comments
    assert desk.call("PUT", "deleted_tickets/1/restore").status_code == 404


def test_nothing_is_gone_before_the_job_is_completed(desk):
    desk.call("DELETE", "tickets/1")
    desk.call("DELETE", "deleted_tickets/1")

    assert desk.ids("deleted_tickets", "deleted_tickets") == [1]
    desk.clock.pass_(seconds=5)
    assert desk.ids("deleted_tickets", "deleted_tickets") == []


def test_bulk_deletion_reports_each_ticket(desk):
    job = desk.call("DELETE", "tickets/destroy_many?ids=1,2,99").json()["job_status"]
    done = poll(desk, job["id"])[-1]

    assert (job["job_type"], done["total"], done["progress"]) == ("Bulk Update Ticket", 3, 3)
    assert done["results"][0] == {"id": 1, "action": "delete", "status": "Deleted", "success": True}
    assert (done["results"][2]["success"], done["results"][2]["error"]) == (False, "TicketNotFound")
    job = desk.call("DELETE", "deleted_tickets/destroy_many?ids=1,2").json()["job_status"]
    assert [row["success"] for row in poll(desk, job["id"])[-1]["results"]] == [True, True]


def test_archived_tickets_are_missing_from_the_deleted_ones_and_cannot_come_back(desk):
    desk.call("DELETE", "tickets/3")
    desk.call("DELETE", "tickets/2")

    assert desk.ids("deleted_tickets", "deleted_tickets") == [2]
    assert desk.call("PUT", "deleted_tickets/3/restore").status_code == 404
    restored = desk.call("PUT", "deleted_tickets/2/restore")
    assert (restored.status_code, restored.json()) == (200, {})
    assert desk.get("tickets/2")["ticket"]["status"] == "closed"
    assert desk.call("DELETE", "deleted_tickets/3").status_code == 200


def test_thirty_jobs_are_the_most(desk):
    for number in range(30):
        desk.call("DELETE", f"tickets/destroy_many?ids={number + 1000}")
    refused = desk.call("DELETE", "tickets/destroy_many?ids=1")

    assert (refused.status_code, refused.json()["error"]) == (429, "TooManyJobs")
    assert len(refused.json()["current_job_ids"]) == 30
    desk.clock.pass_(seconds=5)
    assert desk.call("DELETE", "tickets/destroy_many?ids=1").status_code == 200


def test_jobs_are_readable_for_an_hour(desk):
    job = desk.call("DELETE", "tickets/destroy_many?ids=1").json()["job_status"]["id"]
    listed = [one["id"] for one in desk.get("job_statuses?page[size]=100")["job_statuses"]]
    desk.clock.pass_(hours=1, seconds=1)

    assert listed == [job]
    assert desk.call("GET", f"job_statuses/{job}").status_code == 404


def test_a_key_makes_a_ticket_once(desk):
    body = {"ticket": {"subject": "s", "requester_id": JOANNA, "comment": {"body": "b"}}}
    answers = [desk.call("POST", "tickets", json=body, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    other = desk.call("POST", "tickets", json={"ticket": {"subject": "t"}}, headers={"Idempotency-Key": "k"})

    assert [one.status_code for one in answers] == [201, 201]
    assert [one.headers["x-idempotency-lookup"] for one in answers] == ["miss", "hit"]
    assert answers[0].json()["ticket"]["id"] == answers[1].json()["ticket"]["id"] == 5
    assert answers[0].headers["Location"].endswith("/api/v2/tickets/5.json")
    assert (other.status_code, other.json()["error"]) == (400, "IdempotentRequestError")
    assert desk.state.journal.calls("POST", "/api/v2/tickets")[0].idempotency_key == "k"


def test_spam_takes_the_ticket_and_suspends_the_requester(desk):
    desk.call("PUT", "tickets/1/mark_as_spam")

    assert desk.call("GET", "tickets/1").status_code == 404
    assert desk.get(f"users/{ANNA}")["user"]["suspended"] is True


def test_search_knows_tickets_by_their_people_and_words(desk):
    def found(query):
        return [one["id"] for one in desk.get("search", params={"query": query})["results"]]

    assert found("type:ticket requester:second@example.net") == [1, 2, 3]
    assert found("type:ticket cc:anna@example.com") == [4]
    assert found(f"type:ticket commenter:{AGENT}") == [1]
    assert found("type:ticket status:open status:solved") == [1, 4]
    assert found("type:ticket created>2026-10-31 4711") == [1]
    assert desk.get("search/count", params={"query": "type:ticket status<closed"})["count"] == 0
    assert desk.get("search?query=4711")["results"][0]["result_type"] == "ticket"
    desk.call("DELETE", "tickets/1")
    assert found("4711") == []


@pytest.mark.apart
def test_search_ends_at_a_thousand_results_and_export_does_not():
    tickets = [{"id": number + 1, "requester_id": BIG, "status": "open"} for number in range(1050)]
    with helpdesk({"users": [{"id": BIG}], "tickets": tickets}) as desk:
        last = desk.get("search?query=type:ticket&page=10")
        refused = desk.session.get(last["next_page"], timeout=10)
        first = desk.get("search/export?query=status:open&filter[type]=ticket&page[size]=1000")
        rest = desk.session.get(first["links"]["next"], timeout=10).json()

        assert (last["count"], len(last["results"])) == (1050, 100)
        assert (refused.status_code, refused.json()["error"]) == (422, "invalid")
        assert (len(first["results"]), len(rest["results"]), rest["links"]["prev"]) == (1000, 50, None)
        assert "count" not in first
