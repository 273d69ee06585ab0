"""Restriction at the helpdesk: the tag and the group, over the real interface of the sandbox's helpdesk."""

from __future__ import annotations

from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.vocabulary.records import ANOTHER_CASES, MarkState, Method, OutcomeKind, RecordRef
from tests.integration.connectors.zendesk import world
from tests.integration.connectors.zendesk.desk import Desk, known

ANNA: Identifiers = known(email=world.EMAIL)
TICKET = RecordRef("helpdesk", "ticket", str(world.OWN))
CLOSED = RecordRef("helpdesk", "ticket", str(world.CLOSED))
USER = RecordRef("helpdesk", "user", str(world.ANNA))
MARK = "rf_restricted"
FIRST, SECOND = "DSR-2026-7K3M9Q", "DSR-2026-8M4N2R"


def test_without_a_tag_nothing_can_be_restricted(desk: Desk) -> None:
    assert not any(Method.RESTRICT in kind.methods for kind in desk.connector().capabilities.kinds)


def test_a_ticket_and_a_profile_are_tagged_beside_their_other_tags_and_the_mark_is_taken_away(desk: Desk) -> None:
    connector = desk.connector(restricted_tag=MARK)
    able = {kind.name for kind in connector.capabilities.kinds if Method.RESTRICT in kind.methods}
    assert able == {"ticket", "user"}
    before = tags(desk)
    for ref in (TICKET, USER):
        (done,) = connector.erase([ref], Method.RESTRICT, ANNA)
        assert done.kind is OutcomeKind.RESTRICTED
        assert not done.reason
        (again,) = connector.erase([ref], Method.RESTRICT, ANNA)
        assert again.kind is OutcomeKind.RESTRICTED
    assert tags(desk) == [[*one, MARK] for one in before]
    for ref in (TICKET, USER):
        (lifted,) = connector.erase([ref], Method.LIFT, ANNA)
        assert lifted.kind is OutcomeKind.RETAINED
    assert tags(desk) == before


def test_a_closed_ticket_cannot_be_changed_and_that_is_said(desk: Desk) -> None:
    (kept,) = desk.connector(restricted_tag=MARK).erase([CLOSED], Method.RESTRICT, ANNA)
    assert (kept.kind, kept.refused) == (OutcomeKind.RETAINED, True)
    assert "closed ticket" in kept.reason


def test_a_ticket_that_is_gone_is_not_held(desk: Desk) -> None:
    (gone,) = desk.connector(restricted_tag=MARK).erase(
        [RecordRef("helpdesk", "ticket", "424242")], Method.RESTRICT, ANNA
    )
    assert gone.kind is OutcomeKind.NOT_HELD


def test_a_tag_that_is_lost_is_seen_and_what_is_gone_is_said(desk: Desk) -> None:
    connector = desk.connector(restricted_tag=MARK)
    deleted = RecordRef("helpdesk", "user", str(world.BEN))
    gone = RecordRef("helpdesk", "ticket", "424242")
    for ref in (TICKET, USER):
        list(connector.erase([ref], Method.RESTRICT, ANNA))
    with desk.state.lock:
        held = _record(desk.state.tickets[world.OWN])
        held["tags"] = [one for one in held["tags"] if one != MARK]
        _record(desk.state.users[world.BEN])["active"] = False
    seen = [one.state for one in connector.marks([TICKET, USER, gone, deleted], ANNA)]
    assert seen == [MarkState.UNMARKED, MarkState.MARKED, MarkState.GONE, MarkState.GONE]
    list(connector.erase([TICKET], Method.RESTRICT, ANNA))
    assert [one.state for one in connector.marks([TICKET], ANNA)] == [MarkState.MARKED]
    assert list(connector.marks([], ANNA)) == []


def tags(desk: Desk) -> list[list[str]]:
    with desk.state.lock:
        ticket, user = desk.state.tickets[world.OWN], desk.state.users[world.ANNA]
        return [list(_record(one)["tags"]) for one in (ticket, user)]


def _record(one):  # type: ignore[no-untyped-def]
    return getattr(one, "record", one)


def test_the_mark_names_its_case_and_another_cases_stays(desk: Desk) -> None:
    connector, before = desk.connector(restricted_tag=MARK), tags(desk)
    with desk.state.lock:
        # Of the operator's own, although it begins alike.
        _record(desk.state.tickets[world.OWN])["tags"].append(f"{MARK}_vip")
    ticket = [*before[0], f"{MARK}_vip"]
    list(connector.mark([TICKET], Method.RESTRICT, ANNA, FIRST))
    assert tags(desk)[0] == [*ticket, MARK, f"{MARK}_{FIRST.lower()}"]
    assert [(one.state, one.case_id) for one in connector.marks([TICKET], ANNA)] == [(MarkState.MARKED, FIRST)]
    list(connector.mark([TICKET], Method.RESTRICT, ANNA, SECOND))
    (stays,) = connector.mark([TICKET], Method.LIFT, ANNA, FIRST)
    assert (stays.kind, stays.refused, stays.reason) == (OutcomeKind.RETAINED, False, ANOTHER_CASES)
    assert tags(desk)[0] == [*ticket, MARK, f"{MARK}_{SECOND.lower()}"]
    (gone,) = connector.mark([TICKET], Method.LIFT, ANNA, SECOND)
    assert (gone.kind, gone.reason, tags(desk)) == (OutcomeKind.RETAINED, "", [ticket, before[1]])
    list(connector.erase([TICKET], Method.RESTRICT, ANNA))
    assert [one.case_id for one in connector.marks([TICKET], ANNA)] == [""]
    list(connector.mark([TICKET], Method.LIFT, ANNA, FIRST))
    assert tags(desk)[0] == ticket
