"""Erasing records by the steps of a description, or replacing the person's data in records that stay.

A record is read afresh before the first call. What the system removes along with it has to be gone before, since its
own outcome may be another. A sentence says how a record is, not what this run did: the run before may have done it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import requests

from connectors.faults import failure, fault_for, request_id
from connectors.rest.calls import AnswerRule, ApiCall, Meaning
from connectors.rest.client import Given, RestApi
from connectors.rest.kinds import DescribedKind, Erase
from connectors.rest.locate import day_of, names_others
from connectors.rest.paths import value_at
from connectors.rest.records import RestEntry, RestRecord, RestSession, holds_something
from rightsflow.domain.errors import Permanent
from rightsflow.domain.identifiers import strong
from rightsflow.domain.ownership import Standing
from rightsflow.domain.vocabulary.records import Method, Outcome, OutcomeKind, RecordRef

BY_NOW: Final = "By now it belongs to another person, so it was left as it is."
_SHARED_NOW: Final = "By now other people have written in it too, so it was left as it is."
_BESIDE: Final = "Another person's data stand in a field of it that would be replaced, so it was left as it is."
_RIGHTS_OF_OTHERS: Final = "Rights of others"
_DONE: Final = (Meaning.ERASED, Meaning.GONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerVerdict:
    """What an answer to an erasing call means.

    Args:
        means: The meaning.
        request_id: The vendor's request id.
        reason: Of a refusal: why.
        until: Of a refusal: the day after which it may be tried again.
    """

    means: Meaning
    request_id: str = ""
    reason: str = ""
    until: date | None = None


def verdict(
    api: RestApi, call: ApiCall, given: Given, rules: Sequence[AnswerRule], today: date, timezone: str, key: str = ""
) -> tuple[AnswerVerdict, Any]:
    """Make an erasing call, and read its answer by the rules of the description.

    Args:
        api: The calls of the operation.
        call: The call.
        given: The values of its placeholders.
        rules: What answers mean.
        today: The present day in the controller's zone.
        timezone: That zone.
        key: Lets the call be repeated, where the system knows ``Idempotency-Key``.

    Returns:
        The meaning, and the body where it is JSON.

    Raises:
        RightsflowError: No rule fits, and the status is an error.
    """
    answer = api.send(call, given, allow=_ANSWERS, key=key)
    tree = _json(answer)
    rule = next((rule for rule in rules if rule.fits(answer.status_code, tree)), None)
    means = rule.means if rule else _usual(api, answer, tree)
    if means is Meaning.LATER:
        raise failure(fault_for(503), system=api.http.system, operation=api.operation, response=answer)
    if means is Meaning.GONE:
        api.believe_gone(answer)
    until = None
    if rule and rule.until:
        until = day_of(value_at(tree, rule.until), timezone)
    if rule and rule.days and until is None:
        until = today + timedelta(days=rule.days)
    return AnswerVerdict(
        means=means, request_id=request_id(answer), reason=rule.reason if rule else "", until=until
    ), tree


_ANSWERS: Final = tuple(status for status in range(300, 600) if status != 401)


def _usual(api: RestApi, answer: requests.Response, tree: Any) -> Meaning:
    if answer.ok and answer.status_code < 300:
        api.held(tree, answer)
        return Meaning.ERASED
    if answer.status_code == 404:
        return Meaning.GONE
    fault = fault_for(answer.status_code)
    raise failure(fault, system=api.http.system, operation=api.operation, response=answer)


def _json(answer: requests.Response) -> Any:
    try:
        return answer.json()
    except requests.JSONDecodeError:
        return None


class RestEraser:
    """An erasure.

    Args:
        session: The operation.
        today: The present day in the controller's zone.
    """

    def __init__(self, session: RestSession, today: date) -> None:
        self._session, self._today = session, today
        self._title = session.description.system.title

    def run(self, refs: Sequence[RecordRef], method: Method) -> Iterator[Outcome]:
        """Yield an outcome per record, all of one kind.

        Raises:
            Permanent: The kind cannot be erased by that method.
        """
        kind = self._session.description.kinds[refs[0].kind]
        if method not in methods_of(kind):
            raise Permanent(
                f"{self._title} cannot erase this kind of record by that method; choose another in the plan.",
                system=self._session.system,
                operation="erase",
            )
        for ref in refs:
            obstacle, record = self.obstacle(ref, method)
            if obstacle is not None:
                yield obstacle
            elif method is Method.ERASE and (record is not None or _is_unseen(kind)):
                yield self._erase(ref, kind)
            elif record is None:
                yield self.erased(ref) if method is Method.ERASE else self.masked(ref)
            else:
                yield self._mask(record)

    def obstacle(self, ref: RecordRef, method: Method) -> tuple[Outcome | None, RestRecord | None]:
        """Read a record afresh; return the outcome of one that must not be touched, and the record that is there."""
        record = self._session.read(ref)
        if record is None:
            return None, None
        if self._session.standing(record) is Standing.OTHER:
            return _kept(ref, BY_NOW), record
        if method is Method.REDACT and self._masks_others(record):
            return _kept(ref, _BESIDE), record
        erase = record.kind.erase if method is Method.ERASE else None
        return self._against(record, erase) if erase else None, record

    def _against(self, record: RestRecord, erase: Erase) -> Outcome | None:
        """Return the outcome of a record that must not be erased although it is the subject's."""
        if names_others(self._session, record):
            return _kept(record.ref, _SHARED_NOW)
        if along := self._along(record, erase):
            reason = f"{self._title} would remove {along} with it, which stay."
            return Outcome(record=record.ref, kind=OutcomeKind.RETAINED, reason=reason, refused=True)
        for look in erase.preflight:
            answer = self._session.api.tree(self._session.api.send(look, self._session.given(record.ref)))
            if look.refuse_if.holds(answer):
                return self.refused(record.ref, AnswerVerdict(means=Meaning.REFUSED, reason=look.reason))
        return None

    def _along(self, record: RestRecord, erase: Erase) -> str:
        """Return what the system would remove along and is still there; empty if nothing."""
        for name, parent in self._session.below[record.ref.kind]:
            if parent.list is not None if erase.takes_along is None else name in erase.takes_along:
                for child in self._session.children(record, name, parent):
                    if not child.is_trashed:
                        return self._session.description.kinds[name].title
        return ""

    def _erase(self, ref: RecordRef, kind: DescribedKind) -> Outcome:
        said = AnswerVerdict(means=Meaning.GONE)
        for step in kind.erase.steps if kind.erase else ():
            said = self._said(step, ref, kind.erase.answers if kind.erase else ())
            if said.means not in _DONE:
                return self.refused(ref, said)
        return self.erased(ref, said.request_id)

    def _mask(self, record: RestRecord) -> Outcome:
        kind, said = record.kind, AnswerVerdict(means=Meaning.ERASED)
        for entry in self.own_entries(record):
            said = self._entry(record, entry)
            if said.means not in _DONE:
                return self.refused(record.ref, said)
        if kind.mask:
            said = self._said(kind.mask, record.ref, kind.mask.answers)
        return self.masked(record.ref, said.request_id) if said.means in _DONE else self.refused(record.ref, said)

    def _masks_others(self, record: RestRecord) -> bool:
        """Return whether a mask would replace what names another person in a record of several."""
        places = record.kind.mask.places if record.kind.mask and record.beside else ()
        within = tuple(f"{place}{sign}" for place in places for sign in ".[")
        named = {
            kind: tuple(path for path in paths if path in places or path.startswith(within))
            for kind, paths in record.kind.names.items()
        }
        return not self._session.naming.read(record.row, named).isdisjoint(strong(record.beside))

    def own_entries(self, record: RestRecord) -> list[RestEntry]:
        """Return the subject's entries of a record that no mask has emptied yet."""
        own, described = self._session.known | record.names, record.kind.entries
        entries = self._session.entries(record) if described else []
        return [entry for entry in entries if entry.is_of(own) and described and holds_something(described, entry.row)]

    def _entry(self, record: RestRecord, entry: RestEntry) -> AnswerVerdict:
        described = record.kind.entries
        call = (described.mask or described.erase) if described else None
        if call is None:
            return AnswerVerdict(means=Meaning.ERASED)
        given = self._session.given(record.ref) | {"entry": entry.id}
        rules = described.mask.answers if described and described.mask else ()
        return self._verdict(call, given, rules)

    def _said(self, call: ApiCall, ref: RecordRef, rules: Sequence[AnswerRule]) -> AnswerVerdict:
        if call.placeholders & self._session.description.kinds[ref.kind].given.keys():
            # The step before may have changed them.
            self._session.read(ref)
        return self._verdict(call, self._session.given(ref), rules)

    def _verdict(self, call: ApiCall, given: Given, rules: Sequence[AnswerRule]) -> AnswerVerdict:
        zone = self._session.place.timezone
        return verdict(self._session.api, call, given, rules, self._today, zone)[0]

    # -- outcomes --------------------------------------------------------------------------------------------------

    def erased(self, ref: RecordRef, request_id: str = "") -> Outcome:
        """Return the outcome of a record that is gone, whenever it went."""
        reason = f"It is deleted in {self._title}."
        return Outcome(record=ref, kind=OutcomeKind.ERASED, reason=reason, request_id=request_id)

    def masked(self, ref: RecordRef, request_id: str = "") -> Outcome:
        """Return the outcome of a record in which the subject's data are replaced."""
        reason = f"Your data in it are replaced in {self._title}."
        return Outcome(record=ref, kind=OutcomeKind.REDACTED, reason=reason, request_id=request_id)

    def refused(self, ref: RecordRef, said: AnswerVerdict) -> Outcome:
        """Return the outcome of a record that the system refuses to erase."""
        return Outcome(
            record=ref,
            kind=OutcomeKind.RETAINED,
            reason=f"{self._title} keeps it because {said.reason}.",
            until=said.until,
            refused=True,
            request_id=said.request_id,
        )


def _kept(ref: RecordRef, reason: str) -> Outcome:
    return Outcome(record=ref, kind=OutcomeKind.RETAINED, reason=reason, legal_basis=_RIGHTS_OF_OTHERS, refused=True)


def _is_unseen(kind: DescribedKind) -> bool:
    return kind.erase is not None and kind.erase.unseen


def methods_of(kind: DescribedKind) -> frozenset[Method]:
    """Return the methods by which records of a kind can be erased.

    Args:
        kind: The kind.
    """
    found = {Method.ERASE} if kind.erase else set()
    has_entries = kind.entries is not None and kind.entries.can_change
    return frozenset(found | ({Method.REDACT} if kind.mask or has_entries else set()))
