"""The tree: the vectors of Certificate Transparency's tests, RFC 6962's definition, and that no other path fits."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.audit.ledger.merkle import Tree, root, verify_path

LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
PATHS = {
    (0, 1): [],
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
"""By position and size; as in the tests of google/certificate-transparency."""

trees = st.lists(st.binary(max_size=40), min_size=1, max_size=70)


def by_definition(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + by_definition(leaves[:split]) + by_definition(leaves[split:])).digest()


def path_by_definition(position: int, leaves: Sequence[bytes]) -> list[str]:
    """PATH of RFC 6962, section 2.1.1."""
    if len(leaves) == 1:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if position < split:
        return [*path_by_definition(position, leaves[:split]), by_definition(leaves[split:]).hex()]
    return [*path_by_definition(position - split, leaves[split:]), by_definition(leaves[:split]).hex()]


def test_roots_and_paths_are_those_of_certificate_transparency() -> None:
    for size in range(len(ROOTS)):
        assert root(LEAVES[:size]) == ROOTS[size]
    # The paths are those of certificate transparency.
    for place, path in PATHS.items():
        position, size = place
        assert Tree(LEAVES[:size]).path(position) == path
        assert verify_path(LEAVES[position], position, size, path, ROOTS[size])


@given(trees, st.data())
def test_root_and_paths_are_as_defined(leaves: list[bytes], data: st.DataObject) -> None:
    tree, position = Tree(iter(leaves)), data.draw(st.integers(0, len(leaves) - 1))
    assert (tree.size, tree.root) == (len(leaves), by_definition(leaves).hex())
    assert tree.path(position) == path_by_definition(position, leaves)
    assert verify_path(leaves[position], position, tree.size, tree.path(position), tree.root)


@given(trees, st.data())
def test_nothing_else_is_under_the_root(leaves: list[bytes], data: st.DataObject) -> None:
    tree, position = Tree(leaves), data.draw(st.integers(0, len(leaves) - 1))
    leaf, path, size = leaves[position], tree.path(position), tree.size
    assert not verify_path(leaf + b"x", position, size, path, tree.root)
    assert not verify_path(leaf, position, size, [*path, "0" * 64], tree.root)
    assert not verify_path(leaf, position, size, path, root([*leaves, b"x"]))
    assert not verify_path(leaf, size + position, size, path, tree.root)
    assert not verify_path(leaf, position - size, size, path, tree.root)
    if path:
        at, digit = data.draw(st.integers(0, len(path) - 1)), data.draw(st.integers(0, 63))
        flipped = path[at][:digit] + ("0" if path[at][digit] != "0" else "1") + path[at][digit + 1 :]
        assert not verify_path(leaf, position, size, [*path[:at], flipped, *path[at + 1 :]], tree.root)
        assert not verify_path(leaf, position, size, path[:-1], tree.root)
    other = data.draw(st.integers(0, len(leaves) - 1))
    if leaves[other] != leaf:
        assert not verify_path(leaf, other, size, tree.path(other), tree.root)


def test_a_path_leads_to_its_leaf_alone() -> None:
    for rubbish in ("", "xy", "00", "0" * 63, "0" * 66, " " + "0" * 64, None, 7):
        assert not verify_path(LEAVES[0], 0, 2, [rubbish], ROOTS[2])  # type: ignore[list-item]
    path = Tree(LEAVES).path(0)
    assert not verify_path(LEAVES[0], 0, 8, [text.upper() for text in path], ROOTS[8])
    left, right = (hashlib.sha256(b"\x00" + leaf).digest() for leaf in LEAVES[:2])
    assert not verify_path(left + right, 0, 1, [], ROOTS[2])
    # There is no path of a leaf that is not there.
    for position in (-1, 3):
        with pytest.raises(IndexError):
            Tree(LEAVES[:3]).path(position)


def test_a_tree_takes_little_memory_per_leaf() -> None:
    tree = Tree(b"%d" % number for number in range(10_000))
    assert sum(map(len, tree._levels)) < 10_000 * 65
