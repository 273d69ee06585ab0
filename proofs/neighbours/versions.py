"""A store of recordings: keys with versions of several people, replaced and deleted, some older than the versioning.

In some towns they are sound, of one channel or of two with a speaker each, and in half of them a card's security number
was spoken: what of these is kept is muted by an erasure, in the channels that are marked.
"""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, count
from typing import Any

from proofs.neighbours.drawn import OWN_LINE, Town, spellings
from proofs.neighbours.judging import Record, System
from proofs.strangers.planted import Marks, Row, Snapshot
from proofs.strangers.snapshots import of_bucket
from proofs.strangers.stores import Put, fill

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
    """Fill a new bucket; gives its side of the proof and its name.

    Args:
        town: Everybody.
        marks: Where what is planted is noted.
        client: A client of boto3 that may do everything.
        with_codes: Whether a card's security number was spoken in some recordings.
    """
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
        """Every version and every deletion, the oldest first."""
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
        what = f"{sorted(owners)}: version {number} of {key}"
        mark = self._marks.plant(NAME, what, owners)
        if self._with_codes:
            sound, tags = self._sound(mark, number, owners)
            return Put(key, sound, named, is_early, tags)
        return Put(key, f"RIFF {mark}".encode(), named, is_early)

    def _sound(self, mark: str, number: int, owners: set[int]) -> tuple[bytes, str]:
        """A recording of one channel, or of two of which the second is another speaker's; and its tags."""
        speakers = [mark]
        if self._dice.random() < _SHARE_OF_TWO:
            speakers.append(self._marks.plant(NAME, f"{sorted(owners)}: second speaker of version {number}", owners))
        is_marked = self._dice.random() < _SHARE_WITH_CODES
        self.marked[mark] = self._dice.choice(_CHANNELS[len(speakers)]) if is_marked else ""
        tags = f"{_CARD_TAG}={_SECONDS}{self.marked[mark].replace('@', '%40')}" if is_marked else ""
        return _wave([_spoken(one, f"{number:04}") for one in speakers]), tags


def _spoken(mark: str, code: str) -> bytes:
    """A second in which the mark stands in place of sound, and a code in its third quarter."""
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
    """How many channels a recording has, as its head says; none if it is no sound."""
    return ord(content[_AT_CHANNELS]) if content[8:12] == "WAVE" else 0


def _by_channel(content: str) -> dict[str, str]:
    """Each speaker apart, since the marks of two are mixed in the file."""
    count = _channels(content)
    samples = content[len(content) - count * _RATE :]
    return {f"{_CHANNEL}{one + 1}": samples[one::count] for one in range(count)} if count > 1 else {}


def badly_muted(before: Snapshot, after: Snapshot, outcomes: Mapping[tuple[str, str, str], str]) -> Iterator[str]:
    """What else is another one than before in recordings of which the case says that they are muted.

    Args:
        before: What the store held before.
        after: What it holds now.
        outcomes: How the case says that each record ended.
    """
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
    """A recording as it has to be, with every sample of another channel and of another second as it was."""
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
        """A version's place; a muted one has that of the version that it stands for, which its tag names."""
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
