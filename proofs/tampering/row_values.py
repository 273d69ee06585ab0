"""Values that a column of a store should not hold."""

from __future__ import annotations

import sqlite3
from random import Random

from proofs.tampering.changes import Change
from proofs.tampering.originals import Original

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
