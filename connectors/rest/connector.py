"""The connector: the contract's operations on a described system."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from graphlib import TopologicalSorter
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from connectors.http import HttpClient, Patience, ServiceUrl
from connectors.pacing import RateLimiter
from connectors.registry import ControllerPlace
from connectors.rest.client import RestApi, SignIn, tokens_from
from connectors.rest.coverage import uncovered
from connectors.rest.description import Auth, Description
from connectors.rest.erase import RestEraser, methods_of
from connectors.rest.extract import OTHERS_ENTRIES, extract
from connectors.rest.job_runs import JobRunner
from connectors.rest.kinds import DescribedKind
from connectors.rest.locate import RestLocator
from connectors.rest.probe import probe, samples
from connectors.rest.reading import read_description
from connectors.rest.records import RestSession
from connectors.rest.requesters import requester_of
from connectors.rest.settings import RestSettings
from connectors.rest.texts import new_texts, texts_of
from connectors.rest.verify import look_again
from rightsflow.domain.connector import Capabilities, Health, NewText, RecordKind, Sample
from rightsflow.domain.coverage import SystemPlace
from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.requesters import NoRequester, Requester, WhyNot
from rightsflow.domain.spellings.fields import CANNOT_FIND
from rightsflow.domain.vocabulary.field_words import FieldWords
from rightsflow.domain.vocabulary.records import Located, Method, Outcome, Part, Presence, RecordRef, SystemJob


class RestConnector:
    """A described system behind the contract of ``rightsflow.domain.connector``.

    Args:
        system: The system's name in the configuration.
        settings: Its section of the configuration.
        place: Where the controller is.
        patience: Time limits and retries; the settings' ``timeout`` counts for each answer.
        now: Gives the present instant (aware).

    Raises:
        Misconfigured: The description has a mistake.
    """

    session_type: type[RestSession] = RestSession
    """Reads the records of an operation."""

    def __init__(
        self,
        system: str,
        settings: RestSettings,
        place: ControllerPlace,
        patience: Patience | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._system, self._place, self._now = system, place, now
        self._description = _described(system, settings)
        described = self._description.system
        patience = replace(patience or Patience(), read_seconds=settings.timeout, bounds=settings.answer_bounds)
        base = settings.base_url or _url(system, "base", described.base)
        urls = {"": base} | {name: _url(system, name, text) for name, text in described.addresses.items()}
        auth = described.auth
        asking = SignIn(Auth(kind="basic"), settings.user, settings.secret) if auth.token_basic else None
        bare = {name: HttpClient(system, url, credentials=asking, patience=patience) for name, url in urls.items()}
        self._clients = {
            name: HttpClient(
                system,
                url,
                credentials=SignIn(auth, settings.user, settings.secret, tokens_from(bare, described)),
                patience=patience,
                limiter=RateLimiter(patience),
                hosts=described.hosts,
                header=auth.header,
            )
            for name, url in urls.items()
        }

    def __repr__(self) -> str:
        """The system's name only."""
        return f"<RestConnector {self._system}>"

    @property
    def system(self) -> str:
        """The system's name in the configuration."""
        return self._system

    @property
    def capabilities(self) -> Capabilities:
        """The capabilities that the description declares."""
        return capabilities(self._description, self._system)

    def probe(self) -> Health:
        """Check that the system answers, and that no search ignores what it is asked for."""
        return probe(self._session("probe", frozenset()))

    def samples(self) -> Iterator[Sample]:
        """Read one page of each kind that has a sample."""
        yield from samples(self._session("samples", frozenset()))

    def locate(self, known: Identifiers) -> Iterator[Located]:
        """Find records by each search, and what belongs to them."""
        yield from RestLocator(self._session("locate", known)).run()

    def extract(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Part]:
        """Yield documents and files."""
        yield from extract(self._session("extract", known), refs)

    def erase(self, refs: Sequence[RecordRef], method: Method, known: Identifiers) -> Iterator[Outcome]:
        """Erase records of one kind, or replace the person's data in them; a job that ends at once is waited for.

        Raises:
            Permanent: The kind cannot be erased by that method.
        """
        left, jobs = list(refs), dict[RecordRef, SystemJob]()
        for _ in range(_LOOKS):
            going = {}
            for outcome in self.erase_by_jobs(left, method, known, jobs):
                if outcome.job is None:
                    yield outcome
                else:
                    going[outcome.record] = outcome
            if not going:
                return
            left, jobs = list(going), {ref: outcome.job for ref, outcome in going.items() if outcome.job}
        yield from going.values()

    def erase_by_jobs(
        self, refs: Sequence[RecordRef], method: Method, known: Identifiers, jobs: Mapping[RecordRef, SystemJob]
    ) -> Iterator[Outcome]:
        """Erase records of one kind; those that the system works off by itself have a job until it has ended.

        Raises:
            Permanent: The kind cannot be erased by that method.
        """
        if not refs:
            return
        session = self._session("erase", known)
        eraser, kind = RestEraser(session, self._today), self._description.kinds[refs[0].kind]
        described = kind.erase if method is Method.ERASE else kind.entries
        job = self._description.jobs.get(described.job) if described else None
        if job is None:
            yield from eraser.run(refs, method)
        else:
            yield from JobRunner(session, eraser, job, self._now(), self._today, method).run(refs, jobs)

    def presence(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Presence]:
        """Read the records again."""
        yield from look_again(self._session("presence", known), refs)

    def uncovered(self) -> Iterator[SystemPlace]:
        """Yield the fields, collections and codes in its answers that the description does not know."""
        yield from uncovered(self._session("coverage", frozenset()))

    def requester_of(self, ticket: str) -> Requester:
        """Read the customer who is a ticket's requester.

        Raises:
            NoRequester: There is no such ticket, or the description says of no requester.
        """
        if self._description.requester is None:
            raise NoRequester(WhyNot.NO_TICKET)
        return requester_of(self._session("requester of", frozenset()), self._description.requester, ticket)

    def new_texts(self, since: datetime) -> Iterator[NewText]:
        """Yield the texts by customers that arrived since an instant; none where the description says of none."""
        if (described := self._description.texts) is not None:
            yield from new_texts(self._session("new texts", frozenset()), described, self._description.requester, since)

    def texts_of(self, record: RecordRef) -> Iterator[NewText]:
        """Yield the texts by customers in one record; none where the description says of none."""
        if (described := self._description.texts) is not None:
            yield from texts_of(self._session("new texts", frozenset()), described, self._description.requester, record)

    @property
    def _today(self) -> date:
        return self._now().astimezone(ZoneInfo(self._place.timezone)).date()

    def _session(self, operation: str, known: Identifiers) -> RestSession:
        api = RestApi(self._clients, self._description.system, operation)
        return self.session_type(api, self._description, self._place, known)


