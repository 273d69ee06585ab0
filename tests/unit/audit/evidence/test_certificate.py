"""The certificate: the same bytes from the same entries, in a format with a number."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields

import pytest

from rightsflow.audit.evidence import certificate as module
from rightsflow.audit.evidence.certificate import certificate
from rightsflow.audit.evidence.fold import fold
from rightsflow.audit.evidence.record import CaseRecord
from rightsflow.audit.ledger.chain import canonical
from tests.support.story import CASE, entries_of

FORMATS = {
    5: "94bc2b68facd66d13bcf8519c59535237a9b2c9d490618d909352b707acef08a",
    6: "3a02ce83b6e7fa2b42ba1966a84b9218ede6bdbd3cdb33166826772f8de81442",
    7: "dd7d61217a004377cd844f06cc2b95e248ac9330478645af2aa32dd7421b1346",
    8: "be665f34f8fc972e7a62bbdd4c4ce1b9ce07ac223f43f9d3c2bfc6812191ff51",
}
"""The SHA-256 of the story's certificate in each format that is made."""


def test_it_holds_all_that_the_record_holds():
    said = json.loads(certificate(fold(entries_of())))
    assert said.keys() == {field.name for field in fields(CaseRecord)} | {"certificate", "format"}
    assert (said["certificate"], said["format"], said["case_id"]) == ("rightsflow case", 8, CASE)
    assert said["received_at"] == "2026-03-05T08:30:00+01:00", "as the sender's clock said"
    assert said["records"][0]["until"] == "2034-12-31"
    assert said["systems"][1]["outcomes"] == {"erased": 1, "redacted": 1}


def test_it_is_canonical_json():
    made = certificate(fold(entries_of()))
    assert canonical(json.loads(made)) == made


def test_every_entry_counts():
    whole = certificate(fold(entries_of()))
    entries = entries_of()
    for left_out in range(1, len(entries)):
        assert certificate(fold([*entries[:left_out], *entries[left_out + 1 :]])) != whole


@pytest.mark.parametrize(("number", "digest_of_it"), FORMATS.items())
def test_another_certificate_from_the_same_entries_needs_another_number(number, digest_of_it):
    """Finished bundles are compared with what this version makes: if this fails, count ``FORMAT`` up."""
    assert {*module.EARLIER, module.FORMAT} == set(FORMATS)
    assert hashlib.sha256(certificate(fold(entries_of()), number).encode()).hexdigest() == digest_of_it


def test_how_an_author_is_known_stands_apart_from_what_they_did_since_format_8():
    acted = (1, "AlertAcknowledged", "Olga", {"alert": "due-soon", "role": "officer", "signed_in": "signed in by OIDC"})
    record = fold([*entries_of(), *entries_of((acted,))])
    (new,), (old,) = (
        [one for one in json.loads(certificate(record, number))["acts"] if one["by"] == "Olga"] for number in (8, 7)
    )
    assert (new["what"], new["role"], new["signed_in"]) == ("alert due-soon", "officer", "signed in by OIDC")
    assert old["what"] == "alert due-soon, role officer, signed in signed in by OIDC"
    assert "role" not in old
