"""A whole fake system in memory, for tests of what is built on the connector contract.

It keeps the contract entirely (the conformance suite is run on it) and has what real systems have: records shared by
several people, locked records, vouchers, audio, and faults that can be ordered for any operation.
"""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from typing import TypeVar

from rightsflow.domain.attribution import claims
from rightsflow.domain.chain_claims import standing_now
from rightsflow.domain.connector import MOST_SAMPLED, Capabilities, Health, RecordKind, Sample
from rightsflow.domain.erasure.residue import ResidueTrail, fields_left, left
from rightsflow.domain.errors import RightsflowError, Transient
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.ownership import Standing
from rightsflow.domain.requesters import NoRequester, Requester, WhyNot
from rightsflow.domain.vocabulary.records import (
    ANOTHER_CASES,
    Blob,
    Document,
    DocumentClass,
    Fact,
    Located,
    MarkSeen,
    MarkState,
    Method,
    Outcome,
    OutcomeKind,
    Part,
    Presence,
    PresenceState,
    RecordRef,
)

__all__ = ["KINDS", "FakeRecord", "FakeSystem"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeRecord:
    """A record of a fake system.

    Args:
        kind: One of the system's kinds.
        key: The system's own key, unique within the kind.
        texts: What each person has in it: who (all identifiers the record names for them) and the text. The first
            is the owner.
        profile: The key of the profile it hangs on; it is then found through that and not by itself.
        account: The key of the profile that it belongs to where it is found by itself, as an order is by its telephone
            number; that profile is reported with it.
        audio: Its bytes, if it is a recording.
        occurred_on: Its date.
        facts: What the plan has to know.
        locked_until: The last day of the system's lock; with it, or with ``Fact.LEGAL_HOLD``, nothing can be erased.
        language: The language on file for its owner, of a profile.
        restricted: Whether it is marked so that it is used for nothing.
        restricted_by: The case that the mark names; empty where it names none.
        card_code: The bytes of its audio in which a card's security number was recorded.
    """

    kind: str
    key: str
    texts: tuple[tuple[Identifiers, str], ...]
    profile: str = ""
    account: str = ""
    audio: bytes = b""
    occurred_on: date | None = None
    facts: frozenset[Fact] = frozenset()
    locked_until: date | None = None
    language: str = ""
    restricted: bool = False
    restricted_by: str = ""
    card_code: bytes = field(default=b"", repr=False)

    def __repr__(self) -> str:
        """Kind only: texts and key are personal data."""
        return f"<FakeRecord {self.kind}>"

    @property
    def sha256(self) -> str:
        """The SHA-256 of its audio, in hexadecimal."""
        return hashlib.sha256(self.audio).hexdigest()

    @property
    def all_facts(self) -> frozenset[Fact]:
        """The record's facts, with those implied by its date, its code and its texts."""
        meant = {Fact.LOCKED: self.locked_until, Fact.CARD_CODE: self.card_code, Fact.SHARED: len(self.texts) > 1}
        return self.facts | {fact for fact, is_so in meant.items() if is_so}

    @property
    def owner(self) -> Identifiers:
        """The identifiers of the record's owner."""
        return self.texts[0][0] if self.texts else frozenset()

    def names(self, known: Identifiers) -> bool:
        """Return whether the record still has any text of this person."""
        return any(person & known for person, _ in self.texts)

    def is_anothers(self, known: Identifiers) -> bool:
        """Return whether the record names other people and not this person, as after its key was reused."""
        return any(person for person, _ in self.texts) and not self.names(known)

    def muted(self) -> FakeRecord:
        """Return the record with the card's security number silenced."""
        return replace(self, audio=self.audio.replace(self.card_code, bytes(len(self.card_code))), card_code=b"")

    def without(self, known: Identifiers) -> FakeRecord:
        """Return the record without this person's texts and audio."""
        return replace(self, texts=tuple((who, text) for who, text in self.texts if not who & known), audio=b"")


_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Chunks:
    """Opens bytes as a stream of small chunks, as often as wanted."""

    data: bytes

    def __call__(self) -> Iterator[bytes]:
        """Start a stream."""
        for start in range(0, len(self.data), _BYTES):
            yield self.data[start : start + _BYTES]


T = TypeVar("T")


_NO = DocumentClass.NONE
_BOTH = frozenset({Method.ERASE, Method.REDACT})
_MARKED = {Method.RESTRICT: OutcomeKind.RESTRICTED, Method.LIFT: OutcomeKind.RETAINED}

KINDS = (
    RecordKind(name="recording", title="call recordings", methods=frozenset({Method.ERASE}), document=_NO),
    RecordKind(
        name="ticket", title="service tickets", methods=_BOTH, residue="Backups keep it for 30 days.", document=_NO
    ),
    RecordKind(name="invoice", title="invoices", methods=frozenset({Method.REDACT}), document=_NO),
    RecordKind(name="profile", title="customer profiles", methods=_BOTH, document=_NO, is_profile=True),
)
"""The kinds of a fake system, in the order in which they are erased; ``profile`` is what others hang on."""


@dataclass(slots=True)
class _Fault:
    error: BaseException
    times: int | None
    after: int


@dataclass(slots=True)
class FakeSystem:
    """A system in memory that fulfils the connector contract. Thread-safe.

    Args:
        system: The system's name in the configuration.
        kinds: What it declares, in the order of erasure.
        cannot_find: What it declares that its search cannot find.
        keeps: Field names that the system keeps of a record that it erases, each with what it then holds, such as the
            key of the customer's account.
        sampled: The samples to give instead of its own, for the tests of wrong and unproven mappings.
        tickets: The requesters of its tickets by number, or why none is read; a system without any declares no tickets.
        calls: How often each operation was called, failed calls included.
    """

    system: str = "helpdesk"
    kinds: tuple[RecordKind, ...] = KINDS
    cannot_find: tuple[str, ...] = ()
    keeps: Mapping[str, str] = field(default_factory=dict)
    sampled: tuple[Sample, ...] | None = None
    searches: frozenset[str] = frozenset({"email", "phone", "customer_id", "account_id"})
    tickets: Mapping[str, Requester | WhyNot] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    _records: dict[RecordRef, FakeRecord] = field(default_factory=dict)
    _kept: dict[RecordRef, Mapping[str, str]] = field(default_factory=dict)
    _faults: dict[str, _Fault] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __repr__(self) -> str:
        """Name and number of records."""
        return f"<FakeSystem {self.system} with {len(self._records)} records>"

    # -- what a test sets up and looks at --------------------------------------------------------------------------

    def add(self, *records: FakeRecord) -> list[RecordRef]:
        """Add records; return their refs."""
        with self._lock:
            refs = [RecordRef(self.system, record.kind, record.key) for record in records]
            self._records.update(zip(refs, records, strict=True))
        return refs

    def records(self) -> list[FakeRecord]:
        """Return all records held now."""
        with self._lock:
            return list(self._records.values())

    def fail(
        self, operation: str, error: BaseException | None = None, *, times: int | None = 1, after: int = 0
    ) -> None:
        """Order a fault.

        Args:
            operation: ``probe``, ``samples``, ``locate``, ``extract``, ``erase``, ``presence``, ``marks`` or
                ``requester``.
            error: What is raised, as a faulty driver may raise anything; by default ``Transient``.
            times: How many calls fail; ``None`` for all until :meth:`heal`.
            after: How many items a failing call still yields (and works off) before it fails.
        """
        default = Transient("The system did not answer; try again.", system=self.system, operation=operation)
        with self._lock:
            self._faults[operation] = _Fault(error or default, times, after)

    def heal(self) -> None:
        """Take back all faults."""
        with self._lock:
            self._faults.clear()

    @contextmanager
    def outage(self) -> Iterator[None]:
        """While entered, every operation fails."""
        for operation in ("probe", "samples", "locate", "extract", "erase", "presence", "marks", "requester"):
            self.fail(operation, times=None)
        try:
            yield
        finally:
            self.heal()

    # -- the contract ----------------------------------------------------------------------------------------------

    @property
    def capabilities(self) -> Capabilities:
        """The capabilities that the system declares."""
        return Capabilities(
            kinds=self.kinds,
            searches=self.searches,
            cannot_find=self.cannot_find,
            account_issuers=frozenset({self.system}),
            has_tickets=bool(self.tickets),
        )

    def probe(self) -> Health:
        """Healthy unless a fault was ordered."""
        try:
            list(self._faulty("probe", ()))
        except RightsflowError:
            return Health(ok=False, detail="The system does not answer; start it.")
        return Health(ok=True, detail="The system answers.")

    def samples(self) -> Iterator[Sample]:
        """Yield the number of records with an owner, or the configured samples."""
        yield from self._faulty("samples", self._samples())

    def locate(self, known: Identifiers) -> Iterator[Located]:
        """Yield each record that names a known identifier, and the records below the subject's profiles."""
        yield from self._faulty("locate", self._find(known))

    def extract(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Part]:
        """Yield a document per record with this person's texts, and the audio of recordings."""
        yield from self._faulty("extract", self._parts(refs, known))

    def erase(self, refs: Sequence[RecordRef], method: Method, known: Identifiers) -> Iterator[Outcome]:
        """Erase or redact, one by one; held records are refused."""
        yield from self._faulty("erase", (self._erase(ref, method, known) for ref in refs))

    def presence(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Presence]:
        """Tell whether each record still has data of this person."""
        yield from self._faulty("presence", (self._look(ref, known) for ref in refs))

    def marks(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[MarkSeen]:
        """Tell whether each restricted record has its mark, by a fresh read."""
        yield from self._faulty("marks", (self._mark(ref, known) for ref in refs))

    def mark(self, refs: Sequence[RecordRef], method: Method, known: Identifiers, case_id: str) -> Iterator[Outcome]:
        """Mark records in the name of a case, or take its mark away; held records are refused."""
        yield from self._faulty("erase", (self._erase(ref, method, known, case_id) for ref in refs))

    def requester_of(self, ticket: str) -> Requester:
        """Return the requester of a ticket, or raise the reason why none is read."""
        found = next(self._faulty("requester", (self.tickets.get(ticket, WhyNot.NO_TICKET),)))
        if isinstance(found, WhyNot):
            raise NoRequester(found)
        return found

    # -- inner workings --------------------------------------------------------------------------------------------

    def _faulty(self, operation: str, items: Iterable[T]) -> Iterator[T]:
        """Yield the items, or the ordered fault in their place."""
        fault = self._next_fault(operation)
        yield from items if fault is None else islice(items, fault.after)
        if fault is not None:
            raise fault.error

    def _next_fault(self, operation: str) -> _Fault | None:
        with self._lock:
            self.calls[operation] += 1
            fault = self._faults.get(operation)
            if fault is None or fault.times is None:
                return fault
            fault.times -= 1
            if not fault.times:
                del self._faults[operation]
            return fault

    def _samples(self) -> tuple[Sample, ...]:
        if self.sampled is not None:
            return self.sampled
        looked_at = [record for record in self.records() if not record.profile][:MOST_SAMPLED]
        readable = sum(bool(record.owner) for record in looked_at)
        return (Sample(what="records", looked_at=len(looked_at), readable=readable),)

    def _find(self, known: Identifiers) -> Iterator[Located]:
        # No one is searched for by name or date of birth: many people share them.
        known = frozenset(identifier for identifier in known if identifier.finds)
        held = self.records()
        profiles = {item.key: item for item in held if item.kind == "profile"}
        walked = {key: item for key, item in profiles.items() if item.names(known)}
        listed = set(walked)
        for record in held:
            if record.profile:
                profile = walked.get(record.profile)
                if profile is not None and record.texts and claims(profile.owner, known):
                    yield self._located(record, via=RecordRef(self.system, "profile", profile.key))
            elif record.names(known):
                if record.account in profiles.keys() - listed:
                    listed.add(record.account)
                    yield replace(self._located(profiles[record.account]), is_context=True)
                yield self._located(record)

    def _located(self, record: FakeRecord, via: RecordRef | None = None) -> Located:
        return Located(
            record=RecordRef(self.system, record.kind, record.key),
            category=self.capabilities.kind(record.kind).title,
            owner=frozenset() if via else record.owner,
            via=via,
            above=(RecordRef(self.system, "profile", record.account),) if record.account else (),
            occurred_on=record.occurred_on,
            facts=record.all_facts,
            locked_until=record.locked_until,
            language=record.language,
        )

    def _parts(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Part]:
        for ref in refs:
            with self._lock:
                record = self._records.get(ref)
            if record is None or self._is_anothers(record, known):
                continue
            category = self.capabilities.kind(ref.kind).title
            texts = [text for who, text in record.texts if who & known] or [text for _, text in record.texts[:1]]
            others = {item.value for who, _ in record.texts if not who & known for item in who}
            yield Document(record=ref, category=category, content={"texts": texts}, others=frozenset(others))
            if record.audio:
                yield Blob(
                    record=ref,
                    category=category,
                    name="recording.wav",
                    media_type="audio/wav",
                    open=Chunks(record.audio),
                )

    def _erase(self, ref: RecordRef, method: Method, known: Identifiers, case_id: str = "") -> Outcome:
        with self._lock:
            record = self._records.get(ref)
            if record is None:
                return Outcome(record=ref, kind=OutcomeKind.ERASED if method.removes else OutcomeKind.NOT_HELD)
            if record.all_facts & {Fact.LOCKED, Fact.LEGAL_HOLD}:
                reason = "The system holds this record and did not let it go."
                return Outcome(
                    record=ref, kind=OutcomeKind.RETAINED, reason=reason, until=record.locked_until, refused=True
                )
            needed = method if method.removes else Method.RESTRICT
            if needed not in self.capabilities.kind(ref.kind).methods:
                reason = "The system does not allow this for records of this kind."
                return Outcome(record=ref, kind=OutcomeKind.FAILED, reason=reason, refused=True)
            if self._is_anothers(record, known):
                done = OutcomeKind.REDACTED if method is Method.REDACT else OutcomeKind.ERASED
                return Outcome(record=ref, kind=done if method.removes else OutcomeKind.NOT_HELD)
            return self._changed(ref, record, method, known, case_id)

    def _is_anothers(self, record: FakeRecord, known: Identifiers) -> bool:
        """Return whether a record now belongs to another person, by its own owner and the owner of its profile."""
        if record.is_anothers(known):
            return True
        profile = self._records.get(RecordRef(self.system, "profile", record.account or record.profile))
        above = [profile.owner] if profile is not None else []
        return bool(above) and standing_now([record.owner, *above], known) is Standing.OTHER

    def _changed(self, ref: RecordRef, record: FakeRecord, method: Method, known: Identifiers, case_id: str) -> Outcome:
        if not method.removes:
            return self._restricted(record, method, case_id)
        if method is Method.MUTE:
            self._records[ref] = muted = record.muted()
            return Outcome(record=ref, kind=OutcomeKind.RETAINED, sha256=muted.sha256)
        if self.keeps:
            self._kept[ref] = dict(self.keeps)
        if method is Method.ERASE:
            del self._records[ref]
            return Outcome(record=ref, kind=OutcomeKind.ERASED)
        self._records[ref] = record.without(known)
        return Outcome(record=ref, kind=OutcomeKind.REDACTED)

    def _restricted(self, record: FakeRecord, method: Method, case_id: str) -> Outcome:
        ref, restricts = RecordRef(self.system, record.kind, record.key), method is Method.RESTRICT
        if not restricts and case_id and record.restricted_by not in {"", case_id}:
            return Outcome(record=ref, kind=OutcomeKind.RETAINED, reason=ANOTHER_CASES)
        self._records[ref] = replace(record, restricted=restricts, restricted_by=case_id if restricts else "")
        return Outcome(record=ref, kind=_MARKED[method])

    def _mark(self, ref: RecordRef, known: Identifiers) -> MarkSeen:
        with self._lock:
            record = self._records.get(ref)
        if record is None or not record.names(known):
            return MarkSeen(record=ref, state=MarkState.GONE)
        state = MarkState.MARKED if record.restricted else MarkState.UNMARKED
        return MarkSeen(record=ref, state=state, case_id=record.restricted_by)

    def _look(self, ref: RecordRef, known: Identifiers) -> Presence:
        with self._lock:
            record, kept = self._records.get(ref), self._kept.get(ref, {})
        if record is not None and record.names(known):
            return Presence(record=ref, state=PresenceState.PRESENT, detail="It is still there.")
        return left(
            ref, fields_left(kept, ResidueTrail(known=known, id_fields=frozenset(kept))), remains=record is not None
        )

    @contextmanager
    def leaving(self, **fields: str) -> Iterator[None]:
        """Leave these fields of each record that the system erases or redacts inside the block."""
        before, self.keeps = self.keeps, fields
        try:
            yield
        finally:
            self.keeps = before
