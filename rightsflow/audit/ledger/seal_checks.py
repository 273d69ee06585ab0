"""Checks that seals are intact, signed by keys trusted at that point, and in their places; every fault is named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from rightsflow.audit.ledger.chain import GENESIS, Head, digest_of
from rightsflow.audit.ledger.checking import Fault, FaultKind
from rightsflow.audit.ledger.merkle import verify_path
from rightsflow.audit.ledger.seals import Commitment, Proved, Seal, SealProof, leaf_of, read_seal
from rightsflow.audit.signing import verify_signature

_NAME = re.compile(r"seal/([1-9][0-9]{0,8})")


def key_number(name: str) -> int:
    """Return the number of a key, ``3`` of ``seal/3``; 0 for any other name."""
    match = _NAME.fullmatch(name)
    return int(match[1]) if match else 0


def broken_succession(before: Iterable[str], after: Iterable[str]) -> str:
    """Return the fault in a succession of keys; empty if there is none.

    While two keys sign together, a holder of only the older key must not be able to continue alone. So the older key
    is retired first, and each new key is newer than all before.

    Args:
        before: The names of the keys that signed.
        after: The names of those that sign next.
    """
    earlier, later = set(before), set(after)
    for name in sorted(later):
        if not key_number(name):
            return f"names a key as {name!a}, as which none is called"
    kept, let_go, new = (sorted(some, key=key_number) for some in (earlier & later, earlier - later, later - earlier))
    if kept and let_go and key_number(let_go[-1]) > key_number(kept[0]):
        return f"is not signed by {let_go[-1]}, but by {kept[0]}, which is older"
    if new and earlier and key_number(new[0]) < max(map(key_number, earlier)):
        return f"is signed by {new[0]}, which is older than a key before it"
    return ""


def check_published(published: Seal, kept: Seal | None) -> list[Fault]:
    """Return the faults of a stored seal compared with the published one.

    Args:
        published: As it was published.
        kept: The one with the same number that is kept, if there is one.
    """
    if kept is None:
        return [_fault(FaultKind.REMOVED, published, "was published, but is missing from the store")]
    return [] if kept == published else [_fault(FaultKind.ALTERED, kept, "is not the one that was published")]


def check_seal(seal: Seal, public_keys: Mapping[str, str]) -> list[Fault]:
    """Return all faults of one seal by itself; empty if it is intact and signed by a trusted key.

    Every key that the seal names must have signed it. At least one of them must be trusted; the others are only known
    to belong to the holder of that key.

    Args:
        seal: The seal.
        public_keys: The public halves of the keys that are trusted, hexadecimal, by name.
    """
    if digest_of(seal.body) != seal.digest:
        return [_fault(FaultKind.ALTERED, seal, "does not have the hash that was kept of it")]
    try:
        commitment = read_seal(seal.body)
    except ValueError:
        return [_fault(FaultKind.ALTERED, seal, "is not in the form in which seals are written")]
    if commitment.number != seal.number:
        return [_fault(FaultKind.REORDERED, seal, f"was written as seal {commitment.number}")]
    return list(_unsigned(seal, commitment, public_keys))


def check_proof(chain: str, proof: SealProof, seal: Commitment) -> list[Fault]:
    """Check that a proof leads from a chain's head to the root of its seal; empty if it does.

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
        """Return all faults of the next seal: by itself, or in its place.

        After an intact seal, only its own keys are trusted: a retired key signs no more, and no key can retire a newer
        one.

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
    """Return the keys that can be trusted after some seals by anyone who trusts some keys.

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
    """Check that the proofs of a seal are those that were made with it; empty if they are.

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
    """Find that the newest seals are missing, where their number is known."""
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
