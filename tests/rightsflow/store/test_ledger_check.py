"""The whole ledger checked: whatever somebody with all rights at the database does to it is found and named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from rightsflow.ledger import Fault, FaultKind
from rightsflow.ledger.seals import Seal
from rightsflow.store import Database, Store
from rightsflow.store.ledger import OWN_CHAIN, append_own, head_of
from rightsflow.store.ledger_check import Extent, check_ledger, extent
from rightsflow.store.publications import note_published
from rightsflow.store.seals import all_seals, seal
from rightsflow.store.signing_keys import rotate_key
from rightsflow.store.tables import ChainRow
from rightsflow.vault import MasterKey
from tests.rightsflow.store.casework import SECRET, Clock, opened
from tests.stores import set_up, without_waiting_for_the_disk

MASTER = MasterKey(SECRET)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def worked_on(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A store with four cases, one of them purged, three seals and two keys: the file, and the cases' ids."""
    path, clock = tmp_path_factory.mktemp("worked_on") / "cases.db", Clock()
    database = without_waiting_for_the_disk(Database(f"sqlite:///{path}"))
    set_up(database)
    cases = work_on(Store(database, MASTER, clock), clock)
    # The last connection leaves everything in the one file.
    database.close()
    return path, cases


@pytest.fixture
def lived_in(worked_on: tuple[Path, list[str]], tmp_path: Path) -> Iterator[tuple[Store, list[str]]]:
    """A copy of it."""
    path, cases = worked_on
    copy = tmp_path / "cases.db"
    copy.write_bytes(path.read_bytes())
    database = without_waiting_for_the_disk(Database(f"sqlite:///{copy}"))
    yield Store(database, MASTER, Clock()), cases
    database.close()


def work_on(store: Store, clock: Clock) -> list[str]:
    cases = sorted(opened(store) for _ in range(4))
    seal(store.database, MASTER, clock())
    with store.database.transaction() as session:
        rotate_key(session, MASTER, clock(), actor="Ada Admin")
    for case_id in cases[:3]:
        with store.case_file(case_id) as file:
            file.ledger.append("StepDone", matches=3)
            file.ledger.append("CaseAnswered")
    clock.pass_time(DAY)
    seal(store.database, MASTER, clock())
    purge(store, cases[3], clock)
    clock.pass_time(DAY)
    seal(store.database, MASTER, clock())
    with store.case_file(cases[0]) as file:
        file.ledger.append("LetterSent")
    return cases


def purge(store: Store, case_id: str, clock: Clock) -> None:
    with store.database.transaction() as session:
        head = head_of(session, case_id)
        details = {"case": case_id, "entries": head.number, "head": head.digest, "evidence_until": "2026-12-31"}
        append_own(session, clock(), "CasePurged", actor="rightsflow", details=details)
        row = session.get_one(ChainRow, case_id)
        row.purged_at = clock()
        session.flush()
        session.execute(text("DELETE FROM ledger WHERE chain = :c"), {"c": case_id})
        session.execute(text("DELETE FROM cases WHERE id = :c"), {"c": case_id})


def tamper(store: Store, *statements: str, **values: object) -> None:
    """As somebody with all rights at the database does."""
    with store.database.transaction() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            for (name,) in session.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                session.execute(text(f"DROP TRIGGER {name}"))
        for statement in statements:
            query = text(statement)
            session.execute(query, {name: value for name, value in values.items() if f":{name}" in statement})


def found(store: Store, published: tuple[Seal, ...] = ()) -> list[tuple[FaultKind, str]]:
    return [(fault.kind, fault.place) for fault in check_ledger(store.database, published)]


def test_a_ledger_that_nobody_touched_is_whole(store: Store, clock: Clock) -> None:
    cases = work_on(store, clock)
    assert list(check_ledger(store.database, published(store))) == []
    assert extent(store.database) == Extent(entries=1 + 6 + 3 + 1 + 2, chains=5, seals=3)
    assert cases


def test_an_empty_store_is_whole(store: Store) -> None:
    assert list(check_ledger(store.database)) == []


def published(store: Store) -> tuple[Seal, ...]:
    with store.database.transaction() as session:
        return tuple(all_seals(session))


