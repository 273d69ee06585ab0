"""Changes to what an evidence bundle says, and what ``rightsflow verify`` makes of every change of a bundle."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from random import Random

from proofs.tampering.bundle_bytes import (
    FOREIGN,
    OF_BYTES,
    Bundle,
    Made,
    hex_otherwise,
    inside,
    json_otherwise,
    packed_with,
    signed,
)
from proofs.tampering.changes import Change, Table, another, flipped_letter, note
from rightsflow.audit.evidence.bundle import DERIVED, LISTED, MANIFEST, SIGNATURES, manifest_text
from rightsflow.audit.ledger.chain import canonical
from tests.support import story


def change_entry(held: Bundle, chance: Random) -> Made:
    return _lines_changed(held, chance, "entries.jsonl", "entry", "entries", 1)


def change_seal(held: Bundle, chance: Random) -> Made:
    first = json.loads(held.files["seals.jsonl"].split(b"\n")[0])["number"]
    return _lines_changed(held, chance, "seals.jsonl", "seal", "seals", first)


def change_proof(held: Bundle, chance: Random) -> Made:
    """Change one of the proofs: a field, its place, or whether it is there."""
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
    return Change(kind, "a proof", tuple(names)), packed_with(held, "proofs.json", canonical(proofs).encode()), False


def change_manifest(held: Bundle, chance: Random) -> Made:
    """Another manifest in the right form, under the old signature."""
    old = held.manifest
    name = chance.choice(LISTED)
    size, digest = old.files[name]
    other = chance.choice([
        replace(old, case_id="DSR-2026-AAAAAA"), replace(old, code="9.9.9"),
        replace(old, made_at=old.made_at.replace(year=2020)),
        replace(old, formats=dict(old.formats) | {"page": old.formats["page"] + 1}),
        replace(old, head=replace(old.head, number=old.head.number + 1)),
        replace(old, controller=replace(old.controller, name="Another controller")),
        replace(old, files=dict(old.files) | {name: (size + 1, digest)}),
        replace(old, files=dict(old.files) | {name: (size, flipped_letter(digest, 3, chance))}),
        replace(old, keys=dict.fromkeys(old.keys, FOREIGN.public)),
    ])  # fmt: skip
    return Change("rewrite", MANIFEST, (MANIFEST,)), packed_with(held, MANIFEST, manifest_text(other).encode()), False


def encode_signature_anew(held: Bundle, chance: Random) -> Made:
    signatures = json.loads(held.files[SIGNATURES])
    name = chance.choice(sorted(signatures))
    signatures[name] = hex_otherwise(signatures[name], chance)
    content = canonical(signatures).encode()
    return (
        Change("encode a signature anew", SIGNATURES, (SIGNATURES, MANIFEST)),
        packed_with(held, SIGNATURES, content),
        False,
    )


def encode_json_anew(held: Bundle, chance: Random) -> Made:
    name = chance.choice(sorted({MANIFEST, SIGNATURES, *held.files} - {"index.html"}))
    first, *others = held.files[name].split(b"\n")
    content = b"\n".join([json_otherwise(first.decode(), chance), *others])
    return Change("encode JSON anew", name, (name, *inside(held, name))), packed_with(held, name, content), False


def encode_seal_anew(held: Bundle, chance: Random) -> Made:
    """Encode a seal's signature or hash in another form, under a manifest signed with a foreign key."""
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


def lie_in_another_format(held: Bundle, chance: Random) -> Made:
    name = chance.choice(sorted(DERIVED))
    kinds = dict(held.manifest.formats) | {DERIVED[name]: chance.choice([0, 2, 3, 99])}
    files = held.files | {name: b"<h1>Everything was erased within two days.</h1>"}
    return Change("lie in another format", name, (name,)), signed(held, files, {"seal/1": FOREIGN}, kinds), False


def cut_at_an_old_proof(held: Bundle, chance: Random) -> Made:
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
    old, both = story.ROTATION[:2]
    keys = [chance.choice([old, both]), both, chance.choice([old, both])]
    data = story.bundle(story.material(keys), old)
    return Change("go on with an old key", "everything", ("seal 7", MANIFEST)), data, False


def sign_anew(held: Bundle, chance: Random) -> Made:
    name = chance.choice(LISTED)
    content = held.files[name]
    place = chance.randrange(len(content))
    altered = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
    signer = {chance.choice([*held.manifest.keys, "seal/99"]): FOREIGN}
    data = signed(held, held.files | {name: altered}, signer)
    with_key = chance.random() < 0.5
    return Change("sign anew by another key", name, (MANIFEST, name, *inside(held, name))), data, with_key


def forge_all(held: Bundle, chance: Random) -> Made:
    changed = [one for one in story.STORY if chance.random() < 0.9 or one[1] == "CaseOpened"]
    keys = {"seal/2": FOREIGN}
    if len(changed) < story.SEALED_AFTER[-1]:
        changed = list(story.STORY)
    data = story.bundle(story.material((keys,) * 3, changed), keys)
    assert held.faults(data, with_key=False) == [], "without the published key it looks whole: its fingerprint shows"
    return Change("forge all by another key", "everything", (MANIFEST,)), data, True


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
    return Change(kind, f"a line of {name}", tuple(names)), packed_with(held, name, content), False


CHANGES: tuple[tuple[int, Callable[[Bundle, Random], Made]], ...] = (
    *OF_BYTES, (6, change_entry), (3, change_seal), (3, change_proof), (1, change_manifest),
    (3, encode_signature_anew), (2, encode_json_anew), (1, encode_seal_anew), (1, lie_in_another_format),
    (1, cut_at_an_old_proof), (1, go_on_with_an_old_key), (3, sign_anew), (1, forge_all),
)  # fmt: skip
"""The changes, with how often each is made."""


def tamper(held: Bundle, seeds: range) -> Table:
    table: Table = {}
    weights, makers = zip(*CHANGES, strict=True)
    for seed in seeds:
        chance = Random(seed)
        change, data, with_key = chance.choices(makers, weights)[0](held, chance)
        assert data != held.data, change
        note(table, change, held.faults(data, with_key=with_key), seed)
    return table
