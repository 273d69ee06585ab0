"""The whole ledger checked: whatever a person with all rights at the database does to it is found and named."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import date

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.orm import Session

from rightsflow.audit.ledger import START, Fault, FaultKind, link, read_entry
from rightsflow.audit.ledger.chain import digest_of
from rightsflow.audit.ledger.seals import Seal
from rightsflow.store import Database, Store
from rightsflow.store.core.case_ledger import OWN_CHAIN, append_own, links_of, row_of
from rightsflow.store.core.chain_ends import head_of
from rightsflow.store.proofs.ledger_check import Extent, check_ledger, extent
from rightsflow.store.proofs.sealing import note_published
from rightsflow.store.proofs.seals import SealingActs, all_seals, seal
from rightsflow.store.proofs.signing_keys import rotate_key
from rightsflow.store.tables import ChainRow, LedgerRow
from rightsflow.vault import MasterKey
from tests.support.casework import SECRET, Clock, opened
from tests.support.purges import DAY, purge
from tests.support.stores import set_up, share_statements, without_waiting_for_the_disk

MASTER = MasterKey(SECRET)


@pytest.fixture(scope="module")
def worked_on(tmp_path_factory):
    """A store with four cases, one of them purged, three seals and two keys: the file, and the cases' ids."""
    path, clock = tmp_path_factory.mktemp("worked_on") / "cases.db", Clock()
    database = without_waiting_for_the_disk(Database(f"sqlite:///{path}"))
    set_up(database)
    cases = work_on(Store(database, MASTER, clock), clock)
    # The last connection leaves everything in the one file.
    database.close()
    return path, cases


@pytest.fixture
def lived_in(worked_on, tmp_path):
    """A copy of it."""
    path, cases = worked_on
    copy = tmp_path / "cases.db"
    copy.write_bytes(path.read_bytes())
    database = share_statements(without_waiting_for_the_disk(Database(f"sqlite:///{copy}")))
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


def tamper(store: Store, *statements: str, **values: object) -> None:
    """As a person with all rights at the database does."""
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


@pytest.mark.apart
def test_a_ledger_that_nobody_touched_is_whole_and_a_changed_word_is_found_on_both_databases(store, clock):
    assert list(check_ledger(store.database)) == []

    cases = work_on(store, clock)
    assert list(check_ledger(store.database, published(store))) == []
    assert extent(store.database) == Extent(entries=1 + 1 + 6 + 3 + 1 + 2, chains=5, seals=3)
    assert cases

    tamper(store, "UPDATE ledger SET body = replace(body, 'StepDone', 'StepGone') WHERE chain = :c", c=cases[1])
    assert found(store) == [(FaultKind.ALTERED, f"entry 2 of {cases[1]}")]


def published(store: Store) -> tuple[Seal, ...]:
    with store.database.transaction() as session:
        return tuple(all_seals(session))


def triggers(store: Store) -> list[str]:
    with store.database.transaction() as session:
        return list(session.scalars(text("SELECT sql FROM sqlite_master WHERE type = 'trigger'")))


