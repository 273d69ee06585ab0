"""The contract, on a helpdesk that crosses the subject's path with her neighbours'."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from rightsflow.domain.identifiers import Identifier, Identifiers
from rightsflow.domain.requesters import WhyNot
from rightsflow.domain.vocabulary.records import Method, RecordRef
from rightsflow.testing.bench import Bench
from rightsflow_sandbox.helpdesk.faults import Action
from rightsflow_sandbox.helpdesk.loading import dump_helpdesk, load_helpdesk
from rightsflow_sandbox.helpdesk.state import HelpdeskState
from tests.integration.connectors.zendesk import world
from tests.integration.connectors.zendesk.desk import NOW, Desk, known, running
from tests.support.conformance import ConformanceInWalks

CANARIES = frozenset(
    {
        world.EMAIL,
        world.EMAIL.replace("@", "%40"),
        world.SECOND_EMAIL,
        world.CUSTOMER_ID,
        world.ACCOUNT_ID,
        world.NAME,
        "15112345678",
        "30901820",
        "030 901820",
        "It leaks",
        "invoice.pdf",
    }
)


LISTS = (
    "/users/search$",
    "/users/show_many$",
    "/tickets/requested$",
    "/tickets/ccd$",
    "/comments$",
    "/deleted_users$",
    "/suspended_tickets$",
    "/api/v2/search$",
)
REFUSALS: dict[str, dict[str, Any]] = {
    "forbidden": {"status": 403, "body": {"error": {"title": "Forbidden", "message": "You do not have access."}}},
    "not found": {"status": 404, "body": {"error": "RecordNotFound", "description": "Not found"}},
    "cut": {"action": Action.CUT},
}


def neighbours(state: HelpdeskState) -> str:
    """All that is not the subject's: the other users, their tickets, and what they themselves wrote."""
    with state.lock:
        held = dump_helpdesk(state)
    shared = {world.SHARED, world.COPIED}
    ours = {world.OWN, world.CLOSED}
    kept = {
        "users": [one for one in held["users"] if one["id"] != world.ANNA],
        "identities": [one for one in held["identities"] if one["user_id"] != world.ANNA],
        "tickets": [one for one in held["tickets"] if one["id"] not in shared | ours],
        "comments": [
            one
            for one in held["comments"]
            if one["ticket_id"] not in ours and one["author_id"] not in {world.ANNA, world.AGENT}
        ],
        "suspended": [one for one in held["suspended_tickets"] if one["id"] != world.SUSPENDED],
    }
    # Where a neighbour names the subject, her name goes and the rest of the sentence has to stay.
    return json.dumps(kept, sort_keys=True, ensure_ascii=False).replace(world.NAME, "▇" * len(world.NAME))


def known_email(address: str) -> Identifier:
    [found] = known(email=address)
    return found


def bench_on(desk: Desk, expected: dict[str, int], method_for: dict[str, Method]) -> Bench:
    @contextmanager
    def outage() -> Iterator[None]:
        desk.fault("*", "", status=503, times=None)
        try:
            yield
        finally:
            desk.state.faults.clear()

    @contextmanager
    def ignoring_filters() -> Iterator[None]:
        desk.state.ignores_filters = True
        try:
            yield
        finally:
            desk.state.ignores_filters = False

    @contextmanager
    def refused(path: str, how: dict[str, Any]) -> Iterator[None]:
        desk.fault("GET", path, times=None, **how)
        try:
            yield
        finally:
            desk.state.faults.clear()

    def beyond_a_page() -> tuple[Identifiers, dict[str, int]]:
        more = load_helpdesk(world.busy(), now=lambda: NOW)
        with desk.state.lock:
            desk.state.users.update(more.users)
            desk.state.identities.update(more.identities)
            desk.state.tickets.update(more.tickets)
            desk.state.comments.update(more.comments)
        return known(email=world.BUSY_EMAIL), {"user": 1, "ticket": world.BUSY_TICKETS}

    return Bench(
        connector=desk.connector(retries=0),
        known=known(email=world.EMAIL),
        nobody=known(
            email="nobody@example.net", phone="+4940111222333", customer_id="KD-999999", account_id="cus_none99"
        ),
        expected=expected,
        canaries=CANARIES,
        neighbours=lambda: neighbours(desk.state),
        outage=outage,
        method_for=method_for,
        wrong_credentials=lambda: desk.connector(secret="wrong"),
        ignoring_filters=ignoring_filters,
        refused_lists={
            f"{path} {name}": partial(refused, path, how) for path in LISTS for name, how in REFUSALS.items()
        },
        beyond_a_page=beyond_a_page,
        tickets={
            str(world.OWN): known_email(world.EMAIL),
            str(world.BENS): known_email("ben.berg@example.com"),
            "123456789": WhyNot.NO_TICKET,
            "INC-7": WhyNot.NO_TICKET,
        },
    )


class TestDeleting(ConformanceInWalks):
    """Her own tickets are deleted; what she shares with others is not in this helpdesk."""

    @pytest.fixture
    def bench(self) -> Iterator[Bench]:
        erase = dict.fromkeys(("call-recording", "ticket", "suspended-ticket", "user"), Method.ERASE)
        expected = {"user": 1, "ticket": 3, "call-recording": 1, "suspended-ticket": 1}
        with running(world.data(without_tickets=(world.SHARED, world.COPIED))) as desk:
            bench = bench_on(desk, expected, erase)
            yield replace(bench, never_shared="Tickets of several people are taken out of this helpdesk.")


@pytest.mark.apart
class TestRedacting(ConformanceInWalks):
    """All of her tickets stay and are redacted, those of others in which she takes part included."""

    @pytest.fixture
    def bench(self, desk: Desk) -> Bench:
        methods = {
            "call-recording": Method.ERASE,
            "ticket": Method.REDACT,
            "suspended-ticket": Method.ERASE,
            "user": Method.ERASE,
        }
        expected = {"user": 1, "ticket": 5, "call-recording": 1, "suspended-ticket": 1}
        # The entry of her call keeps her number, and the sender's address stays in the technical data.
        bench = bench_on(desk, expected, methods)
        shared = frozenset(RecordRef("helpdesk", "ticket", str(one)) for one in (world.SHARED, world.COPIED))
        return replace(bench, residue=frozenset({"ticket"}), leaving_residue=nullcontext, shared=shared)
