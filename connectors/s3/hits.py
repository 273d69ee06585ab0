"""A key that matched, and the decision by which one matches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from connectors.s3.bucket import Bucket
from connectors.s3.objects import Stored
from rightsflow.attribution import claims
from rightsflow.identifiers import IdentifierKind, Identifiers, strong

LOCATE = "locate"
"""The operation's name in errors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A key that matched.

    Args:
        stored: What lies there.
        owner: The identifiers by which it names the person it belongs to.
        is_shared: Whether a version of it names somebody else.
        companion_of: The key it stands beside, where it names nobody itself.
        started_at: The day or the instant in its key, if there is one.
    """

    stored: Stored
    owner: Identifiers = field(default=frozenset(), repr=False)
    is_shared: bool = False
    companion_of: str = field(default="", repr=False)
    started_at: date | datetime | None = None


class Finder(Protocol):
    """Finds a person's objects in one way."""

    @property
    def searches(self) -> frozenset[IdentifierKind]:
        """The kinds of identifier it can search by."""
        ...

    def find(self, bucket: Bucket, known: Identifiers) -> Iterator[Hit]:
        """Give each matching key once."""
        ...


def judge(stored: Stored, named: Sequence[Identifiers], known: Identifiers) -> Hit | None:
    """Decide whether a key matches, and by whom its versions say it is.

    The versions of one key may be of several people, one having replaced the other: they are not thrown together,
    or the one's identifiers would count as the other's.

    Args:
        stored: What lies under the key.
        named: The identifiers each version names, the newest version first.
        known: What is known of the subject.
    """
    matching = [one for one in named if one & known]
    if not matching:
        return None
    claimed = [one for one in matching if claims(one, known)]
    owner = frozenset().union(*claimed) if claimed else matching[0]
    is_shared = any(strong(one) - owner for one in named)
    return Hit(stored=stored, owner=_without_other_numbers(owner, known), is_shared=is_shared)


def _without_other_numbers(owner: Identifiers, known: Identifiers) -> Identifiers:
    """Drop the numbers that are not known where there are several: one of them is the brand's own."""
    numbers = {one for one in owner if one.kind is IdentifierKind.PHONE}
    return owner if len(numbers) < 2 else owner - (numbers - known)
