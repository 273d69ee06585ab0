"""A back-up of a shop's recordings, and how a restore brings its versions back: as new ones, under their keys."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from boto3.s3.transfer import TransferConfig

from connectors.s3 import S3Connector
from connectors.s3.verify import content_marks
from rightsflow.domain.vocabulary.records import Method, PresenceState, RecordRef, Restored
from tests.integration.connectors.s3.shop import CUSTOMER, NEIGHBOUR, OTHER_PHONE, PHONE, Shop, known_as
from tests.integration.connectors.s3.sounds import wav

WHO = known_as(customer_id=CUSTOMER, phone=PHONE)
MINE = {"customer-id": CUSTOMER, "caller": PHONE}
THEIRS = {"customer-id": NEIGHBOUR, "caller": OTHER_PHONE}
SOUND, OTHER_SOUND = wav(seconds=1), bytes(reversed(wav(seconds=1)))
LONG = bytes(range(256)) * 4096 * 9
"""9 MiB, which programs store in parts."""


@dataclass(frozen=True)
class BackUp:
    """What a shop's recordings were at a moment, with their metadata and tags, kept outside the store.

    Args:
        shop: The shop.
        saved: Content, metadata and tags of each, by its name in the shop.
    """

    shop: Shop
    saved: dict[str, tuple[bytes, dict[str, str], str]]

    @classmethod
    def of(cls, shop: Shop, *names: str) -> BackUp:
        """Save the newest version under some names."""
        return cls(shop, {name: _saved(shop, name) for name in names})

    def restore(self, name: str) -> None:
        """Store it again under its key, as a restore does."""
        body, metadata, tags = self.saved[name]
        self.shop.put(name, body, Metadata=metadata, Tagging=tags)

    def restore_in_parts(self, name: str, part: int) -> None:
        """The same in parts of so many bytes, which gives it another ETag."""
        body, metadata, _ = self.saved[name]
        put_in_parts(self.shop, name, body, part, metadata)


def _saved(shop: Shop, name: str) -> tuple[bytes, dict[str, str], str]:
    where = {"Bucket": shop.bucket, "Key": shop.prefix + name}
    answer, tags = shop.s3.get_object(**where), shop.s3.get_object_tagging(**where)["TagSet"]
    return answer["Body"].read(), answer["Metadata"], urlencode({one["Key"]: one["Value"] for one in tags})


def put_in_parts(shop: Shop, name: str, body: bytes, part: int, metadata: dict[str, str]) -> None:
    """Store an object in parts of so many bytes."""
    config = TransferConfig(multipart_threshold=1, multipart_chunksize=part)
    more: dict[str, Any] = {"Metadata": metadata}
    shop.s3.upload_fileobj(io.BytesIO(body), shop.bucket, shop.prefix + name, ExtraArgs=more, Config=config)


class Erased:
    """Recordings that were located, and erased by their versions.

    Args:
        shop: The shop.
        connector: What erases them.
        names: Their names in the shop.
    """

    def __init__(self, shop: Shop, connector: S3Connector, *names: str) -> None:
        self.refs = [shop.ref(name) for name in names]
        self.marks = {one.record: one.content for one in connector.locate(WHO)}
        self.shop, self.connector = shop, connector
        list(connector.erase(self.refs, Method.ERASE, WHO))

    def had(self, ref: RecordRef, mark: str) -> bool | None:
        return mark in self.marks[ref] if self.marks.get(ref) else None

    def restored(self) -> list[Restored]:
        return list(self.connector.restored(self.refs, WHO, self.had))

    @property
    def said(self) -> list[bool]:
        """Of each that was found, whether it is the same."""
        return [one.is_same for one in self.restored()]


def restored_as_new_versions(shop: Shop, connector: S3Connector) -> None:
    """A copy that comes back is told, by its new name; what is others' or new is not, and nothing is written."""
    for name in ("a.wav", "b.wav", "c.wav", "d.wav", "e.wav", "f.wav"):
        shop.put(name, SOUND, Metadata=MINE)
    shop.put("elsewhere.wav", SOUND, mine=False, Metadata=THEIRS)
    saved = BackUp.of(shop, "a.wav")
    erased = Erased(shop, connector, *(f"{one}.wav" for one in "abcdef"))
    assert erased.said == []
    saved.restore("a.wav")
    shop.put("b.wav", SOUND, mine=False, Metadata=THEIRS)
    shop.put("c.wav", SOUND, mine=False)
    shop.put("d.wav", SOUND + b"more", Metadata=MINE)
    shop.put("e.wav", OTHER_SOUND, Metadata=MINE)
    shop.put("f.wav", OTHER_SOUND, mine=False, Metadata=THEIRS)
    before = shop.everything_else()
    found = {one.record: one for one in erased.restored()}
    a, b, c, _, e, _ = erased.refs
    assert {ref: one.is_same for ref, one in found.items()} == {a: True, b: False, c: False, e: False}
    assert found[a].now == shop.ref("a.wav") != a
    assert found[a].stored_at == shop.entries("a.wav")[0].modified_at
    assert shop.everything_else() == before


