"""A fake system whose records have fields that can be rectified."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.rectification.changes import Change, FieldEnd, FieldOf, FieldStanding, became, gone
from rightsflow.domain.vocabulary.records import Outcome, OutcomeKind, Presence, PresenceState, RecordRef
from rightsflow.testing.fakes import FakeRecord, FakeSystem


@dataclass(slots=True)
class FakeFields(FakeSystem):
    """As :class:`FakeSystem`, with fields beside the texts of its records.

    Args:
        values: The fields of each record, by its ref.
        not_taken: The fields of which the system takes no new value, and which it does not empty.
        foreseen: Of which fields it says that before anything is written.
    """

    values: dict[RecordRef, dict[str, str]] = field(default_factory=dict)
    not_taken: frozenset[str] = frozenset()
    foreseen: frozenset[FieldOf] = frozenset()

    def hold(self, ref: RecordRef, values: Mapping[str, str]) -> None:
        """Set the fields of a record.

        Args:
            ref: The record.
            values: What stands in them.
        """
        self.values[ref] = dict(values)

    def foresee(self, changes: Sequence[Change]) -> Iterator[FieldOf]:
        """Return the fields that can be foreseen, as far as changes are about them."""
        about = {change.field for change in changes}
        yield from self._faulty("foresee", sorted(field_of for field_of in self.foreseen if field_of.field in about))

    def rectify(self, refs: Sequence[RecordRef], changes: Sequence[Change], known: Identifiers) -> Iterator[Outcome]:
        """Write the right values in place of the wrong ones, in records of this person."""
        yield from self._faulty("rectify", (self._rectify(ref, changes, known) for ref in refs))

    def still_wrong(
        self, refs: Sequence[RecordRef], changes: Sequence[Change], known: Identifiers
    ) -> Iterator[Presence]:
        """Tell whether each record still has a wrong value."""
        yield from self._faulty("still_wrong", (self._look_at_fields(ref, changes, known) for ref in refs))

    def blank(self, refs: Sequence[RecordRef], fields: Collection[str], known: Identifiers) -> Iterator[Outcome]:
        """Empty fields of records of this person."""
        yield from self._faulty("blank", (self._blank(ref, fields, known) for ref in refs))

    def _blank(self, ref: RecordRef, fields: Collection[str], known: Identifiers) -> Outcome:
        record, held = self._held(ref), self.values.get(ref, {})
        filled = [item for item in sorted(fields) if held.get(item)]
        is_theirs = record is not None and record.names(known)
        left = [item for item in filled if not is_theirs or item in self.not_taken]
        held |= {item: "" for item in filled if item not in left}
        reason = f"{', '.join(left)}, since the system did not take it." if left else ""
        return Outcome(record=ref, kind=OutcomeKind.RETAINED, reason=reason, refused=bool(left))

    def _rectify(self, ref: RecordRef, changes: Sequence[Change], known: Identifiers) -> Outcome:
        record = self._held(ref)
        if record is None:
            return gone([ref])[0]
        if not record.names(known):
            return became(ref, {item: FieldEnd.OTHERS for item in changes if item.field in self.values[ref]})
        held, ends = self.values.setdefault(ref, {}), dict[Change, FieldEnd]()
        for change in changes:
            if change.field in held:
                ends[change] = self._write(held, change)
        return became(ref, ends)

    def _write(self, held: dict[str, str], change: Change) -> FieldEnd:
        standing = change.standing(held[change.field])
        if standing is FieldStanding.ANOTHER:
            return FieldEnd.ANOTHER
        if standing is FieldStanding.WRONG:
            if change.field in self.not_taken:
                return FieldEnd.NOT_TAKEN
            held[change.field] = change.written(held[change.field])
        return FieldEnd.DONE

    def _look_at_fields(self, ref: RecordRef, changes: Sequence[Change], known: Identifiers) -> Presence:
        record, held = self._held(ref), self.values.get(ref, {})
        is_theirs = record is not None and record.names(known)
        wrong = [
            change
            for change in changes
            if change.field in held and change.standing(held[change.field]) is FieldStanding.WRONG
        ]
        state = PresenceState.PRESENT if is_theirs and wrong else PresenceState.ABSENT
        return Presence(record=ref, state=state, detail="A wrong value is still there." if wrong else "")

    def _held(self, ref: RecordRef) -> FakeRecord | None:
        with self._lock:
            return self._records.get(ref)
