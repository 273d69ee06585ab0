"""The contract of ``rightsflow.domain.connector`` for one bucket."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from connectors.registry import ControllerPlace
from connectors.s3.belonging import Hit
from connectors.s3.bucket import PAGE_SIZE, Bucket
from connectors.s3.client import Clients
from connectors.s3.coverage import uncovered
from connectors.s3.erase import Eraser
from connectors.s3.extract import PartMaker
from connectors.s3.holdings import Holdings, Marked, read_marks
from connectors.s3.kinds import CATEGORIES, CHANNELS, cannot_find, document_class, kinds_for
from connectors.s3.locate import finder_for
from connectors.s3.mute import Muter
from connectors.s3.objects import RECORDING, Version, kind_of, name_of
from connectors.s3.probe import probe
from connectors.s3.restrict import mark, marks
from connectors.s3.settings import MatchByTags, S3Settings
from connectors.s3.verify import content_marks, restored, verify
from rightsflow.domain.connector import Capabilities, Health, Sample
from rightsflow.domain.coverage import SystemPlace
from rightsflow.domain.errors import Permanent, RightsflowError
from rightsflow.domain.identifiers import IdentifierKind, Identifiers
from rightsflow.domain.vocabulary.records import (
    Document,
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
)

log = logging.getLogger(__name__)

_OF_TWO = (
    "The recording is of you and of another person, whose voice cannot be taken out; it is not handed out and stays as "
    "it is."
)


class S3Connector:
    """A bucket of recordings. Each operation makes its own client, so that a changed secret is used at once.

    Args:
        system: The system's name in the configuration.
        settings: Its section.
        place: The controller's country and time zone.
        clock: Gives the present instant, aware.
        attempts: How often one call is tried before the step fails.
        page_size: How many entries are listed, looked up and deleted at a time.
    """

    def __init__(
        self,
        system: str,
        settings: S3Settings,
        place: ControllerPlace,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        attempts: int = 3,
        page_size: int = PAGE_SIZE,
    ) -> None:
        self._page_size = page_size
        self._system = system
        self._settings = settings
        self._zone = ZoneInfo(place.timezone)
        self._country = place.country
        self._clock = clock
        self._clients = Clients(settings, system, attempts=attempts)
        self._finder = finder_for(system, settings, place)

    def __repr__(self) -> str:
        """The system only."""
        return f"<S3Connector {self._system}>"

    @property
    def system(self) -> str:
        """The system's name in the configuration."""
        return self._system

    @property
    def capabilities(self) -> Capabilities:
        """Recordings can be erased and not redacted; S3 publishes no rate per caller."""
        searches = frozenset(kind.value for kind in self._finder.searches)
        issuers = {self._settings.match.issuer or self._system} if IdentifierKind.ACCOUNT_ID in searches else ()
        return Capabilities(
            kinds=kinds_for(
                self._settings.match,
                restricts=bool(self._settings.restricted_tag),
                mutes=bool(self._settings.card_code_tag),
            ),
            searches=searches,
            account_issuers=frozenset(issuers),
            cannot_find=cannot_find(self._settings.match),
        )

    def probe(self) -> Health:
        """Ask whether the bucket answers, the keys are good and the rights sufficient."""
        try:
            bucket = self._bucket("probe")
        except RightsflowError as error:
            return Health(ok=False, detail=str(error))
        reads_tags = isinstance(self._settings.match, MatchByTags) or bool(self._settings.card_code_tag)
        return probe(bucket, self._settings.prefix, reads_tags=reads_tags)

    def samples(self) -> Iterator[Sample]:
        """Read stored objects by the settings, until each of them has been seen to be right."""
        yield from self._finder.samples(self._bucket("samples"))

    def uncovered(self) -> Iterator[SystemPlace]:
        """List the prefixes beside the configured ones, and read the metadata of a few objects."""
        yield from uncovered(self._bucket("coverage"), self._settings)

    def locate(self, known: Identifiers) -> Iterator[Located]:
        """Find every version that names the person, replaced and deleted ones included."""
        bucket, number = self._bucket("locate"), 0
        for number, hit in enumerate(self._finder.find(bucket, known), 1):  # noqa: B007 - counted for the log
            yield from self._located(bucket, hit)
        log.info("s3 located system=%s records=%d", self._system, number)

    def extract(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Part]:
        """Yield recordings as streams and transcripts as documents, each version by itself."""
        bucket = self._bucket("extract")
        maker = PartMaker(
            bucket=bucket, zone=self._zone, categories=CATEGORIES, channels=CHANNELS[self._settings.match.by]
        )
        holdings = self._holdings(bucket, known)
        for holding in holdings.look_up(refs, tells_others=True):
            for ref, versions in holding.own.items():
                if holdings.are_anothers(versions):
                    continue
                if any(self._finder.is_shared(bucket, version, known) for version in versions if not version.is_marker):
                    yield Document(record=ref, category=CATEGORIES[ref.kind], content={"note": _OF_TWO})
                else:
                    yield from maker.parts(ref, holding)

    def erase(self, refs: Sequence[RecordRef], method: Method, known: Identifiers) -> Iterator[Outcome]:
        """Remove versions, and the delete markers of keys that have no version any more.

        Raises:
            Permanent: Something else than removal was asked for.
        """
        if not method.removes:
            holdings = self._holdings(self._bucket("restrict"), known)
            yield from mark(holdings, self._settings.restricted_tag, refs, method)
            return
        bucket = self._bucket("mute" if method is Method.MUTE else "erase")
        if method not in {Method.ERASE, Method.MUTE}:
            message = "A recording cannot be redacted in the store; plan its erasure or keep it."
            raise Permanent(message, system=self._system, operation="erase")
        if method is Method.MUTE:
            yield from self._muter(bucket, known).mute(refs)
            return
        holdings = self._holdings(bucket, known)
        yield from Eraser(bucket=bucket, holdings=holdings, zone=self._zone, now=self._clock()).erase(refs)

    def presence(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Presence]:
        """List each key again; a delete marker without a version still holds the key's name.

        Where the subject's version is gone and another person's lies under the same key, the key itself may name them.
        In a bucket without versions, what was written in a record's place since is a new recording, unless it has the
        same ETag.
        """
        holdings = replace(self._holdings(self._bucket("presence"), known), was_erased=True)
        yield from verify(holdings, refs, known, self._country)

    def marks(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[MarkSeen]:
        """Read the tags of each version again."""
        holdings = replace(self._holdings(self._bucket("restrict"), known), was_erased=True)
        yield from marks(holdings, self._settings.restricted_tag, refs)

    def mark(self, refs: Sequence[RecordRef], method: Method, known: Identifiers, case_id: str) -> Iterator[Outcome]:
        """Add the tags of a case's mark to each version, or remove them."""
        holdings = self._holdings(self._bucket("restrict"), known)
        yield from mark(holdings, self._settings.restricted_tag, refs, method, case_id)

    def restored(self, refs: Sequence[RecordRef], known: Identifiers, had: HadContent) -> Iterator[Restored]:
        """Look under the keys of records for the new versions as which a restore brings them back."""
        yield from restored(self._holdings(self._bucket("restored"), known), refs, had)

    def _holdings(self, bucket: Bucket, known: Identifiers) -> Holdings:
        return Holdings(
            bucket=bucket,
            finder=self._finder,
            known=known,
            mutes=bool(self._settings.card_code_tag),
        )

    def _muter(self, bucket: Bucket, known: Identifiers) -> Muter:
        return Muter(
            bucket=bucket,
            holdings=self._holdings(bucket, known),
            tag=self._settings.card_code_tag,
            zone=self._zone,
            now=self._clock(),
        )

    def _bucket(self, operation: str) -> Bucket:
        name, size = self._settings.bucket, self._page_size
        return Bucket(self._clients.current(), name, self._system, operation, page_size=size)

    def _marks(self, bucket: Bucket, version: Version) -> Marked:
        return read_marks(bucket, version, self._settings.card_code_tag)

    def _ref(self, version: Version, marks: Marked) -> RecordRef:
        return RecordRef(self._system, kind_of(version.key), marks.name)

    def _located(self, bucket: Bucket, hit: Hit) -> Iterator[Located]:
        marks = self._marks(bucket, hit.version)
        if marks.is_double:
            return
        record, beside = self._ref(hit.version, marks), hit.companion_of
        facts, locked_until = self._facts(bucket, hit.version)
        if hit.is_shared:
            facts |= {Fact.SHARED}
        if marks.has_code and record.kind == RECORDING:
            facts |= {Fact.CARD_CODE}
        yield Located(
            record=record,
            category=CATEGORIES[record.kind],
            owner=hit.owner,
            via=self._ref(beside, self._marks(bucket, beside)) if beside else None,
            occurred_on=self._occurred_on(hit, marks),
            facts=facts,
            locked_until=locked_until,
            document=document_class(bucket, hit.version, self._settings.document_rules),
            # An older back-up would not bring back the muted recording, but the original.
            content=content_marks(hit.version) if marks.name == name_of(hit.version) else (),
        )

    def _facts(self, bucket: Bucket, version: Version) -> tuple[frozenset[Fact], date | None]:
        if version.is_marker or not bucket.locks_objects:
            return frozenset(), None
        lock = bucket.lock(version)
        facts = {Fact.LEGAL_HOLD} if lock.held else set[Fact]()
        if lock.until is None or lock.until <= self._clock():
            return frozenset(facts), None
        return frozenset({*facts, Fact.LOCKED}), lock.until.astimezone(self._zone).date()

    def _occurred_on(self, hit: Hit, marks: Marked) -> date:
        """The day in the key, or the day on which the version was stored, of a muted one the unmuted."""
        instant = hit.started_at or marks.stored_at
        return instant.astimezone(self._zone).date() if isinstance(instant, datetime) else instant
