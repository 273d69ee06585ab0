"""The certificate: the same bytes from the same entries, in a format with a number."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields

from rightsflow.audit.evidence import certificate as module
from rightsflow.audit.evidence.certificate import certificate
from rightsflow.audit.evidence.fold import fold
from rightsflow.audit.evidence.record import CaseRecord
from rightsflow.audit.ledger.chain import canonical
from tests.support.story import CASE, entries_of

DIGEST = "e5950e17239a5feda2440763fe8ca188119e696a20659d639e7a551eb8e9b7b6"
"""The SHA-256 of the story's certificate in the present format."""


def test_it_holds_all_that_the_record_holds_in_canonical_json():
    # It holds all that the record holds.
    said = json.loads(certificate(fold(entries_of())))
    assert said.keys() == {field.name for field in fields(CaseRecord)} | {"certificate", "format"}
    assert (said["certificate"], said["format"], said["case_id"]) == ("rightsflow case", module.FORMAT, CASE)
    assert said["received_at"] == "2026-03-05T08:30:00+01:00", "as the sender's clock said"
    assert said["records"][0]["until"] == "2034-12-31"
    assert said["systems"][1]["outcomes"] == {"erased": 1, "redacted": 1}
    made = certificate(fold(entries_of()))
    assert canonical(json.loads(made)) == made
    # Every entry counts.
    whole = certificate(fold(entries_of()))
    entries = entries_of()
    for left_out in range(1, len(entries)):
        assert certificate(fold([*entries[:left_out], *entries[left_out + 1 :]])) != whole
    # Finished bundles are compared with what this version makes: if this fails, count ``FORMAT`` up.
    assert module.FORMAT == 1
    assert hashlib.sha256(certificate(fold(entries_of())).encode()).hexdigest() == DIGEST


def test_how_an_author_is_known_stands_apart_from_what_they_did():
    acted = (1, "AlertAcknowledged", "Olga", {"alert": "due-soon", "role": "officer", "signed_in": "signed in by OIDC"})
    record = fold([*entries_of(), *entries_of((acted,))])
    (new,) = [one for one in json.loads(certificate(record))["acts"] if one["by"] == "Olga"]
    assert (new["what"], new["role"], new["signed_in"]) == ("alert due-soon", "officer", "signed in by OIDC")