def forge_own_chain(session: Session, old: str, new: str) -> None:
    """Write the ledger's own chain anew with another case in one's place, all hashes right."""
    head = START
    for entry in [read_entry(one.body) for one in links_of(session, OWN_CHAIN)]:
        details = json.loads(json.dumps(entry.details).replace(old, new))
        made = link(
            head, OWN_CHAIN, entry.event, at=entry.at, actor=entry.actor, details=details, made_with=entry.made_with
        )
        row = {"n": made.number, "body": made.body, "digest": made.digest}
        session.execute(
            text("UPDATE ledger SET body = :body, digest = :digest WHERE chain = 'LEDGER' AND number = :n"), row
        )
        head = made.head
    session.execute(text("UPDATE chains SET digest = :d WHERE chain = 'LEDGER'"), {"d": head.digest})


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
    # The case alone, with the rows that the database takes away with it.
    (["DELETE FROM cases WHERE id = :b"], {(R, "case {b}")}),
    (["UPDATE chains SET purged_at = '2026-11-24 00:00:00' WHERE chain = :b"],
     {(X, "chain {b}"), (R, "chain {b}"), (X, "case {b}")}),
    # All of a case, its proofs too.
    (
        ["DELETE FROM ledger WHERE chain = :b", "DELETE FROM chains WHERE chain = :b",
         "DELETE FROM cases WHERE id = :b", "DELETE FROM seal_proofs WHERE chain = :b"],
        {(R, "seal 1"), (R, "seal 2"), (R, "seal 3"), (R, "chain {b}")},
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
    (["DELETE FROM seal_proofs WHERE chain = :b AND seal = 2"], {(R, "seal 2"), (R, "seal 3"), (A, "chain {b}")}),
    (["DELETE FROM seal_proofs WHERE chain = :d"], {(R, "seal 1"), (R, "seal 3"), (A, "chain {d}")}),
    # One that a later one stands for.
    (["DELETE FROM seal_proofs WHERE chain = :b AND seal = 1"], {(R, "seal 1")}),
    ([("INSERT INTO seal_proofs (chain, seal, number, digest, position, path) SELECT chain, 3, number, digest, "
       "position, path FROM seal_proofs WHERE chain = :b AND seal = 2")], {(X, "seal 3")}),
    (["UPDATE vault_keys SET public = replace(public, substr(public, 1, 4), '0000') WHERE name = 'seal/2'"],
     {(A, "key seal/2")}),
    (["UPDATE vault_keys SET created_at = '2026-11-24 09:00:01' WHERE name = 'seal/2'"], {(A, "key seal/2")}),
    (["UPDATE vault_keys SET retired_at = '2026-11-24 09:00:01' WHERE name = 'seal/2'"], {(A, "key seal/2")}),
    (["DELETE FROM vault_keys WHERE name = 'seal/2'"], {(R, "key seal/2")}),
    (["UPDATE vault_keys SET name = 'seal/x' WHERE name = 'seal/2'"], {(R, "key seal/2"), (X, "key seal/x")}),
    (["UPDATE chains SET sealed_number = 4 WHERE chain = :b"], {(A, "chain {b}")}),
    (["UPDATE chains SET sealed_number = 2 WHERE chain = :b"], {(A, "chain {b}")}),
    (["UPDATE chains SET sealed_number = 1 WHERE chain = :b"], {(A, "chain {b}")}),
    (["UPDATE chains SET sealed_number = 0 WHERE chain = :d"], {(A, "chain {d}")}),
    # With all hashes right, as a person with all rights could write them.
    (["UPDATE chains SET number = 0, digest = :zeros WHERE chain = 'LEDGER'",
      "DELETE FROM ledger WHERE chain = 'LEDGER'"],
     {(R, "entry 2 of LEDGER"), (X, "key seal/1"), (X, "key seal/2"), (R, "chain {d}")}),
]  # fmt: skip


@pytest.mark.parametrize(("statements", "faults"), CHANGES, ids=[str(number) for number in range(len(CHANGES))])
def test_what_somebody_with_all_rights_does_is_found(lived_in, statements, faults):
    store, cases = lived_in
    names = dict(zip("abcd", cases, strict=True))
    tamper(store, *statements, **names, zeros="0" * 64)
    seen = set(found(store))
    assert {(kind, place.format(**names)) for kind, place in faults} <= seen
    elsewhere = {place for _, place in seen if not any(name in place for name in (*cases, "seal", OWN_CHAIN))}
    assert not elsewhere


def test_a_new_past_made_whole_is_shown_by_the_published_seals(lived_in):
    """All seals are made anew, with the right keys, over a ledger without one case that is not listed either."""
    store, cases = lived_in
    kept, guards = published(store), triggers(store)
    gone = [f"DELETE FROM {table}" for table in ("seals", "seal_proofs", "publications")]
    of_case = [f"DELETE FROM {table} WHERE chain = :b" for table in ("ledger", "chains")]
    tamper(store, *gone, *of_case, "DELETE FROM cases WHERE id = :b", "UPDATE chains SET sealed_number = 0", b=cases[1])
    with store.database.transaction() as session:
        forge_own_chain(session, cases[1], cases[0])
        for guard in guards:
            session.execute(text(guard))
    for _ in range(2):
        seal(store.database, MASTER, store.now() + 3 * DAY)
    assert found(store) == [], "by itself it looks whole"
    assert found(store, kept) == [(A, "seal 1"), (A, "seal 2"), (R, "seal 3")]


def test_published_seals_with_a_gap_and_those_that_are_gone_are_missed(lived_in):
    store, _ = lived_in
    one, _, three = published(store)
    (fault,) = check_ledger(store.database, (one, three))
    assert fault == Fault(R, "published seal 2", "Seal 2 is missing from the published ones.")
    assert found(store, (three,)) == [], "they need not begin with the first"

    note_published(store.database, "file:/here", 3, store.now())
    tamper(store, "DELETE FROM seals WHERE number = 3", "DELETE FROM seal_proofs WHERE seal = 3")
    assert (R, "seal 3") in found(store)

    gone = [f"DELETE FROM {table}" for table in ("seals", "seal_proofs", "publications")]
    tamper(store, *gone, "UPDATE chains SET sealed_number = 0")
    assert (R, "seals") in found(store)


