"""Changes to the rows of a store's ledger, and to the heads of its chains."""

from __future__ import annotations

import sqlite3
from random import Random

from proofs.tampering.changes import Change, flipped_letter
from proofs.tampering.originals import Original
from rightsflow.audit.ledger import START, Link, link, read_entry
from rightsflow.audit.ledger.chain import digest_of
from rightsflow.store.case.case_ledger import OWN_CHAIN

PARTS = (("decisions", "gate"), ("letters", "template_id"), ("case_tasks", "number"), ("instructions", "number"))
"""The tables of what the ledger names, each with the column by which it does."""


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
    """What is noted of a purged case is changed."""
    column = chance.choice(["purged_at = NULL", "digest = ?", "number = number + 1"])
    values = (chance.randbytes(32).hex(),) if "?" in column else ()
    database.execute(f"UPDATE chains SET {column} WHERE chain = ?", (*values, held.purged))
    return Change("change what was purged", "chains", (held.purged,))


def remove_case(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    """A case with all that is there of it, its proofs too."""
    chain = chance.choice([one for one in sorted(held.covered) if one != OWN_CHAIN])
    for table in ("ledger", "chains", "seal_proofs"):
        database.execute(f"DELETE FROM {table} WHERE chain = ?", (chain,))
    database.execute("DELETE FROM cases WHERE id = ?", (chain,))
    return Change("delete a case whole", "chains", (f"chain of {chain}",))


def forget_case(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    """A case without its ledger, proofs and seals: its row, with or without the rows that belong to it."""
    chain = chance.choice([one for one in sorted(held.chains) if one != OWN_CHAIN])
    with_parts = chance.random() < 0.5
    database.execute(f"PRAGMA foreign_keys = {int(with_parts)}")
    database.execute("DELETE FROM cases WHERE id = ?", (chain,))
    return Change(f"delete a case's row{' and parts' if with_parts else ''}", "cases", (f"case {chain}",))


def delete_part(held: Original, database: sqlite3.Connection, chance: Random) -> Change:
    """A decision, a letter, a task or an instruction of a case."""
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
