"""A system described in a file: where it is, what it holds, how it is searched, read and erased.

The models are the language; :mod:`connectors.rest.reading` reads a file and names line and mend of a mistake. Words are
borrowed where others have good ones: paging from dlt, states of a job from Airbyte.
"""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from connectors.rest.calls import (
    AnswerRule,
    ApiCall,
    KindName,
    Line,
    Listing,
    PageRule,
    RecordRead,
    Scalar,
    Where,
)
from connectors.rest.kinds import DescribedKind
from connectors.rest.paths import Path
from connectors.settings import Strict
from rightsflow.domain.request import Channel


class Auth(Strict):
    """How the connector signs in. ``{user}`` and ``{secret}`` are the keys of the section in ``rightsflow.toml``.

    Args:
        kind: ``bearer``, ``basic``, ``api_key``, ``oauth2_client_credentials`` or ``session``.
        header: The header.
        value: What it holds; ``{token}`` is what the system gave for user and secret. By default as the kind has it.
        user: Of ``basic``: the user.
        password: Of ``basic``: the password.
        token: Of ``oauth2_client_credentials`` and ``session``: the call that gives a token.
        token_basic: ``true`` if that call has user and secret in its header, as ``basic`` does.
        token_at: Where the token stands in its answer.
        expires_at: Where its seconds stand.
    """

    kind: Literal["bearer", "basic", "api_key", "oauth2_client_credentials", "session"]
    header: str = "Authorization"
    value: str = ""
    user: str = "{user}"
    password: str = "{secret}"  # noqa: S105 - a placeholder
    token: ApiCall | None = None
    token_basic: bool = False
    token_at: Path = "access_token"  # noqa: S105 - a path
    expires_at: Path = "expires_in"

    @model_validator(mode="after")
    def _has_a_token(self) -> Self:
        if (self.kind in {"oauth2_client_credentials", "session"}) != (self.token is not None):
            raise ValueError("token belongs to oauth2_client_credentials and session: the call that gives one")
        return self

    @property
    def template(self) -> str:
        """What the header holds."""
        usual = {"bearer": "Bearer {secret}", "api_key": "{secret}", "basic": "", "session": "{token}"}
        return self.value or usual.get(self.kind, "Bearer {token}")


class Need(Where):
    """What a probe demands of the answer, or calls excessive.

    Args:
        says: One sentence: what is wrong and how to mend it, or which right is not needed.
    """

    says: Line


class Probe(RecordRead):
    """A call that shows that the system is reachable and the credentials are good.

    Args:
        needs: What has to hold in its answer, such as the role of an administrator.
        excessive: What shows rights that are not needed.
    """

    needs: tuple[Need, ...] = ()
    excessive: tuple[Need, ...] = ()


class System(Strict):
    """The system.

    Args:
        title: Its name for people.
        base: The address that all others are below; ``{name}`` is a value of ``[values]``.
        addresses: Further addresses of the API, with the same credentials, for calls that name one in ``at``.
        hosts: Further hosts that files are fetched from, without credentials.
        auth: How the connector signs in.
        headers: Headers of every call.
        probe: A call that shows that it answers. A 404 counts as gone only after it was answered.
        error: How an answer with a good status says that it is an error, such as ``{ path = "Error", filled = true }``.
        page: How lists go on, unless one says otherwise.
        calls_per_minute: The vendor's published limit; 0 if there is none. ``Retry-After`` counts anyway.
        cannot_find: What its search cannot find, a sentence each.
    """

    title: Line
    base: Line
    addresses: dict[KindName, Line] = Field(default_factory=dict)
    hosts: tuple[str, ...] = ()
    auth: Auth
    headers: dict[str, str] = Field(default_factory=dict)
    probe: Probe
    error: Where | None = None
    page: PageRule = PageRule(by="none")
    calls_per_minute: int = Field(default=0, ge=0)
    cannot_find: tuple[Line, ...] = ()

    @field_validator("base")
    @classmethod
    def _is_an_address(cls, base: str) -> str:
        if not base.startswith(("https://", "http://", "{")):
            raise ValueError("write base as an address like https://example.com/api")
        return base.rstrip("/")


