"""Soft-deleted users and tickets, and their permanent deletion."""

from __future__ import annotations

from rightsflow_sandbox.helpdesk import casework, profiles
from rightsflow_sandbox.helpdesk.calls import Call, Endpoint, Reply
from rightsflow_sandbox.helpdesk.defaults import Record
from rightsflow_sandbox.helpdesk.jobs import MOST_JOBS, Job
from rightsflow_sandbox.helpdesk.paging import Listing
from rightsflow_sandbox.helpdesk.rendering import show_deleted_user

USERS = Listing("deleted_users", sorts=("id", "name", "created_at", "updated_at"))
TICKETS = Listing("deleted_tickets", sorts=("id", "subject", "deleted_at"))


def deleted_users(call: Call) -> Reply:
    """Deleted users, the permanently deleted among them; their rename is late."""
    rows = profiles.deleted_users(call.state, count_read=True)
    return Reply(USERS.answer(call, rows, lambda user: show_deleted_user(call.state, user)))


def count_deleted_users(call: Call) -> Reply:
    """Count the deleted users."""
    rows = profiles.deleted_users(call.state, count_read=False)
    return Reply({"count": {"value": len(rows), "refreshed_at": call.state.stamp()}})


def show_deleted(call: Call) -> Reply:
    """Return a soft-deleted user; a permanently deleted one is unknown here."""
    user = profiles.soft_deleted(call.state, call.number("user_id"))
    return Reply({"deleted_user": show_deleted_user(call.state, user)})


def purge_user(call: Call) -> Reply:
    """Delete a soft-deleted user permanently; the answer still shows the old values."""
    user = profiles.purge(call, call.number("user_id"))
    return Reply({"deleted_user": show_deleted_user(call.state, user)})


def compliance(call: Call) -> Reply:
    """Return each product's progress in the permanent deletion of a user."""
    rows = profiles.compliance(call, call.number("user_id"), call.query.get("application", "all"))
    return Reply({"compliance_deletion_statuses": rows})


def deleted_tickets(call: Call) -> Reply:
    """Return the soft-deleted tickets, without those that were archived before."""
    seen = (one for one in call.state.trash.values() if casework.sees(call.state, call.agent, one.ticket))
    rows = [
        {
            "id": one.ticket["id"],
            "subject": one.ticket["subject"],
            "actor": one.actor,
            "deleted_at": one.deleted_at,
            "previous_state": one.ticket["status"],
        }
        for one in seen
        if not one.archived
    ]
    return Reply(TICKETS.answer(call, rows, dict))


def queued(call: Call, job: Job) -> Reply:
    """Return the answer of a call that works in the background."""
    jobs = call.state.jobs
    shown = jobs.start(job).as_json(call.state.site.account_url)
    left = f"total={MOST_JOBS}; remaining={MOST_JOBS - len(jobs.running())}; resets=60"
    return Reply({"job_status": shown}, headers={"zendesk-ratelimit-inflight-jobs": left})


def purge_ticket(call: Call) -> Reply:
    """Delete one soft-deleted ticket permanently."""
    return queued(call, casework.purge_one(call, call.number("ticket_id")))


def purge_tickets(call: Call) -> Reply:
    """Delete several soft-deleted tickets permanently."""
    return queued(call, casework.purge_many(call, call.ids()))


def restore(call: Call) -> Reply:
    """Bring a soft-deleted ticket back."""
    casework.restore(call.state, call.number("ticket_id"))
    return Reply({})


def restore_many(call: Call) -> Reply:
    """Restore several tickets; those that cannot be restored are skipped."""
    for ticket_id in call.ids():
        if ticket_id in call.state.trash and not call.state.trash[ticket_id].archived:
            casework.restore(call.state, ticket_id)
    return Reply({})


def job(call: Call) -> Reply:
    """Return the progress of a background job; reading advances it by a step."""
    state = call.state
    found = state.jobs.read(str(call.params["job_id"]), state.now(), state.pace.job_polls)
    return Reply({"job_status": found.as_json(state.site.account_url)})


JOBS = Listing("job_statuses", offset=False)


def jobs(call: Call) -> Reply:
    """Return the account's background jobs, by cursor only."""
    rows: list[Record] = [one.as_json(call.state.site.account_url) for one in call.state.jobs.by_id.values()]
    return Reply(JOBS.answer(call, rows, dict))


ENDPOINTS = (
    Endpoint("GET", "deleted_users/count", count_deleted_users, scope="users"),
    Endpoint("GET", "deleted_users", deleted_users, scope="users"),
    Endpoint("GET", "deleted_users/{user_id:int}", show_deleted, scope="users"),
    Endpoint(
        "DELETE",
        "deleted_users/{user_id:int}",
        purge_user,
        scope="users",
        deletes=True,
        limits={"deleted-users-destroy": ""},
    ),
    Endpoint("GET", "users/{user_id:int}/compliance_deletion_statuses", compliance, scope="users"),
    Endpoint("GET", "deleted_tickets", deleted_tickets, scope="tickets", limits={"deleted-tickets-index": ""}),
    Endpoint(
        "DELETE",
        "deleted_tickets/destroy_many",
        purge_tickets,
        scope="tickets",
        deletes=True,
        limits={"deleted-tickets-destroy": ""},
    ),
    Endpoint(
        "DELETE",
        "deleted_tickets/{ticket_id:int}",
        purge_ticket,
        scope="tickets",
        deletes=True,
        limits={"deleted-tickets-destroy": ""},
    ),
    Endpoint("PUT", "deleted_tickets/restore_many", restore_many, scope="tickets", deletes=True),
    Endpoint("PUT", "deleted_tickets/{ticket_id:int}/restore", restore, scope="tickets", deletes=True),
    Endpoint("GET", "job_statuses", jobs),
    Endpoint("GET", "job_statuses/{job_id}", job),
)
