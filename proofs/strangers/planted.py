"""What was planted, whose it is, what a system holds at one moment, and what a case did to that and gave."""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from proofs.common import Adding
from proofs.strangers.people import Person, Population, word
from tests.support.peers.postgres import PostgresDatabase

Row = Mapping[str, str]
Snapshot = Mapping[str, Row]
"""Every row, file and version of one system by its place, each as columns with canonical texts."""

NOTE = "?"
"""So begin columns that are not stored: a snapshot notes in them whose a thing is, where another one tells that."""

_MARK = re.compile(r"zq[bcdfghjklmnpqrst]{12}")


@dataclass(frozen=True, slots=True)
class Mark:
    """What has to become of a piece of content."""

    word: str
    system: str
    what: str
    owners: frozenset[int]
    given: frozenset[int]
    may_see: frozenset[int]
    erased: frozenset[int]


@dataclass
class Marks:
    """All marks, by their words."""

    by_word: dict[str, Mark] = field(default_factory=dict)

    def plant(
        self,
        system: str,
        what: str,
        owners: Iterable[int],
        *,
        given: Iterable[int] | None = None,
        erased: Iterable[int] | None = None,
        may_see: Iterable[int] = (),
    ) -> str:
        """Plant a new mark; by default it is given to its owners, and goes with the only one."""
        everybody = frozenset(owners)
        mark = Mark(
            word=word(f"{system} {what}"), system=system, what=what, owners=everybody,
            given=everybody if given is None else frozenset(given), may_see=frozenset(may_see),
            erased=(everybody if len(everybody) == 1 else frozenset()) if erased is None else frozenset(erased),
        )  # fmt: skip
        if mark.word in self.by_word:
            raise ValueError(f"{system} {what} was planted twice")
        self.by_word[mark.word] = mark
        return mark.word

    def own(self, system: str, person: int, what: str) -> str:
        return self.plant(system, f"{person}: {what}", [person])

    def of_staff(self, system: str, what: str, to: int, *, is_seen: bool) -> str:
        return self.plant(system, f"staff's {what} to {to}", [], may_see=[to] if is_seen else [])

    def within(self, text: str) -> list[Mark]:
        return [self.by_word[one] for one in dict.fromkeys(_MARK.findall(text)) if one in self.by_word]

    def stored_in(self, row: Row) -> list[Mark]:
        return [mark for name, value in row.items() if not name.startswith(NOTE) for mark in self.within(value)]

    def owners_of(self, row: Row) -> frozenset[int]:
        return frozenset(owner for value in row.values() for mark in self.within(value) for owner in mark.owners)


@dataclass(frozen=True, slots=True)
class Rule:
    """What an erasure may do to the things of one sort, as their operator configured it."""

    owners: Callable[[Row], frozenset[int]]
    blanked: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Held:
    """One system's side of the proof."""

    name: str
    rules: Mapping[str, Rule]
    snapshot: Callable[[], Snapshot]
    may_come: frozenset[str] = frozenset()

    def rule_of(self, place: str) -> Rule | None:
        return self.rules.get(place.partition("/")[0])


# What a file or a version holds is kept for the marks in it; all planted ones are small.
_LONGEST = 64 * 1024


def of_database(database: PostgresDatabase, leave_out: Iterable[str] = ()) -> dict[str, dict[str, str]]:
    """Return every row of every table."""
    held: dict[str, dict[str, str]] = {}
    passed_over = set(leave_out)
    with database.server.admin(database.name) as admin:
        query = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"
        tables = [name for (name,) in admin.execute(query).fetchall() if name not in passed_over]
        for table in tables:
            # The server's own text of a row: nothing is lost in a conversion.
            rows = admin.execute(
                psycopg.sql.SQL("SELECT to_jsonb(one)::text FROM {} AS one").format(psycopg.sql.Identifier(table))
            )
            for number, (text,) in enumerate(sorted(rows.fetchall())):
                row = {
                    name: (value if isinstance(value, str) else json.dumps(value, sort_keys=True))
                    for name, value in json.loads(text).items()
                }
                place = f"{table}/{row.get('id', number)}"
                while place in held:
                    place += "+"
                held[place] = row
    return held


def of_folder(folder: Path, name: str = "files") -> dict[str, dict[str, str]]:
    return {
        f"{name}/{path.relative_to(folder)}": of_bytes(path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def of_bytes(content: bytes) -> dict[str, str]:
    return {"sha256": hashlib.sha256(content).hexdigest(), "content": content[:_LONGEST].decode("latin-1")}


def of_bucket(client: Any, bucket: str, read: dict[tuple[str, ...], dict[str, str]]) -> dict[str, dict[str, str]]:
    """Return every version and delete marker of a bucket, with metadata and bytes."""
    held: dict[str, dict[str, str]] = {}
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for one in page.get("Versions", []):
            state = (one["Key"], one["VersionId"], one["ETag"], str(one["LastModified"]))
            if state not in read:
                got = client.get_object(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])
                about = {"metadata": json.dumps(got["Metadata"], sort_keys=True), "type": got["ContentType"]}
                read[state] = {"key": one["Key"], "modified": state[-1], **about, **of_bytes(got["Body"].read())}
            held[f"versions/{one['Key']}/{one['VersionId']}"] = read[state]
        for one in page.get("DeleteMarkers", []):
            held[f"markers/{one['Key']}/{one['VersionId']}"] = {"key": one["Key"]}
    return held


SYSTEMS = ("tickets", "telephone", "helpdesk", "archive", "recordings")
"""The names of the systems in the configuration."""
_DIGITS = re.compile(r"\b(?:[0-9a-f]{2}){16,}\b")


@dataclass
class Verdict(Adding):
    """What came of one case, or of many."""

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
        return not self.faults

    def miss(self, count: str, what: str, is_named: bool) -> None:
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
    """Judge what a person was given, by the system it came from."""
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
    found = (name for name, content in files.items() if what.casefold() in content.decode("latin-1").casefold())
    parts = [part for name in found for part in name.split("/")]
    return next((part for part in parts if part in SYSTEMS), "package")


def _of_others(subject: Person, population: Population) -> Iterator[str]:
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
    """Judge what a case did to one system."""
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
        verdict.changed += sum(len(value.encode()) for value in after[place].values())
        verdict.faults.append(f"{held.name} {place}: it was not there before")
    return verdict


def _stays(row: Row, subject: Person, marks: Marks) -> bool:
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
