"""Clients of Prefect's server share the certificates that were read, as long as their file is the same."""

from __future__ import annotations

import os
import ssl

import certifi
import pytest
from prefect.client import orchestration
from prefect.client.orchestration import get_client
from prefect.settings import (
    PREFECT_API_SSL_CERT_FILE,
    PREFECT_API_TLS_INSECURE_SKIP_VERIFY,
    PREFECT_API_URL,
    temporary_settings,
)

from tasks.prefect_io.certificates import read_certificates_once


@pytest.fixture
def made(monkeypatch):
    """The context of a new client."""
    monkeypatch.setattr(orchestration, "ssl", ssl)
    assert read_certificates_once()

    def make(**settings):
        known = {PREFECT_API_SSL_CERT_FILE: certifi.where(), PREFECT_API_URL: "https://127.0.0.1:1/api"}
        with temporary_settings(known | settings.get("more", {})):
            return get_client(sync_client=True)._client._transport._pool._ssl_context

    return make


def test_they_are_read_once_and_check_as_before(made):
    first = made()
    assert made() is first
    assert (first.verify_mode, first.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert first.get_ca_certs() == ssl.create_default_context(cafile=certifi.where()).get_ca_certs()


def test_another_file_and_a_changed_one_are_read(made, tmp_path):
    file = tmp_path / "authorities.pem"
    one, *_ = certifi.contents().split("-----END CERTIFICATE-----")
    file.write_text(f"{one}-----END CERTIFICATE-----\n")
    ours = {PREFECT_API_SSL_CERT_FILE: str(file)}
    assert len(made(more=ours).get_ca_certs()) == 1
    assert made() is not made(more=ours)
    file.write_text(certifi.contents())
    os.utime(file, ns=(1, 1))
    assert len(made(more=ours).get_ca_certs()) > 1


def test_one_that_checks_nothing_is_no_one_elses(made):
    careless = made(more={PREFECT_API_TLS_INSECURE_SKIP_VERIFY: True})
    assert careless.verify_mode is ssl.CERT_NONE
    assert made().verify_mode is ssl.CERT_REQUIRED


def test_a_prefect_that_makes_its_clients_otherwise_is_left_as_it_is(made, monkeypatch):
    assert not read_certificates_once(), "once is enough"
    monkeypatch.delattr(orchestration, "ssl")
    assert not read_certificates_once()
