"""The two stores of recordings: keys that several people share, one having replaced the other.

Who a version is of stands in its metadata, in the spellings that telephone systems write: a number with or without its
plus, a SIP address, a customer number, an account number in the shop.
"""

from __future__ import annotations

import io
import json
import wave
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from proofs.strangers.people import Neighbour, Person, Population, bare, national, spaced
from proofs.strangers.planted import Held, Marks, Row, Rule, Snapshot
from proofs.strangers.snapshots import of_bucket


@dataclass(frozen=True, slots=True)
class Put:
    """One version that is written.

    Args:
        key: Its key.
        body: Its bytes; ``None`` writes a delete marker.
        metadata: Its metadata.
        is_early: Whether it is written before the bucket keeps versions.
        tags: Its tags, as a query.
    """

    key: str
    body: bytes | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    is_early: bool = False
    tags: str = ""


def plan(name: str, population: Population, accounts: Mapping[int, str], marks: Marks) -> list[Put]:
    """What a store is filled with.

    Args:
        name: The store's, in the configuration.
        population: Everybody.
        accounts: The account numbers that the ticket system gave to the people.
        marks: Where what is planted is noted.
    """
    return [put for subject in population.subjects for put in _Street(name, population, subject, accounts, marks).all()]


class _Street:
    """The recordings of one neighbourhood."""

    def __init__(
        self, name: str, population: Population, subject: Person, accounts: Mapping[int, str], marks: Marks
    ) -> None:
        self._name, self._population, self._subject, self._marks = name, population, subject, marks
        self._accounts = accounts

    def all(self) -> Iterator[Put]:
        """Every version, the oldest first."""
        yield from self._shared_keys()
        yield from self._own()
        yield from self._used_in_turn()
        yield from self._neighbours()

    def _shared_keys(self) -> Iterator[Put]:
        """Keys with versions of several people, named by phone and by customer number."""
        me, twin, successor = self._subject, self._beside(Neighbour.TWIN), self._beside(Neighbour.SUCCESSOR)
        yield self._put("early", me, "first", {"caller": bare(me.phones[-1])}, is_early=True)
        yield self._put("early", twin, "second", {"caller": twin.phones[0]})
        yield self._put("shared", twin, "first", {"customer": twin.customer})
        yield self._put("shared", me, "second", {"caller": bare(me.phones[-1])})
        yield self._put("shared", successor, "third", {"caller": national(successor.phones[0])})
        yield self._put("shared", me, "fourth", {"caller": f"sip:{me.phones[-1]}@10.0.0.5:5060"})
        if me.street % 2:
            yield Put(self._key("shared"))
        yield self._put("taken-over", me, "first", {"customer": me.customer})
        yield self._put("taken-over", successor, "second", {"caller": successor.phones[0]})
        yield Put(self._key("taken-over"))

    def _own(self) -> Iterator[Put]:
        """Keys of the subject alone: replaced, deleted, with a transcript beside one."""
        me = self._subject
        yield self._put("spelled", me, "first", {"caller": spaced(me.phones[-1])})
        yield self._put("own", me, "first", {"caller": bare(me.phones[-1]), "customer": me.customer})
        yield self._put("own", me, "second", {"customer": me.customer})
        text = self._marks.plant(self._name, f"{me.number}: transcript", [me.number])
        yield Put(self._key("own").replace(".wav", ".json"), json.dumps({"text": f"It leaks, {text}."}).encode())
        yield self._put("deleted", me, "first", {"customer": me.customer})
        yield Put(self._key("deleted"))
        # Here it stands that the mobile number is the subject's.
        yield self._put("mobile", me, "first", {"caller": me.phones[0], "customer": me.customer})

    def _used_in_turn(self) -> Iterator[Put]:
        """Recordings by a number that two people used, one with a customer number and one without."""
        me, family = self._subject, self._beside(Neighbour.FAMILY)
        number = me.phones[0]
        if number in family.phones:
            yield self._put("in-turn", family, "first", {"caller": number, "customer": family.customer})
            what = f"{me.number} or {family.number}: {{}}"
            yield self._put("in-turn", me, "unclear", {"caller": bare(number)}, of=[me, family], what=what, sure=False)
        other = self._beside(Neighbour.CALLER)
        both = f"{national(me.phones[-1])}, {national(other.phones[0])}"
        yield self._put(
            "conference",
            me,
            "first",
            {"caller": both},
            of=[me, other],
            what=f"{me.number} and {other.number}: {{}}",
            sure=False,
        )

    def _neighbours(self) -> Iterator[Put]:
        """A key of each neighbour."""
        me = self._subject
        for role in (Neighbour.LONGER, Neighbour.SHORTER, Neighbour.NAMESAKE, Neighbour.TAGGED):
            person = self._beside(role)
            yield self._put(f"n{role}", person, "first", {"caller": bare(person.phones[0])})
            yield self._put(f"n{role}", person, "second", {"customer": person.customer})
        numbered = self._beside(Neighbour.NUMBERED)
        yield self._put("numbered", numbered, "first", {"shop-account": self._accounts[me.number]})

    def _beside(self, role: Neighbour) -> Person:
        return self._population.beside(self._subject, role)

    def _key(self, name: str) -> str:
        return f"calls/{self._subject.street:02}/{name}.wav"

    def _put(
        self,
        key: str,
        person: Person,
        version: str,
        metadata: dict[str, str],
        *,
        is_early: bool = False,
        of: list[Person] | None = None,
        what: str = "",
        sure: bool = True,
    ) -> Put:
        owners = [one.number for one in of or [person]]
        named = (what or f"{person.number}: {{}}").format(f"{version} version of {self._key(key)}")
        certain = None if sure else ()
        mark = self._marks.plant(self._name, named, owners, given=certain, erased=certain)
        return Put(self._key(key), _sound(mark), metadata, is_early)


