"""Changes to a case store: rows of its ledger, heads of its chains, its seals and their proofs, past the triggers."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from random import Random

from proofs.tampering.changes import Change, Table, flipped_letter, note
from proofs.tampering.forms import hex_otherwise
from rightsflow.audit.ledger import START, Link, link, read_entry
from rightsflow.audit.ledger.chain import digest_of
from rightsflow.audit.ledger.seals import Seal, make_seal, read_seal
from rightsflow.audit.signing import SigningKey
from rightsflow.cases.evidence.bundling import export_evidence
from rightsflow.cases.letters.answering import write_answer
from rightsflow.cases.reveal import reveal
from rightsflow.store import Database
from rightsflow.store.case.case_ledger import OWN_CHAIN
from rightsflow.store.proofs.ledger_check import check_ledger
from rightsflow.store.proofs.seals import all_seals, seal
from rightsflow.store.proofs.signing_keys import rotate_key
from tasks.composition import current_app
from tests.support.bench import Bench, running_bench
from tests.support.purges import purge
from tests.support.steps import approved, carry_out
from tests.support.stores import without_waiting_for_the_disk

FOREIGN = SigningKey(b"\x07" * 32)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Original:
    """A store that no one has touched yet, its triggers dropped.

    Args:
        content: Its file.
        seals: Its seals, as they were published.
        chains: By each chain that has entries, these.
        covered: By each chain, up to which entry a seal covers it.
        purged: The chain whose entries were let go.
    """

    content: bytes
    seals: tuple[Seal, ...]
    chains: dict[str, list[Link]]
    covered: dict[str, int]
    purged: str


def original(folder: Path) -> tuple[Original, bytes, str]:
    """The store of an erasure case from the request to the answer, with another case, a purged one, and two keys.

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


Maker = Callable[[Original, sqlite3.Connection, Random], Change]


def _an_entry(held: Original, chance: Random) -> tuple[str, Link]:
    chain = chance.choice(sorted(held.chains))
    return chain, chance.choice(held.chains[chain])


def _called(chain: str, number: int) -> tuple[str, ...]:
    return (f"entry {number} of {chain}", f"entries {number} to")


