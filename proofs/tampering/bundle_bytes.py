"""An evidence bundle to change copies of: its bytes, its files, and other forms of the same thing."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random

from proofs.tampering.changes import Change
from rightsflow.audit.evidence.archive import pack, read_directory, unpack
from rightsflow.audit.evidence.bundle import LISTED, MANIFEST, NAMES, SIGNATURES, manifest_text, measure, read_manifest
from rightsflow.audit.evidence.verification import check_bundle
from rightsflow.audit.ledger.chain import canonical
from rightsflow.audit.signing import SigningKey
from rightsflow.domain.errors import BadInput

_BLANKS = (" ", "\n", "\t", "\r\n", "\x0b", "\u00a0", "\u2003")
_MANY = 1 << 20


def hex_otherwise(text: str, chance: Random) -> str:
    """Hexadecimal digits in another form: capitals, blanks, digits of other scripts, a prefix, more of the same."""
    at = chance.randrange(len(text) + 1)
    digits = [place for place, one in enumerate(text) if one.isdigit()]
    digit = chance.choice(digits)
    arabic, wide = (chr(first + int(text[digit])) for first in (0x0660, 0xFF10))
    return chance.choice([
        text.upper(), _one_capital(text, chance), text[:at] + chance.choice(_BLANKS) + text[at:],
        " ".join(text[place : place + 2] for place in range(0, len(text), 2)),
        text + " " * chance.choice([1, 2, 63, _MANY]), " " * chance.choice([1, 2, 63, _MANY]) + text, f"0x{text}",
        f"{text}\n", f"{text}\0", f"\ufeff{text}", text[:digit] + arabic + text[digit + 1 :],
        text[:digit] + wide + text[digit + 1 :], text[:at] + "\u200b" + text[at:], f"{text}00", text + text,
        f"{text}=", text[:-1], "",
    ])  # fmt: skip


def _one_capital(text: str, chance: Random) -> str:
    at = chance.choice([place for place, one in enumerate(text) if one.isalpha()])
    return text[:at] + text[at].upper() + text[at + 1 :]


def json_otherwise(text: str, chance: Random) -> bytes:
    """Return JSON that most readers take for the same: blanks, escapes, a key twice, another encoding."""
    value = json.loads(text)
    at = chance.choice([place for place, one in enumerate(text) if one in ',:{}[]"'])
    letter = chance.choice([place for place, one in enumerate(text) if one.isalpha()])
    return chance.choice([
        json.dumps(value).encode(), json.dumps(value, indent=1).encode(), f"{text}\n".encode(),
        f" {text}".encode(), f"{text}\0".encode(), f"{text}{text}".encode(), f"\ufeff{text}".encode(),
        text.encode("utf-16"), text.encode("utf-32-le"), f"{text[:at]} {text[at:]}".encode(),
        (text + " " * _MANY).encode(), f"{text[:letter]}\\u{ord(text[letter]):04x}{text[letter + 1 :]}".encode(),
        _with_a_key_twice(text).encode(), text[:-1].encode() + b',"x":NaN}', text[:-1].encode() + b',"x":1e400}',
    ])  # fmt: skip


def _with_a_key_twice(text: str) -> str:
    start = text.index("{") + 1
    name = json.loads(text[start : text.index(":", start)])
    return f'{text[:start]}{json.dumps(name)}:"another",{text[start:]}'


def zip_otherwise(data: bytes, chance: Random) -> bytes:
    """Return a zip that most programs take for the same, or that programs show differently."""
    ways: tuple[Callable[[bytes, Random], bytes], ...] = (
        _commented, lambda data, chance: chance.randbytes(chance.randrange(1, 300)) + data,
        lambda data, chance: data + chance.randbytes(chance.randrange(1, 300)), _behind_each_other, _listed_otherwise,
        _hidden, _relisted, _stored_anew,
    )  # fmt: skip
    return chance.choice(ways)(data, chance)


def _commented(data: bytes, chance: Random) -> bytes:
    held = io.BytesIO(data)
    with zipfile.ZipFile(held, "a") as opened:
        opened.comment = chance.randbytes(chance.randrange(1, 300))
    return held.getvalue()


def _behind_each_other(data: bytes, chance: Random) -> bytes:
    name = chance.choice([one.name for one in unpack(data)])
    other = pack([(name, b"<h1>Everything was erased within two days.</h1>")])
    return chance.choice([data + other, other + data])


def _listed_otherwise(data: bytes, chance: Random) -> bytes:
    lines = _lines(data)
    at = chance.choice(lines) + chance.choice([8, 10, 12, 14, 16, 20, 24, 42, 46, 47])
    changed = bytearray(data)
    changed[at] ^= 1 << chance.randrange(7)
    return bytes(changed)


def _hidden(data: bytes, chance: Random) -> bytes:
    one, other = chance.sample(_lines(data), 2)
    changed = bytearray(data)
    changed[one + 42 : one + 46] = changed[other + 42 : other + 46]
    return bytes(changed)


def _relisted(data: bytes, chance: Random) -> bytes:
    """Return a directory that lacks a file, or has one twice."""
    lines = _lines(data)
    end = data.rindex(b"PK\x05\x06")
    parts = [data[first:last] for first, last in zip(lines, [*lines[1:], end], strict=True)]
    at = chance.randrange(len(parts))
    if chance.random() < 0.5:
        del parts[at]
    else:
        parts.insert(at, parts[at])
    count, listing = len(parts), b"".join(parts)
    return (
        data[: lines[0]]
        + listing
        + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(listing), lines[0], 0)
    )


def _stored_anew(data: bytes, chance: Random) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", chance.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])) as made:
        for one in unpack(data):
            info = zipfile.ZipInfo(one.name, (2026, 1, 1, 0, 0, 2 * chance.randrange(29)))
            info.extra = chance.choice([b"", b"UT\x05\0\x03" + chance.randbytes(4)])
            made.writestr(info, one.content, made.compression)
    return held.getvalue()


def _lines(data: bytes) -> list[int]:
    directory = read_directory(data)
    assert directory is not None
    found, place = [], directory.begins
    for _ in directory.lines:
        found.append(place)
        place += 46 + sum(struct.unpack_from("<HHH", data, place + 28))
    return found


FOREIGN = SigningKey(b"\x07" * 32)
THE_FILE, NO_BUNDLE = "the file", "no evidence bundle"
Made = tuple[Change, bytes, bool]
"""What was done, the bundle then, and whether the reader has the published key."""


class Bundle:
    """A bundle to change."""

    def __init__(self, data: bytes, key: str) -> None:
        assert check_bundle(data, frozenset({key})).is_whole
        self.data, self.key = data, key
        self.files = {one.name: one.content for one in unpack(data)}
        self.manifest = read_manifest(self.files[MANIFEST].decode())
        self.case_id = self.manifest.case_id
        self.regions = self._regions()

    def _regions(self) -> list[tuple[int, int, str]]:
        found, place = [], 0
        for name, content in self.files.items():
            length = 30 + len(name) + len(content)
            found.append((place, place + length, name))
            place += length
        return found

    def at(self, place: int) -> tuple[str, ...]:
        for first, end, name in self.regions:
            if first <= place < end:
                # In its header it may be anything, from another name to another length.
                return (name, THE_FILE) if place >= first + 30 + len(name) else (*NAMES, THE_FILE, NO_BUNDLE)
        return (THE_FILE, *NAMES)

    def faults(self, data: bytes, *, with_key: bool) -> list[str]:
        try:
            found = check_bundle(data, frozenset({self.key}) if with_key else frozenset())
        except BadInput as error:
            return [str(error)]
        another = [f"{MANIFEST} is signed by another key."] if found.by_another_key else []
        return [*(fault.text for fault in found.faults), *found.uncompared, *another]


def signed(
    held: Bundle, files: Mapping[str, bytes], keys: Mapping[str, SigningKey], formats: Mapping[str, int] | None = None
) -> bytes:
    listed = {name: measure(files[name]) for name in LISTED}
    public = {name: key.public for name, key in keys.items()}
    said = replace(held.manifest, files=listed, keys=public, formats=formats or held.manifest.formats)
    text = manifest_text(said).encode()
    signatures = canonical({name: key.sign(text) for name, key in keys.items()}).encode()
    return pack({**files, MANIFEST: text, SIGNATURES: signatures}.items())


def packed_with(held: Bundle, name: str, content: bytes) -> bytes:
    return pack((held.files | {name: content}).items())


def inside(held: Bundle, name: str) -> tuple[str, ...]:
    return {"entries.jsonl": (held.case_id,), "seals.jsonl": ("seal ",), "proofs.json": ("proof ",)}.get(name, ()) + (
        (MANIFEST,) if name == SIGNATURES else ()
    )


def anything(held: Bundle) -> tuple[str, ...]:
    return (*NAMES, held.case_id, THE_FILE, NO_BUNDLE)


def flip(held: Bundle, chance: Random) -> Made:
    place = chance.randrange(len(held.data))
    data = bytearray(held.data)
    data[place] ^= 1 << chance.randrange(8)
    target = next((name for first, end, name in held.regions if first <= place < end), "zip directory")
    return Change("flip a bit", target, (*held.at(place), *inside(held, target))), bytes(data), False


def remove_bytes(held: Bundle, chance: Random) -> Made:
    first = chance.randrange(len(held.data))
    end = min(len(held.data), first + chance.randrange(1, 200))
    return Change("delete bytes", "anywhere", anything(held)), held.data[:first] + held.data[end:], False


def insert_bytes(held: Bundle, chance: Random) -> Made:
    place = chance.randrange(len(held.data) + 1)
    put = chance.randbytes(chance.randrange(1, 50))
    return Change("insert bytes", "anywhere", anything(held)), held.data[:place] + put + held.data[place:], False


def truncate(held: Bundle, chance: Random) -> Made:
    return Change("truncate", "anywhere", anything(held)), held.data[: chance.randrange(len(held.data))], False


def swap_bytes(held: Bundle, chance: Random) -> Made:
    size = chance.randrange(1, 30)
    while True:
        one, other = sorted(chance.randrange(len(held.data) - size) for _ in range(2))
        data = bytearray(held.data)
        data[one : one + size], data[other : other + size] = data[other : other + size], data[one : one + size]
        if other - one >= size and bytes(data) != held.data:
            return Change("swap bytes", "anywhere", anything(held)), bytes(data), False


def delete_file(held: Bundle, chance: Random) -> Made:
    name = chance.choice(NAMES)
    return Change("delete", "a file", (name,)), pack((one, held.files[one]) for one in NAMES if one != name), False


def duplicate_file(held: Bundle, chance: Random) -> Made:
    name, content = chance.choice(NAMES), chance.randbytes(10)
    files = [*held.files.items()]
    files.insert(chance.randrange(len(files) + 1), (name, chance.choice([content, held.files[name]])))
    return Change("duplicate", "a file", (name,)), pack(files), False


def add_file(held: Bundle, chance: Random) -> Made:
    name = chance.choice(["../evil", "/etc/passwd", "notes.txt", "manifest.json.bak", "a/b", "index.htm", ""])
    files = [*held.files.items()]
    files.insert(chance.randrange(len(files) + 1), (name, chance.randbytes(20)))
    return Change("insert", "a file", (name,)), pack(files), False


def swap_files(held: Bundle, chance: Random) -> Made:
    one, other = chance.sample(NAMES, 2)
    if chance.random() < 0.5:
        order = [{one: other, other: one}.get(name, name) for name in NAMES]
        return Change("reorder", "a file", (THE_FILE,)), pack((name, held.files[name]) for name in order), False
    files = held.files | {one: held.files[other], other: held.files[one]}
    return Change("swap contents", "a file", (one, other)), pack(files.items()), False


def truncate_file(held: Bundle, chance: Random) -> Made:
    name = chance.choice(NAMES)
    content = held.files[name][: chance.randrange(len(held.files[name]))]
    return Change("truncate", "a file", (name, *inside(held, name))), packed_with(held, name, content), False


def zip_anew(held: Bundle, chance: Random) -> Made:
    return Change("zip otherwise", "anywhere", anything(held)), zip_otherwise(held.data, chance), False


OF_BYTES: tuple[tuple[int, Callable[[Bundle, Random], Made]], ...] = (
    (8, flip), (1, remove_bytes), (1, insert_bytes), (1, truncate), (1, swap_bytes), (1, delete_file),
    (1, duplicate_file), (1, add_file), (1, swap_files), (1, truncate_file), (3, zip_anew),
)  # fmt: skip
"""The changes, with how often each is made."""
