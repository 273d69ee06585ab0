"""The judgement: what a case gave and changed, held against what was planted. It knows nothing of Rightsflow."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from proofs.strangers.people import Person, Population
from proofs.strangers.planted import NOTE, Held, Mark, Marks, Row, Rule, Snapshot

SYSTEMS = ("tickets", "telephone", "helpdesk", "archive", "recordings")
"""The names of the systems in the configuration."""
_DIGITS = re.compile(r"\b(?:[0-9a-f]{2}){16,}\b")


@dataclass
class Verdict:
    """What came of one case, or of many.

    Args:
        given: Pieces of content that were handed out and had to be.
        withheld: Those that had to be and were not.
        disclosed: Bytes of other people that were handed out.
        erased: Rows, files and versions that went, or lost what was the person's.
        left: Those that should have gone and did not.
        kept: Those of the person, shared or unclear, that rightly stayed.
        named: Of what was not given and not erased, what the answer names, with the reason.
        changed: Bytes of other people that were changed or removed.
        faults: What is wrong, a line each.
    """

    given: int = 0
    withheld: int = 0
    disclosed: int = 0
    erased: int = 0
    left: int = 0
    kept: int = 0
    named: int = 0
    changed: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    def add(self, other: Verdict) -> None:
        """Count another one in."""
        for name in ("given", "withheld", "disclosed", "erased", "left", "kept", "named", "changed"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.faults += other.faults

    def miss(self, count: str, what: str, is_named: bool) -> None:
        """Count what was missed; it is wrong unless the answer names it.

        Args:
            count: Under which name.
            what: What it is.
            is_named: Whether the answer names it.
        """
        setattr(self, count, getattr(self, count) + 1)
        self.named += is_named
        if not is_named:
            self.faults.append(what)


def judge_package(
    files: Mapping[str, bytes],
    subject: Person,
    population: Population,
    marks: Marks,
    is_named: Callable[[Mark], bool] = lambda _: False,
) -> dict[str, Verdict]:
    """Judge what a person was given, by the system it came from.

    Args:
        files: The package's files.
        subject: The person.
        population: Everybody.
        marks: Everything that was planted.
        is_named: Whether the answer names what was not given.
    """
    text = "\n".join(content.decode("latin-1") for content in files.values())
    # What a column of bytes holds is given in digits.
    text += "".join(bytes.fromhex(one).decode("latin-1") for one in _DIGITS.findall(text))
    seen = {one.word for one in marks.within(text)}
    verdicts: defaultdict[str, Verdict] = defaultdict(Verdict)
    for mark in marks.by_word.values():
        verdict = verdicts[mark.system]
        if subject.number in mark.given:
            verdict.given += mark.word in seen
            if mark.word not in seen:
                verdict.miss("withheld", f"{mark.system}: not given to {subject.number}: {mark.what}", is_named(mark))
        elif mark.word in seen and subject.number not in mark.may_see:
            verdict.disclosed += len(mark.word)
            verdict.faults.append(f"{mark.system}: given to {subject.number}: {mark.what} of {sorted(mark.owners)}")
    lowered = text.casefold()
    for what in _of_others(subject, population):
        if what.casefold() in lowered:
            verdict = verdicts[_where(what, files)]
            verdict.disclosed += len(what)
            verdict.faults.append(f"given to {subject.number}: {_kind(what)} of another person")
    return verdicts


def _where(what: str, files: Mapping[str, bytes]) -> str:
    """The system in whose part of a package something stands."""
    found = (name for name, content in files.items() if what.casefold() in content.decode("latin-1").casefold())
    parts = [part for name in found for part in name.split("/")]
    return next((part for part in parts if part in SYSTEMS), "package")


def _of_others(subject: Person, population: Population) -> Iterator[str]:
    """By what others can be told, as far as it cannot be read as the subject's own."""
    own = [*subject.emails, *subject.phones, subject.name]
    for person in population.people:
        if person is subject:
            continue
        for what in (*person.emails, person.name, *_spellings(person.phones)):
            # What is a part of the subject's own address, number or name is there anyway.
            if not any(what.casefold() in one.casefold() for one in (*own, *_spellings(subject.phones))):
                yield what


