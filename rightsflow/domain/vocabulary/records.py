"""Records, what is known of them without their content, and what became of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from rightsflow.domain.errors import safe_request_id
from rightsflow.domain.identifiers import Identifiers


class LeftToPerson(StrEnum):
    """A kind of manual work left on a record; a task is noted for each, and the answer mentions it."""

    SHARED_FIELD = "shared field"
    """A field names the person together with others, and no program can take their part out of it."""
    PERHAPS_COPIED = "perhaps copied"
    """The system itself wrote something elsewhere when it was done, and no one has looked whether it is a copy."""
    NO_MARK = "no mark"
    """It is stored and used for nothing else, and its system has no way to mark that."""
    CARD_CODE = "card code"
    """A recording that stays has a card's security number in a part that was not muted."""
    CARD_CODE_HELD = "card code, held"
    """A recording with such a number has to stay as it is, so that a person decides on it."""
    NOT_BLANKED = "not blanked"
    """Fields that nothing needs could not be blanked in a record that stays."""


@dataclass(frozen=True, slots=True, order=True)
class RecordRef:
    """The location of a record.

    Args:
        system: The system's name in the configuration, for example ``"helpdesk"``.
        kind: The connector's own word for it, for example ``"ticket"``.
        ref: The system's own key. It may be personal data (a file name with a phone number), so it is sealed in the
            store and never logged.
    """

    system: str
    kind: str
    ref: str

    def __repr__(self) -> str:
        """System and kind only: the ref may hold a phone number."""
        return f"<RecordRef {self.system} {self.kind}>"


@dataclass(frozen=True, slots=True, order=True)
class KindAt:
    """A kind of records at a system.

    Args:
        system: As of a record.
        kind: As of a record.
    """

    system: str
    kind: str


class Fact(StrEnum):
    """A fact about a record that the plan has to know, learnt while the record was located."""

    SHARED = "shared"
    """The same record holds another data subject's data."""
    MENTION = "mention"
    """The record is another person's; the subject is only named in it."""
    ACCOUNTING = "accounting"
    """A voucher in the sense of tax and commercial law (invoice, payment, refund)."""
    OPEN_INVOICE = "open invoice"
    OPEN_DISPUTE = "open dispute"
    ACTIVE_CONTRACT = "active contract"
    """Something runs on that the deletion would end, such as a subscription."""
    OPEN_ORDER = "open order"
    OPEN_TICKET = "open ticket"
    MANDATE = "mandate"
    """The person lets money be collected by it."""
    WARRANTY = "warranty"
    """It is proof of a purchase whose warranty may still run."""
    REFERRED_TO = "referred to"
    """Entries of other people, or such as stay by the configuration, refer to it; its system keeps it with them."""
    REFERRED_BY_OWN = "referred to by their own"
    """Entries of the person alone refer to it; its system keeps it while one of these stays."""
    NAMED_ELSEWHERE = "named elsewhere"
    """An entry that is none of the person's leads to it too, so that it is found without theirs."""
    LEGAL_HOLD = "legal hold"
    """The system itself holds the record without an end date."""
    LOCKED = "locked"
    """The system itself holds the record until ``Located.locked_until``."""
    CARD_CODE = "card security number"
    """A part of it, which the system marks, has a card's security number, which must not be kept (PCI DSS 3.3.1)."""


