"""Opening and finding cases; everything in a transaction is stored, or nothing."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from rightsflow.domain.errors import BadInput, Misconfigured
from rightsflow.domain.identifiers import Identifier, IdentifierKind
from rightsflow.domain.request import Channel, RequestForm
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseAction, CaseState
from rightsflow.store import Database, Store
from rightsflow.store.tables import Base
from rightsflow.vault import MasterKey
from tests.support.casework import (
    BERLIN,
    CUSTOMER,
    DATES,
    EMAIL,
    NAME,
    OTHER_EMAIL,
    OWNER,
    PHONE,
    RECEIVED,
    at_once,
    located,
    opened,
    opened_as,
    request,
    twins,
)

FORM = RequestForm(right="access", email="anna.quill@example.com", name="Anna", opened_by="Olga Opener")


def rows(database: Database) -> dict[str, int]:
    """How many rows each table holds."""
    with database.transaction() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


class TestOpening:
    def test_a_case_is_remembered_whole(self, store, clock):
        case_id = opened(store, EMAIL, PHONE, NAME, right=Right.ERASURE, channel=Channel.LETTER)
        with store.case_file(case_id) as file:
            assert file.case_id == case_id
            assert file.right is Right.ERASURE
            assert file.state is CaseState.RECEIVED
            assert (file.opened_by, file.ownership.owner) == ("Olga Opener", OWNER)
            assert file.received_at == RECEIVED
            assert file.received_at.utcoffset() == timedelta(0)
            assert file.clock.dates() == DATES
            assert (file.due_on, file.safe_due_on) == (DATES.due_on, DATES.safe_due_on)
            assert (file.work_to_on, file.explanation) == (DATES.work_to_on, DATES.explanation)
            assert file.closed_at is None
            assert file.identifiers.known() == {EMAIL, PHONE, NAME}
            (first,) = file.ledger.entries()
        assert (first.number, first.event, first.actor, first.at) == (1, "CaseOpened", "Olga Opener", clock.moment)
        assert (first.details["right"], first.details["due_on"]) == ("erasure", DATES.due_on.isoformat())
        assert [one["kind"] for one in first.details["identifiers"]] == ["email", "name", "phone"]
        assert "quill" not in str(first.details).lower(), "keyed hashes only"

    def test_an_id_names_the_year_of_the_receipt_and_is_not_given_twice(self, store):
        assert opened(store, received_at=datetime(2025, 12, 31, 23, 30, tzinfo=BERLIN)).startswith("DSR-2025-")

        drawn = iter(["DSR-2026-AAAAAA", "DSR-2026-AAAAAA", "DSR-2026-BBBBBB"])
        drawing = Store(store.database, store.master, store.now, draw_id=lambda _year: next(drawn))
        assert opened(drawing) == "DSR-2026-AAAAAA"
        assert opened(drawing) == "DSR-2026-BBBBBB"

    def test_what_fails_halfway_or_has_no_owner_leaves_nothing(self, store):
        with pytest.raises(ValueError, match="owner"):
            opened_as(store, request(), DATES, "")
        assert rows(store.database)["cases"] == 0

        # The case is written before its identifiers; one that cannot be encoded takes the case with it.
        before = rows(store.database)
        with pytest.raises(UnicodeEncodeError):
            opened(store, EMAIL, Identifier(IdentifierKind.NAME, "\ud800"))
        assert rows(store.database) == before

        with pytest.raises(BadInput, match="rightsflow list"), store.case_file("DSR-2026-000000"):
            pass


class TestTransactions:
    def test_a_fault_in_the_middle_leaves_nothing_of_the_transaction(self, store):
        case_id = opened(store)
        before = rows(store.database)

        def all_at_once() -> None:
            with store.case_file(case_id) as file:
                file.identifiers.add([PHONE])
                file.findings.replace("helpdesk", [located("1", EMAIL)])
                file.steps.start("locate", "helpdesk")
                file.outbox.keep_secret("passphrase", "seven words")
                file.advance(CaseAction.CONFIRM_IDENTITY)
                raise KeyError("the process fell over")

        with pytest.raises(KeyError):
            all_at_once()
        assert rows(store.database) == before
        with store.case_file(case_id) as file:
            assert file.state is CaseState.RECEIVED

    def test_a_case_goes_with_everything_of_it_but_the_ledger(self, store):
        empty = rows(store.database)
        case_id = opened(store)
        with store.case_file(case_id) as file:
            file.findings.replace("helpdesk", [located("1", EMAIL)])
            file.steps.start("locate", "helpdesk")
            file.outbox.keep_secret("passphrase", "seven words")
        store.take_lease(case_id, "me")
        with store.database.transaction() as session:
            session.execute(Base.metadata.tables["cases"].delete())
        assert rows(store.database) == empty | {"chains": 2, "ledger": 1, "vault_keys": 2}


class TestMasterKey:
    def test_another_key_opens_nothing(self, store):
        wrong = Store(store.database, MasterKey(b"x" * 32), store.now)
        wrong.check_key()  # an empty store knows no key yet
        opened(store)
        store.check_key()
        with pytest.raises(Misconfigured, match="restore the key"):
            wrong.check_key()

        case_id = opened(store)
        wrong = Store(store.database, MasterKey(b"x" * 32), store.now)
        with pytest.raises(Misconfigured, match="restore the key"), wrong.case_file(case_id):
            pass

        opened(store)
        before = rows(store.database)
        wrong = Store(store.database, MasterKey(b"x" * 32), store.now)
        with pytest.raises(Misconfigured, match="restore the key"):
            opened(wrong)
        assert rows(store.database) == before


class TestLists:
    def test_soonest_due_first_and_open_ones_only(self, store):
        later = opened(store, received_at=datetime(2026, 11, 10, tzinfo=BERLIN))
        sooner = opened(store, received_at=datetime(2026, 10, 1, tzinfo=BERLIN))
        closed = opened(store, received_at=datetime(2026, 9, 1, tzinfo=BERLIN))
        with store.case_file(closed) as file:
            file.advance(CaseAction.WITHDRAW)
        assert [one.case_id for one in store.summaries()] == [sooner, later]
        assert [one.case_id for one in store.summaries(closed_too=True)] == [closed, sooner, later]
        (first, _) = store.summaries()
        assert (first.right, first.state, first.owner) == (Right.ACCESS, CaseState.RECEIVED, OWNER)
        assert first.due_on == date(2026, 11, 2), "the month ends on a Sunday"

    def test_an_open_case_is_found_by_its_address_or_two_identifiers(self, store):
        case_id = opened(store, EMAIL, PHONE, CUSTOMER)
        for given, is_found in (
            ({EMAIL, OTHER_EMAIL}, True),
            ({PHONE, CUSTOMER}, True),
            ({PHONE}, False),
            ({CUSTOMER}, False),
            ({PHONE, CUSTOMER, OTHER_EMAIL}, False),
        ):
            assert twins(store, frozenset(given), Right.ACCESS) == ([case_id] if is_found else [])

    def test_other_rights_names_what_was_learnt_and_closed_cases_are_no_duplicates(self, store):
        case_id = opened(store, EMAIL, PHONE)
        assert twins(store, frozenset({EMAIL, PHONE}), Right.ACCESS) == [case_id]

        with store.case_file(case_id) as file:
            file.advance(CaseAction.WITHDRAW)

        # A number that a record names may have been used by another person, who asks now.
        case_id = opened(store, EMAIL)
        with store.case_file(case_id) as file:
            file.identifiers.add([PHONE], learnt_from="helpdesk")
        assert twins(store, frozenset({PHONE}), Right.ACCESS) == []

        with store.case_file(case_id) as file:
            file.advance(CaseAction.WITHDRAW)

        case_id = opened(store, EMAIL, NAME)
        assert twins(store, frozenset({EMAIL}), Right.ERASURE) == []
        assert twins(store, frozenset({NAME}), Right.ACCESS) == []
        assert twins(store, frozenset({OTHER_EMAIL}), Right.ACCESS) == []
        with store.case_file(case_id) as file:
            file.advance(CaseAction.WITHDRAW)
        assert twins(store, frozenset({EMAIL}), Right.ACCESS) == []


class TestIntake:
    def test_an_intake_becomes_one_case(self, store):
        case_id = opened(store, intake_id="run-1")
        assert opened(store, OTHER_EMAIL, intake_id="run-1") == case_id
        assert opened(store, intake_id="run-2") != case_id
        assert opened(store) != opened(store), "without an intake every call is a case"

    def test_an_intake_that_is_opened_twice_at_once_becomes_one_case(self, store):
        ids = at_once(6, lambda _: opened(store, intake_id="run-1"))
        assert len(set(ids)) == 1, ids
        assert rows(store.database)["cases"] == 1


class TestCasesToMail:
    """What is found is open, came by one of the channels, and has one of the letters that has not gone out."""

    LETTERS, CHANNELS = ("L1", "L2"), (Channel.EMAIL.value, Channel.WEB_FORM.value)

    def written(self, store: Store, *letters: str, channel: Channel = Channel.EMAIL) -> str:
        case_id = opened(store, channel=channel)
        with store.case_file(case_id) as file:
            for letter in letters:
                file.outbox.put(
                    template_id=letter, version="1", language="en", subject_line="s", body="b", variables_hash="f" * 64
                )
        return case_id

    def found(self, store: Store, after: str = "", limit: int = 100) -> list[str]:
        return store.rounds.cases_to_mail(self.LETTERS, self.CHANNELS, after, limit)

    def test_each_case_once_by_its_id(self, store):
        cases = [self.written(store, "L1", "L2"), self.written(store, "L2", channel=Channel.WEB_FORM)]
        assert self.found(store) == sorted(cases)

    def test_what_is_not_found(self, store, clock):
        opened(store)
        self.written(store, "L9")
        self.written(store, "L1", channel=Channel.LETTER)
        gone, closed = self.written(store, "L1"), self.written(store, "L1")
        with store.case_file(gone) as file:
            file.outbox.mark_sent("L1", clock.moment, by="Olga Opener")
        with store.case_file(closed) as file:
            file.advance(CaseAction.WITHDRAW)
        assert self.found(store) == []

    def test_what_is_left_to_people_is_not_found_nor_claimed(self, store):
        case_id, other = self.written(store, "L1"), self.written(store, "L1", "L2")
        for one in (case_id, other):
            with store.case_file(one) as file:
                assert file.outbox.claim("L1") is not None
                file.outbox.leave_to_people("L1")
                file.outbox.leave_to_people("L6")
        assert self.found(store) == [other], "its other letter can be mailed"
        with store.case_file(case_id) as file:
            assert file.outbox.claim("L1") is None

    def test_in_portions(self, store):
        cases = sorted(self.written(store, "L1") for _ in range(5))
        portions, after = [], ""
        while portion := self.found(store, after, 2):
            portions.append(portion)
            after = portion[-1]
        assert portions == [cases[:2], cases[2:4], cases[4:]]
