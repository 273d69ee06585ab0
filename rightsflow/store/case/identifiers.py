"""The subject of a case: the identifiers, sealed and found again by keyed hashes, and the language."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, bindparam, insert, select, tuple_

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.persons import Clue, KnownPerson
from rightsflow.domain.identifier_kinds import KindRole
from rightsflow.domain.identifiers import (
    Identifier,
    IdentifierKind,
    Identifiers,
    of_kind,
)
from rightsflow.domain.languages import KnownLanguage, LanguageSource
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.records import Fact, KindAt
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import SETTLED, CaseState
from rightsflow.store.case.finding_rows import language_of_row, owner_of
from rightsflow.store.case.outbox import Outbox
from rightsflow.store.core.case_ledger import CasePart, Ledger
from rightsflow.store.core.context import OF_OTHERS, Context
from rightsflow.store.tables import CaseRow, FindingRow, IdentifierRow
from rightsflow.vault import Keyring

REQUEST = "request"
"""The origin of an identifier that the request itself gave."""
CORRECTED: Final = "rectification"
"""The origin of an identifier that a rectification request corrected; no search of this case used it."""

SAME_PERSON: Final = "same person"
"""The origin of an identifier that a person attributed to the same person in time for the search."""
_GIVEN: Final = frozenset({REQUEST, CORRECTED, SAME_PERSON})


def searchable_hashes(keyring: Keyring, identifiers: Identifiers) -> list[str]:
    """Return the keyed hashes of the searchable identifiers, by which people are found again.

    Args:
        keyring: What the store hashes with.
        identifiers: Normalised identifiers.
    """
    return [
        keyring.blind_index(identifier.realm, identifier.value)
        for identifier in sorted(identifiers)
        if identifier.proves
    ]


def cases_sharing(keyring: Keyring, identifiers: Identifiers) -> Select[str]:
    """Return the query for all cases, closed ones too, whose person has one of these identifiers, even a contested one.

    Args:
        keyring: What the store hashes with.
        identifiers: Normalised identifiers.
    """
    return (
        select(CaseRow.id)
        .join(IdentifierRow, IdentifierRow.case_id == CaseRow.id)
        .where(IdentifierRow.index_hash.in_(searchable_hashes(keyring, identifiers)))
        .distinct()
        .order_by(CaseRow.id)
    )


CLUES: Final = (
    IdentifierRow.case_id,
    IdentifierRow.kind,
    IdentifierRow.issuer,
    IdentifierRow.index_hash,
    IdentifierRow.learnt_from,
    IdentifierRow.contested,
)
"""The columns of which :func:`person_of` makes what a case knows its person by."""


_OTHERS: Final = (
    select(IdentifierRow.case_id)
    .join(CaseRow, CaseRow.id == IdentifierRow.case_id)
    .where(IdentifierRow.index_hash.in_(bindparam("hashes", expanding=True)), IdentifierRow.contested.is_(False))
    .where(CaseRow.id != bindparam("case"), CaseRow.controller == bindparam("controller"))
)
_SHARING: Final = (
    select(*CLUES)
    .where(IdentifierRow.case_id.in_(_OTHERS))
    .order_by(IdentifierRow.case_id)
    .execution_options(**OF_OTHERS)
)


def person_of(rows: Iterable[IdentifierRow | Row[*tuple[Any, ...]]]) -> KnownPerson:
    """Return the clues by which a case knows its person; they do not prove the requester's identity.

    Args:
        rows: Its identifiers, or the columns :data:`CLUES` of them.
    """
    asked, known = set(), set()
    for row in rows:
        clue = Clue(IdentifierKind.stored(row.kind), row.index_hash, row.issuer)
        if row.learnt_from == REQUEST:
            asked.add(clue)
        if clue.kind.finds and not row.contested:
            known.add(clue)
    return KnownPerson(asked=frozenset(asked), known=frozenset(known))


class KnownIdentifiers(CasePart):
    """The identifiers of the subject of one case."""

    def __init__(self, context: Context, ledger: Ledger) -> None:
        super().__init__(context, ledger)
        self._sharing: dict[str, KnownPerson] | None = None

    def _rows(self) -> list[IdentifierRow]:
        return self._context.rows(IdentifierRow)

    def known(self) -> Identifiers:
        """Return all identifiers, in clear; for connectors only."""
        return frozenset(self._in_clear(row) for row in self._rows())

    def to_act_by(self) -> Identifiers:
        """Return all identifiers, in clear, for reading records that are given, changed, erased or verified.

        Marked as contested are telephones that were learnt and that another person was seen to use: an order may be
        placed from another one's telephone, whose calls are not the subject's.
        """
        contested = {
            row.index_hash
            for row in self._rows()
            if row.contested and IdentifierKind.stored(row.kind).is_weak and row.learnt_from != REQUEST
        }
        return frozenset(replace(self._in_clear(row), is_contested=row.index_hash in contested) for row in self._rows())

    def searched_with(self) -> Identifiers:
        """Return the identifiers, in clear, that this case searches by: without those corrected since."""
        return frozenset(self._in_clear(row) for row in self._rows() if not _is_corrected(row))

    def names_asked_with(self) -> list[str]:
        """Return the names of the person that the request itself gave."""
        return of_kind(self.asked_with(), IdentifierKind.NAME)

    def names_on(self, profiles: Collection[KindAt]) -> list[str]:
        """Return the names in those records of some kinds that are the subject's alone.

        Args:
            profiles: The kinds of record in which a person's own name stands.
        """
        self._context.memory.flush_of(FindingRow)
        query = select(FindingRow).where(
            FindingRow.case_id == self._context.row.id,
            FindingRow.attribution == Attribution.SUBJECT.value,
            tuple_(FindingRow.system, FindingRow.kind).in_([(profile.system, profile.kind) for profile in profiles]),
        )
        rows = self._context.session.scalars(query.order_by(FindingRow.system, FindingRow.id))
        alone = [owner_of(self._context, row) for row in rows if Fact.SHARED.value not in row.facts]
        return [name for owner in alone for name in of_kind(owner, IdentifierKind.NAME)]

    def of_no_other(self) -> Identifiers:
        """Return the identifiers, in clear, that no other person uses: safe for erasing without seeing the owner.

        None that people have in turn by its dates, or that proves nothing alone.
        """
        kinds = (KindRole.TURN, KindRole.PART)
        clear = (self._in_clear(row) for row in self._rows() if not row.contested)
        return frozenset(item for item in clear if item.kind.role not in kinds)

    def asked_with(self) -> list[Identifier]:
        """Return the identifiers that the request itself gave, in clear, in the order of their kinds and values."""
        return sorted(self._in_clear(row) for row in self._rows() if row.learnt_from == REQUEST)

    def _in_clear(self, row: IdentifierRow) -> Identifier:
        value = self._context.key.open(f"identifier/{row.kind}", row.sealed_value)
        kind = IdentifierKind.stored(row.kind)
        return Identifier(kind, value, row.issuer, had_since=row.had_since, had_until=row.had_until)

    def add(self, identifiers: Iterable[Identifier], learnt_from: str = REQUEST) -> None:
        """Add the identifiers that are not known yet.

        Args:
            identifiers: Normalised identifiers.
            learnt_from: The system that named them, ``request``, ``rectification`` or ``same person``.
        """
        present = {row.index_hash for row in self._rows()}
        fresh = {self._context.identifier_hash(identifier): identifier for identifier in sorted(identifiers)}
        new = {digest: item for digest, item in fresh.items() if digest not in present}
        self._take_over(fresh, learnt_from)
        rows = [
            {
                "case_id": self._context.row.id,
                "kind": item.kind.value,
                "issuer": item.issuer,
                "index_hash": digest,
                "sealed_value": self._context.key.seal(f"identifier/{item.kind.value}", item.value),
                "learnt_from": learnt_from,
                "had_since": item.had_since,
                "had_until": item.had_until,
            }
            for digest, item in new.items()
        ]
        if rows:
            self._put_in(rows)
            self._sharing = None
        if new and learnt_from != REQUEST:
            hashes = [{"kind": item.kind.value, "hash": digest} for digest, item in new.items()]
            self._ledger.append(CaseEvent.IDENTIFIERS_LEARNT, system=learnt_from, identifiers=hashes)

    def given(self) -> Identifiers:
        """Return the identifiers, in clear, that no system named: of the request, or of another case of the person."""
        return frozenset(self._in_clear(row) for row in self._rows() if row.learnt_from in _GIVEN)

    def change(self, old: Identifier | None, new: Identifier | None) -> None:
        """Replace, add or remove an identifier of the request.

        If one goes, those go with it that systems named: a search learns them anew by what is left.

        Args:
            old: The identifier that goes; ``None`` for none.
            new: The identifier that comes; ``None`` for none.
        """
        if old is not None:
            digest = self._context.identifier_hash(old)
            for row in self._rows():
                if row.index_hash == digest or row.learnt_from not in _GIVEN:
                    self._context.session.delete(row)
            self._context.session.flush()
            self._sharing = None
        if new is not None:
            self.add([new])

    def origins(self) -> list[tuple[Identifier, str, datetime | None]]:
        """Return each identifier in clear, its origin, and when a system or a colleague named it (aware)."""
        named = {
            line["hash"]: entry.at
            for entry in self._ledger.entries(CaseEvent.IDENTIFIERS_LEARNT)
            for line in entry.details["identifiers"]
        }
        named |= {
            str(entry.details["new"]): entry.at
            for entry in self._ledger.entries(CaseEvent.PERSON_DETAILS_CHANGED)
            if "new" in entry.details
        }
        return sorted((self._in_clear(row), row.learnt_from, named.get(row.index_hash)) for row in self._rows())

    def _put_in(self, rows: Sequence[Mapping[str, object]]) -> None:
        """Add all at once: an import, which reads none of them again, adds tens of thousands."""
        session, memory = self._context.session, self._context.memory
        self._context.puts_in(IdentifierRow)
        if self._context.put_in is not None:
            session.execute(insert(IdentifierRow), rows)
            memory.forget(IdentifierRow)
        else:
            memory.add(IdentifierRow, session.scalars(insert(IdentifierRow).returning(IdentifierRow), rows).all())

    def _take_over(self, found: Iterable[str], learnt_from: str) -> None:
        """Mark corrected identifiers that a search of this case finds too as the case's own."""
        for row in self._rows():
            if _is_corrected(row) and row.index_hash in found:
                row.learnt_from = learnt_from

    def digests(self, identifiers: Iterable[Identifier]) -> frozenset[str]:
        """Return the keyed hashes of some identifiers, the same in every case.

        Args:
            identifiers: Normalised identifiers.
        """
        return frozenset(map(self._context.identifier_hash, identifiers))

    def person(self) -> KnownPerson:
        """Return the clues by which this case knows its person."""
        return person_of(self._rows())

    def sharing(self) -> dict[str, KnownPerson]:
        """Return the other cases, closed ones too, that share an identifier of the person with this one.

        Whose they are is not said by that. Those of other controllers are none of this one's business.
        """
        if self._sharing is None:
            row, hashes = self._context.row, sorted(item.digest for item in self.person().known)
            known = {"hashes": hashes, "case": row.id, "controller": row.controller}
            shared = self._context.session.connection().execute(_SHARING, known) if hashes else ()
            self._sharing = {case_id: person_of(rows) for case_id, rows in groupby(shared, lambda item: item.case_id)}
        return dict(self._sharing)

    def open_beside(self, rights: Iterable[Right]) -> list[str]:
        """Return the person's other unsettled cases for one of these rights, in this transaction.

        Args:
            rights: What is asked for in them.
        """
        return self._beside(rights, CaseRow.state.not_in(sorted(SETTLED)))

    def answered_beside(self, rights: Iterable[Right]) -> list[str]:
        """Return the person's other answered cases for one of these rights, in this transaction.

        Args:
            rights: What was asked for in them.
        """
        return self._beside(rights, CaseRow.state == CaseState.ANSWERED.value)

    def _beside(self, rights: Iterable[Right], stands: ColumnElement[bool]) -> list[str]:
        row = self._context.row
        lasting = frozenset(item for item in self.known() if item.kind.role is not KindRole.TURN)
        query = cases_sharing(self._context.keyring, lasting).where(
            IdentifierRow.contested.is_(False),
            CaseRow.id != row.id,
            CaseRow.controller == row.controller,
            CaseRow.right.in_(sorted(rights)),
            stands,
        )
        return list(self._context.session.scalars(query, execution_options=OF_OTHERS))

    def hash_lines(self) -> list[dict[str, str]]:
        """Return the keyed hash of each identifier with its kind, as the ledger stores them."""
        return [{"kind": row.kind, "hash": row.index_hash} for row in self._rows()]

    def hashes(self) -> tuple[frozenset[str], frozenset[str]]:
        """Return the keyed hashes of the strong ones and of the weak ones, such as phone numbers."""
        rows = self._rows()
        strong = frozenset(row.index_hash for row in rows if IdentifierKind.stored(row.kind).is_strong)
        weak = frozenset(row.index_hash for row in rows if IdentifierKind.stored(row.kind).is_weak)
        return strong, weak

    def scope(self) -> str:
        """Return a digest of the searchable ones: a search done under the same digest need not be repeated."""
        searched = {row.index_hash for row in self._rows() if not _is_corrected(row)}
        strong, weak = self.hashes()
        return hashlib.sha256("\n".join(sorted(searched & (strong | weak))).encode()).hexdigest()

    def contested(self) -> Identifiers:
        """Return the identifiers, in clear, that a search showed another person to use as well."""
        return frozenset(self._in_clear(row) for row in self._rows() if row.contested)

    def mark_contested(self, contested: Identifiers) -> None:
        """Remember which of them another person uses as well.

        Args:
            contested: Those; none of them is forgotten that no longer is.
        """
        hashes = self.digests(contested)
        for row in self._rows():
            if row.contested != (row.index_hash in hashes):
                row.contested, self._sharing = row.index_hash in hashes, None

    def summary(self) -> dict[str, int]:
        """Count the known identifiers by kind."""
        counts: dict[str, int] = {}
        for row in self._rows():
            counts[row.kind] = counts.get(row.kind, 0) + 1
        return counts


