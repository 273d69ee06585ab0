"""The suppression list: whose address no import brings back and no advertising is sent to. Pure.

Of a person who was erased, or who objected to direct marketing (Art. 21(3) GDPR), the list keeps keyed hashes of the
e-mail addresses, telephone numbers and declared numbers of one person, why, since when and until when, and nothing
else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from rightsflow.domain.deadlines.periods import add_months
from rightsflow.domain.errors import BadInput
from rightsflow.domain.identifier_kinds import declared_kinds
from rightsflow.domain.identifiers import Identifier, IdentifierKind, identifier, kind_words
from rightsflow.domain.wording import day, listed


def is_listed(kind: IdentifierKind) -> bool:
    """Return whether identifiers of a kind go on the list.

    Addresses and telephone numbers, by which a person is contacted, and what the configuration declares to be one
    person's, by which an import brings them back. Devices and what households share stay off it.

    Args:
        kind: The kind.
    """
    is_contact = kind in {IdentifierKind.EMAIL, IdentifierKind.PHONE}
    return is_contact or (kind.declaration.form is not None and kind.is_strong)


class SuppressionReason(StrEnum):
    """The reason why an address is on the list."""

    OBJECTION = "objection"
    """The person objected to direct marketing; that has no end until the person takes it back."""
    CONSENT = "consent withdrawn"
    """The person withdrew a consent, for instance to a newsletter; that has no end either."""
    ERASURE = "erasure"
    """The person's data were erased, and an import must not bring them back; that has an end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """An entry of the list.

    Args:
        kind: What the address is.
        reason: Why it is listed.
        added_on: Since when, in the controller's zone.
        until: The last day on which it is listed; ``None`` without an end.
        case_id: The case in which it was added; empty for none.
    """

    kind: IdentifierKind
    reason: SuppressionReason
    added_on: date
    until: date | None
    case_id: str = ""

    def holds_on(self, today: date) -> bool:
        """Return whether the address is still listed on a day.

        Args:
            today: The day in the controller's zone.
        """
        return self.until is None or today <= self.until


def listable(identifiers: Iterable[Identifier]) -> tuple[Identifier, ...]:
    """Return the person's identifiers that go on the list.

    Args:
        identifiers: The person's own, none that other people use as well.
    """
    return tuple(sorted(item for item in identifiers if is_listed(item.kind)))


def listed_until(reason: SuppressionReason, today: date, months: int) -> date | None:
    """Return the last day of an entry that is made today; ``None`` without an end.

    Args:
        reason: Why it is made.
        today: The present day in the controller's zone.
        months: For how many months an erasure is listed.
    """
    return add_months(today, months) if reason is SuppressionReason.ERASURE else None


def read_contact(text: str, country: str) -> Identifier:
    """Read an e-mail address or a telephone number from a text; one with an ``@`` is an address.

    Args:
        text: As it was written; of a kind that the configuration declares with its name, ``contract=V-4711``.
        country: ISO 3166-1 alpha-2 code that a national number is read in.

    Raises:
        BadInput: It is neither; the message does not quote it.
    """
    name, _, value = text.partition("=")
    if (kind := IdentifierKind.stored(name.strip().lower())).declaration.form is not None and is_listed(kind):
        return identifier(kind, value)
    kind = IdentifierKind.EMAIL if "@" in text else IdentifierKind.PHONE
    try:
        return identifier(kind, text, country=country)
    except BadInput:
        raise BadInput("This is no e-mail address and no telephone number; give one of them.") from None


_WHY: Final = {
    SuppressionReason.OBJECTION: "because you objected to direct marketing (Art. 21(3) {law})",
    SuppressionReason.CONSENT: "because you withdrew your consent (Art. 7(3) {law})",
    SuppressionReason.ERASURE: (
        "so that an import from another source does not bring your data back (Art. 6(1)(f) {law})"
    ),
}


def in_words(entries: Sequence[Suppression], law: str) -> str:
    """Describe the list's entries for a person, to the person; empty if there are none.

    Args:
        entries: The entries.
        law: The law's name, as it is cited.
    """
    sentences = [
        _of_one_reason([entry for entry in entries if entry.reason is reason], law)
        for reason in SuppressionReason
        if any(entry.reason is reason for entry in entries)
    ]
    if not sentences:
        return ""
    reasons = {entry.reason for entry in entries}
    after = [said for said, of in _ONCE_REMOVED.items() if reasons & of]
    return " ".join((*sentences, f"If you wish, we remove them; {listed(after)}."))


_ONCE_REMOVED: Final = {
    "an import can then bring your data back": {SuppressionReason.ERASURE},
    "advertising of ours can then reach you again": {SuppressionReason.OBJECTION, SuppressionReason.CONSENT},
}
"""Consequences of removal from the list, by the reasons for the entry."""


def _of_one_reason(entries: Sequence[Suppression], law: str) -> str:
    kinds = sorted({entry.kind for entry in entries}, key=declared_kinds().index)
    counts = [(sum(entry.kind == kind for entry in entries), kind_words(kind)) for kind in kinds]
    named = listed([f"your {words[0] if count == 1 else words[1]}" for count, words in counts])
    ends = [entry.until for entry in entries if entry.until is not None]
    until = f"until {day(max(ends))}" if len(ends) == len(entries) else "without an end"
    return f"keyed codes of {named}, {_WHY[entries[0].reason].format(law=law)}, {until}."
