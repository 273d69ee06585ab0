"""A page of a package laid out for reading: what needs a look first, what is alike once, and what was read already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rightsflow.cases.app import App
from rightsflow.cases.work.access.package_index import index_of
from rightsflow.cases.work.access.package_review import reading_of
from rightsflow.cases.work.access.package_view import PackagePage, ReadableRecord, ShownPart
from rightsflow.cases.work.access.read_marks import keep_marks
from rightsflow.documents.package.views import Message
from rightsflow.domain.disclosure.reading import Fact, FoldedFacts, common_facts, fold, repeated_words
from rightsflow.domain.errors import BadInput
from rightsflow.domain.people import same_person
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.wording import number_ranges


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LaidOutPart:
    """A part of a record, its fields divided.

    Args:
        shown: The part.
        telling: The fields to be read.
        folded: The fields that are codes or repeat something, those of the messages too.
        messages: The conversation, each entry with its own fields to be read.
    """

    shown: ShownPart
    telling: Sequence[Fact]
    folded: Sequence[Fact]
    messages: Sequence[tuple[Message, Sequence[Fact]]]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LaidOutRecord:
    """A record of a page.

    Args:
        record: The record.
        parts: Its parts.
        readers: The people who have read it as it is now.
    """

    record: ReadableRecord
    parts: Sequence[LaidOutPart]
    readers: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LaidOutSection:
    """Records that are alike.

    Args:
        place: The place of their chapter.
        title: Its title.
        common: The fields that have the same value in all of them.
        open: The records to be read.
        settled: The records without a finding that another person has read.
    """

    place: int
    title: str
    common: FoldedFacts
    open: Sequence[LaidOutRecord]
    settled: Sequence[LaidOutRecord]

    @property
    def unread(self) -> list[int]:
        """The numbers of the records that no one has read as they are now."""
        return [item.record.line.number for item in self.open if item.parts and not item.readers]

    @property
    def unconfirmed(self) -> list[int]:
        """The numbers of the records that are masked and of whose masks nothing is decided."""
        return [item.record.line.number for item in self.open if item.record.masked and not item.record.choices]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ReadingProgress:
    """The state of reading a package.

    Args:
        total: How many records are given.
        read: How many of them a person has read as they are now.
        by: How many each person has read.
    """

    total: int
    read: int
    by: Mapping[str, int]


def lay_out(page: PackagePage, reader: str) -> list[LaidOutSection]:
    """Return the records of a page as a person reads them; what was shown above is not shown again.

    Args:
        page: The page.
        reader: Who reads.
    """
    layout = _Layout(page, reader)
    return [layout.section(place, title, records) for place, title, records in page.sections]


class _Layout:
    """Lays out one page.

    Args:
        page: The page.
        reader: Who reads.
    """

    def __init__(self, page: PackagePage, reader: str) -> None:
        self._page, self._reader = page, reader
        self._meanings: dict[int, frozenset[str]] = {}
        self._shown: set[str] = set()

    def section(self, place: int, title: str, records: Sequence[ReadableRecord]) -> LaidOutSection:
        facts = [part.item.facts for record in records for part in record.parts]
        messages = [message.facts for record in records for part in record.parts for message in part.item.messages]
        common, repeated = common_facts(facts), repeated_words([*facts, *messages])
        words = repeated.union(*(self._meanings_of(part) for record in records for part in record.parts))
        once = self._fold(common, words)
        laid_out = [self._record(record, common, words) for record in records]
        settled = [item for item in laid_out if self._is_settled(item)]
        return LaidOutSection(
            place=place,
            title=title,
            common=once,
            open=[item for item in laid_out if item not in settled],
            settled=settled,
        )

    def _meanings_of(self, part: ShownPart) -> frozenset[str]:
        """Return what the declared codes of a part mean; each kind of record declares them once."""
        key = id(part.words)
        if key not in self._meanings:
            self._meanings[key] = part.words.meanings()
        return self._meanings[key]

    def _fold(self, facts: Sequence[Fact], words: frozenset[str], common: Sequence[Fact] = ()) -> FoldedFacts:
        folded = fold(facts, common=common, shown=self._shown, words=words)
        self._shown.update(value for _, value in folded.telling)
        return folded

    def _is_settled(self, item: LaidOutRecord) -> bool:
        others = [name for name in item.readers if not same_person(name, self._reader)]
        return bool(others) and not item.record.has_finding

    def _record(self, record: ReadableRecord, common: Sequence[Fact], words: frozenset[str]) -> LaidOutRecord:
        digest = self._page.digests.get(record.line.number, "")
        return LaidOutRecord(
            record=record,
            parts=[self._part(part, common, words) for part in record.parts],
            readers=self._page.readers.get(digest, ()),
        )

    def _part(self, part: ShownPart, common: Sequence[Fact], words: frozenset[str]) -> LaidOutPart:
        item = part.item
        self._shown.update((item.title, *(text for entry in item.messages for text in (entry.body, entry.author))))
        own = self._fold(item.facts, words, common)
        entries = [self._fold(message.facts, words) for message in item.messages]
        return LaidOutPart(
            shown=part,
            telling=own.telling,
            folded=[*own.folded, *(fact for entry in entries for fact in entry.folded)],
            messages=[(message, entry.telling) for message, entry in zip(item.messages, entries, strict=True)],
        )


def progress_of(page: PackagePage) -> ReadingProgress:
    """Return how far a package is read.

    Args:
        page: A page of it.
    """
    by = Counter(name for digest in page.digests.values() for name in page.readers.get(digest, ()))
    read = sum(bool(page.readers.get(digest)) for digest in page.digests.values())
    return ReadingProgress(total=len(page.digests), read=read, by=by)


def mark_read(app: App, case_id: str, token: str, numbers: Iterable[int], *, session: str, by: str) -> int:
    """Note that a person has read records of a package as they are now; returns their number.

    Args:
        app: What it works with.
        case_id: The case.
        token: Of the reading.
        numbers: The records' numbers.
        session: What proves the session of the reading.
        by: Who read them.

    Raises:
        BadInput: There is no such case, or no such record in its package.
        Conflict: The reading is over, or the package was made again.
    """
    with app.store.case_file(case_id) as file:
        index = index_of(file, app, reading_of(app, file, token, session=session).package)
        wanted = set(numbers)
        if not wanted or wanted - index.given.keys():
            raise BadInput("Choose the records that were read; this package has no others.")
        keep_marks(file, {index.digests[number] for number in wanted}, by=by)
        file.ledger.append(
            CaseEvent.RECORDS_READ,
            actor=by,
            numbers=number_ranges(wanted),
            count=len(wanted),
            package=file.what_is_approved(),
        )
    return len(wanted)
