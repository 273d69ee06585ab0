"""What is seen of our own certificate before others refuse it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connectors.opendsr.signing import Signer
from tests.support.peers.opendsr import DOMAIN, PEM, certificate, key_pem


def test_a_certificate_that_others_refuse_is_told(tmp_path):
    for made, domain, said in (
        ({}, DOMAIN, ""),
        ({"domain": f"*.{DOMAIN.partition('.')[2]}"}, DOMAIN, ""),
        ({"itself": True}, DOMAIN, "signed by itself"),
        ({"days": -1}, DOMAIN, "not in its time"),
        ({"days": 5}, DOMAIN, "renew it"),
        ({}, "other.example", "does not name other.example"),
        ({"domain": f"*.{DOMAIN}"}, DOMAIN, "does not name"),
    ):
        file = tmp_path / "own.pem"
        file.write_bytes(certificate(**made).public_bytes(PEM))
        doubt = Signer(domain, str(file), lambda: key_pem().decode(), what="a test").doubt(datetime.now(UTC))
        assert (said in doubt, bool(doubt)) == (True, bool(said))


def test_one_that_has_not_begun_is_told(tmp_path):
    file = tmp_path / "own.pem"
    file.write_bytes(certificate().public_bytes(PEM))
    long_ago = datetime.now(UTC) - timedelta(days=40 * 365)
    assert "not in its time" in Signer(DOMAIN, str(file), lambda: key_pem().decode(), what="a test").doubt(long_ago)