def _spellings(phones: Iterable[str]) -> list[str]:
    return [one for phone in phones for one in (phone, phone.removeprefix("+"), "0" + phone.removeprefix("+49"))]


def _kind(what: str) -> str:
    return "the address" if "@" in what else "the name" if " " in what else "the number"


def judge_changes(
    held: Held,
    before: Snapshot,
    after: Snapshot,
    subject: Person | None,
    marks: Marks,
    is_named: Callable[[str], bool] = lambda _: False,
) -> Verdict:
    """Judge what a case did to one system.

    Args:
        held: The system.
        before: What it held before.
        after: What it holds now.
        subject: Whose erasure it was; ``None`` for a case that changes nothing.
        marks: Everything that was planted.
        is_named: Whether the answer names what stayed in a place.
    """
    verdict = Verdict()
    for place, row in before.items():
        if subject is None and after.get(place) is row:
            continue
        rule = held.rule_of(place)
        owners = rule.owners(row) if rule else frozenset()
        if subject is None or rule is None or subject.number not in owners:
            _judge_untouched(f"{held.name} {place}", row, after.get(place), verdict)
        elif len(owners) > 1 or _stays(row, subject, marks):
            _judge_kept(f"{held.name} {place}", row, after.get(place), rule.shared, verdict)
        elif is_named(place) and _stored(after.get(place, {})) == _stored(row):
            verdict.miss("left", place, is_named=True)
        else:
            _judge_erased(f"{held.name} {place}", row, after.get(place), rule, verdict)
    for place in after.keys() - before.keys():
        if subject is not None and place.partition("/")[0] in held.may_come:
            continue
        verdict.changed += _size(after[place])
        verdict.faults.append(f"{held.name} {place}: it was not there before")
    return verdict


def _stays(row: Row, subject: Person, marks: Marks) -> bool:
    """Whether what a row holds is marked as not going with this erasure: it is unclear whose it is."""
    found = [mark for value in row.values() for mark in marks.within(value)]
    return bool(found) and not any(subject.number in mark.erased for mark in found)


def _stored(row: Row) -> Row:
    return {name: value for name, value in row.items() if not name.startswith(NOTE)}


def _judge_untouched(place: str, row: Row, now: Row | None, verdict: Verdict) -> None:
    stored = [name for name in row if not name.startswith(NOTE)]
    names = stored if now is None else [name for name in stored if now.get(name) != row[name]]
    if not names:
        return
    verdict.changed += sum(len(row[name].encode()) for name in names)
    verdict.faults.append(f"{place}: another person's {'is gone' if now is None else f'{sorted(names)} changed'}")


def _judge_kept(place: str, row: Row, now: Row | None, shared: frozenset[str], verdict: Verdict) -> None:
    verdict.kept += 1
    kept = {name: value for name, value in row.items() if name not in shared}
    _judge_untouched(place, kept, None if now is None else {name: now.get(name, "") for name in kept}, verdict)


def _judge_erased(place: str, row: Row, now: Row | None, rule: Rule, verdict: Verdict) -> None:
    if not rule.blanked:
        if now is None:
            verdict.erased += 1
        else:
            verdict.left += 1
            verdict.faults.append(f"{place}: it is still there")
        return
    if now is None:
        verdict.faults.append(f"{place}: it is gone, though it had to be blanked")
        return
    left = [name for name in rule.blanked if row[name] not in {"", "null"} and now[name] == row[name]]
    verdict.left += bool(left)
    verdict.erased += not left
    verdict.faults += [f"{place}: {name} still stands there" for name in left]
    kept = {name: value for name, value in row.items() if name not in rule.blanked and not name.startswith(NOTE)}
    _judge_untouched(place, kept, {name: now[name] for name in kept}, verdict)


def _size(row: Row) -> int:
    return sum(len(value.encode()) for value in row.values())
