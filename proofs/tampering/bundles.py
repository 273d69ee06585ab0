"""Changes to an evidence bundle: of its bytes, its files, the lines in them, and its signature."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random

from proofs.tampering.changes import Change, Table, another, flipped_letter, note
from proofs.tampering.forms import hex_otherwise, json_otherwise, zip_otherwise
from rightsflow.audit.evidence.archive import pack, unpack
from rightsflow.audit.evidence.bundle import (
    DERIVED,
    LISTED,
    MANIFEST,
    NAMES,
    SIGNATURES,
    manifest_text,
    measure,
    read_manifest,
)
from rightsflow.audit.evidence.verification import check_bundle
from rightsflow.audit.ledger.chain import canonical
from rightsflow.audit.signing import SigningKey
from rightsflow.domain.errors import BadInput
from tests.support import story

FOREIGN = SigningKey(b"\x07" * 32)
THE_FILE, NO_BUNDLE = "the file", "no evidence bundle"
Made = tuple[Change, bytes, bool]
"""What was done, the bundle then, and whether the reader has the published key."""


class Bundle:
    """A bundle to change.

    Args:
        data: The bundle, whole.
        key: The published key or its fingerprint.
    """

    def __init__(self, data: bytes, key: str) -> None:
        assert check_bundle(data, frozenset({key})).is_whole
        self.data, self.key = data, key
        self.files = {one.name: one.content for one in unpack(data)}
        self.manifest = read_manifest(self.files[MANIFEST].decode())
        self.case_id = self.manifest.case_id
        self.regions = self._regions()

    def _regions(self) -> list[tuple[int, int, str]]:
        """Which bytes of the zip belong to which file, with its header."""
        found, place = [], 0
        for name, content in self.files.items():
            length = 30 + len(name) + len(content)
            found.append((place, place + length, name))
            place += length
        return found

    def at(self, place: int) -> tuple[str, ...]:
        """What the faults may call what lies at a byte."""
        for first, end, name in self.regions:
            if first <= place < end:
                # In its header it may be anything, from another name to another length.
                return (name, THE_FILE) if place >= first + 30 + len(name) else (*NAMES, THE_FILE, NO_BUNDLE)
        return (THE_FILE, *NAMES)

    def faults(self, data: bytes, *, with_key: bool) -> list[str]:
        """What the check says."""
        try:
            found = check_bundle(data, frozenset({self.key}) if with_key else frozenset())
        except BadInput as error:
            return [str(error)]
        another = [f"{MANIFEST} is signed by another key."] if found.by_another_key else []
        return [*(fault.text for fault in found.faults), *found.uncompared, *another]


def flip(held: Bundle, chance: Random) -> Made:
    """One bit, anywhere."""
    place = chance.randrange(len(held.data))
    data = bytearray(held.data)
    data[place] ^= 1 << chance.randrange(8)
    target = next((name for first, end, name in held.regions if first <= place < end), "zip directory")
    return Change("flip a bit", target, (*held.at(place), *_inside(held, target))), bytes(data), False


def remove_bytes(held: Bundle, chance: Random) -> Made:
    """Some bytes are gone."""
    first = chance.randrange(len(held.data))
    end = min(len(held.data), first + chance.randrange(1, 200))
    return Change("delete bytes", "anywhere", _any(held)), held.data[:first] + held.data[end:], False


def insert_bytes(held: Bundle, chance: Random) -> Made:
    """Some bytes are put in."""
    place = chance.randrange(len(held.data) + 1)
    put = chance.randbytes(chance.randrange(1, 50))
    return Change("insert bytes", "anywhere", _any(held)), held.data[:place] + put + held.data[place:], False


def truncate(held: Bundle, chance: Random) -> Made:
    """The end is gone."""
    return Change("truncate", "anywhere", _any(held)), held.data[: chance.randrange(len(held.data))], False


def swap_bytes(held: Bundle, chance: Random) -> Made:
    """Two runs of bytes change places."""
    size = chance.randrange(1, 30)
    while True:
        one, other = sorted(chance.randrange(len(held.data) - size) for _ in range(2))
        data = bytearray(held.data)
        data[one : one + size], data[other : other + size] = data[other : other + size], data[one : one + size]
        if other - one >= size and bytes(data) != held.data:
            return Change("swap bytes", "anywhere", _any(held)), bytes(data), False


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
    return Change("truncate", "a file", (name, *_inside(held, name))), _with(held, name, content), False


def change_entry(held: Bundle, chance: Random) -> Made:
    """An entry is changed, removed, put in twice or moved."""
    return _lines_changed(held, chance, "entries.jsonl", "entry", "entries", 1)


def change_seal(held: Bundle, chance: Random) -> Made:
    """The same with a seal."""
    first = json.loads(held.files["seals.jsonl"].split(b"\n")[0])["number"]
    return _lines_changed(held, chance, "seals.jsonl", "seal", "seals", first)


def change_proof(held: Bundle, chance: Random) -> Made:
    """The same with a proof."""
    proofs = json.loads(held.files["proofs.json"])
    at = chance.randrange(len(proofs))
    kind = chance.choice(["flip", "delete", "duplicate", "swap"])
    names = ["proofs.json", f"proof of {held.case_id} in seal {proofs[at]['seal']}"]
    if kind == "flip":
        field = chance.choice(sorted(proofs[at]))
        value = proofs[at][field]
        if isinstance(value, int):
            proofs[at][field] = value + chance.choice([-1, 1])
        elif isinstance(value, str):
            proofs[at][field] = flipped_letter(value, chance.randrange(len(value)), chance)
        elif value:
            step = chance.randrange(len(value))
            value[step] = flipped_letter(value[step], chance.randrange(64), chance)
        else:
            value.append("0" * 64)
    elif kind == "delete":
        del proofs[at]
    elif kind == "duplicate":
        proofs.insert(at, proofs[at])
    else:
        other = another(chance, len(proofs), at)
        proofs[at], proofs[other] = proofs[other], proofs[at]
    return Change(kind, "a proof", tuple(names)), _with(held, "proofs.json", canonical(proofs).encode()), False


def change_manifest(held: Bundle, chance: Random) -> Made:
    """Another manifest in the right form, under the old signature."""
    old = held.manifest
    name = chance.choice(LISTED)
    size, digest = old.files[name]
    other = chance.choice(
        [
            replace(old, case_id="DSR-2026-AAAAAA"),
            replace(old, code="9.9.9"),
            replace(old, made_at=old.made_at.replace(year=2020)),
            replace(old, formats=dict(old.formats) | {"page": old.formats["page"] + 1}),
            replace(old, head=replace(old.head, number=old.head.number + 1)),
            replace(old, controller=replace(old.controller, name="Another controller")),
            replace(old, files=dict(old.files) | {name: (size + 1, digest)}),
            replace(old, files=dict(old.files) | {name: (size, flipped_letter(digest, 3, chance))}),
            replace(old, keys=dict.fromkeys(old.keys, FOREIGN.public)),
        ]
    )
    return Change("rewrite", MANIFEST, (MANIFEST,)), _with(held, MANIFEST, manifest_text(other).encode()), False


def encode_signature_anew(held: Bundle, chance: Random) -> Made:
    """The same signature in another form: what is compared is what is written, and not what it stands for."""
    signatures = json.loads(held.files[SIGNATURES])
    name = chance.choice(sorted(signatures))
    signatures[name] = hex_otherwise(signatures[name], chance)
    content = canonical(signatures).encode()
    return (
        Change("encode a signature anew", SIGNATURES, (SIGNATURES, MANIFEST)),
        _with(held, SIGNATURES, content),
        False,
    )


def encode_json_anew(held: Bundle, chance: Random) -> Made:
    """The same JSON in another form."""
    name = chance.choice(sorted({MANIFEST, SIGNATURES, *held.files} - {"index.html"}))
    first, *others = held.files[name].split(b"\n")
    content = b"\n".join([json_otherwise(first.decode(), chance), *others])
    return Change("encode JSON anew", name, (name, *_inside(held, name))), _with(held, name, content), False


def encode_seal_anew(held: Bundle, chance: Random) -> Made:
    """A seal's signature or hash in another form, under a manifest signed anew by anyone who has a key of their own."""
    lines = held.files["seals.jsonl"].decode().splitlines()
    at = chance.randrange(len(lines))
    seal = json.loads(lines[at])
    if chance.random() < 0.7:
        name = chance.choice(sorted(seal["signatures"]))
        seal["signatures"][name] = hex_otherwise(seal["signatures"][name], chance)
    else:
        seal["digest"] = hex_otherwise(seal["digest"], chance)
    lines[at] = canonical(seal)
    files = held.files | {"seals.jsonl": "".join(f"{one}\n" for one in lines).encode()}
    made = signed(held, files, {"seal/99": FOREIGN})
    return Change("encode anew and sign", "seals.jsonl", (f"seal {seal['number']}", "seals.jsonl")), made, False


