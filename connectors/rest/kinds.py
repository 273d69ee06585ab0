"""The kinds of record of a described system: whom they name, what they belong to, how they are read and erased."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Self

from pydantic import Field, model_validator

from connectors.rest.calls import (
    AnswerRule,
    ApiCall,
    File,
    KindName,
    Line,
    Listing,
    Parent,
    PlaceholderName,
    PreflightLook,
    RecordRead,
    RecordSearch,
    Scalar,
    Where,
)
from connectors.rest.paths import Path, texts_in
from connectors.settings import Strict
from rightsflow.domain.identifiers import IdentifierKind
from rightsflow.domain.vocabulary.records import DocumentClass, Fact


class Erase(Strict):
    """How a record is erased.

    Args:
        steps: The calls, one after the other; ``{id}`` is the record's id and ``{parent}`` its parent's.
        answers: What their answers mean. By default 2xx is erased, 404 gone, and all else an error.
        preflight: Looks that may stop it.
        takes_along: Kinds that the system removes with the record. They must be erased before; as long as one is there,
            the record stays. By default all that are listed below it; ``[]`` if none goes with it.
        job: The job that erases it, instead of steps.
        after: Kinds that are erased before this one, beside those that belong to it.
        unseen: ``true`` if its id is never given out again and a read may not show it: the steps are made though no
            read shows it, and what is left there is said, since no read proves the erasure.
    """

    steps: tuple[ApiCall, ...] = ()
    answers: tuple[AnswerRule, ...] = ()
    preflight: tuple[PreflightLook, ...] = ()
    takes_along: tuple[KindName, ...] | None = None
    job: KindName | Literal[""] = ""
    after: tuple[KindName, ...] = ()
    unseen: bool = False

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if bool(self.steps) == bool(self.job):
            raise ValueError("give steps or a job")
        for step in self.steps:
            if "id" not in step.placeholders or (step.method == "DELETE" and "{id}" not in step.target):
                raise ValueError(f"{step} does not say which record; put {{id}} into its address")
        return self


class Mask(ApiCall):
    """How the person's data in a record are replaced, where it stays.

    Args:
        answers: What the answers mean, as for erasing.
        shown: Where a record shows what was replaced, if not under the names of the body.
        leaves: What the system itself puts there, such as "This message was deleted".
    """

    answers: tuple[AnswerRule, ...] = ()
    shown: tuple[Path, ...] = ()
    leaves: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _replaces(self) -> Self:
        if self.method in {"GET", "DELETE"} or not self.body:
            raise ValueError("mask replaces fields: give put, patch or post with a body")
        return self

    @property
    def texts(self) -> tuple[str, ...]:
        """What it puts in the place of the person's data."""
        return (*self.leaves, *(text for text in texts_in(self.body) if text))

    @property
    def places(self) -> tuple[str, ...]:
        """The paths at which a record shows what it replaces."""
        return self.shown or tuple(self.body)


class Entries(Strict):
    """The entries of a record that several people may write, such as the messages of a ticket.

    Args:
        inside: Where they stand in the record; or a ``list``.
        list: Their list; ``{id}`` is the record's id.
        id: Where an entry's id stands.
        names: Where an entry names its author, as for a kind.
        staff: Which entries are by employees, whose names are not read.
        texts: Where its texts stand; they are read again after a redaction.
        not_personal: As for a kind.
        files: Its files, as for a kind; ``{entry}`` is the entry's id.
        mask: How an entry is replaced; ``{entry}`` is its id.
        erase: How it is removed, instead.
        job: The job that empties all entries of one author in a record, instead; ``{author}`` is that account.
    """

    inside: Path = ""
    list: Listing | None = None
    id: Path = "id"
    names: dict[IdentifierKind, tuple[Path, ...]] = Field(min_length=1)
    staff: Where | None = None
    texts: tuple[Path, ...] = ()
    not_personal: tuple[Path, ...] = ()
    files: tuple[File, ...] = ()
    mask: Mask | None = None
    erase: ApiCall | None = None
    job: KindName | Literal[""] = ""

    @property
    def can_change(self) -> bool:
        """True if the person's entries can be replaced or removed."""
        return bool(self.mask or self.erase or self.job)

    @model_validator(mode="after")
    def _are_somewhere(self) -> Self:
        if bool(self.inside) == (self.list is not None):
            raise ValueError("say where the entries are: inside or list")
        if self.list is not None and "{id}" not in self.list.target:
            raise ValueError("the list of entries has no {id} in its address; a filter may be ignored")
        for call in (self.mask, self.erase):
            if call is not None and "entry" not in call.placeholders:
                raise ValueError(f"{call} does not say which entry; put {{entry}} into it")
            _hold_alike(call, self.list, "entry")
        if self.job and (self.mask or self.erase or IdentifierKind.ACCOUNT_ID not in self.names):
            raise ValueError("a job empties the entries of one account: give names an account_id, and no mask or erase")
        return self