class JobItems(Strict):
    """The result of a job for each of its records.

    Args:
        rows: Where the results stand in the answer.
        id: Where a result names its record.
        state: Where its state stands.
        erased: The states that mean erased, or gone before.
        refused: The states that mean that the system says no, each with why, to follow "because".
        until: Where the first day stands on which a refused one may be tried again.
        days: The number of days after which it may be tried again, if no day is named.
    """

    rows: Path
    id: Path
    state: Path
    erased: tuple[Scalar, ...] = Field(min_length=1)
    refused: dict[str, str] = Field(default_factory=dict)
    until: Path = ""
    days: int | None = Field(default=None, ge=1, le=3660)


class Existing(Listing):
    """Jobs that are there already, so that a run that was cut short does not begin a second one.

    Args:
        record: Where a job names its record.
        unless: Which jobs do not count, such as those that export; nor do those that have ended.
    """

    record: Path
    unless: Where | None = None


class Job(Strict):
    """An erasure that the system works off by itself, for minutes or weeks.

    Args:
        create: The call that begins it; ``{id}`` is the record, ``{ids}`` all records of the job, ``{author}`` of one
            that empties entries the account that wrote them.
        existing: Where jobs that were begun before are listed.
        id: Where its id stands in the answer.
        batch: The largest number of records of a job.
        keyed: ``true`` if the system knows ``Idempotency-Key``.
        answers: What the answers to ``create`` mean, besides success.
        split: ``true`` to begin two halves when the system refuses a job of several records.
        poll: The call that shows its state; ``{job}`` is its id.
        state: Where the state stands.
        working: The states in which it goes on.
        done: The states in which it has done all, or as ``items`` says.
        failed: The states in which it has not.
        items: The result of each record.
        every_hours: The hours between two looks.
        give_up_days: The days after which a person is asked to look.
    """

    create: ApiCall
    existing: Existing | None = None
    id: Path = "id"
    batch: int = Field(default=1, ge=1, le=10_000)
    keyed: bool = False
    answers: tuple[AnswerRule, ...] = ()
    split: bool = False
    poll: ApiCall
    state: Path
    working: tuple[Scalar, ...] = Field(min_length=1)
    done: tuple[Scalar, ...] = Field(min_length=1)
    failed: tuple[Scalar, ...] = ()
    items: JobItems | None = None
    every_hours: float = Field(default=1.0, gt=0, le=24 * 7)
    give_up_days: int = Field(default=35, ge=1, le=365)

    @model_validator(mode="after")
    def _names_its_records(self) -> Self:
        if twice := {*self.working} & {*self.done} | {*self.working} & {*self.failed} | {*self.done} & {*self.failed}:
            raise ValueError(f"the state {twice.pop()} means two things; put it into one of working, done and failed")
        if self.items and {str(state) for state in self.items.erased} & self.items.refused.keys():
            raise ValueError("a state of items means erased and refused; put it into one of them")
        wanted = "ids" if self.batch > 1 else "id"
        if wanted not in self.create.placeholders and "id" not in self.create.placeholders:
            raise ValueError(f"create does not name its records; put {{{wanted}}} into it")
        if "job" not in self.poll.placeholders:
            raise ValueError("poll does not name the job; put {job} into it")
        return self


class RequesterOf(Strict):
    """How the requester of a ticket is read, so that a request can be opened by a ticket's number.

    Args:
        ticket: The kind of the tickets.
        person: The kind of the requesters; empty if the ticket names the person itself.
        agent: Which person is an employee.
        channel: Where the channel stands by which the ticket arrived.
        channels: The channels: ``{ email = "email", chat = "chat" }``.
        asked_at: Where the instant stands at which it arrived.
        list: The list that finds a ticket by its number, ``{ticket}``, where that is not the ticket's id.
        number: Where the number stands in a row of that list.
    """

    ticket: KindName
    person: KindName | Literal[""] = ""
    agent: Where | None = None
    channel: Path = ""
    channels: dict[str, Channel] = Field(default_factory=dict)
    asked_at: Path = ""
    list: Listing | None = None
    number: Path = "number"


