"""The check of a bundle: whole ones are whole, and whatever was done to one is named."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.audit.evidence import bundle as format_of
from rightsflow.audit.evidence.archive import pack, unpack
from rightsflow.audit.evidence.bundle import NAMES, manifest_text, measure, proof_line, read_manifest
from rightsflow.audit.evidence.cover import fingerprint
from rightsflow.audit.evidence.verification import check_bundle
from rightsflow.audit.ledger import FaultKind, Head
from rightsflow.audit.ledger.chain import canonical, digest_of
from rightsflow.audit.ledger.seals import write_published
from rightsflow.domain.errors import BadInput
from tests.support.story import (
    CASE,
    FIRST_DAY,
    FOREIGN,
    NEW,
    OLD,
    ROTATION,
    STORY,
    bundle,
    exported,
    links_of,
    material,
)

HELD = material()
BUNDLE = bundle()
FILES = {one.name: one.content for one in unpack(BUNDLE)}
LINES = FILES["entries.jsonl"].decode().splitlines()


def signed(files, keys=ROTATION[-1], head=None, **changes):
    """The bundle of some files as anyone who has these keys would sign it."""
    old = read_manifest(FILES["manifest.json"].decode())
    listed = {name: measure(content) for name, content in files.items() if name not in NAMES[-2:]}
    manifest = replace(old, files=listed, keys={name: key.public for name, key in keys.items()}, head=head or old.head)
    text = manifest_text(replace(manifest, **changes)).encode()
    signatures = canonical({name: key.sign(text) for name, key in keys.items()}).encode()
    return pack((name, {**files, "manifest.json": text, "manifest.sig": signatures}[name]) for name in NAMES)


def places(data, *trusted):
    return [(fault.kind.value, fault.place) for fault in check_bundle(data, frozenset(trusted)).faults]


def with_files(**changes):
    """The bundle with other contents and nothing else changed; underscores stand for dots."""
    files = FILES | {name.replace("__", "."): content for name, content in changes.items()}
    return pack((name, files[name]) for name in NAMES)


def with_entries(lines):
    return with_files(entries__jsonl="".join(f"{one}\n" for one in lines).encode())


def entry(number):
    return f"entry {number} of {CASE}"


def test_a_bundle_as_it_was_made_is_whole():
    # A bundle as it was made is whole.
    found = check_bundle(BUNDLE)
    assert found.is_whole
    assert (found.faults, found.notes, found.case_id) == ((), (), CASE)
    assert (found.entries, found.sealed) == (len(STORY) + 1, 30)
    assert found.keys == {"seal/2": fingerprint(NEW.public)}
    assert (found.uncompared, found.published) == ((), 0)
    # It says as of when the case is shown.
    found = check_bundle(BUNDLE)
    assert (found.state, found.seal) == ("answered", 7)
    day = timedelta(days=1)
    assert (found.sealed_at, found.last_at) == (FIRST_DAY + 6 * day, FIRST_DAY + 9 * day)
    assert found.exported_at == FIRST_DAY + 9 * day
    # The key given may be any that leads to the signature.
    for named in (fingerprint, str):
        for key in (NEW, OLD):
            assert check_bundle(BUNDLE, frozenset({named(key.public)})).is_whole


@pytest.mark.long
def test_anothers_key_and_seals_are_not_taken_for_ours():
    # Another key is said to be another and not taken for a change.
    found = check_bundle(BUNDLE, frozenset({fingerprint(FOREIGN.public)}))
    assert (found.faults, found.by_another_key, found.is_whole) == ((), True, False)
    assert not check_bundle(BUNDLE).by_another_key
    # Anyone who makes everything anew, every seal and the manifest, needs a key of their own.
    forged = bundle(material(({"seal/2": FOREIGN},) * 3), {"seal/2": FOREIGN})
    assert check_bundle(forged).keys == {"seal/2": fingerprint(FOREIGN.public)}
    assert check_bundle(forged).is_whole, "nobody can know better without the key"
    assert check_bundle(forged, frozenset({fingerprint(NEW.public)})).by_another_key
    assert ("altered", "manifest.json") in places(signed(FILES, {"seal/9": FOREIGN}))
    assert ("altered", "manifest.json") in places(signed(FILES, {"seal/2": FOREIGN}))
    forged = material((*ROTATION[:1], {"seal/2": FOREIGN}, {"seal/2": FOREIGN}))
    assert ("added", "seal 6") in places(bundle(forged, {"seal/2": FOREIGN}), fingerprint(OLD.public))


@pytest.mark.apart
def test_a_file_that_is_missing_double_or_elsewhere_is_named():
    # A missing file is named.
    for name in NAMES:
        data = pack((one, FILES[one]) for one in NAMES if one != name)
        assert ("removed", name) in places(data)
    # A file that is there twice is named.
    for name in NAMES:
        data = pack([*FILES.items(), (name, FILES[name])])
        assert places(data) == [("added", name)]
    assert places(pack(reversed(FILES.items()))) == [("reordered", "the file")]


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "C:\\evil", "a/../../b", "notes.txt", "INDEX.HTML", ""])
def test_an_additional_file_is_named_and_never_written(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert places(pack([*FILES.items(), (name, b"x")])) == [("added", name)]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_an_altered_file_or_entry_is_named_and_no_other():
    # An altered file is named.
    for name in [one for one in NAMES if one.endswith((".html", ".json", ".jsonld"))]:
        data = with_files(**{name.replace(".", "__"): FILES[name].replace(b'"', b"'", 1)})
        assert ("altered", name) in places(data)
    # An altered entry is named and no other.
    for number in (1, 7, len(LINES)):
        lines = [one.replace('"actor":"', '"actor":"x', 1) if at == number else one for at, one in enumerate(LINES, 1)]
        assert places(with_entries(lines)) == [("altered", "entries.jsonl"), ("altered", entry(number))]
    # Entries altered one after the other are named each.
    lines = [one.replace('"actor":"', '"actor":"x', 1) if at in {7, 8, 9} else one for at, one in enumerate(LINES, 1)]
    faults = check_bundle(with_entries(lines)).faults[1:]
    assert {fault.kind for fault in faults} == {FaultKind.ALTERED}
    assert {fault.place for fault in faults} == {entry(7), entry(9)}
    assert "or entry 8 was altered too" in " ".join(fault.text for fault in faults)


def test_an_entry_that_is_removed_moved_doubled_or_added_is_named():
    for number in (1, 7, len(LINES)):
        assert ("removed", entry(number)) in places(with_entries([*LINES[: number - 1], *LINES[number:]]))
    found = places(with_entries(LINES[:-3]))
    assert found[1:] == [("removed", f"entries {len(LINES) - 2} to {len(LINES)} of {CASE}")]
    lines = [*LINES[:4], LINES[5], LINES[4], *LINES[6:]]
    assert places(with_entries(lines))[1:] == [("reordered", entry(5))]
    assert ("added", entry(5)) in places(with_entries([*LINES[:5], *LINES[4:]]))
    foreign = links_of(chain="DSR-2026-AAAAAA")[4].body
    assert ("altered", entry(5)) in places(with_entries([*LINES[:4], foreign, *LINES[5:]]))
    # An entry added at the end is named.
    longer = exported((*STORY, (8, "CaseHandedOver", "Eve", {})))
    found = places(with_entries([*LINES, longer[-1].body]))
    assert ("added", entry(len(LINES) + 1)) in found


def test_what_is_signed_is_held_against_the_seals_and_the_entries():
    # With the newest key alone one can sign a bundle, but not the seals that others have seen.
    story = [(day, event, "Eve" if event == "Approved" else actor, said) for day, event, actor, said in STORY]
    rewritten = replace(material(story=story), seals=HELD.seals, proofs=HELD.proofs)
    assert ("altered", f"proof of {CASE} in seal 7") in places(bundle(rewritten))
    # A page that says what the entries do not is named even if it is signed.
    for name in ("index.html", "certificate.json", "dpv.jsonld"):
        files = FILES | {name: FILES[name].replace(b"Dana Decider", b"Mallory", 1) + b" "}
        assert places(signed(files)) == [("altered", name)]


@pytest.mark.apart
def test_another_format_is_left_to_the_version_that_wrote_it():
    # What is in another format may lie and so no one calls it whole.
    for name in ("index.html", "certificate.json", "dpv.jsonld"):
        for other in (0, 98, 99, -1):
            files = FILES | {name: b"<h1>Everything was erased within two days.</h1>"}
            kind = format_of.DERIVED[name]
            found = check_bundle(signed(files, formats=format_of.formats() | {kind: other}))
            assert (found.faults, found.is_whole) == ((), False)
            (sentence,) = found.uncompared
            ours = format_of.formats()[kind]
            assert sentence.startswith(
                f"{name} was written in format {other}, and this version of Rightsflow writes {ours}"
            )
    # A bundle of another format is left to the version that wrote it.
    for other in (2, 0, -1, 10**40):
        manifest = FILES["manifest.json"].replace(b'"bundle":1', f'"bundle":{other}'.encode())
        with pytest.raises(BadInput, match=r"manifest\.json names format .* of the bundle"):
            check_bundle(with_files(manifest__json=manifest))


@pytest.mark.long
def test_a_seal_that_is_missing_moved_or_altered_is_named():
    # A missing seal is named.
    lines = FILES["seals.jsonl"].decode().splitlines(keepends=True)
    found = places(signed(FILES | {"seals.jsonl": (lines[0] + lines[2]).encode()}))
    assert ("removed", "seal 6") in found
    # Seals in another order are named.
    lines = FILES["seals.jsonl"].decode().splitlines(keepends=True)
    found = places(with_files(seals__jsonl=(lines[0] + lines[2] + lines[1]).encode()))
    assert ("reordered", "seal 6") in found
    # Seals that were left out at the end are missed.
    lines = FILES["seals.jsonl"].decode().splitlines(keepends=True)
    found = places(signed(FILES | {"seals.jsonl": "".join(lines[:2]).encode()}))
    assert found == [("removed", "seal 7"), ("removed", "proofs.json")]
    young = replace(HELD, links=exported(sealed=20))
    files = {one.name: one.content for one in unpack(bundle(replace(young, proofs=HELD.proofs[:2])))}
    cut = signed(files | {"seals.jsonl": "".join(lines[:2]).encode()}, ROTATION[1], young.links[-1].head)
    (fault,) = check_bundle(cut).faults
    assert fault.text == "seals.jsonl ends with seal 6 where seal 7 was the newest."
    assert ("removed", "seals.jsonl") in places(signed(FILES | {"seals.jsonl": b""}))
    # An altered seal is named.
    seals = [replace(one, signatures={"seal/1": "00" * 64}) if one.number == 6 else one for one in HELD.seals]
    text = "".join(map(write_published, seals)).encode()
    assert ("removed", "seal 6") in places(signed(FILES | {"seals.jsonl": text}))
    seals = [replace(one, body=one.body.replace('"chains":4', '"chains":5')) for one in HELD.seals]
    text = "".join(map(write_published, seals)).encode()
    assert ("altered", "seal 5") in places(signed(FILES | {"seals.jsonl": text}))


@pytest.mark.long
def test_a_proof_that_is_altered_or_left_out_is_named():
    # An altered proof is named.
    for change, place in (
        ({"position": 0}, f"proof of {CASE} in seal 6"),
        ({"number": 21}, f"proof of {CASE} in seal 6"),
        ({"path": ()}, f"proof of {CASE} in seal 6"),
        ({"digest": "0" * 64}, f"proof of {CASE} in seal 6"),
        ({"seal": 8}, "seal 8"),
        ({"seal": 5}, "proofs.json"),
    ):
        proofs = [replace(one, **change) if one.seal == 6 else one for one in HELD.proofs]
        text = canonical([proof_line(one) for one in proofs]).encode()
        assert place in [one for _, one in places(signed(FILES | {"proofs.json": text}))]
    # Proofs that were left out are missed.
    text = canonical([proof_line(one) for one in HELD.proofs[:2]]).encode()
    (fault,) = check_bundle(signed(FILES | {"proofs.json": text})).faults
    assert (fault.kind, fault.place) == (FaultKind.REMOVED, "proofs.json")
    assert fault.text == "proofs.json does not prove the state of the case under seal 7."
    other = exported(sealed=31)
    (fault,) = check_bundle(bundle(replace(HELD, links=other))).faults
    assert "proves 30 entries where 31 were under seals" in fault.text
    # A bundle has to end with its export.
    links = links_of()
    other = signed(FILES | {"entries.jsonl": "".join(f"{one.body}\n" for one in links).encode()}, head=links[-1].head)
    assert ("removed", "entries.jsonl") in places(other)


def test_signatures_are_counted_and_numbers_do_not_keep_the_check_busy():
    # Signatures are counted.
    both = {"seal/2": NEW, "seal/3": OLD}
    files = {one.name: one.content for one in unpack(bundle(keys=both))}
    signatures = json.loads(files["manifest.sig"])
    less = files | {"manifest.sig": canonical({"seal/2": signatures["seal/2"]}).encode()}
    assert places(pack(less.items())) == [("removed", "manifest.sig")]
    more = FILES | {"manifest.sig": canonical(signatures | json.loads(FILES["manifest.sig"])).encode()}
    assert places(pack(more.items())) == [("added", "manifest.sig")]
    other = files | {"manifest.sig": canonical(dict.fromkeys(signatures, "00" * 64)).encode()}
    assert places(pack(other.items())) == [("altered", "manifest.json")] * 2
    assert ("removed", "manifest.json") in places(signed(FILES, {}))
    # A manifest that names any number does not keep the check busy.
    for last in (0, -1, 2**50):
        data = signed(FILES, head=Head(last, "0" * 64))
        assert ("altered", "manifest.json") in places(data)
    lines = [one.replace(f'"number":{7},', f'"number":{2**50},') if at == 7 else one for at, one in enumerate(LINES, 1)]
    assert places(with_entries(lines))[1:] == [("altered", entry(7))]


def rewritten(lines):
    """A chain of these bodies, signed, as anyone who has the key could make it."""
    text = "".join(f"{one}\n" for one in lines)
    return signed(FILES | {"entries.jsonl": text.encode()}, head=Head(len(lines), digest_of(lines[-1])))


@pytest.mark.apart
def test_entries_and_seals_of_another_kind_are_named():
    # Entries of another kind are named.
    for change in (
        {"details": [1]},
        {"actor": 5},
        {"event": None},
        {"made_with": "x"},
        {"at": "2026-03-05T09:00:00"},
        {"at": "0001-01-01T00:00:00+23:00"},
        {"at": "soon"},
        {"extra": 1},
    ):
        first = canonical(json.loads(LINES[0]) | change)
        assert ("altered", entry(1)) in places(rewritten([first]))
    # Deep nesting falls over nothing.
    deep = "[" * 100_000 + "]" * 100_000
    for name in ("manifest__json", "manifest__sig", "proofs__json", "seals__jsonl"):
        assert places(with_files(**{name: f"{deep}\n".encode()}))
    assert places(rewritten([LINES[0].replace('"details":{', f'"details":{{"a":{deep},')]))
    bad = write_published(replace(HELD.seals[0], body=deep))
    assert ("altered", "seal 5") in places(signed(FILES | {"seals.jsonl": bad.encode()}))
    # Seals of another kind are named.
    for change in ({"chains": "4"}, {"root": 5}, {"number": None}, {"made_with": 1}, {"keys": 3}):
        body = canonical(json.loads(HELD.seals[0].body) | change)
        line = write_published(replace(HELD.seals[0], body=body, digest=digest_of(body)))
        assert ("altered", "seal 5") in places(signed(FILES | {"seals.jsonl": line.encode()}))


def zipped(files, method=zipfile.ZIP_DEFLATED):
    """The files as an ordinary program zips them."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return held.getvalue()


