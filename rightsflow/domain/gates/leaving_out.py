"""The legal grounds on which a record is left out of an access answer: a list, no one's own words. Pure."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Final

from rightsflow.domain.case.record_decisions import RIGHTS_OF_OTHERS, RecordDecision
from rightsflow.domain.errors import BadInput


class LeaveOutGround(StrEnum):
    """The ground for withholding a record from the person."""

    OTHERS = "rights of others"
    SECRETS = "trade secrets"
    PRIVILEGE = "professional secrecy"
    INVESTIGATION = "investigation of an offence"
    NATIONAL_LAW = "national law"

    @property
    def words(self) -> str:
        """The reason, in a sentence for the person."""
        return _WORDS[self]

    @property
    def is_national(self) -> bool:
        """True if the ground is a law of the country, whose provision has to be named (Art. 23 GDPR)."""
        return self in {LeaveOutGround.PRIVILEGE, LeaveOutGround.INVESTIGATION, LeaveOutGround.NATIONAL_LAW}

    @classmethod
    def read(cls, ground: str) -> LeaveOutGround | None:
        """Return the ground that is named; ``None`` where it is none of the list.

        Args:
            ground: As it was decided.
        """
        folded = ground.strip().casefold()
        return cls(folded) if folded in set(cls) else None


_WORDS: Final = MappingProxyType(
    {
        LeaveOutGround.OTHERS: "A copy would adversely affect the rights and freedoms of other people.",
        LeaveOutGround.SECRETS: "A copy would disclose trade secrets or infringe intellectual property.",
        LeaveOutGround.PRIVILEGE: "They are subject to a duty of professional secrecy.",
        LeaveOutGround.INVESTIGATION: "A copy would impede the prevention or investigation of an offence.",
        LeaveOutGround.NATIONAL_LAW: "A law that applies to us restricts the right of access to them.",
    }
)


def refuse_other_grounds(decision: RecordDecision) -> None:
    """Refuse to leave a record out of an access answer on a ground that is not in the list.

    Args:
        decision: What is decided.

    Raises:
        BadInput: It is none of the list, or one of a national law without its provision.
    """
    ground = LeaveOutGround.read(decision.ground)
    if ground is None:
        raise BadInput(f"A record is left out of a copy on a legal ground alone; use {', '.join(LeaveOutGround)}.")
    if ground.is_national and decision.provision == RIGHTS_OF_OTHERS:
        raise BadInput(f"The ground {ground.value} needs the provision of the national law, such as § 29 BDSG.")
