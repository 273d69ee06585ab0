"""Delivery of a letter: the channel and the proof.

The reference of a proof (a tracking number or the like) leads to the person. It is kept with the case's key, and the
ledger holds its keyed hash alone (Art. 5(1)(c), 32 GDPR).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from rightsflow.domain.errors import BadInput, safe_request_id
from rightsflow.domain.request import Channel

MOST_PROOF = 200
"""Longest reference of a proof, in characters."""

_QUEUED = re.compile(
    r"queued as (?P<postfix>\S+)|\bid=(?P<exim>\S+)|\[InternalId=(?P<exchange>\d+)"
    r"|^2\.0\.0 (?P<sendmail>\S+) Message accepted",
    re.IGNORECASE,
)
"""Ids of the mail in the answers of Postfix, Exim, Exchange and Sendmail to an accepted mail (RFC 5321, 4.2.5: the
text behind the code is free)."""


class DeliveryChannel(StrEnum):
    """The channel by which a letter was sent."""

    POST = "post"
    REGISTERED_POST = "registered post"
    EMAIL = "e-mail"
    PORTAL = "portal"
    HANDED_OVER = "handed over"


def is_answered_on_paper(channel: str) -> bool:
    """Return whether a request that came so is answered on paper: a letter shows no means to open a file.

    Only a request by electronic means is answered by such (Art. 12(3) GDPR), and each intelligibly (Art. 12(1)).

    Args:
        channel: How the request arrived, as it was stored.
    """
    return channel == Channel.LETTER


class AddressKind(StrEnum):
    """The source of the address to which a letter was mailed; the address itself is stated nowhere."""

    VERIFIED = "an address that a code proved"
    GIVEN = "the address that the request gave"
    CALLED_BACK = "the address that the request gave, of a person called back at the number on file"
    REPRESENTATIVE = "the representative's address, as it was given with the mandate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The delivery of a letter; unknown fields stay empty.

    Args:
        channel: By which way.
        proof: The reference of the proof that it was sent or delivered.
        smtp_code: The code with which the mail server took it, such as ``250``.
        queue_id: The mail server's id of the mail, where it can be kept (:mod:`rightsflow.domain.errors`).
        address: To which kind of address it was mailed.
        attached: What went with it, such as ``package``; empty for nothing.
    """

    channel: DeliveryChannel | None = None
    proof: str = field(default="", repr=False)
    smtp_code: str = ""
    queue_id: str = ""
    address: AddressKind | None = None
    attached: str = ""


def delivery(channel: str, proof: str) -> Delivery:
    """Read a person's statement on the delivery of a letter.

    Args:
        channel: By which way, in the words of :class:`DeliveryChannel`; empty if that is not known.
        proof: The reference of the proof; may be empty.

    Raises:
        BadInput: There is no such channel, or the reference is too long or not printable.
    """
    typed, reference = " ".join(channel.split()).lower(), " ".join(proof.split())
    if typed and typed not in set(DeliveryChannel):
        raise BadInput(f"There is no such channel of delivery; use one of {', '.join(DeliveryChannel)}.")
    if len(reference) > MOST_PROOF or not reference.isprintable():
        raise BadInput(f"The reference of the proof has to be printable and at most {MOST_PROOF} characters long.")
    return Delivery(channel=DeliveryChannel(typed) if typed else None, proof=reference)


def mailed(code: str, answer: str, address: AddressKind | None = None, attached: str = "") -> Delivery:
    """Return the delivery of a mailed letter; of the server's free text only the mail's id is stored.

    Args:
        code: The code of its answer.
        answer: The text of its answer.
        address: To which kind of address it was mailed.
        attached: What went with it; empty for nothing.
    """
    match = _QUEUED.search(answer)
    named = next((group for group in match.groups() if group), "").rstrip(";,.") if match else ""
    # An id that may hold something else is left out: a hash of it helps no one who reads the server's log.
    queue_id = named if named and safe_request_id(named) == named else ""
    return Delivery(
        channel=DeliveryChannel.EMAIL, smtp_code=code, queue_id=queue_id, address=address, attached=attached
    )
