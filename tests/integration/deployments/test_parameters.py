"""Every parameter of every deployment is a reference of a bounded form or a number: Prefect keeps it in clear."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from prefect.utilities.callables import parameter_schema
from prefect.utilities.schema_tools import validate
from pydantic import Field

from deployments.catalogue import no_references, planned, shaped
from deployments.internals import form_of
from flows.references import TITLES, CaseId, Day, FileName, SystemName, TicketNumber, TicketRight

FORMS = {item.name: form_of(item) for item in planned(systems=("helpdesk", "payments"))}
PERSONAL = (
    "Anna Quillfeather",
    "anna.quill@example.com",
    "+49 30 23125 001",
    "Übelgönnegasse 147b, 10997 Berlin",
    "DE53 9995 0000 0774 1029 38",
    "",
)


def by_name(case_id: CaseId, email: str) -> None: ...
def by_secret(note: Annotated[str, Field(json_schema_extra={"reference": "case id"})]) -> None: ...
def by_switch(case_id: CaseId, dry_run: bool = False) -> None: ...
def by_list(cases: list[str]) -> None: ...
def by_any(case_id) -> None: ...
def by_plain_day(arrived_on: date) -> None: ...
def by_union(case_id: CaseId | str = "") -> None: ...


def all_references(
    case_id: CaseId, system: SystemName, ticket: TicketNumber, right: TicketRight, file: FileName, on: Day | None = None
) -> None: ...
def a_number(number: int) -> None: ...


def schema_of(function):
    return shaped(parameter_schema(function).model_dump(exclude_unset=True), ())


def test_each_deployment_takes_references_only_and_no_field_besides():
    for form in FORMS.values():
        assert no_references(form) == []
        assert form["additionalProperties"] is False
        assert set(form.get("properties", {})) <= set(TITLES)


def test_a_planted_parameter_is_found():
    for function, named in (
        (by_name, "email"),
        (by_secret, "note"),
        (by_switch, "dry_run"),
        (by_list, "cases"),
        (by_any, "case_id"),
        (by_plain_day, "arrived_on"),
        (by_union, "case_id"),
    ):
        assert no_references(schema_of(function)) == [named]

    for function in (all_references, a_number):
        assert no_references(schema_of(function)) == []


def test_no_parameter_takes_a_persons_data():
    for value in PERSONAL:
        for name in sorted(name for name, form in FORMS.items() if form.get("properties")):
            for parameter, item in FORMS[name]["properties"].items():
                form = {"type": "object", "properties": {parameter: item}}
                assert validate({parameter: value}, form), parameter


def test_a_reference_is_taken_and_a_system_is_one_that_is_configured():
    form = FORMS["open-from-ticket"]
    ticket = {"system": "helpdesk", "ticket": "4711", "right": "access"}
    assert not validate(ticket, form)
    assert not validate(ticket | {"ticket": "INC-4711", "received_on": "2026-03-05"}, form)
    assert validate(ticket | {"system": "elsewhere"}, form)
    assert validate({"ticket": "4711", "right": "access"}, form)
