"""Changes to the bytes of an evidence bundle, and to which files it has."""

from __future__ import annotations

from random import Random

from proofs.tampering.changes import Change
from proofs.tampering.evidence import THE_FILE, Bundle, Made, anything, inside, packed_with
from proofs.tampering.forms import zip_otherwise
from rightsflow.audit.evidence.archive import pack
from rightsflow.audit.evidence.bundle import (
    NAMES,
)


def flip(held: Bundle, chance: Random) -> Made:
    """One bit, anywhere."""
    place = chance.randrange(len(held.data))
    data = bytearray(held.data)
    data[place] ^= 1 << chance.randrange(8)
    target = next((name for first, end, name in held.regions if first <= place < end), "zip directory")
    return Change("flip a bit", target, (*held.at(place), *inside(held, target))), bytes(data), False


def remove_bytes(held: Bundle, chance: Random) -> Made:
    """Some bytes are gone."""
    first = chance.randrange(len(held.data))
    end = min(len(held.data), first + chance.randrange(1, 200))
    return Change("delete bytes", "anywhere", anything(held)), held.data[:first] + held.data[end:], False


def insert_bytes(held: Bundle, chance: Random) -> Made:
    """Some bytes are put in."""
    place = chance.randrange(len(held.data) + 1)
    put = chance.randbytes(chance.randrange(1, 50))
    return Change("insert bytes", "anywhere", anything(held)), held.data[:place] + put + held.data[place:], False


def truncate(held: Bundle, chance: Random) -> Made:
    """The end is gone."""
    return Change("truncate", "anywhere", anything(held)), held.data[: chance.randrange(len(held.data))], False


def swap_bytes(held: Bundle, chance: Random) -> Made:
    """Two runs of bytes change places."""
    size = chance.randrange(1, 30)
    while True:
        one, other = sorted(chance.randrange(len(held.data) - size) for _ in range(2))
        data = bytearray(held.data)
        data[one : one + size], data[other : other + size] = data[other : other + size], data[one : one + size]
        if other - one >= size and bytes(data) != held.data:
            return Change("swap bytes", "anywhere", anything(held)), bytes(data), False


def delete_file(held: Bundle, chance: Random) -> Made:
    """One of the files is gone."""
    name = chance.choice(NAMES)
    return Change("delete", "a file", (name,)), pack((one, held.files[one]) for one in NAMES if one != name), False


def duplicate_file(held: Bundle, chance: Random) -> Made:
    """One of the files is there twice."""
    name, content = chance.choice(NAMES), chance.randbytes(10)
    files = [*held.files.items()]
    files.insert(chance.randrange(len(files) + 1), (name, chance.choice([content, held.files[name]])))
    return Change("duplicate", "a file", (name,)), pack(files), False


def add_file(held: Bundle, chance: Random) -> Made:
    """A file is there that belongs to no bundle."""
    name = chance.choice(["../evil", "/etc/passwd", "notes.txt", "manifest.json.bak", "a/b", "index.htm", ""])
    files = [*held.files.items()]
    files.insert(chance.randrange(len(files) + 1), (name, chance.randbytes(20)))
    return Change("insert", "a file", (name,)), pack(files), False


def swap_files(held: Bundle, chance: Random) -> Made:
    """Two files change places, or contents."""
    one, other = chance.sample(NAMES, 2)
    if chance.random() < 0.5:
        order = [{one: other, other: one}.get(name, name) for name in NAMES]
        return Change("reorder", "a file", (THE_FILE,)), pack((name, held.files[name]) for name in order), False
    files = held.files | {one: held.files[other], other: held.files[one]}
    return Change("swap contents", "a file", (one, other)), pack(files.items()), False


def truncate_file(held: Bundle, chance: Random) -> Made:
    """The end of a file is gone."""
    name = chance.choice(NAMES)
    content = held.files[name][: chance.randrange(len(held.files[name]))]
    return Change("truncate", "a file", (name, *inside(held, name))), packed_with(held, name, content), False


def zip_anew(held: Bundle, chance: Random) -> Made:
    """The same files in another zip, or in one of which some programs show other files."""
    return Change("zip otherwise", "anywhere", anything(held)), zip_otherwise(held.data, chance), False
