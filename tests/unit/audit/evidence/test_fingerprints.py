"""The published key: its fingerprint, and how it is given."""

from __future__ import annotations

import json

import pytest

from rightsflow.audit.evidence.fingerprints import fingerprint, trusted_keys
from rightsflow.domain.errors import BadInput
from tests.support.story import NEW


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
