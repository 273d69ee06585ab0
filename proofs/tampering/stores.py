"""Changes to a case store, past its triggers, and what ``rightsflow ledger verify`` makes of each."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

from proofs.tampering.changes import Table, note
from proofs.tampering.ledger_rows import (
    change_head,
    delete_entry,
    delete_part,
    duplicate_entry,
    flip_entry,
    forget_case,
    insert_entry,
    remove_case,
    rewrite_chain,
    swap_entries,
    swap_places,
    truncate_chain,
    unpurge,
)
from proofs.tampering.originals import Maker, Original
from proofs.tampering.row_values import change_kind
from proofs.tampering.seal_rows import (
    add_seal,
    change_key,
    change_note,
    change_proof,
    delete_seals,
    encode_seal_anew,
    flip_seal,
    forge_seals,
    sign_seal_anew,
    swap_seals,
)
from rightsflow.store import Database
from rightsflow.store.proofs.ledger_check import check_ledger
from tests.support.stores import without_waiting_for_the_disk

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
    (2, forget_case),
    (2, delete_part),
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
