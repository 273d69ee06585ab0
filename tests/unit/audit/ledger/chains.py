"""Invented chains, seals and what can be done to them, for the tests of the ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from rightsflow.audit.ledger import GENESIS, START, Head, Link, link
from rightsflow.audit.ledger.chain import digest_of
from rightsflow.audit.ledger.merkle import Tree
from rightsflow.audit.ledger.seals import Commitment, Proved, Seal, leaf_of, make_seal
from rightsflow.audit.signing import SigningKey

CHAIN, OTHER = "DSR-2026-7K3M9Q", "DSR-2026-7K3M9R"
AT = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
MADE_WITH = {"code": "0.1.0", "rules": "gdpr/3"}
EVENTS = ("CaseOpened", "StepDone", "LetterWritten", "LetterSent", "CaseAnswered")
ONE, TWO, THREE = (SigningKey(bytes([number]) * 32) for number in (1, 2, 3))


def links(count: int = 5, chain: str = CHAIN) -> list[Link]:
    """A whole chain of so many entries."""
    made, head = [], START
    for number in range(count):
        event = EVENTS[number % len(EVENTS)]
        at = AT + timedelta(minutes=number)
        one = link(head, chain, event, at=at, actor="Olga", details={"matches": number}, made_with=MADE_WITH)
        made.append(one)
        head = one.head
    return made


def head_of(made: list[Link]) -> Head:
    """The head of a chain."""
    return made[-1].head if made else START


def rewritten(one: Link, old: str, new: str) -> Link:
    """An entry changed by a person who also puts the hash right."""
    body = one.body.replace(old, new)
    assert body != one.body
    return replace(one, body=body, digest=digest_of(body))


def tree_of(heads: dict[str, Head]) -> Tree:
    """The tree over some heads."""
    return Tree(leaf_of(chain, heads[chain]) for chain in sorted(heads))


def sealed(
    previous: Seal | None, *keys: SigningKey, root: str = "a" * 64, chains: int = 1, names: tuple[str, ...] = ()
) -> Seal:
    """The seal after another one, signed by some keys."""
    named = dict(zip(names or [f"seal/{(ONE, TWO, THREE).index(key) + 1}" for key in keys], keys, strict=True))
    number = previous.number + 1 if previous else 1
    commitment = Commitment(
        number=number,
        at=AT + timedelta(days=number),
        chains=chains,
        root=root,
        proofs=0,
        proved=Proved().digest,
        previous=previous.digest if previous else GENESIS,
        keys={name: key.public for name, key in named.items()},
        made_with={"code": "0.1.0"},
    )
    return make_seal(commitment, named)


def row(*signers: tuple[SigningKey, ...]) -> list[Seal]:
    """A chain of seals, each with its signers."""
    made: list[Seal] = []
    for keys in signers:
        made.append(sealed(made[-1] if made else None, *keys))
    return made
