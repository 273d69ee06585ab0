"""Proofs that a chain's head is under the newest seal, also if the chain has not grown since an older seal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy.orm import Session

from rightsflow.audit.ledger import Head
from rightsflow.audit.ledger.merkle import Tree
from rightsflow.audit.ledger.seals import SealProof, leaf_of
from rightsflow.store.proofs.reading import rows
from rightsflow.store.proofs.seals import last_proved, last_seal, proofs_of


def proofs_up_to_now(session: Session, chain: str) -> list[SealProof]:
    """The proofs of a chain, oldest first, of which the last is of its head under the newest seal.

    Returns:
        None at all for a chain that is younger than the newest seal.
    """
    newest, proofs = last_seal(session), proofs_of(session, chain)
    if newest is None or not proofs or proofs[-1].seal == newest.number:
        return proofs
    return [*proofs, _under(session, newest.number, chain, proofs[-1])]


def _under(session: Session, seal: int, chain: str, last: SealProof) -> SealProof:
    """The last proof of a chain anew, under a later seal before which the chain had not grown.

    The tree of that seal can be built again whatever has grown since: its leaves are what the seals proved last.
    """
    position = 0

    def leaves() -> Iterator[bytes]:
        nonlocal position
        for place, (name, number, digest) in enumerate(rows(session, last_proved(session, seal))):
            if name == chain:
                position = place
            yield leaf_of(name, Head(number, digest))

    path = Tree(leaves()).path
    return replace(last, seal=seal, position=position, path=tuple(path(position)))
