"""The one-time links by which processors answer, of one case: the ledger keeps them, as keyed hashes."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import replace
from datetime import datetime

from rightsflow.domain.errors import BadInput
from rightsflow.domain.processors.answers import LINK_TOKEN_BYTES, ConfirmationLink
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.store.core.case_ledger import CasePart

NO_LINK = "This link is over, was used, or never was one. Answer by the mail that you have from us, with its reference."


def new_token() -> str:
    """A token for a link."""
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
        """The link that a token belongs to; takes as long for any token.

        Args:
            number: The instruction's number within the case.
            processor: The processor's key in the register.
            token: What the link's address says.

        Raises:
            BadInput: There is none, it is over, or it was used.
        """
        digest = self._digest(number, processor, token)
        found = [item for item in self.all() if hmac.compare_digest(item.digest, digest)]
        if not any(item.number == number and item.is_live(self._context.now) for item in found):
            raise BadInput(NO_LINK)
        return found[0]

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
