"""Other forms of the same thing: a hash or signature, a JSON text, a zip, which a lenient reader takes for the same."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from random import Random

from rightsflow.audit.evidence.archive import pack, read_directory, unpack

_BLANKS = (" ", "\n", "\t", "\r\n", "\x0b", "\u00a0", "\u2003")
_MANY = 1 << 20


def hex_otherwise(text: str, chance: Random) -> str:
    """Hexadecimal digits in another form: capitals, blanks, digits of other scripts, a prefix, more of the same."""
    at = chance.randrange(len(text) + 1)
    digits = [place for place, one in enumerate(text) if one.isdigit()]
    digit = chance.choice(digits)
    arabic, wide = (chr(first + int(text[digit])) for first in (0x0660, 0xFF10))
    return chance.choice(
        [
            text.upper(),
            _one_capital(text, chance),
            text[:at] + chance.choice(_BLANKS) + text[at:],
            " ".join(text[place : place + 2] for place in range(0, len(text), 2)),
            text + " " * chance.choice([1, 2, 63, _MANY]),
            " " * chance.choice([1, 2, 63, _MANY]) + text,
            f"0x{text}",
            f"{text}\n",
            f"{text}\0",
            f"\ufeff{text}",
            text[:digit] + arabic + text[digit + 1 :],
            text[:digit] + wide + text[digit + 1 :],
            text[:at] + "\u200b" + text[at:],
            f"{text}00",
            text + text,
            f"{text}=",
            text[:-1],
            "",
        ]
    )


def _one_capital(text: str, chance: Random) -> str:
    at = chance.choice([place for place, one in enumerate(text) if one.isalpha()])
    return text[:at] + text[at].upper() + text[at + 1 :]


def json_otherwise(text: str, chance: Random) -> bytes:
    """A JSON text that most readers take for the same: blanks, escapes, a key twice, another encoding."""
    value = json.loads(text)
    at = chance.choice([place for place, one in enumerate(text) if one in ',:{}[]"'])
    letter = chance.choice([place for place, one in enumerate(text) if one.isalpha()])
    return chance.choice(
        [
            json.dumps(value).encode(),
            json.dumps(value, indent=1).encode(),
            f"{text}\n".encode(),
            f" {text}".encode(),
            f"{text}\0".encode(),
            f"{text}{text}".encode(),
            f"\ufeff{text}".encode(),
            text.encode("utf-16"),
            text.encode("utf-32-le"),
            f"{text[:at]} {text[at:]}".encode(),
            (text + " " * _MANY).encode(),
            f"{text[:letter]}\\u{ord(text[letter]):04x}{text[letter + 1 :]}".encode(),
            _with_a_key_twice(text).encode(),
            text[:-1].encode() + b',"x":NaN}',
            text[:-1].encode() + b',"x":1e400}',
        ]
    )


def _with_a_key_twice(text: str) -> str:
    start = text.index("{") + 1
    name = json.loads(text[start : text.index(":", start)])
    return f'{text[:start]}{json.dumps(name)}:"another",{text[start:]}'


def zip_otherwise(data: bytes, chance: Random) -> bytes:
    """A zip that most programs take for the same, or of which some show one thing and others another."""
    return chance.choice(
        [_commented, _prepended, _appended, _behind_each_other, _listed_otherwise, _hidden, _relisted, _stored_anew]
    )(data, chance)


def _commented(data: bytes, chance: Random) -> bytes:
    held = io.BytesIO(data)
    with zipfile.ZipFile(held, "a") as opened:
        opened.comment = chance.randbytes(chance.randrange(1, 300))
    return held.getvalue()


def _prepended(data: bytes, chance: Random) -> bytes:
    return chance.randbytes(chance.randrange(1, 300)) + data


def _appended(data: bytes, chance: Random) -> bytes:
    return data + chance.randbytes(chance.randrange(1, 300))


def _behind_each_other(data: bytes, chance: Random) -> bytes:
    """Two zips in one file: some programs take the first, and others the last."""
    name = chance.choice([one.name for one in unpack(data)])
    other = pack([(name, b"<h1>Everything was erased within two days.</h1>")])
    return chance.choice([data + other, other + data])


def _listed_otherwise(data: bytes, chance: Random) -> bytes:
    """One field of one line of the directory: flags, method, date, sums, sizes, name, place."""
    lines = _lines(data)
    at = chance.choice(lines) + chance.choice([8, 10, 12, 14, 16, 20, 24, 42, 46, 47])
    changed = bytearray(data)
    changed[at] ^= 1 << chance.randrange(7)
    return bytes(changed)


def _hidden(data: bytes, chance: Random) -> bytes:
    """A line of the directory that leads to the place of another file."""
    one, other = chance.sample(_lines(data), 2)
    changed = bytearray(data)
    changed[one + 42 : one + 46] = changed[other + 42 : other + 46]
    return bytes(changed)


def _relisted(data: bytes, chance: Random) -> bytes:
    """A directory that lacks a file, or has one twice."""
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
    """Written by another program, with its own dates, attributes and extra fields."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", chance.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])) as made:
        for one in unpack(data):
            info = zipfile.ZipInfo(one.name, (2026, 1, 1, 0, 0, 2 * chance.randrange(29)))
            info.extra = chance.choice([b"", b"UT\x05\0\x03" + chance.randbytes(4)])
            made.writestr(info, one.content, made.compression)
    return held.getvalue()


def _lines(data: bytes) -> list[int]:
    """Where the lines of the directory begin."""
    directory = read_directory(data)
    assert directory is not None
    found, place = [], directory.begins
    for _ in directory.lines:
        found.append(place)
        place += 46 + sum(struct.unpack_from("<HHH", data, place + 28))
    return found
