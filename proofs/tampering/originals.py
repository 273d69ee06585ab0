"""A case store that was really worked with, to change copies of."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

from proofs.tampering.changes import Change
from rightsflow.app import current_app
from rightsflow.audit.ledger import Link
from rightsflow.audit.ledger.seals import Seal, read_seal
from rightsflow.audit.signing import SigningKey
from rightsflow.cases.evidence.bundling import export_evidence
from rightsflow.cases.letters.answering import write_answer
from rightsflow.cases.reveal import reveal
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
    """A store that no one has touched yet, its triggers dropped.

    Args:
        content: Its file.
        seals: Its seals, as they were published.
        chains: By each chain that has entries, these.
        covered: By each chain, up to which entry a seal covers it.
        purged: The chain whose entries were purged.
    """

    content: bytes
    seals: tuple[Seal, ...]
    chains: dict[str, list[Link]]
    covered: dict[str, int]
    purged: str


Maker = Callable[[Original, sqlite3.Connection, Random], Change]


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