def test_a_purge_that_the_ledger_tells_otherwise_is_found(lived_in):
    store, cases = lived_in
    with store.database.transaction() as session:
        details = {"case": cases[2], "entries": 3, "head": "x", "evidence_until": date(2026, 12, 31).isoformat()}
        append_own(session, store.now() + 9 * DAY, "CasePurged", actor="rightsflow", details=details)
        number = head_of(session, OWN_CHAIN).number
    (fault,) = check_ledger(store.database)
    assert fault.text == (f"{cases[2]} is not noted as purged, though entry {number} of LEDGER says that it was.")
    with store.database.transaction() as session:
        assert session.scalar(select(ChainRow.purged_at).where(ChainRow.chain == cases[2])) is None


KINDS: list[tuple[str, str, set[str]]] = [
    ("ledger", "body = x'00ff' WHERE chain = :b AND number = 2", {"entry 2 of {b}"}),
    ("ledger", "number = 'many' WHERE chain = :b AND number = 2", {"entry many of {b}"}),
    ("ledger", "number = 2.5 WHERE chain = :b AND number = 2", {"entry 2.5 of {b}"}),
    ("ledger", "body = CAST(x'636166e9' AS TEXT) WHERE chain = :b AND number = 2", {"entry 2 of {b}"}),
    ("ledger", "digest = CAST(x'ff' AS TEXT) WHERE chain = :b AND number = 2", {"entry 2 of {b}"}),
    ("ledger", r"chain = CAST(x'ff' AS TEXT) WHERE chain = :b AND number = 2", {r"head of \xff", "entry 2 of {b}"}),
    ("chains", "chain = x'ff' WHERE chain = :b", {r"chain b'\xff'"}),
    ("chains", "sealed_number = 'none' WHERE chain = :b", {"chain {b}"}),
    ("chains", "purged_at = 'yesterday' WHERE chain = :d", {"chain {d}"}),
    ("chains", "purged_at = '0001-01-01 00:00:00+23:59' WHERE chain = :d", {"chain {d}"}),
    ("seals", "body = x'00' WHERE number = 2", {"seal 2"}),
    ("seals", "signatures = '{\"' WHERE number = 2", {"seal 2"}),
    ("seals", "signatures = x'ff00' WHERE number = 2", {"seal 2"}),
    ("seals", "signatures = '[1, null]' WHERE number = 2", {"seal 2"}),
    ("seals", "signatures = 7 WHERE number = 2", {"seal 2"}),
    ("seal_proofs", "path = '[' WHERE chain = :b AND seal = 2", {"proof of {b} in seal 2"}),
    ("seal_proofs", "path = '[7, null]' WHERE chain = :b AND seal = 2", {"proof of {b} in seal 2"}),
    ("seal_proofs", "path = CAST(x'5b22ff225d' AS TEXT) WHERE chain = :b AND seal = 2", {"proof of {b} in seal 2"}),
    ("seal_proofs", "position = 'first' WHERE chain = :b AND seal = 2", {"proof of {b} in seal 2"}),
    ("seal_proofs", "seal = 'two' WHERE chain = :b AND seal = 2", {"proof of {b} in seal two"}),
    ("vault_keys", "public = x'01' WHERE name = 'seal/2'", {"key seal/2"}),
    ("vault_keys", "retired_at = 'never' WHERE name = 'seal/2'", {"key seal/2"}),
    ("publications", "seal = 'last'", {"publication of seal last"}),
]


@pytest.mark.parametrize(("table", "change", "places"), KINDS, ids=[str(number) for number in range(len(KINDS))])
def test_values_of_another_kind_are_named(lived_in, tmp_path, table, change, places):
    """SQLite keeps whatever it is given."""
    store, cases = lived_in
    note_published(store.database, "file:/here", 3, store.now())
    names = dict(zip("abcd", cases, strict=True))
    with closing(sqlite3.connect(tmp_path / "cases.db")) as database, database:
        database.execute(f"DROP TRIGGER IF EXISTS {table}_unchanged")
        database.execute(f"UPDATE {table} SET {change}", names)
    assert {place.format(**names) for place in places} <= {place for _, place in found(store)}
    other = Seal(2, "", "", {})
    assert all(fault.text.encode() for fault in check_ledger(store.database, (other,)))


def test_what_another_kind_of_value_is_and_what_belongs_there_is_said(lived_in):
    store, cases = lived_in
    tamper(store, "UPDATE ledger SET number = 'many' WHERE chain = :b AND number = 2", b=cases[1])
    (fault,) = check_ledger(store.database)
    assert fault.text == (
        f"Entry many of {cases[1]} has a text in number where a number belongs; nothing further was checked."
    )