class DescribedKind(Strict):
    """A kind of record.

    Args:
        title: Its records in the plural, for people.
        category: The category of data in the record of processing; by default the title.
        profile: ``true`` if a record is a person's profile, so that the name in it is that person's.
        document_class: The class of document: ``voucher``, ``trade_letter``, ``recording``, ``none``, …
        id: Where a record's id stands.
        names: Where a record names the person it belongs to, by kind of identifier: ``{ email = ["email"] }``. A row of
            a search counts only if the identifier that was asked for is there. ``firstname + lastname`` joins two.
        account: ``true`` if the record's id is an account id of the person, which other systems may hold.
        others: Where a record names other people: it is then shared.
        staff: Which records are an employee's and name no customer.
        occurred_at: Where its date stands.
        language: Where the person's language stands.
        find: Its searches.
        parents: What its records belong to.
        entries: Its entries by several people.
        read: The fresh read of one record.
        sample: A list of a few records, by which ``doctor`` proves ``names``.
        without: Fields that a copy for the person leaves out: tokens, links, keys of employees.
        not_personal: Fields that a person has looked at and that need no line, so that ``check-coverage`` names them no
            more.
        known_values: Codes of channels, brands and the like that are known, by path: another one is named.
        files: Its files.
        given: Further placeholders of the calls that change a record: where its fresh read has the value, such as a
            version that has to be sent back, ``{ etag = "@etag" }``.
        facts: What the plan has to know, each with its condition.
        erase: How a record is erased.
        mask: How the person's data are replaced in a record that stays.
        residue: What remains after an erasure and until when, in a sentence for the answer.
        manual_step: What a person has to do there, in a sentence.
        labels: Words for its fields in the copy for the person.
    """

    title: Line
    category: str = ""
    profile: bool = False
    document_class: DocumentClass | None = None
    id: Path = "id"
    names: dict[IdentifierKind, tuple[Path, ...]] = Field(default_factory=dict)
    account: bool = False
    others: tuple[Path, ...] = ()
    staff: Where | None = None
    occurred_at: Path = ""
    language: Path = ""
    find: tuple[RecordSearch, ...] = ()
    parents: tuple[Parent, ...] = ()
    entries: Entries | None = None
    read: RecordRead | None = None
    sample: Listing | None = None
    without: tuple[Path, ...] = ()
    not_personal: tuple[Path, ...] = ()
    known_values: dict[Path, tuple[Scalar, ...]] = Field(default_factory=dict)
    files: tuple[File, ...] = ()
    given: dict[PlaceholderName, Path] = Field(default_factory=dict)
    facts: dict[Fact, Where] = Field(default_factory=dict)
    erase: Erase | None = None
    mask: Mask | None = None
    residue: str = ""
    manual_step: str = ""
    labels: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _can_be_found(self) -> Self:
        if not self.find and not any(parent.list or parent.inside for parent in self.parents):
            raise ValueError("no record is ever found: give find, or parents with a list or inside")
        for search in self.find:
            is_own = search.by is IdentifierKind.ACCOUNT_ID and self.account
            if search.by not in self.names and not is_own:
                raise ValueError(f"find asks by {search.by.value}, but names does not say where a row has it")
        if self.read is None and not (self.parents and (self.parents[0].inside or self.parents[0].list)):
            raise ValueError("give read: each record is read afresh before it is given or erased")
        return self

    @model_validator(mode="after")
    def _changes_what_it_reads(self) -> Self:
        for call in (self.read, self.mask):
            if call is not None and "id" not in call.placeholders:
                raise ValueError(f"{call} does not say which record; put {{id}} into it")
        if self.mask and self.entries and self.entries.job:
            raise ValueError("a record whose entries a job empties has no mask; give entries.mask instead of the job")
        for change in (self.mask, *(self.erase.steps if self.erase else ())):
            _hold_alike(change, self.read, "id")
        return self

    @property
    def calls(self) -> Iterator[tuple[ApiCall, frozenset[str]]]:
        """Every call of the kind, each with the placeholders that it may have."""
        one, entry = frozenset({"id", "parent"}), frozenset({"id", "parent", "entry", *self.given})
        yield from ((search, frozenset({"value", "digits", "national", "tail"})) for search in self.find)
        yield from ((parent.list, frozenset({"parent"})) for parent in self.parents if parent.list)
        if self.read:
            yield self.read, one
        changing = (self.mask, *((*self.erase.steps, *self.erase.preflight) if self.erase else ()))
        yield from ((call, one | self.given.keys()) for call in changing if call)
        if self.sample:
            yield self.sample, frozenset()
        if entries := self.entries:
            yield from ((call, entry) for call in (entries.list, entries.mask, entries.erase) if call)

    @property
    def is_scoped(self) -> bool:
        """True if a record's id means nothing without its parent's."""
        calls = [self.read, self.mask, *(self.erase.steps if self.erase else ())]
        return self.read is None or any("parent" in call.placeholders for call in calls if call is not None)


def _hold_alike(call: ApiCall | None, read: ApiCall | None, own: str) -> None:
    """Hold that a call changes what is read: the same id may be another person's under another address.

    Raises:
        ValueError: It is at the address of something else.
    """
    if call is None or read is None:
        return
    changed, seen = _resource(call, own), _resource(read, own) or read.target.rpartition("/")[2].casefold()
    if call.method != "POST" and changed and seen and changed not in seen and seen not in changed:
        raise ValueError(f"{call} changes something else than {read} reads; use the same kind of address")


def _resource(call: ApiCall, own: str) -> str:
    """Return the part of an address before the id, such as ``tickets``; empty if there is none."""
    before, found, _ = call.target.partition(f"/{{{own}}}")
    return before.rpartition("/")[2].casefold() if found else ""