def test_on_both_databases_a_changed_word_is_found(store: Store, clock: Clock) -> None:
    cases = work_on(store, clock)
    tamper(store, "UPDATE ledger SET body = replace(body, 'StepDone', 'StepGone') WHERE chain = :c", c=cases[1])
    assert found(store) == [(FaultKind.ALTERED, f"entry 2 of {cases[1]}")]


LAST = "DELETE FROM ledger WHERE chain = :b AND number = 3"
A, R, X, O = FaultKind.ALTERED, FaultKind.REMOVED, FaultKind.ADDED, FaultKind.REORDERED  # noqa: E741
CHANGES: list[tuple[list[str], set[tuple[FaultKind, str]]]] = [
    (["UPDATE ledger SET digest = 'x' WHERE chain = :b AND number = 1"], {(A, "entry 1 of {b}")}),
    (["DELETE FROM ledger WHERE chain = :b AND number = 2"], {(R, "entry 2 of {b}")}),
    ([LAST], {(R, "entry 3 of {b}")}),
    # The last entry with the head put back: only the seal knows.
    (
        [LAST, ("UPDATE chains SET (number, digest) = (SELECT number, digest FROM ledger l WHERE l.chain = :b AND "
         "l.number = 2) WHERE chain = :b")],
        {(R, "entry 3 of {b}")},
    ),
    (["UPDATE ledger SET number = 9 - number WHERE chain = :b AND number > 1"], {(O, "entry 6 of {b}")}),
    (["UPDATE ledger SET chain = :b, number = 4 WHERE chain = :a AND number = 4"], {(X, "entry 4 of {b}")}),
    (["UPDATE chains SET digest = 'x' WHERE chain = :b"], {(A, "entry 3 of {b}")}),
    (["UPDATE chains SET number = 2 WHERE chain = :b"], {(X, "entry 3 of {b}")}),
    (["DELETE FROM chains WHERE chain = :b"], {(R, "head of {b}"), (R, "chain {b}")}),
    (["DELETE FROM ledger WHERE chain = :b", "DELETE FROM chains WHERE chain = :b"], {(R, "chain {b}")}),
    (
        ["DELETE FROM ledger WHERE chain = :b", "DELETE FROM chains WHERE chain = :b",
         "DELETE FROM cases WHERE id = :b"],
        {(R, "entry 3 of {b}"), (R, "entry 1 of {b}")},
    ),
    # All of a case, its proofs too.
    (
        ["DELETE FROM ledger WHERE chain = :b", "DELETE FROM chains WHERE chain = :b",
         "DELETE FROM cases WHERE id = :b", "DELETE FROM seal_proofs WHERE chain = :b"],
        {(R, "seal 3")},
    ),
    (["DELETE FROM ledger WHERE chain = :b", "UPDATE chains SET purged_at = '2026-11-24 00:00:00' WHERE chain = :b"],
     {(R, "chain {b}")}),
    (["UPDATE chains SET purged_at = NULL WHERE chain = :d"], {(A, "chain {d}"), (R, "entry 1 of {d}")}),
    (["UPDATE chains SET purged_at = '2026-01-01 00:00:00' WHERE chain = :d"], {(A, "chain {d}")}),
    (["UPDATE chains SET digest = 'x' WHERE chain = :d"], {(A, "chain {d}"), (A, "entry 1 of {d}")}),
    (["INSERT INTO ledger (chain, number, body, digest) VALUES (:d, 1, '{}', 'x')"], {(X, "chain {d}")}),
    (["UPDATE seals SET body = replace(body, 'chains', 'chainz') WHERE number = 2"], {(A, "seal 2")}),
    (["UPDATE seals SET digest = 'x' WHERE number = 2"], {(A, "seal 2"), (A, "seal 3")}),
    (["DELETE FROM seals WHERE number = 2"], {(R, "seal 2")}),
    (["DELETE FROM seals WHERE number = 3"], {(R, "seal 3")}),
    (["DELETE FROM seals"], {(R, "seals 1 to 3")}),
    (["UPDATE seals SET signatures = '{}' WHERE number = 1"], {(R, "seal 1")}),
    (["UPDATE seals SET number = number + 1 WHERE number = 3"], {(R, "seal 3"), (O, "seal 4")}),
    (["UPDATE vault_keys SET public = replace(public, substr(public, 1, 4), '0000') WHERE name = 'seal/1'"],
     {(A, "seal 1"), (A, "seal 2"), (A, "seal 3")}),
    (["UPDATE seal_proofs SET digest = 'x' WHERE chain = :b AND seal = 2"],
     {(A, "proof of {b} in seal 2"), (A, "entry 3 of {b}")}),
    (["UPDATE seal_proofs SET position = position + 1 WHERE chain = :a AND seal = 1"],
     {(A, "proof of {a} in seal 1")}),
    (["UPDATE seal_proofs SET path = '[]' WHERE chain = :c AND seal = 2"], {(A, "proof of {c} in seal 2")}),
    (["DELETE FROM seal_proofs WHERE chain = :b AND seal = 2"], {(R, "seal 3")}),
    (["DELETE FROM seal_proofs WHERE chain = :d"], {(R, "seal 3")}),
]  # fmt: skip


