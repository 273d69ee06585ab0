"""Changes to a store's seals, proofs and keys; and what ``rightsflow ledger verify`` says of all changes of a store."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

from proofs.tampering.bundle_bytes import hex_otherwise
from proofs.tampering.changes import Change, Table, flipped_letter, note
from proofs.tampering.ledger_rows import FOREIGN, OF_ROWS, Maker, Original
from rightsflow.audit.ledger.seals import Seal, make_seal, read_seal
from rightsflow.store import Database
from rightsflow.store.proofs.ledger_check import check_ledger
from tests.support.stores import without_waiting_for_the_disk


def flip_seal(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    """Change a column of a seal."""
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
    one = chance.choice(held.seals)
    if chance.random() < 0.7:
        name = chance.choice(sorted(one.signatures))
        column, value = "signatures", json.dumps({**one.signatures, name: hex_otherwise(one.signatures[name], chance)})
    else:
        column, value = "digest", hex_otherwise(one.digest, chance)
    database.execute(f"UPDATE seals SET {column} = ? WHERE number = ?", (value, one.number))
    return Change("encode anew", "seals", (f"seal {one.number}",))


def delete_seals(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    one = chance.choice(held.seals)
    compare = chance.choice(["=", ">="])
    database.execute(f"DELETE FROM seals WHERE number {compare} ?", (one.number,))
    kind = "delete" if compare == "=" else "truncate"
    return Change(kind, "seals", (f"seal {one.number}", f"seals {one.number} to"))


def swap_seals(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    one, other = chance.sample(held.seals, 2)
    for new, old in ((-1, one.number), (one.number, other.number), (other.number, -1)):
        database.execute("UPDATE seals SET number = ? WHERE number = ?", (new, old))
    return Change("swap", "seals", (f"seal {one.number}", f"seal {other.number}"))


def add_seal(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    """Add a seal: a copy, or one of another person's key."""
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
    at = chance.randrange(len(held.seals))
    previous = held.seals[at].digest
    for index, old in enumerate(held.seals[at:], start=at):
        said = read_seal(old.body)
        said = replace(said, keys=dict.fromkeys(said.keys, FOREIGN.public))
        said = replace(said, root=chance.randbytes(32).hex()) if index == at else replace(said, previous=previous)
        made = make_seal(said, dict.fromkeys(said.keys, FOREIGN))
        _replace_seal(database, made)
        previous = made.digest
    return Change("sign anew by another key", "seals", (f"seal {held.seals[at].number}",))


def forge_seals(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
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
    """Change, remove, double or exchange a proof."""
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
    """Change a key that signs, or signed: another public half, other times, another name, none, or one more."""
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
    """Change the last proved entry of a chain to a number that cannot be right."""
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


def _replace_seal(database: sqlite3.Connection, made: Seal) -> None:
    values = (made.body, made.digest, json.dumps(dict(made.signatures)), made.number)
    database.execute("UPDATE seals SET body = ?, digest = ?, signatures = ? WHERE number = ?", values)


def _forge_keys(database: sqlite3.Connection) -> list[str]:
    names = [name for (name,) in database.execute("SELECT name FROM vault_keys WHERE name LIKE 'seal/%'").fetchall()]
    database.execute("UPDATE vault_keys SET public = ? WHERE name LIKE 'seal/%'", (FOREIGN.public,))
    return names


CHANGES: tuple[tuple[int, Maker], ...] = (
    *OF_ROWS, (3, flip_seal), (3, encode_seal_anew), (2, delete_seals), (1, swap_seals), (2, add_seal),
    (2, sign_seal_anew), (1, forge_seals), (4, change_proof), (2, change_key), (2, change_note),
)  # fmt: skip
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
