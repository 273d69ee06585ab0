"""``rightsflow case export``: the document in a file, and one sentence where it cannot be."""

from __future__ import annotations

import json

from tests.support.canary import Scanner
from tests.support.homes import ANNA, OPENER, assert_one_sentence

SCANNER = Scanner({**ANNA, "opener": OPENER})


def test_a_case_is_written_to_a_file_without_the_person(home):
    case, target = home.open(), home.folder / "case.jsonld"
    said = home.run("case", "export", case.lower(), "--format", "dpv", "-o", target, "--json")
    assert (said.status, said.err) == (0, "")
    assert said.document == {"case": case, "format": "dpv", "file": str(target)}
    document = json.loads(target.read_text(encoding="utf-8"))
    assert document["@graph"][0]["dct:identifier"] == case
    assert not SCANNER.scan(target.read_bytes(), "export")


def test_people_are_told_where_it_lies(home):
    case, target = home.open(), home.folder / "case.jsonld"
    assert home.run("case", "export", case, "-o", target).out == f"{case} is exported to {target}.\n"


def test_what_cannot_be_is_one_sentence_and_no_file(home):
    case, target = home.open(), home.folder / "case.jsonld"
    for arguments in (
        ("DSR-2026-000000", "-o", target),
        ("nonsense", "-o", target),
        (case,),
        (case, "-o", target, "--format", "drp"),
        (case, "-o", home.folder / "missing" / "case.jsonld"),
        (case, "-o", home.folder),
    ):
        assert_one_sentence(home.run("case", "export", *arguments), 2)
        assert not target.exists()