def _is_corrected(row: IdentifierRow) -> bool:
    return row.learnt_from == CORRECTED


_FOUND_OUT: Final = "person/"


class OtherPersons:
    """The case's links to other cases. The ledger names these by keyed hashes alone, since evidence leaves the company.

    Args:
        context: The open transaction.
        ledger: The case's ledger.
        outbox: Keeps what is encrypted.
    """

    def __init__(self, context: Context, ledger: Ledger, outbox: Outbox) -> None:
        self._context = context
        self._ledger = ledger
        self._outbox = outbox

    def note_earlier(self, case_ids: Collection[str]) -> None:
        """Note that there were earlier cases with the same identifiers."""
        hashes = sorted(self._context.text_hash("earlier case", identifier_text) for identifier_text in case_ids)
        self._ledger.append(CaseEvent.EARLIER_CASES_FOUND, cases=hashes, count=len(hashes))

    def found_out(self) -> dict[str, bool]:
        """Return people's latest findings on other cases: whether each is of the same person."""
        entries = map(json.loads, self._outbox.secrets_below(_FOUND_OUT))
        return {item["case"]: bool(item["is_same"]) for item in entries}

    def note_found_out(self, other: str, reason: str, *, is_same: bool, by: str) -> None:
        """Note a person's finding on another case.

        Args:
            other: The other case.
            reason: How that was found out; only its keyed hash is kept, since it may name the person.
            is_same: Whether it is of the same person.
            by: Who found out.
        """
        number = len(self._outbox.secrets_below(_FOUND_OUT)) + 1
        self._outbox.keep_secret(f"{_FOUND_OUT}{number:06d}", json.dumps({"case": other, "is_same": is_same}))
        event = CaseEvent.SAME_PERSON_CONFIRMED if is_same else CaseEvent.OTHER_PERSON_FOUND
        named, hashed = self._context.text_hash("other case", other), self._context.text_hash("reason", reason)
        self._ledger.append(event, actor=by, other=named, reason=hashed)


class Languages:
    """The languages that the case file has for the person.

    Args:
        context: The open transaction.
    """

    def __init__(self, context: Context) -> None:
        self._context = context

    @property
    def noted(self) -> KnownLanguage:
        """The request's, else the country's, as noted when the case was opened."""
        row = self._context.row
        return KnownLanguage(row.language, LanguageSource(row.language_from))

    def on_file(self) -> list[str]:
        """Return the languages (BCP 47 tags) on file in the subject's records, without those that have none."""
        if (lines := self._context.memory.findings) is not None:
            subjects = (row for row in lines if row.attribution == Attribution.SUBJECT)
            return [language_of_row(self._context, row) for row in subjects if row.sealed_language]
        query = select(FindingRow.sealed_language).where(
            FindingRow.case_id == self._context.row.id,
            FindingRow.attribution == Attribution.SUBJECT.value,
            FindingRow.sealed_language.is_not(None),
        )
        rows = self._context.session.execute(query.order_by(FindingRow.system, FindingRow.id))
        return [language_of_row(self._context, row) for row in rows]
