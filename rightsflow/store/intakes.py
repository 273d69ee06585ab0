"""Form input that is no case yet: encrypted at once, so that Prefect never stores it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict

from sqlalchemy import select

from rightsflow.domain.request import RequestForm
from rightsflow.store.keyed_part import KeyedPart
from rightsflow.store.tables import CaseRow, IntakeRow


class Intakes(KeyedPart):
    """The encrypted forms: requests that are not opened yet, and form input that no flow has read."""

    def seal(self, intake_id: str, form: RequestForm) -> None:
        """Move a form into the vault; sealing the same intake again changes nothing."""
        with self._database.transaction() as session:
            if session.get(IntakeRow, intake_id) is None:
                sealed = self._keyring(session).seal_intake(intake_id, json.dumps(asdict(form)).encode())
                session.add(IntakeRow(id=intake_id, sealed_form=sealed, sealed_at=self._now()))

    def read(self, intake_id: str) -> RequestForm | None:
        """A sealed form in clear, or ``None`` where it became a case already or never was."""
        with self._database.transaction() as session:
            row = session.get(IntakeRow, intake_id)
            if row is None:
                return None
            return RequestForm(**json.loads(self._keyring(session).open_intake(intake_id, row.sealed_form)))

    def drop(self, intake_id: str) -> None:
        """Forget a sealed form."""
        with self._database.transaction() as session:
            row = session.get(IntakeRow, intake_id)
            if row is not None:
                session.delete(row)

    def keep_typed(self, run_id: str, typed: Mapping[str, object]) -> None:
        """Encrypt a form's input as JSON, and merge it with earlier input for the same run."""
        name = _typed_name(run_id)
        with self._database.transaction() as session:
            row, keyring = session.get(IntakeRow, name), self._keyring(session)
            before = json.loads(keyring.open_intake(name, row.sealed_form)) if row else {}
            text = json.dumps({**before, **typed}, default=str)
            session.merge(
                IntakeRow(id=name, sealed_form=keyring.seal_intake(name, text.encode()), sealed_at=self._now())
            )

    def read_typed(self, run_id: str) -> dict[str, object]:
        """Return the form input stored for a run, by field; empty if there is none."""
        name = _typed_name(run_id)
        with self._database.transaction() as session:
            row = session.get(IntakeRow, name)
            if row is None:
                return {}
            typed: dict[str, object] = json.loads(self._keyring(session).open_intake(name, row.sealed_form))
            return typed

    def move_typed(self, run_id: str, to_run_id: str) -> None:
        """Move a form's input to another run, which replaces the first."""
        if typed := self.read_typed(run_id):
            self.keep_typed(to_run_id, typed)
            self.drop_typed(run_id, typed)

    def drop_typed(self, run_id: str, fields: Collection[str]) -> None:
        """Delete some fields of a form's input; the others stay until they expire."""
        name = _typed_name(run_id)
        with self._database.transaction() as session:
            row = session.get(IntakeRow, name)
            if row is None:
                return
            keyring = self._keyring(session)
            rest = {
                field: value
                for field, value in json.loads(keyring.open_intake(name, row.sealed_form)).items()
                if field not in fields
            }
            if rest:
                row.sealed_form = keyring.seal_intake(name, json.dumps(rest).encode())
            else:
                session.delete(row)

    def case_of(self, intake_id: str) -> str | None:
        """The case that a sealed form became, or ``None``."""
        with self._database.transaction() as session:
            return session.scalar(select(CaseRow.id).where(CaseRow.intake_id == intake_id))


def _typed_name(run_id: str) -> str:
    """Return the name under which unread form input is stored, next to the intakes themselves."""
    return f"typed:{run_id}"
