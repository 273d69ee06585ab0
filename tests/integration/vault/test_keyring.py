"""The keyring: keyed hashes of the known construction, and forms that open under their own id only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.errors import Misconfigured
from rightsflow.vault import Keyring
from tests.integration.vault import independent

KEYRING = Keyring(index=bytes(range(32)), intake=bytes(range(32, 64)))
OTHER = Keyring(index=b"x" * 32, intake=b"y" * 32)
texts = st.text(st.characters(exclude_categories=["Cs"]))
kinds = texts.filter(lambda text: "\x00" not in text)


def test_a_keyed_hash_is_the_known_construction() -> None:
    expected = independent.keyed_hash(KEYRING.index, b"email\x00anna@example.com")
    assert KEYRING.blind_index("email", "anna@example.com") == expected


@given(kinds, texts, kinds, texts)
def test_equal_only_for_equal_kind_and_value(kind: str, value: str, kind2: str, value2: str) -> None:
    same = KEYRING.blind_index(kind, value) == KEYRING.blind_index(kind2, value2)
    assert same == ((kind, value) == (kind2, value2))


def test_it_depends_on_the_key() -> None:
    assert KEYRING.blind_index("a", "b") != OTHER.blind_index("a", "b")


def test_a_sealed_form_is_the_known_construction_and_opens_under_its_own_id_only() -> None:
    sealed = KEYRING.seal_intake("run-1", b"form")
    assert independent.unsealed(KEYRING.intake, sealed, b"run-1") == b"form"
    assert KEYRING.open_intake("run-1", sealed) == b"form"
    for keyring, intake_id in ((KEYRING, "run-2"), (OTHER, "run-1")):
        with pytest.raises(Misconfigured):
            keyring.open_intake(intake_id, sealed)


def test_no_repr_shows_a_key() -> None:
    assert repr(KEYRING.index) not in repr(KEYRING)
    assert KEYRING.intake.hex() not in repr(KEYRING)
