"""The records, letters and systems of a case, each folded from its entries.

Every field of an entry's details may be missing and, in a file from elsewhere, anything at all.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from rightsflow.audit.evidence.record import ActLine, EvidenceLetterLine, EvidenceRecordLine, LeftOutLine, SystemLine
from rightsflow.audit.ledger import Entry
from rightsflow.domain.case.findings import Fate, grounds, holdings
from rightsflow.domain.disclosure.texts import UNSCANNED
from rightsflow.domain.vocabulary.events import CaseEvent, StepName
from rightsflow.domain.vocabulary.letter_ids import ANSWERS

Details = Mapping[str, object]


def text(details: Details, key: str) -> str:
    """Return a text, or an empty one."""
    value = details.get(key)
    return value if isinstance(value, str) else ""


def number(details: Details, key: str) -> int:
    """Return a whole number, or 0."""
    value = details.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def day(details: Details, key: str) -> date | None:
    """Return a day, or ``None``."""
    try:
        return date.fromisoformat(text(details, key))
    except ValueError:
        return None


def instant(details: Details, key: str) -> datetime | None:
    """Return an aware instant that UTC can express too, or ``None``."""
    try:
        moment = datetime.fromisoformat(text(details, key))
        moment.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return moment if moment.tzinfo is not None else None


def counts(details: Details, *without: str) -> dict[str, int]:
    """Return the whole numbers above zero, by their names in order.

    Args:
        details: The details.
        *without: Names that are no counts.
    """
    return {name: found for name in sorted(details) if name not in without and (found := number(details, name)) > 0}


def nested(details: Details, key: str) -> Details:
    """Return an object, or an empty one."""
    value = details.get(key)
    return value if isinstance(value, Mapping) else {}


def rows(details: Details, key: str) -> Iterator[Details]:
    """Yield the objects in a list."""
    value = details.get(key)
    return (detail for detail in value if isinstance(detail, Mapping)) if isinstance(value, list) else iter(())


def texts(details: Details, key: str) -> tuple[str, ...]:
    """Return the texts in a list."""
    value = details.get(key)
    return tuple(detail for detail in value if isinstance(detail, str)) if isinstance(value, list) else ()


_MACHINE = "rightsflow"


class FoldedRecords:
    """Takes the entries of records one by one."""

    def __init__(self) -> None:
        self._records: dict[tuple[str, str], EvidenceRecordLine] = {}
        self._decided: dict[str, str] = {}

    @property
    def lines(self) -> tuple[EvidenceRecordLine, ...]:
        """The outcomes of the records, in the order in which the records were first named."""
        return tuple(self._records.values())

    def decide(self, entry: Entry) -> None:
        """Take the entry of decisions on single records."""
        for record in texts(entry.details, "records"):
            self._decided[record] = entry.actor

    def record_outcome(self, entry: Entry, law: str) -> None:
        """Take the entry of an outcome.

        Args:
            entry: The entry.
            law: The law's name, as the letters cite it.
        """
        details, known = entry.details, self._records.get(_key(entry))
        line = EvidenceRecordLine(
            record=text(details, "record"),
            system=text(details, "system"),
            kind=text(details, "kind"),
            category=text(details, "category"),
            outcome=text(details, "outcome"),
            at=entry.at,
            reason=text(details, "reason"),
            legal_basis=text(details, "legal_basis"),
            until=day(details, "until"),
            ends_when=text(details, "ends_when"),
            request_ref=text(details, "request_ref"),
            refused=details.get("refused") is True,
            is_unclear=details.get("unclear") is True,
            verified=known.verified if known else "",
            verified_at=known.verified_at if known else None,
            taken_back=known.taken_back if known else 0,
            decided_by=self._decided.get(text(details, "record"), ""),
        )
        if line.fate is not None and line.refused:
            basis, ends_when = grounds(line.fate, line.legal_basis, line.until, line.ends_when, law)
            line = replace(line, legal_basis=basis, ends_when=ends_when)
        self._records[_key(entry)] = line

    def take_back(self, entry: Entry) -> None:
        """Take the entry of an outcome that was taken back."""
        known = self._records.get(_key(entry)) or _unknown_record(entry)
        # The last fresh read led to this; once it is erased again, no one has checked it yet.
        self._records[_key(entry)] = replace(
            known, outcome="", at=entry.at, verified="", verified_at=None, taken_back=known.taken_back + 1
        )

    def look_again(self, entry: Entry) -> None:
        """Take the entry of a fresh read."""
        known = self._records.get(_key(entry)) or _unknown_record(entry)
        state = text(entry.details, "state")
        self._records[_key(entry)] = replace(known, verified=state, verified_at=entry.at)

    def rename(self, entry: Entry) -> None:
        """Take the entry of a record that goes by another name from now on."""
        before, now = _key(entry), text(entry.details, "now")
        renamed = replace(self._records.get(before) or _unknown_record(entry), record=now)
        lines = [renamed if key == before else record for key, record in self._records.items()]
        self._records = {(line.system, line.record): line for line in (*lines, renamed)}
        if before[1] in self._decided:
            self._decided[now] = self._decided[before[1]]

    def delegated(self) -> Iterator[ActLine]:
        """Yield the records that a processor erases, as acts."""
        for record in self._records.values():
            if record.fate is Fate.DELEGATED:
                what = f"{record.system}: {record.kind}, {record.category}"
                yield ActLine(at=record.at, event=CaseEvent.OUTCOME_RECORDED, by=_MACHINE, what=what)


def _key(entry: Entry) -> tuple[str, str]:
    return text(entry.details, "system"), text(entry.details, "record")


def _unknown_record(entry: Entry) -> EvidenceRecordLine:
    system, record = _key(entry)
    return EvidenceRecordLine(record=record, system=system, kind="", category="", outcome="", at=entry.at)


class FoldedLetters:
    """Takes the entries of letters one by one."""

    def __init__(self) -> None:
        self.lines: list[EvidenceLetterLine] = []
        self._unsent: defaultdict[str, deque[int]] = defaultdict(deque)

    def write(self, entry: Entry) -> None:
        """Take the entry of a letter that was written."""
        details = entry.details
        line = EvidenceLetterLine(
            letter=text(details, "letter"),
            version=text(details, "version"),
            written_at=entry.at,
            text_hash=text(details, "text"),
            language=text(details, "language"),
            commitment=text(details, "commitment"),
        )
        self._unsent[line.letter].append(len(self.lines))
        self.lines.append(line)

    def send(self, entry: Entry) -> None:
        """Take the entry of a letter that was sent."""
        letter, at = text(entry.details, "letter"), instant(entry.details, "at") or entry.at
        if unsent := self._unsent[letter]:
            index = self._sent_of(unsent, at)
        else:
            index = len(self.lines)
            self.lines.append(EvidenceLetterLine(letter=letter, version="", written_at=entry.at))
        self.lines[index] = replace(
            self.lines[index],
            sent_at=at,
            sent_by=entry.actor,
            noted_at=entry.at,
            channel=text(entry.details, "channel"),
            proof_hash=text(entry.details, "proof"),
            smtp_code=text(entry.details, "smtp_code"),
            queue_id=text(entry.details, "queue_id"),
            address=text(entry.details, "address"),
            attached=text(entry.details, "attached"),
        )

    def _sent_of(self, unsent: deque[int], at: datetime) -> int:
        """Take out which of several texts of a letter went out: the last that was written by then, else the oldest.

        A letter is written anew where its dates moved; it is looked for from the end, since a file may hold any number.
        """
        newer: list[int] = []
        while len(unsent) > 1 and self.lines[unsent[-1]].written_at > at:
            newer.append(unsent.pop())
        index = unsent.pop()
        unsent.extend(reversed(newer))
        return index

    def edit(self, entry: Entry) -> None:
        """Process the entry of a letter whose free parts a person edited."""
        details, letter = entry.details, text(entry.details, "letter")
        if unsent := self._unsent[letter]:
            index = unsent[-1]
            self.lines[index] = replace(
                self.lines[index], text_hash=text(details, "text"), commitment=text(details, "commitment")
            )

    def take_back(self, entry: Entry) -> None:
        """Process the entry of a returned letter: it is to be sent again, and counts as sent only then."""
        letter = text(entry.details, "letter")
        sent = [at for at, item in enumerate(self.lines) if item.letter == letter and item.sent_at]
        if sent:
            index = sent[-1]
            line = self.lines[index]
            self.lines[index] = EvidenceLetterLine(
                letter=line.letter,
                version=line.version,
                written_at=line.written_at,
                text_hash=line.text_hash,
                language=line.language,
                commitment=line.commitment,
            )
            self._unsent[letter].append(index)

    def sent_at(self, letters: Container[str]) -> datetime | None:
        """Return the instant (aware) at which the first of these letters went out, or ``None``."""
        return first_sent(self.lines, letters)


def first_sent(letters: Iterable[EvidenceLetterLine], of: Container[str] = ANSWERS) -> datetime | None:
    """Return the instant (aware) at which the first of some letters was sent, or ``None``.

    Args:
        letters: All letters of a case.
        of: Which are meant; by default those that answer a request.
    """
    return min((letter.sent_at for letter in letters if letter.letter in of and letter.sent_at), default=None)


_NO_COUNTS = ("step", "system", "matches", "by", "records", "package", "plan", UNSCANNED)


@dataclass(slots=True)
class _System:
    """The facts known so far about one system."""

    searched_at: datetime | None = None
    searched_by: Mapping[str, int] = field(default_factory=dict)
    verified_at: datetime | None = None
    failures: int = 0
    cannot_find: tuple[str, ...] | None = None
    # The totals of old entries, if there are no entries about single records.
    erased: Mapping[str, int] = field(default_factory=dict)
    verified: Mapping[str, int] = field(default_factory=dict)


class FoldedSystems:
    """Takes the entries of steps one by one."""

    def __init__(self) -> None:
        self.disclosed: Mapping[str, int] = {}
        self.package = ""
        self.left_out: tuple[LeftOutLine, ...] | None = None
        self._systems: defaultdict[str, _System] = defaultdict(_System)
        self._tally: tuple[Details, ...] = ()
        self._masked: dict[str, Mapping[str, int]] = {}

    def finish_step(self, entry: Entry) -> None:
        """Take the entry of a step that was done."""
        details, step, name = entry.details, text(entry.details, "step"), text(entry.details, "system")
        if step == StepName.RESOLVE:
            self._tally = tuple(rows(details, "records"))
        elif step == StepName.ASSEMBLE:
            self.disclosed, self.package = counts(details, *_NO_COUNTS), text(details, "package")
            self.left_out = tuple(map(_left_out_line, rows(details, "left_out"))) if "left_out" in details else None
        elif step == StepName.REDACT:
            self._masked[name] = counts(details, *_NO_COUNTS)
        elif name and step == StepName.LOCATE:
            self._systems[name].searched_at = entry.at
            self._systems[name].searched_by = counts(nested(details, "by"))
            self._systems[name].cannot_find = texts(details, "cannot_find") if "cannot_find" in details else None
        elif name and step == StepName.ERASE:
            self._systems[name].erased = counts(details, *_NO_COUNTS)
        elif name and step == StepName.VERIFY:
            self._systems[name].verified = counts(details, *_NO_COUNTS)
            if self._systems[name].verified:
                # If no record was erased, none was verified.
                self._systems[name].verified_at = self._systems[name].verified_at or entry.at

    def fail_step(self, system: str) -> None:
        """Count a step that failed at a system."""
        if system:
            self._systems[system].failures += 1

    def look_again(self, system: str, at: datetime) -> None:
        """Note that records of a system were read afresh.

        Args:
            system: The system.
            at: When (aware).
        """
        self._systems[system].verified_at = at

    @property
    def masked(self) -> Mapping[str, int]:
        """The counts of data redacted for the rights of others, over all systems."""
        masked: Counter[str] = Counter()
        for item in self._masked.values():
            masked.update(item)
        return masked

    def lines(self, records: Iterable[EvidenceRecordLine]) -> tuple[SystemLine, ...]:
        """Return the systems by name; the records are read once, however many systems there are.

        Args:
            records: What is known of each record.
        """
        tallied, by_system = _by_system(self._tally), defaultdict[str, list[EvidenceRecordLine]](list)
        for record in records:
            by_system[record.system].append(record)
        named = {name for name in (*self._systems, *tallied, *by_system) if name}
        return tuple(self._system(name, tallied.get(name, ()), by_system.get(name, ())) for name in sorted(named))

    def _system(self, name: str, tallied: Sequence[Details], records: Sequence[EvidenceRecordLine]) -> SystemLine:
        known = self._systems[name]
        found: Counter[str] = Counter()
        for details in tallied:
            if theirs := number(details, "subject") + number(details, "taken_in"):
                found[text(details, "category")] += theirs
        outcomes = Counter[str]()
        for held in holdings(records):
            outcomes[held.fate.value] += held.records
        verified = Counter(record.verified for record in records if record.verified)
        return SystemLine(
            system=name,
            searched_at=known.searched_at,
            searched_by=known.searched_by,
            found=found,
            unclear=sum(number(item, "unclear") for item in tallied),
            outcomes=outcomes if records else known.erased,
            verified_at=known.verified_at,
            verified=verified if records else known.verified,
            failures=known.failures,
            cannot_find=known.cannot_find,
        )


def _by_system(tally: Iterable[Details]) -> dict[str, list[Details]]:
    by_system: dict[str, list[Details]] = {}
    for details in tally:
        by_system.setdefault(text(details, "system"), []).append(details)
    return by_system


def _left_out_line(said: Details) -> LeftOutLine:
    return LeftOutLine(
        system=text(said, "system"),
        what=text(said, "what"),
        reason=text(said, "reason"),
        legal_basis=text(said, "legal_basis"),
        count=number(said, "count"),
    )
