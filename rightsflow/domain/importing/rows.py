"""The rows of a file as requests: each checked as a form is, and who is in it twice."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC

from rightsflow.domain.errors import BadInput
from rightsflow.domain.gates.decisions import Decision, Gate, IdentityCheck, Verdict
from rightsflow.domain.gates.identity import StatedCheck, read_check, refuse_impossible
from rightsflow.domain.identifiers import Identifier, IdentifierKind, identifier
from rightsflow.domain.importing.columns import CHECK_COLUMNS, Cells
from rightsflow.domain.importing.report import RowFault
from rightsflow.domain.people import refuse_no_colleague
from rightsflow.domain.request import Channel, Reading, Request, RequestForm, check_form


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CheckedRow:
    """A row that can be imported.

    Args:
        number: The row, counted as a spreadsheet does.
        request: What it asks for.
        identity: That identity is confirmed already, where the row says so with all facts of the check.
    """

    number: int
    request: Request
    identity: Decision | None = None

    @property
    def asked(self) -> tuple[str, ...]:
        """Keys of the right and the person, in one spelling: two rows with a key in common make the same request.

        None where it gives nothing but a number, which several people may have. Rows that give different things are
        compared as the cases that they become (:mod:`rightsflow.domain.case.persons`).
        """
        given = sorted(self.request.identifiers)
        phones = [item for item in given if item.kind is IdentifierKind.PHONE]
        who = [item for item in given if item.kind is not IdentifierKind.PHONE]
        numbers = {item.realm for item in who if item.finds}
        if len(numbers) > 1 or any(item.kind is IdentifierKind.EMAIL for item in who):
            return (self._told(who),)
        return tuple(self._told([*who, phone]) for phone in phones) if numbers else ()

    def _told(self, who: Sequence[Identifier]) -> str:
        said = [self.request.right.value, *([item.realm, item.value] for item in who), *self._corrected]
        return json.dumps(said, ensure_ascii=False)

    @property
    def _corrected(self) -> list[list[str]]:
        """Corrections wanted: each rectification names values of its own."""
        return [[correction.field, correction.old, correction.new] for correction in self.request.corrections]

    @property
    def content(self) -> str:
        """Content of the row in one spelling, equal for the same row again."""
        given = self.request
        return json.dumps(
            [
                given.right.value,
                sorted([item.realm, item.value] for item in given.identifiers),
                given.received_at.astimezone(UTC).isoformat(),
                given.channel.value,
                given.country,
                given.language,
                *([given.ground.value] if given.ground else []),
                *self._corrected,
            ],
            ensure_ascii=False,
        )


def check_row(row: Cells, reading: Reading, *, opened_by: str) -> CheckedRow | tuple[RowFault, ...]:
    """Check a row; where something is wrong, name all of it.

    Args:
        row: The row as it was read.
        reading: What it is read with.
        opened_by: Who imports it.
    """
    if row.fault:
        return (RowFault(row.number, "", row.fault),)
    read = check_form(_form(row, opened_by), reading)
    identity, wrong = _identity(row, reading)
    if identity and identity.check and isinstance(read, Request):
        wrong += _impossible(row, identity.check, read, reading)
    if not row.by_column["received"].strip():
        # By today's date a row would be another one tomorrow, and the month is counted from it.
        wrong.append(RowFault(row.number, "received", "The day of receipt is missing; give it like 2026-03-05."))
    if not isinstance(read, Request):
        wrong = [_fault(row, item.field, item.sentence) for item in read] + wrong
    elif not wrong:
        return CheckedRow(number=row.number, request=read, identity=identity)
    return tuple(sorted(wrong))


def _form(row: Cells, opened_by: str) -> RequestForm:
    cells = row.by_column
    given = {name: cells.get(name, "") for name in RequestForm.__dataclass_fields__ if name != "opened_by"}
    given["channel"] = given["channel"].strip() or Channel.NOT_STATED.value
    return RequestForm(**given, opened_by=opened_by)


def _identity(row: Cells, reading: Reading) -> tuple[Decision | None, list[RowFault]]:
    method, by = (row.by_column.get(f"identity_{name}", "").strip() for name in ("method", "by"))
    if not method and not by:
        return None, []
    if not by:
        return None, [
            _fault(row, "identity_by", "The name of the person who confirmed the identity is missing; give it.")
        ]
    if not method:
        return None, [
            _fault(row, "identity_method", "The way in which the identity was confirmed is missing; give it.")
        ]
    try:
        who = identifier(IdentifierKind.NAME, by).value
        refuse_no_colleague(who, [row.by_column.get("name", "")])
    except BadInput as error:
        return None, [_fault(row, "identity_by", str(error))]
    return _confirmed(row, who, reading)


def _confirmed(row: Cells, who: str, reading: Reading) -> tuple[Decision | None, list[RowFault]]:
    stated = StatedCheck(**{name: row.by_column.get(f"identity_{name}", "") for name in CHECK_COLUMNS})
    if stated.missing:
        # What was checked is not said, so a person checks at the gate.
        return None, []
    try:
        known, check = read_check(stated, reading.zone, reading.systems)
    except BadInput as error:
        return None, [_fault(row, _of_the_check(error, "method"), str(error))]
    return Decision(gate=Gate.IDENTITY, verdict=Verdict.CONFIRMED, by=who, method=known, check=check), []


def _impossible(row: Cells, check: IdentityCheck, request: Request, reading: Reading) -> list[RowFault]:
    try:
        refuse_impossible(check, received_at=request.received_at, now=reading.now, zone=reading.zone)
    except BadInput as error:
        return [_fault(row, _of_the_check(error, "at"), str(error))]
    return []


def _of_the_check(error: BadInput, otherwise: str) -> str:
    """The column of the fact of a check that is wrong."""
    return f"identity_{error.about if error.about in CHECK_COLUMNS else otherwise}"


def _fault(row: Cells, column: str, sentence: str) -> RowFault:
    return RowFault(row.number, "" if column == "opened_by" else column, sentence)
