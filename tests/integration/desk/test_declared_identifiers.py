"""Kinds of identifier of the configuration at the desk: asked for in forms, named where a person is found by them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rightsflow.config.sections.identifier_settings import IdentifierSettings, included_kinds
from tests.support.kinds import imei

KINDS = {name: IdentifierSettings.model_validate(included_kinds()[name]) for name in ("imei", "iban")}
TYPED = {"right": "access", "received": "2026-03-04", "channel": "letter", "form_id": "a" * 32}


@pytest.fixture
def officer(rig):
    settings = rig.bench.runtime.settings.model_copy(update={"identifiers": KINDS})
    rig.bench.runtime = replace(rig.bench.runtime, settings=settings)
    return rig.browser("olga")


def test_a_request_is_opened_by_a_declared_identifier_and_its_fault_stands_beside_its_field(rig, officer):
    page = officer.get("/open").text
    assert page.count("IMEI") >= 1
    assert "Such as 490154203237518; if the person had it for a time only" in page
    answer = officer.send("/open", **TYPED, imei="490154203237519")
    assert answer.status_code == 422
    assert "The IMEI is not valid; give one like 490154203237518." in answer.text
    iban = "DE89 3704 0044 0532 0130 00"
    opened = officer.send("/open", **TYPED, imei=f"{imei(1).value} 2024-01-01..", iban=iban)
    assert opened.status_code == 303
    case = opened.headers["location"].rpartition("/")[2]
    found = officer.send("/cases/person", "/cases", imei=imei(1).value)
    assert case in found.text
    with rig.bench.file(case) as file:
        assert file.identifiers.summary() == {"imei": 1, "iban": 1}