def flip_entry(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    """A column of an entry is another."""
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
    """An entry is gone."""
    chain, one = _an_entry(held, chance)
    database.execute("DELETE FROM ledger WHERE chain = ? AND number = ?", (chain, one.number))
    return Change("delete", "ledger", _called(chain, one.number))


def swap_entries(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    """Two entries have each other's contents."""
    chain, one = _an_entry(held, chance)
    other_chain, other = _an_entry(held, chance)
    if one == other:
        return swap_entries(held, database, chance)
    update = "UPDATE ledger SET body = ?, digest = ? WHERE chain = ? AND number = ?"
    database.execute(update, (other.body, other.digest, chain, one.number))
    database.execute(update, (one.body, one.digest, other_chain, other.number))
    return Change("swap", "ledger", (*_called(chain, one.number), *_called(other_chain, other.number)))


def swap_places(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    """Two entries of a chain have each other's numbers."""
    chain = chance.choice([one for one, links in held.chains.items() if len(links) > 1])
    one, other = chance.sample(held.chains[chain], 2)
    update = "UPDATE ledger SET number = ? WHERE chain = ? AND number = ?"
    for new, old in ((-1, one.number), (one.number, other.number), (other.number, -1)):
        database.execute(update, (new, chain, old))
    return Change("swap places", "ledger", (*_called(chain, one.number), *_called(chain, other.number)))


def duplicate_entry(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    """An entry is there once more, at the end of a chain."""
    _, one = _an_entry(held, chance)
    target, _ = _an_entry(held, chance)
    number = held.chains[target][-1].number + 1
    _insert(database, target, Link(number, one.body, one.digest), with_head=chance.random() < 0.5)
    return Change("duplicate", "ledger", _called(target, number))


def insert_entry(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    """One more after the last, or a gap that is filled with something else, with the right hash of itself."""
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
    """The last entries, and the head with them where a seal covers the cut."""
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
    """A person who computes all hashes and moves the head: only the seals stand against it."""
    chain, one = _an_entry(held, chance)
    if one.number > held.covered.get(chain, 0):
        return rewrite_chain(held, database, chance)
    head = held.chains[chain][one.number - 2].head if one.number > 1 else START
    for old in held.chains[chain][one.number - 1 :]:
        entry = read_entry(old.body)
        actor = "Eve" if old.number == one.number else entry.actor
        made = link(
            head,
            chain,
            entry.event,
            at=entry.at,
            actor=actor,
            details=entry.details,
            made_with=entry.made_with,
        )
        _update(database, chain, made)
        head = made.head
    database.execute("UPDATE chains SET digest = ? WHERE chain = ?", (head.digest, chain))
    return Change("rewrite with all hashes", "ledger", (f"of {chain}",))


def change_head(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    """The head of a chain is changed, gone, put in, or another's."""
    chain, _ = _an_entry(held, chance)
    kind = chance.choice(["flip", "delete", "insert", "swap", "purge"])
    names = (f"of {chain}", f"chain {chain}")
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
    """What is noted of a purged case is changed."""
    column = chance.choice(["purged_at = NULL", "digest = ?", "number = number + 1"])
    values = (chance.randbytes(32).hex(),) if "?" in column else ()
    database.execute(f"UPDATE chains SET {column} WHERE chain = ?", (*values, held.purged))
    return Change("change what was purged", "chains", (held.purged,))


def flip_seal(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    """A column of a seal is another."""
    one = chance.choice(held.seals)
    column = chance.choice(["body", "digest", "signatures", "number"])
    value: str | int = held.seals[-1].number + chance.randrange(1, 5)
    if column == "signatures":
        name = chance.choice(sorted(one.signatures))
        value = json.dumps(
            {**one.signatures, name: flipped_letter(one.signatures[name], chance.randrange(128), chance)}
        )
    elif column != "number":
        text = getattr(one, column)
        value = flipped_letter(text, chance.randrange(len(text)), chance)
    database.execute(f"UPDATE seals SET {column} = ? WHERE number = ?", (value, one.number))
    return Change("flip", "seals", (f"seal {one.number}", f"seals {one.number} to"))


def encode_seal_anew(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    """A signature or a hash of a seal in another form of the same."""
    one = chance.choice(held.seals)
    if chance.random() < 0.7:
        name = chance.choice(sorted(one.signatures))
        column, value = "signatures", json.dumps({**one.signatures, name: hex_otherwise(one.signatures[name], chance)})
    else:
        column, value = "digest", hex_otherwise(one.digest, chance)
    database.execute(f"UPDATE seals SET {column} = ? WHERE number = ?", (value, one.number))
    return Change("encode anew", "seals", (f"seal {one.number}",))


def delete_seals(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    """A seal is gone, or all from some one on."""
    one = chance.choice(held.seals)
    compare = chance.choice(["=", ">="])
    database.execute(f"DELETE FROM seals WHERE number {compare} ?", (one.number,))
    kind = "delete" if compare == "=" else "truncate"
    return Change(kind, "seals", (f"seal {one.number}", f"seals {one.number} to"))


def swap_seals(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    """Two seals have each other's numbers."""
    one, other = chance.sample(held.seals, 2)
    for new, old in ((-1, one.number), (one.number, other.number), (other.number, -1)):
        database.execute("UPDATE seals SET number = ? WHERE number = ?", (new, old))
    return Change("swap", "seals", (f"seal {one.number}", f"seal {other.number}"))


def add_seal(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    """One more: a copy, or one of another person's key."""
    number = held.seals[-1].number + 1
    kind = chance.choice(["duplicate", "insert"])
    made = chance.choice(held.seals)
    if kind == "insert":
        said = read_seal(held.seals[-1].body)
        said = replace(said, number=number, previous=held.seals[-1].digest)
        name = chance.choice([*said.keys, "seal/99"])
        made = make_seal(replace(said, keys={name: FOREIGN.public}), {name: FOREIGN})
    row = (number, made.body, made.digest, json.dumps(dict(made.signatures)))
    database.execute("INSERT INTO seals (number, body, digest, signatures) VALUES (?, ?, ?, ?)", row)
    return Change(kind, "seals", (f"seal {number}",))


def sign_seal_anew(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    """Another root under a real seal's number, with all hashes in it and behind it right, by another key."""
    at = chance.randrange(len(held.seals))
    previous = held.seals[at].digest
    for index, old in enumerate(held.seals[at:], start=at):
        said = read_seal(old.body)
        changes = {"root": chance.randbytes(32).hex()} if index == at else {"previous": previous}
        keys = dict.fromkeys(said.keys, FOREIGN.public)
        made = make_seal(replace(said, keys=keys, **changes), dict.fromkeys(said.keys, FOREIGN))
        _replace_seal(database, made)
        previous = made.digest
    return Change("sign anew by another key", "seals", (f"seal {held.seals[at].number}",))


def forge_seals(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    """All seals by another key, which is put in the place of the store's own: the published ones tell."""
    changed = _forge_keys(database)
    previous = read_seal(held.seals[0].body).previous
    for old in held.seals:
        said = read_seal(old.body)
        keys = dict.fromkeys(said.keys, FOREIGN.public)
        at = said.at + timedelta(minutes=chance.randrange(1, 60))
        made = make_seal(replace(said, at=at, keys=keys, previous=previous), dict.fromkeys(said.keys, FOREIGN))
        _replace_seal(database, made)
        previous = made.digest
    return Change("forge all by another key", "seals", (f"seal {held.seals[0].number}", *changed))


def change_proof(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    """A proof is changed, gone, there twice or another's."""
    rows = database.execute("SELECT id, chain, seal, number, digest, position, path FROM seal_proofs").fetchall()
    kind = chance.choice(["flip", "delete", "swap", "duplicate", "truncate"])
    row, chain, in_seal, number, digest, position, path = chance.choice(rows)
    names = [f"of {chain}", f"seal {in_seal}", f"seal {held.seals[-1].number}"]
    if kind == "flip":
        first, *steps = json.loads(path) or ["0" * 64]
        choices: dict[str, object] = {
            "number": number + chance.choice([-1, 1]),
            "digest": flipped_letter(digest, chance.randrange(64), chance),
            "position": position + chance.choice([-1, 1]),
            "seal": held.seals[-1].number + 1 + chance.randrange(5),
            "chain": flipped_letter(chain, chance.randrange(len(chain)), chance),
            "path": json.dumps([flipped_letter(first, chance.randrange(64), chance), *steps]),
        }
        column = chance.choice(sorted(choices))
        names += [str(choices[column])] if column == "chain" else []
        names += [f"seals {in_seal}", f"to {choices[column]}", f"seal {choices[column]}"] if column == "seal" else []
        database.execute(f"UPDATE seal_proofs SET {column} = ? WHERE id = ?", (choices[column], row))
    elif kind == "delete":
        # Also one that a later one of the same chain stands for.
        database.execute("DELETE FROM seal_proofs WHERE id = ?", (row,))
    elif kind == "truncate":
        database.execute("DELETE FROM seal_proofs WHERE id >= ?", (row,))
        names += [f"seal {one.number}" for one in held.seals]
    elif kind == "swap":
        other = chance.choice([one for one in rows if one[3:] != (number, digest, position, path)])
        update = "UPDATE seal_proofs SET number = ?, digest = ?, position = ?, path = ? WHERE id = ?"
        database.execute(update, (*other[3:], row))
        database.execute(update, (number, digest, position, path, other[0]))
        names += [f"of {other[1]}", f"seal {other[2]}"]
    else:
        copy = "INSERT INTO seal_proofs (chain, seal, number, digest, position, path) VALUES (?, ?, ?, ?, ?, ?)"
        database.execute(copy, ("DSR-2026-FORGED", in_seal, number, digest, position, path))
        names.append("DSR-2026-FORGED")
    return Change(kind, "seal_proofs", tuple(names))


def change_key(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    """A key that signs, or signed: another public half, other times, another name, none, or one more."""
    rows = database.execute("SELECT name, public FROM vault_keys WHERE name LIKE 'seal/%'").fetchall()
    name, public = chance.choice(sorted(rows))
    column = chance.choice(["public", "created_at", "retired_at", "name", "delete", "insert"])
    other = f"seal/{chance.randrange(3, 99)}"
    instant = f"2027-01-{chance.randrange(10, 29)} 01:30:00.000000"
    value = {"public": flipped_letter(public, chance.randrange(64), chance), "name": other}.get(column, instant)
    if column == "delete":
        database.execute("DELETE FROM vault_keys WHERE name = ?", (name,))
    elif column == "insert":
        copied = "SELECT ?, wrapped, wrapped_by, ?, created_at FROM vault_keys WHERE name = ?"
        into = "INSERT INTO vault_keys (name, wrapped, wrapped_by, public, created_at)"
        database.execute(f"{into} {copied}", (other, FOREIGN.public, name))
        name = other
    else:
        database.execute(f"UPDATE vault_keys SET {column} = ? WHERE name = ?", (value, name))
    return Change(column if column in {"delete", "insert"} else "flip", "vault_keys", (name,))


def change_note(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    """Up to which entry a chain is noted as proved: any number that could not stand there by rights."""
    chain, noted = chance.choice(sorted(database.execute("SELECT chain, sealed_number FROM chains").fetchall()))
    rows = database.execute("SELECT seal, number FROM seal_proofs WHERE chain = ?", (chain,)).fetchall()
    newest = held.seals[-1].number
    wrong = []
    for value in range(-1, noted + 4):
        later = [seal for seal, number in rows if number > value]
        lags = bool(later) and sorted(later) == list(range(min(later), newest + 1))
        if value != noted and not (lags and value in {0, *(number for _, number in rows)}):
            wrong.append(value)
    value = chance.choice(wrong)
    database.execute("UPDATE chains SET sealed_number = ? WHERE chain = ?", (value, chain))
    return Change("note too high" if value > noted else "note too low", "chains", (f"of {chain}", f"chain {chain}"))


_VALUES = {
    "bytes": ("?", b"\x00\xff\x07"),
    "no UTF-8": ("CAST(? AS TEXT)", b"caf\xe9 \xf0\x28"),
    "words": ("?", "many words"),
    "a fraction": ("?", 2.5),
    "no JSON": ("?", '{"seal/1": ['),
    "other JSON": ("?", '[{"a": null}, 1e99]'),
    "deep JSON": ("?", "[" * 20_000),
}
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
    """A value that its column should not hold; SQLite takes any."""
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


def remove_case(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    """A case with all that is there of it, its proofs too."""
    chain = chance.choice([one for one in sorted(held.covered) if one != OWN_CHAIN])
    for table in ("ledger", "chains", "seal_proofs"):
        database.execute(f"DELETE FROM {table} WHERE chain = ?", (chain,))
    database.execute("DELETE FROM cases WHERE id = ?", (chain,))
    return Change("delete a case whole", "chains", (f"chain of {chain}",))


CHANGES: tuple[tuple[int, Maker], ...] = (
    (4, flip_entry),
    (2, delete_entry),
    (2, swap_entries),
    (2, swap_places),
    (2, duplicate_entry),
    (2, insert_entry),
    (2, truncate_chain),
    (3, rewrite_chain),
    (3, change_head),
    (1, unpurge),
    (3, flip_seal),
    (3, encode_seal_anew),
    (2, delete_seals),
    (1, swap_seals),
    (2, add_seal),
    (2, sign_seal_anew),
    (1, forge_seals),
    (4, change_proof),
    (2, change_key),
    (2, change_note),
    (4, change_kind),
    (1, remove_case),
)
"""The changes, with how often each is made."""


def tamper(held: Original, folder: Path, seeds: range) -> Table:
    """Change a copy of the store once for each seed, and count what ``rightsflow ledger verify`` makes of it."""
    table: Table = {}
    weights, makers = zip(*CHANGES, strict=True)
    path = folder / f"tampered-{seeds.start}.db"
    # One for all, since it remembers how its queries are written; between two changes it has no connection.
    opened = without_waiting_for_the_disk(Database(f"sqlite:///{path}"))
    for seed in seeds:
        chance = Random(seed)
        path.write_bytes(held.content)
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("PRAGMA synchronous = OFF")
            change = chance.choices(makers, weights)[0](held, database, chance)
        published = held.seals if change.kind.startswith("forge all") else ()
        note(table, change, [fault.text for fault in check_ledger(opened, published)], seed)
        opened.close()
        path.unlink()
    return table


def _insert(database: sqlite3.Connection, chain: str, one: Link, *, with_head: bool) -> None:
    values = (chain, one.number, one.body, one.digest)
    database.execute("INSERT INTO ledger (chain, number, body, digest) VALUES (?, ?, ?, ?)", values)
    if with_head:
        database.execute("UPDATE chains SET number = ?, digest = ? WHERE chain = ?", (one.number, one.digest, chain))


def _update(database: sqlite3.Connection, chain: str, one: Link) -> None:
    values = (one.body, digest_of(one.body), chain, one.number)
    database.execute("UPDATE ledger SET body = ?, digest = ? WHERE chain = ? AND number = ?", values)


def _replace_seal(database: sqlite3.Connection, made: Seal) -> None:
    values = (made.body, made.digest, json.dumps(dict(made.signatures)), made.number)
    database.execute("UPDATE seals SET body = ?, digest = ?, signatures = ? WHERE number = ?", values)


def _forge_keys(database: sqlite3.Connection) -> list[str]:
    names = [name for (name,) in database.execute("SELECT name FROM vault_keys WHERE name LIKE 'seal/%'").fetchall()]
    database.execute("UPDATE vault_keys SET public = ? WHERE name LIKE 'seal/%'", (FOREIGN.public,))
    return names
