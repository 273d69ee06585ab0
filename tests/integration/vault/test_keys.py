"""The keys: what they open, what they refuse, and what an altered message results in."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightsflow.domain.errors import Misconfigured
from rightsflow.vault import CaseKey, MasterKey
from tests.integration.vault import independent

SECRET = bytes(range(32))
CASE = "DSR-2026-7K3M9Q"
OTHER_CASE = "DSR-2026-7K3M9R"
texts = st.text(st.characters(exclude_categories=["Cs"]))


def flipped(sealed: bytes, position: int) -> bytes:
    altered = bytearray(sealed)
    altered[position] ^= 1
    return bytes(altered)


class TestCaseKeys:
    def test_a_wrapped_key_is_the_known_construction(self) -> None:
        key, wrapped = MasterKey(SECRET).new_case_key(CASE)
        plain = independent.unsealed(independent.hkdf(SECRET, b"rightsflow/wrap"), wrapped, CASE.encode())
        assert plain == key.secret
        assert len(plain) == 32

    def test_what_the_other_implementation_wrapped_is_unwrapped(self) -> None:
        wrapping = independent.hkdf(SECRET, b"rightsflow/wrap")
        wrapped = independent.sealed(wrapping, b"n" * 12, b"s" * 32, CASE.encode())
        assert MasterKey(SECRET).unwrap(CASE, wrapped) == CaseKey(CASE, b"s" * 32)

    def test_every_case_has_a_key_of_its_own(self) -> None:
        master = MasterKey(SECRET)
        assert master.new_case_key(CASE)[0].secret != master.new_case_key(CASE)[0].secret

    def test_a_key_is_bound_to_its_case(self) -> None:
        master = MasterKey(SECRET)
        _, wrapped = master.new_case_key(CASE)
        with pytest.raises(Misconfigured):
            master.unwrap(OTHER_CASE, wrapped)

    def test_another_master_key_is_one_clear_error(self) -> None:
        _, wrapped = MasterKey(SECRET).new_case_key(CASE)
        with pytest.raises(Misconfigured, match="restore the key that the case store was made with") as caught:
            MasterKey(b"x" * 32).unwrap(CASE, wrapped)
        assert caught.value.__suppress_context__

    def test_no_repr_shows_the_key(self) -> None:
        master = MasterKey(SECRET)
        key, _ = master.new_case_key(CASE)
        assert key.secret.hex() not in repr(key) + repr(master)
        assert repr(key.secret) not in repr(key)


class TestFields:
    @given(texts)
    def test_what_is_sealed_opens_again(self, text: str) -> None:
        key = CaseKey(CASE, SECRET)
        assert key.open("name", key.seal("name", text)) == text

    def test_it_is_the_known_construction(self) -> None:
        sealed = CaseKey(CASE, SECRET).seal("name", "Anna Ängström")
        assert independent.unsealed(SECRET, sealed, f"{CASE}/name".encode()).decode() == "Anna Ängström"

    @given(st.lists(st.tuples(texts, texts), min_size=2, max_size=6, unique=True))
    @settings(deadline=None)
    def test_case_and_field_are_both_bound(self, places: list[tuple[str, str]]) -> None:
        """Case ids hold no slash, so that no two places are bound alike."""
        first, *others = [(case.replace("/", ""), field) for case, field in places]
        sealed = CaseKey(first[0], SECRET).seal(first[1], "Anna")
        for case, field in others:
            if (case, field) != first:
                with pytest.raises(Misconfigured):
                    CaseKey(case, SECRET).open(field, sealed)

    def test_no_nonce_is_used_twice_under_one_key(self) -> None:
        key = CaseKey(CASE, SECRET)
        nonces = [key.seal(field, "Anna")[:12] for field in ("name", "reason") * 5_000]
        assert len(set(nonces)) == len(nonces)

    def test_equal_texts_do_not_look_equal(self) -> None:
        key = CaseKey(CASE, SECRET)
        assert key.seal("name", "Anna") != key.seal("name", "Anna")

    @pytest.mark.parametrize(
        ("key", "field"),
        [
            (CaseKey(CASE, SECRET), "reason"),
            (CaseKey(OTHER_CASE, SECRET), "name"),
            (CaseKey(CASE, b"x" * 32), "name"),
        ],
        ids=["another field", "another case", "another key"],
    )
    def test_it_opens_nowhere_else(self, key: CaseKey, field: str) -> None:
        sealed = CaseKey(CASE, SECRET).seal("name", "Anna")
        with pytest.raises(Misconfigured) as caught:
            key.open(field, sealed)
        assert "Anna" not in str(caught.value)

    def test_every_flipped_bit_is_noticed(self) -> None:
        key = CaseKey(CASE, SECRET)
        sealed = key.seal("name", "Anna")
        for position in range(len(sealed)):
            with pytest.raises(Misconfigured):
                key.open("name", flipped(sealed, position))

    def test_every_truncation_is_noticed(self) -> None:
        key = CaseKey(CASE, SECRET)
        sealed = key.seal("name", "Anna")
        for length in range(len(sealed)):
            with pytest.raises(Misconfigured):
                key.open("name", sealed[:length])


class TestKeysOfTheStore:
    def test_a_wrapped_key_is_the_known_construction(self) -> None:
        wrapped = MasterKey(SECRET).wrap("seal/1", b"s" * 32)
        wrapping = independent.hkdf(SECRET, b"rightsflow/wrap")
        assert independent.unsealed(wrapping, wrapped, b"vault-key/seal/1") == b"s" * 32

    def test_it_is_bound_to_its_name_and_is_no_cases_key(self) -> None:
        master = MasterKey(SECRET)
        wrapped = master.wrap("seal/1", b"s" * 32)
        assert master.unwrap_named("seal/1", wrapped) == b"s" * 32
        with pytest.raises(Misconfigured):
            master.unwrap_named("seal/2", wrapped)
        with pytest.raises(Misconfigured):
            master.unwrap("seal/1", wrapped)

    def test_the_first_keyring_is_what_the_store_hashed_with_before_it_kept_keys(self) -> None:
        keyring = MasterKey(SECRET).first_keyring()
        assert keyring.index == independent.hkdf(SECRET, b"rightsflow/index")
        assert keyring.intake == independent.hkdf(SECRET, b"rightsflow/intake")


class TestRotatedKeys:
    NEW, OLD = b"n" * 32, SECRET

    def test_the_first_wraps_and_each_unwraps(self) -> None:
        both = MasterKey(self.NEW, self.OLD)
        key, by_old = MasterKey(self.OLD).new_case_key(CASE)
        assert both.unwrap(CASE, by_old) == key
        by_new = both.wrap_case(key)
        assert MasterKey(self.NEW).unwrap(CASE, by_new) == key
        with pytest.raises(Misconfigured, match="start this process again"):
            MasterKey(self.OLD).unwrap(CASE, by_new)
        assert both.unwrap_named("index", MasterKey(self.OLD).wrap("index", b"i")) == b"i"

    def test_the_fingerprint_is_the_wrapping_ones_and_the_known_construction(self) -> None:
        both = MasterKey(self.NEW, self.OLD)
        prints = tuple(independent.hkdf(one, b"rightsflow/fingerprint").hex()[:16] for one in (self.NEW, self.OLD))
        assert both.fingerprints == prints
        assert both.fingerprint == MasterKey(self.NEW).fingerprint
        assert both.oldest.fingerprints == MasterKey(self.OLD).fingerprints

    def test_what_was_hashed_first_was_hashed_with_the_oldest(self) -> None:
        assert MasterKey(self.NEW, self.OLD).first_keyring() == MasterKey(self.OLD).first_keyring()

    def test_a_key_that_precedes_itself_is_one(self) -> None:
        new, old = MasterKey(self.NEW), MasterKey(self.OLD)
        assert new.preceded_by(new).fingerprints == new.fingerprints
        assert new.preceded_by(old).preceded_by(old).fingerprints == (new.fingerprint, old.fingerprint)

    def test_wrapping_anew_leaves_what_was_sealed_as_it_was(self) -> None:
        key, _ = MasterKey(self.OLD).new_case_key(CASE)
        sealed = key.seal("name", "Anna")
        again = MasterKey(self.NEW).unwrap(CASE, MasterKey(self.NEW).wrap_case(key))
        assert again.open("name", sealed) == "Anna"
