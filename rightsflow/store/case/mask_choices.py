"""People's decisions on the redactions of a case's access package, encrypted and looked up by keyed hashes."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from rightsflow.domain.disclosure.mask_choices import (
    EditedFile,
    Interval,
    Made,
    MaskAct,
    MaskChoice,
    MaskGround,
    MaskPlace,
    MaskState,
    after_making,
)
from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.file_kinds import ProofFile
from rightsflow.domain.vocabulary.records import Blob, Document, Part, RecordRef
from rightsflow.store.core.case_ledger import CasePart
from rightsflow.store.tables import MaskChoiceRow
from rightsflow.vault import Keyring

REMARKS = "back/"
"""The secrets that say why the package was sent back begin so."""
_SEALED = "mask/choice"
_TAKEN_BACK = "taken back"
_COPY = "mask/copy/{}"


@dataclass(frozen=True, slots=True)
class PartHashes:
    """Keyed hashes of a case's records and of their parts, also when its file is closed.

    Args:
        case_id: The case.
        keyring: For keyed hashes.
    """

    case_id: str
    keyring: Keyring = field(repr=False)

    def of_record(self, ref: RecordRef) -> str:
        """Return the keyed hash of a record, as its findings have it."""
        return self.keyring.blind_index(f"record/{self.case_id}/{ref.system}/{ref.kind}", ref.ref)

    def of_part(self, part: Part, content: str = "") -> str:
        """Return the keyed hash of a part as it was copied, before any redaction.

        Args:
            part: The part.
            content: The SHA-256 of its bytes, where they count.
        """
        content_fields: list[object] = [part.record.system, part.record.kind, part.record.ref]
        if isinstance(part, Document):
            content_fields += [part.content, sorted(part.others)]
        if isinstance(part, Blob):
            content_fields += [part.name, part.media_type, part.metadata, content]
        text = json.dumps(content_fields, sort_keys=True, ensure_ascii=False, default=str)
        return self.keyring.blind_index(f"text/{self.case_id}/part", text)

    def of_parts(self, parts: Iterable[str]) -> str:
        """Return the keyed hash of a whole record, in whatever order it is read.

        Args:
            parts: The keyed hashes of its parts.
        """
        return self.keyring.blind_index(f"text/{self.case_id}/record", "|".join(sorted(parts)))


class MaskChoices(CasePart):
    """The choices of one case, and the remarks with which its package was sent back."""

    @property
    def hashes(self) -> PartHashes:
        """The keyed hashes by which records and their parts are looked up."""
        return PartHashes(self._context.row.id, self._context.keyring)

    def all(self) -> list[MaskChoice]:
        """Return every choice, oldest first."""
        return [self._choice(row) for row in self._rows()]

    def changed_by(self) -> set[str]:
        """Return the people whose decisions changed the package, or who undid such a decision of another person."""
        changed = {row.by for row in self._rows() if MaskAct(row.act).changes_the_package}
        deciders: defaultdict[str, set[str]] = defaultdict(set)
        for entry in self._ledger.entries(CaseEvent.MASKS_DECIDED):
            for record in entry.details["records"]:
                if entry.details["act"] == _TAKEN_BACK:
                    changed |= {entry.actor} if deciders[record] - {entry.actor} else set()
                elif MaskAct(entry.details["act"]).changes_the_package:
                    deciders[record].add(entry.actor)
        return changed

    def add(self, choices: Sequence[MaskChoice], *, by: str, package: str, copy: bytes = b"") -> None:
        """Store choices of one kind; they replace earlier choices for the same places or the same edited file.

        Args:
            choices: What was decided; at least one, all of one act, ground and reason.
            by: Who decided.
            package: The SHA-256 of the package that was read.
            copy: The copy that was edited by hand, where the choice is about one.
        """
        places = {place for item in choices if (place := _place(item))}
        rows = [(row, self._choice(row)) for row in self._rows()]
        over = [(row, item) for row, item in rows if _place(item) in places]
        if undone := [item for _, item in over if item.act.changes_the_package and item.state is not MaskState.LIFTED]:
            self._note(_TAKEN_BACK, undone, by=by, package=package)
        for row, _ in over:
            self._end(row)
        for choice in choices:
            row = MaskChoiceRow(
                case_id=self._context.row.id,
                record_hash=choice.record,
                part_hash=choice.part,
                act=choice.act.value,
                state=(MaskState.NOTED if choice.act.changes_the_package else MaskState.APPLIED).value,
                by=str(by),
                decided_at=self._context.now,
                sealed_choice=self._context.key.seal(_SEALED, _as_text(choice)),
                sealed_copy=self._context.key.seal_bytes(_COPY.format(choice.edited.sha256), copy)
                if choice.edited
                else None,
            )
            self._context.session.add(row)
        self._context.session.flush()
        self._context.puts_in(MaskChoiceRow)
        self._note(choices[0].act.value, choices, by=by, package=package)

    def copy_of(self, number: int) -> bytes:
        """Return a copy that was edited by hand, in clear.

        Args:
            number: The choice's number.

        Raises:
            BadInput: There is no such choice, or its copy was removed when the person had it.
        """
        row = next((row for row in self._rows() if row.id == number), None)
        edited = self._choice(row).edited if row else None
        if row is None or edited is None or row.sealed_copy is None:
            raise BadInput("This copy is gone: it was taken back, or removed when the person had got it.")
        return self._context.key.open_bytes(_COPY.format(edited.sha256), row.sealed_copy)

    def drop_copies(self) -> None:
        """Remove the copies that were edited by hand: they are in the package. Their hashes stay."""
        for row in self._rows():
            row.sealed_copy = None

    def note_remark(self, remark: str, keep: Callable[[str, str], None]) -> str:
        """Store the reason for sending the package back.

        Args:
            remark: Why; may name a person.
            keep: Keeps a secret of the case under a field.

        Returns:
            The remark's keyed hash, for the ledger; empty for none.
        """
        if not remark:
            return ""
        keep(f"{REMARKS}{self._context.now.isoformat()}", remark)
        return self._context.text_hash("reason", remark)

    def take_back(self, numbers: Collection[int], *, by: str, package: str) -> None:
        """Take choices back.

        Args:
            numbers: Their numbers.
            by: Who takes them back.
            package: The SHA-256 of the package that was read.
        """
        rows = [row for row in self._rows() if row.id in numbers]
        taken = [self._choice(row) for row in rows]
        for row in rows:
            self._end(row)
        self._context.session.flush()
        if taken:
            self._note(_TAKEN_BACK, taken, by=by, package=package)

    def note_made(self, made: Mapping[int, Made]) -> None:
        """Note the result of the making of the package.

        Args:
            made: By the choices' numbers.
        """
        if not made:
            return
        for row in self._rows():
            if row.id not in made:
                continue
            state = after_making(self._choice(row), made[row.id])
            if state is None:
                self._context.session.delete(row)
                continue
            row.state, row.places = state.value, made[row.id].places
        self._context.session.flush()

    def _end(self, row: MaskChoiceRow) -> None:
        if MaskState(row.state) is MaskState.APPLIED and MaskAct(row.act).changes_the_package:
            row.state = MaskState.LIFTED.value
        elif MaskState(row.state) is not MaskState.LIFTED:
            self._context.session.delete(row)

    def _note(self, act: str, choices: Iterable[MaskChoice], *, by: str, package: str) -> None:
        these = list(choices)
        edited = {choice.edited for choice in these if choice.edited}
        grounds = Counter(choice.ground.value for choice in these if choice.ground)
        reasons = {choice.reason for choice in these if choice.reason}
        self._ledger.append(
            CaseEvent.MASKS_DECIDED,
            actor=by,
            act=act,
            records=sorted({choice.record for choice in these}),
            count=len(these),
            protects=", ".join(sorted(grounds)),
            reason=self._context.text_hash("reason", " ".join(sorted(reasons))) if reasons else "",
            package=package,
            **({"edited": sorted(_told(item) for item in edited)} if edited else {}),
        )

    def _rows(self) -> list[MaskChoiceRow]:
        return self._context.rows(MaskChoiceRow)

    def _choice(self, row: MaskChoiceRow) -> MaskChoice:
        fields = json.loads(self._context.key.open(_SEALED, row.sealed_choice))
        return MaskChoice(
            number=row.id,
            record=row.record_hash,
            part=row.part_hash,
            act=MaskAct(row.act),
            state=MaskState(row.state),
            places=row.places,
            by=row.by,
            decided_at=row.decided_at,
            place=MaskPlace(**fields["place"]) if fields["place"] else None,
            kind=fields["kind"],
            passage=fields["passage"],
            interval=Interval(**fields["interval"]) if fields["interval"] else None,
            edited=_edited(fields.get("edited")),
            ground=MaskGround(fields["ground"]) if fields["ground"] else None,
            reason=fields["reason"],
        )


def _as_text(choice: MaskChoice) -> str:
    fields = {
        "place": asdict(choice.place) if choice.place else None,
        "kind": choice.kind,
        "passage": choice.passage,
        "interval": asdict(choice.interval) if choice.interval else None,
        "edited": asdict(choice.edited) if choice.edited else None,
        "ground": choice.ground.value if choice.ground else "",
        "reason": choice.reason,
    }
    return json.dumps(fields, ensure_ascii=False)


def _edited(said: Mapping[str, Any] | None) -> EditedFile | None:
    return EditedFile(**{**said, "kind": ProofFile(said["kind"])}) if said else None


def _told(edited: EditedFile) -> str:
    """Return the ledger's entry for a copy: its own hash and that of its original."""
    return f"copy {edited.sha256} of the original {edited.original_sha256}"


def _place(mask_choice: MaskChoice) -> tuple[object, ...] | None:
    """Return the place that only one choice can occupy; ``None`` for a choice that can stand beside others."""
    if mask_choice.place is None and mask_choice.edited is None:
        return None
    return mask_choice.record, mask_choice.part, mask_choice.place
