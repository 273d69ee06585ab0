"""Kinds of the configuration in requests, imports, look-ups, holds and the suppression list."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update

from rightsflow.app import current_app, installed
from rightsflow.cases.course.intake.file_import import import_requests
from rightsflow.cases.course.intake.opening import open_request_form
from rightsflow.cases.facts.persons import Sought, look_up
from rightsflow.cases.work.erasure.suppression import are_suppressed, suppress
from rightsflow.config.sections.identifier_settings import IdentifierSettings, included_kinds
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.identifiers import Identifier
from rightsflow.domain.request import RequestForm
from rightsflow.files.inbox import RequestFile
from rightsflow.store.tables import IdentifierRow
from tests.support.bench import running_bench
from tests.support.kinds import IMEI, RMA, imei

KINDS = {name: IdentifierSettings.model_validate(keys) for name, keys in included_kinds().items()}
PHONE, REPAIR = imei(3).value, "RMA-2026-00417"


@pytest.fixture
def bench(tmp_path):
    with running_bench(tmp_path) as made:
        settings = made.runtime.settings.model_copy(update={"identifiers": KINDS})
        made.runtime = replace(made.runtime, settings=settings)
        with installed(made.runtime):
            yield made


def opened(*further, **more):
    form = RequestForm(right="access", opened_by="Olga Opener", channel="letter", further=further, **more)
    return open_request_form(current_app(), form).case_id


def test_a_request_is_opened_and_found_by_declared_identifiers_alone(bench):
    case_id = opened(("rma", "rma-2026-00417"), ("imei", f"{PHONE[:8]} {PHONE[8:]} 2024-03-01..2025-06-30"))
    with bench.file(case_id) as file:
        asked = {item.kind: item for item in file.identifiers.asked_with()}
    assert asked.keys() == {RMA, IMEI}
    assert (asked[RMA].value, asked[IMEI].value) == (REPAIR, PHONE)
    assert [day.isoformat() for day in (asked[IMEI].had_since, asked[IMEI].had_until)] == ["2024-03-01", "2025-06-30"]
    found = look_up(current_app(), Sought(further=(("rma", REPAIR),)), by="Olga Opener")
    assert [item.case_id for item in found] == [case_id]
    # A repair number and a telephone are two proofs of one person; one device is none.
    both = ("rma", REPAIR), ("order", "A-1")
    opened(*both)
    with pytest.raises(Conflict):
        opened(*both)
    device = ("imei", PHONE), ("serial", "C02XL0ABJGH5")
    assert opened(*device) != opened(*device)


@pytest.mark.parametrize(
    ("further", "sentence"),
    [
        (("vin", "WVWZZZ1JZXW000001"), "The kind of identifier is not known; use one of imei, serial"),
        (("imei", "490154203237519"), "The IMEI is not valid; give one like 490154203237518."),
        (("imei", f"{PHONE} 2025-06-30..2024-03-01"), "The days of the IMEI end before they begin"),
        (("rma", f"{REPAIR} 2024-03-01.."), "Days are given only with what people have in turn"),
        (("imei", f"{PHONE} 2024-13-01.."), "The day is not a date"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_mend_and_without_quoting_it(bench, further, sentence):
    with pytest.raises(BadInput) as caught:
        opened(further)
    assert sentence in str(caught.value)
    assert further[1].split()[0] not in str(caught.value)


def test_an_import_has_a_column_for_each_kind(bench, tmp_path):
    file = tmp_path / "requests.csv"
    rows = [f"access,2026-03-04,{REPAIR},", f"erasure,2026-03-04,,{PHONE} 2024-03-01..", "access,2026-03-04,,1234"]
    file.write_text("\n".join(["right,received,rma,imei", *rows]))
    report = import_requests(current_app(), RequestFile(lambda: file.open("rb")), by="Olga Opener", dry_run=True)
    assert [(fault.row, fault.column) for fault in report.faults] == [(4, "imei")]
    file.write_text("\n".join(["right,received,rma,imei", *rows[:2]]))
    assert import_requests(current_app(), RequestFile(lambda: file.open("rb")), by="Olga Opener").opened == 2


def test_a_kind_that_is_declared_no_longer_is_still_read(bench):
    case_id = opened(("rma", REPAIR))
    with bench.runtime.store.database.engine.begin() as connection:
        connection.execute(update(IdentifierRow).values(kind="forgotten"))
    with bench.file(case_id) as file:
        rows, person = file.identifiers.summary(), file.identifiers.person()
    assert rows == {"forgotten": 1}
    assert not person.known


def test_the_suppression_list_takes_what_is_one_persons_and_no_device(bench):
    suppress(current_app(), Sought(further=(("contract", "V-4711"),)), by="Olga Opener")
    asked = ["contract=v-4711", "contract=V-4712", "x"]
    assert [one.value for one in are_suppressed(current_app(), asked)] == ["yes", "no", "invalid"]
    with pytest.raises(BadInput, match="declared identifiers of one person"):
        suppress(current_app(), Sought(further=(("imei", PHONE),)), by="Olga Opener")


def test_no_processor_is_told_of_a_device(bench):
    case_id = opened(("rma", REPAIR), ("imei", PHONE), ("ticket", "T-1"))
    with bench.file(case_id) as file:
        assert file.identifiers.of_no_other() == {Identifier(RMA, REPAIR)}
