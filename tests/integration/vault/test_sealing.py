"""Known answers of the three primitives, from the documents that define them, and what a sealed message withstands."""

from __future__ import annotations

import os
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightsflow.domain.errors import Misconfigured
from rightsflow.vault.sealing import derive, keyed_hash, seal, unseal
from tests.integration.vault import independent

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
blobs = st.binary(max_size=200)


class Gcm(NamedTuple):
    """One vector, hexadecimal."""

    key: str
    iv: str
    plaintext: str
    aad: str
    ciphertext: str
    tag: str

    @property
    def message(self) -> bytes:
        return bytes.fromhex(self.iv + self.ciphertext + self.tag)


_MCGREW = "feffe9928665731c6d6a8f9467308308" * 2
_TEXT = (
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
    "b16aedf5aa0de657ba637b391aafd255"
)
_CIPHER = (
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
    "c5f61e6393ba7a0abcc9f662898015ad"
)
GCM = {
    "specification, case 13": Gcm("00" * 32, "00" * 12, "", "", "", "530f8afbc74536b9a963b4f1c4cb738b"),
    "specification, case 14": Gcm(
        "00" * 32, "00" * 12, "00" * 16, "", "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919"
    ),
    "specification, case 15": Gcm(
        _MCGREW, "cafebabefacedbaddecaf888", _TEXT, "", _CIPHER, "b094dac5d93471bdec1a502270e3cc6c"
    ),
    "specification, case 16": Gcm(
        _MCGREW,
        "cafebabefacedbaddecaf888",
        _TEXT[:120],
        "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        _CIPHER[:120],
        "76fc6ece0f4e1768cddf8853bb2d551b",
    ),
    "CAVS, no text": Gcm(
        "b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4",
        "516c33929df5a3284ff463d7",
        "",
        "",
        "",
        "bdc1ac884d332457a1d2664f168c76f0",
    ),
    "CAVS, text": Gcm(
        "31bdadd96698c204aa9ce1448ea94ae1fb4a9a0b3c9d773b51bb1822666b8f22",
        "0d18e06c7c725ac9e362e1ce",
        "2db5168e932556f8089a0622981d017d",
        "",
        "fa4362189661d163fcd6a56d8bf0405a",
        "d636ac1bbedd5cc3ee727dc2ab4a9489",
    ),
    "CAVS, text and binding": Gcm(
        "92e11dcdaa866f5ce790fd24501f92509aacf4cb8b1339d50c9c1240935dd08b",
        "ac93a1a6145299bde902f21a",
        "2d71bcfa914e4ac045b2aa60955fad24",
        "1e0889016f67601c8ebea4943bc23ad6",
        "8995ae2e6df3dbf96fac7b7137bae67f",
        "eca5aa77d51d4a0a14d9c51e1da474ab",
    ),
}
"""The specification of GCM (McGrew and Viega, appendix B) for keys of 256 bits; NIST CAVS gcmEncryptExtIV256."""

HMAC = {
    "1": (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    "2": (
        b"Jefe",
        b"what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ),
    "3": (b"\xaa" * 20, b"\xdd" * 50, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
    "4": (bytes(range(1, 26)), b"\xcd" * 50, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
    "6": (
        b"\xaa" * 131,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ),
}
"""RFC 4231, section 4; case 5 is of a shortened output."""

HKDF = {
    "1": (b"\x0b" * 22, bytes.fromhex("f0f1f2f3f4f5f6f7f8f9"), bytes(range(13)), "3cb25f25faacd57a90434f64d0362f2a"),
    "2": (bytes(range(80)), bytes(range(0xB0, 0x100)), bytes(range(0x60, 0xB0)), "b11e398dc80327a1c8e7f78c596a4934"),
    "3": (b"\x0b" * 22, b"", None, "8da4e775a563c18f715f802a063c5a31"),
}
"""RFC 5869, appendix A: the beginning of the output, which does not depend on how much of it is asked for."""


@pytest.mark.parametrize("vector", GCM.values(), ids=GCM)
def test_aes_256_gcm_has_the_known_answers(vector: Gcm, monkeypatch: pytest.MonkeyPatch) -> None:
    key, plaintext, bound_to = (bytes.fromhex(text) for text in (vector.key, vector.plaintext, vector.aad))
    assert unseal(key, vector.message, bound_to) == plaintext
    monkeypatch.setattr(os, "urandom", lambda size: bytes.fromhex(vector.iv)[:size])
    assert seal(key, plaintext, bound_to) == vector.message


@pytest.mark.parametrize(("key", "message", "answer"), HMAC.values(), ids=HMAC)
def test_hmac_sha_256_has_the_known_answers(key: bytes, message: bytes, answer: str) -> None:
    assert keyed_hash(key, message) == answer


@pytest.mark.parametrize(("secret", "info", "salt", "answer"), HKDF.values(), ids=HKDF)
def test_hkdf_sha_256_has_the_known_answers(secret: bytes, info: bytes, salt: bytes | None, answer: str) -> None:
    assert derive(secret, info, salt).hex().startswith(answer)
    assert len(derive(secret, info, salt)) == 32


@given(blobs, blobs)
@settings(deadline=None)
def test_two_implementations_read_each_other(plaintext: bytes, bound_to: bytes) -> None:
    assert independent.unsealed(KEY, seal(KEY, plaintext, bound_to), bound_to) == plaintext
    assert unseal(KEY, independent.sealed(KEY, b"n" * 12, plaintext, bound_to), bound_to) == plaintext


@given(blobs, blobs, blobs, st.booleans())
@settings(deadline=None)
def test_it_opens_with_its_own_key_and_binding_only(one: bytes, bound: bytes, other: bytes, same_key: bool) -> None:
    message, key = seal(KEY, one, bound), KEY if same_key else OTHER
    if same_key and other == bound:
        assert unseal(key, message, other) == one
        return
    with pytest.raises(Misconfigured):
        unseal(key, message, other)


def test_no_nonce_is_used_twice() -> None:
    """Twenty thousand of 2**96: a counter that starts anew, or a clock, would show."""
    nonces = {seal(KEY, b"", b"")[:12] for _ in range(20_000)}
    assert len(nonces) == 20_000
    assert all(len({nonce[place] for nonce in nonces}) == 256 for place in range(12)), "every byte takes every value"
