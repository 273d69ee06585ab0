"""What is over leaves the store whole: nothing of a purged case but its chain's head, and nothing in SQLite's files."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from rightsflow.audit.ledger import check_chain, read_entry
from rightsflow.domain.vocabulary.records import Outcome, OutcomeKind
from rightsflow.domain.vocabulary.states import CaseAction
from rightsflow.store import Store
from rightsflow.store.core.case_ledger import OWN_CHAIN, links_of
from rightsflow.store.core.chain_ends import head_of
from rightsflow.store.proofs.ledger_check import check_ledger
from rightsflow.store.purging import Ended, Hold, Purging
from rightsflow.store.tables import Base, CaseRow, ChainRow, IdentifierRow, LetterRow, SecretRow
from tests.integration.store.purge_cases import AFTER, END, letter, withdrawn
from tests.support.casework import EMAIL, NAME, opened, ref
from tests.support.instead import statements_fail


@pytest.fixture
def purging(store, clock):
    return Purging(store.database, clock)


def rows_naming(store: Store, case_id: str) -> dict[str, int]:
    """In how many rows of which tables a case is named, by whatever column names cases."""
    found = {}
    with store.database.transaction() as session:
        for table in Base.metadata.sorted_tables:
            columns = [table.c[name] for name in ("case_id", "chain", "id") if name in table.c]
            named = [one for one in columns if one.type.python_type is str]
            count = sum(len(session.execute(select(one).where(one == case_id)).all()) for one in named)
            if count:
                found[table.name] = count
    return found


def test_nothing_is_left_of_a_purged_case_but_its_chains_head(store, purging, clock):
    case_id = withdrawn(store)
    before = rows_naming(store, case_id)
    expected = {"cases", "identifiers", "findings", "steps", "decisions", "letters", "case_secrets", "ledger"}
    assert expected | {"messages", "message_files"} <= set(before)
    with store.database.transaction() as session:
        head, entries = head_of(session, case_id), len(list(links_of(session, case_id)))
    clock.pass_time(timedelta(days=2000))
    assert purging.purge(case_id, AFTER, by="Ida")
    assert rows_naming(store, case_id) == {"chains": 1}
    with store.database.transaction() as session:
        chain = session.get(ChainRow, case_id)
        assert (chain.number, chain.digest, chain.purged_at) == (head.number, head.digest, clock.moment)
        own = list(links_of(session, OWN_CHAIN))
        assert check_chain(OWN_CHAIN, own, head_of(session, OWN_CHAIN)) == []
    last = read_entry(own[-1].body)
    assert (last.event, last.actor) == ("CasePurged", "Ida")
    assert last.details == {"case": case_id, "entries": entries, "head": head.digest, "evidence_until": "2029-12-31"}
    assert head.number == entries
    assert list(check_ledger(store.database)) == []
    assert not purging.purge(case_id, AFTER, by="Ida")


def test_the_id_of_a_purged_case_is_never_given_again(store, purging):
    case_id = withdrawn(store)
    assert purging.purge(case_id, AFTER, by="Ida")
    drawn = iter([case_id, "DSR-2026-000001"])
    again = Store(store.database, store.master, store.now, draw_id=lambda _year: next(drawn))
    assert opened(again) == "DSR-2026-000001"


def test_another_case_of_the_same_person_stays_as_it_is(store, purging):
    gone, kept = withdrawn(store), withdrawn(store, until=AFTER)
    before = rows_naming(store, kept)
    assert purging.purge(gone, AFTER, by="Ida")
    assert rows_naming(store, kept) == before
    with store.case_file(kept) as file, store.database.engine.connect():
        assert file.identifiers.known() == {EMAIL, NAME}
    assert store.cases_of(frozenset({EMAIL})) == [kept]


def test_the_last_day_counts_and_an_open_case_stays_whatever_its_dates_say(store, purging):
    case_id = opened(store)
    with store.case_file(case_id) as file:
        file.keeping.keep_evidence(END)
    assert purging.evidence_over(AFTER) == []
    assert not purging.purge(case_id, AFTER, by="Ida")

    case_id = withdrawn(store)
    for today, goes in ((END, False), (AFTER, True)):
        assert bool(purging.evidence_over(today)) is goes
        assert purging.purge(case_id, today, by="Ida") is goes


@pytest.mark.parametrize("sent", [False, True])
def test_a_case_whose_answer_is_not_noted_as_sent_is_open_and_stays(store, purging, sent):
    case_id = opened(store)
    with store.case_file(case_id) as file:
        file.advance(CaseAction.CONFIRM_IDENTITY)
        file.advance(CaseAction.REPORT_NOTHING_HELD)
        letter(file, "L1", sent=True)
        letter(file, "L8", sent=sent)
        if sent:
            file.close(file.opened_at)
        file.keeping.keep_evidence(END)
    assert purging.evidence_over(AFTER) == ([Ended(case_id, END, Hold.NONE)] if sent else [])
    assert purging.purge(case_id, AFTER, by="Ida") is sent


@pytest.mark.parametrize(
    ("kind", "goes"),
    [(OutcomeKind.RETAINED, False), (OutcomeKind.RESTRICTED, False), (OutcomeKind.ERASED, True)],
)
def test_records_that_are_kept_in_the_systems_hold_the_case(store, purging, kind, goes):
    case_id = withdrawn(store)
    with store.case_file(case_id) as file:
        file.findings.record_outcome(Outcome(record=ref("t1"), kind=kind))
    assert purging.evidence_over(AFTER) == [Ended(case_id, END, Hold.NONE if goes else Hold.RECORDS)]
    assert purging.purge(case_id, AFTER, by="Ida") is goes


def test_a_chain_that_is_not_purged_keeps_its_entries(store):
    case_id = withdrawn(store)
    with pytest.raises(RuntimeError, match="refused"), store.database.transaction() as session:
        session.execute(text("DELETE FROM ledger WHERE chain = :chain"), {"chain": case_id})


def test_what_is_cut_short_changed_nothing(store, purging):
    case_id = withdrawn(store)
    before = rows_naming(store, case_id)
    with (
        statements_fail(store.database.engine, "DELETE FROM cases", KeyboardInterrupt()),
        pytest.raises(KeyboardInterrupt),
    ):
        purging.purge(case_id, AFTER, by="Ida")
    assert rows_naming(store, case_id) == before


def test_a_lookup_is_recorded_without_what_was_looked_for(store, purging):
    case_id = opened(store)
    purging.note_lookup(by="Ida", kinds=["phone", "email"], found=1)
    with store.database.transaction() as session:
        last = list(links_of(session, OWN_CHAIN))[-1].body
    assert read_entry(last).details == {"kinds": ["email", "phone"], "found": 1}
    assert case_id not in last
    assert EMAIL.value not in last


def secrets_of(store: Store, case_id: str) -> dict[str, bytes]:
    """What is sealed of a case, and the key that it is sealed with, as they lie in the database."""
    with store.database.transaction() as session:
        kept = {"key": session.scalar(select(CaseRow.wrapped_key).where(CaseRow.id == case_id))}
        for column in (IdentifierRow.sealed_value, LetterRow.sealed_body, SecretRow.sealed_value):
            for number, sealed in enumerate(session.scalars(select(column).where(column.class_.case_id == case_id))):
                kept[f"{column.class_.__tablename__} {number}"] = sealed
        for number, link in enumerate(links_of(session, case_id)):
            kept[f"ledger {number}"] = link.digest.encode()
    return kept


@pytest.mark.apart
def test_the_files_of_sqlite_hold_nothing_of_it_any_more(tmp_path, clock):
    from rightsflow.store import Database
    from rightsflow.vault import MasterKey
    from tests.support.casework import SECRET

    with closing(Database(f"sqlite:///{tmp_path / 'cases.db'}")) as made:
        made.migrate()
        store = Store(made, MasterKey(SECRET), clock)
        others, case_id = withdrawn(store), withdrawn(store)
        secrets = secrets_of(store, case_id)
        assert len(secrets) > 8
        purging = Purging(made, clock)

        def left() -> set[str]:
            raw = b"".join(path.read_bytes() for path in Path(tmp_path).glob("cases.db*"))
            return {name for name, value in secrets.items() if value in raw}

        assert left() == set(secrets)
        assert purging.purge(case_id, AFTER, by="Ida")
        assert left(), "the log holds it until it is cleared: otherwise the test would show nothing"
        assert purging.clear_log()
        # The last entry's hash is the chain's head, which stays.
        assert left() == {max((name for name in secrets if name.startswith("ledger")), key=lambda one: int(one[7:]))}
        with store.case_file(others) as file:
            assert EMAIL in file.identifiers.known()
