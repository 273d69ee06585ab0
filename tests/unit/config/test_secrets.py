"""Secrets by reference: resolved when they are needed, never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from rightsflow.config.secret_references import SecretRef, register_scheme
from rightsflow.config.secret_references import _from_block as block_by_itself
from rightsflow.domain.errors import Misconfigured

VALUE = "hunter2"


def test_a_secret_is_read_from_where_it_is_each_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TEST_SECRET", f" {VALUE}\n")
    assert SecretRef("env:TEST_SECRET").reveal() == VALUE
    (tmp_path / "with:colon").write_text(f"{VALUE}\n")
    assert SecretRef(f"file:{tmp_path / 'with:colon'}").reveal() == VALUE
    # A rotated secret is picked up.
    reference = SecretRef("env:TEST_SECRET")
    for value in ("old", "new"):
        monkeypatch.setenv("TEST_SECRET", value)
        assert reference.reveal() == value
    # A further scheme can be taught.
    register_scheme("kms", lambda name: f"{name} from afar")
    register_scheme("kms", lambda name: f"{name} from near")
    assert SecretRef("kms:token").reveal() == "token from near"


def test_a_secret_that_is_not_there_is_named_and_none_is_quoted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # What is no reference is refused and not quoted.
    for text in (VALUE, "", "env:", "file:", "vault:x", "ENV:X", f"sk_live:{VALUE}"):
        with pytest.raises(ValueError, match="env:NAME, file:PATH or block:NAME") as caught:
            SecretRef(text)
        assert VALUE not in str(caught.value)
    # It prints as its reference.
    monkeypatch.setenv("TEST_SECRET", VALUE)
    reference = SecretRef("env:TEST_SECRET")
    reference.reveal()
    assert f"{reference!r} {reference}" == "<SecretRef env:TEST_SECRET> <SecretRef env:TEST_SECRET>"
    # A missing variable is named.
    monkeypatch.delenv("TEST_SECRET", raising=False)
    with pytest.raises(Misconfigured, match="The environment variable TEST_SECRET is not set"):
        SecretRef("env:TEST_SECRET").reveal()
    # An empty secret is refused.
    monkeypatch.setenv("TEST_SECRET", " \n")
    with pytest.raises(Misconfigured, match="env:TEST_SECRET is empty"):
        SecretRef("env:TEST_SECRET").reveal()
    # A missing file and a folder are named.
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(Misconfigured, match="cannot be read"):
            SecretRef(f"file:{path}").reveal()
    # A file that is no text is named without its bytes.
    (tmp_path / "secret").write_bytes(b"\xff\xfe" + VALUE.encode())
    with pytest.raises(Misconfigured, match="UTF-8") as caught:
        SecretRef(f"file:{tmp_path / 'secret'}").reveal()
    assert VALUE not in str(caught.value)
    assert caught.value.__suppress_context__
    # A block is refused where no flow runs.
    # As it is before the tasks layer has taught the scheme to this process.
    with pytest.raises(Misconfigured, match="only where flows run"):
        block_by_itself("token")