def test_an_entry_that_was_put_in_later_and_a_purge_before_its_time_are_found(lived_in):
    # With all triggers in place and the right hashes, but before the seals that do not cover it.
    store, cases = lived_in
    with store.database.transaction() as session:
        head = head_of(session, cases[1])
        made = link(
            head, cases[1], "LetterSent", at=store.now() - 300 * DAY, actor="Eve", details={}, made_with={"code": "1"}
        )
        session.execute(insert(LedgerRow).values(row_of(cases[1], made)))
    assert (X, f"entry {made.number} of {cases[1]}") in found(store)

    with store.database.transaction() as session:
        head, now = head_of(session, cases[1]), store.now() + 9 * DAY
        details = {"case": cases[1], "entries": head.number, "head": head.digest, "evidence_until": "2029-12-31"}
        append_own(session, now, "CasePurged", actor="rightsflow", details=details)
        session.execute(update(ChainRow).where(ChainRow.chain == cases[1]).values(purged_at=now))
        session.execute(delete(LedgerRow).where(LedgerRow.chain == cases[1]))
    assert (R, f"chain {cases[1]}") in found(store)


@pytest.mark.apart
def test_what_the_own_chain_says_in_no_form_is_passed_over(lived_in):
    # Anyone who has all rights can write any entry with the right hashes, before the next seal.
    store, _ = lived_in
    for details in ("[1]", '{"cases":[1,null]}', '{"cases":"all"}', '{"case":[]}'):
        with store.database.transaction() as session:
            head = head_of(session, OWN_CHAIN)
        body = f'"chain":"LEDGER","details":{details},"event":"CasesListed","made_with":{{}},"number":{head.number + 1}'
        body = f'{{"actor":"Eve","at":"2026-12-24T09:00:00.000000+00:00",{body},"previous":"{head.digest}"}}'
        insert = "INSERT INTO ledger (chain, number, body, digest) VALUES ('LEDGER', :n, :body, :digest)"
        with store.database.transaction() as session:
            session.execute(text(insert), {"n": head.number + 1, "body": body, "digest": digest_of(body)})
        assert found(store) == []


@pytest.mark.apart
def test_notes_may_lag_behind_where_each_later_seal_proved_the_chain_again(store, clock):
    """As after a seal that was killed before it noted anything."""
    case_id = opened(store)
    killed = SealingActs(note=lambda *_: None)
    for _ in range(3):
        seal(store.database, MASTER, clock(), acts=killed)
        with store.case_file(case_id) as file:
            file.ledger.append("StepDone")
        clock.pass_time(DAY)
    assert found(store) == []
    tamper(store, "UPDATE chains SET sealed_number = 2 WHERE chain = :c", c=case_id)
    assert found(store) == []
    tamper(store, "UPDATE chains SET sealed_number = 4 WHERE chain = :c", c=case_id)
    assert found(store) == [(A, f"chain {case_id}")]


@pytest.mark.apart
def test_rows_of_a_case_that_is_gone_and_rows_that_the_ledger_names_are_missed(
    lived_in,
):
    store, (one, other, *_) = lived_in
    with store.case_file(one) as file:
        text = {"subject_line": "S", "body": "B", "variables_hash": ""}
        file.outbox.put(template_id="L1", version="1", language="en", **text)
        file.messages.put("Hello.", at=file.opened_at, by="Ben")
        file.messages.note("She wrote.", [], by="Ben")
    assert found(store) == []
    with closing(sqlite3.connect(str(store.database.engine.url.database))) as database, database:
        # As a person does it who has the file alone: what belongs to the case stays.
        database.execute("DELETE FROM cases WHERE id = ?", (other,))
        for table in ("letters", "messages"):
            database.execute(f"DELETE FROM {table} WHERE case_id = ?", (one,))
    gone = (f"case {other}", *(f"{what} of {one}" for what in ("letter L1", "message 1", "note 2")))
    assert found(store) == [(FaultKind.REMOVED, what) for what in gone]
    with closing(sqlite3.connect(str(store.database.engine.url.database))) as database, database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        for table in ("ledger", "chains", "seal_proofs"):
            database.execute(f"DELETE FROM {table} WHERE chain = ?", (other,))
    texts = [fault.text for fault in check_ledger(store.database)]
    assert f"The case {other} is missing, though rows of it are in identifiers." in texts


def test_others_write_while_a_ledger_is_checked(lived_in):
    """And what they write meanwhile does not tear what is read."""
    store, cases = lived_in
    tamper(store, "UPDATE ledger SET digest = 'x' WHERE chain = :b AND number = 1", b=cases[1])
    faults = check_ledger(store.database)
    first = next(faults)
    with store.case_file(cases[0]) as file:
        file.ledger.append("StepDone")
    assert {fault.place for fault in (first, *faults)} <= {f"entry {n} of {cases[1]}" for n in (1, 2)}
    with store.case_file(cases[0]) as file:
        assert [entry.event for entry in file.ledger.entries()][-1] == "StepDone"