def stored_in_their_place(shop: Shop, connector: S3Connector) -> None:
    """Without versions a new recording takes the erased one's place: what is back is told by its content there too."""
    for name in ("back.wav", "new.wav", "long.wav", "alike.wav", "gone.wav", "theirs.wav"):
        shop.put(name, SOUND, Metadata=MINE)
    saved = BackUp.of(shop, "back.wav")
    erased = Erased(shop, connector, "back.wav", "new.wav", "long.wav", "alike.wav", "gone.wav", "theirs.wav")
    assert shop.left() == []
    saved.restore("back.wav")
    shop.put("new.wav", SOUND[:-8], mine=False, Metadata=MINE)
    shop.put("long.wav", SOUND + b"more", mine=False, Metadata=MINE)
    shop.put("alike.wav", OTHER_SOUND, mine=False, Metadata=MINE)
    shop.put("theirs.wav", OTHER_SOUND, mine=False, Metadata=THEIRS)
    before = shop.everything_else()
    seen = {one.record: one.state for one in connector.presence(erased.refs, WHO)}
    back, *others = erased.refs
    assert seen == {back: PresenceState.PRESENT, **dict.fromkeys(others, PresenceState.ABSENT)}
    found = [one for one in erased.restored() if one.record != back]
    assert [(one.record, one.is_same) for one in found] == [(erased.refs[3], False)], "as long, and not the same"
    assert shop.everything_else() == before


def restored_under_a_name_that_names_the_person(shop: Shop, connector: S3Connector) -> None:
    """A key that names the person: what is back under it is seen, and what is new of them is no residue."""
    for name in (f"{CUSTOMER}/back.wav", f"{CUSTOMER}/new.wav"):
        shop.put(name, SOUND)
    saved = BackUp.of(shop, f"{CUSTOMER}/back.wav")
    erased = Erased(shop, connector, f"{CUSTOMER}/back.wav", f"{CUSTOMER}/new.wav")
    saved.restore(f"{CUSTOMER}/back.wav")
    shop.put(f"{CUSTOMER}/new.wav", SOUND + b"more", mine=False)
    assert {one.state for one in connector.presence(erased.refs, WHO)} == {PresenceState.ABSENT}
    assert [(one.record, one.is_same) for one in erased.restored()] == [(erased.refs[0], True)]


def restored_in_other_parts(shop: Shop, connector: S3Connector) -> None:
    """A long recording has another ETag where it comes back in other parts, and is told by its content."""
    shop.put("whole.wav", LONG, Metadata=MINE)
    for name in ("parts.wav", "odd.wav"):
        put_in_parts(shop, name, LONG, 8 << 20, MINE)
    before = {name: shop.entries(name)[0].etag for name in ("whole.wav", "parts.wav", "odd.wav")}
    saved = BackUp.of(shop, *before)
    erased = Erased(shop, connector, *before)
    saved.restore_in_parts("whole.wav", 8 << 20)
    saved.restore_in_parts("parts.wav", 5 << 20)
    saved.restore_in_parts("odd.wav", 6_000_000)
    assert all(shop.entries(name)[0].etag != etag for name, etag in before.items())
    assert [(one.record, one.is_same) for one in erased.restored()] == [(ref, True) for ref in erased.refs]


def marks_are_of_no_marker(shop: Shop) -> None:
    shop.put("gone.wav", SOUND, Metadata=MINE)
    shop.mark_deleted("gone.wav")
    assert content_marks(shop.entries("gone.wav")[0]) == ()