class Method(StrEnum):
    """The method of erasing a record."""

    ERASE = "erase"
    """Remove the record."""
    REDACT = "redact"
    """Keep the record and remove the subject's data from it."""
    MUTE = "mute"
    """Keep the record and silence for good what the system marks as a card's security number."""
    RESTRICT = "restrict"
    """Keep the record as it is and mark it there, so that it is stored and used for nothing else (Art. 18 GDPR)."""
    LIFT = "lift"
    """Take that mark away again; every kind that can be restricted can do so."""
    BLANK = "blank"
    """Keep the record as the law orders and blank for good the fields that the law does not need (Art. 17(3) GDPR)."""
    RECTIFY = "rectify"
    """Put right values in the place of wrong ones (Art. 16 GDPR)."""

    @property
    def removes(self) -> bool:
        """True if the method removes data of the person."""
        return self in {Method.ERASE, Method.REDACT, Method.MUTE, Method.BLANK}


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A record that matched, as a connector saw it; whose it is, is decided by ``attribution``.

    Args:
        record: Where it lies.
        category: In the words of the record of processing, for example ``"service tickets"``.
        owner: Every identifier by which the record names the person it belongs to (for a profile: all its e-mail
            addresses, numbers and ids; for a call: the matching number and the customer id in the row, where there
            is one). Never an agent's or the controller's own.
        via: The record it was reached through (the profile of a ticket) and belongs to. ``owner`` may then be empty,
            or name whom the record names by itself.
        above: Further records that it belongs to, directly, and that name a person or belong to one that does: the
            account of an order that was found by its telephone number. Each of them is reported too.
        is_context: Whether it was read only because others belong to it: it says whose they are, and nothing is done
            with it.
        occurred_on: Its date in the system, from which retention runs; ``None`` where it has none.
        facts: What the plan has to know.
        locked_until: The last day of the system's own lock, with ``Fact.LOCKED``.
        document: Which class of document a rule of the configuration says that this record is; ``None`` where no rule
            speaks of it.
        language: The language that the system has on file for the person, a BCP 47 tag; only of a record that is one
            person's (a profile), and never guessed from text. Empty where nothing is on file.
        content: By what its content can be told again should a back-up bring it back under another name, as
            :class:`rightsflow.domain.connector.Recognises` has it; kept as keyed hashes alone.
    """

    record: RecordRef
    category: str
    owner: Identifiers = frozenset()
    via: RecordRef | None = None
    above: tuple[RecordRef, ...] = ()
    is_context: bool = False
    occurred_on: date | None = None
    facts: frozenset[Fact] = frozenset()
    locked_until: date | None = None
    document: DocumentClass | None = None
    language: str = ""
    content: tuple[str, ...] = field(default=(), repr=False)

    @property
    def belongs_to(self) -> tuple[RecordRef, ...]:
        """Records to which it belongs directly; the record through which it was reached comes first."""
        return tuple(dict.fromkeys((*((self.via,) if self.via else ()), *self.above)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A record's data in structured form.

    Args:
        record: Where they come from.
        category: As in :class:`Located`.
        content: JSON-compatible data, readable by the person: the system's field names, no credentials, no bearer
            links, no internal ids of employees beyond a role.
        others: Names, e-mail addresses and phone numbers of third persons in this record, so that the redaction can
            mask them in every text of it. Not part of what is disclosed.
        withheld: How much was left out of it, by ``Withheld.what`` of its kind; what is not counted is not here.
    """

    record: RecordRef
    category: str
    content: Mapping[str, Any]
    others: frozenset[str] = frozenset()
    withheld: Mapping[str, int] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Return the source only, never the content."""
        return f"<Document of {self.record!r}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """A record's bytes (an attachment, a recording), streamed and never whole in memory.

    Args:
        record: Where they come from.
        category: As in :class:`Located`.
        name: A file name for the person, with its extension; the redaction may still change it.
        media_type: For example ``"audio/wav"``.
        open: Starts a fresh read; called at most once per delivery and again after a retry.
        metadata: JSON-compatible facts about the bytes (for a recording: start, seconds, direction, channels).
    """

    record: RecordRef
    category: str
    name: str
    media_type: str
    open: Callable[[], Iterator[bytes]]
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Return the source only, never the name."""
        return f"<Blob of {self.record!r}>"


Part = Document | Blob


class OutcomeKind(StrEnum):
    """The outcome of a record. Each record of a case ends in exactly one."""

    ERASED = "erased"
    """It is gone."""
    REDACTED = "redacted"
    """Nothing of the person can be read in it any more."""
    RESIDUE = "residue"
    """The removable parts are gone; a part that identifies the person stayed, which the reason names."""
    PSEUDONYMISED = "pseudonymised"
    """The data that name the person were replaced; the rest stays."""
    RESTRICTED = "restricted"
    """It stays and is processed for nothing but the reason it is kept for (Art. 18 GDPR)."""
    RETAINED = "retained"
    """It stays, with the provision and the last day."""
    RECTIFIED = "rectified"
    """The wrong data in the record were corrected."""
    UNRECTIFIED = "not rectified"
    """Something of it should have been corrected and could not be, which the reason names."""
    NOT_CONCERNED = "not concerned"
    """It stays as it is: the request is about other records."""
    NOT_HELD = "not held"
    """It was gone before it was erased here."""
    DELEGATED = "delegated"
    """A person or a processor has to erase it."""
    FAILED = "failed"
    """The system did not erase it; the case stays open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemJob:
    """An erasure that a system works off by itself, for minutes or weeks.

    Args:
        id: Its id at the system.
        begun_at: When it was begun (aware).
        look_at: When it is looked at again, at the earliest (aware).
        give_up_at: When a person has to look at it, if it has not ended (aware).
    """

    id: str
    begun_at: datetime
    look_at: datetime
    give_up_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The outcome of one record.

    Args:
        record: The record.
        kind: The outcome.
        reason: One sentence in plain words, without personal data, fit for the answer to the person.
        legal_basis: The provision, where the record is kept, for example ``"Art. 17(3)(b) GDPR, § 147 AO"``.
        until: The last day it is kept, where the law or the system's lock gives one.
        refused: Whether the system itself said no against the plan (Object Lock, an open dispute).
        request_id: The vendor's request id, as proof; one that may quote data is hashed.
        left: What of it a person has to do; ``reason`` says it to the person whom the record is about.
        sha256: The SHA-256 of what stands in the record's place, in hexadecimal, where it was changed there.
        settled_with_next: Whether the next outcome follows without another call to the system, so that both may be
            noted together.
        job: The job of the system that has begun to erase it and has not ended; the outcome is ``failed`` until then.
    """

    record: RecordRef
    kind: OutcomeKind
    reason: str = ""
    legal_basis: str = ""
    until: date | None = None
    refused: bool = False
    request_id: str = ""
    left: frozenset[LeftToPerson] = frozenset()
    sha256: str = ""
    settled_with_next: bool = field(default=False, compare=False)
    job: SystemJob | None = None

    def __post_init__(self) -> None:
        """Keep no vendor's id that may quote data."""
        object.__setattr__(self, "request_id", safe_request_id(self.request_id))


