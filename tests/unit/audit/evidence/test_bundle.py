"""What a bundle and its certificate consist of, and how their faults are placed and named."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import fields
from datetime import timedelta

import pytest

from rightsflow.audit.evidence.archive import Faults, printable, shown
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
from rightsflow.audit.evidence.cover import fingerprint, trusted_keys
from rightsflow.audit.evidence.fold import fold
from rightsflow.audit.evidence.record import CERTIFICATE_FORMAT, CaseRecord, certificate
from rightsflow.audit.evidence.verification import most_entries, place_entries
from rightsflow.audit.ledger import Fault, FaultKind, Head, read_entry
from rightsflow.audit.ledger.chain import canonical, digest_of
from rightsflow.audit.ledger.seals import write_published
from rightsflow.audit.signing import verify_signature
from rightsflow.domain.errors import BadInput
from tests.support.story import CASE, CONTROLLER, FIRST_DAY, NEW, OLD, bundle, entries_of, exported, material

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


DIGEST = "e5950e17239a5feda2440763fe8ca188119e696a20659d639e7a551eb8e9b7b6"
"""The SHA-256 of the story's certificate in the present format."""


@pytest.mark.long
def test_it_holds_all_that_the_record_holds_in_canonical_json():
    # It holds all that the record holds.
    said = json.loads(certificate(fold(entries_of())))
    assert said.keys() == {field.name for field in fields(CaseRecord)} | {"certificate", "format"}
    assert (said["certificate"], said["format"], said["case_id"]) == ("rightsflow case", CERTIFICATE_FORMAT, CASE)
    assert said["received_at"] == "2026-03-05T08:30:00+01:00", "as the sender's clock said"
    assert said["records"][0]["until"] == "2034-12-31"
    assert said["systems"][1]["outcomes"] == {"erased": 1, "redacted": 1}
    made = certificate(fold(entries_of()))
    assert canonical(json.loads(made)) == made
    # Every entry counts.
    whole = certificate(fold(entries_of()))
    entries = entries_of()
    for left_out in range(1, len(entries)):
        assert certificate(fold([*entries[:left_out], *entries[left_out + 1 :]])) != whole
    # Finished bundles are compared with what this version makes: if this fails, count ``FORMAT`` up.
    assert CERTIFICATE_FORMAT == 1
    assert hashlib.sha256(certificate(fold(entries_of())).encode()).hexdigest() == DIGEST


def test_how_an_author_is_known_stands_apart_from_what_they_did():
    acted = (1, "AlertAcknowledged", "Olga", {"alert": "due-soon", "role": "officer", "signed_in": "signed in by OIDC"})
    record = fold([*entries_of(), *entries_of((acted,))])
    (new,) = [one for one in json.loads(certificate(record))["acts"] if one["by"] == "Olga"]
    assert (new["what"], new["role"], new["signed_in"]) == ("alert due-soon", "officer", "signed in by OIDC")


def test_keys_are_read_from_a_fingerprint_or_any_text_with_one():
    # Keys are read from a fingerprint or any text with one.
    shown = fingerprint(NEW.public)
    spaced = " ".join(shown[at : at + 4] for at in range(0, 64, 4))
    for text in (shown, shown.upper(), spaced, f"seal/2 {shown}\n", json.dumps({"public": shown})):
        assert shown in trusted_keys(text)
    for text in ("", "seal/2", shown[:-1], "g" * 64):
        with pytest.raises(BadInput, match="That is no key"):
            trusted_keys(text)
    assert fingerprint("x") == ""


def test_a_fault_begins_with_its_place_and_is_cut_where_it_is_long():
    # A sentence begins with its place and a file's name stays as it is.
    for place, text in (
        ("index.html", "index.html is missing."),
        ("seal 5", "Seal 5 is missing."),
        ("\x1b[8m.txt", "\\x1b[8m.txt is missing."),
        ("", " is missing."),
    ):
        faults = Faults()
        faults.note(FaultKind.REMOVED, place, "is missing")
        (fault,) = faults
        assert (fault.kind, fault.text) == (FaultKind.REMOVED, text)
    # What is long or cannot be printed is cut and written out.
    assert shown("a" * 100) == f"{'a' * 80}…"
    assert shown("\n\u202e") == "\\n\\u202e"
    found = printable(Fault(FaultKind.ALTERED, "\x07" * 50, "b" * 1000))
    assert found == Fault(FaultKind.ALTERED, "\\x07" * 20 + "…", f"{'b' * 400}…")


LINKS = exported()
LINES = [one.body for one in LINKS]
HEAD = LINKS[-1].head


def test_the_altered_entry_is_placed_by_the_hashes_around_it():
    assert place_entries(LINES, HEAD) == LINKS
    lines = [*LINES[:6], LINES[6].replace("rightsflow", "Eve"), *LINES[7:]]
    assert place_entries(lines, HEAD)[6].digest == LINKS[6].digest
    # An entry that lies about the one before is the one that is named.
    lie = LINES[6].replace(read_entry(LINES[6]).previous, "f" * 64)
    placed = place_entries([*LINES[:6], lie, *LINES[7:]], HEAD)
    assert [one.number for one in placed if digest_of(one.body) != one.digest] == [7]
    # Nothing is believed without bounds.
    assert place_entries([], Head(2**50, "x")) == []
    assert [one.number for one in place_entries(["[]", "x", '{"number":true}'], Head(2**40, "x"))] == [1, 2, 3]
    assert most_entries(0) == 1000
