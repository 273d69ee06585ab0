"""Each claim of the threat model is held by tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "explanation" / "threat-model.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py(?:::\w+)*)`", PAGE)))


def test_tests_are_named():
    assert len(NAMED) > 25


def test_each_named_test_is_there():
    for named in NAMED:
        path, *names = named.split("::")
        there = re.findall(r"^ *(?:async )?def (\w+)\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)
        assert any(name.startswith("test_") for name in there), named
        assert set(names) <= set(there), named


def test_every_section_names_a_test():
    for section in [part.splitlines()[0] for part in PAGE.split("\n## ")[1:]]:
        (text,) = [part for part in PAGE.split("\n## ")[1:] if part.splitlines()[0] == section]
        assert re.search(r"`tests/", text)