def _sound(mark: str) -> bytes:
    """A recording in which the mark stands in place of sound."""
    stored = io.BytesIO()
    with wave.open(stored, "wb") as audio:
        audio.setnchannels(1)
        audio.setsampwidth(1)
        audio.setframerate(8000)
        audio.writeframes((mark * 40).encode())
    return stored.getvalue()


def fill(client: Any, bucket: str, puts: list[Put]) -> None:
    """Write everything into a new bucket.

    Args:
        client: A client of boto3 that may do everything.
        bucket: The bucket.
        puts: What to write.
    """
    client.create_bucket(Bucket=bucket)
    for put in (one for one in puts if one.is_early):
        _write(client, bucket, put)
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for put in (one for one in puts if not one.is_early):
        _write(client, bucket, put)


def _write(client: Any, bucket: str, put: Put) -> None:
    if put.body is None:
        client.delete_object(Bucket=bucket, Key=put.key)
        return
    kind = "audio/wav" if put.key.endswith(".wav") else "application/json"
    more = {"Tagging": put.tags} if put.tags else {}
    client.put_object(Bucket=bucket, Key=put.key, Body=put.body, Metadata=dict(put.metadata), ContentType=kind, **more)


def held(name: str, client: Any, bucket: str, marks: Marks) -> Held:
    """Whose its versions are: told by the marks in their bytes; a marker is of those whose versions lie under its key.

    Args:
        name: The store's.
        client: A client of boto3 that may read everything.
        bucket: The bucket.
        marks: Everything that was planted.
    """

    read: dict[tuple[str, ...], dict[str, str]] = {}

    def snapshot() -> Snapshot:
        found = of_bucket(client, bucket, read)
        for place, row in found.items():
            if place.startswith("markers/"):
                versions = [one for at, one in found.items() if at.startswith("versions/") and one["key"] == row["key"]]
                row["?covers"] = " ".join(
                    sorted(mark.word for one in versions for mark in marks.within(one["content"]))
                )
        return found

    def owners_of_marker(row: Row) -> frozenset[int]:
        return marks.owners_of({"covers": row["?covers"]})

    rules = {"versions": Rule(marks.owners_of), "markers": Rule(owners_of_marker)}
    # A marker that keeps an older version of another person from showing again.
    return Held(name, rules, snapshot, may_come=frozenset({"markers"}))
