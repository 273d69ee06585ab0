"""What a bundle consists of, and that it is the same from the same material."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta

import pytest

from rightsflow.audit.evidence.bundle import (
    DPV_FORMAT,
    NAMES,
    Manifest,
    Material,
    measure,
    proof_line,
    read_manifest,
    read_proofs,
    write_bundle,
)
from rightsflow.audit.ledger.chain import canonical
from rightsflow.audit.ledger.seals import write_published
from rightsflow.audit.signing import verify_signature
from tests.support.story import CASE, CONTROLLER, FIRST_DAY, NEW, OLD, bundle, material

HELD = material()
BUNDLE = bundle()


def files(data=BUNDLE):
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


FILES = files()
MANIFEST: Manifest = read_manifest(FILES["manifest.json"].decode())


def test_it_holds_its_files_in_their_order_in_one_form():
    assert tuple(FILES) == NAMES
    assert NAMES[0] == "index.html"
    assert bundle() == BUNDLE
    assert FILES["entries.jsonl"].decode() == "".join(f"{one.body}\n" for one in HELD.links)
    assert FILES["seals.jsonl"].decode() == "".join(write_published(one) for one in HELD.seals)
    assert read_proofs(FILES["proofs.json"].decode()) == list(HELD.proofs)
    # All json in it is canonical.
    for name in ("certificate.json", "dpv.jsonld", "proofs.json", "manifest.json", "manifest.sig"):
        assert canonical(json.loads(FILES[name])) == FILES[name].decode(), name
    for line in FILES["seals.jsonl"].decode().splitlines():
        assert canonical(json.loads(line)) == line


def test_the_manifest_names_every_file_and_every_key_of_the_day_signs_it():
    # The manifest names every file and the head and is signed.
    assert MANIFEST.files == {name: measure(FILES[name]) for name in NAMES[:-2]}
    assert (MANIFEST.case_id, MANIFEST.code, MANIFEST.controller) == (CASE, "0.1.0", CONTROLLER)
    assert MANIFEST.made_at == FIRST_DAY + timedelta(days=9)
    assert MANIFEST.head == HELD.links[-1].head
    assert MANIFEST.formats == {"bundle": 1, "certificate": 1, "dpv": 1, "page": 1}
    assert MANIFEST.keys == {"seal/2": NEW.public}
    signatures = json.loads(FILES["manifest.sig"])
    assert verify_signature(NEW.public, signatures["seal/2"], FILES["manifest.json"])
    found = files(bundle(keys={"seal/1": OLD, "seal/2": NEW}))
    assert json.loads(found["manifest.sig"]).keys() == {"seal/1", "seal/2"}
    with pytest.raises(ValueError, match="without a key"):
        write_bundle(HELD, CONTROLLER, {}, made_at=FIRST_DAY, code="0.1.0")
    with pytest.raises(ValueError, match="without entries"):
        bundle(Material(case_id=CASE, links=[], proofs=HELD.proofs, seals=HELD.seals))


PRESENT_DPV_FORMAT = "65db79c8801b57c9498fb5e71aa240d7dbece5df3ba2da5957fcd17c9951ff9d"
"""The SHA-256 of the story's document in the present format."""


def test_another_document_from_the_same_entries_needs_another_number():
    """Finished bundles are compared with what this version makes: if this fails, count ``DPV_FORMAT`` up."""
    assert DPV_FORMAT == 1
    assert measure(FILES["dpv.jsonld"])[1] == PRESENT_DPV_FORMAT


MANIFEST_TEXT = FILES["manifest.json"].decode()
PROOFS_TEXT = canonical([proof_line(one) for one in HELD.proofs])


def test_what_is_none_is_refused():
    for text in ("", "{}", "[{}]", "[1]", "1", "null", '"x"', "{", "[[[", '{"case":1}'):
        for read in (read_manifest, read_proofs):
            with pytest.raises(ValueError):
                read(text)


def test_another_form_of_the_same_is_refused():
    for read, text in ((read_manifest, MANIFEST_TEXT), (read_proofs, PROOFS_TEXT)):
        read(text)
        for other in (f" {text}", f"{text}\n", json.dumps(json.loads(text)), text.replace(":", ": ", 1)):
            with pytest.raises(ValueError):
                read(other)
        for odd in (True, "1", 1.5, None, [], {}, 2**60, -1.0):
            for name in (
                "number",
                "seal",
                "position",
                "head",
                "made_at",
                "files",
                "keys",
                "signatures",
                "path",
                "formats",
            ):
                raw = json.loads(text)
                one = raw[0] if isinstance(raw, list) else raw
                if name in one and one[name] != odd and not (odd == {} and isinstance(one[name], dict)):
                    one[name] = odd
                    try:
                        found = read(json.dumps(raw, separators=(",", ":"), sort_keys=True))
                    except ValueError:
                        continue
                    assert odd == [] and name == "path", (name, odd, found)  # noqa: PT018 - a path may be empty
