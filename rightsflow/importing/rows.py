"""The rows of a file as requests: each checked as a form is, and who is in it twice."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC

from rightsflow.errors import BadInput
from rightsflow.gates import Decision, Gate, IdentityMethod, Verdict
from rightsflow.identifiers import Identifier, IdentifierKind, identifier
from rightsflow.importing.columns import Cells
from rightsflow.importing.report import DuplicateRow, RowFault
from rightsflow.people import refuse_no_colleague
from rightsflow.request import Channel, Reading, Request, RequestForm, check_form


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CheckedRow:
    """A row that can be imported.

    Args:
        number: The row, counted as a spreadsheet does.
        request: What it asks for.
        identity: That identity is confirmed already, where the row says so.
    """

    number: int
    request: Request
    identity: Decision | None = None

    @property
    def content(self) -> str:
        """What makes it this row, in one spelling: the same row again has the same."""
        given = self.request
        return json.dumps(
            [
                given.right.value,
                sorted([one.realm, one.value] for one in given.identifiers),
                given.received_at.astimezone(UTC).isoformat(),
                given.channel.value,
                given.country,
            ],
            ensure_ascii=False,
        )


def check_rows(rows: Iterable[Cells], reading: Reading, *, opened_by: str) -> tuple[list[CheckedRow], list[RowFault]]:
    """Check every row, and name all that is wrong.

    Args:
        rows: The rows as they were read.
        reading: What they are read with.
        opened_by: Who imports them.

    Returns:
        The rows that can be used, and what is wrong with the others.
    """
    checked: list[CheckedRow] = []
    faults: list[RowFault] = []
    for row in rows:
        if row.fault:
            faults.append(RowFault(row.number, "", row.fault))
            continue
        read = check_form(_form(row, opened_by), reading)
        identity, wrong = _identity(row)
        if not row.by_column["received"].strip():
            # By today's date a row would be another one tomorrow, and the month is counted from it.
            wrong.append(RowFault(row.number, "received", "The day of receipt is missing; give it like 2026-03-05."))
        if isinstance(read, Request) and not wrong:
            checked.append(CheckedRow(number=row.number, request=read, identity=identity))
            continue
        faults += wrong if isinstance(read, Request) else [_fault(row, one.field, one.sentence) for one in read] + wrong
    return checked, faults


def without_twins(rows: Sequence[CheckedRow]) -> tuple[list[CheckedRow], list[DuplicateRow]]:
    """The rows of which each asks for something else or for somebody else, and those that repeat one of them.

    As with forms: two ask for the same where the right is the same and an identifier that is searched for.

    Args:
        rows: The checked rows, in their order.
    """
    first: dict[tuple[str, Identifier], int] = {}
    kept: list[CheckedRow] = []
    twins: list[DuplicateRow] = []
    for row in rows:
        keys = [
            (row.request.right.value, one)
            for one in sorted(row.request.identifiers)
            if one.kind is not IdentifierKind.NAME
        ]
        before = [first[key] for key in keys if key in first]
        if before:
            twins.append(DuplicateRow(row.number, of_row=min(before)))
            continue
        kept.append(row)
        first |= dict.fromkeys(keys, row.number)
    return kept, twins


def _form(row: Cells, opened_by: str) -> RequestForm:
    cells = row.by_column
    given = {name: cells.get(name, "") for name in RequestForm.__dataclass_fields__ if name != "opened_by"}
    given["channel"] = given["channel"].strip() or Channel.EMAIL.value
    return RequestForm(**given, opened_by=opened_by)


def _identity(row: Cells) -> tuple[Decision | None, list[RowFault]]:
    method, by = (row.by_column.get(f"identity_{name}", "").strip() for name in ("method", "by"))
    if not method and not by:
        return None, []
    if not by:
        return None, [_fault(row, "identity_by", "It is not said who confirmed the identity; give the name.")]
    if not method:
        return None, [_fault(row, "identity_method", "It is not said how the identity was confirmed; give the way.")]
    try:
        who = identifier(IdentifierKind.NAME, by).value
        refuse_no_colleague(who, [row.by_column.get("name", "")])
    except BadInput as error:
        return None, [_fault(row, "identity_by", str(error))]
    known, said = IdentityMethod.read(method)
    return Decision(gate=Gate.IDENTITY, verdict=Verdict.CONFIRMED, by=who, method=known, reason=said), []


def _fault(row: Cells, column: str, sentence: str) -> RowFault:
    return RowFault(row.number, "" if column == "opened_by" else column, sentence)