def zip_anew(held: Bundle, chance: Random) -> Made:
    """The same files in another zip, or in one of which some programs show other files."""
    return Change("zip otherwise", "anywhere", _any(held)), zip_otherwise(held.data, chance), False


def lie_in_another_format(held: Bundle, chance: Random) -> Made:
    """Another page, in a format that this version does not make, signed by a key of the forger's own."""
    name = chance.choice(sorted(DERIVED))
    kinds = dict(held.manifest.formats) | {DERIVED[name]: chance.choice([0, 2, 3, 99])}
    files = held.files | {name: b"<h1>Everything was erased within two days.</h1>"}
    return Change("lie in another format", name, (name,)), signed(held, files, {"seal/1": FOREIGN}, kinds), False


def cut_at_an_old_proof(held: Bundle, chance: Random) -> Made:
    """The end of the case left out by anyone who has the real key: an old head, and the newest of the real seals."""
    kept = chance.choice([(0,), (0, 1), (1,), ()])
    whole = story.material()
    sealed = story.SEALED_AFTER[kept[-1]] if kept else 0
    there = sealed or chance.randrange(1, len(story.STORY))
    links = story.exported(story.STORY[:there], sealed=sealed, seal=whole.seals[-1].number)
    first = kept[0] if kept else len(whole.seals) - 1
    proofs = [whole.proofs[index] for index in kept]
    data = story.bundle(replace(whole, links=links, proofs=proofs, seals=whole.seals[first:]))
    return Change("cut at an old proof", "everything", ("proofs.json", "entry 1 of")), data, False


