"""A case store that was really worked with, and changes to its ledger's rows, heads, values and cases."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

from proofs.tampering.changes import Change, flipped_letter
from rightsflow.app import current_app
from rightsflow.audit.ledger import START, Link, link, read_entry
from rightsflow.audit.ledger.chain import digest_of
from rightsflow.audit.ledger.seals import Seal, read_seal
from rightsflow.audit.signing import SigningKey
from rightsflow.cases.course.evidence.bundle import export_evidence
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.facts.overview.personal_data import reveal
from rightsflow.store.core.case_ledger import OWN_CHAIN
from rightsflow.store.proofs.ledger_check import check_ledger
from rightsflow.store.proofs.seals import all_seals, seal
from rightsflow.store.proofs.signing_keys import rotate_key
from tests.support.bench import Bench, running_bench
from tests.support.purges import purge
from tests.support.steps import approved, carry_out

FOREIGN = SigningKey(b"\x07" * 32)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Original:
    """A store that no one has touched yet, its triggers dropped."""

    content: bytes
    seals: tuple[Seal, ...]
    chains: dict[str, list[Link]]
    covered: dict[str, int]
    purged: str


Maker = Callable[[Original, sqlite3.Connection, Random], Change]


def original(folder: Path) -> tuple[Original, bytes, str]:
    """Make the store of an erasure case from request to answer, with another case, a purged one, and two keys.

    Beside it, the evidence bundle of that case as it was before the last entries, and the first of the keys.
    """
    path = folder / "cases.db"
    with running_bench(folder) as bench:
        case_id = approved(bench)
        _seal(bench)
        bench.pass_time(_DAY)
        with bench.runtime.store.database.transaction() as session:
            rotate_key(session, bench.runtime.store.master, bench.runtime.now(), actor="Ada Admin")
        carry_out(case_id)
        gone = bench.open("access", email="boris.other@example.org")
        _seal(bench)
        bench.pass_time(_DAY)
        write_answer(current_app(), case_id)
        bench.open("access")
        purge(bench.runtime.store, gone, bench.runtime.now)
        _seal(bench)
        bundle = export_evidence(current_app(), case_id, by="Aud Itor", seal_first=False)
        reveal(current_app(), case_id, by="Ida", reason="why")
        with bench.runtime.store.database.transaction() as session:
            seals = tuple(all_seals(session))
        assert list(check_ledger(bench.runtime.store.database, seals)) == []
    with closing(sqlite3.connect(path)) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.commit()
        database.execute("PRAGMA journal_mode = DELETE")
        rows = database.execute("SELECT chain, number, body, digest FROM ledger ORDER BY chain, number").fetchall()
        covered = dict(database.execute("SELECT chain, max(number) FROM seal_proofs GROUP BY chain").fetchall())
    chains: dict[str, list[Link]] = {}
    for chain, number, body, digest in rows:
        chains.setdefault(chain, []).append(Link(number, body, digest))
    key = read_seal(seals[0].body).keys["seal/1"]
    return Original(path.read_bytes(), seals, chains, covered, gone), bundle.content, key


def _seal(bench: Bench) -> None:
    store = bench.runtime.store
    assert seal(store.database, store.master, bench.runtime.now()) is not None


PARTS = (("decisions", "gate"), ("letters", "template_id"), ("case_tasks", "number"), ("instructions", "number"))
"""The tables of what the ledger names, each with the column by which it does."""


def _an_entry(held: Original, chance: Random) -> tuple[str, Link]:
    chain = chance.choice(sorted(held.chains))
    return chain, chance.choice(held.chains[chain])


def _called(chain: str, number: int) -> tuple[str, ...]:
    return (f"entry {number} of {chain}", f"entries {number} to")


def flip_entry(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    """Change a column of an entry."""
    chain, one = _an_entry(held, chance)
    column = chance.choice(["body", "body", "digest", "number", "chain"])
    last = held.chains[chain][-1].number
    value: str | int = last + chance.randrange(1, 9)
    if column == "chain":
        value = flipped_letter(chain, chance.randrange(len(chain)), chance)
    elif column != "number":
        text = getattr(one, column)
        value = flipped_letter(text, chance.randrange(len(text)), chance)
    where = "WHERE chain = ? AND number = ?"
    database.execute(f"UPDATE ledger SET {column} = ? {where}", (value, chain, one.number))
    return Change("flip", "ledger", _called(chain, one.number))


def delete_entry(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    chain, one = _an_entry(held, chance)
    database.execute("DELETE FROM ledger WHERE chain = ? AND number = ?", (chain, one.number))
    return Change("delete", "ledger", _called(chain, one.number))


def swap_entries(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    chain, one = _an_entry(held, chance)
    other_chain, other = _an_entry(held, chance)
    if one == other:
        return swap_entries(held, database, chance)
    update = "UPDATE ledger SET body = ?, digest = ? WHERE chain = ? AND number = ?"
    database.execute(update, (other.body, other.digest, chain, one.number))
    database.execute(update, (one.body, one.digest, other_chain, other.number))
    return Change("swap", "ledger", (*_called(chain, one.number), *_called(other_chain, other.number)))


def swap_places(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    chain = chance.choice([one for one, links in held.chains.items() if len(links) > 1])
    one, other = chance.sample(held.chains[chain], 2)
    update = "UPDATE ledger SET number = ? WHERE chain = ? AND number = ?"
    for new, old in ((-1, one.number), (one.number, other.number), (other.number, -1)):
        database.execute(update, (new, chain, old))
    return Change("swap places", "ledger", (*_called(chain, one.number), *_called(chain, other.number)))


def duplicate_entry(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    _, one = _an_entry(held, chance)
    target, _ = _an_entry(held, chance)
    number = held.chains[target][-1].number + 1
    _insert(database, target, Link(number, one.body, one.digest), with_head=chance.random() < 0.5)
    return Change("duplicate", "ledger", _called(target, number))


def insert_entry(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    """Insert an entry after the last one, or fill a gap with another one, with its right hash."""
    chain, one = _an_entry(held, chance)
    entry = read_entry(one.body)
    details = {**entry.details, "forged": True}
    made_with = dict(entry.made_with)
    forged = link(one.head, chain, entry.event, at=entry.at, actor="Eve", details=details, made_with=made_with)
    number = forged.number
    last = held.chains[chain][-1].number
    for moved in range(last, number - 1, -1):
        database.execute("UPDATE ledger SET number = ? WHERE chain = ? AND number = ?", (moved + 1, chain, moved))
    with_head = chance.random() < 0.5 and number <= last
    _insert(database, chain, forged, with_head=False)
    if with_head:
        database.execute("UPDATE chains SET number = number + 1 WHERE chain = ?", (chain,))
    return Change("insert", "ledger", (*_called(chain, number), *_called(chain, number + 1)))


def truncate_chain(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    chain, one = _an_entry(held, chance)
    database.execute("DELETE FROM ledger WHERE chain = ? AND number >= ?", (chain, one.number))
    if one.number <= held.covered.get(chain, 0) and chance.random() < 0.5:
        before = held.chains[chain][one.number - 2].head if one.number > 1 else START
        database.execute(
            "UPDATE chains SET number = ?, digest = ? WHERE chain = ?", (before.number, before.digest, chain)
        )
        return Change("truncate with its head", "ledger", (f"of {chain}",))
    return Change("truncate", "ledger", _called(chain, one.number))


def rewrite_chain(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    """Rewrite a chain with all hashes and its head: only the seals show it."""
    chain, one = _an_entry(held, chance)
    if one.number > held.covered.get(chain, 0):
        return rewrite_chain(held, database, chance)
    head = held.chains[chain][one.number - 2].head if one.number > 1 else START
    for old in held.chains[chain][one.number - 1 :]:
        entry = read_entry(old.body)
        actor = "Eve" if old.number == one.number else entry.actor
        made = link(
            head, chain, entry.event, at=entry.at, actor=actor, details=entry.details, made_with=entry.made_with
        )
        _update(database, chain, made)
        head = made.head
    database.execute("UPDATE chains SET digest = ? WHERE chain = ?", (head.digest, chain))
    return Change("rewrite with all hashes", "ledger", (f"of {chain}",))


def change_head(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    """Change, remove, insert or exchange the head of a chain."""
    chain, _ = _an_entry(held, chance)
    kind = chance.choice(["flip", "delete", "insert", "swap", "purge"])
    names: tuple[str, ...] = (f"of {chain}", f"chain {chain}")
    last = held.chains[chain][-1]
    if kind == "flip" and chance.random() < 0.5:
        number = last.number + chance.choice([-1, 1])
        database.execute("UPDATE chains SET number = ? WHERE chain = ?", (number, chain))
    elif kind == "flip":
        digest = flipped_letter(last.digest, chance.randrange(64), chance)
        database.execute("UPDATE chains SET digest = ? WHERE chain = ?", (digest, chain))
    elif kind == "delete":
        database.execute("DELETE FROM chains WHERE chain = ?", (chain,))
    elif kind == "insert":
        row = ("DSR-2026-FORGED", chance.randrange(1, 9), "0" * 64)
        database.execute("INSERT INTO chains (chain, number, digest) VALUES (?, ?, ?)", row)
        names = ("DSR-2026-FORGED",)
    elif kind == "swap":
        other = chance.choice([one for one in sorted(held.chains) if one != chain])
        swapped = ((last, other), (held.chains[other][-1], chain))
        for head, where in swapped:
            database.execute(
                "UPDATE chains SET number = ?, digest = ? WHERE chain = ?", (head.number, head.digest, where)
            )
    else:
        database.execute("UPDATE chains SET purged_at = '2026-11-24 09:00:00' WHERE chain = ?", (chain,))
        database.execute("DELETE FROM ledger WHERE chain = ?", (chain,))
    return Change(kind, "chains", names)


def unpurge(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    column = chance.choice(["purged_at = NULL", "digest = ?", "number = number + 1"])
    values = (chance.randbytes(32).hex(),) if "?" in column else ()
    database.execute(f"UPDATE chains SET {column} WHERE chain = ?", (*values, held.purged))
    return Change("change what was purged", "chains", (held.purged,))


def remove_case(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    chain = chance.choice([one for one in sorted(held.covered) if one != OWN_CHAIN])
    for table in ("ledger", "chains", "seal_proofs"):
        database.execute(f"DELETE FROM {table} WHERE chain = ?", (chain,))
    database.execute("DELETE FROM cases WHERE id = ?", (chain,))
    return Change("delete a case whole", "chains", (f"chain of {chain}",))


def forget_case(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    chain = chance.choice([one for one in sorted(held.chains) if one != OWN_CHAIN])
    with_parts = chance.random() < 0.5
    database.execute(f"PRAGMA foreign_keys = {int(with_parts)}")
    database.execute("DELETE FROM cases WHERE id = ?", (chain,))
    return Change(f"delete a case's row{' and parts' if with_parts else ''}", "cases", (f"case {chain}",))


def delete_part(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    table, column = chance.choice(PARTS)
    found = database.execute(f"SELECT case_id, {column} FROM {table} ORDER BY id").fetchall()
    if not found:
        return delete_part(held, database, chance)
    case_id, key = chance.choice(found)
    database.execute(f"DELETE FROM {table} WHERE case_id = ? AND {column} = ?", (case_id, key))
    return Change("delete", table, (f"{key} of {case_id}",))


def _insert(database: sqlite3.Connection, chain: str, one: Link, *, with_head: bool) -> None:
    values = (chain, one.number, one.body, one.digest)
    database.execute("INSERT INTO ledger (chain, number, body, digest) VALUES (?, ?, ?, ?)", values)
    if with_head:
        database.execute("UPDATE chains SET number = ?, digest = ? WHERE chain = ?", (one.number, one.digest, chain))


def _update(database: sqlite3.Connection, chain: str, one: Link) -> None:
    values = (one.body, digest_of(one.body), chain, one.number)
    database.execute("UPDATE ledger SET body = ?, digest = ? WHERE chain = ? AND number = ?", values)


_VALUES = {
    "bytes": ("?", b"\x00\xff\x07"), "no UTF-8": ("CAST(? AS TEXT)", b"caf\xe9 \xf0\x28"), "words": ("?", "many words"),
    "a fraction": ("?", 2.5), "no JSON": ("?", '{"seal/1": ['), "other JSON": ("?", '[{"a": null}, 1e99]'),
    "deep JSON": ("?", "[" * 20_000),
}  # fmt: skip
_COLUMNS = {
    "ledger": ("chain", "number", "body", "digest"),
    "chains": ("chain", "number", "digest", "sealed_number", "purged_at"),
    # Its number is the row's own, which SQLite keeps a number.
    "seals": ("body", "digest", "signatures"),
    "seal_proofs": ("chain", "seal", "number", "digest", "position", "path"),
    "vault_keys": ("name", "public", "created_at", "retired_at"),
}
_NAMED_BY = {"ledger": "chain", "chains": "chain", "seals": "number", "seal_proofs": "chain", "vault_keys": "name"}


def change_kind(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    """Store a value that its column should not hold; SQLite takes any."""
    table = chance.choice(sorted(_COLUMNS))
    column, (put, value) = chance.choice(_COLUMNS[table]), _VALUES[chance.choice(sorted(_VALUES))]
    if column in {"number", "seal", "position", "sealed_number"} and isinstance(value, bytes) and "CAST" not in put:
        value = chance.randbytes(5)
    only = "WHERE name LIKE 'seal/%'" if table == "vault_keys" else ""
    rows = database.execute(f"SELECT rowid, {_NAMED_BY[table]} FROM {table} {only} ORDER BY rowid").fetchall()
    row, name = chance.choice(rows)
    if table in {"seals", "seal_proofs"} and chance.random() < 0.5:
        column = _COLUMNS[table][-1]
    database.execute(f"UPDATE {table} SET {column} = {put} WHERE rowid = ?", (value, row))
    shown = {"seals": f"seal {name}", "vault_keys": f"key {name}"}.get(table, str(name))
    # Where what names it is changed itself, the new name is called, or what is missing now.
    names = [shown, f"seals {name}"]
    if column == _NAMED_BY[table]:
        names += [f"{column} where", "is missing", "are missing"]
    return Change("value of another kind", table, tuple(names))


OF_ROWS: tuple[tuple[int, Maker], ...] = (
    (4, flip_entry), (2, delete_entry), (2, swap_entries), (2, swap_places), (2, duplicate_entry),
    (2, insert_entry), (2, truncate_chain), (3, rewrite_chain), (3, change_head), (1, unpurge), (4, change_kind),
    (1, remove_case), (2, forget_case), (2, delete_part),
)  # fmt: skip
"""The changes, with how often each is made."""