class TextsSince(Strict):
    """How the texts are read that customers wrote since an instant.

    Args:
        kind: The kind of the records in which they are.
        list: The records that changed since; ``{since}`` is the instant in UTC, ``{seconds}`` the same since 1970,
            ``{day}`` its day. Older rows are dropped.
        changed_at: Where a row says when it changed.
        texts: Where the texts of a record stand that arrived when it was made (``occurred_at`` of the kind).
        entry_at: Where an entry says when it was written; without it entries are not read.
    """

    kind: KindName
    list: Listing
    changed_at: Path
    texts: tuple[Path, ...] = ()
    entry_at: Path = ""


class Value(Strict):
    """A value that each installation has, given in ``rightsflow.toml`` and put into the file's texts.

    Args:
        about: What it is.
        default: What it is unless given; without a default it has to be given.
    """

    about: Line
    default: str | None = None


class Description(Strict):
    """A described system.

    Args:
        values: The values that an installation gives.
        system: Where it is and how it is called.
        kinds: The kinds of record.
        jobs: The jobs that erase.
        requester: How the requester of a ticket is read.
        texts: How new texts by customers are read.
    """

    values: dict[str, Value] = Field(default_factory=dict)
    system: System
    kinds: dict[KindName, DescribedKind] = Field(min_length=1)
    jobs: dict[KindName, Job] = Field(default_factory=dict)
    requester: RequesterOf | None = None
    texts: TextsSince | None = None

    @model_validator(mode="after")
    def _names_what_is_there(self) -> Self:
        for name, kind in self.kinds.items():
            erase = kind.erase
            named = [parent.kind for parent in kind.parents]
            named += [*(erase.takes_along or ()), *erase.after] if erase else []
            for other in named:
                if other not in self.kinds:
                    raise ValueError(f"the kind {name} names the kind {other}, which is not described")
            for job in (erase.job if erase else "", kind.entries.job if kind.entries else ""):
                if job and job not in self.jobs:
                    raise ValueError(f"the kind {name} names the job {job}, which is not described")
        self._refuse_unknown_places()
        self._refuse_circles()
        if self.requester and not {self.requester.ticket, self.requester.person or self.requester.ticket} <= {
            *self.kinds
        }:
            raise ValueError("requester names a kind that is not described")
        if self.texts and (self.texts.kind not in self.kinds or not self.kinds[self.texts.kind].occurred_at):
            raise ValueError("texts names a kind that is not described or has no occurred_at")
        return self

    def _refuse_unknown_places(self) -> None:
        for call, allowed in self._calls():
            if unknown := sorted(call.placeholders - allowed - self.values.keys()):
                known = ", ".join(f"{{{name}}}" for name in sorted(allowed)) or "none"
                raise ValueError(f"{call} has {{{unknown[0]}}}, which nothing fills; its placeholders are {known}")
            if call.at and call.at not in self.system.addresses:
                raise ValueError(f"{call} is at the address {call.at}, which system.addresses does not have")

    def _calls(self) -> Iterator[tuple[ApiCall, frozenset[str]]]:
        for kind in self.kinds.values():
            yield from kind.calls
        for job in self.jobs.values():
            yield job.create, frozenset({"id", "ids", "parent", "author"})
            yield job.poll, frozenset({"id", "parent", "job"})
            if job.existing:
                yield job.existing, frozenset({"id", "parent"})
        yield self.system.probe, frozenset()
        if self.system.auth.token:
            yield self.system.auth.token, frozenset({"user", "secret"})
        if self.requester and self.requester.list:
            yield self.requester.list, frozenset({"ticket"})
        if self.texts:
            yield self.texts.list, frozenset({"since", "seconds", "day"})

    @property
    def erased_before(self) -> dict[str, set[str]]:
        """The kinds that are erased before each kind: what belongs to it, and what it says."""
        before: dict[str, set[str]] = {name: set() for name in self.kinds}
        for name, kind in self.kinds.items():
            for parent in kind.parents:
                before[parent.kind].add(name)
            before[name] |= {*(kind.erase.takes_along or ()), *kind.erase.after} if kind.erase else set()
        return before

    def _refuse_circles(self) -> None:
        try:
            TopologicalSorter(self.erased_before).prepare()
        except CycleError as error:
            raise ValueError(f"the kinds {', '.join(error.args[1])} would each be erased before the other") from None
