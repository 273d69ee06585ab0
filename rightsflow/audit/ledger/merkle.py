"""Merkle trees as in RFC 6962, section 2.1: one hash for any number of leaves, and a short proof for each leaf.

Leaves and nodes are hashed with different first bytes, so that no one can pass a node off as a leaf.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

_LEAF, _NODE = b"\x00", b"\x01"
_WIDTH = 32


class Tree:
    """A tree of which any leaf's path can be read; it takes 64 bytes of memory per leaf.

    Args:
        leaves: The leaves in their order; they are read once and not kept.
    """

    def __init__(self, leaves: Iterable[bytes]) -> None:
        lowest = bytearray()
        for leaf in leaves:
            lowest += sha256(_LEAF + leaf).digest()
        self._levels = [lowest]
        while len(self._levels[-1]) > _WIDTH:
            self._levels.append(_level_above(self._levels[-1]))

    @property
    def size(self) -> int:
        """The number of leaves."""
        return len(self._levels[0]) // _WIDTH

    @property
    def root(self) -> str:
        """The hash over all leaves, hexadecimal; of a tree without leaves, that of nothing."""
        return self._levels[-1].hex() or sha256().hexdigest()

    def path(self, position: int) -> list[str]:
        """Return the audit path of a leaf: the hashes beside its way up to the root, hexadecimal.

        Args:
            position: The leaf's place, from 0.

        Raises:
            IndexError: There is no such leaf.
        """
        if not 0 <= position < self.size:
            raise IndexError(position)
        hashes = []
        for level in self._levels[:-1]:
            beside = (position ^ 1) * _WIDTH
            if beside < len(level):
                hashes.append(level[beside : beside + _WIDTH].hex())
            position >>= 1
        return hashes


def root(leaves: Iterable[bytes]) -> str:
    """Return the root over some leaves, hexadecimal."""
    return Tree(leaves).root


def verify_path(leaf: bytes, position: int, size: int, path: Sequence[str], root: str) -> bool:
    """Return whether a path leads from a leaf to a root (RFC 9162, section 2.1.3.2).

    Args:
        leaf: The leaf.
        position: Its place, from 0.
        size: How many leaves the tree has.
        path: Its audit path, hexadecimal.
        root: The tree's root, hexadecimal.
    """
    if not 0 <= position < size:
        return False
    here, last, reached = position, size - 1, sha256(_LEAF + leaf).digest()
    for text in path:
        beside = _hash_of(text)
        if last == 0 or beside is None:
            return False
        if here & 1 or here == last:
            reached = sha256(_NODE + beside + reached).digest()
            while not here & 1:
                # Levels on which this node had nothing beside it and went up as it was.
                here >>= 1
                last >>= 1
        else:
            reached = sha256(_NODE + reached + beside).digest()
        here >>= 1
        last >>= 1
    return last == 0 and reached.hex() == root


def _level_above(level: bytearray) -> bytearray:
    above = bytearray()
    for start in range(0, len(level) - _WIDTH, 2 * _WIDTH):
        above += sha256(_NODE + level[start : start + 2 * _WIDTH]).digest()
    if len(level) % (2 * _WIDTH):
        # The last of an odd number has nothing beside it and goes up as it is.
        above += level[-_WIDTH:]
    return above


def _hash_of(text: object) -> bytes | None:
    try:
        digest = bytes.fromhex(text) if isinstance(text, str) else b""
    except ValueError:
        return None
    return digest if len(digest) == _WIDTH and digest.hex() == text else None
