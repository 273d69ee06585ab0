"""The connector: the contract's five operations, each with its own means."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from connectors.http import HttpClient, Patience
from connectors.pacing import RateLimiter
from connectors.registry import ControllerPlace
from connectors.zendesk.blanking import blank_tickets
from connectors.zendesk.client import Api, judge, sign_in
from connectors.zendesk.conversations import Session
from connectors.zendesk.coverage import uncovered
from connectors.zendesk.erase import (
    erase_recordings,
    erase_suspended,
    erase_tickets,
    erase_users,
    leave_partner_recordings,
    redact_tickets,
)
from connectors.zendesk.extract import Extractor
from connectors.zendesk.kinds import CALL, PARTNER_CALL, SUSPENDED, TICKET, USER, capabilities
from connectors.zendesk.locate import ZendeskLocator
from connectors.zendesk.people import UserDirectory
from connectors.zendesk.probe import probe, require_whole_view, samples
from connectors.zendesk.rectify import rectify, still_wrong
from connectors.zendesk.requesters import requester_of
from connectors.zendesk.restrict import lift, marks, restrict
from connectors.zendesk.settings import ZendeskSettings
from connectors.zendesk.texts import new_texts, texts_of
from connectors.zendesk.verify import ZendeskVerifier
from rightsflow.domain.connector import Capabilities, Health, NewText, Sample
from rightsflow.domain.coverage import SystemPlace
from rightsflow.domain.errors import Permanent
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.rectification.changes import Change
from rightsflow.domain.requesters import Requester
from rightsflow.domain.vocabulary.records import Located, MarkSeen, Method, Outcome, Part, Presence, RecordRef

_Erasure = Callable[[Session, Sequence[RecordRef]], Iterator[Outcome]]

_ERASURES: dict[tuple[str, Method], _Erasure] = {
    (CALL, Method.ERASE): erase_recordings,
    (PARTNER_CALL, Method.ERASE): leave_partner_recordings,
    (TICKET, Method.ERASE): erase_tickets,
    (TICKET, Method.REDACT): redact_tickets,
    (SUSPENDED, Method.ERASE): erase_suspended,
    (USER, Method.ERASE): erase_users,
    (TICKET, Method.RESTRICT): restrict,
    (TICKET, Method.LIFT): lift,
    (USER, Method.RESTRICT): restrict,
    (USER, Method.LIFT): lift,
}


class ZendeskConnector:
    """A Zendesk account behind the contract of ``rightsflow.domain.connector``.

    Args:
        system: The system's name in the configuration.
        settings: Its section of the configuration.
        place: Where the controller is.
        patience: Time limits and retries; the settings' ``timeout`` counts for each answer.
    """

    def __init__(
        self, system: str, settings: ZendeskSettings, place: ControllerPlace, patience: Patience | None = None
    ) -> None:
        self._system = system
        self._settings = settings
        self._place = place
        self._patience = replace(patience or Patience(), read_seconds=settings.timeout, bounds=settings.answer_bounds)
        self._credentials = sign_in(system, settings, self._patience)
        self._http = HttpClient(
            system,
            settings.base_url,
            credentials=self._credentials,
            patience=self._patience,
            judge=judge,
            limiter=RateLimiter(self._patience),
            hosts=settings.attachment_hosts,
        )

    def __repr__(self) -> str:
        """The system's name only."""
        return f"<ZendeskConnector {self._system}>"

    @property
    def system(self) -> str:
        """The system's name in the configuration."""
        return self._system

    @property
    def capabilities(self) -> Capabilities:
        """The capabilities that the connector declares."""
        return capabilities(self._settings)

    def probe(self) -> Health:
        """Check that the account is reachable, the credentials are valid, and our lists would be complete."""
        return probe(Api(self._http, "probe"), self._credentials)

    def samples(self) -> Iterator[Sample]:
        """Read one page of end users by the settings."""
        yield from samples(self._session("samples", frozenset()))

    def uncovered(self) -> Iterator[SystemPlace]:
        """Read the lists of fields and brands."""
        yield from uncovered(Api(self._http, "coverage"), self._settings)

    def locate(self, known: Identifiers) -> Iterator[Located]:
        """Find profiles, their tickets and recordings, suspended messages, and mentions in others' tickets."""
        yield from ZendeskLocator(self._session("locate", known)).run()

    def extract(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Part]:
        """Yield documents, files and recordings."""
        if refs:
            yield from Extractor(self._session("extract", known)).run(refs)

    def erase(self, refs: Sequence[RecordRef], method: Method, known: Identifiers) -> Iterator[Outcome]:
        """Delete or redact records of one kind.

        Raises:
            Permanent: The kind cannot be erased by that method.
        """
        if not refs:
            return
        work = _ERASURES.get((refs[0].kind, method))
        if work is None:
            raise Permanent(
                "Zendesk cannot erase this kind of record by that method; choose another in the plan.",
                system=self._system,
                operation="erase",
            )
        yield from work(self._session("erase", known), refs)

    def presence(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Presence]:
        """Read the records again."""
        if refs:
            yield from ZendeskVerifier(self._session("presence", known)).run(refs)

    def marks(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[MarkSeen]:
        """Read the tags of each ticket and profile again."""
        if refs:
            yield from marks(self._session("marks", known), refs)

    def mark(self, refs: Sequence[RecordRef], method: Method, known: Identifiers, case_id: str) -> Iterator[Outcome]:
        """Add the tags of a case to tickets or profiles, or remove them."""
        if refs:
            change = restrict if method is Method.RESTRICT else lift
            yield from change(self._session("restrict", known), refs, case_id)

    def rectify(self, refs: Sequence[RecordRef], changes: Sequence[Change], known: Identifiers) -> Iterator[Outcome]:
        """Correct fields of profiles, and read them afresh."""
        if refs:
            yield from rectify(self._session("rectify", known), refs, changes)

    def blank(self, refs: Sequence[RecordRef], fields: Collection[str], known: Identifiers) -> Iterator[Outcome]:
        """Empty fields of retained tickets, and read them again."""
        if refs:
            yield from blank_tickets(self._session("blank", known), refs, fields)

    def still_wrong(
        self, refs: Sequence[RecordRef], changes: Sequence[Change], known: Identifiers
    ) -> Iterator[Presence]:
        """Tell whether each profile still has a wrong value."""
        if refs:
            yield from still_wrong(self._session("still wrong", known), refs, changes)

    def requester_of(self, ticket: str) -> Requester:
        """Read the end user who is a ticket's requester."""
        api = Api(self._http, "requester of")
        return requester_of(api, UserDirectory(api, self._settings, self._place, frozenset()), ticket)

    def new_texts(self, since: datetime) -> Iterator[NewText]:
        """Read the comments by end users in the tickets that changed."""
        api = Api(self._http, "new texts")
        directory = UserDirectory(api, self._settings, self._place, frozenset())
        yield from new_texts(api, directory, since, datetime.now(UTC))

    def texts_of(self, record: RecordRef) -> Iterator[NewText]:
        """Read the comments by end users in one ticket."""
        api = Api(self._http, "new texts")
        yield from texts_of(api, UserDirectory(api, self._settings, self._place, frozenset()), record)

    def _session(self, operation: str, known: Identifiers) -> Session:
        """Return the means of one operation, after checking that our lists are not silently incomplete."""
        api = Api(self._http, operation)
        require_whole_view(api)
        return Session(api, self._settings, self._place, known)


def build(system: str, settings: ZendeskSettings, place: ControllerPlace) -> ZendeskConnector:
    """Make a connector; no connection is opened yet."""
    return ZendeskConnector(system, settings, place)
