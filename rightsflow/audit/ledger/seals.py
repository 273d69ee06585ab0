"""Seals: signed commitments to the heads of all chains, themselves chained, so that no one can rewrite the past.

A seal's body is canonical JSON; every signing key that is active signs it. A seal names the public keys of its time, so
that anyone who trusts one key can follow the seals to the next ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from json.encoder import encode_basestring

from rightsflow.audit.ledger.chain import Head, canonical, digest_of, read_object, read_written, written
from rightsflow.audit.ledger.checking import WRITTEN_AFTER
from rightsflow.audit.signing import SigningKey

_PUBLISHED: Mapping[str, type] = {"body": str, "digest": str, "number": int, "signatures": dict}
_SAID: Mapping[str, type] = {
    "at": str,
    "chains": int,
    "keys": list,
    "made_with": dict,
    "number": int,
    "previous": str,
    "proofs": int,
    "proved": str,
    "root": str,
}
"""The fields of a seal's body and the kind of each."""


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal as it is stored and published.

    Args:
        number: Its number, from 1.
        body: What is sealed, canonical JSON.
        digest: The SHA-256 of the body, hexadecimal.
        signatures: By each key's name, its signature over the body, hexadecimal.
    """

    number: int
    body: str
    digest: str
    signatures: Mapping[str, str]

    @property
    def place(self) -> str:
        """The seal's name in faults."""
        return f"seal {self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """A seal's content.

    Args:
        number: The seal's number, from 1.
        at: When it was made (aware).
        chains: How many chains there were.
        root: The Merkle root over their heads, in the order of their names, hexadecimal.
        proofs: How many proofs were made with it: one for each chain that had grown since it was last proved.
        proved: The SHA-256 over what is proved of these chains, as :class:`Proved` computes it, hexadecimal.
        previous: The SHA-256 of the body of the seal before, or :data:`rightsflow.audit.ledger.GENESIS`.
        keys: The public halves of the keys that sign it, by name.
        made_with: The version of the ``code`` it was made with, and what it notes of a clock that was behind.
    """

    number: int
    at: datetime
    chains: int
    root: str
    proofs: int
    proved: str
    previous: str
    keys: Mapping[str, str]
    made_with: Mapping[str, str]

    @property
    def latest(self) -> datetime:
        """The instant (aware) at which the seal was made, or the later one that it notes if its clock was behind."""
        try:
            return max(self.at, read_written(self.made_with[WRITTEN_AFTER]))
        except (KeyError, TypeError, ValueError):
            return self.at


@dataclass(frozen=True, slots=True, kw_only=True)
class SealProof:
    """The proof that a chain's head, as it was then, is under a seal.

    Args:
        seal: The seal's number.
        number: The number of the chain's last entry at that time.
        digest: Its SHA-256, hexadecimal.
        position: The chain's place among all chains.
        path: The hashes that lead from there to the seal's root, hexadecimal.
    """

    seal: int
    number: int
    digest: str
    position: int
    path: tuple[str, ...]


def leaf_of(chain: str, head: Head) -> bytes:
    """Return a chain's leaf in the tree of a seal: its name and its head, as canonical JSON."""
    # Written out, since a seal over a million chains would wait for a general encoder.
    return f'{{"chain":{encode_basestring(chain)},"digest":"{head.digest}","number":{head.number}}}'.encode()


class Proved:
    """A count of a seal's proofs, and a single hash over the proved heads.

    With it no one can let one of them go, nor put another in its place, even where a later seal proves the same chain.
    """

    def __init__(self) -> None:
        self.count = 0
        self._hash = sha256()

    def add(self, leaf: bytes) -> None:
        """Take the next one.

        Args:
            leaf: What the tree holds of the chain; the chains come in the order of their names.
        """
        self.count += 1
        # No leaf holds a line's end as it is, so that no two rows of leaves result in the same bytes.
        self._hash.update(leaf + b"\n")

    @property
    def digest(self) -> str:
        """The SHA-256 over all that were taken, hexadecimal."""
        return self._hash.hexdigest()


def make_seal(commitment: Commitment, keys: Mapping[str, SigningKey]) -> Seal:
    """Write and sign a seal.

    Args:
        commitment: What it says.
        keys: The keys that sign it, by name.

    Raises:
        ValueError: The instant has no time zone.
    """
    if commitment.at.tzinfo is None:
        raise ValueError("a seal needs an instant with a time zone")
    body = _body(commitment)
    signatures = {name: key.sign(body.encode()) for name, key in keys.items()}
    return Seal(commitment.number, body, digest_of(body), signatures)


def _body(commitment: Commitment) -> str:
    """Return the body of a seal, in the one form in which it is written."""
    return canonical(
        {
            "at": written(commitment.at),
            "chains": commitment.chains,
            "keys": [{"key": name, "public": public} for name, public in sorted(commitment.keys.items())],
            "made_with": dict(commitment.made_with),
            "number": commitment.number,
            "previous": commitment.previous,
            "proofs": commitment.proofs,
            "proved": commitment.proved,
            "root": commitment.root,
        }
    )


def read_seal(body: str) -> Commitment:
    """Read a seal's content from its body.

    Raises:
        ValueError: The text is not a seal, or is not in the one form in which seals are written.
    """
    raw = read_object(body, _SAID)
    try:
        keys = {str(item["key"]): str(item["public"]) for item in raw["keys"]}
    except (KeyError, TypeError):
        raise ValueError("a key of the seal lacks a field, or has one of another kind") from None
    commitment = Commitment(**{**raw, "at": read_written(raw["at"]), "keys": keys})
    if _body(commitment) != body:
        # A key that is there twice, or not in its place.
        raise ValueError("the seal is not in the form in which seals are written")
    return commitment


def file_name(seal: Seal) -> str:
    """Return the name under which a seal is published; names sort in the order of the seals."""
    return f"seal-{seal.number:08d}.json"


def write_published(seal: Seal) -> str:
    """Return a seal as it is published, in canonical JSON."""
    fields = {"body": seal.body, "digest": seal.digest, "number": seal.number, "signatures": dict(seal.signatures)}
    return canonical(fields) + "\n"


def read_published(text: str) -> Seal:
    """Read a published seal.

    Raises:
        ValueError: The text is not a seal.
    """
    if not text.endswith("\n"):
        raise ValueError("the seal is cut off")
    seal = Seal(**read_object(text.removesuffix("\n"), _PUBLISHED))
    if not all(isinstance(signature, str) for signature in seal.signatures.values()):
        raise ValueError("a signature of the seal is of another kind")
    return seal