_ADDRESS: Final = TypeAdapter(ServiceUrl)
_LOOKS: Final = 12
"""How often a job is looked at where no case file has it."""


def _url(system: str, what: str, described: str) -> str:
    try:
        return _ADDRESS.validate_python(described)
    except ValidationError as error:
        wrong = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise Misconfigured(
            f"rightsflow.toml [systems.{system}]: {what} of its description is wrong: {wrong}."
        ) from None


def _described(system: str, settings: RestSettings) -> Description:
    try:
        return read_description(settings.file, settings.values)
    except Misconfigured as error:
        raise Misconfigured(f"rightsflow.toml [systems.{system}]: {error}") from None


def capabilities(description: Description, system: str) -> Capabilities:
    """Return what a description declares.

    Args:
        description: The description.
        system: The system's name in the configuration.
    """
    kinds = description.kinds
    searches = {search.by for kind in kinds.values() for search in kind.find}
    return Capabilities(
        kinds=tuple(_record_kind(name, kinds[name], description) for name in erasing_order(description)),
        searches=frozenset(by.value for by in searches),
        calls_per_minute=description.system.calls_per_minute,
        cannot_find=(
            *description.system.cannot_find,
            *(CANNOT_FIND[by] for by in sorted(searches) if by in CANNOT_FIND),
        ),
        account_issuers=frozenset({system}) if any(kind.account for kind in kinds.values()) else frozenset(),
        has_tickets=description.requester is not None,
        has_new_texts=description.texts is not None,
    )


def erasing_order(description: Description) -> list[str]:
    """Return the kinds in the order in which they are erased: what belongs to a record before it.

    Args:
        description: The description.
    """
    return list(TopologicalSorter(description.erased_before).static_order())


def _record_kind(name: str, kind: DescribedKind, description: Description) -> RecordKind:
    calls = {}
    if kind.erase:
        job = description.jobs.get(kind.erase.job)
        calls[Method.ERASE] = ", ".join(map(str, kind.erase.steps)) or str(job.create if job else "")
    emptying = description.jobs.get(kind.entries.job) if kind.entries else None
    if change := kind.mask or (emptying.create if emptying else None):
        calls[Method.REDACT] = str(change)
    return RecordKind(
        name=name,
        title=kind.title,
        methods=methods_of(kind),
        residue=kind.residue,
        manual_step=kind.manual_step,
        withheld=(OTHERS_ENTRIES,) if kind.entries else (),
        document=kind.document_class,
        words=FieldWords(labels=kind.labels),
        calls=calls,
        is_profile=kind.profile,
    )


def build(system: str, settings: RestSettings, place: ControllerPlace) -> RestConnector:
    """Make a connector; no connection is opened yet."""
    return RestConnector(system, settings, place)
