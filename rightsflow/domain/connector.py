"""The connector contract: what one system must be able to do for a request.

The subject's known identifiers are passed to every call: a redaction must know what to remove from a text, an extract
must know whose part of a shared ticket to give, and a fresh read must know what may no longer be there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol, runtime_checkable

from rightsflow.domain.coverage import SystemPlace
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.rectification.changes import Change, FieldOf
from rightsflow.domain.requesters import Requester
from rightsflow.domain.vocabulary.field_words import PLAIN, FieldWords
from rightsflow.domain.vocabulary.records import (
    DocumentClass,
    Fact,
    HadContent,
    Located,
    MarkSeen,
    Method,
    Outcome,
    Part,
    Presence,
    RecordRef,
    Restored,
    SystemJob,
)

ENTRY: Final = "entry"
"""An entry that another person wrote in a record of the subject, as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """Data that an extract leaves out of records of a kind, for the answer (Art. 15(4) GDPR).

    Args:
        what: Which data, in words that reveal nothing of them.
        reason: Why, in one sentence for the person, without the provision.
        unit: What an extract counts of it (``Document.withheld``), such as ``entry``: then the answer speaks of it only
            where something was left out, and says how much. Empty where it is left out of every record of the kind.
    """

    what: str
    reason: str
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordKind:
    """A kind of record that a connector knows.

    Args:
        name: The word used in ``RecordRef.kind``.
        title: The same for people, in the plural, for example ``"service tickets"``.
        methods: What the system allows; empty where records of this kind cannot be changed at all. One that can be
            restricted names ``RESTRICT``; its outcomes are ``restricted``, with no reason of their own, and those of
            ``LIFT`` are ``retained``.
        residue: What stays behind after an erasure and until when, in one sentence for the answer; empty if nothing.
        manual_step: What a person has to do there by hand because no interface allows it; empty if nothing.
        withheld: What an extract leaves out; the answer to an access request lists it.
        document: Which class of document its records are where nothing says otherwise; ``None`` if that is not stated,
            so that the gate asks before they are erased.
        words: The words in which the copy for the person shows the vendor's fields and codes.
        fields: The fields that can be rectified, in the words of a correction (``phone``, ``date of birth``), where
            ``methods`` has ``RECTIFY``.
        blankable: The fields that can be blanked while a record is kept, in the same words, where ``methods`` has
            ``BLANK``.
        fixed: Why its records are never rectified, in one sentence for the answer; empty where a person can do so.
        completed_by: The kinds to which its records refer, each with whether these alone hold what a law wants in the
            document, such as the name and address of an invoice: then they stay with it. ``None`` where no one said so.
        found_through: The kinds of the same system through which alone its records are found, such as the call of a
            recording: without that entry no one finds the record again.
        blocked_by: The kinds of record that make the system refuse to erase the record above them while they stay, each
            with the fact that they have then.
        blocked_note: What the approver is told where that is foreseen, in one sentence.
        is_profile: Whether a record is a person's profile (an account, a customer), so that the name in it is that
            person's own, by which letters may greet them; not so a call, a ticket or an order.
        calls: What is called at the system for each method, in the vendor's own terms, for the dry run that an approver
            reads, for example ``"DELETE /api/v2/tickets/destroy_many, 100 at once"``; no personal data.
    """

    name: str
    title: str
    methods: frozenset[Method]
    residue: str = ""
    manual_step: str = ""
    withheld: tuple[Withheld, ...] = ()
    document: DocumentClass | None = None
    words: FieldWords = field(default=PLAIN, hash=False)
    calls: Mapping[Method, str] = field(default_factory=dict, hash=False)
    fields: frozenset[str] = frozenset()
    blankable: frozenset[str] = frozenset()
    fixed: str = ""
    completed_by: Mapping[str, bool | None] = field(default_factory=dict, hash=False)
    is_profile: bool = False
    found_through: frozenset[str] = frozenset()
    blocked_by: Mapping[str, Fact] = field(default_factory=dict, hash=False)
    blocked_note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """A connector's declarations about its system.

    Args:
        kinds: The kinds of record in the order in which they must be erased (the profile by which the others are
            found comes last).
        searches: The kinds of identifier it can search by.
        calls_per_minute: The rate that the vendor publishes, or 0 where there is none.
        cannot_find: What a search of this system, as it is configured, cannot find (spellings, guests, free text), a
            sentence each; empty where it finds everything that names the subject.
        account_issuers: The systems whose account ids it can search by, as they are named in the configuration: its own
            where the system issues ids itself, and those that its settings name.
        has_tickets: Whether it reads the requester from a ticket (:class:`ReadsRequesters`), so that a request can be
            opened by a ticket's number.
        has_new_texts: Whether it reads the texts that arrived since an instant (:class:`ReadsNewTexts`).
    """

    kinds: tuple[RecordKind, ...]
    searches: frozenset[str]
    calls_per_minute: int = 0
    cannot_find: tuple[str, ...] = ()
    account_issuers: frozenset[str] = frozenset()
    has_tickets: bool = False
    has_new_texts: bool = False

    def kind(self, name: str) -> RecordKind:
        """Return the declaration of one kind.

        Raises:
            KeyError: The connector does not know that kind.
        """
        return {kind.name: kind for kind in self.kinds}[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The result of a probe.

    Args:
        ok: Whether cases can be worked on.
        detail: One sentence: what was seen, or what is wrong and how to fix it.
        excessive_rights: Rights the credentials have and do not need, in words.
        is_doubtful: Whether a person should look at it although cases can be worked on.
    """

    ok: bool
    detail: str
    excessive_rights: tuple[str, ...] = ()
    is_doubtful: bool = False


MOST_SAMPLED = 1_000
"""Largest number of values in one :class:`Sample`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The result of testing one identity mapping on a bounded number of stored values, regardless of their owners.

    A search through a mapping that never reads anything finds nothing, and that proves nothing.

    Args:
        what: What was looked at, in the plural and with the setting it tests, for example ``"objects with the metadata
            key caller"``; no personal data.
        looked_at: How many were looked at, at most :data:`MOST_SAMPLED`; values that are empty by right do not count.
        readable: How many of them carried an identifier that could be read, or did what ``proves`` says.
        proves: What those did, in words that follow their number.
    """

    what: str
    looked_at: int
    readable: int
    proves: str = "carry a readable identifier"

    def __str__(self) -> str:
        """Render the result in one sentence for people."""
        if not self.looked_at:
            return f"There are no {self.what} to check the mapping with."
        return f"Of {self.looked_at:,} {self.what}, {self.readable:,} {self.proves}."

    @property
    def is_wrong(self) -> bool:
        """True if the mapping reads none of the stored values."""
        return self.looked_at > 0 and self.readable == 0

    @property
    def is_unproven(self) -> bool:
        """True if there were no values to check the mapping with."""
        return self.looked_at == 0


@runtime_checkable
class Connector(Protocol):
    """One system. All methods raise ``Transient``, ``Permanent``, ``Refused`` or ``Misconfigured`` only."""

    @property
    def system(self) -> str:
        """The system's name in the configuration."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """The connector's declarations; no call is made."""
        ...

    def probe(self) -> Health:
        """Ask whether the system is reachable, the credentials are good and the rights sufficient.

        Never raises for an unhealthy system: that is its answer.
        """
        ...

    def samples(self) -> Iterator[Sample]:
        """Check each identity mapping of the configuration on stored values; few calls, nothing is kept.

        One sample for each setting that says where identifiers stand (a column, a metadata key, a user field) and for
        the vendor's own fields that the search relies on. A case fails on a mapping that is wrong, and never reports
        that nothing is held on one that is unproven, unless ``may_be_empty`` is set for the system.
        """
        ...

    def locate(self, known: Identifiers) -> Iterator[Located]:
        """Find every record that matches any of the identifiers, each record once.

        An iterator that ends normally is a positive finding that there is no more; anything else must raise. What
        belongs to a profile (its tickets, its charges) is walked only when ``claims(profile's identifiers, known)``
        of ``rightsflow.domain.attribution`` allows it, so that another person's records are not listed.
        """
        ...

    def extract(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Part]:
        """Return the data of these records, documents and blobs; a record that no longer exists is skipped.

        Here and below, ``known`` marks telephone numbers that other people use too (``is_contested``): what names the
        subject by these alone, beside the records that are asked for, is not read as the subject's.
        """
        ...

    def erase(self, refs: Sequence[RecordRef], method: Method, known: Identifiers) -> Iterator[Outcome]:
        """Erase these records, all of one kind, batched as the system's API allows.

        Yields exactly one outcome per ref. Safe to repeat: a record that is gone already is ``erased``, in the words
        that one erased now has, since a run that was killed may have erased it. A record the system refuses is an
        outcome with ``refused``; an error is raised only when the step as a whole must stop. What one call settled for
        many records is given by ``settled_together`` of ``rightsflow.domain.vocabulary.records``.
        """
        ...

    def presence(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Presence]:
        """Verify by a fresh read and never through a search index; exactly one answer per ref."""
        ...


@runtime_checkable
class Rectifies(Protocol):
    """A system whose connector can replace wrong values by right ones; one of its kinds names ``RECTIFY``."""

    def rectify(self, refs: Sequence[RecordRef], changes: Sequence[Change], known: Identifiers) -> Iterator[Outcome]:
        """Rectify these records, all of one kind, and read each afresh.

        A field is written only where it holds the value that the change says is wrong, in a record that is the
        subject's and no one else's; what holds another value is left as it is. Exactly one outcome per ref, as
        :func:`rightsflow.domain.rectification.changes.became` puts it. Safe to repeat.
        """
        ...

    def still_wrong(
        self, refs: Sequence[RecordRef], changes: Sequence[Change], known: Identifiers
    ) -> Iterator[Presence]:
        """Verify by a fresh read: ``present`` if a wrong value is still there, ``absent`` if none is."""
        ...


@runtime_checkable
class Foresees(Protocol):
    """A system that reports, before the plan, the fields that have no room for a right value."""

    def foresee(self, changes: Sequence[Change]) -> Iterator[FieldOf]:
        """Yield the fields, by the kind of their records, that do not accept the value of a change.

        Nothing is written, and no record is read. What only a write can tell is not given.

        Args:
            changes: What is to be corrected, as far as it is not decided otherwise.
        """
        ...


@runtime_checkable
class Blanks(Protocol):
    """A system whose connector can blank fields of a retained record; one of its kinds names ``BLANK``."""

    def blank(self, refs: Sequence[RecordRef], fields: Collection[str], known: Identifiers) -> Iterator[Outcome]:
        """Blank fields of these records, all of one kind, and read each afresh.

        Only of a record that is the subject's and no one else's, and never what it is found by alone. Exactly one
        outcome per ref: ``retained`` with no reason where all of them are blank, else with the fields that are not
        and why. Safe to repeat.
        """
        ...


@runtime_checkable
class RunsJobs(Protocol):
    """A system some of whose erasures are jobs that it works off by itself, for minutes or weeks."""

    def erase_by_jobs(
        self, refs: Sequence[RecordRef], method: Method, known: Identifiers, jobs: Mapping[RecordRef, SystemJob]
    ) -> Iterator[Outcome]:
        """Erase as :meth:`Connector.erase` does, and go on with jobs that were begun before.

        A job is begun and its outcome given before it is looked at for the first time, so that it is stored by then.
        The outcome of a record whose job has not ended is ``failed``, with the job. Safe to repeat.

        Args:
            refs: The records, all of one kind.
            method: How they are erased.
            known: The subject's identifiers.
            jobs: The jobs that were begun for some of them.
        """
        ...


@runtime_checkable
class ShowsCoverage(Protocol):
    """A system whose connector can name the places in it that may hold personal data and are not configured."""

    def uncovered(self) -> Iterator[SystemPlace]:
        """Yield the tables, columns, fields, brands, prefixes or keys that the configuration does not know.

        Only those that look like an identity or like free text, by their names or by a sample of which nothing is kept.
        Nothing is written, and no value is in what is given. An iterator that ends normally means that there are no
        more; what could not be read must raise.
        """
        ...


@runtime_checkable
class ShowsMarks(Protocol):
    """A system in which it can be read whether a record bears the mark of a restriction, which a restore takes away."""

    def marks(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[MarkSeen]:
        """Read the marks of restricted records afresh, and never through a search index; exactly one answer per ref.

        Nothing is written. A record of which the system gives no clear answer must raise: it may have lost its mark.

        Args:
            refs: The records, each of a kind that names ``RESTRICT``.
            known: The subject's identifiers.
        """
        ...


@runtime_checkable
class SignsMarks(Protocol):
    """A system in which the mark of a restriction names the case that set it, which distinguishes it from others."""

    def mark(self, refs: Sequence[RecordRef], method: Method, known: Identifiers, case_id: str) -> Iterator[Outcome]:
        """Mark records, all of one kind, in the name of a case, or remove that mark; one outcome per ref.

        What is marked already names this case from now on. A mark that names another case is not taken away: its
        outcome is ``retained`` with a reason; one that names none is. Safe to repeat.

        Args:
            refs: The records.
            method: ``RESTRICT`` or ``LIFT``.
            known: The subject's identifiers.
            case_id: The case.
        """
        ...


@runtime_checkable
class ReadsRequesters(Protocol):
    """A system with tickets, from which the person who asked is read; its capabilities say ``has_tickets``."""

    def requester_of(self, ticket: str) -> Requester:
        """Read the requester of a ticket: what is on file of that person, and when and how the ticket arrived.

        Nothing is written. Only what the system has on file of the requester counts, not what the ticket's text says,
        and no number or address that several people share.

        Args:
            ticket: The ticket's number, as people write it.

        Raises:
            NoRequester: There is no such ticket, it has no requester with an identifier, the number or the requester
                is not unique, or the requester is an agent. The sentence quotes nothing.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NewText:
    """A text that a customer wrote.

    Args:
        record: Where it is.
        text: The text.
        received_at: When it arrived (aware).
        ticket: The number by which :meth:`ReadsRequesters.requester_of` reads who wrote it; empty if there is none.
    """

    record: RecordRef
    text: str = field(repr=False)
    received_at: datetime
    ticket: str = field(default="", repr=False)


@runtime_checkable
class ReadsNewTexts(Protocol):
    """A system whose new texts by customers can be read; its capabilities say ``has_new_texts``."""

    def new_texts(self, since: datetime) -> Iterator[NewText]:
        """Yield every text by a customer that arrived since an instant; texts by employees and older ones are left out.

        Nothing is written. An iterator that ends normally is a finding that there is no more; anything else must raise.

        Args:
            since: The instant (aware).
        """
        ...

    def texts_of(self, record: RecordRef) -> Iterator[NewText]:
        """Yield every text by a customer in one record, by a fresh read; none where there is no such record.

        Args:
            record: The record, as :meth:`new_texts` named it.
        """
        ...


@runtime_checkable
class Recognises(Protocol):
    """A system in which a restored record has another name than before, such as an object's new version."""

    def restored(self, refs: Sequence[RecordRef], known: Identifiers, had: HadContent) -> Iterator[Restored]:
        """Yield, by a fresh read, the records now at the places of erased records, or beside muted ones.

        Of what is another person's by a fresh read nothing is the same, and what has another content for certain is not
        given. Whatever cannot be told apart is given as not the same, so that a person looks at it.

        Args:
            refs: The records, erased or muted.
            known: The subject's identifiers.
            had: Tells whether one of the records had a content, by the marks of ``Located.content``.
        """
        ...
