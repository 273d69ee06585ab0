"""The records of a fake system."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import date

from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.vocabulary.records import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeRecord:
    """A record of a fake system.

    Args:
        kind: One of the system's kinds.
        key: The system's own key, unique within the kind.
        texts: What each person has in it: who (all identifiers the record names for them) and the text. The first
            is the owner.
        profile: The key of the profile it hangs on; it is then found through that and not by itself.
        account: The key of the profile that it belongs to where it is found by itself, as an order is by its telephone
            number; that profile is reported with it.
        audio: Its bytes, if it is a recording.
        occurred_on: Its date.
        facts: What the plan has to know.
        locked_until: The last day of the system's lock; with it, or with ``Fact.LEGAL_HOLD``, nothing can be erased.
        language: The language on file for its owner, of a profile.
        restricted: Whether it is marked so that it is used for nothing.
        restricted_by: The case that the mark names; empty where it names none.
        card_code: The bytes of its audio in which a card's security number was recorded.
    """

    kind: str
    key: str
    texts: tuple[tuple[Identifiers, str], ...]
    profile: str = ""
    account: str = ""
    audio: bytes = b""
    occurred_on: date | None = None
    facts: frozenset[Fact] = frozenset()
    locked_until: date | None = None
    language: str = ""
    restricted: bool = False
    restricted_by: str = ""
    card_code: bytes = field(default=b"", repr=False)

    def __repr__(self) -> str:
        """Kind only: texts and key are personal data."""
        return f"<FakeRecord {self.kind}>"

    @property
    def sha256(self) -> str:
        """The SHA-256 of its audio, in hexadecimal."""
        return hashlib.sha256(self.audio).hexdigest()

    @property
    def all_facts(self) -> frozenset[Fact]:
        """The record's facts, with those implied by its date, its code and its texts."""
        meant = {Fact.LOCKED: self.locked_until, Fact.CARD_CODE: self.card_code, Fact.SHARED: len(self.texts) > 1}
        return self.facts | {fact for fact, is_so in meant.items() if is_so}

    @property
    def owner(self) -> Identifiers:
        """The identifiers of the record's owner."""
        return self.texts[0][0] if self.texts else frozenset()

    def names(self, known: Identifiers) -> bool:
        """Return whether the record still has any text of this person."""
        return any(person & known for person, _ in self.texts)

    def is_anothers(self, known: Identifiers) -> bool:
        """Return whether the record names other people and not this person, as after its key was reused."""
        return any(person for person, _ in self.texts) and not self.names(known)

    def muted(self) -> FakeRecord:
        """The same record with the card's security number silenced."""
        return replace(self, audio=self.audio.replace(self.card_code, bytes(len(self.card_code))), card_code=b"")

    def without(self, known: Identifiers) -> FakeRecord:
        """The same record without this person's texts and audio."""
        return replace(self, texts=tuple((who, text) for who, text in self.texts if not who & known), audio=b"")
