"""The keys: what they open, what they refuse, and what an altered message comes to."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.errors import Misconfigured
from rightsflow.vault import CaseKey, MasterKey, create_key_file, load_master_key

SECRET = bytes(range(32))
CASE = "DSR-2026-7K3M9Q"
OTHER_CASE = "DSR-2026-7K3M9R"
texts = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "master.key"
    create_key_file(path)
    return path


def flipped(sealed: bytes, position: int) -> bytes:
    altered = bytearray(sealed)
    altered[position] ^= 1
    return bytes(altered)


def derived(purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, None, purpose).derive(SECRET)


class TestMasterKeyFile:
    def test_a_new_key_is_for_its_owner_only(self, key_file: Path) -> None:
        assert key_file.stat().st_mode & 0o777 == 0o600
        assert len(base64.b64decode(key_file.read_bytes())) == 32

    def test_a_new_key_does_not_depend_on_the_umask(self, tmp_path: Path) -> None:
        before = os.umask(0)
        try:
            create_key_file(tmp_path / "key")
        finally:
            os.umask(before)
        assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600

    def test_two_new_keys_differ(self, key_file: Path, tmp_path: Path) -> None:
        create_key_file(tmp_path / "another")
        assert (tmp_path / "another").read_bytes() != key_file.read_bytes()

    def test_an_existing_key_is_never_overwritten(self, key_file: Path) -> None:
        before = key_file.read_bytes()
        with pytest.raises(FileExistsError):
            create_key_file(key_file)
        assert key_file.read_bytes() == before

    def test_it_is_read_again_as_the_same_key(self, key_file: Path) -> None:
        one, two = load_master_key(f"file:{key_file}"), load_master_key(f"file:{key_file}")
        key, wrapped = one.new_case_key(CASE)
        assert two.unwrap(CASE, wrapped) == key

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o620, 0o601])
    def test_a_file_that_others_can_reach_is_refused(self, key_file: Path, mode: int) -> None:
        key_file.chmod(mode)
        with pytest.raises(Misconfigured, match="chmod 600"):
            load_master_key(f"file:{key_file}")

    def test_a_file_that_its_owner_can_only_read_is_accepted(self, key_file: Path) -> None:
        key_file.chmod(0o400)
        assert isinstance(load_master_key(f"file:{key_file}"), MasterKey)

    def test_a_missing_file_is_named_with_the_mend(self, tmp_path: Path) -> None:
        with pytest.raises(Misconfigured, match="rightsflow init"):
            load_master_key(f"file:{tmp_path / 'none'}")

    @pytest.mark.parametrize(
        "content",
        [
            base64.b64encode(b"x" * 31),
            base64.b64encode(b"x" * 33),
            b"not base64 at all!",
            b"\xff\xfe\x00 not text",
            base64.b64encode(b"x" * 32) + b"=trailing",
        ],
        ids=["31 bytes", "33 bytes", "no base64", "no text", "trailing"],
    )
    def test_what_is_not_32_bytes_in_base64_is_refused(self, key_file: Path, content: bytes) -> None:
        key_file.write_bytes(content)
        with pytest.raises(Misconfigured) as caught:
            load_master_key(f"file:{key_file}")
        assert content.decode("latin-1") not in str(caught.value)

    def test_an_empty_file_is_refused(self, key_file: Path) -> None:
        key_file.write_bytes(b"\n")
        with pytest.raises(Misconfigured, match="empty"):
            load_master_key(f"file:{key_file}")


class TestMasterKeyFromTheEnvironment:
    def test_it_is_read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TEST_KEY", base64.b64encode(SECRET).decode())
        assert load_master_key("env:TEST_KEY").blind_index("a", "b") == MasterKey(SECRET).blind_index("a", "b")

    def test_a_missing_variable_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("TEST_KEY", raising=False)
        with pytest.raises(Misconfigured, match="TEST_KEY"):
            load_master_key("env:TEST_KEY")

    def test_a_key_in_the_place_of_its_reference_is_not_quoted(self) -> None:
        key = base64.b64encode(SECRET).decode()
        with pytest.raises(Misconfigured, match="reference") as caught:
            load_master_key(key)
        assert key not in str(caught.value)
        assert caught.value.__suppress_context__


class TestCaseKeys:
    def test_a_wrapped_key_is_the_known_construction(self) -> None:
        key, wrapped = MasterKey(SECRET).new_case_key(CASE)
        plain = AESGCM(derived(b"rightsflow/wrap")).decrypt(wrapped[:12], wrapped[12:], CASE.encode())
        assert plain == key.secret
        assert len(plain) == 32

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
        plain = AESGCM(SECRET).decrypt(sealed[:12], sealed[12:], f"{CASE}/name".encode())
        assert plain.decode() == "Anna Ängström"

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


class TestIntake:
    def test_a_sealed_form_opens_under_its_own_id_only(self) -> None:
        master = MasterKey(SECRET)
        sealed = master.seal_intake("run-1", b"form")
        assert master.open_intake("run-1", sealed) == b"form"
        with pytest.raises(Misconfigured):
            master.open_intake("run-2", sealed)
        with pytest.raises(Misconfigured):
            MasterKey(b"x" * 32).open_intake("run-1", sealed)

    def test_a_wrapped_case_key_is_no_sealed_form(self) -> None:
        master = MasterKey(SECRET)
        _, wrapped = master.new_case_key(CASE)
        with pytest.raises(Misconfigured):
            master.open_intake(CASE, wrapped)


class TestBlindIndex:
    def test_it_is_the_known_construction(self) -> None:
        expected = hmac.new(derived(b"rightsflow/index"), b"email\x00anna@example.com", hashlib.sha256)
        assert MasterKey(SECRET).blind_index("email", "anna@example.com") == expected.hexdigest()

    @given(texts.filter(lambda text: "\x00" not in text), texts, texts.filter(lambda text: "\x00" not in text), texts)
    def test_equal_only_for_equal_kind_and_value(self, kind: str, value: str, kind2: str, value2: str) -> None:
        master = MasterKey(SECRET)
        same = master.blind_index(kind, value) == master.blind_index(kind2, value2)
        assert same == ((kind, value) == (kind2, value2))

    def test_it_depends_on_the_master_key(self) -> None:
        assert MasterKey(SECRET).blind_index("a", "b") != MasterKey(b"x" * 32).blind_index("a", "b")