def settled_together(outcomes: Sequence[Outcome]) -> Iterator[Outcome]:
    """Yield settled outcomes and mark them as such, so that they can be noted together.

    Args:
        outcomes: What one call to the system settled, or several that have all been made.
    """
    for number, outcome in enumerate(outcomes, start=1):
        yield replace(outcome, settled_with_next=number < len(outcomes))


class PresenceState(StrEnum):
    """The result of a fresh read."""

    PRESENT = "present"
    """Data of the subject can still be read there."""
    ABSENT = "absent"
    """The record is gone, or nothing is left in it that names the subject or leads back to them."""
    RESIDUE = "residue"
    """It was erased as far as the system allows, and what is left leads back to the subject."""
    UNKNOWN = "unknown"
    """The system did not give a clear answer; counts as not verified."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """The result of verifying after an erasure.

    Args:
        record: The record.
        state: What a fresh read showed.
        detail: One sentence without personal data: where it was still seen, or why it is unknown. Of a residue it is
            fit for the answer to the person.
        fields: The names of the fields that lead back, of a residue.
        remains: Of an absent one: whether a record is still there under its reference, which this read cannot tell to
            be the person's. After an erasure that is another person's, or blank; of what is kept it is no absence.
    """

    record: RecordRef
    state: PresenceState
    detail: str = ""
    fields: tuple[str, ...] = ()
    remains: bool = False


class MarkState(StrEnum):
    """The state of a restriction's mark in a fresh read (Art. 18 GDPR)."""

    MARKED = "marked"
    """The record is there, the subject's, and bears the mark."""
    UNMARKED = "unmarked"
    """It is there, the subject's, and bears no mark, as after a restored back-up."""
    GONE = "gone"
    """It is not there any more, or is not the subject's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkSeen:
    """The result of a fresh read of one restricted record.

    Args:
        record: The record.
        state: What was seen.
        now: Its present name, where the system gave it another one that still means the record.
        case_id: The case that the mark names, where :class:`rightsflow.domain.connector.SignsMarks` wrote it; empty
            where it names none, so that no one can tell whose it is.
    """

    record: RecordRef
    state: MarkState
    now: RecordRef | None = None
    case_id: str = ""


ANOTHER_CASES: Final = "Another request restricts it too, so that its mark stays."
"""The reason with which a connector leaves a mark that names another case."""
HadContent = Callable[[RecordRef, str], bool | None]
"""Check whether a record that is gone had a content, by one of its marks; ``None`` where no mark of it is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A record found at the place of an erased or muted record, which may be that record again.

    Args:
        record: The record, by the name that it had.
        now: What lies there, by its own name.
        is_same: Whether it is the subject's by a fresh read, names no one else, and has the very content that went.
        stored_at: When it was stored (aware).
    """

    record: RecordRef
    now: RecordRef
    is_same: bool
    stored_at: datetime


class DocumentClass(StrEnum):
    """Kinds of documents that laws on books and tax tell apart."""

    VOUCHER = "voucher"
    """Documents on which a booking rests: invoices, receipts, payments, refunds, payment statements."""
    BOOK = "book"
    """Books, annual accounts, inventories, the documentation of procedures."""
    TRADE_LETTER = "trade_letter"
    """Letters and e-mails about a concluded deal, complaints included; an enquiry without a deal is none."""
    RECORDING = "recording"
    """Recorded telephone calls with their transcripts. An ordinary support line has no duty to keep them."""
    COMPLAINT_FILE = "complaint_file"
    """Files of warranty and complaint cases; they occur on the day of the settlement or the end of the warranty."""
    CONSUMER_CONTRACT = "consumer_contract"
    """Electronic contracts with consumers of 120 euros or more; they occur on the day of delivery."""
    OSS_RECORD = "oss_record"
    """Records of sales declared through the Union's One Stop Shop for value added tax."""
    NONE = "none"
    """No document that a law on books or tax orders to keep."""

    @property
    def words(self) -> str:
        """Records of the class, in the plural."""
        return _CLASS_WORDS[self]


_CLASS_WORDS = {
    DocumentClass.VOUCHER: "payment vouchers",
    DocumentClass.BOOK: "books and annual accounts",
    DocumentClass.TRADE_LETTER: "letters about a concluded deal",
    DocumentClass.RECORDING: "recordings of client orders",
    DocumentClass.COMPLAINT_FILE: "files of warranty and complaint cases",
    DocumentClass.CONSUMER_CONTRACT: "contracts with consumers",
    DocumentClass.OSS_RECORD: "records of sales under the One Stop Shop",
    DocumentClass.NONE: "records that no law orders to keep",
}
