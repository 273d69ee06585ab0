"""Stores of recordings: keys that several people share, versions, markers, and what is muted in them."""

from __future__ import annotations

import io
import json
import wave
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, count
from typing import Any

from proofs.strangers.announced import Record, System
from proofs.strangers.people import OWN_NUMBER, Neighbour, Person, Population, Town, bare, national, spaced, spellings
from proofs.strangers.planted import Held, Marks, Row, Rule, Snapshot, of_bucket


@dataclass(frozen=True, slots=True)
class Put:
    """One version that is written."""

    key: str
    body: bytes | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    is_early: bool = False
    tags: str = ""


def plan(name: str, population: Population, accounts: Mapping[int, str], marks: Marks) -> list[Put]:
    return [put for subject in population.subjects for put in _Street(name, population, subject, accounts, marks).all()]


class _Street:
    """The recordings of one neighbourhood."""

    def __init__(
        self, name: str, population: Population, subject: Person, accounts: Mapping[int, str], marks: Marks
    ) -> None:
        self._name, self._population, self._subject, self._marks = name, population, subject, marks
        self._accounts = accounts

    def all(self) -> Iterator[Put]:
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
        me, family = self._subject, self._beside(Neighbour.FAMILY)
        number = me.phones[0]
        if number in family.phones:
            yield self._put("in-turn", family, "first", {"caller": number, "customer": family.customer})
            what = f"{me.number} or {family.number}: {{}}"
            yield self._put("in-turn", me, "unclear", {"caller": bare(number)}, of=[me, family], what=what)
        other = self._beside(Neighbour.CALLER)
        both = f"{national(me.phones[-1])}, {national(other.phones[0])}"
        what = f"{me.number} and {other.number}: {{}}"
        yield self._put("conference", me, "first", {"caller": both}, of=[me, other], what=what)

    def _neighbours(self) -> Iterator[Put]:
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

    def _put(self, key: str, person: Person, version: str, metadata: dict[str, str], **more: Any) -> Put:
        owners = [one.number for one in more.get("of", [person])]
        named = more.get("what", f"{person.number}: {{}}").format(f"{version} version of {self._key(key)}")
        certain = () if "of" in more else None
        mark = self._marks.plant(self._name, named, owners, given=certain, erased=certain)
        return Put(self._key(key), _wave([(mark * 40).encode()]), metadata, more.get("is_early", False))


def fill(client: Any, bucket: str, puts: list[Put]) -> None:
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
    """Whose its versions are: told by the marks in their bytes; a marker is of those whose versions it covers."""

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


NAME = "archive"
_BUCKETS = count(1)
_SHARE_WITH_CODES = 0.5
_SHARE_OF_TWO = 0.6
_SPREAD_OF_SOUND = 4
_AT_CHANNELS = 22
_CHANNEL = "channel "
_MOVES = ("sha256", "modified")
"""What follows of a recording from what is in it, and when it was stored."""
_CHANNELS = {1: ("",), 2: ("", "@1", "@2")}
"""Which channels of a recording can be marked, by how many it has; all of them where none is named."""
_MARKED = "?marked"
"""The column that notes what of a recording is marked."""