@pytest.mark.parametrize(("statements", "faults"), CHANGES, ids=[str(number) for number in range(len(CHANGES))])
def test_what_somebody_with_all_rights_does_is_found(
    lived_in: tuple[Store, list[str]], statements: list[str], faults: set[tuple[FaultKind, str]]
) -> None:
    store, cases = lived_in
    names = dict(zip("abcd", cases, strict=True))
    tamper(store, *statements, **names)
    seen = set(found(store))
    assert {(kind, place.format(**names)) for kind, place in faults} <= seen
    elsewhere = {place for _, place in seen if not any(name in place for name in (*cases, "seal", OWN_CHAIN))}
    assert not elsewhere


def test_a_new_past_made_whole_is_shown_by_the_published_seals(lived_in: tuple[Store, list[str]]) -> None:
    """All seals are made anew, with the right keys, over a ledger without one case."""
    store, cases = lived_in
    kept = published(store)
    gone = [f"DELETE FROM {table}" for table in ("seals", "seal_proofs", "publications")]
    of_case = [f"DELETE FROM {table} WHERE chain = :b" for table in ("ledger", "chains")]
    tamper(store, *gone, *of_case, "DELETE FROM cases WHERE id = :b", "UPDATE chains SET sealed_number = 0", b=cases[1])
    for _ in range(2):
        seal(store.database, MASTER, store.now() + 3 * DAY)
    assert found(store) == [], "by itself it looks whole"
    assert found(store, kept) == [(A, "seal 1"), (A, "seal 2"), (R, "seal 3")]


def test_published_seals_with_a_gap_are_said_to_have_one(lived_in: tuple[Store, list[str]]) -> None:
    store, _ = lived_in
    one, _, three = published(store)
    (fault,) = check_ledger(store.database, (one, three))
    assert fault == Fault(R, "published seal 2", "Seal 2 is missing from the published ones.")
    assert found(store, (three,)) == [], "they need not begin with the first"


def test_a_seal_that_went_to_a_place_and_is_gone_is_missed(lived_in: tuple[Store, list[str]]) -> None:
    store, _ = lived_in
    note_published(store.database, "file:/here", 3, store.now())
    tamper(store, "DELETE FROM seals WHERE number = 3", "DELETE FROM seal_proofs WHERE seal = 3")
    assert (R, "seal 3") in found(store)


def test_a_purge_that_the_ledger_tells_otherwise_is_found(lived_in: tuple[Store, list[str]]) -> None:
    store, cases = lived_in
    with store.database.transaction() as session:
        details = {"case": cases[2], "entries": 3, "head": "x", "evidence_until": date(2026, 12, 31).isoformat()}
        append_own(session, store.now(), "CasePurged", actor="rightsflow", details=details)
        number = head_of(session, OWN_CHAIN).number
    (fault,) = check_ledger(store.database)
    assert fault.text == (f"{cases[2]} is not noted as purged, though entry {number} of LEDGER says that it was.")
    with store.database.transaction() as session:
        assert session.scalar(select(ChainRow.purged_at).where(ChainRow.chain == cases[2])) is None
