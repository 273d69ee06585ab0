"""Signatures: the vectors of RFC 8032, and that nothing else fits."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from rightsflow.audit.signing import SigningKey, verify_signature

VECTORS = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24"
            "655141438e7a100b"
        ),
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aee"
            "b00d291612bb0c00"
        ),
    ),
]
KEY = SigningKey(bytes(32))


def test_signatures_are_those_of_rfc_8032() -> None:
    for secret, public, data, signature in VECTORS:
        key = SigningKey(bytes.fromhex(secret))
        assert (key.public, key.sign(bytes.fromhex(data))) == (public, signature)
        assert verify_signature(public, signature, bytes.fromhex(data))


@given(st.binary(max_size=50), st.integers(0, 511))
def test_no_other_bit_fits(data: bytes, bit: int) -> None:
    signature = bytearray.fromhex(KEY.sign(data))
    signature[bit // 8] ^= 1 << bit % 8
    assert not verify_signature(KEY.public, signature.hex(), data)
    assert not verify_signature(KEY.public, KEY.sign(data), data + b"x")
    assert not verify_signature(SigningKey(bytes([1]) * 32).public, KEY.sign(data), data)


def test_a_signature_and_a_key_have_one_form() -> None:
    # Rubbish is no signature and no key.
    for rubbish in ("", "00", "zz" * 32, "é", "0" * 130):
        assert not verify_signature(KEY.public, rubbish, b"")
        assert not verify_signature(rubbish, KEY.sign(b""), b"")
    # Capitals and a megabyte of blanks were taken for the signature that was made.
    for form in OTHER_FORMS.values():
        signature = KEY.sign(b"data")
        assert verify_signature(KEY.public, signature, b"data")
        assert not verify_signature(KEY.public, form(signature), b"data")
        assert not verify_signature(form(KEY.public), signature, b"data")
    # Each new key is another and can be kept.
    one, two = SigningKey.new(), SigningKey.new()
    assert one.public != two.public
    assert SigningKey(one.secret).public == one.public
    assert one.secret.hex() not in repr(one)


def one_capital(text: str) -> str:
    at = next(place for place, one in enumerate(text) if one.isalpha())
    return text[:at] + text[at].upper() + text[at + 1 :]


OTHER_FORMS: dict[str, Callable[[str], str]] = {
    "capitals": str.upper,
    "one capital": one_capital,
    "blanks between": lambda text: " ".join(text[place : place + 2] for place in range(0, len(text), 2)),
    "a megabyte of blanks behind": lambda text: text + " " * (1 << 20),
    "a megabyte of blanks before": lambda text: " " * (1 << 20) + text,
    "a line's end": lambda text: f"{text}\n",
    "a prefix": lambda text: f"0x{text}",
    "a mark of the byte order": lambda text: f"\ufeff{text}",
    "wide digits": lambda text: "".join(chr(ord(one) + 0xFEE0) if one.isdigit() else one for one in text),
    "arabic digits": lambda text: "".join(chr(ord(one) + 0x0630) if one.isdigit() else one for one in text),
    "one byte more": lambda text: f"{text}00",
    "one digit less": lambda text: text[:-1],
    "twice": lambda text: text * 2,
}
