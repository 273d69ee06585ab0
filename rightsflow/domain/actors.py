"""Actors: the people and policies that act, and the proof of each. Pure.

An :class:`Actor` is a name that also says what proves it. It goes wherever a name goes; a plain name proves nothing,
and counts as typed.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Self


class Proof(StrEnum):
    """The proof that an actor is who they say, in the words of ledger and evidence."""

    TYPED = "name typed, not signed in"
    PASSWORD_AND_CODE = "signed in by password and code"  # noqa: S105 - words, and no password
    PASSKEY = "signed in by passkey"
    OIDC = "signed in by OIDC"
    POLICY = "decided by a policy of the configuration"
    LINK = "answered by a one-time link"
    SIGNATURE = "answered with a signature that was checked"
    ORDER = "known by its token as a registered controller"
    SIGNED_ORDER = "known by its token and a signature that was checked"


class Actor(str):
    """The name of the person who acts, with its proof.

    Args:
        name: The person's name as lists and evidence show it.
        role: The role in which they act, such as ``approver``; empty where the name was typed.
        proof: What proves who it is.
    """

    __slots__ = ("proof", "role")

    role: str
    proof: Proof

    def __new__(cls, name: str, *, role: str = "", proof: Proof = Proof.TYPED) -> Self:
        """Create a name with its proof."""
        made = super().__new__(cls, name)
        made.role = role
        made.proof = proof
        return made

    @property
    def is_proved(self) -> bool:
        """True if the person was signed in."""
        return self.proof is not Proof.TYPED

    def named(self, name: str) -> Actor:
        """The same person under the name as it is kept, such as without double spaces.

        Args:
            name: The name.
        """
        return Actor(name, role=self.role, proof=self.proof)


NO_ONE_SIGNED_IN: Final = "no one signed in"
"""Name of the opener of a case that was opened in Prefect, which has no session."""
_NOT_PROVED: Final = ("", Proof.TYPED)


def proof_of(name: str) -> tuple[str, Proof]:
    """Return the role and the proof of a name; a plain name has no role and counts as typed.

    Args:
        name: Who acts.
    """
    return (name.role, name.proof) if isinstance(name, Actor) else _NOT_PROVED


def kept(name: str, as_kept: str) -> str:
    """Return a name as stored, without losing its proof.

    Args:
        name: Who acts, as given.
        as_kept: The same name, normalised.
    """
    return name.named(as_kept) if isinstance(name, Actor) else as_kept
