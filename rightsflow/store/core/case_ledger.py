"""The ledger of a case: who did what when. Counts, names of systems and keyed hashes, never content."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import version
from typing import Final

from sqlalchemy import bindparam, insert, null, select, union_all
from sqlalchemy.orm import Session

from rightsflow.audit.ledger import START, Entry, Head, Link, link, read_entry
from rightsflow.audit.ledger.checking import date_of, seal_date_of
from rightsflow.domain.gates.four_eyes import opener_note
from rightsflow.domain.people import Proof, proof_of
from rightsflow.domain.vocabulary.events import CaseEvent, StoreEvent
from rightsflow.store.core.chain_ends import LAST_SEAL, End, end_of, new_end
from rightsflow.store.core.context import Context
from rightsflow.store.tables import ChainRow, LedgerRow, table_of

MACHINE = "rightsflow"
"""The actor of what no one did by hand."""

OWN_CHAIN = "LEDGER"
"""The chain of what concerns the store as a whole: keys, seals, purged cases."""

CODE_VERSION = version("rightsflow")

_READ_ONCE: Final = 500
"""The largest number of entries kept in memory until the transaction ends."""
_CHAIN, _ENTRY = ChainRow.__table__.c, LedgerRow.__table__.c
_ENTRIES = (
    select(_ENTRY.number, _ENTRY.body, _ENTRY.digest).where(_ENTRY.chain == bindparam("chain")).order_by(_ENTRY.number)
)
_FIRST = select(_ENTRY.body).where(_ENTRY.chain == bindparam("chain"), _ENTRY.number == bindparam("number"))
_WITH_HEAD = union_all(
    select(_ENTRY.number, _ENTRY.body, _ENTRY.digest).where(_ENTRY.chain == bindparam("chain")),
    select(_CHAIN.number, null(), _CHAIN.digest).where(_CHAIN.chain == bindparam("chain")),
    select(LAST_SEAL.c.number, LAST_SEAL.c.body, null()),
)
"""The entries of a chain in any order, its head, which has no body, and the last seal, which has no digest here."""
_PUT_IN = insert(table_of(LedgerRow))


class Ledger:
    """The entries of one case.

    Args:
        context: The open transaction, which holds the case's lock, so that no two processes go on from one head.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._made: list[Link] = []
        self._waiting: list[dict[str, object]] | None = None

    @contextmanager
    def together(self) -> Iterator[None]:
        """Collect entries inside the block and insert them with one statement, which takes a tenth of the time."""
        if self._waiting is not None:
            yield
            return
        self._waiting = []
        try:
            yield
            self._put_in()
        finally:
            self._waiting = None

    def _put_in(self) -> None:
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            # By the connection: a session would make objects of them, which would take three times as long.
            self._context.session.connection().execute(_PUT_IN, waiting)

    def append(self, event: CaseEvent | StoreEvent, *, actor: str = MACHINE, **details: object) -> None:
        """Add an entry.

        Args:
            event: What happened; of the store, that this case has set or released a brake.
            actor: A person's name, or :data:`MACHINE`; of a person who is signed in, the entry says so.
            **details: Counts, system names, codes, keyed hashes, dates as text.
        """
        row, at = self._context.row, self._context.now
        made = link(
            self.head,
            row.id,
            event,
            at=at,
            actor=str(actor),
            details=details | proved_by(actor) | self._end.clock_note(at),
            made_with=made_with(row.rule_version),
        )
        self._keep(made, at)

    def append_for_each(
        self, event: CaseEvent, records: Iterable[str], *, actor: str = MACHINE, **details: object
    ) -> None:
        """Append an entry with the same details for each of some records.

        Args:
            event: What happened.
            records: Their keyed hashes, which the entries have as ``record``.
            actor: Who did it.
            **details: As in :meth:`append`.
        """
        with self.together():
            for record in records:
                self.append(event, actor=actor, record=record, **details)

    def _keep(self, made: Link, at: datetime) -> None:
        """Store an entry that follows the last one."""
        session, row = self._context.session, self._context.row
        # Whatever happened, the watch has to see what follows from it.
        row.watch_at = self._context.now
        if self._waiting is not None:
            self._waiting.append(row_of(row.id, made))
        else:
            session.connection().execute(_PUT_IN, [row_of(row.id, made)])
        self._context.puts_in(LedgerRow)
        self._made.append(made)
        # Under the case's lock no one else goes on from the last one.
        memory = self._context.memory
        if memory.links is not None:
            memory.links.append(made)
        memory.end = self._end.after(made, at)

    @property
    def head(self) -> Head:
        """The last entry."""
        return self._end.head

    @property
    def _end(self) -> End:
        memory = self._context.memory
        if memory.end is None:
            session, row = self._context.session, self._context.row
            memory.end = end_of(session, row.id) if self._context.may_hold(LedgerRow) else new_end(session)
        return memory.end

    @property
    def opener_note(self) -> dict[str, str]:
        """The opener's details in an approval's entry; empty if the opener was signed in when the case was opened."""
        body = self._made[0].body if self._made and self._made[0].number == 1 else None
        if body is None:
            first = {"chain": self._context.row.id, "number": 1}
            body = self._context.session.connection().scalar(_FIRST, first)
        return opener_note(str(read_entry(body).details.get("signed_in", "")) if body else "")

    def entries(self, *events: CaseEvent) -> Iterator[Entry]:
        """Yield the entries, oldest first.

        Args:
            *events: Only entries of these events; without any, all. The others are not parsed, which an entry's
                check for canonical JSON makes the most expensive part of many pages.
        """
        # A quotation mark within a text is escaped in JSON, so that this is found in no text.
        marks = [f'"event":"{event}"' for event in events]
        for item in self._links():
            if not marks or any(mark in item.body for mark in marks):
                entry = self._parsed(item)
                if not events or entry.event in events:
                    yield entry

    def _parsed(self, item: Link) -> Entry:
        """Return an entry, parsed once per transaction."""
        parsed = self._context.memory.parsed
        if item.digest not in parsed:
            parsed[item.digest] = read_entry(item.body)
        return parsed[item.digest]

    def told(self) -> Iterator[Entry]:
        """Return all entries, oldest first, for people to read; unchecked, unlike in the evidence.

        That takes a fifth of the time, which counts where an erasure of thousands of records is looked at.
        """
        for item in self._links():
            fields = json.loads(item.body)
            yield Entry(**fields | {"at": datetime.fromisoformat(fields["at"])})

    def _links(self) -> list[Link]:
        """Return all stored entries; for most cases they are read once per transaction."""
        if self._context.put_in is not None:
            return list(self._made)
        memory = self._context.memory
        if memory.links is not None:
            return list(memory.links)
        self._put_in()
        read, end = _links_and_end(self._context.session, self._context.row.id)
        memory.end = memory.end or end
        if len(read) <= _READ_ONCE:
            memory.links = list(read)
        return read