def test_a_file_that_was_zipped_anew_is_not_whole_but_its_contents_are_as_signed():
    # A file that was zipped anew is not whole but its contents are as signed.
    for method, said in (
        (zipfile.ZIP_DEFLATED, "The file was compressed anew since it was made."),
        (zipfile.ZIP_STORED, "The file was zipped anew since it was made: its headers are not those of a bundle."),
    ):
        found = check_bundle(zipped(FILES, method))
        assert [fault.text for fault in found.faults] == [said]
        assert found.notes == ("What is in it is as it was signed.",)
        assert (found.is_whole, found.case_id, found.sealed) == (False, CASE, 30)
    # In another order they are as signed too.
    (fault,) = check_bundle(zipped(dict(sorted(FILES.items())))).faults
    assert fault.text == "The file was compressed anew since it was made."
    assert check_bundle(pack(reversed(FILES.items()))).notes == ("What is in it is as it was signed.",)
    # What was altered in a file that was compressed is named.
    altered = FILES | {"entries.jsonl": FILES["entries.jsonl"].replace(b"Aud Itor", b"Aud Utor")}
    found = check_bundle(zipped(altered))
    assert [(fault.kind.value, fault.place) for fault in found.faults] == [
        ("altered", "entries.jsonl"),
        ("altered", entry(37)),
        ("altered", "the file"),
    ]
    assert found.notes == ()
    # A bomb under a file's name is named and nothing that follows from it.
    found = check_bundle(zipped({"index.html": b"0" * 5_000_000}))
    assert found.faults[0].text.startswith("index.html comes out larger than is read")
    assert [fault.place for fault in found.faults[1:]] == [*NAMES[1:], "the file"]


