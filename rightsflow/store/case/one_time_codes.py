"""One-time codes of a case, kept in the ledger as keyed hashes: identity codes, and links for processors' answers."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from rightsflow.domain.errors import BadInput
from rightsflow.domain.gates.decisions import OnFile
from rightsflow.domain.gates.identity import IdentityCode
from rightsflow.domain.processors.answers import LINK_TOKEN_BYTES, ConfirmationLink
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.store.case.outbox import Outbox
from rightsflow.store.core.case_ledger import CasePart, Ledger
from rightsflow.store.core.context import Context

_AFTERWARDS: Final[Mapping[str, Mapping[str, Any]]] = {
    CaseEvent.IDENTITY_CODE_SENT: {"is_sent": True},
    CaseEvent.IDENTITY_CODE_NOT_SENT: {"is_failed": True},
}


class IdentityCodes:
    """The codes of one case, each valid once; the codes themselves are not stored.

    Args:
        context: The open transaction, which holds the case's lock, so that no attempt is counted once for two.
        ledger: The case's ledger.
        outbox: Where the addresses are kept, encrypted.
    """

    def __init__(self, context: Context, ledger: Ledger, outbox: Outbox) -> None:
        self._context = context
        self._ledger = ledger
        self._outbox = outbox

    def all(self) -> list[IdentityCode]:
        """Return the codes that were made, oldest first."""
        codes: dict[int, IdentityCode] = {}
        for entry in self._ledger.entries(
            CaseEvent.IDENTITY_CODE_MADE, CaseEvent.IDENTITY_CODE_REJECTED, *map(CaseEvent, _AFTERWARDS)
        ):
            number = entry.details.get("number")
            if entry.event == CaseEvent.IDENTITY_CODE_MADE:
                codes[entry.details["number"]] = IdentityCode(
                    number=entry.details["number"],
                    digest=entry.details["hash"],
                    system=entry.details["held_by"],
                    on_file_since=date.fromisoformat(entry.details["on_file_since"]),
                    made_at=entry.at,
                )
            elif entry.event in _AFTERWARDS and number in codes:
                codes[number] = replace(codes[number], **_AFTERWARDS[entry.event])
            elif entry.event == CaseEvent.IDENTITY_CODE_REJECTED and number in codes:
                codes[number] = replace(codes[number], failures=codes[number].failures + 1)
        return list(codes.values())

    def make(self, code: str, *, system: str, since: date, address: str, by: str) -> IdentityCode:
        """Note that a code was made; the ones before do not count any more.

        Args:
            code: Its digits.
            system: The system that has the address on file.
            since: Since when, in the controller's zone.
            address: The address it goes to; kept encrypted, since an answer may go there once the code came back.
            by: Who sends it.
        """
        number = len(self.all()) + 1
        made = IdentityCode(
            number=number,
            digest=self._digest(number, code),
            system=system,
            on_file_since=since,
            made_at=self._context.now,
        )
        self._ledger.append(
            CaseEvent.IDENTITY_CODE_MADE,
            actor=by,
            number=number,
            hash=made.digest,
            against=OnFile.EMAIL.value,
            held_by=system,
            on_file_since=since.isoformat(),
            ends_at=made.ends_at.isoformat(),
        )
        self._outbox.keep_secret(_address_of(number), address)
        return made

    @property
    def proved_address(self) -> str:
        """The address to which the code went that the person gave back; empty where none was."""
        accepted = [entry.details["number"] for entry in self._ledger.entries(CaseEvent.IDENTITY_CODE_ACCEPTED)]
        return (self._outbox.secret(_address_of(accepted[-1])) or "") if accepted else ""

    def is_right(self, made: IdentityCode, code: str) -> bool:
        """Return whether a typed code matches the code that was made; in the same time for any code.

        Args:
            made: The code that was made.
            code: The digits that were typed.
        """
        return hmac.compare_digest(made.digest, self._digest(made.number, code))

    def choice(self, system: str, address: str) -> str:
        """Return the form value of an address on file: its keyed hash, stable for as long as the case exists.

        Args:
            system: The system that has it.
            address: The address.
        """
        return self._context.text_hash(f"on-file/{system}", address)

    def _digest(self, number: int, code: str) -> str:
        return self._context.text_hash(f"identity-code/{number}", code)


def _address_of(number: int) -> str:
    """Return the name of the secret that holds the address of a code."""
    return f"code/{number}/address"


NO_LINK = "This link is over, was used, or never was one. Answer by the mail that you have from us, with its reference."


def new_token() -> str:
    """Create a token for a link."""
    return secrets.token_urlsafe(LINK_TOKEN_BYTES)


class ConfirmationLinks(CasePart):
    """The links of one case; tokens are not stored. The case's lock keeps two users from using a link at once."""

    def all(self) -> list[ConfirmationLink]:
        """Return the links that were made, oldest first."""
        links: dict[str, ConfirmationLink] = {}
        for entry in self._ledger.entries(CaseEvent.CONFIRMATION_LINK_MADE, CaseEvent.CONFIRMATION_LINK_USED):
            if entry.event == CaseEvent.CONFIRMATION_LINK_MADE:
                links[entry.details["hash"]] = ConfirmationLink(
                    number=entry.details["number"],
                    digest=entry.details["hash"],
                    ends_at=datetime.fromisoformat(entry.details["ends_at"]),
                )
            elif entry.event == CaseEvent.CONFIRMATION_LINK_USED and entry.details["hash"] in links:
                links[entry.details["hash"]] = replace(links[entry.details["hash"]], is_used=True)
        return list(links.values())

    def make(self, number: int, processor: str, ends_at: datetime, token: str = "") -> str:
        """Create a link for an instruction; earlier links remain valid.

        Args:
            number: The instruction's number within the case.
            processor: The processor's key in the register.
            ends_at: Until when it can be used (aware).
            token: Its token, where it went out before the link counts; a new one by default.

        Returns:
            Its token, which is kept nowhere.
        """
        token = token or new_token()
        digest = self._digest(number, processor, token)
        self._ledger.append(
            CaseEvent.CONFIRMATION_LINK_MADE, number=number, hash=digest, ends_at=ends_at.isoformat(timespec="seconds")
        )
        return token

    def has_live(self, number: int) -> bool:
        """Return whether the processor has a usable link for an instruction.

        Args:
            number: The instruction's number within the case.
        """
        return any(item.number == number and item.is_live(self._context.now) for item in self.all())

    def demand(self, number: int, processor: str, token: str) -> ConfirmationLink:
        """Return the link of a token; takes the same time for any token.

        Args:
            number: The instruction's number within the case.
            processor: The processor's key in the register.
            token: What the link's address says.

        Raises:
            BadInput: There is none, it is over, or it was used.
        """
        digest = self._digest(number, processor, token)
        links = [item for item in self.all() if hmac.compare_digest(item.digest, digest)]
        if not any(item.number == number and item.is_live(self._context.now) for item in links):
            raise BadInput(NO_LINK)
        return links[0]

    def use(self, link: ConfirmationLink, *, by: str) -> None:
        """Note that a link was used; it is over with that.

        Args:
            link: The link.
            by: Who used it.
        """
        self._ledger.append(CaseEvent.CONFIRMATION_LINK_USED, actor=by, number=link.number, hash=link.digest)

    def _digest(self, number: int, processor: str, token: str) -> str:
        """Bound to the case, the instruction and the processor, so that a token is worth nothing at another."""
        return self._context.text_hash(f"confirmation-link/{number}/{processor}", token)
