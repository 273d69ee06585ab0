"""Seals: signed commitments to the heads of all chains, themselves chained, so that nobody can rewrite the past.

A seal's body is canonical JSON; every signing key that is active signs it. A seal names the public keys of its time, so
that whoever trusts one key can follow the seals to the next ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from json.encoder import encode_basestring

from rightsflow.audit.ledger.chain import GENESIS, Head, canonical, digest_of, read_object, read_written, written
from rightsflow.audit.ledger.checking import Fault, FaultKind
from rightsflow.audit.ledger.merkle import verify_path
from rightsflow.audit.ledger.succession import broken_succession
from rightsflow.audit.signing import SigningKey, verify_signature

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
    """A seal as it is kept and published.

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
        """What faults call it."""
        return f"seal {self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """What a seal says.

    Args:
        number: The seal's number, from 1.
        at: When it was made (aware).
        chains: How many chains there were.
        root: The Merkle root over their heads, in the order of their names, hexadecimal.
        proofs: How many proofs were made with it: one for each chain that had grown since it was last proved.
        proved: The SHA-256 over what is proved of these chains, as :class:`Proved` computes it, hexadecimal.
        previous: The SHA-256 of the body of the seal before, or :data:`rightsflow.audit.ledger.GENESIS`.
        keys: The public halves of the keys that sign it, by name.
        made_with: The version of the ``code`` it was made with.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class SealProof:
    """That a chain's head, as it was then, is under a seal.

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
    """What the tree of a seal holds of a chain: its name and its head, as canonical JSON."""
    # Written out, since a seal over a million chains would wait for a general encoder.
    return f'{{"chain":{encode_basestring(chain)},"digest":"{head.digest}","number":{head.number}}}'.encode()


class Proved:
    """Counts the proofs of a seal, and computes one hash over what they prove.

    With it nobody can let one of them go, nor put another in its place, even where a later seal proves the same chain.
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
        # No leaf holds a line's end as it is, so that no two rows of leaves come to the same bytes.
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
    """What a seal's body says, in the one form in which it is written."""
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
    """What a seal says, from its body.

    Raises:
        ValueError: The text is not a seal, or is not in the one form in which seals are written.
    """
    raw = read_object(body, _SAID)
    try:
        keys = {str(one["key"]): str(one["public"]) for one in raw["keys"]}
    except (KeyError, TypeError):
        raise ValueError("a key of the seal lacks a field, or has one of another kind") from None
    said = Commitment(**{**raw, "at": read_written(raw["at"]), "keys": keys})
    if _body(said) != body:
        # A key that is there twice, or not in its place.
        raise ValueError("the seal is not in the form in which seals are written")
    return said


def file_name(seal: Seal) -> str:
    """The name that a seal is published under; in the order of their names they are in that of their numbers."""
    return f"seal-{seal.number:08d}.json"


def write_published(seal: Seal) -> str:
    """A seal as it is published, canonical JSON."""
    fields = {"body": seal.body, "digest": seal.digest, "number": seal.number, "signatures": dict(seal.signatures)}
    return canonical(fields) + "\n"


def read_published(text: str) -> Seal:
    """A seal from how it was published.

    Raises:
        ValueError: The text is not a seal.
    """
    if not text.endswith("\n"):
        raise ValueError("the seal is cut off")
    seal = Seal(**read_object(text.removesuffix("\n"), _PUBLISHED))
    if not all(isinstance(one, str) for one in seal.signatures.values()):
        raise ValueError("a signature of the seal is of another kind")
    return seal


def check_published(published: Seal, kept: Seal | None) -> list[Fault]:
    """What is wrong with a seal that is kept, beside the one that was published.

    Args:
        published: As it was published.
        kept: The one with the same number that is kept, if there is one.
    """
    if kept is None:
        return [_fault(FaultKind.REMOVED, published, "was published, but is missing from the store")]
    return [] if kept == published else [_fault(FaultKind.ALTERED, kept, "is not the one that was published")]


def check_seal(seal: Seal, public_keys: Mapping[str, str]) -> list[Fault]:
    """Everything that is wrong with one seal by itself; empty for one that is whole and signed by a trusted key.

    Every key that it names has to have signed it. One of them at least has to be trusted; the others are only known to
    be the keys of whoever holds that one.

    Args:
        seal: The seal.
        public_keys: The public halves of the keys that are trusted, hexadecimal, by name.
    """
    if digest_of(seal.body) != seal.digest:
        return [_fault(FaultKind.ALTERED, seal, "does not have the hash that was kept of it")]
    try:
        said = read_seal(seal.body)
    except ValueError:
        return [_fault(FaultKind.ALTERED, seal, "is not in the form in which seals are written")]
    if said.number != seal.number:
        return [_fault(FaultKind.REORDERED, seal, f"was written as seal {said.number}")]
    return list(_unsigned(seal, said, public_keys))