_CARD_TAG = "card-code"
MUTES = f'card_code_tag = "{_CARD_TAG}"\n'
"""What the operator writes, for whom the store marks what has to be muted."""
_MUTED_TAG = "rightsflow-muted"
_RATE = 8000
_SPOKEN = range(_RATE // 2, _RATE * 3 // 4)
_SECONDS = "0.5-0.75"
_SILENCE = "\x80"


def put_all(town: Town, marks: Marks, client: Any, *, with_codes: bool = False) -> tuple[System, str]:
    bucket, drawn = f"neighbours-{next(_BUCKETS)}", _Versions(town, marks, with_codes=with_codes)
    fill(client, bucket, drawn.puts())
    return _system(client, bucket, marks, drawn.marked), bucket


class _Versions:
    """Draws them."""

    def __init__(self, town: Town, marks: Marks, *, with_codes: bool) -> None:
        self._town, self._dice, self._marks, self._with_codes = town, town.dice, marks, with_codes
        self.marked: dict[str, str] = {}
        """What of a recording is marked, by the first mark in it."""

    def puts(self) -> list[Put]:
        """Yield every version and every deletion, the oldest first."""
        # Where another recording lies over one, nothing is muted.
        spread = _SPREAD_OF_SOUND if self._with_codes else 1
        keys = [f"calls/{number:04}.wav" for number in range(spread * len(self._town.people))]
        puts = []
        for number in range(4 * len(self._town.people)):
            key = self._dice.choice(keys)
            is_early = self._dice.random() < 0.15
            puts.append(self._version(number, key, is_early=is_early))
            if not is_early and self._dice.random() < 0.15:
                puts.append(Put(key))
        return puts

    def _version(self, number: int, key: str, *, is_early: bool) -> Put:
        """Make a version that names a person by one of the ways, two people, or a shared number."""
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
            owners, named = set(town.having(phone)), {"caller": f"{OWN_NUMBER}, {written}"}
        else:
            owners, named = set(town.having(phone)), {"caller": dice.choice((written, f"sip:{phone}@10.0.0.5:5060"))}
        what = f"{sorted(owners)}: version {number} of {key}"
        mark = self._marks.plant(NAME, what, owners)
        if self._with_codes:
            sound, tags = self._sound(mark, number, owners)
            return Put(key, sound, named, is_early, tags)
        return Put(key, f"RIFF {mark}".encode(), named, is_early)

    def _sound(self, mark: str, number: int, owners: set[int]) -> tuple[bytes, str]:
        speakers = [mark]
        if self._dice.random() < _SHARE_OF_TWO:
            speakers.append(self._marks.plant(NAME, f"{sorted(owners)}: second speaker of version {number}", owners))
        is_marked = self._dice.random() < _SHARE_WITH_CODES
        self.marked[mark] = self._dice.choice(_CHANNELS[len(speakers)]) if is_marked else ""
        tags = f"{_CARD_TAG}={_SECONDS}{self.marked[mark].replace('@', '%40')}" if is_marked else ""
        return _wave([_spoken(one, f"{number:04}") for one in speakers]), tags


def _spoken(mark: str, code: str) -> bytes:
    samples = bytearray((mark * _RATE).encode()[:_RATE])
    samples[_SPOKEN.start : _SPOKEN.stop] = (code * _RATE).encode()[: len(_SPOKEN)]
    return bytes(samples)


def _wave(channels: Sequence[bytes]) -> bytes:
    stored = io.BytesIO()
    with wave.open(stored, "wb") as audio:
        audio.setnchannels(len(channels))
        audio.setsampwidth(1)
        audio.setframerate(_RATE)
        audio.writeframes(bytes(chain.from_iterable(zip(*channels, strict=True))))
    return stored.getvalue()


def _channels(content: str) -> int:
    return ord(content[_AT_CHANNELS]) if content[8:12] == "WAVE" else 0


def _by_channel(content: str) -> dict[str, str]:
    count = _channels(content)
    samples = content[len(content) - count * _RATE :]
    return {f"{_CHANNEL}{one + 1}": samples[one::count] for one in range(count)} if count > 1 else {}


def badly_muted(before: Snapshot, after: Snapshot, outcomes: Mapping[tuple[str, str, str], str]) -> Iterator[str]:
    for place, row in before.items():
        record = _record(place, row)
        if record is None or outcomes.get((NAME, *record)) != "muted":
            continue
        now = after.get(place, {})
        wanted = {**row, "content": _silenced(row["content"], row[_MARKED])}
        wanted |= _by_channel(wanted["content"])
        different = [name for name in wanted if name not in _MOVES and now.get(name) != wanted[name]]
        yield from (f"{NAME} {place}: muted, and {name} is another one" for name in different)


def _silenced(content: str, marked: str) -> str:
    count, samples = _channels(content), list(content)
    begins = len(content) - count * _RATE
    for frame in _SPOKEN:
        for channel in [int(marked[1:]) - 1] if marked else range(count):
            samples[begins + frame * count + channel] = _SILENCE
    return "".join(samples)


def _system(client: Any, bucket: str, marks: Marks, marked: Mapping[str, str]) -> System:
    """Whose its versions are: told by the marks in their bytes; a marker is of those whose versions it lies over."""
    read: dict[tuple[str, ...], dict[str, str]] = {}
    under: dict[str, frozenset[int]] = {}

    names: dict[str, str] = {}

    def name_of(place: str) -> str:
        if place not in names:
            key, version = place.removeprefix("versions/").rsplit("/", 1)
            tags = client.get_object_tagging(Bucket=bucket, Key=key, VersionId=version)["TagSet"]
            told = next((one["Value"] for one in tags if one["Key"] == _MUTED_TAG), version)
            names[place] = f"versions/{key}/{told.partition(' ')[0]}"
        return names[place]

    def snapshot() -> Snapshot:
        found = of_bucket(client, bucket, read)
        if not names:
            names.update((place, place) for place in found)
        held = {name_of(place) if place.startswith("versions/") else place: dict(row) for place, row in found.items()}
        for row in held.values():
            row.update(_by_channel(row.get("content", "")))
            in_it = (one.word for value in row.values() for one in marks.within(value))
            row[_MARKED] = next((marked[one] for one in in_it if one in marked), "")
        for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
            for one in page.get("Versions", ()):
                # Which version a plain read gives: an erasure must neither hide another person's nor show it again.
                held[name_of(f"versions/{one['Key']}/{one['VersionId']}")]["current"] = str(one["IsLatest"])
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
