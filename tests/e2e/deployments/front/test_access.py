"""The secret of a home: made once, kept from others, and nowhere else."""

from __future__ import annotations

import stat

import pytest

from deployments.server_access import Access, new_secret, read_secret, secret_file, secure
from rightsflow.domain.errors import Misconfigured


def test_it_is_made_once_and_only_its_owner_reads_it(tmp_path):
    home = tmp_path / ".rightsflow"
    assert secure(home)
    first = read_secret(home)
    assert not secure(home)
    assert read_secret(home) == first
    assert stat.S_IMODE(secret_file(home).stat().st_mode) == 0o600
    assert [one.name for one in home.iterdir()] == [secret_file(home).name]

    assert len({new_secret() for _ in range(50)}) == 50
    name, _, password = new_secret().partition(":")
    assert (name, len(password)) == ("officer", 32)

    access = Access("http://127.0.0.1:4200/api", "officer:hidden")
    assert "hidden" not in repr(access)


def test_ones_own_is_taken(tmp_path):
    secret_file(tmp_path).touch(0o600)
    secret_file(tmp_path).write_text("desk:a passphrase of our own\n")
    assert not secure(tmp_path)
    assert read_secret(tmp_path) == "desk:a passphrase of our own"


@pytest.mark.parametrize(
    ("content", "mode", "sentence"),
    [
        (b"a:b\n", 0o640, "Others can read the sign-in"),
        (b"\n", 0o600, "is empty"),
        (b"\xff\xfe", 0o600, "not UTF-8"),
        (None, 0, "No such file"),
    ],
    ids=["readable by others", "empty", "no text", "missing"],
)
def test_what_is_wrong_is_one_sentence(tmp_path, content, mode, sentence):
    if content is not None:
        secret_file(tmp_path).write_bytes(content)
        secret_file(tmp_path).chmod(mode)
    with pytest.raises(Misconfigured, match=sentence):
        read_secret(tmp_path)