def check_proof(chain: str, proof: SealProof, seal: Commitment) -> list[Fault]:
    """Whether a proof leads from a chain's head to the root of its seal; empty if it does.

    Args:
        chain: The chain.
        proof: The proof.
        seal: What the seal that it names says.
    """
    leaf = leaf_of(chain, Head(proof.number, proof.digest))
    if verify_path(leaf, proof.position, seal.chains, proof.path, seal.root):
        return []
    text = (
        f"Entry {proof.number} of {chain} is not under seal {proof.seal}: its proof does not lead to the seal's root."
    )
    return [Fault(FaultKind.ALTERED, f"proof of {chain} in seal {proof.seal}", text)]


class Follower:
    """Goes along the seals, one after the other, and knows which keys may be trusted by then.

    Args:
        trusted: The public halves of the keys that are trusted at the start, by name.
        after: The seal after which it starts; ``None`` for the beginning.
    """

    def __init__(self, trusted: Mapping[str, str], after: Seal | None = None) -> None:
        self.trusted = dict(trusted)
        self._keys: frozenset[str] = frozenset()
        self._number, self._digest = (after.number, after.digest) if after else (0, GENESIS)

    def take(self, seal: Seal) -> list[Fault]:
        """Everything that is wrong with the next seal: by itself, or in its place.

        From a seal that is whole on, its own keys are trusted and no others: a key that was retired signs no more, and
        none can let a newer one go.

        Args:
            seal: The seal that comes next.
        """
        faults = [*self._displaced(seal), *check_seal(seal, self.trusted)]
        self._number, self._digest = max(self._number, seal.number), seal.digest
        if not faults:
            keys = dict(read_seal(seal.body).keys)
            if broken := broken_succession(self._keys, keys):
                return [_fault(FaultKind.ALTERED, seal, broken)]
            self.trusted, self._keys = keys, frozenset(keys)
        return faults

    def _displaced(self, seal: Seal) -> Iterator[Fault]:
        expected = self._number + 1
        if seal.number < expected:
            yield _fault(FaultKind.REORDERED, seal, f"comes after seal {self._number}")
        elif seal.number > expected:
            yield _missing(expected, seal.number - 1)
        elif _previous(seal) not in (self._digest, None):
            yield _fault(FaultKind.ALTERED, seal, "was not written after the seal that stands before it")


def follow(seals: Iterable[Seal], trusted: Mapping[str, str]) -> dict[str, str]:
    """The keys that whoever trusts some keys may trust after some seals.

    Args:
        seals: All seals from the first on, in their order.
        trusted: The public halves of the keys that are trusted at the start, by name; one is enough.

    Returns:
        The public halves of the keys of the last seal, by name.

    Raises:
        ValueError: A seal is not whole, or is not signed by a key that is trusted by then.
    """
    follower = Follower(trusted)
    for seal in seals:
        for fault in follower.take(seal):
            raise ValueError(fault.text)
    return follower.trusted


def check_proved(number: int, found: Proved, seal: Commitment) -> list[Fault]:
    """Whether the proofs of a seal are those that were made with it; empty if they are.

    Args:
        number: The seal's number.
        found: The proofs that are there.
        seal: What the seal says.
    """
    if (found.count, found.digest) == (seal.proofs, seal.proved):
        return []
    place, made = f"seal {number}", f"Seal {number} was made with {seal.proofs} proofs"
    if found.count == seal.proofs:
        return [Fault(FaultKind.ALTERED, place, f"{made}, and those that are there are others.")]
    kind = FaultKind.REMOVED if found.count < seal.proofs else FaultKind.ADDED
    return [Fault(kind, place, f"{made}, but {found.count} are there.")]


def missing_seals(last: int, known: int) -> list[Fault]:
    """The fault that the newest seals are gone, where it is known how many there were."""
    return [_missing(last + 1, known)] if last < known else []


def _unsigned(seal: Seal, said: Commitment, public_keys: Mapping[str, str]) -> Iterator[Fault]:
    for name in sorted(seal.signatures.keys() - said.keys.keys()):
        yield _fault(FaultKind.ADDED, seal, f"carries a signature by {name}, which it does not name")
    data = seal.body.encode()
    for name, public in said.keys.items():
        if name not in seal.signatures:
            yield _fault(FaultKind.REMOVED, seal, f"lacks the signature by {name}")
        elif public_keys.get(name, public) != public:
            yield _fault(FaultKind.ALTERED, seal, f"names another key as {name} than the one that is known")
        elif not verify_signature(public, str(seal.signatures[name]), data):
            yield _fault(FaultKind.ALTERED, seal, f"has a signature by {name} that does not fit")
    if not said.keys.keys() & public_keys.keys():
        yield _fault(FaultKind.ADDED, seal, "is signed by no key that is trusted")


def _previous(seal: Seal) -> str | None:
    try:
        return read_seal(seal.body).previous
    except ValueError:
        return None


def _missing(first: int, last: int) -> Fault:
    if first == last:
        return Fault(FaultKind.REMOVED, f"seal {first}", f"Seal {first} is missing.")
    return Fault(FaultKind.REMOVED, f"seals {first} to {last}", f"Seals {first} to {last} are missing.")


def _fault(kind: FaultKind, seal: Seal, what: str) -> Fault:
    return Fault(kind, seal.place, f"Seal {seal.number} {what}.")