def test_what_is_cut_off_is_named_as_far_as_it_is_there():
    # A file that is cut off is one sentence.
    for share in (0.1, 0.5, 0.9, 0.999):
        (fault,) = check_bundle(BUNDLE[: int(len(BUNDLE) * share)]).faults
        assert (fault.kind, fault.text) == (
            FaultKind.REMOVED,
            "The file is cut off: its end is not there as it was written.",
        )
    altered = with_entries([LINES[0].replace("Olga", "Eve"), *LINES[1:]])
    assert ("altered", entry(1)) in places(altered[:-1])
    # Without a manifest nothing is said of what depends on it.
    for manifest in (None, b"", b"{"):
        files = FILES | {"manifest.json": manifest, "entries.jsonl": b"nonsense"}
        found = check_bundle(pack((name, content) for name, content in files.items() if content is not None))
        assert [fault.place for fault in found.faults] == ["manifest.json"]
        assert (found.keys, found.case_id) == ({}, "")
    # Bytes before and after and cut off are noticed.
    for data in (b"x" + BUNDLE, BUNDLE + b"\0", BUNDLE[:-1], BUNDLE[: len(BUNDLE) // 2]):
        try:
            assert places(data)
        except BadInput as error:
            assert data.startswith(b"x"), error


def test_what_is_no_bundle_is_said_in_a_short_sentence():
    # What is no bundle is said to be none.
    for data in (b"", b"PK", b"PK\x05\x06" + bytes(18), pack([("other", b"")]), b"{}"):
        with pytest.raises(BadInput, match="no evidence bundle"):
            check_bundle(data)
    with pytest.raises(BadInput, match="larger than any"):
        check_bundle(BUNDLE, most_bytes=len(BUNDLE) - 1)
    data = pack([*FILES.items(), *((f"{number}", b"") for number in range(5000))])
    assert len(check_bundle(data).faults) < 100
    # Names from the file are fit to be printed.
    data = pack([*FILES.items(), ("\x1b[31mred", b""), ("long" * 200, b"")])
    shown = [fault.place for fault in check_bundle(data).faults]
    assert shown[0] == "\\x1b[31mred"
    assert len(shown[1]) < 100


@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_a_bundle_to_nobody(data):
    with pytest.raises(BadInput):
        check_bundle(data)


@given(st.sampled_from(NAMES), st.binary(max_size=80), st.integers(0, 10_000), st.integers(0, 200), st.booleans())
@pytest.mark.long
def test_arbitrary_bytes_in_any_file_are_named(name, put, at, cut, is_signed):
    old = FILES[name]
    content = old[: at % (len(old) + 1)] + put + old[at % (len(old) + 1) + cut :]
    if content == old:
        return
    files = FILES | {name: content}
    data = signed(files) if is_signed and name not in NAMES[-2:] else pack(files.items())
    found = check_bundle(data)
    assert not found.is_whole
    texts = " ".join(fault.text for fault in found.faults)
    assert name in texts or CASE in texts or "seal" in texts.lower()


JSONISH = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(["manifest.json", "manifest.sig", "proofs.json", "seals.jsonl", "entries.jsonl"]), JSONISH)
@pytest.mark.long
def test_any_json_in_any_file_is_a_fault_and_no_fall(name, value):
    text = json.dumps(value) + ("\n" if name.endswith("l") else "")
    assert places(pack((FILES | {name: text.encode()}).items()))


SIGNATURE = json.loads(FILES["manifest.sig"])["seal/2"]
SIGNATURES_OTHERWISE = {
    "capitals": SIGNATURE.upper(),
    "a megabyte of blanks": SIGNATURE + " " * (1 << 20),
    "blanks between": " ".join(SIGNATURE[place : place + 2] for place in range(0, 128, 2)),
    "a line's end": f"{SIGNATURE}\n",
    "a prefix": f"0x{SIGNATURE}",
}


@pytest.mark.apart
def test_another_form_of_the_same_is_not_what_was_made():
    # Capitals and a megabyte of blanks were "Whole".
    for signature in SIGNATURES_OTHERWISE.values():
        found = check_bundle(with_files(manifest__sig=canonical({"seal/2": signature}).encode()))
        assert [fault.place for fault in found.faults] == ["manifest.json"]
    # The same json in another form is not the file that was written.
    for name, number in [
        (name, number) for name in ("manifest.json", "manifest.sig", "proofs.json") for number in range(9)
    ]:
        forms = list(same_json(FILES[name].decode()))
        if number < len(forms):
            assert not check_bundle(with_files(**{name.replace(".", "__"): forms[number]})).is_whole
    # Signed anew by the real key, so that only the form of the seal is wrong.
    for number in range(9):
        first, *others = FILES["seals.jsonl"].decode().splitlines()
        content = b"\n".join([list(same_json(first))[number], *(one.encode() for one in others), b""])
        assert not check_bundle(signed(FILES | {"seals.jsonl": content})).is_whole
    # An entry says it in one form only, so that no two texts are the same entry, no matter who signs them.
    for old, new in (
        ("+00:00", "Z"),
        ("+00:00", "+00:00:00"),
        ("2026-03-05T09:00:00.000000+00:00", "2026-03-05T10:00:00.000000+01:00"),
        ("2026-03-05T09:00:00.000000", "20260305T090000"),
        ("T09:00:00.000000", " 09:00:00.000000"),
    ):
        body = LINES[0].replace(old, new)
        links = [replace(links_of(STORY[:1])[0], body=body, digest=digest_of(body))]
        head = Head(1, digest_of(body))
        data = signed(FILES | {"entries.jsonl": f"{links[0].body}\n".encode()}, head=head)
        assert "is not in the form in which entries are written" in " ".join(
            one.text for one in check_bundle(data).faults
        )


def same_json(text):
    """A text in other forms that most readers of JSON take for the same."""
    value = json.loads(text)
    yield json.dumps(value).encode()
    yield f" {text}".encode()
    yield f"{text}\n".encode()
    yield f"{text}\0".encode()
    yield f"\ufeff{text}".encode()
    yield text.encode("utf-16")
    yield f"{text}{text}".encode()
    first = next(iter(value)) if isinstance(value, dict) else ""
    if first:
        yield f'{{"{first}":0,{text[1:]}'.encode()
        yield text.replace(f'"{first}"', f'"\\u{ord(first[0]):04x}{first[1:]}"', 1).encode()