def go_on_with_an_old_key(held: Bundle, chance: Random) -> Made:
    """Seals, or a manifest, by the older key alone, after one that its successor has signed too."""
    old, both = story.ROTATION[:2]
    keys = [chance.choice([old, both]), both, chance.choice([old, both])]
    data = story.bundle(story.material(keys), old)
    return Change("go on with an old key", "everything", ("seal 7", MANIFEST)), data, False


def sign_anew(held: Bundle, chance: Random) -> Made:
    """Something else in a file, and the manifest signed by another key under the old or another name."""
    name = chance.choice(LISTED)
    content = held.files[name]
    place = chance.randrange(len(content))
    altered = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
    signer = {chance.choice([*held.manifest.keys, "seal/99"]): FOREIGN}
    data = signed(held, held.files | {name: altered}, signer)
    with_key = chance.random() < 0.5
    return Change("sign anew by another key", name, (MANIFEST, name, *_inside(held, name))), data, with_key


def forge_all(held: Bundle, chance: Random) -> Made:
    """Everything made anew, every seal and the manifest, by another key: only the published key tells."""
    changed = [one for one in story.STORY if chance.random() < 0.9 or one[1] == "CaseOpened"]
    keys = {"seal/2": FOREIGN}
    if len(changed) < story.SEALED_AFTER[-1]:
        changed = list(story.STORY)
    data = story.bundle(story.material((keys,) * 3, changed), keys)
    assert held.faults(data, with_key=False) == [], "without the published key it looks whole: its fingerprint shows"
    return Change("forge all by another key", "everything", (MANIFEST,)), data, True


