"""Changes to an evidence bundle, and what ``rightsflow verify`` makes of each."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from proofs.tampering.changes import Table, note
from proofs.tampering.evidence import Bundle, Made
from proofs.tampering.evidence_contents import (
    change_entry,
    change_manifest,
    change_proof,
    change_seal,
    cut_at_an_old_proof,
    encode_json_anew,
    encode_seal_anew,
    encode_signature_anew,
    forge_all,
    go_on_with_an_old_key,
    lie_in_another_format,
    sign_anew,
)
from proofs.tampering.zip_bytes import (
    add_file,
    delete_file,
    duplicate_file,
    flip,
    insert_bytes,
    remove_bytes,
    swap_bytes,
    swap_files,
    truncate,
    truncate_file,
    zip_anew,
)

CHANGES: tuple[tuple[int, Callable[[Bundle, Random], Made]], ...] = (
    (8, flip),
    (1, remove_bytes),
    (1, insert_bytes),
    (1, truncate),
    (1, swap_bytes),
    (1, delete_file),
    (1, duplicate_file),
    (1, add_file),
    (1, swap_files),
    (1, truncate_file),
    (6, change_entry),
    (3, change_seal),
    (3, change_proof),
    (1, change_manifest),
    (3, encode_signature_anew),
    (2, encode_json_anew),
    (1, encode_seal_anew),
    (3, zip_anew),
    (1, lie_in_another_format),
    (1, cut_at_an_old_proof),
    (1, go_on_with_an_old_key),
    (3, sign_anew),
    (1, forge_all),
)
"""The changes, with how often each is made."""


def tamper(held: Bundle, seeds: range) -> Table:
    """Change the bundle once for each seed, and count what the check makes of it."""
    table: Table = {}
    weights, makers = zip(*CHANGES, strict=True)
    for seed in seeds:
        chance = Random(seed)
        change, data, with_key = chance.choices(makers, weights)[0](held, chance)
        assert data != held.data, change
        note(table, change, held.faults(data, with_key=with_key), seed)
    return table
