"""Rectification: fields of the person's own profile get the right value where the wrong one stands (Art. 16 GDPR).

An e-mail address or a direct line is an identity, whose value is changed; an address that is put into the profile would
only be added to it. Each profile is read afresh afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import requests

from connectors.faults import request_id
from connectors.zendesk.conversations import Session
from connectors.zendesk.kinds import OWN_FIELDS, USER
from connectors.zendesk.people import UserDirectory, ZendeskUser
from connectors.zendesk.settings import ZendeskSettings
from rightsflow.domain.rectification.changes import (
    EMAIL,
    NAME,
    PHONE,
    Change,
    FieldEnd,
    FieldStanding,
    became,
    gone,
    known_after,
)
from rightsflow.domain.vocabulary.records import Outcome, Presence, PresenceState, RecordRef

_IDENTITY_TYPES: Final = {EMAIL: "email", PHONE: "phone_number"}
_OF_THE_PROFILE: Final = frozenset({"notes", "details", "alias"})
"""Zendesk's own free fields; any other is the key of a user field."""
_REFUSED: Final = 422
_STILL_WRONG: Final = "A value that was to be corrected is still in the profile."


def fields_of(settings: ZendeskSettings) -> frozenset[str]:
    """The fields of a profile that can be rectified."""
    return OWN_FIELDS | settings.rectify.keys()


def rectify(session: Session, refs: Sequence[RecordRef], changes: Sequence[Change]) -> Iterator[Outcome]:
    """Carry changes out in profiles; one outcome per ref."""
    for ref in refs:
        yield _Profile(session, changes).carry_out(ref)


def still_wrong(session: Session, refs: Sequence[RecordRef], changes: Sequence[Change]) -> Iterator[Presence]:
    """Tell whether each profile still has a wrong value; one answer per ref."""
    for ref in refs:
        is_wrong = ref.kind == USER and _Profile(session, changes).is_wrong(ref)
        state = PresenceState.PRESENT if is_wrong else PresenceState.ABSENT
        yield Presence(record=ref, state=state, detail=_STILL_WRONG if is_wrong else "")


class _Profile:
    """Corrects one profile."""

    def __init__(self, session: Session, changes: Sequence[Change]) -> None:
        self._session = session
        self._country = session.place.country
        self._known = known_after(session.known, changes, self._country)
        self._changes = [change for change in changes if change.field in fields_of(session.settings)]
        self._answer: requests.Response | None = None

    def carry_out(self, ref: RecordRef) -> Outcome:
        """Correct it, and read it afresh."""
        person = self._read(ref)
        if person.is_gone or not person.record.get("active", True):
            return gone([ref])[0]
        if not person.is_customer or not person.is_subject(self._known):
            return became(ref, dict.fromkeys(self._changes, FieldEnd.OTHERS))
        ends = dict[Change, FieldEnd]()
        for change in self._changes:
            if self._answer is not None and any(other.field == change.field for other in ends):
                person = self._read(ref)
            ends[change] = self._write(person, change)
        if self._answer is not None:
            fresh = self._read(ref)
            seen = {item: self._end(fresh, item) for item in self._changes if ends[item] is FieldEnd.DONE}
            ends |= {item: FieldEnd.NOT_TAKEN for item, end in seen.items() if end is not FieldEnd.DONE}
        return became(ref, ends, request_id(self._answer) if self._answer is not None else "")

    def is_wrong(self, ref: RecordRef) -> bool:
        """Return whether the profile has a wrong value while it is the person's."""
        person = self._read(ref)
        if person.is_gone or not person.is_subject(self._known):
            return False
        wrong = FieldStanding.WRONG
        return any(
            change.standing(value, self._country) is wrong
            for change in self._changes
            for value in self._of(person, change)
        )

    def _read(self, ref: RecordRef) -> ZendeskUser:
        session = self._session
        return UserDirectory(session.api, session.settings, session.place, self._known).one(int(ref.ref))

    def _of(self, person: ZendeskUser, change: Change) -> Iterable[object]:
        """Return the values of a field: each address or number of the profile, or ``None`` alone if it has none."""
        kind = _IDENTITY_TYPES.get(change.field)
        if kind is None:
            return [_value(person, self._session.settings, change.field)]
        listed = [identity["value"] for identity in person.identities if identity["type"] == kind]
        return dict.fromkeys([*listed, *filter(None, [person.record.get(change.field)])]) or [None]

    def _end(self, person: ZendeskUser, change: Change) -> FieldEnd:
        found = {change.standing(item, self._country) for item in self._of(person, change)}
        if FieldStanding.WRONG in found:
            return FieldEnd.NOT_TAKEN
        return FieldEnd.DONE if FieldStanding.RIGHT in found else FieldEnd.ANOTHER

    def _write(self, person: ZendeskUser, change: Change) -> FieldEnd:
        standing = {change.standing(item, self._country) for item in self._of(person, change)}
        if FieldStanding.WRONG not in standing:
            return self._end(person, change)
        path = f"/users/{person.id}"
        steps = self._identities(person, change, path) if change.field in _IDENTITY_TYPES else []
        if change.field not in _IDENTITY_TYPES:
            steps = [(path, {"user": _as_profile(person, self._session.settings, change)})]
        taken = [self._put(where, body) for where, body in steps]
        if change.field == PHONE and all(taken):
            taken.append(self._number(path, change))
        return FieldEnd.DONE if all(taken) else FieldEnd.NOT_TAKEN

    def _identities(self, person: ZendeskUser, change: Change, path: str) -> list[tuple[str, Mapping[str, object]]]:
        """Return the changes for the identities with the wrong value; if there are none, for the profile itself."""
        kind, wrong = _IDENTITY_TYPES[change.field], FieldStanding.WRONG
        these = [
            identity
            for identity in person.identities
            if identity["type"] == kind and change.standing(identity["value"], self._country) is wrong
        ]
        if not these and change.field == EMAIL:
            return [(path, {"user": {EMAIL: change.new}})]
        return [(f"{path}/identities/{identity['id']}", {"identity": {"value": change.new}}) for identity in these]

    def _number(self, path: str, change: Change) -> bool:
        """Correct the number in the profile itself, such as a shared one, which is no identity.

        In a profile with a direct line Zendesk adds a number that is put there; the wrong one is then cleared, and
        that only once the right one is in.
        """
        for number in (change.new, ""):
            present = (self._session.api.find(path, "user") or {}).get(PHONE)
            if change.standing(present, self._country) is not FieldStanding.WRONG or (not number and not change.old):
                return True
            if not self._put(path, {"user": {PHONE: number}}):
                return False
        return True

    def _put(self, path: str, body: Mapping[str, object]) -> bool:
        answer = self._session.api.put(path, body, allow=(_REFUSED,))
        self._answer = answer
        return answer.status_code != _REFUSED


def _value(person: ZendeskUser, settings: ZendeskSettings, field: str) -> object:
    if field == NAME:
        return person.record.get(NAME)
    key = settings.rectify[field]
    return person.record.get(key) if key in _OF_THE_PROFILE else (person.record.get("user_fields") or {}).get(key)


def _as_profile(person: ZendeskUser, settings: ZendeskSettings, change: Change) -> Mapping[str, object]:
    written = change.written(_value(person, settings, change.field))
    if change.field == NAME:
        return {NAME: written}
    key = settings.rectify[change.field]
    return {key: written} if key in _OF_THE_PROFILE else {"user_fields": {key: written}}