CHANGES: tuple[tuple[int, Callable[[Bundle, Random], Made]], ...] = (
    (8, flip),
    (1, remove_bytes),
    (1, insert_bytes),
    (1, truncate),
    (1, swap_bytes),
    (1, delete_file),
    (1, duplicate_file),
    (1, add_file),
    (1, swap_files),
    (1, truncate_file),
    (6, change_entry),
    (3, change_seal),
    (3, change_proof),
    (1, change_manifest),
    (3, encode_signature_anew),
    (2, encode_json_anew),
    (1, encode_seal_anew),
    (3, zip_anew),
    (1, lie_in_another_format),
    (1, cut_at_an_old_proof),
    (1, go_on_with_an_old_key),
    (3, sign_anew),
    (1, forge_all),
)
"""The changes, with how often each is made."""


def tamper(held: Bundle, seeds: range) -> Table:
    """Change the bundle once for each seed, and count what the check makes of it."""
    table: Table = {}
    weights, makers = zip(*CHANGES, strict=True)
    for seed in seeds:
        chance = Random(seed)
        change, data, with_key = chance.choices(makers, weights)[0](held, chance)
        assert data != held.data, change
        note(table, change, held.faults(data, with_key=with_key), seed)
    return table


def signed(
    held: Bundle,
    files: Mapping[str, bytes],
    keys: Mapping[str, SigningKey],
    formats: Mapping[str, int] | None = None,
) -> bytes:
    """The bundle of some files, signed by anyone who has these keys."""
    listed = {name: measure(files[name]) for name in LISTED}
    public = {name: key.public for name, key in keys.items()}
    said = replace(held.manifest, files=listed, keys=public, formats=formats or held.manifest.formats)
    text = manifest_text(said).encode()
    signatures = canonical({name: key.sign(text) for name, key in keys.items()}).encode()
    return pack((files | {MANIFEST: text, SIGNATURES: signatures}).items())


def _lines_changed(held: Bundle, chance: Random, name: str, singular: str, plural: str, first: int) -> Made:
    lines = held.files[name].decode().split("\n")[:-1]
    at = chance.randrange(len(lines))
    other = another(chance, len(lines), at)
    names = [f"{singular} {first + at} ", f"{singular} {first + at}.", f"{plural} {first + at} to"]
    kind = chance.choice(["flip", "delete", "duplicate", "swap", "truncate", "insert"])
    if kind == "flip":
        lines[at] = flipped_letter(lines[at], chance.randrange(len(lines[at])), chance)
        # Where a line is no line any more, none of the file can be told from another.
        names.append(f"{name} is not in the form")
    elif kind == "delete":
        del lines[at]
    elif kind == "duplicate":
        lines.insert(at, lines[at])
    elif kind == "truncate":
        del lines[at:]
    else:
        names.append(f"{singular} {first + other} ")
        if kind == "swap":
            lines[at], lines[other] = lines[other], lines[at]
        else:
            lines.insert(at, lines[other])
    if not lines:
        names.append(name)
    content = "".join(f"{line}\n" for line in lines).encode()
    return Change(kind, f"a line of {name}", tuple(names)), _with(held, name, content), False


def _with(held: Bundle, name: str, content: bytes) -> bytes:
    return pack((held.files | {name: content}).items())


def _inside(held: Bundle, name: str) -> tuple[str, ...]:
    """What else than its name tells that something in a file is wrong."""
    return {"entries.jsonl": (held.case_id,), "seals.jsonl": ("seal ",), "proofs.json": ("proof ",)}.get(name, ()) + (
        (MANIFEST,) if name == SIGNATURES else ()
    )


def _any(held: Bundle) -> tuple[str, ...]:
    return (*NAMES, held.case_id, THE_FILE, NO_BUNDLE)
