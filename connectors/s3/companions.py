"""Companions: objects that name no one themselves and lie beside one that does, such as a transcript.

Pure. A companion belongs to the recording from which it was made, and nothing in the store says from which version
that was. It can only have been made from one that was there: where every version that the recordings beside it had by
then is the same person's, the companion is too, and it is shared where that is. In doubt it belongs to no one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from connectors.s3.hits import names_others, owner_of
from connectors.s3.objects import Version
from rightsflow.domain.attribution import claims
from rightsflow.domain.identifiers import Identifiers, strong


@dataclass(frozen=True, slots=True)
class ReadVersion:
    """A version with the person's data in it.

    Args:
        version: The version.
        named: The identifiers that could be read.
        numbers: Each telephone number among them as what it can be read as, without the controller's own lines.
        is_named: Whether it carries one of the configured attributes at all, readable or not.
    """

    version: Version
    named: Identifiers = field(default=frozenset(), repr=False)
    numbers: tuple[Identifiers, ...] = field(default=(), repr=False)
    is_named: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """All versions of a key, read.

    Args:
        key: The key; personal data possible.
        versions: Its versions.
    """

    key: str = field(repr=False)
    versions: tuple[ReadVersion, ...]

    @property
    def is_named(self) -> bool:
        """True if one of the object's versions has an attribute of a person."""
        return any(version.is_named for version in self.versions)


def ending_cut(key: str) -> str:
    """A key without its last ending; empty where its name has none."""
    folder, slash, name = key.rpartition("/")
    stem = name.rpartition(".")[0]
    return f"{folder}{slash}{stem}" if stem else ""


def belongings(around: Iterable[Read], stem: str, known: Identifiers) -> Iterator[tuple[Version, Version, bool]]:
    """The versions that name no one, each with the subject's that it belongs to, and whether others are in that.

    Args:
        around: All keys that begin with the stem and a dot.
        stem: The key of a recording without its ending.
        known: What is known of the subject.
    """
    listed = list(around)
    stems = {ending_cut(item.key) for item in listed if item.is_named}
    parents = [item for read in listed if ending_cut(read.key) == stem and read.is_named for item in read.versions]
    for read in listed:
        # A name may continue another: 7.a.json lies beside 7.a.wav and not beside 7.wav.
        nearest = max((item for item in stems if read.key.startswith(f"{item}.")), key=len, default="")
        if read.is_named or nearest != stem:
            continue
        for version in read.versions:
            if parent := _parent(version.version, parents, known):
                yield (version.version, *parent)


def _parent(companion: Version, parents: Sequence[ReadVersion], known: Identifiers) -> tuple[Version, bool] | None:
    # A version stored in the same second may be the earlier one.
    before = [parent for parent in parents if parent.version.modified_at <= companion.modified_at] or parents
    owners = [owner_of(parent.named, known) for parent in before]
    are_mine = all(owner and claims(owner, known) for owner in owners)
    if not before or not are_mine or not _are_of_one(before, known):
        return None
    is_shared = any(names_others(parent.named, parent.numbers, known) for parent in before)
    return max(before, key=lambda parent: parent.version.modified_at).version, is_shared


def _are_of_one(parents: Sequence[ReadVersion], known: Identifiers) -> bool:
    """Return whether versions belong to one person, even if other people use a number of the subject's."""
    return (
        all(strong(parent.named) & known for parent in parents)
        or len({parent.named & known for parent in parents}) == 1
    )
