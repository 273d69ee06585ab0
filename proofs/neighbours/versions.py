"""A store of recordings: keys with versions of several people, replaced and deleted, some older than the versioning."""

from __future__ import annotations

from itertools import count
from typing import Any

from proofs.neighbours.drawn import OWN_LINE, Town, spellings
from proofs.neighbours.judging import Record, System
from proofs.strangers.planted import Marks, Row, Snapshot
from proofs.strangers.snapshots import of_bucket
from proofs.strangers.stores import Put, fill

NAME = "archive"
_BUCKETS = count(1)


def put_all(town: Town, marks: Marks, client: Any) -> tuple[System, str]:
    """Fill a new bucket; gives its side of the proof and its name.

    Args:
        town: Everybody.
        marks: Where what is planted is noted.
        client: A client of boto3 that may do everything.
    """
    bucket = f"neighbours-{next(_BUCKETS)}"
    fill(client, bucket, _Versions(town, marks).puts())
    return _system(client, bucket, marks), bucket


class _Versions:
    """Draws them."""

    def __init__(self, town: Town, marks: Marks) -> None:
        self._town, self._dice, self._marks = town, town.dice, marks

    def puts(self) -> list[Put]:
        """Every version and every deletion, the oldest first."""
        keys = [f"calls/{number:04}.wav" for number in range(len(self._town.people))]
        puts = []
        for number in range(4 * len(self._town.people)):
            key = self._dice.choice(keys)
            is_early = self._dice.random() < 0.15
            puts.append(self._version(number, key, is_early=is_early))
            if not is_early and self._dice.random() < 0.15:
                puts.append(Put(key))
        return puts

    def _version(self, number: int, key: str, *, is_early: bool) -> Put:
        """A version that names a person by one of the ways, or two people, or by a number that several use."""
        dice, town = self._dice, self._town
        person, chance = dice.choice(town.people), dice.random()
        phone = dice.choice(person.phones)
        written = dice.choice(spellings(phone))
        if chance < 0.4:
            owners, named = {person.number}, {"customer": person.customer}
        elif chance < 0.55:
            owners, named = {person.number}, {"customer": person.customer, "caller": written}
        elif chance < 0.65:
            other = dice.choice(town.people)
            owners = {*town.having(phone), *town.having(other.phones[0])}
            named = {"caller": f"{written}, {dice.choice(spellings(other.phones[0]))}"}
        elif chance < 0.75:
            owners, named = set(town.having(phone)), {"caller": f"{OWN_LINE}, {written}"}
        else:
            owners, named = set(town.having(phone)), {"caller": dice.choice((written, f"sip:{phone}@10.0.0.5:5060"))}
        mark = self._marks.plant(NAME, f"{sorted(owners)}: version {number} of {key}", owners)
        return Put(key, f"RIFF {mark}".encode(), named, is_early)


def _system(client: Any, bucket: str, marks: Marks) -> System:
    """Whose its versions are: told by the marks in their bytes; a marker is of those whose versions it lies over."""
    read: dict[tuple[str, ...], dict[str, str]] = {}
    under: dict[str, frozenset[int]] = {}

    def snapshot() -> Snapshot:
        held = {place: dict(row) for place, row in of_bucket(client, bucket, read).items()}
        for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
            for one in page.get("Versions", ()):
                # Which version a plain read gives: an erasure must neither hide another person's nor show it again.
                held[f"versions/{one['Key']}/{one['VersionId']}"]["current"] = str(one["IsLatest"])
        return held

    for row in snapshot().values():
        under[row["key"]] = under.get(row["key"], frozenset()) | marks.owners_of(row)

    def owners(place: str, row: Row) -> frozenset[int]:
        return under[row["key"]] if place.startswith("markers/") else marks.owners_of(row)

    return System(NAME, snapshot, owners, _record, may_come=frozenset({"markers"}))


def _record(place: str, row: Row) -> Record | None:
    if place.startswith("markers/"):
        return None
    return "recording", f"{row['key']}?versionId={place.rpartition('/')[2]}"
