"""Secrets by reference: resolved when they are needed, never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from rightsflow.config.secret_references import SecretRef, register_scheme
from rightsflow.config.secret_references import _from_block as block_by_itself
from rightsflow.domain.errors import Misconfigured

VALUE = "hunter2"


def test_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SECRET", f" {VALUE}\n")
    assert SecretRef("env:TEST_SECRET").reveal() == VALUE


def test_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "with:colon").write_text(f"{VALUE}\n")
    assert SecretRef(f"file:{tmp_path / 'with:colon'}").reveal() == VALUE


def test_a_rotated_secret_is_picked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    reference = SecretRef("env:TEST_SECRET")
    for value in ("old", "new"):
        monkeypatch.setenv("TEST_SECRET", value)
        assert reference.reveal() == value


@pytest.mark.parametrize("text", [VALUE, "", "env:", "file:", "vault:x", "ENV:X", f"sk_live:{VALUE}"])
def test_what_is_no_reference_is_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(ValueError, match="env:NAME, file:PATH or block:NAME") as caught:
        SecretRef(text)
    assert VALUE not in str(caught.value)


def test_it_prints_as_its_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SECRET", VALUE)
    reference = SecretRef("env:TEST_SECRET")
    reference.reveal()
    assert f"{reference!r} {reference}" == "<SecretRef env:TEST_SECRET> <SecretRef env:TEST_SECRET>"


def test_a_missing_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_SECRET", raising=False)
    with pytest.raises(Misconfigured, match="The environment variable TEST_SECRET is not set"):
        SecretRef("env:TEST_SECRET").reveal()


def test_an_empty_secret_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SECRET", " \n")
    with pytest.raises(Misconfigured, match="env:TEST_SECRET is empty"):
        SecretRef("env:TEST_SECRET").reveal()


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(Misconfigured, match="cannot be read"):
            SecretRef(f"file:{path}").reveal()


def test_a_file_that_is_no_text_is_named_without_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"\xff\xfe" + VALUE.encode())
    with pytest.raises(Misconfigured, match="UTF-8") as caught:
        SecretRef(f"file:{tmp_path / 'secret'}").reveal()
    assert VALUE not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_block_is_refused_where_no_flow_runs() -> None:
    # As it is before the tasks layer has taught the scheme to this process.
    with pytest.raises(Misconfigured, match="only where flows run"):
        block_by_itself("token")


def test_a_further_scheme_can_be_taught() -> None:
    register_scheme("kms", lambda name: f"{name} from afar")
    register_scheme("kms", lambda name: f"{name} from near")
    assert SecretRef("kms:token").reveal() == "token from near"