def proved_by(actor: str) -> dict[str, str]:
    """Return the details by which an entry identifies its actor besides the name; empty for a typed name.

    Args:
        actor: Who acted.
    """
    role, proof = proof_of(actor)
    return {} if proof is Proof.TYPED else {"role": role, "signed_in": proof.value}


def made_with(rule_version: str) -> dict[str, str]:
    """Return the versions that an entry is made with: of the code and of the legal rules."""
    return {"code": CODE_VERSION, "rules": rule_version}


def links_of(session: Session, chain: str) -> Iterator[Link]:
    """Yield the stored entries of a chain, in order."""
    for row in session.connection().execute(_ENTRIES, {"chain": chain}):
        yield Link(row.number, row.body, row.digest)


def _links_and_end(session: Session, chain: str) -> tuple[list[Link], End]:
    """Return a chain's entries in order, and its end, whose head shows if entries were removed."""
    links, head, sealed_at = list[Link](), START, ""
    for row in session.connection().execute(_WITH_HEAD, {"chain": chain}):
        if row.body is None:
            head = Head(row.number, row.digest)
        elif row.digest is None:
            sealed_at = seal_date_of(row.body)
        else:
            links.append(Link(row.number, row.body, row.digest))
    links.sort(key=lambda item: item.number)
    return links, End(head, date_of(links[-1].body) if links else "", sealed_at)


def own_entries(session: Session, event: StoreEvent) -> Iterator[Entry]:
    """Yield the entries of the ledger's own chain about one kind of event, in their order.

    One that cannot be read is passed over: it is not whole, which the check of its chain says.

    Args:
        session: The open transaction.
        event: Which.
    """
    is_it = LedgerRow.body.contains(f'"event":"{event}"', autoescape=True)
    query = select(LedgerRow.body).where(LedgerRow.chain == OWN_CHAIN, is_it).order_by(LedgerRow.number)
    for body in session.scalars(query):
        try:
            entry = read_entry(body)
        except (ValueError, RecursionError):
            continue
        if entry.event == event and isinstance(entry.details, dict):
            yield entry


def row_of(chain: str, made: Link) -> dict[str, object]:
    """Return a link as a row of the table."""
    return {"chain": chain, "number": made.number, "body": made.body, "digest": made.digest}


def append_own(session: Session, at: datetime, event: StoreEvent, *, actor: str, details: Mapping[str, object]) -> None:
    """Add an entry to the ledger's own chain.

    Args:
        session: The open transaction; the chain stays locked until it ends.
        at: When (aware).
        event: What happened.
        actor: Who did it.
        details: As in :meth:`Ledger.append`.
    """
    session.execute(select(ChainRow.number).where(ChainRow.chain == OWN_CHAIN).with_for_update()).one()
    end = end_of(session, OWN_CHAIN)
    made = link(
        end.head,
        OWN_CHAIN,
        event,
        at=at,
        actor=str(actor),
        details={**details, **proved_by(actor), **end.clock_note(at)},
        made_with={"code": CODE_VERSION},
    )
    session.execute(insert(LedgerRow).values(row_of(OWN_CHAIN, made)))


class CasePart:
    """A part of one case's file, whose changes are in the ledger.

    Args:
        context: The open transaction.
        ledger: The case's ledger.
    """

    def __init__(self, context: Context, ledger: Ledger) -> None:
        self._context = context
        self._ledger = ledger
